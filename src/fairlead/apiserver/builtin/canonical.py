"""Objects of built-in types in the form in which the API server's Go structs read and write them.

Go cannot tell an empty text, a zero or an empty list from an absent one where a field is no pointer: what is empty is
read as absent, and written, or left out, as the struct says. Quantities and times are written in one way each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from fairlead.machinery import quantity
from fairlead.machinery.schema.fields import WRONG_QUANTITY, prune, schema_within
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from fairlead.machinery.times import format_micro_time, format_time, parse_time

__all__ = [
    "QUANTITY",
    "TIMES",
    "Empties",
    "Unreadable",
    "as_read",
    "as_written",
    "has_empties",
    "ordered",
    "struct_codes",
    "whole_numbers",
]

#: The order in which Go writes metadata.
_META = (
    "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
TIMES = {
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": format_time,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": format_micro_time,
}
#: Go writes larger numbers with an exponent.
_LONGEST_WHOLE = 1e21
#: Lists that no default fills in where they are given empty.
_TOLD_EMPTY: Mapping[object, tuple[str, ...]] = {"io.k8s.api.autoscaling.v2.HPAScalingRules": ("policies",)}
_EMPTY: tuple[Any, ...] = (None, "", 0, False)
_ALWAYS: dict[str, Any] = {"L": None, "T": None, "Q": "0", "I": 0}
_DICT: type[Any] = dict
_LIST: type[Any] = list
_ZEROS: dict[str | None, Any] = {"integer": 0, "number": 0, "boolean": False}


def _has_structs(schema: Schema) -> bool:
    """Whether a value may be, or hold, an object other than a map of scalars."""
    if schema.type in {"string", "integer", "number", "boolean"}:
        return False
    items, values = schema.items, schema.additional_properties
    if schema.type == "array" and items is not None:
        return _has_structs(items)
    plain = schema.type == "object" and not schema.properties and not schema.ref and isinstance(values, Schema)
    return _has_structs(values) if plain and isinstance(values, Schema) else True


class Unreadable(ValueError):
    """A text is no quantity or time; the message is the server's."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is particular to the fields of a schema; derived from it once."""

    #: The codes of `codegen.structs`.
    codes: dict[str, str]
    #: Fields that are written even when empty, with what stands there then; None stands for a new struct.
    always: tuple[tuple[str, Any, Schema | None], ...]
    #: Fields in which there is something to do.
    nested: dict[str, Schema]
    #: Those of them below which something may be written, or left out. Metadata is written in a way of its own.
    written: dict[str, Schema]
    #: What the entries of a map are, where that is so of them.
    entries: Schema | None
    properties: dict[str, Schema]


def _plan(schema: Schema) -> _Plan:
    found: _Plan | None = schema.views.get("plan")
    if found is None:
        found = schema.views["plan"] = _planned(schema)
    return found


def _planned(schema: Schema) -> _Plan:
    struct = schema.ref or schema.views.get("definition")
    codes = dict(schema.definitions.struct(struct)) if struct else {}
    for name in _TOLD_EMPTY.get(struct, ()):
        codes.pop(name, None)
    properties = dict(schema.properties)
    always = tuple(
        (name, _empty(code, properties.get(name)), properties.get(name) if code == "O" else None)
        for name, code in codes.items()
        if code.isupper() and name in properties
    )
    nested = {name: child for name, child in properties.items() if _worth(child)}
    written = {name: child for name, child in nested.items() if name != "metadata" and _has_structs(child)}
    values = schema.additional_properties
    entries = values if isinstance(values, Schema) and _has_structs(values) else None
    return _Plan(codes, always, nested, written, entries, properties)


def struct_codes(schema: Schema) -> Mapping[str, str]:
    """How the Go struct writes its fields: the codes of `codegen.structs`."""
    return _plan(schema).codes


def _empty(code: str, schema: Schema | None) -> Any:
    if code != "S" or schema is None:
        return _ALWAYS.get(code)
    return _ZEROS.get(schema.type, "")


