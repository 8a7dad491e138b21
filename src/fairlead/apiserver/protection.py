"""Lets deleted volumes and claims go once nothing uses them: the finalizers that admission gives them are taken away.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection; in a real cluster it is part
of kube-controller-manager.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.collector import release
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.plugins import PROTECTION
from fairlead.apiserver.storage import Collection, Entry, Event

__all__ = ["Protection"]


class Protection:
    """Follows claims, volumes and classes that are to go, and what may use them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._unused: Mapping[str, Callable[[Entry], bool]] = {
            "persistentvolumeclaims": self._claim_unused,
            "persistentvolumes": _volume_unbound,
            "volumeattributesclasses": self._class_unused,
        }
        cluster.storage.listen(self._follow, of=[*self._unused, "pods"])

    def _follow(self, collection: Collection, event: Event) -> None:
        entry = event.entry
        if collection.plural in self._unused and entry.deleting and event.type != "DELETED":
            self._cluster.later(functools.partial(self._check, collection, entry.key))
        if collection.plural == "pods" and not collection.group:
            self._again("", "persistentvolumeclaims", entry.namespace)
        elif collection.plural in {"persistentvolumeclaims", "persistentvolumes"}:
            self._again("storage.k8s.io", "volumeattributesclasses", "")

    def _again(self, group: str, plural: str, namespace: str) -> None:
        """Look again at those that are to go: what used them may have changed."""
        found = self._cluster.storage.find(group, plural)
        if found is None or not found.entries:
            return
        for entry in found.select(namespace):
            if entry.deleting:
                self._cluster.later(functools.partial(self._check, found, entry.key))

    def _check(self, collection: Collection, key: str) -> None:
        entry = collection.entries.get(key)
        if entry is None or not entry.deleting:
            return
        document = entry.decode()
        finalizer = PROTECTION[document["kind"]]
        if finalizer in (part(document, "metadata").get("finalizers") or ()) and self._unused[collection.plural](entry):
            release(collection, key, finalizer)

    def _claim_unused(self, claim: Entry) -> bool:
        pods = self._cluster.objects("", "v1", "pods").select(claim.namespace)
        return not any(_uses(entry.decode(), claim.name) for entry in pods)

    def _class_unused(self, found: Entry) -> bool:
        for plural in ("persistentvolumeclaims", "persistentvolumes"):
            for entry in self._cluster.objects("", "v1", plural).select():
                document = entry.decode()
                status = part(document, "status")
                names = {
                    part(document, "spec").get("volumeAttributesClassName"),
                    status.get("currentVolumeAttributesClassName"),
                    part(status, "modifyVolumeStatus").get("targetVolumeAttributesClassName"),
                }
                if found.name in names:
                    return False
        return True


def _volume_unbound(volume: Entry) -> bool:
    return part(volume.decode(), "status").get("phase") != "Bound"


def _uses(pod: Document, claim: str) -> bool:
    """Whether a pod that has not ended mounts a claim, or one that was made for it."""
    if part(pod, "status").get("phase") in {"Succeeded", "Failed"}:
        return False
    name = pod["metadata"]["name"]
    for volume in parts(pod, "spec", "volumes"):
        own = f"{name}-{volume.get('name', '')}" if "ephemeral" in volume else ""
        if claim in {part(volume, "persistentVolumeClaim").get("claimName"), own}:
            return True
    return False
