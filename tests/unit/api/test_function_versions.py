"""Who waits for a change of what functions serve is told of each, whenever it comes."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.api.function_versions import Versions

LONG = 3600.0


async def test_a_change_between_a_lists_begin_and_its_watch_is_not_lost() -> None:
    versions = Versions()
    begun = versions.told
    versions.tell()
    versions.listed("all", [], begun)
    async with asyncio.timeout(5):
        await versions.changed_since(versions.newest, "all", LONG)


async def test_after_a_list_that_began_later_the_next_change_is_waited_for() -> None:
    versions = Versions()
    versions.tell()
    versions.listed("all", [], versions.told)
    waiting = asyncio.create_task(versions.changed_since(versions.newest, "all", LONG))
    done, _ = await asyncio.wait({waiting}, timeout=0)
    assert not done
    await asyncio.sleep(0)
    versions.tell()
    async with asyncio.timeout(5):
        await waiting


async def test_lists_that_see_something_new_each_time_do_not_chase_each_other() -> None:
    versions = Versions()
    versions.listed("all", [], versions.told)

    async def seen(by: int, times: int = 1) -> None:
        for _ in range(times):
            versions.bump()
            async with asyncio.timeout(by):
                await versions.changed_since(versions.newest - 1, "all", LONG)

    await seen(5)
    with pytest.raises(TimeoutError):
        await seen(1, times=20)
    # What is told cuts that short, however often.
    for _ in range(20):
        waiting = asyncio.create_task(seen(5))
        await asyncio.sleep(0)
        versions.tell()
        await waiting
        versions.listed("all", [], versions.told)


async def test_what_comes_again_after_it_has_gone_has_a_newer_version() -> None:
    versions = Versions()

    def stamp() -> int:
        return int(versions.stamp({"metadata": {"name": "a"}})["metadata"]["resourceVersion"])

    first = stamp()
    versions.created("/a")
    assert stamp() == first
    versions.deleted("/a")
    assert stamp() == first  # a list may still have it
    versions.created("/a")
    second = stamp()
    versions.created("/a")
    assert stamp() == second > first
    versions.forget("/a")
    assert stamp() > second
