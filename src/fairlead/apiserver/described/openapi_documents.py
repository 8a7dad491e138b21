"""OpenAPI documents made from the schemas that the server works by.

They hold what clients decide by: structure, list types and merge keys, which verbs there are and which query
parameters they take. Descriptions are left out, so `kubectl explain` shows fields and types only.
https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from fairlead.apiserver.registry import ResourceInfo, Subresource
from fairlead.machinery.schema import Schema, builtin

__all__ = ["OPENAPI_V2", "OPENAPI_V3", "Dialect", "group_version_parts"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_STRATEGIC = "application/strategic-merge-patch+json"
_PATCHES = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
_MEDIA_TYPES = ("application/json", "application/yaml")

#: Query parameters by the verb: name → type.
_WRITE = {"dryRun": "string", "fieldManager": "string", "fieldValidation": "string"}
_DELETE = {
    "dryRun": "string",
    "gracePeriodSeconds": "integer",
    "ignoreStoreReadErrorWithClusterBreakingPotential": "boolean",
    "orphanDependents": "boolean",
    "propagationPolicy": "string",
}
_SELECT = {
    "continue": "string",
    "fieldSelector": "string",
    "labelSelector": "string",
    "limit": "integer",
    "resourceVersion": "string",
    "resourceVersionMatch": "string",
    "sendInitialEvents": "boolean",
    "shardSelector": "string",
    "timeoutSeconds": "integer",
}
_LIST = {**_SELECT, "allowWatchBookmarks": "boolean", "watch": "boolean"}
#: Subresources that are connected to rather than read or written.
_CONNECTED = frozenset({"attach", "exec", "portforward", "proxy"})
#: verb → (HTTP method, x-kubernetes-action, query parameters, on the collection?)
_VERBS: dict[str, tuple[str, str, dict[str, str], bool]] = {
    "list": ("get", "list", _LIST, True),
    "create": ("post", "post", _WRITE, True),
    "deletecollection": ("delete", "deletecollection", {**_SELECT, **_DELETE}, True),
    "get": ("get", "get", {}, False),
    "update": ("put", "put", _WRITE, False),
    "patch": ("patch", "patch", {**_WRITE, "force": "boolean"}, False),
    "delete": ("delete", "delete", _DELETE, False),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a version of OpenAPI writes things down."""

    refs: str
    quantity: dict[str, Any]
    int_or_string: dict[str, Any]
    #: A `$ref` and what stands beside it.
    reference: Callable[[str, dict[str, Any]], dict[str, Any]]
    parameter: Callable[[str, str, str], dict[str, Any]]
    #: Operation parts for a body in these media types, and for an answer.
    body: Callable[[dict[str, Any], Iterable[str]], dict[str, Any]]
    answer: Callable[[dict[str, Any] | None], dict[str, Any]]
    #: Keywords of schemas that this version does not have.
    dropped: frozenset[str] = frozenset()


def _reference_v3(ref: str, beside: dict[str, Any]) -> dict[str, Any]:
    return {**beside, "allOf": [{"$ref": ref}]} if beside else {"$ref": ref}


def _reference_v2(ref: str, beside: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in beside.items() if key != "default"}, "$ref": ref}


def _parameter_v3(name: str, place: str, kind: str) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": place, "schema": {"type": kind, "uniqueItems": True}}
    return {**parameter, "required": True} if place == "path" else parameter


def _parameter_v2(name: str, place: str, kind: str) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": place, "type": kind, "uniqueItems": True}
    return {**parameter, "required": True} if place == "path" else parameter


def _body_v3(schema: dict[str, Any], media_types: Iterable[str]) -> dict[str, Any]:
    return {"requestBody": {"content": {media: {"schema": schema} for media in media_types}, "required": True}}


def _body_v2(schema: dict[str, Any], media_types: Iterable[str]) -> dict[str, Any]:
    parameter = {"name": "body", "in": "body", "required": True, "schema": schema}
    return {"consumes": list(media_types), "parameters": [parameter]}


def _answer_v3(schema: dict[str, Any] | None) -> dict[str, Any]:
    content = {"content": {media: {"schema": schema} for media in _MEDIA_TYPES}} if schema else {}
    return {"description": "OK", **content}


