"""What is wrong with volumes of vendors and of older kinds. Each check takes a source and its path.

https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    descending_path,
    in_range,
    invalid,
    items_of,
    named,
    not_supported,
    one_of,
    required,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label

__all__ = ["VENDORS", "iscsi", "needs"]

Check = Callable[[Document, str], Iterator[Cause]]
_BYTE = 255
_PARTITION = "must be between 1 and 255, inclusive"
_WRONG = "must be valid format"
_UNKNOWN = f"{_WRONG} starting with iqn, eui, or naa"
_IQN = {
    "iqn": r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)?",
    "eui": r"eui.[0-9A-Fa-f]{16}",
    "naa": r"naa.[0-9A-Fa-f]{32}",
}
_MANAGED = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
_HOSTS = "must be a host:port pair or multiple pairs separated by commas"


def needs(*names: str) -> Check:
    """A check for fields that have to be there."""

    def check(source: Document, path: str) -> Iterator[Cause]:
        for name in names:
            if not source.get(name):
                yield required(f"{path}.{name}")

    return check


def _disk(name: str, path_of: Callable[[str], str] = str) -> Check:
    def check(source: Document, path: str) -> Iterator[Cause]:
        at = path_of(path)
        yield from needs(name)(source, at)
        partition = source.get("partition") or 0
        if not 0 <= partition <= _BYTE:
            yield invalid(f"{at}.partition", partition, _PARTITION)

    return check


def _git(source: Document, path: str) -> Iterator[Cause]:
    yield from needs("repository")(source, path)
    yield from descending_path(source.get("directory") or "", f"{path}.directory")


def iscsi(source: Document, path: str, *, persistent: bool = False) -> Iterator[Cause]:
    """A disk of an iSCSI target; of a PersistentVolume the server says less of what is wrong."""
    yield from needs("targetPortal")(source, path)
    if source.get("iqn"):
        yield from _qualified(source["iqn"], f"{path}.iqn", _WRONG if persistent else _UNKNOWN)
    else:
        yield required(f"{path}.iqn")
    yield from in_range(source.get("lun") or 0, 0, _BYTE, f"{path}.lun")
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required(f"{path}.secretRef")
    if source.get("initiatorName") is not None:
        yield from _qualified(source["initiatorName"], f"{path}.initiatorname", _WRONG if persistent else _UNKNOWN)


def _qualified(name: str, path: str, unknown: str) -> Iterator[Cause]:
    shape = _IQN.get(name[:3])
    if shape is None:
        yield invalid(path, name, unknown)
    elif not re.fullmatch(shape, name):
        yield invalid(path, name, _WRONG)


def _fibre(source: Document, path: str) -> Iterator[Cause]:
    names, ids, lun = items_of(source, "targetWWNs"), items_of(source, "wwids"), source.get("lun")
    if not names and not ids:
        yield required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if names and ids:
        text = "targetWWNs and wwids can not be specified simultaneously"
        yield invalid(f"{path}.targetWWNs", names, text)
    if names and lun is None:
        yield required(f"{path}.lun", "lun is required if targetWWNs is specified")
    elif names:
        yield from in_range(lun, 0, _BYTE, f"{path}.lun")


def _flex(source: Document, path: str) -> Iterator[Cause]:
    yield from needs("driver")(source, path)
    for key in part(source, "options"):
        domain = f".{key.partition('/')[0].lower()}"
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            yield invalid(f"{path}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved")


def _azure_disk(source: Document, path: str) -> Iterator[Cause]:
    yield from needs("diskName", "diskURI")(source, path)
    kind, place = source.get("kind"), source.get("diskURI") or ""
    yield from one_of(source.get("cachingMode"), ("None", "ReadOnly", "ReadWrite"), f"{path}.cachingMode")
    yield from one_of(kind, ("Dedicated", "Managed", "Shared"), f"{path}.kind")
    if kind == "Managed" and not place.startswith("/subscriptions/"):
        yield not_supported(f"{path}.diskURI", place, (_MANAGED,))
    if kind is not None and kind != "Managed" and not place.startswith("https://"):
        yield not_supported(f"{path}.diskURI", place, (_BLOB,))


def _quobyte(source: Document, path: str) -> Iterator[Cause]:
    registry = source.get("registry") or ""
    if not registry:
        yield required(f"{path}.registry", _HOSTS)
    elif len(source.get("tenant") or "") > 64:
        yield required(f"{path}.tenant", "must be a UUID and may not exceed a length of 64 characters")
    else:
        for pair in registry.split(","):
            if not re.fullmatch(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*", pair):
                yield invalid(f"{path}.registry", registry, _HOSTS)
    yield from needs("volume")(source, path)


def _storage_os(source: Document, path: str) -> Iterator[Cause]:
    if source.get("volumeName"):
        yield from named(dns1123_label, source["volumeName"], f"{path}.volumeName")
    else:
        yield required(f"{path}.volumeName")
    if source.get("volumeNamespace"):
        yield from named(dns1123_label, source["volumeNamespace"], f"{path}.volumeNamespace")
    if isinstance(source.get("secretRef"), dict) and not source["secretRef"].get("name"):
        yield required(f"{path}.secretRef.name")


def _flocker(source: Document, path: str) -> Iterator[Cause]:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        yield required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        yield invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        yield invalid(f"{path}.datasetName", name, "must not contain '/'")


#: By the field of a pod's volume, or of a PersistentVolume.
VENDORS: Mapping[str, Check] = {
    "gitRepo": _git,
    "gcePersistentDisk": _disk("pdName", lambda path: f"{path.rpartition('.')[0]}.persistentDisk"),
    "awsElasticBlockStore": _disk("volumeID"),
    "iscsi": iscsi,
    "glusterfs": needs("endpoints", "path"),
    "flocker": _flocker,
    "rbd": needs("monitors", "image"),
    "cinder": needs("volumeID"),
    "cephfs": needs("monitors"),
    "quobyte": _quobyte,
    "fc": _fibre,
    "flexVolume": _flex,
    "azureFile": needs("secretName", "shareName"),
    "vsphereVolume": needs("volumePath"),
    "photonPersistentDisk": needs("pdID"),
    "portworxVolume": needs("volumeID"),
    "azureDisk": _azure_disk,
    "storageos": _storage_os,
    "scaleIO": needs("gateway", "system", "volumeName"),
}
