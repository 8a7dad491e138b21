"""What the three kinds of patch share: their error, copies of JSON values, and values as Go prints them."""

from __future__ import annotations

from typing import Any, TypeGuard, cast

__all__ = ["PatchError", "copied", "is_list", "is_map", "shown"]


class PatchError(ValueError):
    """A patch is malformed or does not apply; the message is what kube-apiserver says."""


def is_map(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is a JSON array."""
    return isinstance(value, list)


def copied(value: Any) -> Any:
    """A JSON value that shares no object or array with the original."""
    if is_map(value):
        return {key: copied(item) for key, item in value.items()}
    if is_list(value):
        return [copied(item) for item in value]
    return value


def shown(value: object) -> str:
    """The value as Go's `%v` prints it, as it stands in the server's messages."""
    if is_map(value):
        return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"
    if is_list(value):
        return f"[{' '.join(map(shown, value))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(cast(Any, value))
