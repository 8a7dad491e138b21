"""The admission plugins that kube-apiserver has on by default, as far as objects show them.

https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/: Priority, DefaultTolerationSeconds, RuntimeClass,
LimitRanger, StorageObjectInUseProtection, PersistentVolumeClaimResize, DefaultStorageClass, DefaultIngressClass, NamespaceLifecycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import Document, listed, part, parts, said_name
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.runtime_classes import check_overhead, take_class
from fairlead.apiserver.storage import Collection, Entry
from fairlead.machinery import quantity

__all__ = ["PROTECTION", "Plugins"]

_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_LIMITED = "kubernetes.io/limit-ranger"
_DEFAULT_STORAGE = "storageclass.kubernetes.io/is-default-class"
_NO_GROWTH = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)
_DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class"
#: The finalizers of what must not go while it is used, by kind.
PROTECTION: Mapping[str, str] = {
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
    "PersistentVolume": "kubernetes.io/pv-protection",
    "VolumeAttributesClass": "kubernetes.io/vac-protection",
}


class Plugins:
    """Changes and refuses objects by what else is in the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._creating: Mapping[tuple[str, str], Callable[[ResourceInfo, Document], None]] = {
            ("", "Pod"): self._create_pod,
            ("", "PersistentVolumeClaim"): self._create_claim,
            ("", "PersistentVolume"): _protect,
            ("storage.k8s.io", "VolumeAttributesClass"): _protect,
            ("networking.k8s.io", "Ingress"): self._create_ingress,
        }

    def create(self, info: ResourceInfo, document: Document) -> None:
        """Admit a new object, in place. Raises Refusal (403)."""
        plugin = self._creating.get((info.type.group, info.type.kind))
        if plugin is not None:
            plugin(info, document)

    def validate(self, info: ResourceInfo, document: Document, old: Document | None) -> None:
        """Refuse an object, not a subresource of it, that breaks no rule of its own. Raises Refusal (403)."""
        if (info.type.group, info.type.kind) == ("", "Pod") and old is None:
            check_overhead(info, document, self._runtime_classes)
            self._hold_to_limits(info, document, _pod_faults)
        elif (info.type.group, info.type.kind) == ("", "PersistentVolumeClaim"):
            self._hold_to_limits(info, document, _claim_faults)
            if old is not None:
                self._hold_to_growth(info, document, old)

    def update(self, info: ResourceInfo, new: Document, old: Document) -> None:
        """Admit a changed object, in place; not one whose subresource was written."""
        if (info.type.group, info.type.kind) != ("", "Pod"):
            return
        spec, before = part(new, "spec"), part(old, "spec")
        for name in ("priority", "preemptionPolicy"):
            if spec.get(name) is None and before.get(name) is not None:
                spec[name] = before[name]
        _tolerate(spec)

    def _objects(self, group: str, plural: str) -> Iterator[Entry]:
        return self._cluster.objects(group, "v1", plural).select()

    def _default_of(self, group: str, plural: str, annotation: str) -> str:
        """The name of the class that says it is the default one; the newest where several do."""
        found = [
            entry.decode()["metadata"]
            for entry in self._objects(group, plural)
            if part(entry.decode(), "metadata", "annotations").get(annotation) == "true"
        ]
        found.sort(key=lambda meta: meta["name"])
        found.sort(key=lambda meta: meta.get("creationTimestamp") or "", reverse=True)
        return found[0]["name"] if found else ""

    def _runtime_classes(self) -> Collection:
        return self._cluster.objects("node.k8s.io", "v1", "runtimeclasses")

    # -- pods

    def _create_pod(self, info: ResourceInfo, document: Document) -> None:
        self._priority(info, document)
        _tolerate(part(document, "spec"))
        take_class(info, document, self._runtime_classes)
        for limits in self._limits(document):
            _set_limits(document, limits)

    def _priority(self, info: ResourceInfo, document: Document) -> None:
        spec, name = part(document, "spec"), said_name(part(document, "metadata"))
        value, policy = self._class_of(info, spec, name)
        if spec.get("priority") is not None and spec["priority"] != value:
            why = (
                f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; priority "
                f"admission controller computed {value} from the given PriorityClass name"
            )
            raise statuses.forbidden(info.type, name, why)
        spec["priority"] = value
        if spec.get("preemptionPolicy") not in (None, policy):
            why = (
                f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided in pod spec; "
                f"priority admission controller computed {policy} from the given PriorityClass name"
            )
            raise statuses.forbidden(info.type, name, why)
        spec["preemptionPolicy"] = policy

    def _class_of(self, info: ResourceInfo, spec: Document, name: str) -> tuple[int, str]:
        """The value and preemption policy of a pod's priority class; names the default one in the pod."""
        wanted = spec.get("priorityClassName") or ""
        classes = self._cluster.objects("scheduling.k8s.io", "v1", "priorityclasses")
        if wanted:
            entry = classes.get("", wanted)
            if entry is None:
                raise statuses.forbidden(info.type, name, f"no PriorityClass with name {wanted} was found")
            found = entry.decode()
        else:
            defaults = [d for entry in classes.select() if (d := entry.decode()).get("globalDefault")]
            if not defaults:
                return 0, "PreemptLowerPriority"
            found = min(defaults, key=lambda document: document.get("value") or 0)
            spec["priorityClassName"] = found["metadata"]["name"]
        return found.get("value") or 0, found.get("preemptionPolicy") or "PreemptLowerPriority"

    # -- limits

    def _limits(self, document: Document) -> Iterator[list[Document]]:
        namespace = part(document, "metadata").get("namespace", "")
        ranges = self._cluster.objects("", "v1", "limitranges").select(namespace)
        return (parts(entry.decode(), "spec", "limits") for entry in ranges)

    def _hold_to_limits(
        self, info: ResourceInfo, document: Document, faults: Callable[[Document, list[Document]], Iterator[str]]
    ) -> None:
        for limits in self._limits(document):
            found = list(faults(document, limits))
            if found:
                why = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
                raise statuses.forbidden(info.type, said_name(part(document, "metadata")), why)

    # -- the others

    def _create_claim(self, info: ResourceInfo, document: Document) -> None:
        _protect(info, document)
        spec = part(document, "spec")
        if spec.get("storageClassName") is None:
            name = self._default_of("storage.k8s.io", "storageclasses", _DEFAULT_STORAGE)
            if name:
                spec["storageClassName"] = name

    def _hold_to_growth(self, info: ResourceInfo, new: Document, old: Document) -> None:
        """A bound claim grows where its class says so."""
        if part(old, "status").get("phase") != "Bound":
            return
        wanted, present = (part(each, "spec", "resources", "requests").get("storage") or "0" for each in (new, old))
        if quantity.parse(wanted) <= quantity.parse(present):
            return
        names = [part(each, "spec").get("storageClassName") or "" for each in (new, old)]
        classes = (entry.decode() for entry in self._objects("storage.k8s.io", "storageclasses"))
        growing = {found["metadata"]["name"] for found in classes if found.get("allowVolumeExpansion")}
        if names[0] != names[1] or names[0] not in growing:
            raise statuses.forbidden(info.type, part(new, "metadata").get("name", ""), _NO_GROWTH)

    def _create_ingress(self, info: ResourceInfo, document: Document) -> None:
        del info
        spec = part(document, "spec")
        if spec.get("ingressClassName") is None:
            name = self._default_of("networking.k8s.io", "ingressclasses", _DEFAULT_INGRESS)
            if name:
                spec["ingressClassName"] = name


