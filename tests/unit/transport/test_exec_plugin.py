from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import web

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Request
from fairlead.transport.config import ExecConfig, KubeConfig
from fairlead.transport.credentials import Credentials
from fairlead.transport.exec_plugin import PluginFailed
from tests.unit.transport.certificates import Authority
from tests.unit.transport.servers import run, serving, transport_to

V1 = "client.authentication.k8s.io/v1"
COUNT = """
import json, os, pathlib, sys
runs = pathlib.Path(os.environ["RUNS"])
n = int(runs.read_text()) + 1 if runs.exists() else 1
runs.write_text(str(n))
def give(**status):
    api = json.loads(os.environ["KUBERNETES_EXEC_INFO"])["apiVersion"]
    print(json.dumps({"kind": "ExecCredential", "apiVersion": api, "status": status}))
"""


def plugin(directory: Path, body: str, **fields: Any) -> ExecConfig:
    """An exec plugin that is a Python script; it counts its runs."""
    script = directory / "plugin"
    script.write_text(f"#!{sys.executable} -SE\n{COUNT}\n{body}\n")
    script.chmod(0o755)
    env = (("RUNS", str(directory / "runs")), *fields.pop("env", ()))
    return ExecConfig(command=str(script), env=env, **fields)


def runs(directory: Path) -> int:
    return int((directory / "runs").read_text())


def credentials(exec_config: ExecConfig, now: float = 0.0, **fields: Any) -> Credentials:
    clock = fields.pop("clock", lambda: now)
    return Credentials(KubeConfig(server="https://a:1", source="test", exec=exec_config, **fields), now=clock)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_plugin_gives_a_token_once_however_many_ask_and_again_when_it_is_refused(tmp_path: Path) -> None:
    async def work() -> None:
        source = credentials(plugin(tmp_path, "give(token=f't{n}')"))
        grants = await asyncio.gather(*(source.grant() for _ in range(5)))
        assert {id(grant) for grant in grants} == {id(grants[0])}
        assert grants[0].headers == (("Authorization", "Bearer t1"),)
        renewed = await asyncio.gather(*(source.renew(grants[0]) for _ in range(5)))
        assert renewed[0] is not None
        assert renewed[0].headers == (("Authorization", "Bearer t2"),)
        assert await source.renew(grants[0]) is renewed[0]  # refused late: the newer one has not been refused
        assert runs(tmp_path) == 2

    run(work())


def test_a_token_is_used_until_shortly_before_it_expires(tmp_path: Path) -> None:
    time = [0.0]

    async def work() -> None:
        body = (
            "give(token=f't{n}', expirationTimestamp='1970-01-01T01:00:00Z' if n == 1 else '1970-01-01T02:00:00+00:00')"
        )
        source = credentials(plugin(tmp_path, body), clock=lambda: time[0])
        for now, token in ((0, "t1"), (3569, "t1"), (3571, "t2"), (7169, "t2"), (7199, "t3")):
            time[0] = now
            assert (await source.grant()).headers == (("Authorization", f"Bearer {token}"),)

    run(work())


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_plugin_is_told_of_the_cluster_if_it_asks_and_gets_its_arguments_and_environment(
    tmp_path: Path, version: str
) -> None:
    async def work() -> None:
        body = (
            "give(token=json.dumps([sys.argv[1:], os.environ['WHO'], json.loads(os.environ['KUBERNETES_EXEC_INFO'])]))"
        )
        given = {"args": ("a b", "$HOME;ls"), "env": (("WHO", "me"),), "interactive_mode": "Never",
                 "api_version": f"client.authentication.k8s.io/{version}"}  # fmt: skip
        for asked in (False, True):
            told = plugin(tmp_path, body, provide_cluster_info=asked, cluster_config={"x": 1}, **given)
            source = credentials(told, ca_data=b"CA", tls_server_name="n")
            arguments, who, info = json.loads((await source.grant()).headers[0][1].removeprefix("Bearer "))
            assert (arguments, who) == (["a b", "$HOME;ls"], "me")
            cluster = {
                "server": "https://a:1", "tls-server-name": "n", "certificate-authority-data": "Q0E=", "config": {"x": 1},
            }  # fmt: skip
            assert info == {
                "kind": "ExecCredential",
                "apiVersion": f"client.authentication.k8s.io/{version}",
                "spec": {"interactive": False} | ({"cluster": cluster} if asked else {}),
            }

    run(work())


