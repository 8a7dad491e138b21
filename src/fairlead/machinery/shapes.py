"""What is known of a Python type as JSON: reading it however odd the data, and writing back only what changed.

A shape is made once per type. Three operations matter:

- `tolerate` reads JSON that a strict decode refused: nulls for lists, maps and value structs read as empty ones, a wrong
  scalar stays as it is.
- `fresh` writes a value that has no original.
- `changed` compares a value with `base` (its original decoded again) and keeps the original's bytes wherever the two are
  equal, so that unknown fields, explicit nulls and the spelling of numbers survive.
"""

from __future__ import annotations

import datetime
import enum
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject

__all__ = ["Lost", "Shape", "check_fields", "same", "shape_of"]

#: Called with the path of a list item whose unknown fields could not be kept.
Lost = Callable[[str], None]
#: Called with the path, the value found there, and what was expected in words.
Odd = Callable[[str, Any, str], None]

_raw_map = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder[Any]()


class Shape:
    """A scalar, or any type whose values are replaced as a whole."""

    #: Whether the JSON value may be null, and so None be a value.
    optional = False
    #: The type as an error message names it.
    expected = "any value"

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
        return _without_nulls(value)


def _without_nulls(value: Any) -> object:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in cast("dict[str, Any]", value).items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(v) for v in cast("list[Any]", value)]
    return value


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


class MapShape(Shape):
    """A JSON object with any keys and values of one type."""

    expected = "an object"

    def __init__(self, values: Shape) -> None:
        self.values = values

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
    """A JSON array of one type. `keys` are the wire names that tell its items apart, if the items have such."""

    expected = "a list"

    def __init__(self, items: Shape) -> None:
        self.items = items

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
        keys = self.items.list_keys if isinstance(self.items, StructShape) else ()
        return _changed_list(self.items, keys, value, base, raw, lost, path)

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [self.items.canonical(item) for item in cast("list[Any]", value)]


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

    def __init__(self, struct: type[msgspec.Struct]) -> None:
        self.struct = struct
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
            self._fields = tuple(_struct_fields(self.struct))
            self._by_wire = {field.wire: field for field in self._fields}
        return self._fields

    @property
    def list_keys(self) -> tuple[str, ...]:
        """The Python attributes that tell items of a list of this struct apart."""
        declared: tuple[str, ...] | None = getattr(self.struct, "__list_keys__", None)
        if declared is not None:
            return declared
        names = self.struct.__struct_fields__
        return next(((name,) for name in ("name", "uid", "type", "key", "id") if name in names), ())

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
            return _fresh_json(value)
        document: dict[str, Any] = {}
        for field in self.fields:
            item = getattr(value, field.attribute)
            encoded = field.shape.fresh(item)
            if not field.left_out(item, encoded):
                document[field.wire] = encoded
        return document

    def changed(self, value: Any, base: Any, raw: msgspec.Raw, lost: Lost, path: str) -> Any:
        originals = _open_map(raw)
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
            seen = field.shape.canonical(item) if field else _without_nulls(item)
            empty = seen in ({}, [])
            if seen is None or (empty and field is not None and not field.shape.optional):
                continue
            document[key] = seen
        return document


def _holds_json(shape: Shape, seen: set[Shape]) -> bool:
    while isinstance(shape, OptionalShape | MapShape | ListShape):
        shape = (
            shape.inner
            if isinstance(shape, OptionalShape)
            else shape.values
            if isinstance(shape, MapShape)
            else shape.items
        )
    if not isinstance(shape, StructShape):
        return shape.loose
    if shape in seen:
        return False
    seen.add(shape)
    return any(_holds_json(field.shape, seen) for field in shape.fields)


def _unheard(path: str, value: Any, expected: str) -> None:
    del path, value, expected


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


