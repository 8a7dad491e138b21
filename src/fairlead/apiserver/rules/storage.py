"""What is wrong with claims, volumes and storage classes, and what may not change in them.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    duplicate,
    fixed,
    forbidden,
    immutable,
    invalid,
    items_of,
    named,
    not_supported,
    one_of,
    required,
    selector,
)
from fairlead.apiserver.rules.printed import difference
from fairlead.apiserver.rules.scheduling import node_selector
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain, qualified_name

__all__ = ["claim", "claim_spec", "csi_driver", "storage_class", "volume"]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_RECLAIM = ("Delete", "Recycle", "Retain")
_FROZEN = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_OPTIONS = "volume.beta.kubernetes.io/mount-options"
#: Kinds of volumes that are mounted with options.
_MOUNTED = frozenset(
    {
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "gcePersistentDisk", "glusterfs", "iscsi",
        "nfs", "photonPersistentDisk", "quobyte", "rbd", "vsphereVolume",
    }
)  # fmt: skip
_POSITIVE = "must be greater than zero"
#: Fields of a volume's spec that are no kind of volume.
_PLAIN = frozenset(
    {
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
        "storageClassName", "volumeAttributesClassName", "volumeMode",
    }
)  # fmt: skip


def _access(spec: Document, path: str, text: str = "") -> Iterator[Cause]:
    modes = items_of(spec, "accessModes")
    if not modes:
        yield required(f"{path}.accessModes", text)
    for mode in modes:
        yield from one_of(mode, _MODES, f"{path}.accessModes")
    if "ReadWriteOncePod" in modes and set(modes) & set(_MODES[:3]):
        yield forbidden(f"{path}.accessModes", "may not use ReadWriteOncePod with other access modes")


def claim_spec(spec: Document, path: str) -> Iterator[Cause]:
    """The spec of a claim, or of the template of one."""
    modes = items_of(spec, "accessModes")
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    yield from selector(spec.get("selector"), f"{path}.selector")
    if modes:
        yield from _access(spec, path)
    size, at = part(spec, "resources", "requests").get("storage"), f"{path}.resources[storage]"
    if size is None:
        yield required(at)
    elif quantity.parse(size) <= 0:
        yield invalid(at, quantity.canonical(size), _POSITIVE)
    for name in ("storageClassName", "volumeAttributesClassName"):
        if spec.get(name):
            yield from named(dns1123_subdomain, spec[name], f"{path}.{name}")
    yield from one_of(spec.get("volumeMode"), _VOLUME_MODES, f"{path}.volumeMode")
    for name in ("dataSource", "dataSourceRef"):
        if isinstance(spec.get(name), dict):
            yield from _source(part(spec, name), f"{path}.{name}")


def _source(source: Document, path: str) -> Iterator[Cause]:
    for name in ("name", "kind"):
        if not source.get(name):
            yield required(f"{path}.{name}")
    group = source.get("apiGroup") or ""
    if group:
        yield from named(dns1123_subdomain, group, f"{path}.apiGroup")
    elif source.get("kind") != "PersistentVolumeClaim":
        yield invalid(
            path, source.get("kind") or "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        )


def claim(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PersistentVolumeClaim."""
    spec = part(new, "spec")
    yield from claim_spec(spec, "spec")
    if old is None:
        return
    before, wanted = part(old, "spec"), copy.deepcopy(spec)
    # A claim may be bound, once; and a bound one may grow.
    previous = copy.deepcopy(before)
    if not previous.get("volumeName") and wanted.get("volumeName"):
        previous["volumeName"] = wanted["volumeName"]
    if not previous.get("storageClassName") and "storageClassName" not in previous and wanted.get("storageClassName"):
        wanted.pop("storageClassName")
    if part(new, "status").get("phase") == "Bound":
        part(wanted, "resources", "requests").update(part(previous, "resources", "requests"))
        _take(wanted, previous, "volumeAttributesClassName")
    if wanted != previous:
        yield forbidden("spec", f"{_FROZEN}\n{difference('core.PersistentVolumeClaimSpec', previous, wanted)}")
    yield from _shrinking(spec, before, part(old, "status"))
    yield from immutable(spec.get("volumeMode"), before.get("volumeMode"), "volumeMode")


def _take(new: Document, old: Document, name: str) -> None:
    new.pop(name, None)
    if name in old:
        new[name] = old[name]


def _shrinking(spec: Document, before: Document, status: Document) -> Iterator[Cause]:
    wanted, present = (part(each, "resources", "requests").get("storage") for each in (spec, before))
    capacity = part(status, "capacity").get("storage") or "0"
    wanted = wanted or "0"
    if present is None or quantity.parse(wanted) >= quantity.parse(present):
        return
    if quantity.parse(wanted) <= quantity.parse(capacity):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")


