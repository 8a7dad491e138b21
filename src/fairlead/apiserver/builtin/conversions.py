"""The same objects in several groups and versions: where they are stored, and how one form becomes another."""

from __future__ import annotations

from typing import Any

from fairlead.apiserver.builtin import conversion_hpa
from fairlead.apiserver.documents import part

__all__ = ["convert", "home", "internal"]

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
#: A field of the server's own form for which the API has an annotation.
_TEMPLATES = "deprecated.daemonset.template.generation"


def home(group: str, plural: str) -> tuple[str, str]:
    """The group and resource under which objects are stored: events have two groups and one home."""
    return ("", plural) if (group, plural) == (_EVENTS, "events") else (group, plural)


def internal(document: dict[str, Any]) -> dict[str, Any]:
    """The object as the server has it in memory, where nothing stands in annotations for want of a field.

    Tables and metadata alone are made from that form; it is given for reading only.
    """
    match document.get("apiVersion"), document.get("kind"):
        case "apps/v1", "DaemonSet":
            return _without_annotation(document, _TEMPLATES)
        case "autoscaling/v1", "HorizontalPodAutoscaler" if part(document, "metadata").get("name"):
            # What a bookmark holds was never converted, and has not got the usual metric.
            return conversion_hpa.to_v2(document)
        case _:
            return document


def _without_annotation(document: dict[str, Any], name: str) -> dict[str, Any]:
    metadata = dict(part(document, "metadata"))
    left = {key: text for key, text in part(metadata, "annotations").items() if key != name}
    metadata.pop("annotations", None)
    return {**document, "metadata": {**metadata, "annotations": left} if left else metadata}


def convert(document: dict[str, Any], api_version: str) -> dict[str, Any]:
    """The object in another version of its type; what both versions have in common stays."""
    present = document.get("apiVersion", "")
    converted = {**document, "apiVersion": api_version}
    if document.get("kind") == "Event" and present != api_version:
        names = _EVENT_FIELDS if api_version.startswith(_EVENTS) else _EVENT_FIELDS_BACK
        return {names.get(name, name): item for name, item in converted.items() if item != ""}
    if document.get("kind") == "HorizontalPodAutoscaler" and present != api_version:
        return conversion_hpa.to_v1(converted) if api_version == f"{_HPA}/v1" else conversion_hpa.to_v2(converted)
    return converted
