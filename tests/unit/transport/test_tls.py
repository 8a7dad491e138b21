from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import KubeConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.tls import ProxyTrust, client_context
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import run, serving, transport_to


async def whoami(request: web.Request) -> web.Response:
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    names = dict(pair for part in (certificate or {}).get("subject", ()) for pair in part)
    return web.Response(text=names.get("commonName", "nobody"))


def test_a_server_is_verified_against_the_ca_given_as_data_or_as_a_file(tmp_path: Path) -> None:
    ca = Authority()
    file = tmp_path / "ca.crt"
    file.write_bytes(ca.pem)

    async def work() -> None:
        async with serving(whoami, ca.server_context(tmp_path)) as url:
            for given in ({"ca_data": ca.pem}, {"ca_file": file}, {"insecure_skip_tls_verify": True}):
                async with transport_to(url, **given) as transport:
                    assert (await transport.request(Request("GET", "/"))).body == b"nobody"
                    body = (await transport.stream(Request("GET", "/"))).body
                    assert b"".join([chunk async for chunk in body]) == b"nobody"

    run(work())


def test_tls_server_name_is_what_is_asked_for_and_verified(tmp_path: Path) -> None:
    ca = Authority()

    async def work() -> None:
        async with (
            serving(whoami, ca.server_context(tmp_path, "kubernetes.default")) as url,
            transport_to(url, ca_data=ca.pem, tls_server_name="kubernetes.default") as transport,
        ):
            assert (await transport.request(Request("GET", "/"))).status == 200

    run(work())


def test_https_in_capitals_is_https(tmp_path: Path) -> None:
    """It was taken for http: what follows, a token too, went out in clear."""
    ca = Authority()

    async def work() -> None:
        async with (
            serving(whoami, ca.server_context(tmp_path)) as url,
            transport_to(url.replace("https", "HTTPS"), ca_data=ca.pem, token="t") as transport,
        ):
            assert (await transport.request(Request("GET", "/"))).status == 200

    run(work())


def test_the_dot_that_ends_a_full_name_is_in_no_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca, asked = Authority(), list[str]()

    async def work() -> None:
        async with serving(whoami, ca.server_context(tmp_path, "api.example")) as url:
            port = int(url.rpartition(":")[2])

            async def resolved(_: object, host: str, port: int) -> list[Any]:
                asked.append(host)
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

            monkeypatch.setattr("fairlead.transport.lookups.Lookups.addresses", resolved)
            async with transport_to(f"https://api.example.:{port}", ca_data=ca.pem) as transport:
                assert (await transport.request(Request("GET", "/"))).status == 200

    run(work())
    assert asked == ["api.example."], "without it the resolver tries its search domains first"


@pytest.mark.parametrize(
    ("server", "given", "said"),
    [
        ({"expired": True}, {}, "the server's certificate has expired; renew it on the server, or check this machine's clock"),
        ({"name": "other.example"}, {}, "the server's certificate is not for '127.0.0.1' "),
        ({}, {"tls_server_name": "api.example"}, "the server's certificate is not for 'api.example' "),
        ({}, {"ca_data": Authority("other CA").pem}, "authority that is not trusted here"),
        ({}, {"ca_data": None}, "(the system's CAs now)"),
    ],
)  # fmt: skip
def test_a_certificate_that_does_not_verify_is_said_in_one_sentence(
    tmp_path: Path, server: dict[str, object], given: dict[str, object], said: str
) -> None:
    ca = Authority()

    async def work() -> None:
        async with (
            serving(whoami, ca.server_context(tmp_path, **server)) as url,  # type: ignore[arg-type]
            transport_to(url, **{"ca_data": ca.pem, **given}) as transport,
        ):
            for call in (transport.request, transport.stream):
                with pytest.raises(TransportError) as caught:
                    await call(Request("GET", "/api"))
                assert str(caught.value).startswith(f"GET {url}/api: the server's certificate ")
                assert said in str(caught.value)
                assert str(caught.value).endswith("(test config)")

    run(work())


def test_a_server_that_speaks_nothing_newer_than_tls_1_1_is_refused_though_it_is_not_verified(tmp_path: Path) -> None:
    ca = Authority()
    old = ca.server_context(tmp_path)
    # Deprecated, which is why nobody may offer it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")

    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        reached, _ = listener.accept()
        with reached, contextlib.suppress(ssl.SSLError):
            old.wrap_socket(reached, server_side=True).close()

    async def work() -> None:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        for given in ({"ca_data": ca.pem}, {"insecure_skip_tls_verify": True}):
            greeting = asyncio.get_running_loop().run_in_executor(None, greet)
            async with transport_to(url, **given) as transport:
                with pytest.raises(TransportError, match=r"does the server take TLS 1\.2 or newer"):
                    await transport.request(Request("GET", "/api"))
            await greeting
            config = KubeConfig(server=url, **given)  # type: ignore[arg-type]
            assert (
                client_context(config).minimum_version is ProxyTrust(config)().minimum_version is ssl.TLSVersion.TLSv1_2
            )

    with listener:
        run(work())


def test_https_to_a_server_that_speaks_http_says_that_the_scheme_may_be_wrong() -> None:
    async def work() -> None:
        async with serving(whoami) as url, transport_to(url.replace("http:", "https:")) as transport:
            with pytest.raises(TransportError, match="does not speak TLS on this port"):
                await transport.request(Request("GET", "/api"))

    run(work())


