"""A type that is served by functions of the user's own instead of an API server: list, watch, and any of the writes.

The functions stand behind the same requests that an API server answers, so that everything works on such a type: cached
views, handlers, direct clients, selectors, retries, own writes. What a function raises is the answer's Status.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from urllib.parse import unquote

import msgspec

from fairlead.api.direct import ResourceList, WatchEvent
from fairlead.api.function_stream import Body
from fairlead.api.function_versions import Versions, key_of
from fairlead.api.selection import POLL_SECONDS, Selected
from fairlead.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Gone,
    Invalid,
    InvalidObject,
    MethodNotAllowed,
    NotFound,
    Status,
    StatusCause,
    UnsupportedMediaType,
)
from fairlead.machinery.callables import call_in_thread, is_async
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.patch.json import json_patch
from fairlead.machinery.patch.merge import merge_patch
from fairlead.machinery.patch.values import PatchError
from fairlead.machinery.selectors import FieldSelector, LabelSelector
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.machines.reflector import POLLED

__all__ = ["FunctionServer", "TypeFunctions"]

log: logging.Logger = logging.getLogger("fairlead.api")

R = TypeVar("R", bound=Resource)
T = TypeVar("T")

#: After how many objects of a list others have their turn on the loop.
SLICE = 16
#: How often a list is asked for that others overtake, before it is taken as it is.
LISTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFunctions(Generic[R]):
    """The functions behind a type. `async def`, or `def`, which runs in a thread; `watch` is an async generator."""

    list: Callable[[Selected], Any]
    watch: Callable[[Selected, str], AsyncIterator[WatchEvent[R]]] | None = None
    create: Callable[[R], Any] | None = None
    update: Callable[[R], Any] | None = None
    update_status: Callable[[R], Any] | None = None
    delete: Callable[[str, str], Any] | None = None
    #: Without `watch`: after how many seconds it is listed again.
    poll: float = POLL_SECONDS

    def __post_init__(self) -> None:
        if self.poll <= 0:
            raise InvalidObject(f"poll={self.poll:g}: give the seconds between two lists, more than 0")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, taken apart."""

    request: Request
    query: dict[str, str]
    namespace: str
    name: str
    subresource: str

    @property
    def selected(self) -> Selected:
        labels, fields = (self.query.get(name, "") for name in ("labelSelector", "fieldSelector"))
        return Selected(self.namespace, LabelSelector.parse(labels), FieldSelector.parse(fields))

    @property
    def partial(self) -> bool:
        """Whether metadata alone is wanted."""
        return "as=PartialObjectMetadata" in self.request.headers.get("accept", "")


