"""Shutting down: one handler, all of a view, a view, the client; from anywhere, and with nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fairlead import Cached, ClosedError, DynamicFilter, NamespaceFilter, NotSynced, ObjectKey, Registration
from fairlead.controller import Queue, Reconciler
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.testing import FakeClient, Tracker
from tests.behaviour.clusters import Cluster, Gathering, soon
from tests.behaviour.requirements import only, requirement


@requirement("close:registration:others-go-on", "close:view:handlers-alone")
async def test_one_handler_and_then_all_of_a_view(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    beside = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    one, other, outside = Tracker(), Tracker(), Tracker()
    registration = configs.add_handler(on_event=one)
    configs.add_handler(on_event=other)
    beside.add_handler(on_event=outside)
    await client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    for tracker in (one, other, outside):
        tracker.expect("add/a")
    await registration.close()
    await configs.patch("a", cluster.namespace, merge={"data": {"x": "1"}})
    await client.settle()
    other.expect("update/a")
    await configs.shutdown_handlers()
    await configs.shutdown_handlers()
    await configs.patch("a", cluster.namespace, merge={"data": {"x": "2"}})
    await client.settle()
    one.expect_nothing()
    other.expect_nothing()
    outside.expect("update/a", "update/a")
    found = configs.get("a")
    assert (found is not None and found.data, configs.closed, configs.has_synced()) == ({"x": "2"}, False, True)
    again = Tracker()
    await configs.add_handler(on_event=again).wait_synced()
    again.expect("add/a")


def closers_of(client: Any, configs: Any, registration: Any) -> dict[str, Callable[[], Any]]:
    return {
        "registration": registration.close,
        "handlers": configs.shutdown_handlers,
        "view": configs.close,
        "client": client.close,
    }


async def as_long_as_it_takes(cluster: Cluster, *names: str) -> None:
    """Close the like of what others are closing, where no handler is at work: had nothing held them, they would have ended."""
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    closers = closers_of(client, configs, configs.add_handler(on_add=Tracker()))
    await client.run_and_wait(timeout=20)
    for name in names:
        await closers[name]()


async def closed_and_going_on(cluster: Cluster, what: str) -> None:
    """Have a handler close its own and go on: whoever closes anything of it waits for its end, and so does settle."""
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    begun, go = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def closing(_: ConfigMap) -> None:
        await {"registration": mine.close, "view": configs.close, "client": client.close}[what]()
        begun.set()
        await go.wait()
        ended.append("handler")

    async def close(name: str, closer: Callable[[], Any]) -> None:
        await closer()
        ended.append(name)

    mine = configs.add_handler(on_add=closing)
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"mine": "1"}))
    client.start()
    await begun.wait()
    with pytest.raises(NotSynced, match="closing"):
        await client.settle(timeout=0.1)
    closers = closers_of(client, configs, mine)
    waiting = [asyncio.create_task(close(name, closer)) for name, closer in closers.items()]
    await as_long_as_it_takes(cluster, *closers)
    assert ended == []
    go.set()
    await asyncio.gather(*waiting)
    assert (ended[0], sorted(ended[1:])) == ("handler", sorted(closers))


@requirement("close:reentrant:waited-for")
@pytest.mark.parametrize("what", ["registration", "view"])
async def test_a_handler_that_closed_its_own_and_goes_on_is_waited_for(cluster: Cluster, what: str):
    await closed_and_going_on(cluster, what)


@requirement("close:reentrant:waited-for")
@only("memory", "http", "real", reason="the loop of a synchronous client ends with its close, whoever calls it")
async def test_a_handler_that_closed_its_client_and_goes_on_is_waited_for(cluster: Cluster):
    await closed_and_going_on(cluster, "client")


@requirement("close:anything:later-use-refused")
async def test_what_is_closed_takes_nothing_more(cluster: Cluster):
    client = cluster.connect()
    configs, chosen = client.cached(ConfigMap), NamespaceFilter(client, "a")
    unsynced = client.cached(f"x{cluster.unique}.example.com/v1", "Nothing")
    waiting = asyncio.create_task(unsynced.wait_synced())
    await asyncio.sleep(0)
    await configs.close()
    await unsynced.close()
    await chosen.close()
    with pytest.raises(ClosedError, match="closed before it was synced"):
        await waiting
    refused: list[Callable[[], Any]] = [
        lambda: configs.add_handler(on_add=print), lambda: configs.index("i", lambda _: []), lambda: chosen.select("b"),
    ]  # fmt: skip
    for call in refused:
        with pytest.raises(ClosedError):
            call()
    with pytest.raises(ClosedError, match="caught_up on a view that is closed"):
        await configs.caught_up("1")
    assert (await configs.create(cluster.config("later"))).name == "later"  # a view is also the door to writes
    await client.close()
    refused = [
        lambda: client.cached(ConfigMap), lambda: client.delayed(ConfigMap), lambda: client.metadata(ConfigMap), client.start,
        lambda: client.direct(ConfigMap), lambda: client.register("a/v1", "B", list=lambda _: []),
    ]  # fmt: skip
    for call in refused:
        with pytest.raises(ClosedError, match="client is closed"):
            call()
    for request in (
        configs.create(cluster.config("a")), client.run_and_wait(), client.server_version(), client.settle(),
        client.wait_until(lambda: True),
    ):  # fmt: skip
        with pytest.raises(ClosedError):
            await request
    with pytest.raises(ClosedError):
        async with client:
            pass


@requirement("close:reentrant:from-handlers")
@pytest.mark.parametrize("what", ["registration", "view", "client", "others"])
async def test_closing_from_inside_a_handler(cluster: Cluster, what: str):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    beside = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    told: list[str] = []
    over = asyncio.Event()

    async def closing(event: Any) -> None:
        told.append(event.key.name)
        await {"registration": mine.close, "view": configs.close, "client": client.close, "others": beside.close}[
            what
        ]()
        over.set()

    mine = configs.add_handler(on_event=closing)
    beside.add_handler(on_event=tracker)
    for name in ("a", "b"):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
    client.start()
    await over.wait()
    if what == "client":
        await client.close()
    else:
        await client.settle()
    assert sorted(told) == ["a", "b"] if what == "others" else len(told) == 1
    assert (mine.closed, configs.closed, client.closed, beside.closed) == {
        "registration": (True, False, False, False), "view": (True, True, False, False), "client": (True, True, True, True),
        "others": (False, False, False, True),
    }[what]  # fmt: skip
    if what in ("registration", "view"):
        tracker.expect_unordered("add/a", "add/b")
    assert cluster.handler_errors == []


async def closed_from_within(cluster: Cluster, client: Any, over: asyncio.Event) -> None:
    """Have handlers called that close things; `over` is set when all of them have gone on after that."""
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"mine": "1"}))
    client.start()
    async with asyncio.timeout(5):
        await over.wait()
        await client.close()
    assert cluster.handler_errors == []


@requirement("close:reentrant:each-other")
@pytest.mark.parametrize("what", ["same view", "each other's", "view and client", "around"])
async def test_handlers_that_close_each_other(cluster: Cluster, what: str):
    client = cluster.connect()
    views = [client.cached(ConfigMap, namespace=cluster.namespace, labels="mine") for _ in range(3)]
    closers = {
        "same view": [views[0].close, views[0].close, views[0].close],
        "each other's": [views[1].close, views[0].close],
        "view and client": [views[0].close, client.close],
        "around": [views[1].close, views[2].close, views[0].close],
    }[what]
    begun, over = Gathering(len(closers)), asyncio.Event()
    ended: list[str] = []

    def closing(close: Callable[[], Any]) -> Callable[[ConfigMap], Any]:
        async def handler(_: ConfigMap) -> None:
            await begun.come()
            await close()
            ended.append("whole")
            if len(ended) == len(closers):
                over.set()

        return handler

    for number, close in enumerate(closers):
        views[0 if what == "same view" else number].add_handler(on_add=closing(close))
    await closed_from_within(cluster, client, over)


@requirement("close:reentrant:tasks-outlive-calls")
@only("memory", "http", "real", reason="handlers of fairlead.sync have threads, and start no tasks")
@pytest.mark.parametrize("what", ["registration", "view", "client"])
async def test_a_task_that_an_earlier_call_started_waits_for_a_running_handler(cluster: Cluster, what: str):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    settle, running, go = asyncio.Event(), asyncio.Event(), asyncio.Event()
    started: list[asyncio.Task[None]] = []
    ended: list[str] = []

    async def later() -> None:
        await settle.wait()
        await client.settle()
        ended.append("settle")
        await running.wait()
        await {"registration": mine.close, "view": configs.close, "client": client.close}[what]()
        ended.append("close")

    async def handler(new: ConfigMap) -> None:
        await asyncio.sleep(0)
        if new.name == "a":
            started.append(asyncio.create_task(later()))
            return
        running.set()
        await go.wait()
        ended.append("handler")

    mine = configs.add_handler(on_add=handler)
    others = cluster.client.direct(ConfigMap)
    await client.run_and_wait(timeout=20)
    await others.create(cluster.config("a", labels={"mine": "1"}))
    await client.wait_until(lambda: bool(started) and mine.idle)
    settle.set()
    await soon(lambda: started[0].done() or bool(ended))
    await others.create(cluster.config("b", labels={"mine": "1"}))
    await running.wait()
    await as_long_as_it_takes(cluster, what)
    assert ended == ["settle"]
    go.set()
    await asyncio.gather(*started)
    assert ended == ["settle", "handler", "close"]


@requirement("close:reentrant:from-handlers")
@only("memory", "http", "real", reason="handlers of fairlead.sync have threads, and start no tasks")
@pytest.mark.parametrize("how", ["gathered", "a future"])
async def test_closing_from_tasks_that_a_handler_waits_for(cluster: Cluster, how: str):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    over = asyncio.Event()

    async def close() -> None:
        await asyncio.gather(mine.close(), configs.close())
        over.set()

    async def gathered(_: ConfigMap) -> None:
        await asyncio.gather(close(), client.close())

    def future(_: ConfigMap) -> asyncio.Future[object]:
        return asyncio.gather(close(), client.close())

    mine = configs.add_handler(on_add=gathered if how == "gathered" else future)
    await closed_from_within(cluster, client, over)


@requirement("handlers:reentrant:add-and-flip")
async def test_handlers_that_add_handlers_and_flip_filters(cluster: Cluster):
    client = cluster.connect()
    shown = {"a"}
    chosen = DynamicFilter(lambda each: each.name in shown)
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", filter=chosen)
    inner, outer = Tracker(), Tracker()
    reads: list[tuple[str, int]] = []

    def first(event: Any) -> None:
        reads.append((f"{event.type}/{event.key.name}", len(configs.list())))
        if event.key.name == "a" and event.type == "add":
            configs.add_handler(on_event=inner)
            shown.add("b")
            chosen.changed()
            shown.discard("a")
            chosen.changed(keys=[f"{cluster.namespace}/a"])

    configs.add_handler(on_event=first)
    configs.add_handler(on_event=outer)
    for name in ("a", "b"):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
    await client.run_and_wait(timeout=20)
    await client.settle()
    outer.expect("add/a", "add/b", "delete/a")
    inner.expect("add/a", "add/b", "delete/a")
    assert reads == [("add/a", 1), ("add/b", 1), ("delete/a", 1)]
    assert configs.has_synced()


@requirement("close:view:removed-handler-hears-no-filter")
async def test_a_removed_handler_hears_nothing_of_filters(cluster: Cluster):
    client = cluster.connect()
    shown = {"a"}
    chosen = DynamicFilter(lambda each: each.name in shown)
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", filter=chosen)
    gone, stays = Tracker(), Tracker()
    registration = configs.add_handler(on_event=gone)
    configs.add_handler(on_event=stays)
    for name in ("a", "b"):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
    await client.run_and_wait(timeout=20)
    gone.expect("add/a")
    stays.expect("add/a")
    shown ^= {"a", "b"}
    chosen.changed()
    await registration.close()
    before = list(gone.events)
    shown ^= {"a", "b"}
    chosen.changed()
    await client.settle()
    assert gone.events == before
    assert sorted(stays.events) == ["add/a", "add/b", "delete/a", "delete/b"]


class Handler:
    """A handler whose life can be watched."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: object) -> None:
        self.calls += 1


