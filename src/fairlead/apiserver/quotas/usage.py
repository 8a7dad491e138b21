"""What an object uses of the resources that a quota may name, and which quotas are for it.

https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.apiserver.builtin.pod_amounts import Amounts, plus, together
from fairlead.apiserver.documents import Document, listed, part, parts
from fairlead.apiserver.registry import ResourceInfo
from fairlead.machinery import quantity

__all__ = ["Amounts", "Counted", "counted", "minus", "plus"]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_POD_NAMES = frozenset(
    {"count/pods", "pods", *_COMPUTE, *(f"{kind}.{name}" for kind in ("requests", "limits") for name in _COMPUTE)}
)
#: Of these a container must say what it needs where a quota limits them.
_MUST_SAY = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
_HUGE = ("hugepages-", "requests.hugepages-")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_STORAGE_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_ALIASES = frozenset({"configmaps", "secrets", "replicationcontrollers", "resourcequotas"})
_IGNORED = frozenset({"events", "bindings", "localsubjectaccessreviews"})


def counted(info: ResourceInfo) -> Counted | None:
    """How objects of a resource are counted; None for those that no quota is about."""
    if not info.type.namespaced or info.type.plural in _IGNORED:
        return None
    special = {"pods": _Pods, "services": _Services, "persistentvolumeclaims": _Claims}
    kind = special.get(info.type.plural, Counted) if not info.type.group else Counted
    return kind(info.type.plural, info.type.group)


def minus(one: Mapping[str, str], other: Mapping[str, str]) -> Amounts:
    """What is more in the first, and 0 for the rest."""
    found: Amounts = {}
    for name, value in one.items():
        left = quantity.total(value, other.get(name, "0"), sign=-1)
        found[name] = left if quantity.parse(left) > 0 else "0"
    return found


class Counted:
    """Objects of a resource of which only the number counts."""

    def __init__(self, plural: str, group: str) -> None:
        self.count: str = f"count/{plural}.{group}" if group else f"count/{plural}"
        self._names = {self.count, *({plural} & _ALIASES if not group else ())}

    def concerns(self, name: str) -> bool:
        """Whether a resource that a quota names is about these objects."""
        return name in self._names

    def usage(self, document: Document) -> Amounts:
        """What one object uses."""
        del document
        return dict.fromkeys(self._names, "1")

    def missing(self, names: Iterable[str], document: Document) -> str:
        """What an object must say where a quota limits these; empty: nothing."""
        del names, document
        return ""

    def counts_update(self, new: Document, old: Document, subresource: str) -> bool:
        """Whether a change of an object may use more."""
        del new, old, subresource
        return False

    def in_scope(self, quota: Document, document: Document) -> bool:
        """Whether a quota's scopes take the object in."""
        return all(self._in_scope(each, document) for each in _scopes(quota))

    def _in_scope(self, scope: Document, document: Document) -> bool:
        del scope, document
        return False


def _scopes(quota: Document) -> Iterator[Document]:
    for name in listed(quota, "spec", "scopes"):
        yield {"scopeName": name, "operator": "Exists"}
    yield from parts(quota, "spec", "scopeSelector", "matchExpressions")


def _selects(scope: Document, value: str) -> bool:
    """Whether a scope takes in what has this value; empty: it has none."""
    values = listed(scope, "values")
    match scope.get("operator"):
        case "Exists":
            return bool(value)
        case "DoesNotExist":
            return not value
        case "In":
            return value in values
        case _:
            return value not in values


class _Services(Counted):
    def __init__(self, plural: str, group: str) -> None:
        super().__init__(plural, group)
        self._names |= {"services", "services.nodeports", "services.loadbalancers"}

    def usage(self, document: Document) -> Amounts:
        spec = part(document, "spec")
        ports, balanced = parts(spec, "ports"), spec.get("type") == "LoadBalancer"
        if balanced and spec.get("allocateLoadBalancerNodePorts") is False:
            ports = [port for port in ports if port.get("nodePort")]
        nodes = len(ports) if balanced or spec.get("type") == "NodePort" else 0
        ones = {self.count: "1", "services": "1"}
        return {**ones, "services.nodeports": str(nodes), "services.loadbalancers": str(int(balanced))}

    def counts_update(self, new: Document, old: Document, subresource: str) -> bool:
        del new, old
        return not subresource


