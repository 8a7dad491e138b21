"""Defaults of pods and pod templates.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

import copy
import re
from typing import Any, cast

from fairlead.apiserver.builtin.pod_amounts import larger, together
from fairlead.apiserver.documents import part, parts
from fairlead.machinery import quantity

__all__ = ["fill", "pod", "pod_spec", "prepare", "quality", "whole_pod"]

Document = dict[str, Any]
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODE = 0o644
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
#: https://github.com/distribution/reference: a registry, a path, a tag.
_IMAGE = re.compile(rf"(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*(?::[\w][\w.-]{{0,127}})?")
#: What a pod as a whole can ask for, beside huge pages.
_POD_LEVEL = frozenset({"cpu", "memory"})


def fill(holder: Document, **values: Any) -> None:
    """Give each of these fields its value where it has none."""
    for name, value in values.items():
        if holder.get(name) is None:
            holder[name] = copy.deepcopy(list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value)


def pod_spec(spec: Document) -> None:
    """Fill in a pod's spec, in place."""
    fill(spec, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")
    fill(spec, securityContext={}, terminationGracePeriodSeconds=30)
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(name) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)


def _container(container: Document) -> None:
    fill(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    if container.get("imagePullPolicy") is None:
        container["imagePullPolicy"] = _pull_policy(container.get("image") or "")
    for port in container.get("ports") or ():
        fill(port, protocol="TCP")
    for name in _PROBES:
        probe = part(container, name)
        if name in container:
            fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            _handler(probe)
    lifecycle = part(container, "lifecycle")
    for name in lifecycle:
        _handler(part(lifecycle, name))
    for variable in container.get("env") or ():
        reference = part(variable, "valueFrom").get("fieldRef")
        if reference:
            fill(reference, apiVersion="v1")


def pod(spec: Document) -> None:
    """Fill in what a pod gets beyond a template's spec, in place."""
    pod_spec(spec)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        spec["terminationGracePeriodSeconds"] = 1
    fill(spec, enableServiceLinks=True)
    for name in ("containers", "initContainers"):
        for container in parts(spec, name):
            _requests(part(container, "resources"))
            for port in parts(container, "ports") if spec.get("hostNetwork") else ():
                port["hostPort"] = port.get("hostPort") or port.get("containerPort")


def whole_pod(spec: Document, resources: Document) -> None:
    """What a pod as a whole asks for, where it says so for some resources only: what its containers ask for together.

    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification
    """
    limits, requests = part(resources, "limits"), part(resources, "requests")
    if not limits and not requests:
        return
    limited = together(spec, "limits")
    for name, amount in limited.items():
        if _is_huge(name) and name not in requests:
            limits.setdefault(name, quantity.canonical(amount))
    for name, amount in together(spec, "requests").items():
        if name in _POD_LEVEL:
            requests.setdefault(name, quantity.canonical(amount))
    for name, amount in limits.items():
        if name in _POD_LEVEL or _is_huge(name):
            requests.setdefault(name, amount)
    everybody = [*parts(spec, "containers"), *parts(spec, "initContainers"), *parts(spec, "ephemeralContainers")]
    for name, amount in requests.items():
        stated = all(name in part(each, "resources", "limits") for each in everybody)
        if (name in _POD_LEVEL or _is_huge(name)) and stated and name in limited:
            limits.setdefault(name, quantity.canonical(larger(limited, {name: amount})[name]))
    resources.update({kind: found for kind, found in (("limits", limits), ("requests", requests)) if found})


def _is_huge(name: str) -> bool:
    return name.startswith("hugepages-")


def _requests(resources: Document) -> None:
    for name, limit in part(resources, "limits").items():
        resources.setdefault("requests", {}).setdefault(name, limit)


def _handler(handler: Document) -> None:
    if isinstance(handler.get("httpGet"), dict):
        fill(handler["httpGet"], path="/", scheme="HTTP")
    if isinstance(handler.get("grpc"), dict):
        fill(handler["grpc"], service="")


def _pull_policy(image: str) -> str:
    # What is no image at all has no tag that could be the latest.
    if "@" in image or not _IMAGE.fullmatch(image):
        return "IfNotPresent"
    _, _, tag = image.rpartition("/")[2].partition(":")
    return "Always" if tag in {"", "latest"} else "IfNotPresent"


def _volume(volume: Document) -> None:
    if not set(volume) - {"name"}:
        volume["emptyDir"] = {}
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        source = part(volume, name)
        if name in volume:
            fill(source, defaultMode=_MODE)
    _downward(part(volume, "downwardAPI"))
    for source in part(volume, "projected").get("sources") or ():
        _projection(source)
    if isinstance(volume.get("hostPath"), dict):
        fill(volume["hostPath"], type="")
    if isinstance(volume.get("image"), dict):
        fill(volume["image"], pullPolicy=_pull_policy(volume["image"].get("reference") or ""))
    if isinstance(volume.get("azureDisk"), dict):
        fill(volume["azureDisk"], cachingMode="ReadWrite", fsType="ext4", readOnly=False, kind="Shared")
    if isinstance(volume.get("iscsi"), dict):
        fill(volume["iscsi"], iscsiInterface="default")
    claim = part(volume, "ephemeral", "volumeClaimTemplate")
    if claim:
        fill(claim.setdefault("spec", {}), volumeMode="Filesystem")


def _projection(source: Document) -> None:
    if isinstance(source.get("serviceAccountToken"), dict):
        fill(source["serviceAccountToken"], expirationSeconds=3600)
    _downward(part(source, "downwardAPI"))


def _downward(source: Document) -> None:
    for item in source.get("items") or ():
        if item.get("fieldRef"):
            fill(item["fieldRef"], apiVersion="v1")


def prepare(document: Document) -> None:
    """What admission and the registry add to a new pod."""
    spec = document["spec"]
    if part(spec, "resources"):
        whole_pod(spec, part(spec, "resources"))
    fill(spec, priority=0, preemptionPolicy="PreemptLowerPriority")
    _merge_label_keys(spec, part(document, "metadata", "labels"))
    status: Document = {"phase": "Pending", "qosClass": quality(spec)}
    if spec.get("schedulingGates"):
        status["conditions"] = [_gated(document["metadata"]["creationTimestamp"])]
    document["status"] = status


def _merge_label_keys(spec: Document, labels: Document) -> None:
    """Selectors that speak of the pod's own labels by their keys get the values.

    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#matchlabelkeys
    """
    terms = list(parts(spec, "topologySpreadConstraints"))
    for kind in ("podAffinity", "podAntiAffinity"):
        terms += parts(spec, "affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution")
        preferred = parts(spec, "affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution")
        terms += [part(each, "podAffinityTerm") for each in preferred]
    for term in terms:
        wanted = [
            {"key": key, "operator": operator, "values": [labels[key]]}
            for name, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
            for key in term.get(name) or ()
            if key in labels
        ]
        if wanted and isinstance(term.get("labelSelector"), dict):
            term["labelSelector"]["matchExpressions"] = [*parts(term, "labelSelector", "matchExpressions"), *wanted]


def _gated(now: str) -> Document:
    return {
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": now,
        "reason": "SchedulingGated",
        "message": "Scheduling is blocked due to non-empty scheduling gates",
    }


def quality(spec: Document) -> str:
    """The quality of service: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/."""
    whole = part(spec, "resources")
    if any(part(whole, kind).keys() & _POD_LEVEL for kind in ("requests", "limits")):
        return _quality_of(whole)
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    found = {_quality_of(part(container, "resources")) for container in containers}
    return found.pop() if len(found) == 1 else "Burstable" if found else "BestEffort"


def _quality_of(resources: Document) -> str:
    """What one container's requests and limits of cpu and memory say: none, both the same, or anything else."""
    found: set[str] = set()
    for name in ("cpu", "memory"):
        request, limit = (quantity.parse(part(resources, kind).get(name) or "0") for kind in ("requests", "limits"))
        found.add("Burstable" if request != limit else "Guaranteed" if request else "BestEffort")
    return found.pop() if len(found) == 1 else "Burstable"
