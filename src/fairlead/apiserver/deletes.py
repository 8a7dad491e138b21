"""Deleting objects: grace, finalizers, preconditions, and whose dependents go with them.

https://kubernetes.io/docs/concepts/architecture/garbage-collection/ and …/overview/working-with-objects/finalizers/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin import conversions
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import listed, part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import DeleteOptions
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.strategies import Strategy
from fairlead.apiserver.webhooks import Webhooks, request_for
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.times import format_time

__all__ = ["Deleted", "Deleter"]

#: Namespaces that cannot be deleted.
_PERMANENT = frozenset({"default", "kube-system", "kube-public"})
ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
#: Namespaces that the NamespaceLifecycle admission plugin keeps.
_IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"


@dataclass(frozen=True, slots=True)
class Deleted:
    """The outcome: the object as it is now or was last, and whether it is gone."""

    entry: Entry
    gone: bool


class Deleter:
    """Deletes objects of every resource."""

    def __init__(self, cluster: Cluster, webhooks: Webhooks) -> None:
        self._cluster = cluster
        self._webhooks = webhooks

    def delete(self, strategy: Strategy, key: ObjectKey, options: DeleteOptions) -> Deleted:
        """Delete an object, or mark it as being deleted. Raises Refusal."""
        info = strategy.info
        is_namespace = info.type.plural == "namespaces" and not info.type.group
        if is_namespace and key.name in _IMMORTAL:
            raise statuses.forbidden(info.type, key.name, "this namespace may not be deleted")
        entry = self._cluster.collection(info).get(key.namespace, key.name)
        if entry is None:
            raise statuses.not_found(info.type, key.name)
        self.check(info, entry, options)
        if _is_permanent(info, key.name):
            raise statuses.forbidden(info.type, key.name, "this namespace may not be deleted")
        document = entry.decode()
        if self._webhooks.validating:
            request = request_for("DELETE", info.type, key, None, document, dry_run=options.dry_run)
            self._webhooks.validate(request, [])
        if is_namespace and not _deletable(document):
            return self._namespace(strategy, entry, document, options)
        if info.type.group == "apiextensions.k8s.io" and not entry.deleting:
            return self._definition(info, entry, document, options)
        return self._delete(strategy, entry, document, options)

    def _definition(
        self, info: ResourceInfo, entry: Entry, document: dict[str, Any], options: DeleteOptions
    ) -> Deleted:
        meta, now = document["metadata"], self._cluster.timestamp()
        meta["deletionTimestamp"] = now
        meta["finalizers"] = list(dict.fromkeys([*(meta.get("finalizers") or ()), CLEANUP]))
        condition = {
            "type": "Terminating",
            "status": "True",
            "lastTransitionTime": now,
            "reason": "InstanceDeletionPending",
            "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        }
        status = document.setdefault("status", {})
        status["conditions"] = [*(status.get("conditions") or ()), condition]
        return Deleted(entry if options.dry_run else self._cluster.store(info, document), gone=False)

    def check(self, info: ResourceInfo, entry: Entry, options: DeleteOptions) -> None:
        """Whether the object is the one that is meant. Raises Refusal (409)."""
        if (info.type.group, info.type.plural) == ("", "namespaces"):
            _check_namespace(info, entry, options)
            return
        why = ""
        if options.uid is not None and options.uid != entry.uid:
            why = (
                f"the UID in the precondition ({options.uid}) does not match the UID in record ({entry.uid}). "
                "The object might have been deleted and then recreated"
            )
        elif options.resource_version is not None and options.resource_version != str(entry.version):
            why = (
                f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
                f"ResourceVersion in record ({entry.version}). The object might have been modified"
            )
        if why:
            refusal = statuses.conflict(info.type, entry.name, why)
            group, _ = conversions.home(info.type.group, info.type.plural)
            kind = statuses.qualified(info.type.kind, group)
            text = f"Operation cannot be fulfilled on {kind} {statuses.quoted(entry.name)}: {why}"
            refusal.status["message"] = text
            refusal.status["details"]["kind"] = info.type.kind
            if not group:
                refusal.status["details"].pop("group", None)
            raise refusal

    def _namespace(self, strategy: Strategy, entry: Entry, document: dict[str, Any], options: DeleteOptions) -> Deleted:
        if entry.deleting:
            return Deleted(entry, gone=False)
        meta = document["metadata"]
        meta["deletionTimestamp"] = self._cluster.timestamp()
        meta["finalizers"] = _finalizers(strategy, meta, options)
        if not meta["finalizers"]:
            del meta["finalizers"]
        document.setdefault("status", {})["phase"] = "Terminating"
        if options.dry_run:
            return Deleted(self._cluster.collection(strategy.info).entry(document, entry.version), gone=False)
        return Deleted(self._cluster.store(strategy.info, document), gone=False)

    def _delete(self, strategy: Strategy, entry: Entry, document: dict[str, Any], options: DeleteOptions) -> Deleted:
        meta, collection = document["metadata"], self._cluster.collection(strategy.info)
        finalizers = _finalizers(strategy, meta, options)
        if finalizers:
            meta["finalizers"] = finalizers
        else:
            meta.pop("finalizers", None)
        grace = _grace(strategy.info, document, options)
        if grace is not None and not self._begin(meta, grace, options):
            return Deleted(entry, gone=False)
        if grace is None and finalizers:
            self._mark(meta)
        if options.dry_run:
            stays = bool(finalizers or grace)
            shown = stays or grace is not None
            return Deleted(collection.entry(document, entry.version) if shown else entry, gone=not stays)
        if grace is None and finalizers:
            return Deleted(self._store(strategy, entry, document), gone=False)
        if grace is not None:
            entry = self._store(strategy, entry, document)
            if finalizers or grace:
                return Deleted(entry, gone=False)
        return Deleted(collection.remove(entry), gone=True)

    def _store(self, strategy: Strategy, entry: Entry, document: dict[str, Any]) -> Entry:
        return entry if document == entry.decode() else self._cluster.collection(strategy.info).put(document)

    def _mark(self, meta: dict[str, Any]) -> None:
        if "deletionTimestamp" not in meta:
            if meta.get("generation"):
                meta["generation"] += 1
            meta["deletionTimestamp"] = self._cluster.timestamp()
        meta["deletionGracePeriodSeconds"] = 0

    def _begin(self, meta: dict[str, Any], grace: int, options: DeleteOptions) -> bool:
        """Mark a type with graceful deletion; False when it is marked already and nothing gets shorter."""
        present = meta.get("deletionGracePeriodSeconds")
        if "deletionTimestamp" in meta:
            if not present:
                return True
            if options.grace is None or options.grace >= present:
                return False
        elif meta.get("generation"):
            meta["generation"] += 1
        meta["deletionTimestamp"] = format_time(self._cluster.now() + timedelta(seconds=grace))
        meta["deletionGracePeriodSeconds"] = grace
        return True


def _check_namespace(info: ResourceInfo, entry: Entry, options: DeleteOptions) -> None:
    """Namespaces have a deletion of their own, with words of its own."""
    wanted = (("UID", options.uid, entry.uid), ("ResourceVersion", options.resource_version, str(entry.version)))
    for noun, asked, present in wanted:
        if asked is not None and asked != present:
            why = f"Precondition failed: {noun} in precondition: {asked}, {noun} in object meta: {present}"
            raise statuses.conflict(info.type, entry.name, why)


def _is_permanent(info: ResourceInfo, name: str) -> bool:
    return info.type.plural == "namespaces" and not info.type.group and name in _PERMANENT


def _deletable(document: dict[str, Any]) -> bool:
    """Whether a namespace has been emptied."""
    return "deletionTimestamp" in document["metadata"] and not part(document, "spec").get("finalizers")


def _finalizers(strategy: Strategy, meta: dict[str, Any], options: DeleteOptions) -> list[str]:
    present: list[str] = list(listed(meta, "finalizers"))
    orphan, foreground = ORPHAN in present, FOREGROUND in present
    match options.policy:
        case "Orphan":
            orphan, foreground = True, False
        case "Foreground":
            orphan, foreground = False, True
        case "Background":
            orphan = foreground = False
        case _:
            orphan = orphan or (strategy.orphans and not foreground)
    kept = [name for name in present if name not in {ORPHAN, FOREGROUND}]
    if strategy.info.type.plural == "events" and strategy.info.type.group in {"", "events.k8s.io"}:
        # Nothing depends on them.
        return kept
    return [*kept, *([ORPHAN] if orphan else []), *([FOREGROUND] if foreground else [])]


def _grace(info: ResourceInfo, document: dict[str, Any], options: DeleteOptions) -> int | None:
    """Seconds that a pod gets; None for types that know no grace."""
    if info.type.plural != "pods" or info.type.group:
        return None
    spec, status = part(document, "spec"), part(document, "status")
    if not spec.get("nodeName") or status.get("phase") in {"Failed", "Succeeded"}:
        return 0
    if options.grace is not None:
        return options.grace
    seconds = spec.get("terminationGracePeriodSeconds")
    return 30 if seconds is None else int(seconds)
