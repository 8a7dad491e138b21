"""Parts of a CRD as the API server shows them in its refusals: in its own form, under the names of its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["dump_schema", "dump_version"]

_FIELDS = (
    ("ID", "id"), ("Schema", "$schema"), ("Ref", "$ref"), ("Description", "description"), ("Type", "type"),
    ("Nullable", "nullable"), ("Format", "format"), ("Title", "title"), ("Default", "default"), ("Maximum", "maximum"),
    ("ExclusiveMaximum", "exclusiveMaximum"), ("Minimum", "minimum"), ("ExclusiveMinimum", "exclusiveMinimum"),
    ("MaxLength", "maxLength"), ("MinLength", "minLength"), ("Pattern", "pattern"), ("MaxItems", "maxItems"),
    ("MinItems", "minItems"), ("UniqueItems", "uniqueItems"), ("MultipleOf", "multipleOf"), ("Enum", "enum"),
    ("MaxProperties", "maxProperties"), ("MinProperties", "minProperties"), ("Required", "required"),
    ("Items", "items"), ("AllOf", "allOf"), ("OneOf", "oneOf"), ("AnyOf", "anyOf"), ("Not", "not"),
    ("Properties", "properties"), ("AdditionalProperties", "additionalProperties"),
    ("PatternProperties", "patternProperties"), ("Dependencies", "dependencies"),
    ("AdditionalItems", "additionalItems"), ("Definitions", "definitions"), ("ExternalDocs", "externalDocs"),
    ("Example", "example"), ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource"), ("XIntOrString", "x-kubernetes-int-or-string"),
    ("XListMapKeys", "x-kubernetes-list-map-keys"), ("XListType", "x-kubernetes-list-type"),
    ("XMapType", "x-kubernetes-map-type"), ("XValidations", "x-kubernetes-validations"),
)  # fmt: skip
_TEXTS = frozenset({"id", "$schema", "description", "type", "format", "title", "pattern"})
_SWITCHES = frozenset(
    {
        "nullable", "exclusiveMaximum", "exclusiveMinimum", "uniqueItems", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
    }
)  # fmt: skip
_MAPS = frozenset({"properties", "patternProperties", "definitions"})
_LISTS = frozenset({"allOf", "oneOf", "anyOf"})


def dump_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with every field there is."""
    return {shown: _field(name, schema.get(name)) for shown, name in _FIELDS}


def _field(name: str, value: Any) -> Any:
    if value is None:
        return "" if name in _TEXTS else False if name in _SWITCHES else None
    if name in _MAPS:
        fields = cast("Mapping[str, Any]", value)
        return {key: dump_schema(fields[key]) for key in sorted(fields)} or None
    if name in _LISTS:
        return [dump_schema(each) for each in cast("list[Mapping[str, Any]]", value)] or None
    match name:
        case "not":
            return dump_schema(value)
        case "items":
            several = isinstance(value, list)
            listed = [dump_schema(each) for each in cast("list[Any]", value)] if several else None
            return {"Schema": None if several else dump_schema(value), "JSONSchemas": listed}
        case "additionalProperties" | "additionalItems":
            allows = value if isinstance(value, bool) else True
            return {"Allows": allows, "Schema": None if isinstance(value, bool) else dump_schema(value)}
        case "externalDocs":
            return {"Description": value.get("description", ""), "URL": value.get("url", "")}
        case "x-kubernetes-validations":
            return [_rule(rule) for rule in cast("list[Mapping[str, Any]]", value)]
        case _:
            return value


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Rule": rule.get("rule", ""),
        "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""),
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""),
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }


def dump_version(version: Mapping[str, Any]) -> dict[str, Any]:
    """A version of a CRD with every field there is."""
    schema, columns = version.get("schema"), cast("list[Mapping[str, Any]]", version.get("additionalPrinterColumns"))
    inner = None if schema is None else schema.get("openAPIV3Schema")
    return {
        "Name": version.get("name") or "",
        "Served": bool(version.get("served")),
        "Storage": bool(version.get("storage")),
        "Deprecated": bool(version.get("deprecated")),
        "DeprecationWarning": version.get("deprecationWarning"),
        "Schema": None if schema is None else {"OpenAPIV3Schema": None if inner is None else dump_schema(inner)},
        "Subresources": _subresources(version.get("subresources")),
        "AdditionalPrinterColumns": [_column(column) for column in columns] if columns else None,
        "SelectableFields": [
            {"JSONPath": each.get("jsonPath", "")}
            for each in cast("list[Mapping[str, Any]]", version.get("selectableFields") or [])
        ]
        or None,
    }


def _subresources(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if said is None:
        return None
    scale: Mapping[str, Any] | None = said.get("scale")
    return {
        "Status": None if said.get("status") is None else {},
        "Scale": None
        if scale is None
        else {
            "SpecReplicasPath": scale.get("specReplicasPath", ""),
            "StatusReplicasPath": scale.get("statusReplicasPath", ""),
            "LabelSelectorPath": scale.get("labelSelectorPath"),
        },
    }


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": column.get("name", ""),
        "Type": column.get("type", ""),
        "Format": column.get("format", ""),
        "Description": column.get("description", ""),
        "Priority": column.get("priority", 0),
        "JSONPath": column.get("jsonPath", ""),
    }
