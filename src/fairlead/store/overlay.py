"""Own writes that the watch has not brought home yet: seen by reads, never by handlers, never in the store.

An own write is laid over the store until the informer has progressed to its resourceVersion, by an event or a bookmark.
A newer state from the server always wins. Deletions are remembered by uid, for their replies may have no version.
"""

from __future__ import annotations

from fairlead.store.entry import Entry

__all__ = ["Overlay"]


class Overlay:
    """The own writes of one informer, by key."""

    __slots__ = ("_entries", "_tombstones")

    def __init__(self) -> None:
        # Invariant: an entry here is newer than the store's, and newer than the informer's progress.
        self._entries: dict[str, Entry] = {}
        # Uid of a deleted object by key; only for objects that the store has, or that the
        # watch is still to bring, so that their end is bound to come.
        self._tombstones: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._entries) + len(self._tombstones)

    def write(self, entry: Entry, stored: Entry | None, progress: int, *, selected: bool) -> None:
        """Remember a written object; `selected` says whether the informer's selectors choose it."""
        if not entry.version or entry.version <= progress or (stored is not None and stored.version >= entry.version):
            return
        if not selected and stored is None:
            self._entries.pop(entry.key, None)
            return
        self._tombstones.pop(entry.key, None)
        self._entries[entry.key] = entry if selected else entry.with_data(None)

    def delete(self, key: str, uid: str, stored: Entry | None) -> None:
        """Remember that the object with this uid has gone."""
        laid = self._entries.get(key)
        to_come = laid is not None and laid.uid == uid
        if to_come:
            del self._entries[key]
        if to_come or (stored is not None and stored.uid == uid):
            self._tombstones[key] = uid

    def observed(self, key: str, entry: Entry | None) -> None:
        """Forget what an event has brought home or overtaken: `entry` is the store's now, None after a deletion."""
        if not self._entries and not self._tombstones:
            return
        laid = self._entries.get(key)
        if laid is not None and entry is not None and entry.version >= laid.version:
            del self._entries[key]
        if key in self._tombstones and (entry is None or entry.uid != self._tombstones[key]):
            del self._tombstones[key]

    def progressed(self, version: int) -> None:
        """Forget what the informer has passed."""
        if not self._entries:
            return
        for key in [key for key, laid in self._entries.items() if laid.version <= version]:
            del self._entries[key]

    def clear(self) -> None:
        """Forget everything: the server's history was reset, or the type has gone."""
        self._entries.clear()
        self._tombstones.clear()

    def seen(self, key: str, stored: Entry | None) -> Entry | None:
        """What a read of this key sees, given what the store has."""
        if stored is not None and self._tombstones.get(key) == stored.uid:
            stored = None
        laid = self._entries.get(key)
        if laid is None or (stored is not None and stored.version >= laid.version):
            return stored
        return None if laid.data is None else laid

    def laid(self) -> list[Entry]:
        """The own writes to be seen beside the store."""
        return list(self._entries.values())

    @property
    def hidden(self) -> frozenset[str]:
        """The keys whose stored entry is not seen as it is stored."""
        return frozenset(self._entries) | frozenset(self._tombstones)
