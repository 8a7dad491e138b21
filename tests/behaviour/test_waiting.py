"""Waiting for one object, or for a view as a whole, without polling."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fairlead import ClosedError, ConditionNotMet, NotSynced, ObjectMeta, Resource, Struct, conditions, part
from fairlead.models.core.v1 import ConfigMap, Pod
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import only, requirement


def pod(cluster: Cluster, name: str) -> Pod:
    return Pod.from_dict(
        {
            "metadata": {"name": name, "namespace": cluster.namespace},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]},
        }
    )


async def begun(task: asyncio.Task[Any]) -> None:
    """Let a task begin to wait, and see that it does."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()


@pytest.fixture(params=["cached", "direct"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@requirement("waiting:view:conditions", "waiting:direct:conditions", "waiting:deleted:another-life")
async def test_the_life_of_one_object(cluster: Cluster, way: str):
    configs = getattr(cluster.client, way)(ConfigMap)
    cluster.client.start()
    writer = cluster.client.direct(ConfigMap)
    place = ("a", cluster.namespace)
    coming = asyncio.create_task(configs.wait_for(*place, timeout=20))
    await begun(coming)
    made = await writer.create(cluster.config("a", x="1"))
    found = await coming
    assert found is not None
    assert found.uid == made.uid
    changing = asyncio.create_task(configs.wait_for(*place, lambda obj: obj.data["x"] == "3", timeout=20))
    await begun(changing)
    for value in ("2", "3"):
        await writer.patch(*place, merge={"data": {"x": value}})
    assert (await changing).data == {"x": "3"}
    going = [
        asyncio.create_task(configs.wait_for(*place, condition, timeout=20))
        for condition in (conditions.deleted(), conditions.deleted(made), conditions.deleted(made.uid))
    ]
    await begun(going[0])
    await writer.delete(*place)
    assert await going[0] is None
    other = await writer.create(cluster.config("a", x="1"))
    # The later ones may see the end of the first life, or the second life.
    for each in await asyncio.gather(*going[1:]):
        assert each is None or each.uid == other.uid
    again = await configs.wait_for(*place, conditions.deleted(made), timeout=20)
    assert again is None or again.uid == other.uid


@requirement("waiting:view:conditions", "waiting:direct:conditions", "waiting:conditions:combined")
async def test_conditions_of_a_status(cluster: Cluster, way: str):
    pods = getattr(cluster.client, way)(Pod)
    cluster.client.start()
    writer = cluster.client.direct(Pod)
    await writer.create(pod(cluster, "a"))
    place = ("a", cluster.namespace)
    ready = conditions.has_condition("Ready")
    wanted = (ready & conditions.has_condition("Initialized", "False") & ~conditions.being_deleted()) | (
        lambda obj: obj is None
    )
    waiting = asyncio.create_task(pods.wait_for(*place, wanted, timeout=20))
    await begun(waiting)
    for status in ("False", "True"):
        listed = [{"type": "Ready", "status": status}, {"type": "Initialized", "status": "False"}]
        await writer.patch_status(*place, merge={"status": {"conditions": listed}})
    found = await waiting
    assert [(each.type, each.status) for each in found.status.conditions or []][:1] == [("Ready", "True")]
    assert wanted(None)
    assert not (ready & conditions.exists())(None)
    await writer.delete("a", cluster.namespace, grace_period=0)


@requirement("waiting:errors:last-seen")
async def test_a_wait_that_is_not_met_says_what_it_saw(cluster: Cluster, way: str):
    pods = getattr(cluster.client, way)(Pod)
    await cluster.client.run_and_wait(timeout=20)
    writer = cluster.client.direct(Pod)
    with pytest.raises(ConditionNotMet, match=r"not there(.*)there was no such object"):
        await pods.wait_for("a", cluster.namespace, timeout=0.2)
    held = pod(cluster, "a")
    held.metadata.finalizers = ["example.com/held"]
    await writer.create(held)
    await writer.patch_status(
        "a",
        cluster.namespace,
        merge={"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Sick", "message": "so ill"}]}},
    )
    await writer.delete("a", cluster.namespace, grace_period=0)
    await cluster.client.settle()
    with pytest.raises(ConditionNotMet) as caught:
        await pods.wait_for("a", cluster.namespace, conditions.deleted(), timeout=0.2)
    said = str(caught.value)
    for part_ in ("not deleted", "uid ", "held by example.com/held", "Ready=False (Sick: so ill)", "0.2 s"):
        assert part_ in said
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value.last, Pod)
    await writer.patch("a", cluster.namespace, merge={"metadata": {"finalizers": None}})
    await pods.wait_for("a", cluster.namespace, conditions.deleted(), timeout=20)


