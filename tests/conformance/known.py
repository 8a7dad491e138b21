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
    Known(
        "extensions/slices and classes of devices",
        0,
        "Kubelets' drivers write slices; what is wrong with them is not looked at yet.",
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
        "open_ends/a template generation that is no number",
        1,
        "the annotation is written anew with what is counted; nobody but the server writes it",
    ),
    Known(
        "open_ends/an autoscaler's CPU that was told in the older version",
        2,
        "the average that comes to it as zero in v1 is stored at once, the real server stores it with the next write",
    ),
    Known("open_ends/a creation in an empty namespace", 0, "it is refused as not allowed before the body is read"),
    Known(
        "open_ends/keys that are equal numbers, written in two ways",
        2,
        "whole numbers are integers from when they are read: a 1.0 is the same key as a 1",
    ),
    Known("open_ends/the keys that tokens are signed with", 0, "tokens are not signed, so the set of keys is empty"),
    Known(
        "described/a document as protobuf",
        0,
        "OpenAPI documents of the third version are given as JSON only, which every client takes too.",
    ),
]
