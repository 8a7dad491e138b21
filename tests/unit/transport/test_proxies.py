from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import KubeConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.proxies import Proxy, proxy_for
from tests.support.proxies import http_proxy, listening, socks_proxy
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import read, run, serving, transport_to


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.path} {request.headers.get('Authorization')}")


def test_requests_and_watches_go_through_the_kubeconfigs_proxy_with_its_password_and_tls_to_the_end(
    tmp_path: Path,
) -> None:
    authority = Authority()
    seen: list[str] = []
    wanted = "Basic " + base64.b64encode(b"jane:p@ss").decode()

    async def work() -> None:
        async with http_proxy(seen, wanted=wanted) as through, serving(_ok, authority.server_context(tmp_path)) as url:
            given = {"ca_data": authority.pem, "token": "s3cret", "proxy_url": f"http://jane:p%40ss@{through}"}
            async with transport_to(url, **given) as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a Bearer s3cret"
                assert await read(transport, "/b") == b"/b Bearer s3cret"
            assert [head.split(" ")[:2] for head in seen] == [["CONNECT", url.removeprefix("https://")]]
            assert all("s3cret" not in head for head in seen), "the proxy sees no credentials of the cluster"

    run(work())


def test_a_proxy_may_be_spoken_to_over_tls_and_the_server_over_tls_inside_that(tmp_path: Path) -> None:
    authority = Authority()
    seen: list[str] = []
    wanted = "Basic " + base64.b64encode(b"jane:p").decode()

    async def large(request: web.Request) -> web.Response:
        return web.Response(body=await request.read() * 5 + b"!")

    async def work() -> None:
        tls = authority.server_context(tmp_path)
        async with http_proxy(seen, wanted=wanted, tls=tls) as through, serving(large, tls) as url:
            given = {"ca_data": authority.pem, "token": "s3cret", "proxy_url": f"https://jane:p@{through}"}
            async with transport_to(url, **given) as transport:
                for size in (1, 100_000, 1_000_000):
                    body = bytes(range(256)) * (size // 256 + 1)
                    answer = await transport.request(Request("POST", "/a", body=body))
                    assert answer.body == body * 5 + b"!", size
                assert await read(transport, "/b") == b"!"
            assert {head.split(" ")[0] for head in seen} == {"CONNECT"}
            assert all("s3cret" not in head for head in seen), "the proxy sees no credentials of the cluster"

    run(work())


def test_a_plain_server_behind_a_tls_proxy_is_asked_for_by_its_whole_url(tmp_path: Path) -> None:
    authority = Authority()
    seen: list[str] = []

    async def work() -> None:
        async with http_proxy(seen, tls=authority.server_context(tmp_path)) as through, serving(_ok) as url:
            async with transport_to(url, proxy_url=f"https://{through}", ca_data=authority.pem) as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a None"
            assert seen[0].startswith(f"GET {url}/a HTTP/1.1\r\n")

    run(work())


def test_a_tls_proxy_is_verified_and_shown_no_client_certificate(tmp_path: Path) -> None:
    authority, other = Authority(), Authority("other")
    shown: list[object] = []

    async def work() -> None:
        tls = authority.server_context(tmp_path)
        tls.verify_mode = ssl.CERT_OPTIONAL
        tls.load_verify_locations(cadata=authority.pem.decode())
        certificate, key = authority.issue("jane")
        async with (
            http_proxy([], tls=tls, peers=shown) as through,
            serving(_ok, authority.server_context(tmp_path)) as url,
        ):
            given = {"proxy_url": f"https://{through}", "client_certificate_data": certificate, "client_key_data": key}
            async with transport_to(url, ca_data=authority.pem, **given) as transport:
                assert (await transport.request(Request("GET", "/a"))).status == 200
            assert shown == [None]
            async with transport_to(url, ca_data=other.pem, **given) as transport:
                with pytest.raises(TransportError, match=r"the proxy.s certificate cannot be verified"):
                    await transport.request(Request("GET", "/a"))
            # The same leniency for both ends, as with kubectl: whoever asks for it has given the name up.
            async with transport_to(url, insecure_skip_tls_verify=True, **given) as transport:
                assert (await transport.request(Request("GET", "/a"))).status == 200

    run(work())


def test_the_server_is_verified_inside_a_tls_proxy_too(tmp_path: Path) -> None:
    authority, other = Authority(), Authority("other")

    async def work() -> None:
        async with (
            http_proxy([], tls=authority.server_context(tmp_path)) as through,
            serving(_ok, other.server_context(tmp_path)) as url,
            transport_to(url, ca_data=authority.pem, proxy_url=f"https://{through}") as transport,
        ):
            with pytest.raises(TransportError, match="signed by an authority that is not trusted here"):
                await transport.request(Request("GET", "/a"))

    run(work())


def test_an_http_proxy_that_is_called_https_is_explained() -> None:
    async def puzzled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async def work() -> None:
        async with (
            listening(puzzled) as through,
            transport_to("https://192.0.2.1", proxy_url=f"https://u:s3cret@{through}") as transport,
        ):
            with pytest.raises(TransportError, match="is it an http:// one") as caught:
                await transport.request(Request("GET", "/a"))
        assert "s3cret" not in str(caught.value)

    run(work())


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("secure", [False, True])
def test_requests_and_watches_go_through_a_socks_proxy_which_resolves_the_name(
    tmp_path: Path, scheme: str, secure: bool
) -> None:
    authority = Authority()
    seen: list[tuple[str, int]] = []
    names = {"api.example.com": "127.0.0.1"}

    async def work() -> None:
        tls = authority.server_context(tmp_path, "api.example.com") if secure else None
        async with (
            socks_proxy(seen, user="jane", password="p@ss", names=names) as through,
            serving(_ok, tls) as there,
        ):
            url = there.replace("127.0.0.1", "api.example.com")
            given = {"token": "s3cret", "ca_data": authority.pem} if secure else {}
            said = b"Bearer s3cret" if secure else b"None"
            async with transport_to(url, **given, proxy_url=f"{scheme}://jane:p%40ss@{through}") as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a " + said
                assert await read(transport, "/b") == b"/b " + said
            port = int(there.rpartition(":")[2])
            assert set(seen) == {("api.example.com", port)}

    run(work())


def test_a_socks_proxy_without_password_and_addresses_as_they_are(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    async def work() -> None:
        async with socks_proxy(seen) as through, serving(_ok) as url:
            async with transport_to(url, proxy_url=f"socks5://{through}") as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a None"
            assert seen == [("127.0.0.1", int(url.rpartition(":")[2]))]

    run(work())


@pytest.mark.parametrize(
    ("proxy", "given", "said"),
    [
        ({"reply": 5}, "", "the proxy did not make the connection: connection refused"),
        ({"reply": 2}, "", "the proxy did not make the connection: its rules do not allow it"),
        ({"reply": 77}, "", "the proxy did not make the connection: reply 77"),
        ({"user": "jane", "password": "right"}, "jane:s3cret@", "it does not take this user and password"),
        ({"user": "jane", "password": "right"}, "", "it wants a user and a password"),
        ({"user": "jane", "password": "right"}, f"{'s3cret' * 50}:x@", "at most 255 bytes"),
    ],
)
def test_a_socks_proxy_that_refuses_is_explained(proxy: dict[str, Any], given: str, said: str) -> None:
    async def work() -> None:
        async with (
            socks_proxy([], **proxy) as through,
            transport_to("https://[2001:db8::1]:6443", proxy_url=f"socks5://{given}{through}") as transport,
        ):
            with pytest.raises(TransportError, match=said) as caught:
                await transport.request(Request("GET", "/a"))
        assert "s3cret" not in str(caught.value) + repr(caught.value.__cause__)

    run(work())


def test_what_is_no_socks_proxy_or_hangs_is_explained() -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def work() -> None:
        async with listening(other) as through, transport_to("https://a", proxy_url=f"socks5://{through}") as transport:
            with pytest.raises(TransportError, match="what answers is no SOCKS 5 proxy"):
                await transport.request(Request("GET", "/a"))
        async with listening(silent) as through:
            for scheme in ("socks5", "https"):
                config = KubeConfig(server="https://a", proxy_url=f"{scheme}://{through}")
                transport = HttpTransport(config, connect_timeout=0.1)
                with pytest.raises(TransportError, match=r"no connection within 0\.1 s"):
                    await transport.request(Request("GET", "/a"))
                await transport.close()

    run(work())


def test_an_https_and_a_socks_proxy_of_the_environment_follow_the_same_rules() -> None:
    config = KubeConfig(server="https://api.example.com")
    for given, found in (
        ("socks5://p", "socks5://p:1080"), ("socks5h://p:1", "socks5h://p:1"), ("https://p", "https://p:443"),
        ("https://[::1]:8", "https://[::1]:8"),
    ):  # fmt: skip
        chosen = proxy_for(config, "", {"HTTPS_PROXY": given})
        assert chosen is not None
        assert chosen.url == found
        assert proxy_for(config, "", {"HTTPS_PROXY": given, "NO_PROXY": "example.com"}) is None


def test_a_plain_server_is_asked_for_by_its_whole_url(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def work() -> None:
        async with http_proxy(seen) as through, serving(_ok) as url:
            async with transport_to(url, proxy_url=through) as transport:
                assert (await transport.request(Request("GET", "/a"))).body == b"/a None"
            assert seen[0].startswith(f"GET {url}/a HTTP/1.1\r\n")

    run(work())


def test_a_proxy_that_refuses_or_is_not_there_is_named_without_its_password() -> None:
    async def work() -> None:
        async with http_proxy([], wanted="Basic x") as through:
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
    assert found == Proxy("http://own:1", ("u", "s3cret"))
    assert "s3cret" not in repr(found)
    assert proxy_for(KubeConfig(server="https://10.0.0.1"), "", {}) is None


@pytest.mark.parametrize("url", ["socks4://u:s3cret@p:1", "quic://u:s3cret@p", "http://", "http://u:s3cret@p:x"])
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
