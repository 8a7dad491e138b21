"""Work queues and reconcilers: from "this key changed" to one reconcile per key at a time, again on errors."""

from fairlead.controller.queue import Queue, QueueStatistics
from fairlead.controller.reconciler import Reconciler, ReconcilerStatistics

__all__ = ["Queue", "QueueStatistics", "Reconciler", "ReconcilerStatistics"]
