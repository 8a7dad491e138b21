"""Logs, exec, attach and port-forward as a test scripts them, by each protocol that clients speak."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import struct
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest

from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.kubelet.scripts import ForwardReader, ForwardWriter
from fairlead.apiserver.kubelet.sessions import Exec, TerminalSize
from fairlead.apiserver.kubelet.spdy import DICTIONARY, SpdyConnection, SpdyError
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import ConnectionLost, Request, Response, StreamResponse, Upgrade

POD = "/api/v1/namespaces/default/pods/web"
BEGAN = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


def pod(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "main", "image": "x"}, {"name": "side", "image": "x"}]
    meta = {"name": "web", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}}


class Clock:
    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        return self.now


@contextlib.asynccontextmanager
async def serving(clock: Clock | None = None) -> AsyncGenerator[ApiServer]:
    server = ApiServer(clock=clock)
    server.load([pod()])
    try:
        yield server
    finally:
        await server.close()


async def ask(server: ApiServer, target: str, method: str = "GET", **headers: str) -> Response | StreamResponse:
    path, _, query = target.partition("?")
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return await server.handle(Request(method, path, tuple(parse_qsl(query)), named))


async def text(server: ApiServer, query: str) -> str:
    answer = await ask(server, f"{POD}/log?container=main&{query}")
    assert isinstance(answer, Response)
    assert answer.status == 200, answer.body
    return answer.body.decode()


async def said(server: ApiServer, query: str) -> tuple[int, str]:
    answer = await ask(server, f"{POD}/log?{query}")
    assert isinstance(answer, Response)
    return answer.status, json.loads(answer.body)["message"]


# Logs ------------------------------------------------------------------------------------------------------------


async def test_a_log_has_the_lines_that_were_written() -> None:
    async with serving() as server:
        log = server.pods.logs("web", "default", ["one", "two"], container="main")
        log.write("three\nfour\n", "")
        assert await text(server, "") == "one\ntwo\nthree\nfour\n\n"
        assert server.pods.logs("web", "default", container="main") is log


async def test_a_log_is_cut_as_it_was_asked_for() -> None:
    clock = Clock()
    async with serving(clock) as server:
        log = server.pods.logs("web", "default", ["old"])
        log.write("older", at=BEGAN - timedelta(hours=1))
        clock.now += timedelta(seconds=60)
        log.write("new", "newest")
        assert await text(server, "tailLines=1") == "newest\n"
        assert await text(server, "tailLines=0") == ""
        assert await text(server, "tailLines=9&limitBytes=6") == "old\nol"
        assert await text(server, "sinceSeconds=30") == "new\nnewest\n"
        assert await text(server, "sinceTime=2026-01-31T12:00:00Z") == "old\nnew\nnewest\n"
        assert await text(server, "tailLines=1&timestamps=true") == "2026-01-31T12:01:00.000000000Z newest\n"


async def test_a_container_with_a_log_of_its_own_and_those_without() -> None:
    async with serving() as server:
        server.pods.logs("web", "default", ["of main"], container="main")
        server.pods.logs("web", "default", ["before"], container="main", previous=True)
        assert await text(server, "previous=true") == "before\n"
        waits = 'container "side" in pod "web" is waiting to start: ContainerCreating'
        assert await said(server, "container=side") == (400, waits)
        missing = 'previous terminated container "side" in pod "web" not found'
        assert await said(server, "container=side&previous=true") == (400, missing)
        status, message = await said(server, "")
        assert (status, message) == (400, "a container name must be specified for pod web, choose one of: [main side]")
        server.pods.logs("web", "default", ["of any"])
        assert (await ask(server, f"{POD}/log?container=side")).body == b"of any\n"


async def following(server: ApiServer, query: str = "") -> StreamResponse:
    answer = await ask(server, f"{POD}/log?container=main&follow=true&{query}")
    assert isinstance(answer, StreamResponse)
    return answer


async def test_a_followed_log_ends_with_the_container() -> None:
    async with serving() as server:
        log = server.pods.logs("web", "default", ["one"])
        async with contextlib.aclosing((await following(server)).body) as body:
            chunks = aiter(body)
            assert await anext(chunks) == b"one\n"
            log.write("two")
            assert await anext(chunks) == b"two\n"
            log.write("three")
            log.end()
            assert [chunk async for chunk in chunks] == [b"three\n"]
    # what was written can still be read, and a log that has ended is not waited for


async def test_a_followed_log_stops_at_its_limit() -> None:
    async with serving() as server:
        log = server.pods.logs("web", "default", ["one"])
        async with contextlib.aclosing((await following(server, "limitBytes=6&tailLines=1")).body) as body:
            chunks = aiter(body)
            assert await anext(chunks) == b"one\n"
            log.write("two", "three")
            assert [chunk async for chunk in chunks] == [b"tw"]


@pytest.mark.parametrize("how", ["delete", "close"])
async def test_a_followed_log_ends_with_its_pod_and_with_the_server(how: str) -> None:
    async with serving() as server:
        server.pods.logs("web", "default", ["one"])
        async with contextlib.aclosing((await following(server)).body) as body:
            chunks = aiter(body)
            assert await anext(chunks) == b"one\n"
            rest = asyncio.ensure_future(anext(chunks, None))
            if how == "delete":
                await ask(server, f"{POD}?gracePeriodSeconds=0", "DELETE")
            else:
                await server.close()
            assert await asyncio.wait_for(rest, 5) is None


# Exec over WebSockets --------------------------------------------------------------------------------------------


class Pipe:
    """The server's end of a connection, and the client's."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.to_client: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = False

    async def receive(self) -> bytes | None:
        return await self.to_server.get()

    async def send(self, data: bytes, *, text: bool = False) -> None:
        if self.gone:
            raise ConnectionLost
        self.to_client.put_nowait(data)

    def say(self, *messages: bytes | None) -> None:
        for message in messages:
            self.to_server.put_nowait(message)

    async def heard(self) -> bytes:
        return await asyncio.wait_for(self.to_client.get(), 5)


