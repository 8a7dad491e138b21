"""A user's file: every API of the design, and what type checkers say of it. It is checked, not run."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

from fairlead import (
    Cached,
    CacheOptions,
    Client,
    Conflict,
    Direct,
    DynamicFilter,
    DynamicResource,
    Event,
    Index,
    KubeConfig,
    NamespaceFilter,
    NotFound,
    NotSynced,
    ObjectKey,
    ObjectMeta,
    RegisteredType,
    Registration,
    Resource,
    Selected,
    ServerVersion,
    Struct,
    conditions,
    field,
    ignore_not_found,
    part,
    retry_on_conflict,
)
from fairlead.api.direct import ResourceList, WatchEvent
from fairlead.controller import (
    Predicate,
    annotations_changed,
    changed,
    generation_changed,
    labels_changed,
    latest,
    oldest_object,
)
from fairlead.machinery.dynamic import PartialObject
from fairlead.models.apps.v1 import Deployment, DeploymentSpec
from fairlead.models.core.v1 import ConfigMap, Container, Namespace, Pod, PodSpec, PodStatus, SecurityContext
from fairlead.testing import (
    ContainerLog,
    Exec,
    FakeClient,
    ForwardReader,
    ForwardWriter,
    Script,
    TerminalSize,
    Wrapped,
    wrap,
)


class CronTabSpec(Struct):
    """What is wanted."""

    schedule: str = ""
    replicas: int | None = None
    pod_ip: str | None = field(name="podIP", default=None)


class CronTabStatus(Struct):
    """What is."""

    active: list[str] = field(default_factory=list[str])


class CronTab(Resource, api_version="stable.example.com/v1", kind="CronTab"):
    """A user's own type."""

    spec: CronTabSpec = part(default_factory=CronTabSpec)
    status: CronTabStatus = part(default_factory=CronTabStatus)


async def reads(client: Client) -> None:
    pods = client.cached(Pod, namespace=None, labels="app=web", fields=None, filter=None)
    assert_type(pods, Cached[Pod, Pod])
    await client.run_and_wait(timeout=30)
    client.start()

    pod = pods.get("web-0", "default")
    assert_type(pod, Pod | None)
    assert_type(pods.get(ObjectKey("web-0", "default")), Pod | None)
    assert_type(await client.direct(Pod).get(ObjectKey("web-0", "default")), Pod)
    assert_type(pods.list("default", labels={"tier": "front"}), list[Pod])
    assert_type(pods.list_unfiltered(), list[Pod])
    assert_type(len(pods), int)
    assert_type(pods.has_synced(), bool)
    assert_type(pods.cache_synced(), bool)
    assert_type(pods.statistics().visible, int)
    assert_type(client.statistics().cluster, str)
    assert_type(bool(client.ready(stale_after=60.0)), bool)
    assert_type(client.healthy().problems, tuple[str, ...])
    assert_type(client.statistics().informers[0].reflector.connected, bool)
    try:
        await pods.wait_synced(timeout=30)
    except NotSynced as error:
        assert_type(error.retryable, bool)
    if pod is not None:
        objects(pod)


def objects(pod: Pod) -> None:
    assert_type(pod.metadata, ObjectMeta)
    assert_type(pod.name, str)
    assert_type(pod.namespace, str)
    assert_type(pod.key, ObjectKey)
    assert_type(pod.spec, PodSpec)
    assert_type(pod.status, PodStatus)
    assert_type(pod.spec.containers, list[Container])
    assert_type(pod.spec.containers[0].image, str | None)
    assert_type(pod.spec.containers[0].security_context, SecurityContext | None)
    assert_type(pod.status.pod_ip, str | None)
    assert_type(pod.metadata.labels, dict[str, str])
    assert_type(pod.copy(), Pod)
    assert_type(Pod.from_yaml("kind: Pod"), Pod)
    assert_type(Pod.from_dict({"kind": "Pod"}), Pod)
    assert_type(Pod.from_bytes(b"{}"), Pod)
    assert_type(pod.to_dict(), dict[str, Any])
    assert_type(pod.to_yaml(), str)
    assert_type(pod.to_bytes(), bytes)
    made = Deployment(metadata=ObjectMeta(name="web", namespace="default"), spec=DeploymentSpec(replicas=2))
    assert_type(made.spec.replicas, int | None)
    pod.metadata.labels["seen"] = "yes"
    pod.spec.containers[0].image = "web:2"


