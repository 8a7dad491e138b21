"""What one view shows of one informer: its visible set, with own writes laid over it for reads.

A view of several namespaces has one look for each, on as many informers. Namespaces do not overlap, so that each key is
found in one look alone, and what is told of a key comes in the order of one store.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from fairlead.client.filters import FilterChange
from fairlead.informer.informer import Informer
from fairlead.store.entry import Entry
from fairlead.store.view import Sink, View

__all__ = ["BULK", "Look"]

#: More objects than this are refiltered in slices.
BULK = 1000

Extract = Callable[[Entry], Iterable[Hashable]]


class Look:
    """One informer as a view sees it."""

    __slots__ = ("_store", "informer", "namespace", "view")

    def __init__(self, informer: Informer, accepts: Callable[[Entry], bool] | None) -> None:
        self.informer: Informer = informer
        #: The one namespace that the informer has; empty for all.
        self.namespace: str = informer.identity.selection.namespace
        self._store = informer.store
        self.view: View = informer.store.add_view(accepts)

    # Reads -----------------------------------------------------------------------------------------------------

    def entry(self, key: str) -> Entry | None:
        """What a read of this key sees."""
        entry = self.view.showing.content.entries.get(key)
        return self._overlaid(key, entry) if len(self._store.overlay) else entry

    def entries(self, namespace: str | None) -> list[Entry]:
        """What a read of a namespace, or of all, sees: one snapshot."""
        entries = self.view.showing.content.snapshot(namespace)
        overlay = self._store.overlay
        if not len(overlay):
            return entries
        hidden = overlay.hidden
        seen = [entry for entry in entries if entry.key not in hidden]
        seen += [entry for entry in self._laid(hidden) if namespace is None or entry.namespace == namespace]
        return seen

    def unfiltered(self, namespace: str | None) -> list[Entry]:
        """As `entries`, but whatever the filter says."""
        entries = self._store.content.snapshot(namespace)
        overlay = self._store.overlay
        if not len(overlay):
            return entries
        stored = self._store.content.entries
        hidden = overlay.hidden
        seen = [entry for entry in entries if entry.key not in hidden]
        laid = (overlay.seen(key, stored.get(key)) for key in sorted(hidden))
        seen += [each for each in laid if each is not None and (namespace is None or each.namespace == namespace)]
        return seen

    def lookup(self, name: str, key: Hashable, extract: Extract) -> list[Entry]:
        """What a read of an index sees under one of its keys."""
        index = self.view.showing.indexes.get(name)
        entries = index.lookup(key) if index is not None else []
        overlay = self._store.overlay
        if not len(overlay):
            return entries
        hidden = overlay.hidden
        entries = [entry for entry in entries if entry.key not in hidden]
        return entries + [entry for entry in self._laid(hidden) if key in extract(entry)]

    def _laid(self, hidden: Iterable[str]) -> Iterator[Entry]:
        for key in sorted(hidden):
            entry = self._overlaid(key, self.view.visible(key))
            if entry is not None:
                yield entry

    def _overlaid(self, key: str, visible: Entry | None) -> Entry | None:
        """What a read of this key sees, given what the view shows."""
        stored = self._store.content.entries.get(key)
        entry = self._store.overlay.seen(key, stored)
        if entry is stored:
            return visible
        return entry if entry is not None and self.view.lets(entry) else None

    @property
    def visible(self) -> int:
        """How many objects are shown, own writes apart."""
        return len(self.view.showing.content.entries)

    # Indexes and sinks -----------------------------------------------------------------------------------------

    def add_index(self, name: str, extract: Extract) -> None:
        """Index what is shown, now and from now on."""
        self._store.add_index(self.view, name, extract)

    def index_keys(self, name: str) -> list[Hashable]:
        """The keys under which an index has anything."""
        index = self.view.showing.indexes.get(name)
        return index.keys() if index is not None else []

    def shown(self) -> list[Entry]:
        """What handlers have been, or are being, told of."""
        return self.view.showing.content.snapshot(None)

    def attach(self, sink: Sink) -> None:
        """Have a sink told of each difference from now on."""
        self.view.sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        """Tell a sink no more; idempotent."""
        if sink in self.view.sinks:
            self.view.sinks.remove(sink)

    # Filter ----------------------------------------------------------------------------------------------------

    def refilter(self, change: FilterChange, *, ready: bool, done: Callable[[], None]) -> None:
        """The filter has changed its mind: at once where that concerns few objects, else in slices. Then call `done`."""
        store = self._store
        if not ready or change.everything or store.count_in(change.namespaces or ()) > BULK:
            self.informer.drive(self._refilter_all(done))
            return
        if change.namespaces:
            store.refilter_namespaces(self.view, change.namespaces)
        if change.keys:
            store.refilter(self.view, change.keys)
        done()

    def _refilter_all(self, done: Callable[[], None]) -> Iterator[None]:
        yield from self._store.refilter_all(self.view)
        done()

    def close(self) -> None:
        """Look no more; what was shown last stays to be read."""
        self._store.remove_view(self.view)
