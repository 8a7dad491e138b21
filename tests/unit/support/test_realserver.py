"""The real server's harness: its command, and what is said where it cannot start."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hack import realserver as build
from tests.support import realserver
from tests.support.processes import LoggedProcess, ProcessFailed, free_ports


def test_a_missing_binary_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path))
    reason = build.missing_reason()
    assert reason is not None
    assert "kube-apiserver" in reason
    assert str(tmp_path) in reason


def test_without_go_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Go is not installed" in str(build.missing_reason())
    assert build.main() == 1


def test_the_cache_follows_the_xdg_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAIRLEAD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert build.cache_folder() == tmp_path / "fairlead" / f"{build.KUBERNETES}-etcd{build.ETCD}"


def test_the_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path / "empty"))
    assert realserver.main(["--kubeconfig", str(tmp_path / "config"), "--", "true"]) == 1
    assert "kube-apiserver" in capsys.readouterr().err
    assert not (tmp_path / "config").exists()


def test_a_process_that_ends_early_shows_its_log(tmp_path: Path) -> None:
    process = LoggedProcess([sys.executable, "-c", "import sys; sys.exit('no such disk')"], tmp_path / "log")
    with pytest.raises(ProcessFailed, match="no such disk"):
        process.wait_ready(lambda: False, deadline=time.monotonic() + 20)
    process.stop()


def test_a_process_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    process = LoggedProcess([sys.executable, "-c", "import signal; signal.pause()"], tmp_path / "log")
    with pytest.raises(ProcessFailed, match="not ready in time"):
        process.wait_ready(lambda: False, deadline=time.monotonic())
    process.stop()
    process.stop()


def test_free_ports_are_different() -> None:
    assert len(set(free_ports(10))) == 10


def test_the_real_server_answers_kubectl(real_kubeconfig: Path) -> None:
    kubectl = build.cache_folder() / "kubectl"
    command = [str(kubectl), "--kubeconfig", str(real_kubeconfig), "get", "--raw", "/version"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    assert build.KUBERNETES in answer.stdout
