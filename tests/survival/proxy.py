"""A proxy between a client and an API server that does harm on request.

It speaks HTTP/1.1 to the client (plain, or TLS with a certificate of its own) and TLS to the server, and knows just
enough of HTTP to tell one request from the next and one chunk of a watch from another.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import struct
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

__all__ = ["Answer", "Fault", "Lagging", "Proxy", "RequestHead", "Upstream"]

#: What may be done once to the next event of a watch.
Fault = Literal["truncate", "truncate and end", "garbage", "bytes"]
_GARBAGE = b'{"type":"ADDED","object":{"kind":"Config\xff\xfe\n'
_LIMIT = 2**20
_ERROR_EVENT, _CODE = b'{"type":"ERROR"', re.compile(rb'"code":(\d+)')


@dataclass(frozen=True)
class Upstream:
    """Where requests go; without `tls` the server is spoken to in clear."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


@dataclass
class RequestHead:
    """A request line and its headers, as they may be changed on the way."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    at: float = field(default_factory=time.monotonic)

    @property
    def watch(self) -> bool:
        return "watch=true" in self.target or "watch=True" in self.target or "watch=1" in self.target

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def replace(self, name: str, value: str) -> None:
        self.headers = [(key, each) for key, each in self.headers if key.lower() != name] + [(name, value)]

    def encode(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True)
class Answer:
    """What the proxy answers in the server's place; with `chunked` the body is a stream that then ends."""

    status: int
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = (("Content-Type", "application/json"),)
    chunked: bool = False

    def encode(self) -> bytes:
        length = ("Transfer-Encoding", "chunked") if self.chunked else ("Content-Length", str(len(self.body)))
        lines = [f"HTTP/1.1 {self.status} x", *(f"{name}: {value}" for name, value in (*self.headers, length))]
        body = _chunk(self.body) + b"0\r\n\r\n" if self.chunked else self.body
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


