"""What a schema does to the fields of a value: unknown ones are dropped or reported, defaults are filled in, types are checked.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning and #defaulting
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, NamedTuple

from fairlead.machinery import quantity
from fairlead.machinery.go_parse import MICRO_LAYOUT, RFC3339, base64_fault, time_fault
from fairlead.machinery.schema.nodes import RESOURCE_FIELDS, Schema, child_path, is_list, is_map

__all__ = ["TypeMismatch", "apply_defaults", "prune", "schema_within", "type_errors", "unknown_fields"]


class TypeMismatch(NamedTuple):
    """A value that a server's JSON decoder refuses: where, the type the schema wants, and what is there (JSON's names)."""

    path: str
    expected: str
    actual: str
    #: Go's own words where the type is right and the text is not, as of a time that is none.
    detail: str = ""
    #: The path as keys and indices, for keys may have dots in them.
    steps: tuple[str | int, ...] = ()


def unknown_fields(schema: Schema, value: Any) -> list[str]:
    """The paths of fields the schema does not know, as `fieldValidation: Strict` names them: `spec.containers[0].foo`."""
    return _in_order(schema, [child_path(path, name) for path, _, name in _unknown(schema, value, "")])


def prune(schema: Schema, value: Any) -> list[str]:
    """Drop in place what the schema does not know; the paths of what was dropped."""
    found = list(_unknown(schema, value, ""))
    for _, holder, name in found:
        del holder[name]
    return _in_order(schema, [child_path(path, name) for path, _, name in found])


def _in_order(schema: Schema, paths: list[str]) -> list[str]:
    return sorted(paths) if schema.structural else paths


def _unknown(schema: Schema, value: Any, path: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    if is_map(value):
        # A CRD's `additionalProperties: true` keeps the fields, but knows nothing of what is in them.
        open_ended = schema.structural and isinstance(schema.additional_properties, bool)
        for name, item in value.items():
            if (child := schema.field(name)) is not None:
                yield from _unknown(child, item, child_path(path, name))
            elif open_ended and not (schema.embedded_resource and name in RESOURCE_FIELDS):
                yield from _every(item, child_path(path, name))
            elif not schema.knows(name):
                yield path, value, name
    elif is_list(value) and schema.items is not None:
        for index, item in enumerate(value):
            yield from _unknown(schema.items, item, child_path(path, index))


def _every(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    if is_map(value):
        yield from ((path, value, name) for name in value)
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _every(item, child_path(path, index))


def apply_defaults(schema: Schema, value: Any, *, keep_nulls: bool = False) -> None:
    """Fill in defaults, in place and recursively, also into defaults.

    In a CRD's types a null counts as absent unless nullable, and one without a default is dropped unless `keep_nulls`. Of a
    built-in type's defaults only those that are not Go's zero value count: the others only say that the field is not a pointer.
    """
    if is_map(value):
        plan = _defaults(schema)
        if plan.idle:
            return
        _default_fields(plan, schema, value, keep_nulls=keep_nulls)
        for name, item in value.items():
            child = plan.parts.get(name)
            if child is None and plan.values is not None and name not in schema.properties:
                child = plan.values
            if child is not None:
                apply_defaults(child, item, keep_nulls=keep_nulls)
    elif is_list(value) and schema.items is not None:
        for index, item in enumerate(value):
            if _absent(schema.items, item) and _defaulted(schema.items):
                value[index] = copy.deepcopy(schema.items.default)
            apply_defaults(schema.items, value[index], keep_nulls=keep_nulls)


class _Defaults(NamedTuple):
    """What there is to fill in below a node; found out once."""

    #: Fields that have a default.
    own: tuple[tuple[str, Schema], ...]
    #: Fields that may have something below them.
    parts: dict[str, Schema]
    #: The schema of a map's entries, if they may have something below them.
    values: Schema | None
    #: Whether nulls are dropped, or stand for a default.
    nulls: bool

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.own or self.parts or self.nulls or self.values)


def _defaults(schema: Schema) -> _Defaults:
    found: _Defaults | None = schema.views.get(_Defaults)
    if found is None:
        own = tuple((name, child) for name, child in schema.properties.items() if _defaulted(child))
        deep = _may_fill(schema)
        parts = {name: child for name, child in schema.properties.items() if deep and _has_parts(child)}
        entries = schema.additional_properties
        values = entries if deep and isinstance(entries, Schema) and _has_parts(entries) else None
        nulls = schema.structural or any(child.structural for child in schema.properties.values())
        found = schema.views[_Defaults] = _Defaults(own, parts, values, nulls)
    return found


_SCALARS = frozenset({"string", "integer", "number", "boolean"})


def _has_parts(schema: Schema) -> bool:
    """Whether a value of this schema may have something below it."""
    if schema.properties or (schema.structural and schema.type in {None, "object", "array"}):
        return True
    entries = schema.additional_properties
    items = schema.items
    return (isinstance(entries, Schema) and _has_parts(entries)) or (items is not None and _has_parts(items))


#: As many nodes of a schema, beside those of scalars, are read to find out whether it has a default.
_FAR = 12


def _may_fill(schema: Schema) -> bool:
    """Whether there may be something to fill in below a value of this schema; of a large one nobody looks so far."""
    seen: set[str | int] = set()
    waiting = [schema]
    while waiting and len(seen) < _FAR:
        node = waiting.pop()
        name = node.ref or id(node)
        if name in seen:
            continue
        seen.add(name)
        if node.structural and (node.properties or node.type in {None, "object", "array"}):
            return True
        below = [*node.properties.values(), node.items, node.additional_properties]
        children = [child for child in below if isinstance(child, Schema)]
        if any(_defaulted(child) or child.structural for child in children):
            return True
        waiting += [child for child in children if child.type not in _SCALARS]
    return bool(waiting)


def _default_fields(plan: _Defaults, schema: Schema, value: dict[str, Any], *, keep_nulls: bool) -> None:
    for name, child in plan.own:
        if name not in value or _absent(child, value[name]):
            value[name] = copy.deepcopy(child.default)
    if not plan.nulls or None not in value.values():
        return
    for name in [name for name, item in value.items() if item is None]:
        stated = schema.field(name)
        if stated is None or not _absent(stated, None):
            continue
        if _defaulted(stated):
            value[name] = copy.deepcopy(stated.default)
        elif not keep_nulls:
            del value[name]


def _defaulted(schema: Schema) -> bool:
    if not schema.has_default or schema.default is None:
        return False
    return schema.structural or bool(schema.default)


def _absent(schema: Schema, item: Any) -> bool:
    return item is None and schema.structural and not schema.nullable


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


#: What Go's quantities say of a text that is none.
WRONG_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_BITS = {"int32": 32, "int64": 64}


def _fits(value: float, bits: int) -> bool:
    limit = 1 << (bits - 1)
    return -limit <= value < limit


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "object": is_map,
    "array": is_list,
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": _is_number,
}


def json_type(value: Any) -> str:
    """JSON's name for a value's type, as Go's decoder says it: object, array, string, bool, number, null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    return "object" if is_map(value) else "array" if is_list(value) else "number"


