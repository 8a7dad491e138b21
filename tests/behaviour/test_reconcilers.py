"""Reconcilers: no key is lost and no worker dies, whatever a reconcile raises, closes, or starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fairlead import ClosedError, NotSynced, ObjectKey
from fairlead.controller import Queue, Reconciler
from fairlead.models.core.v1 import ConfigMap
from tests.behaviour.clusters import Cluster, Gathering, soon
from tests.behaviour.requirements import only, requirement

A, B, C = ObjectKey("a"), ObjectKey("b"), ObjectKey("c")
NO_TASKS = "reconciles of fairlead.sync have threads, and start no tasks"


class OwnError(BaseException):
    """An error that is no Exception."""


def failed_assertion() -> None:
    pytest.fail("not as it should be")


def own() -> None:
    raise OwnError


def several() -> None:
    raise BaseExceptionGroup("several", [OwnError(), ValueError()])


def exhausted() -> None:
    next(iter(()))


def cancelled() -> None:
    raise asyncio.CancelledError


def ended() -> None:
    raise SystemExit(3)


def interrupted() -> None:
    raise KeyboardInterrupt


def generator_ended() -> None:
    raise GeneratorExit


#: What may go wrong in a reconcile of its own.
FAILURES = [failed_assertion, own, several, exhausted, cancelled]


async def tried_again(cluster: Cluster, reconcile: Any, seen: list[ObjectKey]) -> None:
    """Have a reconcile, which fails the first time, called by one worker: no key is lost, and all goes on."""
    async with Reconciler(cluster.client, "failing", reconcile, first_retry=0.001) as reconciler:
        reconciler.add(A)
        await cluster.client.settle(timeout=5)
        reconciler.add(B)
        await cluster.client.settle(timeout=5)
        now = reconciler.statistics()
        assert (seen, now.failed, now.succeeded) == ([A, A, B], 1, 2)


@requirement("queue:errors:whatever")
@pytest.mark.parametrize("fail", FAILURES)
async def test_whatever_a_reconcile_raises_it_is_tried_again(cluster: Cluster, fail: Callable[[], None]):
    seen: list[ObjectKey] = []

    async def reconcile(key: ObjectKey) -> None:
        await asyncio.sleep(0)
        seen.append(key)
        if len(seen) == 1:
            fail()

    await tried_again(cluster, reconcile, seen)


@requirement("queue:errors:whatever")
@pytest.mark.parametrize("fail", [*FAILURES, ended, interrupted, generator_ended])
async def test_whatever_a_reconcile_raises_in_its_thread_it_is_tried_again(cluster: Cluster, fail: Callable[[], None]):
    seen: list[ObjectKey] = []

    def reconcile(key: ObjectKey) -> None:
        seen.append(key)
        if len(seen) == 1:
            fail()

    await tried_again(cluster, reconcile, seen)


@requirement("queue:errors:cancelled-worker")
@only("memory", "http", "real", reason=NO_TASKS)
async def test_a_worker_that_is_cancelled_is_replaced_and_its_key_tried_again(cluster: Cluster):
    seen: list[ObjectKey] = []
    begun = asyncio.Event()
    workers: list[asyncio.Task[Any] | None] = []

    async def reconcile(key: ObjectKey) -> None:
        seen.append(key)
        workers.append(asyncio.current_task())
        begun.set()
        if len(seen) == 1:
            await asyncio.Event().wait()

    def cancel() -> None:
        worker = workers[-1]
        assert worker is not None
        worker.cancel()

    async with Reconciler(cluster.client, "cancelled", reconcile) as reconciler:
        reconciler.add(A)
        await begun.wait()
        cancel()  # while it works
        await cluster.client.settle(timeout=5)
        assert (seen, reconciler.statistics().failed) == ([A, A], 1)
        cancel()  # while it waits
        await asyncio.sleep(0)
        reconciler.add(B)
        await cluster.client.settle(timeout=5)
        reconciler.add(C)
        cancel()  # as it is given something to do
        await cluster.client.settle(timeout=5)
        assert (seen, reconciler.statistics().failed) == ([A, A, B, C], 1)


@requirement("queue:close:from-inside")
@pytest.mark.parametrize("workers", [1, 2])
async def test_closing_from_inside_with_drain_reconciles_what_waits(cluster: Cluster, workers: int):
    done: list[str] = []
    begun = asyncio.Event()

    async def reconcile(key: ObjectKey) -> None:
        if key == A:
            await reconciler.close(drain=True)
            begun.set()
        done.append(key.name)

    reconciler = Reconciler(cluster.client, "closing", reconcile, workers=workers)
    names = ["a", *(f"b{number}" for number in range(5))]
    for name in names:
        reconciler.add(ObjectKey(name))
    await reconciler.run()
    assert begun.is_set()
    assert (sorted(done), reconciler.statistics().failed, reconciler.idle) == (names, 0, True)
    await cluster.client.settle(timeout=5)


async def as_long_as_it_takes(cluster: Cluster) -> None:
    """Close the like of what others are closing, where no reconcile is at work: had nothing held them, they would have ended."""
    client = cluster.connect()

    async def reconcile(_: ObjectKey) -> None: ...

    reconciler = Reconciler(client, "beside", reconcile)
    reconciler.start()
    await reconciler.close()
    await client.close()


class Asked:
    """A condition that knows whether it has been asked."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self._condition = condition
        self.once = False

    def __call__(self) -> bool:
        self.once = True
        return self._condition()


