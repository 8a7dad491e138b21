"""Metrics and traces of a synchronous client, by the same functions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from fairlead import ClosedError, NotFound, ObjectKey, ObjectMeta, metrics, tracing
from fairlead.models.core.v1 import ConfigMap
from fairlead.sync.controller import Reconciler
from fairlead.sync.testing import FakeClient


def config_map(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"))


@pytest.fixture
def spans() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider, exporter
    provider.shutdown()


def test_a_synchronous_clients_counters_have_the_names_that_dashboards_know() -> None:
    registry = CollectorRegistry()

    def sample(series: str, **labels: str) -> float | None:
        return registry.get_sample_value(series, labels)

    with FakeClient(config_map("a")) as client:
        metrics.register(client, registry)
        maps = client.cached(ConfigMap)
        done: list[ObjectKey] = []

        def reconcile(key: ObjectKey) -> None:
            done.append(key)
            if key.name == "b" and done.count(key) == 1:
                raise RuntimeError("once")

        with Reconciler(client, "maps", reconcile, workers=2) as reconciler:
            maps.add_handler(on_event=reconciler.enqueue)
            client.run_and_wait()
            maps.create(config_map("b"))
            client.settle()
            with pytest.raises(NotFound):
                client.direct(ConfigMap).get("none", "default")

            host = client.cluster
            assert sample("rest_client_requests_total", code="201", method="POST", host=host) == 1
            assert sample("rest_client_requests_total", code="404", method="GET", host=host) == 1
            assert sample("fairlead_informer_objects", cluster=host, type="configmaps/v1") == len(maps.list())
            assert sample("fairlead_informer_connected", cluster=host, type="configmaps/v1") == 1
            assert sample("workqueue_retries_total", name="maps", controller="maps") == 1
            assert sample("controller_runtime_reconcile_total", controller="maps", result="error") == 1
            assert sample("controller_runtime_reconcile_time_seconds_count", controller="maps") == len(done)
        texts: list[bytes] = []
        scrape = threading.Thread(target=lambda: texts.append(generate_latest(registry)))
        scrape.start()
        scrape.join(10.0)
        assert b"fairlead_handler_depth" in texts[0]
    assert not list(registry.collect()), "a closed client is measured no more"


def test_measuring_ends_when_it_is_told_to_in_any_order() -> None:
    registry = CollectorRegistry()
    with FakeClient() as client, FakeClient() as other:
        end = metrics.register(client, registry)
        metrics.register(other, registry)
        end()
        end()
        assert list(registry.collect()), "the other one is measured still"
    end()
    assert not list(registry.collect())
    with pytest.raises(ClosedError):
        metrics.register(client, registry)


def test_spans_of_a_synchronous_client_belong_to_the_callers_span_and_to_the_reconcile(
    spans: tuple[TracerProvider, InMemorySpanExporter],
) -> None:
    provider, exporter = spans
    tracer = provider.get_tracer("test")
    with FakeClient(config_map("a")) as client:
        end = tracing.instrument(client, provider)
        direct = client.direct(ConfigMap)

        def reconcile(key: ObjectKey) -> None:
            if key.name == "bad":
                raise ValueError("always")
            direct.get("a", "default")

        with Reconciler(client, "maps", reconcile, max_attempts=1) as reconciler:
            client.run_and_wait()
            reconciler.add(ObjectKey("a", "default"))
            reconciler.add(ObjectKey("bad", "default"))
            client.settle()
        with tracer.start_as_current_span("caller"):
            direct.list(namespace="default")
        before = len(exporter.get_finished_spans())
        end()
        direct.list(namespace="default")
    end()
    found: list[Any] = list(exporter.get_finished_spans())
    assert len(found) == before, "ended"
    by_id = {span.context.span_id: span.name for span in found}
    gets = [(span.attributes["url.path"], by_id.get(span.parent.span_id) if span.parent else None) for span in found if span.name == "GET"]  # fmt: skip
    assert gets == [
        ("/api/v1/namespaces/default/configmaps/a", "reconcile maps"),
        ("/api/v1/namespaces/default/configmaps", "caller"),
    ]
    reconciles = [span for span in found if span.name == "reconcile maps"]
    assert sorted((s.attributes["k8s.object.name"], s.status.is_ok) for s in reconciles) == [("a", True), ("bad", False)]  # fmt: skip
