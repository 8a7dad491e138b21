"""The cells of volumes, claims and what drives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from fairlead.apiserver.tables.cells import age, dig, items, mapping, text

__all__ = [
    "csi_driver",
    "mark_default",
    "persistent_volume",
    "persistent_volume_claim",
    "storage_class",
    "volume_attachment",
]

_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
#: The annotation that named the class before the field did; it still goes first.
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"


def _access_modes(obj: object, path: str) -> str:
    found = cast("list[Any]", dig(obj, path) or [])
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in found)


def _phase(obj: dict[str, Any]) -> str:
    return "Terminating" if dig(obj, "metadata.deletionTimestamp") is not None else text(obj, "status.phase")


def _class(obj: dict[str, Any]) -> str:
    return str(mapping(obj, "metadata.annotations").get(_BETA_CLASS) or text(obj, "spec.storageClassName"))


def _kind(obj: dict[str, Any]) -> str:
    return text(obj, "spec.volumeAttributesClassName", "<unset>")


def persistent_volume(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Capacity to Age, and the volume mode."""
    claim = mapping(obj, "spec.claimRef")
    return [
        text(obj, "spec.capacity.storage", "0"),
        _access_modes(obj, "spec.accessModes"),
        text(obj, "spec.persistentVolumeReclaimPolicy"),
        _phase(obj),
        f"{text(claim, 'namespace')}/{text(claim, 'name')}" if claim else "",
        _class(obj),
        _kind(obj),
        text(obj, "status.reason"),
        age(obj, now),
        text(obj, "spec.volumeMode", "<unset>"),
    ]


def persistent_volume_claim(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Status to Age, and the volume mode; capacity and access modes only once a volume is bound."""
    volume = text(obj, "spec.volumeName")
    return [
        _phase(obj),
        volume,
        text(obj, "status.capacity.storage", "0") if volume else "",
        _access_modes(obj, "status.accessModes") if volume else "",
        _class(obj),
        _kind(obj),
        age(obj, now),
        text(obj, "spec.volumeMode", "<unset>"),
    ]


def storage_class(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Name to Age."""
    return [
        text(obj, "metadata.name"),
        text(obj, "provisioner"),
        text(obj, "reclaimPolicy", "Delete"),
        text(obj, "volumeBindingMode", "Immediate"),
        dig(obj, "allowVolumeExpansion") is True,
        age(obj, now),
    ]


def mark_default(listed: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Mark the class of a list that claims get that name none: of those said to be it, the newest."""
    said = [n for n, obj in enumerate(listed) if _is_default(obj)]
    said.sort(key=lambda n: text(listed[n], "metadata.name"))
    newest = max(said, key=lambda n: text(listed[n], "metadata.creationTimestamp"), default=None)
    if newest is not None:
        rows[newest]["cells"][0] += " (default)"


def _is_default(obj: dict[str, Any]) -> bool:
    annotations = mapping(obj, "metadata.annotations")
    return any(annotations.get(name) == "true" for name in (_DEFAULT_CLASS, _BETA_DEFAULT_CLASS))


def volume_attachment(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Attacher to Age."""
    paths = ("spec.attacher", "spec.source.persistentVolumeName", "spec.nodeName")
    return [*(text(obj, path) for path in paths), dig(obj, "status.attached") is True, age(obj, now)]


def csi_driver(obj: dict[str, Any], now: datetime) -> list[Any]:
    """AttachRequired to Age."""
    audiences = [text(entry, "audience") for entry in items(obj, "spec.tokenRequests")]
    modes = cast("list[str]", dig(obj, "spec.volumeLifecycleModes") or [])
    return [
        dig(obj, "spec.attachRequired") is not False,
        dig(obj, "spec.podInfoOnMount") is True,
        dig(obj, "spec.storageCapacity") is True,
        "<unset>" if dig(obj, "spec.tokenRequests") is None else ",".join(audiences),
        dig(obj, "spec.requiresRepublish") is True,
        ",".join(modes) or "<none>",
        age(obj, now),
    ]
