"""What reads show beside what handlers are told: never less, own writes until newer ones come, and after a gap the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fairlead import Event
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import Tracker
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import only, requirement

with_faults = only("memory", "http", "sync", "sync-http", reason="only the in-memory server has faults")


def behind(event: Event[ConfigMap], read: ConfigMap | None) -> bool:
    """Whether a read shows less than a handler is told. What it does not show may have gone since."""
    if read is None:
        return False
    if event.new is None:
        return read.uid == event.object.uid
    return int(read.resource_version) < int(event.new.resource_version)


@requirement("cache:reads:never-behind")
async def test_reads_are_never_behind_what_a_handler_is_told(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    by_name = configs.index("name", lambda each: [each.name])
    told: list[str] = []
    late: list[str] = []

    def look(event: Event[ConfigMap]) -> None:
        told.append(event.type)
        name = event.key.name
        reads = [configs.get(name), *(each for each in configs.list() if each.name == name), *by_name.lookup(name)]
        late.extend(f"{event.type} {name}: {read}" for read in reads if behind(event, read))

    configs.add_handler(on_event=look)
    await cluster.client.run_and_wait(timeout=20)
    others = cluster.connect().direct(ConfigMap)

    async def write(name: str) -> None:
        for life in range(2):
            await others.create(cluster.config(name, labels={"mine": "1"}, value=f"{life}"))
            for number in range(5):
                await others.patch(name, cluster.namespace, merge={"data": {"value": f"{life}.{number}"}})
            await others.delete(name, cluster.namespace)

    await asyncio.gather(*(write(name) for name in ("a", "b", "c")))
    await cluster.client.settle()
    assert late == []
    assert (told.count("add"), told.count("delete"), configs.list()) == (6, 6, [])


@requirement("cache:writes:outside-the-selector")
async def test_own_writes_follow_the_selector_and_none_stays(cluster: Cluster):
    client = cluster.connect()
    red = client.cached(ConfigMap, namespace=cluster.namespace, labels="colour=red")
    named = client.cached(ConfigMap, namespace=cluster.namespace, fields="metadata.name=a")
    by_name = red.index("names", lambda each: [each.name])
    told = Tracker()
    red.add_handler(on_event=told)
    await client.run_and_wait(timeout=20)

    def seen() -> tuple[Any, ...]:
        """What each way to read shows of both objects."""
        ways = (
            [each.name for each in red.list()], [each.name for each in red.list(labels="colour")],
            [name for name in ("a", "b") if red.get(name) is not None],
            [name for name in ("a", "b") if by_name.lookup(name)],
        )  # fmt: skip
        assert all(sorted(way) == sorted(ways[0]) for way in ways), ways
        return sorted(ways[0]), [each.name for each in named.list()]

    async def settled(*expected: Any) -> None:
        assert seen() == expected
        await client.settle()
        assert seen() == expected
        assert [each.overlaid for each in client.statistics().informers] == [0, 0]

    await red.create(cluster.config("b", labels={"colour": "blue"}))
    await settled([], [])
    await red.create(cluster.config("a", labels={"colour": "red"}))
    await settled(["a"], ["a"])
    # Out of the selection, and in again; the other one in, and gone.
    await red.patch("a", cluster.namespace, merge={"metadata": {"labels": {"colour": "blue"}}})
    await settled([], ["a"])
    await red.patch("a", cluster.namespace, merge={"metadata": {"labels": {"colour": "red"}}})
    await red.patch("b", cluster.namespace, merge={"metadata": {"labels": {"colour": "red"}}})
    await settled(["a", "b"], ["a"])
    await red.delete("b", cluster.namespace)
    await red.delete("a", cluster.namespace)
    await settled([], [])
    assert told.events.count("add/a") == told.events.count("delete/a") == 2


@with_faults
@requirement("cache:writes:foreign-wins")
async def test_a_newer_write_of_somebody_else_wins_over_an_own_one(cluster: Cluster):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    seen: list[str] = []
    configs.add_handler(on_event=lambda event: seen.append(event.object.data["x"]))
    await client.run_and_wait(timeout=20)
    await configs.create(cluster.config("a", labels={"mine": "1"}, x="0"))
    await client.settle()
    others = cluster.client.direct(ConfigMap)
    with cluster.faults.hold_watches(ConfigMap):
        await configs.patch("a", cluster.namespace, merge={"data": {"x": "mine"}})
        await others.patch("a", cluster.namespace, merge={"data": {"x": "theirs"}})
        found = configs.get("a")
        assert found is not None
        assert found.data["x"] == "mine"
    await client.settle()
    found = configs.get("a")
    assert found is not None
    assert (found.data["x"], seen) == ("theirs", ["0", "mine", "theirs"])
    # It is deleted by somebody else, and made again, before the own write comes home.
    with cluster.faults.hold_watches(ConfigMap):
        await configs.patch("a", cluster.namespace, merge={"data": {"x": "mine again"}})
        await others.delete("a", cluster.namespace)
        made = await others.create(cluster.config("a", labels={"mine": "1"}, x="another"))
    await client.settle()
    found = configs.get("a")
    assert found is not None
    assert (found.uid, found.data["x"]) == (made.uid, "another")
    assert [each.overlaid for each in client.statistics().informers] == [0]


@with_faults
@requirement("cache:gap:told-as-difference", "handlers:events:recreated", "handlers:events:final-state-unknown")
@pytest.mark.parametrize("how", ["in the stream", "as a status"])
async def test_after_a_gap_handlers_are_told_the_difference(cluster: Cluster, how: str):
    client = cluster.connect()
    configs = client.cached(ConfigMap, namespace=cluster.namespace, labels="mine")
    events: list[str] = []

    def note(event: Event[ConfigMap]) -> None:
        events.append(f"{event.type}/{event.key.name}" + ("?" if event.final_state_unknown else ""))

    configs.add_handler(on_event=note)
    others = cluster.client.direct(ConfigMap)
    for name in ("changed", "gone", "recreated", "same"):
        await others.create(cluster.config(name, labels={"mine": "1"}, x="0"))
    await client.run_and_wait(timeout=20)
    events.clear()
    faults = cluster.faults
    with faults.refuse(verb=["list", "watch"], type=ConfigMap) as away:
        faults.cut_watches(ConfigMap, clean=False)
        await others.patch("changed", cluster.namespace, merge={"data": {"x": "1"}})
        await others.patch("changed", cluster.namespace, merge={"data": {"x": "2"}})
        for name in ("gone", "recreated"):
            await others.delete(name, cluster.namespace)
        for name in ("new", "recreated"):
            await others.create(cluster.config(name, labels={"mine": "1"}, x="0"))
        if how == "in the stream":
            faults.forget_history()
        else:
            faults.fail(410, verb="watch", type=ConfigMap, times=1)
        away.close()
    await client.settle()
    assert sorted(events) == ["add/new", "add/recreated", "delete/gone?", "delete/recreated?", "update/changed"]
    assert events.index("delete/recreated?") < events.index("add/recreated")
    assert sorted(each.name for each in configs.list()) == ["changed", "new", "recreated", "same"]
    assert configs.has_synced()