@requirement("close:anything:leaves-nothing")
@only("memory", "http", reason="memory is this process's alone, and the same on any server")
async def test_closed_things_are_forgotten(cluster: Cluster):
    client = cluster.connect()
    chosen = DynamicFilter(lambda _: True)
    feeder = NamespaceFilter(client)
    keeper = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await client.run_and_wait(timeout=20)
    await keeper.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()

    async def use(filter_: Any, *, several: bool = False) -> list[weakref.ref[Any]]:
        spaces = [cluster.namespace, "default"] if several else cluster.namespace
        view = client.cached(ConfigMap, namespace=spaces, labels="mine", filter=filter_)
        handler = Handler()
        registration = view.add_handler(on_event=handler)
        index = view.index("i", lambda each: [each.name])
        await view.wait_synced(timeout=20)
        await client.settle()
        assert (handler.calls, len(index.lookup("a"))) == (1, 1)
        await view.close()
        return [weakref.ref(each) for each in (view, handler, registration, index)]

    left: list[weakref.ref[Any]] = []
    for _ in range(5):
        for filter_ in (None, chosen, feeder, lambda each: each.name == "a"):
            left += await use(filter_)
        left += await use(chosen, several=True)
    handler = Handler()
    registration = keeper.add_handler(on_event=handler)
    await registration.wait_synced()
    await registration.close()
    left += [weakref.ref(handler), weakref.ref(registration)]
    del handler, registration
    unsynced = client.cached(ConfigMap, labels="never=1", fields="metadata.name=never")
    left.append(weakref.ref(unsynced))
    await unsynced.close()
    del unsynced
    await asyncio.sleep(0)
    gc.collect()
    assert [each() for each in left if each() is not None] == []
    statistics = client.statistics()
    # The keeper's, and the namespaces' behind the filter.
    assert (statistics.views, statistics.handlers) == (2, 0)


