"""The troubles, each by its letter in the table of docs/survival.md."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.survival.proxy import Answer, Lagging, Proxy, RequestHead
from tests.survival.servers import Cluster
from tests.survival.stage import Intercept, Scenario, Stage
from tests.survival.world import World
from tests.unit.transport.certificates import Authority

__all__ = ["SCENARIOS", "refuse_streaming_lists"]


def _status(code: int, reason: str, message: str, **details: Any) -> bytes:
    document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return json.dumps(document | {"reason": reason, "details": details, "code": code}).encode()


# Outages ---------------------------------------------------------------------------------------------------------


async def outage(stage: Stage) -> None:
    """25 seconds without a connection; meanwhile etcd is compacted and the API server restarted."""
    async with stage.outage():
        began = time.monotonic()
        await asyncio.sleep(5.0)
        await stage.cluster.compact()
        await stage.cluster.stop()
        await stage.cluster.start()
        await asyncio.sleep(max(0.0, 25.0 - (time.monotonic() - began)))


async def restarts(stage: Stage) -> None:
    for _ in range(5 if stage.long else 2):
        await stage.cluster.stop()
        await stage.cluster.start()
        await asyncio.sleep(2.0)


async def half_open(stage: Stage) -> None:
    for proxy in stage.proxies():
        proxy.freeze()
    await asyncio.sleep(3.0)


# What the server says ----------------------------------------------------------------------------------------------


async def expired(stage: Stage) -> None:
    """A server that is well is asked for what it has forgotten; then a 410 comes as a status, as no server has said it here.

    An API server without watch cache answers from etcd: what a client saw last is gone there once etcd is compacted. One with
    a watch cache that was never restarted remembers all of these few minutes.
    """
    try:
        await stage.cluster.start_second(stage.cluster.etcd_port, watch_cache="false")
        stage.lead_to(stage.cluster.second_port)
        await asyncio.sleep(3.0)
        for _ in range(2):
            for proxy in stage.proxies():
                proxy.outage()
            await asyncio.sleep(1.5)  # the writer goes on
            await stage.cluster.compact()
            for proxy in stage.proxies():
                proxy.restore()
            await asyncio.sleep(5.0)
        stage.lead_to()
        await asyncio.sleep(2.0)
    finally:
        await stage.cluster.stop_second()

    def as_status() -> Intercept:
        left = itertools.count(2, -1)
        answer = Answer(410, _status(410, "Expired", "too old resource version: 1 (253)"))
        return lambda head: answer if head.watch and "sendInitialEvents" not in head.target and next(left) > 0 else None

    stage.intercept(as_status)
    stage.abort()
    await asyncio.sleep(4.0)


async def _answering(stage: Stage, answers: list[Answer], seconds: float) -> None:
    def make() -> Intercept:
        turns = itertools.cycle(answers)
        return lambda _: next(turns)

    stage.intercept(make)
    stage.abort()
    await asyncio.sleep(seconds)
    stage.intercept(lambda: lambda _: None)


async def too_many(stage: Stage) -> None:
    """An API server loses its etcd, and what it missed is compacted away: it fills its watch cache anew, and answers 429
    "storage is (re)initializing" meanwhile. Then comes a 429 of the kind that priority and fairness gives."""
    async with Lagging(stage.cluster.etcd_port, 0.0) as etcd:
        try:
            await stage.cluster.start_second(etcd.port)
            stage.lead_to(stage.cluster.second_port)
            await asyncio.sleep(2.0)
            for _ in range(2):
                await etcd.sever()
                await asyncio.sleep(1.5)  # the writer, past this one, goes on
                await stage.cluster.compact()
                etcd.seconds = 2.0
                etcd.mend()
                await asyncio.sleep(9.0)
                etcd.seconds = 0.0
            await asyncio.sleep(3.0)
            stage.lead_to()
            await asyncio.sleep(1.0)
        finally:
            await stage.cluster.stop_second()
    busy = _status(429, "TooManyRequests", "Too many requests, please try again later.", retryAfterSeconds=1)
    headers = (("Content-Type", "application/json"), ("Retry-After", "1"))
    await _answering(stage, [Answer(429, busy, headers)], 6.0)


async def server_errors(stage: Stage) -> None:
    answers = [
        Answer(500, _status(500, "InternalError", "Internal error occurred: etcdserver: leader changed")),
        Answer(502, b"<html><h1>502 Bad Gateway</h1></html>", (("Content-Type", "text/html"),)),
        Answer(503, b"apiserver is shutting down", (("Content-Type", "text/plain"), ("Retry-After", "1"))),
        Answer(504, _status(504, "Timeout", "Timeout: Too large resource version: 9, current: 8", retryAfterSeconds=1)),
        Answer(
            200, b'{"type":"ERROR","object":' + _status(500, "InternalError", "watch closed") + b"}\n", chunked=True
        ),
    ]
    await _answering(stage, answers, 8.0)


def refuse_streaming_lists(proxy: Proxy) -> None:
    """Answer as an API server on etcd 3.4 does, which can only be asked for pages."""
    said = (
        "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled"
    )
    body = b'{"type":"ERROR","object":' + _status(500, "InternalError", said) + b"}\n"
    proxy.intercept = lambda head: Answer(200, body, chunked=True) if "sendInitialEvents" in head.target else None


def _old_etcd(_cluster: Cluster, proxy: Proxy, _folder: Path) -> Mapping[str, Any]:
    refuse_streaming_lists(proxy)
    return {}


def _compress(_cluster: Cluster, proxy: Proxy, _folder: Path) -> Mapping[str, Any]:
    def intercept(head: RequestHead) -> None:
        head.replace("accept-encoding", "gzip")

    proxy.intercept = intercept
    return {}


async def cuts(stage: Stage) -> None:
    for _ in range(4):
        stage.abort()
        await asyncio.sleep(1.5)


async def lagging(stage: Stage) -> None:
    """Connections go by turns to the API server and to another one whose etcd is late."""
    async with Lagging(stage.cluster.etcd_port, 0.0) as etcd:
        try:
            await stage.cluster.start_second(etcd.port)
            etcd.seconds = 1.5
            for proxy in stage.proxies():
                proxy.upstreams.append(stage.cluster.upstream(stage.cluster.second_port))
            for _ in range(10 if stage.long else 5):
                stage.abort()
                await asyncio.sleep(2.5)
            for proxy in stage.proxies():
                del proxy.upstreams[1:]
            stage.abort()
        finally:
            await stage.cluster.stop_second()


async def mangled(stage: Stage) -> None:
    for _ in range(3):
        for fault in ("truncate", "truncate and end", "garbage", "bytes"):
            for proxy in stage.proxies():
                proxy.faults.append(fault)  # type: ignore[arg-type]
            await asyncio.sleep(0.6)


# Credentials -------------------------------------------------------------------------------------------------------


class _Gate:
    """Lets requests with a valid token through, as the administrator's."""

    def __init__(self, cluster: Cluster, valid: str) -> None:
        self.valid = valid
        self._real = f"Bearer {cluster.server.token}"

    def __call__(self, head: RequestHead) -> Answer | None:
        if head.header("authorization") != f"Bearer {self.valid}":
            return Answer(401, _status(401, "Unauthorized", "Unauthorized"))
        head.replace("authorization", self._real)
        return None


