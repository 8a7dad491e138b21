"""What is known of a Python type as JSON: reading it however odd the data, and writing back only what changed.

A shape is made once per type (`shape_of`, in `machinery.annotations`). Three operations matter:

- `tolerate` reads JSON that a strict decode refused: nulls for lists, maps and value structs read as empty ones, a wrong
  scalar stays as it is.
- `fresh` writes a value that has no original.
- `changed` compares a value with `base` (its original decoded again) and keeps the original's bytes wherever the two are
  equal, so that unknown fields, explicit nulls and the spelling of numbers survive.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable
from typing import Any, cast

import msgspec

__all__ = ["Lost", "Odd", "OptionalShape", "ScalarShape", "Shape", "TimeShape", "same", "without_nulls"]

#: Called with the path of a list item whose unknown fields could not be kept.
Lost = Callable[[str], None]
#: Called with the path, the value found there, and what was expected in words.
Odd = Callable[[str, Any, str], None]


class Shape:
    """A scalar, or any type whose values are replaced as a whole."""

    #: Whether the JSON value may be null, and so None be a value.
    optional = False
    #: Whether a value may have fields that its type does not know.
    open = False
    #: The type as an error message names it.
    expected = "any value"
    #: The attributes that tell items of a list of this shape apart.
    list_keys: tuple[str, ...] = ()

    @property
    def within(self) -> Shape | None:
        """The shape of what this holds any number of, or one."""
        return None

    @property
    def loose(self) -> bool:
        """Whether free JSON is in it, where True and 1 are equal to Python and not the same; else types keep them apart."""
        return False

    def zero(self) -> Any:
        """What reads where the field is absent and has no default."""
        return None

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        """Read decoded JSON; `odd` hears the path of what is not as the type says."""
        del odd, path
        return value

    def fresh(self, value: Any) -> Any:
        """JSON for a value without an original. Empty value structs give an empty dict; the caller leaves it out."""
        return value

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        """JSON for a value that differs from `base`, whose original is `raw`."""
        del base, raw, lost, path
        return self.fresh(value)

    def equal(self, value: Any, base: Any) -> bool:
        """Whether two values are the same JSON."""
        return same(value, base) if self.loose else bool(value == base)

    def canonical(self, value: Any) -> Any:
        """Decoded JSON without what makes no difference to a reader: nulls and empty value structs."""
        return without_nulls(value)


def without_nulls(value: Any) -> object:
    """Free JSON without nulls."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in cast("dict[str, Any]", value).items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in cast("list[Any]", value)]
    return value


class ScalarShape(Shape):
    """A string, number, boolean, enum, literal, or a union of them."""

    def __init__(self, zero: Any, accepted: tuple[type, ...], expected: str) -> None:
        self._zero = zero
        self._accepted = accepted
        self.expected = expected

    def zero(self) -> Any:
        return self._zero

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        if value is None:
            odd(path, value, self.expected)
            return self._zero
        if not isinstance(value, self._accepted) or (isinstance(value, bool) and bool not in self._accepted):
            odd(path, value, self.expected)
        return value

    def fresh(self, value: Any) -> Any:
        return value.value if isinstance(value, enum.Enum) else value


class TimeShape(Shape):
    """A meta/v1 Time (seconds) or MicroTime (always six digits: Go refuses fewer)."""

    expected = "a time such as 2026-01-31T12:00:00Z"

    def __init__(self, *, micro: bool) -> None:
        self._format = "%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ"

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        try:
            return msgspec.convert(value, datetime.datetime)
        except msgspec.ValidationError:
            odd(path, value, self.expected)
            return value

    def fresh(self, value: Any) -> Any:
        if not isinstance(value, datetime.datetime):
            return value
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return aware.astimezone(datetime.UTC).strftime(self._format)


class OptionalShape(Shape):
    """A type or None: absent reads as None, and None is written by leaving the field out."""

    optional = True

    def __init__(self, inner: Shape) -> None:
        self.inner = inner
        self.expected: str = inner.expected

    @property
    def within(self) -> Shape:
        return self.inner

    @property
    def loose(self) -> bool:
        return self.inner.loose

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        return None if value is None else self.inner.tolerate(value, odd, path)

    def fresh(self, value: Any) -> Any:
        return None if value is None else self.inner.fresh(value)

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        if value is None or base is None:
            return self.fresh(value)
        return self.inner.changed(value, base, raw, lost, path)

    def canonical(self, value: Any) -> Any:
        return None if value is None else self.inner.canonical(value)


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same JSON: as `==`, but True is not 1, at any depth."""
    return bool(a == b) and _same_kinds(a, b)


def _same_kinds(a: Any, b: Any) -> bool:
    """For equal values: whether no boolean stands for a number."""
    if isinstance(a, dict):
        other = cast("dict[Any, Any]", b)
        return all(_same_kinds(item, other[key]) for key, item in cast("dict[Any, Any]", a).items())
    if isinstance(a, list):
        return all(map(_same_kinds, cast("list[Any]", a), cast("list[Any]", b)))
    if isinstance(a, msgspec.Struct):
        return all(_same_kinds(getattr(a, name), getattr(b, name)) for name in a.__struct_fields__)
    return isinstance(a, bool) == isinstance(b, bool)
