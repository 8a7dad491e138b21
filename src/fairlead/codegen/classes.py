"""Which definitions become which classes: resources, structs, and structs of kinds that other objects embed whole."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.codegen.discovery import Record
from fairlead.codegen.fields import SPECIAL
from fairlead.codegen.layout import META, Home, homes, package
from fairlead.codegen.openapi import Definitions, Node, references
from fairlead.machinery.names import default_plural
from fairlead.machinery.snake import snake_name

__all__ = ["Class", "classes", "list_keys"]

_GVK = "x-kubernetes-group-version-kind"
_LIST_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"
_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@dataclass(frozen=True)
class Class:
    """One class to write."""

    definition: str
    name: str
    home: Home
    schema: Node
    #: For a resource, its place in the API; else empty.
    plural: str = ""
    namespaced: bool = True
    #: Python names of the fields that tell list items of this struct apart.
    list_keys: tuple[str, ...] = ()

    @property
    def is_resource(self) -> bool:
        """Whether this is a kind with a URL."""
        return bool(self.plural)


def classes(definitions: Definitions, records: dict[Home, list[Record]]) -> list[Class]:
    """All classes, sorted by module and name."""
    places = homes(definitions)
    keys = list_keys(definitions)
    embedded = _embedded(definitions)
    found: list[Class] = []
    for definition, schema in definitions.items():
        if definition in SPECIAL or _is_list(schema) or definition.endswith(".WatchEvent"):
            continue
        home, name = places[package(definition)], definition.rpartition(".")[2]
        if _GVK in schema and home != META:
            plural, namespaced = _place(name, records.get(home, []))
            found.append(Class(definition, name, home, _resource_schema(schema), plural, namespaced))
            if definition in embedded:
                found.append(Class(definition, f"Embedded{name}", home, schema))
        else:
            found.append(Class(definition, name, home, schema, list_keys=keys.get(definition, ())))
    return sorted(found, key=lambda c: (c.home, c.name))


def _is_list(schema: Node) -> bool:
    properties = schema.get("properties", {})
    return "items" in properties and properties.get("metadata", {}).get("$ref") == _LIST_META


def _resource_schema(schema: Node) -> Node:
    """Without what every resource has from its base class."""
    own = {k: v for k, v in schema["properties"].items() if k not in ("apiVersion", "kind")}
    if own.get("metadata", {}).get("$ref") == _OBJECT_META:
        del own["metadata"]
    return {**schema, "properties": own}


def _embedded(definitions: Definitions) -> set[str]:
    """Kinds that other objects than lists hold whole, such as a stateful set's volume claims."""
    kinds = {name for name, schema in definitions.items() if _GVK in schema}
    return {
        reference
        for schema in definitions.values()
        if not _is_list(schema)
        for reference in references(schema)
        if reference in kinds
    }


def _place(kind: str, records: list[Record]) -> tuple[str, bool]:
    for record in records:
        if record["kind"] == kind:
            return str(record["name"]), bool(record["namespaced"])
    # A kind that is only ever a subresource's body: its parent says the path.
    return default_plural(kind), True


def list_keys(definitions: Definitions) -> dict[str, tuple[str, ...]]:
    """Definition → the keys of its items, for those whose lists all agree on them."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for schema in definitions.values():
        for node in schema.get("properties", {}).values():
            items: Node = node.get("items", {})
            reference: str = items.get("$ref", "")
            keys = node.get("x-kubernetes-list-map-keys") or [node.get("x-kubernetes-patch-merge-key")]
            if reference and keys != [None]:
                found.setdefault(reference, set()).add(tuple(snake_name(key) for key in keys))
    return {name: next(iter(options)) for name, options in found.items() if len(options) == 1}
