"""Whether a CRD's schema may be used: its structure, its keywords, its defaults. In the API server's words and order.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.machinery.causes import INVALID, Cause
from fairlead.machinery.schema.dump import dump_schema
from fairlead.machinery.schema.fields import prune
from fairlead.machinery.schema.keywords import keyword_faults
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import builtin_registry
from fairlead.machinery.schema.rules import validate
from fairlead.machinery.schema.structure import (
    Node,
    forbidden,
    inner,
    invalid_value,
    properties,
    structural_faults,
    unsupported,
)
from fairlead.machinery.shown import go_struct

__all__ = ["check_structural", "under"]

#: What the root may say when the status is validated on its own; the server names the fields as its code does.
_WITH_STATUS: Mapping[str, str] = {
    "description": "Description", "type": "Type", "format": "Format", "title": "Title", "maximum": "Maximum",
    "exclusiveMaximum": "ExclusiveMaximum", "minimum": "Minimum", "exclusiveMinimum": "ExclusiveMinimum",
    "maxLength": "MaxLength", "minLength": "MinLength", "pattern": "Pattern", "maxItems": "MaxItems",
    "minItems": "MinItems", "uniqueItems": "UniqueItems", "multipleOf": "MultipleOf", "required": "Required",
    "items": "Items", "properties": "Properties", "externalDocs": "ExternalDocs", "example": "Example",
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields", "x-kubernetes-validations": "XValidations",
}  # fmt: skip


def check_structural(
    schema: Node, path: str = "spec.validation.openAPIV3Schema", *, with_status: bool = False
) -> list[Cause]:
    """What is wrong with an `openAPIV3Schema`; empty when nothing is. `path` leads to the schema.

    `with_status`: the type has a status subresource, for which the root of the schema must be plain.
    """
    found = list(_plain_root(schema, path)) if with_status else []
    if schema.get("nullable"):
        found.append(forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    hopeless = unsupported(schema)
    if not hopeless:
        found += structural_faults(schema, path) or _default_faults(schema, path)
    found += keyword_faults(schema, path)
    return found or ([invalid_value(path, "", hopeless)] if hopeless else [])


def _plain_root(schema: Node, path: str) -> Iterator[Cause]:
    said = {name for name, value in schema.items() if value not in (None, False, "", [])}
    if said - _WITH_STATUS.keys():
        why = (
            f"only [{' '.join(_WITH_STATUS.values())}] fields are allowed at the root of the schema "
            "if the status subresource is enabled"
        )
        yield Cause(INVALID, f"Invalid value: {go_struct(dump_schema(schema))}: {why}", path)
    elif "type" in said and schema["type"] != "object":
        why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield invalid_value(f"{path}.type", schema["type"], why)


def under(cause: Cause, path: str) -> Cause:
    """A cause about a part of an object, told of the whole: `path` leads to the part."""
    return cause._replace(field=path if cause.field == "<nil>" else f"{path}.{cause.field}")


def _default_faults(schema: Node, path: str) -> list[Cause]:
    return list(_defaults({**schema, "x-kubernetes-embedded-resource": True}, path, in_meta=False))


def _defaults(node: Node, path: str, *, in_meta: bool) -> Iterator[Cause]:
    if node.get("default") is not None:
        yield from _default(builtin_registry().node(node), node["default"], f"{path}.default", in_meta=in_meta)
    if (items := inner(node, "items")) is not None:
        yield from _defaults(items, f"{path}.items", in_meta=in_meta)
    embedded = node.get("x-kubernetes-embedded-resource")
    for name, child in properties(node).items():
        meta = in_meta or bool(embedded and name in {"metadata", "apiVersion", "kind"})
        yield from _defaults(child, f"{path}.properties[{name}]", in_meta=meta)


def _default(schema: Schema, value: Any, path: str, *, in_meta: bool) -> Iterator[Cause]:
    if not in_meta:
        pruned = copy.deepcopy(value)
        prune(schema, pruned)
        if pruned != value:
            yield invalid_value(path, value, "must not have unknown fields")
    yield from (under(cause, path) for cause in validate(schema, value))