def _protect(info: ResourceInfo, document: Document) -> None:
    meta, finalizer = part(document, "metadata"), PROTECTION[info.type.kind]
    finalizers = listed(meta, "finalizers")
    if finalizer not in finalizers:
        meta["finalizers"] = [*finalizers, finalizer]


def _tolerate(spec: Document) -> None:
    tolerations = listed(spec, "tolerations")
    for taint in _TAINTS:
        if not any(_tolerates(toleration, taint) for toleration in tolerations):
            known = {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            tolerations = [*tolerations, known]
    spec["tolerations"] = tolerations


def _tolerates(toleration: Document, taint: str) -> bool:
    return toleration.get("key") in (None, "", taint) and toleration.get("effect") in (None, "", "NoExecute")


# -- limit ranges


def _set_limits(document: Document, limits: list[Document]) -> None:
    """Give containers the default requests and limits, and note it in an annotation."""
    wanted: dict[str, Document] = {"requests": {}, "limits": {}}
    for limit in limits:
        if limit.get("type") == "Container":
            wanted["requests"].update(part(limit, "defaultRequest"))
            wanted["limits"].update(part(limit, "default"))
    notes: list[str] = []
    for field, noun in (("containers", "container"), ("initContainers", "init container")):
        for container in parts(document, "spec", field):
            notes += _fill(container, wanted, noun)
    if notes:
        meta = part(document, "metadata")
        meta["annotations"] = {**part(meta, "annotations"), _LIMITED: f"LimitRanger plugin set: {'; '.join(notes)}"}


def _fill(container: Document, wanted: dict[str, Document], noun: str) -> Iterator[str]:
    resources = container.setdefault("resources", {})
    for kind, word in (("requests", "request"), ("limits", "limit")):
        absent = {name: value for name, value in wanted[kind].items() if name not in part(resources, kind)}
        if absent:
            resources[kind] = {**part(resources, kind), **absent}
            yield f"{', '.join(sorted(absent))} {word} for {noun} {container.get('name', '')}"


def _pod_faults(document: Document, limits: list[Document]) -> Iterator[str]:
    containers = [*parts(document, "spec", "containers"), *parts(document, "spec", "initContainers")]
    for limit in limits:
        if limit.get("type") == "Container":
            for container in containers:
                resources = part(container, "resources")
                yield from _outside("Container", limit, part(resources, "requests"), part(resources, "limits"))
        elif limit.get("type") == "Pod":
            totals = [_total(document, kind) for kind in ("requests", "limits")]
            yield from _outside("Pod", limit, *totals)


def _claim_faults(document: Document, limits: list[Document]) -> Iterator[str]:
    requests = part(document, "spec", "resources", "requests")
    for limit in limits:
        if limit.get("type") == "PersistentVolumeClaim":
            yield from _least("PersistentVolumeClaim", limit, requests, {})
            yield from _most_requested(limit, requests)


def _total(document: Document, kind: str) -> Document:
    """What all containers of a pod have together; one that goes before counts where it needs more than they do."""
    found: dict[str, Decimal] = {}
    for container in parts(document, "spec", "containers"):
        for name, value in part(container, "resources", kind).items():
            found[name] = found.get(name, Decimal(0)) + quantity.parse(value)
    for container in parts(document, "spec", "initContainers"):
        for name, value in part(container, "resources", kind).items():
            found[name] = max(found.get(name, Decimal(0)), quantity.parse(value))
    return {name: quantity.canonical(format(value, "f")) for name, value in found.items()}


def _outside(kind: str, limit: Document, requests: Document, limits: Document) -> Iterator[str]:
    yield from _least(kind, limit, requests, limits)
    for name, most in part(limit, "max").items():
        said = f"maximum {name} usage per {kind} is {quantity.canonical(most)}"
        if name not in limits:
            yield f"{said}.  No limit is specified"
        elif quantity.parse(limits[name]) > quantity.parse(most):
            yield f"{said}, but limit is {quantity.canonical(limits[name])}"
        elif name in requests and quantity.parse(requests[name]) > quantity.parse(most):
            yield f"{said}, but request is {quantity.canonical(requests[name])}"
    for name, most in part(limit, "maxLimitRequestRatio").items():
        yield from _ratio(kind, name, most, requests, limits)


def _least(kind: str, limit: Document, requests: Document, limits: Document) -> Iterator[str]:
    for name, least in part(limit, "min").items():
        said = f"minimum {name} usage per {kind} is {quantity.canonical(least)}"
        if name not in requests:
            yield f"{said}.  No request is specified"
        elif quantity.parse(requests[name]) < quantity.parse(least):
            yield f"{said}, but request is {quantity.canonical(requests[name])}"
        elif name in limits and quantity.parse(limits[name]) < quantity.parse(least):
            yield f"{said}, but limit is {quantity.canonical(limits[name])}"


def _most_requested(limit: Document, requests: Document) -> Iterator[str]:
    for name, most in part(limit, "max").items():
        said = f"maximum {name} usage per PersistentVolumeClaim is {quantity.canonical(most)}"
        if name not in requests:
            yield f"{said}.  No request is specified"
        elif quantity.parse(requests[name]) > quantity.parse(most):
            yield f"{said}, but request is {quantity.canonical(requests[name])}"


def _ratio(kind: str, name: str, most: str, requests: Document, limits: Document) -> Iterator[str]:
    said = f"{name} max limit to request ratio per {kind} is {quantity.canonical(most)}"
    wanted, allowed = (quantity.parse(each.get(name, "0")) for each in (requests, limits))
    if not wanted:
        yield f"{said}, but no request is specified or request is 0"
    elif not allowed:
        yield f"{said}, but no limit is specified or limit is 0"
    elif allowed / wanted > quantity.parse(most):
        yield f"{said}, but provided ratio is {float(allowed / wanted):f}"
