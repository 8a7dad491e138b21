"""Holds a value against a CRD's schema and says what is wrong in the API server's words.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation and, for what an
update leaves as it was, #validation-ratcheting there (KEP-4008).
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, Final

from fairlead.machinery.causes import INVALID, NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID, Cause
from fairlead.machinery.patterns import go_pattern
from fairlead.machinery.schema.formats import NUMBER_FORMATS, has_format, is_format
from fairlead.machinery.schema.nodes import Schema, child_path, is_list, is_map
from fairlead.machinery.schema.ratchet import NO_OLD, Old, old_field, old_item, unchanged
from fairlead.machinery.shown import go_number, go_value

__all__ = ["validate"]

_WHOLE = "<nil>"
"""How Go prints the path of an error that is about no field in particular."""
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_LARGEST_FLOAT32: Final = 3.4028234663852886e38
#: Beyond this, a float is no integer to the server's library.
_LARGEST_INTEGRAL: Final = 2**53 - 1


class _Kind(Enum):
    NULL = "null"
    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    OBJECT = "object"
    ARRAY = "array"


def validate(schema: Schema, value: Any, old: Old = NO_OLD) -> list[Cause]:
    """Every breach of the schema, in the API server's order.

    `old` is what the value is to replace: a breach in a part that an update leaves as it was is not held against it.
    """
    findings = _Findings()
    findings.check(schema, value, "", old)
    return findings.causes


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _kind(value: Any) -> _Kind:
    if value is None:
        return _Kind.NULL
    if isinstance(value, bool):
        return _Kind.BOOLEAN
    if isinstance(value, str):
        return _Kind.STRING
    if is_map(value):
        return _Kind.OBJECT
    if is_list(value):
        return _Kind.ARRAY
    return _Kind.INTEGER if isinstance(value, int) and -(2**63) <= value < 2**63 else _Kind.NUMBER


def _integral(value: Any) -> bool:
    return isinstance(value, float) and abs(value) <= _LARGEST_INTEGRAL and value.is_integer()


class _Findings:
    """The causes found in one value; `matched` counts the checks passed, which picks the branch that explains a failed anyOf best.

    It counts as the server's library does.
    """

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

    def check(self, schema: Schema, value: Any, path: str, old: Old) -> None:
        """Hold the value and all within it against the schema. Built-in parts (object metadata) are checked elsewhere."""
        if not schema.structural:
            return
        found = _Findings()
        found.validate(schema, value, path, old)
        if found.causes and old is not NO_OLD and unchanged(schema, old, value):
            found.causes = []
        self.merge(found)

    def validate(self, schema: Schema, value: Any, path: str, old: Old) -> None:
        form = is_format(schema)
        types = ("integer", "string") if schema.int_or_string else () if schema.type is None else (schema.type,)
        if types or form or value is None:
            self._type(types, form, schema.nullable, value, path)
            self.matched += value is not None
        if value is not None:
            self._combinations(schema, value, path, old)
            self._by_kind(schema, form, value, path, old)
        self._enum(schema, value, path)
        if value is None:
            return
        self.matched += 1
        if is_map(value):
            self._object(schema, value, path, old)
            self.matched += 1
        self.matched += 1

    def _type(self, types: tuple[str, ...], form: str, nullable: bool, value: Any, path: str) -> None:
        kind = _kind(value)
        names = ",".join(types)
        if kind is _Kind.NULL:
            if types and not nullable:
                self._wrong_type(path, names, "null")
            else:
                self.matched += 1
            return
        said, textual = kind.value, kind in {_Kind.STRING, _Kind.ARRAY}
        fits = said in types or (kind is _Kind.NUMBER and "integer" in types and _integral(value))
        fits = fits or (kind is _Kind.INTEGER and "number" in types)
        if form and not textual and not fits:
            # Told by the format, even where it has none of its own.
            own = {_Kind.INTEGER: "int64", _Kind.NUMBER: "float64"}.get(kind, "")
            if own != form:
                self._wrong_type(path, form, own)
                return
        if (form and textual and not {"integer", "number"} & set(types)) or fits:
            self.matched += 1
        else:
            self._wrong_type(path, names, said)

    def _wrong_type(self, path: str, wanted: str, found: str) -> None:
        shown = go_value(found)
        self.add(TYPE_INVALID, path, f"Invalid value: {shown}: {path} in body must be of type {wanted}: {shown}")

    def _combinations(self, schema: Schema, value: Any, path: str, old: Old) -> None:
        self._any_of(schema, value, path, old)
        self._one_of(schema, value, path, old)
        tries = [_tried(branch, value, path, old) for branch in schema.branches("allOf")]
        for found in tries:
            self.merge(found)
        failed = sum(1 for found in tries if found.causes)
        if failed:
            none = ". None validated" if failed == len(tries) else ""
            self.whole(f"{go_value(path)} must validate all the schemas (allOf){none}")
        if schema.negated is not None and not _tried(schema.negated, value, path, old).causes:
            self.whole(f"{go_value(path)} must not validate the schema (not)")
        self.matched += 2

    def _any_of(self, schema: Schema, value: Any, path: str, old: Old) -> None:
        best: _Findings | None = None
        branches = schema.branches("anyOf")
        for branch in branches:
            found = _tried(branch, value, path, old)
            if not found.causes:
                self.merge(found)
                return
            if best is None or found.matched > best.matched:
                best = found
        if branches:
            self.whole(f"{go_value(path)} must validate at least one schema (anyOf)")
        if best is not None:
            self.merge(best)

    def _one_of(self, schema: Schema, value: Any, path: str, old: Old) -> None:
        tries = [_tried(branch, value, path, old) for branch in schema.branches("oneOf")]
        valid = [found for found in tries if not found.causes]
        if not tries:
            return
        if len(valid) == 1:
            self.merge(valid[0])
            return
        said = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
        self.whole(f"{go_value(path)} must validate one and only one schema (oneOf). {said}")
        if not valid:
            self.merge(max(tries, key=lambda found: found.matched))

    def _by_kind(self, schema: Schema, form: str, value: Any, path: str, old: Old) -> None:
        kind = _kind(value)
        if kind is _Kind.STRING:
            self._string(schema, value, path)
            self.matched += 1
            if form:
                self.matched += 1
                if not has_format(value, form):
                    self._wrong_type_of_text(path, schema.format or "", value)
        elif kind in {_Kind.INTEGER, _Kind.NUMBER}:
            self._numeric(schema, form, value, path)
            self.matched += 2
        elif kind is _Kind.ARRAY:
            self._array(schema, value, path, old)
            self.matched += 2

    def _wrong_type_of_text(self, path: str, form: str, value: str) -> None:
        shown = go_value(value)
        self.add(TYPE_INVALID, path, f"Invalid value: {shown}: {path} in body must be of type {form}: {shown}")

    def _string(self, schema: Schema, value: str, path: str) -> None:
        most, least, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
        if most is not None and len(value) > most:
            self.add(TOO_LONG, path, f"Too long: may not be more than {most} byte{_s(most)}")
        elif least is not None and len(value) < least:
            self.invalid(path, value, f"should be at least {least} chars long")
        elif pattern and go_pattern(pattern).search(value) is None:
            self.invalid(path, value, f"should match '{pattern}'")

    def _numeric(self, schema: Schema, form: str, value: Any, path: str) -> None:
        typed = "" if schema.int_or_string else schema.type or ""
        form = form if form in NUMBER_FORMATS.get(typed, ()) else ""
        self._in_range(value, typed, form, "Checked", path)
        self._multiple(schema.get("multipleOf"), value, typed, form, path)
        least, most = schema.get("minimum"), schema.get("maximum")
        if least is not None:
            bound, shown = self._bound(least, value, typed, form, "Minimum boundary", path)
            exclusive = bool(schema.get("exclusiveMinimum"))
            if shown < bound or (exclusive and shown == bound):
                rule = f"should be greater than {'' if exclusive else 'or equal to '}{go_number(bound)}"
                self.invalid(path, shown, rule)
        if most is not None:
            bound, shown = self._bound(most, value, typed, form, "Maximum boundary", path)
            exclusive = bool(schema.get("exclusiveMaximum"))
            if shown > bound or (exclusive and shown == bound):
                self.invalid(
                    path, shown, f"should be less than {'' if exclusive else 'or equal to '}{go_number(bound)}"
                )

    def _bound(self, bound: Any, value: Any, typed: str, form: str, name: str, path: str) -> tuple[Any, Any]:
        """The bound and the value as they are compared: an integer is held against the whole part of a bound."""
        if not self._in_range(float(bound), typed, form, name, path):
            return float(bound), float(value)
        return (int(bound) if _kind(value) is _Kind.INTEGER else float(bound)), value

    def _multiple(self, factor: Any, value: Any, typed: str, form: str, path: str) -> None:
        if factor is None:
            return
        plain = self._in_range(float(factor), typed, form, "MultipleOf", path)
        if plain and _kind(value) is _Kind.INTEGER:
            factor = int(factor)
            if factor > 0 and value % factor == 0:
                return
        else:
            factor, value = float(factor), float(value)
            quotient = (1 / factor * value if factor < 1 else value / factor) if factor > 0 else 0.5
            if factor > 0 and _integral(quotient):
                return
        if factor <= 0:
            shown = go_number(factor)
            text = f"factor MultipleOf declared for {path} must be positive: {shown}"
            self.add(INVALID, path, f"Invalid value: {shown}: {text}")
            return
        self.invalid(path, value, f"should be a multiple of {go_number(factor)}")

    def _in_range(self, value: Any, typed: str, form: str, name: str, path: str) -> bool:
        """Whether a number fits its type; what does not is told of the whole object."""
        if typed == "integer":
            low, high = _RANGES.get(form, _RANGES["int64"])
            fits = low <= value <= high and float(value).is_integer()
        else:
            fits = form not in {"float", "float32"} or abs(value) <= _LARGEST_FLOAT32
        if not fits:
            with_format = f"with format {form}" if form else "(default format)"
            self.whole(f"{name} value must be of type {typed} {with_format} in {path}")
        return fits

    def _array(self, schema: Schema, value: list[Any], path: str, old: Old) -> None:
        if schema.items is not None:
            for index, item in enumerate(value):
                self.check(schema.items, item, child_path(path, index), old_item(schema, old, item))
        most, least = schema.get("maxItems"), schema.get("minItems")
        if least is not None and len(value) < least:
            self.invalid(path, len(value), f"should have at least {least} items")
        if most is not None and len(value) > most:
            self.add(TOO_MANY, path, f"Too many: {len(value)}: must have at most {most} item{_s(most)}")

    def _enum(self, schema: Schema, value: Any, path: str) -> None:
        allowed = schema.enum
        if not allowed or any(_same(value, one) for one in allowed if one is not None):
            return
        texts = ", ".join(go_value(one if isinstance(one, str) else go_value(one)) for one in allowed)
        self.add(NOT_SUPPORTED, path, f"Unsupported value: {go_value(value)}: supported values: {texts}")

    def _object(self, schema: Schema, value: dict[str, Any], path: str, old: Old) -> None:
        most, least = schema.get("maxProperties"), schema.get("minProperties")
        if least is not None and len(value) < least:
            self.invalid(path, len(value), f"should have at least {least} properties")
        if most is not None and len(value) > most:
            self.add(TOO_MANY, path, f"Too many: {len(value)}: must have at most {most} item{_s(most)}")
        for name, item in value.items():
            child = schema.field(name)
            if child is not None:
                place = child_path(path, name) if name in schema.properties else f"{path}.{name}"
                self.check(child, item, place, old_field(old, name, at_root=not path))
            elif schema.additional_properties is False:
                self.add(
                    INVALID, path, f"Invalid value: {go_value(name)}: {path}.{name} in body is a forbidden property"
                )
        for name in schema.required:
            if name not in value:
                self.add(REQUIRED, f"{path}.{name}", "Required value")


def _same(value: Any, one: Any) -> bool:
    """Whether a value is that of an enum: a number is turned into the other's type before, which cuts fractions off."""
    if isinstance(value, bool) or isinstance(one, bool):
        return type(value) is type(one) and value == one
    numbers = isinstance(value, int | float) and isinstance(one, int | float)
    if numbers and isinstance(one, int) and isinstance(value, float):
        return math.isfinite(value) and int(value) == one
    return (numbers or type(value) is type(one)) and bool(value == one)


def _tried(schema: Schema, value: Any, path: str, old: Old) -> _Findings:
    found = _Findings()
    if schema.structural:
        # Branches of one value are not ratcheted by themselves, only what is within it.
        found.validate(schema, value, path, old)
    return found
