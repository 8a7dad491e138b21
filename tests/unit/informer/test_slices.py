"""However many objects a bulk change concerns, no turn of the loop handles more of them than fit into a slice.

The clock is the test's own: each call of a user's function takes a millisecond, and nothing else takes any time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from fairlead import Cached, DynamicFilter, ObjectMeta
from fairlead.informer import informer as informer_module
from fairlead.informer import slices
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient

OBJECTS = 400
#: Ten calls of a millisecond fill a slice; the one that fills it is the last.
A_SLICE = 10


class Time:
    """The clock, and how many calls each turn of the loop had."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turn = 0
        self.calls: Counter[int] = Counter()

    def spend(self, value: Any) -> Any:
        self.now += 0.001
        self.calls[self.turn] += 1
        return value

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turn += 1

    @contextmanager
    def measured(self, at_least: int) -> Generator[None]:
        self.calls.clear()
        yield
        assert sum(self.calls.values()) >= at_least
        # What is begun at once and what goes on by itself may meet in a turn, each with the call that ends its slice.
        assert max(self.calls.values()) <= A_SLICE + 2


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(slices, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(informer_module, "FEW", 1)
    return clock


def configs() -> list[ConfigMap]:
    return [
        ConfigMap(metadata=ObjectMeta(name=f"c{index:03}", namespace=f"n{index % 4}"), data={"n": str(index)})
        for index in range(OBJECTS)
    ]


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the turns of the loop are what is looked at
        await asyncio.sleep(0)


async def test_no_turn_handles_more_than_a_slice(time: Time) -> None:
    chosen: set[str] = {"n0"}
    spaces = DynamicFilter(lambda each: time.spend(each.namespace in chosen))
    ticking = asyncio.create_task(time.tick())
    async with FakeClient(*configs()) as client:
        whole = client.cached(ConfigMap)
        some = client.cached(ConfigMap, filter=spaces)
        with time.measured(OBJECTS):
            await client.run_and_wait(timeout=20)
        with time.measured(OBJECTS):
            chosen.add("n1")
            spaces.changed()
            await until(lambda: len(some) == OBJECTS // 2)
        with time.measured(OBJECTS // 4):
            chosen.discard("n0")
            spaces.changed(namespaces=["n0"])
            await until(lambda: len(some) == OBJECTS // 4)
        with time.measured(OBJECTS // 2):
            chosen.add("n2")
            spaces.changed(keys=[f"n2/c{index:03}" for index in range(OBJECTS)])
            spaces.changed(namespaces=["n3"])
            await until(lambda: len(some) == OBJECTS // 2)
            await client.settle()
        added: list[Cached[Any, Any]] = []
        with time.measured(OBJECTS):
            added.append(client.cached(ConfigMap, filter=lambda each: time.spend(each.data["n"] != "7")))
            await until(added[0].cache_synced)
        assert len(added[0]) == OBJECTS - 1
        with time.measured(OBJECTS):
            index = whole.index("n", lambda each: [time.spend(each.data["n"])])
            # Nothing looks it up, which would have it filled at once.
            await client.settle()
        assert [each.name for each in index.lookup("11")] == ["c011"]
        with time.measured(OBJECTS):
            late = whole.add_handler(on_add=time.spend)
            await late.wait_synced()
        with time.measured(2 * OBJECTS):
            # Listed again: each filter and the index are asked about all.
            (before,) = client.statistics().informers
            client.faults.expire(times=1)
            client.faults.cut_watches()

            def listed_again() -> bool:
                (now,) = client.statistics().informers
                return now.reflector.lists > before.reflector.lists and now.reflector.phase == "watch"

            await until(listed_again)
    ticking.cancel()


async def test_what_many_views_do_at_once_fits_into_one_slice_together(time: Time) -> None:
    chosen: set[str] = set()
    spaces = DynamicFilter(lambda each: time.spend(each.namespace in chosen))
    ticking = asyncio.create_task(time.tick())
    async with FakeClient(*configs()) as client:
        views = [client.cached(ConfigMap, filter=spaces) for _ in range(5)]
        await client.run_and_wait(timeout=20)
        chosen.add("n0")
        time.calls.clear()
        spaces.changed()
        # Each view has begun, and all of them together have taken a slice.
        assert sum(time.calls.values()) <= A_SLICE + 2 * len(views)
        await client.settle()
        assert [len(view) for view in views] == [OBJECTS // 4] * 5
        # So have they in each turn since: one step each, and more for as long as the slice lasts.
        assert max(time.calls.values()) <= A_SLICE + 2 * len(views)
    ticking.cancel()


async def test_a_small_change_is_complete_at_once_however_slow_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Time()
    monkeypatch.setattr(slices, "perf_counter", lambda: clock.now)
    chosen: set[str] = set()
    spaces = DynamicFilter(lambda each: clock.spend(each.namespace in chosen))
    async with FakeClient(*configs()[:60]) as client:
        view = client.cached(ConfigMap, filter=spaces)
        await client.run_and_wait(timeout=20)
        chosen.add("n0")
        spaces.changed()
        assert len(view) == 15
