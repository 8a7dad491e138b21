"""CustomResourceDefinitions: when they are served, as what, and how their objects go with them.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import base64
import functools
import hashlib
import logging
from collections.abc import Callable
from typing import Any, cast

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin.selectable import field_reader
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.crds.names import accept_names, approval, condition_of, is_true, set_condition
from fairlead.apiserver.deletes import CLEANUP
from fairlead.apiserver.documents import part
from fairlead.apiserver.registry import PrinterColumn, ResourceInfo, Subresource, version_order
from fairlead.apiserver.requests import DeleteOptions
from fairlead.apiserver.storage import Collection, Entry, Event
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.names import ObjectKey, ResourceType
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import from_crd

__all__ = ["CustomResources"]

_log = logging.getLogger(__name__)

GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
_APPROVAL, _TERMINATING = "KubernetesAPIApprovalPolicyConformant", "Terminating"
_ACCEPTED = "the initial names have been accepted"
_DELETING = "CustomResource deletion is in progress"
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_SUB_VERBS = ("get", "patch", "update")


class CustomResources:
    """Follows the stored CRDs and keeps the registry, and the objects, in step with them."""

    def __init__(self, cluster: Cluster, verbs: Verbs) -> None:
        self._cluster = cluster
        self._verbs = verbs
        cluster.storage.listen(self._follow, of=[PLURAL], also=["DELETED"])

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
            spec = event.entry.decode()["spec"]
            self._withdraw(name, spec)
            self._look_again(name, spec["group"])
        elif event.entry.deleting:
            self._cluster.later(functools.partial(self._clean, name))
        else:
            self._cluster.later(functools.partial(self.establish, name))

    def _look_again(self, name: str, group: str) -> None:
        """A definition may have given names back, which others of its group wait for."""
        for other in self._definitions().select():
            if other.name != name and not other.deleting and other.name.partition(".")[2] == group:
                self._cluster.later(functools.partial(self.establish, other.name))

    def _definitions(self) -> Collection:
        return self._cluster.objects(GROUP, "v1", PLURAL)

    # -- serving

    def establish(self, name: str) -> None:
        """Accept the names of a CRD and serve it, or take over what has changed in it."""
        while self._advance(name):
            pass

    def _advance(self, name: str) -> bool:
        """Take a CRD one step further; say whether that was written into its status."""
        entry = self._definitions().get("", name)
        if entry is None or entry.deleting:
            return False
        document = entry.decode()
        if accept_names(document, self._others(name, document), self._cluster.timestamp()):
            self._write(entry, document)
            self._look_again(name, document["spec"]["group"])
            return True
        established = is_true(document, "Established")
        if not established and is_true(document, "NamesAccepted"):
            self._serve(name, document)
            self._set(entry, document, "Established", "True", "InitialNamesAccepted", _ACCEPTED)
            return True
        if established:
            self._serve(name, document)
        said, had = approval(document), condition_of(document, _APPROVAL) or {}
        if said is not None and said != (had.get("status"), had.get("reason"), had.get("message")):
            self._set(entry, document, _APPROVAL, *said)
            return True
        return False

    def _others(self, name: str, document: dict[str, Any]) -> list[dict[str, Any]]:
        others = (other.decode() for other in self._definitions().select() if other.name != name)
        return [other for other in others if other["spec"]["group"] == document["spec"]["group"]]

    def _set(self, entry: Entry, document: dict[str, Any], type_: str, status: str, reason: str, message: str) -> Entry:
        set_condition(document, type_, status, reason, message, self._cluster.timestamp())
        return self._write(entry, document)

    def _write(self, entry: Entry, document: dict[str, Any]) -> Entry:
        """Write a status, as the server's own controllers do."""
        before = entry.decode()
        return entry if document == before else self._definitions().put(self._owned(before, document))

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

    def _serve(self, name: str, document: dict[str, Any]) -> None:
        """Serve what a definition says, under the names that it was given."""
        registry = self._cluster.registry
        spec = {**document["spec"], "names": document["status"]["acceptedNames"]}
        infos = {version["name"]: _info(spec, version) for version in spec["versions"]}
        stored = infos[next(v["name"] for v in spec["versions"] if v.get("storage"))]
        served = tuple(infos[v["name"]] for v in spec["versions"] if v.get("served"))
        before = registry.custom(name)
        if before == served and self._same_spec(name, spec):
            return
        self._specs[name] = spec
        self._report_rules(name, spec)
        plural, group = spec["names"]["plural"], spec["group"]
        registry.set_custom(name, served, stored, infos.values())
        collection = self._cluster.storage.find(group, plural)
        if collection is None:
            self._cluster.storage.add(group, plural, field_reader(stored), floor=self._cluster.storage.version)
        else:
            collection.reindex(field_reader(stored), functools.partial(self._cluster.refit, stored))
            self._cluster.watches.end(collection)

    def _report_rules(self, name: str, spec: dict[str, Any]) -> None:
        if name not in self._reported and _has_rules(spec["versions"]):
            self._reported.add(name)
            _log.warning("%s has x-kubernetes-validations: they are stored, but not enforced", name)

    @functools.cached_property
    def _reported(self) -> set[str]:
        return set()

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
        self._set(entry, document, _TERMINATING, "True", "InstanceDeletionInProgress", _DELETING)
        established = is_true(document, "Established")
        infos = self._cluster.registry.custom(name)
        if infos and established and not self._delete_all(infos[0]):
            return
        left = self._definitions().get("", name)
        if left is not None:
            never = ("NeverEstablished", "resource was never established")
            self._release(left, *(("InstanceDeletionCompleted", "removed all instances") if established else never))

    def _delete_all(self, info: ResourceInfo) -> bool:
        collection = self._cluster.collection(info)
        strategy = self._verbs.writer.strategy(info)
        for item in list(collection.select()):
            if not item.deleting:
                self._verbs.deleter.delete(strategy, ObjectKey(item.name, item.namespace), DeleteOptions())
        return not collection.entries

    def _release(self, entry: Entry, reason: str, message: str) -> None:
        document = entry.decode()
        left = [name for name in document["metadata"].get("finalizers") or () if name != CLEANUP]
        if not left:
            self._definitions().remove(entry)
            return
        document["metadata"]["finalizers"] = left
        self._set(entry, document, _TERMINATING, "False", reason, message)

    def refuse_if_terminating(self, info: ResourceInfo, name: str) -> None:
        """Raise Refusal (403) for the creation of an object whose CRD is being deleted."""
        definition = self._definitions().get("", info.type.crd_name) if info.is_custom else None
        if definition is not None and definition.deleting:
            why = "create not allowed while custom resource definition is terminating"
            raise statuses.forbidden(info.type, name, why)