def test_client_certificates_from_data_leave_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = Authority()
    certificate, key = ca.issue("jane")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    async def work() -> None:
        async with serving(whoami, ca.server_context(tmp_path)) as url:
            given = {"ca_data": ca.pem, "client_certificate_data": certificate, "client_key_data": key}
            async with transport_to(url, **given) as transport:
                assert (await transport.request(Request("GET", "/"))).body == b"jane"
                assert list(scratch.iterdir()) == []

    run(work())


def test_client_certificate_files_are_read_again_when_they_change_and_a_half_replaced_pair_does_no_harm(
    tmp_path: Path,
) -> None:
    ca = Authority()
    paths = tmp_path / "tls.crt", tmp_path / "tls.key"

    def put(*parts: bytes) -> None:
        for path, content in zip(paths, parts, strict=False):
            path.write_bytes(content)
            changes.append(None)
            os.utime(path, ns=(len(changes), len(changes)))  # else two writes may share a time

    async def work() -> None:
        async with serving(whoami, ca.server_context(tmp_path)) as url:
            given = {"ca_data": ca.pem, "client_certificate_file": paths[0], "client_key_file": paths[1]}
            put(*ca.issue("jane"))
            async with transport_to(url, **given) as transport:
                assert (await transport.request(Request("GET", "/"))).body == b"jane"
                certificate, key = ca.issue("joan")
                put(certificate)
                assert (await transport.request(Request("GET", "/"))).body == b"jane"
                put(certificate, key)
                assert (await transport.request(Request("GET", "/"))).body == b"joan"
                for path in paths:
                    path.unlink()
                assert (await transport.request(Request("GET", "/"))).body == b"joan"

    changes: list[None] = []
    run(work())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ca_data": b"no pem"}, "certificate-authority: certificate-authority-data: holds no PEM certificate"),
        ({"ca_data": b"\xff"}, "certificate-authority: certificate-authority-data: holds no PEM certificate"),
        ({"ca_file": Path("/no/such/ca")}, "certificate-authority: /no/such/ca: No such file or directory"),
        ({"client_certificate_data": b"x", "client_key_data": b"y"}, "client-certificate-data: the client certificate cannot be used: it is not a PEM"),
        ({"client_certificate_file": Path("/no/crt"), "client_key_file": Path("/no/key")}, "client certificate: cannot read /no/crt: No such file or directory"),
    ],
)  # fmt: skip
def test_unusable_certificates_are_config_errors_that_name_them(given: dict[str, object], said: str) -> None:
    async def work() -> None:
        async with transport_to("https://127.0.0.1:1", **given) as transport:
            with pytest.raises(ConfigError) as caught:
                await transport.request(Request("GET", "/"))
            assert str(caught.value).startswith("test config: ")
            assert said in str(caught.value)

    run(work())


def test_where_no_file_can_be_written_the_last_certificate_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full, or that may not be written to: it was no ConfigError, and every reflector began anew for ever."""
    ca = Authority()
    files = tmp_path / "tls.crt", tmp_path / "tls.key"

    def issue(name: str) -> None:
        for file, data in zip(files, ca.issue(name), strict=True):
            file.write_bytes(data)

    async def work() -> None:
        async with serving(whoami, ca.server_context(tmp_path)) as url:
            issue("jane")
            given = {"ca_data": ca.pem, "client_certificate_file": files[0], "client_key_file": files[1]}
            async with transport_to(url, **given) as transport:
                assert (await transport.request(Request("GET", "/"))).body == b"jane"
                monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
                issue("joan, whose name is longer")
                assert (await transport.request(Request("GET", "/"))).body == b"jane"
            async with transport_to(url, **given) as transport:
                with pytest.raises(
                    ConfigError, match=r"written to a file for a moment \(No such file or directory\); is there room"
                ):
                    await transport.request(Request("GET", "/"))

    run(work())


def test_a_key_of_another_certificate_is_a_config_error() -> None:
    ca = Authority()

    async def work() -> None:
        config = KubeConfig(
            server="https://127.0.0.1:1",
            client_certificate_data=ca.issue("a")[0],
            client_key_data=ca.issue("b")[1],
        )
        transport = HttpTransport(config)
        with pytest.raises(ConfigError, match="the key does not belong to the certificate"):
            await transport.request(Request("GET", "/"))
        await transport.close()

    run(work())


def test_a_ca_file_that_is_replaced_is_read_again_and_one_that_is_half_written_does_no_harm(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    file = tmp_path / "ca.crt"
    file.write_bytes(old.pem)

    async def work() -> None:
        async with serving(whoami, old.server_context(tmp_path)) as url, transport_to(url, ca_file=file) as transport:
            assert (await transport.request(Request("GET", "/"))).status == 200
            file.write_bytes(b"-----BEGIN CERT")
            assert (await transport.request(Request("GET", "/"))).status == 200
            file.write_bytes(new.pem)
            with pytest.raises(TransportError, match="an authority that is not trusted here"):
                await transport.request(Request("GET", "/"))
            file.write_bytes(old.pem + new.pem)
            assert (await transport.request(Request("GET", "/"))).status == 200

    run(work())
