"""Differences that are known, each with its reason. One that no longer differs fails, so that it is taken out."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KNOWN", "Known"]


@dataclass(frozen=True)
class Known:
    """At this step of this case (`area/name`) the in-memory server answers otherwise."""

    case: str
    step: int
    reason: str


KNOWN: list[Known] = [
    Known(
        "changes/stateful sets",
        7,
        "The refusal shows claims as the server's own structs, which are not among those that messages are printed with.",
    ),
]
