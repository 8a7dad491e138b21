"""Starting, being quiet, and closing."""

from __future__ import annotations

import asyncio

import pytest

from fairlead import ClosedError
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster, until
from tests.behaviour.requirements import requirement


@requirement("sync:later-views")
async def test_a_view_made_later_syncs_by_itself(cluster: Cluster):
    client = cluster.connect()
    await client.run_and_wait(timeout=20)
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await configs.wait_synced(timeout=20)
    assert configs.get("a") is not None
    client.cached(Secret, namespace=cluster.namespace)
    await client.run_and_wait(timeout=20)
    assert client.has_synced()


@requirement("settle:quiet:everything-handled")
async def test_settle_waits_for_what_others_wrote(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    handled: list[str] = []

    async def slow(new: ConfigMap) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        handled.append(new.name)

    configs.add_handler(on_add=slow)
    await client.run_and_wait(timeout=20)
    await client.settle()
    for name in ("a", "b", "c"):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
    await client.settle()
    assert handled == ["a", "b", "c"]


@requirement("close:registration:nothing-runs", "close:registration:waits")
async def test_closing_a_registration(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker, other = Tracker(), Tracker()
    begun, go = asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def slow(new: ConfigMap) -> None:
        begun.set()
        await go.wait()
        finished.append(new.name)

    registration = configs.add_handler(on_add=slow)
    gone = configs.add_handler(on_event=tracker)
    configs.add_handler(on_event=other)
    await gone.close()
    await gone.close()
    cluster.client.start()
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await configs.create(cluster.config("b", labels={"mine": "1"}))
    await begun.wait()
    closing = asyncio.create_task(registration.close())
    async with asyncio.timeout(10):
        while not registration.closed:  # noqa: ASYNC110 - a client without asyncio closes from another thread
            await asyncio.sleep(0)
    assert not closing.done()
    go.set()
    await closing
    assert (finished, registration.closed) == (["a"], True)
    await cluster.client.settle()
    tracker.expect_nothing()
    other.expect_unordered("add/a", "add/b")
    assert finished == ["a"]


@requirement("close:view:nothing-runs")
async def test_closing_a_view(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    other = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    tracker.expect("add/a")
    await configs.close()
    await configs.close()
    await other.delete("a", cluster.namespace)
    await client.settle()
    tracker.expect_nothing()
    assert configs.closed
    configs.get("a")
    with pytest.raises(ClosedError):
        configs.add_handler(on_event=tracker)


@requirement("close:client:nothing-runs")
async def test_closing_a_client(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    client.delayed("none.example.com/v1", "None")
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    before = asyncio.all_tasks()
    await client.close()
    await client.close()
    mine = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    cluster.client.start()
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"mine": "1"}))
    await until(mine, lambda: mine.get("a") is not None)
    tracker.expect_nothing()
    assert (configs.list(), client.closed) == ([], True)
    assert not [task for task in before if not task.done() and "configmaps" in task.get_name()]
    for refused in (lambda: client.cached(ConfigMap), lambda: client.direct(ConfigMap)):
        with pytest.raises(ClosedError):
            refused()
    with pytest.raises(ClosedError):
        await client.run_and_wait()
