"""One type that one view allows to be absent and another does not: they share a watch, and differ in when they are synced."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import NotSynced
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster, soon, until
from tests.behaviour.custom_types import informer_of, widget, widget_class
from tests.behaviour.requirements import only, requirement


@requirement("delayed:shared:one-watch", "delayed:shared:absent", "delayed:shared:goes")
async def test_the_life_of_a_type_seen_both_ways(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    maybe, surely = client.delayed(cls), client.cached(cls)
    told, also = Tracker(), Tracker()
    maybe.add_handler(on_event=told)
    surely.add_handler(on_event=also)
    client.start()
    await maybe.wait_synced(timeout=20)
    await client.settle()
    assert (maybe.list(), surely.list(), surely.has_synced(), surely.cache_synced()) == ([], [], False, False)
    with pytest.raises(NotSynced, match="not served; use delayed"):
        await surely.wait_synced(timeout=0.1)
    with pytest.raises(NotSynced) as caught:
        await client.run_and_wait(timeout=0.1)
    assert len(caught.value.missing) == 1
    assert informer_of(client, cls).reflector.lists == 0
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await client.run_and_wait(timeout=20)
    await until(surely, lambda: len(surely) == 1)
    await client.settle()
    for tracker in (told, also):
        tracker.expect("add/a")
    assert (informer_of(client, cls).state, len(maybe)) == ("live", 1)
    await cluster.unserve(cls)
    await until(surely, lambda: not surely.list())
    await client.settle()
    for tracker in (told, also):
        tracker.expect("delete/a")
    await soon(lambda: informer_of(client, cls).state == "absent")
    # What has been synced stays so; who comes now finds the type absent.
    assert (maybe.has_synced(), surely.has_synced()) == (True, True)
    late = [client.cached(cls), client.delayed(cls)]
    assert [each.has_synced() for each in late] == [False, True]
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "b"))
    await client.run_and_wait(timeout=20)
    await until(maybe, lambda: len(maybe) == 1)
    assert [each.name for view in (maybe, surely, *late) for each in view.list()] == ["b"] * 4
    await client.settle()
    for tracker in (told, also):
        tracker.expect("add/b")
    await cluster.unserve(cls)


@requirement("delayed:shared:one-watch")
async def test_a_view_that_allows_absence_joins_one_that_runs(cluster: Cluster):
    client = cluster.connect()
    surely = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await client.run_and_wait(timeout=20)
    await surely.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    maybe = client.delayed(ConfigMap, namespace=cluster.namespace, labels="mine")
    assert (maybe.has_synced(), [each.name for each in maybe.list()]) == (True, ["a"])
    await client.run_and_wait(timeout=20)
    await client.settle()
    mine = informer_of(client, ConfigMap)
    assert (mine.state, mine.views, mine.reflector.lists) == ("live", 2, 1)
    await maybe.close()
    await surely.create(cluster.config("b", labels={"mine": "1"}))
    await client.settle()
    assert len(surely) == 2


@only("memory", "http", "sync", "sync-http", reason="it looks at what the in-memory server is asked")
@requirement("delayed:shared:one-watch", "delayed:shared:absent", "delayed:absent:quiet")
async def test_a_view_that_allows_absence_joins_one_that_waits_in_vain(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    watched: list[str] = []

    def note(request: Any) -> bool:
        if ("watch", "true") in request.query:
            watched.append(request.path)
        return False

    cluster.faults.fail(500, when=note)
    surely = client.cached(cls)
    client.start()
    await soon(lambda: informer_of(client, cls).reflector.errors > 0)
    maybe = client.delayed(cls)
    await maybe.wait_synced(timeout=20)
    assert (maybe.list(), informer_of(client, cls).state) == ([], "absent")
    with pytest.raises(NotSynced, match="not served; use delayed"):
        await surely.wait_synced(timeout=0.1)
    # Nobody asks any more: the CRD will tell.
    assert not informer_of(client, cls).running
    watched.clear()
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await client.run_and_wait(timeout=20)
    await until(surely, lambda: len(surely) == 1)
    await until(maybe, lambda: len(maybe) == 1)
    assert len([path for path in watched if path.endswith("/widgets")]) == 1
    await cluster.unserve(cls)


@requirement("delayed:shared:definitions")
async def test_the_definitions_themselves(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    maybe = client.delayed(CustomResourceDefinition)
    client.delayed(cls)
    surely = client.cached(CustomResourceDefinition)
    await client.run_and_wait(timeout=20)
    assert informer_of(client, CustomResourceDefinition).views == 3
    await cluster.serve(cls)
    name = cls.resource_type.crd_name
    await until(maybe, lambda: maybe.get(name) is not None)
    assert surely.get(name) is not None
    await soon(lambda: informer_of(client, cls).state == "live")
    await soon(lambda: informer_of(client, CustomResourceDefinition).state == "live")
    await cluster.unserve(cls)


@only(
    "memory", "http", "sync", "sync-http", reason="a server without CRDs is made with a fault of the in-memory server"
)
@requirement("delayed:shared:definitions", "delayed:permission:discovery")
async def test_the_definitions_where_there_are_none(cluster: Cluster):
    cls = widget_class(cluster)
    await cluster.serve(cls)
    client = cluster.connect()
    cluster.faults.fail(404, verb=["list", "watch"], type=CustomResourceDefinition)
    cluster.faults.fail(404, when=lambda request: request.path == "/apis/apiextensions.k8s.io/v1")
    maybe, widgets = client.delayed(CustomResourceDefinition), client.delayed(cls)
    await client.run_and_wait(timeout=20)
    assert (maybe.list(), maybe.has_synced()) == ([], True)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: len(widgets) == 1)
    await client.settle()