async def writes(pods: Cached[Pod, Pod], direct: Direct[Pod], pod: Pod) -> None:
    assert_type(await pods.create(pod), Pod)
    assert_type(await pods.update(pod, field_manager="me", dry_run=True, validation="Strict"), Pod)
    assert_type(await pods.update_status(pod), Pod)
    assert_type(await pods.patch("web-0", "default", merge={"spec": {"nodeName": "n"}}), Pod)
    assert_type(await pods.patch("web-0", "default", strategic={"spec": {}}), Pod)
    assert_type(await pods.patch_status("web-0", "default", json=[{"op": "remove", "path": "/status"}]), Pod)
    assert_type(await pods.apply(pod, field_manager="me", force=True), Pod)
    assert_type(await pods.apply_status(pod, field_manager="me"), Pod)
    assert_type(await pods.delete("web-0", "default", uid="u", propagation="Foreground", grace_period=0), Pod | None)
    await pods.delete_collection("default", labels="app=web")
    assert_type(await pods.scale("web", "default", replicas=3), int)
    assert_type(await direct.create_or_update(pod), Pod)
    assert_type(await direct.create_or_update_status(pod), Pod)
    assert_type(await direct.get_or_create(pod), Pod)
    assert_type(await direct.live("web-0", "default"), Pod)

    async def attempt() -> Pod:
        return await direct.update(await direct.get("web-0", "default"))

    try:
        assert_type(await retry_on_conflict(attempt), Pod)
    except Conflict as error:
        assert_type(error.status.reason, str)


async def direct_reads(client: Client) -> None:
    direct = client.direct(Pod)
    assert_type(direct, Direct[Pod])
    try:
        assert_type(await direct.get("web-0", "default"), Pod)
    except NotFound as error:
        assert_type(error.status.message, str)
    listed = await direct.list("default", labels={"app": "web"})
    assert_type(listed, ResourceList[Pod])
    assert_type(listed[0], Pod)
    stream = direct.watch("default", resource_version=listed.resource_version)
    assert_type(stream, AsyncGenerator[WatchEvent[Pod], None])
    async with contextlib.aclosing(stream) as events:
        async for event in events:
            assert_type(event.object, Pod)
    async with contextlib.aclosing(direct.pages("default")) as pages:
        async for page in pages:
            assert_type(page, ResourceList[Pod])
    async for each in direct.iterate():
        assert_type(each, Pod)
    assert_type(await direct.logs("web-0", "default", container="main", tail=10, since=60, previous=True), str)
    lines = direct.follow_logs(listed[0], since=datetime.now(UTC) - timedelta(hours=1), timestamps=True)
    assert_type(lines, AsyncGenerator[str, None])
    async with contextlib.aclosing(lines) as followed:
        async for line in followed:
            assert_type(line, str)


async def handlers(pods: Cached[Pod, Pod]) -> None:
    def told(event: Event[Pod]) -> None:
        assert_type(event.object, Pod)
        assert_type(event.old, Pod | None)
        assert_type(event.key, ObjectKey)

    async def changed(old: Pod, new: Pod) -> None:
        assert_type(old.spec, PodSpec)

    registration = pods.add_handler(
        on_add=lambda new: assert_type(new, Pod),
        on_update=changed,
        on_delete=lambda old: assert_type(old.status.pod_ip, str | None),
    )
    assert_type(registration, Registration)
    pods.add_handler(on_update=lambda old, new: (assert_type(old, Pod), assert_type(new, Pod)))
    pods.add_handler(on_event=told)
    pods.add_handler(on_event=lambda event: assert_type(event, Event[Pod]), blocking=True)
    assert_type(registration.has_synced(), bool)
    await registration.wait_synced()
    await registration.close()
    await pods.shutdown_handlers()
    await pods.close()


def indexes(pods: Cached[Pod, Pod]) -> None:
    by_ip = pods.index("by-ip", lambda pod: [pod.status.pod_ip])
    assert_type(by_ip, Index[Pod])
    assert_type(by_ip.lookup("10.0.0.1"), list[Pod])


def image_of(pod: Pod) -> tuple[str, str | None]:
    return pod.name, pod.spec.containers[0].image


def views(client: Client) -> None:
    images = client.cached(Pod, transform=image_of, filter=lambda image: image[1] is not None)
    assert_type(images, Cached[Pod, tuple[str, str | None]])
    assert_type(images.get("web-0"), tuple[str, str | None] | None)
    lengths = client.cached(Pod, transform=lambda pod: len(pod.spec.containers))
    assert_type(lengths, Cached[Pod, int])
    assert_type(lengths.list(), list[int])
    lengths.add_handler(on_add=lambda length: assert_type(length, int))
    assert_type(lengths.index("x", lambda length: [length % 2]), Index[int])

    crons = client.delayed(CronTab, when=lambda crd: bool(crd.name))
    assert_type(crons, Cached[CronTab, CronTab])
    cron = crons.get("c", "default")
    if cron is not None:
        assert_type(cron.spec.schedule, str)
        assert_type(cron.spec.pod_ip, str | None)
        assert_type(cron.status.active, list[str])
    metas = client.metadata(Pod)
    assert_type(metas.list(), list[PartialObject])
    assert_type(metas.list()[0].metadata, ObjectMeta)
    widgets = client.cached("example.com/v1", "Widget")
    assert_type(widgets, Cached[DynamicResource, DynamicResource])
    widget = widgets.get("w", "default")
    if widget is not None:
        assert_type(widget["spec"], Any)
        assert_type(widget.metadata, ObjectMeta)
    assert_type(client.direct("example.com/v1", "Widget"), Direct[DynamicResource])
    assert_type(client.delayed("example.com/v1", "Widget"), Cached[DynamicResource, DynamicResource])
    client.cached(Pod, filter=lambda pod: pod.spec.node_name == "n1")
    client.cached(Pod, filter=NamespaceFilter(client, "team=x", {"team": "y"}))
    changing = DynamicFilter(lambda pod: "web" in pod.name)
    client.cached(Pod, filter=changing)
    changing.changed(namespaces=["default"])