def test_a_plugins_client_certificate_is_shown_to_the_server_and_replaced_on_401(tmp_path: Path) -> None:
    ca = Authority()
    for number, name in ((1, "jane"), (2, "joan")):
        certificate, key = ca.issue(name)
        (tmp_path / f"{number}.json").write_text(
            json.dumps({"clientCertificateData": certificate.decode(), "clientKeyData": key.decode()})
        )

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        name = request.transport.get_extra_info("peercert")["subject"][0][0][1]
        return web.Response(status=200 if name == "joan" else 401, text=name)

    async def work() -> None:
        given = plugin(tmp_path, f"give(**json.load(open(f'{tmp_path}/{{n}}.json')))")
        async with (
            serving(answer, ca.server_context(tmp_path)) as url,
            transport_to(url, ca_data=ca.pem, exec=given) as transport,
        ):
            reply = await transport.request(Request("POST", "/"))
            assert (reply.status, reply.body) == (200, b"joan")
        assert runs(tmp_path) == 2

    run(work())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('line 1\\nlog in first', file=sys.stderr); sys.exit(3)", "failed with exit code 3:\n  line 1\n  log in first"),
        ("sys.exit(1)", "failed with exit code 1; it wrote nothing to standard error"),
        ("print('hello')", "wrote no ExecCredential to its standard output, but 6 other bytes"),
        ("print('[]')", "wrote no ExecCredential to its standard output"),
        ("print('[' * 100_000)", "wrote no ExecCredential to its standard output, but 100001 other bytes"),
        ("give()", "gave neither a token nor a client certificate"),
        ("give(token=1)", "gave a status.token that is no text, but int"),
        ("give(clientKeyData='x')", "gave only one of clientCertificateData and clientKeyData"),
        ("give(token='x', expirationTimestamp='soon')", "gave status.expirationTimestamp 'soon', which is no time"),
        (
            "print(json.dumps({'kind': 'ExecCredential', 'apiVersion': 'client.authentication.k8s.io/v1beta1', 'status': {}}))",
            "gave ExecCredential client.authentication.k8s.io/v1beta1, where the kubeconfig asks for ExecCredential " + V1,
        ),
        (f"print(json.dumps({{'kind': 'ExecCredential', 'apiVersion': '{V1}'}}))", "gave an ExecCredential without a status"),
    ],
)  # fmt: skip
def test_a_plugin_that_gives_no_credentials_is_told_of_with_its_last_words(
    tmp_path: Path, body: str, said: str
) -> None:
    async def work() -> None:
        with pytest.raises(PluginFailed) as caught:
            await credentials(plugin(tmp_path, body)).grant()
        assert str(caught.value).startswith(f"test: exec plugin 'plugin' ({tmp_path}/plugin) {said}")
        assert caught.value.retryable

    run(work())


