"""Spans for OpenTelemetry: one for each request and each reconcile, none for the events of a watch.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/ has the attributes of requests.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

from fairlead.client.client import Client
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.wire import Request
from fairlead.transport.user_agent import VERSION

try:
    from opentelemetry.trace import SpanKind, StatusCode, TracerProvider, get_tracer
except ImportError as _missing:
    raise ImportError("fairlead.tracing needs opentelemetry-api: pip install 'fairlead[otel]'") from _missing

__all__ = ["instrument"]


def instrument(client: Client, tracer_provider: TracerProvider | None = None) -> Callable[[], None]:
    """Trace a client's requests and its reconcilers; what is returned ends that.

    A span's name is the method, or the reconciler; a watch's span ends when its answer begins. Paths are recorded without
    their query, and no header or body is.
    """
    tracer = get_tracer("fairlead", VERSION, tracer_provider)
    parts = urlsplit(client.transport.cluster)
    server: dict[str, str | int] = {"server.address": parts.hostname or client.transport.cluster} | (
        {"server.port": parts.port} if parts.port else {}
    )

    @contextmanager
    def request_span(request: Request, stream: bool) -> Generator[Callable[[int], None]]:
        attributes: dict[str, str | int | bool] = {
            "http.request.method": request.method, "url.path": request.path, **server,
        }  # fmt: skip
        if stream:
            attributes["fairlead.watch"] = True
        with tracer.start_as_current_span(request.method, kind=SpanKind.CLIENT, attributes=attributes) as span:

            def answered(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= 400:
                    span.set_attribute("error.type", str(status))
                    span.set_status(StatusCode.ERROR)

            yield answered

    def on_request(request: Request, *, stream: bool) -> AbstractContextManager[Callable[[int], None]]:
        return request_span(request, stream)

    @contextmanager
    def on_reconcile(reconciler: str, key: ObjectKey, attempt: int) -> Generator[None]:
        attributes: dict[str, str | int] = {
            "fairlead.reconciler": reconciler,
            "k8s.object.name": key.name,
            "k8s.namespace.name": key.namespace,
            "fairlead.attempt": attempt,
        }
        with tracer.start_as_current_span(f"reconcile {reconciler}", attributes=attributes):
            yield

    client.observers.requests.append(on_request)
    client.observers.reconciles.append(on_reconcile)

    def end() -> None:
        if on_request in client.observers.requests:
            client.observers.requests.remove(on_request)
            client.observers.reconciles.remove(on_reconcile)

    return end
