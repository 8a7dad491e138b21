"""What is wrong with what CSI drivers and their helpers write: attachments, drivers of nodes, capacities, attributes.

https://kubernetes.io/docs/concepts/storage/volumes/#csi
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    amount,
    children,
    duplicate,
    fixed,
    forbidden,
    immutable,
    invalid,
    items_of,
    named,
    required,
    selector,
    too_long,
    unsigned,
)
from fairlead.apiserver.rules.storage import csi_driver_name, parameters
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain, qualified_name

__all__ = ["attachment", "attachment_status", "attributes_class", "capacity", "csi_node"]

_ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
_LONGEST_ID, _LONGEST_ERROR, _LONGEST_DRIVER = 256, 1024, 63


def attachment(new: Document, old: Document | None) -> Iterator[Cause]:
    """A VolumeAttachment."""
    spec = part(new, "spec")
    source, name = part(spec, "source"), part(spec, "source").get("persistentVolumeName")
    inline = source.get("inlineVolumeSpec")
    if inline is None and name is None:
        yield required("spec.source", _ONE_SOURCE)
    elif inline is not None and name is not None:
        yield forbidden("spec.source", _ONE_SOURCE)
    elif name == "":
        yield required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
    yield from named(dns1123_subdomain, spec.get("nodeName") or "", "spec.nodeName")
    if name is not None:
        yield from named(dns1123_subdomain, name, "spec.source.persistentVolumeName")
    yield from _attacher(spec.get("attacher") or "", "spec.attacher")
    if old is not None:
        yield from fixed(spec, part(old, "spec"), "spec")


def _attacher(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
        return
    if len(name) > _LONGEST_DRIVER:
        yield too_long(path, _LONGEST_DRIVER)
    for text in dns1123_subdomain(name.lower()):
        # Letters may be of either case, and the message says so.
        said = text.replace("a lowercase RFC 1123", "an RFC 1123").replace("of lower case alpha", "of alpha")
        yield invalid(path, name, said.replace("'example.com'", "'Example.com'"))


def attachment_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a VolumeAttachment."""
    del old
    for name in ("attachError", "detachError"):
        message = part(new, "status", name).get("message") or ""
        if len(message.encode()) > _LONGEST_ERROR:
            yield too_long(f"status.{name}.message", _LONGEST_ERROR)


def csi_node(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CSINode."""
    seen: set[str] = set()
    for at, driver in children(part(new, "spec"), "spec", "drivers"):
        name, identity = driver.get("name") or "", driver.get("nodeID") or ""
        yield from csi_driver_name(name, f"{at}.name")
        if not identity:
            yield required(f"{at}.nodeID")
        if len(identity) > _LONGEST_ID:
            yield invalid(f"{at}.nodeID", identity, f"must be {_LONGEST_ID} characters or less")
        yield from unsigned(part(driver, "allocatable").get("count"), f"{at}.allocatable.count")
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        yield from _topology(items_of(driver, "topologyKeys"), at)
    if old is not None:
        yield from _drivers_kept(part(new, "spec"), part(old, "spec"))


def _topology(keys: list[str], path: str) -> Iterator[Cause]:
    for index, key in enumerate(keys):
        if not key:
            yield required(path)
        if key in keys[:index]:
            yield duplicate(path, key)
        yield from named(qualified_name, key, path)


def _drivers_kept(spec: Document, before: Document) -> Iterator[Cause]:
    present = {driver.get("name"): driver for _, driver in children(spec, "", "drivers")}
    for _, old in children(before, "", "drivers"):
        new = present.get(old.get("name"))
        if new is None:
            continue
        one, other = ({k: v for k, v in each.items() if k != "allocatable"} for each in (new, old))
        if one != other:
            shown = {"Name": new.get("name"), "NodeID": new.get("nodeID"), "TopologyKeys": new.get("topologyKeys")}
            yield invalid("spec.drivers", {**shown, "Allocatable": None}, IMMUTABLE)


def capacity(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CSIStorageCapacity."""
    name = new.get("storageClassName") or ""
    yield from named(dns1123_subdomain, name, "storageClassName")
    yield from amount(new.get("capacity"), "capacity")
    yield from selector(new.get("nodeTopology"), "nodeTopology")
    if old is not None and new.get("nodeTopology") != old.get("nodeTopology"):
        yield invalid("nodeTopology", new.get("nodeTopology"), IMMUTABLE)
    if old is not None:
        yield from immutable(name, old.get("storageClassName"), "storageClassName")


def attributes_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A VolumeAttributesClass."""
    if old is None:
        name = new.get("driverName") or ""
        if name:
            yield from named(qualified_name, name.lower(), "driverName")
        else:
            yield required("driverName")
        found = part(new, "parameters")
        yield from parameters(found, "parameters")
        if not found:
            yield required("parameters", "must contain at least one key/value pair")
        return
    if new.get("driverName") != old.get("driverName"):
        yield forbidden("driverName", "updates to driverName are forbidden.")
    if part(new, "parameters") != part(old, "parameters"):
        yield forbidden("parameters", "updates to parameters are forbidden.")
