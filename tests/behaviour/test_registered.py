"""Types that functions of the user's own serve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fairlead import (
    AlreadyExists,
    Conflict,
    Event,
    Forbidden,
    Gone,
    InvalidObject,
    MethodNotAllowed,
    NotFound,
    NotSynced,
    ObjectMeta,
    Resource,
    ResourceList,
    Selected,
    Status,
    Struct,
    WatchEvent,
    part,
)
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster, until
from tests.behaviour.requirements import requirement


class TurbineSpec(Struct):
    power: int = 0


class Turbine(Resource, api_version="wind.example.com/v1", kind="Turbine"):
    spec: TurbineSpec = part(default_factory=TurbineSpec)


def turbine(name: str, namespace: str = "park", *, power: int = 0, **labels: str) -> Turbine:
    return Turbine(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels), spec=TurbineSpec(power=power))


class Park:
    """Turbines in memory, without versions or uids of their own."""

    def __init__(self, *turbines: Turbine) -> None:
        self.turbines = {each.key: each for each in turbines}
        self.lists: list[Selected] = []

    async def list(self, selected: Selected) -> list[Turbine]:
        self.lists.append(selected)
        return [each.copy() for each in self.turbines.values()]

    async def create(self, obj: Turbine) -> Turbine:
        assert obj.resource_version == ""
        if obj.key in self.turbines:
            raise AlreadyExists(Status(code=409, reason="AlreadyExists", message=f"{obj.key} stands already"))
        self.turbines[obj.key] = obj
        return obj

    def update(self, obj: Turbine) -> Turbine:
        assert obj.resource_version == ""
        self.turbines[obj.key] = obj
        return obj

    async def delete(self, name: str, namespace: str) -> None:
        del self.turbines[turbine(name, namespace).key]

    @property
    def functions(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("list", "create", "update", "delete")}


@requirement("types:registered:list", "types:registered:delayed")
async def test_a_type_that_a_function_lists(cluster: Cluster):
    park = Park(turbine("a", size="big"), turbine("b", "sea"))
    client = cluster.connect()
    registered = client.register(Turbine, list=park.list, poll=3600.0)
    turbines, delayed = client.cached(Turbine), client.delayed(Turbine)
    big, at_sea = client.cached(Turbine, labels="size"), client.cached(Turbine, namespace="sea")
    metas, named = client.metadata(Turbine), client.cached("wind.example.com/v1", "Turbine", fields="metadata.name=b")
    tracker = Tracker()
    turbines.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    found = turbines.get("a", "park")
    assert found is not None
    assert (found.spec.power, found.resource_version != "", turbines.get("c", "park")) == (0, True, None)
    counted = [len(view) for view in (turbines, delayed, big, at_sea, metas, named)]
    assert counted == [2, 2, 1, 1, 2, 1]
    assert (await client.direct(Turbine).get("b", "sea")).name == "b"
    with pytest.raises(NotFound, match='"b" not found'):
        await client.direct(Turbine).get("b", "park")
    tracker.expect_unordered("add/a", "add/b")
    park.turbines[turbine("a").key].spec.power = 7
    del park.turbines[turbine("b", "sea").key]
    park.turbines[turbine("c").key] = turbine("c")
    registered.changed()
    await client.settle()
    assert (len(delayed), len(metas), turbines.get("c", "park") is not None) == (2, 2, True)
    tracker.expect_unordered("update/a", "delete/b", "add/c")
    # Nobody said so, and nothing else has changed: settle lists, and sees what has gone.
    del park.turbines[turbine("c").key]
    await client.settle()
    tracker.expect("delete/c")
    before = len(park.lists)
    registered.changed()
    await client.settle()
    assert len(park.lists) > before
    tracker.expect_nothing()


@requirement("types:registered:writes")
async def test_writes_go_to_the_functions(cluster: Cluster):
    park = Park()
    client = cluster.connect()
    client.register(Turbine, **park.functions, poll=3600.0)
    turbines, direct = client.cached(Turbine, namespace="park"), client.direct(Turbine)
    tracker = Tracker()
    turbines.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    made = await turbines.create(turbine("a", power=1))
    assert (turbines.get("a"), park.turbines[made.key].spec.power) == (made, 1)
    with pytest.raises(AlreadyExists, match="stands already"):
        await direct.create(turbine("a"))
    stale = made.copy()
    made.spec.power = 2
    updated = await turbines.update(made)
    assert (turbines.get("a"), updated.spec.power) == (updated, 2)
    with pytest.raises(Conflict, match="has changed"):
        await turbines.update(stale)
    assert (await turbines.patch("a", "park", merge={"spec": {"power": 3}})).spec.power == 3
    patched = await turbines.patch("a", "park", json=[{"op": "replace", "path": "/spec/power", "value": 4}])
    assert (turbines.get("a"), patched.spec.power) == (patched, 4)
    with pytest.raises(MethodNotAllowed, match="none for update_status"):
        await turbines.update_status(patched)
    await client.settle()
    assert tracker.events[0] == "add/a"
    tracker.clear()
    await turbines.create(turbine("b"))
    await turbines.delete("a", "park")
    assert (turbines.get("a"), park.turbines.keys()) == (None, {turbine("b").key})
    await client.settle()
    tracker.expect_unordered("add/b", "delete/a")
    first = await direct.get("b", "park")
    await turbines.delete("b", "park")
    again = await turbines.create(turbine("b"))
    assert int(again.resource_version) > int(first.resource_version)
    assert turbines.get("b", "park") == again
    await client.settle()
    assert turbines.get("b", "park") == again
    assert tracker.events[-1] in {"add/b", "update/b"}  # whether a list came in between
    with pytest.raises(NotFound):
        await turbines.delete("a", "park")


class Feed:
    """A watch whose events the test gives, to all who watch."""

    def __init__(self) -> None:
        self.listed: list[Turbine] = []
        self.version = "1"
        self.streams: list[str] = []
        self.readers: list[asyncio.Queue[WatchEvent[Turbine] | Exception]] = []
        #: Released for each stream that has been opened.
        self.opened = asyncio.Semaphore(0)

    def tell(self, event: WatchEvent[Turbine] | Exception) -> None:
        for reader in tuple(self.readers):
            reader.put_nowait(event)

    async def list(self, _: Selected) -> ResourceList[Turbine]:
        return ResourceList(self.listed, self.version)

    async def watch(self, _: Selected, version: str) -> AsyncIterator[WatchEvent[Turbine]]:
        self.streams.append(version)
        reader: asyncio.Queue[WatchEvent[Turbine] | Exception] = asyncio.Queue()
        self.readers.append(reader)
        self.opened.release()
        try:
            while True:
                event = await reader.get()
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.readers.remove(reader)


def at(obj: Turbine, version: int) -> Turbine:
    obj.metadata.resource_version, obj.metadata.uid = str(version), f"uid-{obj.name}"
    return obj


@requirement("types:registered:watch", "handlers:events:final-state-unknown")
async def test_a_type_that_a_function_watches(cluster: Cluster):
    feed = Feed()
    feed.listed, feed.version = [at(turbine("a", size="big"), 3)], "5"
    client = cluster.connect()
    client.register(Turbine, list=feed.list, watch=feed.watch)
    turbines, big = client.cached(Turbine), client.cached(Turbine, labels="size=big")
    events: list[Event[Turbine]] = []

    def version_of(name: str) -> str | None:
        found = turbines.get(name, "park")
        return None if found is None else found.resource_version

    turbines.add_handler(on_event=events.append)
    await client.run_and_wait(timeout=20)
    for _ in (turbines, big):
        await feed.opened.acquire()
    assert ([event.initial for event in events], feed.streams, len(big)) == ([True], ["5", "5"], 1)
    feed.tell(WatchEvent("ADDED", at(turbine("b"), 6)))
    feed.tell(WatchEvent("MODIFIED", at(turbine("a"), 7)))
    feed.tell(WatchEvent("DELETED", at(turbine("b"), 8)))
    await until(turbines, lambda: version_of("a") == "7" and version_of("b") is None)
    await client.settle()
    await until(big, lambda: len(big) == 0)
    assert [(e.type, e.key.name) for e in events[1:]] == [("add", "b"), ("update", "a"), ("delete", "b")]
    assert not any(event.final_state_unknown or event.initial for event in events[1:])
    # A gap: what has gone meanwhile is known only by its absence.
    feed.listed, feed.version = [at(turbine("c"), 9)], "9"
    feed.tell(Gone(Status(code=410, reason="Expired")))
    await until(turbines, lambda: version_of("c") == "9" and version_of("a") is None)
    await client.settle()
    assert len(events) == 6
    gone = next(event for event in events if event.type == "delete" and event.key.name == "a")
    assert (gone.final_state_unknown, gone.old is not None and gone.old.name) == (True, "a")
    await client.settle()
    assert set(feed.streams[2:]) <= {"9"}


@requirement("types:registered:fails", "cache:namespaces:synced", "sync:not-synced:says-what")
async def test_functions_that_fail(cluster: Cluster):
    broken = True

    async def listed(selected: Selected) -> list[Turbine]:
        if broken and selected.namespace == "sea":
            raise ValueError("no wind")
        return [turbine("a", selected.namespace)]

    client = cluster.connect()
    client.register(Turbine, list=listed)
    turbines, park = client.cached(Turbine, namespace=["park", "sea"]), client.cached(Turbine, namespace="park")
    with pytest.raises(NotSynced) as caught:
        await client.run_and_wait(timeout=1.0)
    assert ["in sea" in line and "ValueError: no wind" in line for line in caught.value.missing] == [True]
    assert (park.has_synced(), turbines.has_synced()) == (True, False)
    assert client.statistics().watch_errors > 0
    broken = False
    await client.run_and_wait(timeout=20)
    assert [each.namespace for each in turbines.list()] == ["park", "sea"]


@requirement("types:registered:fails")
async def test_a_plain_function_that_raises_what_no_future_carries(cluster: Cluster):
    def listed(_: Selected) -> list[Turbine]:
        return [next(iter(()))]

    client = cluster.connect()
    client.register(Turbine, list=listed)
    client.cached(Turbine)
    with pytest.raises(NotSynced, match="StopIteration"):
        await client.run_and_wait(timeout=1.0)


@requirement("types:registered:once")
async def test_a_type_is_registered_once_and_first(cluster: Cluster):
    client = cluster.connect()
    client.register(Turbine, list=Park().list)
    for cls in (Turbine, "v1"):
        client.cached("v1", "ConfigMap")
        with pytest.raises(InvalidObject, match="in use already"):
            client.register(*([cls] if cls is Turbine else [cls, "ConfigMap"]), list=Park().list)
    await client.close()


@requirement("types:registered:overtaken")
async def test_a_list_that_a_write_overtakes(cluster: Cluster):
    park = Park(turbine("a", power=1))
    begun, go = asyncio.Event(), asyncio.Event()
    held = False

    async def listed(selected: Selected) -> list[Turbine]:
        found = await park.list(selected)
        if held:
            begun.set()
            await go.wait()
        return found

    client = cluster.connect()
    registered = client.register(Turbine, list=listed, update=park.update, poll=3600.0)
    turbines = client.cached(Turbine)
    tracker = Tracker()
    turbines.add_handler(on_event=tracker)
    await client.run_and_wait(timeout=20)
    mine = turbines.get("a", "park")
    assert mine is not None
    held = True
    registered.changed()
    await begun.wait()
    # The list that is under way knows nothing of this.
    mine.spec.power = 2
    updated = await turbines.update(mine)
    held = False
    go.set()
    await client.settle()
    found = turbines.get("a", "park")
    assert (found, found is not None and found.spec.power, updated.spec.power) == (updated, 2, 2)
    tracker.expect("add/a", "update/a")


@requirement("types:registered:changed")
async def test_changes_that_are_told_are_seen_at_once_however_many(cluster: Cluster):
    park = Park()
    client = cluster.connect()
    registered = client.register(Turbine, **park.functions, poll=3600.0)
    turbines, at_sea = client.cached(Turbine), client.cached(Turbine, namespace="sea")
    await client.run_and_wait(timeout=20)
    async with asyncio.timeout(15):
        for count in range(12):
            told, written = turbine(f"told-{count}"), turbine(f"written-{count}", "sea")
            park.turbines[told.key] = told
            registered.changed()
            await client.settle()
            await turbines.create(written)
            await client.settle()
            await turbines.delete(told.name, "park")
            await client.settle()
            assert (len(turbines), len(at_sea)) == (count + 1, count + 1)
    assert all(each.reflector.last_error == "" for each in client.statistics().informers)


@requirement("types:registered:changed")
async def test_polls_keep_their_pace(cluster: Cluster):
    lists, enough = 0, asyncio.Event()

    async def listed(_: Selected) -> list[Turbine]:
        nonlocal lists
        lists += 1
        if lists == 20:
            enough.set()
        # Its version says nothing of when it is to be listed again.
        return ResourceList([turbine("a", power=lists)], "1")

    client = cluster.connect()
    client.register(Turbine, list=listed, poll=0.05)
    client.cached(Turbine)
    await client.run_and_wait(timeout=20)
    async with asyncio.timeout(10):
        await enough.wait()
    with pytest.raises(InvalidObject, match="poll=0"):
        cluster.connect().register(Turbine, list=listed, poll=0)


@requirement("types:registered:changed")
async def test_changed_cuts_short_what_waits_after_a_failure(cluster: Cluster):
    broken = True

    async def listed(_: Selected) -> list[Turbine]:
        if broken:
            raise Forbidden(Status(code=403, reason="Forbidden", retry_after=60.0))
        return [turbine("a")]

    client = cluster.connect()
    registered = client.register(Turbine, list=listed, poll=3600.0)
    turbines = client.cached(Turbine)
    with pytest.raises(NotSynced):
        await client.run_and_wait(timeout=1.0)
    broken = False
    registered.changed()
    await client.run_and_wait(timeout=5)
    assert len(turbines) == 1
