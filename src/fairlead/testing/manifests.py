"""The CustomResourceDefinition of a user's class, with a structural schema taken from its annotations.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import datetime
import enum
import types
import typing
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.objects import Resource

__all__ = ["make_crd"]

_ANY: dict[str, Any] = {"x-kubernetes-preserve-unknown-fields": True}
_SCALARS: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime.datetime: {"type": "string", "format": "date-time"},
}


def make_crd(
    cls: type[Resource], *, annotations: typing.Mapping[str, str] | None = None, preserve_unknown_fields: bool = False
) -> dict[str, Any]:
    """The manifest of the CustomResourceDefinition of `cls`; a part named `status` makes a status subresource.

    `preserve_unknown_fields` has the server keep fields that the class does not know. Raises InvalidObject, naming class
    and field, for a type that has no schema.
    """
    own = cls.resource_type
    parts = {part.wire: part for name, part in cls.parts.items() if name != "metadata"}
    schema: dict[str, Any] = {"type": "object"}
    if parts:
        schema["properties"] = {
            wire: _located(f"{cls.__name__}.{part.attribute}", part.annotation) for wire, part in parts.items()
        }
    if preserve_unknown_fields:
        schema["x-kubernetes-preserve-unknown-fields"] = True
        _preserve(schema)
    version: dict[str, Any] = {
        "name": own.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    if "status" in parts:
        version["subresources"] = {"status": {}}
    names: dict[str, Any] = {"kind": own.kind, "listKind": f"{own.kind}List", "plural": own.plural}
    names["singular"] = own.kind.lower()
    if cls.short_names:
        names["shortNames"] = list(cls.short_names)
    metadata: dict[str, Any] = {"name": own.crd_name}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "group": own.group,
            "names": names,
            "scope": "Namespaced" if own.namespaced else "Cluster",
            "versions": [version],
        },
    }


def _preserve(node: dict[str, Any]) -> None:
    """Have every object below keep what its schema does not name."""
    for child in cast("dict[str, dict[str, Any]]", node.get("properties", {})).values():
        _preserve(child)
    if "items" in node:
        _preserve(node["items"])
    if node.get("type") == "object" and "additionalProperties" not in node:
        node["x-kubernetes-preserve-unknown-fields"] = True


def _located(place: str, annotation: Any) -> dict[str, Any]:
    try:
        return _schema(annotation, ())
    except InvalidObject as error:
        raise InvalidObject(f"{place}: {error}") from error


def _schema(annotation: Any, outer: tuple[type, ...]) -> dict[str, Any]:
    if annotation is Any or annotation is object or annotation is msgspec.Raw:
        return dict(_ANY)
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _schema(arguments[0], outer)
    if origin is typing.Union or origin is types.UnionType:
        return _union(arguments, outer)
    if origin is typing.Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list or annotation is list:
        return {"type": "array", "items": _schema(arguments[0] if arguments else Any, outer)}
    if origin is dict or annotation is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1] if arguments else Any, outer)}
    return _class(annotation, outer)


def _union(arguments: tuple[Any, ...], outer: tuple[type, ...]) -> dict[str, Any]:
    inner = [argument for argument in arguments if argument is not types.NoneType]
    if len(inner) == 1:
        return _schema(inner[0], outer)
    if set(inner) == {int, str}:
        return {"x-kubernetes-int-or-string": True}
    return dict(_ANY)


def _class(annotation: Any, outer: tuple[type, ...]) -> dict[str, Any]:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return {"type": "string", "enum": [member.value for member in annotation]}
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        # A structural schema cannot refer to itself: inside itself a type is any object.
        return _object(annotation, outer) if annotation not in outer else {"type": "object", **_ANY}
    if isinstance(annotation, type) and issubclass(annotation, dict):
        return {"type": "object", **_ANY}
    raise InvalidObject(f"{annotation!r} has no schema: use str, int, float, bool, datetime, list, dict or a Struct")


def _object(struct: type[msgspec.Struct], outer: tuple[type, ...]) -> dict[str, Any]:
    hints = typing.get_type_hints(struct, include_extras=True)
    fields = msgspec.structs.fields(struct)
    node: dict[str, Any] = {"type": "object"}
    if fields:
        node["properties"] = {f.encode_name: _schema(hints[f.name], (*outer, struct)) for f in fields}
    required = [f.encode_name for f in fields if f.required]
    if required:
        node["required"] = required
    return node
