"""What is wrong with a pod's volumes and with where containers mount them.

https://kubernetes.io/docs/concepts/storage/volumes/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.certificate_volumes import pod_certificate
from fairlead.apiserver.rules.env import field_reference, resource_reference
from fairlead.apiserver.rules.faults import (
    children,
    chosen,
    descending_path,
    duplicate,
    forbidden,
    invalid,
    named,
    not_found,
    not_supported,
    required,
    reserved_path,
    selector,
    template_metadata,
)
from fairlead.apiserver.rules.printed import internal
from fairlead.apiserver.rules.signers import bundle_name, signer_name
from fairlead.apiserver.rules.storage import claim_spec, csi_driver_name, host_path, nfs
from fairlead.apiserver.rules.vendor_volumes import VENDORS, needs
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain

__all__ = ["devices", "mounts", "volumes"]

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_PROPAGATION = ("Bidirectional", "HostToContainer", "None")
_NAMED = ("secret", "configMap")
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32
#: In the order in which the server looks at them.
_PROJECTIONS = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")


def volumes(spec: Document, path: str, pod_name: str) -> tuple[dict[str, Document], list[Cause]]:
    """The pod's volumes that are right, by name, and what is wrong with the others."""
    right: dict[str, Document] = {}
    found: list[Cause] = []
    made = {
        f"{pod_name}-{volume.get('name') or ''}"
        for volume in parts(spec, "volumes")
        if pod_name and volume.get("ephemeral") is not None
    }
    for at, volume in children(spec, path, "volumes"):
        faults = list(_volume(volume, at, pod_name, right))
        if not faults:
            right[volume["name"]] = volume
        found.extend(faults)
        claim = part(volume, "persistentVolumeClaim").get("claimName")
        if claim in made:
            text = "must not reference a PVC that gets created for an ephemeral volume"
            found.append(invalid(f"{at}.persistentVolumeClaim.claimName", claim, text))
    return right, found


def _volume(volume: Document, path: str, pod_name: str, seen: Mapping[str, Document]) -> Iterator[Cause]:
    yield from _source(volume, path, pod_name)
    name = volume.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    else:
        yield from named(dns1123_label, name, f"{path}.name")
    if name in seen:
        yield duplicate(f"{path}.name", name)


#: What the server calls some sources where it tells of a second one.
_SECOND = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}


def _source(volume: Document, path: str, pod_name: str) -> Iterator[Cause]:
    kinds = [kind for kind in _SOURCES if isinstance(volume.get(kind), dict)]
    unknown = [kind for kind in volume if kind not in _SOURCES and kind != "name"]
    for kind in kinds[:1]:
        yield from _SOURCES[kind](part(volume, kind), f"{path}.{kind}")
    for kind in kinds[1:]:
        yield forbidden(f"{path}.{_SECOND.get(kind, kind)}", "may not specify more than 1 volume type")
    if kinds[:1] == ["ephemeral"] and pod_name and volume.get("name"):
        claim = f"{pod_name}-{volume['name']}"
        for text in dns1123_subdomain(claim):
            yield invalid(f"{path}.name", volume["name"], f'PVC name "{claim}": {text}')
    if not kinds and not unknown:
        yield required(path, "must specify a volume type")


def _mode(holder: Document, path: str, name: str = "defaultMode") -> Iterator[Cause]:
    mode = holder.get(name)
    if isinstance(mode, int) and not 0 <= mode <= 0o777:
        yield invalid(f"{path}.{name}", mode, _MODE)


def _keys(source: Document, path: str) -> Iterator[Cause]:
    for at, item in children(source, path, "items"):
        for name in ("key", "path"):
            if not item.get(name):
                yield required(f"{at}.{name}")
        yield from reserved_path(item.get("path") or "", f"{at}.path")
        yield from _mode(item, at, "mode")


def _keyed(name: str) -> Callable[[Document, str], Iterator[Cause]]:
    def check(source: Document, path: str) -> Iterator[Cause]:
        if not source.get(name):
            yield required(f"{path}.{name}")
        yield from _mode(source, path)
        yield from _keys(source, path)

    return check


def _empty_dir(source: Document, path: str) -> Iterator[Cause]:
    limit = source.get("sizeLimit")
    if limit is not None and quantity.parse(limit) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _downward(source: Document, path: str) -> Iterator[Cause]:
    yield from _mode(source, path)
    for _, item in children(source, path, "items"):
        yield from _downward_file(item, path)


