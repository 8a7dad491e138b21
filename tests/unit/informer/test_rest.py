"""Bookmarks at rest are taken in where they arrive; every stream ends in the same state as if its task had read all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer
from fairlead.informer.source import ApiSource, Selection, bookmark_of
from fairlead.informer.stalls import Stalls
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.transport.http1 import READ, Answer, Connection
from tests.support import loop
from tests.unit.informer.test_reflector import bookmark, event, raw

TYPE = ResourceType("example.com", "v1", "Gadget", "gadgets", True)
TURNS = 20


class Gadget(Resource, api_version="example.com/v1", kind="Gadget"):
    pass


class Wire:
    def write(self, data: bytes) -> None: ...
    def abort(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_closing(self) -> bool:
        return False


class Body:
    """A stream over a connection without a socket; counts what was taken at rest, if it may ask about that at all."""

    def __init__(self, answer: Answer, asks: bool) -> None:
        self._answer = answer
        self.taken = 0
        if asks:
            self.at_rest = self._at_rest

    def _at_rest(self, take: Any) -> None:
        def counted(piece: bytes) -> bool:
            yes: bool = take(piece)
            self.taken += yes
            return yes

        self._answer.at_rest = counted

    async def pieces(self) -> list[bytes]:
        return await self._answer.pieces()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while pieces := await self._answer.pieces():
            yield b"".join(pieces)

    async def aclose(self) -> None: ...


class Server:
    """One stream, of what the test sends."""

    cluster = "https://canned"

    def __init__(self, *, asks: bool = True) -> None:
        self._asks = asks
        self._connection = Connection(memoryview(bytearray(READ)))
        self._connection.connection_made(Wire())  # type: ignore[arg-type]
        self._opened = asyncio.Event()
        self.streams = 0
        source = ApiSource(self, Selection(TYPE, TYPE.gvk))
        self.informer = Informer(
            Identity(Selection(TYPE, TYPE.gvk)), source, Gadget.from_bytes, on_change=lambda: None, stalls=Stalls(70.0)
        )

    async def request(self, request: Request) -> Response:
        raise NotImplementedError(request)

    async def stream(self, request: Request) -> StreamResponse:
        del request
        self.streams += 1
        if self.streams > 1:
            await asyncio.Event().wait()
        asked = asyncio.create_task(self._connection.ask(b"GET / HTTP/1.1\r\n\r\n"))
        await asyncio.sleep(0)
        self._connection.received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.body = Body(await asked, self._asks)
        self._opened.set()
        return StreamResponse(200, {}, self.body)

    async def close(self) -> None: ...

    async def begin(self, *chunks: bytes) -> None:
        self.informer.start()
        await self._opened.wait()
        await self.say(*(chunks or (event("ADDED", raw("a", 1)) + bookmark(5, end=True),)))

    async def say(self, *chunks: bytes, turns: int = TURNS) -> None:
        self._connection.received(b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk))
        for _ in range(turns):
            await asyncio.sleep(0)

    def state(self) -> tuple[object, ...]:
        store, said = self.informer.store, self.informer.reflector.statistics()
        objects = sorted((entry.name, entry.version) for entry in store.content.snapshot(None))
        return objects, store.progress, said.events, said.errors, said.phase, str(self.informer.reflector.last_error)


@pytest.mark.parametrize(
    ("piece", "version"),
    [
        (bookmark(7), "7"),
        (bookmark(7) + bookmark(8), ""),
        (bookmark(7)[:-1], ""),
        (bookmark(7) + b"{", ""),
        (b"\n" + bookmark(7), ""),
        (event("ADDED", raw("a", 7)), ""),
        (b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}\n', ""),
        (b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":7}}}\n', ""),
        (b'{"type":"BOOKMARK","object":{"metadata":{}}}\n', ""),
        (b'{"type":"BOOKMARK","object":null}\n', ""),
        (b'{"type":"BOOKMARK","type":"ADDED","object":{"metadata":{"resourceVersion":"7"}}}\n', ""),
        (b"", ""),
    ],
)
def test_one_whole_bookmark_is_told_from_all_else(piece: bytes, version: str) -> None:
    assert bookmark_of(piece) == version


async def test_a_bookmark_that_comes_alone_wakes_nobody() -> None:
    server = Server()
    await server.begin()
    assert server.body.taken == 0, "those of a list are the task's"
    await server.say(bookmark(9), turns=0)
    assert (server.informer.store.progress, server.body.taken) == (9, 1)
    said = server.informer.reflector.statistics()
    assert (said.events, said.connected) == (3, True)
    await server.say(event("ADDED", raw("b", 12)))
    await server.say(bookmark(15), bookmark(16))
    assert server.informer.store.progress == 16
    assert (server.body.taken, server.informer.reflector.statistics().events) == (1, 6)
    await server.informer.close()
    await server.say(bookmark(20))
    assert server.informer.store.progress == 16


async def test_the_bookmark_that_ends_a_list_is_the_tasks_though_it_comes_alone() -> None:
    server = Server()
    await server.begin(event("ADDED", raw("a", 1)))
    assert not server.informer.listed
    await server.say(bookmark(5, end=True))
    assert (server.informer.listed, server.body.taken) == (True, 0)
    await server.informer.close()


async def test_a_bookmark_within_a_line_that_was_cut_short_is_not_believed() -> None:
    server = Server()
    await server.begin()
    await server.say(event("MODIFIED", raw("a", 7))[:-9])
    await server.say(bookmark(9))
    assert (server.informer.store.progress, server.body.taken) == (5, 0)
    assert "cannot be decoded" in str(server.informer.reflector.last_error)
    await server.informer.close()


async def test_a_bookmark_of_another_history_is_the_tasks() -> None:
    server = Server()
    await server.begin()
    await server.say(bookmark(3))
    assert server.body.taken == 0
    assert "the server is at 3, and was at 5 before" in str(server.informer.reflector.last_error)
    await server.informer.close()


@given(st.data())
def test_what_a_stream_leads_to_is_the_same_whether_bookmarks_are_taken_in_at_rest_or_by_the_task(
    data: st.DataObject,
) -> None:
    kinds = data.draw(st.lists(st.sampled_from(["bookmark", "event", "deleted", "older"]), max_size=8))
    text, version = b"", 5
    for kind in kinds:
        version += data.draw(st.integers(0, 2)) if kind != "older" else 0
        name = data.draw(st.sampled_from("abc"))
        if kind == "bookmark":
            text += bookmark(version)
        elif kind == "older":
            text += bookmark(data.draw(st.integers(0, version)))
        else:
            text += event("MODIFIED" if kind == "event" else "DELETED", raw(name, version))
    ends = [place + 1 for place, byte in enumerate(text) if byte == ord("\n")]
    anywhere = data.draw(st.lists(st.integers(0, len(text)), max_size=3))
    cuts = sorted({*data.draw(st.lists(st.sampled_from(ends or [0]), max_size=8)), *anywhere, 0, len(text)})
    chunks = [text[a:b] for a, b in pairwise(cuts)]
    together = data.draw(st.lists(st.booleans(), min_size=len(chunks), max_size=len(chunks)))

    async def played(*, asks: bool) -> tuple[object, ...]:
        server = Server(asks=asks)
        await server.begin()
        held: list[bytes] = []
        for chunk, joined in zip(chunks, together, strict=True):
            held.append(chunk)
            if not joined:
                await server.say(*held)
                held = []
        await server.say(*held)
        state = server.state()
        await server.informer.close()
        return state

    assert loop.run(played(asks=True)) == loop.run(played(asks=False))
