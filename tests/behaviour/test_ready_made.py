"""Ready-made predicates, and handlers that queue keys."""

from __future__ import annotations

import asyncio

import pytest

from fairlead import ClosedError, Event, ObjectKey, ObjectMeta, Resource, ignore_not_found
from fairlead.controller import (
    Predicate,
    Queue,
    Reconciler,
    annotations_changed,
    changed,
    generation_changed,
    labels_changed,
    latest,
    mapped_keys,
    oldest_object,
    owner_keys,
    resource_version_changed,
)
from fairlead.machinery.meta import OwnerReference
from fairlead.models.apps.v1 import Deployment
from fairlead.models.core.v1 import ConfigMap, Node
from fairlead.testing import Tracker, wrap
from tests.behaviour.clusters import Cluster, soon, until
from tests.behaviour.requirements import requirement


def deployment(cluster: Cluster, name: str) -> Deployment:
    return Deployment.from_dict(
        {
            "metadata": {"name": name, "namespace": cluster.namespace},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{"name": "web", "image": "web:1"}]},
                },
            },
        }
    )


@requirement("handlers:predicates:changes", "handlers:predicates:uid")
async def test_predicates_on_what_has_changed(cluster: Cluster):
    view = cluster.client.cached(Deployment, namespace=cluster.namespace)
    predicates = {
        "generation": generation_changed, "labels": labels_changed, "annotations": annotations_changed,
        "version": resource_version_changed, "image": changed(lambda each: each.spec.template.spec.containers[0].image),
    }  # fmt: skip
    trackers = {name: Tracker() for name in predicates}
    for name, predicate in predicates.items():
        view.add_handler(on_event=trackers[name], when=predicate)
    await cluster.client.run_and_wait(timeout=20)
    t = wrap(view)
    await t.create(deployment(cluster, "a"))
    for patch in (
        {"metadata": {"labels": {"l": "1"}}},
        {"metadata": {"annotations": {"a": "1"}}},
        {"spec": {"replicas": 1}},
    ):
        await t.patch("a", cluster.namespace, merge=patch)
    await t.patch_status("a", cluster.namespace, merge={"status": {"observedGeneration": 1}})
    await t.delete("a", cluster.namespace, propagation="Background")
    # Another life has the first generation again: it is no update of the old one, whatever the predicate compares.
    await t.create(deployment(cluster, "a"))
    await cluster.client.settle()
    told = {name: tracker.events.count("update/a") for name, tracker in trackers.items()}
    # A Deployment's generation counts its annotations too.
    assert told == {"generation": 2, "labels": 1, "annotations": 1, "version": 4, "image": 0}
    for tracker in trackers.values():
        assert [each for each in tracker.events if each != "update/a"] == ["add/a", "delete/a", "add/a"]
    await t.delete("a", cluster.namespace, propagation="Background")


