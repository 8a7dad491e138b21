"""The schemas of the built-in types, read file by file when first asked for; and how a CRD's schema becomes nodes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

import msgspec

from fairlead.machinery.schema.nodes import Schema

__all__ = [
    "OBJECT_META",
    "GroupVersionSchemas",
    "Registry",
    "ResourceRecord",
    "SubresourceRecord",
    "builtin",
    "builtin_registry",
    "from_crd",
    "group_versions",
]

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class SubresourceRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A subresource as discovery tells it; group, version and kind are those of its body."""

    name: str
    kind: str
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] = ()


class ResourceRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource as discovery tells it; `schema` names its definition."""

    name: str
    kind: str
    namespaced: bool
    schema: str = ""
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    storage_version_hash: str = ""
    subresources: tuple[SubresourceRecord, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    group: str
    version: str
    resources: tuple[ResourceRecord, ...] = ()
    schemas: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict[str, dict[str, Any]])


class _GroupVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    group: str
    version: str
    file: str


class _Index(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    kubernetes: str
    group_versions: tuple[_GroupVersion, ...]
    definitions: dict[str, str] = msgspec.field(default_factory=dict[str, str])


@dataclass(frozen=True, eq=False)
class GroupVersionSchemas:
    """One built-in group and version: its resources, and the schemas of its kinds."""

    group: str
    version: str
    resources: tuple[ResourceRecord, ...]
    definitions: Registry

    def schema(self, kind: str) -> Schema:
        """The schema of a kind that has a resource, or of any other definition of the group/version; KeyError when unknown."""
        for resource in self.resources:
            if resource.kind == kind and resource.schema:
                return self.definitions.definition(resource.schema)
        return self.definitions.kind_schema(self.group, self.version, kind)


class Registry:
    """All built-in schemas below one directory of `index.json` and group/version files. Reads are lazy and kept."""

    def __init__(self, directory: Traversable) -> None:
        """Nothing is read yet."""
        self._directory = directory
        self._files: dict[str, _File] = {}
        self._schemas: dict[str, Schema] = {}
        self._groups: dict[tuple[str, str], GroupVersionSchemas | None] = {}

    @functools.cached_property
    def _index(self) -> _Index:
        return msgspec.json.decode(self._directory.joinpath("index.json").read_bytes(), type=_Index)

    def _file(self, name: str) -> _File:
        file = self._files.get(name)
        if file is None:
            file = msgspec.json.decode(self._directory.joinpath(name).read_bytes(), type=_File)
            self._files[name] = file
        return file

    def group_versions(self) -> list[tuple[str, str]]:
        """Every built-in (group, version), in the API server's preferred order."""
        return [(entry.group, entry.version) for entry in self._index.group_versions]

    def builtin(self, group: str, version: str) -> GroupVersionSchemas | None:
        """The built-in group and version, or None."""
        if (group, version) not in self._groups:
            names = [e.file for e in self._index.group_versions if (e.group, e.version) == (group, version)]
            self._groups[group, version] = (
                GroupVersionSchemas(group, version, self._file(names[0]).resources, self) if names else None
            )
        return self._groups[group, version]

    def definition(self, name: str) -> Schema:
        """The schema of a definition, by its full name; KeyError when there is none."""
        schema = self._schemas.get(name)
        if schema is None:
            file = self._index.definitions[name.rpartition(".")[0]]
            schema = Schema(self._file(file).schemas[name], self)
            schema.views["definition"] = name
            self._schemas[name] = schema
        return schema

    @functools.cached_property
    def _structs(self) -> dict[str, dict[str, str]]:
        raw = self._directory.joinpath("structs.json").read_bytes()
        return msgspec.json.decode(raw, type=dict[str, dict[str, str]])

    def struct(self, name: str) -> Mapping[str, str]:
        """How the Go struct of a definition writes its fields: JSON name → code, as `codegen.structs` explains them."""
        return self._structs.get(name, _NO_FIELDS)

    @functools.cached_property
    def enums(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Definition → field → what its schema says of the values that it may have; the server does not judge by them."""
        raw = self._directory.joinpath("enums.json").read_bytes()
        return msgspec.json.decode(raw, type=dict[str, dict[str, dict[str, Any]]])

    @functools.cached_property
    def _go_types(self) -> dict[str, dict[str, tuple[str, str]]]:
        raw = self._directory.joinpath("gotypes.json").read_bytes()
        return msgspec.json.decode(raw, type=dict[str, dict[str, tuple[str, str]]])

    def go_field(self, name: str, field: str) -> tuple[str, str]:
        """What Go's decoder says of a field of a definition, as `codegen.gotypes` explains it; empty where the schema says it."""
        return self._go_types.get(name, {}).get(field, ("", ""))

    def kind_schema(self, group: str, version: str, kind: str) -> Schema:
        """The definition that says it is this kind (bodies of subresources, lists); KeyError when none does."""
        names = [e.file for e in self._index.group_versions if (e.group, e.version) == (group, version)]
        said = {"group": group, "version": version, "kind": kind}
        for file in names:
            schemas = self._file(file).schemas
            for name, node in schemas.items():
                if said in (node.get("x-kubernetes-group-version-kind") or ()):
                    return self.definition(name)
            for name in schemas:
                if name.rpartition(".")[2] == kind:
                    return self.definition(name)
        raise KeyError(f"no built-in schema of kind {kind} in {group or 'core'}/{version}")

    def from_crd(self, openapi_v3_schema: Mapping[str, Any]) -> Schema:
        """See `from_crd` of this module."""
        return Schema(_with_object_fields(openapi_v3_schema), self, structural=True)

    def node(self, openapi_v3_schema: Mapping[str, Any]) -> Schema:
        """A part of a CRD's schema, which describes a value that need not be an object of its own."""
        return Schema(openapi_v3_schema, self, structural=True)


def _with_object_fields(node: Mapping[str, Any]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = node.get("properties") or {}
    fields: dict[str, Any] = {
        "apiVersion": {"type": "string", **(properties.get("apiVersion") or {})},
        "kind": {"type": "string", **(properties.get("kind") or {})},
        "metadata": {"type": "object", **(properties.get("metadata") or {}), "$ref": OBJECT_META},
    }
    return {**node, "properties": {**properties, **fields}}


@functools.cache
def builtin_registry() -> Registry:
    """The registry of the generated files in `fairlead.schemas`; made once, never changed."""
    return Registry(files("fairlead.schemas"))


def builtin(group: str, version: str) -> GroupVersionSchemas | None:
    """The resources and schemas of a built-in group and version (group "" is core), or None when it is not one."""
    return builtin_registry().builtin(group, version)


def group_versions() -> list[tuple[str, str]]:
    """Every built-in (group, version), in the API server's preferred order."""
    return builtin_registry().group_versions()


def from_crd(openapi_v3_schema: Mapping[str, Any]) -> Schema:
    """The schema of a CRD's version (`spec.versions[].schema.openAPIV3Schema`), with apiVersion, kind and metadata as every object has them."""
    return builtin_registry().from_crd(openapi_v3_schema)
