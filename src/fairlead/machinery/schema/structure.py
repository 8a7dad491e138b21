"""Whether a CRD's schema is structural: the shape that pruning, defaulting and server-side apply rely on.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

from fairlead.machinery.causes import FORBIDDEN, INVALID, REQUIRED, Cause
from fairlead.machinery.patterns import pattern_fault
from fairlead.machinery.shown import go_value

__all__ = [
    "Node",
    "branches",
    "children",
    "forbidden",
    "inner",
    "invalid_value",
    "required_value",
    "structural_faults",
    "unsupported",
]

Node: TypeAlias = Mapping[str, Any]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
_INT_OR_STRING_TYPES = [{"type": "integer"}, {"type": "string"}]
#: What a schema under allOf, anyOf, oneOf and not may not say, in the order in which it is told.
_VALUE_ONLY = {
    "type": "must be empty to be structural",
    "additionalProperties": "must be undefined to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    PRESERVE: "must be false to be structural",
    EMBEDDED: "must be false to be structural",
    INT_OR_STRING: "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}
_MISSING_TYPE = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
_UNSUPPORTED = ("id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions")


def structural_faults(schema: Node, path: str) -> list[Cause]:
    """What keeps a schema from being structural, sorted by text as the server does. `path` leads to the schema."""
    return sorted([*_invariants(schema, "root", path), *_complete(schema, schema, path, path)], key=str)


def unsupported(node: Node) -> str:
    """The first keyword, here or below, that no structural schema can hold; empty when there is none."""
    for keyword in _UNSUPPORTED:
        if node.get(keyword):
            return (
                f"OpenAPIV3Schema '{keyword.removeprefix('$') if keyword == '$schema' else keyword}' is not supported"
            )
    if isinstance(node.get("items"), list) and node["items"]:
        return "OpenAPIV3Schema 'items' must be a schema, but is an array"
    if node.get(PRESERVE) is False:
        return f"internal error: '{PRESERVE}' must be true or undefined"
    below = [child for child, _ in branches(node, "")] + [child for child, _, _ in children(node, "")]
    return next((text for child in below if (text := unsupported(child))), "")


def required_value(path: str, why: str = "") -> Cause:
    """The cause for something that must be there."""
    return Cause(REQUIRED, f"Required value: {why}" if why else "Required value", path)


def invalid_value(path: str, value: Any, why: str) -> Cause:
    """The cause for a value that is wrong."""
    return Cause(INVALID, f"Invalid value: {go_value(value)}: {why}", path)


def forbidden(path: str, why: str) -> Cause:
    """The cause for something that may not be there."""
    return Cause(FORBIDDEN, f"Forbidden: {why}", path)


def inner(node: Node, keyword: str) -> Node | None:
    """The schema under `items`, `additionalProperties` or `not`."""
    found = node.get(keyword)
    return cast(Node, found) if isinstance(found, Mapping) else None


def properties(node: Node) -> Mapping[str, Node]:
    """The schemas of the named fields."""
    return cast("Mapping[str, Node]", node.get("properties") or {})


def listed(node: Node, keyword: str) -> list[Node]:
    """The schemas under `allOf`, `anyOf` or `oneOf`."""
    return cast("list[Node]", node.get(keyword) or [])


def children(node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
    """The schemas of what a value holds: (schema, whether an item or a field, path)."""
    if (items := inner(node, "items")) is not None:
        yield items, "item", f"{path}.items"
    for name, child in properties(node).items():
        yield child, "field", f"{path}.properties[{name}]"
    if (extra := inner(node, "additionalProperties")) is not None:
        yield extra, "field", f"{path}.additionalProperties"


def branches(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The schemas that hold for the value itself beside the node: (schema, path)."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(listed(node, keyword)):
            yield child, f"{path}.{keyword}[{index}]"
    if (negated := inner(node, "not")) is not None:
        yield negated, f"{path}.not"


def wrong_type(node: Node, path: str, why: str) -> Cause:
    """The cause for a type that is not the one that another keyword needs."""
    kind = node.get("type")
    return invalid_value(f"{path}.type", kind, why) if kind else required_value(f"{path}.type", why)


def _invariants(node: Node, level: str, path: str) -> Iterator[Cause]:
    if node.get("type") == "array" and node.get("items") is None:
        yield required_value(f"{path}.items", "must be specified")
    for child, below, place in children(node, path):
        yield from _invariants(child, below, place)
    if level == "root" and node.get("additionalProperties") is not None:
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    yield from _extensions(node, path)
    yield from _value_validation(node, path, *_int_or_string_patterns(node))
    yield from _node_type(node, level, path)
    yield from _resource_fields(node, level, path)


def _int_or_string_patterns(node: Node) -> tuple[bool, bool]:
    """Whether `anyOf: [integer, string]` stands at the top, or first under allOf: the only types allowed there."""
    all_of = listed(node, "allOf")
    return (
        node.get("anyOf") == _INT_OR_STRING_TYPES,
        bool(all_of) and all_of[0].get("anyOf") == _INT_OR_STRING_TYPES,
    )


def _extensions(node: Node, path: str) -> Iterator[Cause]:
    if node.get(INT_OR_STRING):
        for keyword in (PRESERVE, EMBEDDED):
            if node.get(keyword):
                yield invalid_value(f"{path}.{keyword}", True, f"must be false if {INT_OR_STRING} is true")


def _node_type(node: Node, level: str, path: str) -> Iterator[Cause]:
    kind = node.get("type")
    embedded = bool(node.get(EMBEDDED))
    if embedded and kind != "object":
        yield wrong_type(node, path, f"must be object if {EMBEDDED} is true")
    elif not kind and not node.get(INT_OR_STRING) and not node.get(PRESERVE):
        yield required_value(f"{path}.type", _MISSING_TYPE[level])
    if embedded and node.get("additionalProperties") is not None:
        yield forbidden(f"{path}.additionalProperties", f"must not be used if {EMBEDDED} is set")
    if level == "root" and kind and kind != "object":
        yield invalid_value(f"{path}.type", kind, "must be object at the root")
    if embedded and not node.get(PRESERVE) and not properties(node):
        why = f"must not be empty if {EMBEDDED} is true without {PRESERVE}"
        yield required_value(f"{path}.properties", why)


def _resource_fields(node: Node, level: str, path: str) -> Iterator[Cause]:
    if level != "root" and not node.get(EMBEDDED):
        return
    fields = properties(node)
    for name in ("kind", "apiVersion"):
        if name in fields and fields[name].get("type") != "string":
            yield invalid_value(f"{path}.properties[{name}].type", fields[name].get("type") or "", "must be string")
    metadata = fields.get("metadata")
    if metadata is None:
        return
    place = f"{path}.properties[metadata]"
    if metadata.get("type") != "object":
        yield invalid_value(f"{place}.type", metadata.get("type") or "", "must be object")
    said = {name for name, value in metadata.items() if value not in (None, False, "", [], {})}
    named = set(properties(metadata))
    if level == "root" and (said - {"type", "default", "properties"} or named - {"name", "generateName"}):
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield forbidden(place, why)


def _value_validation(node: Node, path: str, skip_any: bool = False, skip_all_any: bool = False) -> Iterator[Cause]:
    for child, place in branches(node, path):
        if skip_any and place.startswith(f"{path}.anyOf["):
            continue
        yield from _nested(child, place, skip_any=skip_all_any and place == f"{path}.allOf[0]")
    if node.get("pattern"):
        fault = pattern_fault(node["pattern"])
        if fault:
            why = f"must be a valid regular expression, but isn't: {fault}"
            yield invalid_value(f"{path}.pattern", node["pattern"], why)


def _nested(node: Node, path: str, *, skip_any: bool = False) -> Iterator[Cause]:
    yield from _value_validation(node, path, skip_any)
    for child, _, place in children(node, path):
        if not place.endswith(".additionalProperties"):
            yield from _nested(child, place)
    for keyword, why in _VALUE_ONLY.items():
        if node.get(keyword) not in (None, False, "", []):
            yield forbidden(f"{path}.{keyword}", why)
    if "metadata" in properties(node):
        yield forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context")


def _complete(outer: Node | None, node: Node, outer_path: str, path: str) -> Iterator[Cause]:
    """Every field that the root's own validations name must be specified outside of them; nested ones are not held to it."""
    for branch, place in branches(node, path):
        yield from _covered(outer, branch, outer_path, place)


def _covered(outer: Node | None, node: Node, outer_path: str, path: str) -> Iterator[Cause]:
    if outer is None:
        yield required_value(outer_path, f"because it is defined in {path}")
        return
    yield from _complete(outer, node, outer_path, path)
    if (items := inner(node, "items")) is not None:
        yield from _covered(inner(outer, "items"), items, f"{outer_path}.items", f"{path}.items")
    stated = properties(outer)
    for name, child in properties(node).items():
        place, stated_path = f"{path}.properties[{name}]", f"{outer_path}.properties[{name}]"
        yield from _covered(stated.get(name), child, stated_path, place)
