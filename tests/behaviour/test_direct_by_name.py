"""Direct clients of kinds without a class, whose CRDs are deleted and come again in another shape."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fairlead import NotFound
from fairlead.conditions import deleted
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.testing import ensure_crd, make_crd
from tests.behaviour.clusters import Cluster, when_served
from tests.behaviour.requirements import requirement

#: Plural, and whether it is namespaced.
Shape = tuple[str, bool]


async def get(things: Any, namespace: str | None) -> None:
    assert (await things.get("a", namespace)).name == "a"


async def create(things: Any, namespace: str | None) -> None:
    await things.create(manifest("b", namespace))


async def apply(things: Any, namespace: str | None) -> None:
    await things.apply(manifest("b", namespace))


async def patch(things: Any, namespace: str | None) -> None:
    await things.patch("a", namespace, merge={"spec": {"size": 2}})


async def delete(things: Any, namespace: str | None) -> None:
    assert await things.delete("a", namespace) is None


async def delete_collection(things: Any, namespace: str | None) -> None:
    await things.delete_collection(namespace)


async def list_(things: Any, namespace: str | None) -> None:
    assert [each.name for each in await things.list(namespace)] == ["a"]


async def watch(things: Any, namespace: str | None) -> None:
    async with contextlib.aclosing(things.watch(namespace)) as events:
        async for event in events:
            assert (event.type, event.object.name, event.object.namespace) == ("ADDED", "a", namespace or "")
            break


async def wait_for(things: Any, namespace: str | None) -> None:
    assert (await things.wait_for("a", namespace)).name == "a"


VERBS: tuple[Callable[[Any, str | None], Awaitable[None]], ...] = (
    get, create, apply, patch, delete, delete_collection, list_, watch, wait_for,
)  # fmt: skip


def manifest(name: str, namespace: str | None) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace} if namespace else {"name": name}}


@requirement("direct:by-name:another-shape")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("things", True), ("things", False)),
        (("things", False), ("things", True)),
        (("things", True), ("thingies", True)),
        (("things", False), ("thingies", True)),
    ],
)
async def test_a_type_that_comes_again_in_another_shape(cluster: Cluster, before: Shape, after: Shape):
    group = f"d{cluster.unique}.example.com"
    crds = cluster.client.direct(CustomResourceDefinition)
    own = cluster.client.direct(f"{group}/v1", "Thing")
    elsewhere = await cluster.make_namespace(f"other-{cluster.unique}")
    await ensure_crd(cluster.client, make_crd(f"{group}/v1", "Thing", plural=before[0], namespaced=before[1]))
    asking = [cluster.connect().direct(f"{group}/v1", "Thing") for _ in VERBS]
    for things in asking:
        await things.list()
    await crds.delete(f"{before[0]}.{group}")
    await crds.wait_for(f"{before[0]}.{group}", condition=deleted())
    await ensure_crd(cluster.client, make_crd(f"{group}/v1", "Thing", plural=after[0], namespaced=after[1]))
    namespace = cluster.namespace if after[1] else None
    if namespace:
        await when_served(lambda: own.create(manifest("x", elsewhere)))
    for verb, things in zip(VERBS, asking, strict=True):
        with contextlib.suppress(NotFound):
            await own.delete("b", namespace)
        with contextlib.suppress(NotFound):
            await own.delete("a", namespace)
        await when_served(lambda: own.create(manifest("a", namespace)))
        await verb(things, namespace)
