"""The keywords that a CRD's schema may use, and how they go together, in the API server's words.

https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from fairlead.machinery.causes import NOT_SUPPORTED, Cause
from fairlead.machinery.schema.structure import (
    EMBEDDED,
    PRESERVE,
    Node,
    forbidden,
    inner,
    invalid_value,
    listed,
    properties,
    required_value,
    wrong_type,
)
from fairlead.machinery.shown import go_value

__all__ = ["keyword_faults", "not_supported"]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_RESOURCE_FIELDS = ("metadata", "kind", "apiVersion")
#: Keywords that are not supported at all, in the order in which they are told.
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_LIST_TYPE, _KEYS, _MAP_TYPE = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the schema a node stands: whether defaults are allowed there, and whether it is object metadata."""

    root: bool = False
    in_meta: bool = False
    #: Why no default may stand here, or None where one may.
    no_default: str | None = None


def keyword_faults(schema: Node, path: str) -> list[Cause]:
    """What is wrong with the keywords of a schema, in document order. CEL rules are not compiled."""
    return list(_node(schema, path, _Place(root=True)))


def not_supported(path: str, value: Any, supported: tuple[str, ...]) -> Cause:
    """The cause for a value that is none of those supported."""
    texts = ", ".join(go_value(one) for one in supported)
    return Cause(NOT_SUPPORTED, f"Unsupported value: {go_value(value)}: supported values: {texts}", path)


def _node(node: Node, path: str, place: _Place) -> Iterator[Cause]:
    yield from _own(node, path, place)
    yield from _below(node, path, place)
    if node.get(PRESERVE) is False:
        yield invalid_value(f"{path}.{PRESERVE}", False, "must be true or undefined")
    yield from _map_type(node, path)
    yield from _list_type(node, path)
    yield from _map_list(node, path)
    yield from _list_items(node, path)
    for index, rule in enumerate(listed(node, "x-kubernetes-validations")):
        yield from _cel_rule(rule, f"{path}.x-kubernetes-validations[{index}]")


def _own(node: Node, path: str, place: _Place) -> Iterator[Cause]:
    kind = node.get("type")
    if kind and kind not in _TYPES:
        yield not_supported(f"{path}.type", kind, _TYPES)
    if node.get("default") is not None and place.no_default is not None:
        yield forbidden(f"{path}.default", f"must not be set {place.no_default}".rstrip())
    for keyword in _UNSUPPORTED:
        if node.get(keyword) not in (None, "", [], {}):
            yield forbidden(f"{path}.{keyword}", f"{keyword} is not supported")
    if kind == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
    if isinstance(node.get("items"), list) and node["items"]:
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    if place.in_meta and node.get(EMBEDDED):
        yield forbidden(f"{path}.{EMBEDDED}", "must not be used inside of resource meta")
    if node.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", why)
    extra = node.get("additionalProperties")
    if extra is not None and extra is not True and properties(node):
        yield forbidden(f"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive")


def _below(node: Node, path: str, place: _Place) -> Iterator[Cause]:
    below = replace(place, root=False)
    if (extra := inner(node, "additionalProperties")) is not None:
        why = "inside additionalProperties applying to object metadata"
        yield from _node(
            extra, f"{path}.additionalProperties", replace(below, no_default=why) if place.in_meta else below
        )
    for name, child in properties(node).items():
        at = below
        if (place.root or node.get(EMBEDDED)) and name in _RESOURCE_FIELDS:
            at = replace(at, in_meta=True, no_default=f"in top-level {name}" if place.root else at.no_default)
        yield from _node(child, f"{path}.properties[{name}]", at)
    if (negated := inner(node, "not")) is not None:
        yield from _node(negated, f"{path}.not", below)
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index, child in enumerate(listed(node, keyword)):
            yield from _node(child, f"{path}.{keyword}[{index}]", below)
    if (items := inner(node, "items")) is not None:
        yield from _node(items, f"{path}.items", below)


def _map_type(node: Node, path: str) -> Iterator[Cause]:
    kind = node.get(_MAP_TYPE)
    if kind is None:
        return
    if node.get("type") != "object":
        yield wrong_type(node, path, f"must be object if {_MAP_TYPE} is specified")
    if kind not in {"atomic", "granular"}:
        yield not_supported(f"{path}.{_MAP_TYPE}", kind, ("atomic", "granular"))


