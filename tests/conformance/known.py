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
        "extensions/a binding of a policy",
        0,
        "The one list that is a set in its schema and none to the server's field manager is owned as a set here.",
    ),
    *(
        Known(
            "extensions/slices and classes of devices",
            step,
            "Kubelets' drivers and administrators write these; what is wrong with them is not looked at yet.",
        )
        for step in (0, 1)
    ),
    Known(
        "extensions/a watch that is asked as a list",
        1,
        "The server fails to write the first event and says nothing at all; here the objects come as their metadata.",
    ),
    Known(
        "extensions/an empty list in a refusal",
        0,
        "Empty lists are read as absent where the server cannot tell them apart but in what it prints.",
    ),
    Known(
        "changes/stateful sets",
        7,
        "The refusal shows claims as the server's own structs, which are not among those that messages are printed with.",
    ),
]
