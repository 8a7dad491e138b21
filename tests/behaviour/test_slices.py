"""However many objects a change concerns, the loop is held for a slice at a time.

Time is the lines that run (`tests.support.work`), so that this is counted and not measured: while a change of so many objects
is taken in, each call of the loop runs fewer lines than there are objects, and so goes through all of them nowhere.
"""

from __future__ import annotations

from collections import Counter

import pytest

from fairlead import Client, DynamicFilter, Event, ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from tests.behaviour.requirements import only, requirement
from tests.support.long_list import LongList
from tests.support.work import A_SLICE, Work

FLIPPED = 10_000
LISTED = 50_000
#: What is complete on return takes up to 64 objects, and then a slice of its own; so does what one read of a stream brings.
LIMIT = 4 * A_SLICE

in_a_loop_of_its_own = only(
    "memory", reason="it is this side of a server that is counted; fairlead.sync runs the same loop in its thread"
)


class Counted:
    """A handler that counts what it is told."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()

    def __call__(self, event: Event[ConfigMap]) -> None:
        self.told[event.type] += 1


def held(work: Work) -> None:
    """No call of the loop went through all objects, and none took longer than it may; whichever it was is named."""
    assert work.lines > 10 * LIMIT, "nothing was counted"
    assert LIMIT < FLIPPED, "a line for each object would not be seen"
    assert work.longest < LIMIT, f"{work.longest} lines in one call of the loop, which ended in {work.holder}"


def other_half(number: int) -> str:
    return ("even", "odd")[number % 2]


@in_a_loop_of_its_own
@requirement("slices:flip:ten-thousand")
@pytest.mark.parametrize(
    "whole", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["everything", "by-namespace"]
)
async def test_ten_thousand_objects_that_flip_at_once(monkeypatch, whole: bool):
    server = LongList(streaming=True)
    for number in range(FLIPPED):
        server.put(f"c{number}", other_half(number))
    shown = "even"
    changing = DynamicFilter(lambda each: each.data["value"] == shown)
    told, late, work = Counted(), Counted(), Work()
    async with Client(transport=server) as client:
        configs = client.cached(ConfigMap, filter=changing)
        configs.add_handler(on_event=told)
        by_value = configs.index("value", lambda each: [each.data["value"]])
        await client.run_and_wait(timeout=20)
        assert (len(configs), told.told) == (FLIPPED // 2, {"add": FLIPPED // 2})
        told.told.clear()
        with work.measured(monkeypatch):
            shown = "odd"
            changing.changed(namespaces=None if whole else {f"n{number}" for number in range(5)})
            by_namespace = configs.index("namespace", lambda each: [each.namespace])
            configs.add_handler(on_event=late)
            await client.wait_until(lambda: told.told.total() == FLIPPED, timeout=25)
        held(work)
        await configs.wait_synced(timeout=20)
        assert (told.told, len(configs)) == ({"add": FLIPPED // 2, "delete": FLIPPED // 2}, FLIPPED // 2)
        # What comes late is told of what was there, and of the flip.
        assert late.told == {"add": FLIPPED, "delete": FLIPPED // 2}
        assert (len(by_value.lookup("odd")), by_value.lookup("even")) == (FLIPPED // 2, [])
        assert len(by_namespace.lookup("n3")) == FLIPPED // 10


@in_a_loop_of_its_own
@requirement("slices:relist:fifty-thousand")
@pytest.mark.parametrize(
    ("listed", "streaming", "filtered"),
    [
        (FLIPPED, True, False),
        *(pytest.param(LISTED, *how, marks=pytest.mark.slow) for how in ((True, False), (True, True), (False, False))),
    ],
    ids=["ten-thousand", "streamed", "streamed-and-filtered", "paged"],
)
async def test_a_relist_of_fifty_thousand_objects(monkeypatch, listed: int, streaming: bool, filtered: bool):
    server = LongList(streaming=streaming)
    for number in range(listed):
        server.put(f"c{number}", "old")
    told, work = Counted(), Work()
    async with Client(transport=server) as client:
        configs = client.cached(ConfigMap, filter=(lambda each: each.namespace != "n5") if filtered else None)
        await client.run_and_wait(timeout=20)
        assert (len(configs), server.lists) == (listed, 1)
        configs.add_handler(on_event=told)
        await configs.wait_synced(timeout=20)
        told.told.clear()
        changed, dropped = listed // 50, listed // 100
        for number in range(changed):
            server.put(f"c{number}", "new")
        for number in range(changed, changed + dropped):
            server.drop(f"c{number}")
        server.put(f"c{listed}", "new")
        with work.measured(monkeypatch):
            server.expire()
            await client.wait_until(lambda: told.told.total() == changed + dropped + 1, timeout=25)
        held(work)
        assert told.told == {"update": changed, "delete": dropped, "add": 1}
        assert (len(configs), server.lists) == (listed - dropped + 1, 2)


@in_a_loop_of_its_own
@requirement("slices:relist:registered")
async def test_a_list_of_ten_thousand_objects_that_a_function_gives(monkeypatch):
    objects = [
        ConfigMap(metadata=ObjectMeta(name=f"c{number}", namespace="n"), data={"value": "old"})
        for number in range(FLIPPED)
    ]
    told, work = Counted(), Work()
    async with Client(transport=LongList(streaming=True)) as client:
        registered = client.register(ConfigMap, list=lambda _: objects, poll=3600)
        configs = client.cached(ConfigMap)
        await client.run_and_wait(timeout=20)
        configs.add_handler(on_event=told)
        await configs.wait_synced(timeout=20)
        told.told.clear()
        with work.measured(monkeypatch):
            objects[7] = ConfigMap(metadata=ObjectMeta(name="c7", namespace="n"), data={"value": "new"})
            registered.changed()
            await client.wait_until(lambda: told.told.total() == 1, timeout=25)
        held(work)
        assert (told.told, len(configs)) == ({"update": 1}, FLIPPED)