def _has_rules(schema: Any) -> bool:
    """Whether any schema in this JSON has CEL rules."""
    if isinstance(schema, list):
        return any(map(_has_rules, cast("list[Any]", schema)))
    if not isinstance(schema, dict):
        return False
    fields = cast("dict[str, Any]", schema)
    return bool(fields.get("x-kubernetes-validations")) or any(map(_has_rules, fields.values()))


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
        storage_version_hash=_hash(group, _storage_version(spec), kind),
        list_kind=names.get("listKind") or f"{kind}List",
        selectable_fields=tuple(field["jsonPath"] for field in version.get("selectableFields") or ()),
        deprecation=_deprecation(spec, version),
        has_rules=_has_rules(version.get("schema")),
        load_schema=_schema_of(part(version, "schema", "openAPIV3Schema")),
        scale_paths=_scale_paths(part(version, "subresources").get("scale")),
    )


def _deprecation(spec: dict[str, Any], version: dict[str, Any]) -> str:
    """https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-deprecation."""
    if not version.get("deprecated"):
        return ""
    said: str | None = version.get("deprecationWarning")
    if said is not None:
        return said
    group, kind = spec["group"], spec["names"]["kind"]
    present = [each["name"] for each in spec["versions"] if each.get("served") and not each.get("deprecated")]
    newest = min((version["name"], *present), key=version_order)
    instead = "" if newest == version["name"] else f"; use {group}/{newest} {kind}"
    return f"{group}/{version['name']} {kind} is deprecated{instead}"


def _storage_version(spec: dict[str, Any]) -> str:
    return next((version["name"] for version in spec["versions"] if version.get("storage")), "")


def _schema_of(document: dict[str, Any]) -> Callable[[], Schema]:
    return functools.cache(lambda: from_crd(document))


def _subresources(resource: ResourceType, stated: dict[str, Any]) -> tuple[Subresource, ...]:
    found: list[Subresource] = []
    if stated.get("status") is not None:
        found.append(Subresource("status", resource.kind, resource.group, resource.version, _SUB_VERBS))
    if stated.get("scale") is not None:
        found.append(Subresource("scale", "Scale", "autoscaling", "v1", _SUB_VERBS))
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
