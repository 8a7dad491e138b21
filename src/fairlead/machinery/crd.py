"""The CustomResourceDefinition of a resource class, with a structural schema made from its annotations.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

import datetime
import enum
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Part, Resource

__all__ = ["CRD_TYPE", "custom_resource_definition", "openapi_schema"]

Node = dict[str, Any]

CRD_TYPE = ResourceType(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
)

_ANYTHING: Node = {"x-kubernetes-preserve-unknown-fields": True}
_INT_OR_STRING: Node = {"x-kubernetes-int-or-string": True}
_SCALARS: dict[Any, Node] = {
    str: {"type": "string"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime.datetime: {"type": "string", "format": "date-time"},
}
#: What msgspec.Meta calls a length, by the type of what has it.
_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def custom_resource_definition(
    cls: type[Resource],
    *,
    categories: Sequence[str] = (),
    printer_columns: Sequence[Mapping[str, Any]] = (),
    scale: Mapping[str, str] | None = None,
) -> DynamicResource:
    """The manifest that makes an API server serve a class: one version, served and stored.

    A class with a `status` part gets the status subresource. `printer_columns` and `scale` are as in the manifest
    (`additionalPrinterColumns`, `subresources.scale`). Raises InvalidObject for a type that a structural schema cannot
    describe, such as one that contains itself.
    """
    own = cls.resource_type
    if cls.__module__.startswith("fairlead.models."):
        raise InvalidObject(f"{cls.__name__} is built in; only a class of your own makes a CustomResourceDefinition")
    if not own.group:
        raise InvalidObject(f"{cls.__name__}: a custom resource needs a group, as in api_version='example.com/v1'")
    version: Node = {
        "name": own.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": openapi_schema(cls)},
    }
    subresources: Node = {"status": {}} if "status" in cls.parts else {}
    if scale is not None:
        subresources["scale"] = dict(scale)
    if subresources:
        version["subresources"] = subresources
    if printer_columns:
        version["additionalPrinterColumns"] = [dict(column) for column in printer_columns]
    spec: Node = {
        "group": own.group,
        "names": _names(own, cls.short_names, categories),
        "scope": "Namespaced" if own.namespaced else "Cluster",
        "versions": [version],
    }
    return DynamicResource(CRD_TYPE, {"metadata": {"name": own.crd_name}, "spec": spec})


def _names(own: ResourceType, short_names: Sequence[str], categories: Sequence[str]) -> Node:
    names: Node = {
        "kind": own.kind,
        "listKind": f"{own.kind}List",
        "plural": own.plural,
        "singular": own.kind.lower(),
    }
    if short_names:
        names["shortNames"] = list(short_names)
    if categories:
        names["categories"] = list(categories)
    return names


def openapi_schema(cls: type[Resource]) -> Node:
    """The structural schema of a class, as it stands in a CRD's `openAPIV3Schema`. Raises InvalidObject."""
    properties: Node = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    required: list[str] = []
    for part in cls.parts.values():
        if part.wire == "metadata":
            continue
        try:
            properties[part.wire] = _with_default(_node(part.annotation, ()), _part_default(part))
        except InvalidObject as error:
            raise InvalidObject(f"{cls.__name__}.{part.attribute}: {error}") from error
        if part.required:
            required.append(part.wire)
    return _object(vars(cls).get("__doc__"), properties, required)


def _part_default(part: Part) -> Any:
    return part.default() if part.default is not None else None


def _object(doc: str | None, properties: Node, required: list[str]) -> Node:
    node: Node = {"type": "object"}
    if doc:
        node["description"] = " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())
    node["properties"] = properties
    if required:
        node["required"] = required
    return node


def _node(annotation: Any, within: tuple[type, ...]) -> Node:
    """The schema of an annotation; `within` are the structs around it, outermost first."""
    if annotation in (Any, object, msgspec.Raw):
        return dict(_ANYTHING)
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _constrained(_node(arguments[0], within), arguments[1:])
    if origin is typing.Union or origin is types.UnionType:
        return _union(arguments, within)
    if origin is typing.Literal:
        return _enumeration(list(arguments))
    if origin is list or annotation is list:
        return _list(arguments[0] if arguments else Any, within)
    if origin is dict or annotation is dict:
        return _map(arguments[1] if arguments else Any, within)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _struct(annotation, within)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enumeration([cast("object", member.value) for member in annotation])
    raise InvalidObject(f"{annotation!r} has no structural schema")


