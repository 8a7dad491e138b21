"""Values as Go's field errors print them (`k8s.io/apimachinery/pkg/util/validation/field`)."""

from __future__ import annotations

import json
from typing import Any

from fairlead.machinery.validation import quote

__all__ = ["go_number", "go_struct", "go_value"]


def go_value(value: Any) -> str:
    """Strings quoted, floats as %v, everything else as compact JSON."""
    if isinstance(value, float):
        return go_number(value)
    if isinstance(value, str):
        return quote(value)
    return _json(value, sort_keys=True)


def go_struct(value: Any) -> str:
    """What stands for a Go struct: its fields in the order given."""
    return _json(value, sort_keys=False)


def _json(value: Any, *, sort_keys: bool) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def go_number(value: float) -> str:
    """A number as Go's %v prints it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)
