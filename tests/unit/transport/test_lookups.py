from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pytest

from fairlead.errors import TransportError
from fairlead.machinery.wire import Request
from fairlead.transport import lookups
from tests.support import loop
from tests.unit.transport.servers import transport_to

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))]


class Resolver:
    """Stands in for the system's: names take until `answer` is set, and then are as `found` says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, found: list[Any] | OSError = FOUND) -> None:
        self.found = found
        self.asked: list[str] = []
        self.began, self.answer = threading.Event(), threading.Event()
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, *arguments: Any, **options: Any) -> Any:
        if options.get("flags"):
            return self._real(host, *arguments, **options)
        self.asked.append(host)
        self.began.set()
        assert self.answer.wait(20)
        if isinstance(self.found, OSError):
            raise self.found
        return self.found


def test_an_address_is_its_own_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch)

    async def work() -> None:
        for address in ("127.0.0.1", "::1"):
            assert (await lookups.Lookups().addresses(address, 1))[0][4][0] == address

    loop.run(work())
    assert resolver.asked == []


def test_threads_that_never_come_back_do_not_keep_a_name_from_being_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocking handlers have the loop's threads; six of them that hung were the end of every watch of a server with a name."""
    resolver = Resolver(monkeypatch)
    resolver.answer.set()
    hung = threading.Event()

    async def work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        handler = asyncio.create_task(asyncio.to_thread(hung.wait, 20))
        async with transport_to("http://api.example:1") as transport:
            with pytest.raises(TransportError, match="connection refused"):
                await transport.request(Request("GET", "/"))
        hung.set()
        await handler

    loop.run(work())


def test_a_name_is_looked_up_once_for_all_who_ask_and_by_none_of_the_loops_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolver = Resolver(monkeypatch)

    async def work() -> None:
        names = lookups.Lookups()
        asking = [asyncio.create_task(names.addresses("api.example", 1)) for _ in range(100)]
        await asyncio.to_thread(resolver.began.wait, 20)
        asking.pop().cancel()
        monkeypatch.setattr(lookups, "SHARED_SECONDS", -1.0)
        asking.append(asyncio.create_task(names.addresses("api.example", 1)))
        await asyncio.sleep(0)
        resolver.answer.set()
        assert await asyncio.gather(*asking) == [FOUND] * 100

    loop.run(work())
    assert resolver.asked == [b"api.example"] * 2, "one that takes long is not waited for by who asks later"


def test_a_lookup_that_fails_or_ends_after_the_loop_is_nobodys_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))

    async def work() -> None:
        async with transport_to("http://api.example:1") as transport:
            asking = asyncio.create_task(transport.request(Request("GET", "/")))
            await asyncio.to_thread(resolver.began.wait, 20)
        with pytest.raises(TransportError, match="the transport was closed"):
            await asking

    loop.run(work())
    resolver.answer.set()

    async def again() -> None:
        async with transport_to("http://api.example:1") as transport:
            with pytest.raises(TransportError, match="the server's name cannot be resolved"):
                await transport.request(Request("GET", "/"))

    loop.run(again())


def test_where_there_is_no_room_for_a_thread_it_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch)
    resolver.answer.set()

    async def work() -> None:
        async with transport_to("http://api.example:1") as transport:
            with monkeypatch.context() as full:
                full.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
                with pytest.raises(TransportError, match="cannot connect: Resource temporarily unavailable"):
                    await transport.request(Request("GET", "/"))
            with pytest.raises(TransportError, match="connection refused"):
                await transport.request(Request("GET", "/"))

    loop.run(work())
