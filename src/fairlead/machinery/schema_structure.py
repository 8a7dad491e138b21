"""Whether a CRD's schema is structural, in the API server's words: the rules that people meet.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from fairlead.machinery.causes import FORBIDDEN, INVALID, NOT_SUPPORTED, REQUIRED, Cause
from fairlead.machinery.schema_rules import go_value

__all__ = ["check_structural"]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_UNSUPPORTED = ("$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties")
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_VALUE_ONLY = {
    "type": "must be empty to be structural",
    "additionalProperties": "must be undefined to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
    "x-kubernetes-embedded-resource": "must be false to be structural",
    "x-kubernetes-int-or-string": "must be false to be structural",
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

_Node = Mapping[str, Any]


def check_structural(schema: _Node, path: str = "spec.validation.openAPIV3Schema") -> list[Cause]:
    """What keeps an `openAPIV3Schema` from being structural, in the API server's order; empty when it is. `path` leads to the schema.

    A schema with keywords that no structural schema can hold is told about those first and alone.
    """
    keywords = list(_keywords(schema, path))
    structure = [] if _hopeless(schema) else [*_invariants(schema, "root", path), *_complete(schema, path)]
    return list(dict.fromkeys([*sorted(structure, key=str), *keywords]))


def _hopeless(node: _Node) -> bool:
    if any(node.get(keyword) for keyword in _UNSUPPORTED) or node.get(_PRESERVE) is False:
        return True
    return any(_hopeless(child) for child, _, _ in _children(node, ""))


def _required(path: str, why: str) -> Cause:
    return Cause(REQUIRED, f"Required value: {why}", path)


def _invalid(path: str, value: Any, why: str) -> Cause:
    return Cause(INVALID, f"Invalid value: {go_value(value)}: {why}", path)


def _forbidden(path: str, why: str) -> Cause:
    return Cause(FORBIDDEN, f"Forbidden: {why}", path)


def _fields(node: _Node) -> Mapping[str, _Node]:
    return cast("Mapping[str, _Node]", node.get("properties") or {})


def _inner(node: _Node, keyword: str) -> _Node | None:
    """The schema under `items`, `additionalProperties` or `not`."""
    found = node.get(keyword)
    return cast(_Node, found) if isinstance(found, Mapping) else None


def _listed(node: _Node, keyword: str) -> list[_Node]:
    return cast("list[_Node]", node.get(keyword) or [])


def _children(node: _Node, path: str) -> Iterator[tuple[_Node, str, str]]:
    if (items := _inner(node, "items")) is not None:
        yield items, "item", f"{path}.items"
    for name, child in _fields(node).items():
        yield child, "field", f"{path}.properties[{name}]"
    if (extra := _inner(node, "additionalProperties")) is not None:
        yield extra, "field", f"{path}.additionalProperties"


def _branches(node: _Node, path: str) -> Iterator[tuple[_Node, str]]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(_listed(node, keyword)):
            yield child, f"{path}.{keyword}[{index}]"
    if (negated := _inner(node, "not")) is not None:
        yield negated, f"{path}.not"


def _keywords(node: _Node, path: str) -> Iterator[Cause]:
    for keyword in _UNSUPPORTED:
        if node.get(keyword):
            yield _forbidden(f"{path}.{keyword}", f"{keyword} is not supported")
    kind = node.get("type")
    if kind and kind not in _TYPES:
        texts = ", ".join(go_value(one) for one in _TYPES)
        yield Cause(NOT_SUPPORTED, f"Unsupported value: {go_value(kind)}: supported values: {texts}", f"{path}.type")
    if node.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield _forbidden(f"{path}.uniqueItems", why)
    if node.get("additionalProperties") and node.get("properties"):
        yield _forbidden(f"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive")
    if node.get("x-kubernetes-preserve-unknown-fields") is False:
        yield _invalid(f"{path}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined")
    yield from _map_type(node, path)
    yield from _list_type(node, path)
    for child, _, place in _children(node, path):
        yield from _keywords(child, place)


def _map_type(node: _Node, path: str) -> Iterator[Cause]:
    kind = node.get("x-kubernetes-map-type")
    if kind is None:
        return
    if node.get("type") != "object":
        yield _wrong_type(node, path, "must be object if x-kubernetes-map-type is specified")
    if kind not in {"atomic", "granular"}:
        why = f'Unsupported value: {go_value(kind)}: supported values: "atomic", "granular"'
        yield Cause(NOT_SUPPORTED, why, f"{path}.x-kubernetes-map-type")


def _wrong_type(node: _Node, path: str, why: str) -> Cause:
    kind = node.get("type")
    return _invalid(f"{path}.type", kind, why) if kind else _required(f"{path}.type", why)


def _list_type(node: _Node, path: str) -> Iterator[Cause]:
    kind = node.get("x-kubernetes-list-type")
    keys = cast("list[str]", node.get("x-kubernetes-list-map-keys") or [])
    place = f"{path}.x-kubernetes-list-type"
    if kind is not None and node.get("type") != "array":
        yield _wrong_type(node, path, "must be array if x-kubernetes-list-type is specified")
    if kind not in {None, "atomic", "set", "map"}:
        why = f'Unsupported value: {go_value(kind)}: supported values: "atomic", "set", "map"'
        yield Cause(NOT_SUPPORTED, why, place)
    if keys and kind != "map":
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        yield _required(place, why) if kind is None else _invalid(place, kind, why)
    items = _inner(node, "items") or {}
    if kind in {"set", "map"} and items.get("nullable"):
        yield _forbidden(f"{path}.items.nullable", f"cannot be nullable when x-kubernetes-list-type is {kind}")
    if kind == "set":
        yield from _set_items(items, path)
    elif kind == "map":
        yield from _map_items(node, items, keys, path)


def _set_items(items: _Node, path: str) -> Iterator[Cause]:
    why = "must be atomic as item of a list with x-kubernetes-list-type=set"
    if items.get("type") == "array" and items.get("x-kubernetes-list-type") not in {None, "atomic"}:
        yield _invalid(f"{path}.items.x-kubernetes-list-type", items["x-kubernetes-list-type"], why)
    if items.get("type") == "object" and items.get("x-kubernetes-map-type") != "atomic":
        yield _invalid(f"{path}.items.x-kubernetes-map-type", items.get("x-kubernetes-list-type"), why)


def _map_items(node: _Node, items: _Node, keys: list[str], path: str) -> Iterator[Cause]:
    place = f"{path}.x-kubernetes-list-map-keys"
    if not keys:
        yield _required(place, "must not be empty if x-kubernetes-list-type is map")
    if "items" not in node:
        yield _required(f"{path}.items", "must have a schema if x-kubernetes-list-type is map")
        return
    if items.get("type") != "object":
        why = "must be object if parent array's x-kubernetes-list-type is map"
        yield _invalid(f"{path}.items.type", items.get("type") or "", why)
    if len(set(keys)) < len(keys):
        yield _invalid(place, keys, "must not contain duplicate entries")
    for key in keys:
        field = _fields(items).get(key)
        if field is None:
            yield _invalid(place, keys, "entries must all be names of item properties")
        elif field.get("type") in {"array", "object"}:
            why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield _invalid(f"{path}.items.properties[{key}].type", items.get("type") or "", why)
    for key in keys:
        yield from _map_key(items, key, path)


def _map_key(items: _Node, key: str, path: str) -> Iterator[Cause]:
    field = _fields(items).get(key)
    if field is None:
        return
    place = f"{path}.items.properties[{key}]"
    said = "this property is in x-kubernetes-list-map-keys, so it"
    if "default" not in field and key not in (items.get("required") or ()):
        yield _required(f"{place}.default", f"{said} must have a default or be a required property")
    if field.get("nullable"):
        yield _forbidden(f"{place}.nullable", f"{said} cannot be nullable")


def _invariants(node: _Node, level: str, path: str) -> Iterator[Cause]:
    if node.get("type") == "array" and node.get("items") is None:
        yield _required(f"{path}.items", "must be specified")
    for child, place_level, place in _children(node, path):
        yield from _invariants(child, place_level, place)
    if level == "root" and node.get("additionalProperties") is not None:
        yield _forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if level == "root" and node.get("nullable"):
        yield _forbidden(f"{path}.nullable", "nullable cannot be true at the root")
    yield from _node_type(node, level, path)
    yield from _extensions(node, path)
    yield from _metadata(node, level, path)
    yield from _value_only(node, path, path_is_root=True)


def _node_type(node: _Node, level: str, path: str) -> Iterator[Cause]:
    kind = node.get("type")
    if node.get("x-kubernetes-embedded-resource"):
        if kind != "object":
            yield _wrong_type(node, path, "must be object if x-kubernetes-embedded-resource is true")
    elif not kind:
        if not (node.get("x-kubernetes-int-or-string") or node.get("x-kubernetes-preserve-unknown-fields")):
            yield _required(f"{path}.type", _MISSING_TYPE[level])
    elif level == "root" and kind != "object":
        yield _invalid(f"{path}.type", kind, "must be object at the root")


def _extensions(node: _Node, path: str) -> Iterator[Cause]:
    if node.get("x-kubernetes-int-or-string"):
        for keyword in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
            if node.get(keyword):
                yield _invalid(f"{path}.{keyword}", True, "must be false if x-kubernetes-int-or-string is true")
    if node.get("x-kubernetes-embedded-resource"):
        if node.get("additionalProperties") is not None:
            why = "must not be used if x-kubernetes-embedded-resource is set"
            yield _forbidden(f"{path}.additionalProperties", why)
        if not node.get("x-kubernetes-preserve-unknown-fields") and not node.get("properties"):
            why = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
            yield _required(f"{path}.properties", why)


def _metadata(node: _Node, level: str, path: str) -> Iterator[Cause]:
    if level != "root" and not node.get("x-kubernetes-embedded-resource"):
        return
    properties = _fields(node)
    for name in ("kind", "apiVersion"):
        if name in properties and properties[name].get("type") != "string":
            yield _invalid(f"{path}.properties[{name}].type", properties[name].get("type") or "", "must be string")
    metadata = properties.get("metadata")
    if metadata is None:
        return
    place = f"{path}.properties[metadata]"
    if metadata.get("type") != "object":
        yield _invalid(f"{place}.type", metadata.get("type") or "", "must be object")
    said = set(metadata) - {"type", "properties", "default", "description", "title"}
    if level == "root" and (said or set(_fields(metadata)) - {"name", "generateName"}):
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield _forbidden(place, why)


def _value_only(node: _Node, path: str, *, path_is_root: bool) -> Iterator[Cause]:
    if path_is_root and "pattern" in node:
        try:
            re.compile(node["pattern"])
        except re.error as error:
            why = f"must be a valid regular expression, but isn't: {error}"
            yield _invalid(f"{path}.pattern", node["pattern"], why)
    for child, place in _branches(node, path):
        if node.get("x-kubernetes-int-or-string") and _is_int_or_string(node, child):
            continue
        for keyword, why in _VALUE_ONLY.items():
            if child.get(keyword) not in (None, False, "", []):
                yield _forbidden(f"{place}.{keyword}", why)
        yield from _value_only(child, place, path_is_root=False)
        for inner, _, deep in _children(child, place):
            yield from _value_fields(inner, deep)


def _value_fields(node: _Node, path: str) -> Iterator[Cause]:
    for keyword, why in _VALUE_ONLY.items():
        if node.get(keyword) not in (None, False, "", []):
            yield _forbidden(f"{path}.{keyword}", why)
    yield from _value_only(node, path, path_is_root=False)
    for child, _, place in _children(node, path):
        yield from _value_fields(child, place)


def _is_int_or_string(node: _Node, child: _Node) -> bool:
    """The two spellings of `anyOf: [integer, string]` that an int-or-string may carry: at the top, or first under allOf."""
    any_of, all_of = _listed(node, "anyOf"), _listed(node, "allOf")
    if any_of == _INT_OR_STRING and any(child is branch for branch in any_of):
        return True
    return bool(all_of) and child is all_of[0] and child.get("anyOf") == _INT_OR_STRING


def _complete(schema: _Node, path: str) -> Iterator[Cause]:
    """Every field that the root's own validations name must be specified outside of them; nested ones are not held to it."""
    for branch, place in _branches(schema, path):
        yield from _covered(schema, branch, path, place)


def _covered(outer: _Node, node: _Node, outer_path: str, path: str) -> Iterator[Cause]:
    stated = _fields(outer)
    for name, child in _fields(node).items():
        stated_path, place = f"{outer_path}.properties[{name}]", f"{path}.properties[{name}]"
        if name in stated:
            yield from _covered(stated[name], child, stated_path, place)
        else:
            yield _required(stated_path, f"because it is defined in {place}")
    if (items := _inner(node, "items")) is not None:
        outer_items = _inner(outer, "items")
        if outer_items is not None:
            yield from _covered(outer_items, items, f"{outer_path}.items", f"{path}.items")
        else:
            yield _required(f"{outer_path}.items", f"because it is defined in {path}.items")
    for child, place in _branches(node, path):
        yield from _covered(outer, child, outer_path, place)
