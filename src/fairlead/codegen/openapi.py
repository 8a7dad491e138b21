"""OpenAPI v3 definitions, and their normal form: the facts of a schema without descriptions and without `allOf`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

__all__ = ["Definitions", "Node", "load", "node", "references"]

Node = dict[str, Any]
Definitions = dict[str, Node]

_REF = "#/components/schemas/"
_KEPT = ("type", "format", "required", "default", "nullable", "enum")
_GVK = "x-kubernetes-group-version-kind"
_QUANTITY = [{"type": "string"}, {"type": "number"}]


def load(documents: Iterable[Path]) -> Definitions:
    """All definitions of the documents in normal form, sorted by name. Raises ValueError where two documents disagree."""
    found: Definitions = {}
    for document in documents:
        schemas: dict[str, Node] = json.loads(document.read_text()).get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            new = node(schema)
            found[name] = _merged(name, found[name], new) if name in found else new
    return dict(sorted(found.items()))


def _merged(name: str, old: Node, new: Node) -> Node:
    # DeleteOptions and WatchEvent are of every group, and each document lists only its own.
    kinds = {json.dumps(kind, sort_keys=True): kind for n in (old, new) for kind in n.get(_GVK, ())}
    if {**old, _GVK: None} != {**new, _GVK: None}:
        raise ValueError(f"{name} differs between OpenAPI documents")
    return {**old, _GVK: [kinds[key] for key in sorted(kinds)]} if kinds else old


def node(schema: Mapping[str, Any]) -> Node:
    """The normal form of a schema: `$ref` is a plain definition name, Quantity and IntOrString are marked as such."""
    out: Node = {key: schema[key] for key in _KEPT if key in schema}
    out.update({key: schema[key] for key in sorted(schema) if key.startswith("x-kubernetes-")})
    reference = _reference(schema)
    if reference:
        out["$ref"] = reference
    if schema.get("format") == "int-or-string":
        out["x-kubernetes-int-or-string"] = True
    elif schema.get("oneOf") == _QUANTITY:
        out["format"] = "quantity"
    elif "oneOf" in schema or "anyOf" in schema:
        raise ValueError(f"a choice between schemas that is not known: {schema}")
    if "properties" in schema:
        out["properties"] = {name: node(value) for name, value in sorted(schema["properties"].items())}
    for key in ("items", "additionalProperties"):
        if key in schema:
            out[key] = node(schema[key]) if isinstance(schema[key], dict) else schema[key]
    return dict(sorted(out.items()))


def _reference(schema: Mapping[str, Any]) -> str:
    whole = schema.get("allOf", [schema])
    if len(whole) != 1:
        raise ValueError(f"allOf with {len(whole)} members is not known")
    return str(whole[0].get("$ref", "")).removeprefix(_REF)


def references(schema: Node) -> Iterable[str]:
    """The names of all definitions that a schema in normal form refers to directly."""
    if "$ref" in schema:
        yield schema["$ref"]
    children = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for child in children:
        if isinstance(child, dict):
            yield from references(cast("Node", child))
