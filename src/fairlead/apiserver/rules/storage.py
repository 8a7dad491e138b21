"""What is wrong with claims, volumes and storage classes, and what may not change in them.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

from __future__ import annotations

import copy
import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    children,
    duplicate,
    fixed,
    forbidden,
    immutable,
    invalid,
    items_of,
    named,
    no_backsteps,
    not_supported_as,
    one_of,
    required,
    selector,
    too_long,
)
from fairlead.apiserver.rules.printed import difference, internal
from fairlead.apiserver.rules.scheduling import node_selector
from fairlead.apiserver.rules.vendor_volumes import VENDORS, iscsi, needs
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.schema.nodes import is_list, is_map
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, label_key, qualified_name

__all__ = [
    "claim",
    "claim_spec",
    "csi_driver",
    "csi_driver_name",
    "host_path",
    "nfs",
    "parameters",
    "storage_class",
    "volume",
]

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
_CLASS = "volume.beta.kubernetes.io/storage-class"
#: Labels of nodes that had other names in their beta.
_STABLE = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}
_LONGEST_DRIVER, _MOST_PARAMETERS, _LARGEST_PARAMETERS = 63, 512, 256 * 1024
_HOST_PATHS = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
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
    if spec.get("storageClassName"):
        yield from named(dns1123_subdomain, spec["storageClassName"], f"{path}.storageClassName")
    yield from one_of(spec.get("volumeMode"), _VOLUME_MODES, f"{path}.volumeMode")
    for name in ("dataSource", "dataSourceRef"):
        if isinstance(spec.get(name), dict):
            yield from _source(part(spec, name), f"{path}.{name}")
    yield from _one_source(spec, path)
    if spec.get("volumeAttributesClassName"):
        yield from named(dns1123_subdomain, spec["volumeAttributesClassName"], f"{path}.volumeAttributesClassName")


def _one_source(spec: Document, path: str) -> Iterator[Cause]:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is None or reference is None:
        return
    # The value is a path of the server's own, which shows as nothing.
    if part(reference).get("namespace"):
        yield invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified")
    elif source != {name: value for name, value in part(reference).items() if name != "namespace"}:
        yield invalid(path, {}, "must match dataSourceRef")


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
    if source.get("namespace"):
        yield from named(dns1123_label, source["namespace"], f"{path}.namespace")


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
    yield from _class_kept(new, old, wanted)
    if part(new, "status").get("phase") == "Bound":
        part(wanted, "resources", "requests").update(part(previous, "resources", "requests"))
        _take(wanted, previous, "volumeAttributesClassName")
    if wanted != previous:
        yield forbidden("spec", f"{_FROZEN}\n{difference('core.PersistentVolumeClaimSpec', previous, wanted)}")
    yield from _shrinking(spec, before, part(old, "status"))
    yield from immutable(spec.get("volumeMode"), before.get("volumeMode"), "volumeMode")


def _class_kept(new: Document, old: Document, wanted: Document) -> Iterator[Cause]:
    """A class may move from the annotation to the field, or be given where there was none; that is taken back in `wanted`."""
    note, present = (part(each, "metadata", "annotations").get(_CLASS) for each in (new, old))
    name, before = part(new, "spec").get("storageClassName"), part(old, "spec").get("storageClassName")
    moved = present is not None and before is None and name == present and note in {None, present}
    if not moved and (note or "") != (present or ""):
        yield invalid(f"metadata.annotations.{_CLASS}", note or "", IMMUTABLE)
    if before is None and name is not None and (moved or present in {None, name}):
        wanted.pop("storageClassName")


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
    yield from _capacity(spec.get("capacity"))
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
    yield from _attributes_class(spec, "spec.volumeAttributesClassName")
    if old is not None:
        yield from _volume_kept(spec, part(old, "spec"))


def _attributes_class(spec: Document, path: str) -> Iterator[Cause]:
    name = spec.get("volumeAttributesClassName")
    if name is None:
        return
    if not name:
        yield required(path, "an empty string is disallowed")
    else:
        yield from named(dns1123_subdomain, name, path)
    if "csi" not in spec:
        yield required("spec.csi", "has to be specified when using volumeAttributesClassName")


def _capacity(capacity: Document | None) -> Iterator[Cause]:
    if not capacity:
        yield required("spec.capacity")
    if set(capacity or ()) != {"storage"}:
        shown = json.dumps(dict(sorted((capacity or {}).items())), separators=(",", ":"))
        yield not_supported_as("spec.capacity", "null" if capacity is None else shown, ("storage",))
    for name, size in (capacity or {}).items():
        amount = quantity.parse(size)
        if amount < 0:
            yield invalid(f"spec.capacity[{name}]", int(amount), "must be a valid resource quantity")
        if amount <= 0:
            yield invalid(f"spec.capacity[{name}]", quantity.canonical(size), _POSITIVE)


def _volume_source(spec: Document) -> Iterator[Cause]:
    # The server looks at host paths first.
    kinds = sorted((k for k in spec if k not in _PLAIN and isinstance(spec[k], dict)), key=lambda k: k != "hostPath")
    if not kinds:
        yield required("spec", "must specify a volume type")
        return
    source, path = part(spec, kinds[0]), f"spec.{kinds[0]}"
    check = _PERSISTENT.get(kinds[0])
    if check is not None:
        yield from check(source, path)
    if kinds[0] == "local" and "nodeAffinity" not in spec:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")
    for kind in kinds[1:]:
        # Of flexVolume the server says nothing, and cephfs goes by another name here.
        if kind != "flexVolume":
            yield forbidden(f"spec.{'cephFS' if kind == 'cephfs' else kind}", "may not specify more than 1 volume type")
    recycled = spec.get("persistentVolumeReclaimPolicy") == "Recycle"
    if recycled and posixpath.normpath(part(spec, "hostPath").get("path") or "x") == "/":
        text = "may not be 'recycle' for a hostPath mount of '/'"
        yield forbidden("spec.persistentVolumeReclaimPolicy", text)


def host_path(source: Document, path: str) -> Iterator[Cause]:
    """A directory of the node."""
    if not source.get("path"):
        yield required(f"{path}.path")
        return
    yield from no_backsteps(source["path"], f"{path}.path")
    yield from one_of(source.get("type"), _HOST_PATHS, f"{path}.type")


def _local(source: Document, path: str) -> Iterator[Cause]:
    yield from needs("path")(source, path)
    yield from no_backsteps(source.get("path") or "", f"{path}.path")


def nfs(source: Document, path: str) -> Iterator[Cause]:
    """A directory of an NFS server."""
    yield from needs("server", "path")(source, path)
    if not (source.get("path") or "").startswith("/"):
        yield invalid(f"{path}.path", source.get("path") or "", "must be an absolute path")


def _csi(source: Document, path: str) -> Iterator[Cause]:
    yield from csi_driver_name(source.get("driver") or "", f"{path}.driver")
    yield from needs("volumeHandle")(source, path)
    for name in ("controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"):
        reference, at = source.get(f"{name}SecretRef"), f"{path}.{name}SecretRef"
        if isinstance(reference, dict):
            for key, rule in (("name", dns1123_subdomain), ("namespace", dns1123_label)):
                value = part(source, f"{name}SecretRef").get(key)
                yield from named(rule, value, f"{at}.{key}") if value else [required(f"{at}.{key}")]


_PERSISTENT: Mapping[str, Callable[[Document, str], Iterator[Cause]]] = {
    **VENDORS,
    "iscsi": partial(iscsi, persistent=True),
    "hostPath": host_path,
    "nfs": nfs,
    "local": _local,
    "csi": _csi,
}


def _volume_kept(spec: Document, before: Document) -> Iterator[Cause]:
    wanted = {name: value for name, value in spec.items() if name not in _PLAIN}
    if "csi" in before and "csi" in spec and "controllerExpandSecretRef" not in part(before, "csi"):
        # What a volume is expanded with may be said later.
        others = part(spec, "csi").items()
        wanted["csi"] = {name: value for name, value in others if name != "controllerExpandSecretRef"}
    if wanted != {name: value for name, value in before.items() if name not in _PLAIN}:
        names = "core.PersistentVolumeSource"
        text = "spec.persistentvolumesource is immutable after creation"
        yield forbidden("spec.persistentvolumesource", f"{text}\n{difference(names, before, wanted)}")
    yield from immutable(spec.get("volumeMode"), before.get("volumeMode"), "volumeMode")
    affinity = spec.get("nodeAffinity")
    if before.get("nodeAffinity") is not None and not _same_nodes(affinity, before["nodeAffinity"]):
        text = f"{IMMUTABLE}, except for updating from beta label to GA"
        shown = None if affinity is None else internal("core.VolumeNodeAffinity", part(spec, "nodeAffinity"))
        yield invalid("nodeAffinity", shown, text)
    if before.get("volumeAttributesClassName") is not None and spec.get("volumeAttributesClassName") is None:
        yield forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")


def _same_nodes(new: Any, old: Any) -> bool:
    """Whether two affinities are the same, where keys of labels may have become those that are stable now."""
    if is_list(new) and is_list(old):
        return len(new) == len(old) and all(map(_same_nodes, new, old))
    if not (is_map(new) and is_map(old)):
        return bool(new == old)
    if set(new) != set(old):
        return False
    return all(
        _same_nodes(new[name], old[name]) or (name == "key" and _STABLE.get(old[name]) == new[name]) for name in new
    )


def storage_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A StorageClass."""
    provisioner = new.get("provisioner") or ""
    if provisioner:
        yield from named(qualified_name, provisioner.lower(), "provisioner")
    yield from parameters(part(new, "parameters"), "parameters")
    yield from _class_modes(new)
    yield from _topologies(new)
    if not provisioner:
        yield required("provisioner")
    if old is not None:
        for name in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"):
            yield from fixed(new.get(name), old.get(name), name)


