from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fairlead.controller import Queue
from fairlead.errors import ClosedError
from fairlead.testing import FakeClient


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scenario()

    asyncio.run(bounded())


def test_a_key_that_waits_is_not_added_twice():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        for key in ("a", "b", "a"):
            queue.add(key)
        assert [await queue.get(), await queue.get()] == ["a", "b"]
        assert len(queue) == 0
        assert queue.statistics().added == 3
        assert queue.statistics().merged == 1
        assert queue.statistics().high_water == 2

    run(scenario)


def test_a_key_that_is_worked_on_waits_until_that_is_done():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        queue.add("a")
        assert await queue.get() == "a"
        queue.add("a")
        queue.add("a")
        assert len(queue) == 0
        assert not queue.idle
        queue.done("a")
        assert await queue.get() == "a"
        queue.done("a")
        assert queue.idle

    run(scenario)


def test_a_worker_that_waits_gets_the_next_key():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        waiting = [asyncio.ensure_future(queue.get()) for _ in range(2)]
        await asyncio.sleep(0)
        queue.add("a")
        queue.add("b")
        assert sorted(await asyncio.gather(*waiting)) == ["a", "b"]

    run(scenario)


def test_a_cancelled_worker_passes_its_wake_up_on():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        first, second = (asyncio.ensure_future(queue.get()) for _ in range(2))
        await asyncio.sleep(0)
        queue.add("a")
        first.cancel()
        assert await second == "a"

    run(scenario)


def test_the_earliest_of_several_wishes_for_later_counts_and_later_is_idle():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        queue.add_after("a", 500)
        queue.add_after("a", 0.001)
        queue.add_after("a", 900)
        assert queue.idle
        assert queue.statistics().delayed == 1
        assert await queue.get() == "a"
        queue.add_after("b", 0)
        assert await queue.get() == "b"

    run(scenario)


def test_failures_double_the_delay_from_5_ms_to_1000_s_until_the_key_is_forgotten():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        delays = [queue.add_rate_limited("a") for _ in range(25)]
        for count, delay in enumerate(delays):
            longest = min(0.005 * 2**count, 1000.0)
            assert longest / 2 <= delay <= longest
        assert queue.failures("a") == 25
        assert not queue.idle
        queue.forget("a")
        assert queue.idle
        assert queue.failures("a") == 0
        assert queue.add_rate_limited("a") <= 0.005
        queue.close()

    run(scenario)


def test_closing_hands_out_what_waits_and_then_says_so():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        queue.add("a")
        queue.add_after("later", 1)
        queue.add_rate_limited("again")
        queue.close()
        queue.close()
        queue.add("late")
        assert await queue.get() == "a"
        with pytest.raises(ClosedError):
            await queue.get()
        queue.done("a")
        assert queue.idle

    run(scenario)


@pytest.mark.parametrize("drain", [True, False])
def test_a_queue_that_is_closed_and_idle_has_left_its_client(drain):
    async def scenario() -> None:
        async with FakeClient() as client:
            before = client.participants()
            queue: Queue[str] = Queue(client)
            queue.add("a")
            key = await queue.get()
            queue.close(drain=drain)
            queue.done(key)
            assert client.participants() == before

    run(scenario)


def test_closing_without_draining_drops_what_waits_and_ends_waiting_workers():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        waiting = [asyncio.ensure_future(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        queue.close(drain=False)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, ClosedError) for result in results)

    run(scenario)


async def test_settle_waits_for_a_queue_with_a_client_and_its_close_closes_it():
    async with FakeClient() as client:
        queue: Queue[str] = Queue(client)
        queue.add("a")
        settling = asyncio.create_task(client.settle())
        key = await queue.get()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settling.done()
        queue.add_after("later", 3600)
        queue.done(key)
        await settling
    assert queue.closed
    with pytest.raises(ClosedError):
        await queue.get()


async def test_settle_returns_when_the_last_retry_is_given_up():
    async with FakeClient() as client:
        queue: Queue[str] = Queue(client, first_retry=3600, last_retry=3600)
        queue.add("a")
        key = await queue.get()
        queue.add_rate_limited(key)
        queue.done(key)
        settling = asyncio.create_task(client.settle(timeout=5))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settling.done()
        queue.forget(key)
        await settling


def test_a_key_whose_work_is_said_to_be_done_twice_is_handed_out_once():
    async def scenario() -> None:
        queue: Queue[str] = Queue()
        queue.add("a")
        queue.done(await queue.get())
        queue.add("a")
        queue.done("a")
        assert (len(queue), await queue.get(), len(queue)) == (1, "a", 0)

    run(scenario)


def test_on_change_hears_of_a_key_that_was_given_up():
    async def scenario() -> None:
        idle: list[bool] = []
        queue: Queue[str] = Queue(on_change=lambda: idle.append(queue.idle))
        queue.add("a")
        queue.add_rate_limited(key := await queue.get())
        queue.done(key)
        queue.forget(key)
        assert idle == [False, True]

    run(scenario)