def _token_file(cluster: Cluster, proxy: Proxy, folder: Path) -> Mapping[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text("first")
    proxy.intercept = _Gate(cluster, "first")
    return {"user": {"tokenFile": str(folder / "token")}}


_PLUGIN = """#!{python}
import datetime, json, pathlib
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
status = {{"token": pathlib.Path({token!r}).read_text(), "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ")}}
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))
"""


def _exec_plugin(cluster: Cluster, proxy: Proxy, folder: Path) -> Mapping[str, Any]:
    _token_file(cluster, proxy, folder)
    plugin = folder / "plugin"
    plugin.write_text(_PLUGIN.format(python=sys.executable, token=str(folder / "token")))
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    given = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    return {"user": {"exec": given}}


async def token_rotated(stage: Stage) -> None:
    for index in range(3):
        for run in stage.runs:
            gate = run.proxy.intercept
            assert isinstance(gate, _Gate)
            gate.valid = f"token-{index}"
            (stage.folder / run.name / "token").write_text(gate.valid)
        stage.abort()
        await asyncio.sleep(3.0)


class _Certificates:
    """What a server shows and demands, for the certificate scenarios."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def server(self, authority: Authority, clients: Authority) -> ssl.SSLContext:
        certificate, key = authority.issue("127.0.0.1")
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(certificate + key)
            file.flush()
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=clients.pem.decode())
            context.load_cert_chain(file.name)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self, clients: Authority) -> None:
        certificate, key = clients.issue("jane")
        (self.folder / "client.crt").write_bytes(certificate)
        (self.folder / "client.key").write_bytes(key)


def _client_certificate(cluster: Cluster, proxy: Proxy, folder: Path) -> Mapping[str, Any]:
    authority = Authority("first")
    made = _Certificates(folder)
    made.client(authority)
    (folder / "ca.crt").write_bytes(authority.pem)
    proxy.tls = made.server(authority, authority)

    def as_administrator(head: RequestHead) -> None:
        head.replace("authorization", f"Bearer {cluster.server.token}")

    proxy.intercept = as_administrator
    names = {"client-certificate": str(folder / "client.crt"), "client-key": str(folder / "client.key")}
    return {"user": names, "cluster": {"certificate-authority": str(folder / "ca.crt")}}


async def certificates_rotated(stage: Stage) -> None:
    """The server's CA, and the one that it trusts clients by, are replaced; the files follow a little later."""
    for _ in range(2):
        authority = Authority("next")
        for run in stage.runs:
            await run.proxy.refuse()
            run.proxy.tls = _Certificates(stage.folder / run.name).server(authority, authority)
            await run.proxy.listen()
        stage.abort()
        await asyncio.sleep(1.0)
        for run in stage.runs:
            folder = stage.folder / run.name
            (folder / "ca.crt").write_bytes(authority.pem)
            _Certificates(folder).client(authority)
        await asyncio.sleep(3.0)


def _impersonating(_cluster: Cluster, _proxy: Proxy, _folder: Path) -> Mapping[str, Any]:
    return {"user": {"token": _cluster.server.token, "as": "survivor"}}


_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"


async def _allow(world: World) -> None:
    who = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "survivor"}
    role = {"kind": "ClusterRole", "apiGroup": "rbac.authorization.k8s.io", "name": "cluster-admin"}
    await world.call("POST", _BINDINGS, {"metadata": {"name": world.namespace}, "roleRef": role, "subjects": [who]})
    await asyncio.sleep(1.0)  # the authorizer has a cache of its own


