"""Which fields field selectors may name, per type, and how they are read.

https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from fairlead.apiserver import statuses
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.storage import NOTHING
from fairlead.machinery.selectors import FieldSelector

__all__ = ["check_fields", "field_reader"]

_NAME, _NAMESPACE = "metadata.name", "metadata.namespace"
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_POD = (
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
    "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
)  # fmt: skip

#: Beside metadata.name and metadata.namespace, by group and plural.
_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): _POD,
    ("", "nodes"): ("spec.unschedulable",),
    ("", "replicationcontrollers"): ("status.replicas",),
    ("", "events"): (
        *(f"involvedObject.{name}" for name in _INVOLVED),
        "reason", "reportingComponent", "source", "type",
    ),
    ("", "namespaces"): ("status.phase",),
    ("", "secrets"): ("type",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
    ("batch", "jobs"): ("status.successful",),
    ("certificates.k8s.io", "certificatesigningrequests"): ("spec.signerName",),
    ("certificates.k8s.io", "clustertrustbundles"): ("spec.signerName",),
    ("resource.k8s.io", "resourceslices"): ("spec.driver", "spec.nodeName", "spec.pool.name"),
    ("events.k8s.io", "events"): (
        *(f"regarding.{name}" for name in _INVOLVED),
        "reason", "reportingController", "type",
    ),
}  # fmt: skip
#: What an absent value reads as, where that is not the empty string.
_ZERO = {
    "spec.unschedulable": "false",
    "spec.hostNetwork": "false",
    "status.replicas": "0",
    "status.successful": "0",
}
#: Where a selectable field is found, when its path is not its name.
_PATHS = {"status.successful": "status.succeeded", "reportingController": "reportingController"}
_CLUSTER_ONLY_NAME = frozenset(
    {"nodes", "namespaces", "certificatesigningrequests", "clustertrustbundles", "resourceslices"}
)


def field_reader(info: ResourceInfo) -> Callable[[dict[str, Any]], Mapping[str, str]]:
    """A function that reads an object's selectable fields beside its name and namespace."""
    names = _names(info)
    if not names:
        return _none
    paths = [(name, _PATHS.get(name, name).split("."), _ZERO.get(name, "")) for name in names]

    def read(document: dict[str, Any]) -> Mapping[str, str]:
        found = {name: _text(document, path, zero) for name, path, zero in paths}
        if "source" in found:
            found["source"] = _text(document, ["source", "component"], found.get("reportingComponent", ""))
        return found

    return read


def _names(info: ResourceInfo) -> tuple[str, ...]:
    if info.is_custom:
        return tuple(path.lstrip(".") for path in info.selectable_fields)
    return _FIELDS.get((info.type.group, info.type.plural), ())


def _none(document: dict[str, Any]) -> Mapping[str, str]:
    del document
    return NOTHING


def _text(document: Any, path: list[str], zero: str) -> str:
    for part in path:
        if not isinstance(document, dict):
            return zero
        document = cast("dict[str, Any]", document).get(part)
    if document is None:
        return zero
    if isinstance(document, bool):
        return "true" if document else "false"
    return str(document)


def check_fields(info: ResourceInfo, selector: FieldSelector) -> None:
    """Raise Refusal (400) if the selector names a field that the type does not select by."""
    extra = _names(info)
    known = {_NAME, *extra}
    if info.type.namespaced or not (info.is_custom or info.type.plural in _CLUSTER_ONLY_NAME):
        known.add(_NAMESPACE)
    if not info.is_custom and info.type.plural in {"nodes", "pods", "services"}:
        known.update({_NAME})
    for requirement in selector.requirements:
        if requirement.field not in known:
            raise statuses.bad_request(_unsupported(info, requirement.field, special=bool(extra)))


def _unsupported(info: ResourceInfo, field: str, *, special: bool) -> str:
    if info.type.group == "batch" and info.type.plural == "jobs":
        return f"field label {statuses.quoted(field)} not supported for Job"
    if info.type.plural == "resourceslices" and info.type.group == "resource.k8s.io":
        return f"field label not supported for {info.type.api_version}, Kind={info.type.kind}: {field}"
    if special or info.is_custom:
        return f"field label not supported: {field}"
    return f'{statuses.quoted(field)} is not a known field selector: only "{_NAME}", "{_NAMESPACE}"'
