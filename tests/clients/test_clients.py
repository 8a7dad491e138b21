"""Other projects' clients, as their registries give them, against `fairlead serve`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hack.realserver import cache_folder
from tests.support.processes import LoggedProcess

HERE = Path(__file__).parent
#: Seconds that building may take from nothing, and that one program may run.
BUILD, RUN = 1500, 120

pytestmark = [pytest.mark.clients, pytest.mark.timeout(BUILD + RUN)]


def _built(command: list[str], tool: str, folder: Path, **environment: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed, which builds this client")
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=BUILD,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stderr[-4000:]}"


@pytest.fixture(scope="session")
def cache() -> Path:
    folder = cache_folder().parent / "clients"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _go(cache: Path, name: str) -> list[str]:
    _built(["go", "build", "-o", f"{cache}/", f"./{name}"], "go", HERE / "go", CGO_ENABLED="0")
    return [str(cache / name)]


def _rust(cache: Path, name: str) -> list[str]:
    # Cargo writes a lock file beside its manifest: the clone stays clean.
    copy = cache / "rust"
    shutil.copytree(HERE / "rust", copy, dirs_exist_ok=True)
    _built(["cargo", "build", "--quiet"], "cargo", copy, CARGO_TARGET_DIR=str(cache / "rust-target"))
    return [str(cache / "rust-target" / "debug" / name)]


def _python(cache: Path, name: str) -> list[str]:
    requirements = HERE / "python" / "requirements.txt"
    packages = cache / f"python-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    if not packages.exists():
        with tempfile.TemporaryDirectory(dir=cache) as work:
            target = Path(work) / "packages"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "-r", str(requirements)]
            _built(pip, sys.executable, HERE)
            target.replace(packages)
    # Before this project's own packages, which the interpreter has as well.
    return ["env", f"PYTHONPATH={packages}", sys.executable, str(HERE / "python" / name)]


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "kubeconfig"
    command = [sys.executable, "-m", "fairlead.cli.main", "serve", "--tls", "--log-requests", "--kubeconfig", str(path)]
    command += ["--script", str(HERE / "python" / "script.py")]
    server = LoggedProcess(command, tmp_path / "server.log")
    try:
        server.wait_ready(path.exists, deadline=time.monotonic() + 20)
        yield path
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("build", "name"),
    [
        pytest.param(_go, "informer", id="client-go"),
        pytest.param(_go, "manager", id="controller-runtime"),
        pytest.param(_rust, "kube-rs", id="kube-rs"),
        pytest.param(_python, "official.py", id="official"),
        pytest.param(_python, "official_pods.py", id="official-pods"),
        pytest.param(_python, "lightkube_client.py", id="lightkube"),
        pytest.param(_python, "kopf_operator.py", id="kopf"),
    ],
)
def test_a_client_works_unchanged(
    build: Callable[[Path, str], list[str]], name: str, cache: Path, kubeconfig: Path
) -> None:
    command = build(cache, name)
    done = subprocess.run(
        command,
        env={**os.environ, "KUBECONFIG": str(kubeconfig)},
        timeout=RUN,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["ok"]), done.stderr[-4000:]
