"""What handlers are told, in which order, and when they count as synced."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fairlead import Event, InvalidObject
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import Tracker, wrap
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import only, requirement


@requirement("handlers:events:in-order", "handlers:events:late")
async def test_handlers_hear_everything_in_order(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    told: list[tuple[object, ...]] = []

    async def changed(old: ConfigMap, new: ConfigMap) -> None:
        await asyncio.sleep(0)
        told.append(("update", new.name, old.data["x"], new.data["x"]))

    configs.add_handler(
        on_add=lambda new: told.append(("add", new.name)),
        on_update=changed,
        on_delete=lambda old: told.append(("delete", old.name, old.data["x"])),
    )
    t = wrap(configs)
    await t.create(cluster.config("a", labels={"mine": "1"}, x="0"))
    await cluster.client.run_and_wait(timeout=20)
    assert told == [("add", "a")]
    for value in ("1", "2"):
        await t.patch("a", cluster.namespace, merge={"data": {"x": value}})
    await t.create(cluster.config("b", labels={"mine": "1"}, x="0"))
    await t.delete("a", cluster.namespace)
    await cluster.client.settle()
    assert told[1:] == [("update", "a", "0", "1"), ("update", "a", "1", "2"), ("add", "b"), ("delete", "a", "2")]
    events: list[Event[ConfigMap]] = []
    late = configs.add_handler(on_event=events.append)
    assert not late.has_synced()
    await late.wait_synced()
    assert [(event.type, event.key.name, event.initial, event.old) for event in events] == [("add", "b", True, None)]
    assert events[0].object == configs.get("b")


@requirement("handlers:events:recreated")
async def test_another_life_under_one_name(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await cluster.client.run_and_wait(timeout=20)
    await configs.delete("a", cluster.namespace)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await cluster.client.settle()
    tracker.expect("add/a", "delete/a", "add/a")


@requirement("handlers:sync:means-handled")
async def test_synced_means_that_handlers_have_finished(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    for name in ("a", "b"):
        await configs.create(cluster.config(name, labels={"mine": "1"}))
    begun, go = asyncio.Event(), asyncio.Event()
    handled: list[str] = []

    async def handle(new: ConfigMap) -> None:
        begun.set()
        await go.wait()
        handled.append(new.name)

    registration = configs.add_handler(on_add=handle)
    assert not configs.has_synced()
    waiting = asyncio.create_task(client.run_and_wait(timeout=20))
    await begun.wait()
    assert (configs.cache_synced(), configs.has_synced(), registration.has_synced()) == (True, False, False)
    assert (client.has_synced(), waiting.done()) == (False, False)
    go.set()
    await waiting
    assert (sorted(handled), configs.has_synced(), client.has_synced()) == (["a", "b"], True, True)


@requirement("handlers:errors:isolated")
async def test_what_a_handler_raises_stops_nothing(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()

    def broken(new: ConfigMap) -> None:
        raise ValueError(f"not {new.name}")

    registration = configs.add_handler(on_add=broken)
    configs.add_handler(on_event=tracker)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b"):
        await configs.create(cluster.config(name, labels={"mine": "1"}))
    await cluster.client.settle()
    tracker.expect("add/a", "add/b")
    failed = [(kind, handler.rsplit(".", 1)[-1], key) for kind, handler, key in cluster.handler_errors]
    assert failed == [("ValueError", "broken", f"{cluster.namespace}/{name}") for name in ("a", "b")]
    assert registration.statistics().failed == 2
    assert cluster.client.statistics().handler_errors == 2


@requirement("handlers:errors:isolated")
async def test_what_fails_in_a_handler_as_pytest_fails_stops_nothing_either(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")

    def at_once(new: ConfigMap) -> None:
        pytest.fail(f"not {new.name}")  # raises what is no Exception

    async def later(new: ConfigMap) -> None:
        await asyncio.sleep(0)
        pytest.fail(f"not {new.name}")

    registrations = [configs.add_handler(on_add=at_once), configs.add_handler(on_add=later)]
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b"):
        await configs.create(cluster.config(name, labels={"mine": "1"}))
    await cluster.client.settle()
    assert [each.statistics().failed for each in registrations] == [2, 2]
    assert {kind for kind, _, _ in cluster.handler_errors} == {"Failed"}


@requirement("handlers:writes:from-inside", "settle:handler:refused")
async def test_a_handler_may_write(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    refused: list[str] = []

    async def copied(new: ConfigMap) -> None:
        if new.name == "a":
            await configs.create(cluster.config("copy", labels={"mine": "1"}))
            with pytest.raises(RuntimeError, match="inside a handler") as caught:
                await cluster.client.settle()
            refused.append(str(caught.value))

    configs.add_handler(on_add=copied)
    configs.add_handler(on_event=tracker)
    await cluster.client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await cluster.client.settle()
    tracker.expect("add/a", "add/copy")
    assert (len(refused), cluster.handler_errors) == (1, [])


@requirement("handlers:slow:delays-nobody", "handlers:depth:visible")
async def test_a_slow_handler_delays_nobody(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    go, told, running, most = asyncio.Event(), asyncio.Event(), 0, 0
    handled: list[str] = []

    async def slow(event: Event[ConfigMap]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        handled.append(f"{event.type}/{event.key.name}")
        running -= 1

    registration = configs.add_handler(on_event=slow)
    await cluster.client.run_and_wait(timeout=20)

    async def quick(event: Event[ConfigMap]) -> None:
        tracker(event)
        if len(tracker.events) == 4:
            told.set()

    configs.add_handler(on_event=quick)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    for name in ("b", "c"):
        await configs.create(cluster.config(name, labels={"mine": "1"}))
    await configs.delete("a", cluster.namespace)
    await told.wait()
    statistics = registration.statistics()
    assert (statistics.depth, statistics.high_water, statistics.delivered, handled) == (4, 4, 0, [])
    (shown,) = (each for each in configs.statistics().handlers if each.name == statistics.name)
    assert (shown, registration.idle, statistics.name.endswith("slow")) == (statistics, False, True)
    go.set()
    await cluster.client.settle()
    tracker.expect("add/a", "add/b", "add/c", "delete/a")
    assert (handled, most) == (["add/a", "add/b", "add/c", "delete/a"], 1)
    statistics = registration.statistics()
    assert (statistics.depth, statistics.high_water, statistics.delivered, registration.idle) == (0, 4, 4, True)


@requirement("handlers:kinds:blocking")
@only("memory", "http", "real", reason="handlers of fairlead.sync always have a thread")
async def test_blocking_handlers_have_a_thread(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    threads: list[bool] = []
    begun, free, told = threading.Event(), threading.Event(), asyncio.Event()

    def blocking(_: ConfigMap) -> None:
        threads.append(threading.current_thread() is threading.main_thread())
        begun.set()
        assert free.wait(20)

    def plain(_: ConfigMap) -> None:
        threads.append(threading.current_thread() is threading.main_thread())
        told.set()

    configs.add_handler(on_add=blocking, blocking=True)
    configs.add_handler(on_add=plain)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    cluster.client.start()
    await told.wait()
    assert await asyncio.to_thread(begun.wait, 20)
    assert (sorted(threads), configs.has_synced()) == ([False, True], False)
    free.set()
    await configs.wait_synced(timeout=20)


@requirement("handlers:refused:contradictions")
async def test_handlers_that_are_none(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    for wrong in ({}, {"on_event": print, "on_add": print}):
        with pytest.raises(InvalidObject, match="on_event"):
            configs.add_handler(**wrong)
    assert configs.statistics().handlers == ()


@requirement("handlers:events:late-and-racing")
async def test_handlers_added_while_objects_come(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await cluster.client.run_and_wait(timeout=20)
    trackers = [Tracker() for _ in range(8)]

    async def write() -> None:
        for number in range(8):
            await configs.create(cluster.config(f"a{number}", labels={"mine": "1"}))

    async def add() -> None:
        for tracker in trackers:
            configs.add_handler(on_event=tracker)
            await cluster.client.server_version()
            await asyncio.sleep(0)

    await asyncio.gather(write(), add(), cluster.client.direct(ConfigMap).list(cluster.namespace))
    await cluster.client.settle()
    for tracker in trackers:
        tracker.expect_unordered(*(f"add/a{number}" for number in range(8)))
    assert configs.has_synced()


@requirement("handlers:objects:own")
async def test_no_two_handlers_share_an_object(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    seen: list[str] = []

    def spoil(event: Event[ConfigMap]) -> None:
        for each in (event.old, event.new):
            if each is not None:
                seen.append(each.data["x"])
                each.data["x"] = "spoilt"

    for _ in range(2):
        configs.add_handler(on_event=spoil)
    await cluster.client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}, x="1"))
    await configs.patch("a", cluster.namespace, merge={"data": {"x": "2"}})
    await cluster.client.settle()
    kept = configs.get("a")
    assert kept is not None
    assert (sorted(seen), kept.data["x"]) == (["1", "1", "1", "1", "2", "2"], "2")
