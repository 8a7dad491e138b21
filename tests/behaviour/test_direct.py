"""The uncached client: every verb, and what it raises."""

from __future__ import annotations

import contextlib

import pytest

from fairlead import AlreadyExists, Conflict, Invalid, InvalidObject, NotFound, ObjectMeta, retry_on_conflict
from fairlead.machinery.meta import LabelSelector
from fairlead.models.apps.v1 import Deployment, DeploymentSpec, DeploymentStatus
from fairlead.models.core.v1 import ConfigMap, Container, PodSpec, PodTemplateSpec
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


def deployment(cluster: Cluster, name: str, *, replicas: int = 0) -> Deployment:
    labels = {"app": name}
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[Container(name="web", image="web:1")])
    )
    spec = DeploymentSpec(replicas=replicas, selector=LabelSelector(match_labels=labels), template=template)
    return Deployment(metadata=ObjectMeta(name=name, namespace=cluster.namespace), spec=spec)


@requirement("direct:create:gives-the-stored-object")
async def test_create_gives_the_object_as_stored(cluster: Cluster):
    mine = cluster.config("a", x="1")
    made = await cluster.client.direct(ConfigMap).create(mine)
    assert (made.data, bool(made.uid), bool(made.resource_version)) == ({"x": "1"}, True, True)
    assert mine.uid == ""
    assert await cluster.client.direct(ConfigMap).get("a", cluster.namespace) == made


