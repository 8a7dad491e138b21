"""Objects of built-in types in the form in which the API server's Go structs write them."""

from __future__ import annotations

from typing import Any, cast

from fairlead.machinery.schema import Schema

__all__ = ["canonical", "ordered"]


def canonical(schema: Schema, value: Any) -> None:
    """In place: drop nulls and optional empty lists and maps, and add the structs that are always written.

    A struct field that is no pointer has the default `{}` in the OpenAPI document; Go writes it even when empty.
    """
    if isinstance(value, dict):
        _fields(schema, cast("dict[str, Any]", value))
    elif isinstance(value, list) and schema.items is not None:
        for item in cast("list[Any]", value):
            canonical(schema.items, item)


def _fields(schema: Schema, value: dict[str, Any]) -> None:
    properties, required = schema.properties, schema.required
    for name in [name for name, item in value.items() if item is None or item in ([], {})]:
        child = properties.get(name)
        if value[name] is None or (child is not None and name not in required and _collection(child)):
            del value[name]
    for name, child in properties.items():
        if name not in value and child.has_default and child.default == {} and child.properties:
            value[name] = {}
        if name in value and name != "metadata":
            canonical(child, value[name])


def _collection(schema: Schema) -> bool:
    """A list or a map, which Go leaves out when empty; not a struct, which may be a pointer to an empty one."""
    return schema.type == "array" or (schema.type == "object" and not schema.properties and not schema.keeps_unknown)


def ordered(document: dict[str, Any], kind: str, api_version: str) -> dict[str, Any]:
    """The document with its type first, so that its bytes without the type are a tail of its bytes."""
    first: dict[str, Any] = {"kind": kind, "apiVersion": api_version}
    first["metadata"] = document.get("metadata") or {}
    first.update((name, item) for name, item in document.items() if name not in first)
    return first
