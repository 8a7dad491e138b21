"""Types that may not be there, in every order: what is made, started, served and taken away before what."""

from __future__ import annotations

import asyncio
from typing import Any

from fairlead import NamespaceFilter, ObjectMeta
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap, Node
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster, until, when_served
from tests.behaviour.custom_types import change_versions, gear_class, informer_of, settled, widget, widget_class
from tests.behaviour.requirements import requirement


@requirement("delayed:order:before-the-start", "delayed:order:nothing-known")
async def test_made_before_the_crd_and_the_start(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    assert (widgets.has_synced(), widgets.cache_synced(), widgets.list()) == (False, False, [])
    await cluster.serve(cls)
    assert (widgets.has_synced(), widgets.list()) == (False, [])
    await client.run_and_wait(timeout=20)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: len(widgets) == 1)
    await client.settle()
    tracker.expect("add/a")
    await cluster.unserve(cls)


@requirement("delayed:order:served-before")
async def test_made_when_the_type_is_served(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    await cluster.serve(cls)
    await client.run_and_wait(timeout=20)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    tracker.expect("add/a")
    assert informer_of(client, cls).state == "live"
    dynamic = client.delayed(cls.resource_type.api_version, "Widget")
    await dynamic.wait_synced(timeout=20)
    assert [each.name for each in dynamic.list()] == ["a"]
    await cluster.unserve(cls)


@requirement("delayed:order:racing")
async def test_a_crd_that_comes_at_the_same_time(cluster: Cluster):
    cls = widget_class(cluster)
    clients = [cluster.connect() for _ in range(3)]
    trackers = [Tracker() for _ in clients]

    async def use(number: int) -> Any:
        widgets = clients[number].delayed(cls)
        widgets.add_handler(on_event=trackers[number])
        await clients[number].run_and_wait(timeout=20)
        late = Tracker()
        widgets.add_handler(on_event=late)
        return widgets, late

    async def serve() -> None:
        await cluster.serve(cls)
        await cluster.client.direct(cls).create(widget(cls, cluster, "a"))

    *used, _ = await asyncio.gather(*(use(number) for number in range(len(clients))), serve())
    for (widgets, late), tracker, client in zip(used, trackers, clients, strict=True):
        await until(widgets, lambda view=widgets: len(view) == 1)
        await client.settle()
        tracker.expect("add/a")
        late.expect("add/a")
    await cluster.unserve(cls)


@requirement("delayed:index:before-the-crd")
async def test_an_index_made_before_the_crd(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    by_size = widgets.index("size", lambda each: [each.spec.size])
    await client.run_and_wait(timeout=20)
    assert (by_size.lookup(3), by_size.keys()) == ([], [])
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a", 3))
    await until(widgets, lambda: len(widgets) == 1)
    assert ([each.name for each in by_size.lookup(3)], by_size.keys()) == (["a"], [3])
    await cluster.unserve(cls)
    await until(widgets, lambda: len(widgets) == 0)
    assert (by_size.lookup(3), by_size.keys()) == ([], [])


@requirement("delayed:unserved:absent")
async def test_a_version_that_is_no_longer_served(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: len(widgets) == 1)

    def unserve(versions: Any) -> None:
        versions.append({**versions[0], "name": "v2", "storage": False})
        versions[0]["served"] = False

    def serve(versions: Any) -> None:
        versions[0]["served"] = True

    await change_versions(cluster, cls, unserve)
    await until(widgets, lambda: len(widgets) == 0)
    assert (widgets.has_synced(), informer_of(client, cls).state) == (True, "absent")
    await client.settle()
    tracker.expect("add/a", "delete/a")
    await change_versions(cluster, cls, serve)
    await until(widgets, lambda: len(widgets) == 1)
    await client.settle()
    tracker.expect("add/a")
    await cluster.unserve(cls)


@requirement("delayed:schema:changed")
async def test_a_schema_that_changes(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await client.run_and_wait(timeout=20)

    def colour(versions: Any) -> None:
        spec = versions[0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        spec["properties"]["colour"] = {"type": "string"}

    await change_versions(cluster, cls, colour)
    patch = {"spec": {"colour": "red"}}

    # The new schema takes effect a moment after the change; until then the field is pruned.
    while True:
        read = await when_served(lambda: cluster.client.direct(cls).patch("a", cluster.namespace, merge=patch))
        if "colour" in read.to_dict()["spec"]:
            break
        await asyncio.sleep(0)
    await until(widgets, lambda: "colour" in widgets.get("a", cluster.namespace).to_dict()["spec"])
    await client.settle()
    assert (set(tracker.events), tracker.events.count("add/a")) == ({"add/a", "update/a"}, 1)
    await cluster.unserve(cls)


@requirement("delayed:finalizers:terminating")
async def test_a_crd_whose_objects_are_held_back(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await cluster.serve(cls)
    held = widget(cls, cluster, "held")
    held.metadata.finalizers = ["example.com/hold"]
    direct = cluster.client.direct(cls)
    await direct.create(held)
    await direct.create(widget(cls, cluster, "free"))
    await client.run_and_wait(timeout=20)
    tracker.expect_unordered("add/held", "add/free")
    await cluster.client.direct(CustomResourceDefinition).delete(cls.resource_type.crd_name)
    await settled(client, lambda: len(widgets) == 1 and informer_of(client, cls).state == "terminating")
    kept = widgets.get("held", cluster.namespace)
    assert (kept is not None, widgets.has_synced()) == (True, True)
    await direct.patch("held", cluster.namespace, merge={"metadata": {"finalizers": None}})
    await settled(client, lambda: len(widgets) == 0 and informer_of(client, cls).state == "absent")
    assert [each for each in tracker.events if each != "update/held"] == ["delete/free", "delete/held"]
    assert widgets.has_synced()


@requirement("cache:namespace-filter:every-kind-of-view", "cache:namespace-filter:cluster-scoped")
async def test_one_namespace_filter_for_all_kinds_of_views(cluster: Cluster):
    known, later = widget_class(cluster), gear_class(cluster)
    one, two = cluster.namespace, await cluster.make_namespace(f"two-{cluster.unique}")
    mesh = f"mesh-{cluster.unique}"
    for where in (one, two):
        await cluster.label_namespace(where, **{mesh: "on"})
    client = cluster.connect()
    await cluster.serve(known)
    chosen = NamespaceFilter(client, f"{mesh}=on")
    configs = client.cached(ConfigMap, labels="mine", filter=chosen)
    widgets = client.delayed(known, filter=chosen)
    gears = client.delayed(later.resource_type.api_version, "Gear", filter=chosen)
    nodes = client.cached(Node, filter=chosen, labels=f"mine={cluster.unique}")
    tracker, gone = Tracker(), Tracker()
    configs.add_handler(on_event=tracker)
    removed = configs.add_handler(on_event=gone)
    widgets.add_handler(on_event=tracker)
    gears.add_handler(on_event=tracker)
    nodes.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await cluster.client.direct(Node).create(
        Node(metadata=ObjectMeta(name=f"n-{cluster.unique}", labels={"mine": cluster.unique}))
    )
    for where, name in ((one, "one"), (two, "two")):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, where, labels={"mine": "1"}))
        mine = widget(known, cluster, f"w-{name}")
        mine.metadata.namespace = where
        await cluster.client.direct(known).create(mine)
    await cluster.serve(later)  # of which nothing was known when the filter was made
    for where, name in ((one, "one"), (two, "two")):
        await cluster.client.direct(later).create(later(metadata=ObjectMeta(name=f"g-{name}", namespace=where)))
    await until(gears, lambda: len(gears) == 2)
    await until(widgets, lambda: len(widgets) == 2)
    await client.settle()
    everything = [f"add/n-{cluster.unique}", "add/one", "add/two", "add/w-one", "add/w-two", "add/g-one", "add/g-two"]
    tracker.expect_unordered(*everything)
    await removed.close()
    gone.clear()
    await cluster.label_namespace(two, **{mesh: None})
    await client.settle()
    tracker.expect_unordered("delete/two", "delete/w-two", "delete/g-two")
    gone.expect_nothing()
    assert ([each.name for each in configs.list()], len(nodes)) == (["one"], 1)
    await cluster.client.direct(Node).delete(f"n-{cluster.unique}")
    await cluster.unserve(known)
    await cluster.unserve(later)