@requirement("direct:create:already-exists")
async def test_a_name_that_is_taken(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    await configs.create(cluster.config("a"))
    with pytest.raises(AlreadyExists, match='configmaps "a" already exists') as caught:
        await configs.create(cluster.config("a"))
    assert (caught.value.code, caught.value.status.name) == (409, "a")


@requirement("direct:create:needs-a-name")
async def test_create_needs_a_name_that_can_be_one(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    with pytest.raises(InvalidObject, match=r"metadata\.name"):
        await configs.create(ConfigMap(metadata=ObjectMeta(namespace=cluster.namespace)))
    with pytest.raises(InvalidObject, match="a/b"):
        await configs.create(cluster.config("a/b"))


@requirement("direct:create:generate-name")
async def test_the_server_makes_a_name(cluster: Cluster):
    metadata = ObjectMeta(generate_name="made-", namespace=cluster.namespace)
    made = await cluster.client.direct(ConfigMap).create(ConfigMap(metadata=metadata))
    assert made.name.startswith("made-")
    assert len(made.name) > len("made-")


@requirement("direct:create:invalid")
async def test_invalid_names_the_field(cluster: Cluster):
    wrong = deployment(cluster, "wrong")
    wrong.spec.template.metadata.labels = {"app": "other"}
    with pytest.raises(Invalid) as caught:
        await cluster.client.direct(Deployment).create(wrong)
    assert "spec.template.metadata.labels" in {cause.field for cause in caught.value.status.causes}


@requirement("direct:create:missing-namespace", "direct:get:not-found")
async def test_what_is_missing_is_named(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    with pytest.raises(NotFound, match=f"no-{cluster.unique}"):
        await configs.create(cluster.config("a", f"no-{cluster.unique}"))
    with pytest.raises(NotFound, match=f"get configmaps.* {cluster.namespace}/none: .*not found") as caught:
        await configs.get("none", cluster.namespace)
    assert (caught.value.reason, caught.value.retryable) == ("NotFound", False)


@requirement("direct:list:selectors", "direct:list:paged")
async def test_lists_are_selected_and_paged(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    for index in range(5):
        await configs.create(cluster.config(f"c{index}", labels={"parity": "odd" if index % 2 else "even"}))
    every = await configs.list(cluster.namespace, labels="parity", page_size=2)
    assert sorted(each.name for each in every) == ["c0", "c1", "c2", "c3", "c4"]
    assert every.resource_version
    assert {each.name for each in await configs.list(cluster.namespace, labels={"parity": "odd"})} == {"c1", "c3"}
    assert [each.name for each in await configs.list(cluster.namespace, fields="metadata.name=c3")] == ["c3"]
    assert [each.name async for each in configs.iterate(cluster.namespace, labels="parity=odd", page_size=1)] == [
        "c1",
        "c3",
    ]


@requirement("direct:watch:from-a-list")
async def test_a_watch_gives_what_came_after_a_list(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    before = await configs.list(cluster.namespace)
    made = await configs.create(cluster.config("a", x="1"))
    made.data["x"] = "2"
    await configs.update(made)
    await configs.delete("a", cluster.namespace)
    seen = []
    stream = configs.watch(cluster.namespace, fields="metadata.name=a", resource_version=before.resource_version)
    async with contextlib.aclosing(stream) as events:
        async for event in events:
            seen.append((event.type, event.object.data["x"]))
            if event.type == "DELETED":
                break
    assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


@requirement("direct:update:replaces", "direct:update:conflict", "direct:update:unversioned")
async def test_update_at_the_version_that_was_read(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    first = await configs.create(cluster.config("a", x="1", y="1"))
    stale = first.copy()
    first.data = {"x": "2"}
    second = await configs.update(first)
    assert (second.data, second.uid) == ({"x": "2"}, first.uid)
    assert int(second.resource_version) > int(first.resource_version)
    with pytest.raises(Conflict, match="the object has been modified"):
        await configs.update(stale)
    with pytest.raises(InvalidObject, match="resourceVersion"):
        await configs.update(cluster.config("a", x="3"))
    assert (await configs.get("a", cluster.namespace)).data == {"x": "2"}


@requirement("direct:update:retry-on-conflict")
async def test_retry_on_conflict_reads_again(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    await configs.create(cluster.config("a", x="0"))
    tries = 0

    async def attempt() -> ConfigMap:
        nonlocal tries
        tries += 1
        read = await configs.get("a", cluster.namespace)
        if tries == 1:
            await configs.patch("a", cluster.namespace, merge={"data": {"other": "1"}})
        read.data["x"] = "1"
        return await configs.update(read)

    assert (await retry_on_conflict(attempt)).data == {"x": "1", "other": "1"}
    assert tries == 2


@requirement("direct:patch:merge", "direct:patch:json")
async def test_merge_and_json_patches(cluster: Cluster):
    configs, where = cluster.client.direct(ConfigMap), cluster.namespace
    await configs.create(cluster.config("a", x="1", y="1"))
    merged = await configs.patch("a", where, merge={"data": {"x": None, "z": "1"}})
    assert merged.data == {"y": "1", "z": "1"}
    patched = await configs.patch("a", where, json=[{"op": "replace", "path": "/data/y", "value": "2"}])
    assert patched.data == {"y": "2", "z": "1"}
    with pytest.raises(Invalid):
        await configs.patch(
            "a", where, json=[{"op": "remove", "path": "/data/y"}, {"op": "test", "path": "/data/z", "value": "no"}]
        )
    assert (await configs.get("a", where)).data == {"y": "2", "z": "1"}
    with pytest.raises(InvalidObject, match="exactly one"):
        await configs.patch("a", where)


@requirement("direct:patch:strategic")
async def test_a_strategic_patch_merges_by_key(cluster: Cluster):
    deployments = cluster.client.direct(Deployment)
    await deployments.create(deployment(cluster, "web"))
    containers = [{"name": "side", "image": "side:1"}, {"name": "web", "image": "web:2"}]
    patched = await deployments.patch(
        "web", cluster.namespace, strategic={"spec": {"template": {"spec": {"containers": containers}}}}
    )
    assert {c.name: c.image for c in patched.spec.template.spec.containers} == {"side": "side:1", "web": "web:2"}


@requirement("direct:status:apart", "direct:status:patch")
async def test_the_status_is_written_apart(cluster: Cluster):
    deployments = cluster.client.direct(Deployment)
    made = await deployments.create(deployment(cluster, "web"))
    made.status.observed_generation = 1
    made.spec.replicas = 7
    written = await deployments.update_status(made)
    assert (written.status.observed_generation, written.spec.replicas) == (1, 0)
    written.status.observed_generation = 9
    written.spec.replicas = 2
    updated = await deployments.update(written)
    assert (updated.status.observed_generation, updated.spec.replicas) == (1, 2)
    patched = await deployments.patch_status("web", cluster.namespace, merge={"status": {"observedGeneration": 2}})
    assert patched.status.observed_generation == 2


@requirement("direct:dry-run:writes-nothing")
async def test_a_dry_run_stores_nothing(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    would = await configs.create(cluster.config("a", x="1"), dry_run=True)
    assert (would.name, would.data) == ("a", {"x": "1"})
    with pytest.raises(NotFound):
        await configs.get("a", cluster.namespace)
    made = await configs.create(cluster.config("a", x="1"))
    assert (await configs.patch("a", cluster.namespace, merge={"data": {"x": "2"}}, dry_run=True)).data == {"x": "2"}
    await configs.delete("a", cluster.namespace, dry_run=True)
    await configs.delete_collection(cluster.namespace, fields="metadata.name=a", dry_run=True)
    assert await configs.get("a", cluster.namespace) == made


@requirement("direct:delete:gone", "direct:delete:preconditions")
async def test_delete_and_its_preconditions(cluster: Cluster):
    configs, where = cluster.client.direct(ConfigMap), cluster.namespace
    made = await configs.create(cluster.config("a"))
    with pytest.raises(Conflict):
        await configs.delete("a", where, uid="11111111-2222-3333-4444-555555555555")
    with pytest.raises(Conflict):
        await configs.delete("a", where, resource_version="1")
    assert await configs.delete("a", where, uid=made.uid, resource_version=made.resource_version) is None
    with pytest.raises(NotFound):
        await configs.delete("a", where)


@requirement("direct:delete:collection")
async def test_delete_collection_deletes_what_is_selected(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    for name, team in (("a", "red"), ("b", "red"), ("c", "blue")):
        await configs.create(cluster.config(name, labels={"team": team}))
    await configs.delete_collection(cluster.namespace, labels="team=red")
    assert [each.name for each in await configs.list(cluster.namespace, labels="team")] == ["c"]


@requirement("direct:delete:finalizers")
async def test_a_finalizer_holds_the_object(cluster: Cluster):
    configs, where = cluster.client.direct(ConfigMap), cluster.namespace
    mine = cluster.config("a")
    mine.metadata.finalizers = ["example.com/hold"]
    await configs.create(mine)
    held = await configs.delete("a", where)
    assert held is not None
    assert held.metadata.deletion_timestamp is not None
    held.metadata.finalizers = []
    await configs.update(held)
    with pytest.raises(NotFound):
        await configs.get("a", where)


@requirement("direct:scale:reads-and-sets")
async def test_scale(cluster: Cluster):
    deployments = cluster.client.direct(Deployment)
    await deployments.create(deployment(cluster, "web", replicas=1))
    assert await deployments.scale("web", cluster.namespace) == 1
    assert await deployments.scale("web", cluster.namespace, replicas=4) == 4
    assert (await deployments.get("web", cluster.namespace)).spec.replicas == 4


@requirement("direct:apply:owns-fields", "direct:apply:conflict", "direct:apply:read-objects-refused")
async def test_apply_owns_fields(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    made = await configs.apply(cluster.config("a", x="1", y="1"), field_manager="one")
    assert made.data == {"x": "1", "y": "1"}
    assert (await configs.apply(cluster.config("a", x="1"), field_manager="one")).data == {"x": "1"}
    with pytest.raises(Conflict, match='conflict with "one"') as caught:
        await configs.apply(cluster.config("a", x="2"), field_manager="two")
    assert [cause.field for cause in caught.value.status.causes] == [".data.x"]
    assert (await configs.apply(cluster.config("a", x="2"), field_manager="two", force=True)).data == {"x": "2"}
    with pytest.raises(InvalidObject, match="ownership"):
        await configs.apply(made, field_manager="one")


@requirement("direct:apply:status")
async def test_apply_status(cluster: Cluster):
    deployments = cluster.client.direct(Deployment)
    await deployments.create(deployment(cluster, "web"))
    mine = Deployment(
        metadata=ObjectMeta(name="web", namespace=cluster.namespace), status=DeploymentStatus(observed_generation=3)
    )
    assert (await deployments.apply_status(mine, field_manager="one")).status.observed_generation == 3


@requirement("direct:create-or-update:both-ways", "direct:create-or-update:status", "direct:get-or-create:both-ways")
async def test_the_compositions(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    first = await configs.create_or_update(cluster.config("a", x="1"))
    second = await configs.create_or_update(cluster.config("a", x="2"))
    assert (second.data, second.uid) == ({"x": "2"}, first.uid)
    assert (await configs.create_or_update(first)).data == {"x": "1"}
    assert (await configs.get_or_create(cluster.config("a", x="3"))).data == {"x": "1"}
    assert (await configs.get_or_create(cluster.config("b", x="3"))).data == {"x": "3"}
    deployments = cluster.client.direct(Deployment)
    for generation in (4, 5):
        mine = deployment(cluster, "web", replicas=generation)
        mine.status.observed_generation = generation
        written = await deployments.create_or_update_status(mine)
        assert (written.spec.replicas, written.status.observed_generation) == (generation, generation)


@requirement("direct:write:manifests")
async def test_manifests_in_place_of_objects(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    manifest = {"metadata": {"name": "a", "namespace": cluster.namespace}, "data": {"x": "1"}}
    assert (await configs.create(manifest)).data == {"x": "1"}
    assert (await configs.create_or_update({**manifest, "data": {"x": "2"}})).data == {"x": "2"}
    assert (await configs.get_or_create(manifest)).data == {"x": "2"}
    assert (await configs.apply({**manifest, "data": {"y": "3"}})).data == {"x": "2", "y": "3"}
    named = cluster.client.direct("v1", "ConfigMap")
    assert (
        await named.create({"kind": "ConfigMap", "metadata": {"name": "b", "namespace": cluster.namespace}})
    ).name == "b"


@requirement("direct:write:manifests")
async def test_manifests_that_are_wrong(cluster: Cluster):
    configs = cluster.client.direct(ConfigMap)
    with pytest.raises(InvalidObject, match="expected v1 ConfigMap, found v1 Secret"):
        await configs.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}})
    with pytest.raises(InvalidObject, match="ConfigMap a: data: expected an object"):
        await configs.create({"metadata": {"name": "a"}, "data": ["x"]})
    with pytest.raises(InvalidObject, match="expected a ConfigMap or its manifest"):
        await configs.update("a")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what a caller got wrong
    with pytest.raises(InvalidObject, match=r"metadata: .*\$\.name"):
        ConfigMap(metadata={"name": 3})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - likewise