@contextlib.asynccontextmanager
async def talking(server: ApiServer, target: str, protocol: str = "v5.channel.k8s.io") -> AsyncGenerator[Pipe]:
    named = {"sec_websocket_protocol": protocol} if protocol else {}
    answer = await ask(server, target, connection="Upgrade", upgrade="websocket", **named)
    assert isinstance(answer, Upgrade), answer
    assert answer.headers.get("sec-websocket-protocol", "") == protocol
    pipe = Pipe()
    talk = asyncio.ensure_future(answer.talk(pipe))
    try:
        yield pipe
        await asyncio.wait_for(talk, 5)
    finally:
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)


def exec_target(*command: str, flags: str = "stdout=1&stderr=1", container: str = "main") -> str:
    return f"{POD}/exec?{'&'.join(f'command={word}' for word in command)}&{flags}&container={container}"


EXIT_3 = {
    "metadata": {},
    "status": "Failure",
    "message": "command terminated with non-zero exit code: command terminated with exit code 3",
    "reason": "NonZeroExitCode",
    "details": {"causes": [{"reason": "ExitCode", "message": "3"}]},
}


async def test_a_command_writes_and_ends_with_a_code() -> None:
    calls: list[Exec] = []

    def play(call: Exec) -> int:
        calls.append(call)
        call.stdout.write("out")
        call.stderr.write(b"err")
        return 3

    async with serving() as server:
        server.pods.on_exec(play)
        async with talking(server, exec_target("ls", "-l")) as pipe:
            assert await pipe.heard() == b"\x01"
            heard = [await pipe.heard() for _ in range(3)]
            assert sorted(heard[:2]) == [b"\x01out", b"\x02err"]
            assert heard[2][:1] == b"\x03"
            assert json.loads(heard[2][1:]) == EXIT_3
    [call] = calls
    assert (call.command, call.container, call.tty) == (("ls", "-l"), "main", False)
    assert call.pod["metadata"]["name"] == "web"