def volume(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PersistentVolume."""
    spec = part(new, "spec")
    yield from _access(spec, "spec")
    yield from _capacity(part(spec, "capacity"))
    yield from one_of(spec.get("persistentVolumeReclaimPolicy"), _RECLAIM, "spec.persistentVolumeReclaimPolicy")
    if isinstance(spec.get("nodeAffinity"), dict):
        wanted = part(spec, "nodeAffinity").get("required")
        if wanted is None:
            yield required("spec.nodeAffinity.required", "must specify required node constraints")
        else:
            yield from node_selector(wanted, "spec.nodeAffinity.required")
    yield from _volume_source(spec)
    if _OPTIONS in part(new, "metadata", "annotations") and not _MOUNTED & set(spec):
        yield forbidden(f"metadata.annotations.{_OPTIONS}", "may not specify mount options for this volume type")
    if spec.get("storageClassName"):
        yield from named(dns1123_subdomain, spec["storageClassName"], "spec.storageClassName")
    yield from one_of(spec.get("volumeMode"), _VOLUME_MODES, "spec.volumeMode")
    if old is not None:
        yield from _volume_kept(spec, part(old, "spec"))


def _capacity(capacity: Document) -> Iterator[Cause]:
    if not capacity:
        yield required("spec.capacity")
    if set(capacity) != {"storage"}:
        shown = json.dumps(dict(sorted(capacity.items())), separators=(",", ":")) if capacity else "null"
        yield not_supported("spec.capacity", _Shown(shown), ("storage",))
    for name, size in capacity.items():
        amount = quantity.parse(size)
        if amount < 0:
            yield invalid(f"spec.capacity[{name}]", int(amount), "must be a valid resource quantity")
        if amount <= 0:
            yield invalid(f"spec.capacity[{name}]", quantity.canonical(size), _POSITIVE)


class _Shown:
    """A value that is shown as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _volume_source(spec: Document) -> Iterator[Cause]:
    # The server looks at host paths first.
    kinds = sorted((k for k in spec if k not in _PLAIN and isinstance(spec[k], dict)), key=lambda k: k != "hostPath")
    if not kinds:
        yield required("spec", "must specify a volume type")
        return
    source, path = part(spec, kinds[0]), f"spec.{kinds[0]}"
    for name in _NEEDED.get(kinds[0], ()):
        if not source.get(name):
            yield required(f"{path}.{name}")
    if kinds[0] == "hostPath" and ".." in (source.get("path") or "").split("/"):
        yield invalid(f"{path}.path", source["path"], "must not contain '..'")
    if kinds[0] == "nfs" and source.get("path") and not source["path"].startswith("/"):
        yield invalid(f"{path}.path", source["path"], "must be an absolute path")
    if kinds[0] == "local" and "nodeAffinity" not in spec:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")
    for kind in kinds[1:]:
        yield forbidden(f"spec.{kind}", "may not specify more than 1 volume type")


_NEEDED = {
    "hostPath": ("path",),
    "nfs": ("server", "path"),
    "local": ("path",),
    "csi": ("driver", "volumeHandle"),
    "iscsi": ("targetPortal", "iqn"),
    "flexVolume": ("driver",),
}


def _volume_kept(spec: Document, before: Document) -> Iterator[Cause]:
    if {k: v for k, v in spec.items() if k not in _PLAIN} != {k: v for k, v in before.items() if k not in _PLAIN}:
        names = "core.PersistentVolumeSource"
        text = "spec.persistentvolumesource is immutable after creation"
        yield forbidden("spec.persistentvolumesource", f"{text}\n{difference(names, before, spec)}")
    yield from immutable(spec.get("volumeMode"), before.get("volumeMode"), "volumeMode")
    if before.get("nodeAffinity") is not None and spec.get("nodeAffinity") != before.get("nodeAffinity"):
        text = f"{IMMUTABLE}, except for updating from beta label to GA"
        yield invalid("nodeAffinity", spec.get("nodeAffinity"), text)


def storage_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A StorageClass."""
    provisioner = new.get("provisioner") or ""
    if old is None:
        if provisioner:
            yield from named(qualified_name, provisioner.lower(), "provisioner")
        yield from one_of(new.get("reclaimPolicy"), ("Delete", "Retain"), "reclaimPolicy")
        yield from one_of(new.get("volumeBindingMode"), ("Immediate", "WaitForFirstConsumer"), "volumeBindingMode")
    if not provisioner:
        yield required("provisioner")
    if old is not None:
        for name in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"):
            yield from fixed(new.get(name), old.get(name), name)


_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLES = ("Persistent", "Ephemeral")


def csi_driver(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CSIDriver."""
    spec = part(new, "spec")
    yield from one_of(spec.get("fsGroupPolicy"), _GROUP_POLICIES, "spec.fsGroupPolicy")
    seen: set[str] = set()
    for index, wanted in enumerate(items_of(spec, "tokenRequests")):
        audience = wanted.get("audience") or ""
        if audience in seen:
            yield duplicate(f"spec.tokenRequests[{index}].audience", audience)
            continue
        seen.add(audience)
    for mode in items_of(spec, "volumeLifecycleModes"):
        yield from one_of(mode, _LIFECYCLES, "spec.volumeLifecycleModes")
    if old is not None:
        before = part(old, "spec")
        for name, shown in (("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")):
            if spec.get(name) != before.get(name):
                yield invalid(f"spec.{shown}", spec.get(name), IMMUTABLE)
