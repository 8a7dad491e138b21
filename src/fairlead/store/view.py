"""One look at a store: a filter, indexes, and the sinks that hear what changes in what the filter lets through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from fairlead.store.content import SLICE, Content, Showing
from fairlead.store.deltas import Additions, BulkChange, Deltas, Difference
from fairlead.store.entry import Entry

__all__ = ["Shadow", "Sink", "View"]

#: How often a generation is gone over again because the filter changed its mind meanwhile, before it is put in place as it is.
ROUNDS = 2


class Sink(Protocol):
    """Hears a view's changes, in order, inside the step that makes them; it must only note them down."""

    def tell(self, deltas: Deltas) -> None:
        """Note changes; a bulk change (a relist, a filter flip) is one call."""
        ...


class View:
    """A view's state inside its store. Everything here is changed by the store's steps alone."""

    __slots__ = ("__weakref__", "accepts", "on_bulk", "shadow", "showing", "sinks")

    def __init__(self, accepts: Callable[[Entry], bool] | None, content: Content) -> None:
        #: The filter; None lets everything through. It reports and says no where the user's function raises.
        self.accepts: Callable[[Entry], bool] | None = accepts
        self.showing: Showing = Showing(content if accepts is None else None)
        #: Replaced by each `attach` and `detach`, so that a sink may do either while they are told.
        self.sinks: tuple[Sink, ...] = ()
        # The generation that is being prepared, one at a time: a relist takes over what a filter's change of mind began,
        # and a change of mind during a relist joins it.
        self.shadow: Shadow | None = None
        #: Called after a bulk change, with whether the filter still answers as it did when it was asked.
        self.on_bulk: Callable[[bool], None] | None = None

    def visible(self, key: str) -> Entry | None:
        """What the view shows under a key."""
        return self.showing.content.entries.get(key)

    def lets(self, entry: Entry) -> bool:
        """Whether the filter lets an entry through, now."""
        return self.accepts is None or self.accepts(entry)

    def attach(self, sink: Sink) -> None:
        """Have a sink told of each difference from now on; once, however often it is attached."""
        if sink not in self.sinks:
            self.sinks = (*self.sinks, sink)

    def detach(self, sink: Sink) -> None:
        """Tell a sink no more; idempotent."""
        self.sinks = tuple(each for each in self.sinks if each is not sink)

    def tell(self, deltas: Deltas) -> None:
        """Tell the sinks."""
        for sink in self.sinks:
            sink.tell(deltas)

    def adopt(self, shadow: Shadow) -> Showing:
        """Put a prepared generation in place; nothing is told yet. Gives what was shown before."""
        before = self.showing
        shadow.showing.take_over_indexes(before)
        self.showing, self.shadow = shadow.showing, None
        return before


