"""A request that is given up, or whose transport is closed, at any turn of the loop: no socket is left, and nothing goes unseen."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from fairlead.errors import FairleadError
from fairlead.machinery.wire import Request, StreamResponse
from fairlead.transport.config import KubeConfig
from fairlead.transport.http import HttpTransport
from tests.support import loop
from tests.support.proxies import http_proxy, socks_proxy
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import serving

#: More turns than any of these requests takes from its beginning to its end.
TURNS = 40


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


@asynccontextmanager
async def way(kind: str, folder: Path) -> AsyncGenerator[dict[str, Any]]:
    """A server and the way to it: the fields of a KubeConfig."""
    authority = Authority()
    tls = authority.server_context(folder)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(_ok, None if kind == "plain" else tls))
        config: dict[str, Any] = {"server": url, "ca_data": None if kind == "plain" else authority.pem}
        if kind == "http proxy":
            config["proxy_url"] = "http://" + await stack.enter_async_context(http_proxy([]))
        if kind == "https proxy":
            config["proxy_url"] = "https://" + await stack.enter_async_context(http_proxy([], tls=tls))
        if kind == "socks5":
            config["proxy_url"] = "socks5://" + await stack.enter_async_context(socks_proxy([]))
        yield config


async def _give_up(task: asyncio.Task[Any], _: HttpTransport) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _close(task: asyncio.Task[Any], transport: HttpTransport) -> None:
    await transport.close()
    await asyncio.wait([task])


def _open(transport: Any) -> list[Any]:
    """The sockets that have not gone."""
    connections = transport._connections
    return [] if connections is None else [each for each in connections._sockets._open if each.fileno() >= 0]


@pytest.mark.parametrize(
    ("kind", "stream"),
    [("plain", False), ("tls", False), ("tls", True), ("http proxy", False), ("https proxy", False), ("socks5", False)],
)
@pytest.mark.parametrize("interrupt", [_give_up, _close])
def test_nothing_is_left_of_a_request_that_is_interrupted_at_any_turn(
    tmp_path: Path,
    kind: str,
    interrupt: Callable[[asyncio.Task[Any], HttpTransport], Awaitable[None]],
    stream: bool,
) -> None:
    finished: list[int] = []

    async def one(config: dict[str, Any], turns: int) -> None:
        transport = HttpTransport(KubeConfig(**config))
        task = asyncio.ensure_future((transport.stream if stream else transport.request)(Request("GET", "/a")))
        for _ in range(turns):
            await asyncio.sleep(0)
        await interrupt(task, transport)
        if not task.cancelled() and task.exception() is None:
            finished.append(turns)
            if stream:
                await cast("StreamResponse", task.result()).body.aclose()
        elif not task.cancelled():
            assert isinstance(task.exception(), FairleadError)
        await transport.close()
        assert not _open(transport), f"after {turns} turns"

    async def work() -> None:
        async with way(kind, tmp_path) as config:
            for turns in range(TURNS):
                await one(config, turns)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop.run(work(), limit=60)
        gc.collect()
    assert finished or kind == "https proxy", "the last of them were not interrupted at all"
    assert [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)] == []
