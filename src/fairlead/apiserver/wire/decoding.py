"""What a Go server says of JSON that does not fit its structs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from fairlead.machinery import quantity
from fairlead.machinery.go_parse import MICRO_LAYOUT, RFC3339, base64_fault, time_fault
from fairlead.machinery.schema.fields import TypeMismatch, schema_within, type_errors
from fairlead.machinery.schema.nodes import Schema

__all__ = ["conversion_fault", "go_value", "type_fault"]

_SCALARS = {"boolean": "bool", "string": "string", "number": "float64"}


def type_fault(schema: Schema, kind: str, document: dict[str, Any], *, alone: str = "") -> str:
    """The sentence of Go's JSON decoder about the first value of a wrong type; empty when all fit.

    `alone` names a field that is decoded by itself, as a custom object's metadata is.
    """
    found = type_errors(schema, document)
    return _sentence(schema, kind, document, _told(schema, found), alone) if found else ""


def _told(schema: Schema, faults: list[TypeMismatch], depth: int = 0) -> TypeMismatch:
    """The fault that Go tells of several: it notes the first and reads on, but a type that reads itself ends the reading."""
    for fault in faults:
        end = next((end for end, node in _nodes(schema, fault.steps) if end > depth and _reads_itself(node)), None)
        if end is not None:
            within = [other for other in faults if other.steps[:end] == fault.steps[:end]]
            return _told(schema, within, end)
    return faults[0]


def _nodes(schema: Schema, steps: tuple[str | int, ...]) -> Iterator[tuple[int, Schema]]:
    """The schemas on the way to a value, each with the number of steps to it."""
    node: Schema | None = schema
    for end, step in enumerate(steps, 1):
        if node is not None:
            node = schema_within(node) or node
            node = node.field(step) if isinstance(step, str) else node.items or node
        if node is not None:
            yield end, node


def _reads_itself(schema: Schema) -> bool:
    return schema.int_or_string or schema.format in {"quantity", "date-time"} or schema_within(schema) is not None


def _sentence(schema: Schema, kind: str, document: dict[str, Any], fault: TypeMismatch, alone: str) -> str:
    if fault.detail:
        return fault.detail
    holder, node, named = kind, schema, ""
    value: Any = document
    fields: list[str] = []
    inside = False
    for step in fault.steps:
        value = value[step]
        within, inside = schema_within(node), inside or schema_within(node) is not None
        if within is not None and isinstance(step, int):
            named = "string" if str(node.ref).endswith("OrStringArray") else _go_type(within)
            node = within
            continue
        node = within or node
        if isinstance(step, int):
            node, named = node.items or node, named.removeprefix("[]")
            continue
        if step in node.properties:
            definition = str(node.ref or node.views.get("definition") or "")
            # Around a type that reads itself Go tells the struct that has it.
            holder = holder if inside else (definition or kind).rpartition(".")[2]
            embedded, named = node.definitions.go_field(definition, step)
            fields += [embedded, step] if embedded else [step]
        elif named.startswith("map["):
            named = named.partition("]")[2]
        node = node.field(step) or node
    go = named or _go_type(node)
    if fields == [alone]:
        return f"json: cannot unmarshal {fault.actual} into Go value of type {go}"
    name = ".".join(fields).removeprefix(f"{alone}.") or ".".join(s for s in fault.steps if isinstance(s, str))
    shown = go.startswith("int")
    number = f" {value}" if fault.actual == "number" and shown else ""
    return f"json: cannot unmarshal {fault.actual}{number} into Go struct field {holder}.{name} of type {go}"


def _go_type(node: Schema) -> str:
    if node.type == "integer":
        return node.format or "int32"
    if node.int_or_string:
        return "int32"
    if node.type == "array" and node.items is not None:
        return f"[]{_go_type(node.items)}"
    if node.type == "object":
        values = node.additional_properties
        if isinstance(values, Schema):
            return f"map[string]{_go_type(values)}"
        if definition := node.ref or node.views.get("definition"):
            *_, version, name = str(definition).split(".")
            return f"{version}.{name}"
    if node.ref and node.type is None:
        return ".".join(node.ref.split(".")[-2:])
    return _SCALARS.get(node.type or "", "string")


def conversion_fault(schema: Schema, document: Any) -> str:
    """What the server says of the first value that cannot be put into a field of its type; empty when all can.

    A strategic merge patch is applied to maps, which are then turned into structs: its refusals name no field.
    """
    if document is None:
        return ""
    if schema.int_or_string or schema.format in _READ_FROM_TEXT:
        return _reading_fault(schema, document)
    found = _go_kind(document)
    if schema.type == "object":
        if not isinstance(document, dict):
            struct = bool(schema.properties)
            return f"cannot restore struct from: {found}" if struct else f"cannot restore map from {found}"
        inner = ((schema.field(name), item) for name, item in cast("dict[str, Any]", document).items())
        return next((fault for child, item in inner if child and (fault := conversion_fault(child, item))), "")
    if schema.type == "array" and schema.items is not None:
        if not isinstance(document, list):
            return f"cannot restore slice from {found}"
        items, child = cast("list[Any]", document), schema.items
        return next((fault for item in items if (fault := conversion_fault(child, item))), "")
    return _scalar_fault(schema, document, found)


_READ_FROM_TEXT = {"quantity", "date-time", "byte"}
_QUANTITY = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"


def _reading_fault(schema: Schema, value: Any) -> str:
    """The fault of a value that its type reads from JSON by itself."""
    kinds = {"slice": "array", "map": "object", "int64": f"number {value}", "float64": f"number {value}"}
    found = kinds.get(_go_kind(value), _go_kind(value))
    if schema.format == "quantity":
        return "" if _is_quantity(value) else f"quantities must match the regular expression '{_QUANTITY}'"
    if schema.int_or_string:
        fits = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
        return "" if fits else f"json: cannot unmarshal {found} into Go value of type int32"
    if not isinstance(value, str):
        wanted = "string" if schema.format == "date-time" else "[]uint8"
        return f"json: cannot unmarshal {found.split()[0]} into Go value of type {wanted}"
    if schema.format == "date-time":
        return time_fault(value, MICRO_LAYOUT if (schema.ref or "").endswith(".MicroTime") else RFC3339)
    place = base64_fault(value)
    return "" if place is None else f"error decoding from json: illegal base64 data at input byte {place}"


def _is_quantity(value: Any) -> bool:
    try:
        quantity.canonical(value)
    except quantity.QuantityError:
        return False
    return True


_GO_SCALARS = {"string": "string", "boolean": "bool", "number": "float64"}


def _scalar_fault(schema: Schema, value: Any, found: str) -> str:
    wanted = schema.format or "int32" if schema.type == "integer" else _GO_SCALARS.get(schema.type or "", "")
    fits = {
        "string": isinstance(value, str),
        "bool": isinstance(value, bool),
        "float64": found in {"int64", "float64"},
        "": True,
    }.get(wanted, found == "int64" or (found == "float64" and float(value).is_integer()))
    if fits:
        return ""
    # Go can convert numbers to strings, but the server does not.
    converts = (found == "int64" and wanted == "string") or (found == "float64" and schema.type == "integer")
    return f"cannot convert {found} to {wanted}" if converts else f"unrecognized type: {wanted}"


def _go_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    kinds = {str: "string", int: "int64", float: "float64", list: "slice", dict: "map"}
    return kinds.get(cast("type[Any]", type(value)), "interface")


def go_value(value: Any) -> str:
    """A JSON value as Go's %v prints it."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return "map[" + " ".join(f"{key}:{go_value(fields[key])}" for key in sorted(fields)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(go_value, cast("list[Any]", value))) + "]"
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
