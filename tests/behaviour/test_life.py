"""Starting, being quiet, and closing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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


@requirement("close:view:reads-agree")
@pytest.mark.parametrize("filter_", [None, lambda each: each.data["x"] != "none"], ids=["whole", "filtered"])
async def test_reads_of_a_closed_view_agree(cluster: Cluster, filter_: Callable[[ConfigMap], bool] | None):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", filter=filter_)
    other = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    by_x = configs.index("x", lambda each: [each.data["x"]])
    await client.run_and_wait(timeout=20)
    for name in ("a", "b"):
        await other.create(cluster.config(name, labels={"mine": "1"}, x=name))
    await client.settle()
    await configs.close()
    await other.patch("a", cluster.namespace, merge={"data": {"x": "2"}})
    await other.delete("b", cluster.namespace)
    await other.create(cluster.config("c", labels={"mine": "1"}, x="c"))
    for _ in ("own writes", "from the watch"):
        listed = {each.name: each.data["x"] for each in configs.list()}
        found = {each.name: each.data["x"] for key in by_x.keys() for each in by_x.lookup(key)}  # noqa: SIM118
        got = {name: each.data["x"] for name in "abc" if (each := configs.get(name, cluster.namespace)) is not None}
        assert listed == found == got == {each.name: each.data["x"] for each in configs.list(labels="mine=1")}
        assert sorted(by_x.keys()) == sorted(listed.values())
        assert by_x.lookup("nothing") == []
        await client.settle()


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
