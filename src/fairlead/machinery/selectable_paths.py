"""Which fields of a custom resource may be selected by, as `selectableFields` of its CRD names them.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#crd-selectable-fields
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.machinery.causes import DUPLICATE, TOO_MANY, Cause
from fairlead.machinery.schema.structure import Node, inner, invalid_value, properties, required_value
from fairlead.machinery.shown import go_value

__all__ = ["selectable_faults"]

_MOST = 8
_STEP = re.compile(r"[.\[\]]|'(?:\\.|[^'\\])*'|[^.\[\]]+")
_WRONG_TYPE = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
)


class _NoPath(ValueError):
    """The path leads nowhere; the text says why."""


def selectable_faults(fields: Sequence[Mapping[str, Any]], schema: Node, path: str) -> Iterator[Cause]:
    """What is wrong with the selectable fields of a version that has this schema."""
    seen: set[str] = set()
    for index, field in enumerate(fields):
        text, place = field.get("jsonPath") or "", f"{path}[{index}].jsonPath"
        if not text:
            yield required_value(place)
            continue
        try:
            names, found = _follow(text, schema)
        except _NoPath as error:
            yield invalid_value(place, text, f"is an invalid path: {error}")
            continue
        if names[0] == "metadata":
            yield invalid_value(place, text, "must not point to fields in metadata")
        if found.get("type") not in {"string", "boolean", "integer"}:
            yield invalid_value(place, text, _WRONG_TYPE)
        if ".".join(names) in seen:
            yield Cause(DUPLICATE, f"Duplicate value: {go_value(text)}", place)
        seen.add(".".join(names))
    if len(seen) > _MOST:
        yield Cause(TOO_MANY, f"Too many: {len(seen)}: must have at most {_MOST} items", path)


def _follow(text: str, schema: Node) -> tuple[list[str], Node]:
    steps = iter(_STEP.findall(text))
    names: list[str] = []
    for step in steps:
        if step == "[":
            raise _NoPath("array notation is not allowed")
        if step != ".":
            raise _NoPath(f"expected [ or . but got: {step}")
        name = next(steps, None)
        if name is None:
            raise _NoPath("unexpected end of JSON path")
        schema = _below(schema, name)
        names.append(name)
    return names, schema


def _below(schema: Node, name: str) -> Node:
    fields = properties(schema)
    found = fields.get(name) if fields else inner(schema, "additionalProperties")
    if found is None:
        raise _NoPath("does not refer to a valid field")
    return found