class Shadow:
    """The next generation of a view, while it is prepared in slices over `content`.

    Invariant: for every key that has been decided, `_changes` is the difference between what the view shows now and what
    this generation shows, or `_first` says that the view shows nothing, so that all of it is new. Whatever changes either
    of them decides the key again.
    """

    __slots__ = (
        "_changes",
        "_first",
        "_missing",
        "_only",
        "_redo",
        "_redo_all",
        "content",
        "relist",
        "showing",
        "view",
    )

    def __init__(
        self, view: View, content: Content, *, only: Mapping[str, object] | None = None, relist: bool = False
    ) -> None:
        self.view: View = view
        #: The store's own content, or that of a relist.
        self.content: Content = content
        self.relist: bool = relist
        self.showing: Showing = view.showing.next_generation(content if view.accepts is None else None)
        #: What was shown and what will be, by key.
        self._changes: dict[str, Difference] = {}
        # While the view shows nothing the differences need not be written down.
        self._first = not view.showing.content.entries
        # Keys that a relist does not have: their last state was not seen.
        self._missing: set[str] = set()
        # The only keys that need deciding; None: all.
        self._only: Mapping[str, object] | None = only
        # What the filter may have changed its mind about since it was asked.
        self._redo: dict[str, None] = {}
        self._redo_all = False

    @property
    def stale(self) -> bool:
        """Whether the filter may answer differently by now."""
        return self._redo_all or bool(self._redo)

    @property
    def stale_keys(self) -> Mapping[str, object] | None:
        """The keys for which the filter may answer differently by now; None: all."""
        return None if self._redo_all else self._redo

    def doubt(self, keys: Iterable[str] | None) -> None:
        """The filter may answer differently for these keys (None: all); whoever prepares this asks it again."""
        if keys is None:
            self._redo_all = True
        else:
            self._redo.update(dict.fromkeys(keys))

    def decide(self, key: str) -> None:
        """Ask the filter about one key, now; may be done any number of times."""
        entry = self.content.entries.get(key)
        will = entry if entry is not None and self.view.lets(entry) else None
        filled = self.showing.content.entries.get(key)
        if will is not None:
            if filled is not will or self.showing.shared:
                self.showing.put(will)
        elif filled is not None:
            self.showing.drop(filled)
        if self._first:
            if not self.view.showing.content.entries:
                return
            self._first = False  # a step has come before the first generation
            for each, added in self.showing.content.entries.items():
                self._note(each, added)
        self._note(key, will)

    def _note(self, key: str, will: Entry | None) -> None:
        shown = self.view.visible(key)
        if shown is not will:
            self._changes[key] = Difference(shown, will)
        elif key in self._changes:
            del self._changes[key]

    def prepare(self) -> Iterator[None]:
        """Decide every key, and again what was doubted meanwhile, up to a limit; then `stale` says that more is to be done."""
        if self._only is not None:
            yield from self._keep_others(self._only)
        else:
            yield from self._everything()
        yield from self.again()

    def again(self) -> Iterator[None]:
        """Decide again what has been doubted, up to a limit."""
        for _ in range(ROUNDS):
            if self._redo_all:
                yield from self._everything()
            elif self._redo:
                keys, self._redo = self._redo, {}
                yield from self._each(keys)

    def _everything(self) -> Iterator[None]:
        self._redo, self._redo_all = {}, False
        if self.relist:
            yield from self._leaving()
        if self.view.accepts is None and not self.showing.indexes:
            yield from self._plain()
        else:
            yield from self._each(list(self.content.entries))

    def _leaving(self) -> Iterator[None]:
        """What a relist does not have any more."""
        for count, key in enumerate(list(self.view.showing.content.entries), start=1):
            if key not in self.content.entries:
                self._missing.add(key)
                self._note(key, None)
            if count % SLICE == 0:
                yield

    def _plain(self) -> Iterator[None]:
        """A relist of a view that shows everything and has no index: no function of the user's is called."""
        if self._first:
            return
        for count, entry in enumerate(list(self.content.entries.values()), start=1):
            self._note(entry.key, entry)
            if count % SLICE == 0:
                yield

    def _each(self, keys: Iterable[str]) -> Iterator[None]:
        for key in keys:
            self.decide(key)
            yield

    def _keep_others(self, only: Mapping[str, object]) -> Iterator[None]:
        present = self.view.showing
        for count, key in enumerate(list(present.content.entries), start=1):
            entry = present.content.entries.get(key)
            # What a step has decided meanwhile is there, or gone, already.
            if key not in only and entry is not None and key not in self.showing.content.entries:
                self.showing.keep(entry, present)
            if count % SLICE == 0:
                yield
        yield from self._each(only)

    def bulk(self) -> Deltas:
        """What to tell once this generation is in place; whoever tells it has it from then on."""
        if self._first:
            return Additions(list(self.showing.content.entries.values()))
        changes, self._changes = self._changes, {}
        return BulkChange(changes, self._missing)

    def holders(self) -> Iterator[dict[Any, Any]]:
        """All that holds differences of which nobody has been told."""
        yield self._changes