def _worth(schema: Schema) -> bool:
    """Whether anything below has to be looked at."""
    if schema.ref == QUANTITY or schema.ref in TIMES or schema_within(schema) is not None:
        return True
    if schema.type == "array":
        return schema.items is not None
    values = schema.additional_properties
    return bool(schema.properties) or isinstance(values, Schema)


#: An object and the name of a field in it.
_Place: TypeAlias = "tuple[dict[str, Any], str]"


def _no_places() -> list[_Place]:
    return []


@dataclass(slots=True)
class Empties:
    """What an object was given empty."""

    #: Lists that are always written, each with the object that holds it.
    lists: list[_Place] = field(default_factory=_no_places)
    #: Quantities in whole lists that are always written but were not given, each with the object that holds it: such lists are
    #: compared as Go has them in memory, where a zero that was read is another than one that was not given.
    quantities: list[_Place] = field(default_factory=_no_places)
    #: Whether there is a list or map in the spec that reads as none, though it is not: to a few types that is a change.
    in_spec: bool = False


def has_empties(schema: Schema | None, value: object) -> bool:
    """Whether any list or map of a built-in value is empty; a struct never is."""
    if schema is None:
        return False
    if is_list(value):
        return not value or any(has_empties(schema.items, item) for item in value)
    if not is_map(value):
        return False
    return (not value and not schema.properties) or any(has_empties(schema.field(n), item) for n, item in value.items())


def as_read(schema: Schema, value: Any, empties: Empties | None = None) -> Any:
    """The value as Go reads it: without nulls, and without what cannot be told from absent. Containers change in place.

    A list that is always written is owned by those who give it empty, but not stored so: such go to `empties`.
    Raises Unreadable.
    """
    if (within := schema_within(schema)) is not None:
        return (
            value
            if isinstance(value, bool) and str(schema.ref).endswith("OrBool")
            else _read_schema(within, value, empties)
        )
    if isinstance(value, dict):
        _read_fields(schema, cast("dict[str, Any]", value), empties)
    elif isinstance(value, list):
        _read_items(schema.items, cast("list[Any]", value), empties)
    elif schema.ref == QUANTITY:
        return _read_quantity(value)
    elif schema.ref in TIMES and isinstance(value, str):
        return _read_time(schema.ref, value)
    return cast("Any", value)


def _read_schema(schema: Schema, value: Any, empties: Empties | None) -> Any:
    """A schema or something else, or a list of them; None for what holds neither. What is unknown in them goes unnoticed."""
    if is_map(value):
        prune(schema, value)
        return as_read(schema, value, empties)
    if is_list(value):
        return [item if isinstance(item, str) else _read_schema(schema, item, empties) for item in value] or None
    return None


def _read_fields(schema: Schema, fields: dict[str, Any], empties: Empties | None) -> None:
    plan, values = _plan(schema), schema.additional_properties
    for name, item in list(fields.items()):
        code = plan.codes.get(name, "")
        if code == "L" and item == [] and empties is not None:
            empties.lists.append((fields, name))
        elif (
            (item is None and name in plan.properties)
            or (code in {"s", "S", "I"} and item in _EMPTY)
            or (code in {"l", "L"} and item in ([], {}))
            # Bytes are a list to Go.
            or (code == "l" and item == "")
        ):
            del fields[name]
        elif name in plan.nested:
            fields[name] = found = as_read(plan.nested[name], item, empties)
            if found is None:
                del fields[name]
        elif isinstance(values, Schema) and name not in plan.properties:
            fields[name] = _zero(values) if item is None else as_read(values, item, empties)
            if values.ref == QUANTITY:
                fields[name] = quantity.in_thousandths(fields[name])


