"""Lines of many watches on their way into sockets: when each connection is written to, and with what."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from fairlead.apiserver import outlets
from fairlead.apiserver.outlets import HOLD, Outlet, Outlets


class Connection:
    """Stands for a transport: keeps what is written, and is as far behind as the test says."""

    def __init__(self, clock: Clock, *, costs: float = 0.0) -> None:
        self._clock = clock
        self._costs = costs
        self.writes: list[bytes] = []
        self.behind = 0
        self.closing = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self._clock.now += self._costs

    def get_write_buffer_size(self) -> int:
        return self.behind

    def is_closing(self) -> bool:
        return self.closing


class Clock:
    """The time as the outlets see it; rests are noted, and run out when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(outlets, "time", clock)
    return clock


def opened(front: Outlets, connection: Connection) -> Outlet:
    return Outlet(front, cast("asyncio.Transport", connection))


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


async def turn() -> None:
    await asyncio.sleep(0)


async def test_the_lines_of_one_turn_are_one_write_per_connection(clock: Clock) -> None:
    front = Outlets()
    connections = [Connection(clock) for _ in range(3)]
    ways = [opened(front, connection) for connection in connections]
    for line in (b"one\n", b"two\n"):
        assert all(way.push(line) for way in ways)
    assert [connection.writes for connection in connections] == [[], [], []]
    await turn()
    assert [connection.writes for connection in connections] == [[chunk(b"one\ntwo\n")]] * 3
    assert ways[0].push(b"three\n")
    await turn()
    assert connections[0].writes == [chunk(b"one\ntwo\n"), chunk(b"three\n")]
    assert len(connections[1].writes) == 1


async def test_few_watchers_are_never_held_up(clock: Clock) -> None:
    front, connection = Outlets(), Connection(clock, costs=0.0002)
    way = opened(front, connection)
    for number in range(50):
        assert way.push(b"%d\n" % number)
        await turn()
        assert connection.writes[-1] == chunk(b"%d\n" % number)


@pytest.mark.parametrize(("watchers", "rest"), [(100, HOLD), (20, 4 * 20 * 0.0001)])
async def test_writing_long_is_followed_by_a_rest_of_four_times_that_but_no_longer_than_the_hold(
    clock: Clock, watchers: int, rest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = Outlets()
    connections = [Connection(clock, costs=0.0001) for _ in range(watchers)]
    ways = [opened(front, connection) for connection in connections]
    rests: list[float] = []
    loop = asyncio.get_running_loop()

    def call_later(delay: float, callback: object, *_: object) -> object:
        rests.append(delay)
        return loop.call_soon(cast("asyncio.Handle", callback))  # type: ignore[arg-type]

    for way in ways:
        assert way.push(b"first\n")
    await turn()
    assert all(connection.writes == [chunk(b"first\n")] for connection in connections)
    monkeypatch.setattr(loop, "call_later", call_later)
    for line in (b"second\n", b"third\n"):
        assert all(way.push(line) for way in ways)
    assert rests == [pytest.approx(rest)]
    assert all(len(connection.writes) == 1 for connection in connections)
    await turn()
    assert all(connection.writes[1:] == [chunk(b"second\nthird\n")] for connection in connections)


async def test_once_the_rest_is_over_a_line_goes_in_the_next_turn(clock: Clock) -> None:
    front = Outlets()
    connections = [Connection(clock, costs=0.0001) for _ in range(100)]
    ways = [opened(front, connection) for connection in connections]
    for way in ways:
        way.push(b"first\n")
    await turn()
    clock.now += HOLD
    assert ways[0].push(b"second\n")
    await turn()
    assert connections[0].writes[-1] == chunk(b"second\n")


async def test_a_client_that_is_behind_gets_what_waits_and_takes_no_more(clock: Clock) -> None:
    front, slow, quick = Outlets(), Connection(clock), Connection(clock)
    behind, way = opened(front, slow), opened(front, quick)
    assert behind.push(b"taken\n")
    slow.behind = 256 * 1024 + 1
    assert not behind.push(b"left to the watch\n")
    assert slow.writes == [chunk(b"taken\n")]  # nothing overtakes it
    assert way.push(b"others go on\n")
    await turn()
    assert slow.writes == [chunk(b"taken\n")]
    assert quick.writes == [chunk(b"others go on\n")]
    slow.behind = 0
    assert behind.push(b"again\n")
    await turn()
    assert slow.writes[1:] == [chunk(b"again\n")]


async def test_lines_that_wait_count_as_behind(clock: Clock) -> None:
    front, connection = Outlets(), Connection(clock)
    way = opened(front, connection)
    assert way.push(b"x" * (256 * 1024 + 1))
    assert not way.push(b"y\n")
    assert len(connection.writes) == 1


async def test_nothing_is_written_to_a_connection_that_is_closing(clock: Clock) -> None:
    front, connection = Outlets(), Connection(clock)
    way = opened(front, connection)
    assert way.push(b"one\n")
    connection.closing = True
    assert not way.push(b"two\n")
    await turn()
    assert connection.writes == []


async def test_an_end_writes_what_waits_at_once_and_a_drop_forgets_it(clock: Clock) -> None:
    front, connection = Outlets(), Connection(clock)
    way = opened(front, connection)
    assert way.push(b"last\n")
    way.flush()
    assert connection.writes == [chunk(b"last\n")]
    way.flush()
    assert way.push(b"never\n")
    way.drop()
    await turn()
    assert connection.writes == [chunk(b"last\n")]
