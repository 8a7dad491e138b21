"""From requests to the permissions that they need, and from those to Roles and ClusterRoles.

How the server reads a request: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#request-verbs-and-authorization;
what a rule is: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from fairlead.machinery.wire import Request

__all__ = ["Permission", "PermissionRecorder", "permission", "roles"]

_COLLECTION = {"GET": "list", "HEAD": "list", "POST": "create", "DELETE": "deletecollection"}
_OBJECT = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
#: Verbs in the order in which people write them.
_ORDER = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
#: Subresources of a namespace; any other segment there is a resource in it.
_OF_NAMESPACE = frozenset({"status", "finalize"})
#: What every authenticated user may do (system:basic-user), and so needs no rule.
_GRANTED = frozenset({"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"})
_FALSE = frozenset({"0", "false"})
#: Connections into pods.
_CONNECTIONS = frozenset({"pods/exec", "pods/attach", "pods/portforward"})


class Permission(NamedTuple):
    """One verb on one resource. `namespace` is empty for cluster-scoped resources, and for all namespaces at once."""

    namespace: str
    group: str
    #: With its subresource, if any: `deployments/status`.
    resource: str
    verb: str


def permission(request: Request) -> Permission | None:
    """What a request needs; None for paths that are no resource (discovery, health), and for what everybody may do."""
    return _needed(request.method, request.path, _asks_to_watch(request))


@lru_cache(maxsize=1024)  # the same collections are listed and watched again and again
def _needed(method: str, path: str, asks_to_watch: bool) -> Permission | None:
    segments = [unquote(part) for part in path.strip("/").split("/")]
    group, rest = "", segments[2:]
    if segments[0] == "apis":
        group, rest = segments[1] if len(segments) > 1 else "", segments[3:]
    if segments[0] not in {"api", "apis"} or not rest or not rest[0]:
        return None
    watches = rest[0] == "watch"
    namespace, rest = _in_namespace(rest[1:] if watches else rest)
    if not rest or rest[0] in _GRANTED:
        return None
    resource, name, sub = rest[0], rest[1] if len(rest) > 1 else "", "/".join(rest[2:3])
    verb = (_OBJECT if name else _COLLECTION).get(method, method.lower())
    if watches or (verb == "list" and asks_to_watch):
        verb = "watch"
    return Permission(namespace, group, f"{resource}/{sub}" if sub else resource, verb)


def _in_namespace(rest: list[str]) -> tuple[str, list[str]]:
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in _OF_NAMESPACE:
        return rest[1], rest[2:]
    return "", rest


def _asks_to_watch(request: Request) -> bool:
    return any(key == "watch" and value.lower() not in _FALSE for key, value in request.query)


class PermissionRecorder:
    """Collects what requests need. Memory grows with kinds of requests, not with their number."""

    def __init__(self) -> None:
        self._needed: set[Permission] = set()

    def note(self, request: Request, status: int) -> None:
        """Take in a request and the HTTP status of its answer."""
        needed = permission(request)
        if needed is None:
            return
        self._needed.add(needed)
        if needed.verb == "get" and needed.resource in _CONNECTIONS:
            # Over a WebSocket these are asked for with GET, and the server wants to see the right to create as well.
            self._needed.add(needed._replace(verb="create"))
        if needed.verb == "watch" and ("sendInitialEvents", "true") in request.query:
            # It stands for a list, and becomes one at servers that do not stream lists.
            self._needed.add(needed._replace(verb="list"))
        if status == 201 and needed.verb in {"update", "patch"}:
            # A write that made the object was asked for that too.
            self._needed.add(needed._replace(verb="create"))

    def permissions(self) -> list[Permission]:
        """What was needed so far, sorted."""
        return sorted(self._needed)

    def roles(self, name: str) -> list[dict[str, Any]]:
        """See `roles`."""
        return roles(self._needed, name)


def roles(needed: Iterable[Permission], name: str) -> list[dict[str, Any]]:
    """The smallest ClusterRole and Roles (one per namespace), all called `name`, that grant what is needed.

    What the ClusterRole grants in all namespaces is not said again in a Role. Rules name no objects: the names that a
    controller meets are not known beforehand.
    """
    places: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for each in needed:
        places[each.namespace].add((each.group, each.resource, each.verb))
    everywhere = places.get("", set())
    made: list[dict[str, Any]] = []
    for namespace in sorted(places):
        rules = _rules(places[namespace] if not namespace else places[namespace] - everywhere)
        if rules:
            metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
            kind = "Role" if namespace else "ClusterRole"
            made.append({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules
            })  # fmt: skip
    return made


def _rules(wanted: Iterable[tuple[str, str, str]]) -> list[dict[str, list[str]]]:
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for group, resource, verb in wanted:
        verbs[group, resource].add(verb)
    merged: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), asked in sorted(verbs.items()):
        merged[group, _ordered(asked)].append(resource)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": list(asked)}
        for (group, asked), resources in merged.items()
    ]


def _ordered(verbs: set[str]) -> tuple[str, ...]:
    known = [verb for verb in _ORDER if verb in verbs]
    return (*known, *sorted(verbs - set(known)))