@pytest.mark.parametrize(
    ("protocol", "code", "end"),
    [
        ("v5.channel.k8s.io", 0, b'{"metadata":{},"status":"Success"}'),
        ("v4.channel.k8s.io", 0, b'{"metadata":{},"status":"Success"}'),
        ("channel.k8s.io", 3, EXIT_3["message"].encode()),
        ("", 3, EXIT_3["message"].encode()),
    ],
)
async def test_how_each_protocol_tells_the_end(protocol: str, code: int, end: bytes) -> None:
    async with serving() as server:
        server.pods.on_exec(lambda _: code)
        async with talking(server, exec_target("x"), protocol) as pipe:
            assert await pipe.heard() == b"\x01"
            assert await pipe.heard() == b"\x03" + end


async def test_base64_messages_are_texts_with_a_digit_before_them() -> None:
    async def play(call: Exec) -> bytes:
        return b"<" + await call.stdin.readline() + b">"

    async with serving() as server:
        server.pods.on_exec(play)
        target = exec_target("x", flags="stdin=1&stdout=1")
        async with talking(server, target, "v4.base64.channel.k8s.io") as pipe:
            assert await pipe.heard() == b"1"
            pipe.say(b"0" + base64.b64encode(b"a\n"))
            assert await pipe.heard() == b"1" + base64.b64encode(b"<a\n>")
            ending = await pipe.heard()
            assert json.loads(base64.b64decode(ending[1:]))["status"] == "Success"


async def test_stdin_ends_where_v5_says_so_and_sizes_come_as_they_change() -> None:
    seen: list[Any] = []

    async def play(call: Exec) -> None:
        seen.append(await anext(call.sizes))
        seen.append(await anext(call.sizes))
        call.stdout.write(await call.stdin.read())
        call.stderr.write("!")

    async with serving() as server:
        server.pods.on_exec(play)
        target = exec_target("x", flags="stdin=1&stdout=1&tty=1")
        async with talking(server, target) as pipe:
            await pipe.heard()
            pipe.say(b'\x04{"Width":80,"Height":24}', b"\x04no size", b'\x04{"Width":100,"Height":30}\n')
            pipe.say(b"\x00ab", b"", b"\x09lost", b"\x00c", b"\xff\x00", b"\x00late")
            assert await pipe.heard() == b"\x01abc!"  # with a terminal, stderr is stdout
            assert json.loads((await pipe.heard())[1:])["status"] == "Success"
    assert seen == [TerminalSize(80, 24), TerminalSize(100, 30)]


async def test_what_is_written_is_sent_at_once() -> None:
    async def play(call: Exec) -> int:
        call.stdout.write("name? ")
        name = await call.stdin.readline()
        call.stdout.write(b"hello " + name)
        return 0

    async with serving() as server:
        server.pods.on_exec(play)
        async with talking(server, exec_target("x", flags="stdin=1&stdout=1")) as pipe:
            assert [await pipe.heard(), await pipe.heard()] == [b"\x01", b"\x01name? "]
            pipe.say(b"\x00you\n")
            assert await pipe.heard() == b"\x01hello you\n"
            await pipe.heard()


async def test_what_a_function_raises_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def play(_: Exec) -> int:
        raise RuntimeError("no such file")

    async with serving() as server:
        server.pods.on_exec(play)
        async with talking(server, exec_target("x")) as pipe:
            await pipe.heard()
            status = json.loads((await pipe.heard())[1:])
    assert (status["status"], status["reason"], status["code"]) == ("Failure", "InternalError", 500)
    assert status["message"] == "Internal error occurred: error executing command in container: no such file"
    assert "no such file" in caplog.text


async def test_a_client_that_goes_ends_the_command() -> None:
    ended = asyncio.Event()

    async def play(_: Exec) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with serving() as server:
        server.pods.on_exec(play)
        async with talking(server, exec_target("x")) as pipe:
            await pipe.heard()
            pipe.gone = True
            pipe.say(None)
        assert ended.is_set()


async def test_closing_the_server_ends_the_command() -> None:
    async with serving() as server:
        server.pods.on_exec(lambda _: asyncio.Event().wait())  # type: ignore[arg-type, return-value]
        async with talking(server, exec_target("x")) as pipe:
            await pipe.heard()
            await server.close()


