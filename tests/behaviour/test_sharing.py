"""Who shares a watch with whom, how long it lives, and what is each view's own."""

from __future__ import annotations

import logging
from typing import NamedTuple

import pytest

from fairlead import Cached, Client, DynamicFilter, InvalidSelector
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


def names(objects: list[ConfigMap]) -> list[str]:
    return sorted(each.name for each in objects)


def watches(client: Client) -> int:
    return len(client.statistics().informers)


@requirement("cache:sharing:canonical-selectors", "cache:sharing:typed-and-dynamic")
async def test_ways_to_say_one_thing_share_one_watch(cluster: Cluster):
    client = cluster.connect()
    typed = client.cached(ConfigMap, namespace=cluster.namespace, labels="a=b,c=d", fields="metadata.name!=x")
    dynamic = client.cached(
        "v1", "ConfigMap", namespace=cluster.namespace, labels="c=d, a in (b)", fields="metadata.name!=x"
    )
    client.cached(ConfigMap, namespace=[cluster.namespace], labels={"c": "d", "a": "b"}, fields="metadata.name!=x")
    assert watches(client) == 1
    client.cached(ConfigMap, namespace=cluster.namespace, labels="a=b,c!=d", fields="metadata.name!=x")
    client.cached(
        ConfigMap, namespace=cluster.namespace, labels="a=b,c=d", fields="metadata.name!=x", keep_managed_fields=True
    )
    client.metadata(ConfigMap, namespace=cluster.namespace, labels="a=b,c=d", fields="metadata.name!=x")
    assert watches(client) == 4
    for _ in range(3):
        with pytest.raises(InvalidSelector):
            client.cached(ConfigMap, labels="a in b")
    assert watches(client) == 4
    await client.run_and_wait(timeout=20)
    await typed.create(cluster.config("m", labels={"a": "b", "c": "d"}, x="1"))
    await client.settle()
    (found,) = dynamic.list()
    assert (type(typed.list()[0]), found["data"]) == (ConfigMap, {"x": "1"})


class Slim(NamedTuple):
    name: str


def slim(each: ConfigMap) -> Slim:
    return Slim(each.name)


def kind_of(each: object) -> str:
    return type(each).__name__


def without_data(each: ConfigMap) -> ConfigMap:
    each.data = {}
    return each


@requirement("cache:sharing:transforms-apart")
async def test_a_transform_is_part_of_what_is_shared(cluster: Cluster):
    client = cluster.connect()
    whole = client.cached(ConfigMap, namespace=cluster.namespace)
    slims = client.cached(ConfigMap, namespace=cluster.namespace, transform=slim)
    again = client.cached(ConfigMap, namespace=cluster.namespace, transform=slim)
    emptied = client.cached(ConfigMap, namespace=cluster.namespace, transform=without_data)
    dynamic = client.cached("v1", "ConfigMap", namespace=cluster.namespace, transform=kind_of)
    typed = client.cached(ConfigMap, namespace=cluster.namespace, transform=kind_of)
    assert watches(client) == 5
    await client.run_and_wait(timeout=20)
    await whole.create(cluster.config("a", x="1"))
    for _ in ("own write", "from the watch"):
        found, empty = whole.get("a"), emptied.get("a")
        assert (found is not None and found.data, empty is not None and empty.data) == ({"x": "1"}, {})
        assert slims.get("a") == again.get("a") == Slim("a")
        assert (dynamic.get("a"), typed.get("a")) == ("DynamicResource", "ConfigMap")
        await client.settle()


@requirement("cache:sharing:same-code")
async def test_transforms_of_the_same_code_are_pointed_out_once(cluster: Cluster, caplog: pytest.LogCaptureFixture):
    client = cluster.connect()

    def names_of() -> Cached[ConfigMap, str]:
        return client.cached(ConfigMap, namespace=cluster.namespace, transform=lambda each: each.name)

    with caplog.at_level(logging.WARNING, logger="fairlead"):
        first = names_of()
        assert caplog.records == []
        for _ in range(3):
            names_of()
    (record,) = caplog.records
    assert (__file__ in record.getMessage(), "configmaps" in record.getMessage()) == (True, True)
    assert watches(client) == 4
    await client.run_and_wait(timeout=20)
    await first.create(cluster.config("a"))
    assert "a" in first.list()


