"""A client's counters for prometheus-client, by the names that dashboards for client-go and controller-runtime know.

https://kubernetes.io/docs/reference/instrumentation/metrics/ has the `rest_client_…` and `workqueue_…` families;
https://book.kubebuilder.io/reference/metrics-reference has those of controller-runtime. fairlead's own begin with `fairlead_`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fairlead.client.client import Client, ClientStatistics
from fairlead.controller.reconciler import Reconciler, ReconcilerStatistics
from fairlead.informer.informer import InformerStatistics
from fairlead.informer.registration import HandlerStatistics, Registration
from fairlead.machinery.histogram import HistogramStatistics

try:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
    from prometheus_client.registry import REGISTRY, Collector, CollectorRegistry
except ImportError as _missing:
    raise ImportError("fairlead.metrics needs prometheus-client: pip install 'fairlead[prometheus]'") from _missing

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

Family = type[GaugeMetricFamily] | type[CounterMetricFamily]

__all__ = ["REGISTRY", "register"]

#: Seconds that a scrape waits for the client's loop.
SCRAPE_TIMEOUT = 5.0


def register(client: Client, registry: CollectorRegistry = REGISTRY) -> Callable[[], None]:
    """Have a client, its caches, handlers and reconcilers measured; what is returned ends that.

    To be called on the client's loop. A scrape from another thread asks that loop, and raises TimeoutError where it does not
    answer within 5 seconds. Several clients in one registry are told apart by the label `cluster`.
    """
    collector = _ClientCollector(client)
    ended = False

    def end() -> None:
        nonlocal ended
        if not ended:
            ended = True
            registry.unregister(collector)

    client.on_close(_as_closer(end))
    registry.register(collector)
    return end


def _as_closer(end: Callable[[], None]) -> Callable[[], asyncio.Future[None]]:
    def closer() -> asyncio.Future[None]:
        end()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    return closer


class _ClientCollector(Collector):
    def __init__(self, client: Client) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for before the first scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family, as it is now."""
        client, handlers, reconcilers = self._facts()
        yield from _requests(client)
        yield from _informers(client)
        yield from _handlers(client.cluster, handlers)
        yield from _queues(reconcilers)
        yield from _reconcilers(reconcilers)

    def _facts(self) -> tuple[ClientStatistics, list[HandlerStatistics], list[ReconcilerStatistics]]:
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here or self._loop.is_closed():
            return self._read()

        answered: Future[tuple[ClientStatistics, list[HandlerStatistics], list[ReconcilerStatistics]]] = Future()

        def read() -> None:
            try:
                answered.set_result(self._read())
            except BaseException as error:  # whatever it is, it is the scraper's to hear of
                answered.set_exception(error)

        try:
            self._loop.call_soon_threadsafe(read)
        except RuntimeError:  # the loop has been closed meanwhile
            return self._read()
        return answered.result(SCRAPE_TIMEOUT)

    def _read(self) -> tuple[ClientStatistics, list[HandlerStatistics], list[ReconcilerStatistics]]:
        working = self._client.participants()
        return (
            self._client.statistics(),
            [each.statistics() for each in working if isinstance(each, Registration)],
            [each.statistics() for each in working if isinstance(each, Reconciler)],
        )


def _requests(client: ClientStatistics) -> Iterator[Metric]:
    host = urlsplit(client.cluster).netloc or client.cluster
    total = CounterMetricFamily(
        "rest_client_requests", "Requests, by the code of the answer", labels=["code", "method", "host"]
    )
    seconds = HistogramMetricFamily(
        "rest_client_request_duration_seconds", "Seconds until an answer, by verb", labels=["verb", "host"]
    )
    for each in client.requests:
        for code, count in each.codes:
            total.add_metric([code, each.method, host], count)
        _add(seconds, [each.method, host], each.seconds)
    yield total
    yield seconds


#: Of each informer: the family, its name, what it says, and the value; None for none.
_INFORMERS: tuple[tuple[Family, str, str, Callable[[InformerStatistics], float | None]], ...] = (
    (GaugeMetricFamily, "fairlead_informer_objects", "Objects held", lambda each: each.objects),
    (GaugeMetricFamily, "fairlead_informer_bytes", "Bytes of JSON held", lambda each: each.size),
    (GaugeMetricFamily, "fairlead_informer_synced", "1 once the first list is there", lambda each: each.synced),
    (
        GaugeMetricFamily,
        "fairlead_informer_running",
        "1 while its reflector is alive; 0 also while its type is absent",
        lambda each: each.running,
    ),
    (
        GaugeMetricFamily,
        "fairlead_informer_connected",
        "1 while a watch is open",
        lambda each: each.reflector.connected,
    ),
    (
        GaugeMetricFamily,
        "fairlead_informer_lag_seconds",
        "Seconds since the server was last heard of; a minute is usual",
        lambda each: each.reflector.silent,
    ),
    (
        CounterMetricFamily,
        "fairlead_informer_events",
        "Events received, bookmarks too",
        lambda each: each.reflector.events,
    ),
    (
        CounterMetricFamily,
        "fairlead_informer_relists",
        "Lists after the first",
        lambda each: max(0, each.reflector.lists - 1),
    ),
    (CounterMetricFamily, "fairlead_informer_watches", "Watches opened", lambda each: each.reflector.watches),
    (
        CounterMetricFamily,
        "fairlead_informer_errors",
        "Lists and watches that failed",
        lambda each: each.reflector.errors,
    ),
    (
        CounterMetricFamily,
        "fairlead_informer_broken_objects",
        "Objects that could not be read, and were left out",
        lambda each: each.reflector.broken,
    ),
    (
        CounterMetricFamily,
        "fairlead_informer_crashes",
        "Faults of the library that ended a reflector",
        lambda each: each.crashes,
    ),
)


