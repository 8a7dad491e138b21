from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fairlead.controller import controller_reference, ensure
from fairlead.errors import InvalidObject
from fairlead.machinery.meta import LabelSelector, ObjectMeta
from fairlead.models.apps.v1 import Deployment, DeploymentSpec
from fairlead.models.core.v1 import ConfigMap, Container, PodSpec, PodTemplateSpec
from fairlead.testing import FakeClient


def run(scenario: Callable[[FakeClient], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20), FakeClient() as client:
            await scenario(client)

    asyncio.run(bounded())


def config_map(**data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name="a", namespace="default", labels={"a": "b"}), data=data)


def test_only_what_changes_something_is_written():
    async def scenario(client: FakeClient) -> None:
        maps = client.cached(ConfigMap, namespace="default", keep_managed_fields=True)
        await client.run_and_wait(5)

        async def writes(wanted: ConfigMap) -> bool:
            before = client.server.resource_version
            result = await ensure(maps, wanted, field_manager="me")
            assert result.data.items() >= wanted.data.items()
            written = client.server.resource_version != before
            await client.settle()
            return written

        assert await writes(config_map(x="1", y="2"))
        assert not await writes(config_map(x="1", y="2"))
        await client.direct(ConfigMap).patch("a", "default", merge={"data": {"z": "3"}})
        await client.settle()
        assert not await writes(config_map(x="1", y="2")), "what others added is theirs"
        assert await writes(config_map(x="1")), "what is not wanted any more goes"
        assert (await client.direct(ConfigMap).get("a", "default")).data == {"x": "1", "z": "3"}
        await client.direct(ConfigMap).patch("a", "default", merge={"data": {"x": "9"}})
        await client.settle()
        assert await writes(config_map(x="1")), "what others changed is changed back"
        await client.direct(ConfigMap).patch("a", "default", merge={"metadata": {"labels": None}})
        await client.settle()
        assert await writes(config_map(x="1"))
        assert not await writes(config_map(x="1"))

    run(scenario)


def test_what_the_server_defaults_is_no_difference():
    async def scenario(client: FakeClient) -> None:
        deployments = client.cached(Deployment, namespace="default", keep_managed_fields=True)
        await client.run_and_wait(5)
        labels = {"app": "a"}
        pod = PodTemplateSpec(
            metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[Container(name="c", image="i")])
        )
        wanted = Deployment(
            metadata=ObjectMeta(name="a", namespace="default"),
            spec=DeploymentSpec(replicas=2, selector=LabelSelector(match_labels=labels), template=pod),
        )
        first = await ensure(deployments, wanted, field_manager="me")
        assert first.spec.strategy.type == "RollingUpdate"
        again = await ensure(deployments, wanted, field_manager="me")
        assert again.resource_version == first.resource_version

    run(scenario)


def test_a_view_without_managed_fields_is_written_to_every_time():
    async def scenario(client: FakeClient) -> None:
        maps = client.cached(ConfigMap, namespace="default")
        await client.run_and_wait(5)
        await ensure(maps, config_map(x="1"), field_manager="me")
        sent: list[str] = []
        apply = maps.apply

        async def counted(obj: ConfigMap, **options: Any) -> ConfigMap:
            sent.append(obj.name)
            return await apply(obj, **options)

        maps.apply = counted  # type: ignore[method-assign]
        await ensure(maps, config_map(x="1"), field_manager="me")
        assert sent == ["a"]

    run(scenario)


def test_an_owner_is_named_with_its_uid_or_not_at_all():
    owner = config_map()
    owner.metadata.uid = "u1"
    reference = controller_reference(owner)
    assert (reference.api_version, reference.kind, reference.name, reference.uid) == ("v1", "ConfigMap", "a", "u1")
    assert (reference.controller, reference.block_owner_deletion) == (True, True)
    with pytest.raises(InvalidObject, match="ConfigMap default/a: it has no uid"):
        controller_reference(config_map())
