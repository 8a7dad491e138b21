"""Faults that caches of types which come and go have had, each with the run that showed it; none of them may come back.

The numbers are those of `requirements.py`, where each fault is a row of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.testing import Tracker, make_crd
from tests.behaviour.clusters import Cluster, until, when_served
from tests.behaviour.custom_types import informer_of, widget, widget_class
from tests.behaviour.requirements import requirement


@requirement("fault:f01:closing-one-delayed-handler")
async def test_f01_closing_one_handler_of_a_delayed_type_leaves_the_others(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    gone, stays = Tracker(), Tracker()
    before = widgets.add_handler(on_event=gone)
    widgets.add_handler(on_event=stays)
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    await when_served(lambda: widgets.create(widget(cls, cluster, "a")))
    await until(widgets, lambda: widgets.get("a", cluster.namespace) is not None)
    await client.settle()
    gone.expect("add/a")
    stays.expect("add/a")
    await before.close()
    await widgets.patch("a", cluster.namespace, merge={"spec": {"size": 2}})
    await client.settle()
    gone.expect_nothing()
    stays.expect("update/a")
    await cluster.unserve(cls)


@requirement("fault:f02:waiting-on-a-delayed-registration")
async def test_f02_a_registration_of_a_delayed_type_can_be_waited_for_at_any_time(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    registration = widgets.add_handler(on_event=Tracker())
    assert not registration.has_synced()
    client.start()
    await registration.wait_synced()
    await cluster.serve(cls)
    await when_served(lambda: widgets.create(widget(cls, cluster, "a")))
    await registration.wait_synced()
    late = widgets.add_handler(on_event=Tracker())
    await late.wait_synced()
    assert registration.has_synced()
    assert late.has_synced()
    await cluster.unserve(cls)


@requirement("fault:f14:the-end-of-a-crd-starts-nothing")
async def test_f14_the_deletion_of_a_crd_is_not_taken_for_its_coming(cluster: Cluster):
    cls = widget_class(cluster)
    await cluster.serve(cls, annotations={"level": "1"})
    client = cluster.connect()
    widgets = client.delayed(cls, when=lambda crd: crd.metadata.annotations.get("level") == "2")
    await client.run_and_wait(timeout=20)
    await cluster.unserve(cls)
    crds = client.cached(CustomResourceDefinition)
    await crds.wait_synced(timeout=20)
    await until(crds, lambda: crds.get(cls.resource_type.crd_name) is None)
    await client.settle()
    mine = informer_of(client, cls)
    assert (mine.state, mine.reflector.lists, widgets.list()) == ("absent", 0, [])


@requirement("fault:f15:a-deleted-crd-empties-the-cache")
async def test_f15_when_a_crd_is_deleted_its_objects_are_told_as_deleted_and_nothing_is_asked_any_more(
    cluster: Cluster,
):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    by_name = widgets.index("names", lambda each: [each.name])
    told = Tracker()
    widgets.add_handler(on_event=told)
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    for name in ("a", "b"):
        await cluster.client.direct(cls).create(widget(cls, cluster, name))
    await until(widgets, lambda: len(widgets.list()) == 2)
    await client.settle()
    told.expect_unordered("add/a", "add/b")
    await cluster.unserve(cls)
    await until(widgets, lambda: not widgets.list())
    await client.settle()
    told.expect_unordered("delete/a", "delete/b")
    assert (by_name.lookup("a"), widgets.has_synced()) == ([], True)
    before = informer_of(client, cls)
    assert (before.state, before.objects) == ("absent", 0)
    await client.settle()
    after = informer_of(client, cls)
    assert (after.reflector.lists, after.reflector.watches) == (before.reflector.lists, before.reflector.watches)


@requirement("fault:f16:not-served-yet")
async def test_f16_a_type_whose_version_is_not_served_yet_delays_nothing_and_comes_when_it_is(cluster: Cluster):
    cls = widget_class(cluster)
    crd = make_crd(cls)
    (version,) = crd["spec"]["versions"]
    other = {**version, "name": "v2", "storage": True}
    crd["spec"]["versions"] = [{**version, "served": False, "storage": False}, other]
    await cluster.client.direct(CustomResourceDefinition).create(CustomResourceDefinition.from_dict(crd))
    client = cluster.connect()
    widgets = client.delayed(cls)
    told = Tracker()
    widgets.add_handler(on_event=told)
    await client.run_and_wait(timeout=20)
    assert (widgets.has_synced(), widgets.list()) == (True, [])
    crds = cluster.client.direct(CustomResourceDefinition)
    serve = [{"op": "replace", "path": "/spec/versions/0/served", "value": True}]
    await crds.patch(cls.resource_type.crd_name, json=serve)
    await when_served(lambda: widgets.create(widget(cls, cluster, "a")))
    await until(widgets, lambda: told.events == ["add/a"])
    serve[0]["value"] = False
    await crds.patch(cls.resource_type.crd_name, json=serve)
    await until(widgets, lambda: not widgets.list())
    await client.settle()
    told.expect("add/a", "delete/a")
    await cluster.unserve(cls)


@requirement("fault:f17:handlers-at-the-moment-a-type-comes")
async def test_f17_handlers_and_indexes_added_while_a_type_comes_are_all_told(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    await client.run_and_wait(timeout=20)
    crd = CustomResourceDefinition.from_dict(make_crd(cls))
    await cluster.client.direct(CustomResourceDefinition).create(crd)
    creating = asyncio.create_task(when_served(lambda: cluster.client.direct(cls).create(widget(cls, cluster, "a"))))
    trackers: list[Tracker] = []
    indexes: list[Any] = []
    while not creating.done() or widgets.get("a", cluster.namespace) is None:
        if len(trackers) < 2000:
            trackers.append(Tracker())
            widgets.add_handler(on_event=trackers[-1])
        if len(indexes) < 100:
            indexes.append(widgets.index(f"index {len(indexes)}", lambda each: [each.name]))
        await asyncio.sleep(0)
    await client.settle()
    assert all(tracker.events == ["add/a"] for tracker in trackers)
    assert all(len(index.lookup("a")) == 1 for index in indexes)
    await widgets.close()
    await cluster.unserve(cls)


@requirement("fault:f18:synced-stays-synced")
async def test_f18_a_delayed_view_that_has_synced_stays_synced_through_the_comings_and_goings_of_its_type(
    cluster: Cluster,
):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    told = Tracker()
    registration = widgets.add_handler(on_event=told)
    seen: list[bool] = []
    over = asyncio.Event()

    async def look() -> None:
        while not over.is_set():
            seen.append(widgets.cache_synced() and registration.has_synced())
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: bool(widgets.list()))
    await cluster.unserve(cls)
    await until(widgets, lambda: not widgets.list())
    over.set()
    await looking
    assert True in seen
    assert all(seen[seen.index(True) :])