@requirement("close:client:leaves-nothing")
@only("memory", reason="every FakeClient is its own server's")
async def test_a_closed_client_is_forgotten(cluster: Cluster):
    async def use() -> list[weakref.ref[Any]]:
        async with FakeClient() as client:
            views: list[Cached[Any, Any]] = [
                client.cached(ConfigMap, filter=NamespaceFilter(client)), client.delayed("none.example.com/v1", "None"),
                client.metadata(Secret), client.cached(ConfigMap, namespace=["a", "b"]),
            ]  # fmt: skip
            handler = Handler()
            registrations: list[Registration] = [view.add_handler(on_event=handler) for view in views]
            await client.run_and_wait(timeout=20)
            await client.settle()
        return [weakref.ref(each) for each in (client, client.server, handler, *views, *registrations)]

    left = await use()
    await asyncio.sleep(0)
    gc.collect()
    assert [each() for each in left if each() is not None] == []


@requirement("close:client:nothing-runs")
@only("memory", "http", "real", reason="with threads there is no telling who comes first")
async def test_whoever_closes_a_client_meanwhile_waits_too(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    begun, go = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def slow(_: ConfigMap) -> None:
        begun.set()
        await go.wait()
        await client.close()
        ended.append("handler")

    configs.add_handler(on_add=slow)
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"mine": "1"}))
    client.start()
    await begun.wait()

    async def close(name: str) -> None:
        await client.close()
        ended.append(name)

    closing = [asyncio.create_task(close(f"closer {number}")) for number in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert (ended, client.closed) == ([], True)
    go.set()
    await asyncio.gather(*closing)
    assert (ended[0], sorted(ended[1:])) == ("handler", ["closer 0", "closer 1", "closer 2"])


@requirement("close:client:nothing-runs")
@only(
    "memory",
    "real",
    reason="asyncio cancels calls in their midst, not threads; over HTTP the server has tasks here too",
)
async def test_another_call_goes_on_with_a_close_that_was_cancelled(cluster: Cluster):
    for turns in range(20):
        before = asyncio.all_tasks()
        client = cluster.connect()
        configs = client.cached(ConfigMap, namespace=cluster.namespace)
        configs.add_handler(on_event=Tracker())
        await client.run_and_wait(timeout=20)
        closing = asyncio.create_task(client.close())
        for _ in range(turns):
            await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        await client.close()
        assert asyncio.all_tasks() <= before


@requirement("close:anything:leaves-nothing")
@only("memory", "http", reason="memory is this process's alone, and the same on any server")
async def test_closed_reconcilers_and_queues_are_forgotten(cluster: Cluster):
    async def use() -> list[weakref.ref[Any]]:
        async def reconcile(_: ObjectKey) -> None:
            pass

        reconciler = Reconciler(cluster.client, "r", reconcile)
        async with reconciler:
            reconciler.add(ObjectKey("a"))
            await cluster.client.settle()
        queue: Queue[ObjectKey] = Queue(client=cluster.client)
        queue.close(drain=False)
        return [weakref.ref(reconciler), weakref.ref(queue)]

    left = [reference for _ in range(3) for reference in await use()]
    await asyncio.sleep(0)
    gc.collect()
    assert [each() for each in left if each() is not None] == []
