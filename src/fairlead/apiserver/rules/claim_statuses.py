"""What is wrong with the statuses of claims and quotas, when those are written."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import invalid, not_supported
from fairlead.apiserver.rules.resources import amounts, quota_resource
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause

__all__ = ["claim_status", "quota_status"]

_RESIZING = (
    "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible",
    "NodeResizePending",
)  # fmt: skip


def claim_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a PersistentVolumeClaim."""
    del old
    status = part(new, "status")
    for name, value in part(status, "capacity").items():
        yield from _not_negative(value, f"status.capacity[{name}]")
    at = "status.allocatedResourceStatuses"
    for name, state in part(status, "allocatedResourceStatuses").items():
        yield from _resized(name, at)
        if state not in _RESIZING:
            yield not_supported(at, name, sorted(_RESIZING))
    at = "status.allocatedResources"
    for name, value in part(status, "allocatedResources").items():
        wrong = list(_resized(name, at)) or list(_not_negative(value, f"{at}[{name}]"))
        yield from wrong or amounts("storage", value, f"{at}[{name}]")


def _not_negative(value: str, path: str) -> Iterator[Cause]:
    amount = quantity.parse(value)
    if amount < 0:
        yield invalid(path, int(amount), "must be a valid resource quantity")


def _resized(name: str, path: str) -> Iterator[Cause]:
    if name != "storage" and ("/" not in name or name.partition("/")[0].endswith("kubernetes.io")):
        yield not_supported(path, name, ("storage",))


def quota_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a ResourceQuota."""
    del old
    for holder in ("hard", "used"):
        for name, value in part(new, "status", holder).items():
            yield from quota_resource(name, f"status.{holder}[{name}]")
            yield from amounts(name, value, f"status.{holder}[{name}]")
