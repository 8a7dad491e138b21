"""Metrics for prometheus-client: `fairlead.metrics.register(client)`, of either kind. Needs `fairlead[prometheus]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fairlead.client.client import Client
from fairlead.observe import metrics as _observe

if TYPE_CHECKING:
    from prometheus_client.registry import CollectorRegistry

    from fairlead.sync import Client as SyncClient

__all__ = ["register"]


def register(
    client: Client | SyncClient, registry: CollectorRegistry = _observe.REGISTRY
) -> Callable[[], None]:  # fmt: skip
    """Have a client, its caches, handlers and reconcilers measured; what is returned ends that, and so does the client's end.

    With an asynchronous client, to be called on its loop. A scrape from another thread asks that loop, and raises TimeoutError
    where it does not answer within 5 seconds. Several clients in one registry are told apart by the label `cluster`.
    """
    if isinstance(client, Client):
        return _observe.register(client, registry)
    from fairlead.sync.life import engine_of, portal_of  # noqa: PLC0415 - asynchronous programs do without it

    portal = portal_of(client)
    end = portal.call(_observe.register, engine_of(client), registry)
    return lambda: portal.finish(end)
