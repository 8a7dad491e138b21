"""The one client that every component takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from fairlead.api.caller import Caller
from fairlead.client.barrier import Barrier
from fairlead.client.cached import Cached
from fairlead.client.catalog import Catalog
from fairlead.client.changes import Changes, Participant
from fairlead.client.feeding import Feeding
from fairlead.client.health import STALE_SECONDS, Health, health_of, readiness_of
from fairlead.client.options import Namespaces, Options, by_kind, namespaces_of
from fairlead.client.services import ViewServices
from fairlead.client.settle import Settling
from fairlead.client.version import ServerVersion, VersionReader
from fairlead.client.views import NO_OPTIONS, Views
from fairlead.client.waiting import missing, wait_for_sync
from fairlead.errors import ClosedError, ConditionNotMet, ConfigError
from fairlead.informer.calls import inside_call
from fairlead.informer.gate import ListGate
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer, InformerStatistics
from fairlead.informer.presence import CRD_TYPE, PresenceWatcher
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.registration import Registration
from fairlead.informer.shared import GRACE_SECONDS, SharedInformers
from fairlead.informer.slices import Turn
from fairlead.informer.source import ApiSource, Selection
from fairlead.informer.stalls import Stalls
from fairlead.machinery.callables import check_plain
from fairlead.machinery.dynamic import DynamicResource, reader
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.transport.config import KubeConfig
from fairlead.transport.observed import ObservedTransport, Observers, RequestStatistics
from fairlead.transport.protocol import Transport

__all__ = ["Client", "ClientStatistics"]

#: Called with a handler's exception, the handler's name and the object's key.
HandlerErrorHook = Callable[[BaseException, str, str], None]


class ClientStatistics(msgspec.Struct, frozen=True):
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


class Client(Views):
    """Typed, dynamic and metadata access to one cluster: cached views on shared informers, and direct clients.

    `Client()` takes $KUBECONFIG, ~/.kube/config, or the service account of the pod it runs in; raises ConfigError if none
    is usable. `KubeConfig.load(path)` reads a `config` from a file. `transport` takes the place of HTTP, and of `config`.
    `namespace`, one or several, restricts views of namespaced types that name none, and one is the default of verbs on an
    object. `cache_options` says by type what views take where they do not say otherwise. `cluster` is an id for statistics
    and messages. `field_manager` is who owns the fields that are written; "fairlead" by default. Use as an async context
    manager, or call `close()`.

    `on_handler_error` is called, on the event loop, with the exception that a handler raised, the handler's name and the
    object's key, once it is logged and counted. An informer that nobody uses any more goes on for `informer_grace` seconds.
    A watch on which nothing has come for `stall_timeout` seconds is opened anew: servers send a bookmark each minute.
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
        check_plain("on_handler_error", on_handler_error)
        #: The namespaces that views are restricted to; empty for all.
        self.namespaces: tuple[str, ...] = tuple(name for name in namespaces_of(namespace) if name)
        #: The one namespace that views and verbs are restricted to, if it is one.
        self.namespace: str | None = self.namespaces[0] if len(self.namespaces) == 1 else None
        self._options = by_kind(cache_options)
        self.transport: Transport = (
            transport if transport is not None else _http(KubeConfig.load() if config is None else config)
        )
        #: Which cluster this is: the id that was given, or else its address.
        self.cluster: str = cluster or self.transport.cluster
        self.field_manager: str = field_manager or "fairlead"
        self.on_handler_error = on_handler_error
        self._stalls = Stalls(stall_timeout)
        #: Who looks on while requests and reconciles run; see `fairlead.observe`.
        self.observers: Observers = Observers()
        self._observed = ObservedTransport(self.transport, self.observers)
        self._caller = Caller(self._observed)
        self._catalog = Catalog(self._caller)
        self._version = VersionReader(self._observed)
        self._gate = ListGate()
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
        self._changes = Changes()
        self._barrier = Barrier(self._catalog, self._changes)
        self._services = ViewServices(
            feeding=Feeding(), enlist=self.enlist, discharge=self.discharge, notify=self.notify,
            handler_failed=self._handler_failed, caught_up=self._barrier.caught_up,
            namespaced=self._catalog.namespaced, release=self._release,
        )  # fmt: skip
        self._settling = Settling(
            self.transport, self._informers, self._views, self._participants, self._changes, self._barrier, self._hears
        )
        self._handler_errors = 0
        self._closed = False

    # Types -----------------------------------------------------------------------------------------------------

    def _make_informer(self, identity: Identity, read: Callable[[bytes], Resource]) -> Informer:
        resource_type = identity.selection.resource_type
        source = ApiSource(
            self._catalog.transport(resource_type), identity.selection, self._catalog.resolver(resource_type),
            permissions=self._catalog.caller(resource_type).permissions,
        )  # fmt: skip
        return Informer(
            identity, source, read, on_change=self._changes.changed, stalls=self._stalls, turn=self._turn, gate=self._gate,
            compact=self._options.get(resource_type.gvk, NO_OPTIONS).compact,
        )  # fmt: skip

    def _follow(self, informer: Informer) -> None:
        if self._presence is None:
            selection = Selection(CRD_TYPE, CRD_TYPE.gvk)
            self._crds = self._informers.acquire(Identity(selection), reader(CRD_TYPE))
            self._presence = PresenceWatcher(self._crds, self._catalog, reader(CRD_TYPE))
        self._presence.follow(informer)

    def _unfollow(self, informer: Informer) -> None:
        if self._presence is not None:
            self._presence.unfollow(informer)

    def _hears(self, informer: Informer) -> bool:
        """Whether an informer may be waited for: not that of CRDs while they may not be read, for it hears nothing."""
        return informer is not self._crds or self._presence is None or not self._presence.untold

    async def server_version(self) -> ServerVersion:
        """The server's version: asked for when it is first wanted, in tries of 5 seconds each, and then remembered.

        Raises ApiError, TransportError after the last try, and the next call tries again; ClosedError.
        """
        self._check_open("server_version")
        return await self._version.read()

    # Life ------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._check_open("async with")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run_and_wait(self, timeout: float | None = None) -> None:
        """Start every informer asked for, and wait until all views, and their handlers, are synced.

        May be called again for views made since; those also sync by themselves. Raises NotSynced after `timeout` seconds,
        naming what is missing and why; ClosedError.
        """
        self._check_open("run_and_wait")
        self._informers.start()
        await wait_for_sync(tuple(self._views), timeout)

    def start(self) -> None:
        """Start every informer asked for, and from now on each as it is asked for, without waiting. Raises ClosedError."""
        self._check_open("start")
        self._informers.start()

    def has_synced(self) -> bool:
        """Whether every view, and every handler, has synced."""
        return all(view.has_synced() for view in self._views)

    async def wait_until(self, condition: Callable[[], bool], *, timeout: float = 30.0) -> None:
        """Wait until a condition on this client's views, or on what its handlers and reconciles have done, holds.

        It is asked after each step of any cache, own write, and work of a handler or reconcile, whether these rest or not:
        `lambda: len(pods) == 3 and nodes.has_synced()`. Raises ConditionNotMet after `timeout` seconds, InvalidObject for an
        `async def` condition, ClosedError where the client is closed meanwhile.
        """
        self._check_open("wait_until")
        check_plain("condition", condition)
        scope = asyncio.timeout(timeout)
        try:
            async with scope:
                await self._changes.until(lambda: self._closed or condition())
        except TimeoutError:
            if not scope.expired():
                raise
            said = getattr(condition, "__qualname__", condition)
            raise ConditionNotMet(f"after {timeout:g} s: not {said}", None) from None
        self._check_open("wait_until")

    async def close(self) -> None:
        """End everything that belongs to this client; when it returns nothing of it runs. Idempotent.

        Where it is cancelled, another call goes on with it.
        """
        if self._closed and not self._ended.is_set():
            # Whoever closes it meanwhile waits too, but for handlers and reconciles, whose end is what is waited for.
            if inside_call():
                return
            await self._ended.wait()
        self._closed = True
        self._ended.clear()
        try:
            # Each of these may be done again, and has nothing to do then.
            await self._end_closers()
            await asyncio.gather(*(view.close() for view in tuple(self._views)))
            await self._handlers_ended()
            if self._presence is not None:
                await self._presence.close()
            await self._informers.close()
            await self._catalog.close()
            await self.transport.close()
            self.notify()
        finally:
            self._ended.set()

    async def _end_closers(self) -> None:
        for closer in reversed(tuple(self._closers)):
            await closer()

    async def _handlers_ended(self) -> None:
        """Wait for handlers of views that are closed already: one that closed its own may still be at work."""
        await asyncio.gather(*(each.close() for each in self._participants if isinstance(each, Registration)))

    @property
    def closed(self) -> bool:
        """Whether the client has been closed."""
        return self._closed

    def on_close(self, closer: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Have something that works with this client end when it closes; the last one in ends first.

        What is returned takes that back, for what has ended before; it may be called twice. Until then the closer may be called
        again, by whoever else closes the client and waits for its end. Raises ClosedError.
        """
        self._check_open("on_close")
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
        self.notify()

    def enlist(self, participant: Participant) -> None:
        """Have `settle` wait for a queue, a runner, or anything else that may be busy."""
        self._participants.append(participant)

    def discharge(self, participant: Participant) -> None:
        """Have `settle` forget it; idempotent."""
        if participant in self._participants:
            self._participants.remove(participant)

    def notify(self) -> None:
        """A participant may have become idle."""
        self._changes.changed()

    def _handler_failed(self, error: BaseException, handler: str, key: str) -> None:
        self._handler_errors += 1
        if self.on_handler_error is not None:
            self.on_handler_error(error, handler, key)

    def _wrote(self, resource_type: ResourceType, data: bytes | None, key: str, uid: str) -> None:
        """An own write took effect: lay it over the caches of its type, and let `settle` know."""
        self._settling.writes += 1
        for informer in self._informers:
            if informer.identity.selection.gvk != resource_type.gvk:
                continue
            if data is None:
                informer.deleted(key, uid)
            else:
                informer.wrote(data)
        self.notify()

    # Quiet -----------------------------------------------------------------------------------------------------

    async def settle(self, timeout: float = 10.0) -> None:
        """Return once everything written so far has reached every cache, handler and queue, and all are idle.

        `timeout` in seconds; then NotSynced names what is busy. Raises RuntimeError inside a handler, which would wait for
        itself; ClosedError where the client is closed, once its handlers that are still at work have ended.
        """
        await self._settling.settle(timeout)
        self._check_open("settle")

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


def _http(config: object) -> Transport:
    if not isinstance(config, KubeConfig):
        how = f"KubeConfig.load({str(config)!r})" if isinstance(config, str | Path) else "KubeConfig.load(path)"
        raise ConfigError(f"Client({config!r}): a KubeConfig is wanted; {how} reads one from a file")
    from fairlead.transport.http import HttpTransport  # noqa: PLC0415 - TLS and sockets are loaded by those who use HTTP

    return HttpTransport(config)
