from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.errors import TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.http1 import (
    HEAD,
    READ,
    READ_BUFFER,
    SMALL_READ,
    Answer,
    Connection,
    Cut,
    HangUp,
    NotHttp,
    message,
)
from tests.unit.transport.servers import read, run, transport_to

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Wire:
    """The transport of a connection, without a socket."""

    def __init__(self) -> None:
        self.written = b""
        self.aborted = False
        self.reading = True
        self.paused = 0

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def pause_reading(self) -> None:
        self.reading = False
        self.paused += 1

    def resume_reading(self) -> None:
        self.reading = True


def connection() -> tuple[Connection, Any]:
    made, wire = Connection(memoryview(bytearray(READ))), Wire()
    made.connection_made(wire)  # type: ignore[arg-type]
    return made, wire


@contextlib.asynccontextmanager
async def talking(conversation: Conversation) -> AsyncIterator[tuple[str, list[int]]]:
    """Serve every connection with `conversation`, which reads for itself; gives the URL, and a count of connections."""
    count = [0]
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count[0] += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await conversation(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", count
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def reading() -> tuple[Connection, Any, Answer]:
    """A connection whose answer has begun."""
    made, wire = connection()
    asked = asyncio.create_task(made.ask(b"GET / HTTP/1.1\r\n\r\n"))
    await asyncio.sleep(0)
    made.received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    return made, wire, await asked


def chunk(size: int) -> bytes:
    return b"%x\r\n%s\r\n" % (size, b"x" * size)


async def gathering() -> tuple[Connection, Any, Answer, asyncio.Task[None]]:
    """The same after a small read, while what follows it is let gather."""
    made, wire, answer = await reading()
    made.received(chunk(10))
    await answer.pieces()
    task = asyncio.create_task(answer.gather())
    await asyncio.sleep(0)
    return made, wire, answer, task


async def test_what_comes_in_small_reads_may_gather() -> None:
    made, wire, answer, task = await gathering()
    assert not wire.reading
    await task
    assert wire.reading
    made.received(chunk(3))
    assert await answer.read() == b"xxx"


async def test_nothing_is_let_gather_after_a_large_read_nor_before_all_is_taken_nor_at_the_end() -> None:
    made, wire, answer = await reading()
    made.received(chunk(SMALL_READ))
    await answer.pieces()
    await answer.gather()
    made.received(chunk(1))
    await answer.pieces()
    made.received(chunk(1))
    await answer.gather()
    await answer.pieces()
    made.received(b"0\r\n\r\n")
    await answer.gather()
    assert (wire.paused, await answer.pieces()) == (0, [])


async def test_a_complete_answer_that_nobody_reads_does_not_slow_the_next_one_down() -> None:
    made, wire = connection()
    asked = asyncio.ensure_future(made.ask(b"GET"))
    await asyncio.sleep(0)
    made.received(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (READ_BUFFER + 10))
    answer = await asked
    made.received(b"x" * READ_BUFFER)
    made.received(b"x" * 10)
    assert (answer.complete, wire.reading, made.free) == (True, True, True)


async def test_a_server_that_changes_the_protocol_is_none_that_speaks_http() -> None:
    made, wire = connection()
    asked = asyncio.ensure_future(made.ask(b"GET"))
    await asyncio.sleep(0)
    made.received(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    with pytest.raises(NotHttp):
        await asked
    assert wire.aborted


@pytest.mark.parametrize(("sent", "raised"), [(b"", HangUp), (b"HTTP/1.1 2", ConnectionResetError)])
async def test_a_connection_that_is_reset_before_an_answer_begins_is_one_that_was_ended(
    sent: bytes, raised: type[Exception]
) -> None:
    made, _ = connection()
    asked = asyncio.ensure_future(made.ask(b"GET"))
    await asyncio.sleep(0)
    if sent:
        made.received(sent)
    made.connection_lost(ConnectionResetError())
    with pytest.raises(raised):
        await asked


async def test_a_connection_that_is_given_up_while_data_gathers_is_not_read_again() -> None:
    made, wire, answer, task = await gathering()
    made.drop()
    await task
    await answer.gather()
    assert (wire.reading, wire.paused) == (False, 1)


HEADS = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello": (200, b"hello", True),
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok": (201, b"ok", True),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-After: y\r\n\r\n": (200, b"hello", True),
    b"HTTP/1.1 204 No Content\r\nX-A: 1\r\nX-A: 2\r\n\r\n": (204, b"", True),
    b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx": (404, b"x", False),
    b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end": (200, b"until the end", False),
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end": (200, b"until the end", False),
}  # fmt: skip


@given(st.sampled_from(sorted(HEADS)), st.lists(st.integers(1, 40), max_size=12))
@example(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\nX-A: 2\r\n\r\n", [1] * 40)
def test_an_answer_is_the_same_however_it_is_cut_into_reads(sent: bytes, cuts: list[int]) -> None:
    status, body, lasting = HEADS[sent]

    async def work() -> None:
        made, wire = connection()
        asked = asyncio.create_task(made.ask(b"GET / HTTP/1.1\r\n\r\n"))
        await asyncio.sleep(0)
        assert wire.written == b"GET / HTTP/1.1\r\n\r\n"
        rest = sent
        for cut in cuts:
            if rest:
                made.received(rest[:cut])
                rest = rest[cut:]
        if rest:
            made.received(rest)
        answer = await asked
        if not lasting:
            made.connection_lost(None)
        assert (answer.status, await answer.rest(), made.free) == (status, body, lasting)
        assert "link" not in answer.headers
        if status == 204:
            assert answer.headers == {"x-a": "1, 2"}

    run(work())


@pytest.mark.parametrize("sent", sorted(s for s, (_, _, lasting) in HEADS.items() if lasting))
def test_bytes_that_nobody_asked_for_end_the_connection_but_not_the_answer_before_them(sent: bytes) -> None:
    async def work() -> None:
        for surplus in (b"HTTP/1.1 200 OK\r\n\r\n", b"?", b"\x00" * 9):
            made, wire = connection()
            asked = asyncio.create_task(made.ask(b""))
            await asyncio.sleep(0)
            made.received(sent + surplus)
            assert (await (await asked).rest(), made.free) == (HEADS[sent][1], False)
            late, wire = connection()
            asked = asyncio.create_task(late.ask(b""))
            await asyncio.sleep(0)
            late.received(sent)
            await asked
            late.received(surplus)
            assert not late.free
            del wire

    run(work())


@given(st.sampled_from(sorted(HEADS)), st.integers(0, 200))
def test_an_answer_cut_short_is_an_error_after_what_had_arrived(sent: bytes, length: int) -> None:
    status, body, lasting = HEADS[sent]
    if length >= len(sent) or (not lasting and b"Content-Length" not in sent):
        return

    async def work() -> None:
        made, _ = connection()
        asked = asyncio.create_task(made.ask(b""))
        await asyncio.sleep(0)
        made.received(sent[:length])
        made.connection_lost(None)
        got = []

        async def whole() -> None:
            answer = await asked
            while part := await answer.read():
                got.append(part)

        with pytest.raises((Cut, HangUp)):
            await whole()
        assert body.startswith(b"".join(got))
        assert not made.free

    del status
    run(work())


def test_a_head_without_an_end_is_no_http() -> None:
    async def work() -> None:
        made, wire = connection()
        asked = asyncio.create_task(made.ask(b""))
        await asyncio.sleep(0)
        made.received(b"HTTP/1.1 200 OK\r\n")
        for _ in range(HEAD // 1000 + 1):
            made.received(b"X-Long: " + b"x" * 990 + b"\r\n")
        with pytest.raises(NotHttp, match="head is longer"):
            await asked
        assert wire.aborted

    run(work())


def test_a_trailer_without_an_end_is_not_kept_and_names_without_number_are_joined_once() -> None:
    async def work() -> None:
        made, wire = connection()
        asked = asyncio.create_task(made.ask(b""))
        await asyncio.sleep(0)
        made.received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + b"X-Many: a\r\n" * 20_000 + b"\r\n")
        answer = await asked
        head = {"transfer-encoding": "chunked", "x-many": ", ".join(["a"] * 20_000)}
        assert answer.headers == head
        made.received(b"0\r\n")
        for number in range(200):
            made.received(b"X-Many: b\r\nX-%d: c\r\n" % number * 500)
        assert answer.headers == head
        assert not answer.complete
        assert not wire.aborted, "who waits says how long"
        made.received(b"\r\n")
        assert (await answer.read(), answer.complete, made.free) == (b"", True, True)

    run(work())


def test_a_body_that_is_not_read_slows_the_server_down_until_it_is() -> None:
    async def work() -> None:
        wire: Any = Wire()
        answer = Answer(wire)
        answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (3 * READ_BUFFER))
        answer.feed(b"x" * READ_BUFFER)
        assert wire.reading
        answer.feed(b"x")
        assert not wire.reading
        assert len(await answer.read()) == READ_BUFFER + 1
        assert wire.reading

    run(work())


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/a b", []),
        ("GET", "/a\r\nX: y", []),
        ("GET", "/", [("a", "b\r\nX: y")]),
        ("GET", "/", [("a", "b\0")]),
        ("GET", "/", [("a b", "c")]),
    ],
)
def test_nothing_given_can_begin_a_line_of_its_own(method: str, path: str, headers: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"percent-encoded|line break"):
        message(method, path, "h", headers, b"")


