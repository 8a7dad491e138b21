"""What the server warns of in volumes, claims, and classes and drivers of storage."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children
from fairlead.apiserver.rules.warned_labels import old_label, old_labels_in_selector, old_labels_in_terms
from fairlead.apiserver.rules.warned_volumes import OLD_PLUGINS, called, claim_warnings

__all__ = ["capacity", "claim", "claim_templates", "csi_driver", "storage_class", "volume"]

_CLASS, _OPTIONS = "volume.beta.kubernetes.io/storage-class", "volume.beta.kubernetes.io/mount-options"
_OLD_CLASS = 'deprecated since v1.8; use "storageClassName" attribute instead'
_PERSISTENT = ("cephfs", "photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "rbd")
_RECYCLE = (
    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is "
    "to use dynamic provisioning."
)
_TOKENS = (
    "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging "
    "of tokens in volume attributes"
)


def claim(new: Document) -> Iterator[str]:
    """A PersistentVolumeClaim."""
    if _CLASS in part(new, "metadata", "annotations"):
        yield f"metadata.annotations[{_CLASS}]: {_OLD_CLASS}"
    yield from claim_warnings(part(new, "spec"), "spec")


def claim_templates(new: Document, old: Document | None) -> list[str]:
    """The claims of a StatefulSet; of a changed one under another path."""
    under = "" if old is None else ".Spec"
    found: list[str] = []
    for at, template in children(part(new, "spec"), "spec", "volumeClaimTemplates"):
        found += claim_warnings(part(template, "spec"), at + under)
    return found


def volume(new: Document) -> Iterator[str]:
    """A PersistentVolume."""
    annotations, spec = part(new, "metadata", "annotations"), part(new, "spec")
    if _CLASS in annotations:
        yield f"metadata.annotations[{_CLASS}]: {_OLD_CLASS}"
    if _OPTIONS in annotations:
        yield f'metadata.annotations[{_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead'
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        yield _RECYCLE
    terms = part(spec, "nodeAffinity", "required")
    for at, term in children(terms, "spec.nodeAffinity.required", "nodeSelectorTerms"):
        yield from old_labels_in_terms(term, at)
    for name in _PERSISTENT:
        if spec.get(name) is not None:
            yield f"spec.{called(name)}: {OLD_PLUGINS[name]}"


def storage_class(new: Document) -> Iterator[str]:
    """A StorageClass."""
    for at, term in children(new, "", "allowedTopologies"):
        for place, expression in children(term, at.lstrip("."), "matchLabelExpressions"):
            text = old_label(expression.get("key") or "")
            if text:
                yield f"{place}.key: {text}"


def capacity(new: Document) -> Iterator[str]:
    """A CSIStorageCapacity."""
    yield from old_labels_in_selector(part(new, "nodeTopology"), "nodeTopology")


def csi_driver(new: Document, old: Document | None) -> list[str]:
    """A CSIDriver whose token requests are new."""
    spec, before = part(new, "spec"), part(old, "spec").get("tokenRequests")
    if not spec.get("tokenRequests") or spec.get("serviceAccountTokenInSecrets") is not None:
        return []
    return [] if old is not None and spec["tokenRequests"] == before else [_TOKENS]
