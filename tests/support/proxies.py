"""Small proxies to connect through: HTTP ones (with TLS or without), and SOCKS 5 ones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

__all__ = ["http_proxy", "listening", "socks_proxy"]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def http_proxy(
    seen: list[str], *, wanted: str = "", tls: ssl.SSLContext | None = None, peers: list[object] | None = None
) -> AsyncGenerator[str]:
    """One that knows CONNECT and plain requests in absolute form; gives its host and port.

    `seen` gets the heads that arrive, `peers` the clients' certificates or None; `wanted` is what Proxy-Authorization has to be.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peers is not None:
            peers.append(writer.get_extra_info("peercert") or None)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        seen.append(head)
        if wanted and f"Proxy-Authorization: {wanted}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        parts = urlsplit(target if method != "CONNECT" else f"//{target}")
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        if method != "CONNECT":
            back.write(head.replace(target, parts.path, 1).encode())
        await _relay(reader, writer, there, back, (b"HTTP/1.1 200 OK\r\n\r\n",) if method == "CONNECT" else ())

    async with listening(talk, tls) as place:
        yield place


@asynccontextmanager
async def socks_proxy(
    seen: list[tuple[str, int]], *, user: str = "", password: str = "", reply: int = 0, names: dict[str, str] | None = None
) -> AsyncGenerator[str]:  # fmt: skip
    """One of RFC 1928; gives its host and port.

    `seen` gets the hosts and ports that it is to connect to. With a `user`, RFC 1929 is demanded. `reply` other than 0 is
    the refusal of every request. `names` is what it resolves.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = 2 if user else 0
        if method not in offered:
            writer.write(b"\x05\xff")
            writer.close()
            return
        writer.write(bytes([5, method]))
        if user and not await _identified(reader, writer, user, password):
            return
        host, port = await _destination(reader)
        seen.append((host, port))
        if reply:
            writer.write(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
            writer.close()
            return
        there, back = await asyncio.open_connection((names or {}).get(host, host), port)
        # In pieces, and with a name as the bound address: nothing may be guessed of its length.
        await _relay(reader, writer, there, back, (b"\x05\x00", b"\x00\x03\x05loc", b"al\x00\x50"))

    async with listening(talk) as place:
        yield place


async def _identified(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str, password: str) -> bool:
    given: list[str] = []
    await reader.readexactly(1)
    for _ in range(2):
        (length,) = await reader.readexactly(1)
        given.append((await reader.readexactly(length)).decode())
    right = given == [user, password]
    writer.write(b"\x01\x00" if right else b"\x01\x01")
    if not right:
        writer.close()
    return right


async def _destination(reader: asyncio.StreamReader) -> tuple[str, int]:
    _, _, _, kind = await reader.readexactly(4)
    if kind == 3:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode()
    else:
        host = socket.inet_ntop(*((socket.AF_INET, await reader.readexactly(4)) if kind == 1 else (socket.AF_INET6, await reader.readexactly(16))))  # fmt: skip
    return host, int.from_bytes(await reader.readexactly(2), "big")


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: asyncio.StreamReader, back: asyncio.StreamWriter,
    greeting: tuple[bytes, ...],
) -> None:  # fmt: skip
    """Send the greeting, then pass on what comes from either side."""

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()

    try:
        for piece in greeting:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.TaskGroup() as both:
            both.create_task(copy(reader, back))
            both.create_task(copy(there, writer))
    finally:
        back.close()


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    """A port where `talk` answers each connection; gives its host and port."""
    talks: set[asyncio.Task[None]] = set()

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await talk(reader, writer)
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(kept, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"{host}:{port}"
    finally:
        server.close()
        while talks:  # they end with their connections, which the client has closed
            await asyncio.wait(tuple(talks))
