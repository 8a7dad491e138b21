"""Client-side filters: which objects a view shows; and filters that change.

A bare predicate must depend on the object alone. A filter that may change its mind says when, and for which objects, and
the views on it are told of the adds and deletes that follow.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from fairlead.client.feeding import FilterChange, ask, key_texts, namespace_texts
from fairlead.client.kinship import check_kin
from fairlead.errors import ClosedError
from fairlead.machinery.callables import RAISED, check_plain
from fairlead.machinery.names import GroupVersionKind, ObjectKey
from fairlead.machinery.selectors import LabelSelector, to_label_selector
from fairlead.store.deltas import Deltas
from fairlead.store.entry import Entry, Reading

if TYPE_CHECKING:
    from fairlead.client.cached import Cached
    from fairlead.client.client import Client

__all__ = [
    "Candidate",
    "ChangingFilter",
    "Composable",
    "DynamicFilter",
    "FilterChange",
    "NamespaceFilter",
    "feeding_views",
    "judge",
]

log: logging.Logger = logging.getLogger("fairlead.client")

#: Of this many changes of a feeder in one step it is not asked which objects each concerns: the filter asks about all.
MANY = 256


@runtime_checkable
class ChangingFilter(Protocol):
    """A predicate with a change signal."""

    @property
    def ready(self) -> bool:
        """Whether the filter knows its answers; until then its views are not synced and show nothing."""
        ...

    def __call__(self, obj: Any, /) -> bool:
        """Whether an object is to be shown."""
        ...

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Call `changed` after every change of mind, on the loop; what is returned ends that."""
        ...


class Candidate:
    """An object that a filter is asked about; it is made only if the filter looks at more than its key."""

    __slots__ = ("_object", "_read", "entry", "gvk")

    def __init__(self, entry: Entry, gvk: GroupVersionKind, read: Callable[[Entry], Any]) -> None:
        self.entry: Entry = entry
        self.gvk: GroupVersionKind = gvk
        self._read = read
        self._object: Any = None

    @property
    def object(self) -> Any:
        """What reads give of it; one for all parts of a filter."""
        if self._object is None:
            self._object = self._read(self.entry)
        return self._object


def judge(predicate: Callable[[Any], bool], candidate: Candidate) -> bool:
    """Ask a filter or a bare predicate."""
    if isinstance(predicate, Composable):
        return predicate.judge(candidate)
    return bool(predicate(candidate.object))


class Composable(ABC):
    """A filter that changes, with `&`, `|` and `~`; the other side may be a bare predicate."""

    @property
    @abstractmethod
    def ready(self) -> bool:
        """Whether the filter knows its answers; until then its views are not synced and show nothing."""

    @abstractmethod
    def __call__(self, obj: Any, /) -> bool:
        """Whether an object is to be shown."""

    @abstractmethod
    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Hear of changes; what is returned ends that, and may be called twice."""

    def judge(self, candidate: Candidate) -> bool:
        """Whether what is stored is to be shown."""
        return bool(self(candidate.object))

    @property
    def feeders(self) -> tuple[Cached[Any, Any], ...]:
        """The views whose changes may change the filter's mind."""
        return ()

    @property
    def parts(self) -> tuple[Callable[[Any], bool], ...]:
        """The filters this one is made of; itself where it is not composed."""
        return (self,)

    def __and__(self, other: Callable[[Any], bool]) -> Composable:
        return _Combined(all, self, other)

    def __rand__(self, other: Callable[[Any], bool]) -> Composable:
        return _Combined(all, other, self)

    def __or__(self, other: Callable[[Any], bool]) -> Composable:
        return _Combined(any, self, other)

    def __ror__(self, other: Callable[[Any], bool]) -> Composable:
        return _Combined(any, other, self)

    def __invert__(self) -> Composable:
        return _Combined(_none, self)


def _none(answers: Iterable[bool]) -> bool:
    return not any(answers)


class _Combined(Composable):
    """Filters and predicates under one rule."""

    def __init__(self, rule: Callable[[Iterable[bool]], bool], *operands: Callable[[Any], bool]) -> None:
        for each in operands:
            check_plain("filter", each)
        self._rule = rule
        self._operands = operands

    @property
    def _changing(self) -> Iterable[ChangingFilter]:
        return (part for part in self.parts if isinstance(part, ChangingFilter))

    @property
    def parts(self) -> tuple[Callable[[Any], bool], ...]:
        found = [part for each in self._operands for part in (each.parts if isinstance(each, Composable) else (each,))]
        return tuple(dict.fromkeys(found))

    @property
    def feeders(self) -> tuple[Cached[Any, Any], ...]:
        return tuple(view for part in self.parts if isinstance(part, Composable) for view in part.feeders)

    @property
    def ready(self) -> bool:
        return all(part.ready for part in self._changing)

    def __call__(self, obj: Any, /) -> bool:
        return self._rule(bool(each(obj)) for each in self._operands)

    def judge(self, candidate: Candidate) -> bool:
        return self._rule(judge(each, candidate) for each in self._operands)

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        ends = [part.subscribe(changed) for part in self._changing]

        def unsubscribe() -> None:
            for end in ends:
                end()

        return unsubscribe


