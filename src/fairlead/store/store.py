"""The objects of one informer. Every change is one step: content, each view's visible set and indexes, then its sinks.

What a view's sinks are told is the difference between what it showed before and after the step, so that lost deletes and
doubled adds cannot be written down. Steps are synchronous. Bulk changes (a relist, a filter flip) are prepared by
generators in slices, beside the present generation, and committed in one short step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fairlead.store.content import Content, Extract, Index
from fairlead.store.deltas import Delta, difference
from fairlead.store.entry import Entry
from fairlead.store.overlay import Overlay
from fairlead.store.view import Shadow, View

__all__ = ["Rebuild", "Store"]

#: After how many objects a preparing generator gives its driver the chance to let others run.
SLICE = 256


class Store:
    """Entries by key, the views over them, and the own writes laid over them for readers."""

    def __init__(self) -> None:
        self.content: Content = Content()
        self.views: list[View] = []
        self.overlay: Overlay = Overlay()
        #: The newest resourceVersion seen in an event, list or bookmark.
        self.progress: int = 0

    # Views -------------------------------------------------------------------------------------------------------

    def add_view(self, accepts: Callable[[Entry], bool] | None) -> View:
        """A new view; a filtered one shows what its filter lets through of what is here."""
        view = View(accepts, self.content)
        if accepts is not None:
            for entry in self.content.snapshot(None):
                if accepts(entry):
                    view.showing.put(entry)
        self.views.append(view)
        return view

    def remove_view(self, view: View) -> None:
        """Forget a view; idempotent."""
        if view in self.views:
            self.views.remove(view)

    def add_index(self, view: View, name: str, extract: Extract) -> None:
        """Index what a view shows, and will show."""
        index = Index(extract)
        for entry in view.showing.content.snapshot(None):
            index.put(entry)
        view.showing.indexes[name] = index
        view.epoch += 1

    # Steps -------------------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> bool:
        """An object was added or changed. False when the entry is not newer than what is here."""
        before = self.content.entries.get(entry.key)
        if before is not None and entry.version and entry.version <= before.version:
            self.advance(entry.version)
            return False
        self._step(entry.key, before, entry)
        self.advance(entry.version)
        return True

    def remove(self, entry: Entry) -> bool:
        """An object was deleted; `entry` is its last state. False when a newer life of its key is here, or nothing."""
        before = self.content.entries.get(entry.key)
        stale = before is None or (before.uid != entry.uid and entry.version and before.version > entry.version)
        if not stale:
            self._step(entry.key, before, None, last=entry)
        self.advance(entry.version)
        return not stale

    def advance(self, version: int) -> None:
        """The server has told us of everything up to this version."""
        if version > self.progress:
            self.progress = version
            if len(self.overlay):
                self.overlay.progressed(version)

    def _step(self, key: str, before: Entry | None, after: Entry | None, *, last: Entry | None = None) -> None:
        content = self.content
        if after is not None:
            content.put(after)
        elif before is not None:
            content.drop(before)
        if len(self.overlay):
            self.overlay.observed(key, after)
        for view in tuple(self.views):
            shown = before if view.accepts is None else view.visible(key)
            self._show(view, key, shown, after if after is not None and view.lets(after) else None, last)

    def _show(self, view: View, key: str, shown: Entry | None, will: Entry | None, last: Entry | None = None) -> None:
        if shown is None and will is None:
            if view.shadow is not None:
                view.shadow.settle(key, None)
            return
        if will is not None:
            view.showing.put(will)
        elif shown is not None:
            view.showing.drop(shown)
        if view.shadow is not None:
            view.shadow.settle(key, will)
        if view.sinks and shown is not will:
            # A deletion tells the object's last state, where it is the one that was shown.
            told = last if will is None and last is not None and shown is not None and last.uid == shown.uid else shown
            view.tell(tuple(difference(told if will is None else shown, will)))

    # Filter changes ----------------------------------------------------------------------------------------------

    def refilter(self, view: View, keys: Iterable[str]) -> None:
        """The filter may answer differently for these keys: one step each, at once."""
        view.epoch += 1
        for key in tuple(keys):
            entry = self.content.entries.get(key)
            shown = view.visible(key)
            will = entry if entry is not None and view.lets(entry) else None
            if shown is not will:
                self._show(view, key, shown, will)

    def refilter_namespaces(self, view: View, namespaces: Iterable[str]) -> None:
        """The filter may answer differently for everything in these namespaces."""
        for namespace in tuple(namespaces):
            self.refilter(view, list(self.content.namespaces.get(namespace, ())))

    def count_in(self, namespaces: Iterable[str]) -> int:
        """How many objects these namespaces have."""
        return sum(len(self.content.namespaces.get(namespace, ())) for namespace in namespaces)

    def refilter_all(self, view: View) -> Iterator[None]:
        """The filter may answer differently for everything: prepare in slices, commit at the end.

        A newer call for the same view makes this one end without effect.
        """
        view.epoch += 1
        epoch = view.epoch
        shadow = view.shadow = Shadow(view.showing.next_generation(None))
        for count, key in enumerate(list(self.content.entries), start=1):
            entry = self.content.entries.get(key)
            if entry is not None and key not in shadow.settled:
                will = view.lets(entry)
                shown = view.visible(key)
                if will:
                    shadow.showing.put(entry)
                if will != (shown is not None):
                    shadow.changes[key] = (shown, entry if will else None)
            if count % SLICE == 0:
                yield
                if view.shadow is not shadow:
                    return
        if view.epoch != epoch:
            view.shadow = None
            yield from self.refilter_all(view)
            return
        view.shadow = None
        view.showing = shadow.showing
        # A relist that is being prepared has compared with what was shown until now.
        view.epoch += 1
        if shadow.changes and view.sinks:
            view.tell([delta for before, after in shadow.changes.values() for delta in difference(before, after)])

    # Relists -----------------------------------------------------------------------------------------------------

    def rebuild(self, *, epoch_reset: bool = False) -> Rebuild:
        """Begin a new generation from a list. `epoch_reset`: the server's history was reset, so older is not stale."""
        return Rebuild(self, epoch_reset=epoch_reset)

    def clear(self) -> None:
        """The type has gone: every object is deleted, in one step."""
        rebuild = self.rebuild(epoch_reset=True)
        for _ in rebuild.finish(0):
            pass
        self.progress = 0


