"""Names and namespaces cannot make a request go elsewhere."""

from __future__ import annotations

import pytest

from fairlead import InvalidObject, ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../secrets/x", "a%2fb", "%2e%2e", "a/../../.."])
async def test_a_name_that_is_a_path_is_refused_before_anything_is_sent(name: str) -> None:
    async with FakeClient() as client:
        maps = client.direct(ConfigMap)
        sent = client.statistics().requests
        for call in (
            lambda: maps.get(name, "default"),
            lambda: maps.get("a", name),
            lambda: maps.list(namespace=name),
            lambda: maps.delete(name, "default"),
            lambda: maps.patch(name, "default", merge={}),
            lambda: maps.create(ConfigMap(metadata=ObjectMeta(name="a", namespace=name))),
        ):
            with pytest.raises(InvalidObject, match=r"may not (be|contain)|cannot be the name"):
                await call()
        assert client.statistics().requests == sent


@pytest.mark.parametrize("version", ["v1/../..", "../../api/v1", "apps/v1/namespaces/x", "..", "apps/..", "a%2fb/v1"])
async def test_an_api_version_that_is_a_path_is_refused_before_anything_is_sent(version: str) -> None:
    """A controller may have it from an object's reference, which somebody else wrote."""
    async with FakeClient() as client:
        sent = client.statistics().requests
        with pytest.raises(
            InvalidObject,
            match=r"cannot be the name of a group, version or resource|give the apiVersion, then the kind",
        ):
            await client.direct(version, "Secret").get("a", "default")
        assert client.statistics().requests == sent
