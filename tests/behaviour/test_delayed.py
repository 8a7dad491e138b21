"""Types that may not be there: absent, appearing, going, and coming back."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import NotFound, NotSynced, Status
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import Tracker, ensure_crd, make_crd
from tests.behaviour.clusters import Cluster, until, when_served
from tests.behaviour.custom_types import settled, widget, widget_class
from tests.behaviour.requirements import only, requirement


@requirement(
    "delayed:absent:empty-and-synced", "delayed:appears:alive", "delayed:goes:deletes", "delayed:recreated:alive-again"
)
async def test_the_life_of_a_type(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    assert (widgets.has_synced(), widgets.list(), widgets.get("a", cluster.namespace)) == (True, [], None)
    await client.settle()
    for _ in ("appears", "appears again"):
        await cluster.serve(cls)
        await cluster.client.direct(cls).create(widget(cls, cluster, "a", 3))
        await until(widgets, lambda: widgets.get("a", cluster.namespace) is not None)
        assert widgets.get("a", cluster.namespace).spec.size == 3
        await when_served(lambda: widgets.create(widget(cls, cluster, "b")))
        assert widgets.get("b", cluster.namespace) is not None
        await client.settle()
        tracker.expect("add/a", "add/b")
        assert widgets.has_synced()
        await cluster.unserve(cls)
        await until(widgets, lambda: not widgets.list())
        await client.settle()
        tracker.expect_unordered("delete/a", "delete/b")
        assert (widgets.has_synced(), len(widgets)) == (True, 0)


@requirement("delayed:when:predicate")
async def test_a_condition_on_the_crd(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls, when=lambda crd: crd.metadata.annotations.get("level") == "2")
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls, annotations={"level": "1"})
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await client.settle()
    assert widgets.list() == []
    crds = cluster.client.direct("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    await crds.patch(cls.resource_type.crd_name, merge={"metadata": {"annotations": {"level": "2"}}})
    await until(widgets, lambda: [each.name for each in widgets.list()] == ["a"])
    await cluster.unserve(cls)


@requirement("delayed:when:lists", "delayed:when:predicate")
async def test_names_to_leave_out_and_a_lowest_version(cluster: Cluster):
    """As Istio does, which leaves out suffixes but for some names, and wants a lowest version of its own."""
    left_out, kept, lowest = f".x{cluster.unique}.example.com", "twos", 3

    def allowed(crd: Any) -> bool:
        name, version = crd.name, int(crd.metadata.annotations.get("version", "0"))
        return (not name.endswith(left_out) or name.startswith(kept)) and version >= lowest

    client = cluster.connect()
    views = {}
    for kind, group, version in (("One", "x", 3), ("Two", "x", 3), ("Three", "y", 3), ("Four", "y", 2)):
        api_version = f"{group}{cluster.unique}.example.com/v1"
        views[kind] = client.delayed(api_version, kind, when=allowed)
        await ensure_crd(cluster.client, make_crd(api_version, kind, annotations={"version": str(version)}))
    await client.run_and_wait(timeout=20)

    def live() -> set[str]:
        states = {each.what.split(".", 1)[0]: each.state for each in client.statistics().informers}
        return {kind for kind in views if states[f"{kind.lower()}s"] in ("starting", "live")}

    await settled(client, lambda: live() == {"Two", "Three"})
    crds = cluster.client.direct(CustomResourceDefinition)
    await crds.patch(f"fours.y{cluster.unique}.example.com", merge={"metadata": {"annotations": {"version": "3"}}})
    await settled(client, lambda: live() == {"Two", "Three", "Four"})
    assert all(view.has_synced() for view in views.values())
    for kind, group in (("one", "x"), ("two", "x"), ("three", "y"), ("four", "y")):
        await crds.delete(f"{kind}s.{group}{cluster.unique}.example.com")


@requirement("delayed:builtin:served")
async def test_a_delayed_view_of_a_built_in_type(cluster: Cluster):
    client = cluster.connect()
    configs = client.delayed(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    configs.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    await until(configs, lambda: configs.get("a") is not None)
    await client.settle()
    tracker.expect("add/a")


@requirement("sync:not-synced:says-what")
async def test_a_type_that_is_not_served(cluster: Cluster):
    client = cluster.connect()
    cls = widget_class(cluster)
    client.cached(cls)
    client.cached(ConfigMap)
    with pytest.raises(NotSynced) as caught:
        await client.run_and_wait(timeout=1.5)
    (line,) = caught.value.missing
    assert cls.resource_type.crd_name in line
    assert "not served" in line
    assert "delayed()" in line


@requirement("objects:crd:from-a-class")
async def test_the_crd_of_a_class(cluster: Cluster):
    cls = widget_class(cluster)
    await cluster.serve(cls)
    direct = cluster.client.direct(cls)
    mine = widget(cls, cluster, "a", 2)
    mine.spec.tags, mine.status.ready = ["x"], True
    made = await direct.create(mine)
    assert (made.spec.size, made.spec.tags, made.status.ready, made.metadata.generation) == (2, ["x"], False, 1)
    made.status.ready = True
    assert (await direct.update_status(made)).status.ready
    extra = await direct.patch("a", cluster.namespace, merge={"spec": {"colour": "red"}})
    assert "colour" not in extra.to_dict()["spec"]
    await cluster.unserve(cls)


@requirement("delayed:terminating:finalizers")
async def test_objects_that_are_held_while_their_crd_goes(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    held = widget(cls, cluster, "held")
    held.metadata.finalizers = ["example.com/hold"]
    await cluster.client.direct(cls).create(held)
    await cluster.client.direct(cls).create(widget(cls, cluster, "free"))
    await until(widgets, lambda: len(widgets.list()) == 2)
    await cluster.client.direct(CustomResourceDefinition).delete(cls.resource_type.crd_name)
    await until(widgets, lambda: [each.name for each in widgets.list()] == ["held"])
    await until(widgets, lambda: widgets.list()[0].metadata.deletion_timestamp is not None)
    # A view that comes now sees what is still there.
    other = cluster.connect()
    late = other.delayed(cls)
    other.start()
    await until(late, lambda: [each.name for each in late.list()] == ["held"])
    await cluster.client.direct(cls).patch("held", cluster.namespace, merge={"metadata": {"finalizers": None}})
    await until(widgets, lambda: not widgets.list())
    await until(late, lambda: not late.list())
    await client.settle()
    assert sorted(tracker.events) == ["add/free", "add/held", "delete/free", "delete/held", "update/held"]


@requirement("delayed:schema:changes")
async def test_a_change_of_the_schema_is_nobodys_news(cluster: Cluster):
    cls = widget_class(cluster)
    client = cluster.connect()
    widgets = client.delayed(cls)
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: bool(widgets.list()))
    shape = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/colour"
    crds = cluster.client.direct(CustomResourceDefinition)
    await crds.patch(cls.resource_type.crd_name, json=[{"op": "add", "path": shape, "value": {"type": "string"}}])

    async def coloured() -> None:
        merge = {"spec": {"colour": "red"}}
        made = await cluster.client.direct(cls).patch("a", cluster.namespace, merge=merge)
        if made.to_dict()["spec"].get("colour") != "red":
            raise NotFound(Status(code=404, reason="NotFound", message="the old schema is still served"))

    await when_served(coloured)
    await until(widgets, lambda: any(each.to_dict()["spec"].get("colour") == "red" for each in widgets.list()))
    await client.settle()
    assert tracker.events[0] == "add/a"
    assert set(tracker.events[1:]) == {"update/a"}
    assert widgets.has_synced()
    await cluster.unserve(cls)


@only(
    "memory",
    "http",
    "sync",
    "sync-http",
    reason="a client that may not read CRDs is made with a fault of the in-memory server",
)
@requirement("delayed:permission:discovery", "delayed:absent:quiet")
async def test_where_crds_may_not_be_read(cluster: Cluster, caplog: pytest.LogCaptureFixture):
    cls = widget_class(cluster)
    client = cluster.connect()
    cluster.faults.fail(403, verb=["list", "watch"], type=CustomResourceDefinition)
    asked: list[str] = []
    cluster.faults.fail(500, when=lambda request: bool(asked.append(request.path)), times=1)
    widgets = client.delayed(cls)
    others = client.delayed(f"other{cluster.unique}.example.com/v1", "Other")
    configs = client.delayed(ConfigMap, namespace=cluster.namespace, labels="mine")
    tracker = Tracker()
    widgets.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    assert (widgets.list(), others.list(), widgets.has_synced()) == ([], [], True)
    await configs.create(cluster.config("a", labels={"mine": "1"}))
    await client.settle()
    await until(configs, lambda: configs.get("a") is not None)
    said = [record for record in caplog.records if "CustomResourceDefinitions cannot be read" in record.message]
    assert len(said) == 1
    # Found by discovery, which is asked about once a second at first.
    await cluster.serve(cls)
    await cluster.client.direct(cls).create(widget(cls, cluster, "a"))
    await until(widgets, lambda: bool(widgets.list()))
    await client.settle()
    tracker.expect("add/a")
    assert not [path for path in asked if path.endswith(("/others", "/widgets")) and f"other{cluster.unique}" in path]


@requirement("delayed:by-name:any-plural")
@pytest.mark.parametrize("watched", [False, True])
async def test_a_kind_with_an_unusual_plural(cluster: Cluster, watched: bool):
    api_version = f"n{cluster.unique}.example.com/v1"
    client = cluster.connect()
    await ensure_crd(cluster.client, make_crd(f"before{cluster.unique}.example.com/v1", "Known"))
    crds = client.cached(CustomResourceDefinition)
    if watched:
        await client.run_and_wait(timeout=20)
    before, plain = client.delayed(api_version, "Data"), client.delayed(api_version, "Other")
    await client.run_and_wait(timeout=20)
    assert (before.list(), before.has_synced()) == ([], True)
    await ensure_crd(cluster.client, make_crd(api_version, "Data", plural="data"))
    direct = cluster.client.direct(api_version, "Data")
    await when_served(
        lambda: direct.create({"metadata": {"name": "a", "namespace": cluster.namespace}, "spec": {"size": 1}})
    )
    await until(before, lambda: len(before) == 1)
    after = client.delayed(api_version, "Data", labels="!none")
    await until(after, lambda: len(after) == 1)
    await cluster.client.direct(CustomResourceDefinition).delete(f"data.{api_version.partition('/')[0]}")
    await until(before, lambda: len(before) == 0)
    await settled(client, lambda: len(after) == 0)
    assert (plain.list(), plain.has_synced(), crds.has_synced()) == ([], True, True)


@requirement("delayed:by-name:another-shape")
async def test_a_type_that_comes_again_with_another_plural_and_scope(cluster: Cluster):
    group = f"m{cluster.unique}.example.com"
    crds = cluster.client.direct(CustomResourceDefinition)
    client = cluster.connect()
    things, direct = client.delayed(f"{group}/v1", "Thing"), client.direct(f"{group}/v1", "Thing")
    untold = cluster.connect().direct(f"{group}/v1", "Thing")
    await client.run_and_wait(timeout=20)
    for plural, namespaced in (("things", True), ("thingies", False), ("things", False), ("things", True)):
        await ensure_crd(cluster.client, make_crd(f"{group}/v1", "Thing", plural=plural, namespaced=namespaced))
        metadata = {"name": "a", "namespace": cluster.namespace} if namespaced else {"name": "a"}
        await when_served(lambda given=metadata: client.direct(f"{group}/v1", "Thing").create({"metadata": given}))
        await until(things, lambda: len(things) == 1)
        await things.patch("a", cluster.namespace if namespaced else None, merge={"spec": {"size": 1}})
        listed = await direct.list()
        assert [each.namespace for each in listed] == [metadata.get("namespace", "")]
        assert len(await untold.list()) == 1
        await crds.delete(f"{plural}.{group}")
        await until(things, lambda: len(things) == 0)
        await settled(client, lambda: things.list() == [])
