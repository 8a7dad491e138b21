"""A cached view of one type: reads that cannot fail, handlers, indexes, and the writes of a direct client."""

from __future__ import annotations

import asyncio
import builtins
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from fairlead.api.endpoint import Endpoint
from fairlead.api.verbs import Writes
from fairlead.client.filters import ChangingFilter, FilterChange
from fairlead.errors import ClosedError, NotSynced
from fairlead.informer.events import Event
from fairlead.informer.informer import Informer
from fairlead.informer.registration import Handler, HandlerStatistics, Registration
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import LabelSelector, to_label_selector
from fairlead.store.deltas import Change, Delta
from fairlead.store.entry import Entry, Reading, entry_key
from fairlead.store.view import View

if TYPE_CHECKING:
    from fairlead.client.client import Client

__all__ = ["Cached", "Index", "ViewStatistics"]

log: logging.Logger = logging.getLogger("fairlead.cached")

R = TypeVar("R", bound=Resource)
V = TypeVar("V")

#: After how many seconds of waiting it is logged what is not synced.
PATIENCE = (5.0, 15.0, 45.0)


class Fed(Protocol):
    """A filter that is fed by a view: it is told inside the feeder's own step."""

    def tell(self, deltas: Sequence[Delta]) -> None:
        """The feeder changed."""
        ...

    def feeder_synced(self) -> None:
        """The feeder is complete."""
        ...


@dataclass(frozen=True, slots=True)
class ViewStatistics:
    """Counters of one view."""

    what: str
    synced: bool
    visible: int
    indexes: tuple[str, ...]
    handlers: tuple[HandlerStatistics, ...]
    #: Objects left out because a filter or an index function raised, by what was raised.
    failures: Mapping[str, int]


class Index(Generic[V]):
    """Objects of a view by keys that a function gives; made with `view.index`."""

    def __init__(self, name: str, view: Cached[Any, V]) -> None:
        self.name = name
        self._view = view

    def lookup(self, key: Hashable, /) -> list[V]:
        """The objects filed under this key; never fails."""
        return self._view._lookup(self.name, key)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def keys(self) -> list[Hashable]:
        """The keys under which anything is filed."""
        showing = self._view._view.showing  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        index = showing.indexes.get(self.name)
        return index.keys() if index is not None else []