def _read_items(schema: Schema | None, items: list[Any], empties: Empties | None) -> None:
    if schema is None:
        return
    for index, item in enumerate(items):
        # A list of any JSON (`enum` of a CRD's schema) may hold nulls; all others hold Go's zero values then.
        anything = schema.type is None and schema.ref != QUANTITY
        items[index] = item if anything else _zero(schema) if item is None else as_read(schema, item, empties)


def _read_quantity(value: Any) -> str:
    try:
        return quantity.canonical(value)
    except quantity.QuantityError:
        raise Unreadable(WRONG_QUANTITY) from None


def _read_time(ref: str | None, text: str) -> str:
    try:
        return TIMES[ref or ""](parse_time(text))
    except ValueError:
        layout = (
            "2006-01-02T15:04:05.000000Z07:00" if (ref or "").endswith("MicroTime") else "2006-01-02T15:04:05Z07:00"
        )
        raise Unreadable(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "2006"') from None


def _zero(schema: Schema) -> Any:
    match schema.type:
        case "object":
            return {}
        case "array":
            return []
        case _:
            return "0" if schema.ref == QUANTITY else _ZEROS.get(schema.type, "")


def as_written(schema: Schema, value: Any, empties: Empties | None = None, *, in_list: bool = False) -> None:
    """In place: with everything that Go writes even when empty, and without what it then leaves out.

    Quantities that are not given in whole lists (`in_list`: this is in one) go to `empties` where there are some.
    """
    if isinstance(value, _DICT):
        _write_fields(schema, value, empties, in_list=in_list)
    elif isinstance(value, _LIST) and schema.items is not None:
        in_list = in_list or _is_whole(schema)
        for item in value:
            as_written(schema.items, item, empties, in_list=in_list)


def _is_whole(schema: Schema) -> bool:
    """Whether a list is owned as a whole."""
    return schema.list_type not in {"map", "set"} and "merge" not in schema.patch_strategy


_CONTAINERS: tuple[type, ...] = (dict, list)


def _is_left_out(plan: _Plan, name: str, item: Any) -> bool:
    return isinstance(item, _CONTAINERS) and plan.codes.get(name) in {"l", "L"}


def _write_fields(schema: Schema, fields: dict[str, Any], empties: Empties | None, *, in_list: bool) -> None:
    plan = _plan(schema)
    for name in [name for name, item in fields.items() if not item and _is_left_out(plan, name, item)]:
        del fields[name]
    for name, empty, struct in plan.always:
        if fields.get(name) is None:
            if in_list and empty == "0" and empties is not None:
                empties.quantities.append((fields, name))
            fields[name] = {} if struct is not None else empty
    if not plan.written and plan.entries is None:
        return
    for name, item in fields.items():
        if not isinstance(item, _CONTAINERS):
            continue
        child = plan.written.get(name)
        if child is None and name not in plan.properties:
            child = plan.entries
        if child is not None:
            as_written(child, item, empties, in_list=in_list)


def ordered(document: dict[str, Any], kind: str, api_version: str) -> dict[str, Any]:
    """The document with its type first, so that its bytes without the type are a tail of its bytes."""
    first: dict[str, Any] = {"kind": kind, "apiVersion": api_version}
    meta: dict[str, Any] = document.get("metadata") or {}
    if "resourceVersion" not in meta:
        meta = {**meta, "resourceVersion": None}
    front: dict[str, Any] = {name: meta[name] for name in _META if name in meta}
    if not front.keys() >= meta.keys():
        front |= {name: item for name, item in meta.items() if name not in front}
    first["metadata"] = front
    for name, item in document.items():
        if name not in first:
            first[name] = item
    return first


def whole_numbers(value: Any) -> Any:
    """In place: 1.0 as 1, which is how Go writes it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LONGEST_WHOLE else value
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        for name, item in fields.items():
            if isinstance(item, float | dict | list):
                fields[name] = whole_numbers(item)
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        for index, item in enumerate(items):
            if isinstance(item, float | dict | list):
                items[index] = whole_numbers(item)
    return cast("Any", value)