class DynamicFilter(Composable):
    """Any predicate whose surroundings may change; call `changed` when they have.

    With `fed_by` the predicate may look at those cached views: the filter changes with them, inside their own steps, and is
    not ready until they are synced. `keys` and `namespaces` say, of an object of a feeder, which objects it may flip
    (their ObjectKeys, or `namespace/name`, or the name of a cluster-scoped one); without either, any change of a feeder has
    everything asked again. Filters combine with `&`, `|` and `~`, also with bare predicates. Raises ValueError for a feeder
    that is itself filtered by this filter, and InvalidObject for one of `fairlead.sync`, or for an `async def` function.
    """

    def __init__(
        self,
        predicate: Callable[[Any], bool],
        *,
        ready: bool = True,
        fed_by: Cached[Any, Any] | Iterable[Cached[Any, Any]] = (),
        keys: Callable[[Any], Iterable[str | ObjectKey]] | None = None,
        namespaces: Callable[[Any], Iterable[str]] | None = None,
    ) -> None:
        for what, function in (("predicate", predicate), ("keys", keys), ("namespaces", namespaces)):
            check_plain(what, function)
        self._predicate = predicate
        self._ready = ready
        self._keys, self._namespaces_of = keys, namespaces
        # In the order of subscribing: a view that feeds another filter comes before that one's views.
        self._subscribers: dict[object, Callable[[FilterChange], None]] = {}
        self._feeders: dict[Cached[Any, Any], None] = {}
        self._failed = False
        for view in feeding_views(fed_by):
            self.follow(view)

    @property
    def ready(self) -> bool:
        """Whether views on this filter may show anything."""
        return self._ready and all(view.cache_synced() for view in self._feeders)

    @property
    def feeders(self) -> tuple[Cached[Any, Any], ...]:
        """The views whose changes change the filter's mind."""
        return tuple(self._feeders)

    def __call__(self, obj: Any, /) -> bool:
        """Ask the predicate. What it reads of views is what their handlers have been told, own writes apart."""
        return ask(self._predicate, obj)

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Hear of changes; what is returned ends that, and may be called twice."""
        token = object()
        self._subscribers[token] = changed

        def unsubscribe() -> None:
            self._subscribers.pop(token, None)

        return unsubscribe

    def changed(
        self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str | ObjectKey] | None = None
    ) -> None:
        """The predicate may answer differently: for everything, or only for these namespaces or keys.

        A key is an ObjectKey (`event.key`), or `namespace/name`. Raises TypeError for one that stands where a list should.
        """
        change = FilterChange(namespaces=namespaces, keys=keys)
        self._ready = True
        self._announce(change)

    def _announce(self, change: FilterChange) -> None:
        for subscriber in tuple(self._subscribers.values()):
            subscriber(change)

    # Feeders ---------------------------------------------------------------------------------------------------

    def follow(self, view: Cached[Any, Any]) -> None:
        """Change with a view from now on. Raises ValueError if the view is filtered by this filter, directly or not.

        Raises InvalidObject for a view of `fairlead.sync`.
        """
        from fairlead.client.cached import Cached  # noqa: PLC0415 - which is made of filters

        check_kin(view, Cached, "fairlead.DynamicFilter")
        if _depends(view, self):
            raise ValueError(f"a cycle: {view.what} is filtered by a filter that it would feed")
        self._feeders[view] = None
        view._feed.add(self)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the feeder's own step calls us

    def tell(self, deltas: Deltas, read: Reading) -> None:
        """A feeder changed; called inside its step."""
        if not self.ready:
            return
        if (self._keys is None and self._namespaces_of is None) or len(deltas) > MANY:
            self._announce(FilterChange())
            return
        sides = [side for delta in deltas for side in (delta.old, delta.new) if side is not None]
        self._announce(self._concerned(sides, read))

    def _concerned(self, sides: list[Entry], read: Reading) -> FilterChange:
        keys: list[str] = []
        namespaces: list[str] = []
        try:
            for obj in map(read, sides):
                keys.extend(key_texts(self._keys(obj)) if self._keys is not None else ())
                namespaces.extend(namespace_texts(self._namespaces_of(obj)) if self._namespaces_of is not None else ())
        except RAISED:
            if not self._failed:
                self._failed = True
                log.exception("a filter's keys= or namespaces= failed; everything is asked again instead")
            return FilterChange()
        return FilterChange(keys=keys, namespaces=namespaces)

    def feeder_synced(self) -> None:
        """A feeder is complete."""
        if self.ready:
            self._announce(FilterChange())


def feeding_views(fed_by: Any) -> list[Any]:
    """The views that were given to feed a filter, one or several. Raises TypeError for what is no view."""
    views: list[Any] = list(fed_by) if _has(fed_by, "__iter__") else [fed_by]
    for view in views:
        if not _has(view, "cache_synced"):  # the synchronous ones have that too
            raise TypeError(f"fed_by={view!r}: a cached view is wanted, or several, as client.cached(...) gives them")
    return views


def _has(given: object, name: str) -> bool:
    """Whether something's class has it: a class in place of an object has what its objects have."""
    return hasattr(type(given), name)


