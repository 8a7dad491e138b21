"""Caches that are idle for hours, and types that are absent for hours: what is asked of the server meanwhile, and logged.

On a loop whose clock jumps, so in process alone: a server behind a socket has a clock of its own, and so has the loop of
fairlead.sync, which is the same one and asks the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fairlead import Client, ObjectMeta, Resource
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient, Tracker, ensure_crd
from tests.behaviour.requirements import requirement
from tests.support import clock

HOURS = 6
#: The watch of CRDs ends every five to ten minutes, and is begun again each time.
WATCHES = HOURS * 12 + 1


class Gadget(Resource, api_version="gadgets.example.com/v1", kind="Gadget"):
    pass


NAME = Gadget.resource_type.crd_name


def gadget(name: str, **metadata: Any) -> Gadget:
    return Gadget(metadata=ObjectMeta(name=name, namespace="default", **metadata))


@asynccontextmanager
async def asked(client: FakeClient, paths: list[str]) -> AsyncIterator[None]:
    """Take note of the path of each request while the block runs."""
    with client.faults.fail(500, when=lambda request: bool(paths.append(request.path))):
        yield


def said(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    """What was logged of watches; a handler may be called slow on a machine that is busy."""
    return [each.getMessage() for each in caplog.records if each.levelno >= level and each.name != "fairlead.handlers"]


async def delete_crd(client: Client) -> None:
    await client.direct(CustomResourceDefinition).delete(NAME)


async def unserve(client: Client) -> None:
    crds = client.direct(CustomResourceDefinition)
    (version,) = (await crds.get(NAME)).to_dict()["spec"]["versions"]
    versions = [{**version, "served": False, "storage": False}, {**version, "name": "v2"}]
    await crds.patch(NAME, merge={"spec": {"versions": versions}})


async def delete_held_crd(client: Client) -> None:
    """Two finalizers hold two objects, one after the other."""
    held = client.direct(Gadget)
    await held.create(gadget("held", finalizers=["example.com/hold"]))
    await delete_crd(client)
    await asyncio.sleep(3600)
    await held.patch("held", "default", merge={"metadata": {"finalizers": None}})


@requirement("cache:idle:quiet")
def test_an_idle_cache_keeps_its_watch_and_says_nothing(caplog):
    paths: list[str] = []

    async def main() -> None:
        async with FakeClient(ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))) as client:
            configs = client.cached(ConfigMap)
            await client.run_and_wait()
            async with asked(client, paths):
                await asyncio.sleep(HOURS * 3600)
            assert client.statistics().watch_errors == 0
            assert (configs.has_synced(), bool(client.ready())) == (True, True)

    with caplog.at_level(logging.INFO, logger="fairlead"):
        clock.run(main(), hours=HOURS + 1)
    assert len(paths) <= WATCHES
    assert said(caplog) == []


@requirement("fault:f15:a-deleted-crd-empties-the-cache", "delayed:absent:quiet")
@pytest.mark.parametrize("leave", [delete_crd, unserve, delete_held_crd])
def test_f15_a_type_that_has_gone_is_asked_for_no_more(caplog, leave: Callable[[Client], Any]):
    paths: list[str] = []

    async def main() -> None:
        async with FakeClient() as client:
            await ensure_crd(client, Gadget)
            gadgets, told = client.delayed(Gadget), Tracker()
            gadgets.add_handler(on_event=told)
            await client.run_and_wait()
            await gadgets.create(gadget("a"))
            await client.settle()
            await leave(client)
            await client.wait_until(lambda: not gadgets.list())
            await client.settle()
            async with asked(client, paths):
                await asyncio.sleep(HOURS * 3600)
            assert [event for event in told.events if event.endswith("/a")] == ["add/a", "delete/a"]
            assert gadgets.has_synced()

    with caplog.at_level(logging.INFO, logger="fairlead"):
        clock.run(main(), hours=HOURS + 2)
    assert {path.rsplit("/", 1)[1] for path in paths} == {"customresourcedefinitions"}
    assert len(paths) <= WATCHES
    assert said(caplog, logging.WARNING) == []
    # How it came and went, and the watch that ended with it.
    assert len(said(caplog)) <= 8, said(caplog)


@requirement("delayed:absent:quiet")
def test_a_type_that_never_comes_is_looked_for_ever_less(caplog):
    paths: list[str] = []

    async def main() -> None:
        async with FakeClient() as client:
            gadgets = [client.delayed(Gadget), client.delayed("other.example.com/v1", "Other")]
            async with asked(client, paths):
                await client.run_and_wait()
                await asyncio.sleep(HOURS * 3600)
            assert all(each.has_synced() for each in gadgets)

    with caplog.at_level(logging.INFO, logger="fairlead"):
        clock.run(main(), hours=HOURS + 1)
    crds = [path for path in paths if path.endswith("/customresourcedefinitions")]
    discovery = [path for path in paths if path not in crds]
    assert len(crds) <= WATCHES
    # Of both types together: after half a minute, and then ever later up to ten minutes.
    assert len(discovery) <= 2 * 2 * (HOURS * 6 + 10)
    assert not [path for path in discovery if path.endswith(("/gadgets", "/others"))]
    assert len(said(caplog)) <= 4, said(caplog)


@requirement("delayed:absent:quiet", "delayed:permission:discovery")
def test_where_crds_may_not_be_read_that_is_said_once_in_hours(caplog):
    paths: list[str] = []

    async def main() -> None:
        async with FakeClient() as client:
            client.faults.fail(403, verb=["list", "watch"], type=CustomResourceDefinition)
            client.delayed(Gadget)
            async with asked(client, paths):
                await client.run_and_wait()
                await asyncio.sleep(HOURS * 3600)

    with caplog.at_level(logging.INFO, logger="fairlead"):
        clock.run(main(), hours=HOURS + 1)
    assert not [path for path in paths if path.endswith("/gadgets")]
    # Discovery, and whether CRDs may be read by now: each about once a minute at most.
    assert len(paths) <= 4 * (HOURS * 60 + 10)
    assert len([each for each in said(caplog) if "cannot be read" in each]) == 1
    # A failure that goes on is told at each doubling.
    assert len(said(caplog)) <= 20, said(caplog)
