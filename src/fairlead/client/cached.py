"""A cached view of one type: reads that cannot fail, handlers, indexes, and the writes of a direct client."""

from __future__ import annotations

import asyncio
import builtins
import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec

from fairlead.api.endpoint import Endpoint, named
from fairlead.api.selection import Labels
from fairlead.api.verbs import Writes
from fairlead.client.feeding import Feed, FilterChange, ask
from fairlead.client.filters import Candidate, ChangingFilter, Composable
from fairlead.client.look import Look
from fairlead.client.reading import Readers
from fairlead.client.services import ViewServices
from fairlead.client.waiting import Waiting, wait_for_sync, wait_until
from fairlead.conditions import Condition, Test, exists, said_of, seen, started
from fairlead.errors import ClosedError, InvalidObject, NotSynced
from fairlead.informer.events import Event
from fairlead.informer.informer import Informer
from fairlead.informer.registration import Handler, HandlerStatistics, Registration
from fairlead.machinery.callables import RAISED, check_callable, check_plain
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import to_label_selector
from fairlead.store.deltas import Additions
from fairlead.store.entry import Entry, entry_key, version_number

__all__ = ["Cached", "Index", "ViewStatistics"]

log: logging.Logger = logging.getLogger("fairlead.client")

R = TypeVar("R", bound=Resource)
V = TypeVar("V")


class ViewStatistics(msgspec.Struct, frozen=True):
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

    def __init__(
        self, name: str, lookup: Callable[[str, Hashable], list[V]], keys: Callable[[str], list[Hashable]]
    ) -> None:
        self.name = name
        self._lookup, self._keys = lookup, keys

    def lookup(self, key: Hashable, /) -> list[V]:
        """The objects filed under this key; never fails."""
        return self._lookup(self.name, key)

    def keys(self) -> list[Hashable]:
        """The keys under which anything is filed."""
        return self._keys(self.name)


