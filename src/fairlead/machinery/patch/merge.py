"""Merge patches (RFC 7386), as an API server takes them."""

from __future__ import annotations

from typing import Any

from fairlead.machinery.patch.values import copied, is_list, is_map

__all__ = ["merge_patch"]


def merge_patch(document: Any, patch: Any) -> Any:
    """The document after a merge patch (RFC 7386): objects merge, null removes, all else replaces.

    As in the server, fields that are null are dropped from objects inside arrays too, which the RFC would keep; not from
    those of an array that takes an object's place.
    """
    if not is_map(patch):
        return copied(patch)
    merged: dict[str, Any] = dict(document) if is_map(document) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif is_map(merged.get(key)):
            merged[key] = merge_patch(merged[key], value)
        else:
            merged[key] = _without_nulls(value)
    return {key: value if key in patch else copied(value) for key, value in merged.items()}


def _without_nulls(value: Any) -> Any:
    if is_map(value):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if is_list(value):
        return [_without_nulls(item) for item in value]
    return value
