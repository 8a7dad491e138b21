"""One timer for all streams of a client, on a clock of the test's own."""

from __future__ import annotations

import asyncio

from fairlead.informer.stalls import AGAIN, Patience, Stalls
from tests.support import virtual

SECONDS = 70.0


async def stream(stalls: Stalls, *hears: float | None) -> float:
    """Hear something at these times (None: it is not waited for from then on); returns when it was ended."""
    clock = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(None) as scope:
            with stalls.watch(scope) as patience:
                await _hear(patience, hears)
                await asyncio.sleep(10_000.0)
    except TimeoutError:
        return clock()
    return -1.0


async def _hear(patience: Patience, hears: tuple[float | None, ...]) -> None:
    clock = asyncio.get_running_loop().time
    for when in hears:
        if when is None:
            patience.heard = None
        else:
            await asyncio.sleep(when - clock())
            patience.heard = clock()


def test_each_stream_ends_when_it_has_been_silent_for_so_long_whatever_the_others_do() -> None:
    async def work() -> list[float]:
        stalls = Stalls(SECONDS)
        streams = stream(stalls), stream(stalls, 30.0), stream(stalls, *range(10, 500, 10)), stream(stalls, 69.0, 138.0)
        return list(await asyncio.gather(*streams))

    assert virtual.run(work()) == [70.0, 100.0, 560.0, 208.0]


def test_what_is_not_waited_for_does_not_stall_and_may_be_waited_for_again() -> None:
    async def work() -> list[float]:
        stalls = Stalls(SECONDS)
        return list(await asyncio.gather(stream(stalls, None), stream(stalls, 10.0, None, 300.0)))

    assert virtual.run(work()) == [-1.0, 370.0]


def test_no_timer_is_left_when_no_stream_is_open() -> None:
    async def work() -> None:
        stalls = Stalls(SECONDS)
        async with asyncio.timeout(None) as scope:
            with stalls.watch(scope):
                await asyncio.sleep(1.0)
        loop = asyncio.get_running_loop()
        loop.call_later(5.0, loop.stop)

    with asyncio.Runner(loop_factory=virtual.VirtualLoop) as runner:
        loop = runner.get_loop()
        runner.run(work())
        loop.run_forever()
        assert loop.time() == 6.0


def test_a_stream_that_begins_while_others_are_open_gets_its_whole_time() -> None:
    async def work() -> list[float]:
        stalls = Stalls(SECONDS)

        async def later() -> float:
            await asyncio.sleep(65.0)
            return await stream(stalls)

        return list(await asyncio.gather(stream(stalls), later()))

    assert virtual.run(work()) == [70.0, 135.0]


def test_what_has_come_while_somebody_held_the_loop_is_read_before_a_stream_is_given_up() -> None:
    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual.VirtualLoop)
        stalls, came = Stalls(SECONDS), asyncio.Event()

        async def alive() -> float:
            async with asyncio.timeout(None) as scope:
                with stalls.watch(scope) as patience:
                    await came.wait()
                    patience.heard = loop.time()
            return loop.time()

        def hold() -> None:
            loop.hold(100.0)
            came.set()

        loop.call_later(60.0, hold)
        return list(await asyncio.gather(alive(), stream(stalls)))

    assert virtual.run(work()) == [160.0, 160.0 + AGAIN]