def _list_type(node: Node, path: str) -> Iterator[Cause]:
    kind, items = node.get(_LIST_TYPE), inner(node, "items")
    if kind is not None and node.get("type") != "array":
        yield wrong_type(node, path, f"must be array if {_LIST_TYPE} is specified")
    elif kind == "set" and items is not None:
        yield from _set_items(items, path)
    if kind is not None and kind not in {"atomic", "set", "map"}:
        yield not_supported(f"{path}.{_LIST_TYPE}", kind, ("atomic", "set", "map"))
    if node.get(_KEYS) and kind != "map":
        why = f"must be map if {_KEYS} is non-empty"
        yield (
            required_value(f"{path}.{_LIST_TYPE}", why)
            if kind is None
            else invalid_value(f"{path}.{_LIST_TYPE}", kind, why)
        )


def _set_items(items: Node, path: str) -> Iterator[Cause]:
    why = f"must be atomic as item of a list with {_LIST_TYPE}=set"
    if items.get("type") == "array" and items.get(_LIST_TYPE) not in {None, "atomic"}:
        yield invalid_value(f"{path}.items.{_LIST_TYPE}", items[_LIST_TYPE], why)
    if items.get("type") == "object" and items.get(_MAP_TYPE) != "atomic":
        # The server shows the list type here.
        yield invalid_value(f"{path}.items.{_MAP_TYPE}", items.get(_LIST_TYPE), why)


def _map_list(node: Node, path: str) -> Iterator[Cause]:
    if node.get(_LIST_TYPE) != "map":
        return
    keys, items = cast("list[str]", node.get(_KEYS) or []), inner(node, "items")
    if not keys:
        yield required_value(f"{path}.{_KEYS}", f"must not be empty if {_LIST_TYPE} is map")
    if node.get("items") is None:
        yield required_value(f"{path}.items", f"must have a schema if {_LIST_TYPE} is map")
    if items is None:
        return
    if items.get("type") != "object":
        why = f"must be object if parent array's {_LIST_TYPE} is map"
        yield invalid_value(f"{path}.items.type", items.get("type") or "", why)
        return
    yield from _keys(items, keys, path)


def _keys(items: Node, keys: list[str], path: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for key in keys:
        field = properties(items).get(key)
        if field is None:
            yield invalid_value(f"{path}.{_KEYS}", keys, "entries must all be names of item properties")
        elif field.get("type") in {"array", "object"}:
            why = f"must be a scalar type if parent array's {_LIST_TYPE} is map"
            yield invalid_value(f"{path}.items.properties[{key}].type", items.get("type") or "", why)
        if key in seen:
            yield invalid_value(f"{path}.{_KEYS}", keys, "must not contain duplicate entries")
        seen.add(key)


def _list_items(node: Node, path: str) -> Iterator[Cause]:
    kind, items = node.get(_LIST_TYPE), inner(node, "items")
    if items is None or kind not in {"set", "map"}:
        return
    if items.get("nullable"):
        yield forbidden(f"{path}.items.nullable", f"cannot be nullable when {_LIST_TYPE} is {kind}")
    if kind != "map":
        return
    for key in cast("list[str]", node.get(_KEYS) or []):
        field = properties(items).get(key)
        if field is None:
            continue
        place, said = f"{path}.items.properties[{key}]", f"this property is in {_KEYS}, so it"
        if key not in (items.get("required") or ()) and field.get("default") is None:
            yield required_value(f"{place}.default", f"{said} must have a default or be a required property")
        if field.get("nullable"):
            yield forbidden(f"{place}.nullable", f"{said} cannot be nullable")


def _cel_rule(rule: Node, path: str) -> Iterator[Cause]:
    text, message = str(rule.get("rule") or ""), str(rule.get("message") or "")
    expression, reason = str(rule.get("messageExpression") or ""), rule.get("reason")
    if not text.strip():
        yield required_value(f"{path}.rule", "rule is not specified")
    elif message and not message.strip():
        yield invalid_value(f"{path}.message", message, "must be non-empty if specified")
    elif _broken(message.strip()):
        yield invalid_value(f"{path}.message", message, "must not contain line breaks")
    elif _broken(text.strip()) and not message.strip():
        yield required_value(f"{path}.message", "message must be specified if rule contains line breaks")
    if expression and not expression.strip():
        yield required_value(f"{path}.messageExpression", "messageExpression must be non-empty if specified")
    if reason is not None and reason not in _REASONS:
        yield not_supported(f"{path}.reason", reason, _REASONS)
    field = str(rule.get("fieldPath") or "")
    if field and not field.strip():
        yield invalid_value(f"{path}.fieldPath", field, "must be non-empty if specified")
    if _broken(field):
        yield invalid_value(f"{path}.fieldPath", field, "must not contain line breaks")


def _broken(text: str) -> bool:
    return "\n" in text or "\r" in text
