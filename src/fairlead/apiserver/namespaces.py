"""The namespaces that always exist, and the emptying of those that are deleted.

https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
"""

from __future__ import annotations

import functools

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import listed, part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import DeleteOptions
from fairlead.apiserver.storage import Collection, Entry, Event
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.names import ObjectKey

__all__ = ["INITIAL", "Namespaces"]

INITIAL = ("default", "kube-node-lease", "kube-public", "kube-system")
_FINALIZER = "kubernetes"


class Namespaces:
    """Makes the first namespaces, and plays the namespace controller when `active`."""

    def __init__(self, cluster: Cluster, verbs: Verbs, *, active: bool) -> None:
        self._cluster = cluster
        self._verbs = verbs
        if active:
            cluster.storage.listen(self._follow, of=["namespaces"], also=["DELETED"])

    def make_initial(self) -> None:
        """Create the namespaces that every cluster has."""
        for name in INITIAL:
            make_namespace(self._cluster, name)

    def _follow(self, collection: Collection, event: Event) -> None:
        entry = event.entry
        if (collection.group, collection.plural) == ("", "namespaces"):
            if entry.deleting and event.type != "DELETED":
                self._cluster.later(functools.partial(self._empty, entry.name))
        elif event.type == "DELETED" and entry.namespace:
            namespace = self._cluster.objects("", "v1", "namespaces").get("", entry.namespace)
            if namespace is not None and namespace.deleting:
                self._cluster.later(functools.partial(self._empty, entry.namespace))

    def _empty(self, name: str) -> None:
        """Delete what is in a namespace that is being deleted; once it is empty, let it go."""
        namespaces = self._cluster.objects("", "v1", "namespaces")
        entry = namespaces.get("", name)
        if entry is None or not entry.deleting:
            return
        if self._delete_contents(name):
            return
        entry = namespaces.get("", name)
        if entry is not None:
            self._finalize(namespaces, entry)

    def _delete_contents(self, name: str) -> bool:
        """Delete everything in a namespace; whether anything is left."""
        left = False
        for collection in self._cluster.storage.collections():
            info = self._cluster.info_of(collection)
            if info is None or not info.type.namespaced:
                continue
            for entry in list(collection.select(name)):
                if not entry.deleting:
                    self._delete(info, entry)
            left = left or next(iter(collection.select(name)), None) is not None
        return left

    def _delete(self, info: ResourceInfo, entry: Entry) -> None:
        strategy = self._verbs.writer.strategy(info)
        key = ObjectKey(entry.name, entry.namespace)
        try:
            self._verbs.deleter.delete(strategy, key, DeleteOptions(grace=0, policy="Background"))
        except statuses.Refusal as refusal:
            if refusal.reason != "NotFound":
                raise

    def _finalize(self, namespaces: Collection, entry: Entry) -> None:
        document = entry.decode()
        spec = part(document, "spec")
        finalizers = listed(spec, "finalizers")
        if _FINALIZER not in finalizers:
            return
        spec["finalizers"] = [name for name in finalizers if name != _FINALIZER]
        if spec["finalizers"]:
            namespaces.put(document)
            return
        del spec["finalizers"]
        if document["metadata"].get("finalizers"):
            namespaces.put(document)
        else:
            namespaces.remove(entry)


def make_namespace(cluster: Cluster, name: str) -> Entry:
    """Create a namespace without going through a request."""
    meta = {
        "name": name,
        "uid": cluster.uid(),
        "creationTimestamp": cluster.timestamp(),
        "labels": {"kubernetes.io/metadata.name": name},
    }
    document = {"kind": "Namespace", "apiVersion": "v1", "metadata": meta}
    spec = {"finalizers": [_FINALIZER]}
    return cluster.objects("", "v1", "namespaces").put({**document, "spec": spec, "status": {"phase": "Active"}})
