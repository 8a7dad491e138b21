"""The objects of one informer. Every change is one step: content, each view's visible set and indexes, then its sinks.

What a view's sinks are told is the difference between what it showed before and after the step, so that lost deletes and
doubled adds cannot be written down. Steps are synchronous. Bulk changes (a relist, a filter flip) are prepared by
generators in slices, beside the present generation, and committed in one short step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from weakref import WeakSet

from fairlead.store.content import Content, Extract, Holder, Index, Showing, emptied
from fairlead.store.deltas import difference
from fairlead.store.entry import LEFT_OUT, Entry
from fairlead.store.overlay import Overlay
from fairlead.store.view import ROUNDS, Shadow, View

__all__ = ["Rebuild", "Store"]

#: Up to this many keys about which a filter changes its mind are decided in one step, at once; more are prepared in slices.
FEW = 64


class Store:
    """Entries by key, the views over them, and the own writes laid over them for readers."""

    def __init__(self) -> None:
        self.content: Content = Content()
        self.overlay: Overlay = Overlay()
        #: The newest resourceVersion seen in an event, list or bookmark.
        self.progress: int = 0
        #: Keys of objects that are on the server and not here, because a transform refused them.
        self.left_out: set[str] = set()
        #: Called at the end of every step, when all sinks have been told; set where a view feeds a filter.
        self.after_step: Callable[[], None] | None = None
        # In the order of their making: a view that feeds another one's filter comes before it.
        self._views: dict[View, None] = {}
        # The same, for the steps; None after a change, so that many changes cost no more than one.
        self._listed: tuple[View, ...] | None = ()
        # Views that were removed and are still read: what they show stays.
        self._removed: WeakSet[View] = WeakSet()

    # Views -------------------------------------------------------------------------------------------------------

    @property
    def views(self) -> tuple[View, ...]:
        """The views, in the order of their making."""
        if self._listed is None:
            self._listed = tuple(self._views)
        return self._listed

    def add_view(self, accepts: Callable[[Entry], bool] | None) -> View:
        """A new view. A filtered one shows nothing until `refilter_all` has asked its filter."""
        view = View(accepts, self.content)
        self._views[view] = None
        self._listed = None
        return view

    def remove_view(self, view: View) -> None:
        """Forget a view, which goes on showing what it shows; idempotent.

        One without a filter shows the content that the store goes on changing, but no step files anything for it any more:
        it has no indexes from then on.
        """
        if view in self._views:
            del self._views[view]
            self._removed.add(view)
            if view.showing.shared:
                view.showing.indexes.clear()
        self._listed = None

    def keeps(self, view: View) -> bool:
        """Whether a view's indexes are kept up to date; not those of one that was removed."""
        return view in self._views

    def add_index(self, view: View, name: str, extract: Extract) -> Iterator[None]:
        """Index what a view shows, and will show. The index answers at once; what is returned files what is there."""
        view.showing.indexes[name] = Index(extract, view.showing.content.entries)
        return self._fill_index(view, name)

    def _fill_index(self, view: View, name: str) -> Iterator[None]:
        # A relist may put another generation in place meanwhile, whose index is then the one to be filled.
        while view in self._views and (index := view.showing.indexes[name]).filling:
            index.fill()
            yield

    # Steps -------------------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> bool:
        """An object was added or changed. False when the entry is not newer than what is here."""
        key, version = entry.key, entry.version
        before = self.content.entries.get(key)
        fresh = before is None or not version or version > before.version
        if fresh:
            if before is not None:
                entry.key = before.key
            refused = entry.data is LEFT_OUT
            if refused or self.left_out:
                (self.left_out.add if refused else self.left_out.discard)(key)
            self._step(key, before, None if refused else entry)
        if version > self.progress:
            self.progress = version
            if self.overlay.used:
                self.overlay.progressed(version, self.content.entries)
        if self.after_step is not None:
            self.after_step()
        return fresh

    def remove(self, entry: Entry) -> bool:
        """An object was deleted; `entry` is its last state. False when something newer is under its key, or nothing."""
        before = self.content.entries.get(entry.key)
        stale = before is not None and bool(entry.version) and before.version > entry.version
        if not stale:
            self.left_out.discard(entry.key)
            self._step(entry.key, before, None, last=entry)
        self.advance(entry.version)
        self._end_step()
        return before is not None and not stale

    def advance(self, version: int) -> None:
        """The server has told us of everything up to this version."""
        if version > self.progress:
            self.progress = version
            if self.overlay.used:
                self.overlay.progressed(version, self.content.entries)

    def _step(self, key: str, before: Entry | None, after: Entry | None, *, last: Entry | None = None) -> None:
        if after is not None:
            self.content.put(after)
        elif before is not None:
            self.content.drop(before)
        if self.overlay.used:
            self.overlay.observed(key, after)
        views = self._listed
        for view in self.views if views is None else views:
            if view.accepts is not None:
                self._show(
                    view, key, view.visible(key), after if after is not None and view.lets(after) else None, last
                )
            elif view.shadow is not None or view.showing.indexes:
                self._show(view, key, before, after, last)
            elif view.sinks and before is not after:
                # Most views: what they show is the store's own content, and that has been seen to.
                if last is None:
                    view.tell(difference(before, after))
                else:
                    self._tell(view, before, after, last)

    def _show(self, view: View, key: str, shown: Entry | None, will: Entry | None, last: Entry | None = None) -> None:
        if will is not None:
            view.showing.put(will)
        elif shown is not None:
            view.showing.drop(shown)
        if view.shadow is not None:
            view.shadow.decide(key)
        if view.sinks and shown is not will:
            self._tell(view, shown, will, last)

    @staticmethod
    def _tell(view: View, shown: Entry | None, will: Entry | None, last: Entry | None) -> None:
        if will is None and last is not None and shown is not None and last.uid == shown.uid:
            # A deletion tells the object's last state, where it is the one that was shown and can be read.
            shown = last if last.data is not LEFT_OUT else shown
        view.tell(difference(shown, will))

    def _end_step(self) -> None:
        if self.after_step is not None:
            self.after_step()

    # Filter changes ----------------------------------------------------------------------------------------------

    def refilter_all(self, view: View) -> Iterator[None]:
        """The filter may answer differently for everything: prepare in slices, commit at the end."""
        if view.accepts is None or view not in self._views:
            return
        yield from self._flip(view, None)

    def refilter(self, view: View, *, keys: Iterable[str] = (), namespaces: Iterable[str] = ()) -> Iterator[None]:
        """The filter may answer differently for these keys, and for everything in these namespaces.

        A few are decided in one step at once; more are prepared in slices and committed at the end.
        """
        if view.accepts is None or view not in self._views:
            return
        doubtful: dict[str, Entry | None] = dict.fromkeys(keys)
        shadow = view.shadow
        for content in (self.content,) if shadow is None or not shadow.relist else (self.content, shadow.content):
            for namespace in namespaces:
                doubtful.update(content.within(namespace))  # not by its keys alone, which would be gone through twice
        if len(doubtful) <= FEW:
            for key in doubtful:
                self._refilter_key(view, key)
            self._end_step()
        else:
            yield from self._flip(view, doubtful)

    def _refilter_key(self, view: View, key: str) -> None:
        entry = self.content.entries.get(key)
        self._show(view, key, view.visible(key), entry if entry is not None and view.lets(entry) else None)

    def _flip(self, view: View, only: Mapping[str, object] | None) -> Iterator[None]:
        """Prepare a generation by the filter as it is now, and put it in place; again if it has changed its mind too often."""
        while True:
            if view.shadow is not None:  # there is one generation at a time: that one asks again
                view.shadow.doubt(only)
                return
            shadow = view.shadow = Shadow(view, self.content, only=only)
            try:
                for _ in shadow.prepare():
                    yield
                    if view.shadow is not shadow or view not in self._views:
                        return
                before = view.adopt(shadow)
            finally:
                if view.shadow is shadow:
                    view.shadow = None
            self._tell_bulk([(view, shadow)])
            yield from self.emptied([before], [shadow])
            if not shadow.stale:
                return
            only = shadow.stale_keys

    def _tell_bulk(self, adopted: list[tuple[View, Shadow]]) -> None:
        for view, shadow in adopted:
            if view.sinks and len(bulk := shadow.bulk()):
                view.tell(bulk)
        for view, shadow in adopted:
            if view.on_bulk is not None:
                view.on_bulk(not shadow.stale)
        self._end_step()

    def emptied(self, retired: Iterable[Showing], adopted: Iterable[Shadow]) -> Iterator[None]:
        """Free what the last generation held in slices, but for what a removed view goes on showing."""
        kept = {id(view.showing.content) for view in (*self._removed, *self.views)} | {id(self.content)}
        contents = {id(each.content): each.content for each in retired}
        # Contents come after indexes: one that was still being filled holds its rest in a list, which goes at once, and must
        # not be the last to hold it.
        gone: list[Holder] = [index for each in retired for index in each.indexes.values()]
        gone += [content for place, content in contents.items() if place not in kept]
        return emptied([*gone, *adopted])

    @property
    def preparing(self) -> bool:
        """Whether a bulk change is being prepared for any view."""
        return any(view.shadow is not None for view in self.views)

    # Relists -----------------------------------------------------------------------------------------------------

    def rebuild(self, *, epoch_reset: bool = False, recheck: bool = False) -> Rebuild:
        """Begin a new generation from a list. `epoch_reset`: the server's history was reset, so older is not stale.

        `recheck`: an object may have another content at the version that is here already.
        """
        return Rebuild(self, epoch_reset=epoch_reset, recheck=recheck)

    def clear(self) -> Iterator[None]:
        """The type has gone: every object is deleted, prepared in slices and committed in one step."""
        self.overlay.clear()
        self.progress = 0
        return self.rebuild(epoch_reset=True).finish(0)


