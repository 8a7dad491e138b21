"""The definitions of OpenAPI documents: the schemas that the server works by, in a version's words.

They hold what clients decide by: structure, enums, list types and merge keys. Descriptions of built-in types are left
out, so `kubectl explain` shows their fields and types only; those of a CustomResourceDefinition are its author's, and stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fairlead.apiserver.described import openapi_customs
from fairlead.apiserver.described.openapi_dialects import OPENAPI_V3, Dialect
from fairlead.apiserver.described.openapi_shared import shared_kinds
from fairlead.apiserver.registry import ResourceInfo
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import builtin, builtin_registry

__all__ = ["META", "Definitions"]

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_GVK = "x-kubernetes-group-version-kind"
#: The one definition whose fields nobody described, all but one, so that their references stand alone.
_UNDESCRIBED = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_OPAQUE = frozenset({"default", "enum"})


class Definitions:
    """Collects the definitions that paths refer to, and those that these refer to.

    `own`: the group version that a document is of; kinds that every group has are told for it and core only. None: for
    every group version that is known.
    """

    def __init__(self, dialect: Dialect, own: tuple[str, str] | None = None) -> None:
        self.dialect = dialect
        self.schemas: dict[str, Any] = {}
        self._own = own

    def define(self, name: str, schema: Schema, node: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A reference to the definition, which is taken over if it is new; `node` stands for the schema's own."""
        if name not in self.schemas:
            self.schemas[name] = {}
            whole = self._kinds(_with_enums(name, node or schema.node))
            self.schemas[name] = self._special(name) or self._definition(name, whole, schema)
        return {"$ref": self.dialect.refs + name}

    def meta(self, kind: str) -> dict[str, Any]:
        """A reference to one of the kinds that all groups share: `Status`, `DeleteOptions`."""
        return self.known(f"{META}.{kind}")

    def known(self, name: str) -> dict[str, Any]:
        """A reference to the built-in definition of this name. KeyError: there is none."""
        core = builtin("", "v1")
        if core is None:
            raise KeyError(name)
        return self.define(name, core.definitions.definition(name))

    def kind(self, group: str, version: str, kind: str) -> dict[str, Any] | None:
        """A reference to a built-in kind, if there is one with that name."""
        schemas = builtin(group, version)
        if schemas is None:
            return None
        package = next((record.schema.rpartition(".")[0] for record in schemas.resources if record.schema), "")
        name = f"{package}.{kind}"
        try:
            return self.define(name, schemas.definitions.definition(name))
        except KeyError:
            return None

    def of(self, info: ResourceInfo) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """References to a resource's kind and to its list kind."""
        if info.is_custom:
            return self._custom(info)
        kind = info.type
        one = self.kind(kind.group, kind.version, kind.kind)
        return one, self.kind(kind.group, kind.version, info.list_kind or f"{kind.kind}List")

    def _custom(self, info: ResourceInfo) -> tuple[dict[str, Any], dict[str, Any]]:
        name = openapi_customs.definition_name(info.type)
        node = openapi_customs.object_node(info, plain=self.dialect.wraps)
        listed = openapi_customs.list_node(info, name)
        list_name = f"{name.rpartition('.')[0]}.{listed[_GVK][0]['kind']}"
        return self.define(name, info.schema, node), self.define(list_name, Schema(listed, _Known(info, name, node)))

    def _kinds(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        kinds = cast("list[dict[str, str]]", node.get(_GVK) or [])
        if len(kinds) <= 1:
            return node
        if self._own is None:
            return {**node, _GVK: shared_kinds(kinds, for_custom=self.dialect is OPENAPI_V3)}
        wanted = {("", "v1"), self._own}
        return {**node, _GVK: [kind for kind in kinds if (kind["group"], kind["version"]) in wanted]}

    def _definition(self, name: str, node: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        written = self._node(node, schema)
        if name == _UNDESCRIBED and self.dialect.wraps:
            fields = written["properties"].items()
            written["properties"] = {key: field if key == "default" else _unwrapped(field) for key, field in fields}
        return written

    def _special(self, name: str) -> dict[str, Any] | None:
        return {_QUANTITY: self.dialect.quantity, _INT_OR_STRING: self.dialect.int_or_string}.get(name)

    def _node(self, node: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        beside = {
            key: self._keyword(key, value, schema)
            for key, value in node.items()
            if key != "$ref" and key not in self.dialect.dropped
        }
        name = node.get("$ref")
        if name is None:
            return beside
        self.define(name, schema.definitions.definition(name))
        return self.dialect.reference(self.dialect.refs + name, beside)

    def _property(self, node: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        written = self._node(node, schema)
        return {"allOf": [written]} if self.dialect.wraps and "$ref" in written else written

    def _keyword(self, key: str, value: Any, schema: Schema) -> Any:
        if key in _OPAQUE:
            return value
        if key in {"properties", "patternProperties"}:
            nodes = cast("dict[str, Mapping[str, Any]]", value)
            return {name: self._property(child, schema) for name, child in nodes.items()}
        if key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
            return self._node(cast("dict[str, Any]", value), schema)
        if key in {"allOf", "anyOf", "oneOf"}:
            return [self._node(child, schema) for child in cast("list[Mapping[str, Any]]", value)]
        return value


def _unwrapped(field: dict[str, Any]) -> dict[str, Any]:
    return field["allOf"][0] if list(field) == ["allOf"] else field


def _with_enums(name: str, node: Mapping[str, Any]) -> Mapping[str, Any]:
    said = builtin_registry().enums.get(name)
    if not said:
        return node
    fields: dict[str, Any] = node["properties"]
    return {**node, "properties": {**fields, **{key: _joined(fields[key], said[key]) for key in said if key in fields}}}


def _joined(field: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """A field with its values; those of a list or a map are said of its `items` or `additionalProperties`."""
    found = {**field, **said}
    for key in said.keys() & {"items", "additionalProperties"}:
        found[key] = _joined(field[key], said[key])
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """Definitions in which one custom type is known beside the built-in ones."""

    info: ResourceInfo
    name: str
    node: Mapping[str, Any]

    def definition(self, name: str) -> Schema:
        """The schema of this name; KeyError when there is none."""
        if name == self.name:
            return Schema(self.node, self.info.schema.definitions)
        return self.info.schema.definitions.definition(name)

    def go_field(self, name: str, field: str) -> tuple[str, str]:
        """What Go's decoder says of a field; a custom type has none."""
        return self.info.schema.definitions.go_field(name, field)

    def struct(self, name: str) -> Mapping[str, str]:
        """How a Go struct writes its fields; a custom type has none."""
        return self.info.schema.definitions.struct(name)
