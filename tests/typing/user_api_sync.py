"""A user's file without await: the synchronous twins of `user_api.py`. It is checked, not run."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import assert_type

from fairlead import DynamicResource, Event, KubeConfig, NotSynced, ObjectKey, ServerVersion, conditions
from fairlead.api.direct import ResourceList, WatchEvent
from fairlead.machinery.dynamic import PartialObject
from fairlead.models.core.v1 import ConfigMap, Namespace, Pod
from fairlead.sync import (
    Cached,
    Client,
    Direct,
    DynamicFilter,
    Index,
    NamespaceFilter,
    RegisteredType,
    Registration,
    ignore_not_found,
    retry_on_conflict,
)
from fairlead.sync.controller import Finalizer, Queue, Reconciler, ensure, generation_changed
from fairlead.sync.testing import (
    ApiServer,
    ContainerLog,
    Exec,
    FakeClient,
    Fault,
    Tracker,
    Wrapped,
    ensure_crd,
    faults_of,
    make_crd,
    no_leaks,
    wrap,
)


def reads(client: Client) -> None:
    pods = client.cached(Pod, namespace=None, labels="app=web", filter=lambda pod: pod.spec.node_name == "n1")
    assert_type(pods, Cached[Pod, Pod])
    client.run_and_wait(timeout=30)
    client.start()
    pod = pods.get("web-0", "default")
    assert_type(pod, Pod | None)
    if pod is not None:
        assert_type(pod.spec.containers[0].image, str | None)
    assert_type(pods.list("default", labels={"tier": "front"}), list[Pod])
    assert_type(pods.list_unfiltered(), list[Pod])
    assert_type(len(pods), int)
    assert_type(pods.has_synced(), bool)
    assert_type(pods.cache_synced(), bool)
    assert_type(client.statistics().views, int)
    assert_type(bool(client.ready(stale_after=60.0)), bool)
    assert_type(client.healthy().problems, tuple[str, ...])
    assert_type(client.statistics().informers[0].reflector.connected, bool)
    try:
        pods.wait_synced(timeout=30)
    except NotSynced as error:
        assert_type(error.retryable, bool)
    by_ip = pods.index("by-ip", lambda pod: [pod.status.pod_ip])
    assert_type(by_ip, Index[Pod])
    assert_type(by_ip.lookup("10.0.0.1"), list[Pod])


def writes(pods: Cached[Pod, Pod], direct: Direct[Pod], pod: Pod) -> None:
    assert_type(pods.create(pod), Pod)
    assert_type(pods.update(pod, dry_run=True), Pod)
    assert_type(pods.update_status(pod), Pod)
    assert_type(pods.patch("web-0", "default", merge={"spec": {}}), Pod)
    assert_type(pods.patch_status("web-0", "default", merge={"status": {}}), Pod)
    assert_type(pods.apply(pod, field_manager="me"), Pod)
    assert_type(pods.apply_status(pod, field_manager="me"), Pod)
    assert_type(pods.delete("web-0", "default"), Pod | None)
    pods.delete_collection("default", labels="app=web")
    assert_type(pods.scale("web", "default", replicas=3), int)
    assert_type(direct.create_or_update(pod), Pod)
    assert_type(direct.create_or_update_status(pod), Pod)
    assert_type(direct.get_or_create(pod), Pod)
    assert_type(retry_on_conflict(lambda: direct.update(direct.get("web-0", "default"))), Pod)


def direct_reads(client: Client) -> None:
    direct = client.direct(Pod)
    assert_type(direct, Direct[Pod])
    assert_type(direct.get("web-0", "default"), Pod)
    listed = direct.list("default")
    assert_type(listed, ResourceList[Pod])
    stream = direct.watch("default", resource_version=listed.resource_version)
    assert_type(stream, Generator[WatchEvent[Pod], None, None])
    for event in stream:
        assert_type(event.object, Pod)
    for each in direct.iterate():
        assert_type(each, Pod)
    assert_type(direct.logs("web-0", "default", container="main", tail=10, since=60, previous=True), str)
    lines = direct.follow_logs(listed[0], since=timedelta(hours=1), timestamps=True)
    assert_type(lines, Generator[str, None, None])
    for line in lines:
        assert_type(line, str)


def handlers(pods: Cached[Pod, Pod]) -> None:
    registration = pods.add_handler(
        on_add=lambda new: assert_type(new, Pod),
        on_update=lambda old, new: (assert_type(old, Pod), assert_type(new, Pod)),
        on_delete=lambda old: assert_type(old, Pod),
    )
    assert_type(registration, Registration)
    pods.add_handler(on_event=lambda event: assert_type(event, Event[Pod]))
    assert_type(registration.has_synced(), bool)
    registration.wait_synced()
    registration.close()
    pods.shutdown_handlers()
    pods.close()


def views(client: Client) -> None:
    lengths = client.cached(Pod, transform=lambda pod: len(pod.spec.containers))
    assert_type(lengths, Cached[Pod, int])
    assert_type(lengths.get("web-0"), int | None)
    assert_type(client.delayed(Pod), Cached[Pod, Pod])
    assert_type(client.metadata(Pod).list(), list[PartialObject])
    assert_type(client.cached("example.com/v1", "Widget"), Cached[DynamicResource, DynamicResource])
    assert_type(client.direct("example.com/v1", "Widget"), Direct[DynamicResource])
    client.cached(Pod, filter=NamespaceFilter(client, "team=x"))
    client.cached(Pod, filter=DynamicFilter(lambda pod: "web" in pod.name))


def features(client: Client, pods: Cached[Pod, Pod], pod: Pod) -> None:
    assert_type(client.cached(Pod, namespace=["a", "b"]), Cached[Pod, Pod])
    assert_type(client.namespaces, tuple[str, ...])
    assert_type(client.server_version(), ServerVersion)
    pods.caught_up(pod)
    assert_type(pods.live(pod), Pod)
    registered = client.register("example.com/v1", "Widget", list=lambda selected: [], create=lambda obj: obj)
    assert_type(registered, RegisteredType)
    registered.changed()
    pods.add_handler(on_event=lambda event: assert_type(event, Event[Pod]), when=generation_changed)
    assert_type(ignore_not_found(lambda: pods.delete("a", "b")), Pod | None)


def whole() -> None:
    with Client() as client:
        assert_type(client, Client)
        client.settle()
    with Client(KubeConfig.load(), namespace="default") as client:
        assert_type(client.namespace, str | None)


def tests(pod: Pod, namespace: Namespace) -> None:
    with FakeClient(pod, namespace) as client:
        assert_type(client, FakeClient)
        wrapped = wrap(client.cached(Pod))
        assert_type(wrapped, Wrapped[Pod])
        assert_type(wrapped.create(pod), Pod)
        assert_type(wrapped.create_and_update_status(pod), Pod)
        assert_type(wrap(client.direct(ConfigMap)).get_or_create(ConfigMap()), ConfigMap)
        client.settle(timeout=5)


def shell(call: Exec) -> str:
    return f"{call.command[0]} in {call.container}"


def containers(server: ApiServer) -> None:
    assert_type(server.pods.logs("web", "default", ["one"]), ContainerLog)
    server.pods.on_exec(shell)


def waits(pods: Cached[Pod, Pod], direct: Direct[Pod], pod: Pod) -> None:
    ready = conditions.has_condition("Ready") & ~conditions.being_deleted()
    assert_type(ready, conditions.Condition)
    assert_type(pods.wait_for("web-0", "default", ready, timeout=5), Pod | None)
    assert_type(direct.wait_for("web-0", "default", conditions.deleted(pod)), Pod | None)
    pods.wait_for("web-0", condition=lambda found: found is None)
    assert_type(pods.wait_for(pod, condition=conditions.deleted()), Pod | None)
    pods.wait_until(lambda: len(pods) == 3, timeout=5)


def client_waits(client: Client, pod: Pod) -> None:
    assert_type(client.wait_for(Pod, "web-0", "default", conditions.has_condition("Ready"), timeout=5), Pod | None)
    assert_type(client.wait_for(pod, condition=conditions.deleted()), Pod | None)
    client.wait_until(client.has_synced, timeout=5)


def controllers(client: Client, pods: Cached[Pod, Pod], pod: Pod) -> None:
    def reconcile(key: ObjectKey) -> float | None:
        return 5.0 if key.name else None

    with Reconciler(client, "pods", reconcile, workers=4) as reconciler:
        pods.add_handler(on_event=reconciler.enqueue, when=generation_changed)
        reconciler.add_after(ObjectKey("a", "default"), 5.0)
        reconciler.wait_synced()
        assert_type(reconciler.statistics().succeeded, int)
    queue: Queue[str] = Queue(client, first_retry=0.1)
    queue.add("a")
    assert_type(queue.get(), str)
    assert_type(queue.add_rate_limited("a"), float)
    finalizer = Finalizer(pods, "example.com/cleanup", lambda gone: gone.name)
    assert_type(finalizer.hold(pod), Pod | None)
    assert_type(ensure(pods, pod, field_manager="me"), Pod)


def tools(pod: Pod) -> None:
    with ApiServer(garbage_collection=False) as server, FakeClient(pod, server=server) as client:
        assert_type(server.resource_version, str)
        fault = client.faults.fail(503, verb="get", type=Pod, nth=2)
        assert_type(fault, Fault)
        assert_type(fault.fired, int)
        with client.faults.hold(verb="update") as hold:
            hold.reached(timeout=5)
            hold.release()
        assert_type(faults_of(server).cut_watches(Pod, clean=False), int)
        tracker = Tracker()
        client.cached(Pod).add_handler(on_event=tracker)
        tracker.wait("add/a", timeout=5)
        tracker.expect_matching(lambda told: told.new is not None)
        assert_type(ensure_crd(client, make_crd("example.com/v1", "Widget")), DynamicResource)
    with no_leaks():
        pass
