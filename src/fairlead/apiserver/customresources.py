"""CustomResourceDefinitions: when they are served, as what, and how their objects go with them.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Callable
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.deletes import CLEANUP
from fairlead.apiserver.documents import part
from fairlead.apiserver.registry import PrinterColumn, ResourceInfo, Subresource
from fairlead.apiserver.requests import DeleteOptions
from fairlead.apiserver.selectable import field_reader
from fairlead.apiserver.storage import Collection, Entry, Event
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.apply import track_update
from fairlead.machinery.names import ObjectKey, ResourceType
from fairlead.machinery.schema import Schema, from_crd

__all__ = ["CustomResources", "set_condition"]

GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_SUB_VERBS = ("get", "patch", "update")


def set_condition(document: dict[str, Any], type_: str, status: str, reason: str, message: str, now: str) -> None:
    """Set a condition in an object's status; its transition time moves only when the status does."""
    conditions: list[dict[str, Any]] = document.setdefault("status", {}).get("conditions") or []
    previous = next((c for c in conditions if c.get("type") == type_), None)
    since = previous["lastTransitionTime"] if previous is not None and previous.get("status") == status else now
    condition = {"type": type_, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
    if previous is None:
        conditions.append(condition)
    else:
        conditions[conditions.index(previous)] = condition
    document["status"]["conditions"] = conditions


class CustomResources:
    """Follows the stored CRDs and keeps the registry, and the objects, in step with them."""

    def __init__(self, cluster: Cluster, verbs: Verbs) -> None:
        self._cluster = cluster
        self._verbs = verbs
        cluster.storage.listeners.append(self._follow)

    def _follow(self, collection: Collection, event: Event) -> None:
        if (collection.group, collection.plural) == (GROUP, PLURAL):
            self._definition_changed(event)
        elif event.type == "DELETED":
            definition = self._definitions().get("", f"{collection.plural}.{collection.group}")
            if definition is not None and definition.deleting:
                self._cluster.later(functools.partial(self._clean, definition.name))

    def _definition_changed(self, event: Event) -> None:
        name = event.entry.name
        if event.type == "DELETED":
            self._withdraw(name, event.entry.decode()["spec"])
        elif event.entry.deleting:
            self._cluster.later(functools.partial(self._clean, name))
        else:
            self._cluster.later(functools.partial(self.establish, name))

    def _definitions(self) -> Collection:
        return self._cluster.objects(GROUP, "v1", PLURAL)

    # -- serving

    def establish(self, name: str) -> None:
        """Accept the names of a CRD and serve it, or take over what has changed in it."""
        entry = self._definitions().get("", name)
        if entry is None or entry.deleting:
            return
        document = entry.decode()
        spec = document["spec"]
        clash = self._clash(name, spec)
        now = self._cluster.timestamp()
        if clash:
            set_condition(document, "NamesAccepted", "False", *clash, now)
            set_condition(document, "Established", "False", "NotAccepted", "not all names are accepted", now)
        else:
            document["status"]["acceptedNames"] = spec["names"]
            set_condition(document, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now)
            text = "the initial names have been accepted"
            set_condition(document, "Established", "True", "InitialNamesAccepted", text, now)
        stored = next((v["name"] for v in spec["versions"] if v.get("storage")), "")
        known = document["status"].setdefault("storedVersions", [])
        if stored and stored not in known:
            known.append(stored)
        if not clash:
            self._serve(name, spec)
        before = entry.decode()
        if document != before:
            self._definitions().put(self._owned(before, document))

    def _owned(self, before: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        info = self._cluster.info_of(self._definitions())
        if info is None:
            return document
        return track_update(
            before,
            document,
            "kube-apiserver",
            schema=info.schema,
            api_version=info.type.api_version,
            subresource="status",
            now=self._cluster.timestamp(),
        )

    def _clash(self, name: str, spec: dict[str, Any]) -> tuple[str, str] | None:
        kind = spec["names"]["kind"]
        for other in self._definitions().select():
            theirs = other.decode() if other.name != name else None
            if theirs is None or theirs["spec"]["group"] != spec["group"]:
                continue
            if part(theirs, "status", "acceptedNames").get("kind") == kind:
                return "KindConflict", f'"{kind}" is already in use'
        return None

    def _serve(self, name: str, spec: dict[str, Any]) -> None:
        registry = self._cluster.registry
        infos = {version["name"]: _info(spec, version) for version in spec["versions"]}
        stored = infos[next(v["name"] for v in spec["versions"] if v.get("storage"))]
        served = tuple(infos[v["name"]] for v in spec["versions"] if v.get("served"))
        before = registry.custom(name)
        if before == served and self._same_spec(name, spec):
            return
        self._specs[name] = spec
        plural, group = spec["names"]["plural"], spec["group"]
        registry.set_custom(name, served, stored)
        collection = self._cluster.storage.find(group, plural)
        if collection is None:
            self._cluster.storage.add(group, plural, field_reader(stored), floor=self._cluster.storage.version)
        else:
            collection.reindex(field_reader(stored))
            self._cluster.watches.end(collection)

    @functools.cached_property
    def _specs(self) -> dict[str, dict[str, Any]]:
        return {}

    def _same_spec(self, name: str, spec: dict[str, Any]) -> bool:
        return self._specs.get(name) == spec

    def _withdraw(self, name: str, spec: dict[str, Any]) -> None:
        group, plural = spec["group"], spec["names"]["plural"]
        self._cluster.registry.set_custom(name, ())
        self._specs.pop(name, None)
        collection = self._cluster.storage.find(group, plural)
        if collection is not None:
            self._cluster.watches.end(collection)
            self._cluster.storage.drop(group, plural)

    # -- going

    def _clean(self, name: str) -> None:
        """Delete the objects of a CRD that is being deleted; once there are none, let it go."""
        entry = self._definitions().get("", name)
        if entry is None or not entry.deleting:
            return
        document = entry.decode()
        if CLEANUP not in (document["metadata"].get("finalizers") or ()):
            return
        infos = self._cluster.registry.custom(name)
        if infos and not self._delete_all(infos[0]):
            return
        entry = self._definitions().get("", name)
        if entry is not None:
            self._release(entry)

    def _delete_all(self, info: ResourceInfo) -> bool:
        collection = self._cluster.collection(info)
        strategy = self._verbs.writer.strategy(info)
        for item in list(collection.select()):
            if not item.deleting:
                self._verbs.deleter.delete(strategy, ObjectKey(item.name, item.namespace), DeleteOptions())
        return not collection.entries

    def _release(self, entry: Entry) -> None:
        document = entry.decode()
        now = self._cluster.timestamp()
        set_condition(document, "Terminating", "False", "InstanceDeletionCompleted", "removed all instances", now)
        left = [name for name in document["metadata"].get("finalizers") or () if name != CLEANUP]
        document["metadata"]["finalizers"] = left
        if left:
            self._definitions().put(document)
            return
        del document["metadata"]["finalizers"]
        self._definitions().remove(entry)

    def refuse_if_terminating(self, info: ResourceInfo, name: str) -> None:
        """Raise Refusal (403) for the creation of an object whose CRD is being deleted."""
        definition = self._definitions().get("", info.type.crd_name) if info.is_custom else None
        if definition is not None and definition.deleting:
            why = "create not allowed while custom resource definition is terminating"
            raise statuses.forbidden(info.type, name, why)


def _info(spec: dict[str, Any], version: dict[str, Any]) -> ResourceInfo:
    names, group = spec["names"], spec["group"]
    kind = names["kind"]
    resource = ResourceType(group, version["name"], kind, names["plural"], spec["scope"] == "Namespaced")
    return ResourceInfo(
        type=resource,
        singular=names.get("singular") or kind.lower(),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        verbs=_VERBS,
        subresources=_subresources(resource, version.get("subresources") or {}),
        is_custom=True,
        printer_columns=tuple(map(_column, version.get("additionalPrinterColumns") or ())),
        storage_version_hash=_hash(group, version["name"], kind),
        list_kind=names.get("listKind") or f"{kind}List",
        selectable_fields=tuple(field["jsonPath"] for field in version.get("selectableFields") or ()),
        load_schema=_schema_of(part(version, "schema", "openAPIV3Schema")),
        scale_paths=_scale_paths(part(version, "subresources").get("scale")),
    )


def _schema_of(document: dict[str, Any]) -> Callable[[], Schema]:
    return functools.cache(lambda: from_crd(document))


def _subresources(resource: ResourceType, stated: dict[str, Any]) -> tuple[Subresource, ...]:
    found: list[Subresource] = []
    if stated.get("scale") is not None:
        found.append(Subresource("scale", "Scale", "autoscaling", "v1", _SUB_VERBS))
    if stated.get("status") is not None:
        found.append(Subresource("status", resource.kind, resource.group, resource.version, _SUB_VERBS))
    return tuple(found)


def _scale_paths(scale: dict[str, Any] | None) -> tuple[str, str, str]:
    if scale is None:
        return ("", "", "")
    return (
        scale.get("specReplicasPath", ""),
        scale.get("statusReplicasPath", ""),
        scale.get("labelSelectorPath") or "",
    )


def _column(column: dict[str, Any]) -> PrinterColumn:
    return PrinterColumn(
        column["name"],
        column["type"],
        column["jsonPath"],
        column.get("description", ""),
        column.get("format", ""),
        column.get("priority") or 0,
    )


def _hash(group: str, version: str, kind: str) -> str:
    digest = hashlib.sha256(f"{group}/{version}/{kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()
