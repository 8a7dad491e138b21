"""Own writes that the watch has not brought home yet: seen by reads, never by handlers, never in the store.

An own write is laid over the store until the informer has progressed to its resourceVersion, by an event or a bookmark.
A newer state from the server always wins. Deletions are remembered by uid, for their replies may have no version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from fairlead.store.entry import LEFT_OUT, Entry

__all__ = ["Overlay"]

T = TypeVar("T")

#: How many own writes are remembered of objects that the watch has not brought yet and may never bring.
EXPECTED = 1024


class _End(NamedTuple):
    """An object that is known to have ended; so have those that its key had before."""

    uid: str
    #: Where the store has not had the object yet: the version it was made at. Passed without it, nothing is to come.
    made: int
    #: The version it had, as far as is known: where objects have no uids (types that functions serve), a newer one is another.
    last: int

    def was(self, entry: Entry) -> bool:
        """Whether this is the end of that object."""
        return entry.uid == self.uid and (bool(self.uid) or entry.version <= self.last)


class Overlay:
    """The own writes of one informer, by key."""

    __slots__ = ("_dead", "_out", "tombstones", "written")

    def __init__(self) -> None:
        #: Own writes by key, for reads. Invariant: an entry here is newer than the store's, and newer than the informer's
        #: progress. Its data is LEFT_OUT where the write took the object out of the informer's selection.
        self.written: dict[str, Entry] = {}
        #: Ended objects by key; only those that the store has, or that the watch is still to bring, so that their end is
        #: bound to come.
        self.tombstones: dict[str, _End] = {}
        # For states that the watch may still have on its way, of objects that the store does not have: writes that took
        # one out of the selection, and the uids of ended ones. Seen by no read; the oldest are forgotten first.
        self._out: dict[str, Entry] = {}
        self._dead: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.written) + len(self.tombstones)

    @property
    def used(self) -> bool:
        """Whether anything is remembered, seen by reads or not: what there is to forget."""
        return bool(self.written or self.tombstones or self._out or self._dead)

    def write(self, entry: Entry, stored: Entry | None, progress: int, *, selected: bool) -> None:
        """Remember a written object; `selected` says whether the informer's selectors choose it."""
        key, laid, end = entry.key, self.written.get(entry.key), self.tombstones.get(entry.key)
        if not entry.version or entry.version <= progress or (stored is not None and stored.version >= entry.version):
            return
        # Replies may overtake one another: the newest write counts, and what has ended does not come back.
        if laid is not None and laid.version >= entry.version:
            return
        if (end is not None and end.was(entry)) or self._dead.get(key) == entry.uid:
            return
        if not selected:
            entry = entry.with_data(LEFT_OUT)
            if stored is None and laid is None:
                _remember(self._out, key, entry)
                return
        if end is not None:
            del self.tombstones[key]
        self.written[key] = entry

    def delete(self, key: str, uid: str, stored: Entry | None) -> None:
        """Remember that the object with this uid has gone."""
        laid = self.written.get(key)
        if laid is not None and laid.uid == uid:
            del self.written[key]
        else:
            laid = None
        if stored is not None and stored.uid == uid:
            self.tombstones[key] = _End(uid, 0, stored.version)
        elif laid is not None and laid.data is not LEFT_OUT:
            self.tombstones[key] = _End(uid, laid.version, laid.version)
        elif uid:
            _remember(self._dead, key, uid)

    def observed(self, key: str, entry: Entry | None) -> None:
        """Forget what an event has brought home or overtaken: `entry` is the store's now, None after a deletion."""
        if entry is not None and (self._out or self._dead):
            self._arrived(key, entry)
        if not self.written and not self.tombstones:
            return
        laid, end = self.written.get(key), self.tombstones.get(key)
        if laid is not None and entry is not None and entry.version >= laid.version:
            del self.written[key]
        elif laid is not None and entry is None and laid.data is LEFT_OUT:
            # It has left the selection, as was written; only older states could still come.
            _remember(self._out, key, self.written.pop(key))
        if end is None:
            return
        # The end of an earlier life says nothing of one that is still to come; progress does.
        gone = not end.made if entry is None else not end.was(entry) and entry.version > end.made
        if gone:
            del self.tombstones[key]

    def _arrived(self, key: str, entry: Entry) -> None:
        """The event of an object of which an own write was answered before the store had it."""
        if self._dead.get(key) == entry.uid:
            del self._dead[key]
            self.tombstones[key] = _End(entry.uid, 0, entry.version)
        written = self._out.get(key)
        if written is not None and written.uid == entry.uid:
            del self._out[key]
            if written.version > entry.version:
                self.written.setdefault(key, written)

    def progressed(self, version: int, stored: Mapping[str, Entry]) -> None:
        """Forget what the informer has passed."""
        for written in (self.written, self._out):
            for key in [key for key, entry in written.items() if entry.version <= version] if written else ():
                del written[key]
        if self.tombstones:
            for key, end in list(self.tombstones.items()):
                entry = stored.get(key)
                if 0 < end.made <= version and (entry is None or not end.was(entry)):
                    del self.tombstones[key]

    def awaits(self, version: int) -> bool:
        """Whether the watch is still to bring something that was written by this version."""
        return any(laid.version <= version for laid in self.written.values()) or any(
            0 < end.made <= version for end in self.tombstones.values()
        )

    def relisted(self, stored: Mapping[str, Entry]) -> None:
        """A list has been put in place: forget what it has brought home, overtaken, or does not have any more."""
        for key in self.hidden:
            self.observed(key, stored.get(key))
        for key in (*self._out, *self._dead):
            # A list may be older than what is not in it.
            if key in stored:
                self._arrived(key, stored[key])

    def clear(self) -> None:
        """Forget everything: the server's history was reset, or the type has gone."""
        for each in (self.written, self.tombstones, self._out, self._dead):
            each.clear()

    def seen(self, key: str, stored: Entry | None) -> Entry | None:
        """What a read of this key sees, given what the store has."""
        end = self.tombstones.get(key)
        if end is not None and stored is not None and (end.was(stored) or stored.version < end.made):
            stored = None
        laid = self.written.get(key)
        if laid is None or (stored is not None and stored.version >= laid.version):
            return stored
        return None if laid.data is LEFT_OUT else laid

    @property
    def hidden(self) -> frozenset[str]:
        """The keys whose stored entry is not seen as it is stored."""
        return frozenset(self.written) | frozenset(self.tombstones)


def _remember(memory: dict[str, T], key: str, value: T) -> None:
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > EXPECTED:
        del memory[next(iter(memory))]
