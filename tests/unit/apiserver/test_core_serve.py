"""The server over HTTP, and the command that runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fairlead.cli.main import main

WAIT = 20


def _start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "fairlead.cli.main", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
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
    assert "the kubeconfig cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["serve", "--port", "x"], ["serve", "--token", "a b"], [], ["other"]])
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
