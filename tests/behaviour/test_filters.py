"""Client-side filters, and filters that change their mind."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

from fairlead import DynamicFilter, NamespaceFilter, ObjectKey, ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Namespace, Secret
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import only, requirement


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


def refused_for_b(each: ConfigMap) -> ConfigMap:
    return wanted(each) and each  # type: ignore[return-value]


def wanted(each: ConfigMap) -> bool:
    if each.name == "b":
        raise asyncio.CancelledError  # as the result of a future that was cancelled does
    return True


@requirement("cache:functions:cancelled")
async def test_a_function_that_raises_a_cancellation_leaves_its_object_out(cluster: Cluster):
    def failing_hook(*_: object) -> None:
        raise asyncio.CancelledError

    client = cluster.connect(on_handler_error=failing_hook)
    where = {"namespace": cluster.namespace, "labels": "mine"}
    whole = client.cached(ConfigMap, **where)
    filtered = client.cached(ConfigMap, filter=wanted, **where)
    slim = client.cached(ConfigMap, transform=refused_for_b, **where)
    fed = DynamicFilter(
        lambda each: whole.get(each.name, each.namespace) is not None,
        fed_by=whole,
        keys=lambda each: [str(wanted(each))],
    )
    follower = client.cached(ConfigMap, filter=fed, **where)
    by_name = whole.index("name", lambda each: [each.name] if wanted(each) else [])
    told = Tracker()
    whole.add_handler(on_add=wanted)
    whole.add_handler(on_event=told)
    await client.run_and_wait(timeout=20)
    for name in ("a", "b", "c"):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
        await client.settle()
    told.expect("add/a", "add/b", "add/c")
    assert [each.name for each in follower.list()] == ["a", "b", "c"]
    for view in (filtered, slim):
        assert [each.name for each in view.list()] == ["a", "c"]
    assert sorted(by_name.keys()) == ["a", "c"]
    assert all(each.running and not each.reflector.errors for each in client.statistics().informers)
    assert set(filtered.statistics().failures) == {"filter: CancelledError"}


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


@requirement("cache:filter:object-keys")
async def test_a_filter_changes_for_object_keys(cluster: Cluster):
    wanted: set[str] = set()
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    await cluster.client.run_and_wait(timeout=20)
    made = [await configs.create(cluster.config(name)) for name in ("a", "b")]
    await cluster.client.settle()
    wanted |= {"a", "b"}
    chosen.changed(keys=[made[0].key])
    assert [each.name for each in configs.list()] == ["a"]
    chosen.changed(keys=[ObjectKey("b", cluster.namespace), f"{cluster.namespace}/a"])
    assert [each.name for each in configs.list()] == ["a", "b"]
    for one in (made[0].key, f"{cluster.namespace}/a"):
        with pytest.raises(TypeError, match="give a list of keys"):
            chosen.changed(keys=one)
    with pytest.raises(TypeError, match="give a list of namespaces"):
        chosen.changed(namespaces=cluster.namespace)
    with pytest.raises(TypeError, match="a key is an ObjectKey"):
        chosen.changed(keys=[("a", cluster.namespace)])


@requirement("cache:filter:object-keys")
async def test_a_fed_filter_gives_object_keys(cluster: Cluster):
    client, space = cluster.connect(), cluster.namespace
    configs = client.cached(ConfigMap, namespace=space, labels="uses")
    used = DynamicFilter(
        lambda secret: any(each.data["uses"] == secret.name for each in configs.list()),
        fed_by=configs,
        keys=lambda config: [ObjectKey(config.data["uses"], space)],
    )
    secrets = client.cached(Secret, namespace=space, filter=used)
    await client.run_and_wait(timeout=20)
    await secrets.create(Secret(metadata=ObjectMeta(name="one", namespace=space)))
    await configs.create(cluster.config("user", labels={"uses": "1"}, uses="one"))
    await client.settle()
    assert [each.name for each in secrets.list()] == ["one"]


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


@requirement("cache:filter:combined")
async def test_filters_combine(cluster: Cluster):
    first, second = {"a", "b"}, {"b", "c"}
    one = DynamicFilter(lambda each: each.name in first)
    two = DynamicFilter(lambda each: each.name in second)
    space = cluster.namespace
    both = cluster.client.cached(ConfigMap, namespace=space, filter=one & two)
    either = cluster.client.cached(ConfigMap, namespace=space, filter=one | two)
    neither = cluster.client.cached(ConfigMap, namespace=space, labels="mine", filter=~(one | two))
    mixed = cluster.client.cached(ConfigMap, namespace=space, filter=(lambda each: each.name != "b") & one)
    for name in ("a", "b", "c", "d"):
        await both.create(cluster.config(name, labels={"mine": "1"}))
    told = Tracker()
    both.add_handler(on_event=told)
    await cluster.client.run_and_wait(timeout=20)

    def shown() -> list[str]:
        return ["".join(sorted(each.name for each in view.list())) for view in (both, either, neither, mixed)]

    assert shown() == ["b", "abc", "d", "a"]
    told.expect("add/b")
    first.symmetric_difference_update({"a", "c"})
    one.changed()
    assert shown() == ["bc", "bc", "ad", "c"]
    await cluster.client.settle()
    told.expect("add/c")
    second.clear()
    two.changed(keys=[f"{space}/b", f"{space}/c"])
    assert shown() == ["", "bc", "ad", "c"]
    await cluster.client.settle()
    told.expect_unordered("delete/b", "delete/c")


@requirement("cache:filter:fed", "cache:filter:fed-later")
async def test_a_filter_fed_by_another_view(cluster: Cluster):
    client, space = cluster.connect(), cluster.namespace
    configs = client.cached(ConfigMap, namespace=space, labels="uses")
    users = configs.index("uses", lambda config: [f"{space}/{config.data['uses']}"])
    used = DynamicFilter(
        lambda secret: bool(users.lookup(f"{secret.namespace}/{secret.name}")),
        fed_by=configs,
        keys=lambda config: [f"{space}/{config.data['uses']}"],
    )
    secrets = client.cached(Secret, namespace=space, filter=used)
    told = Tracker()
    secrets.add_handler(on_event=told)
    for name in ("one", "two"):
        secret = Secret(metadata=ObjectMeta(name=name, namespace=space))
        await cluster.client.direct(Secret).create(secret)
    assert (secrets.cache_synced(), used.ready) == (False, False)
    await client.run_and_wait(timeout=20)
    assert (secrets.list(), used.ready) == ([], True)
    await cluster.client.direct(ConfigMap).create(cluster.config("user", labels={"uses": "1"}, uses="one"))
    await client.settle()
    told.expect("add/one")
    assert [each.name for each in secrets.list()] == ["one"]
    await cluster.client.direct(ConfigMap).patch("user", space, merge={"data": {"uses": "two"}})
    await client.settle()
    told.expect_unordered("delete/one", "add/two")
    # A view behind two filters that one feeder feeds follows once.
    again = DynamicFilter(lambda secret: bool(users.lookup(f"{space}/{secret.name}")), fed_by=configs)
    twice = client.cached(Secret, namespace=space, filter=used & again)
    both = Tracker()
    twice.add_handler(on_event=both)
    await twice.wait_synced(timeout=20)
    both.expect("add/two")
    await cluster.client.direct(ConfigMap).delete("user", space)
    await client.settle()
    told.expect("delete/two")
    both.expect("delete/two")


@requirement("cache:filter:cycle")
async def test_a_filter_may_not_feed_itself(cluster: Cluster):
    chosen = DynamicFilter(lambda _: True)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    with pytest.raises(ValueError, match="cycle"):
        chosen.follow(configs)
    fed = DynamicFilter(lambda _: True, fed_by=configs)
    behind = cluster.client.cached(Secret, namespace=cluster.namespace, filter=~fed | chosen)
    with pytest.raises(ValueError, match="cycle"):
        chosen.follow(behind)
    await cluster.client.run_and_wait(timeout=20)


class Slim(NamedTuple):
    x: str


@requirement("cache:filter:transformed")
async def test_filters_of_transformed_objects(cluster: Cluster):
    client = cluster.connect()
    spaces = NamespaceFilter(client, f"kubernetes.io/metadata.name={cluster.namespace}")
    big = DynamicFilter(lambda slim: slim.x > "5")
    slim = client.cached(ConfigMap, labels="mine", transform=lambda each: Slim(each.data["x"]), filter=spaces & big)
    other = await cluster.make_namespace(f"other-{cluster.unique}")
    for name, where, x in (("a", None, "9"), ("b", None, "1"), ("c", other, "9")):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, where, labels={"mine": "1"}, x=x))
    await client.run_and_wait(timeout=20)
    assert slim.list() == [Slim("9")]
    assert (slim.get("a", cluster.namespace), slim.get("c", other)) == (Slim("9"), None)


@only("memory", "http", "sync", "sync-http", reason="it holds watches back, which a real server does not do at will")
@requirement("cache:filter:as-told")
async def test_a_filter_reads_what_handlers_have_been_told(cluster: Cluster):
    client = cluster.connect()
    teams = client.cached(ConfigMap, namespace=cluster.namespace, labels="kind=team")
    by_name = teams.index("names", lambda each: [each.name])
    users = client.cached(ConfigMap, namespace=cluster.namespace, labels="kind=user")
    of_teams = {
        "get": lambda user: teams.get(user.data["team"]) is not None,
        "list": lambda user: user.data["team"] in [each.name for each in teams.list()],
        "labels": lambda user: user.data["team"] in [each.name for each in teams.list(labels="kind")],
        "unfiltered": lambda user: user.data["team"] in [each.name for each in teams.list_unfiltered()],
        "lookup": lambda user: bool(by_name.lookup(user.data["team"])),
        "keys": lambda user: user.data["team"] in set(by_name.keys()),
    }
    filters = {how: DynamicFilter(predicate, fed_by=teams) for how, predicate in of_teams.items()}
    views = {
        how: client.cached(ConfigMap, namespace=cluster.namespace, labels="kind=user", filter=each)
        for how, each in filters.items()
    }
    await client.run_and_wait(timeout=20)
    await users.create(cluster.config("u", labels={"kind": "user"}, team="t"))
    await client.settle()
    with cluster.faults.hold_watches(ConfigMap):
        team = await teams.create(cluster.config("t", labels={"kind": "team"}))
        assert teams.get("t") is not None
        for each in filters.values():
            each.changed()
        assert {how: len(view) for how, view in views.items()} == dict.fromkeys(views, 0)
        assert not any(each(users.list()[0]) for each in filters.values())
        # Somebody else deletes it, and no watch tells of either: what is listed next has no trace of it.
        await cluster.client.direct(ConfigMap).delete("t", cluster.namespace)
        cluster.faults.forget_history()
        cluster.faults.cut_watches(ConfigMap, clean=False)
    await client.settle()
    assert {how: len(view) for how, view in views.items()} == dict.fromkeys(views, 0)
    await teams.create(cluster.config("t", labels={"kind": "team"}))
    await client.settle()
    assert {how: len(view) for how, view in views.items()} == dict.fromkeys(views, 1)
    assert team.uid != teams.list()[0].uid
