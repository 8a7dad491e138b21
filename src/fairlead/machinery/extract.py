"""What one field manager has applied, as an object that can be changed and applied again.

https://kubernetes.io/docs/reference/using-api/server-side-apply/ and the `Extract…` functions of client-go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.objects import Resource

__all__ = ["extract"]

R = TypeVar("R", bound=Resource)


def extract(obj: R, field_manager: str, *, subresource: str = "") -> R:
    """A new object with just the fields that `field_manager` has applied to `obj`; only its name if there are none.

    `obj` is left as it is. Raises InvalidObject if it carries no managedFields, as objects from a cache do: read it with
    a direct client.
    """
    document = obj.to_dict()
    metadata = cast("dict[str, Any]", document.get("metadata") or {})
    entries = cast("list[dict[str, Any]]", metadata.get("managedFields") or [])
    if not entries:
        raise InvalidObject(
            f"{obj.kind} {obj.key}: it has no managedFields, which caches leave out; read it with a direct client"
        )
    owned: dict[str, Any] = {}
    for entry in entries:
        if (entry.get("manager"), entry.get("operation")) == (field_manager, "Apply") and (
            entry.get("subresource") or ""
        ) == subresource:
            owned = _owned(document, cast("dict[str, Any]", entry.get("fieldsV1") or {}))
    owned["apiVersion"], owned["kind"] = obj.api_version, obj.kind
    identity = {key: metadata[key] for key in ("name", "namespace") if metadata.get(key)}
    owned["metadata"] = {**identity, **owned.get("metadata", {})}
    if isinstance(obj, DynamicResource):
        return cast("R", DynamicResource(obj.resource_type, owned))
    return type(obj).from_dict(owned)


def _owned(value: Any, fields: Mapping[str, Any]) -> Any:
    """The part of a value that a node of fieldsV1 names; a node without anything below it names the whole."""
    below = {element: node for element, node in fields.items() if element != "."}
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        if not below:
            return {} if "." in fields else known
        return {
            element[2:]: _owned(known[element[2:]], node)
            for element, node in below.items()
            if element.startswith("f:") and element[2:] in known
        }
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return _owned_items(items, below) if below else ([] if "." in fields else items)
    return value


def _owned_items(items: list[Any], below: Mapping[str, Any]) -> list[Any]:
    keyed = [(json.loads(element[2:]), node) for element, node in below.items() if element.startswith("k:")]
    values = [json.loads(element[2:]) for element in below if element.startswith("v:")]
    kept: list[Any] = []
    for item in items:
        if isinstance(item, dict):
            fields = cast("dict[str, Any]", item)
            node = next((node for keys, node in keyed if all(fields.get(k) == v for k, v in keys.items())), None)
            if node is not None:
                kept.append(_owned(fields, node))
        elif item in values:
            kept.append(item)
    return kept
