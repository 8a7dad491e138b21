"""Values in the form in which kube-apiserver holds them itself, as some of its messages print them.

The fields are named as in its Go structs, and all of them are there: `{"Name":"c","Image":"nginx","Command":null,…}`.
"""

from __future__ import annotations

import difflib
import functools
import json
from importlib.resources import files
from typing import Any, cast

import msgspec

from fairlead.apiserver.documents import Document

__all__ = ["difference", "internal"]

_EMPTY: dict[str, Any] = {"s": "", "i": 0, "b": False, "q": "0"}
_META = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
)  # fmt: skip


@functools.cache
def _structs() -> dict[str, list[tuple[str, str, str]]]:
    raw = files("fairlead.schemas").joinpath("internals.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, list[tuple[str, str, str]]])


def internal(struct: str, value: Document) -> Document:
    """The value as the server's own struct (`core.PodSpec`)."""
    found: Document = {}
    for name, wire, kind in _structs()[struct]:
        if kind == "m":
            meta = cast("Document", value.get(wire) or {})
            found.update((key, _sorted(meta[key])) for key in _META if key in meta)
        else:
            found[name] = _field(kind, value.get(wire))
    return found


def _field(kind: str, value: Any) -> Any:
    if kind.startswith("[]"):
        return [internal(kind[2:], item) for item in value] if value else None
    if kind.startswith("*"):
        return None if value is None else internal(kind[1:], value)
    if "." in kind:
        return internal(kind, value or {})
    if kind == "l":
        return _sorted(value) if value else None
    if kind == "?":
        return value
    return _EMPTY[kind] if value is None else value


def _sorted(value: Any) -> Any:
    return dict(sorted(cast("Document", value).items())) if isinstance(value, dict) else value


def difference(struct: str, old: Document, new: Document) -> str:
    """What differs between two values, as a unified diff of their own forms; empty when nothing does."""
    before, after = (_lines(struct, value) for value in (old, new))
    return "".join(list(difflib.unified_diff(before, after, n=3))[2:])


def _lines(struct: str, value: Document) -> list[str]:
    text = json.dumps(internal(struct, value), indent=1, ensure_ascii=False)
    return [f"{line}\n" for line in text.split("\n")]