class Cached(Writes[R], Generic[R, V]):
    """One component's look at a type; many looks share one watch. R is the type, V what reads and handlers give."""

    def __init__(
        self,
        client: Client,
        informer: Informer,
        endpoint: Endpoint[R],
        read: Reading,
        *,
        filter: Callable[[Any], bool] | None,
        namespace: str | None,
        what: str,
    ) -> None:
        super().__init__(endpoint)
        self._client = client
        self._informer = informer
        self._read = read
        self._filter = filter
        self._namespace = namespace
        self.what = what
        self._registrations: builtins.list[Registration] = []
        self._extracts: dict[str, Callable[[Entry], Iterable[Hashable]]] = {}
        self._failures: dict[str, int] = {}
        self._closed = False
        self._unsubscribe: Callable[[], None] | None = None
        self._fed: builtins.list[Fed] = []
        self._ready = asyncio.Event()
        changing = filter if isinstance(filter, ChangingFilter) else None
        self._changing = changing
        self._view: View = informer.store.add_view(self._accepts if filter is not None else None)
        if changing is not None:
            self._unsubscribe = changing.subscribe(self._filter_changed)
        informer.when_synced(self._check_ready)

    # Reads -----------------------------------------------------------------------------------------------------

    def get(self, name: str, namespace: str | None = None) -> V | None:
        """The object of this name, or None; a private copy. Never fails, in any state, and never waits."""
        where = namespace if namespace is not None else self._namespace or ""
        key = entry_key(name, where)
        entry = self._view.showing.content.entries.get(key)
        store = self._informer.store
        if len(store.overlay):
            entry = self._overlaid(key, entry)
        return None if entry is None else self._read(entry)

    def list(
        self, namespace: str | None = None, *, labels: str | Mapping[str, str] | LabelSelector | None = None
    ) -> builtins.list[V]:
        """The objects of a namespace, or all; one snapshot, each object a private copy. Never fails and never waits.

        `labels` is a selector in kubectl's syntax, or equalities. Raises InvalidSelector if it does not parse.
        """
        read = self._read
        return [read(entry) for entry in self._chosen(self._entries(namespace), labels)]

    def list_unfiltered(
        self, namespace: str | None = None, *, labels: str | Mapping[str, str] | LabelSelector | None = None
    ) -> builtins.list[V]:
        """As `list`, but without this view's filter: all that the shared cache holds."""
        read = self._read
        entries = self._informer.store.content.snapshot(namespace)
        return [read(entry) for entry in self._chosen(entries, labels)]

    @staticmethod
    def _chosen(
        entries: builtins.list[Entry], labels: str | Mapping[str, str] | LabelSelector | None
    ) -> builtins.list[Entry]:
        if labels is None:
            return entries
        matches = to_label_selector(labels).matches
        return [entry for entry in entries if matches(entry.labels)]

    def _entries(self, namespace: str | None = None) -> builtins.list[Entry]:
        """What a read sees: the visible set, with own writes laid over it."""
        where = namespace if namespace is not None else self._namespace
        entries = self._view.showing.content.snapshot(where)
        overlay = self._informer.store.overlay
        if not len(overlay):
            return entries
        hidden = overlay.hidden
        seen = [entry for entry in entries if entry.key not in hidden]
        for key in sorted(hidden):
            entry = self._overlaid(key, self._view.visible(key))
            if entry is not None and (where is None or entry.namespace == where):
                seen.append(entry)
        return seen

    def _overlaid(self, key: str, visible: Entry | None) -> Entry | None:
        """What a read of this key sees, given what the view shows."""
        store = self._informer.store
        stored = store.content.entries.get(key)
        entry = store.overlay.seen(key, stored)
        if entry is stored:
            return visible
        return entry if entry is not None and self._view.lets(entry) else None

    def __len__(self) -> int:
        return len(self._entries())

    # Indexes ---------------------------------------------------------------------------------------------------

    def index(self, name: str, function: Callable[[V], Iterable[Hashable]]) -> Index[V]:
        """File the view's objects under the keys that a function gives; at any time.

        An object for which the function raises is left out of this index, and reported. A name that is taken by another
        function raises ValueError; index names are the view's own.
        """
        self._check_open("index")
        if name in self._extracts:
            raise ValueError(f"{self.what}: there is an index {name!r} already")

        def extract(entry: Entry) -> Iterable[Hashable]:
            try:
                return [key for key in function(self._read(entry)) if key is not None]
            except Exception as error:
                self._report(f"index {name}", entry, error)
                return ()

        self._extracts[name] = extract
        self._informer.store.add_index(self._view, name, extract)
        return Index(name, self)

    def _lookup(self, name: str, key: Hashable) -> builtins.list[V]:
        index = self._view.showing.indexes.get(name)
        entries = index.lookup(key) if index is not None else []
        overlay = self._informer.store.overlay
        if len(overlay):
            hidden = overlay.hidden
            entries = [entry for entry in entries if entry.key not in hidden]
            extract = self._extracts[name]
            laid = (self._overlaid(k, self._view.visible(k)) for k in sorted(hidden))
            entries += [entry for entry in laid if entry is not None and key in extract(entry)]
        return [self._read(entry) for entry in entries]

    # Filter ----------------------------------------------------------------------------------------------------

    def _accepts(self, entry: Entry) -> bool:
        changing = self._changing
        if changing is not None and not changing.ready:
            return False
        try:
            return bool(cast("Callable[[Any], bool]", self._filter)(self._read(entry)))
        except Exception as error:
            self._report("filter", entry, error)
            return False

    def _filter_changed(self, change: FilterChange) -> None:
        store = self._informer.store
        if not self._ready.is_set() or change.everything or store.count_in(change.namespaces or ()) > BULK:
            self._informer.drive(self._refilter_all())
            return
        if change.namespaces:
            store.refilter_namespaces(self._view, change.namespaces)
        if change.keys:
            store.refilter(self._view, change.keys)

    def _refilter_all(self) -> Any:
        yield from self._informer.store.refilter_all(self._view)
        self._check_ready()

    def _report(self, where: str, entry: Entry, error: Exception) -> None:
        reason = f"{where}: {type(error).__name__}"
        first = reason not in self._failures
        self._failures[reason] = self._failures.get(reason, 0) + 1
        if first:
            log.error(
                "a filter or index function failed; its object is left out",
                exc_info=error, extra={"view": self.what, "function": where, "key": entry.key},
            )  # fmt: skip

    def _feed(self, fed: Fed) -> None:
        """Let a filter hear of changes inside this view's own steps."""
        self._fed.append(fed)
        self._view.sinks.append(fed)
        if self._ready.is_set():
            fed.feeder_synced()

    # Handlers --------------------------------------------------------------------------------------------------

    def add_handler(
        self,
        *,
        on_add: Callable[[V], object] | None = None,
        on_update: Callable[[V, V], object] | None = None,
        on_delete: Callable[[V], object] | None = None,
        on_event: Callable[[Event[V]], object] | None = None,
        blocking: bool = False,
    ) -> Registration:
        """Have functions called, plain or async, for what changes; first with everything that is there already.

        Calls are in order, one at a time. Plain functions run on the event loop and must not block, unless
        `blocking=True` gives them a thread. An exception is logged and counted, and delivery goes on. Raises ClosedError.
        """
        self._check_open("add_handler")
        handler = Handler(on_add=on_add, on_update=on_update, on_delete=on_delete, on_event=on_event, blocking=blocking)
        registration = Registration(
            handler, self._read, what=self.what, detach=self._detach,
            on_error=self._client._handler_failed, on_change=self._client._changed,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        )  # fmt: skip
        self._registrations.append(registration)
        self._client.enlist(registration)
        registration.tell(Snapshot(self._view.showing.content.snapshot(None)))
        self._view.sinks.append(registration)
        if self._ready.is_set():
            registration.whole()
        return registration

    def _detach(self, registration: Registration) -> None:
        if registration in self._view.sinks:
            self._view.sinks.remove(registration)
        if registration in self._registrations:
            self._registrations.remove(registration)
        self._client.discharge(registration)

    # Sync ------------------------------------------------------------------------------------------------------

    def _check_ready(self) -> None:
        """Latch readiness: the first list, and the filter, are known."""
        changing = self._changing
        if self._ready.is_set() or self._closed or not self._informer.synced.is_set():
            return
        if changing is not None and not changing.ready:
            return
        self._ready.set()
        for fed in self._fed:
            fed.feeder_synced()
        for registration in tuple(self._registrations):
            registration.whole()

    def cache_synced(self) -> bool:
        """Whether the view's objects, and its filter, are known; handlers may still be at work."""
        return self._ready.is_set()

    def has_synced(self) -> bool:
        """Whether the view is known, and each of its handlers has finished with everything that existed."""
        return self._ready.is_set() and all(r.has_synced() for r in self._registrations)

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Wait until `has_synced`. `timeout` in seconds; then NotSynced says what is missing, and why."""
        await wait_for_sync([self], timeout)

    async def _synced(self) -> None:
        await self._ready.wait()
        for registration in tuple(self._registrations):
            await registration.wait_synced()

    def _why(self) -> str:
        if not self._ready.is_set():
            if self._informer.synced.is_set():
                return f"{self.what}: its filter is not ready"
            return self._informer.why_unsynced()
        waiting = [r.statistics() for r in self._registrations if not r.has_synced()]
        return f"{self.what}: " + ", ".join(f"handler {s.name} has {s.depth} events to go" for s in waiting)

    # End -------------------------------------------------------------------------------------------------------

    def _check_open(self, what: str) -> None:
        if self._closed:
            raise ClosedError(f"{self.what}: {what} on a view that is closed")

    @property
    def closed(self) -> bool:
        """Whether the view has been closed."""
        return self._closed

    async def shutdown_handlers(self) -> None:
        """Close every handler of this view. When this returns none is running or will run."""
        await asyncio.gather(*(registration.close() for registration in tuple(self._registrations)))

    async def close(self) -> None:
        """Close the view and its handlers; reads go on giving what was last known. Idempotent."""
        if not self._closed:
            self._closed = True
            if self._unsubscribe is not None:
                self._unsubscribe()
            self._informer.store.remove_view(self._view)
            self._client._release(self, self._informer)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        await self.shutdown_handlers()

    def statistics(self) -> ViewStatistics:
        """Counters as they are now."""
        return ViewStatistics(
            self.what, self.has_synced(), len(self._view.showing.content.entries), tuple(self._extracts),
            tuple(r.statistics() for r in self._registrations), dict(self._failures),
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<Cached {self.what}: {len(self._view.showing.content.entries)} objects>"


#: More objects than this are refiltered in slices.
BULK = 1000


class Snapshot(Sequence[Delta]):
    """What was there when a handler was added, as adds that are made when they are delivered."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Delta: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Delta]: ...
    def __getitem__(self, index: int | slice) -> Delta | Sequence[Delta]:
        if isinstance(index, slice):
            return [_add(entry) for entry in self._entries[index]]
        return _add(self._entries[index])

    def __iter__(self) -> Iterator[Delta]:
        return map(_add, self._entries)


def _add(entry: Entry) -> Delta:
    return Delta(Change.ADD, None, entry, initial=True)


async def wait_for_sync(views: Sequence[Cached[Any, Any]], timeout: float | None) -> None:
    """Wait for all views; log what is missing after 5, 15 and 45 seconds. Raises NotSynced after `timeout` seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    waits: list[Awaitable[None]] = [view._synced() for view in views]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def say(seconds: float) -> None:
        log.warning("still waiting for caches", extra={"seconds": seconds, "missing": missing(views)})

    timers = [loop.call_later(seconds, say, seconds) for seconds in PATIENCE]
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(*waits)
    except TimeoutError:
        raise NotSynced(f"not synced after {loop.time() - began:.1f} s:", missing(views)) from None
    finally:
        for timer in timers:
            timer.cancel()


def missing(views: Iterable[Cached[Any, Any]]) -> list[str]:
    """A line for each view that is not synced."""
    return [view._why() for view in views if not view.has_synced()]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
