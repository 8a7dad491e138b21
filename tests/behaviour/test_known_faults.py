"""Faults that caches, handlers and filters of this kind have had, each with the run that showed it; none of them may come back.

The numbers are those of `requirements.py`, where each fault is a row of its own.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any, NamedTuple

import pytest

from fairlead import (
    AlreadyExists,
    Conflict,
    DynamicFilter,
    Event,
    NamespaceFilter,
    NotSynced,
    ObjectKey,
)
from fairlead.controller import Reconciler
from fairlead.models.core.v1 import ConfigMap, Namespace, Pod
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster, until
from tests.behaviour.requirements import only, requirement

in_its_memory = only(
    "memory", "http", "real", reason="it looks for what is left in memory; tests/unit/sync does so for the façade"
)
in_memory = only(
    "memory", "http", "sync", "sync-http", reason="it holds watches back, which a real server does not do at will"
)


class Blocked:
    """An async handler that stands still at one object until it is told to go on, and never runs beside itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.events: list[str] = []
        self.running = self.most = 0

    async def __call__(self, event: Event[Any]) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        if event.key.name == self.name:
            self.begun.set()
            await self.go.wait()
        self.events.append(f"{event.type}/{event.key.name}")
        self.running -= 1


@requirement("fault:f03:delete-before-the-filter-excludes")
async def test_f03_a_delete_that_waits_is_told_although_the_filter_excludes_the_object_by_then(cluster: Cluster):
    wanted = {"blocker", "a"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    handler, seen = Blocked("blocker"), Tracker()
    await configs.create(cluster.config("a"))
    await cluster.client.run_and_wait(timeout=20)
    configs.add_handler(on_event=handler)
    configs.add_handler(on_event=seen)
    await configs.create(cluster.config("blocker"))
    await handler.begun.wait()
    await configs.delete("a", cluster.namespace)
    await until(configs, lambda: "delete/a" in seen.events)
    wanted.discard("a")
    chosen.changed()
    handler.go.set()
    await cluster.client.settle()
    assert handler.events == ["add/a", "add/blocker", "delete/a"]


@in_memory
@requirement("fault:f04:namespace-goes-first")
async def test_f04_objects_are_told_as_deleted_although_their_namespace_went_first(cluster: Cluster):
    space = await cluster.make_namespace(f"space-{cluster.unique}", team=cluster.unique)
    client = cluster.connect()
    chosen = NamespaceFilter(client, {"team": cluster.unique})
    configs = client.cached(ConfigMap, filter=chosen)
    spaces = client.cached(Namespace, filter=chosen)
    told, told_of_spaces = Tracker(), Tracker()
    configs.add_handler(on_event=told)
    spaces.add_handler(on_event=told_of_spaces)
    await client.run_and_wait(timeout=20)
    await cluster.client.direct(ConfigMap).create(cluster.config("a", space))
    await client.settle()
    told.expect("add/a")
    told_of_spaces.expect(f"add/{space}")
    held = cluster.faults.hold_watches(ConfigMap)
    await cluster.client.direct(Namespace).delete(space)
    await until(spaces, lambda: spaces.get(space) is None)
    # The objects' own deletions have not arrived; without their namespace they are not shown all the same.
    assert configs.list() == []
    held.close()
    await client.settle()
    told.expect("delete/a")
    assert told_of_spaces.events[-1] == f"delete/{space}"


@requirement("fault:f05:one-delivery-at-a-time")
async def test_f05_a_change_of_the_filter_waits_for_its_turn_in_the_handlers_queue(cluster: Cluster):
    wanted = {"blocker", "b"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    handler = Blocked("blocker")
    configs.add_handler(on_event=handler)
    await cluster.client.run_and_wait(timeout=20)
    made = await configs.create(cluster.config("blocker"))
    await configs.create(cluster.config("b"))
    await handler.begun.wait()
    made.data["x"] = "1"
    await configs.update(made)
    await until(configs, lambda: configs.statistics().handlers[0].depth == 3)
    wanted.clear()
    chosen.changed()
    handler.go.set()
    await cluster.client.settle()
    assert handler.most == 1
    mine = [event for event in handler.events if event.endswith("blocker")]
    assert mine == ["add/blocker", "update/blocker", "delete/blocker"]
    assert [event for event in handler.events if event.endswith("/b")] == ["add/b", "delete/b"]


@requirement("fault:f06:handler-between-change-and-notice")
async def test_f06_a_handler_added_between_a_filters_change_and_its_notice_is_told_of_each_object_once(
    cluster: Cluster,
):
    wanted = {"out"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("in", "out"):
        await configs.create(cluster.config(name))
    await cluster.client.settle()
    wanted ^= {"in", "out"}
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    chosen.changed()
    await cluster.client.settle()
    tracker.expect_unordered("add/out", "delete/out", "add/in")
    assert [each.name for each in configs.list()] == ["in"]


@requirement("fault:f07:handlers-inside-a-filters-call")
async def test_f07_a_handler_told_by_a_filters_change_may_add_and_close_handlers_and_flip_the_filter(cluster: Cluster):
    wanted = {"a"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    added, other = Tracker(), Tracker()

    async def meddle(event: Event[ConfigMap]) -> None:
        if event.type == "add" and event.key.name == "b":
            configs.add_handler(on_event=added)
            await mine.close()
            wanted.add("c")
            chosen.changed()
            assert {each.name for each in configs.list()} == {"a", "b", "c"}

    mine = configs.add_handler(on_event=meddle)
    configs.add_handler(on_event=other)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b", "c"):
        await configs.create(cluster.config(name))
    await cluster.client.settle()
    wanted.add("b")
    chosen.changed()
    await cluster.client.settle()
    assert mine.closed
    added.expect_unordered("add/a", "add/b", "add/c")
    other.expect("add/a", "add/b", "add/c")
    assert cluster.handler_errors == []


@requirement("fault:f08:namespaces-themselves")
async def test_f08_a_namespace_chosen_by_a_filter_is_added_once_and_deleted_once(cluster: Cluster):
    client = cluster.connect()
    chosen = NamespaceFilter(client, {"team": cluster.unique})
    before = client.cached(Namespace, filter=chosen)
    told = Tracker()
    before.add_handler(on_event=told)
    await client.run_and_wait(timeout=20)
    after = client.cached(Namespace, filter=chosen & DynamicFilter(lambda each: each.name.endswith(cluster.unique)))
    late = Tracker()
    after.add_handler(on_event=late)
    await after.wait_synced(timeout=20)
    space = await cluster.make_namespace(f"space-{cluster.unique}", team=cluster.unique)
    await client.settle()
    told.expect(f"add/{space}")
    late.expect(f"add/{space}")
    # Chosen by other selectors, without any event of a namespace.
    chosen.select({"team": "nobody"})
    assert (before.list(), after.list()) == ([], [])
    chosen.select({"team": cluster.unique})
    await client.settle()
    told.expect(f"delete/{space}", f"add/{space}")
    late.expect(f"delete/{space}", f"add/{space}")
    await cluster.label_namespace(space, team=None)
    await client.settle()
    assert [event for event in told.events if event.startswith("delete")] == [f"delete/{space}"]
    assert [event for event in late.events if event.startswith("delete")] == [f"delete/{space}"]
    assert not [event for event in (*told.events, *late.events) if event.startswith("add")]


@in_its_memory
@requirement("fault:f09:views-on-a-long-lived-filter")
async def test_f09_views_on_a_long_lived_filter_leave_nothing_behind(cluster: Cluster):
    client = cluster.connect()
    chosen = DynamicFilter(lambda _: True)
    spaces = NamespaceFilter(client)
    feeder = client.cached(ConfigMap, namespace=cluster.namespace)
    fed = DynamicFilter(lambda _: True, fed_by=feeder)
    await feeder.create(cluster.config("a"))
    dead: list[weakref.ref[Any]] = []
    for started in (False, True):
        if started:
            await client.run_and_wait(timeout=20)
        for _ in range(1000):
            view = client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen & spaces & ~~fed)
            tracker = Tracker()
            view.add_handler(on_event=tracker)
            view.index("names", lambda each: [each.name])
            dead += [weakref.ref(view), weakref.ref(tracker)]
            await view.close()
            del view, tracker
    chosen.changed()
    await client.settle()
    gc.collect()
    assert len(dead) == 4000
    assert sum(each() is not None for each in dead) == 0
    assert client.statistics().views == 2


@requirement("fault:f10:the-first-user-goes")
async def test_f10_a_cache_outlives_the_one_who_asked_for_it_first(cluster: Cluster):
    client = cluster.connect(informer_grace=0.0)
    first = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await client.run_and_wait(timeout=20)
    second = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await first.close()
    for _ in range(5):
        await asyncio.sleep(0)  # the grace time is over
    await second.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    late = Tracker()
    second.add_handler(on_event=late)
    await client.settle()
    late.expect("add/a")
    await second.close()
    # Nobody used it any more; for a new user it begins again.
    third = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    again = Tracker()
    third.add_handler(on_event=again)
    await third.wait_synced(timeout=20)
    again.expect("add/a")
    await third.delete("a", cluster.namespace)
    await client.settle()
    again.expect("delete/a")


class Names(NamedTuple):
    name: str


def only_the_name(each: ConfigMap) -> Names:
    return Names(each.name)


def without_data(each: ConfigMap) -> ConfigMap:
    each.data = {}
    return each


@requirement("fault:f11:transforms-are-not-shared")
async def test_f11_views_with_different_transforms_do_not_share_what_is_stored(cluster: Cluster):
    slim = cluster.client.cached(ConfigMap, namespace=cluster.namespace, transform=without_data)
    whole = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    names = cluster.client.cached(ConfigMap, namespace=cluster.namespace, transform=only_the_name)
    await whole.create(cluster.config("a", x="1"))
    await cluster.client.run_and_wait(timeout=20)
    kept, stripped = whole.get("a"), slim.get("a")
    assert kept is not None
    assert stripped is not None
    assert (kept.data, stripped.data) == ({"x": "1"}, {})
    assert names.get("a") == Names("a")


@requirement("fault:f12:index-names-are-the-views-own")
async def test_f12_two_views_may_name_their_indexes_alike(cluster: Cluster):
    one = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    two = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    by_x = one.index("it", lambda each: [each.data.get("x")])
    by_name = two.index("it", lambda each: [each.name])
    await one.create(cluster.config("a", x="1"))
    await cluster.client.run_and_wait(timeout=20)
    assert [each.name for each in by_x.lookup("1")] == ["a"]
    assert (by_x.lookup("a"), by_name.lookup("1")) == ([], [])
    assert [each.name for each in by_name.lookup("a")] == ["a"]


@requirement("fault:f13:selectors-are-canonical")
async def test_f13_one_selector_written_in_several_ways_is_one_watch(cluster: Cluster):
    client = cluster.connect()
    ways: list[Any] = ["a=b,c=d", "c=d,a=b", "c = d, a in (b)", "a==b,c in (d)", {"c": "d", "a": "b"}]
    for way in ways:
        client.cached(ConfigMap, namespace=cluster.namespace, labels=way)
    assert len(client.statistics().informers) == 1
    client.cached(ConfigMap, namespace=cluster.namespace, labels="a=b,c!=d")
    assert len(client.statistics().informers) == 2


@in_its_memory
@requirement("fault:f19:a-wait-that-is-given-up")
async def test_f19_a_wait_that_is_given_up_keeps_nothing(cluster: Cluster):
    client = cluster.connect()
    client.start()

    async def give_up(number: int) -> weakref.ref[Any]:
        absent = client.cached(f"absent{number}.example.com/v1", "Absent")
        with pytest.raises(NotSynced):
            await absent.wait_synced(timeout=0.001)
        await absent.close()
        return weakref.ref(absent)

    dead = [await give_up(index % 2) for index in range(20)]
    for _ in range(5):
        await asyncio.sleep(0)  # what the last wait scheduled is over
    gc.collect()
    assert sum(each() is not None for each in dead) == 0


@requirement("fault:f20:reads-and-events-agree")
async def test_f20_reads_show_what_handlers_are_told_of_and_not_what_the_filter_would_say(cluster: Cluster):
    wanted = {"a"}
    chosen = DynamicFilter(lambda each: each.name in wanted)
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, filter=chosen)
    told = Tracker()
    configs.add_handler(on_event=told)
    for name in ("a", "b"):
        await configs.create(cluster.config(name))
    await cluster.client.run_and_wait(timeout=20)
    told.expect("add/a")
    wanted ^= {"a", "b"}
    # Nobody was told yet, so nothing is shown yet.
    assert [each.name for each in configs.list()] == ["a"]
    assert (configs.get("a") is not None, configs.get("b")) == (True, None)
    await cluster.client.settle()
    told.expect_nothing()
    chosen.changed()
    await cluster.client.settle()
    told.expect_unordered("delete/a", "add/b")
    assert [each.name for each in configs.list()] == ["b"]


@requirement("fault:f21:a-fake-that-is-a-server")
async def test_f21_the_server_of_tests_has_versions_conflicts_finalizers_and_selectors(cluster: Cluster):
    direct = cluster.client.direct(ConfigMap)
    red = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="colour=red")
    named = cluster.client.cached(ConfigMap, namespace=cluster.namespace, fields="metadata.name=a")
    made = await direct.create(cluster.config("a", labels={"colour": "red"}, x="1"))
    await direct.create(cluster.config("b", labels={"colour": "blue"}))
    assert made.uid
    assert made.resource_version
    assert made.metadata.creation_timestamp
    with pytest.raises(AlreadyExists):
        await direct.create(cluster.config("a"))
    # A list that is not a cache's does not keep the start waiting.
    await direct.list(cluster.namespace)
    await cluster.client.run_and_wait(timeout=20)
    assert [each.name for each in red.list()] == [each.name for each in named.list()] == ["a"]
    stale = made.copy()
    made.data["x"] = "2"
    made.metadata.finalizers = ["example.com/hold"]
    await direct.update(made)
    with pytest.raises(Conflict):
        await direct.update(stale)
    held = await direct.delete("a", cluster.namespace)
    assert held is not None
    assert held.metadata.deletion_timestamp is not None
    await direct.patch("a", cluster.namespace, merge={"metadata": {"finalizers": None}})
    await cluster.client.settle()
    assert (red.list(), named.list()) == ([], [])
    pod = {
        "metadata": {"name": "p", "namespace": cluster.namespace},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    assert (await cluster.client.direct(Pod).create(Pod.from_dict(pod))).metadata.generation == 1


@requirement("fault:f22:private-isolated-and-counted")
async def test_f22_objects_are_private_faulty_handlers_alone_and_queues_can_be_seen(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    handler, others = Blocked("a"), Tracker()

    def spoil(event: Event[ConfigMap]) -> None:
        event.object.data["x"] = "spoilt"
        raise RuntimeError("a faulty handler")

    configs.add_handler(on_event=spoil)
    configs.add_handler(on_event=handler)
    configs.add_handler(on_event=others)
    await cluster.client.run_and_wait(timeout=20)
    for name in ("a", "b", "c"):
        await configs.create(cluster.config(name, x="1"))
    await handler.begun.wait()
    # A handler that raises may be in a thread of its own, and behind the others.
    await until(configs, lambda: len(others.events) == 3 and configs.statistics().handlers[0].failed == 3)
    spoiling, waiting, _ = configs.statistics().handlers
    assert (waiting.depth, waiting.high_water >= 2, spoiling.failed) == (3, True, 3)
    mine = configs.get("a")
    assert mine is not None
    mine.data["x"] = "spoilt"
    assert {each.data["x"] for each in configs.list()} == {"1"}
    handler.go.set()
    await cluster.client.settle()
    assert handler.events == ["add/a", "add/b", "add/c"]
    assert [error for error, _, _ in cluster.handler_errors] == ["RuntimeError"] * 3


@requirement("fault:f23:retries-and-owners")
async def test_f23_a_failed_key_is_tried_again_and_owners_without_a_namespace_are_found(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    done: list[ObjectKey] = []

    async def reconcile(key: ObjectKey) -> None:
        done.append(key)
        if len(done) == 1:
            raise RuntimeError("the first try")

    async with Reconciler(cluster.client, "f23", reconcile, first_retry=0.001) as reconciler:
        configs.add_handler(on_event=reconciler.enqueue_owner("Namespace", group="", namespaced=False))
        await cluster.client.run_and_wait(timeout=20)
        owner = await cluster.client.direct(Namespace).get(cluster.namespace)
        mine = cluster.config("a")
        reference = {"apiVersion": "v1", "kind": "Namespace", "name": owner.name, "uid": owner.uid}
        mine = ConfigMap.from_dict(
            {**mine.to_dict(), "metadata": {**mine.to_dict()["metadata"], "ownerReferences": [reference]}}
        )
        await configs.create(mine)
        await cluster.client.settle()
    assert done == [ObjectKey(cluster.namespace, "")] * 2
