"""Holds a value against a CRD's schema and says what is wrong in the API server's words.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from fairlead.machinery.causes import (
    DUPLICATE,
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    TYPE_INVALID,
    Cause,
)
from fairlead.machinery.schema_formats import has_format
from fairlead.machinery.schema_nodes import Schema, child_path, is_list, is_map

__all__ = ["go_value", "validate"]

_WHOLE = "<nil>"
"""How Go prints the path of an error that is about no field in particular."""
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def validate(schema: Schema, value: Any) -> list[Cause]:
    """Every breach of the schema, in the API server's order; duplicates in sets and maps come last."""
    findings = _Findings()
    findings.check(schema, value, "")
    return [*findings.causes, *_duplicates(schema, value, "")]


def go_value(value: Any) -> str:
    """A value as Go's field errors print it: strings quoted, floats as %v, everything else as compact JSON."""
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _number(value: float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bound(bound: Any, value: float) -> Any:
    """An integer is held against the whole part of a bound, as the API server does (2 < 1.5 is told as "less than 1")."""
    return int(bound) if bound is not None and isinstance(value, int) else bound


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if is_map(value):
        return "object"
    if is_list(value):
        return "array"
    return "integer" if isinstance(value, int) else "number"


class _Findings:
    """The causes found in one value; `matched` counts the checks made, which picks the alternative that explains a failed anyOf best."""

    def __init__(self) -> None:
        self.causes: list[Cause] = []
        self.matched = 0

    def add(self, reason: str, field: str, message: str) -> None:
        cause = Cause(reason, message, field.removeprefix(".") or _WHOLE)
        if cause not in self.causes:
            self.causes.append(cause)

    def invalid(self, path: str, value: Any, rule: str) -> None:
        self.add(INVALID, path, f"Invalid value: {go_value(value)}: {path} in body {rule}")

    def whole(self, message: str) -> None:
        self.add(INVALID, "", f'Invalid value: "": {message}')

    def merge(self, other: _Findings) -> None:
        self.matched += other.matched
        self.causes += [cause for cause in other.causes if cause not in self.causes]

    def check(self, schema: Schema, value: Any, path: str) -> None:
        """Hold the value and all within it against the schema. Built-in parts (object metadata) are checked elsewhere."""
        if not schema.structural:
            return
        self._type(schema, value, path)
        if value is not None:
            self._combinations(schema, value, path)
            if isinstance(value, str):
                self._string(schema, value, path)
            elif _is_number(value):
                self._numeric(schema, value, path)
            elif is_list(value):
                self._array(schema, value, path)
        self._enum(schema, value, path)
        if is_map(value):
            self._object(schema, value, path)
        self.matched += 3

    def _type(self, schema: Schema, value: Any, path: str) -> None:
        wanted = ("integer", "string") if schema.int_or_string else () if schema.type is None else (schema.type,)
        if not wanted or (value is None and schema.nullable):
            return
        kind = _kind(value)
        whole = isinstance(value, float) and value.is_integer() and "integer" in wanted
        if kind in wanted or whole or (kind == "integer" and "number" in wanted):
            self.matched += 2
            return
        names = ",".join(wanted)
        self.add(TYPE_INVALID, path, f'Invalid value: "{kind}": {path} in body must be of type {names}: "{kind}"')

    def _combinations(self, schema: Schema, value: Any, path: str) -> None:
        self._any_of(schema, value, path)
        self._one_of(schema, value, path)
        self._all_of(schema, value, path)
        if schema.negated is not None and not _tried(schema.negated, value, path).causes:
            self.whole(f'"{path}" must not validate the schema (not)')

    def _any_of(self, schema: Schema, value: Any, path: str) -> None:
        tries = [_tried(branch, value, path) for branch in schema.branches("anyOf")]
        if tries and all(found.causes for found in tries):
            self.whole(f'"{path}" must validate at least one schema (anyOf)')
            self.merge(max(tries, key=lambda found: found.matched))

    def _one_of(self, schema: Schema, value: Any, path: str) -> None:
        tries = [_tried(branch, value, path) for branch in schema.branches("oneOf")]
        valid = sum(1 for found in tries if not found.causes)
        if not tries or valid == 1:
            return
        said = f"Found {valid} valid alternatives" if valid else "Found none valid"
        self.whole(f'"{path}" must validate one and only one schema (oneOf). {said}')
        if not valid:
            self.merge(max(tries, key=lambda found: found.matched))

    def _all_of(self, schema: Schema, value: Any, path: str) -> None:
        tries = [_tried(branch, value, path) for branch in schema.branches("allOf")]
        for found in tries:
            self.merge(found)
        failed = sum(1 for found in tries if found.causes)
        if failed:
            none = ". None validated" if failed == len(tries) else ""
            self.whole(f'"{path}" must validate all the schemas (allOf){none}')

    def _string(self, schema: Schema, value: str, path: str) -> None:
        most, least, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
        if most is not None and len(value) > most:
            self.add(TOO_LONG, path, f"Too long: may not be more than {most} byte{_s(most)}")
        elif least is not None and len(value) < least:
            self.invalid(path, value, f"should be at least {least} chars long")
        elif pattern and re.search(pattern, value) is None:
            self.invalid(path, value, f"should match '{pattern}'")
        if schema.format and not has_format(value, schema.format):
            self.add(
                TYPE_INVALID,
                path,
                f"Invalid value: {go_value(value)}: {path} in body must be of type {schema.format}: {go_value(value)}",
            )

    def _numeric(self, schema: Schema, value: float, path: str) -> None:
        low, high = _RANGES.get(schema.format or "int64", (-math.inf, math.inf))
        if schema.type == "integer" and not (low <= value <= high and float(value).is_integer()):
            form = f"with format {schema.format}" if schema.format in _RANGES else "(default format)"
            self.whole(f"Checked value must be of type integer {form} in {path}")
        factor, most, least = (_bound(schema.get(name), value) for name in ("multipleOf", "maximum", "minimum"))
        if factor and not (value / factor).is_integer():
            self.invalid(path, value, f"should be a multiple of {_number(factor)}")
        if least is not None:
            exclusive = bool(schema.get("exclusiveMinimum"))
            if value < least or (exclusive and value == least):
                self.invalid(
                    path, value, f"should be greater than {'' if exclusive else 'or equal to '}{_number(least)}"
                )
        if most is not None:
            exclusive = bool(schema.get("exclusiveMaximum"))
            if value > most or (exclusive and value == most):
                self.invalid(path, value, f"should be less than {'' if exclusive else 'or equal to '}{_number(most)}")

    def _array(self, schema: Schema, value: list[Any], path: str) -> None:
        if schema.items is not None:
            for index, item in enumerate(value):
                self.check(schema.items, item, child_path(path, index))
        most, least = schema.get("maxItems"), schema.get("minItems")
        if least is not None and len(value) < least:
            self.invalid(path, len(value), f"should have at least {least} items")
        if most is not None and len(value) > most:
            self.add(TOO_MANY, path, f"Too many: {len(value)}: must have at most {most} item{_s(most)}")
        if schema.get("uniqueItems") and len({go_value(item) for item in value}) < len(value):
            self.add(INVALID, path, f'Invalid value: "": {path} in body shouldn\'t contain duplicates')

    def _enum(self, schema: Schema, value: Any, path: str) -> None:
        allowed = schema.enum
        if not allowed or any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed):
            return
        texts = ", ".join(go_value(one if isinstance(one, str) else go_value(one)) for one in allowed)
        self.add(NOT_SUPPORTED, path, f"Unsupported value: {go_value(value)}: supported values: {texts}")

    def _object(self, schema: Schema, value: dict[str, Any], path: str) -> None:
        most, least = schema.get("maxProperties"), schema.get("minProperties")
        if least is not None and len(value) < least:
            self.invalid(path, len(value), f"should have at least {least} properties")
        if most is not None and len(value) > most:
            self.add(TOO_MANY, path, f"Too many: {len(value)}: must have at most {most} item{_s(most)}")
        for name, item in value.items():
            child = schema.field(name)
            if child is not None:
                self.check(child, item, child_path(path, name))
        for name in schema.required:
            if name not in value:
                self.add(REQUIRED, child_path(path, name), "Required value")
        if schema.embedded_resource:
            self._embedded(value, path)

    def _embedded(self, value: dict[str, Any], path: str) -> None:
        for name in ("apiVersion", "kind"):
            if not value.get(name):
                self.add(REQUIRED, child_path(path, name), "Required value")


def _tried(schema: Schema, value: Any, path: str) -> _Findings:
    found = _Findings()
    found.check(schema, value, path)
    return found


def _duplicates(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    if not schema.structural:
        return
    if is_map(value):
        for name, item in value.items():
            child = schema.field(name)
            if child is not None:
                keyed = name not in schema.properties
                yield from _duplicates(child, item, f"{path}[{name}]" if keyed else child_path(path, name))
    elif is_list(value):
        yield from _duplicate_items(schema, value, path)
        if schema.items is not None:
            for index, item in enumerate(value):
                yield from _duplicates(schema.items, item, child_path(path, index))


def _duplicate_items(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    if schema.list_type not in {"set", "map"}:
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        shown = item
        if schema.list_type == "map":
            if item is not None and not is_map(item):
                said = "must be an object for an array of list-type map"
                yield Cause(INVALID, f"Invalid value: {go_value(item)}: {said}", child_path(path, index))
                return
            shown = {key: item[key] for key in schema.map_keys if key in item} if is_map(item) else {}
        text = go_value(shown)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield Cause(DUPLICATE, f"Duplicate value: {text}", child_path(path, index))
