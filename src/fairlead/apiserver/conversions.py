"""The same objects in several groups and versions: where they are stored, and how one form becomes another."""

from __future__ import annotations

from typing import Any

from fairlead.apiserver.documents import part

__all__ = ["convert", "home"]

_EVENTS = "events.k8s.io"
#: Field of core/v1 events → field of events.k8s.io/v1.
_EVENT_FIELDS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_EVENT_FIELDS_BACK = {new: old for old, new in _EVENT_FIELDS.items()}
_HPA = "autoscaling"


def home(group: str, plural: str) -> tuple[str, str]:
    """The group and resource under which objects are stored: events have two groups and one home."""
    return ("", plural) if (group, plural) == (_EVENTS, "events") else (group, plural)


def convert(document: dict[str, Any], api_version: str) -> dict[str, Any]:
    """The object in another version of its type; what both versions have in common stays."""
    present = document.get("apiVersion", "")
    converted = {**document, "apiVersion": api_version}
    if document.get("kind") == "Event" and present != api_version:
        names = _EVENT_FIELDS if api_version.startswith(_EVENTS) else _EVENT_FIELDS_BACK
        return {names.get(name, name): item for name, item in converted.items() if item != ""}
    if document.get("kind") == "HorizontalPodAutoscaler" and present != api_version:
        return _to_v1(converted) if api_version == f"{_HPA}/v1" else _to_v2(converted)
    return converted


def _to_v1(document: dict[str, Any]) -> dict[str, Any]:
    spec = dict(part(document, "spec"))
    target = None
    for metric in spec.pop("metrics", None) or ():
        resource = part(metric, "resource")
        if resource.get("name") == "cpu":
            target = part(resource, "target").get("averageUtilization", target)
    if target is not None:
        spec["targetCPUUtilizationPercentage"] = target
    spec.pop("behavior", None)
    status = {name: item for name, item in part(document, "status").items() if name in _V1_STATUS}
    return {**document, "spec": spec, "status": {"currentReplicas": 0, "desiredReplicas": 0, **status}}


_V1_STATUS = frozenset({"observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"})


def _to_v2(document: dict[str, Any]) -> dict[str, Any]:
    spec = dict(part(document, "spec"))
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        utilization = {"type": "Utilization", "averageUtilization": target}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}]
    status = {name: item for name, item in part(document, "status").items() if (name, item) != ("currentReplicas", 0)}
    return {**document, "spec": spec, "status": {"currentMetrics": None, **status}}