def _fresh_json(value: Any) -> Any:
    """JSON for a value that is not of the declared type (a dict in place of a struct, say)."""
    if isinstance(value, msgspec.Struct):
        return shape_of(type(value)).fresh(value)
    if isinstance(value, Mapping):
        return {str(key): _fresh_json(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_fresh_json(item) for item in cast("list[Any]", value)]
    return value


def _open_map(raw: msgspec.Raw) -> dict[str, msgspec.Raw] | None:
    try:
        return _raw_map.decode(raw)
    except msgspec.ValidationError:
        return None


def _changed_map(
    shape: Shape, value: Mapping[str, Any], base: Mapping[str, Any], raw: msgspec.Raw, lost: Lost, path: str
) -> Any:
    originals = _open_map(raw) or {}
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
            if isinstance(shape, StructShape) and len(pairs) < len(base):
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


_SCALARS: dict[Any, tuple[Any, tuple[type, ...], str]] = {
    str: ("", (str,), "a string"),
    int: (0, (int,), "an integer"),
    float: (0.0, (int, float), "a number"),
    bool: (False, (bool,), "true or false"),
}


def _struct_fields(struct: type[msgspec.Struct]) -> Iterator[StructField]:
    # The class's own qualified names win over fields of the same name, which get_type_hints would see as well.
    hints = typing.get_type_hints(struct, include_extras=True)
    for info in msgspec.structs.fields(struct):
        default: Callable[[], Any] | None = None
        if info.default is not msgspec.NODEFAULT:
            value = info.default
            default = lambda value=value: value  # noqa: E731 - a closure per field
        elif info.default_factory is not msgspec.NODEFAULT:
            default = cast("Callable[[], Any]", info.default_factory)
        yield StructField(info.name, info.encode_name, _field_shape(info.name, hints[info.name]), default)


def _field_shape(name: str, annotation: Any) -> Shape:
    try:
        return shape_of(annotation)
    except InvalidObject as error:
        raise InvalidObject(f"{name}: {error}") from error


def check_fields(shape: Shape, names: tuple[dict[str, Any], dict[str, Any]], seen: set[type] | None = None) -> None:
    """Resolve every struct below a shape now. Raises InvalidObject naming the field whose annotation cannot be used.

    `names` are the global and local names where the outermost class is made: structs that are made inside a function may
    refer to others in it, which nothing but that function's frame knows.
    """
    seen = set() if seen is None else seen
    if isinstance(shape, OptionalShape):
        check_fields(shape.inner, names, seen)
    elif isinstance(shape, MapShape):
        check_fields(shape.values, names, seen)
    elif isinstance(shape, ListShape):
        check_fields(shape.items, names, seen)
    elif isinstance(shape, StructShape) and shape.struct not in seen:
        seen.add(shape.struct)
        _check_struct(shape, names)
        for inner in shape.fields:
            check_fields(inner.shape, names, seen)


def _check_struct(shape: StructShape, names: tuple[dict[str, Any], dict[str, Any]]) -> None:
    struct = shape.struct
    try:
        if "<locals>" in struct.__qualname__:
            written: dict[str, Any] = struct.__annotations__
            for name, annotation in written.items():
                if isinstance(annotation, str):
                    # An annotation is the class author's own code, as in typing.get_type_hints.
                    written[name] = eval(annotation, {**vars(sys.modules[struct.__module__]), **names[1]})  # noqa: S307
        _ = shape.fields
    except InvalidObject as error:
        raise InvalidObject(f"{struct.__name__}: {error}") from error
    except Exception as error:
        raise InvalidObject(f"{struct.__name__}: an annotation cannot be read: {error}") from error


_struct_shapes: dict[type[msgspec.Struct], StructShape] = {}


def shape_of(annotation: Any) -> Shape:  # noqa: C901, PLR0911 - one case per form of annotation
    """The shape of a type annotation. Raises InvalidObject for one that has no JSON form."""
    if annotation is Any or annotation is msgspec.Raw or annotation is object:
        return JsonShape()
    if annotation in _SCALARS:
        return ScalarShape(*_SCALARS[annotation])
    if annotation is datetime.datetime:
        return TimeShape(micro=False)
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        return _annotated(arguments)
    if origin is typing.Union or origin is types.UnionType:
        return _union(annotation, arguments)
    if origin is typing.Literal:
        kinds = {type(value) for value in cast("tuple[object, ...]", arguments)}
        return ScalarShape(arguments[0], tuple(kinds), f"one of {list(arguments)}")
    if origin is list or annotation is list:
        return ListShape(shape_of(arguments[0] if arguments else Any))
    if origin is dict or annotation is dict:
        if arguments and arguments[0] is not str:
            raise InvalidObject(f"{annotation}: the keys of a JSON object are strings")
        return MapShape(shape_of(arguments[1] if arguments else Any))
    if isinstance(annotation, type):
        if issubclass(annotation, msgspec.Struct):
            found = _struct_shapes.get(annotation)
            if found is None:
                found = _struct_shapes[annotation] = StructShape(annotation)
            return found
        if issubclass(annotation, enum.Enum):
            return ScalarShape(next(iter(annotation)), (annotation, str, int), f"a {annotation.__name__}")
        if issubclass(annotation, dict):
            return MapShape(JsonShape())
    raise InvalidObject(
        f"{annotation!r} cannot be written as JSON: use str, int, float, bool, datetime, list, dict or a Struct"
    )


def _annotated(arguments: tuple[Any, ...]) -> Shape:
    inner = shape_of(arguments[0])
    if isinstance(inner, TimeShape):
        extras = [meta.extra or {} for meta in arguments[1:] if isinstance(meta, msgspec.Meta)]
        return TimeShape(micro=any(extra.get("format") == "micro" for extra in extras))
    return inner


def _union(annotation: Any, arguments: tuple[Any, ...]) -> Shape:
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) == 1:
        return OptionalShape(shape_of(inner[0]))
    if all(argument in _SCALARS for argument in inner):
        accepted = tuple(kind for argument in inner for kind in _SCALARS[argument][1])
        zero = _SCALARS[inner[0]][0]
        scalar = ScalarShape(zero, accepted, " or ".join(_SCALARS[argument][2] for argument in inner))
        return OptionalShape(scalar) if len(inner) < len(arguments) else scalar
    if all(typing.get_origin(argument) is typing.Literal or argument in _SCALARS for argument in inner):
        return OptionalShape(JsonShape()) if len(inner) < len(arguments) else JsonShape()
    raise InvalidObject(f"{annotation}: a union of structs has no single reading; use one struct or Any")
