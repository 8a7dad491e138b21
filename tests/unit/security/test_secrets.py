"""Secrets are planted wherever a client meets them; then everything it says is searched for them."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import stat
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from fairlead import Client, FairleadError, KubeConfig, ObjectMeta, metrics, tracing
from fairlead.models.core.v1 import Secret
from fairlead.transport.config import ExecConfig, OidcConfig
from fairlead.transport.http import HttpTransport
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import serving

TOKEN, PASSWORD, PLUGIN, PROXY = "planted-token", "planted-password", "planted-plugin-env", "planted-proxy"
CLIENT, ID, REFRESH, ROTATED = "planted-client-secret", "planted.id.token", "planted-refresh", "planted-rotated"
PLUGIN_TOKEN, PLUGIN_KEY = "planted-plugin-token", "planted-plugin-key"
DATA, STRING = base64.b64encode(b"planted-data").decode(), "planted-string-data"
PLANTED = (TOKEN, PASSWORD, PLUGIN, PROXY, CLIENT, ID, REFRESH, ROTATED, PLUGIN_TOKEN, PLUGIN_KEY, DATA, STRING)
#: As they go over the wire.
ENCODED = tuple(base64.b64encode(f"{pair}:{secret}".encode()).decode() for pair in ("jane", "me") for secret in PLANTED)


class Said:
    """All that was said."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def __call__(self, *things: object) -> None:
        for thing in things:
            self.parts += [repr(thing), str(thing)]
            if isinstance(thing, BaseException):
                self.parts += traceback.format_exception(thing)
                self(*thing.args)

    def search(self) -> None:
        text = "\n".join(self.parts)
        assert len(text) > 2000, "something was said"
        for secret in (*PLANTED, *ENCODED):
            at = text.find(secret)
            assert at < 0, f"{secret} in: {text[max(0, at - 200) : at + 100]}"


def secret(name: str) -> Secret:
    return Secret(metadata=ObjectMeta(name=name, namespace="default"), data={"a": DATA}, string_data={"b": STRING})


def configs(url: str, directory: Path) -> list[KubeConfig]:
    authority = Authority()
    certificate, key = authority.issue("jane")
    plugin = directory / "plugin"
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": PLUGIN_TOKEN},
    }
    plugin.write_text(f"#!{sys.executable}\nprint('''{json.dumps(answer)}''')\n")
    broken = directory / "broken"
    broken.write_text(f"#!{sys.executable}\nimport sys\nprint('''{PLUGIN_KEY}''')\nsys.exit('no credentials today')\n")
    for program in (plugin, broken):
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    token_file = directory / "token"
    token_file.write_text(TOKEN)
    environment = (("TOKEN", PLUGIN),)
    return [
        KubeConfig(server=url, token=TOKEN),
        KubeConfig(server=url, token_file=token_file),
        KubeConfig(server=url, username="jane", password=PASSWORD),
        KubeConfig(server=url, exec=ExecConfig(command=str(plugin), env=environment, interactive_mode="Never")),
        KubeConfig(server=url, exec=ExecConfig(command=str(broken), env=environment, interactive_mode="Never")),
        KubeConfig(server=url, oidc=OidcConfig(issuer=f"{url}/idp", client_id="me", client_secret=CLIENT, id_token=ID, refresh_token=REFRESH)),
        KubeConfig(server=url, token=TOKEN, proxy_url=f"http://jane:{PROXY}@127.0.0.1:9"),
        KubeConfig(server=url, token=TOKEN, proxy_url=f"https://jane:{PROXY}@{url.removeprefix('http://')}"),
        KubeConfig(server=url, token=TOKEN, proxy_url=f"socks5://jane:{PROXY}@{url.removeprefix('http://')}"),
        KubeConfig(server="https://127.0.0.1:9", token=TOKEN, client_certificate_data=certificate, client_key_data=key),
        KubeConfig(server=url.replace("http:", "https:"), token=TOKEN, insecure_skip_tls_verify=True),
    ]  # fmt: skip


async def answer(request: web.Request) -> web.StreamResponse:
    """A server in all its moods: what it answers depends on the name asked for."""
    if request.path == "/idp/.well-known/openid-configuration":
        return web.json_response({"token_endpoint": f"http://{request.host}/idp/token"})
    if request.path == "/idp/token":
        return web.json_response({"error": "invalid_grant", "refresh_token": ROTATED}, status=400)
    if request.path.endswith("/secrets"):
        return web.json_response({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"}, status=403)
    name = request.path.rpartition("/")[2]
    if name.isdigit():
        document = {"kind": "Status", "code": int(name), "message": f"as asked, {name}"}
        return web.json_response(document, status=int(name), headers={"Warning": '299 - "take care"'})
    if name == "moved":
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})
    return web.Response(text="<html>not what was asked for</html>")


async def use(config: KubeConfig, said: Said, names: tuple[str, ...]) -> None:
    """Do with a client what users do, and note everything that comes back."""
    said(config, config.oidc, config.exec, config.origin)
    transport = HttpTransport(config, connect_timeout=1.0, request_timeout=1.0)
    async with Client(transport=transport) as client:
        registry = CollectorRegistry()
        metrics.register(client, registry)
        exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracing.instrument(client, provider)
        secrets = client.direct(Secret)
        for name in names:
            try:
                async with asyncio.timeout(2.0):
                    await secrets.get(name, "default")
            except (FairleadError, TimeoutError) as error:
                said(error, error.__cause__)
        for call in (secrets.create(secret("a")), secrets.update(secret("b")), secrets.apply(secret("c"))):
            try:
                await call
            except FairleadError as error:
                said(error)
        view = client.cached(Secret)
        try:
            await client.run_and_wait(timeout=0.5)
        except FairleadError as error:
            said(error)
        said(client, view, transport, client.statistics(), client.ready(), client.healthy(), secret("d"))
        said(generate_latest(registry).decode(), vars(client).keys())
        said(*(span.to_json() for span in exporter.get_finished_spans()))


@pytest.mark.timeout(120)
def test_nothing_that_a_client_says_has_a_secret_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], run_async: Any
) -> None:
    said = Said()

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = 60.0
        async with serving(answer) as url:
            every: tuple[str, ...] = ("401", "403", "404", "409", "500", "moved", "text")
            for config in configs(url, tmp_path):
                await use(config, said, every)
                every = ("401",)

    with caplog.at_level(logging.DEBUG):
        run_async(work(), limit=110)
    said(*(record.getMessage() for record in caplog.records), *(repr(vars(record)) for record in caplog.records))
    said(caplog.text, *capfd.readouterr())
    said.search()
    assert "no credentials today" in "\n".join(said.parts), "what a plugin says on standard error is shown"


def test_an_object_that_is_a_secret_shows_its_keys_alone() -> None:
    shown = repr(secret("a"))
    assert "'a'" in shown
    assert DATA not in shown
    assert STRING not in shown
