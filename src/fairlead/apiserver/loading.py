"""Filling a server at once, as a test or `fairlead serve --load` does: no requests, no field managers, no events waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.apiserver import addresses, statuses
from fairlead.apiserver.admission import admit, metadata_of, private
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.crds.customresources import CustomResources
from fairlead.apiserver.documents import part, parts
from fairlead.apiserver.namespaces import make_namespace
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.verbs import Verbs
from fairlead.errors import InvalidObject
from fairlead.machinery.names import split_api_version
from fairlead.machinery.validation import validate_object_meta

__all__ = ["load"]

#: Nobody would hear a warning: a field that the type does not have is refused, as `kubectl create` has it refused.
_OPTIONS = WriteOptions(manager="fairlead-load", validation="Strict")


def load(cluster: Cluster, verbs: Verbs, custom: CustomResources, objects: Iterable[Mapping[str, Any]]) -> None:
    """Store the objects, CRDs first and served at once. Raises InvalidObject, which names the object and the field."""
    flat = [_copied(document) for given in objects for document in _items(given)]
    for document in sorted(flat, key=_rank):
        info = _info(cluster, document)
        try:
            _put(cluster, verbs, info, document)
        except statuses.Refusal as refusal:
            raise InvalidObject(f"{_label(document)} cannot be loaded: {refusal}") from refusal
        if _rank(document) == 0:
            custom.establish(document["metadata"]["name"])


def _copied(document: dict[str, Any]) -> dict[str, Any]:
    try:
        return private(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidObject(f"{_label(document)} cannot be loaded: it is no JSON: {error}") from error


def _items(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = given.get("items")
    if str(given.get("kind", "")).endswith("List") and isinstance(items, list):
        kind, api_version = str(given["kind"])[:-4], given.get("apiVersion")
        return [{"kind": kind, "apiVersion": api_version, **item} for item in parts(given, "items")]
    return [dict(given)]


def _rank(document: Mapping[str, Any]) -> int:
    kind = document.get("kind")
    return 0 if kind == "CustomResourceDefinition" else 1 if kind == "Namespace" else 2


def _label(document: Mapping[str, Any]) -> str:
    meta = part(document, "metadata")
    name = meta.get("name") or meta.get("generateName") or "(no name)"
    place = f"{meta['namespace']}/" if meta.get("namespace") else ""
    return f"{document.get('kind') or '(no kind)'} {place}{name}"


def _info(cluster: Cluster, document: Mapping[str, Any]) -> ResourceInfo:
    kind, api_version = document.get("kind"), document.get("apiVersion")
    for field, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            raise InvalidObject(f"{_label(document)} cannot be loaded: {field} is missing")
    group, version = split_api_version(str(api_version))
    info = cluster.registry.by_kind(group, version, str(kind))
    if info is None or "create" not in info.verbs:
        text = f"no type {kind} in {api_version} is served; load its CustomResourceDefinition with it"
        raise InvalidObject(f"{_label(document)} cannot be loaded: {text}")
    return info


def _put(cluster: Cluster, verbs: Verbs, info: ResourceInfo, document: dict[str, Any]) -> None:
    strategy = verbs.writer.strategy(info)
    admit(document, strategy, _OPTIONS, [])
    status, meta = document.get("status"), metadata_of(document)
    if info.type.namespaced:
        meta.setdefault("namespace", "default")
        if cluster.objects("", "v1", "namespaces").get("", meta["namespace"]) is None:
            make_namespace(cluster, meta["namespace"])
    else:
        meta.pop("namespace", None)
    given = dict(meta)
    meta.setdefault("uid", cluster.uid())
    meta.setdefault("creationTimestamp", cluster.timestamp())
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = verbs.writer.generated(info, meta.get("namespace", ""), meta["generateName"])
    strategy.prepare_create(document)
    if given.get("generation"):
        meta["generation"] = given["generation"]
    if info.type.plural == "services" and not info.type.group:
        addresses.allocate(cluster.collection(info), document)
    if status and _rank(document):
        document["status"] = status
    namespaced, rule = info.type.namespaced, strategy.name_rule
    found = validate_object_meta(meta, namespaced=namespaced, name_rule=rule)
    # A test loads pods of three lines: of built-in types only the metadata has to be right.
    found = found + strategy.validate(document, None) if info.is_custom or not _rank(document) else found
    if found:
        raise statuses.invalid(info.type.group, info.type.kind, meta.get("name", ""), found)
    cluster.store(info, document)