def _informers(client: ClientStatistics) -> Iterator[Metric]:
    for kind, name, help_text, value in _INFORMERS:
        family = kind(name, help_text, labels=["cluster", "type"])
        for each in client.informers:
            if (found := value(each)) is not None:
                family.add_metric([client.cluster, each.what], found)
        yield family


def _handlers(cluster: str, handlers: list[HandlerStatistics]) -> Iterator[Metric]:
    labels = ["cluster", "handler"]
    depth = GaugeMetricFamily("fairlead_handler_depth", "Events that wait for a handler", labels=labels)
    most = GaugeMetricFamily(
        "fairlead_handler_depth_max", "The most events that ever waited for a handler", labels=labels
    )
    delivered = CounterMetricFamily("fairlead_handler_events", "Events that a handler took", labels=labels)
    failed = CounterMetricFamily("fairlead_handler_errors", "Events at which a handler raised", labels=labels)
    # Two handlers of one name are one series: Prometheus takes no series twice.
    for name in dict.fromkeys(each.name for each in handlers):
        same = [each for each in handlers if each.name == name]
        depth.add_metric([cluster, name], sum(each.depth for each in same))
        most.add_metric([cluster, name], max(each.high_water for each in same))
        delivered.add_metric([cluster, name], sum(each.delivered for each in same))
        failed.add_metric([cluster, name], sum(each.failed for each in same))
    yield from (depth, most, delivered, failed)


def _queues(reconcilers: list[ReconcilerStatistics]) -> Iterator[Metric]:
    labels = ["name", "controller"]
    depth = GaugeMetricFamily("workqueue_depth", "Keys that wait", labels=labels)
    unfinished = GaugeMetricFamily(
        "workqueue_unfinished_work_seconds",
        "Seconds of the work that is under way, of all keys together",
        labels=labels,
    )
    longest = GaugeMetricFamily(
        "workqueue_longest_running_processor_seconds", "Seconds of the longest work under way", labels=labels
    )
    adds = CounterMetricFamily("workqueue_adds", "Keys added that did not wait already", labels=labels)
    retries = CounterMetricFamily("workqueue_retries", "Keys added again after an error", labels=labels)
    waited = HistogramMetricFamily("workqueue_queue_duration_seconds", "Seconds that keys waited", labels=labels)
    worked = HistogramMetricFamily("workqueue_work_duration_seconds", "Seconds that keys were worked on", labels=labels)
    for each in reconcilers:
        at, queue = [each.name, each.name], each.queue
        depth.add_metric(at, queue.ready)
        unfinished.add_metric(at, queue.unfinished)
        longest.add_metric(at, queue.longest)
        adds.add_metric(at, queue.added - queue.merged)
        retries.add_metric(at, queue.retries)
        _add(waited, at, queue.waited)
        _add(worked, at, queue.worked)
    yield from (depth, unfinished, longest, adds, retries, waited, worked)


def _reconcilers(reconcilers: list[ReconcilerStatistics]) -> Iterator[Metric]:
    total = CounterMetricFamily(
        "controller_runtime_reconcile", "Reconciles, by result", labels=["controller", "result"]
    )
    errors = CounterMetricFamily("controller_runtime_reconcile_errors", "Reconciles that raised", labels=["controller"])
    seconds = HistogramMetricFamily(
        "controller_runtime_reconcile_time_seconds", "Seconds that reconciles took", labels=["controller"]
    )
    active = GaugeMetricFamily("controller_runtime_active_workers", "Workers that are busy", labels=["controller"])
    most = GaugeMetricFamily("controller_runtime_max_concurrent_reconciles", "Workers there are", labels=["controller"])
    for each in reconcilers:
        results = {"success": each.succeeded - each.again, "requeue_after": each.again, "error": each.failed}
        for result, count in results.items():
            total.add_metric([each.name, result], count)
        errors.add_metric([each.name], each.failed)
        _add(seconds, [each.name], each.seconds)
        active.add_metric([each.name], each.queue.running)
        most.add_metric([each.name], each.workers)
    yield from (total, errors, seconds, active, most)


def _add(family: HistogramMetricFamily, labels: list[str], said: HistogramStatistics) -> None:
    so_far, buckets = 0, list[tuple[str, float]]()
    for limit, count in zip((*said.limits, float("inf")), said.counts, strict=True):
        so_far += count
        buckets.append(("+Inf" if limit == float("inf") else str(limit), so_far))
    family.add_metric(labels, buckets, said.total)
