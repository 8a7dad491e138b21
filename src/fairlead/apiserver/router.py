"""From a request's path and method to the resource and verb that it means.

https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
"""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.registry import Located, Registry, ResourceInfo
from fairlead.machinery.wire import Request

__all__ = ["Target", "resolve"]

_FALSE = frozenset({"", "0", "f", "false", "no", "off"})
_ON_COLLECTION = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_ON_OBJECT = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OBJECT_VERBS = frozenset({"get", "update", "patch", "delete"})
_ON_SUBRESOURCE = {**_ON_OBJECT, "POST": "create"}


class Target(msgspec.Struct, frozen=True):
    """What a request is about. `namespace` is empty for cluster-scoped types and for lists over all namespaces."""

    info: ResourceInfo
    verb: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def resolve(request: Request, registry: Registry) -> Target | None:
    """The target of a request; None when no such path is served. Raises Refusal for a verb the resource lacks."""
    found = registry.located.get(request.path)
    if found is None:
        found = _found(request.path, registry)
        if found is None:
            return None
        if not found.name:
            registry.remember(request.path, found)
    info, namespace, name, subresource, forced = found
    if name in {".", ".."}:
        raise statuses.bad_request(f"Name parameter invalid: {statuses.quoted(name)}: may not be '{name}'")
    if info.is_custom and info.type.namespaced and not namespace and request.method != "GET":
        return None
    if forced and request.method != "GET":
        raise statuses.method_not_allowed()
    verb = _verb(request, info, namespace, name, subresource, forced=forced)
    return Target(info, verb, namespace, name, subresource)


def _found(path: str, registry: Registry) -> Located | None:
    segments = unquote(path).strip("/").split("/")
    located = _group_version(segments)
    if located is None:
        return None
    group, version, rest = located
    forced = bool(rest) and rest[0] == "watch"
    found = _locate(registry, group, version, rest[1:] if forced else rest)
    return Located(*found, forced) if found is not None else None


def _group_version(segments: list[str]) -> tuple[str, str, list[str]] | None:
    if len(segments) > 2 and segments[0] == "api":
        return "", segments[1], segments[2:]
    if len(segments) > 3 and segments[0] == "apis":
        return segments[1], segments[2], segments[3:]
    return None


def _locate(registry: Registry, group: str, version: str, rest: list[str]) -> tuple[ResourceInfo, str, str, str] | None:
    if len(rest) > 2 and rest[:2] == ["namespaces", ""]:
        return _without_namespace(registry, group, version, rest[2:])
    if not rest or "" in rest:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        info = registry.find(group, version, rest[2])
        if info is not None and info.type.namespaced:
            namespace, rest = rest[1], rest[2:]
    info = registry.find(group, version, rest[0])
    if info is None:
        return None
    name, subresource = rest[1] if len(rest) > 1 else "", "/".join(rest[2:])
    if info.type.namespaced and name and not namespace:
        return None
    if name and not subresource and not _OBJECT_VERBS.intersection(info.verbs):
        return None
    return (info, namespace, name, subresource) if _has(info, name, subresource) else None


def _has(info: ResourceInfo, name: str, subresource: str) -> bool:
    """Whether the resource has this subresource, or none is asked for. Raises Refusal (404) where a custom one has not."""
    head, _, _ = subresource.partition("/")
    if not subresource or info.subresource(subresource if head != "proxy" else head) is not None:
        return True
    if info.is_custom:
        raise statuses.not_found(info.type, name)
    return False


def _without_namespace(
    registry: Registry, group: str, version: str, rest: list[str]
) -> tuple[ResourceInfo, str, str, str] | None:
    """Where a path has an empty namespace: the objects of all of them, which can be listed and nothing else."""
    info = registry.find(group, version, rest[0])
    if info is None or not info.type.namespaced or info.is_custom:
        return None
    if len(rest) > 1:
        raise statuses.bad_request("Namespace parameter required.")
    return info, "", "", ""


def _verb(request: Request, info: ResourceInfo, namespace: str, name: str, subresource: str, *, forced: bool) -> str:
    if subresource:
        verb = _ON_SUBRESOURCE.get(request.method)
        sub = info.subresource(subresource)
        allowed = sub.verbs if sub is not None else ()
    else:
        verb = (_ON_OBJECT if name else _ON_COLLECTION).get(request.method)
        if info.is_custom and request.method == "POST":
            verb = "create"  # the name in the path is not read
        allowed = info.verbs
        if request.method == "GET" and (forced or (not name and _watches(request))):
            verb = "watch"
    if verb is None or verb not in allowed:
        raise _refused(request, info, name)
    if verb in {"create", "deletecollection"} and info.type.namespaced and not namespace:
        raise statuses.method_not_allowed()
    return verb


def _refused(request: Request, info: ResourceInfo, name: str) -> statuses.Refusal:
    """Custom resources have a handler of their own, which reads the method only once it knows the name."""
    if not info.is_custom:
        return statuses.method_not_allowed()
    if not name and request.method in {"PUT", "PATCH"}:
        return statuses.bad_request("name must be provided")
    what = statuses.qualified(info.type.plural, info.type.group)
    details = {"group": info.type.group, "kind": info.type.plural}
    verb = _ON_SUBRESOURCE.get(request.method, "")
    return statuses.failure(
        405, "MethodNotAllowed", f"{verb} is not supported on resources of kind {statuses.quoted(what)}", details
    )


def _watches(request: Request) -> bool:
    return any(key == "watch" and value.lower() not in _FALSE - {""} for key, value in request.query)
