"""What a change means to one view: an object came, changed, or went."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from enum import Enum
from typing import Protocol

import msgspec

from fairlead.store.entry import Entry

__all__ = ["Additions", "BulkChange", "Change", "Delta", "Deltas", "Difference", "difference"]


class Change(Enum):
    """The three things that can be told of an object."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


# A member of an enum costs a search in its class each time.
_ADD, _UPDATE, _DELETE = Change.ADD, Change.UPDATE, Change.DELETE


class Delta(msgspec.Struct, frozen=True, gc=False):
    """One difference between a view's visible set before and after a step."""

    change: Change
    old: Entry | None
    new: Entry | None
    #: A deletion that was noticed by its absence from a list, so the last state before it was not seen.
    final_state_unknown: bool = False


def difference(before: Entry | None, after: Entry | None, *, unknown: bool = False) -> tuple[Delta, ...]:
    """What to tell when an object's visible entry changes. Another uid under one key is a delete, then an add."""
    if before is None:
        return () if after is None else (Delta(_ADD, None, after),)
    if after is None:
        return (Delta(_DELETE, before, None, final_state_unknown=unknown),)
    if before.uid == after.uid:
        return (Delta(_UPDATE, before, after),)
    return Delta(_DELETE, before, None, final_state_unknown=True), Delta(_ADD, None, after)


class Deltas(Protocol):
    """Differences in order, as often as they are asked for. The length may be an estimate."""

    def __iter__(self) -> Iterator[Delta]: ...
    def __len__(self) -> int: ...


class Difference(msgspec.Struct, gc=False):
    """What a view shows under a key, and what it will. The collector would go through as many tuples, again and again."""

    before: Entry | None
    after: Entry | None


class Additions:
    """What is there when a handler is added, or what a first list brings; made into deltas when they are delivered.

    Holds the entries alone: a list of a hundred thousand objects needs no more than that while handlers are told.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Delta]:
        return (Delta(_ADD, None, entry) for entry in self._entries)


class BulkChange:
    """What a relist, or a filter's change of mind, changed in a view; made into deltas when they are delivered."""

    __slots__ = ("_changes", "_missing")

    def __init__(self, changes: Mapping[str, Difference], missing: Container[str] = frozenset()) -> None:
        # What was shown and what is shown, by key; nothing changes it any more.
        self._changes = changes
        # Keys of objects whose end was noticed by their absence alone.
        self._missing = missing

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[Delta]:
        """The differences. Each is let go of when it has been given: freed all at once, many would hold the loop."""
        return _each(list(self._changes.values()), self._missing)


def _each(changes: list[Difference], missing: Container[str]) -> Iterator[Delta]:
    changes.reverse()
    while changes:
        change = changes.pop()
        before = change.before
        yield from difference(before, change.after, unknown=before is not None and before.key in missing)
