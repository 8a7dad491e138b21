"""Entries by key and namespace, indexes over them, and what a view shows of them at one moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from fairlead.store.entry import Entry

__all__ = ["SLICE", "Content", "Holder", "Index", "Showing", "emptied"]

#: After how many objects a generator gives its driver the chance to let others run, where no function of the user's is
#: called; else it does so after each.
SLICE = 16

#: The keys under which an index files an entry; it reports and returns none where the user's function raises.
Extract = Callable[[Entry], Iterable[Hashable]]
_NONE: Mapping[str, Entry] = {}


class Index:
    """Entries by keys of the user's choice; several keys per entry.

    An index that is added over many entries is filled bit by bit. Who looks something up before that is done fills it first.
    """

    __slots__ = ("_by_entry", "_by_value", "_present", "_rest", "extract")

    def __init__(self, extract: Extract, entries: Mapping[str, Entry] = _NONE) -> None:
        self.extract: Extract = extract
        self._by_value: dict[Hashable, dict[str, Entry]] = {}
        # Invariant: every (value, key) in _by_value stands here too, so that an entry can be taken out again.
        self._by_entry: dict[str, tuple[Hashable, ...]] = {}
        # What was there when the index was made and is still to be filed, the last first. A list, which is made at once
        # however many there are: so it may have what is not present any more, and is passed over.
        self._rest: list[Entry] = list(entries.values())
        self._rest.reverse()
        self._present: Mapping[str, Entry] = entries

    @property
    def filling(self) -> bool:
        """Whether entries are still to be filed."""
        return bool(self._rest)

    def fill(self) -> None:
        """File one of the entries that are still to be filed."""
        entry = self._rest.pop()
        if self._present.get(entry.key) is entry:
            self.put(entry)

    def put(self, entry: Entry) -> None:
        """File an entry, in place of what was filed under its key."""
        self.drop(entry.key)
        self._file(entry, tuple(dict.fromkeys(self.extract(entry))))

    def put_as(self, entry: Entry, other: Index) -> None:
        """File an entry as another index of the same function has it, without calling the function again."""
        values = other._by_entry.get(entry.key)
        if values is None and other._rest:
            self.put(entry)
        else:
            self._file(entry, values or ())

    def _file(self, entry: Entry, values: tuple[Hashable, ...]) -> None:
        if values:
            self._by_entry[entry.key] = values
            for value in values:
                self._by_value.setdefault(value, {})[entry.key] = entry

    def drop(self, key: str) -> None:
        """Take out what is filed under a key."""
        for value in self._by_entry.pop(key, ()):
            filed = self._by_value[value]
            filed.pop(key, None)
            if not filed:
                del self._by_value[value]

    def _complete(self) -> None:
        while self._rest:
            self.fill()

    def lookup(self, value: Hashable) -> list[Entry]:
        """The entries under a value."""
        self._complete()
        filed = self._by_value.get(value)
        return list(filed.values()) if filed else []

    def count(self, value: Hashable) -> int:
        """How many entries are under a value."""
        self._complete()
        return len(self._by_value.get(value, ()))

    def keys(self, hidden: Collection[str] = ()) -> list[Hashable]:
        """The values under which anything is filed; `hidden` are keys of entries that do not count."""
        self._complete()
        if not hidden:
            return list(self._by_value)
        return [value for value, filed in self._by_value.items() if any(key not in hidden for key in filed)]

    def holders(self) -> Iterator[dict[Any, Any]]:
        """All that holds its entries, each taken out of what holds it; for an index that nobody reads any more."""
        self._rest.clear()
        while self._by_value:
            yield self._by_value.popitem()[1]
        yield self._by_entry


class Content:
    """Entries by key and by namespace. Readers get one snapshot per call."""

    __slots__ = ("_namespaces", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        # Invariant: the same entries as above, one dict per namespace that has any, beside the one text of its name.
        self._namespaces: dict[str, tuple[str, dict[str, Entry]]] = {}

    def put(self, entry: Entry) -> None:
        """Store an entry, in place of what its key had."""
        self.entries[entry.key] = entry
        within = self._namespaces.get(entry.namespace)
        if within is None:
            within = self._namespaces[entry.namespace] = (entry.namespace, {})
        entry.namespace, inner = within
        inner[entry.key] = entry

    def drop(self, entry: Entry) -> None:
        """Take out whatever the entry's key has."""
        if self.entries.pop(entry.key, None) is None:
            return
        _, inner = self._namespaces[entry.namespace]
        inner.pop(entry.key, None)
        if not inner:
            del self._namespaces[entry.namespace]

    def within(self, namespace: str) -> Mapping[str, Entry]:
        """The entries of a namespace by key, as they are now."""
        within = self._namespaces.get(namespace)
        return within[1] if within else _NONE

    def holders(self) -> Iterator[dict[Any, Any]]:
        """All that holds its entries."""
        yield self.entries
        for _, inner in self._namespaces.values():
            yield inner

    def snapshot(self, namespace: str | None) -> list[Entry]:
        """The entries of a namespace, or all."""
        return list((self.entries if namespace is None else self.within(namespace)).values())


class Holder(Protocol):
    """What may hold many entries."""

    def holders(self) -> Iterator[dict[Any, Any]]:
        """All that holds them."""
        ...


def emptied(retired: Iterable[Holder]) -> Iterator[None]:
    """Empty what nobody reads any more, some entries at a time: freeing many at once would hold the loop."""
    freed = 0
    for held in (each for one in retired for each in one.holders()):
        while held:
            held.popitem()
            freed += 1
            if freed % SLICE == 0:
                yield


class Showing:
    """What a view shows: its content and its indexes over it. A view without a filter shows the store's own content."""

    __slots__ = ("content", "indexes", "shared")

    def __init__(self, content: Content | None = None, indexes: dict[str, Index] | None = None) -> None:
        #: Whether `content` belongs to the store, which then keeps it.
        self.shared: bool = content is not None
        self.content: Content = content if content is not None else Content()
        self.indexes: dict[str, Index] = indexes if indexes is not None else {}

    def put(self, entry: Entry) -> None:
        """Show an entry, in place of what its key showed."""
        if not self.shared:
            self.content.put(entry)
        for index in self.indexes.values():
            index.put(entry)

    def drop(self, entry: Entry) -> None:
        """Show nothing under the entry's key."""
        if not self.shared:
            self.content.drop(entry)
        for index in self.indexes.values():
            index.drop(entry.key)

    def keep(self, entry: Entry, present: Showing) -> None:
        """Show an entry as the present generation does."""
        if not self.shared:
            self.content.put(entry)
        for name, index in self.indexes.items():
            index.put_as(entry, present.indexes[name])

    def next_generation(self, content: Content | None) -> Showing:
        """An empty showing with the same indexes, to be filled beside this one."""
        return Showing(content, {name: Index(index.extract) for name, index in self.indexes.items()})

    def take_over_indexes(self, present: Showing) -> None:
        """Have the indexes that were added to the present generation since this one was begun; they are still to be filled."""
        for name, index in present.indexes.items():
            if name not in self.indexes:
                self.indexes[name] = Index(index.extract, self.content.entries)
