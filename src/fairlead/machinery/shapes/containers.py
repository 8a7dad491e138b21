"""Shapes of JSON objects with any keys, of lists, and of JSON about which nothing is known; and how items find their originals."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, cast

import msgspec

from fairlead.machinery.shapes.base import Lost, Odd, Shape

__all__ = ["JsonShape", "ListShape", "MapShape", "open_map"]

_raw_map = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


class JsonShape(Shape):
    """JSON of unknown shape (`Any`): objects are compared key by key, the rest as a whole."""

    @property
    def loose(self) -> bool:
        return True

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        if isinstance(value, dict) and isinstance(base, dict):
            return _changed_map(self, cast("dict[str, Any]", value), cast("dict[str, Any]", base), raw, lost, path)
        if isinstance(value, list) and isinstance(base, list):
            return _changed_list(self, (), cast("list[Any]", value), cast("list[Any]", base), raw, lost, path)
        return cast("object", value)


class MapShape(Shape):
    """A JSON object with any keys and values of one type."""

    expected = "an object"

    def __init__(self, values: Shape) -> None:
        self.values = values

    @property
    def within(self) -> Shape:
        return self.values

    @property
    def loose(self) -> bool:
        return self.values.loose

    def zero(self) -> dict[str, Any]:
        return {}

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        if not isinstance(value, dict):
            odd(path, value, self.expected)
            return {} if value is None else value
        items = cast("dict[str, Any]", value).items()
        return {key: self.values.tolerate(item, odd, f"{path}.{key}") for key, item in items}

    def fresh(self, value: Any) -> Any:
        return {key: self.values.fresh(item) for key, item in cast("Mapping[str, Any]", value).items()}

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        return _changed_map(self.values, value, base, raw, lost, path)

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        items = cast("dict[str, Any]", value).items()
        return {key: self.values.canonical(item) for key, item in items if item is not None}


class ListShape(Shape):
    """A JSON array of one type."""

    expected = "a list"

    def __init__(self, items: Shape) -> None:
        self.items = items

    @property
    def within(self) -> Shape:
        return self.items

    @property
    def loose(self) -> bool:
        return self.items.loose

    def zero(self) -> list[Any]:
        return []

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        if not isinstance(value, list):
            odd(path, value, self.expected)
            return [] if value is None else value
        items = cast("list[Any]", value)
        return [self.items.tolerate(item, odd, f"{path}[{index}]") for index, item in enumerate(items)]

    def fresh(self, value: Any) -> Any:
        return [self.items.fresh(item) for item in value]

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        return _changed_list(self.items, self.items.list_keys, value, base, raw, lost, path)

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [self.items.canonical(item) for item in cast("list[Any]", value)]


def open_map(raw: msgspec.Raw) -> dict[str, msgspec.Raw] | None:
    """The fields of a JSON object as they are written; None for any other JSON."""
    try:
        return _raw_map.decode(raw)
    except msgspec.ValidationError:
        return None


def _changed_map(
    shape: Shape, value: Mapping[str, Any], base: Mapping[str, Any], raw: msgspec.Raw, lost: Lost, path: str
) -> Any:
    originals = open_map(raw) or {}
    document: dict[str, Any] = {}
    for key, item in value.items():
        if key in originals and key in base:
            if shape.equal(item, base[key]):
                document[key] = originals[key]
            else:
                document[key] = shape.changed(item, base[key], originals[key], lost, f"{path}.{key}")
        else:
            document[key] = shape.fresh(item)
    return document


def _changed_list(
    shape: Shape, keys: tuple[str, ...], value: list[Any], base: list[Any], raw: msgspec.Raw, lost: Lost, path: str
) -> Any:
    try:
        originals = _raw_list.decode(raw)
    except msgspec.ValidationError:
        return [shape.fresh(item) for item in value]
    if len(originals) != len(base):
        return [shape.fresh(item) for item in value]
    pairs = _pair(shape, keys, value, base)
    document: list[Any] = []
    for index, item in enumerate(value):
        at = pairs.get(index)
        here = f"{path}[{index}]"
        if at is None:
            if shape.open and len(pairs) < len(base):
                lost(here)
            document.append(shape.fresh(item))
        elif shape.equal(item, base[at]):
            document.append(originals[at])
        else:
            document.append(shape.changed(item, base[at], originals[at], lost, here))
    return document


def _places(items: list[Any], keys: tuple[str, ...]) -> dict[Any, int] | None:
    """Where each identity is; None where items have none, or share one."""
    try:
        identities = list(map(attrgetter(*keys), items))
        places = {identity: index for index, identity in enumerate(identities)}
    except (AttributeError, TypeError):
        return None  # something else stands in place of the struct, or of a key
    nothing = None if len(keys) == 1 else (None,) * len(keys)
    return places if len(places) == len(items) and nothing not in places else None


def _pair(shape: Shape, keys: tuple[str, ...], value: list[Any], base: list[Any]) -> dict[int, int]:
    """Which base item each item was: by merge keys, else by equality, else by position when the lengths are equal."""
    if keys and (known := _places(base, keys)) is not None and (wanted := _places(value, keys)) is not None:
        return {index: known[identity] for identity, index in wanted.items() if identity in known}
    pairs: dict[int, int] = {}
    if len(value) == len(base):
        # Of several equal items each keeps its own original.
        pairs = {index: index for index, item in enumerate(value) if shape.equal(item, base[index])}
    free = [index for index in range(len(base)) if index not in pairs]
    for index, item in enumerate(value):
        if index in pairs:
            continue
        at = next((place for place in free if shape.equal(item, base[place])), None)
        if at is not None:
            pairs[index] = at
            free.remove(at)
    if len(value) == len(base):
        left = [index for index in range(len(value)) if index not in pairs]
        pairs.update({index: index for index in left if index in free})
    return pairs
