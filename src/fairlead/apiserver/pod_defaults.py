"""Defaults of pods and pod templates.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

import copy
from typing import Any

from fairlead.apiserver.documents import part

__all__ = ["pod_spec", "prepare"]

Document = dict[str, Any]
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODE = 0o644
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def _set(holder: Document, **values: Any) -> None:
    for name, value in values.items():
        if holder.get(name) is None:
            holder[name] = copy.deepcopy(value)


def pod_spec(spec: Document) -> None:
    """Fill in a pod's spec, in place."""
    _set(spec, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")
    _set(spec, securityContext={}, terminationGracePeriodSeconds=30)
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(name) or ():
            _container(container, host_network=bool(spec.get("hostNetwork")))
    for volume in spec.get("volumes") or ():
        _volume(volume)


def _container(container: Document, *, host_network: bool) -> None:
    _set(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    if container.get("imagePullPolicy") is None and container.get("image"):
        container["imagePullPolicy"] = _pull_policy(container["image"])
    for port in container.get("ports") or ():
        _set(port, protocol="TCP")
        if host_network and not port.get("hostPort"):
            port["hostPort"] = port.get("containerPort")
    for name in _PROBES:
        probe = part(container, name)
        if name in container:
            _set(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            _handler(probe)
    lifecycle = part(container, "lifecycle")
    for name in lifecycle:
        _handler(part(lifecycle, name))
    for variable in container.get("env") or ():
        reference = part(variable, "valueFrom").get("fieldRef")
        if reference:
            _set(reference, apiVersion="v1")
    _requests(part(container, "resources"))


def _requests(resources: Document) -> None:
    for name, limit in part(resources, "limits").items():
        resources.setdefault("requests", {}).setdefault(name, limit)


def _handler(handler: Document) -> None:
    if isinstance(handler.get("httpGet"), dict):
        _set(handler["httpGet"], path="/", scheme="HTTP")
    if isinstance(handler.get("grpc"), dict):
        _set(handler["grpc"], service="")


def _pull_policy(image: str) -> str:
    if "@" in image:
        return "IfNotPresent"
    _, _, tag = image.rpartition("/")[2].partition(":")
    return "Always" if tag in {"", "latest"} else "IfNotPresent"


def _volume(volume: Document) -> None:
    if len(volume) == 1 and "name" in volume:
        volume["emptyDir"] = {}
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        source = part(volume, name)
        if name in volume:
            _set(source, defaultMode=_MODE)
    for item in part(volume, "downwardAPI").get("items") or ():
        if item.get("fieldRef"):
            _set(item["fieldRef"], apiVersion="v1")
    for source in part(volume, "projected").get("sources") or ():
        _projection(source)
    if isinstance(volume.get("hostPath"), dict):
        _set(volume["hostPath"], type="")


def _projection(source: Document) -> None:
    if isinstance(source.get("serviceAccountToken"), dict):
        _set(source["serviceAccountToken"], expirationSeconds=3600)
    for item in part(source, "downwardAPI").get("items") or ():
        if item.get("fieldRef"):
            _set(item["fieldRef"], apiVersion="v1")


def prepare(document: Document) -> None:
    """What admission and the registry add to a new pod."""
    spec = document["spec"]
    _set(spec, priority=0, preemptionPolicy="PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for taint in _TAINTS:
        if not any(_tolerates(toleration, taint) for toleration in tolerations):
            known = {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            tolerations.append(known)
    document["status"] = {"phase": "Pending", "qosClass": _quality(spec)}


def _tolerates(toleration: Document, taint: str) -> bool:
    return toleration.get("key") in (None, "", taint) and toleration.get("effect") in (None, "", "NoExecute")


def _quality(spec: Document) -> str:
    """https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/."""
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    stated = [part(container, "resources") for container in containers]
    if not any(resources.get("limits") or resources.get("requests") for resources in stated):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= set(part(resources, "limits")) and resources.get("limits") == resources.get("requests")
        for resources in stated
    )
    return "Guaranteed" if guaranteed else "Burstable"