class Proxy:
    """One listening port. Change its attributes at any time; use as an async context manager."""

    def __init__(self, *upstreams: Upstream, tls: ssl.SSLContext | None = None) -> None:
        self.upstreams = list(upstreams)
        #: For new connections; a listening port that is opened again takes a changed one.
        self.tls = tls
        self.port = 0
        #: Seconds that each piece of an answer is held back.
        self.delay = 0.0
        #: Answers a request in the server's place, or changes it and returns None.
        self.intercept: Callable[[RequestHead], Answer | None] = lambda _: None
        #: Done to the next events of watches, one each.
        self.faults: deque[Fault] = deque()
        self.requests: list[RequestHead] = []
        #: What the server itself has said: how many answers of each status, and ERROR events of each code.
        self.said: Counter[int] = Counter()
        #: Whether every new connection is reset at once; each counts as an attempt.
        self.rejecting = False
        self.attempts = 0
        self._connections: set[_Connection] = set()
        self._turn = 0
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()
        self.abort()
        await asyncio.gather(*(connection.ended.wait() for connection in tuple(self._connections)))

    async def listen(self) -> None:
        """Take connections (again), on the same port as before."""
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._accept, "127.0.0.1", self.port, ssl=self.tls, limit=_LIMIT, reuse_address=True
            )
            self.port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no connection any more: the kernel refuses them. Those that are open stay."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def abort(self) -> None:
        """Reset every connection."""
        for connection in tuple(self._connections):
            connection.abort()

    def freeze(self) -> None:
        """Let nothing through on the connections there are, and close none: half-open for ever. New ones work."""
        for connection in tuple(self._connections):
            connection.flow.clear()

    def outage(self) -> None:
        """Reset what is open and whatever comes, until `restore`."""
        self.rejecting = True
        self.abort()

    def restore(self) -> None:
        """Work again."""
        self.rejecting = False

    def next_upstream(self) -> Upstream:
        self._turn += 1
        return self.upstreams[self._turn % len(self.upstreams)]

    def count(self, since: float, until: float = float("inf")) -> int:
        """How many requests arrived in a time (`time.monotonic()`)."""
        return sum(since <= request.at < until for request in self.requests)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.attempts += 1
        if self.rejecting:
            _reset(writer)
            return
        connection = _Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        except (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # either side went away, as is expected here
        finally:
            self._connections.discard(connection)
            connection.abort()
            connection.ended.set()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset, as a machine does that has forgotten the connection."""
    held = writer.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class _Aborted(ConnectionError):
    """The proxy itself cut the connection."""


class _Connection:
    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._peeked = b""
        self.flow = asyncio.Event()
        self.flow.set()
        self.ended = asyncio.Event()
        self._task = asyncio.current_task()

    def abort(self) -> None:
        for writer in (self._writer, self._server[1] if self._server else None):
            if writer is not None:
                _reset(writer)
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while await self._exchange():
                pass

    async def _exchange(self) -> bool:
        try:
            raw = self._peeked + await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        self._peeked = b""
        first, *rest = raw.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        head = RequestHead(method, target, [(n.strip(), v.strip()) for n, v in (line.split(":", 1) for line in rest)])
        body = await self._reader.readexactly(int(head.header("content-length") or 0))
        await self.flow.wait()
        self._proxy.requests.append(head)
        answer = self._proxy.intercept(head)
        if answer is not None:
            await self._send(answer.encode())
            return True
        if self._server is None:
            there = self._proxy.next_upstream()
            self._server = await asyncio.open_connection(there.host, there.port, ssl=there.tls, limit=_LIMIT)
        self._server[1].write(head.encode() + body)
        return await self._relay(head)

    async def _relay(self, request: RequestHead) -> bool:
        """Pass an answer on; give up when the client goes away meanwhile."""
        relaying = asyncio.ensure_future(self._answer(request))
        leaving = asyncio.ensure_future(self._reader.read(1))
        try:
            await asyncio.wait({relaying, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not relaying.done() and leaving.result() == b"":
                return False
            await relaying
            if leaving.done():
                self._peeked = leaving.result()
                return bool(self._peeked)
            return True
        finally:
            for task in (relaying, leaving):
                task.cancel()
            await asyncio.gather(relaying, leaving, return_exceptions=True)

    async def _answer(self, request: RequestHead) -> None:
        assert self._server is not None
        reader = self._server[0]
        head = await reader.readuntil(b"\r\n\r\n")
        self._proxy.said[int(head.split(b" ", 2)[1])] += 1
        await self._send(head)
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                data = await reader.readexactly(size)
                await reader.readexactly(2)
                await self._chunk(request, data)
            await reader.readuntil(b"\r\n")
            await self._send(b"0\r\n\r\n")
        elif b"content-length:" in lower:
            left = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            while left:
                data = await reader.read(min(left, 65536))
                if not data:
                    raise EOFError
                left -= len(data)
                await self._send(data)

    async def _chunk(self, request: RequestHead, data: bytes) -> None:
        if request.watch and data.startswith(_ERROR_EVENT) and (found := _CODE.search(data)):
            self._proxy.said[int(found[1])] += 1
        fault = self._proxy.faults.popleft() if request.watch and self._proxy.faults else None
        if fault in ("truncate", "truncate and end"):
            await self._send(_chunk(data[: len(data) // 2]) + (b"0\r\n\r\n" if fault == "truncate and end" else b""))
            await asyncio.sleep(0.05)  # so that the half arrives before the reset does
            self.abort()
            raise _Aborted
        if fault == "garbage":
            await self._send(_chunk(_GARBAGE))  # in place of the event, which is lost
            return
        if fault == "bytes":
            for index in range(len(data)):
                await self._send(_chunk(data[index : index + 1]))
            return
        await self._send(_chunk(data))

    async def _send(self, data: bytes) -> None:
        if self._proxy.delay:
            await asyncio.sleep(self._proxy.delay)
        await self.flow.wait()
        self._writer.write(data)
        await self._writer.drain()


class Lagging:
    """Bytes to and from a port, those from it late by `seconds`: to an API server, its etcd lives in the past.

    `sever` cuts what is open and whatever comes, until `mend`.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._target = port
        self.seconds = seconds
        self.port = 0
        self._severed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        await self.sever()

    async def sever(self) -> None:
        """Cut every connection, and take none."""
        self._severed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def mend(self) -> None:
        """Take connections again."""
        self._severed = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._severed:
            _reset(writer)
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(asyncio.CancelledError, OSError):  # severed, or the target is away
            await self._carry(reader, writer)
        writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, back, lambda: 0.0))
                both.create_task(_copy(there, writer, lambda: self.seconds))
        except* OSError:
            pass
        finally:
            back.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: Callable[[], float]) -> None:
    """Pass on what comes, each piece so many seconds after it came."""
    loop = asyncio.get_running_loop()
    held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def give() -> None:
        while True:
            due, data = await held.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()

    giving = asyncio.create_task(give())
    try:
        while data := await reader.read(65536):
            held.put_nowait((loop.time() + late(), data))
        held.put_nowait((loop.time() + late(), b""))
        await giving
    finally:
        giving.cancel()