class Store:
    """Functions behind a type."""

    async def list(self, selected: Selected) -> list[CronTab]:
        assert_type(selected.namespace, str)
        return []

    async def watch(self, selected: Selected, version: str) -> AsyncIterator[WatchEvent[CronTab]]:
        yield WatchEvent("ADDED", CronTab())

    def create(self, obj: CronTab) -> CronTab:
        return obj


async def features(client: Client, pods: Cached[Pod, Pod], pod: Pod) -> None:
    several = client.cached(Pod, namespace=["a", "b"], labels="")
    assert_type(several, Cached[Pod, Pod])
    assert_type(client.namespaces, tuple[str, ...])
    assert_type(client.cluster, str)
    version = await client.server_version()
    assert_type(version, ServerVersion)
    assert_type(version.number, tuple[int, int])
    await pods.caught_up(pod)
    await pods.caught_up("123", timeout=1)
    assert_type(await pods.live(pod), Pod)
    assert_type(client.statistics().watch_errors, int)
    store = Store()
    registered = client.register(CronTab, list=store.list, watch=store.watch, create=store.create)
    assert_type(registered, RegisteredType)
    registered.changed()
    client.register("example.com/v1", "Widget", namespaced=False, list=lambda selected: [], poll=5)
    assert_type(await ignore_not_found(lambda: pods.delete("a", "b")), Pod | None)
    both = generation_changed | labels_changed & ~annotations_changed
    assert_type(both, Predicate)
    pods.add_handler(on_event=lambda event: assert_type(event, Event[Pod]), when=both)
    pods.add_handler(on_add=lambda new: assert_type(new, Pod), when=lambda event: event.new is not None)
    pods.add_handler(on_event=latest(objects), when=changed(lambda obj: obj.spec))
    assert_type(oldest_object(pods.list()), Pod | None)


async def whole() -> None:
    options = {
        Pod: CacheOptions(namespace=["a"], labels="x=y"),
        ("v1", "Secret"): CacheOptions(keep_managed_fields=True),
    }
    async with Client(namespace=["a", "b"], cluster="east", cache_options=options) as client:
        assert_type(client, Client)
    async with Client() as client:
        assert_type(client, Client)
        await client.settle()
    async with Client(KubeConfig.load(), namespace="default") as client:
        assert_type(client.namespace, str | None)


async def tests(pod: Pod, namespace: Namespace) -> None:
    async with FakeClient(pod, namespace, {"kind": "ConfigMap"}) as client:
        assert_type(client, FakeClient)
        pods = client.cached(Pod)
        wrapped = wrap(pods)
        assert_type(wrapped, Wrapped[Pod])
        assert_type(await wrapped.create(pod), Pod)
        assert_type(await wrapped.create_and_update_status(pod), Pod)
        assert_type(await wrap(client.direct(ConfigMap)).get_or_create(ConfigMap()), ConfigMap)
        await client.settle(timeout=5)


async def shell(call: Exec) -> int:
    assert_type(await call.stdin.read(), bytes)
    assert_type(call.sizes.latest, TerminalSize | None)
    call.stdout.write(f"{call.command[0]} in {call.container}")
    await call.stderr.drain()
    return 0


async def answer(reader: ForwardReader, writer: ForwardWriter) -> None:
    writer.write(await reader.readline())


async def containers(client: FakeClient) -> None:
    log = client.server.pods.logs("web", "default", ["one"], container="main")
    assert_type(log, ContainerLog)
    log.write("two")
    assert_type(log.followed, bool)
    script = client.server.pods.on_exec(shell, name="web")
    assert_type(script.close(), None)
    client.server.pods.on_attach(lambda call: f"attached to {call.container}")
    forwarded = client.server.pods.on_port_forward(80, answer)
    assert_type(forwarded.port, int)
    assert isinstance(forwarded, Script)


async def waits(client: Client, pods: Cached[Pod, Pod], pod: Pod) -> None:
    assert_type(await pods.wait_for(pod, condition=conditions.deleted()), Pod | None)
    assert_type(
        await client.wait_for(Pod, "web-0", "default", conditions.has_condition("Ready"), timeout=5), Pod | None
    )
    assert_type(await client.wait_for(pod, condition=conditions.deleted()), Pod | None)
    await client.wait_until(lambda: len(pods) == 3, timeout=5)
