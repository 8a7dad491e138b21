"""Holds objects to the quotas of their namespace, as the admission plugin ResourceQuota does.

A quota is enforced by what its status says: `hard`, and what is `used` of it. Admission adds what it lets through.
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#resourcequota
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fairlead.apiserver import statuses
from fairlead.apiserver.admission import private
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.quotas.usage import Amounts, Counted, counted, minus, plus
from fairlead.apiserver.registry import ResourceInfo
from fairlead.machinery import quantity
from fairlead.machinery.apply.ownership import track_update

__all__ = ["Quotas", "put_status"]


class Quotas:
    """The quotas of a cluster, as writes meet them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        #: Brings the status of a namespace's quotas up to date, where a controller keeps it.
        self.refresh: Callable[[str], None] | None = None

    def admit(
        self, info: ResourceInfo, new: Document, old: Document | None, *, subresource: str = "", dry_run: bool = False
    ) -> None:
        """Let a write through, and count it. Raises Refusal (403). `old`: what is there; None for a new object."""
        quotas = self._cluster.objects("", "v1", "resourcequotas")
        if not quotas.entries:
            return
        counts = counted(info)
        if counts is None or (old is not None and not counts.counts_update(new, old, subresource)):
            return
        namespace = part(new, "metadata").get("namespace", "")
        if self.refresh is not None:
            self.refresh(namespace)
        charged: list[tuple[Document, Document]] = []
        for quota in [entry.decode() for entry in quotas.select(namespace)]:
            more = self._more(counts, quota, info, new, old)
            if more:
                before = private(quota)
                quota["status"]["used"] = plus(part(quota, "status", "used"), more)
                charged.append((before, quota))
        if not dry_run:
            for before, quota in charged:
                put_status(self._cluster, before, quota, "kube-apiserver")

    def _more(
        self, counts: Counted, quota: Document, info: ResourceInfo, new: Document, old: Document | None
    ) -> Amounts:
        """What the write uses more of a quota than was used before. Raises Refusal (403)."""
        hard, used = part(quota, "status", "hard"), part(quota, "status", "used")
        names = [name for name in hard if counts.concerns(name)]
        if not names or not counts.in_scope(quota, new):
            return {}
        object_name, quota_name = part(new, "metadata").get("name", ""), quota["metadata"]["name"]
        missing = counts.missing(names, new)
        if missing:
            raise statuses.forbidden(info.type, object_name, f"failed quota: {quota_name}: {missing}")
        if not used.keys() >= set(names):
            why = f"status unknown for quota: {quota_name}, resources: {','.join(sorted(names))}"
            raise statuses.forbidden(info.type, object_name, why)
        usage = counts.usage(new)
        if old is not None and counts.in_scope(quota, old):
            usage = minus(usage, counts.usage(old))
        more = {name: value for name, value in usage.items() if name in hard and quantity.parse(value)}
        sums = plus(used, more)
        over = [name for name in sorted(more) if quantity.parse(sums[name]) > quantity.parse(hard[name])]
        if over:
            shown = ", ".join(
                f"{word}: {_shown(over, amounts)}"
                for word, amounts in (("requested", more), ("used", used), ("limited", hard))
            )
            raise statuses.forbidden(info.type, object_name, f"exceeded quota: {quota_name}, {shown}")
        return more


def _shown(names: Iterable[str], amounts: Mapping[str, str]) -> str:
    return ",".join(f"{name}={quantity.canonical(amounts[name])}" for name in names)


def put_status(cluster: Cluster, before: Document, quota: Document, manager: str) -> None:
    """Store a quota whose status has changed."""
    info = cluster.registry.find("", "v1", "resourcequotas")
    if info is None:
        return
    tracked = track_update(
        before,
        quota,
        manager,
        schema=info.schema,
        api_version=info.type.api_version,
        subresource="status",
        now=cluster.timestamp(),
    )
    cluster.store(info, tracked)