def _downward_file(item: Document, path: str) -> Iterator[Cause]:
    if not item.get("path"):
        yield required(f"{path}.path")
    yield from reserved_path(item.get("path") or "", f"{path}.path")
    if "fieldRef" in item:
        yield from field_reference(part(item, "fieldRef"), f"{path}.fieldRef", volume=True)
        if "resourceFieldRef" in item:
            yield invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
    elif "resourceFieldRef" in item:
        yield from resource_reference(part(item, "resourceFieldRef"), f"{path}.resourceFieldRef", volume=True)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from _mode(item, path, "mode")


def _projected(source: Document, path: str) -> Iterator[Cause]:
    yield from _mode(source, path)
    taken: set[str] = set()
    for at, projection in children(source, path, "sources"):
        kinds = [kind for kind in _PROJECTIONS if isinstance(projection.get(kind), dict)]
        for kind in kinds:
            if kind == "podCertificate":
                yield from pod_certificate(part(projection, kind), f"{at}.{kind}", path, taken)
                continue
            yield from _projection(kind, part(projection, kind), f"{at}.{kind}", path)
            yield from _taken_paths(part(projection, kind), kind, path, taken)
        if len(kinds) > 1:
            yield forbidden(at, "may not specify more than 1 volume type per source")


def _taken_paths(source: Document, kind: str, path: str, taken: set[str]) -> Iterator[Cause]:
    """Paths that another item of the volume has already."""
    places = [item.get("path") or "" for item in parts(source, "items")]
    if kind == "clusterTrustBundle":
        places = [source.get("path") or ""]
    for place in places:
        if place in taken:
            yield invalid(path, source.get("name") or "" if kind in _NAMED else place, "conflicting duplicate paths")
        if place or kind == "clusterTrustBundle":
            taken.add(place)


def _projection(kind: str, source: Document, path: str, outer: str) -> Iterator[Cause]:
    if kind in {"secret", "configMap"}:
        yield from needs("name")(source, path)
        yield from _keys(source, path)
    elif kind == "downwardAPI":
        for _, item in children(source, path, "items"):
            yield from _downward_file(item, path)
    elif kind == "serviceAccountToken":
        seconds = source.get("expirationSeconds")
        if isinstance(seconds, int) and seconds < _SHORTEST_TOKEN:
            yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        if isinstance(seconds, int) and seconds > _LONGEST_TOKEN:
            yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
        if not source.get("path"):
            # The server names the volume's path here, not the source's.
            yield required(f"{outer}.path")
        else:
            yield from reserved_path(source["path"], f"{outer}.path")
    elif kind == "clusterTrustBundle":
        yield from _trust_bundle(source, path)


def _trust_bundle(source: Document, path: str) -> Iterator[Cause]:
    name, signer = source.get("name"), source.get("signerName")
    if name is not None and signer is not None:
        shown = internal("core.ClusterTrustBundleProjection", source)
        yield invalid(path, shown, "only one of name and signerName may be used")
    elif name is not None:
        if not name:
            yield required(f"{path}.name", "must be a valid object name")
        for text in bundle_name(name):
            yield invalid(f"{path}.name", name, f"not a valid clustertrustbundlename: {text}")
        if source.get("labelSelector") is not None:
            text = "labelSelector must be unset if name is specified"
            yield invalid(f"{path}.labelSelector", source["labelSelector"], text)
    elif signer is not None:
        if not signer:
            yield required(f"{path}.signerName", "must be a valid signer name")
        yield from signer_name(signer, f"{path}.signerName")
        yield from selector(source.get("labelSelector"), f"{path}.labelSelector")
    else:
        yield required(path, "either name or signerName must be specified")
    if not source.get("path"):
        yield required(f"{path}.path")
    yield from reserved_path(source.get("path") or "", f"{path}.path")


def _ephemeral(source: Document, path: str) -> Iterator[Cause]:
    template = source.get("volumeClaimTemplate")
    if template is None:
        yield required(f"{path}.volumeClaimTemplate")
    else:
        yield from template_metadata(part(template, "metadata"), f"{path}.volumeClaimTemplate.metadata")
        yield from claim_spec(part(template, "spec"), f"{path}.volumeClaimTemplate.spec")


def _csi(source: Document, path: str) -> Iterator[Cause]:
    yield from csi_driver_name(source.get("driver") or "", f"{path}.driver")
    if isinstance(source.get("nodePublishSecretRef"), dict):
        name = part(source, "nodePublishSecretRef").get("name") or ""
        if name:
            yield from named(dns1123_subdomain, name, f"{path}.name")
        else:
            yield required(f"{path}.nodePublishSecretRef.name")


def _image(source: Document, path: str) -> Iterator[Cause]:
    yield from needs("reference")(source, path)
    yield from chosen(source.get("pullPolicy"), ("Always", "IfNotPresent", "Never"), f"{path}.pullPolicy")


