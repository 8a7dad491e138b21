"""What a client knows of its cluster, and what its views take where they do not say otherwise."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fairlead import CacheOptions, InvalidObject, NamespaceOptions, NotSynced, ObjectMeta, Resource, ServerVersion
from fairlead.models.core.v1 import ConfigMap, Namespace, Pod, Secret
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


def without_data(each: ConfigMap) -> ConfigMap:
    each.data = {}
    return each


def names(objects: list[ConfigMap]) -> list[str]:
    return sorted(each.name for each in objects)


@requirement("client:cache-options:by-type", "client:cache-options:views-win")
async def test_cache_options_by_type(cluster: Cluster):
    other = await cluster.make_namespace(f"other-{cluster.unique}")
    for name, where in (("a", cluster.namespace), ("b", other), ("c", "default")):
        labels = {"mine": cluster.unique, "name": name}
        await cluster.client.direct(ConfigMap).create(
            cluster.config(name + cluster.unique, where, labels=labels, x="1")
        )
    options = CacheOptions(
        namespace=[cluster.namespace, other], labels={"mine": cluster.unique}, fields="metadata.name!=kube-root-ca.crt",
        transform=without_data, keep_managed_fields=True,
    )  # fmt: skip
    client = cluster.connect(cache_options={ConfigMap: options, ("v1", "Secret"): CacheOptions(namespace="default")})
    plain, dynamic = client.cached(ConfigMap), client.cached("v1", "ConfigMap")
    everywhere = client.cached(ConfigMap, namespace="", labels=f"mine={cluster.unique},name!=a")
    same = client.cached(ConfigMap, fields="")
    secrets, spaces = client.cached(Secret), client.cached(Namespace)
    await client.run_and_wait(timeout=20)
    a, b, c = (f"{name}{cluster.unique}" for name in "abc")
    assert (names(plain.list()), sorted(each.name for each in dynamic.list())) == ([a, b], [a, b])
    assert (names(everywhere.list()), names(same.list())) == ([b, c], [a, b])
    found = plain.get(a, cluster.namespace)
    assert found is not None
    assert (dict(found.data), bool(found.metadata.managed_fields)) == ({}, True)
    with pytest.raises(InvalidObject, match="transformed"):
        await plain.update(found)
    assert {each.namespace for each in secrets.list()} <= {"default"}
    assert {cluster.namespace, other} <= {each.name for each in spaces.list()}
    await cluster.client.direct(ConfigMap).delete(c, "default")


@requirement("client:cache-options:by-namespace")
async def test_cache_options_by_namespace(cluster: Cluster):
    here, there = cluster.namespace, await cluster.make_namespace(f"there-{cluster.unique}")
    for where in (here, there):
        for name, labels in (("a", {"mine": "1", "app": "web"}), ("b", {"mine": "1"}), ("c", {})):
            await cluster.client.direct(ConfigMap).create(cluster.config(name, where, labels=labels, x="1"))
    options = CacheOptions(
        namespace={
            here: NamespaceOptions(labels="app=web"),
            there: NamespaceOptions(fields="metadata.name!=b", transform=without_data),
        },
        labels="mine",
    )
    client = cluster.connect(cache_options={ConfigMap: options})
    both, dynamic = client.cached(ConfigMap), client.cached("v1", "ConfigMap", labels="mine,app")
    one = client.cached(ConfigMap, namespace=there)
    metas = client.metadata(ConfigMap)
    await client.run_and_wait(timeout=20)
    assert sorted((each.namespace, each.name, dict(each.data)) for each in both.list()) == [
        (here, "a", {"x": "1"}),
        (there, "a", {}),
    ]
    assert [(each.name, dict(each.data)) for each in one.list()] == [("a", {})]
    assert sorted((each.namespace, each.name) for each in dynamic.list()) == [(here, "a"), (there, "a")]
    assert sorted((each.namespace, each.name) for each in metas.list()) == [(here, "a"), (there, "a")]
    assert (here in both.what, there in both.what, "app=web" in both.what) == (True, True, True)
    with pytest.raises(InvalidObject, match="transformed"):
        await one.update(one.list()[0])
    # `one` shares the watch of the other view in that namespace.
    assert len(client.statistics().informers) == 6


@requirement("client:cache-options:compact")
async def test_a_compact_cache(cluster: Cluster):
    text = "the same words in every object, " * 40
    client = cluster.connect(cache_options={ConfigMap: CacheOptions(compact=True)})
    packed = client.cached(ConfigMap, namespace=cluster.namespace, labels="app")
    plain = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="app")
    even = client.cached(
        ConfigMap, namespace=cluster.namespace, labels="app", filter=lambda c: int(c.data["n"]) % 2 == 0
    )
    for number in range(20):
        config = cluster.config(f"c{number}", labels={"app": f"a{number % 3}"}, n=str(number), text=text)
        await cluster.client.direct(ConfigMap).create(config)
    by_number = packed.index("by-number", lambda config: [config.data["n"]])
    told: list[str] = []
    packed.add_handler(on_event=lambda event: told.append(f"{event.type} {event.key.name} {event.object.data['n']}"))
    await client.run_and_wait(timeout=20)
    await cluster.client.run_and_wait(timeout=20)
    assert sorted(told) == sorted(f"add c{n} {n}" for n in range(20))
    assert {each.name: each for each in packed.list()} == {each.name: each for each in plain.list()}
    assert names(even.list()) == sorted(f"c{n}" for n in range(0, 20, 2))
    assert names(packed.list(labels={"app": "a1"})) == sorted(f"c{n}" for n in range(1, 20, 3))
    assert names(by_number.lookup("7")) == ["c7"]
    sizes = [each.statistics().informers[0].size for each in (client, cluster.client)]
    assert sizes[0] < sizes[1] / 2
    told.clear()
    changed = packed.get("c7")
    assert changed is not None
    changed.data["n"] = "70"
    await packed.update(changed)
    assert names(by_number.lookup("70")) == ["c7"]
    await packed.delete("c8", cluster.namespace)
    await client.settle()
    assert told == ["update c7 70", "delete c8 8"]
    assert [each.data["n"] for each in by_number.lookup("70")] == ["70"]
    assert (len(packed), len(even)) == (19, 10)


@requirement("client:cache-options:refused")
async def test_cache_options_that_contradict(cluster: Cluster):
    for wrong in (
        {ConfigMap: CacheOptions(), ("v1", "ConfigMap"): CacheOptions()},
        {ConfigMap: CacheOptions(namespace=[])},
        {ConfigMap: CacheOptions(namespace={})},
        {ConfigMap: CacheOptions(namespace={"": NamespaceOptions(), "a": NamespaceOptions()})},
        {"ConfigMap": CacheOptions()},
    ):
        with pytest.raises(InvalidObject, match=r"twice|names no namespace|stands alone|name the type by its class"):
            cluster.connect(cache_options=wrong)


@requirement("cache:managed-fields:cut")
async def test_managed_fields_are_kept_on_request_alone(cluster: Cluster):
    cut = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    kept = cluster.client.cached(ConfigMap, namespace=cluster.namespace, keep_managed_fields=True)
    await cluster.client.run_and_wait(timeout=20)
    await cut.create(cluster.config("a", x="1"))
    for _ in ("own write", "from the watch"):
        found = [view.get("a") for view in (cut, kept)]
        assert [each is not None and bool(each.metadata.managed_fields) for each in found] == [False, True]
        await cluster.client.settle()
    mine = cut.get("a")
    assert mine is not None
    mine.data["x"] = "2"
    assert (await cut.update(mine)).data == {"x": "2"}


@requirement("client:server-version:lazy")
async def test_the_server_s_version(cluster: Cluster):
    client = cluster.connect()
    one, other = await asyncio.gather(client.server_version(), client.server_version())
    assert one is other is await client.server_version()
    assert isinstance(one, ServerVersion)
    assert one.number >= (1, 30)
    assert str(one) == one.git_version != ""


@requirement("client:cluster:id-and-counters")
async def test_the_cluster_s_id(cluster: Cluster):
    named, plain = cluster.connect(cluster="east"), cluster.connect()
    assert (named.cluster, named.statistics().cluster) == ("east", "east")
    assert plain.cluster == plain.statistics().cluster != ""
    assert "Client of east: 0 views" in repr(named)
    statistics = named.statistics()
    assert (statistics.views, statistics.handlers, statistics.handler_errors, statistics.watch_errors) == (0, 0, 0, 0)


@requirement("client:cluster:id-and-counters")
async def test_errors_are_counted_by_cluster(cluster: Cluster):
    client = cluster.connect(informer_grace=0.0, cluster="west")
    missing = client.cached(f"x{cluster.unique}.example.com/v1", "Nothing")
    with pytest.raises(NotSynced, match="not served"):
        await client.run_and_wait(timeout=1.0)
    counted = client.statistics().watch_errors
    assert counted >= 1
    await missing.close()
    await client.settle()
    assert client.statistics().watch_errors >= counted


@requirement("cache:caught-up:object-and-version")
async def test_waiting_for_what_was_learnt_elsewhere(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await client.run_and_wait(timeout=20)
    direct = cluster.client.direct(ConfigMap)
    for number in range(5):
        made = await direct.create(cluster.config(f"a{number}", labels={"mine": "1"}))
        await configs.caught_up(made)
        assert configs.get(made.name) == made
        made.data["x"] = "1"
        made = await direct.update(made)
        await configs.caught_up(made.resource_version)
        assert configs.get(made.name) == made
    # Never to be seen here: outside of the selection, and of the namespace.
    await configs.caught_up(await direct.create(cluster.config("other")))
    await configs.caught_up(await direct.create(cluster.config(f"other-{cluster.unique}", "default")))
    assert [configs.get("other"), len(configs)] == [None, 5]
    await direct.delete(f"other-{cluster.unique}", "default")
    with pytest.raises(InvalidObject, match="no resourceVersion"):
        await configs.caught_up(cluster.config("new"))
    idle = cluster.connect().cached(ConfigMap)
    with pytest.raises(NotSynced, match="not started"):
        await idle.caught_up(made, timeout=0.2)


@requirement("cache:live:whole")
async def test_reading_a_whole_object_past_the_cache(cluster: Cluster):
    slim = cluster.client.cached(ConfigMap, namespace=cluster.namespace, transform=without_data)
    metas = cluster.client.metadata(ConfigMap, namespace=cluster.namespace)
    await cluster.client.run_and_wait(timeout=20)
    await slim.create(cluster.config("a", x="1"))
    await cluster.client.settle()
    for view in (slim, metas):
        held = view.get("a")
        assert held is not None
        with pytest.raises(InvalidObject, match="live"):
            await view.update(held)
        whole = await view.live(held)
        assert whole.data == {"x": "1"}
        whole.data["y"] = "2"
        assert (await view.update(whole)).data == {"x": "1", "y": "2"}
        whole = await view.live("a", cluster.namespace)
        del whole.data["y"]
        await view.update(whole)
        await cluster.client.settle()


@requirement("client:types:named-rightly")
async def test_what_is_no_type_is_refused_at_once(cluster: Cluster):
    client = cluster.connect()
    pod: Any = Pod(metadata=ObjectMeta(name="a", namespace="default"))
    for wrong in (dict, ObjectMeta, None, Resource, pod, 7):
        for ask in (client.cached, client.delayed, client.metadata, client.direct):
            with pytest.raises(InvalidObject, match=r"give a class, as in cached\(Pod\)"):
                ask(wrong)
    for words in (
        ("ConfigMap", "v1"),
        ("a/b/c", "Thing"),
        ("v1", "Pod/log"),
        ("pods", "v1"),
        ("v1", Pod),
        ("/v1", "Pod"),
    ):
        for ask in (client.cached, client.direct):
            with pytest.raises(InvalidObject, match="give the apiVersion, then the kind"):
                ask(*words)
    for words in (("v1", "Pod"), ("apps/v1", "Deployment"), ("s.example.com/v1alpha1", "data"), ("x/rolling", "V2")):
        client.direct(*words)
