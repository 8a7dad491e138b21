"""Metrics, traces and health of a client on the in-memory server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from fairlead import NotFound, ObjectKey, ObjectMeta, metrics, tracing
from fairlead.controller import Reconciler
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient


def config_map(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"))


def sample(registry: CollectorRegistry, series: str, /, **labels: str) -> float | None:
    return registry.get_sample_value(series, labels)


async def test_a_clients_counters_have_the_names_that_dashboards_know() -> None:
    async with FakeClient(config_map("a")) as client:
        registry = CollectorRegistry()
        metrics.register(client, registry)
        maps = client.cached(ConfigMap)
        done: list[ObjectKey] = []

        async def reconcile(key: ObjectKey) -> float | None:
            done.append(key)
            if key.name == "b" and done.count(key) == 1:
                raise RuntimeError("once")
            return 3600.0 if key.name == "a" else None

        reconciler = Reconciler(client, "maps", reconcile, workers=2)
        maps.add_handler(on_event=reconciler.enqueue)
        reconciler.start()
        await client.run_and_wait()
        await maps.create(config_map("b"))
        await client.settle()
        with pytest.raises(NotFound):
            await client.direct(ConfigMap).get("none", "default")

        host = client.cluster
        assert sample(registry, "rest_client_requests_total", code="201", method="POST", host=host) == 1
        assert sample(registry, "rest_client_requests_total", code="404", method="GET", host=host) == 1
        assert sample(registry, "rest_client_request_duration_seconds_count", verb="POST", host=host) == 1
        what = "configmaps/v1"
        assert sample(registry, "fairlead_informer_objects", cluster=host, type=what) == len(maps.list())
        assert sample(registry, "fairlead_informer_synced", cluster=host, type=what) == 1
        assert sample(registry, "fairlead_informer_running", cluster=host, type=what) == 1
        assert sample(registry, "fairlead_informer_connected", cluster=host, type=what) == 1
        assert sample(registry, "fairlead_informer_relists_total", cluster=host, type=what) == 0
        assert sample(registry, "fairlead_informer_lag_seconds", cluster=host, type=what) is not None
        at = {"name": "maps", "controller": "maps"}
        assert sample(registry, "workqueue_depth", **at) == 0
        assert sample(registry, "workqueue_retries_total", **at) == 1
        assert sample(registry, "workqueue_adds_total", **at) == sample(
            registry, "workqueue_queue_duration_seconds_count", **at
        )
        assert sample(registry, "workqueue_work_duration_seconds_count", **at) == len(done)
        assert sample(registry, "workqueue_work_duration_seconds_bucket", le="+Inf", **at) == len(done)
        assert sample(registry, "controller_runtime_reconcile_total", controller="maps", result="error") == 1
        assert sample(registry, "controller_runtime_reconcile_total", controller="maps", result="requeue_after") == 1
        assert sample(registry, "controller_runtime_reconcile_errors_total", controller="maps") == 1
        assert sample(registry, "controller_runtime_reconcile_time_seconds_count", controller="maps") == len(done)
        assert sample(registry, "controller_runtime_max_concurrent_reconciles", controller="maps") == 2
        assert sample(
            registry,
            "fairlead_handler_events_total",
            cluster=host,
            handler="fairlead.controller.reconciler.Reconciler.enqueue",
        )

        handler = "fairlead.controller.reconciler.Reconciler.enqueue"
        assert (sample(registry, "fairlead_handler_depth_max", cluster=host, handler=handler) or 0) >= 1

        # A scrape comes from a thread of its own.
        text = await asyncio.to_thread(generate_latest, registry)
        assert b"workqueue_unfinished_work_seconds" in text
    assert not list(registry.collect()), "a closed client is measured no more"


async def test_a_scrape_says_that_the_loop_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.observe.metrics.SCRAPE_TIMEOUT", 0.05)
    caught: list[BaseException] = []
    async with FakeClient() as client:
        registry = CollectorRegistry()
        end = metrics.register(client, registry)

        def scrape() -> None:
            try:
                generate_latest(registry)
            except BaseException as error:
                caught.append(error)

        thread = threading.Thread(target=scrape)
        thread.start()
        thread.join(5.0)  # the loop is blocked meanwhile
        end()
        end()
    assert isinstance(caught[0], TimeoutError)


async def test_requests_and_reconciles_are_spans_and_watch_events_are_none() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with FakeClient(config_map("a")) as client:
        end = tracing.instrument(client, provider)
        maps = client.cached(ConfigMap)

        async def reconcile(key: ObjectKey) -> None:
            if key.name == "a":
                raise ValueError("always")
            await client.direct(ConfigMap).get("a", "default")

        reconciler = Reconciler(client, "maps", reconcile, max_attempts=2)
        reconciler.start()
        await client.run_and_wait()
        reconciler.add(ObjectKey("a", "default"))
        reconciler.add(ObjectKey("b", "default"))
        await client.settle()
        with pytest.raises(NotFound):
            await maps.delete("none", "default")
        before = len(exporter.get_finished_spans())
        end()
        await maps.create(config_map("c"))
        await client.settle()
    spans: list[Any] = list(exporter.get_finished_spans())
    assert len(spans) == before, "ended"
    reconciles = [span for span in spans if span.name == "reconcile maps"]
    assert sorted((s.attributes["k8s.object.name"], s.attributes["fairlead.attempt"], s.status.is_ok) for s in reconciles) == [
        ("a", 1, False), ("a", 2, False), ("b", 1, True),
    ]  # fmt: skip
    inner = next(s for s in spans if s.name == "GET" and s.attributes["url.path"].endswith("/configmaps/a"))
    assert inner.parent.span_id == next(s for s in reconciles if s.attributes["k8s.object.name"] == "b").context.span_id
    assert inner.attributes["http.response.status_code"] == 200
    watch = [s for s in spans if s.attributes.get("fairlead.watch")]
    assert len(watch) == 1
    refused = next(s for s in spans if s.name == "DELETE")
    assert (refused.attributes["http.response.status_code"], refused.status.is_ok) == (404, False)
    provider.shutdown()


async def test_health_and_readiness_name_what_is_missing() -> None:
    async with FakeClient(config_map("a")) as client:
        maps = client.cached(ConfigMap)
        assert client.healthy()
        assert not client.ready()
        assert "configmaps/v1" in str(client.ready())
        await client.run_and_wait()
        assert client.ready()
        assert str(client.ready()) == "ok"
        stale = client.ready(stale_after=-1.0)
        assert not stale
        assert "nothing was heard of the server for" in str(stale)
        assert maps.get("a", "default") is not None
    assert not client.healthy()
    assert not client.ready()


async def test_a_reflector_that_something_else_stopped_is_seen_everywhere_and_is_not_handed_out_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeClient(config_map("a")) as client:
        registry = CollectorRegistry()
        metrics.register(client, registry)
        client.cached(ConfigMap)
        await client.run_and_wait()
        (reflector,) = (task for task in asyncio.all_tasks() if task.get_name().startswith("reflector "))
        reflector.cancel()
        await asyncio.wait({reflector})
        (said,) = client.statistics().informers
        assert (said.running, said.reflector.connected) == (False, False)
        for series in ("fairlead_informer_running", "fairlead_informer_connected"):
            assert sample(registry, series, cluster=client.cluster, type="configmaps/v1") == 0
        for each in (client.ready(), client.healthy()):
            assert not each
            assert "configmaps/v1: its reflector was stopped from outside" in str(each)
        assert [record.levelname for record in caplog.records if "stopped from outside" in record.message] == [
            "WARNING"
        ]

        again = client.cached(ConfigMap)
        async with FakeClient(server=client.server) as other:
            await other.direct(ConfigMap).create(config_map("b"))
        assert await again.wait_for("b", "default", timeout=5.0) is not None
        assert client.healthy()
        assert client.ready()
    assert len([record for record in caplog.records if "stopped from outside" in record.message]) == 1


@pytest.mark.parametrize(("module", "extra"), [("metrics", "prometheus"), ("tracing", "otel")])
def test_without_its_package_the_import_says_what_to_install(module: str, extra: str) -> None:
    code = f"""
import sys
sys.modules["prometheus_client"] = sys.modules["prometheus_client.core"] = sys.modules["opentelemetry"] = None
sys.modules["opentelemetry.trace"] = None
import fairlead, fairlead.controller
try:
    import fairlead.{module}
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert f"fairlead[{extra}]" in done.stdout
