"""What one view shows of one informer: its visible set, with own writes laid over it for reads.

A view of several namespaces has one look for each, on as many informers. Namespaces do not overlap, so that each key is
found in one look alone, and what is told of a key comes in the order of one store.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from fairlead.client.feeding import AS_TOLD, FilterChange
from fairlead.informer.informer import Informer
from fairlead.machinery.selectors import LabelSelector
from fairlead.store.entry import Entry
from fairlead.store.view import Sink, View

__all__ = ["Look"]

Extract = Callable[[Entry], Iterable[Hashable]]

#: From how many objects on a read by labels files them by a label that it asks for, instead of going through all.
LABEL_INDEX_FROM = 256
#: What a label's index is called: no user's index is, as names do not begin like this.
_BY_LABEL = "\0label "


def _labelled(key: str) -> Extract:
    def extract(entry: Entry) -> Iterable[Hashable]:
        value = entry.labels.get(key)
        return () if value is None else (value,)

    return extract


class Look:
    """One informer as a view sees it."""

    __slots__ = ("_done", "_optional", "_store", "built", "informer", "namespace", "view")

    def __init__(
        self, informer: Informer, accepts: Callable[[Entry], bool] | None, done: Callable[[], None], *, optional: bool
    ) -> None:
        self.informer: Informer = informer
        # Whether to know that the type is absent is to know all; other looks at the informer may see that otherwise.
        self._optional = optional
        #: The one namespace that the informer has; empty for all.
        self.namespace: str = informer.identity.selection.namespace
        #: Whether the filter, once it was ready, has been asked about everything that is here.
        self.built: bool = accepts is None
        # Called when a bulk change has been put in place.
        self._done = done
        self._store = informer.store
        self.view: View = informer.store.add_view(accepts)
        self.view.on_bulk = self._bulk_changed

    def begin(self, *, filter_ready: bool) -> None:
        """Ask the filter about what is here already."""
        if not self.built and filter_ready:
            if self._store.content.entries:
                self.informer.drive(self._store.refilter_all(self.view))
            else:
                self.built = True

    @property
    def synced(self) -> bool:
        """Whether the informer has what there is to see."""
        return self.informer.synced.is_set() if self._optional else self.informer.listed

    # Reads -----------------------------------------------------------------------------------------------------

    @property
    def _written(self) -> bool:
        """Whether own writes lie over what is shown, for whoever reads now."""
        return bool(len(self._store.overlay)) and not AS_TOLD.get()

    def entry(self, key: str) -> Entry | None:
        """What a read of this key sees."""
        entry = self.view.showing.content.entries.get(key)
        # As `_written`, without a call: this is asked most of all.
        overlay = self._store.overlay
        written = (overlay.written or overlay.tombstones) and not AS_TOLD.get()
        return self._overlaid(key, entry) if written else entry

    def entries(self, namespace: str | None) -> list[Entry]:
        """What a read of a namespace, or of all, sees: one snapshot."""
        entries = self.view.showing.content.snapshot(namespace)
        if not self._written:
            return entries
        hidden = self._store.overlay.hidden
        seen = [entry for entry in entries if entry.key not in hidden]
        seen += [entry for entry in self._laid(hidden) if namespace is None or entry.namespace == namespace]
        return seen

    def unfiltered(self, namespace: str | None) -> list[Entry]:
        """As `entries`, but whatever the filter says."""
        entries = self._store.content.snapshot(namespace)
        if not self._written:
            return entries
        stored, overlay = self._store.content.entries, self._store.overlay
        hidden = overlay.hidden
        seen = [entry for entry in entries if entry.key not in hidden]
        laid = (overlay.seen(key, stored.get(key)) for key in sorted(hidden))
        seen += [each for each in laid if each is not None and (namespace is None or each.namespace == namespace)]
        return seen

    def selected(self, namespace: str | None, selector: LabelSelector) -> list[Entry]:
        """What a read by labels sees: from an index, which is made when it is first needed, where that leads to fewer."""
        content = self.view.showing.content
        size = len(content.entries if namespace is None else content.within(namespace))
        indexed = size >= LABEL_INDEX_FROM and self._store.keeps(self.view)
        candidates = self._by_label(selector, size) if indexed else None
        matches = selector.matches
        if candidates is None:
            return [entry for entry in self.entries(namespace) if matches(entry.labels)]
        within = [entry for entry in candidates if namespace is None or entry.namespace == namespace]
        return [entry for entry in within if matches(entry.labels)]

    def _by_label(self, selector: LabelSelector, size: int) -> list[Entry] | None:
        """What has one of the labels that a selector asks for, if that is few of `size`; the selector itself decides."""
        indexes = self.view.showing.indexes
        for requirement in selector.requirements:
            if requirement.operator != "in":
                continue
            name = _BY_LABEL + requirement.key
            extract = _labelled(requirement.key)
            if name not in indexes:
                # Nobody drives its filling: it is needed now, and so filled at once.
                self._store.add_index(self.view, name, extract)
            if sum(map(indexes[name].count, requirement.values)) <= size // 4:
                return [entry for value in requirement.values for entry in self.lookup(name, value, extract)]
        return None

    def lookup(self, name: str, key: Hashable, extract: Extract) -> list[Entry]:
        """What a read of an index sees under one of its keys."""
        index = self.view.showing.indexes.get(name)
        if index is None:  # of a view that is closed
            return [entry for entry in self.entries(None) if key in extract(entry)]
        entries = index.lookup(key)
        if not self._written:
            return entries
        hidden = self._store.overlay.hidden
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
        filling = self._store.add_index(self.view, name, extract)
        if self.view.showing.indexes[name].filling:
            self.informer.drive(filling)

    def index_keys(self, name: str, extract: Extract) -> Iterable[Hashable]:
        """The keys under which an index has anything, own writes laid over it."""
        index = self.view.showing.indexes.get(name)
        if index is None:  # of a view that is closed
            return [key for entry in self.entries(None) for key in extract(entry)]
        if not self._written:
            return index.keys()
        hidden = self._store.overlay.hidden
        laid = [key for entry in self._laid(hidden) for key in extract(entry)]
        return [*index.keys(hidden), *laid]

    def shown(self) -> list[Entry]:
        """What handlers have been, or are being, told of."""
        return self.view.showing.content.snapshot(None)

    def attach(self, sink: Sink) -> None:
        """Have a sink told of each difference from now on."""
        self.view.attach(sink)

    def detach(self, sink: Sink) -> None:
        """Tell a sink no more; idempotent."""
        self.view.detach(sink)

    # Filter ----------------------------------------------------------------------------------------------------

    def refilter(self, change: FilterChange) -> None:
        """The filter has changed its mind: at once where that concerns few objects, else in slices."""
        if change.everything or not self.built:
            self.informer.drive(self._store.refilter_all(self.view))
        else:
            # Sorted, so that the same change is told in the same order each time.
            keys, namespaces = sorted(change.keys or ()), sorted(change.namespaces or ())
            self.informer.drive(self._store.refilter(self.view, keys=keys, namespaces=namespaces))

    def _bulk_changed(self, fresh: bool) -> None:
        """A relist or a change of the filter's mind has been put in place; `fresh`: the filter still means it."""
        if fresh:
            self.built = True
            self._done()
        else:
            self.informer.drive(self._store.refilter_all(self.view), at_once=False)

    def close(self) -> None:
        """Look no more; what was shown last stays to be read."""
        self.view.on_bulk = None
        self._store.remove_view(self.view)