def _class_modes(new: Document) -> Iterator[Cause]:
    yield from one_of(new.get("reclaimPolicy") or None, ("Delete", "Retain"), "reclaimPolicy")
    yield from one_of(new.get("volumeBindingMode"), ("Immediate", "WaitForFirstConsumer"), "volumeBindingMode")


def parameters(found: Document, path: str) -> Iterator[Cause]:
    """What a class tells its driver."""
    if len(found) > _MOST_PARAMETERS:
        yield too_long(path, _MOST_PARAMETERS)
        return
    if "" in found:
        yield invalid(path, "", "field can not be empty.")
    if sum(len(key.encode()) + len(str(value).encode()) for key, value in found.items()) > _LARGEST_PARAMETERS:
        yield too_long(path, _LARGEST_PARAMETERS)


def _topologies(new: Document) -> Iterator[Cause]:
    """Where volumes of a class may be: terms that differ, of keys that differ."""
    seen: list[dict[str, set[str]]] = []
    for at, term in children(new, "", "allowedTopologies"):
        found: dict[str, set[str]] = {}
        place = at.lstrip(".")
        for where, expression in children(term, place, "matchLabelExpressions"):
            key, values = expression.get("key") or "", items_of(expression, "values")
            if not values:
                yield required(f"{where}.values")
            for index, value in enumerate(values):
                if value in values[:index]:
                    yield duplicate(f"{where}.values[{index}]", value)
            yield from named(label_key, key, f"{where}.key")
            if key in found:
                yield duplicate(f"{where}.key", key)
            found[key] = set(values)
        if not found or found in seen:  # none is taken for one that is there already
            yield duplicate(f"{place}.matchLabelExpressions", "")
        seen.append(found)


