"""Custom types in OpenAPI documents: what is added to a CustomResourceDefinition's schema, and what OpenAPI 2 cannot say.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#publish-validation-schema-in-openapi
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fairlead.apiserver.registry import ResourceInfo
from fairlead.machinery.names import ResourceType

__all__ = ["definition_name", "list_node", "object_node"]

Node = dict[str, Any]
_GVK = "x-kubernetes-group-version-kind"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_TYPE_META: Node = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
#: What OpenAPI 2 says of a value whose type it cannot tell: nothing but extensions and what a person reads.
_SHAPE = frozenset({"type", "properties", "items", "additionalProperties", "nullable"})


def definition_name(kind: ResourceType) -> str:
    """`com.example.v1.Widget`."""
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def _kind_of(info: ResourceInfo, kind: str) -> Node:
    found: Node = {_GVK: [{"group": info.type.group, "kind": kind, "version": info.type.version}]}
    if info.selectable_fields:
        fields = [{"fieldPath": path.removeprefix(".")} for path in info.selectable_fields]
        found["x-kubernetes-selectable-fields"] = fields
    return found


def object_node(info: ResourceInfo, *, plain: bool) -> Node:
    """The schema of a custom type; not `plain`: only what OpenAPI 2 has words for."""
    node = info.schema.node
    if not plain and node.get(_PRESERVE):
        return {"type": "object", **_kind_of(info, info.type.kind)}
    written = _plain(node) if plain else _second(node)
    metadata: Node = {"$ref": f"{_META}.ObjectMeta"}
    properties = {**written.get("properties", {}), **_own_type_meta(written), "metadata": metadata}
    return {**written, "type": "object", "properties": properties, **_kind_of(info, info.type.kind)}


def _own_type_meta(node: Mapping[str, Any]) -> Node:
    # What a definition says of them is passed over for what every object has.
    return {key: {**_TYPE_META[key], **_said(node, key)} for key in _TYPE_META}


def _said(node: Mapping[str, Any], key: str) -> Node:
    said = node.get("properties", {}).get(key, {}).get("description")
    return {"description": said} if said else {}


def list_node(info: ResourceInfo, name: str) -> Node:
    """The schema of a custom type's list."""
    properties = {**_TYPE_META, "items": {"type": "array", "items": {"$ref": name}}, "metadata": _ref("ListMeta")}
    kind = info.list_kind or f"{info.type.kind}List"
    return {"type": "object", "required": ["items"], "properties": properties, **_kind_of(info, kind)}


def _ref(kind: str) -> Node:
    return {"$ref": f"{_META}.{kind}"}


def _plain(node: Mapping[str, Any]) -> Node:
    found = _children(node, _plain)
    if found.get(_INT_OR_STRING) and not {"anyOf", "allOf"} & found.keys():
        found["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return _embedded(found) if found.get(_EMBEDDED) else found


def _second(node: Mapping[str, Any]) -> Node:
    found = _children(node, _second)
    if found.get(_PRESERVE) or found.get("nullable"):
        return {key: value for key, value in found.items() if key not in _SHAPE and key != "required"}
    if found.get(_INT_OR_STRING):
        found.pop("type", None)
    return _embedded(found) if found.get(_EMBEDDED) else found


def _children(node: Mapping[str, Any], written: Any) -> Node:
    found = dict(node)
    if isinstance(properties := found.get("properties"), dict):
        children = cast("dict[str, Mapping[str, Any]]", properties)
        found["properties"] = {name: written(child) for name, child in children.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = written(found[key])
    return found


def _embedded(node: Node) -> Node:
    """An object within another has type and metadata too, and must say its type."""
    required = cast("list[str]", node.get("required") or [])
    added = [name for name in ("kind", "apiVersion") if name not in required]
    properties = {**node.get("properties", {}), **_own_type_meta(node), "metadata": _ref("ObjectMeta")}
    return {**node, "properties": properties, "required": [*required, *added]}