def _union(arguments: tuple[Any, ...], within: tuple[type, ...]) -> Node:
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) == 1:
        return _node(inner[0], within)
    if set(inner) == {int, str}:
        return dict(_INT_OR_STRING)
    if set(inner) == {int, float}:
        return dict(_SCALARS[float])
    return dict(_ANYTHING)


def _enumeration(values: list[Any]) -> Node:
    kind = next((kind for kind in (str, int) if all(type(value) is kind for value in values)), None)
    if kind is None:
        raise InvalidObject(f"the values {values} must be all strings or all integers")
    return {**_SCALARS[kind], "enum": values}


def _map(values: Any, within: tuple[type, ...]) -> Node:
    if values in (Any, object):
        return {"type": "object", **_ANYTHING}
    return {"type": "object", "additionalProperties": _node(values, within)}


def _list(item: Any, within: tuple[type, ...]) -> Node:
    node: Node = {"type": "array", "items": _node(item, within)}
    attributes: tuple[str, ...] = getattr(item, "__list_keys__", ())
    if not attributes:
        return node
    wires = {field.name: field.encode_name for field in msgspec.structs.fields(item)}
    unknown = [name for name in attributes if name not in wires]
    if unknown:
        raise InvalidObject(f"{item.__name__}.__list_keys__ names {', '.join(unknown)}, which it does not have")
    keys = [wires[name] for name in attributes]
    _require_keys(item.__name__, node["items"], keys)
    return {**node, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys}


def _require_keys(name: str, item: Node, keys: list[str]) -> None:
    """The server takes as keys only fields that every item has: required ones, or those with a default."""
    required: list[str] = item.get("required", [])
    for key in keys:
        if key not in required and "default" not in item["properties"][key]:
            required.append(key)
    if required:
        item["required"] = required
    scalars = ("string", "integer", "boolean", "number")
    odd = [key for key in keys if item["properties"][key].get("type") not in scalars]
    if odd:
        raise InvalidObject(f"{name}: the list key {odd[0]} must be a string, a number or a boolean")


def _struct(struct: type[msgspec.Struct], within: tuple[type, ...]) -> Node:
    if struct in within:
        raise InvalidObject(
            f"{struct.__name__} contains itself, which no structural schema can say; annotate the inner one with Any"
        )
    hints = typing.get_type_hints(struct, include_extras=True)
    properties: Node = {}
    required: list[str] = []
    for field in msgspec.structs.fields(struct):
        try:
            node = _node(hints[field.name], (*within, struct))
        except InvalidObject as error:
            raise InvalidObject(f"{struct.__name__}.{field.name}: {error}") from error
        properties[field.encode_name] = _with_default(node, _default(field))
        if field.required:
            required.append(field.encode_name)
    return _object(vars(struct).get("__doc__"), properties, required)


def _default(field: Any) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    if field.default_factory is not msgspec.NODEFAULT:
        return cast("Callable[[], Any]", field.default_factory)()
    return None


def _with_default(node: Node, default: Any) -> Node:
    """The node with a scalar default. An empty text says the same as an absent field, and would break patterns."""
    value = default.value if isinstance(default, enum.Enum) else default
    if not isinstance(value, str | int | float | bool) or value == "":
        return node
    return {**node, "default": value}


def _constrained(node: Node, extras: tuple[Any, ...]) -> Node:
    for meta in extras:
        if isinstance(meta, msgspec.Meta):
            node.update(_constraints(meta, str(node.get("type", ""))))
    return node


def _constraints(meta: msgspec.Meta, kind: str) -> Node:
    shortest, longest = _LENGTHS.get(kind, ("minLength", "maxLength"))
    bounds: Node = {
        "description": meta.description,
        "title": meta.title,
        "minimum": meta.ge if meta.gt is None else meta.gt,
        "maximum": meta.le if meta.lt is None else meta.lt,
        "exclusiveMinimum": None if meta.gt is None else True,
        "exclusiveMaximum": None if meta.lt is None else True,
        "multipleOf": meta.multiple_of,
        "pattern": meta.pattern,
        shortest: meta.min_length,
        longest: meta.max_length,
        # Anything else that a schema may say, such as x-kubernetes-validations.
        **(meta.extra_json_schema or {}),
    }
    return {key: value for key, value in bounds.items() if value is not None}