_SHORTEST_PERIOD, _SHORTEST_TOKEN, _LONGEST_TOKEN = 10, 600, 1 << 32
_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLES = ("Persistent", "Ephemeral")


def csi_driver_name(name: str, path: str) -> Iterator[Cause]:
    """The name of a CSI driver."""
    if not name:
        yield required(path)
        return
    if len(name) > _LONGEST_DRIVER:
        yield too_long(path, _LONGEST_DRIVER)
    for text in dns1123_subdomain(name.lower()):
        yield invalid(path, name, text)


def csi_driver(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CSIDriver."""
    spec = part(new, "spec")
    yield from one_of(spec.get("fsGroupPolicy"), _GROUP_POLICIES, "spec.fsGroupPolicy")
    seconds = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if seconds is not None and seconds < _SHORTEST_PERIOD:
        text = f"must be greater than or equal to {_SHORTEST_PERIOD} seconds"
        yield invalid("spec.nodeAllocatableUpdatePeriodSeconds", seconds, text)
    seen: set[str] = set()
    for index, wanted in enumerate(items_of(spec, "tokenRequests")):
        expires = wanted.get("expirationSeconds")
        if expires is not None and expires < _SHORTEST_TOKEN:
            text = "may not specify a duration less than 10 minutes"
            yield invalid(f"spec.tokenRequests[{index}].expirationSeconds", expires, text)
        if expires is not None and expires > _LONGEST_TOKEN:
            text = "may not specify a duration larger than 2^32 seconds"
            yield invalid(f"spec.tokenRequests[{index}].expirationSeconds", expires, text)
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