class FunctionServer(Generic[R]):
    """Answers the requests of one type with the user's functions."""

    def __init__(self, resource_type: ResourceType, read: Callable[[bytes], R], functions: TypeFunctions[R]) -> None:
        self._type = resource_type
        self._read = read
        self._functions = functions
        self._versions = Versions()
        self._prefix = resource_type.gvr.prefix.split("/")
        # Held while the objects of one list, or of one write, get their versions, one after the other as they have ended: that of
        # a list takes many turns of the loop.
        self._stamping = asyncio.Lock()
        # Lists and writes are numbered, lists as they begin and writes as they end; the highest of those that have ended.
        self._turn = self._ended = 0

    def changed(self) -> None:
        """What is served may have changed: it is listed again now, where it cannot be watched."""
        self._versions.tell()

    async def handle(self, request: Request, /) -> Response | StreamResponse:
        """Answer one request."""
        try:
            return await self._answer(self._taken(request))
        except ApiError as error:
            return Response(error.code or 500, {}, msgspec.json.encode(_document(error)))
        except Exception as error:
            # A user's function may raise anything; the caller is told, as by a server that failed.
            log.exception(
                "a function that serves %s failed at %s",
                self._type,
                request,
                extra={"type": str(self._type), "request": str(request)},
            )
            return Response(500, {}, msgspec.json.encode(_document(error)))

    def _taken(self, request: Request) -> _Asked:
        parts = [unquote(part) for part in request.path.split("/")][len(self._prefix) :]
        namespace = ""
        if len(parts) > 1 and parts[0] == "namespaces":
            namespace, parts = parts[1], parts[2:]
        if not parts or parts[0] != self._type.plural:
            raise NotFound(_status(404, "NotFound", f"functions serve {self._type}, not {request.path}"))
        name, subresource = (*parts[1:], "", "")[:2]
        return _Asked(request, dict(request.query), namespace, name, subresource)

    async def _answer(self, asked: _Asked) -> Response | StreamResponse:
        method = asked.request.method
        if method != "GET" and ("dryRun" in asked.query or b'"dryRun"' in asked.request.body):
            raise BadRequest(_status(400, "BadRequest", f"{self._type} is served by functions, which have no dry run"))
        if method == "GET" and asked.query.get("watch") == "true":
            return self._watched(asked)
        if method == "GET":
            return await (self._got(asked) if asked.name else self._listed(asked))
        if method == "DELETE":
            return await (self._deleted(asked) if asked.name else self._all_deleted(asked))
        given = asked.request.body if method != "PATCH" else await self._patched(asked)
        created = method == "POST"
        verb = "create" if created else "update_status" if asked.subresource == "status" else "update"
        written = await self._write(verb, self._read(self._unstamped(given)))
        return _json(await self._stamped(written, created=created), 201 if created else 200)

    # Reads -----------------------------------------------------------------------------------------------------

    async def _objects(self, selected: Selected) -> tuple[list[dict[str, Any]], str]:
        listed, told = await self._newest_list(selected)
        async with self._stamping:  # in the order in which lists and writes have ended
            chosen: dict[str, dict[str, Any]] = {}
            async for item in _by_turns(cast("Iterable[Any]", listed)):
                document = self._checked(item)
                if selected.chooses(document):
                    chosen[key_of(document)] = self._versions.stamp(document)
            # Not for look-ups of one object: there is no end of names.
            if selected.fields.exact("metadata.name") is None:
                self._versions.listed(selected, chosen, told)
            # One that is not watched follows the versions that are made here: those of lists say nothing of own writes.
            own = isinstance(listed, ResourceList) and self._functions.watch is not None
            version = listed.resource_version if own else ""
            return list(chosen.values()), version or str(self._versions.newest)

    async def _newest_list(self, selected: Selected) -> tuple[Any, int]:
        """What the function lists, unless a later list, or a write, has ended meanwhile: then it is asked again.

        What it gave may be older than what the other told, and would be taken for a change. With it comes how often it had
        been said by then that something may have changed.
        """
        listed, told = cast("Any", None), self._versions.told
        for _ in range(LISTS):
            self._turn += 1
            turn, told = self._turn, self._versions.told
            listed = await _called(self._functions.list, selected)
            if self._ended < turn:
                self._ended = turn
                return listed, told
        return listed, told

    async def _stamped(self, obj: Any, *, created: bool = False) -> dict[str, Any]:
        """What a write has made of an object; caches are told, unless a list has seen it already."""
        async with self._stamping:
            newest, document = self._versions.newest, self._checked(obj)
            if created:
                self._versions.created(key_of(document))
            document = self._versions.stamp(document)
            if self._versions.newest > newest:
                self._versions.tell()
            return document

    def _checked(self, obj: Any) -> dict[str, Any]:
        document: dict[str, Any] = obj.to_dict() if isinstance(obj, Resource) else dict(obj)
        metadata = document.get("metadata")
        if not isinstance(metadata, dict) or not cast("dict[str, Any]", metadata).get("name"):
            raise Invalid(_status(422, "Invalid", f"a function that serves {self._type} gave an object without a name"))
        return {**document, "apiVersion": self._type.api_version, "kind": self._type.kind}

    async def _listed(self, asked: _Asked) -> Response:
        items, version = await self._objects(asked.selected)
        parts = [msgspec.json.encode(_partial(item) if asked.partial else item) async for item in _by_turns(items)]
        head = {"apiVersion": self._type.api_version, "kind": f"{self._type.kind}List"}
        whole = {**head, "metadata": {"resourceVersion": version}, "items": msgspec.Raw(b"[" + b",".join(parts) + b"]")}
        return _json(whole)

    async def _found(self, asked: _Asked) -> dict[str, Any]:
        only = Selected(
            asked.namespace, LabelSelector.everything(), FieldSelector.from_dict({"metadata.name": asked.name})
        )
        items, _ = await self._objects(only)
        if not items:
            raise NotFound(_status(404, "NotFound", f'{self._type.plural}.{self._type.group} "{asked.name}" not found'))
        return items[0]

    async def _got(self, asked: _Asked) -> Response:
        found = await self._found(asked)
        return _json(_partial(found) if asked.partial else found)

    def _watched(self, asked: _Asked) -> StreamResponse:
        if "sendInitialEvents" in asked.query:
            raise Invalid(_status(422, "Invalid", "sendInitialEvents: functions do not stream lists"))
        seconds = asked.query.get("timeoutSeconds")
        return StreamResponse(200, {}, Body(self._lines(asked), float(seconds) if seconds else None))

    async def _lines(self, asked: _Asked) -> AsyncGenerator[bytes]:
        version = asked.query.get("resourceVersion", "")
        watch, selected = self._functions.watch, asked.selected
        try:
            if watch is None:
                await self._expired(version, selected)
                return
            async for event in watch(selected, version):
                yield self._line(event, selected, partial=asked.partial)
        except ApiError as error:
            yield _line("ERROR", _document(error))
        except Exception as error:
            log.exception("the function that watches %s failed", self._type, extra={"type": str(self._type)})
            yield _line("ERROR", _document(error))

    async def _expired(self, version: str, selected: Selected) -> None:
        since = int(version) if version.isdecimal() else 0
        await self._versions.changed_since(since, selected, self._functions.poll)
        causes = (StatusCause(reason=POLLED),)
        raise Gone(Status(410, "Expired", "what cannot be watched is listed again", causes=causes))

    def _line(self, event: WatchEvent[R], selected: Selected, *, partial: bool) -> bytes:
        if event.type == "BOOKMARK":
            return _line("BOOKMARK", event.object.to_dict())
        document = self._checked(event.object)
        if event.type == "DELETED" and not event.object.resource_version:
            document["metadata"] = {**document["metadata"], "resourceVersion": str(self._versions.bump())}
        document = self._versions.stamp(document)
        if event.type == "DELETED":
            self._versions.forget(key_of(document))
        # As a server does: what has left the selection is deleted for those who watch it.
        kind = event.type if selected.chooses(document) else "DELETED"
        return _line(kind, _partial(document) if partial else document)

    # Writes ----------------------------------------------------------------------------------------------------

    def _unstamped(self, body: bytes) -> bytes:
        """What a function is given: without the version that was made up here, once that has been found to be the newest."""
        document = msgspec.json.decode(body)
        version = document["metadata"].get("resourceVersion")
        newest = self._versions.stamped(key_of(document))
        if not version or newest is None:
            return body
        if version != newest:
            said = f"{self._type} {key_of(document)} has changed since version {version}; it is at {newest}"
            raise Conflict(_status(409, "Conflict", said))
        del document["metadata"]["resourceVersion"]
        return msgspec.json.encode(document)

    async def _write(self, verb: str, *arguments: Any) -> Any:
        function: Callable[..., Any] | None = getattr(self._functions, verb)
        if function is None:
            said = f"{self._type} is served by functions, and there is none for {verb}"
            raise MethodNotAllowed(_status(405, "MethodNotAllowed", said))
        try:
            return await _called(function, *arguments)
        finally:
            self._turn += 1
            self._ended = self._turn

    async def _patched(self, asked: _Asked) -> bytes:
        """The object that a patch makes of the present one, to be written as an update."""
        found, patch = await self._found(asked), msgspec.json.decode(asked.request.body)
        kind = asked.request.headers.get("content-type", "")
        try:
            if kind.startswith("application/merge-patch"):
                return msgspec.json.encode(merge_patch(found, patch))
            if kind.startswith("application/json-patch"):
                return msgspec.json.encode(json_patch(found, patch))
        except PatchError as error:
            raise Invalid(_status(422, "Invalid", str(error))) from error
        said = f"{self._type} is served by functions, which take merge and JSON patches, not {kind}"
        raise UnsupportedMediaType(_status(415, "UnsupportedMediaType", said))

    async def _deleted(self, asked: _Asked) -> Response:
        found = await self._found(asked)
        options = msgspec.json.decode(asked.request.body or b"{}", type=dict[str, Any])
        conditions: dict[str, str] = options.get("preconditions") or {}
        for field, wanted in conditions.items():
            if found["metadata"].get(field, "") != wanted:
                said = f"{self._type} {asked.name}: {field} is {found['metadata'].get(field, '')!r}, not {wanted!r}"
                raise Conflict(_status(409, "Conflict", said))
        held = await self._write("delete", asked.name, asked.namespace)
        if not isinstance(held, Resource):
            self._versions.deleted(key_of(found))
        self._versions.tell()
        if isinstance(held, Resource):
            return _json(await self._stamped(held))
        return _json({"kind": "Status", "status": "Success", "details": {"uid": found["metadata"].get("uid", "")}})

    async def _all_deleted(self, asked: _Asked) -> Response:
        items, _ = await self._objects(asked.selected)
        for item in items:
            await self._write("delete", item["metadata"]["name"], item["metadata"].get("namespace", ""))
            self._versions.deleted(key_of(item))
        self._versions.tell()
        return _json({"kind": "Status", "status": "Success"})