async def begun_to_wait(cluster: Cluster, condition: Callable[[], bool]) -> asyncio.Task[None]:
    """Have a client wait until a condition holds, which has been asked once when this returns."""
    asked = Asked(condition)
    waiting = asyncio.create_task(cluster.client.wait_until(asked, timeout=5))
    await soon(lambda: asked.once)
    return waiting


@requirement("queue:close:from-inside")
async def test_closing_once_more_drops_nothing_of_what_is_drained(cluster: Cluster):
    done: list[str] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def reconcile(key: ObjectKey) -> None:
        if key == A:
            begun.set()
            await go.wait()
        done.append(key.name)

    reconciler = Reconciler(cluster.client, "closing", reconcile)
    reconciler.start()
    for key in (A, B, C):
        reconciler.add(key)
    await begun.wait()
    first = asyncio.create_task(reconciler.close(drain=True))
    await soon(lambda: reconciler.closed)
    second = asyncio.create_task(reconciler.close())
    await as_long_as_it_takes(cluster)
    assert not second.done()
    go.set()
    await asyncio.gather(first, second)
    assert done == ["a", "b", "c"]


@requirement("queue:close:grace")
async def test_what_waits_is_dropped_when_the_grace_is_over(cluster: Cluster):
    done: list[str] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def reconcile(key: ObjectKey) -> None:
        begun.set()
        try:
            await go.wait()
        finally:
            done.append(key.name)

    reconciler = Reconciler(cluster.client, "stuck", reconcile)
    reconciler.start()
    for key in (A, B):
        reconciler.add(key)
    await begun.wait()
    await reconciler.close(grace=0.01, drain=True)
    assert reconciler.idle
    go.set()
    await soon(lambda: bool(done))
    assert done == ["a"]


@requirement("close:reentrant:each-other")
@pytest.mark.parametrize("what", ["same reconciler", "each other's", "around", "reconciler and client", "a handler's"])
async def test_reconciles_that_close_each_other(cluster: Cluster, what: str):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    reconcilers: list[Reconciler] = []
    ended: list[str] = []
    over = asyncio.Event()

    async def reconcile(key: ObjectKey) -> None:
        await close(key.name, closers[int(key.name)])

    async def handler(_: ConfigMap) -> None:
        await close("handler", reconcilers[0].close)

    async def close(name: str, closer: Callable[[], Any]) -> None:
        await begun.come()
        await closer()
        ended.append(name)
        if len(ended) == many:
            over.set()

    reconcilers += [Reconciler(client, f"r{each}", reconcile, workers=3) for each in range(3)]
    first, second, third = (each.close for each in reconcilers)
    # Each of these is what the reconcile of that number closes; all of the first, where they close the same.
    closers = {
        "same reconciler": [first, first, first], "each other's": [second, first], "around": [second, third, first],
        "reconciler and client": [second, client.close], "a handler's": [configs.close],
    }[what]  # fmt: skip
    many = len(closers) + (what == "a handler's")
    begun = Gathering(many)
    if what == "a handler's":
        configs.add_handler(on_add=handler)
        await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"mine": "1"}))
    client.start()
    for each in reconcilers:
        each.start()
    for number in range(len(closers)):
        reconcilers[0 if what == "same reconciler" else number].add(ObjectKey(str(number)))
    async with asyncio.timeout(5):
        await over.wait()
        await client.close()
    assert all(each.closed for each in reconcilers)


