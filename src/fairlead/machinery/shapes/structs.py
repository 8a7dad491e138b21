"""The shape of typed JSON objects."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.shapes.base import Lost, Odd, Shape, same, without_nulls
from fairlead.machinery.shapes.containers import open_map

__all__ = ["StructField", "StructShape"]

#: The shape of an annotation.
ShapeOf = Callable[[Any], Shape]


class StructField:
    """One field of a struct: its Python attribute, wire name, shape and default."""

    __slots__ = ("attribute", "default", "has_default", "shape", "wire")

    def __init__(self, attribute: str, wire: str, shape: Shape, default: Callable[[], Any] | None) -> None:
        self.attribute: str = attribute
        self.wire: str = wire
        self.shape: Shape = shape
        self.has_default: bool = default is not None
        self.default: Callable[[], Any] = default if default is not None else shape.zero

    def left_out(self, value: Any, encoded: Any) -> bool:
        """Whether a fresh field is not written: it is None, an empty value struct, list or map, or the default."""
        if not self.has_default:
            return False
        if encoded in (None, {}, []):
            return not (self.shape.optional and encoded is not None)
        return bool(value == self.default()) and type(value) is type(self.default())


class StructShape(Shape):
    """A typed JSON object."""

    expected = "an object"
    open = True

    def __init__(self, struct: type[msgspec.Struct], shape_of: ShapeOf) -> None:
        self.struct = struct
        self._shape_of = shape_of
        self.list_keys: tuple[str, ...] = _list_keys(struct)
        self._fields: tuple[StructField, ...] | None = None
        self._by_wire: dict[str, StructField] = {}
        self._loose: bool | None = None

    @property
    def loose(self) -> bool:
        if self._loose is None:
            self._loose = _holds_json(self, set())
        return self._loose

    @property
    def fields(self) -> tuple[StructField, ...]:
        """The fields; resolved at first use, so that types may refer to themselves."""
        if self._fields is None:
            self._fields = tuple(self._struct_fields())
            self._by_wire = {field.wire: field for field in self._fields}
        return self._fields

    def zero(self) -> Any:
        return self.tolerate({}, _unheard, "")

    def tolerate(self, value: Any, odd: Odd, path: str) -> Any:
        if value is None or not isinstance(value, dict):
            odd(path, value, self.expected)
            if value is not None:
                return value
            value = {}
        known = cast("dict[str, Any]", value)
        arguments = {
            field.attribute: field.shape.tolerate(known[field.wire], odd, f"{path}.{field.wire}")
            for field in self.fields
            if field.wire in known and not (known[field.wire] is None and field.has_default)
        }
        for field in self.fields:
            if field.attribute not in arguments:
                arguments[field.attribute] = field.default()
        return self.struct(**arguments)

    def fresh(self, value: Any) -> Any:
        if not isinstance(value, self.struct):
            return self._fresh_json(value)
        document: dict[str, Any] = {}
        for field in self.fields:
            item = getattr(value, field.attribute)
            encoded = field.shape.fresh(item)
            if not field.left_out(item, encoded):
                document[field.wire] = encoded
        return document

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        originals = open_map(raw)
        if originals is None or not isinstance(value, self.struct) or not isinstance(base, self.struct):
            return self.fresh(value)
        document: dict[str, Any] = dict(originals)
        for field in self.fields:
            item, before = getattr(value, field.attribute), getattr(base, field.attribute)
            if item is before or (item == before and (not field.shape.loose or same(item, before))):
                continue
            wire = field.wire
            if wire in originals and item is not None:
                document[wire] = field.shape.changed(item, before, originals[wire], lost, f"{path}.{wire}")
            elif item is None:
                document.pop(wire, None)
            else:
                document[wire] = field.shape.fresh(item)
        return document

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        document: dict[str, Any] = {}
        _ = self.fields
        for key, item in cast("dict[str, Any]", value).items():
            field = self._by_wire.get(key)
            seen = field.shape.canonical(item) if field else without_nulls(item)
            empty = seen in ({}, [])
            if seen is None or (empty and field is not None and not field.shape.optional):
                continue
            document[key] = seen
        return document

    def _fresh_json(self, value: Any) -> Any:
        """JSON for a value that is not of the declared type (a dict in place of a struct, say)."""
        if isinstance(value, msgspec.Struct):
            return self._shape_of(type(value)).fresh(value)
        if isinstance(value, Mapping):
            return {str(key): self._fresh_json(item) for key, item in cast("Mapping[Any, Any]", value).items()}
        if isinstance(value, list | tuple):
            return [self._fresh_json(item) for item in cast("list[Any]", value)]
        return value

    def _struct_fields(self) -> Iterator[StructField]:
        # The class's own qualified names win over fields of the same name, which get_type_hints would see as well.
        hints = typing.get_type_hints(self.struct, include_extras=True)
        for info in msgspec.structs.fields(self.struct):
            default: Callable[[], Any] | None = None
            if info.default is not msgspec.NODEFAULT:
                value = info.default
                default = lambda value=value: value  # noqa: E731 - a closure per field
            elif info.default_factory is not msgspec.NODEFAULT:
                default = cast("Callable[[], Any]", info.default_factory)
            yield StructField(info.name, info.encode_name, self._field_shape(info.name, hints[info.name]), default)

    def _field_shape(self, name: str, annotation: Any) -> Shape:
        try:
            return self._shape_of(annotation)
        except InvalidObject as error:
            raise InvalidObject(f"{name}: {error}") from error


def _list_keys(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """The Python attributes that tell items of a list of this struct apart."""
    declared: tuple[str, ...] | None = getattr(struct, "__list_keys__", None)
    if declared is not None:
        return declared
    names = struct.__struct_fields__
    return next(((name,) for name in ("name", "uid", "type", "key", "id") if name in names), ())


def _holds_json(shape: Shape, seen: set[Shape]) -> bool:
    while (within := shape.within) is not None:
        shape = within
    if not isinstance(shape, StructShape):
        return shape.loose
    if shape in seen:
        return False
    seen.add(shape)
    return any(_holds_json(field.shape, seen) for field in shape.fields)


def _unheard(path: str, value: Any, expected: str) -> None:
    del path, value, expected
