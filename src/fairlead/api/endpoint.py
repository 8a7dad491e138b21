"""One type at one server: builds the requests of every verb and reads their answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec

from fairlead.api.caller import TIMEOUT, Caller
from fairlead.api.discovery import Guess
from fairlead.errors import FairleadError, InvalidObject, NotFound, TransportError, page_said
from fairlead.machinery.names import ObjectKey, ResourceType
from fairlead.machinery.objects import Resource, check_parts
from fairlead.machinery.validation import check_name
from fairlead.machinery.wire import UNREADABLE, Request, Response
from fairlead.store.entry import BrokenObject, check_unread, entry_key

__all__ = ["Endpoint", "Manifest", "Query", "Written", "decoded", "encode", "named"]

R = TypeVar("R", bound=Resource)
S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")
Query = Sequence[tuple[str, str]]
#: An object as plain JSON values, as a YAML or JSON file has it; apiVersion and kind may be left out.
Manifest = Mapping[str, Any]
#: Told of each write that took effect: the type, the object's JSON (None where it has gone), its key and uid.
Written = Callable[[ResourceType, bytes | None, str, str], None]

JSON = "application/json"


def named(name: str | Resource | ObjectKey, namespace: str | None) -> tuple[str, str | None]:
    """The name and namespace that a verb is asked about. An object, or its key, stands for itself: its namespace comes first.

    Raises InvalidObject for what is neither.
    """
    if isinstance(name, str):
        return name, namespace
    if not isinstance(cast("object", name), Resource | ObjectKey):
        raise InvalidObject(f"{name!r:.100} is no name: give a name and a namespace, an object, or its key")
    return name.name, name.namespace or namespace


class _Head(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    deletionTimestamp: str | None = None  # noqa: N815 - wire names
    deletionGracePeriodSeconds: int | None = None  # noqa: N815
    finalizers: list[str] | None = None


class _Held(msgspec.Struct):
    finalizers: list[str] | None = None


class _Reply(msgspec.Struct):
    kind: str = ""
    metadata: _Head = msgspec.field(default_factory=_Head)
    spec: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def ended(self) -> bool:
        """Whether the object is to go, and nothing holds it any more."""
        meta = self.metadata
        if meta.deletionTimestamp is None or meta.finalizers or meta.deletionGracePeriodSeconds:
            return False
        # What is in a namespace goes first, and that is a finalizer of its spec.
        return self.kind != "Namespace" or not msgspec.json.decode(self.spec, type=_Held).finalizers


class Endpoint(msgspec.Struct, Generic[R]):
    """What direct clients and cached views of one type share."""

    caller: Caller
    resource_type: ResourceType
    read: Callable[[bytes], R]
    parse: Callable[[Manifest], R]
    namespace: str | None = None
    field_manager: str = "fairlead"
    on_written: Written | None = None
    #: Finds the real resource of a type of which only the kind is known; it may be another when a CRD has come again.
    resolve: Guess | None = None

    async def resolved(self) -> ResourceType:
        """The type, after asking the server if need be. Raises NotFound if it is not served."""
        if self.resolve is not None:
            self.resource_type = await self.resolve()
        return self.resource_type

    def named(self, name: str | Resource | ObjectKey, namespace: str | None) -> tuple[str, str | None]:
        """As `named`. Raises InvalidObject for an object of another type, too."""
        if isinstance(name, Resource):
            self.check_type(name)
        return named(name, namespace)

    async def again(self) -> ResourceType:
        """The type, after asking the server whether it is another one now. Raises NotFound if it is not served any more."""
        if self.resolve is not None:
            self.resolve.forget()
        return await self.resolved()

    async def where(self, name: str, namespace: str | None) -> str:
        """The namespace that is meant for one object. Raises InvalidObject without one, of a type whose objects have one.

        It is given for cluster-scoped types too, and left out where it has no place: a kind of which only discovery knows
        the scope may have come again, which shows when it is asked for.
        """
        resource_type = await self.resolved()
        check_name(resource_type.kind, name)
        return await self._space(f"{resource_type.kind} {name}", namespace, "Give namespace=, set metadata.namespace,")

    async def all_where(self, namespace: str | None) -> str:
        """The namespace of all that is meant, as `where` gives it. Raises InvalidObject without one."""
        resource_type = await self.resolved()
        return await self._space(f"all {resource_type.plural}", namespace, "Give namespace=,")

    async def _space(self, what: str, namespace: str | None, how: str) -> str:
        found = namespace or self.namespace or ""
        if not self.resource_type.namespaced or (not found and not (await self.again()).namespaced):
            return found
        if not found:
            raise InvalidObject(f"{what}: which namespace? {how} or use Client(namespace=)")
        check_name("Namespace", found)
        return found

    def _used(self, namespace: str) -> str:
        """The namespace, where objects of the type have one."""
        return namespace if self.resource_type.namespaced else ""

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """The path of what is meant, where the type is now."""
        return self.resource_type.path(self._used(namespace), name, subresource)

    def taken(self, verb: str, obj: R | Manifest) -> R:
        """The object that is to be written: the one given, or a new one from its manifest.

        Raises InvalidObject for a manifest with a field of the wrong type, or of another type, for an object on which
        something is set that is no part of it, and for what is neither.
        """
        if isinstance(obj, Resource):
            check_parts(obj, verb)
            return obj
        if isinstance(obj, Mapping):
            return self.parse(obj)
        kind = self.resource_type.kind
        raise InvalidObject(f"{verb} {kind}: expected a {kind} or its manifest (a mapping), not {type(obj).__name__}")

    async def place(self, obj: Resource, *, unnamed: bool = False) -> str:
        """The namespace to use for an object that is to be written.

        Raises InvalidObject for one of another type, and for one without a name, unless `unnamed` and it has a prefix for one.
        """
        await self.resolved()
        self.check_type(obj)
        name = obj.name or (obj.metadata.generate_name or "" if unnamed else "")
        return await self.where(name, obj.namespace)

    def check_type(self, obj: Resource) -> None:
        """Raises InvalidObject for an object of another type."""
        if obj.resource_type.gvk != self.resource_type.gvk:
            raise InvalidObject(f"{obj.resource_type.gvk} {obj.key} given to a client of {self.resource_type.gvk}")

    def said(self, verb: str, name: str, namespace: str, subresource: str = "") -> str:
        """A request for people: `update deployments.apps/v1/status default/web`."""
        what = f"{self.resource_type}/{subresource}" if subresource else str(self.resource_type)
        return f"{verb} {what} {place}/{name}" if (place := self._used(namespace)) else f"{verb} {what} {name}".rstrip()

    async def send(
        self,
        method: str,
        verb: str,
        name: str,
        namespace: str,
        *,
        subresource: str = "",
        query: Query = (),
        body: bytes = b"",
        content_type: str = JSON,
        collection: bool = False,
        safe: bool,
    ) -> Response:
        """Send a request to an object, or with `collection` to its collection. Raises ApiError, TransportError."""
        headers = {"accept": JSON}
        if body:
            headers["content-type"] = content_type

        async def ask() -> Response:
            path = self.path(namespace, "" if collection else name, subresource)
            request = Request(method, path, tuple(query), headers, body, TIMEOUT)
            return await self.caller.call(request, self.said(verb, name, namespace, subresource), safe=safe)

        return await self.found(ask)

    async def found(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What a request gives; asked once more where the type is another one now than the one it was asked of."""
        asked = self.resource_type
        try:
            return await ask()
        except NotFound as error:
            # Nothing has been done. Of an object that is missing the server says which.
            if self.resolve is None or error.status.name or not await self._moved(asked):
                raise
        return await ask()

    async def _moved(self, asked: ResourceType) -> bool:
        """Whether a type that is not where it was said to be has come again with another plural, or another scope."""
        try:
            return await self.again() != asked
        except FairleadError:
            return False

    def got(self, response: Response, said: str) -> R:
        """Read a reply that is an object. Raises TransportError if it is none."""
        _check_named(decoded(response, _Reply, said), said)
        return self.read(response.body)

    def wrote(self, response: Response, said: str, *, dry_run: bool) -> R:
        """Read a write's reply, and tell of it if it took effect. Raises TransportError if it is no object."""
        reply = decoded(response, _Reply, said, wrote=not dry_run)
        head = reply.metadata
        if not head.name and reply.kind == self.resource_type.kind:
            return self.read(response.body)  # a review, which is answered and stored nowhere
        _check_named(reply, said, wrote=not dry_run)
        if not dry_run and self.on_written is not None:
            key = entry_key(head.name, head.namespace)
            # The write that takes the last finalizer ends the object; its reply carries the version before that.
            self.on_written(self.resource_type, None if reply.ended else response.body, key, head.uid)
        return self.read(response.body)

    def deleted(self, response: Response, name: str, namespace: str, *, dry_run: bool) -> R | None:
        """Read a deletion's reply: the object while finalizers or a grace period hold it, else None."""
        said = self.said("delete", name, namespace)
        reply = decoded(response, _DeleteReply, said, wrote=not dry_run)
        key = entry_key(name, self._used(namespace))
        if reply.kind == "Status":
            if not dry_run and self.on_written is not None:
                self.on_written(self.resource_type, None, key, reply.details.uid if reply.details else "")
            return None
        _check_named(reply, said, wrote=not dry_run)
        held = reply.metadata.deletionTimestamp is not None and not reply.ended
        if not dry_run and self.on_written is not None:
            self.on_written(self.resource_type, response.body if held else None, key, reply.metadata.uid)
        return self.read(response.body) if held else None


