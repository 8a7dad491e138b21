"""What a Go server says of JSON that does not fit its structs."""

from __future__ import annotations

import re
from typing import Any, cast

from fairlead.machinery.schema import Schema, TypeMismatch, type_errors

__all__ = ["base64_fault", "go_value", "type_fault"]

_INDEX = re.compile(r"\[\d+\]")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_SCALARS = {"boolean": "bool", "string": "string", "number": "float64"}
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def type_fault(schema: Schema, kind: str, document: dict[str, Any]) -> str:
    """The sentence of Go's JSON decoder about the first value of a wrong type; empty when all fit."""
    found = type_errors(schema, document)
    return _sentence(schema, kind, document, found[0]) if found else ""


def _sentence(schema: Schema, kind: str, document: dict[str, Any], fault: TypeMismatch) -> str:
    holder, name, node = kind, fault.path, schema
    value: Any = document
    fields: list[str] = []
    for index, field in _STEP.findall(fault.path):
        value = value[int(index)] if index else value[field]
        if index:
            node = node.items or node
            continue
        if field in node.properties:
            holder = (node.ref or kind).rpartition(".")[2]
            fields.append(field)
        node = node.field(field) or node
    name = ".".join(fields) or _INDEX.sub("", name)
    number = f" {value}" if fault.actual == "number" and isinstance(value, float) else ""
    return (
        f"json: cannot unmarshal {fault.actual}{number} into Go struct field {holder}.{name} of type {_go_type(node)}"
    )


def _go_type(node: Schema) -> str:
    if node.type == "integer":
        return node.format or "int32"
    if node.type == "array" and node.items is not None:
        return f"[]{_go_type(node.items)}"
    if node.type == "object":
        values = node.additional_properties
        if isinstance(values, Schema):
            return f"map[string]{_go_type(values)}"
        if node.ref:
            *_, version, name = node.ref.split(".")
            return f"{version}.{name}"
    return _SCALARS.get(node.type or "", "string")


def base64_fault(text: str) -> int | None:
    """The place at which Go's base64 decoder stops; None when the text is right."""
    for place, letter in enumerate(text):
        if letter not in _BASE64:
            rest = text[place:]
            right = rest in {"=", "=="} and (place + len(rest)) % 4 == 0
            return None if right else place
    return None if len(text) % 4 == 0 else len(text) - len(text) % 4


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
