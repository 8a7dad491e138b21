from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport import HttpTransport, KubeConfig
from fairlead.transport.proxies import Proxy, proxy_for
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import read, run, serving, transport_to


@asynccontextmanager
async def proxy(seen: list[str], *, wanted: str = "") -> AsyncIterator[str]:
    """A proxy that knows CONNECT and plain requests in absolute form; gives its host and port."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        seen.append(head)
        if wanted and f"Proxy-Authorization: {wanted}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        parts = urlsplit(target if method != "CONNECT" else f"//{target}")
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            back.write(head.replace(target, parts.path, 1).encode())
        async with asyncio.TaskGroup() as both:
            both.create_task(copy(reader, back))
            both.create_task(copy(there, writer))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"{host}:{port}"
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.path} {request.headers.get('Authorization')}")


def test_requests_and_watches_go_through_the_kubeconfigs_proxy_with_its_password_and_tls_to_the_end(
    tmp_path: Path,
) -> None:
    authority = Authority()
    seen: list[str] = []
    wanted = "Basic " + base64.b64encode(b"jane:p@ss").decode()

    async def work() -> None:
        async with proxy(seen, wanted=wanted) as through, serving(_ok, authority.server_context(tmp_path)) as url:
            given = {"ca_data": authority.pem, "token": "s3cret", "proxy_url": f"http://jane:p%40ss@{through}"}
            async with transport_to(url, **given) as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a Bearer s3cret"
                assert await read(transport, "/b") == b"/b Bearer s3cret"
            assert [head.split(" ")[:2] for head in seen] == [["CONNECT", url.removeprefix("https://")]]
            assert all("s3cret" not in head for head in seen), "the proxy sees no credentials of the cluster"

    run(work())


def test_a_plain_server_is_asked_for_by_its_whole_url(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def work() -> None:
        async with proxy(seen) as through, serving(_ok) as url:
            async with transport_to(url, proxy_url=through) as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a None"
            assert seen[0].startswith(f"GET {url}/a HTTP/1.1\r\n")

    run(work())


def test_a_proxy_that_refuses_or_is_not_there_is_named_without_its_password() -> None:
    async def work() -> None:
        async with proxy([], wanted="Basic x") as through:
            given = f"http://jane:s3cret@{through}"
            async with transport_to("https://192.0.2.1", proxy_url=given) as transport:
                with pytest.raises(TransportError, match="the proxy refused the connection: 407 Who are you") as caught:
                    await transport.request(Request("GET", "/a"))
            assert "s3cret" not in str(caught.value) + repr(caught.value.__cause__)
        async with transport_to("https://192.0.2.1", proxy_url=f"http://jane:s3cret@{through}") as transport:
            with pytest.raises(
                TransportError, match=r"the proxy cannot be reached \(Connect call failed .*\); see proxy-url"
            ) as caught:
                await transport.request(Request("GET", "/a"))
        assert "s3cret" not in str(caught.value)

    run(work())


def test_the_environments_proxy_is_used_unless_no_proxy_or_loopback_says_otherwise() -> None:
    environment = {"HTTPS_PROXY": "http://u:p@secure:3128", "http_proxy": "plain"}

    def chosen(url: str, excepted: str = "", **more: str) -> str:
        found = proxy_for(KubeConfig(server=url), "", {**environment, "NO_PROXY": excepted, **more})
        return "" if found is None else found.url

    assert chosen("https://api.example.com") == "http://secure:3128"
    assert chosen("http://api.example.com") == "http://plain:80"
    assert chosen("http://api.example.com", REQUEST_METHOD="GET") == ""
    assert chosen("https://localhost:6443") == chosen("https://127.8.8.8") == chosen("https://[::1]:6443") == ""
    for excepted in (
        "*", "example.com", ".example.com", "*.example.com", "API.example.com", "x, api.example.com:443", "com",
    ):  # fmt: skip
        assert chosen("https://api.example.com", excepted) == "", excepted
    for excepted in (
        "other.com", "pi.example.com", "ample.com", "x.api.example.com", "api.example.com:6443", ".api.example.com", "10.0.0.0/8", "1/2/3", "",
    ):  # fmt: skip
        assert chosen("https://api.example.com", excepted), excepted
    for excepted in ("10.0.0.0/8", "10.1.2.3", "10.1.2.3:6443", "fe80::/10,10.1.2.0/24"):
        assert chosen("https://10.1.2.3:6443", excepted) == "", excepted
    assert chosen("https://10.1.2.3:6443", "10.1.2.4,11.0.0.0/8,10.1.2.3:1")
    assert chosen("https://[fd00::1]:6443", "fd00::/8") == chosen("https://[fd00::1]:6443", "[fd00::1]:6443") == ""


def test_the_kubeconfigs_proxy_goes_before_the_environment_and_knows_no_exceptions() -> None:
    config = KubeConfig(server="https://10.0.0.1", proxy_url="http://u:s3cret@own:1")
    found = proxy_for(config, "", {"HTTPS_PROXY": "http://other:2", "NO_PROXY": "*"})
    assert found == Proxy("http://own:1", "Basic " + base64.b64encode(b"u:s3cret").decode())
    assert "s3cret" not in repr(found)
    assert proxy_for(KubeConfig(server="https://10.0.0.1"), "", {}) is None


@pytest.mark.parametrize("url", ["socks5://u:s3cret@p:1", "https://u:s3cret@p", "http://", "http://u:s3cret@p:x"])
def test_other_proxies_are_refused_without_showing_their_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^test: proxy-url: ") as caught:
        HttpTransport(KubeConfig(server="https://a", proxy_url=url, source="test"))
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"^the environment's HTTPS_PROXY: "):
        proxy_for(KubeConfig(server="https://a"), "", {"https_proxy": url})


def test_credentials_are_not_sent_where_a_redirect_leads() -> None:
    elsewhere: list[str] = []

    async def other(request: web.Request) -> web.Response:
        elsewhere.append(request.path)
        return web.Response()

    async def work() -> None:
        async with serving(other) as trap:

            async def answer(_: web.Request) -> web.Response:
                return web.Response(status=307, headers={"Location": f"{trap}/stolen"})

            async with serving(answer) as url, transport_to(url, token="s3cret") as transport:
                assert (await transport.request(Request("GET", "/a"))).status == 307
                reply = await transport.stream(Request("GET", "/b"))
                await reply.body.aclose()
                assert reply.status == 307
        assert elsewhere == []

    run(work())
