"""What handlers are told."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

from fairlead.machinery.names import ObjectKey

__all__ = ["Event"]

V_co = TypeVar("V_co", covariant=True)


class Event(msgspec.Struct, Generic[V_co], frozen=True):
    """One change of what a view shows. `old` is None for an add, `new` is None for a delete."""

    type: Literal["add", "update", "delete"]
    key: ObjectKey
    old: V_co | None
    new: V_co | None
    #: Part of what was there when the handler was added.
    initial: bool = False
    #: A deletion noticed only by the object's absence: the last state before it was not seen.
    final_state_unknown: bool = False

    @property
    def object(self) -> V_co:
        """The newest state known: `new`, or `old` after a deletion."""
        latest = self.new if self.new is not None else self.old
        assert latest is not None  # noqa: S101 - an event has at least one side
        return latest
