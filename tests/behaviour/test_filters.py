"""Client-side filters, and filters that change their mind."""

from __future__ import annotations

from fairlead import DynamicFilter, NamespaceFilter
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


def big(each: ConfigMap) -> bool:
    return int(each.data["size"]) > 5


@requirement("cache:filter:static", "cache:filter:unfiltered")
async def test_a_static_filter_decides_what_is_seen(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="sized", filter=big)
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await cluster.client.run_and_wait(timeout=20)
    small = await configs.create(cluster.config("small", labels={"sized": "yes"}, size="1"))
    large = await configs.create(cluster.config("large", labels={"sized": "yes"}, size="9"))
    assert [each.name for each in configs.list()] == ["large"]
    await cluster.client.settle()
    tracker.expect("add/large")
    small.data["size"], large.data["size"] = "8", "2"
    await configs.update(small)
    await cluster.client.settle()
    tracker.expect("add/small")
    await configs.update(large)
    assert configs.get("large") is None
    await cluster.client.settle()
    tracker.expect("delete/large")
    assert [each.name for each in configs.list()] == ["small"]
    assert sorted(each.name for each in configs.list_unfiltered()) == ["large", "small"]
    await configs.delete("large", cluster.namespace)
    await configs.delete("small", cluster.namespace)
    await cluster.client.settle()
    tracker.expect("delete/small")


@requirement("cache:filter:raising")
async def test_a_filter_that_raises_leaves_its_object_out(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="sized", filter=big)
    await configs.create(cluster.config("odd", labels={"sized": "yes"}, size="many"))
    await configs.create(cluster.config("large", labels={"sized": "yes"}, size="9"))
    await cluster.client.run_and_wait(timeout=20)
    assert [each.name for each in configs.list()] == ["large"]
    assert configs.statistics().failures == {"filter: ValueError": 1}


@requirement("cache:filter:changes-its-mind")
async def test_a_filter_that_changes(cluster: Cluster):
    wanted = {"a"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b", "c"):
        await configs.create(cluster.config(name))
    await cluster.client.settle()
    tracker.expect("add/a")
    wanted ^= {"a", "b"}
    chosen.changed()
    assert [each.name for each in configs.list()] == ["b"]
    await cluster.client.settle()
    tracker.expect_unordered("delete/a", "add/b")
    wanted ^= {"a", "c"}
    chosen.changed(keys=[f"{cluster.namespace}/c"])
    await cluster.client.settle()
    tracker.expect("add/c")
    chosen.changed(namespaces=[cluster.namespace])
    chosen.changed()
    await cluster.client.settle()
    tracker.expect("add/a")


@requirement("cache:namespace-filter:labels-flip", "cache:namespace-filter:namespaces", "cache:namespace-filter:select")
async def test_a_namespace_filter_follows_labels(cluster: Cluster):
    one, two = f"one-{cluster.unique}", f"two-{cluster.unique}"
    mesh = f"mesh-{cluster.unique}"
    await cluster.make_namespace(one, **{mesh: "on"})
    await cluster.make_namespace(two)
    client = cluster.connect()
    for where in (one, two):
        await client.direct(ConfigMap).create(cluster.config(f"in-{where}", where))
    chosen = NamespaceFilter(client, f"{mesh}=on")
    configs = client.cached(ConfigMap, labels="!none", filter=chosen, fields="metadata.name!=kube-root-ca.crt")
    namespaces = client.cached(Namespace, filter=chosen)
    told, spaces = Tracker(), Tracker()
    configs.add_handler(on_event=told)
    namespaces.add_handler(on_event=spaces)
    await client.run_and_wait(timeout=20)
    told.expect(f"add/in-{one}")
    spaces.expect(f"add/{one}")
    await cluster.label_namespace(two, **{mesh: "on"})
    await client.settle()
    told.expect(f"add/in-{two}")
    spaces.expect(f"add/{two}")
    await cluster.label_namespace(one, **{mesh: None})
    await client.settle()
    told.expect(f"delete/in-{one}")
    spaces.expect(f"delete/{one}")
    assert (chosen.selected, len(configs)) == ({two}, 1)
    chosen.select(f"kubernetes.io/metadata.name={one}")
    assert [each.name for each in configs.list()] == [f"in-{one}"]
    await client.settle()
    told.expect_unordered(f"add/in-{one}", f"delete/in-{two}")
    await configs.delete(f"in-{one}", one)
    await client.settle()
    told.expect(f"delete/in-{one}")
    await chosen.close()
    await chosen.close()
