"""Objects of built-in types in the form in which the API server's Go structs write them."""

from __future__ import annotations

from typing import Any, cast

from fairlead.machinery.go_times import written_times
from fairlead.machinery.schema import Schema

__all__ = ["canonical", "ordered", "without_nulls"]

#: The order in which Go writes metadata.
_META = (
    "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip


def canonical(schema: Schema, value: Any) -> None:
    """In place: drop optional empty lists and maps, and add the structs that are always written.

    A struct field that is no pointer has the default `{}` in the OpenAPI document; Go writes it even when empty.
    """
    if isinstance(value, dict):
        _fields(schema, cast("dict[str, Any]", value))
    elif isinstance(value, list) and schema.items is not None:
        for item in cast("list[Any]", value):
            canonical(schema.items, item)


def without_nulls(schema: Schema, value: Any) -> None:
    """In place: what Go reads nulls as: absent fields, and zero values in lists and maps."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        for name, item in list(fields.items()):
            child = schema.field(name)
            if item is None and name in schema.properties:
                del fields[name]
            elif item is None and child is not None:
                fields[name] = _zero(child)
            elif child is not None:
                without_nulls(child, item)
    elif isinstance(value, list) and schema.items is not None:
        items = cast("list[Any]", value)
        for index, item in enumerate(items):
            if item is None:
                items[index] = _zero(schema.items)
            else:
                without_nulls(schema.items, item)


def _zero(schema: Schema) -> Any:
    match schema.type:
        case "object":
            return {}
        case "array":
            return []
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case _:
            return ""


def _fields(schema: Schema, value: dict[str, Any]) -> None:
    properties, required = schema.properties, schema.required
    for name in [name for name, item in value.items() if item in ([], {})]:
        child = properties.get(name)
        if child is not None and name not in required and _collection(child):
            del value[name]
    for name, child in properties.items():
        if name not in value:
            _write_always(value, name, child, required=name in required)
        if name in value and name != "metadata":
            canonical(child, value[name])
    for name in written_times(schema.ref):
        value.setdefault(name, None)


def _write_always(value: dict[str, Any], name: str, child: Schema, *, required: bool) -> None:
    """Structs that are no pointers are written even when empty, and so are required fields with Go's zero value."""
    if child.has_default and child.default == {} and child.properties:
        value[name] = {}
    elif required and child.has_default and child.default in ("", 0):
        value[name] = child.default
    elif required and child.type == "array":
        value[name] = None


def _collection(schema: Schema) -> bool:
    """A list or a map, which Go leaves out when empty; not a struct, which may be a pointer to an empty one."""
    return schema.type == "array" or (schema.type == "object" and not schema.properties and not schema.keeps_unknown)


def ordered(document: dict[str, Any], kind: str, api_version: str) -> dict[str, Any]:
    """The document with its type first, so that its bytes without the type are a tail of its bytes."""
    first: dict[str, Any] = {"kind": kind, "apiVersion": api_version}
    meta: dict[str, Any] = document.get("metadata") or {}
    first["metadata"] = {name: meta.get(name) for name in _META if name in meta or name == "resourceVersion"}
    first["metadata"].update((name, item) for name, item in meta.items() if name not in first["metadata"])
    first.update((name, item) for name, item in document.items() if name not in first)
    return first
