"""Reading JSON as Go reads it into values of no type of its own: its numbers, and its texts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, cast

__all__ = ["DEEPEST", "NumberTooGreat", "plain_numbers", "read_json", "refuse_depth"]

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


def _float(text: str) -> float | int:
    number = float(text)
    if math.isinf(number):
        raise NumberTooGreat(f"json: cannot unmarshal number {text} into Go value of type float64")
    return _shortest(number)


def _shortest(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < _LONG else number


def plain_numbers(value: Any) -> Any:
    """The value with its whole numbers as integers."""
    if isinstance(value, float):
        return _shortest(value)
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
