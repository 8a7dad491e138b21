from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import KubeConfig, OidcConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.oidc import OidcFailed
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import run, serving


def token(expires: float, name: str = "jane") -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'sub': name, 'exp': expires})}.c2ln"


class Provider:
    """An identity provider that gives a new id token and a new refresh token for each refresh token."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, str]] = []
        self.headers: list[str] = []
        self.lasts = 3600.0
        self.refresh = "r0"
        self.discovery: dict[str, Any] = {}
        self.answer: dict[str, Any] | None = None

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path == "/idp/.well-known/openid-configuration":
            return web.json_response({"token_endpoint": f"{self.url}/idp/token"} | self.discovery)
        assert (request.method, request.path) == ("POST", "/idp/token")
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        self.headers.append(request.headers.get("Authorization", ""))
        if self.answer is not None:
            return web.json_response(self.answer)
        if form["refresh_token"] != self.refresh:
            return web.json_response({"error": "invalid_grant", "error_description": "used up"}, status=400)
        self.refresh = f"r{len(self.asked)}"
        given = token(time.time() + self.lasts, f"jane {len(self.asked)}")
        return web.json_response({"id_token": given, "refresh_token": self.refresh, "access_token": "other"})

    @asynccontextmanager
    async def serving(self, tls: Any = None) -> AsyncIterator[str]:
        async with serving(self, tls) as url:
            self.url = url
            yield f"{url}/idp"


class Cluster:
    """Takes tokens until they are revoked."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.seen: list[str] = []

    async def __call__(self, request: web.Request) -> web.Response:
        given = request.headers["Authorization"].removeprefix("Bearer ")
        self.seen.append(given)
        return web.Response(status=401 if given in self.revoked else 200)


@asynccontextmanager
async def signed_in(cluster: Cluster, issuer: str, **fields: Any) -> AsyncIterator[HttpTransport]:
    given = {"client_id": "me", "refresh_token": "r0", **fields}
    async with serving(cluster) as url:
        transport = HttpTransport(KubeConfig(server=url, oidc=OidcConfig(issuer=issuer, **given), source="test"))
        try:
            yield transport
        finally:
            await transport.close()


async def get(transport: HttpTransport) -> int:
    return (await transport.request(Request("GET", "/"))).status


def test_a_token_that_is_good_is_sent_without_asking_the_provider() -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        own = token(time.time() + 600)
        async with provider.serving() as issuer, signed_in(cluster, issuer, id_token=own) as transport:
            assert await get(transport) == await get(transport) == 200
        assert cluster.seen == [own, own]
        assert provider.asked == []

    run(work())


@pytest.mark.parametrize("own", ["", "no.jwt", token(1.0), "a.b.c"])
def test_an_expired_or_missing_token_is_refreshed_once_for_all_who_wait(own: str) -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving() as issuer, signed_in(cluster, issuer, id_token=own) as transport:
            assert await asyncio.gather(*(get(transport) for _ in range(20))) == 20 * [200]
            assert provider.asked == [{"grant_type": "refresh_token", "refresh_token": "r0", "client_id": "me"}]
        assert len(set(cluster.seen)) == 1
        assert cluster.seen[0] != own

    run(work())


def test_a_refused_token_is_refreshed_with_the_refresh_token_that_replaced_the_first() -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving() as issuer, signed_in(cluster, issuer) as transport:
            assert await get(transport) == 200
            cluster.revoked.add(cluster.seen[-1])
            assert await get(transport) == 200
            provider.lasts = 0.0  # and one that expires at once is not kept
            cluster.revoked.add(cluster.seen[-1])
            assert await get(transport) == 200
            assert await get(transport) == 200
        assert [form["refresh_token"] for form in provider.asked] == ["r0", "r1", "r2", "r3"]

    run(work())


def test_the_clients_secret_is_sent_as_the_provider_wants_it() -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving() as issuer, signed_in(cluster, issuer, client_secret="s:ü") as transport:
            assert await get(transport) == 200
        assert provider.headers == ["Basic " + base64.b64encode(b"me:s%3A%C3%BC").decode()]
        provider = Provider()
        provider.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        async with provider.serving() as issuer, signed_in(cluster, issuer, client_secret="s:ü") as transport:
            assert await get(transport) == 200
        assert (provider.asked[0]["client_secret"], provider.headers) == ("s:ü", [""])

    run(work())


