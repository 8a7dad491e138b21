"""Logs of containers: whole, and as they are written. On a real server no kubelet runs: there it is what is refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from fairlead import BadRequest, Internal, InvalidObject, NotFound, ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Container, Node, Pod, PodSpec
from tests.behaviour.clusters import Cluster, soon
from tests.behaviour.requirements import only, requirement

_PLAYED = ("memory", "http", "sync", "sync-http")
_WHY = "only the in-memory server plays containers"


async def make_pod(cluster: Cluster, *containers: str, node: str = "") -> Pod:
    spec = PodSpec(containers=[Container(name=name, image="web:1") for name in containers], node_name=node or None)
    metadata = ObjectMeta(name="web", namespace=cluster.namespace)
    spec.automount_service_account_token = False
    return await cluster.client.direct(Pod).create(Pod(metadata=metadata, spec=spec))


async def followed(lines: AsyncIterator[str]) -> list[str]:
    return [line async for line in lines]


@requirement("direct:logs:whole")
@only(*_PLAYED, reason=_WHY)
async def test_a_log_as_text(cluster: Cluster):
    pod = await make_pod(cluster, "main", "side")
    pods = cluster.client.direct(Pod)
    now = datetime.now(UTC)
    log = cluster.pods.logs("web", cluster.namespace, container="main")
    log.write("one", at=now - timedelta(hours=2))
    log.write("two", at=now - timedelta(minutes=30))
    log.write("drei: ü", at=now)
    cluster.pods.logs("web", cluster.namespace, ["before"], container="main", previous=True)

    assert await pods.logs("web", cluster.namespace, container="main") == "one\ntwo\ndrei: ü\n"
    assert await pods.logs(pod, container="main", tail=2) == "two\ndrei: ü\n"
    assert await pods.logs(pod, container="main", tail=0) == ""
    assert await pods.logs(pod, container="main", since=3600) == "two\ndrei: ü\n"
    assert await pods.logs(pod, container="main", since=timedelta(minutes=1)) == "drei: ü\n"
    assert await pods.logs(pod, container="main", since=now - timedelta(hours=1), tail=1) == "drei: ü\n"
    assert await pods.logs(pod, container="main", previous=True) == "before\n"
    assert await pods.logs(pod, container="main", limit_bytes=5) == "one\nt"
    assert await pods.logs(pod, container="main", tail=1, limit_bytes=7) == "drei: \ufffd"
    stamped = await pods.logs(pod, container="main", tail=1, timestamps=True)
    assert stamped.startswith(now.strftime("%Y-%m-%dT%H:%M:%S."))
    with pytest.raises(ValueError, match="no time zone"):
        await pods.logs(pod, container="main", since=datetime(2026, 1, 31))  # noqa: DTZ001 - what is refused


@requirement("direct:logs:follow")
@only(*_PLAYED, reason=_WHY)
async def test_lines_as_they_are_written(cluster: Cluster):
    pod = await make_pod(cluster, "main")
    log = cluster.pods.logs("web", cluster.namespace, ["one", "two"])
    seen: list[str] = []
    async with contextlib.aclosing(cluster.client.direct(Pod).follow_logs(pod, tail=1)) as lines:
        async for line in lines:
            seen.append(line)
            if line == "two":
                log.write("three", "")
            elif line == "":
                log.write("four")
                log.end()
    assert seen == ["two", "three", "", "four"]


@requirement("direct:logs:follow")
@only(*_PLAYED, reason=_WHY)
async def test_whoever_leaves_leaves_nothing_open(cluster: Cluster):
    pod = await make_pod(cluster, "main")
    log = cluster.pods.logs("web", cluster.namespace, ["one"])
    async with contextlib.aclosing(cluster.client.direct(Pod).follow_logs(pod)) as lines:
        async for line in lines:
            assert line == "one"
            break
    await soon(lambda: not log.followed)


@requirement("direct:logs:follow")
@only("memory", "http", reason="cancels a task")
async def test_following_is_cancelled(cluster: Cluster):
    pod = await make_pod(cluster, "main")
    log = cluster.pods.logs("web", cluster.namespace, ["one"])
    seen = asyncio.Event()

    async def follow() -> None:
        async for _ in cluster.client.direct(Pod).follow_logs(pod):
            seen.set()

    following = asyncio.create_task(follow())
    await seen.wait()
    await soon(lambda: log.followed)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    await soon(lambda: not log.followed)


@requirement("direct:logs:follow")
@only(*_PLAYED, reason=_WHY)
async def test_following_ends_with_the_pod(cluster: Cluster):
    pod = await make_pod(cluster, "main")
    cluster.pods.logs("web", cluster.namespace, ["one"])
    pods = cluster.client.direct(Pod)
    seen = []
    async with contextlib.aclosing(pods.follow_logs(pod)) as lines:
        async for line in lines:
            seen.append(line)
            await pods.delete("web", cluster.namespace, grace_period=0)
    assert seen == ["one"]


@requirement("direct:logs:refused")
async def test_what_is_refused_names_the_pod_and_the_container(cluster: Cluster):
    pods = cluster.client.direct(Pod)
    place = f"{cluster.namespace}/web"
    with pytest.raises(NotFound, match=f'get pods/v1/log {place}.*pods "web" not found'):
        await pods.logs("web", cluster.namespace)
    await make_pod(cluster, "main", "side")
    with pytest.raises(
        BadRequest, match=r"a container name must be specified for pod web, choose one of: \[main side\]"
    ):
        await pods.logs("web", cluster.namespace)
    with pytest.raises(BadRequest, match=f"{place}, container other: .*container other is not valid for pod web"):
        await followed(pods.follow_logs("web", cluster.namespace, container="other"))
    assert await pods.logs("web", cluster.namespace, container="main") == ""
    assert await followed(pods.follow_logs("web", cluster.namespace, container="main")) == []
    with pytest.raises(InvalidObject, match="only pods have logs"):
        await cluster.client.direct(ConfigMap).logs("web", cluster.namespace)


@requirement("direct:logs:refused")
async def test_no_kubelet_answers(cluster: Cluster):
    name = f"node-{cluster.unique}"
    nodes = cluster.client.direct(Node)
    await nodes.create(Node(metadata=ObjectMeta(name=name)))
    try:
        await nodes.patch_status(
            name, merge={"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]}}
        )
        await make_pod(cluster, "main", node=name)
        # Nothing listens at a kubelet's port here; a line is not waited for.
        follow = cluster.client.direct(Pod).follow_logs("web", cluster.namespace, container="main")
        with pytest.raises(Internal, match=r"web, container main: .*127\.0\.0\.1:10250.*refused"):
            await followed(follow)
    finally:
        await nodes.delete(name)
