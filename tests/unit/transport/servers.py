"""Small servers on loopback to send requests to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from fairlead.machinery.wire import Request
from fairlead.transport.config import KubeConfig
from fairlead.transport.http import HttpTransport

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve every request with `answer`; gives the URL."""
    server = web.Server(answer)
    runner = web.ServerRunner(server, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"{'https' if tls else 'http'}://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(
    conversation: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve every connection with `conversation`, then close it; gives the URL."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await conversation(reader, writer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def transport_to(server: str, **config: Any) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(KubeConfig(server=server, source="test config", **config))
    try:
        yield transport
    finally:
        await transport.close()


async def read(transport: HttpTransport, path: str) -> bytes:
    """All of a stream."""
    reply = await transport.stream(Request("GET", path))
    try:
        return b"".join([chunk async for chunk in reply.body])
    finally:
        await reply.body.aclose()


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(15):
            await work

    asyncio.run(bounded())
