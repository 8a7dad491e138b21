"""Reading JSON documents of unknown shape: what is absent, null or of another type reads as empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

__all__ = ["Document", "listed", "part", "parts", "said_name"]

# Nearly every holder is a dict: asked first, for asking the abstract type takes longer.
_MAPS: tuple[type[Any], ...] = (dict, Mapping)
_DICT: type[Any] = dict

Document: TypeAlias = dict[str, Any]


def part(holder: Mapping[str, Any] | None, *path: str) -> Document:
    """The object at this path; the one that is stored there, or a new empty one."""
    value: Any = holder
    for name in path:
        if not isinstance(value, _MAPS):
            return {}
        value = value.get(name)
    return value if isinstance(value, _DICT) else {}


def listed(holder: Mapping[str, Any] | None, *path: str) -> list[Any]:
    """The array at this path; the one that is stored there, or a new empty one."""
    value = part(holder, *path[:-1]).get(path[-1])
    return cast("list[Any]", value) if isinstance(value, list) else []


def parts(holder: Mapping[str, Any] | None, *path: str) -> list[Document]:
    """The objects in the array at this path; those that are stored there."""
    return [cast("Document", item) for item in listed(holder, *path) if isinstance(item, dict)]


def said_name(meta: Mapping[str, Any]) -> str:
    """What a refusal calls an object that may have no name yet."""
    return meta.get("name") or meta.get("generateName") or "Unknown"
