"""What a plain scalar of YAML means to Go, and so to kubectl and to API servers."""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

__all__ = ["DATE", "INFINITE", "MAP", "SEQ", "STR", "TAG", "NotJson", "Scalar", "as_json", "plain"]

TAG = "tag:yaml.org,2002:"
STR, SEQ, MAP = TAG + "str", TAG + "seq", TAG + "map"

_WORDS: Final[dict[str, bool | None]] = {
    **{word: True for text in ("y", "yes", "on", "true") for word in (text, text.capitalize(), text.upper())},
    **{word: False for text in ("n", "no", "off", "false") for word in (text, text.capitalize(), text.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")

Scalar: TypeAlias = "str | int | float | bool | None"


class NotJson(ValueError):
    """A value that YAML knows and JSON does not."""


def _number(text: str) -> int | float | None:
    """The number that a plain scalar means, or None if it means a text."""
    digits = text.replace("_", "") if text[0] != "." else text
    match = _INTEGER.fullmatch(digits)
    if match:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        number = _int(hexadecimal, 16) or _int(binary, 2) or _int(octal, 8) or _int(decimal, 10)
        number = -number if sign == "-" else number
        if -(2**63) <= number < 2**63 or (not sign and number < 2**64):
            return number
    if not _FLOAT.fullmatch(digits):
        return None
    value = float(digits)
    return None if math.isinf(value) else as_json(value)


def _int(digits: str | None, radix: int) -> int:
    # Longer ones are no integers of 64 bits; Python would refuse or take long for thousands of digits.
    return int(digits[:80], radix) if digits else 0


def as_json(value: float) -> int | float:
    """A float as JSON carries it: whole ones are integers."""
    # Go writes whole floats without a point, so `1e3` and `1.0` reach the server as integers.
    return int(value) if value.is_integer() and abs(value) < 2**63 else value


def plain(text: str) -> Scalar:
    """What a plain scalar means; raises NotJson for infinity and NaN."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if INFINITE.fullmatch(text):
        raise NotJson(f"{text} is a number that JSON cannot carry")
    number = _number(text)
    return text if number is None else number
