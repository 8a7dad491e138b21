"""What a tracker is told, expects, and waits for, in both worlds."""

from __future__ import annotations

import asyncio
import threading
from time import perf_counter

import pytest

from fairlead import Event, ObjectKey
from fairlead.sync.testing import Tracker as SyncTracker
from fairlead.testing import Tracker


def event(said: str) -> Event[str]:
    kind, name = said.split("/")
    old, new = (None if kind == "add" else f"old {name}"), (None if kind == "delete" else f"new {name}")
    return Event(kind, ObjectKey(name, "default"), old, new)  # type: ignore[arg-type]


def told(*said: str, tracker: Tracker | None = None) -> Tracker:
    tracker = tracker or Tracker()
    for each in said:
        tracker(event(each))
    return tracker


def test_events_are_there_with_old_and_new():
    (one, two) = told("add/a", "update/a").events
    assert (one, one.old, one.new, one.event.key) == ("add/a", None, "new a", ObjectKey("a", "default"))
    assert (two, two.old, two.new) == ("update/a", "old a", "new a")


def test_matching_takes_names_and_predicates():
    tracker = told("add/a", "update/a", "delete/b")
    with pytest.raises(AssertionError, match=r"(?s)expected 3 .*- <.*<lambda>>.*\+ update/a"):
        tracker.expect_matching("add/a", lambda told: told.new == "other", "delete/b")
    with pytest.raises(AssertionError, match="found 3"):
        tracker.expect_matching("add/a")
    tracker.expect_matching("add/a", lambda told: told.old == "old a", lambda told: told.type == "delete")
    tracker.expect_nothing()


@pytest.mark.parametrize("wait", ["wait", "wait_unordered", "wait_matching"])
async def test_a_wait_ends_with_the_last_event(wait):
    tracker = Tracker()
    waiting = asyncio.create_task(getattr(tracker, wait)("add/a", "add/b"))
    await asyncio.sleep(0)
    told("add/a", tracker=tracker)
    await asyncio.sleep(0)
    assert not waiting.done()
    threading.Thread(target=told, args=("add/b",), kwargs={"tracker": tracker}).start()
    await waiting
    tracker.expect_nothing()
    told("add/c", tracker=tracker)
    await getattr(tracker, wait)("add/c")


@pytest.mark.parametrize("wait", ["wait", "wait_unordered"])
async def test_a_wait_fails_at_once_for_what_is_not_expected(wait):
    began = perf_counter()
    with pytest.raises(AssertionError, match=r"\+ add/x"):
        await getattr(told("add/x"), wait)("add/a", "add/b", timeout=20)
    assert perf_counter() - began < 10


async def test_a_wait_says_what_is_missing():
    tracker = told("add/a")
    with pytest.raises(AssertionError, match=r"(?s)in this order within 0.01 s, found 1 .*- add/b"):
        await tracker.wait("add/a", "add/b", timeout=0.01)
    # What is not waited for says nothing of time.
    with pytest.raises(AssertionError, match="in this order, found 1 "):
        tracker.expect("add/b")


@pytest.mark.parametrize("wait", ["wait", "wait_unordered", "wait_matching"])
def test_waits_block_in_the_other_world(wait):
    tracker = SyncTracker()
    teller = threading.Thread(target=told, args=("add/a", "add/b"), kwargs={"tracker": tracker})
    teller.start()
    getattr(tracker, wait)("add/a", "add/b")
    teller.join()
    with pytest.raises(AssertionError, match=r"(?s)within 0.01 s, found 0 .*- add/c"):
        getattr(tracker, wait)("add/c", timeout=0.01)
    told("add/c", tracker=tracker)
    with pytest.raises(AssertionError, match=r"\+ add/c"):
        getattr(tracker, wait)("add/d", timeout=20)