def test_a_plugin_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    body = f"import subprocess; p = subprocess.Popen(['sleep', '600']); open('{tmp_path}/pid', 'w').write(str(p.pid)); p.wait()"

    async def work() -> None:
        with pytest.raises(PluginFailed, match=r"gave no answer within 1.5 s and was killed"):
            await credentials(plugin(tmp_path, body, timeout=1.5)).grant()

    run(work())
    assert _dead(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("end", ["give(token='t')", "sys.exit(3)"])
def test_what_a_plugin_leaves_running_is_not_waited_for_and_keeps_no_pipe_of_ours(tmp_path: Path, end: str) -> None:
    """Two pipes were left of each try until all that may be open were: the end of every watch."""
    left = f"p = subprocess.Popen(['sleep', '600'], start_new_session=True); open('{tmp_path}/pids', 'a').write(f'{{p.pid}} ')"

    async def work() -> None:
        script = plugin(tmp_path, f"import subprocess; {left}; {end}")
        before = open_files()
        for _ in range(2):
            source = credentials(script)
            if end == "give(token='t')":
                assert (await source.grant()).headers == (("Authorization", "Bearer t"),)
            else:
                with pytest.raises(PluginFailed, match="failed with exit code 3"):
                    await source.grant()
            await asyncio.sleep(0)
        assert open_files() <= before + 2, "those of the loop's own"

    try:
        run(work())
    finally:
        for pid in (tmp_path / "pids").read_text().split():
            os.kill(int(pid), signal.SIGKILL)


def _dead(pid: int) -> bool:
    """Whether the process ends: it has been killed, but the kernel may take a moment to see to it."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], 10)[0])
    finally:
        os.close(watched)


def test_closing_kills_a_plugin_that_still_runs(tmp_path: Path) -> None:
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)

    async def work() -> None:
        hanging = plugin(tmp_path, f"open('{fifo}', 'w').close(); import time; time.sleep(600)")
        async with transport_to("http://127.0.0.1:1", exec=hanging) as transport:
            asking = asyncio.create_task(transport.request(Request("GET", "/")))
            await asyncio.to_thread(fifo.read_bytes)
        with pytest.raises(TransportError, match="closed while credentials were obtained"):
            await asking

    run(work())


def test_a_plugin_may_be_interrupted_at_any_turn_together_with_all_else(tmp_path: Path) -> None:
    """At the end of asyncio.run every task is cancelled, once: one that does not end is the end of the program."""

    async def work() -> None:
        script = plugin(tmp_path, "import time; time.sleep(600)")
        before = open_files()
        for turns in range(30):
            asking = asyncio.create_task(credentials(script).grant())
            for _ in range(turns):
                await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            _, waiting = await asyncio.wait(tasks, timeout=5)
            assert (waiting, asking.cancelled()) == (set(), True), f"after {turns} turns"
            for _ in range(5):
                await asyncio.sleep(0)
            assert open_files() <= before + 2, f"after {turns} turns"

    run(work())


def test_where_there_is_no_room_for_a_thread_no_plugin_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []

    def kill(group: int, number: int) -> None:
        killed.append(group)
        os.kill(group, number)

    async def work() -> None:
        monkeypatch.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        monkeypatch.setattr(os, "killpg", kill)
        with pytest.raises(PluginFailed, match="cannot be started: can't start new thread"):
            await credentials(plugin(tmp_path, "import time; time.sleep(600)")).grant()

    run(work())
    assert _dead(killed[0])


def test_one_caller_that_gives_up_does_not_take_the_plugin_from_the_others(tmp_path: Path) -> None:
    async def work() -> None:
        source = credentials(plugin(tmp_path, "give(token='t')"))
        first, second = (asyncio.create_task(source.grant()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).headers == (("Authorization", "Bearer t"),)
        assert first.cancelled()
        assert runs(tmp_path) == 1

    run(work())


def test_a_program_that_is_not_there_is_a_config_error_with_the_hint_how_to_install_it() -> None:
    async def work() -> None:
        missing = ExecConfig(command="no-such-plugin", install_hint="Get it from https://example.com")
        with pytest.raises(ConfigError, match=r"'no-such-plugin' is not there.*\nGet it from https://example.com"):
            await credentials(missing).grant()

    run(work())


def test_a_plugin_that_needs_a_terminal_is_refused_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: False)

    async def work() -> None:
        with pytest.raises(ConfigError, match="needs a terminal"):
            await credentials(plugin(tmp_path, "give(token='t')", interactive_mode="Always")).grant()
        assert not (tmp_path / "runs").exists()

    run(work())


def test_a_failing_plugin_makes_a_request_fail_and_a_refusal_is_not_lost_in_a_loop(tmp_path: Path) -> None:
    async def work() -> None:
        async with (
            serving(lambda _: _refuse()) as url,
            transport_to(url, exec=plugin(tmp_path, "give(token='t') if n == 1 else sys.exit(9)")) as transport,
        ):
            with pytest.raises(PluginFailed, match="exit code 9"):
                await transport.stream(Request("GET", "/"))
            assert runs(tmp_path) == 2

    async def _refuse() -> web.Response:
        return web.Response(status=401)

    run(work())
