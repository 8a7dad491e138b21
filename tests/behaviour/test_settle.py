"""Settling: what it waits for, and what it does not."""

from __future__ import annotations

import asyncio

import pytest

from fairlead import NotSynced
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.testing import Tracker, make_crd
from tests.behaviour.clusters import Cluster, soon
from tests.behaviour.custom_types import widget_class
from tests.behaviour.requirements import only, requirement


@requirement("settle:unused:not-waited-for")
async def test_a_view_that_is_closed_keeps_settle_no_longer(cluster: Cluster):
    client = cluster.connect()
    client.start()
    absent = client.cached(widget_class(cluster))
    with pytest.raises(NotSynced, match=r"widgets\..*not served"):
        await client.settle(timeout=0.1)
    settling = asyncio.create_task(client.settle())
    await asyncio.wait([settling], timeout=0.05)
    await absent.close()
    await settling


@only("memory", "http", "sync", "sync-http", reason="a watch is refused, and held, by faults of the in-memory server")
@requirement("settle:refused:waited-for-again")
async def test_a_cache_that_was_refused_once_is_waited_for_again(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    client.delayed(cls)
    crds = client.cached(CustomResourceDefinition)
    told = Tracker()
    await client.run_and_wait(timeout=20)
    crds.add_handler(on_event=told)
    (mine,) = [each.what for each in client.statistics().informers if "customresourcedefinitions" in each.what]

    def watching() -> bool:
        (found,) = [each for each in client.statistics().informers if each.what == mine]
        return found.reflector.errors > 0 and found.reflector.connected

    cluster.faults.fail(403, verb="watch", type=CustomResourceDefinition, times=1)
    cluster.faults.cut_watches(CustomResourceDefinition)
    await soon(watching)
    with cluster.faults.hold_watches(CustomResourceDefinition):
        await cluster.serve(cls)
        with pytest.raises(NotSynced):
            await client.settle(timeout=0.1)
        told.expect_nothing()
    await client.settle()
    assert crds.get(cls.resource_type.crd_name) is not None
    assert told.events[0] == f"add/{cls.resource_type.crd_name}"
    await cluster.unserve(cls)


@only("memory", "http", "sync", "sync-http", reason="a watch is refused by a fault of the in-memory server")
@requirement("settle:refused:waited-for-again")
async def test_a_cache_that_is_refused_now_is_waited_for_where_a_list_is_allowed(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    client.delayed(cls)
    crds = client.cached(CustomResourceDefinition)
    await client.run_and_wait(timeout=20)
    refusing = cluster.faults.fail(403, verb="watch", type=CustomResourceDefinition, times=1)
    cluster.faults.cut_watches(CustomResourceDefinition)
    await soon(lambda: refusing.fired == 1)
    await cluster.serve(cls)
    await client.settle()
    assert crds.get(cls.resource_type.crd_name) is not None
    await cluster.unserve(cls)


@only("memory", "http", "sync", "sync-http", reason="watches are refused by a fault of the in-memory server")
@requirement("settle:refused:not-for-ever")
async def test_a_cache_that_goes_on_being_refused_is_not_waited_for(cluster: Cluster):
    client = cluster.connect()
    client.delayed(widget_class(cluster))
    await client.run_and_wait(timeout=20)
    refusing = cluster.faults.fail(403, verb="watch", type=CustomResourceDefinition)
    cluster.faults.cut_watches(CustomResourceDefinition)
    await soon(lambda: refusing.fired >= 1)
    await client.direct(CustomResourceDefinition).create(make_crd("not.example.com/v1", "Heard"))
    await client.settle()
    refusing.close()
    await client.direct(CustomResourceDefinition).delete("heards.not.example.com")


def taken(each: ConfigMap) -> ConfigMap:
    if each.data["x"] == "bad":
        raise ValueError("bad")
    return each


@only("memory", "http", "sync", "sync-http", reason="it holds watches back, which a real server does not do at will")
@requirement("settle:left-out:waited-for")
async def test_a_change_of_an_object_that_was_refused_is_waited_for(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", transform=taken)
    others = cluster.client.direct(ConfigMap)
    await others.create(cluster.config("a", labels={"mine": "1"}, x="bad"))
    await client.run_and_wait(timeout=20)
    await client.settle()
    with cluster.faults.hold_watches(ConfigMap):
        patched = await others.patch("a", cluster.namespace, merge={"data": {"x": "1"}})
        with pytest.raises(NotSynced):
            await client.settle(timeout=0.1)
        with pytest.raises(NotSynced):
            await configs.caught_up(patched, timeout=0.1)
    await client.settle()
    assert [each.data["x"] for each in configs.list()] == ["1"]
    # It is refused again: there is nothing to come, whatever else is written.
    await others.patch("a", cluster.namespace, merge={"data": {"x": "bad"}})
    await cluster.client.direct(Secret).create(Secret(metadata={"name": "s", "namespace": cluster.namespace}))
    await client.settle()
    assert configs.list() == []