class Rebuild:
    """A new generation of a store, filled from a list and put in place of the old one."""

    def __init__(self, store: Store, *, epoch_reset: bool) -> None:
        self._store = store
        self._reset = epoch_reset
        self.content: Content = Content()

    def add(self, entry: Entry) -> None:
        """An object of the list. An entry that the store has already stays the same one, and gives no event."""
        old = self._store.content.entries.get(entry.key)
        if old is not None and old.uid == entry.uid:
            same = old.version == entry.version and bool(entry.version)
            if same or (not self._reset and old.version > entry.version):
                entry = old
        self.content.put(entry)

    def remove(self, entry: Entry) -> None:
        """An object of the list has been deleted since."""
        self.content.drop(entry)

    def finish(self, version: int) -> Iterator[None]:
        """Work out each view's next showing and its differences in slices; then, in one step, commit and tell."""
        store = self._store
        prepared: dict[View, tuple[int, _Prepared]] = {}
        while True:
            stale = [view for view in store.views if view not in prepared or prepared[view][0] != view.epoch]
            if not stale:
                break
            for view in stale:
                epoch = view.epoch
                made = _Prepared(view, self.content)
                yield from made.fill()
                prepared[view] = (epoch, made)
        self._commit(version, {view: made for view, (_, made) in prepared.items()})

    def _commit(self, version: int, prepared: dict[View, _Prepared]) -> None:
        store = self._store
        store.content = self.content
        for view, made in prepared.items():
            view.showing, view.shadow = made.showing, None
        if self._reset:
            store.overlay.clear()
            store.progress = version
        else:
            for hidden in store.overlay.hidden:
                store.overlay.observed(hidden, self.content.entries.get(hidden))
            store.advance(version)
        for view, made in prepared.items():
            if made.deltas and view.sinks:
                view.tell(made.deltas)


class _Prepared:
    """What one view will show after a relist, and what its sinks will be told."""

    def __init__(self, view: View, content: Content) -> None:
        self.view = view
        self.content = content
        self.showing = view.showing.next_generation(content if view.accepts is None else None)
        self.deltas: list[Delta] = []

    def fill(self) -> Iterator[None]:
        view, showing, deltas = self.view, self.showing, self.deltas
        before = view.showing.content.entries
        plain = view.accepts is None and not showing.indexes
        count = 0
        for key, old in list(before.items()):
            if key not in self.content.entries:
                deltas.extend(difference(old, None, unknown=True))
            count += 1
            if count % SLICE == 0:
                yield
        for key, entry in self.content.entries.items():
            shown = before.get(key)
            will = entry if plain or view.lets(entry) else None
            if will is not None and not plain:
                showing.put(entry)
            if shown is not will:
                deltas.extend(difference(shown, will))
            count += 1
            if count % SLICE == 0:
                yield
