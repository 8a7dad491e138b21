"""How the server reads objects within custom objects: their types as texts, their metadata as every object's.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension
"""

from __future__ import annotations

from typing import Any

from fairlead.apiserver.builtin.canonical import as_read
from fairlead.apiserver.wire.decoding import type_fault
from fairlead.apiserver.wire.json_errors import kind_of
from fairlead.machinery.schema.fields import prune, unknown_fields
from fairlead.machinery.schema.nodes import Schema, child_path, is_list, is_map
from fairlead.machinery.schema.registry import OBJECT_META, builtin_registry
from fairlead.machinery.shown import go_value

__all__ = ["EmbeddedFault", "metadata_fault", "read_embedded"]


def metadata_fault(value: Any) -> str:
    """What Go says of a custom object's metadata that it cannot read; empty when it can."""
    if value is None or is_map(value):
        return type_fault(builtin_registry().definition(OBJECT_META), "ObjectMeta", value or {})
    return f"json: cannot unmarshal {kind_of(value)} into Go value of type v1.ObjectMeta"


class EmbeddedFault(ValueError):
    """An embedded object that cannot be read; the message is the server's."""


def read_embedded(schema: Schema, value: Any, path: str = "") -> list[str]:
    """Read embedded objects in place; the paths of fields of their metadata that were dropped. Raises EmbeddedFault."""
    found: list[str] = []
    if not schema.structural:
        return found
    if is_map(value):
        for name in list(value):
            if schema.embedded_resource and path:
                found += _own_field(value, name, path)
            child = schema.field(name)
            if child is not None:
                place = child_path(path, name) if name in schema.properties else f"{path}[{name}]"
                found += read_embedded(child, value[name], place)
    elif is_list(value) and schema.items is not None:
        for index, item in enumerate(value):
            found += read_embedded(schema.items, item, child_path(path, index))
    return found


def _own_field(holder: dict[str, Any], name: str, path: str) -> list[str]:
    value, place = holder[name], child_path(path, name)
    if name in {"apiVersion", "kind"} and not isinstance(value, str):
        raise EmbeddedFault(f"{place}: Invalid value: {go_value(value)}: must be a string")
    return _metadata(holder, value, place) if name == "metadata" else []


def _metadata(holder: dict[str, Any], value: Any, place: str) -> list[str]:
    schema = builtin_registry().definition(OBJECT_META)
    if value is None:
        holder["metadata"] = {}
        return []
    fault = metadata_fault(value)
    if fault:
        raise EmbeddedFault(f"{place}: Invalid value: {go_value(value)}: {fault}")
    dropped = unknown_fields(schema, value)
    prune(schema, value)
    as_read(schema, value)
    for name in [name for name, item in value.items() if item in (None, "", [], {})]:
        del value[name]
    return [f"{place}.{name}" for name in dropped]