def _depends(view: Cached[Any, Any], filter_: Composable) -> bool:
    """Whether what a view shows depends on a filter, through however many views."""
    own = view._filter  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - filters and views know each other
    if not isinstance(own, Composable):
        return False
    return filter_ in own.parts or any(_depends(feeder, filter_) for feeder in own.feeders)


class NamespaceFilter(DynamicFilter):
    """Shows objects of the namespaces that any of some label selectors choose; follows labels as they change.

    Works for Namespace itself, and never hides other cluster-scoped types. Without selectors every namespace is chosen.
    Raises InvalidObject for a client of `fairlead.sync`.
    """

    def __init__(self, client: Client, *selectors: str | Mapping[str, str] | LabelSelector) -> None:
        from fairlead.client.client import Client  # noqa: PLC0415 - which is made of filters

        check_kin(client, Client, "fairlead.NamespaceFilter")
        self._selectors = [to_label_selector(selector) for selector in selectors]
        self._selected: set[str] = set()
        self._closed = False
        self._namespaces: Cached[Any, Any] = client.cached("v1", "Namespace")
        super().__init__(self._shows, fed_by=self._namespaces)
        if self._namespaces.cache_synced():
            self._selected = self._chosen()

    @property
    def selected(self) -> frozenset[str]:
        """The names of the namespaces chosen now."""
        return frozenset(self._selected)

    def _shows(self, obj: Any) -> bool:
        return self._shown(obj.namespace or "", obj.name, obj.resource_type.gvk)

    def judge(self, candidate: Candidate) -> bool:
        """Whether what is stored is to be shown; the key says it."""
        return self._shown(candidate.entry.namespace, candidate.entry.name, candidate.gvk)

    def _shown(self, namespace: str, name: str, gvk: GroupVersionKind) -> bool:
        if namespace:
            return namespace in self._selected
        return gvk != ("", "v1", "Namespace") or name in self._selected

    def select(self, *selectors: str | Mapping[str, str] | LabelSelector) -> None:
        """Choose by other selectors from now on. Raises InvalidSelector and changes nothing if one does not parse.

        Raises ClosedError.
        """
        if self._closed:
            raise ClosedError("this namespace filter is closed")
        self._selectors = [to_label_selector(selector) for selector in selectors]
        if not self.ready:
            return
        before, self._selected = self._selected, self._chosen()
        self._turn(before ^ self._selected)

    def _chosen(self) -> set[str]:
        looks = self._namespaces._looks  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the store, without own writes
        return {entry.name for look in looks for entry in look.shown() if self._chooses(entry)}

    def _chooses(self, entry: Entry) -> bool:
        return not self._selectors or any(selector.matches(entry.labels) for selector in self._selectors)

    def _turn(self, names: Iterable[str]) -> None:
        if names:
            self._announce(FilterChange(namespaces=names, keys=names))

    def tell(self, deltas: Deltas, read: Reading) -> None:
        """Namespaces changed; called inside the step of their cache, so that views follow in the same step."""
        del read
        if not self.ready:
            return
        turned: dict[str, None] = {}
        for delta in deltas:
            entry = delta.new or cast("Entry", delta.old)
            chosen = delta.new is not None and self._chooses(entry)
            if chosen != (entry.name in self._selected):
                (self._selected.add if chosen else self._selected.discard)(entry.name)
                # A namespace that went and came again in one step has not turned.
                (turned.pop if entry.name in turned else turned.setdefault)(entry.name, None)
        self._turn(turned)

    def feeder_synced(self) -> None:
        """Every namespace is known."""
        self._selected = self._chosen()
        super().feeder_synced()

    async def close(self) -> None:
        """Stop following namespaces; the last choice stays. Idempotent."""
        if not self._closed:
            self._closed = True
            await self._namespaces.close()
