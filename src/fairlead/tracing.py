"""Traces for OpenTelemetry: `fairlead.tracing.instrument(client)`, of either kind. Needs `fairlead[otel]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fairlead.client.client import Client
from fairlead.observe import tracing as _observe

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from fairlead.sync import Client as SyncClient

__all__ = ["instrument"]


def instrument(client: Client | SyncClient, tracer_provider: TracerProvider | None = None) -> Callable[[], None]:
    """Trace a client's requests and its reconcilers; what is returned ends that.

    A span's name is the method, or the reconciler; a watch's span ends when its answer begins. Paths are recorded without
    their query, and no header or body is. Spans of requests are children of the span that is current where they are asked for,
    in any thread.
    """
    if isinstance(client, Client):
        return _observe.instrument(client, tracer_provider)
    from fairlead.sync.life import engine_of, portal_of  # noqa: PLC0415 - asynchronous programs do without it

    portal = portal_of(client)
    end = portal.call(_observe.instrument, engine_of(client), tracer_provider)
    return lambda: portal.finish(end)
