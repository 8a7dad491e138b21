"""Fields that a server takes and does not keep: for want of a feature gate, or because what they were for has gone.

https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apiserver.documents import Document, part, parts

__all__ = ["drop_unkept"]


def drop_unkept(document: Document) -> None:
    """Take out what the server does not keep."""
    kind = document.get("kind", "")
    steps, names = _FIELDS.get(kind, ((), ()))
    for name in names:
        part(document, *steps).pop(name, None)
    if kind == "EndpointSlice":
        for endpoint in parts(document, "endpoints"):
            endpoint.pop("deprecatedTopology", None)
    elif kind == "ServiceAccount":
        for reference in parts(document, "secrets"):
            for name in reference.keys() - {"name"}:
                del reference[name]
    for steps in _POD_SPECS.get(kind, ()):
        _drop_from_pod(part(document, *steps))


_FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Node": (("spec",), ("configSource", "podPreemptionPolicy")),
    "CSINode": (("status",), ("storageHealth",)),
    "Lease": (("spec",), ("strategy", "preferredHolder")),
    "Job": (("spec",), ("scheduling",)),
    "CronJob": (("spec", "jobTemplate", "spec"), ("scheduling",)),
}
_TEMPLATE = ("spec", "template", "spec")
_POD_SPECS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Pod": (("spec",),),
    "PodTemplate": (("template", "spec"),),
    "CronJob": (("spec", "jobTemplate", *_TEMPLATE),),
    **dict.fromkeys(
        ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"), (_TEMPLATE,)
    ),
}


def _drop_from_pod(spec: Document) -> None:
    for name in ("schedulingGroup", "evictionResponders"):
        spec.pop(name, None)
    for volume in parts(spec, "volumes"):
        _drop_users(volume)
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for container in parts(spec, name):
            lifecycle = part(container, "lifecycle")
            if lifecycle.pop("stopSignal", None) is not None and not lifecycle:
                del container["lifecycle"]


def _drop_users(volume: Document) -> None:
    """Take out who is to own the files of a volume."""
    projected = part(volume, "projected")
    for holder in (volume, *parts(projected, "sources")):
        for name in (
            "secret",
            "configMap",
            "downwardAPI",
            "serviceAccountToken",
            "clusterTrustBundle",
            "podCertificate",
        ):
            source = part(holder, name)
            for field in ("defaultUser", "user"):
                source.pop(field, None)
            for item in parts(source, "items"):
                item.pop("user", None)
    projected.pop("defaultUser", None)
