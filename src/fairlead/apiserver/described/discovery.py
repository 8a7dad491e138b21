"""What the server serves, as clients ask for it: versions, groups, resources, health.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api; aggregated discovery is KEP-3352.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from fairlead.apiserver.described import health, issuer
from fairlead.apiserver.registry import Registry, ResourceInfo, Subresource
from fairlead.apiserver.statuses import method_not_allowed, not_acceptable
from fairlead.apiserver.wire.answers import yaml_of
from fairlead.apiserver.wire.negotiation import (
    ACCEPTED,
    JSON,
    YAML,
    clauses,
    is_producible,
    require_plain,
    require_producible,
)
from fairlead.machinery.wire import Request, Response

__all__ = ["VERSION", "respond"]

#: The answer to /version: the release whose behaviour this server follows.
VERSION = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.26.8",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_AGGREGATED = "apidiscovery.k8s.io"


def respond(request: Request, registry: Registry) -> Response | None:
    """The answer, if the request is for discovery, /version, health or the list of paths; else None.

    A group or version that is not served gives None too: the caller answers with 404.
    """
    parts = [part for part in request.path.split("/") if part]
    match parts:
        case [] | ["index.html"]:
            return _json({"paths": _paths(registry)})
        case ["version"]:
            return _version(request)
        case [("healthz" | "livez" | "readyz") as endpoint, *checks]:
            return health.respond(request, endpoint, "/".join(checks))
        case ["metrics"]:
            return _metrics()
        case [".well-known" | "openid", *_]:
            return issuer.respond(request, _ADDRESS)
        case [("api" | "apis"), *rest] if len(rest) < len(("group", "version", "resource")):
            return _discovery(request, registry, parts)
        case _:
            return None


def _discovery(request: Request, registry: Registry, parts: list[str]) -> Response | None:
    match parts:
        case [("api" | "apis") as prefix]:
            found = _aggregated(request, registry, core=prefix == "api")
            if found is None:
                found = _json(_VERSIONS if prefix == "api" else _groups(registry))
        case ["api", version]:
            found = _resources(registry, "", version)
        case ["apis", group]:
            found = _group_response(registry, group)
        case ["apis", group, version]:
            found = _resources(registry, group, version)
        case _:
            found = None
    if found is not None:
        # The list of groups, and a group, are not behind the router that looks at methods.
        if request.method != "GET" and (parts[0] == "api" or len(parts) > len(("apis", "group"))):
            raise method_not_allowed()
        accept = request.headers.get("accept", "")
        if (
            parts[0] == "apis"
            and len(parts) < len(("apis", "group", "version"))
            and not is_producible(accept, ACCEPTED)
        ):
            raise not_acceptable(ACCEPTED)
        require_producible(accept, ACCEPTED)
        if found.headers["content-type"] == JSON:
            require_plain(accept)
    return found


def _metrics() -> Response:
    """Only what says which server this is: there are no tools that read more of a server for tests."""
    labels = ",".join(f'{name}="{VERSION[key]}"' for name, key in _BUILD)
    text = (
        "# HELP kubernetes_build_info [ALPHA] A metric with a constant '1' value.\n"
        f"# TYPE kubernetes_build_info gauge\nkubernetes_build_info{{{labels}}} 1\n"
    )
    headers = {"content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-cache, private"}
    return Response(200, headers, text.encode())


_BUILD = (("git_version", "gitVersion"), ("major", "major"), ("minor", "minor"), ("platform", "platform"))


def _json(document: object, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    return Response(200, {"content-type": JSON, "cache-control": "no-cache, private", **(headers or {})}, body)


#: Host and port that a server tells of itself; clients go on with the address that they have.
_ADDRESS = "127.0.0.1:443"
_VERSIONS = {
    "kind": "APIVersions",
    "versions": ["v1"],
    "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": _ADDRESS}],
}


def _version(request: Request) -> Response:
    if request.method != "GET":
        raise method_not_allowed()
    require_producible(request.headers.get("accept", ""), (JSON,))
    body = json.dumps(VERSION, indent=2).encode()
    return Response(200, {"content-type": JSON, "cache-control": "no-cache, private"}, body)


def _paths(registry: Registry) -> list[str]:
    served = registry.group_versions()
    groups = {f"/apis/{group}" for group, _ in served if group}
    versions = {f"/apis/{group}/{version}" if group else f"/api/{version}" for group, version in served}
    others = (
        "/api",
        "/apis",
        "/apis/",
        "/flagz",
        "/metrics",
        "/metrics/slis",
        "/statusz",
        "/openapi/v2",
        "/openapi/v3",
        "/openapi/v3/",
        "/version",
    )
    return sorted({*others, issuer.CONFIGURATION, issuer.KEYS, *groups, *versions, *health.paths()})


def _by_group(registry: Registry) -> dict[str, list[str]]:
    """Groups other than core in their order, with their served versions, the preferred one first."""
    found: dict[str, list[str]] = {}
    for group, version in registry.group_versions():
        if group:
            found.setdefault(group, []).append(version)
    return found


def _group(group: str, versions: Iterable[str]) -> dict[str, Any]:
    entries = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": entries, "preferredVersion": entries[0]}


def _groups(registry: Registry) -> dict[str, Any]:
    groups = [_group(group, versions) for group, versions in _by_group(registry).items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _group_response(registry: Registry, group: str) -> Response | None:
    versions = _by_group(registry).get(group)
    return _json({"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)}) if versions else None


def _resources(registry: Registry, group: str, version: str) -> Response | None:
    infos = registry.resources(group, version)
    if not infos:
        return None
    resources = [entry for info in infos for entry in _entries(info)]
    found: dict[str, Any] = {"kind": "APIResourceList"}
    if group:
        # The oldest group's list is the only one that does not say its apiVersion.
        found["apiVersion"] = "v1"
    return _json({**found, "groupVersion": f"{group}/{version}" if group else version, "resources": resources})


def _entries(info: ResourceInfo) -> list[dict[str, Any]]:
    """A resource and its subresources as APIResources."""
    own = {
        "name": info.type.plural,
        "singularName": info.singular,
        "namespaced": info.type.namespaced,
        "kind": info.type.kind,
        "verbs": list(info.verbs),
        "shortNames": list(info.short_names),
        "categories": list(info.categories),
        "storageVersionHash": info.storage_version_hash,
    }
    optional = ("shortNames", "categories", "storageVersionHash")
    entries = [{key: value for key, value in own.items() if value or key not in optional}] if info.verbs else []
    return entries + [_subresource_entry(info, sub) for sub in info.subresources]


def _foreign(info: ResourceInfo, sub: Subresource) -> dict[str, str]:
    """Group and version of a subresource's kind where they differ from the resource's."""
    if not sub.version or (sub.group, sub.version) == (info.type.group, info.type.version):
        return {}
    return {"group": sub.group, "version": sub.version} if sub.group else {"version": sub.version}


def _subresource_entry(info: ResourceInfo, sub: Subresource) -> dict[str, Any]:
    return {
        "name": f"{info.type.plural}/{sub.name}",
        "singularName": "",
        "namespaced": info.type.namespaced,
        **_foreign(info, sub),
        "kind": sub.kind,
        "verbs": list(sub.verbs),
    }


def _aggregated(request: Request, registry: Registry, *, core: bool) -> Response | None:
    """Aggregated discovery, if the client prefers it."""
    version, media = _aggregated_form(request.headers.get("accept", ""))
    if not version:
        return None
    groups = {"": ["v1"]} if core else _by_group(registry)
    items = [_discovered_group(registry, group, versions) for group, versions in groups.items()]
    document: dict[str, Any] = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED}/{version}",
        "metadata": {},
        "items": items,
    }
    response = _json(document)
    etag = f'"{hashlib.sha512(response.body).hexdigest().upper()}"'
    headers = {
        "content-type": f"{media};g={_AGGREGATED};v={version};as=APIGroupDiscoveryList",
        "cache-control": "public",
        "etag": etag,
        "vary": "Accept",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(304, headers, b"")
    return Response(200, headers, yaml_of(document) if media == YAML else response.body)


def _aggregated_form(accept: str) -> tuple[str, str]:
    """The version and the media type in which a client prefers aggregated discovery; empty where it does not."""
    for clause in clauses(accept):
        if clause.type not in {JSON, YAML, "application/*", "*/*"}:
            continue
        wanted = clause.parameters
        if "as" not in wanted:
            return "", ""
        if wanted.get("as") == "APIGroupDiscoveryList" and wanted.get("g") == _AGGREGATED and wanted.get("v") == "v2":
            return "v2", YAML if clause.type == YAML else JSON
    return "", ""


def _discovered_group(registry: Registry, group: str, versions: Iterable[str]) -> dict[str, Any]:
    return {
        "metadata": {"name": group} if group else {},
        "versions": [
            {
                "version": version,
                "resources": [_discovered(info) for info in registry.resources(group, version)],
                "freshness": "Current",
            }
            for version in versions
        ],
    }


def _discovered(info: ResourceInfo) -> dict[str, Any]:
    """An APIResourceDiscovery; kinds of the resource's own group and version leave both out, unless it is custom."""
    found: dict[str, Any] = {"resource": info.type.plural}
    if info.verbs:
        found["responseKind"] = _response_kind(info, info.type.group, info.type.version, info.type.kind)
    found["scope"] = "Namespaced" if info.type.namespaced else "Cluster"
    found["singularResource"] = info.singular
    found["verbs"] = list(info.verbs)
    if info.short_names:
        found["shortNames"] = list(info.short_names)
    if info.categories:
        found["categories"] = list(info.categories)
    if info.subresources:
        found["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": _response_kind(info, sub.group, sub.version, sub.kind),
                "verbs": list(sub.verbs),
            }
            for sub in info.subresources
        ]
    return found


def _response_kind(info: ResourceInfo, group: str, version: str, kind: str) -> dict[str, str]:
    own = not version or (group, version) == (info.type.group, info.type.version)
    if own and not info.is_custom:
        return {"group": "", "version": "", "kind": kind}
    return {"group": group or info.type.group, "version": version or info.type.version, "kind": kind}
