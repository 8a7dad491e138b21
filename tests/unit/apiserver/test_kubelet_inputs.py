"""What a script does not read is not kept without end: whoever sends it waits."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from fairlead.apiserver.kubelet.inputs import UNREAD, Input
from fairlead.apiserver.kubelet.scripts import ForwardReader, ForwardWriter
from fairlead.apiserver.kubelet.sessions import Exec
from fairlead.apiserver.upgrades import upgraded
from fairlead.machinery.wire import Pipe, Upgrade
from tests.unit.apiserver.test_kubelet import POD, exec_target, gathered, serving, spdy, talking

PIECE = 64 * 1024
COUNT = 64
#: Pieces that are taken before the client has to wait.
TAKEN = UNREAD // PIECE + 1


async def stays(queue: asyncio.Queue[Any], left: int) -> None:
    """Return once so much is left in a queue, and has stayed there while everything else could run."""
    settled = 0
    while settled < 100:
        settled += queue.qsize() <= left
        await asyncio.sleep(0)
    assert queue.qsize() == left


async def test_a_websocket_is_not_read_on_while_too_much_is_unread() -> None:
    go = asyncio.Event()

    async def play(call: Exec) -> str:
        await go.wait()
        return str(len(await call.stdin.read()))

    async with serving() as server:
        server.pods.on_exec(play)
        async with talking(server, exec_target("x", flags="stdin=1&stdout=1")) as pipe:
            pipe.say(*[b"\x00" + b"x" * PIECE] * COUNT, b"\xff\x00")
            await stays(pipe.to_server, COUNT + 1 - TAKEN)
            go.set()
            assert await pipe.heard() == b"\x01"
            assert await pipe.heard() == b"\x01%d" % (COUNT * PIECE)
            await pipe.heard()


async def test_a_spdy_connection_is_not_read_on_while_too_much_is_unread() -> None:
    go = asyncio.Event()

    async def play(call: Exec) -> str:
        await go.wait()
        return str(len(await call.stdin.read()))

    async with serving() as server:
        server.pods.on_exec(play)
        async with spdy(server, exec_target("x", flags="stdin=1&stdout=1"), "v4.channel.k8s.io") as client:
            error = client.open(streamtype="error", last=True)
            stdin, stdout = client.open(streamtype="stdin"), client.open(streamtype="stdout")
            for number in range(COUNT):
                client.data(stdin, b"x" * PIECE, last=number == COUNT - 1)
            await stays(client.pipe.to_server, 2 * (COUNT - TAKEN))
            go.set()
            found = await gathered(client, [error, stdout])
    assert found[stdout] == b"%d" % (COUNT * PIECE)


async def test_a_forwarded_connection_that_is_over_holds_up_no_other() -> None:
    async def answer(reader: ForwardReader, writer: ForwardWriter) -> None:
        if await reader.readexactly(1) == b"+":
            writer.write(await reader.read(100))

    async with serving() as server:
        server.pods.on_port_forward(80, answer)
        async with spdy(server, f"{POD}/portforward", "portforward.k8s.io") as client:
            streams: list[int] = []
            for request in ("1", "2"):
                client.open(streamtype="error", port="80", requestid=request, last=True)
                streams.append(client.open(streamtype="data", port="80", requestid=request))
            for _ in range(COUNT):
                client.data(streams[0], b"-" * PIECE)
            client.data(streams[1], b"+yes", last=True)
            found = await gathered(client, streams)
    assert (found[streams[0]], found[streams[1]]) == (b"", b"yes")


async def test_an_input_ends_once_and_takes_nothing_more() -> None:
    given = Input()
    await given.feed(b"a")
    given.end()
    given.end()
    await given.feed(b"b" * 4 * UNREAD)
    assert await given.reader.read() == b"a"


async def test_whoever_waits_for_room_goes_on_when_no_more_is_read() -> None:
    given = Input()
    feeding = asyncio.ensure_future(given.feed(b"b" * 4 * UNREAD))
    await asyncio.sleep(0)
    assert not feeding.done()
    given.end()
    await feeding


class Former:
    """What spoke HTTP before."""

    def connection_lost(self, exc: Exception | None) -> None:
        assert exc is None


class Transport:
    """A transport that knows whether it is read."""

    def __init__(self) -> None:
        self.protocol: Any = Former()
        self.reads = True
        self.closed = False

    def get_protocol(self) -> Any:
        return self.protocol

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        assert data.startswith(b"HTTP/1.1 101")

    def pause_reading(self) -> None:
        assert self.reads
        self.reads = False

    def resume_reading(self) -> None:
        assert not self.reads
        self.reads = True

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


async def test_a_plain_connection_is_paused_while_much_of_it_waits() -> None:
    transport, pipes = Transport(), asyncio.Queue[Pipe]()
    done = asyncio.Event()

    async def talk(pipe: Pipe) -> None:
        pipes.put_nowait(pipe)
        await done.wait()

    incoming: Any = SimpleNamespace(transport=transport)
    held = asyncio.ensure_future(upgraded(incoming, Upgrade(101, {"upgrade": "SPDY/3.1"}, b"", talk)))
    pipe = await pipes.get()
    piece = b"x" * 200_000
    read: list[bool] = []
    for _ in range(3):
        transport.protocol.data_received(piece)
        read.append(transport.reads)
    for _ in range(3):
        assert await pipe.receive() == piece
        read.append(transport.reads)
    assert read == [True, False, False, False, True, True]
    transport.protocol.connection_lost(None)
    assert await pipe.receive() is None
    done.set()
    await held
    assert transport.closed