async def forbidden(stage: Stage) -> None:
    await stage.world.call("DELETE", f"{_BINDINGS}/{stage.world.namespace}")
    await asyncio.sleep(1.0)
    stage.abort()
    await asyncio.sleep(6.0)
    await _allow(stage.world)


# Custom resources ----------------------------------------------------------------------------------------------------

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_WIDGETS = "survival.example.com/v1/Widget/widgets"


def _crd(extra: Mapping[str, Any]) -> dict[str, Any]:
    spec = {"type": "object", "properties": {"n": {"type": "integer"}, **extra}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.survival.example.com"},
        "spec": {
            "group": "survival.example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


async def _define(world: World) -> None:
    try:
        await world.call("POST", _CRDS, _crd({}))
    except aiohttp.ClientResponseError as error:
        if error.status != 409:
            raise
    async with asyncio.timeout(20):
        while True:
            try:
                await world.truth()
            except aiohttp.ClientResponseError:
                await asyncio.sleep(0.1)
            else:
                return


async def schema_changes(stage: Stage) -> None:
    for index in range(3):
        patch = {"spec": _crd({f"f{index}-{time.monotonic_ns()}": {"type": "string"}})["spec"]}
        await stage.world.call("PATCH", f"{_CRDS}/widgets.survival.example.com", patch, "application/merge-patch+json")
        await asyncio.sleep(2.5)


# The process ---------------------------------------------------------------------------------------------------------


async def stopped(stage: Stage) -> None:
    for run in stage.runs:
        run.subject.pause()
    await asyncio.sleep(300.0 if stage.long else 15.0)
    for run in stage.runs:
        run.subject.resume()


SCENARIOS: list[Scenario] = [
    Scenario("a", "25 s outage, etcd compacted, API server restarted", outage),
    Scenario("b", "API server restarted gracefully, again and again", restarts, watches=3, lists=2),
    Scenario("c", "old connections silently dead (half-open)", half_open, within=90.0),
    Scenario(
        "d",
        "410 on a healthy server, as an event and as a status",
        expired,
        watches=6,
        lists=3,
        said=frozenset({410}),
    ),
    Scenario("e", "429 with Retry-After, storage is (re)initializing", too_many, watches=4, said=frozenset({429})),
    Scenario("f", "bursts of 500, 502, 503, 504", server_errors, watches=4),
    Scenario("g1", "streaming lists refused (etcd 3.4)", cuts, _old_etcd, watches=4),
    Scenario("g2", "gzip, a member per event", cuts, _compress, watches=4),
    Scenario("h", "load balancer with a lagging second API server", lagging, watches=6),
    Scenario("i1", "token rotated in its file", token_rotated, _token_file, watches=4),
    Scenario("i2", "exec credential expired and rotated mid-watch", token_rotated, _exec_plugin, watches=4),
    Scenario("i3", "client certificate and CA rotated", certificates_rotated, _client_certificate, watches=3),
    Scenario(
        "j",
        "403 for a while (RBAC removed and given back)",
        forbidden,
        _impersonating,
        setup=_allow,
        watches=4,
        compared=False,
    ),
    Scenario(
        "k",
        "CRD's schema changes under traffic",
        schema_changes,
        api=_WIDGETS,
        setup=_define,
        watches=4,
        compared=False,
    ),
    Scenario("l1", "a slow handler beside", cuts, options=("--handler", "slow"), compared=False, watches=4),
    Scenario(
        "l2", "a handler blocked for ever beside", cuts, options=("--handler", "blocked"), compared=False, watches=4
    ),
    Scenario(
        "l3", "a handler that always raises beside", cuts, options=("--handler", "raising"), compared=False, watches=4
    ),
    Scenario("m", "the process stopped and continued", stopped, watches=1),
    Scenario("n", "the wall clock jumps by two hours", cuts, options=("--jump", "7200"), compared=False, watches=4),
    Scenario("o", "events cut, broken, or byte by byte", mangled, watches=8),
]
