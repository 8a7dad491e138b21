"""What handlers read of the objects of the official client and its asyncio sibling, whose attributes are alike."""

from __future__ import annotations

from typing import Any


def names(pod: Any) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(pod.metadata.name) + len(pod.metadata.namespace)


def rest(pod: Any) -> int:
    """Read a little of spec and status."""
    return len(pod.spec.containers[0].image) + len(pod.status.pod_ip)
