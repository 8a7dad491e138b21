"""What users may do by the roles that are stored. https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairlead.apiserver.access.who import User
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.statuses import quoted

__all__ = ["MASTERS", "Asked", "allowed", "rules"]

_GROUP, _VERSION = "rbac.authorization.k8s.io", "v1"
#: Whoever is in this group may do everything, whatever is stored.
MASTERS = "system:masters"
_ALL = "*"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a verb on a resource, or on a path that is none."""

    verb: str
    namespace: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    path: str = ""


def allowed(cluster: Cluster, user: User, asked: Asked) -> tuple[bool, str]:
    """Whether the user may do it, and by what."""
    if MASTERS in user.groups:
        return True, ""
    for reason, rule in _granted(cluster, user, asked.namespace):
        if _covers(rule, asked):
            return True, f"RBAC: allowed by {reason}"
    return False, ""


def rules(cluster: Cluster, user: User, namespace: str) -> list[Document]:
    """All rules that hold for the user in a namespace."""
    return [rule for _, rule in _granted(cluster, user, namespace)]


def _granted(cluster: Cluster, user: User, namespace: str) -> Iterator[tuple[str, Document]]:
    """Rules, each with the binding that it comes by."""
    for kind, bindings in (
        ("ClusterRoleBinding", _all(cluster, "clusterrolebindings", "")),
        ("RoleBinding", _all(cluster, "rolebindings", namespace) if namespace else ()),
    ):
        for binding in bindings:
            meta = binding["metadata"]
            subject = next((each for each in parts(binding, "subjects") if _is(each, user, namespace)), None)
            if subject is None:
                continue
            shown = meta["name"] if kind == "ClusterRoleBinding" else f"{meta['name']}/{namespace}"
            role = part(binding, "roleRef")
            said = f"{role.get('kind')} {quoted(role.get('name', ''))} to {_shown(subject)}"
            for rule in _role(cluster, role, namespace):
                yield f"{kind} {quoted(shown)} of {said}", rule


def _all(cluster: Cluster, plural: str, namespace: str) -> Iterable[Document]:
    found = cluster.objects(_GROUP, _VERSION, plural)
    return [entry.decode() for entry in found.select(namespace)]


def _role(cluster: Cluster, reference: Document, namespace: str) -> list[Document]:
    plural, place = ("roles", namespace) if reference.get("kind") == "Role" else ("clusterroles", "")
    found = cluster.objects(_GROUP, _VERSION, plural).get(place, reference.get("name", ""))
    return parts(found.decode(), "rules") if found is not None else []


def _is(subject: Document, user: User, namespace: str) -> bool:
    name = subject.get("name", "")
    match subject.get("kind"):
        case "User":
            return bool(user.name == name)
        case "Group":
            return name in user.groups
        case "ServiceAccount":
            return user.name == f"system:serviceaccount:{subject.get('namespace') or namespace}:{name}"
        case _:
            return False


def _shown(subject: Document) -> str:
    name = subject.get("name", "")
    if subject.get("kind") == "ServiceAccount":
        name = f"{name}/{subject.get('namespace', '')}"
    return f"{subject.get('kind')} {quoted(name)}"


def _covers(rule: Document, asked: Asked) -> bool:
    if not _has(rule, "verbs", asked.verb):
        return False
    if asked.path:
        return any(_matches(url, asked.path) for url in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    return (
        _has(rule, "apiGroups", asked.group)
        and _has_resource(rule.get("resources") or (), asked)
        and (not names or asked.name in names)
    )


def _has(rule: Document, field: str, value: str) -> bool:
    return not {_ALL, value}.isdisjoint(rule.get(field) or ())


def _has_resource(resources: Iterable[str], asked: Asked) -> bool:
    if not asked.subresource:
        return not {_ALL, asked.resource}.isdisjoint(resources)
    wanted = {_ALL, f"{asked.resource}/{asked.subresource}", f"*/{asked.subresource}"}
    return not wanted.isdisjoint(resources)


def _matches(url: str, path: str) -> bool:
    return url in {_ALL, path} or (url.endswith(_ALL) and path.startswith(url[:-1]))
