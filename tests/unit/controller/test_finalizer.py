from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fairlead.client.cached import Cached
from fairlead.controller import Finalizer, Reconciler
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.names import ObjectKey
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient

NAME = "example.com/cleanup"


class Stage:
    def __init__(self, client: FakeClient) -> None:
        self.client = client
        self.maps: Cached[ConfigMap, ConfigMap] = client.cached(ConfigMap, namespace="default")
        self.direct = client.direct(ConfigMap)
        self.cleaned: list[str] = []
        self.broken = 0
        self.finalizer = Finalizer(self.maps, NAME, self.clean_up)

    async def clean_up(self, obj: ConfigMap) -> None:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("not yet")
        self.cleaned.append(obj.uid)

    async def create(self, *finalizers: str) -> ConfigMap:
        metadata = ObjectMeta(name="a", namespace="default", finalizers=list(finalizers))
        return await self.direct.create(ConfigMap(metadata=metadata))


def run(scenario: Callable[[Stage], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20), FakeClient() as client:
            stage = Stage(client)
            await client.run_and_wait(5)
            await scenario(stage)

    asyncio.run(bounded())


def test_it_is_added_before_work_begins_and_only_once():
    async def scenario(stage: Stage) -> None:
        made = await stage.create("example.com/other")
        held = await stage.finalizer.hold(made)
        assert held is not None
        assert held.metadata.finalizers == ["example.com/other", NAME]
        assert made.metadata.finalizers == ["example.com/other"]
        version = stage.client.server.resource_version
        assert await stage.finalizer.hold(held) is held
        assert stage.client.server.resource_version == version
        cached = stage.maps.get("a", "default")
        assert cached is not None
        assert NAME in cached.metadata.finalizers, "the next reconcile sees it at once"

    run(scenario)


def test_a_change_by_others_meanwhile_is_kept():
    async def scenario(stage: Stage) -> None:
        old = await stage.create()
        await stage.direct.patch(
            "a", "default", merge={"metadata": {"finalizers": ["example.com/b"]}, "data": {"x": "y"}}
        )
        held = await stage.finalizer.hold(old)
        assert held is not None
        assert (held.metadata.finalizers, held.data) == (["example.com/b", NAME], {"x": "y"})
        old = held
        await stage.direct.patch("a", "default", merge={"metadata": {"labels": {"seen": "yes"}}})
        old.metadata.deletion_timestamp = None
        await stage.direct.delete("a", "default")
        going = await stage.direct.get("a", "default")
        going.metadata.resource_version = old.resource_version
        assert await stage.finalizer.hold(going) is None
        assert (await stage.direct.get("a", "default")).metadata.finalizers == ["example.com/b"]
        assert stage.cleaned == [old.uid]

    run(scenario)


def test_an_object_that_goes_meanwhile_is_not_held_and_another_life_is_not_touched():
    async def scenario(stage: Stage) -> None:
        first = await stage.create()
        await stage.direct.delete("a", "default")
        assert await stage.finalizer.hold(first) is None
        second = await stage.create()
        assert await stage.finalizer.hold(first) is None
        assert (await stage.direct.get("a", "default")).metadata.finalizers == []
        third = await stage.finalizer.hold(second)
        assert third is not None
        await stage.direct.patch("a", "default", merge={"metadata": {"finalizers": ["example.com/other"]}})
        await stage.direct.delete("a", "default")
        # Being deleted, though this reader has not heard of it: nothing may be added any more.
        assert await stage.finalizer.hold(second) is None
        assert stage.cleaned == []

    run(scenario)


def test_while_cleaning_up_fails_the_object_stays_and_then_it_goes():
    async def scenario(stage: Stage) -> None:
        async def reconcile(key: ObjectKey) -> None:
            found = stage.maps.get(*key)
            if found is not None:
                await stage.finalizer.hold(found)

        stage.broken = 2
        reconciler = Reconciler(stage.client, "maps", reconcile)
        stage.maps.add_handler(on_event=reconciler.enqueue)
        async with reconciler:
            made = await stage.create()
            await stage.client.settle()
            await stage.direct.delete("a", "default")
            await stage.client.settle()
            assert stage.maps.list() == []
            assert await stage.direct.list("default") == []
        assert reconciler.statistics().failed == 2
        assert stage.cleaned == [made.uid]

    run(scenario)


def test_a_second_cleaning_up_of_what_is_gone_is_no_error():
    async def scenario(stage: Stage) -> None:
        held = await stage.finalizer.hold(await stage.create())
        assert held is not None
        await stage.direct.delete("a", "default")
        going = await stage.direct.get("a", "default")
        assert await stage.finalizer.hold(going) is None
        assert await stage.finalizer.hold(going) is None
        assert stage.cleaned == [held.uid, held.uid]
        assert await stage.direct.list("default") == []

    run(scenario)


def test_a_name_that_servers_refuse_is_refused_at_once():
    async def scenario(stage: Stage) -> None:
        for name, said in (("not a name", "must consist of"), ("cleanup", "needs a prefix")):
            with pytest.raises(ValueError, match=said):
                Finalizer(stage.maps, name, stage.clean_up)

    run(scenario)