class Cached(Writes[R], Generic[R, V]):
    """One component's look at a type; many looks share one watch. R is the type, V what reads and handlers give."""

    def __init__(
        self,
        services: ViewServices,
        informers: Sequence[Informer],
        endpoint: Endpoint[R],
        read: Readers,
        *,
        filter: Callable[[Any], bool] | None,
        optional: bool,
        what: str,
    ) -> None:
        super().__init__(endpoint)
        self._services = services
        self._read, self._read_all = read
        self._filter = filter
        self.what = what
        self._certain: bool = endpoint.resolve is None
        self._registrations: builtins.list[Registration] = []
        self._extracts: dict[str, Callable[[Entry], Iterable[Hashable]]] = {}
        self._failures: dict[str, int] = {}
        self._waits: set[Waiting] = set()
        self._closed = False
        # Latched once the first list of each namespace, and the filter, are known.
        self._ready = False
        # Set when there is nothing to wait for any more: ready, or closed.
        self._over = asyncio.Event()
        # Asking a protocol is slow, and most views have no filter.
        changes = filter is not None and isinstance(filter, ChangingFilter)
        self._changing: ChangingFilter | None = cast("ChangingFilter", filter) if changes else None
        self._judge = filter.judge if filter is not None and isinstance(filter, Composable) else None
        self._filter_ready: bool = self._changing is None or self._changing.ready
        # The filter has changed its mind in a step that is still going on; it is asked again at its end.
        self._doubted = False
        self._feed = Feed(services.feeding, read.one, self._begin_feeding)
        accepts = self._accepts if filter is not None else None
        #: One for each namespace, or one for all of them.
        self._looks: tuple[Look, ...] = tuple(
            Look(informer, accepts, self._check_ready, optional=optional) for informer in informers
        )
        self._by_namespace: dict[str, Look] = {look.namespace: look for look in self._looks}
        # The only look, where there is one: most views have all namespaces, or one.
        self._only: Look | None = self._looks[0] if len(self._looks) == 1 else None
        #: The one namespace of the view, if it has just one.
        self._namespace: str = self._looks[0].namespace if len(self._looks) == 1 else ""
        self._releases: builtins.list[Callable[[], None]] = []
        if self._changing is not None:
            self._releases.append(self._changing.subscribe(self._filter_changed))
        for look in self._looks:
            look.begin(filter_ready=self._filter_ready)
        for informer in informers:
            self._releases.append(informer.when_synced(self._check_ready))

    # Reads -----------------------------------------------------------------------------------------------------

    def _in(self, namespace: str | None) -> tuple[Look, ...]:
        """The looks that a namespace, or all of them, is seen in."""
        if namespace is None or len(self._looks) == 1:
            return self._looks
        look = self._by_namespace.get(namespace)
        return () if look is None else (look,)

    def _within(self, namespace: str | None) -> str | None:
        """The namespace to read: the call's, else the view's only one; None for all."""
        if namespace is None and self._namespace and self._scoped():
            return self._namespace
        return namespace

    def get(self, name: str | ObjectKey, namespace: str | None = None) -> V | None:
        """The object of this name, or of this key, or None; a private copy. Never fails, in any state, and never waits."""
        if namespace and (look := self._only) is not None:
            # Most reads are of one watch and say where: without the calls below.
            entry = look.entry(f"{namespace}/{name}")
        else:
            where = self._within(namespace) or ""
            look = self._only or self._by_namespace.get(where)
            entry = None if look is None else look.entry(entry_key(name, where))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        if entry is not None:
            found: V = self._read(entry)
            return found
        # A key is found under no name. Only here is it told from one, so that what is found does not wait for that.
        return None if type(name) is str else self._get_by_key(name, namespace)

    def _get_by_key(self, key: object, namespace: str | None) -> V | None:
        return self.get(*named(key, namespace)) if isinstance(key, ObjectKey) else None

    def list(self, namespace: str | None = None, *, labels: Labels = None) -> builtins.list[V]:
        """The objects of a namespace, or all; one snapshot, each object a private copy. Never waits.

        `labels` is a selector in kubectl's syntax, or equalities. Fails for nothing but a selector that does not parse:
        that raises InvalidSelector.
        """
        if labels is None:
            return self._read_all(self._entries(namespace))
        where, selector = self._within(namespace), to_label_selector(labels)
        return self._read_all(entry for look in self._in(where) for entry in look.selected(where, selector))

    def list_unfiltered(self, namespace: str | None = None, *, labels: Labels = None) -> builtins.list[V]:
        """As `list`, but without this view's filter: all that the shared cache holds, own writes included.

        Raises InvalidSelector for labels that do not parse.
        """
        where = self._within(namespace)
        entries = [entry for look in self._in(where) for entry in look.unfiltered(where)]
        return self._read_all(self._chosen(entries, labels))

    @staticmethod
    def _chosen(entries: builtins.list[Entry], labels: Labels) -> builtins.list[Entry]:
        if labels is None:
            return entries
        matches = to_label_selector(labels).matches
        return [entry for entry in entries if matches(entry.labels)]

    def _entries(self, namespace: str | None = None) -> builtins.list[Entry]:
        """What a read sees: the visible set, with own writes laid over it."""
        where = self._within(namespace)
        if self._only is not None:
            return self._only.entries(where)
        return [entry for look in self._in(where) for entry in look.entries(where)]

    def __len__(self) -> int:
        return len(self._entries())

    async def caught_up(self, target: Resource | str, *, timeout: float = 10.0) -> None:
        """Wait until the cache is as new as an object, or as a resourceVersion of this type.

        For what was learnt elsewhere: own writes are seen at once. Handlers may still be at work. Raises InvalidObject
        without a version, NotSynced after `timeout` seconds, and ClosedError.
        """
        self._check_open("caught_up")
        version = target if isinstance(target, str) else target.resource_version
        if not version_number(version):
            raise InvalidObject(f"{self.what}: {version!r} is no resourceVersion to catch up with")
        key = None if isinstance(target, str) else entry_key(target.name, target.namespace)
        looks = self._looks if isinstance(target, str) else self._in(target.namespace)
        try:
            async with asyncio.timeout(timeout):
                for look in looks:
                    await self._services.caught_up(look.informer, version_number(version), key)
        except TimeoutError:
            why = [look.informer.why_unsynced() for look in looks]
            raise NotSynced(f"{self.what}: not at version {version} after {timeout:.1f} s:", why) from None

    # Indexes ---------------------------------------------------------------------------------------------------

    def index(self, name: str, function: Callable[[V], Iterable[Hashable]]) -> Index[V]:
        """File the view's objects under the keys that a function gives; at any time.

        An object for which the function raises is left out of this index, and reported. A name that is taken by another
        function raises ValueError; index names are the view's own. Raises InvalidObject for an `async def` function, ClosedError.
        """
        self._check_open("index")
        check_plain("function", function)
        if name in self._extracts:
            raise ValueError(f"{self.what}: there is an index {name!r} already")
        if name.startswith("\0"):
            raise ValueError(f"{self.what}: an index name does not begin with a null byte")

        def extract(entry: Entry) -> Iterable[Hashable]:
            try:
                found = function(self._read(entry))
                if isinstance(found, str | bytes):
                    raise TypeError("an index function gives a list of keys, not one key")
                return dict.fromkeys(key for key in found if key is not None)
            except RAISED as error:
                self._report(f"index {name}", entry, error)
                return ()

        self._extracts[name] = extract
        for look in self._looks:
            look.add_index(name, extract)
        return Index(name, self._lookup, self._index_keys)

    def _lookup(self, name: str, key: Hashable) -> builtins.list[V]:
        extract = self._extracts[name]
        return self._read_all(entry for look in self._looks for entry in look.lookup(name, key, extract))

    def _index_keys(self, name: str) -> builtins.list[Hashable]:
        extract = self._extracts[name]
        return builtins.list(dict.fromkeys(key for look in self._looks for key in look.index_keys(name, extract)))

    # Filter ----------------------------------------------------------------------------------------------------

    def _accepts(self, entry: Entry) -> bool:
        if not self._filter_ready:
            if self._changing is not None and not self._changing.ready:
                return False
            self._filter_ready = True
        try:
            if self._judge is not None:
                return self._judge(Candidate(entry, self._endpoint.resource_type.gvk, self._read))
            predicate, obj = cast("Callable[[Any], bool]", self._filter), self._read(entry)
            return bool(predicate(obj)) if self._changing is None else ask(predicate, obj)
        except RAISED as error:
            self._report("filter", entry, error)
            return False

    def _filter_changed(self, change: FilterChange) -> None:
        asyncio.get_running_loop()  # raises RuntimeError, before anything has changed, in a thread that is not the loop's
        self._doubted = True
        self._services.feeding.changed(self, change)

    def _begin_feeding(self, feed: Feed) -> None:
        for look in self._looks:
            look.attach(feed)
            look.informer.store.after_step = self._services.feeding.flush

    @property
    def rank(self) -> int:
        """How many feeders stand one after another behind this view's filter."""
        feeders = self._filter.feeders if isinstance(self._filter, Composable) else ()
        return 1 + max(view.rank for view in feeders) if feeders else 0

    def refilter(self, change: FilterChange) -> None:
        """Ask the filter again about what it may have changed its mind about."""
        self._doubted = False
        for look in self._looks:
            look.built = look.built and (self._ready or not change.everything)
        for look in self._looks:
            look.refilter(change)
        self._check_ready()

    def _report(self, where: str, entry: Entry, error: BaseException) -> None:
        reason = f"{where}: {type(error).__name__}"
        first = reason not in self._failures
        self._failures[reason] = self._failures.get(reason, 0) + 1
        if first:
            log.error(
                "%s: the function of its %s failed on %s, which is left out of it", self.what, where, entry.key,
                exc_info=error, extra={"view": self.what, "function": where, "key": entry.key},
            )  # fmt: skip

    # Handlers --------------------------------------------------------------------------------------------------

    def add_handler(
        self,
        *,
        on_add: Callable[[V], object] | None = None,
        on_update: Callable[[V, V], object] | None = None,
        on_delete: Callable[[V], object] | None = None,
        on_event: Callable[[Event[V]], object] | None = None,
        when: Callable[[Event[V]], bool] | None = None,
        blocking: bool = False,
    ) -> Registration:
        """Have functions called, plain or async, for what changes; first with everything that is there already.

        Calls are in order, one at a time. Plain functions run on the event loop and must not block, unless
        `blocking=True` gives them a thread. An exception is logged and counted, and delivery goes on. `when` is a
        predicate on the event: those for which it is false are not told (`fairlead.controller` has some). Raises InvalidObject
        without a function, for `on_event` beside others, or for a `when` that is `async def`; ClosedError.
        """
        self._check_open("add_handler")
        given = {"on_add": on_add, "on_update": on_update, "on_delete": on_delete, "on_event": on_event}
        for what, function in given.items():
            check_callable(what, function)
        check_plain("when", when)
        handler = Handler(
            on_add=on_add, on_update=on_update, on_delete=on_delete, on_event=on_event, when=when, blocking=blocking
        )
        registration = Registration(
            handler, self._read, what=self.what, detach=self._detach, on_end=self._ended,
            on_error=self._services.handler_failed, on_change=self._services.notify,
        )  # fmt: skip
        self._registrations.append(registration)
        self._services.enlist(registration)
        registration.tell(Additions([entry for look in self._looks for entry in look.shown()]))
        for look in self._looks:
            look.attach(registration)
        if self._ready:
            registration.whole()
        return registration

    def _detach(self, registration: Registration) -> None:
        for look in self._looks:
            look.detach(registration)

    def _ended(self, registration: Registration) -> None:
        if registration in self._registrations:
            self._registrations.remove(registration)
        self._services.discharge(registration)

    # Sync ------------------------------------------------------------------------------------------------------

    def _check_ready(self) -> None:
        """Latch readiness: the first list of each namespace, and the filter, are known."""
        if self._ready or self._closed or self._doubled or self._doubted:
            return
        if not all(look.built and look.synced for look in self._looks):
            return
        if self._changing is not None and not self._changing.ready:
            return
        self._ready = True
        self._over.set()
        self._feed.synced()
        for registration in tuple(self._registrations):
            registration.whole()
        self._services.notify()

    def _scoped(self) -> bool:
        """Whether the type is namespaced, as far as is known; of a kind without a class discovery knows."""
        return self._certain or self._services.namespaced(self._endpoint.resource_type)

    @property
    def _doubled(self) -> bool:
        """Whether several namespaces were asked of a type that turned out to have none, so that each look has all."""
        return len(self._looks) > 1 and not self._scoped()

    def cache_synced(self) -> bool:
        """Whether the view's objects, and its filter, are known; handlers may still be at work."""
        return self._ready

    def has_synced(self) -> bool:
        """Whether the view is known, and each of its handlers has finished with everything that existed."""
        return self._ready and all(r.has_synced() for r in self._registrations)

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Wait until `has_synced`. Raises NotSynced after `timeout` seconds, saying what is missing and why; ClosedError."""
        await wait_for_sync([self], timeout)
        if not self._ready:
            raise ClosedError(f"{self.what}: the view was closed before it was synced")

    async def wait_for(
        self,
        name: str | Resource,
        namespace: str | None = None,
        condition: Condition | Test | None = None,
        *,
        timeout: float = 30.0,
    ) -> V | None:
        """Wait until a condition on one object of the view holds, and give the object, or None where it is gone.

        `name` may be an object, which is then waited for by its name and namespace. `condition` is one of
        `fairlead.conditions` (by default, that it is there), or a plain function of what `get` gives; it is asked once the
        view is synced, and after each change. Raises ConditionNotMet after `timeout` seconds, with what was seen last;
        NotSynced where the view was not synced by then; InvalidObject for an `async def` condition; ClosedError.
        """
        known = name if isinstance(name, Resource) else None
        name, namespace = named(name, namespace)
        condition = condition or exists()
        test = started(condition, known)
        last: V | None = None

        def holds() -> bool:
            nonlocal last
            last = self.get(name, namespace)
            return test(last)

        key = entry_key(name, self._within(namespace) or "")
        await wait_until(self, holds, timeout, lambda: f"{key}: not {said_of(condition)}: {seen(last)}", lambda: last)
        return last

    async def wait_until(self, condition: Callable[[], bool], *, timeout: float = 30.0) -> None:
        """Wait until a condition on the view as a whole holds, such as `lambda: len(view) == 3`.

        It is asked once the view is synced, and after each of its changes. Raises ConditionNotMet after `timeout` seconds;
        NotSynced where the view was not synced by then; InvalidObject for an `async def` condition; ClosedError.
        """
        check_plain("condition", condition)
        await wait_until(
            self, condition, timeout, lambda: f"not {getattr(condition, '__qualname__', condition)}: {self!r}"
        )

    async def _synced(self) -> None:
        await self._over.wait()
        for registration in tuple(self._registrations):
            await registration.wait_synced()

    def _why(self) -> str:
        if not self._ready:
            unsynced = [look.informer for look in self._looks if not look.synced]
            if unsynced:
                return "; ".join(informer.why_unsynced() for informer in unsynced)
            if self._doubled:
                return f"{self.what}: is cluster-scoped, so it is not in these namespaces; give namespace=''"
            return f"{self.what}: its filter is not ready"
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
            self._over.set()
            for waiting in self._waits:
                waiting.told.set()
            for release in self._releases:
                release()
            for look in self._looks:
                look.close()
            self._services.release(self, [look.informer for look in self._looks])
        await self.shutdown_handlers()

    def statistics(self) -> ViewStatistics:
        """Counters as they are now."""
        return ViewStatistics(
            self.what, self.has_synced(), sum(look.visible for look in self._looks), tuple(self._extracts),
            tuple(r.statistics() for r in self._registrations), dict(self._failures),
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<Cached {self.what}: {sum(look.visible for look in self._looks)} objects>"
