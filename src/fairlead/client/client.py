"""The one client that every component takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, cast, overload

import msgspec

from fairlead.api.caller import Caller
from fairlead.api.direct import Direct
from fairlead.api.discovery import Discovery
from fairlead.api.endpoint import Endpoint
from fairlead.client.cached import Cached, missing, wait_for_sync
from fairlead.client.settle import Participant, Quiet
from fairlead.errors import ApiError, ClosedError, InvalidObject, NotSynced
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer, InformerStatistics, Latest
from fairlead.informer.presence import CRD_TYPE, PresenceWatcher
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.registration import Registration, inside_handler
from fairlead.informer.shared import GRACE_SECONDS, SharedInformers
from fairlead.informer.source import PARTIAL_LIST, ApiSource, Selection
from fairlead.machinery import schema_registry
from fairlead.machinery.dynamic import DynamicResource, PartialObject, partial_reader, reader
from fairlead.machinery.names import GroupVersionKind, ResourceType, default_plural
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import FieldSelector, LabelSelector, to_field_selector, to_label_selector
from fairlead.machinery.wire import Request
from fairlead.store.entry import Entry, entry_key, version_number
from fairlead.transport.config import KubeConfig
from fairlead.transport.protocol import Transport

__all__ = ["Client", "ClientStatistics"]

log: logging.Logger = logging.getLogger("fairlead.client")

R = TypeVar("R", bound=Resource)
V = TypeVar("V")

Labels = str | Mapping[str, str] | LabelSelector | None
Fields = str | Mapping[str, str] | FieldSelector | None
#: Called with a handler's exception, the handler's name and the object's key.
HandlerErrorHook = Callable[[BaseException, str, str], None]


@dataclass(frozen=True, slots=True)
class ClientStatistics:
    """Counters of one client."""

    cluster: str
    views: int
    handlers: int
    handler_errors: int
    informers: tuple[InformerStatistics, ...]


class Client:
    """Typed, dynamic and metadata access to one cluster: cached views on shared informers, and direct clients.

    `Client()` takes $KUBECONFIG, ~/.kube/config, or the service account of the pod it runs in; raises ConfigError if none
    is usable. `namespace` restricts namespaced views and is the default of verbs on one object. Use as an async context
    manager, or call `close()`.
    """

    def __init__(
        self,
        config: KubeConfig | None = None,
        *,
        transport: Transport | None = None,
        namespace: str | None = None,
        field_manager: str | None = None,
        on_handler_error: HandlerErrorHook | None = None,
        informer_grace: float = GRACE_SECONDS,
        stall_timeout: float = STALL_SECONDS,
    ) -> None:
        self.transport: Transport = transport if transport is not None else _http(config or KubeConfig.load())
        self.namespace = namespace
        self.field_manager: str = field_manager or "fairlead"
        self.on_handler_error = on_handler_error
        self._stall = stall_timeout
        self._caller = Caller(self.transport)
        self._discovery = Discovery(self._caller)
        self._informers = SharedInformers(self._make_informer, grace_seconds=informer_grace)
        self._presence: PresenceWatcher | None = None
        self._crds: Informer | None = None
        self._views: list[Cached[Any, Any]] = []
        self._participants: list[Participant] = []
        self._closers: list[Callable[[], Awaitable[None]]] = []
        self._types: dict[GroupVersionKind, ResourceType] = {}
        self._quiet = Quiet()
        self._writes = 0
        self._handler_errors = 0
        self._closed = False

    # Views -----------------------------------------------------------------------------------------------------

    @overload
    def cached(
        self,
        type: type[R],
        /,
        *,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[R], bool] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[R, R]: ...
    @overload
    def cached(
        self,
        type: type[R],
        /,
        *,
        transform: Callable[[R], V],
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[V], bool] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[R, V]: ...
    @overload
    def cached(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[DynamicResource], bool] | None = None,
        transform: Callable[[DynamicResource], Any] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[DynamicResource, DynamicResource]: ...
    def cached(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[Any], bool] | None = None,
        transform: Callable[[Any], Any] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[Any, Any]:
        """A cached view: `get` and `list` that cannot fail, handlers, indexes and writes. Views alike share one watch.

        `labels` and `fields` are the server's selectors; `filter` is a predicate on what reads and handlers give, evaluated
        here. `transform` makes what is stored smaller, or another type. Raises ClosedError, InvalidSelector.
        """
        return self._view(
            type,
            kind,
            namespace,
            labels,
            fields,
            filter,
            transform=transform,
            optional=optional,
            keep=keep_managed_fields,
        )

    @overload
    def delayed(
        self,
        type: type[R],
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[R], bool] | None = None,
    ) -> Cached[R, R]: ...
    @overload
    def delayed(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[DynamicResource], bool] | None = None,
    ) -> Cached[DynamicResource, DynamicResource]: ...
    def delayed(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[Any], bool] | None = None,
    ) -> Cached[Any, Any]:
        """A cached view of a type that may not be served: empty until its CRD is established, and again when it goes.

        `when` is a further condition on the CRD, such as a minimum version in an annotation.
        """
        return self._view(type, kind, namespace, labels, fields, filter, optional=True, when=when)

    def metadata(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespace: str | None = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[PartialObject], bool] | None = None,
        optional: bool = False,
    ) -> Cached[Any, PartialObject]:
        """A cached view of objects' metadata alone; the server sends nothing else."""
        return self._view(type, kind, namespace, labels, fields, filter, optional=optional, metadata_only=True)

    def _view(
        self,
        type_: type[Resource] | str,
        kind: str | None,
        namespace: str | None,
        labels: Labels,
        fields: Fields,
        filter_: Callable[[Any], bool] | None,
        *,
        transform: Callable[[Any], Any] | None = None,
        optional: bool = False,
        metadata_only: bool = False,
        keep: bool = False,
        when: Callable[[Any], bool] | None = None,
    ) -> Cached[Any, Any]:
        self._check_open("a view")
        resource_type = self._type_of(type_, kind)
        where = (namespace or self.namespace) if resource_type.namespaced else None
        selection = Selection(
            resource_type, resource_type.gvk, where or "", str(to_label_selector(labels)), str(to_field_selector(fields)),
            metadata_only,
        )  # fmt: skip
        identity = Identity(selection, transform, keep, optional, when)
        informer = self._informers.acquire(identity, _factory(type_, resource_type, "read"))
        origin = "metadata-only" if metadata_only else "transformed" if transform is not None else "read"
        factory = _factory(type_, resource_type, origin)
        view: Cached[Any, Any] = Cached(
            self, informer, self._endpoint(type_, resource_type), _reading(factory), filter=filter_, namespace=where,
            what=str(selection),
        )  # fmt: skip
        self._views.append(view)
        return view

    @overload
    def direct(self, type: type[R], /) -> Direct[R]: ...
    @overload
    def direct(self, api_version: str, kind: str, /) -> Direct[DynamicResource]: ...
    def direct(self, type: type[Resource] | str, kind: str | None = None, /) -> Direct[Any]:
        """The uncached client of a type: each call is a request."""
        self._check_open("a direct client")
        return Direct(self._endpoint(type, self._type_of(type, kind)))

    # Types -----------------------------------------------------------------------------------------------------

    def _type_of(self, type_: type[Resource] | str, kind: str | None) -> ResourceType:
        if not isinstance(type_, str):
            self._types[type_.resource_type.gvk] = type_.resource_type
            return type_.resource_type
        if not kind:
            raise InvalidObject(f"{type_}: give the kind as well, as in cached('apps/v1', 'Deployment')")
        gvk = GroupVersionKind.parse(type_, kind)
        return self._types.get(gvk) or _built_in(gvk) or ResourceType(*gvk, default_plural(kind))

    def _resolver(self, resource_type: ResourceType) -> Callable[[], Awaitable[ResourceType]] | None:
        """A question to discovery, for a type whose plural and scope are only guessed."""
        gvk = resource_type.gvk
        if gvk in self._types or _built_in(gvk) is not None:
            return None

        async def resolve() -> ResourceType:
            found = self._types[gvk] = self._types.get(gvk) or await self._discovery.find(gvk)
            return found

        return resolve

    def _endpoint(self, type_: type[Resource] | str, resource_type: ResourceType) -> Endpoint[Any]:
        return Endpoint(
            self._caller, resource_type, _factory(type_, resource_type, "read"), self.namespace, self.field_manager, self._wrote,
            self._resolver(resource_type),
        )  # fmt: skip

    def _make_informer(self, identity: Identity, factory: Callable[[bytes], Resource]) -> Informer:
        source = ApiSource(self.transport, identity.selection, self._resolver(identity.selection.resource_type))
        informer = Informer(identity, source, factory, on_change=self._changed, stall_seconds=self._stall)
        if identity.optional:
            self._follow(informer)
        return informer

    def _follow(self, informer: Informer) -> None:
        if self._presence is None:
            selection = Selection(CRD_TYPE, CRD_TYPE.gvk)
            self._crds = self._informers.acquire(Identity(selection), reader(CRD_TYPE))
            self._presence = PresenceWatcher(self._crds, self._discovery.serves)
        self._presence.follow(informer, reader(CRD_TYPE))

    # Life ------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run_and_wait(self, timeout: float | None = None) -> None:
        """Start every informer asked for, and wait until all views, and their handlers, are synced.

        May be called again for views made since; those also sync by themselves. Raises NotSynced after `timeout` seconds,
        naming what is missing and why.
        """
        self._check_open("run_and_wait")
        self._informers.start()
        await wait_for_sync(tuple(self._views), timeout)

    def start(self) -> None:
        """Start every informer asked for, and from now on each as it is asked for, without waiting."""
        self._check_open("start")
        self._informers.start()

    def has_synced(self) -> bool:
        """Whether every view, and every handler, has synced."""
        return all(view.has_synced() for view in self._views)

    async def close(self) -> None:
        """End everything that belongs to this client; when it returns nothing of it runs. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for closer in reversed(self._closers):
            await closer()
        await asyncio.gather(*(view.close() for view in tuple(self._views)))
        if self._presence is not None:
            await self._presence.close()
        await self._informers.close()
        await self.transport.close()
        self._changed()

    @property
    def closed(self) -> bool:
        """Whether the client has been closed."""
        return self._closed

    def on_close(self, closer: Callable[[], Awaitable[None]]) -> None:
        """Have something that works with this client end when it closes; the last one in ends first."""
        self._closers.append(closer)

    def _check_open(self, what: str) -> None:
        if self._closed:
            raise ClosedError(f"{what}: the client is closed")

    # What views and registrations tell ---------------------------------------------------------------------------

    def _release(self, view: Cached[Any, Any], informer: Informer) -> None:
        if view in self._views:
            self._views.remove(view)
        self._informers.release(informer)

    def enlist(self, participant: Participant) -> None:
        """Have `settle` wait for a queue, a runner, or anything else that may be busy."""
        self._participants.append(participant)

    def discharge(self, participant: Participant) -> None:
        """Have `settle` forget it; idempotent."""
        if participant in self._participants:
            self._participants.remove(participant)

    def _changed(self) -> None:
        self._quiet.changed()

    def notify(self) -> None:
        """A participant may have become idle."""
        self._quiet.changed()

    def _handler_failed(self, error: BaseException, handler: str, key: str) -> None:
        self._handler_errors += 1
        if self.on_handler_error is not None:
            self.on_handler_error(error, handler, key)

    def _wrote(self, resource_type: ResourceType, data: bytes | None, key: str, uid: str) -> None:
        """An own write took effect: lay it over the caches of its type, and let `settle` know."""
        self._writes += 1
        for informer in self._informers:
            if informer.identity.selection.gvk != resource_type.gvk:
                continue
            if data is None:
                informer.deleted(key, uid)
            elif not informer.identity.selection.metadata_only:
                informer.wrote(data)

    # Quiet -----------------------------------------------------------------------------------------------------

    async def settle(self, timeout: float = 10.0) -> None:
        """Return once everything written so far has reached every cache, handler and queue, and all are idle.

        `timeout` in seconds; then NotSynced names what is busy. Raises RuntimeError inside a handler, which would wait for
        itself.
        """
        if inside_handler() is not None:
            raise RuntimeError("settle() inside a handler would wait for that handler")
        try:
            async with asyncio.timeout(timeout):
                while True:
                    writes = self._writes
                    await self._barrier()
                    await self._quiet.until(self._idle)
                    # A handler or reconciler that wrote has made something new to wait for.
                    if writes == self._writes and await self._reached():
                        return
        except TimeoutError:
            raise NotSynced(f"not settled after {timeout:.1f} s:", self._busy()) from None

    def _idle(self) -> bool:
        return all(p.idle for p in tuple(self._participants)) and all(i.quiet for i in self._informers)

    def _busy(self) -> list[str]:
        busy = [f"busy: {p!r}" for p in self._participants if not p.idle]
        behind = [i.why_unsynced() for i in self._informers if i.running and not i.synced.is_set()]
        return [*busy, *behind, *missing(self._views)]

    async def _barrier(self) -> None:
        """Wait until every running informer has what the server had when this was called."""
        settle_server = getattr(self.transport, "settle", None)
        if settle_server is not None:
            await cast("Callable[[], Awaitable[None]]", settle_server)()
        targets = [(i, await self._latest(i)) for i in self._informers if i.running]
        for informer, latest in targets:
            await self._quiet.until(partial(_has, informer, latest))

    async def _latest(self, informer: Informer) -> Latest:
        """What an informer's selection has now, from one consistent list of metadata."""
        selection = informer.identity.selection
        endpoint = self._endpoint("", selection.resource_type)
        query = [(k, v) for k, v in (("labelSelector", selection.labels), ("fieldSelector", selection.fields)) if v]
        versions: dict[str, int] = {}
        token, version = "", 0
        try:
            path = (await endpoint.resolved()).path(selection.namespace)
            while True:
                more = [("limit", "500"), *([("continue", token)] if token else [])]
                request = Request("GET", path, (*query, *more), {"accept": PARTIAL_LIST}, timeout=30.0)
                page = msgspec.json.decode(
                    (await self._caller.call(request, f"settle {selection}", safe=True)).body, type=_Items
                )
                for item in page.items or ():
                    meta = item.metadata
                    versions[entry_key(meta.name, meta.namespace)] = version_number(meta.resourceVersion)
                version, token = version_number(page.metadata.resourceVersion), page.metadata.next
                if not token:
                    return Latest(version, versions)
        except ApiError as error:
            if error.code in (403, 404):
                return Latest(0, {})
            raise

    async def _reached(self) -> bool:
        """Whether the server has nothing that the caches lack, so that a pass saw no write by others either."""
        for informer in self._informers:
            if informer.running and not informer.caught_up(await self._latest(informer)):
                return False
        return self._idle()

    def recorded_rbac(self, name: str = "controller") -> list[DynamicResource]:
        """The smallest ClusterRole and Roles, called `name`, for all that this client has asked its server so far.

        Run what the controller does (its tests, on a FakeClient), then write these out with `to_yaml()`. They name no
        objects, and leave out what every authenticated user may do.
        https://kubernetes.io/docs/reference/access-authn-authz/rbac/
        """
        return [DynamicResource.from_dict(role) for role in self._caller.permissions.roles(name)]

    def statistics(self) -> ClientStatistics:
        """Counters as they are now."""
        handlers = sum(isinstance(p, Registration) for p in self._participants)
        return ClientStatistics(
            self.transport.cluster, len(self._views), handlers, self._handler_errors,
            tuple(informer.statistics() for informer in self._informers),
        )  # fmt: skip