#: In the order in which the server looks at them.
_ORDER = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
)  # fmt: skip
_KNOWN: Mapping[str, Callable[[Document, str], Iterator[Cause]]] = {
    **VENDORS,
    "emptyDir": _empty_dir,
    "hostPath": host_path,
    "secret": _keyed("secretName"),
    "nfs": nfs,
    "persistentVolumeClaim": needs("claimName"),
    "downwardAPI": _downward,
    "configMap": _keyed("name"),
    "projected": _projected,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
_SOURCES = {name: _KNOWN[name] for name in _ORDER}


def mounts(container: Document, path: str, known: Mapping[str, Document]) -> Iterator[Cause]:
    """Where a container mounts volumes; `known` are the pod's."""
    taken: set[str] = set()
    used = {device.get("name"): device.get("devicePath") for device in parts(container, "volumeDevices")}
    privileged = bool(part(container, "securityContext").get("privileged"))
    for at, mount in children(container, path, "volumeMounts"):
        name, place = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{at}.name")
        if name not in known:
            yield not_found(f"{at}.name", name)
        if not place:
            yield required(f"{at}.mountPath")
        if place in taken:
            yield invalid(f"{at}.mountPath", place, "must be unique")
        taken.add(place)
        if name in used:
            yield invalid(f"{at}.name", name, "must not already exist in volumeDevices")
        if place in used.values():
            yield invalid(f"{at}.mountPath", place, "must not already exist as a path in volumeDevices")
        yield from _mount_options(mount, at, f"{path}.volumeMounts", privileged=privileged)


def _mount_options(mount: Document, path: str, outer: str, *, privileged: bool) -> Iterator[Cause]:
    # The server leaves the index out of these three.
    if mount.get("subPath"):
        yield from descending_path(mount["subPath"], f"{outer}.subPath")
    if mount.get("subPathExpr"):
        if mount.get("subPath"):
            text = "subPathExpr and subPath are mutually exclusive"
            yield invalid(f"{path}.subPathExpr", mount["subPathExpr"], text)
        yield from descending_path(mount["subPathExpr"], f"{outer}.subPathExpr")
    if "mountPropagation" in mount and mount["mountPropagation"] not in _PROPAGATION:
        yield not_supported(f"{outer}.mountPropagation", mount["mountPropagation"], _PROPAGATION)
    if mount.get("mountPropagation") == "Bidirectional" and not privileged:
        text = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden(f"{outer}.mountPropagation", text)
    yield from _recursive(mount, f"{outer}.recursiveReadOnly")


def _recursive(mount: Document, path: str) -> Iterator[Cause]:
    wanted = mount.get("recursiveReadOnly")
    if wanted in {"Enabled", "IfPossible"}:
        if not mount.get("readOnly"):
            yield forbidden(path, "may only be specified when readOnly is true")
        if mount.get("mountPropagation", "None") != "None":
            yield forbidden(path, "may only be specified when mountPropagation is None or not specified")
    elif wanted is not None and wanted != "Disabled":
        yield not_supported(path, wanted, ("Disabled", "Enabled", "IfPossible"))


def devices(container: Document, path: str, known: Mapping[str, Document]) -> Iterator[Cause]:
    """The block devices that a container uses; `known` are the pod's volumes."""
    names: set[str] = set()
    places: set[str] = set()
    mounted = {mount.get("name"): mount.get("mountPath") for mount in parts(container, "volumeMounts")}
    for at, device in children(container, path, "volumeDevices"):
        name, place = device.get("name") or "", device.get("devicePath") or ""
        if not name:
            yield required(f"{at}.name")
        if name in names:
            yield invalid(f"{at}.name", name, "must be unique")
        yield from _block_source(name, known, f"{at}.name")
        if not place:
            yield required(f"{at}.devicePath")
        if place in places:
            yield invalid(f"{at}.devicePath", place, "must be unique")
        if ".." in place.split("/"):
            yield invalid(f"{at}.devicePath", place, "can not contain backsteps ('..')")
        else:
            places.add(place)
        if name in mounted:
            yield invalid(f"{at}.name", name, "must not already exist in volumeMounts")
        if place in mounted.values():
            yield invalid(f"{at}.devicePath", place, "must not already exist as a path in volumeMounts")
        if name:
            names.add(name)


def _block_source(name: str, known: Mapping[str, Document], path: str) -> Iterator[Cause]:
    volume = known.get(name)
    if volume is None:
        yield not_found(path, name)
    elif not {"persistentVolumeClaim", "ephemeral"} & set(volume):
        text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        yield invalid(path, name, text)
