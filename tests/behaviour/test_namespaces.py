"""Views of several namespaces, and clients that are restricted to some."""

from __future__ import annotations

import pytest

from fairlead import DynamicFilter, InvalidObject, NamespaceFilter, NotSynced, Resource
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


def names(objects: list[ConfigMap]) -> list[str]:
    return sorted(each.name for each in objects)


async def three(cluster: Cluster) -> tuple[str, str, str]:
    """The test's own namespace and two more, each with a ConfigMap named after it; and one more namespace."""
    made = [await cluster.make_namespace(f"{number}-{cluster.unique}") for number in ("two", "three")]
    spaces = [cluster.namespace, *made]
    for number, where in enumerate(spaces):
        await cluster.client.direct(ConfigMap).create(
            cluster.config(f"in-{number}", where, labels={"mine": "1"}, x="1")
        )
    return spaces[0], spaces[1], spaces[2]


@requirement("cache:namespaces:merged")
async def test_a_view_of_several_namespaces_reads_as_one(cluster: Cluster):
    one, two, three_ = await three(cluster)
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=[two, one, two], labels="mine")
    by_x = configs.index("by-x", lambda each: [each.data["x"]])
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    assert (configs.list(), by_x.keys(), configs.has_synced()) == ([], [], False)
    await client.run_and_wait(timeout=20)
    tracker.expect_unordered("add/in-0", "add/in-1")
    assert (names(configs.list()), len(configs)) == (["in-0", "in-1"], 2)
    assert names(configs.list(two)) == names(configs.list_unfiltered(two)) == ["in-1"]
    assert (configs.list(three_), configs.get("in-2", three_)) == ([], None)
    assert (configs.get("in-0"), configs.get("in-0", two)) == (None, None)
    assert configs.get("in-0", one) is not None
    assert (names(by_x.lookup("1")), by_x.keys()) == (["in-0", "in-1"], ["1"])
    made = await configs.create(cluster.config("own", two, labels={"mine": "1"}, x="2"))
    assert (configs.get("own", two), by_x.lookup("2"), names(configs.list())) == (made, [made], ["in-0", "in-1", "own"])
    assert names(configs.list_unfiltered()) == ["in-0", "in-1", "own"]
    await cluster.client.direct(ConfigMap).create(cluster.config("other", three_, labels={"mine": "1"}))
    await configs.delete("in-0", one)
    assert names(configs.list()) == ["in-1", "own"]
    await client.settle()
    tracker.expect_unordered("add/own", "delete/in-0")
    late = Tracker()
    await configs.add_handler(on_event=late).wait_synced()
    late.expect_unordered("add/in-1", "add/own")
    await configs.close()
    assert names(configs.list()) == ["in-1", "own"]


@requirement("cache:namespaces:shared")
async def test_each_namespace_is_watched_once(cluster: Cluster):
    one, two, three_ = await three(cluster)
    client = cluster.connect()
    both = client.cached(ConfigMap, namespace=[one, two], labels="mine")
    first = client.cached(ConfigMap, namespace=one, labels="mine")
    others = client.cached("v1", "ConfigMap", namespace=(three_, two), labels="mine")
    assert len(client.statistics().informers) == 3
    await client.run_and_wait(timeout=20)
    assert (len(both), len(first), len(others)) == (2, 1, 2)
    await first.close()
    await others.close()
    await both.create(cluster.config("later", one, labels={"mine": "1"}))
    await client.settle()
    assert names(both.list(one)) == ["in-0", "later"]


@requirement("cache:namespaces:filters")
async def test_a_filter_over_several_namespaces(cluster: Cluster):
    one, two, _ = await three(cluster)
    client = cluster.connect()
    wanted = {"in-0"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = client.cached(ConfigMap, namespace=[one, two], labels="mine", filter=chosen)
    by_label = client.cached(
        ConfigMap,
        namespace=[one, two],
        labels="mine",
        filter=NamespaceFilter(client, f"kubernetes.io/metadata.name={two}"),
    )
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    assert names(by_label.list()) == ["in-1"]
    tracker.expect("add/in-0")
    wanted ^= {"in-0", "in-1"}
    chosen.changed()
    assert names(configs.list()) == ["in-1"]
    await client.settle()
    tracker.expect_unordered("delete/in-0", "add/in-1")


@requirement("cache:namespaces:client-wide")
async def test_a_client_restricted_to_namespaces(cluster: Cluster):
    one, two, three_ = await three(cluster)
    client, both = cluster.connect(namespace=one), cluster.connect(namespace=[one, two])
    assert (client.namespace, client.namespaces, both.namespace, both.namespaces) == (one, (one,), None, (one, two))
    restricted, merged = client.cached(ConfigMap, labels="mine"), both.cached(ConfigMap, labels="mine")
    own, everywhere = client.cached(ConfigMap, namespace=three_, labels="mine"), client.cached(ConfigMap, namespace="")
    spaces = both.cached(Namespace)
    dynamic = both.cached("v1", "Namespace")
    await client.run_and_wait(timeout=20)
    await both.run_and_wait(timeout=20)
    assert (names(restricted.list()), names(merged.list()), names(own.list())) == (["in-0"], ["in-0", "in-1"], ["in-2"])
    assert {"in-0", "in-1", "in-2"} <= set(names(everywhere.list()))
    for view in (spaces, dynamic):
        assert {one, two, three_} <= {each.name for each in view.list()}
        assert view.get(three_) is not None
    assert (await client.direct(ConfigMap).get("in-0")).namespace == one
    with pytest.raises(InvalidObject, match="which namespace"):
        await both.direct(ConfigMap).get("in-0")


@requirement("cache:namespaces:refused")
async def test_namespaces_that_are_none(cluster: Cluster):
    client = cluster.connect()
    for wrong, said in (([], "names no namespace"), (["", "a"], "stands alone"), (["a/b"], "a/b"), (["a", "."], r"\.")):
        with pytest.raises(InvalidObject, match=said):
            client.cached(ConfigMap, namespace=wrong)
        with pytest.raises(InvalidObject, match=said):
            cluster.connect(namespace=wrong)
    assert client.statistics().views == 0


@requirement("cache:namespaces:scope-found-later")
async def test_a_kind_that_turns_out_to_be_cluster_scoped(cluster: Cluster):
    class Wide(Resource, api_version=f"w{cluster.unique}.example.com/v1", kind="Wide", scope="Cluster"):
        pass

    await cluster.serve(Wide)
    await cluster.client.direct(Wide).create(Wide.from_dict({"metadata": {"name": "w"}}))
    client = cluster.connect(namespace=cluster.namespace)
    wides = client.cached(Wide.resource_type.api_version, "Wide")
    await client.run_and_wait(timeout=20)
    assert [each.name for each in wides.list()] == ["w"]
    assert wides.get("w") is not None
    several = cluster.connect(namespace=[cluster.namespace, "default"])
    several.cached(Wide.resource_type.api_version, "Wide")
    with pytest.raises(NotSynced, match=r"cluster-scoped.*namespace=''"):
        await several.run_and_wait(timeout=1.5)
    fine = several.cached(Wide.resource_type.api_version, "Wide", namespace="")
    await fine.wait_synced(timeout=20)
    assert len(fine) == 1
