"""What a server of the release says of its resources, as records for the schema files."""

from __future__ import annotations

import json
from typing import Any

from fairlead.codegen.field_labels import field_labels
from fairlead.codegen.layout import Home
from fairlead.codegen.openapi import Definitions
from fairlead.codegen.release import Sources

__all__ = ["Record", "preferred", "records", "resources"]

Record = dict[str, Any]
_GVK = "x-kubernetes-group-version-kind"


def preferred(sources: Sources) -> list[Home]:
    """Every group and version, in the order the server prefers them; core is first."""
    aggregated = json.loads(sources.discovery("aggregated_v2.json").read_text())
    groups = ((group["metadata"].get("name", ""), group["versions"]) for group in aggregated["items"])
    rest = [Home(name, version["version"]) for name, versions in groups for version in versions]
    return [Home("", "v1"), *(home for home in rest if home.group)]


def resources(sources: Sources, home: Home, definitions: Definitions) -> list[Record]:
    """The records of a group and version."""
    file = f"apis__{home.group}__{home.version}.json" if home.group else f"api__{home.version}.json"
    return records(json.loads(sources.discovery(file).read_text()), home, definitions)


def records(listed: dict[str, Any], home: Home, definitions: Definitions) -> list[Record]:
    """The records of an APIResourceList: one per resource, each with its subresources, sorted by name."""
    kinds = {
        (kind["group"], kind["version"], kind["kind"]): name
        for name, schema in definitions.items()
        for kind in schema.get(_GVK, ())
        if len(schema[_GVK]) == 1
    }
    found: dict[str, Record] = {}
    for entry in sorted(listed["resources"], key=lambda entry: str(entry["name"])):
        name, _, subresource = entry["name"].partition("/")
        group, version = entry.get("group", home.group), entry.get("version", home.version)
        if subresource:
            found[name]["subresources"].append(_subresource(subresource, entry, group, version))
        else:
            found[name] = _resource(entry, home, kinds[group, version, entry["kind"]])
    return list(found.values())


def _resource(entry: Record, home: Home, schema: str) -> Record:
    record = {
        "name": entry["name"],
        "kind": entry["kind"],
        "singular": entry.get("singularName", ""),
        "namespaced": entry["namespaced"],
        "shortNames": entry.get("shortNames", []),
        "categories": entry.get("categories", []),
        "verbs": entry["verbs"],
        "storageVersionHash": entry.get("storageVersionHash", ""),
        "fieldSelectors": field_labels(home.group, home.version, entry["kind"]),
        "schema": schema,
    }
    return {**record, "subresources": []}


def _subresource(name: str, entry: Record, group: str, version: str) -> Record:
    return {"name": name, "kind": entry["kind"], "group": group, "version": version, "verbs": entry["verbs"]}
