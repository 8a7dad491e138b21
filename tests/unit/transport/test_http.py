from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import subprocess
import sys
from typing import Any

import pytest
from aiohttp import web

from fairlead.errors import ClosedError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import Impersonation, KubeConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.user_agent import user_agent
from tests.unit.transport.servers import raw, read, run, serving, transport_to


def test_importing_the_transport_loads_no_aiohttp_and_no_yaml() -> None:
    code = "import sys, fairlead.transport; print([m for m in ('aiohttp', 'yaml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30,
                          env={"PYTHONPATH": "src"})  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_request_arrives_as_it_was_made_with_what_the_transport_adds() -> None:
    seen: list[tuple[str, str, bytes, list[tuple[str, str]]]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.raw_path, await request.read(), list(request.headers.items())))
        reply = web.Response(status=201, body=b"made", headers={"X-One": "1"})
        reply.headers.add("Warning", '299 - "a"')
        reply.headers.add("Warning", '299 - "b"')
        return reply

    async def work() -> None:
        who = Impersonation(user="jane", groups=("a", "b"), extra={"example.com/Sc%pe": ("x", "y")})
        async with serving(answer) as url, transport_to(url + "/base/", token="t0", impersonate=who) as transport:
            reply = await transport.request(
                Request(
                    "POST", "/api/v1/x%2Fy", (("a", "b c"), ("a", "=")), {"content-type": "application/json"}, b"{}"
                )
            )
        assert (reply.status, reply.body, reply.headers["x-one"]) == (201, b"made", "1")
        assert reply.headers["warning"] == '299 - "a", 299 - "b"'
        method, path, body, headers = seen[0]
        assert (method, path, body) == ("POST", "/base/api/v1/x%2Fy?a=b+c&a=%3D", b"{}")
        named = [(name.lower(), value) for name, value in headers]
        assert ("authorization", "Bearer t0") in named
        assert ("user-agent", user_agent()) in named
        assert [v for n, v in named if n == "accept-encoding"] == ["identity"]
        assert [v for n, v in named if n == "content-type"] == ["application/json"]
        assert [v for n, v in named if n == "impersonate-group"] == ["a", "b"]
        assert [v for n, v in named if n == "impersonate-extra-example.com%2fsc%25pe"] == ["x", "y"]
        assert transport.cluster == url + "/base/"

    run(work())


def test_statuses_and_redirects_are_answers() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.path[1:]), text="said", headers={"Location": "/200"})

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            for status in (302, 404, 429, 500):
                reply = await transport.request(Request("GET", f"/{status}"))
                assert (reply.status, reply.body) == (status, b"said")

    run(work())


def test_a_stream_gives_bytes_as_they_arrive() -> None:
    go = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"one\n")
        await go.wait()
        await reply.write(b"two\n")
        return reply

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            reply = await transport.stream(Request("GET", "/watch", timeout=5))
            chunks = aiter(reply.body)
            assert await anext(chunks) == b"one\n"
            go.set()
            assert [chunk async for chunk in chunks] == [b"two\n"]
            assert [chunk async for chunk in chunks] == []
            await reply.body.aclose()

    run(work())


def test_gzip_is_read_member_by_member_though_it_was_not_asked_for() -> None:
    go = asyncio.Event()
    whole = gzip.compress(b"whole ") + gzip.compress(b"list")

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/list":
            return web.Response(body=whole, headers={"Content-Encoding": "GZIP"})
        reply = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await reply.prepare(request)
        await reply.write(gzip.compress(b"event 1\n"))
        await go.wait()
        await reply.write(gzip.compress(b"event 2\n"))
        return reply

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            listed = await transport.request(Request("GET", "/list"))
            assert listed.body == b"whole list"
            assert "content-encoding" not in listed.headers
            reply = await transport.stream(Request("GET", "/watch"))
            chunks = aiter(reply.body)
            assert await anext(chunks) == b"event 1\n"
            go.set()
            assert [chunk async for chunk in chunks] == [b"event 2\n"]

    run(work())


def test_a_body_in_another_encoding_or_cut_within_a_member_is_a_transport_error() -> None:
    async def answer(request: web.Request) -> web.Response:
        encoding = request.path[1:]
        return web.Response(body=gzip.compress(b"x")[:-4], headers={"Content-Encoding": encoding})

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            for path, said in (("/br", "Content-Encoding 'br'"), ("/gzip", "ends too early")):
                with pytest.raises(TransportError, match=said):
                    await transport.request(Request("GET", path))
                with pytest.raises(TransportError, match=said):
                    await read(transport, path)

    run(work())


