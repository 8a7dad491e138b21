"""The tests' own ground: what a leak or a stuck test looks like."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import loop


async def test_an_async_test_runs_on_a_loop() -> None:
    await asyncio.sleep(0)
    assert asyncio.get_running_loop().is_running()


@given(st.integers())
async def test_an_async_property_runs_on_a_loop_for_each_example(number: int) -> None:
    await asyncio.sleep(0)
    assert asyncio.get_running_loop().is_running()
    assert isinstance(number, int)


def test_the_result_comes_back() -> None:
    assert loop.run(asyncio.sleep(0, 42)) == 42


def test_a_task_that_is_left_fails_the_test() -> None:
    async def leaves_a_task() -> None:
        leak.append(asyncio.create_task(asyncio.Event().wait(), name="leaky"))

    leak: list[asyncio.Task[bool]] = []
    with pytest.raises(loop.LoopLeak, match="leaky"):
        loop.run(leaves_a_task())


def test_a_task_that_is_just_ending_is_no_leak() -> None:
    async def ends_a_task() -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        task.cancel()

    loop.run(ends_a_task())


def test_a_stuck_test_says_where_it_waits() -> None:
    async def stuck() -> None:
        await asyncio.Event().wait()

    with pytest.raises(loop.LoopLeak, match=r"not finished after 0\.01 s[\s\S]*in stuck"):
        loop.run(stuck(), limit=0.01)


def test_an_exception_that_reaches_only_the_loop_fails_the_test() -> None:
    async def fails_in_a_callback() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    with pytest.raises(loop.LoopLeak, match="ZeroDivisionError"):
        loop.run(fails_in_a_callback())


def test_the_tests_own_exception_is_the_one_that_is_raised() -> None:
    async def fails() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        loop.run(fails())
