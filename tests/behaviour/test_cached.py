"""Cached views: reads that cannot fail, indexes, own writes, sharing, and the forms a view can have."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from fairlead import CacheOptions, DynamicResource, InvalidObject, ObjectKey
from fairlead.machinery.dynamic import dynamic_type
from fairlead.models.core.v1 import ConfigMap, Namespace
from tests.behaviour.clusters import Cluster, until
from tests.behaviour.requirements import requirement


def names(objects: list[ConfigMap]) -> list[str]:
    return sorted(each.name for each in objects)


@requirement("cache:get:never-fails")
async def test_reads_answer_in_every_state(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap)
    assert (configs.get("a", cluster.namespace), configs.list(), len(configs)) == (None, [], 0)
    await client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a"))
    await client.settle()
    await client.close()
    assert names(configs.list(cluster.namespace, labels="!none")) >= ["a"]
    assert configs.get("a", cluster.namespace) is not None
    assert (configs.get("a"), configs.get("b", cluster.namespace), configs.get("", "")) == (None, None, None)


@requirement("cache:get:by-key")
async def test_an_object_is_read_by_its_key(cluster: Cluster):
    client, space = cluster.connect(), cluster.namespace
    one, some = client.cached(ConfigMap, namespace=space), client.cached(ConfigMap, namespace=[space, "default"])
    views = (client.cached(ConfigMap), one, some)
    namespaces = client.cached(Namespace)
    await client.run_and_wait(timeout=20)
    made = await one.create(cluster.config("a", x="1"))
    for view in views:
        assert (view.get(made.key), view.get(made.key, space)) == (made, made)
        assert (view.get(ObjectKey("b", space)), view.get(ObjectKey("a", "elsewhere"))) == (None, None)
        assert view.get(ObjectKey("a"), space) == made
    space_key = ObjectKey(space)
    found = namespaces.get(space_key)
    assert found is not None
    assert found.key == space_key
    assert await client.direct(ConfigMap).get(made.key) == made
    assert (await client.direct(Namespace).get(space_key)).key == space_key


@requirement("cache:get:private-copies")
async def test_what_reads_give_is_private(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    await configs.create(cluster.config("a", x="1"))
    await cluster.client.run_and_wait(timeout=20)
    for mine in (configs.get("a"), *configs.list(labels="!none"), *configs.list()):
        assert mine is not None
        mine.data["x"] = "changed"
        mine.metadata.labels["changed"] = "yes"
    kept = configs.get("a")
    assert kept is not None
    assert (kept.data, dict(kept.metadata.labels), configs.list(labels="changed")) == ({"x": "1"}, {}, [])


@requirement("cache:list:namespace-and-labels", "cache:list:server-selectors", "cache:namespace:restricted")
async def test_lists_are_narrowed(cluster: Cluster):
    other = await cluster.make_namespace(f"other-{cluster.unique}")
    everywhere, here = cluster.client.cached(ConfigMap), cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    red = cluster.client.cached(ConfigMap, labels={"team": f"red-{cluster.unique}"})
    single = cluster.client.cached(ConfigMap, namespace=cluster.namespace, fields="metadata.name=a")
    await cluster.client.run_and_wait(timeout=20)
    for name, where, team in (("a", None, "red"), ("b", None, "blue"), ("c", other, "red")):
        await everywhere.create(cluster.config(name, where, labels={"team": f"{team}-{cluster.unique}"}))
    for _ in ("own writes", "from the watch"):
        assert names(everywhere.list(cluster.namespace, labels="team")) == ["a", "b"]
        assert names(everywhere.list(labels={"team": f"red-{cluster.unique}"})) == ["a", "c"]
        assert names(everywhere.list(other, labels=f"team in (red-{cluster.unique},green)")) == ["c"]
        assert names(here.list(labels="team")) == ["a", "b"]
        assert here.get("c", other) is None
        assert names(red.list()) == ["a", "c"]
        assert names(single.list()) == ["a"]
        await cluster.client.settle()


@requirement("cache:index:follows", "cache:writes:visible-at-once", "cache:writes:deletes-visible-at-once")
async def test_indexes_and_lists_show_own_writes_at_once(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    by_x = configs.index("by-x", lambda each: [each.data["x"]] if "x" in each.data else [])
    await cluster.client.run_and_wait(timeout=20)
    made = await configs.create(cluster.config("a", x="1"))
    assert (configs.get("a"), names(by_x.lookup("1"))) == (made, ["a"])
    made.data["x"] = "2"
    made = await configs.update(made)
    assert (configs.get("a"), by_x.lookup("1"), by_x.lookup("2")) == (made, [], [made])
    await cluster.client.settle()
    late = configs.index("late", lambda each: each.data.values())
    assert (names(late.lookup("2")), by_x.keys()) == (["a"], ["2"])
    await configs.delete("a", cluster.namespace)
    assert (configs.get("a"), by_x.lookup("2"), late.lookup("2"), configs.list(labels="!none")) == (None, [], [], [])
    await cluster.client.settle()
    assert (configs.get("a"), by_x.lookup("2"), by_x.keys()) == (None, [], [])
    with pytest.raises(ValueError, match="late"):
        configs.index("late", lambda _: ["x"])


@requirement("cache:writes:deletes-visible-at-once")
async def test_what_was_made_and_deleted_does_not_come_back(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    seen: list[bool] = []
    configs.add_handler(on_event=lambda event: seen.append(configs.get(event.key.name) is not None))
    await cluster.client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a"))
    await configs.delete("a", cluster.namespace)
    seen.clear()
    assert configs.get("a") is None
    await cluster.client.settle()
    assert not any(seen)


@requirement("cache:sharing:one-informer", "cache:sharing:outlives-a-view")
async def test_views_alike_share_one_informer(cluster: Cluster):
    client = cluster.connect()
    first = client.cached(ConfigMap, namespace=cluster.namespace)
    second = client.cached("v1", "ConfigMap", namespace=cluster.namespace, filter=lambda each: each.name != "a")
    third = client.cached(ConfigMap, namespace=cluster.namespace, labels="b=1, a=1")
    fourth = client.cached(ConfigMap, namespace=cluster.namespace, labels={"a": "1", "b": "1"})
    assert len(client.statistics().informers) == 2
    await client.run_and_wait(timeout=20)
    await first.create(cluster.config("a"))
    await first.create(cluster.config("b", labels={"a": "1", "b": "1"}))
    await client.settle()
    assert (first.get("a") is not None, second.get("a"), second.get("b") is not None) == (True, None, True)
    assert names(third.list()) == names(fourth.list()) == ["b"]
    await first.close()
    await second.delete("b", cluster.namespace)
    await client.settle()
    assert (second.get("b"), third.list()) == (None, [])
    assert client.statistics().views == 3


class Slim(NamedTuple):
    name: str
    x: str


@requirement("cache:transform:stored")
async def test_a_transform_makes_another_type(cluster: Cluster):
    slim = cluster.client.cached(
        ConfigMap, namespace=cluster.namespace, labels="keep", transform=lambda each: Slim(each.name, each.data["x"])
    )
    told: list[Slim] = []
    slim.add_handler(on_add=told.append)
    await cluster.client.run_and_wait(timeout=20)
    await slim.create(cluster.config("a", labels={"keep": "yes"}, x="1"))
    assert slim.get("a") == Slim("a", "1")
    await slim.create(cluster.config("b", labels={"keep": "yes"}, other="the transform raises"))
    await cluster.client.settle()
    assert (slim.list(), told) == ([Slim("a", "1")], [Slim("a", "1")])


def without_data(each: ConfigMap) -> ConfigMap:
    each.data = {}
    return each


@requirement("cache:transform:bytes")
@pytest.mark.parametrize("compact", [False, True])
async def test_a_transform_that_makes_bytes(cluster: Cluster, compact: bool):
    client = cluster.connect(cache_options={ConfigMap: CacheOptions(compact=compact)})
    digests = client.cached(
        ConfigMap, namespace=cluster.namespace, labels="keep", transform=lambda each: each.data["x"].encode() * 100
    )
    events: list[Any] = []
    digests.add_handler(on_event=events.append)
    by_digest = digests.index("digest", lambda digest: [digest[:1].decode()])
    await client.run_and_wait(timeout=20)
    await client.direct(ConfigMap).create(cluster.config("a", labels={"keep": "yes"}, x="{"))
    await until(digests, lambda: len(digests) == 1)
    await client.settle()
    given = b"{" * 100
    assert (digests.list(), digests.get("a"), by_digest.lookup("{")) == ([given], given, [given])
    await client.direct(ConfigMap).patch("a", cluster.namespace, merge={"metadata": {"labels": {"keep": "still"}}})
    await client.direct(ConfigMap).patch("a", cluster.namespace, merge={"data": {"x": "["}})
    await until(digests, lambda: digests.get("a") == b"[" * 100)
    await client.settle()
    assert (events[0].object, events[-1].old, events[-1].object) == (given, given, b"[" * 100)
    assert client.statistics().informers[0].size == 0


@requirement("cache:transform:whole-objects-only")
async def test_a_transformed_object_is_not_written_back(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, transform=without_data)
    await configs.create(cluster.config("a", x="1"))
    await cluster.client.run_and_wait(timeout=20)
    slim = configs.get("a")
    assert slim is not None
    assert slim.data == {}
    with pytest.raises(InvalidObject, match="transformed"):
        await configs.update(slim)


@requirement("cache:metadata:only")
async def test_a_metadata_view(cluster: Cluster):
    metas = cluster.client.metadata(ConfigMap, namespace=cluster.namespace)
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"l": "1"}, x="secret"))
    await cluster.client.run_and_wait(timeout=20)
    found = metas.get("a")
    assert found is not None
    assert (found.name, found.namespace, found.metadata.labels["l"]) == ("a", cluster.namespace, "1")
    assert "secret" not in repr(found)
    with pytest.raises(InvalidObject, match="metadata-only"):
        await metas.update(found)
    await metas.patch("a", cluster.namespace, merge={"metadata": {"labels": {"l": "2"}}})
    await until(metas, lambda: [each.name for each in metas.list(labels="l=2")] == ["a"])


@requirement("cache:dynamic:attribute-and-item")
async def test_types_without_a_class(cluster: Cluster):
    configs = cluster.client.cached("v1", "ConfigMap", namespace=cluster.namespace)
    mine = DynamicResource(dynamic_type("v1", "ConfigMap"), {"data": {"x": "1"}})
    mine.metadata.name, mine.metadata.namespace = "a", cluster.namespace
    await configs.create(mine)
    await cluster.client.run_and_wait(timeout=20)
    read = configs.get("a")
    assert read is not None
    assert (read.data.x, read["data"]["x"], read.kind) == ("1", "1", "ConfigMap")
    read.data.y = "2"
    assert (await configs.update(read))["data"] == {"x": "1", "y": "2"}


@requirement("cache:index:faulty")
async def test_an_index_function_that_fails_for_an_object(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    by_x = configs.index("by-x", lambda each: [int(each.data["x"])])
    odd = configs.index("odd", lambda each: each.name)  # one key instead of a list
    worse = configs.index("worse", lambda each: [[each.name]])  # no key at all
    told: list[str] = []
    configs.add_handler(on_add=lambda new: told.append(new.name))
    await cluster.client.run_and_wait(timeout=20)
    for name, x in (("a", "1"), ("b", "none"), ("c", "1")):
        await configs.create(cluster.config(name, labels={"mine": "1"}, x=x))
    await cluster.client.settle()
    assert (names(by_x.lookup(1)), names(configs.list()), told) == (["a", "c"], ["a", "b", "c"], ["a", "b", "c"])
    assert (odd.keys(), odd.lookup("a"), worse.keys()) == ([], [], [])
    assert set(configs.statistics().failures) == {
        "index by-x: ValueError",
        "index odd: TypeError",
        "index worse: TypeError",
    }


@requirement("cache:writes:metadata")
async def test_metadata_views_see_own_writes(cluster: Cluster):
    metas = cluster.client.metadata(ConfigMap, namespace=cluster.namespace)
    await cluster.client.run_and_wait(timeout=20)
    await cluster.client.direct(ConfigMap).create(cluster.config("a", labels={"l": "1"}, x="secret"))
    found = metas.get("a")
    assert found is not None
    assert dict(found.metadata.labels) == {"l": "1"}
    await metas.patch("a", cluster.namespace, merge={"metadata": {"labels": {"l": "2"}}})
    assert [each.name for each in metas.list(labels="l=2")] == ["a"]
    await metas.delete("a", cluster.namespace)
    assert metas.get("a") is None


@requirement("cache:writes:namespace-going")
async def test_a_namespace_that_is_being_deleted(cluster: Cluster):
    spaces = cluster.client.cached(Namespace)
    await cluster.client.run_and_wait(timeout=20)
    space = await cluster.make_namespace(f"going-{cluster.unique}")
    held = cluster.config("held", space)
    held.metadata.finalizers = ["example.com/hold"]
    await cluster.client.direct(ConfigMap).create(held)
    gone = await spaces.delete(space)
    assert gone is not None
    shown = spaces.get(space)
    assert shown is not None
    assert shown.metadata.deletion_timestamp is not None
    await cluster.client.direct(ConfigMap).patch("held", space, merge={"metadata": {"finalizers": None}})


def refusing(each: ConfigMap) -> Slim:
    if each.metadata.deletion_timestamp is not None:
        raise ValueError("objects that are going are refused")
    return Slim(each.name, each.data["x"])


@requirement("cache:transform:refusing")
async def test_an_object_that_a_transform_refuses_leaves_the_cache(cluster: Cluster):
    slim = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", transform=refusing)
    told: list[str] = []
    slim.add_handler(on_event=lambda event: told.append(f"{event.type}/{event.key.name}"))
    await cluster.client.run_and_wait(timeout=20)
    whole = cluster.client.direct(ConfigMap)
    for name in ("a", "b"):
        made = cluster.config(name, labels={"mine": "1"}, x="1")
        made.metadata.finalizers = ["example.com/hold"]
        await whole.create(made)
    await cluster.client.settle()
    await whole.patch("a", cluster.namespace, merge={"data": {"x": None}})
    assert slim.get("a") is None
    await cluster.client.settle()
    assert (told, slim.list()) == (["add/a", "add/b", "delete/a"], [Slim("b", "1")])
    await whole.patch("a", cluster.namespace, merge={"data": {"x": "2"}})
    await whole.delete("b", cluster.namespace)
    await cluster.client.settle()
    assert (told[3:], slim.list()) == (["add/a", "delete/b"], [Slim("a", "2")])
    for name in ("a", "b"):
        await whole.patch(name, cluster.namespace, merge={"metadata": {"finalizers": None}})
    await cluster.client.settle()
    assert told[5:] == ["update/a"]