@requirement("handlers:predicates:combined")
async def test_predicates_combine(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    updates = Predicate(lambda event: event.type == "update")
    either, both, neither, first = Tracker(), Tracker(), Tracker(), Tracker()
    configs.add_handler(on_event=either, when=labels_changed | annotations_changed)
    configs.add_handler(
        on_update=lambda old, new: both(Event("update", new.key, old, new)), when=labels_changed & annotations_changed
    )
    configs.add_handler(on_event=neither, when=updates & ~(labels_changed | annotations_changed))
    configs.add_handler(on_event=first, when=lambda event: not event.initial and event.type == "add")
    t = wrap(configs)
    await t.create(cluster.config("old", labels={"mine": "1"}))
    await cluster.client.run_and_wait(timeout=20)
    await t.create(cluster.config("a", labels={"mine": "1"}))
    for metadata in (
        {"labels": {"l": "1"}},
        {"annotations": {"a": "1"}},
        {"labels": {"l": "2"}, "annotations": {"a": "2"}},
    ):
        await t.patch("a", cluster.namespace, merge={"metadata": metadata})
    await t.patch("a", cluster.namespace, merge={"data": {"x": "1"}})
    await cluster.client.settle()
    either.expect("add/old", "add/a", "update/a", "update/a", "update/a")
    both.expect("update/a")
    neither.expect("update/a")
    first.expect("add/a")
    assert str(updates & ~labels_changed).endswith("& ~labels_changed)")


@requirement("handlers:predicates:raising")
async def test_a_predicate_that_raises(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    configs.add_handler(on_event=tracker, when=lambda event: int(event.object.data["x"]) > 0)
    await cluster.client.run_and_wait(timeout=20)
    await configs.create(cluster.config("odd", labels={"mine": "1"}, x="many"))
    await configs.create(cluster.config("a", labels={"mine": "1"}, x="1"))
    await configs.create(cluster.config("b", labels={"mine": "1"}, x="0"))
    await cluster.client.settle()
    tracker.expect("add/a")
    assert [(kind, key) for kind, _, key in cluster.handler_errors] == [("ValueError", f"{cluster.namespace}/odd")]


@requirement("handlers:one-function:all-events")
async def test_one_function_for_all_events(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    seen: list[str] = []
    later: list[str] = []

    async def note(each: ConfigMap) -> None:
        later.append(each.data["x"])

    configs.add_handler(on_event=latest(lambda each: seen.append(each.data["x"])))
    configs.add_handler(on_event=latest(note))
    t = wrap(configs)
    await cluster.client.run_and_wait(timeout=20)
    await t.create(cluster.config("a", labels={"mine": "1"}, x="1"))
    await t.patch("a", cluster.namespace, merge={"data": {"x": "2"}})
    await t.delete("a", cluster.namespace)
    await cluster.client.settle()
    assert seen == later == ["1", "2", "2"]


def owned(cluster: Cluster, name: str, *owners: OwnerReference) -> ConfigMap:
    config = cluster.config(name, labels={"mine": "1"})
    config.metadata.owner_references = list(owners)
    return config


@requirement("handlers:enqueue:owner", "handlers:enqueue:cluster-scoped-owner")
async def test_owners_are_queued(cluster: Cluster):
    class Site(Resource, api_version=f"s{cluster.unique}.example.com/v1", kind="Site", scope="Cluster"):
        pass

    done: list[tuple[str, ObjectKey]] = []

    def reconciler(name: str) -> Reconciler:
        async def reconcile(key: ObjectKey) -> None:
            done.append((name, key))

        return Reconciler(cluster.client, name, reconcile)

    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    async with reconciler("any") as any_, reconciler("controller") as controller, reconciler("site") as sites:
        configs.add_handler(on_event=any_.enqueue_owner(Deployment))
        configs.add_handler(on_event=controller.enqueue_owner("Deployment", group="apps", controller_only=True))
        configs.add_handler(on_event=sites.enqueue_owner(Site))
        await cluster.client.run_and_wait(timeout=20)
        # Of the owners there are only names: whether they exist is not asked. Other versions of a group are the same kind.
        uid = "00000000-0000-0000-0000-000000000001"
        old = OwnerReference(api_version="apps/v1beta2", kind="Deployment", name="web", uid=uid)
        main = OwnerReference(api_version="apps/v1", kind="Deployment", name="main", uid=uid, controller=True)
        other = OwnerReference(api_version="apps.example.com/v1", kind="Deployment", name="other", uid=uid)
        place = OwnerReference(api_version=Site.resource_type.api_version, kind="Site", name="north", uid=uid)
        t = wrap(configs)
        for number, owners in enumerate(((), (old,), (main,), (other,), (place,))):
            await cluster.client.direct(ConfigMap).create(owned(cluster, f"c{number}", *owners), dry_run=True)
            done.clear()
            event = Event("add", ObjectKey(f"c{number}"), None, owned(cluster, f"c{number}", *owners))
            for handler in (
                any_.enqueue_owner(Deployment),
                controller.enqueue_owner("Deployment", group="apps", controller_only=True),
                sites.enqueue_owner(Site),
            ):
                handler(event)
            await cluster.client.settle()
            where = cluster.namespace
            assert (
                sorted(done)
                == [
                    [],
                    [("any", ObjectKey("web", where))],
                    [("any", ObjectKey("main", where)), ("controller", ObjectKey("main", where))],
                    [],
                    [("site", ObjectKey("north"))],
                ][number]
            )
        done.clear()
        await t.create(owned(cluster, "plain"))
        await cluster.client.settle()
        assert done == []


@requirement("handlers:enqueue:mapped")
async def test_keys_are_mapped_from_both_sides_of_a_change(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    queue: Queue[ObjectKey] = Queue(cluster.client)
    told: list[list[ObjectKey]] = []

    def targets(each: ConfigMap) -> list[ObjectKey]:
        return [ObjectKey(name) for name in each.data["targets"].split()]

    def enqueue(event: Event[ConfigMap]) -> None:
        told.append(mapped_keys(targets, event))
        for key in told[-1]:
            queue.add(key)

    configs.add_handler(on_event=enqueue)
    t = wrap(configs)
    await cluster.client.run_and_wait(timeout=20)
    await t.create(cluster.config("a", labels={"mine": "1"}, targets="x y x"))
    await t.patch("a", cluster.namespace, merge={"data": {"targets": "y z"}})
    await until(configs, lambda: len(told) == 2)
    keys = [[key.name for key in keys] for keys in told]
    assert keys == [["x", "y"], ["x", "y", "z"]]
    assert (len(queue), queue.statistics().merged, queue.statistics().high_water) == (3, 2, 3)
    queue.close(drain=False)


@requirement("handlers:owner-keys:by-kind")
async def test_owner_keys_by_class_and_by_kind():
    config = ConfigMap(metadata=ObjectMeta(name="a", namespace="n"))
    config.metadata.owner_references = [
        OwnerReference(api_version="v1", kind="Node", name="one", uid="1"),
        OwnerReference(api_version="nodes.example.com/v2", kind="Node", name="two", uid="2", controller=True),
    ]
    assert owner_keys(Node)(config) == [ObjectKey("one")]
    assert owner_keys("Node", namespaced=False)(config) == [ObjectKey("one"), ObjectKey("two")]
    assert owner_keys("Node", group="nodes.example.com")(config) == [ObjectKey("two", "n")]
    assert owner_keys("Node", group="", namespaced=False, controller_only=True)(config) == []


@requirement("objects:oldest:first")
async def test_the_oldest_object(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    await cluster.client.run_and_wait(timeout=20)
    assert oldest_object(configs.list()) is None
    for name in ("b", "a"):
        await configs.create(cluster.config(name, labels={"mine": "1"}))
    objects = configs.list()
    for each in objects:
        each.metadata.creation_timestamp = objects[0].metadata.creation_timestamp
    found = oldest_object(objects)
    assert found is not None
    assert found.name == "a"
    unborn = cluster.config("0")
    assert oldest_object([unborn, *objects]) is found
    assert oldest_object([unborn]) is unborn


@requirement("direct:delete:ignore-not-found")
async def test_what_is_not_there_need_not_be_an_error(cluster: Cluster):
    direct = cluster.client.direct(ConfigMap)
    await direct.create(cluster.config("a"))

    async def delete() -> ConfigMap | None:
        return await direct.delete("a", cluster.namespace)

    async def get() -> ConfigMap:
        return await direct.get("a", cluster.namespace)

    found = await ignore_not_found(get)
    assert (found is not None and found.name, await ignore_not_found(delete)) == ("a", None)
    assert (await ignore_not_found(get), await ignore_not_found(delete)) == (None, None)
    with pytest.raises(ValueError, match="other"):
        await ignore_not_found(failing)


async def failing() -> None:
    raise ValueError("other errors pass")


@requirement("queue:synced:before-the-start")
async def test_a_reconciler_is_synced_once_what_was_queued_before_has_been_reconciled(cluster: Cluster):
    begun, go = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def reconcile(key: ObjectKey) -> None:
        begun.set()
        await go.wait()
        done.append(key.name)

    reconciler = Reconciler(cluster.client, "early", reconcile)
    for name in ("a", "b", "c"):
        reconciler.add(ObjectKey(name))
    async with reconciler:
        await begun.wait()
        assert not reconciler.has_synced()
        go.set()
        await reconciler.wait_synced()
        assert (reconciler.has_synced(), sorted(done)) == (True, ["a", "b", "c"])


@requirement("queue:close:drains")
@pytest.mark.parametrize("drain", [True, False])
async def test_what_waits_when_a_reconciler_is_closed(cluster: Cluster, drain: bool):
    begun, go = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def reconcile(key: ObjectKey) -> None:
        begun.set()
        await go.wait()
        done.append(key.name)

    reconciler = Reconciler(cluster.client, "closing", reconcile, workers=1)
    reconciler.start()
    for name in ("a", "b", "c"):
        reconciler.add(ObjectKey(name))
    reconciler.add_after(ObjectKey("later"), 3600)
    await begun.wait()
    closing = asyncio.create_task(reconciler.close(drain=drain))
    await soon(lambda: reconciler.closed)
    reconciler.add(ObjectKey("too late"))
    go.set()
    await closing
    assert done == (["a", "b", "c"] if drain else ["a"])
    assert reconciler.idle


@requirement("queue:close:drains")
async def test_what_waits_in_a_queue_that_is_closed(cluster: Cluster):
    queue: Queue[str] = Queue(client=cluster.client)
    for name in ("a", "b"):
        queue.add(name)
    queue.close()
    queue.add("too late")
    for name in ("a", "b"):
        assert await queue.get() == name
        queue.done(name)
    with pytest.raises(ClosedError):
        await queue.get()
    await cluster.client.settle()