def test_an_unreachable_server_is_named_with_what_was_tried_and_where_it_comes_from() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        async def work() -> None:
            async with transport_to(url, context="dev") as transport:
                for call in (transport.request, transport.stream):
                    with pytest.raises(TransportError) as caught:
                        await call(Request("GET", "/api"))
                    assert str(caught.value) == (
                        f"GET {url}/api: connection refused; is the API server running there? (test config, context dev)"
                    )

        run(work())


def test_a_name_that_does_not_resolve_says_so() -> None:
    async def work() -> None:
        async with transport_to("http://no-such-host.invalid:1") as transport:
            with pytest.raises(TransportError, match="name cannot be resolved"):
                await transport.request(Request("GET", "/api"))

    run(work())


def test_no_answer_in_time_is_a_transport_error() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            for call in (transport.request, transport.stream):
                with pytest.raises(TransportError, match=r"GET .*/slow: no whole answer within 0.05 s"):
                    await call(Request("GET", "/slow", timeout=0.05))

    run(work())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "closed the connection without a whole answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "cut in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "cut in the middle"),
        (b"\x15\x03\x01\x00\x02\x02\x46 this is no HTTP\r\n\r\n", "not HTTP"),
    ],
)
def test_a_broken_answer_is_a_transport_error(sent: bytes, said: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    async def work() -> None:
        async with raw(talk) as url, transport_to(url) as transport:
            with pytest.raises(TransportError, match=said):
                await transport.request(Request("POST", "/x", body=b"{}"))
            with pytest.raises(TransportError, match=said):
                await read(transport, "/x")

    run(work())


def test_closing_ends_streams_and_requests_with_transport_errors_and_leaves_nothing_open() -> None:
    begun = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        if request.path == "/watch":
            await reply.prepare(request)
            await reply.write(b"first")
        else:
            begun.set()
        await asyncio.Event().wait()
        return reply

    async def work() -> None:
        async with serving(answer) as url:
            transport = HttpTransport(KubeConfig(server=url))
            chunks = aiter((await transport.stream(Request("GET", "/watch"))).body)
            assert await anext(chunks) == b"first"
            reading = asyncio.ensure_future(anext(chunks))  # type: ignore[arg-type]
            asking = asyncio.ensure_future(transport.request(Request("GET", "/list")))
            await begun.wait()
            await transport.close()
            await transport.close()
            for task in (reading, asking):
                with pytest.raises(TransportError, match="transport was closed"):
                    await task
            with pytest.raises(ClosedError, match=r"GET /api: the client, or its transport to http.*, is closed"):
                await transport.request(Request("GET", "/api"))

    run(work())
    gc.collect()  # an unclosed session or socket would be a ResourceWarning here, which fails the test


def test_a_connection_is_given_up_by_the_kernel_when_the_other_side_is_silently_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[socket.socket] = []
    connect = asyncio.BaseEventLoop.create_connection

    async def noting(self: Any, *args: Any, sock: socket.socket, **more: Any) -> Any:
        made.append(sock)
        return await connect(self, *args, sock=sock, **more)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", noting)

    async def answer(_: web.Request) -> web.Response:
        return web.Response()

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            assert (await transport.request(Request("GET", "/a"))).status == 200
            (one,) = made
            assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            # Three unanswered probes, ten seconds apart after fifteen of silence; sent bytes are waited for as long.
            wanted = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 45_000}
            there = {name: value for name, value in wanted.items() if hasattr(socket, name)}
            assert {name: one.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in there} == there

    run(work())


def test_a_stream_closed_by_its_reader_ends_quietly_even_while_it_is_read() -> None:
    gone = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"first")
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return reply

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            reply = await transport.stream(Request("GET", "/watch"))
            chunks = aiter(reply.body)
            assert await anext(chunks) == b"first"

            async def rest() -> list[bytes]:
                return [chunk async for chunk in chunks]

            reading = asyncio.create_task(rest())
            await asyncio.sleep(0)
            await reply.body.aclose()
            await reply.body.aclose()
            assert await reading == []

    run(work())


def test_more_streams_than_any_pool_holds_leave_requests_alone() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"x")
        if request.path == "/watch":
            await asyncio.Event().wait()
        return reply

    async def work() -> None:
        async with serving(answer) as url, transport_to(url) as transport:
            streams = [await transport.stream(Request("GET", "/watch")) for _ in range(150)]
            assert (await transport.request(Request("GET", "/list"))).body == b"x"
            for stream in streams:
                await stream.body.aclose()

    run(work())


def test_the_version_in_the_user_agent_is_the_packages() -> None:
    import tomllib
    from pathlib import Path

    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert user_agent("mine/1.0").startswith(f"mine/1.0 fairlead/{project['version']} (python/3.")