def type_errors(schema: Schema, value: Any) -> list[TypeMismatch]:
    """Values of a type that a server's decoder refuses with 400, in document order. Null is taken for absent."""
    return list(_mismatches(schema, value, ()))


def _mismatches(schema: Schema, value: Any, steps: tuple[str | int, ...]) -> Iterator[TypeMismatch]:
    if value is None:
        return
    expected = _expected(schema)
    if expected is not None and not any(_CHECKS[name](value) for name in expected):
        yield _mismatch(steps, " or ".join(expected), value, WRONG_QUANTITY if schema.format == "quantity" else "")
    elif not schema.structural and schema.format in _BITS and not _fits(value, _BITS[schema.format]):
        yield _mismatch(steps, "integer", value)
    elif fault := _time_fault(schema, value) or _bytes_fault(schema, value) or _quantity_fault(schema, value):
        yield _mismatch(steps, "text", value, fault)
    elif _overflows(schema, value):
        yield _mismatch(steps, schema.format or "integer", value)
    elif (within := schema_within(schema)) is not None:
        yield from _schema_mismatches(schema, within, value, steps)
    else:
        for step, child, item in _children(schema, value):
            yield from _mismatches(child, item, (*steps, step))


def _overflows(schema: Schema, value: Any) -> bool:
    """Whether a number is too large for the Go type that takes it."""
    if schema.format not in {"int32", "int64"} or schema.structural or not isinstance(value, int):
        return False
    bits = int(schema.format[3:])
    return not -(1 << bits - 1) <= value < 1 << bits - 1