@requirement("waiting:view:whole", "waiting:errors:closed")
async def test_a_view_as_a_whole(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    with pytest.raises(NotSynced):
        await configs.wait_until(lambda: True, timeout=0.1)
    client.start()
    waiting = asyncio.create_task(configs.wait_until(lambda: len(configs) == 2, timeout=20))
    await begun(waiting)
    for name in ("a", "b"):
        await client.direct(ConfigMap).create(cluster.config(name, labels={"mine": "1"}))
    await waiting
    with pytest.raises(ConditionNotMet, match="2 objects"):
        await configs.wait_until(lambda: len(configs) == 3, timeout=0.1)
    endless = asyncio.create_task(configs.wait_for("c", cluster.namespace, timeout=25))
    await begun(endless)
    await configs.close()
    with pytest.raises(ClosedError):
        await endless


@requirement("waiting:object:its-own-end")
async def test_an_object_is_waited_for_as_it_is(cluster: Cluster, way: str):
    configs = getattr(cluster.client, way)(ConfigMap)
    cluster.client.start()
    writer = cluster.client.direct(ConfigMap)
    first = await writer.create(cluster.config("a"))
    assert (await configs.wait_for(first, timeout=20)).uid == first.uid
    await writer.delete("a", cluster.namespace)
    second = await writer.create(cluster.config("a"))
    # The second life has begun before the wait does: what was given has ended all the same.
    found = await configs.wait_for(first, condition=conditions.deleted() & ~conditions.being_deleted(), timeout=20)
    assert found is None or found.uid == second.uid
    with pytest.raises(ConditionNotMet):
        await configs.wait_for(second, condition=conditions.deleted(), timeout=0.2)
    # An object that was never stored names what is waited for, and no more.
    going = asyncio.create_task(configs.wait_for(cluster.config("a"), condition=conditions.deleted(), timeout=20))
    await begun(going)
    await writer.delete("a", cluster.namespace)
    assert await going is None


@requirement("waiting:client:object")
async def test_the_client_waits_for_an_object(cluster: Cluster):
    client = cluster.connect()
    place = ("a", cluster.namespace)
    coming = asyncio.create_task(client.wait_for(ConfigMap, *place, timeout=20))
    await begun(coming)
    made = await client.direct(ConfigMap).create(cluster.config("a", x="1"))
    found = await coming
    assert (type(found), found.uid) == (ConfigMap, made.uid)
    assert (await client.wait_for(made, timeout=20)).data == {"x": "1"}
    dynamic = await client.direct("v1", "ConfigMap").get(*place)
    again = await client.wait_for(dynamic, condition=lambda obj: obj["data"] == {"x": "1"}, timeout=20)
    assert (type(again), again.uid) == (type(dynamic), made.uid)
    with pytest.raises(ConditionNotMet, match="not there"):
        await client.wait_for(ConfigMap, "none", cluster.namespace, timeout=0.1)
    await client.direct(ConfigMap).delete(*place)
    assert await client.wait_for(made, condition=conditions.deleted(), timeout=20) is None


@requirement("waiting:client:whole", "waiting:errors:closed")
async def test_the_client_waits_for_all_its_views_and_handlers(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    others = client.cached(ConfigMap, namespace=cluster.namespace, labels="theirs")
    told: list[str] = []
    others.add_handler(on_add=lambda obj: told.append(obj.name))
    client.start()
    waiting = asyncio.create_task(client.wait_until(lambda: len(configs) == 2 and told == ["c"], timeout=20))
    await begun(waiting)
    for name, label in (("a", "mine"), ("b", "mine"), ("c", "theirs")):
        await cluster.client.direct(ConfigMap).create(cluster.config(name, labels={label: "1"}))
    await waiting
    late = client.cached(ConfigMap, namespace=cluster.namespace)
    await client.wait_until(lambda: len(late) >= 3, timeout=20)
    with pytest.raises(ConditionNotMet, match=r"after 0\.1 s: not"):
        await client.wait_until(lambda: len(configs) == 3, timeout=0.1)
    endless = asyncio.create_task(client.wait_until(lambda: False, timeout=25))
    await begun(endless)
    await client.close()
    with pytest.raises(ClosedError):
        await endless


class GearSpec(Struct):
    teeth: int = 0


@requirement("waiting:crd:established")
async def test_a_type_is_waited_for_from_before_it_is_there(cluster: Cluster):
    class Gear(Resource, api_version=f"g{cluster.unique}.example.com/v1", kind="Gear"):
        spec: GearSpec = part(default_factory=GearSpec)

    crds = cluster.client.direct("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    coming = asyncio.create_task(
        crds.wait_for(Gear.resource_type.crd_name, condition=conditions.established(), timeout=20)
    )
    gear = asyncio.create_task(cluster.client.direct(Gear).wait_for("a", cluster.namespace, timeout=20))
    await begun(coming)
    await cluster.serve(Gear)
    assert (await coming).name == Gear.resource_type.crd_name
    await cluster.client.direct(Gear).create(Gear(metadata=ObjectMeta(name="a", namespace=cluster.namespace)))
    assert (await gear).name == "a"
    await cluster.unserve(Gear)


@requirement("waiting:direct:conditions")
@only("memory", "http", "sync", "sync-http", reason="only the in-memory server has faults")
async def test_a_wait_outlives_what_happens_to_its_watch(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    faults = cluster.faults
    faults.fail(503, verb="list", type=ConfigMap, times=1)
    waiting = asyncio.create_task(
        configs.wait_for("a", cluster.namespace, lambda obj: obj is not None and obj.data == {"x": "9"}, timeout=20)
    )
    await begun(waiting)
    await configs.create(cluster.config("a", x="0"))
    for number in range(1, 10):
        faults.cut_watches(ConfigMap, clean=number % 2 == 0)
        if number == 5:
            faults.expire(type=ConfigMap, times=1)
        await configs.patch("a", cluster.namespace, merge={"data": {"x": str(number)}})
    assert (await waiting).data == {"x": "9"}
