"""Keeps the status of quotas: what is hard, and what all objects of the namespace use of it.

https://kubernetes.io/docs/concepts/policy/resource-quotas/; in a real cluster it is part of kube-controller-manager.
"""

from __future__ import annotations

import functools

from fairlead.apiserver.admission import private
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.quotas.admission import put_status
from fairlead.apiserver.quotas.usage import Amounts, counted, plus
from fairlead.apiserver.storage import Collection, Event
from fairlead.machinery import quantity

__all__ = ["QuotaController"]


class QuotaController:
    """Counts anew whenever something changes in a namespace that has a quota."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        #: Namespaces that are counted at the next chance.
        self._due: set[str] = set()
        self._quotas = cluster.objects("", "v1", "resourcequotas")
        cluster.storage.listen(self._follow)

    def _follow(self, collection: Collection, event: Event) -> None:
        namespace = event.entry.namespace
        # A status that was written here, or at admission, asks for no more than one look.
        if not self._quotas.entries or not namespace or namespace in self._due:
            return
        if collection.plural in {"events", "leases"}:
            return
        self._due.add(namespace)
        self._cluster.later(functools.partial(self.refresh, namespace))

    def refresh(self, namespace: str) -> None:
        """Count a namespace in which something has changed since it was counted."""
        if namespace not in self._due:
            return
        self._due.discard(namespace)
        for entry in list(self._quotas.select(namespace)):
            if entry.deleting:
                continue
            quota = entry.decode()
            before = private(quota)
            hard: Amounts = part(quota, "spec", "hard")
            used = self._used(namespace, quota, hard)
            status = part(quota, "status")
            if "used" in status and _same(part(status, "hard"), hard) and _same(part(status, "used"), used):
                continue
            quota["status"] = {"hard": dict(hard), "used": used}
            put_status(self._cluster, before, quota, "kube-controller-manager")

    def _used(self, namespace: str, quota: Document, hard: Amounts) -> Amounts:
        found: Amounts = {}
        for collection in self._cluster.storage.collections():
            info = self._cluster.info_of(collection)
            counts = counted(info) if info is not None else None
            if counts is None or not any(counts.concerns(name) for name in hard):
                continue
            for entry in collection.select(namespace):
                document = entry.decode()
                if counts.in_scope(quota, document):
                    found = plus(found, counts.usage(document))
        return {name: quantity.canonical(found.get(name, "0")) for name in sorted(hard)}


def _same(one: Amounts, other: Amounts) -> bool:
    return one.keys() == other.keys() and all(quantity.equal(value, other[name]) for name, value in one.items())