class Rebuild:
    """A new generation of a store, filled from a list and put in place of the old one."""

    def __init__(self, store: Store, *, epoch_reset: bool, recheck: bool = False) -> None:
        self._store = store
        self._reset = epoch_reset
        #: Whether an object may have another content at the version that is here already.
        self.recheck: bool = recheck
        self.content: Content = Content()
        self.left_out: set[str] = set()
        if epoch_reset:
            # Versions of the old history say nothing; own writes from now on are of the new one.
            store.overlay.clear()

    def add(self, entry: Entry) -> None:
        """An object of the list. An entry that the store has already stays the same one, and gives no event."""
        self.left_out.discard(entry.key)
        if entry.data is LEFT_OUT:
            self.left_out.add(entry.key)
            self.content.drop(entry)
            return
        old = self._store.content.entries.get(entry.key)
        if old is not None and old.uid == entry.uid and self._stays(old, entry):
            entry = old
        self.content.put(entry)

    def _stays(self, old: Entry, entry: Entry) -> bool:
        if self._reset:
            # Two histories may have given one version to two states.
            return old.version == entry.version and old.data == entry.data
        if self.recheck and old.version == entry.version:
            return bool(old.data == entry.data)
        return bool(entry.version) and old.version >= entry.version

    def remove(self, entry: Entry) -> None:
        """An object of the list has been deleted since."""
        self.left_out.discard(entry.key)
        self.content.drop(entry)

    def finish(self, version: int) -> Iterator[None]:
        """Work out each view's next showing and its differences in slices; then, in one step, commit and tell."""
        shadows: dict[View, Shadow] = {}
        try:
            for _ in range(ROUNDS):
                for view in self._store.views:
                    if view not in shadows:
                        yield from self._begin(view, shadows).prepare()
                    elif shadows[view].stale:
                        yield from shadows[view].again()
            for view in self._store.views:
                # Views that come faster than they can be prepared must not keep the list from being put in place.
                if view not in shadows:
                    for _ in self._begin(view, shadows).prepare():
                        pass
            retired = self._commit(version, shadows)
        finally:
            for view, shadow in shadows.items():
                if view.shadow is shadow:
                    view.shadow = None
        yield from self._store.emptied(retired, shadows.values())

    def _begin(self, view: View, shadows: dict[View, Shadow]) -> Shadow:
        shadow = shadows[view] = view.shadow = Shadow(view, self.content, relist=True)
        return shadow

    def _commit(self, version: int, shadows: dict[View, Shadow]) -> list[Showing]:
        store = self._store
        retired = [Showing(store.content)]
        store.content, store.left_out = self.content, self.left_out
        adopted = [(view, shadows[view]) for view in store.views]
        retired += [view.adopt(shadow) for view, shadow in adopted]
        if self._reset:
            store.progress = version
        store.overlay.relisted(self.content.entries)
        store.advance(version)
        store._tell_bulk(adopted)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - a rebuild is a part of its store
        return retired
