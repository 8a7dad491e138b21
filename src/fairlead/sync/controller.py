"""Work queues and reconcilers without await, on a synchronous client's loop.

Reconciles run in threads, as many at a time as there are workers. What has nothing to do with the loop is the same as in
`fairlead.controller`: predicates, and functions that give keys.
"""

from __future__ import annotations

from fairlead.controller import (
    Predicate,
    QueueStatistics,
    ReconcilerStatistics,
    annotations_changed,
    changed,
    controller_reference,
    generation_changed,
    labels_changed,
    latest,
    mapped_keys,
    oldest_object,
    owner_keys,
    resource_version_changed,
)
from fairlead.sync._controller import Queue, Reconciler
from fairlead.sync.ready_made import Finalizer, ensure

__all__ = [
    "Finalizer",
    "Predicate",
    "Queue",
    "QueueStatistics",
    "Reconciler",
    "ReconcilerStatistics",
    "annotations_changed",
    "changed",
    "controller_reference",
    "ensure",
    "generation_changed",
    "labels_changed",
    "latest",
    "mapped_keys",
    "oldest_object",
    "owner_keys",
    "resource_version_changed",
]
