"""One look at a store: a filter, indexes, and the sinks that hear what changes in what the filter lets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fairlead.store.content import Content, Showing
from fairlead.store.deltas import Delta
from fairlead.store.entry import Entry

__all__ = ["Sink", "View"]


class Sink(Protocol):
    """Hears a view's changes, in order, inside the step that makes them; it must only note them down."""

    def tell(self, deltas: Sequence[Delta]) -> None:
        """Note changes; a bulk change (a relist, a filter flip) is one call."""
        ...


class View:
    """A view's state inside its store. Everything here is changed by the store's steps alone."""

    __slots__ = ("accepts", "epoch", "shadow", "showing", "sinks")

    def __init__(self, accepts: Callable[[Entry], bool] | None, content: Content) -> None:
        #: The filter; None lets everything through. It reports and says no where the user's function raises.
        self.accepts: Callable[[Entry], bool] | None = accepts
        self.showing: Showing = Showing(content if accepts is None else None)
        self.sinks: list[Sink] = []
        # Raised whenever what was prepared for this view may be stale: the filter, the set of indexes, or, in bulk, what it
        # shows has changed.
        self.epoch: int = 0
        # A generation being filled in slices; steps apply to it as well as to `showing`.
        self.shadow: Shadow | None = None

    def visible(self, key: str) -> Entry | None:
        """What the view shows under a key."""
        return self.showing.content.entries.get(key)

    def lets(self, entry: Entry) -> bool:
        """Whether the filter lets an entry through, now."""
        return self.accepts is None or self.accepts(entry)

    def tell(self, deltas: Sequence[Delta]) -> None:
        """Tell the sinks; a sink may remove itself or others meanwhile."""
        for sink in tuple(self.sinks):
            sink.tell(deltas)


class Shadow:
    """The next generation of a view whose filter has changed, while it is filled in slices."""

    __slots__ = ("changes", "settled", "showing")

    def __init__(self, showing: Showing) -> None:
        self.showing: Showing = showing
        #: Keys whose visibility flips at the commit: what was shown, and what will be.
        self.changes: dict[str, tuple[Entry | None, Entry | None]] = {}
        #: Keys that a step has settled since the filling began; the filling leaves them alone.
        self.settled: set[str] = set()

    def settle(self, key: str, after: Entry | None) -> None:
        """Note that a step has shown `after` under this key in both generations."""
        self.settled.add(key)
        self.changes.pop(key, None)
        # What this generation holds need not be what the present one shows: it may be about to appear.
        filled = self.showing.content.entries.get(key)
        if after is not None:
            self.showing.put(after)
        elif filled is not None:
            self.showing.drop(filled)