def test_what_a_request_looks_like() -> None:
    assert message("POST", "/x?a=b", "h:1", [("A", "ä"), ("A", "2")], b"{}") == (
        "POST /x?a=b HTTP/1.1\r\nHost: h:1\r\nA: ä\r\nA: 2\r\nContent-Length: 2\r\n\r\n{}".encode()
    )
    assert message("PUT", "/", "h", [], b"") == b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
    assert message("GET", "/", "h", [], b"") == b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


async def _answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def test_connections_are_used_again_by_requests_and_by_streams_that_were_read_to_their_end() -> None:
    async def work() -> None:
        async with talking(_answering) as (url, count), transport_to(url) as transport:
            for _ in range(3):
                assert (await transport.request(Request("GET", "/"))).body == b"ok"
                assert await read(transport, "/") == b"ok"
            assert count == [1]
            replies = [await transport.stream(Request("GET", "/")) for _ in range(2)]
            assert count == [2]
            for reply in replies:
                await reply.body.aclose()

    run(work())


def test_a_kept_connection_that_ended_while_somebody_held_the_loop_is_not_written_to() -> None:
    sockets: list[Any] = []

    async def ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sockets.append(writer.get_extra_info("socket"))
        while True:
            await _answering(reader, writer)

    async def work() -> None:
        async with talking(ever) as (url, count), transport_to(url) as transport:
            for ends in (lambda: sockets[0].shutdown(socket.SHUT_WR), lambda: sockets[1]._sock.send(b"HTTP/1.1 408 ")):
                assert (await transport.request(Request("GET", "/"))).body == b"ok"
                ends()  # no turn of the loop from here on
                assert (await transport.request(Request("POST", "/"))).body == b"ok"
            assert count == [3]

    run(work())