def _children(schema: Schema, value: Any) -> Iterator[tuple[str | int, Schema, Any]]:
    if is_map(value):
        for name, item in value.items():
            if (child := schema.field(name)) is not None:
                yield name, child, item
    elif is_list(value) and schema.items is not None:
        for index, item in enumerate(value):
            yield index, schema.items, item


def _time_fault(schema: Schema, value: Any) -> str:
    if schema.format != "date-time" or schema.structural:
        return ""
    return time_fault(str(value), MICRO_LAYOUT if (schema.ref or "").endswith(".MicroTime") else RFC3339)


def _quantity_fault(schema: Schema, value: Any) -> str:
    if schema.format != "quantity" or schema.structural:
        return ""
    try:
        quantity.canonical(value)
    except quantity.QuantityError:
        return WRONG_QUANTITY
    return ""


def _bytes_fault(schema: Schema, value: Any) -> str:
    if schema.format != "byte" or schema.structural or not isinstance(value, str):
        return ""
    place = base64_fault(value)
    return "" if place is None else f"illegal base64 data at input byte {place}"


#: Types whose JSON is a schema or something else; the OpenAPI document says nothing of either.
_SCHEMA = "JSONSchemaProps"
_SCHEMA_OR = (f"{_SCHEMA}OrArray", f"{_SCHEMA}OrBool", f"{_SCHEMA}OrStringArray")


def schema_within(schema: Schema) -> Schema | None:
    """The schema that a value of this schema is, or holds; None for a type that is no schema or something else."""
    name = schema.ref or ""
    return schema.definitions.definition(name[: name.rindex("Or")]) if name.endswith(_SCHEMA_OR) else None


def _schema_mismatches(
    schema: Schema, inner: Schema, value: Any, steps: tuple[str | int, ...]
) -> Iterator[TypeMismatch]:
    name = str(schema.ref)
    if name.endswith("OrBool") and not is_map(value) and not isinstance(value, bool):
        yield _mismatch(steps, "schema", value, "boolean or JSON schema expected")
    elif name.endswith("OrStringArray") and is_list(value):
        places = enumerate(value)
        yield from (_mismatch((*steps, index), "string", item) for index, item in places if not isinstance(item, str))
    elif is_map(value):
        yield from _mismatches(inner, value, steps)
    elif is_list(value) and name.endswith("OrArray"):
        for index, item in enumerate(value):
            yield from _mismatches(inner, item, (*steps, index))


def _mismatch(steps: tuple[str | int, ...], expected: str, value: Any, detail: str = "") -> TypeMismatch:
    return TypeMismatch(reduce(child_path, steps, ""), expected, json_type(value), detail, steps)


def _expected(schema: Schema) -> tuple[str, ...] | None:
    if schema.int_or_string:
        return ("integer", "string")
    if schema.format == "quantity":
        return ("string", "number")
    return None if schema.type not in _CHECKS else (schema.type,)
