from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiohttp import web

from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import ExecConfig, KubeConfig, OidcConfig
from fairlead.transport.credentials import Credentials, Grant
from fairlead.transport.http import HttpTransport
from fairlead.transport.obtained import Credential, Obtained
from tests.unit.transport.servers import run, serving, transport_to


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def config(**fields: object) -> KubeConfig:
    return KubeConfig(server="https://a", source="test", **fields)  # type: ignore[arg-type]


def authorization(grant: Grant | None) -> str:
    assert grant is not None
    return dict(grant.headers)["Authorization"]


def test_a_static_token_or_password_is_sent_and_there_is_nothing_to_renew() -> None:
    async def work() -> None:
        for given, sent in (
            ({"token": "t"}, "Bearer t"),
            ({"username": "jane", "password": "ü:x"}, "Basic " + base64.b64encode("jane:ü:x".encode()).decode()),
        ):
            credentials = Credentials(config(**given))
            grant = await credentials.grant()
            assert authorization(grant) == sent
            assert await credentials.grant() is grant
            assert await credentials.renew(grant) is None
        assert (await Credentials(config()).grant()).headers == ()

    run(work())


def test_a_token_file_is_read_again_after_a_minute_or_when_it_was_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    clock = Clock()

    async def work() -> None:
        file.write_text("one\n")
        credentials = Credentials(config(token_file=file), clock=clock)
        first = await credentials.grant()
        assert authorization(first) == "Bearer one"
        file.write_text("two")
        clock.time += 59
        assert await credentials.grant() is first
        clock.time += 1
        assert authorization(await credentials.grant()) == "Bearer two"
        file.write_text("three")
        assert authorization(await credentials.renew(first)) == "Bearer three"

    run(work())


def test_a_token_file_that_is_being_replaced_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "token"

    async def work() -> None:
        file.write_text("one")
        credentials = Credentials(config(token_file=file))
        grant = await credentials.grant()
        file.write_text("")
        assert authorization(await credentials.renew(grant)) == "Bearer one"
        file.unlink()
        assert authorization(await credentials.renew(grant)) == "Bearer one"

    run(work())


def test_a_token_file_that_never_was_readable_is_a_config_error(tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "empty").write_text("")
        for name, said in (("none", "No such file"), ("empty", "it is empty")):
            with pytest.raises(ConfigError, match=f"test: tokenFile: cannot use .*/{name}: {said}"):
                await Credentials(config(token_file=tmp_path / name)).grant()

    run(work())


def test_a_401_is_tried_once_more_with_a_fresh_token_whatever_the_verb(tmp_path: Path) -> None:
    file = tmp_path / "token"
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.headers['Authorization']} {(await request.read()).decode()}")
        good = request.headers["Authorization"] == "Bearer new"
        return web.Response(status=200 if good else 401, body=b"yes" if good else b"no")

    async def work() -> None:
        async with serving(answer) as url:
            for streaming in (False, True):
                seen.clear()
                file.write_text("old")
                async with transport_to(url, token_file=file) as transport:
                    refused = await transport.request(Request("GET", "/"))
                    assert (refused.status, refused.body) == (401, b"no")
                    assert len(seen) == 2  # once, and once more: never a loop
                    file.write_text("new")
                    request = Request("POST", "/", body=b"{}")
                    if streaming:
                        reply = await transport.stream(request)
                        assert reply.status == 200
                        assert [chunk async for chunk in reply.body] == [b"yes"]
                    else:
                        assert (await transport.request(request)).body == b"yes"
                    assert seen[2:] == ["POST Bearer old {}", "POST Bearer new {}"]

    run(work())


def whoami(answer: bytes) -> Any:
    user = json.loads(answer)["status"]["userInfo"]
    return user["username"], user.get("uid"), sorted(user.get("groups", [])), user.get("extra")