class _Details(msgspec.Struct):
    uid: str = ""


class _DeleteReply(_Reply):
    details: _Details | None = None


def decoded(response: Response, kind: type[S], said: str, *, wrote: bool = False) -> S:
    """A reply's body as `kind` reads it; `wrote`: something may have been changed.

    Raises TransportError for what no API server gives, anywhere in it.
    """
    try:
        reply = msgspec.json.decode(response.body, type=kind)
        check_unread(response.body)  # by whoever touches it, for whom it is too late to fail
    except (*UNREADABLE, BrokenObject) as error:
        why = page_said(response.body) or f"the answer is not what an API server gives: {error}"
        raise TransportError(f"{_perhaps(said) if wrote else said}: {why}") from error
    return reply


def _check_named(reply: _Reply, said: str, *, wrote: bool = False) -> None:
    if not reply.metadata.name:
        said = _perhaps(said) if wrote else said
        raise TransportError(f"{said}: the answer is not what an API server gives: an object without metadata.name")


def _perhaps(said: str) -> str:
    """A write whose answer cannot be read, for people."""
    return f"{said}, which may have taken effect (read what is there before trying again)"


def encode(document: Any, said: str) -> bytes:
    """Plain JSON values as bytes. Raises InvalidObject, naming the request that `said` says, for what is none."""
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError) as error:
        raise InvalidObject(f"{said}: cannot be written as JSON: {error}; plain JSON values are wanted") from error