async def _by_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items of a list that may be long; others have their turn in between."""
    for count, item in enumerate(items, start=1):
        yield item
        if count % SLICE == 0:
            await asyncio.sleep(0)


async def _called(function: Callable[..., T | Awaitable[T]], *arguments: Any) -> T:
    if is_async(function):
        return await cast("Callable[..., Awaitable[T]]", function)(*arguments)
    result = await asyncio.to_thread(call_in_thread, function, *arguments)
    return await cast("Awaitable[T]", result) if inspect.isawaitable(result) else cast("T", result)


def _partial(document: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": document["metadata"]}


def _json(document: Any, code: int = 200) -> Response:
    return Response(code, {"content-type": "application/json"}, msgspec.json.encode(document))


def _line(kind: str, document: Any) -> bytes:
    return msgspec.json.encode({"type": kind, "object": document}) + b"\n"


def _status(code: int, reason: str, message: str) -> Status:
    return Status(code=code, reason=reason, message=message)


def _document(error: Exception) -> dict[str, Any]:
    """The Status of what a function raised."""
    details: dict[str, Any] = {}
    if isinstance(error, ApiError):
        code, reason, message = error.code or 500, error.reason, error.status.message
        causes = [{"reason": c.reason, "message": c.message, "field": c.field} for c in error.status.causes]
        details = {"causes": causes, "retryAfterSeconds": error.retry_after or 0}
    else:
        code, reason, message = 500, "InternalError", f"{type(error).__name__}: {error}"
    return {
        "kind": "Status", "apiVersion": "v1", "status": "Failure",
        "code": code, "reason": reason, "message": message, "details": details,
    }  # fmt: skip
