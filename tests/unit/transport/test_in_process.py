from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fairlead.errors import ClosedError, TransportError
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.transport.in_process import InProcessTransport
from fairlead.transport.protocol import Transport
from fairlead.transport.user_agent import user_agent


class Body:
    """A body fed by a test; closing it from either side ends it for its reader."""

    def __init__(self, *chunks: bytes) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = 0
        for chunk in chunks:
            self.queue.put_nowait(chunk)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self.queue.get()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        self.closed += 1
        self.queue.put_nowait(None)


class Server:
    def __init__(self, answer: Response | StreamResponse | Exception | None) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    async def handle(self, request: Request) -> Response | StreamResponse:
        self.requests.append(request)
        if self.answer is None:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return self.answer


def test_a_request_arrives_with_the_added_headers_and_its_answer_comes_back_as_it_is() -> None:
    async def run() -> None:
        server = Server(Response(404, {"a": "b"}, b"{}"))
        transport: Transport = InProcessTransport(server, user_agent="me", authorization="Bearer t")
        answer = await transport.request(Request("GET", "/api", headers={"accept": "x"}, body=b"1"))
        assert answer is server.answer
        assert server.requests[0].body == b"1"
        assert server.requests[0].headers == {
            "accept": "x", "accept-encoding": "identity", "user-agent": user_agent("me"), "authorization": "Bearer t",
        }  # fmt: skip
        assert transport.cluster == "in-process"

    asyncio.run(run())


def test_a_streaming_answer_to_a_request_is_read_whole_and_closed() -> None:
    async def run() -> None:
        body = Body(b"a", b"b")
        body.queue.put_nowait(None)
        answer = await InProcessTransport(Server(StreamResponse(200, {}, body))).request(Request("GET", "/x"))
        assert answer == Response(200, {}, b"ab")
        assert body.closed == 1

    asyncio.run(run())


def test_a_whole_answer_to_a_stream_is_one_chunk_or_none() -> None:
    async def run() -> None:
        for data, chunks in ((b"gone", [b"gone"]), (b"", [])):
            answer = await InProcessTransport(Server(Response(410, {}, data))).stream(Request("GET", "/x"))
            assert answer.status == 410
            assert [chunk async for chunk in answer.body] == chunks
            await answer.body.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("verb", ["request", "stream"])
def test_no_answer_in_time_is_a_transport_error_that_names_the_request_and_the_limit(verb: str) -> None:
    async def run() -> None:
        call = getattr(InProcessTransport(Server(None)), verb)
        with pytest.raises(TransportError, match=r"GET /slow\?a=b on in-process: no whole answer within 0.01 s"):
            await call(Request("GET", "/slow", query=(("a", "b"),), timeout=0.01))

    asyncio.run(run())


@pytest.mark.parametrize("verb", ["request", "stream"])
def test_a_timeout_of_the_servers_own_is_not_taken_for_ours(verb: str) -> None:
    async def run() -> None:
        call = getattr(InProcessTransport(Server(TimeoutError("mine"))), verb)
        with pytest.raises(TimeoutError, match="mine"):
            await call(Request("GET", "/x", timeout=30))

    asyncio.run(run())


def test_closing_ends_a_stream_that_is_being_read_with_a_transport_error() -> None:
    async def run() -> None:
        body = Body(b"first")
        transport = InProcessTransport(Server(StreamResponse(200, {}, body)))
        answer = await transport.stream(Request("GET", "/watch"))
        chunks = aiter(answer.body)
        assert await anext(chunks) == b"first"
        waiting = asyncio.ensure_future(anext(chunks))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        await transport.close()
        await transport.close()
        with pytest.raises(TransportError, match="GET /watch on in-process: the transport was closed"):
            await asyncio.wait_for(waiting, 5)
        with pytest.raises(TransportError):
            await anext(chunks)
        assert body.closed == 1
        with pytest.raises(ClosedError, match="GET /api: the client, or its transport to in-process, is closed"):
            await transport.request(Request("GET", "/api"))

    asyncio.run(run())


def test_a_stream_closed_by_its_reader_ends_quietly() -> None:
    async def run() -> None:
        body = Body(b"first")
        transport = InProcessTransport(Server(StreamResponse(200, {}, body)))
        answer = await transport.stream(Request("GET", "/watch"))
        await answer.body.aclose()
        assert [chunk async for chunk in answer.body] == [b"first"]
        await transport.close()
        assert body.closed == 1

    asyncio.run(run())
