"""Work queues and reconcilers: from "this key changed" to one reconcile per key at a time, again on errors.

And what controllers are made of: predicates, the keys of owners, one function for all events, finalizers, objects that are
written only when that changes something, and a process that ends in good order.
"""

from fairlead.controller.enqueue import latest, mapped_keys, oldest_object, owner_keys
from fairlead.controller.finalizer import Finalizer
from fairlead.controller.owned import controller_reference, ensure
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
from fairlead.controller.runner import Runner, run

__all__ = [
    "Finalizer",
    "Predicate",
    "Queue",
    "QueueStatistics",
    "Reconciler",
    "ReconcilerStatistics",
    "Runner",
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
    "run",
]
