"""Views whose filters are fed by other views: one change of a feeder, then each dependent once, inside the feeder's step."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Protocol

from fairlead.machinery.names import ObjectKey
from fairlead.store.deltas import Deltas
from fairlead.store.entry import Reading

__all__ = ["AS_TOLD", "Dependent", "Fed", "Feed", "Feeding", "FilterChange", "ask", "key_texts", "namespace_texts"]

#: Set while a filter that changes is asked: reads give what handlers have been told, without own writes over it. One that
#: the watch never brings home (somebody has deleted it meanwhile) would leave no change for the filter to follow.
AS_TOLD: ContextVar[bool] = ContextVar("as_told", default=False)


def ask(predicate: Callable[[Any], bool], obj: Any) -> bool:
    """Ask a filter's predicate, which may look at views."""
    token = AS_TOLD.set(True)
    try:
        return bool(predicate(obj))
    finally:
        AS_TOLD.reset(token)


def key_texts(keys: Iterable[str | ObjectKey]) -> list[str]:
    """Keys as the store has them: `namespace/name`, or the name alone. Raises TypeError for what is no list of keys."""
    if isinstance(keys, str | ObjectKey):  # both can be gone through, letter by letter or part by part
        raise TypeError(f"keys={keys!r} is one key; give a list of keys")
    return [key if type(key) is str else _key_text(key) for key in keys]


def _key_text(key: object) -> str:
    if not isinstance(key, str | ObjectKey):
        raise TypeError(f"keys= has {key!r}; a key is an ObjectKey, or namespace/name as text")
    return str(key)


def namespace_texts(namespaces: Iterable[str]) -> list[str]:
    """Names of namespaces. Raises TypeError for what is no list of them."""
    if isinstance(namespaces, str | ObjectKey):
        raise TypeError(f"namespaces={namespaces!r} is no list; give a list of namespaces' names")
    names = list(namespaces)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"namespaces= has {name!r}; a namespace is named by a text")
    return names


class FilterChange:
    """For which objects a filter may answer differently from now on: all, some namespaces, or some keys.

    A key is an ObjectKey, or `namespace/name`, or the name of a cluster-scoped object. Raises TypeError for what is no list.
    """

    __slots__ = ("keys", "namespaces")

    def __init__(
        self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str | ObjectKey] | None = None
    ) -> None:
        self.namespaces: frozenset[str] | None = None if namespaces is None else frozenset(namespace_texts(namespaces))
        #: `namespace/name`, or the name of a cluster-scoped object.
        self.keys: frozenset[str] | None = None if keys is None else frozenset(key_texts(keys))

    @property
    def everything(self) -> bool:
        """Whether any object may be affected."""
        return self.namespaces is None and self.keys is None

    def __or__(self, other: FilterChange) -> FilterChange:
        """Both changes."""
        if self.everything or other.everything:
            return FilterChange()
        return FilterChange(
            namespaces=(self.namespaces or frozenset()) | (other.namespaces or frozenset()),
            keys=(self.keys or frozenset()) | (other.keys or frozenset()),
        )


class Fed(Protocol):
    """A filter that is fed by views. Told inside their steps, it takes note and says what may flip; it must not raise."""

    def tell(self, deltas: Deltas, read: Reading) -> None:
        """A feeder changed; `read` gives its objects."""
        ...

    def feeder_synced(self) -> None:
        """A feeder is complete."""
        ...


class Dependent(Protocol):
    """A view on a filter that changes."""

    @property
    def rank(self) -> int:
        """How many feeders stand one after another behind this view's filter."""
        ...

    def refilter(self, change: FilterChange) -> None:
        """Ask the filter again."""
        ...


class Feeding:
    """The changes that filters have announced in the present step of a client's stores, and who is to follow them."""

    def __init__(self) -> None:
        # Whether a feeder's step is going on, at whose end the dependents follow.
        self._held = False
        self._flushing = False
        self._noted: dict[Dependent, FilterChange] = {}

    def hold(self) -> None:
        """A feeder's step is going on."""
        self._held = True

    def changed(self, dependent: Dependent, change: FilterChange) -> None:
        """A dependent's filter has changed: it follows now, or at the end of the feeder's step."""
        if not self._held:
            dependent.refilter(change)
            return
        noted = self._noted.get(dependent)
        self._noted[dependent] = change if noted is None else noted | change

    def flush(self) -> None:
        """A step has ended: each dependent follows once, those behind fewer feeders first."""
        if not self._held or self._flushing:
            return
        self._flushing = True
        try:
            while self._noted:
                dependent = min(self._noted, key=_rank)
                dependent.refilter(self._noted.pop(dependent))
        finally:
            self._flushing = self._held = False


def _rank(dependent: Dependent) -> int:
    return dependent.rank


class Feed:
    """A sink on a feeder's view that passes its changes on to the filters it feeds. It does not keep them alive."""

    def __init__(self, feeding: Feeding, read: Reading, begin: Callable[[Feed], None]) -> None:
        self._feeding = feeding
        self._read = read
        # Has this told of the feeder's changes, and `flush` called after its steps; when there is something to feed, for
        # most views never feed anything, and each of their changes would cost these calls.
        self._begin = begin
        self._fed: weakref.WeakKeyDictionary[Fed, None] | None = None

    def add(self, fed: Fed) -> None:
        """Feed a filter from now on."""
        if self._fed is None:
            self._fed = weakref.WeakKeyDictionary()
            self._begin(self)
        self._fed[fed] = None

    def tell(self, deltas: Deltas) -> None:
        """Pass a change on."""
        if self._fed:
            self._feeding.hold()
            for fed in list(self._fed):
                fed.tell(deltas, self._read)

    def synced(self) -> None:
        """The feeder is complete."""
        for fed in list(self._fed or ()):
            fed.feeder_synced()
