"""From a type annotation to its shape."""

from __future__ import annotations

import datetime
import enum
import sys
import types
import typing
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.shapes.base import OptionalShape, ScalarShape, Shape, TimeShape
from fairlead.machinery.shapes.containers import JsonShape, ListShape, MapShape
from fairlead.machinery.shapes.structs import StructShape

__all__ = ["check_fields", "shape_of"]

_SCALARS: dict[Any, tuple[Any, tuple[type, ...], str]] = {
    str: ("", (str,), "a string"),
    int: (0, (int,), "an integer"),
    float: (0.0, (int, float), "a number"),
    bool: (False, (bool,), "true or false"),
}

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
                found = _struct_shapes[annotation] = StructShape(annotation, shape_of)
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


def check_fields(shape: Shape, names: tuple[dict[str, Any], dict[str, Any]], seen: set[type] | None = None) -> None:
    """Resolve every struct below a shape now. Raises InvalidObject naming the field whose annotation cannot be used.

    `names` are the global and local names where the outermost class is made: structs that are made inside a function may
    refer to others in it, which nothing but that function's frame knows.
    """
    seen = set() if seen is None else seen
    if (within := shape.within) is not None:
        check_fields(within, names, seen)
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