@requirement("close:reentrant:tasks-outlive-calls")
@only("memory", "http", "real", reason=NO_TASKS)
@pytest.mark.parametrize("what", ["reconciler", "client", "client once more"])
async def test_a_task_that_an_earlier_reconcile_started_waits_for_a_running_one(cluster: Cluster, what: str):
    client = cluster.connect()
    running, go = asyncio.Event(), asyncio.Event()
    started: list[asyncio.Task[None]] = []
    ended: list[str] = []

    async def later() -> None:
        await running.wait()
        if what == "client once more":
            closing = asyncio.create_task(client.close())
            started.append(closing)
            await soon(lambda: client.closed)
        await (reconciler.close if what == "reconciler" else client.close)()
        ended.append("close")

    async def reconcile(key: ObjectKey) -> None:
        if key == A:
            started.append(asyncio.create_task(later()))
            return
        running.set()
        await go.wait()
        ended.append("reconcile")

    reconciler = Reconciler(client, "r", reconcile)
    reconciler.start()
    for key in (A, B):
        reconciler.add(key)
    await running.wait()
    await as_long_as_it_takes(cluster)
    assert ended == []
    go.set()
    await asyncio.gather(*started)
    assert ended == ["reconcile", "close"]


async def closed_and_going_on(cluster: Cluster, what: str) -> None:
    """Have a reconcile close its own and go on: whoever closes the client waits for its end, and so does settle."""
    client = cluster.connect()
    begun, go = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def closing(_: ObjectKey) -> None:
        await {"reconciler": reconciler.close, "client": client.close}[what]()
        begun.set()
        await go.wait()
        ended.append("reconcile")

    async def close() -> None:
        await client.close()
        ended.append("client")

    reconciler = Reconciler(client, "closing", closing)
    reconciler.start()
    reconciler.add(A)
    await begun.wait()
    with pytest.raises(NotSynced, match="closing"):
        await client.settle(timeout=0.1)
    waiting = asyncio.create_task(close())
    await as_long_as_it_takes(cluster)
    assert ended == []
    go.set()
    await waiting
    assert ended == ["reconcile", "client"]


@requirement("close:reentrant:waited-for")
async def test_a_reconcile_that_closed_its_reconciler_and_goes_on_is_waited_for(cluster: Cluster):
    await closed_and_going_on(cluster, "reconciler")


@requirement("close:reentrant:waited-for")
@only("memory", "http", "real", reason="the loop of a synchronous client ends with its close, whoever calls it")
async def test_a_reconcile_that_closed_its_client_and_goes_on_is_waited_for(cluster: Cluster):
    await closed_and_going_on(cluster, "client")


@requirement("waiting:client:whole")
async def test_a_condition_is_asked_while_a_reconciler_never_rests(cluster: Cluster):
    seen: list[ObjectKey] = []

    async def reconcile(key: ObjectKey) -> None:
        await asyncio.sleep(0)
        seen.append(key)
        reconciler.add(B if key == A else A)

    async with Reconciler(cluster.client, "restless", reconcile) as reconciler:
        reconciler.add(A)
        await cluster.client.wait_until(lambda: len(seen) >= 3, timeout=5)
        assert not reconciler.idle


@requirement("waiting:client:whole")
async def test_a_condition_is_asked_when_a_reconciler_with_nothing_to_do_is_started(cluster: Cluster):
    async def reconcile(_: ObjectKey) -> None: ...

    reconciler = Reconciler(cluster.client, "empty", reconcile)
    waiting = await begun_to_wait(cluster, reconciler.has_synced)
    reconciler.start()
    await waiting


@requirement("waiting:client:whole")
async def test_a_condition_is_asked_while_a_queue_never_rests(cluster: Cluster):
    queue: Queue[str] = Queue(cluster.client)
    queue.add("never done")
    done: list[str] = []
    await queue.get()
    waiting = await begun_to_wait(cluster, lambda: done == ["b"])
    queue.add("b")
    done.append(key := await queue.get())
    queue.done(key)
    await waiting
    assert not queue.idle


@requirement("waiting:client:whole")
async def test_a_condition_is_asked_while_a_handler_never_rests(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    go = {name: asyncio.Event() for name in ("a", "b")}
    told: list[str] = []

    async def handler(new: ConfigMap) -> None:
        await go[new.name].wait()
        told.append(new.name)

    mine = configs.add_handler(on_add=handler)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b"):
        made = await configs.create(cluster.config(name, labels={"mine": "1"}))
    await configs.caught_up(made)
    waiting = await begun_to_wait(cluster, lambda: told == ["a"])
    go["a"].set()
    await waiting
    assert not mine.idle
    go["b"].set()


@requirement("close:anything:later-use-refused")
async def test_nothing_is_made_for_a_client_that_is_closed(cluster: Cluster):
    client = cluster.connect()
    await client.close()
    with pytest.raises(ClosedError):
        Reconciler(client, "late", print)
    with pytest.raises(ClosedError):
        Queue(client)
