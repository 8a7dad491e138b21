"""The one client that every component takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar, cast, overload

from fairlead.api.caller import Caller
from fairlead.api.direct import Direct, WatchEvent
from fairlead.api.endpoint import Endpoint
from fairlead.api.selection import POLL_SECONDS, Fields, Labels, Selected
from fairlead.client.barrier import Barrier
from fairlead.client.cached import Cached
from fairlead.client.catalog import Catalog, TypeName, factory, parser
from fairlead.client.feeding import Feeding
from fairlead.client.health import STALE_SECONDS, Health, health_of, readiness_of
from fairlead.client.options import CacheOptions, Namespaces, Options, by_kind, namespaces_of
from fairlead.client.reading import readers
from fairlead.client.registered import RegisteredType
from fairlead.client.settle import Participant, Quiet
from fairlead.client.version import ServerVersion, VersionReader
from fairlead.client.waiting import missing, wait_for_sync
from fairlead.errors import ClosedError, InvalidObject, NotSynced
from fairlead.informer.gate import ListGate
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer, InformerStatistics
from fairlead.informer.presence import CRD_TYPE, PresenceWatcher
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.registration import Registration, in_callback, inside_handler
from fairlead.informer.shared import GRACE_SECONDS, SharedInformers
from fairlead.informer.slices import Turn
from fairlead.informer.source import ApiSource, Selection
from fairlead.machinery.dynamic import DynamicResource, PartialObject, reader
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import to_field_selector, to_label_selector
from fairlead.transport.config import KubeConfig
from fairlead.transport.observed import ObservedTransport, Observers, RequestStatistics
from fairlead.transport.protocol import Transport

__all__ = ["Client", "ClientStatistics"]

R = TypeVar("R", bound=Resource)
V = TypeVar("V")

#: Called with a handler's exception, the handler's name and the object's key.
HandlerErrorHook = Callable[[BaseException, str, str], None]


@dataclass(frozen=True, slots=True)
class ClientStatistics:
    """Counters of one client."""

    #: The cluster's id, as given to the client, or else its address.
    cluster: str
    views: int
    handlers: int
    handler_errors: int
    #: Lists and watches of this cluster that failed, ever; gaps that are part of watching (410) do not count.
    watch_errors: int
    informers: tuple[InformerStatistics, ...]
    requests: tuple[RequestStatistics, ...] = ()


class Client:
    """Typed, dynamic and metadata access to one cluster: cached views on shared informers, and direct clients.

    `Client()` takes $KUBECONFIG, ~/.kube/config, or the service account of the pod it runs in; raises ConfigError if none
    is usable. `namespace`, one or several, restricts views of namespaced types that name none, and one is the default of
    verbs on an object. `cache_options` says by type what views take where they do not say otherwise. `cluster` is an id
    for statistics and messages. Use as an async context manager, or call `close()`.
    """

    def __init__(
        self,
        config: KubeConfig | None = None,
        *,
        transport: Transport | None = None,
        namespace: Namespaces = None,
        cluster: str | None = None,
        cache_options: Options | None = None,
        field_manager: str | None = None,
        on_handler_error: HandlerErrorHook | None = None,
        informer_grace: float = GRACE_SECONDS,
        stall_timeout: float = STALL_SECONDS,
    ) -> None:
        #: The namespaces that views are restricted to; empty for all.
        self.namespaces: tuple[str, ...] = tuple(name for name in namespaces_of(namespace) if name)
        #: The one namespace that views and verbs are restricted to, if it is one.
        self.namespace: str | None = self.namespaces[0] if len(self.namespaces) == 1 else None
        self._options = by_kind(cache_options)
        self.transport: Transport = transport if transport is not None else _http(config or KubeConfig.load())
        #: Which cluster this is: the id that was given, or else its address.
        self.cluster: str = cluster or self.transport.cluster
        self.field_manager: str = field_manager or "fairlead"
        self.on_handler_error = on_handler_error
        self._stall = stall_timeout
        #: Who looks on while requests and reconciles run; see `fairlead.observe`.
        self.observers: Observers = Observers()
        self._observed = ObservedTransport(self.transport, self.observers)
        self._caller = Caller(self._observed)
        self._catalog = Catalog(self._caller)
        self._version = VersionReader(self._observed)
        self._gate = ListGate()
        self._feeding = Feeding()
        self._turn = Turn()
        self._informers = SharedInformers(
            self._make_informer, follow=self._follow, ended=self._unfollow, grace_seconds=informer_grace
        )
        self._presence: PresenceWatcher | None = None
        self._crds: Informer | None = None
        self._views: list[Cached[Any, Any]] = []
        self._participants: list[Participant] = []
        self._closers: dict[Callable[[], Awaitable[None]], None] = {}
        self._ended = asyncio.Event()
        self._quiet = Quiet()
        self._barriers = Barrier(self._catalog, self._quiet)
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[Any], bool] | None = None,
        transform: Callable[[Any], Any] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[Any, Any]:
        """A cached view: `get` and `list` that cannot fail, handlers, indexes and writes. Views alike share one watch.

        `namespace` is one, several (a watch each, read as one), or the empty string for all, whatever the client's own is.
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
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
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[PartialObject], bool] | None = None,
        optional: bool = False,
    ) -> Cached[Any, PartialObject]:
        """A cached view of objects' metadata alone; the server sends nothing else."""
        return self._view(type, kind, namespace, labels, fields, filter, optional=optional, metadata_only=True)

    def _view(
        self,
        type_: TypeName,
        kind: str | None,
        namespace: Namespaces,
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
        resource_type = self._catalog.find(type_, kind)
        options = self._options.get(resource_type.gvk, _NO_OPTIONS)
        spaces = (
            namespaces_of(namespace, options.namespace, self.namespaces or None) if resource_type.namespaced else ("",)
        )
        canonical = str(to_label_selector(options.labels if labels is None else labels))
        chosen = str(to_field_selector(options.fields if fields is None else fields))
        if transform is None and not metadata_only:
            transform = options.transform
        reads = type_ if transform is not None and not isinstance(type_, str) else None
        # What functions serve is always there; a CRD matters only to a condition on it.
        optional = optional and (when is not None or not self._catalog.registered(resource_type))
        selections = [
            Selection(resource_type, resource_type.gvk, space, canonical, chosen, metadata_only) for space in spaces
        ]
        keep = keep or options.keep_managed_fields
        identities = [Identity(each, transform, reads, keep, when) for each in selections]
        read = factory(type_, resource_type, "read")
        informers = [self._informers.acquire(each, read, optional=optional) for each in identities]
        origin = "metadata-only" if metadata_only else "transformed" if transform is not None else "read"
        view: Cached[Any, Any] = Cached(
            self, informers, self._endpoint(type_, resource_type), readers(type_, resource_type, origin),
            filter=filter_, optional=optional, what=_said(selections),
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
        return Direct(self._endpoint(type, self._catalog.find(type, kind)))

    @overload
    def register(
        self,
        type: type[R],
        /,
        *,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[R]]] | None = None,
        create: Callable[[R], Any] | None = None,
        update: Callable[[R], Any] | None = None,
        update_status: Callable[[R], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType: ...
    @overload
    def register(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        namespaced: bool = True,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[DynamicResource]]] | None = None,
        create: Callable[[DynamicResource], Any] | None = None,
        update: Callable[[DynamicResource], Any] | None = None,
        update_status: Callable[[DynamicResource], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType: ...
    def register(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespaced: bool = True,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[Any]]] | None = None,
        create: Callable[[Any], Any] | None = None,
        update: Callable[[Any], Any] | None = None,
        update_status: Callable[[Any], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType:
        """Have a type served by functions of your own instead of the API server; views and direct clients work as ever.

        `list(selected)` gives objects, or a ResourceList with their common version. `watch(selected, resource_version)`
        is an async generator of WatchEvents; without it the type is listed again every `poll` seconds, when `changed()` of
        what this returns is called, and after own writes. Writes return the object as stored; a patch is an update. The
        functions are `async def`, or `def`, which runs in a thread; they raise ApiErrors as a server would. Objects without
        a resourceVersion get one that grows with each change. Raises InvalidObject once a view of the type exists.
        """
        from fairlead.api.functions import FunctionServer, TypeFunctions  # noqa: PLC0415 - for those who register types

        self._check_open("register")
        found = self._catalog.find(type, kind)
        if isinstance(type, str):
            found = ResourceType(found.group, found.version, found.kind, found.plural, namespaced)
        if self._catalog.registered(found) or any(i.identity.selection.gvk == found.gvk for i in self._informers):
            raise InvalidObject(f"{found.gvk} is in use already; register it before anything asks for it, and once")
        functions: TypeFunctions[Any] = TypeFunctions(
            list=list, watch=watch, create=create, update=update, update_status=update_status, delete=delete, poll=poll
        )
        server: FunctionServer[Any] = FunctionServer(found, factory(type, found, "read"), functions)
        self._catalog.register(found, server)
        return RegisteredType(found, server)

    # Types -----------------------------------------------------------------------------------------------------

    def _namespaced(self, resource_type: ResourceType) -> bool:
        return self._catalog.namespaced(resource_type)

    def _endpoint(self, type_: TypeName, resource_type: ResourceType) -> Endpoint[Any]:
        return Endpoint(
            self._catalog.caller(resource_type), resource_type, factory(type_, resource_type, "read"),
            parser(type_, resource_type), self.namespace, self.field_manager, self._wrote, self._catalog.resolver(resource_type),
        )  # fmt: skip

    def _make_informer(self, identity: Identity, read: Callable[[bytes], Resource]) -> Informer:
        resource_type = identity.selection.resource_type
        source = ApiSource(
            self._catalog.transport(resource_type), identity.selection, self._catalog.resolver(resource_type),
            permissions=self._catalog.caller(resource_type).permissions,
        )  # fmt: skip
        informer = Informer(
            identity, source, read, on_change=self._changed, stall_seconds=self._stall, turn=self._turn, gate=self._gate,
            compact=self._options.get(resource_type.gvk, _NO_OPTIONS).compact,
        )  # fmt: skip
        informer.store.after_step = self._feeding.flush
        return informer

    def _follow(self, informer: Informer) -> None:
        if self._presence is None:
            selection = Selection(CRD_TYPE, CRD_TYPE.gvk)
            self._crds = self._informers.acquire(Identity(selection), reader(CRD_TYPE))
            self._presence = PresenceWatcher(self._crds, self._catalog.discovery.serves, reader(CRD_TYPE))
        self._presence.follow(informer)

    def _unfollow(self, informer: Informer) -> None:
        if self._presence is not None:
            self._presence.unfollow(informer)

    async def server_version(self) -> ServerVersion:
        """The server's version: asked for when it is first wanted, in tries of 5 seconds each, and then remembered.

        Raises ApiError, TransportError after the last try; the next call tries again.
        """
        self._check_open("server_version")
        return await self._version.read()

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
            # Whoever closes it meanwhile waits too, but for handlers and reconciles, whose end is what is waited for.
            if not in_callback.get():
                await self._ended.wait()
            return
        self._closed = True
        try:
            for closer in reversed(tuple(self._closers)):
                await closer()
            await asyncio.gather(*(view.close() for view in tuple(self._views)))
            if self._presence is not None:
                await self._presence.close()
            await self._informers.close()
            await self._catalog.close()
            await self.transport.close()
            self._changed()
        finally:
            self._ended.set()

    @property
    def closed(self) -> bool:
        """Whether the client has been closed."""
        return self._closed

    def on_close(self, closer: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Have something that works with this client end when it closes; the last one in ends first.

        What is returned takes that back, for what has ended before; it may be called twice.
        """
        self._closers[closer] = None

        def forget() -> None:
            self._closers.pop(closer, None)

        return forget

    def _check_open(self, what: str) -> None:
        if self._closed:
            raise ClosedError(f"{what}: the client is closed")

    # What views and registrations tell ---------------------------------------------------------------------------

    def _release(self, view: Cached[Any, Any], informers: Sequence[Informer]) -> None:
        if view in self._views:
            self._views.remove(view)
        for informer in informers:
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
            else:
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
        targets = [(i, await self._barriers.latest(i)) for i in self._told()]
        for informer, latest in targets:
            await self._barriers.passed(informer, latest)

    def _told(self) -> list[Informer]:
        """The informers that may be waited for: not that of CRDs which may not be read, for it hears nothing."""
        untold = self._crds if self._presence is not None and self._presence.untold else None
        return [informer for informer in self._informers if informer.running and informer is not untold]

    async def _caught_up(self, informer: Informer, version: int, key: str | None) -> None:
        await self._barriers.caught_up(informer, version, key)

    async def _reached(self) -> bool:
        """Whether the server has nothing that the caches lack, so that a pass saw no write by others either."""
        for informer in self._told():
            if not informer.caught_up(await self._barriers.latest(informer)):
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
            self.cluster, len(self._views), handlers, self._handler_errors, self._informers.errors,
            tuple(informer.statistics() for informer in self._informers), self._observed.statistics(),
        )  # fmt: skip

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._views)} views"
        return f"<{type(self).__name__} of {self.cluster}: {state}>"

    # Looking on ------------------------------------------------------------------------------------------------

    def healthy(self) -> Health:
        """Whether this client works, for a liveness probe: False where only a new process may help.

        A server that is away, or caches that are old, are no reason to restart; see `ready`.
        """
        return health_of(self._informers, closed=self._closed)

    def ready(self, *, stale_after: float = STALE_SECONDS) -> Health:
        """Whether what this client shows can be relied on, for a readiness probe; the answer names what is missing.

        False until every view and handler has synced, and while a cache has heard nothing of its server for `stale_after`
        seconds; a server is heard of every minute.
        """
        return readiness_of(self._informers, missing(self._views), stale_after=stale_after, closed=self._closed)

    def participants(self) -> tuple[Participant, ...]:
        """What takes part in this client's work: registrations, reconcilers and others that `settle` waits for."""
        return tuple(self._participants)


_NO_OPTIONS = CacheOptions()


def _said(selections: Sequence[Selection]) -> str:
    """What a view shows, in words."""
    if len(selections) == 1:
        return str(selections[0])
    return str(selections[0]).replace(
        f"in {selections[0].namespace}", f"in {', '.join(each.namespace for each in selections)}", 1
    )


def _http(config: KubeConfig) -> Transport:
    from fairlead.transport.http import HttpTransport  # noqa: PLC0415 - TLS and sockets are loaded by those who use HTTP

    return HttpTransport(config)