@requirement("cache:sharing:grace", "cache:sharing:restart")
async def test_a_watch_lives_as_long_as_it_is_used(cluster: Cluster):
    client, quick = cluster.connect(), cluster.connect(informer_grace=0.0)
    for each, kept in ((client, True), (quick, False)):
        view = each.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
        other = each.cached(ConfigMap, namespace=cluster.namespace, labels="mine", filter=lambda _: True)
        await each.run_and_wait(timeout=20)
        await view.close()
        await other.create(cluster.config(f"kept-{kept}".lower(), labels={"mine": "1"}))
        await each.settle()
        assert len(other) == (1 if kept else 3)
        await other.close()
        await each.settle()
        await each.cached(ConfigMap, namespace=cluster.namespace).wait_synced(timeout=20)
        assert watches(each) == (2 if kept else 1)
        await cluster.client.direct(ConfigMap).create(cluster.config(f"meanwhile-{kept}".lower(), labels={"mine": "1"}))
        back = each.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
        tracker = Tracker()
        back.add_handler(on_event=tracker)
        await back.wait_synced(timeout=20)
        await each.settle()
        assert len(back) == len(tracker.events) == (2 if kept else 4)
        (informer,) = (i for i in each.statistics().informers if "mine" in i.what)
        assert informer.reflector.lists == 1


@requirement("cache:index:per-view", "cache:index:several-keys", "cache:index:raising", "cache:index:by-the-filter")
async def test_indexes_are_each_view_s_own(cluster: Cluster):
    client = cluster.connect()
    shown = {"a", "b", "odd"}
    chosen = DynamicFilter(lambda each: each.name in shown)
    first = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine", filter=chosen)
    second = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tags, other = first.index("i", lambda each: each.data["tags"].split()), second.index("i", lambda each: [each.name])
    await client.run_and_wait(timeout=20)
    for name, data in (("a", {"tags": "x y x"}), ("b", {"tags": "y"}), ("c", {"tags": "y"}), ("odd", {})):
        await first.create(cluster.config(name, labels={"mine": "1"}, **data))
    for _ in ("own writes", "from the watch"):
        assert (names(tags.lookup("x")), names(tags.lookup("y"))) == (["a"], ["a", "b"])
        assert (names(other.lookup("c")), other.lookup("y"), tags.lookup("c")) == (["c"], [], [])
        assert names(first.list()) == ["a", "b", "odd"]
        await client.settle()
    assert set(tags.keys()) == {"x", "y"}
    assert first.statistics().failures["index i: KeyError"] > 0
    shown ^= {"a", "c"}
    chosen.changed()
    assert (names(tags.lookup("x")), names(tags.lookup("y"))) == ([], ["b", "c"])
    late = first.index("late", lambda each: each.metadata.labels)
    assert names(late.lookup("mine")) == ["b", "c", "odd"]
    await first.patch("b", cluster.namespace, merge={"data": {"tags": "z"}})
    for _ in ("own write", "from the watch"):
        assert (names(tags.lookup("y")), names(tags.lookup("z"))) == (["c"], ["b"])
        await client.settle()
    await first.close()
    assert (names(tags.lookup("z")), names(other.lookup("b"))) == (["b"], ["b"])


LANGUAGE = {
    "": "abc", "team": "ab", "!team": "c", "team=red": "a", "team==red": "a", "team!=red": "bc", "team in (red, blue)": "ab",
    "team notin (red)": "bc", "team,size>2": "b", "size<2": "a", "team!=red,!team": "c", "team in (red),size in (1)": "a",
    "none": "",
}  # fmt: skip


@requirement("cache:list:selector-language")
async def test_lists_know_the_whole_selector_language(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, fields="metadata.name!=kube-root-ca.crt")
    await cluster.client.run_and_wait(timeout=20)
    for name, labels in (("a", {"team": "red", "size": "1"}), ("b", {"team": "blue", "size": "3"}), ("c", {})):
        await configs.create(cluster.config(name, labels=labels))
    for _ in ("own writes", "from the watch"):
        found = {text: "".join(names(configs.list(labels=text))) for text in LANGUAGE}
        assert found == LANGUAGE
        assert names(configs.list(labels={"team": "red", "size": "1"})) == ["a"]
        assert names(configs.list_unfiltered(cluster.namespace, labels="!team")) == ["c"]
        await cluster.client.settle()
    for wrong in ("a in b", "=", "a=b=c", "a~b"):
        with pytest.raises(InvalidSelector):
            configs.list(labels=wrong)


@requirement("cache:get:never-fails", "cache:reads:failed")
async def test_reads_answer_when_nothing_can_be_read(cluster: Cluster):
    client = cluster.connect()
    broken = client.cached(f"x{cluster.unique}.example.com/v1", "Nothing")
    everything = broken.index("all", lambda _: ["all"])
    client.start()
    for _ in range(2):
        assert (broken.get("a"), broken.list(), broken.list("n", labels="x"), broken.list_unfiltered()) == (
            None,
            [],
            [],
            [],
        )
        assert (everything.lookup("all"), everything.keys(), len(broken), broken.has_synced()) == ([], [], 0, False)
        await broken.close()
