"""The server on its port, with clients that are many, slow, half gone, or up to no good."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from fairlead.apiserver import watchcache
from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import Request
from tests.unit.apiserver.core_client import CONFIGMAPS, Caller, config_map

WATCH = f"GET {CONFIGMAPS}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n".encode()


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine allows {hard} open files, and {wanted} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.asynccontextmanager
async def connected(front: HttpFront) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = int(front.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def head(reader: asyncio.StreamReader) -> int:
    """The status of an answer; what is left to read is its body."""
    text = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    return int(text.split(b" ", 2)[1])


async def test_two_thousand_idle_watches_each_hear_of_one_change(many_files: None):
    server = ApiServer()
    async with HttpFront(server) as front, contextlib.AsyncExitStack() as connections:
        readers: list[asyncio.StreamReader] = []
        for _ in range(2000):
            reader, writer = await connections.enter_async_context(connected(front))
            writer.write(WATCH)
            readers.append(reader)
        assert {await head(reader) for reader in readers} == {200}
        await Caller(server).create(CONFIGMAPS, config_map("a"))
        for reader in readers:
            size = int(await asyncio.wait_for(reader.readline(), 10), 16)
            event = json.loads(await reader.readexactly(size))
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")
    assert len(server.cluster.watches) == 0


@pytest.mark.parametrize("request_", [WATCH, WATCH[:40], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"])
async def test_a_half_closed_connection_ends_and_leaves_nothing(request_: bytes):
    server = ApiServer()
    async with HttpFront(server) as front, connected(front) as (reader, writer):
        writer.write(request_)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
        assert len(server.cluster.watches) == 0


async def test_a_watch_ends_when_its_client_goes():
    server = ApiServer()
    async with HttpFront(server) as front:
        async with connected(front) as (reader, writer):
            writer.write(WATCH)
            assert await head(reader) == 200
            assert len(server.cluster.watches) == 1
            writer.transport.abort()
        async with asyncio.timeout(10):
            while len(server.cluster.watches):
                # Any request after the abort is answered after the server has noticed it, or soon.
                async with connected(front) as (other, asking):
                    asking.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert await head(other) == 200


async def test_a_client_that_does_not_read_is_cut_off_and_delays_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watchcache, "_BUFFER", 50)
    server = ApiServer()
    caller = Caller(server)
    await caller.create(CONFIGMAPS, config_map("a"))
    async with HttpFront(server) as front, connected(front) as (quick, other):
        with socket.create_connection(("127.0.0.1", int(front.url.rpartition(":")[2])), timeout=10) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(WATCH)
            other.write(WATCH)
            assert await head(quick) == 200
            while len(server.cluster.watches) < 2:
                await caller.send("GET", CONFIGMAPS)
                await asyncio.sleep(0)
            reading = asyncio.create_task(_until(quick, b'"n":"199"'))
            for number in range(200):
                await caller.send("PUT", f"{CONFIGMAPS}/a", config_map("a", {"text": "x" * 100_000, "n": str(number)}))
                await asyncio.sleep(0)  # lets the one who reads read
            await asyncio.wait_for(reading, 20)
            assert len(server.cluster.watches) == 1, "the slow watch is still kept"


async def _until(reader: asyncio.StreamReader, wanted: bytes) -> None:
    tail = b""
    while wanted not in tail:
        chunk = await reader.read(1 << 20)
        assert chunk, "the watch of the one who reads was cut off too"
        tail = tail[-len(wanted) :] + chunk


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET " + CONFIGMAPS.encode() + b"?labelSelector=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST " + CONFIGMAPS.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", None),
    ],
)
async def test_what_is_no_request_is_refused_and_the_server_goes_on(request_: bytes, code: int | None):
    async with HttpFront(ApiServer()) as front:
        async with connected(front) as (reader, writer):
            writer.write(request_)
            found = await head(reader)
            assert found == code if code is not None else 400 <= found < 500
        async with connected(front) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await head(reader) == 200


@pytest.mark.parametrize(
    "media", ["application/json", "application/yaml", "application/merge-patch+json", "application/apply-patch+yaml"]
)
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 5_000 + b"]" * 5_000, b'{"metadata":' * 2_000 + b"1" + b"}" * 2_000],
)
async def test_deep_bodies_are_refused(media: str, body: bytes):
    server = ApiServer()
    caller = Caller(server)
    await caller.create(CONFIGMAPS, config_map("a"))
    method, target = ("PATCH", f"{CONFIGMAPS}/a?fieldManager=m") if "patch" in media else ("POST", CONFIGMAPS)
    answer = await asyncio.wait_for(
        server.handle(Request(method, target.partition("?")[0], (), {"content-type": media}, body)), 20
    )
    assert 400 <= answer.status < 500, getattr(answer, "body", b"")[:300]