def test_whom_a_kubeconfig_acts_as_is_whom_the_server_sees() -> None:
    user = {
        "token": "t0ken", "as": "jane", "as-uid": "u-7", "as-groups": ["devs", "system:masters"],
        "as-user-extra": {"example.com/Reason": ["on call", "really"], "scopes": ["a"]},
    }  # fmt: skip

    async def work() -> None:
        async with HttpFront(ApiServer(tokens={"t0ken": "admin"}), token="t0ken") as front:
            document = {
                "clusters": [{"name": "c", "cluster": {"server": front.url}}],
                "users": [{"name": "u", "user": user}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
            transport = HttpTransport(KubeConfig.from_dict(document))
            review = b'{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}'
            headers = {"content-type": "application/json"}
            path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            answer = await transport.request(Request("POST", path, headers=headers, body=review))
            await transport.close()
        assert whoami(answer.body) == (
            "jane", "u-7", ["devs", "system:authenticated", "system:masters"],
            {"example.com/reason": ["on call", "really"], "scopes": ["a"]},
        )  # fmt: skip

    run(work())


@pytest.mark.parametrize(
    "given",
    [
        {"token": "t0ken"},
        {"token_file": Path("token")},
        {"username": "jane", "password": "t0ken"},
        {"exec": ExecConfig(command="plugin")},
        {"oidc": OidcConfig(issuer="https://idp.example", client_id="me")},
    ],
    ids=lambda given: next(iter(given)),
)
@pytest.mark.parametrize(
    "there", ["http://10.0.0.1:8080", "http://api.example", "http://localhost.example", "http://[fe80::1]"]
)
def test_no_credentials_are_sent_in_clear_to_another_machine(there: str, given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"is not https, and credentials are not sent in clear") as caught:
        HttpTransport(KubeConfig(server=there, **given))
    assert "t0ken" not in str(caught.value)
    HttpTransport(KubeConfig(server=there))
    for here in ("http://localhost:1", "http://127.0.0.9", "http://[::1]:1", there.replace("http:", "https:")):
        HttpTransport(KubeConfig(server=here, **given))


def test_a_401_for_a_static_token_is_an_answer_at_once() -> None:
    seen: list[None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(None)
        return web.Response(status=401, body=b"no")

    async def work() -> None:
        async with serving(answer) as url, transport_to(url, token="t") as transport:
            assert (await transport.request(Request("GET", "/"))).status == 401
            reply = await transport.stream(Request("GET", "/"))
            assert (reply.status, [chunk async for chunk in reply.body]) == (401, [b"no"])
        assert len(seen) == 2

    run(work())


def test_secrets_are_in_no_repr() -> None:
    made = config(
        token="s3cret-token",
        client_certificate_data=b"cert",
        client_key_data=b"s3cret-key",
        proxy_url="http://u:s3cret@p",
    )
    shown = repr((made, HttpTransport(config(token="s3cret-token")), Grant((("Authorization", "s3cret"),))))
    assert "s3cret" not in shown
    assert "token='<redacted>'" in repr(made)
    assert "client_certificate_data=<4 bytes>" in repr(made)
    assert "s3cret" not in repr(config(username="jane", password="s3cret"))


@pytest.mark.parametrize("first", ["caller", "credentials"])
def test_a_caller_that_is_cancelled_together_with_what_it_waits_for_is_cancelled(first: str) -> None:
    """As at the end of asyncio.run: a reflector that took it for a failure would try again, and the program never end."""

    async def work() -> None:
        obtained = Obtained("test", asyncio.Event().wait, (), None, Clock())  # type: ignore[arg-type]
        caller = asyncio.create_task(obtained.grant())
        for _ in range(2):  # each of the two waits then
            await asyncio.sleep(0)
        assert obtained._running is not None
        for task in (caller, obtained._running)[:: 1 if first == "caller" else -1]:
            task.cancel()
        await asyncio.wait([caller, obtained._running])
        assert caller.cancelled()

    run(work())


def test_nothing_is_obtained_any_more_after_closing() -> None:
    obtain = AsyncMock(return_value=Credential("one"))

    async def work() -> None:
        obtained = Obtained("test", obtain, (), None, Clock())
        grant = await obtained.grant()
        await obtained.close()
        with pytest.raises(TransportError, match="the transport was closed"):
            await obtained.renew(grant)

    run(work())
    assert obtain.await_count == 1


def test_a_credential_that_cannot_be_replaced_yet_is_used_to_its_end() -> None:
    now = Clock()
    obtain = AsyncMock(
        side_effect=[Credential("one", expires=2000.0), ConfigError("no"), TransportError("no"), ConfigError("no")]
    )

    async def work() -> None:
        obtained = Obtained("test", obtain, (), None, now)
        grant = await obtained.grant()
        for now.time in (1970.0, 1999.0):
            assert await obtained.grant() is grant
        assert obtain.await_count == 3
        now.time = 2000.0
        with pytest.raises(ConfigError):
            await obtained.grant()

    run(work())