class _Meta(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    resourceVersion: str = ""  # noqa: N815 - wire names


class _Item(msgspec.Struct):
    metadata: _Meta


class _ListMeta(msgspec.Struct):
    resourceVersion: str = ""  # noqa: N815
    next: str = msgspec.field(name="continue", default="")


class _Items(msgspec.Struct):
    metadata: _ListMeta
    items: list[_Item] | None = None


def _has(informer: Informer, latest: Latest) -> bool:
    return not informer.running or (informer.synced.is_set() and informer.caught_up(latest))


def _http(config: KubeConfig) -> Transport:
    from fairlead.transport.http import HttpTransport  # noqa: PLC0415 - aiohttp is loaded by those who use HTTP

    return HttpTransport(config)


def _built_in(gvk: GroupVersionKind) -> ResourceType | None:
    group_version = schema_registry.builtin(gvk.group, gvk.version)
    if group_version is None:
        return None
    for record in group_version.resources:
        if record.kind == gvk.kind and "/" not in record.name:
            return ResourceType(*gvk, record.name, record.namespaced)
    return None


def _factory(type_: type[Resource] | str, resource_type: ResourceType, origin: str) -> Callable[[bytes], Any]:
    if origin == "metadata-only":
        return partial_reader(resource_type)
    if isinstance(type_, str):
        return reader(resource_type)
    if origin == "read":
        return type_.from_bytes
    return lambda data: type_.from_bytes(data, origin=origin)


def _reading(factory: Callable[[bytes], Any]) -> Callable[[Entry], Any]:
    """Hand out a private object; what a transform returned is handed out as it is, and shared."""

    def read(entry: Entry) -> Any:
        data = entry.data
        return factory(data) if type(data) is bytes else data

    return read
