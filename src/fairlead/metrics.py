"""Metrics for prometheus-client: `fairlead.metrics.register(client)`. Needs `fairlead[prometheus]`."""

from fairlead.observe.metrics import register

__all__ = ["register"]