async def test_which_function_plays_a_command() -> None:
    async with serving() as server:
        for_all = server.pods.on_exec(lambda _: "all")
        for_side = server.pods.on_exec(lambda _: "side", container="side")
        server.pods.on_exec(lambda _: "other", name="other")

        async def played(container: str) -> bytes:
            async with talking(server, exec_target("x", container=container)) as pipe:
                return [await pipe.heard() for _ in range(3)][1][1:]

        assert (await played("main"), await played("side")) == (b"all", b"side")
        for_side.close()
        for_side.close()
        assert await played("side") == b"all"
        for_all.close()
        refused = await ask(server, exec_target("x"), connection="Upgrade", upgrade="websocket")
        assert (refused.status, json.loads(refused.body)["message"]) == (  # type: ignore[union-attr]
            400, "pod web does not have a host assigned"
        )  # fmt: skip


async def test_attaching_has_a_function_of_its_own() -> None:
    async with serving() as server:
        server.pods.on_attach(lambda call: f"attached to {call.container}")
        async with talking(server, f"{POD}/attach?container=main&stdout=1") as pipe:
            assert [await pipe.heard(), await pipe.heard()] == [b"\x01", b"\x01attached to main"]
            await pipe.heard()


@pytest.mark.parametrize(
    ("where", "headers", "code"),
    [
        (exec_target("x"), {}, 400),
        (exec_target("x"), {"connection": "Upgrade", "upgrade": "h2c"}, 400),
        (exec_target("x", flags="tty=1"), {"connection": "Upgrade", "upgrade": "websocket"}, 400),
        (exec_target("x"), {"connection": "upgrade", "upgrade": "websocket", "sec_websocket_protocol": "v9"}, 403),
        (exec_target("x"), {"connection": "Upgrade", "upgrade": "SPDY/3.1", "x_stream_protocol_version": "v9"}, 403),
        (f"{POD}/portforward", {"connection": "Upgrade", "upgrade": "websocket"}, 400),
        (f"{POD}/portforward", {"connection": "Upgrade", "upgrade": "SPDY/3.1", "x_stream_protocol_version": "1"}, 403),
    ],
)
async def test_what_cannot_be_spoken_is_refused(where: str, headers: dict[str, str], code: int) -> None:
    async with serving() as server:
        server.pods.on_exec(lambda _: 0)
        server.pods.on_port_forward(80, answer)
        assert (await ask(server, where, **headers)).status == code


# Over SPDY -------------------------------------------------------------------------------------------------------