@pytest.mark.parametrize("write", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_kept_connection_that_the_server_ended_is_noticed_and_a_write_is_never_sent_twice(write: str) -> None:
    seen: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        # Ended only when the next request comes: nothing the client could have seen before it sent.
        seen.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])

    async def work() -> None:
        async with talking(once) as (url, count), transport_to(url) as transport:
            assert (await transport.request(Request("GET", "/"))).body == b"ok"
            assert (await transport.request(Request("GET", "/"))).body == b"ok"
            assert (count, seen) == ([2], [b"GET", b"GET", b"GET"])
            with pytest.raises(TransportError, match="closed the connection without a whole answer"):
                await transport.request(Request(write, "/"))
            assert (count, seen) == ([2], [b"GET", b"GET", b"GET", write.encode()])

    run(work())


def test_closing_ends_requests_that_are_connecting_or_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.transport.connections.REQUEST_CONNECTIONS", 1)

    both = asyncio.Barrier(3)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await both.wait()
        await reader.read(-1)

    async def work() -> None:
        # To a server that never shakes hands: connecting is all that happens.
        async with talking(silent) as (url, count), transport_to(url.replace("http:", "https:")) as transport:
            calls = [asyncio.create_task(transport.request(Request("GET", f"/{n}"))) for n in range(2)]
            watch = asyncio.create_task(transport.stream(Request("GET", "/watch")))
            await both.wait()  # one request and the watch have a connection; the second request waits for its turn
            await transport.close()
            for call in (*calls, watch):
                with pytest.raises(TransportError, match="transport was closed"):
                    await call
            assert count == [2]

    run(work())


def test_a_request_that_is_cancelled_gives_its_connection_up_and_its_turn_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fairlead.transport.connections.REQUEST_CONNECTIONS", 1)
    asked = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while b"/slow" not in await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        asked.set()
        await reader.read(-1)

    async def work() -> None:
        async with talking(slow) as (url, count), transport_to(url) as transport:
            call = asyncio.create_task(transport.request(Request("GET", "/slow")))
            await asked.wait()
            call.cancel()
            assert (await transport.request(Request("GET", "/"))).body == b"ok"
            with pytest.raises(asyncio.CancelledError):
                await call
            assert count == [2]

    run(work())


def test_a_name_with_several_addresses_that_all_refuse_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    two = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (1, 2)]

    async def work() -> None:
        async def resolved(_: object, host: str, port: int) -> list[Any]:
            return two

        monkeypatch.setattr("fairlead.transport.lookups.Lookups.addresses", resolved)
        async with transport_to(f"http://two.example:{port}") as transport:
            with pytest.raises(TransportError, match="connection refused; is the API server running there"):
                await transport.request(Request("GET", "/"))

    run(work())


def test_of_several_addresses_one_that_answers_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with talking(_answering) as (url, _):
            port = int(url.rpartition(":")[2])
            two = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (2, 1)]

            async def resolved(_: object, host: str, port: int) -> list[Any]:
                return two

            monkeypatch.setattr("fairlead.transport.lookups.Lookups.addresses", resolved)
            async with transport_to(f"http://two.example:{port}") as transport:
                assert (await transport.request(Request("GET", "/"))).body == b"ok"

    run(work())
