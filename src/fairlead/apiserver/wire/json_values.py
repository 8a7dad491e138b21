"""Reading JSON as Go reads it into values of no type of its own: its numbers, and its texts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn, cast

import msgspec

__all__ = [
    "DEEPEST",
    "ODD",
    "NumberTooGreat",
    "plain_numbers",
    "read_as_written",
    "read_json",
    "read_plain",
    "refuse_depth",
]

#: How deep a JSON text may be. Go stops at 10,000; what people write has about twenty levels.
DEEPEST = 300
_CONTAINERS: tuple[type, ...] = (dict, list)
#: From here on Go writes a whole number with an exponent.
_LONG = 1e21


class NumberTooGreat(Exception):
    """A number that no float64 can hold; the message is the server's."""


def read_json(text: str, hook: Callable[[list[tuple[str, Any]]], dict[str, Any]] | None = None) -> Any:
    """The value of a JSON text; `hook` makes objects of their pairs.

    Whole numbers are integers, however they are written; those beyond 64 bits are floats. Half of a surrogate pair becomes
    U+FFFD. Raises ValueError and RecursionError for what is no JSON, NumberTooGreat.
    """
    value = json.loads(text, parse_constant=_refuse, parse_float=_float, parse_int=_integer, object_pairs_hook=hook)
    refuse_depth(text.count("{") + text.count("["), value)
    return _whole(value) if "\\ud" in text or "\\uD" in text else value


def read_as_written(text: str) -> Any:
    """What `read_json` reads from a JSON text, but with its numbers as they are written: 3.0 is not 3."""
    value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_finite_integer)
    refuse_depth(text.count("{") + text.count("["), value)
    return _whole(value) if "\\ud" in text or "\\uD" in text else value


#: What `read_plain` gives for what it leaves to `read_json`.
ODD: Final = object()

_encode = msgspec.json.Encoder().encode
# Each digit as 0, all else as a space: a number that may need more than 64 bits shows as a long run of 0.
_DIGITS = bytes(48 if 48 <= byte < 58 else 32 for byte in range(256))
_LONG_RUN = b"0" * 19


def read_plain(body: bytes) -> Any:
    """What `read_json` reads from a JSON text, for nearly all that clients send, in a third of the time; ODD for the rest.

    The rest is what is no JSON, has an escape, a number of 19 digits, deep nesting, or a key twice in an object. Of the last,
    nothing but the number of quotation marks is looked at: without escapes there are two to each text, and a key that is
    said twice is one text less in the value.
    """
    # Split, for containers are few, and looking for them costs less than counting each byte.
    if b"\\" in body or _LONG_RUN in body.translate(_DIGITS) or len(body.split(b"{")) + len(body.split(b"[")) > DEEPEST:
        return ODD
    try:
        value = _decode(body)
        written = _encode(value)
    except (ValueError, RecursionError, OverflowError, NumberTooGreat):
        return ODD
    return value if written == body or body.count(b'"') == written.count(b'"') else ODD


def refuse_depth(most: int, value: Any) -> None:
    """Raise RecursionError for a value in which containers stand in each other deeper than `DEEPEST`.

    `most` is how deep it can be at all. Versions of Python differ in what their own reader takes; all that comes after it
    recurses, and has to get by with the stack that there is.
    """
    level, depth = [value] if isinstance(value, _CONTAINERS) else [], 0
    while most > DEEPEST and level:
        depth += 1
        if depth > DEEPEST:
            raise RecursionError(f"more than {DEEPEST} levels")
        level = [child for item in level for child in _children(item)]


def _children(value: Any) -> list[Any]:
    inside: Iterable[Any] = cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
    return [item for item in inside if isinstance(item, _CONTAINERS)]


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NumberTooGreat(f"json: cannot unmarshal number {text} into Go value of type float64")
    return number


def _finite_integer(text: str) -> int:
    _finite(text)
    return int(text)


def _float(text: str) -> float | int:
    return _shortest(_finite(text))


def _shortest(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < _LONG else number


_decode = msgspec.json.Decoder(float_hook=_float).decode


def plain_numbers(value: Any) -> Any:
    """The value with its whole numbers as integers, and those beyond 64 bits as floats have them."""
    if isinstance(value, float):
        return _shortest(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return _shortest(float(value))
    if isinstance(value, dict):
        return {key: plain_numbers(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [plain_numbers(item) for item in cast("list[Any]", value)]
    return value


def _integer(text: str) -> float | int:
    number = int(text) if len(text) < 20 else _float(text)
    return number if isinstance(number, float) or -(2**63) <= number < 2**63 else float(number)


def _whole(value: Any) -> Any:
    """The value with texts that can be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_whole(item) for item in cast("list[Any]", value)]
    return value