class SpdyClient:
    """As much of the protocol as client-go speaks."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._next = 1
        self._came = b""

    def open(self, *, last: bool = False, **headers: str) -> int:
        number, self._next = self._next, self._next + 2
        plain = struct.pack(">I", len(headers))
        for key, value in headers.items():
            plain += struct.pack(">I", len(key)) + key.encode() + struct.pack(">I", len(value)) + value.encode()
        block = self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        body = struct.pack(">IIH", number, 0, 0) + block
        self.pipe.say(struct.pack(">HHI", 0x8003, 1, int(last) << 24 | len(body)) + body)
        return number

    def data(self, number: int, data: bytes, *, last: bool = False) -> None:
        frame = struct.pack(">II", number, int(last) << 24 | len(data)) + data
        # in two pieces, as a network might have it
        self.pipe.say(frame[:5], frame[5:])

    def reset(self, number: int) -> None:
        self.pipe.say(struct.pack(">HHIII", 0x8003, 3, 8, number, 5))

    async def frames(self) -> AsyncIterator[tuple[str, int, bytes]]:
        """(kind, stream, content) of what the server sends."""
        while True:
            self._came += await self.pipe.heard()
            while len(self._came) >= 8:
                first, rest = struct.unpack_from(">II", self._came)
                length = rest & 0xFFFFFF
                body, self._came = self._came[8 : 8 + length], self._came[8 + length :]
                if first >> 31:
                    kind = {2: "reply", 6: "ping"}[first & 0xFFFF]
                    if kind == "reply":
                        assert self._inflate.decompress(body[4:]) == b"\0\0\0\0"
                    yield kind, int.from_bytes(body[:4], "big"), b""
                else:
                    yield "end" if rest >> 24 else "data", first, body


async def gathered(client: SpdyClient, wanted: Sequence[int]) -> dict[int, bytes]:
    """What came on each stream until all that are wanted have ended."""
    found: dict[int, bytes] = {}
    ended: set[int] = set()
    async for kind, number, content in client.frames():
        found[number] = found.get(number, b"") + content
        if kind == "end":
            ended.add(number)
        if ended.issuperset(wanted):
            return found
    raise AssertionError


@contextlib.asynccontextmanager
async def spdy(server: ApiServer, target: str, protocol: str) -> AsyncGenerator[SpdyClient]:
    answer = await ask(
        server, target, "POST", connection="Upgrade", upgrade="SPDY/3.1", x_stream_protocol_version=f"none, {protocol}"
    )
    assert isinstance(answer, Upgrade), answer
    assert answer.headers["x-stream-protocol-version"] == protocol
    pipe = Pipe()
    talk = asyncio.ensure_future(answer.talk(pipe))
    try:
        yield SpdyClient(pipe)
        pipe.say(None)
        await asyncio.wait_for(talk, 5)
    finally:
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)


async def test_exec_over_spdy() -> None:
    async def play(call: Exec) -> int:
        size = await anext(call.sizes)
        call.stdout.write(await call.stdin.read())
        call.stderr.write(f"{size.width}x{size.height}")
        return 3

    async with serving() as server:
        server.pods.on_exec(play)
        target = exec_target("x", flags="stdin=1&stdout=1&tty=1")
        async with spdy(server, target, "v4.channel.k8s.io") as client:
            error = client.open(streamtype="error", last=True)
            stdin, stdout = client.open(streamtype="stdin"), client.open(streamtype="stdout")
            resize = client.open(streamtype="resize")
            client.data(resize, b'{"Width":80,"Height":24}\n')
            client.data(stdin, b"abc", last=True)
            found = await gathered(client, [error, stdout])
    assert found[stdout] == b"abc80x24"
    assert json.loads(found[error]) == EXIT_3


async def answer(reader: ForwardReader, writer: ForwardWriter) -> None:
    line = await reader.readline()
    if line == b"fail\n":
        raise RuntimeError("out of order")
    writer.write(b"got " + line)
    await writer.drain()


async def test_ports_are_forwarded_over_spdy_each_connection_on_its_own() -> None:
    async with serving() as server:
        server.pods.on_port_forward(80, answer)
        async with spdy(server, f"{POD}/portforward", "portforward.k8s.io") as client:
            pairs: list[tuple[int, int]] = []
            for request, port in ((1, "80"), (2, "80"), (3, "81"), (4, "x")):
                named = {"port": port, "requestID": str(request)}
                pairs.append(
                    (client.open(streamtype="error", last=True, **named), client.open(streamtype="data", **named))
                )
            client.data(pairs[1][1], b"fail\n")
            client.data(pairs[0][1], b"one\n", last=True)
            found = await gathered(client, [number for pair in pairs for number in pair])
    assert [(found[error], found[data]) for error, data in pairs[:1]] == [(b"", b"got one\n")]
    assert found[pairs[1][0]].endswith(b": out of order")
    assert found[pairs[1][0]].startswith(b"error forwarding port 80 to pod web_default, uid ")
    assert found[pairs[2][0]].endswith(b"dial tcp 127.0.0.1:81: connect: connection refused")
    assert found[pairs[3][0]] == b"unable to parse 'x' as a port"


async def test_a_connection_that_the_client_resets_ends_and_others_go_on() -> None:
    ended = asyncio.Event()

    async def wait(_reader: ForwardReader, _writer: ForwardWriter) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with serving() as server:
        server.pods.on_port_forward(0, wait)
        async with spdy(server, f"{POD}/portforward", "portforward.k8s.io") as client:
            error = client.open(streamtype="error", port="1", requestID="1")
            data = client.open(streamtype="data", port="1", requestID="1")
            await asyncio.sleep(0)
            client.reset(data)
            client.pipe.say(struct.pack(">HHII", 0x8003, 6, 4, 9))
            seen = set[tuple[str, int]]()
            async for kind, number, _ in client.frames():
                seen.add((kind, number))
                if {("end", error), ("ping", 9)} <= seen:
                    break
        await asyncio.wait_for(ended.wait(), 5)


async def test_ports_are_forwarded_over_channels() -> None:
    async with serving() as server:
        server.pods.on_port_forward(80, answer)
        async with talking(server, f"{POD}/portforward?ports=80,81", "v4.channel.k8s.io") as pipe:
            heard = [await pipe.heard() for _ in range(5)]
            assert {(message[0], message[1:]) for message in heard if len(message) == 3} == {
                (0, b"P\0"), (1, b"P\0"), (2, b"Q\0"), (3, b"Q\0")
            }  # fmt: skip
            assert [message[0] for message in heard if len(message) > 3] == [3]  # nothing plays port 81
            pipe.say(b"\x00hello\n")
            assert await pipe.heard() == b"\x00got hello\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02\x00\x01\x00\x00\x00\x00",
        b"\x80\x03\x00\x01\x00\x00\x00\x02ab",
        b"\x80\x03\x00\x01\x00\x00\x00\x0c" + b"\0" * 12,
        b"\x80\x03\x00\x03\x00\x00\x00\x00",
        struct.pack(">HHI", 0x8003, 1, 10 + 20) + struct.pack(">IIH", 1, 0, 0) + b"not compressed at al",
    ],
)
async def test_what_is_not_spdy_ends_the_connection(data: bytes) -> None:
    pipe = Pipe()
    pipe.say(data, None)
    with pytest.raises(SpdyError):
        await SpdyConnection(pipe, lambda _: None).run()


# Over HTTP -------------------------------------------------------------------------------------------------------


async def test_exec_through_a_socket() -> None:
    async def play(call: Exec) -> int:
        while line := await call.stdin.readline():
            call.stdout.write(line.upper())
        return 0

    server = ApiServer()
    server.load([pod()])
    server.pods.on_exec(play)
    async with HttpFront(server) as front, aiohttp.ClientSession() as session:
        url = front.url + exec_target("x", flags="stdin=1&stdout=1")
        async with session.ws_connect(url, protocols=("v9.channel.k8s.io", "v5.channel.k8s.io")) as socket:
            assert socket.protocol == "v5.channel.k8s.io"
            assert await socket.receive_bytes() == b"\x01"
            for word in (b"a", b"b" * 100_000):
                await socket.send_bytes(b"\x00" + word + b"\n")
                assert await socket.receive_bytes() == b"\x01" + word.upper() + b"\n"
            await socket.send_bytes(b"\xff\x00")
            assert json.loads((await socket.receive_bytes())[1:])["status"] == "Success"
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(front.url + f"{POD}/exec?container=none", protocols=("v5.channel.k8s.io",))
        assert refused.value.status == 400


async def test_stopping_the_front_ends_sessions_at_once() -> None:
    started = asyncio.Event()

    async def play(_: Exec) -> None:
        started.set()
        await asyncio.Event().wait()

    server = ApiServer()
    server.load([pod()])
    server.pods.on_exec(play)
    front = HttpFront(server)
    await front.start()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(front.url + exec_target("x"), protocols=("v5.channel.k8s.io",)) as socket:
            await asyncio.wait_for(started.wait(), 5)
            stopping = asyncio.ensure_future(front.stop())
            assert await socket.receive_bytes() == b"\x01"
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        await asyncio.wait_for(stopping, 5)


async def test_a_followed_log_through_a_socket() -> None:
    server = ApiServer()
    server.load([pod()])
    log = server.pods.logs("web", "default", ["one"])
    target = f"{POD}/log?container=main&follow=1"
    async with (
        HttpFront(server) as front,
        aiohttp.ClientSession() as session,
        session.get(front.url + target) as response,
    ):
        assert response.headers["content-type"] == "text/plain"
        assert await response.content.readline() == b"one\n"
        log.write("two")
        assert await response.content.readline() == b"two\n"
        log.end()
        assert await response.content.read() == b""
