"""Work queues and reconcilers: from "this key changed" to one reconcile per key at a time, again on errors.

And what handlers are made of: predicates, the keys of owners, one function for all events.
"""

from fairlead.controller.enqueue import latest, mapped_keys, oldest_object, owner_keys
from fairlead.controller.predicates import (
    Predicate,
    annotations_changed,
    changed,
    generation_changed,
    labels_changed,
    resource_version_changed,
)
from fairlead.controller.queue import Queue, QueueStatistics
from fairlead.controller.reconciler import Reconciler, ReconcilerStatistics

__all__ = [
    "Predicate",
    "Queue",
    "QueueStatistics",
    "Reconciler",
    "ReconcilerStatistics",
    "annotations_changed",
    "changed",
    "generation_changed",
    "labels_changed",
    "latest",
    "mapped_keys",
    "oldest_object",
    "owner_keys",
    "resource_version_changed",
]