class _Claims(Counted):
    def concerns(self, name: str) -> bool:
        return name == self.count or name.rpartition(_BY_CLASS)[2] in {"persistentvolumeclaims", "requests.storage"}

    def usage(self, document: Document) -> Amounts:
        annotations = part(document, "metadata", "annotations")
        storage_class = annotations.get(_STORAGE_CLASS_ANNOTATION) or part(document, "spec").get("storageClassName")
        found = {"persistentvolumeclaims": "1"}
        size = part(document, "spec", "resources", "requests").get("storage")
        allocated = part(document, "status", "allocatedResources").get("storage")
        if size is not None:
            if allocated is not None and quantity.parse(allocated) > quantity.parse(size):
                size = allocated
            found["requests.storage"] = quantity.canonical(size)
        if storage_class:
            found |= {f"{storage_class}{_BY_CLASS}{name}": value for name, value in found.items()}
        return {self.count: "1", **found}

    def counts_update(self, new: Document, old: Document, subresource: str) -> bool:
        del new, old
        return not subresource

    def _in_scope(self, scope: Document, document: Document) -> bool:
        if scope.get("scopeName") != "VolumeAttributesClass":
            return False
        status = part(document, "status")
        names = {
            part(document, "spec").get("volumeAttributesClassName") or "",
            status.get("currentVolumeAttributesClassName") or "",
            part(status, "modifyVolumeStatus").get("targetVolumeAttributesClassName") or "",
        } - {""}
        return any(_selects(scope, name) for name in names or {""})


class _Pods(Counted):
    def concerns(self, name: str) -> bool:
        return name in _POD_NAMES or name.startswith(_HUGE) or _is_extended(name)

    def usage(self, document: Document) -> Amounts:
        if part(document, "status").get("phase") in {"Succeeded", "Failed"}:
            return {self.count: "1"}
        return {self.count: "1", "pods": "1", **_computed(*(_needs(document, kind) for kind in ("requests", "limits")))}

    def missing(self, names: Iterable[str], document: Document) -> str:
        required = _MUST_SAY.intersection(names)
        if not required or part(document, "spec").get("resources"):
            return ""
        lacking: dict[str, set[str]] = {}
        for field in ("containers", "initContainers"):
            for container in parts(document, "spec", field):
                resources = part(container, "resources")
                said = _computed(part(resources, "requests"), part(resources, "limits"))
                for name in required - said.keys():
                    lacking.setdefault(name, set()).add(container.get("name", ""))
        listed_ = "; ".join(f"{name} for: {','.join(sorted(lacking[name]))}" for name in sorted(lacking))
        return f"must specify {listed_}" if lacking else ""

    def counts_update(self, new: Document, old: Document, subresource: str) -> bool:
        return subresource == "resize" or (not subresource and _ends(new) != _ends(old))

    def _in_scope(self, scope: Document, document: Document) -> bool:
        match scope.get("scopeName"):
            case "Terminating":
                return _ends(document)
            case "NotTerminating":
                return not _ends(document)
            case "BestEffort":
                return _best_effort(document)
            case "NotBestEffort":
                return not _best_effort(document)
            case "PriorityClass":
                return _selects(scope, part(document, "spec").get("priorityClassName") or "")
            case "CrossNamespacePodAffinity":
                return _looks_elsewhere(document)
            case _:
                return False


def _is_extended(name: str) -> bool:
    """Whether this is the request of a resource that Kubernetes does not know: `requests.example.com/gpu`."""
    kind, _, resource = name.partition(".")
    return kind == "requests" and "/" in resource and "kubernetes.io/" not in resource


def _computed(requests: Mapping[str, Any], limits: Mapping[str, Any]) -> Amounts:
    """The names by which quotas call what is requested and limited."""
    found: Amounts = {}
    for name, value in requests.items():
        shown = quantity.canonical(value)
        if name in _COMPUTE or name.startswith("hugepages-"):
            found[name] = found[f"requests.{name}"] = shown
        elif _is_extended(f"requests.{name}"):
            found[f"requests.{name}"] = shown
    found.update({f"limits.{name}": quantity.canonical(limits[name]) for name in _COMPUTE if name in limits})
    return found


def _needs(pod: Document, kind: str) -> Amounts:
    """What a pod needs."""
    found = together(part(pod, "spec"), kind)
    found.update(part(pod, "spec", "resources", kind))  # what the pod says as a whole
    overhead = part(pod, "spec", "overhead")
    return plus(found, overhead if kind == "requests" else {k: v for k, v in overhead.items() if k in found})


def _ends(pod: Document) -> bool:
    return (part(pod, "spec").get("activeDeadlineSeconds") or -1) >= 0


def _best_effort(pod: Document) -> bool:
    holders = [*parts(pod, "spec", "containers"), *parts(pod, "spec", "initContainers"), part(pod, "spec")]
    asked = [
        value
        for holder in holders
        for kind in ("requests", "limits")
        for name, value in part(holder, "resources", kind).items()
        if name in {"cpu", "memory"}
    ]
    return not any(quantity.parse(value) > 0 for value in asked)


def _looks_elsewhere(pod: Document) -> bool:
    """Whether a pod's affinity is to pods of other namespaces."""
    for field in ("podAffinity", "podAntiAffinity"):
        affinity = part(pod, "spec", "affinity", field)
        terms = parts(affinity, "requiredDuringSchedulingIgnoredDuringExecution")
        weighted = parts(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
        for term in (*terms, *(part(each, "podAffinityTerm") for each in weighted)):
            if term.get("namespaces") or term.get("namespaceSelector") is not None:
                return True
    return False