def test_the_provider_is_verified_with_its_own_authority(tmp_path: Path) -> None:
    authority = Authority()

    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving(authority.server_context(tmp_path)) as issuer:
            async with signed_in(cluster, issuer, ca_data=authority.pem) as transport:
                assert await get(transport) == 200
            async with signed_in(cluster, issuer, ca_data=Authority("another").pem) as transport:
                with pytest.raises(
                    TransportError, match=r"auth-provider oidc .* is signed by an authority that is not trusted"
                ):
                    await get(transport)

    run(work())


def test_what_the_provider_refuses_is_said_without_secrets_and_can_be_tried_again() -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving() as issuer:
            async with signed_in(cluster, issuer, refresh_token="s3cret") as transport:
                with pytest.raises(OidcFailed, match="answered 400 invalid_grant used up; log in again") as caught:
                    await get(transport)
                assert "s3cret" not in str(caught.value) + repr(transport.__dict__)
                assert caught.value.retryable
                provider.refresh = "s3cret"
                assert await get(transport) == 200
            async with signed_in(cluster, issuer, refresh_token="") as transport:
                with pytest.raises(
                    OidcFailed, match="the id-token has expired, and there is no refresh-token; log in again"
                ):
                    await get(transport)
            provider.refresh, provider.answer = "r0", {"access_token": "x"}
            async with signed_in(cluster, issuer) as transport:
                with pytest.raises(OidcFailed, match="has no id_token; is the scope openid granted"):
                    await get(transport)
            provider.discovery = {"token_endpoint": "http://192.0.2.1/token"}
            async with signed_in(cluster, issuer) as transport:
                with pytest.raises(OidcFailed, match="is not https, and tokens are not sent in clear"):
                    await get(transport)
            provider.discovery = {"token_endpoint": None}
            async with signed_in(cluster, issuer) as transport:
                with pytest.raises(OidcFailed, match="names no token_endpoint"):
                    await get(transport)

    run(work())


def test_the_kubeconfigs_fields_are_read_and_its_file_is_never_written(tmp_path: Path) -> None:
    async def work() -> None:
        cluster, provider = Cluster(), Provider()
        async with provider.serving() as issuer, serving(cluster) as url:
            file = tmp_path / "config"
            given = {"idp-issuer-url": issuer, "client-id": "me", "refresh-token": "refr3sh", "id-token": token(1.0)}
            document = {
                "clusters": [{"name": "c", "cluster": {"server": url}}],
                "users": [{"name": "u", "user": {"auth-provider": {"name": "oidc", "config": given}}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
            file.write_text(json.dumps(document))
            before = (file.read_bytes(), file.stat().st_mtime_ns)
            config = KubeConfig.load(file, allow_exec=False)
            assert config.oidc is not None
            assert "refr3sh" not in repr(config)
            provider.refresh = "refr3sh"
            transport = HttpTransport(config)
            assert await get(transport) == 200
            await transport.close()
            assert (file.read_bytes(), file.stat().st_mtime_ns) == before
            assert os.listdir(tmp_path) == ["config"]  # noqa: PTH208  # on the loop, and quick

    run(work())


def test_a_token_or_password_of_the_kubeconfig_goes_first() -> None:
    async def work() -> None:
        cluster = Cluster()
        async with serving(cluster) as url:
            oidc = OidcConfig(issuer="https://192.0.2.1", client_id="me")
            transport = HttpTransport(KubeConfig(server=url, oidc=oidc, token="own"))
            assert await get(transport) == 200
            await transport.close()
        assert cluster.seen == ["own"]

    run(work())


def test_an_issuer_that_is_no_url_is_refused_at_once() -> None:
    for issuer in ("nowhere", "https://jane:planted@idp.example"):
        with pytest.raises(ConfigError, match="auth-provider oidc") as caught:
            HttpTransport(KubeConfig(server="https://a", oidc=OidcConfig(issuer=issuer, client_id="me")))
        assert "planted" not in str(caught.value)