def _answer_v2(schema: dict[str, Any] | None) -> dict[str, Any]:
    return {"description": "OK", **({"schema": schema} if schema else {})}


OPENAPI_V3 = Dialect(
    "#/components/schemas/",
    {"oneOf": [{"type": "string"}, {"type": "number"}]},
    {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    _reference_v3,
    _parameter_v3,
    _body_v3,
    _answer_v3,
)
OPENAPI_V2 = Dialect(
    "#/definitions/",
    {"type": "string"},
    {"type": "string", "format": "int-or-string"},
    _reference_v2,
    _parameter_v2,
    _body_v2,
    _answer_v2,
    frozenset({"default", "nullable", "oneOf", "anyOf", "not"}),
)


def group_version_parts(infos: Iterable[ResourceInfo], dialect: Dialect) -> tuple[dict[str, Any], dict[str, Any]]:
    """Paths, and the schemas that they need, of the resources of one group version."""
    document = _Document(dialect)
    paths: dict[str, Any] = {}
    for info in infos:
        paths.update(document.paths(info))
    return paths, document.schemas


class _Document:
    """Collects the definitions that paths refer to, and those that these refer to."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.schemas: dict[str, Any] = {}

    def define(self, name: str, schema: Schema, *, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A reference to the definition, which is taken over if it is new."""
        if name not in self.schemas:
            self.schemas[name] = {}
            node = {**schema.node, **(extra or {})}
            self.schemas[name] = self._special(name) or self._node(node, schema)
        return {"$ref": self.dialect.refs + name}

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
        # A CRD's metadata says its type although it is a reference.
        beside.pop("type", None)
        return self.dialect.reference(self.dialect.refs + name, beside)

    def _property(self, node: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        written = self._node(node, schema)
        # The server's own document wraps them too, so that a description may stand beside.
        return {"allOf": [written]} if self.dialect is OPENAPI_V3 and "$ref" in written else written

    def _keyword(self, key: str, value: Any, schema: Schema) -> Any:
        if key in {"properties", "patternProperties"}:
            nodes = cast("dict[str, Mapping[str, Any]]", value)
            return {name: self._property(child, schema) for name, child in nodes.items()}
        if key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
            return self._node(cast("dict[str, Any]", value), schema)
        if key in {"allOf", "anyOf", "oneOf"}:
            return [self._node(child, schema) for child in cast("list[Mapping[str, Any]]", value)]
        return value

    def _kind(self, group: str, version: str, kind: str) -> dict[str, Any] | None:
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

    def _status(self, info: ResourceInfo) -> dict[str, Any]:
        return self.define(f"{_META}.Status", info.schema.definitions.definition(f"{_META}.Status"))

    def _custom(self, info: ResourceInfo) -> tuple[dict[str, Any], dict[str, Any]]:
        kind = info.type
        name = ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])
        type_meta = {"group": kind.group, "version": kind.version}
        reference = self.define(
            name, info.schema, extra={"x-kubernetes-group-version-kind": [{**type_meta, "kind": kind.kind}]}
        )
        list_kind = info.list_kind or f"{kind.kind}List"
        listed: dict[str, Any] = {
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": {"type": "string"},
                "items": {"type": "array", "items": {"$ref": name}},
                "kind": {"type": "string"},
                "metadata": {"$ref": f"{_META}.ListMeta"},
            },
            "x-kubernetes-group-version-kind": [{**type_meta, "kind": list_kind}],
        }
        return reference, self.define(f"{name.rpartition('.')[0]}.{list_kind}", Schema(listed, _Known(info, name)))

    def _references(self, info: ResourceInfo) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        if info.is_custom:
            return self._custom(info)
        kind = info.type
        one = self._kind(kind.group, kind.version, kind.kind)
        return one, self._kind(kind.group, kind.version, info.list_kind or f"{kind.kind}List")

    def paths(self, info: ResourceInfo) -> dict[str, Any]:
        """All paths of a resource and its subresources."""
        one, many = self._references(info)
        kind = info.type
        collection = kind.path("{namespace}" if kind.namespaced else "").replace("%7B", "{").replace("%7D", "}")
        paths = {
            collection: self._operations(info, one, many, on_collection=True),
            f"{collection}/{{name}}": self._operations(info, one, many, on_collection=False),
        }
        if kind.namespaced and "list" in info.verbs:
            paths[kind.path()] = self._with_path_parameters(
                info, {"get": self._operation(info, "list", many)}, named=False, placed=False
            )
        for sub in info.subresources:
            body = self._kind(sub.group or kind.group, sub.version or kind.version, sub.kind) or one
            # Subresources are created by a POST to the object.
            verbs = {verb: _VERBS[verb] for verb in sub.verbs if verb in _VERBS}
            paths[f"{collection}/{{name}}/{sub.name}"] = self._with_path_parameters(
                info,
                {method: self._operation(info, verb, body, sub) for verb, (method, *_) in verbs.items()},
                named=True,
            )
        return {path: item for path, item in paths.items() if len(item) > 1 or "parameters" not in item}

    def _operations(
        self, info: ResourceInfo, one: dict[str, Any] | None, many: dict[str, Any] | None, *, on_collection: bool
    ) -> dict[str, Any]:
        operations: dict[str, Any] = {}
        for verb in info.verbs:
            if verb not in _VERBS:
                continue
            method, _, _, of_collection = _VERBS[verb]
            if of_collection is on_collection:
                operations[method] = self._operation(info, verb, many if verb == "list" else one)
        return self._with_path_parameters(info, operations, named=not on_collection)

    def _with_path_parameters(
        self, info: ResourceInfo, operations: dict[str, Any], *, named: bool, placed: bool = True
    ) -> dict[str, Any]:
        names = [*(["name"] if named else []), *(["namespace"] if info.type.namespaced and placed else [])]
        parameters = [self.dialect.parameter(name, "path", "string") for name in names]
        return {**operations, "parameters": [*parameters, self.dialect.parameter("pretty", "query", "string")]}

    def _operation(
        self, info: ResourceInfo, verb: str, schema: dict[str, Any] | None, sub: Subresource | None = None
    ) -> dict[str, Any]:
        method, action, query, _ = _VERBS[verb]
        status = self._status(info) if verb in {"delete", "deletecollection"} else schema
        parameters = [self.dialect.parameter(name, "query", query[name]) for name in sorted(query)]
        operation: dict[str, Any] = {
            **({"parameters": parameters} if parameters else {}),
            "responses": {"200": self.dialect.answer(status)},
            "x-kubernetes-action": "connect" if sub is not None and sub.name in _CONNECTED else action,
            "x-kubernetes-group-version-kind": {
                "group": info.type.group if sub is None or not sub.version else sub.group,
                "version": (sub.version if sub else "") or info.type.version,
                "kind": (sub.kind if sub else "") or info.type.kind,
            },
        }
        for key, value in self._body(info, method, schema).items():
            operation[key] = operation.get(key, []) + value if isinstance(value, list) else value
        return operation

    def _body(self, info: ResourceInfo, method: str, schema: dict[str, Any] | None) -> dict[str, Any]:
        if method == "patch":
            media_types = _PATCHES if info.is_custom else (*_PATCHES, _STRATEGIC)
            return self.dialect.body({"type": "object"}, media_types)
        return self.dialect.body(schema, ("*/*",)) if method in {"post", "put"} and schema else {}


@dataclass(frozen=True, slots=True)
class _Known:
    """Definitions in which one custom type is known beside the built-in ones."""

    info: ResourceInfo
    name: str

    def definition(self, name: str) -> Schema:
        """The schema of this name; KeyError when there is none."""
        return self.info.schema if name == self.name else self.info.schema.definitions.definition(name)

    def go_field(self, name: str, field: str) -> tuple[str, str]:
        """What Go's decoder says of a field; a custom type has none."""
        return self.info.schema.definitions.go_field(name, field)

    def struct(self, name: str) -> Mapping[str, str]:
        """How a Go struct writes its fields; a custom type has none."""
        return self.info.schema.definitions.struct(name)
