"""The server over HTTP, and the command that runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

import pytest

import fairlead
from fairlead import Client, DynamicResource, KubeConfig, TransportError
from fairlead.apiserver.access.tls import Authority
from fairlead.apiserver.access.who import User
from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.cli.main import main
from fairlead.machinery.yaml import loading
from fairlead.models.core.v1 import Namespace
from fairlead.transport.config import Impersonation

WAIT = 20


def _start(*arguments: str, stderr: IO[str] | None = None) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "fairlead.cli.main", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment)
    assert process.stdout is not None
    return process, process.stdout.readline().rsplit(" ", 1)[-1].strip()


def _stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(WAIT)
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _get(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=WAIT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_serve_loads_manifests_writes_a_kubeconfig_and_ends_cleanly(tmp_path: Path) -> None:
    manifest, kubeconfig = tmp_path / "a.yaml", tmp_path / "config"
    manifest.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n"
    )
    process, url = _start("--kubeconfig", str(kubeconfig), "--load", str(manifest), "--token", "abc")
    try:
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        assert "token: abc" in kubeconfig.read_text()
        assert f"server: {url}" in kubeconfig.read_text()
        code, body = _get(f"{url}/api/v1/namespaces/default/configmaps/a")
        assert (code, json.loads(body)["kind"]) == (200, "ConfigMap")
        bare = url.removesuffix("/abc")
        assert _get(f"{bare}/api/v1/namespaces")[0] == 401
        assert _get(f"{bare}/api/v1/namespaces", Authorization="Bearer abc")[0] == 200
        assert _get(f"{bare}/abcd/api/v1/namespaces")[0] == 401
    finally:
        assert _stop(process) == 0


def test_a_watch_over_http_arrives_as_it_happens_and_ends_with_the_server() -> None:
    process, url = _start()
    try:
        watch = urllib.request.urlopen(f"{url}/api/v1/configmaps?watch=1", timeout=WAIT)
        body = json.dumps({"metadata": {"name": "a"}}).encode()
        request = urllib.request.Request(f"{url}/api/v1/namespaces/default/configmaps", body)
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=WAIT).close()
        assert json.loads(watch.readline())["type"] == "ADDED"
    finally:
        code = _stop(process)
    with watch:
        assert watch.read() == b""
    assert code == 0


def test_over_tls_the_kubeconfig_trusts_the_server_and_its_token_is_needed(tmp_path: Path) -> None:
    kubeconfig, roles = tmp_path / "config", tmp_path / "roles.yaml"
    process, _ = _start("--tls", "--kubeconfig", str(kubeconfig), "--record-rbac", str(roles), "--log-requests")
    try:
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        config = KubeConfig.load(str(kubeconfig))
        assert config.server.startswith("https://127.0.0.1:")
        assert config.ca_data is not None
        context = ssl.create_default_context(cadata=config.ca_data.decode())
        url = f"{config.server}/api/v1/namespaces/default/pods"
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            urllib.request.urlopen(url, timeout=WAIT, context=context)
        refused.value.close()
        headers = {"Authorization": f"Bearer {config.token}", "User-Agent": "my-program/1 (linux)"}
        request = urllib.request.Request(url, headers=headers)
        urllib.request.urlopen(request, timeout=WAIT, context=context).close()
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(request, timeout=WAIT, context=ssl.create_default_context())
    finally:
        assert _stop(process) == 0
    written = list(loading.load_all(roles.read_text(), source="roles"))
    mine = [role for role in written if role["metadata"]["name"] == "my-program"]
    assert mine == [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "my-program", "namespace": "default"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
        }
    ]


def test_each_request_is_logged_on_demand(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr:
        process, url = _start("--log-requests", stderr=stderr)
        try:
            assert _get(f"{url}/api/v1/pods?limit=5", **{"User-Agent": "prog/1"})[0] == 200
        finally:
            assert _stop(process) == 0
    assert log.read_text() == "prog GET /api/v1/pods?limit=5 200\n"


async def test_a_client_certificate_of_the_authority_is_a_user() -> None:
    authority, other = Authority(), Authority("other")
    server = ApiServer(tokens={"t": "root"})
    async with HttpFront(server, authority=authority) as front:
        for issuer, name in ((authority, "alice"), (other, "")):
            certificate, key = issuer.issue_client(User("alice", ("team",)))
            config = KubeConfig(
                server=front.url,
                ca_data=authority.certificate,
                client_certificate_data=certificate,
                client_key_data=key,
            )
            async with Client(config) as client:
                review = client.direct("authentication.k8s.io/v1", "SelfSubjectReview")
                if not name:
                    with pytest.raises(TransportError):
                        await client.direct(Namespace).get("default")
                    continue
                assert (await client.direct(Namespace).get("default")).name == "default"
                made = await review.create(DynamicResource.from_dict(_REVIEW))
                assert made.status.userInfo == {"username": "alice", "groups": ["team", "system:authenticated"]}


async def test_impersonation_is_carried_over_http() -> None:
    async with HttpFront(ApiServer()) as front:
        who = Impersonation(user="carol", groups=("a,b", "c"), uid="u", extra={"x/y": ("1", "2")})
        async with Client(KubeConfig(server=front.url, impersonate=who)) as client:
            review = client.direct("authentication.k8s.io/v1", "SelfSubjectReview")
            made = await review.create(DynamicResource.from_dict(_REVIEW))
        assert made.status.userInfo == {
            "username": "carol",
            "uid": "u",
            "groups": ["a,b", "c", "system:authenticated"],
            "extra": {"x/y": ["1", "2"]},
        }


_REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {"name": "me"}}


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ("ShardedListAndWatch", "--feature-gates ShardedListAndWatch: write ShardedListAndWatch=true"),
        ("Other=true", "feature gate Other: this server has only ShardedListAndWatch"),
    ],
)
def test_feature_gates_that_cannot_be_switched_on_are_named(
    gates: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--feature-gates", gates]) == 1
    assert said in capsys.readouterr().err


def test_a_port_in_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 is in use by another program" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: Pod\n",
            "document 2: Pod (no name) cannot be loaded: apiVersion is missing",
        ),
        ("- a\n", "document 1: an object was expected"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: -}}\n", "metadata.labels"),
        ("a: [", "a.yaml"),
    ],
)
def test_a_wrong_manifest_is_named_by_file_document_and_field(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert main(["serve", "--load", str(path)]) == 1
    error = capsys.readouterr().err
    assert str(path) in error
    assert said in error


def test_files_and_paths_that_cannot_be_used_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--load", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml cannot be read" in capsys.readouterr().err
    assert main(["serve", "--kubeconfig", str(tmp_path / "no" / "config")]) == 1
    said = capsys.readouterr().err
    assert f"the kubeconfig cannot be written to {tmp_path / 'no' / 'config'}: No such file" in said
    assert ".config." not in said


@pytest.mark.parametrize("arguments", [["serve", "--port", "x"], ["serve", "--token", "a b"], [], ["other"]])
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_a_script_says_what_pods_log(tmp_path: Path) -> None:
    manifest, script = tmp_path / "pod.yaml", tmp_path / "pods.py"
    manifest.write_text(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: {containers: [{name: c, image: x}]}}"
    )
    script.write_text("def configure(server):\n    server.pods.logs('a', 'default', ['hello'])\n")
    process, url = _start("--load", str(manifest), "--script", str(script))
    try:
        assert _get(f"{url}/api/v1/namespaces/default/pods/a/log") == (200, b"hello\n")
    finally:
        assert _stop(process) == 0


@pytest.mark.parametrize(("text", "why"), [(None, "cannot be run: No such file"), ("x = 1\n", "configure(server)")])
def test_a_script_that_configures_nothing_is_refused(
    text: str | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "pods.py"
    if text is not None:
        script.write_text(text)
    assert main(["serve", "--script", str(script)]) == 1
    assert why in capsys.readouterr().err


def test_a_script_s_error_begins_at_its_own_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "pods.py"
    script.write_text("def configure(server):\n    raise KeyError('mine')\n")
    assert main(["serve", "--script", str(script)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == [
        f"fairlead: {script} failed:",
        "Traceback (most recent call last):",
        f'  File "{script}", line 2, in configure',
    ]
    assert lines[-1] == "KeyError: 'mine'"


def test_a_script_may_be_what_is_no_plain_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--script", os.devnull]) == 1
    assert f"{os.devnull}: a function configure(server) is expected" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert (caught.value.code, capsys.readouterr().out) == (0, f"fairlead {fairlead.__version__}\n")


def test_without_its_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "aiohttp.py").write_text("raise ModuleNotFoundError('aiohttp')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[3] / "src")])}
    command = [sys.executable, "-m", "fairlead.cli.main", "serve"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=WAIT, check=False)
    wanted = "fairlead: serving over HTTP needs the package aiohttp: pip install 'fairlead[server]'\n"
    assert (done.returncode, done.stderr) == (1, wanted)
