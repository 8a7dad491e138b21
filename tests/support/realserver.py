"""A real kube-apiserver on loopback, with its own etcd, for as long as a context lasts.

``python -m tests.support.realserver --kubeconfig PATH -- command …`` runs a command while one is up.
The binaries come from ``hack/realserver.py``. There is no controller manager and no scheduler: nothing collects garbage,
finishes a namespace's deletion or runs a pod.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hack.realserver import cache_folder, missing_reason
from tests.support.processes import LoggedProcess, ProcessFailed, free_ports

__all__ = ["RealServer", "apiserver_command", "describe", "etcd_command", "is_ready", "missing_reason", "running"]

_START_SECONDS = 120.0
# Free ports are found by asking, so another process can be faster; a lost race shows as an early end.
_ATTEMPTS = 3


@dataclass(frozen=True)
class RealServer:
    """How to reach the running server as an administrator (system:masters)."""

    url: str
    token: str
    ca_file: Path
    kubeconfig: Path
    folder: Path

    @property
    def kubectl(self) -> Path:
        """The kubectl of the same version."""
        return cache_folder() / "kubectl"

    def logs(self) -> str:
        """Return the ends of both servers' logs, for failure messages."""
        ends = (path.read_text(errors="replace").splitlines()[-40:] for path in sorted(self.folder.glob("*.log")))
        return "\n".join(line for end in ends for line in end)


@contextlib.contextmanager
def running(*, features: Sequence[str] = ()) -> Generator[RealServer]:
    """Start etcd and kube-apiserver (with these feature gates on), yield once requests are answered, stop both at the end.

    Raises ProcessFailed, with the end of the log, where one of them does not come up in two minutes, and FileNotFoundError
    where they are not built.
    """
    if (reason := missing_reason()) is not None:
        raise FileNotFoundError(reason)
    with tempfile.TemporaryDirectory(prefix="fairlead-real-") as folder, contextlib.ExitStack() as processes:
        yield _start_somewhere(Path(folder), processes, features)


def _start_somewhere(folder: Path, processes: contextlib.ExitStack, features: Sequence[str]) -> RealServer:
    for attempt in range(1, _ATTEMPTS + 1):
        place = folder / str(attempt)
        place.mkdir()
        try:
            return _start(place, processes, features)
        except ProcessFailed as error:
            processes.close()
            if attempt == _ATTEMPTS or "address already in use" not in str(error):
                raise
    raise AssertionError("unreachable")


def _start(folder: Path, processes: contextlib.ExitStack, features: Sequence[str]) -> RealServer:
    deadline = time.monotonic() + _START_SECONDS
    etcd_port, peer_port, port = free_ports(3)
    etcd_url = f"http://127.0.0.1:{etcd_port}"
    etcd = LoggedProcess(etcd_command(folder, etcd_url, f"http://127.0.0.1:{peer_port}"), folder / "etcd.log")
    processes.callback(etcd.stop)
    etcd.wait_ready(lambda: _get(etcd_port, "/health") == 200, deadline=deadline)

    server = describe(folder, port)
    command = apiserver_command(folder, etcd_url, port)
    if features:
        command.append(f"--feature-gates={','.join(f'{name}=true' for name in features)}")
    apiserver = LoggedProcess(command, folder / "kube-apiserver.log")
    processes.callback(apiserver.stop)
    apiserver.wait_ready(lambda: is_ready(server, port), deadline=deadline)
    _forget_history(etcd_port)
    return server


def _forget_history(etcd_port: int) -> None:
    """Compact etcd, as kube-apiserver does every five minutes: the first versions are too old to be read from now on."""
    found = _call_etcd(etcd_port, "/v3/kv/range", {"key": "AA=="})
    _call_etcd(etcd_port, "/v3/kv/compaction", {"revision": found["header"]["revision"], "physical": True})


def _call_etcd(port: int, path: str, document: dict[str, object]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", path, json.dumps(document), {"content-type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise ProcessFailed(f"etcd answered {path} with {response.status}: {body.decode(errors='replace')}")
        return json.loads(body)


def describe(folder: Path, port: int) -> RealServer:
    """Make what a server on this port needs to start, in this folder, and say how it will be reached."""
    url = f"https://127.0.0.1:{port}"
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "service-accounts.key").write_bytes(pem)
    # kube-apiserver writes its self-made chain here, its authority included, before it listens.
    ca_file = folder / "certificates" / "apiserver.crt"
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(_kubeconfig(url, token, ca_file)))
    return RealServer(url, token, ca_file, kubeconfig, folder)


def _kubeconfig(url: str, token: str, ca_file: Path) -> dict[str, object]:
    # JSON is YAML, so this file needs no writer of its own.
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "real", "cluster": {"server": url, "certificate-authority": str(ca_file)}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": "admin"}}],
        "current-context": "real",
    }


def etcd_command(folder: Path, client_url: str, peer_url: str) -> list[str]:
    """The command that runs etcd with its data in this folder."""
    options = {
        "data-dir": str(folder / "etcd"),
        "listen-client-urls": client_url,
        "advertise-client-urls": client_url,
        "listen-peer-urls": peer_url,
        "initial-advertise-peer-urls": peer_url,
        "initial-cluster": f"default={peer_url}",
        "log-level": "warn",
    }
    return [str(cache_folder() / "etcd"), "--unsafe-no-fsync", *_flags(options)]


def apiserver_command(folder: Path, etcd_url: str, port: int, **more: str) -> list[str]:
    """The command that runs a kube-apiserver on what `describe` made; `more` are further options, with `_` for `-`."""
    options = {
        "etcd-servers": etcd_url,
        "bind-address": "127.0.0.1",
        "secure-port": str(port),
        "cert-dir": str(folder / "certificates"),
        "token-auth-file": str(folder / "tokens.csv"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": str(folder / "service-accounts.key"),
        "service-account-signing-key-file": str(folder / "service-accounts.key"),
        "authorization-mode": "RBAC",
        # Bare pods can be made without a controller that makes service accounts.
        "disable-admission-plugins": "ServiceAccount",
        # As every cluster has it: without, no pod may have privileged containers.
        "allow-privileged": "true",
        "endpoint-reconciler-type": "none",
        "service-cluster-ip-range": "10.0.0.0/24",
        "profiling": "false",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return [str(cache_folder() / "kube-apiserver"), *_flags(options)]


def _flags(options: dict[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]


def is_ready(server: RealServer, port: int) -> bool:
    """Whether it answers, and has made what every cluster has."""
    if not server.ca_file.exists():
        return False
    # The default namespace is made after /readyz says yes, and tests may need it at once.
    paths = ("/readyz", "/api/v1/namespaces/default")
    return all(_get(port, path, ca_file=server.ca_file, token=server.token) == 200 for path in paths)


def _get(port: int, path: str, *, ca_file: Path | None = None, token: str = "") -> int:
    """Return the HTTP status, or 0 where nothing answers yet."""
    try:
        if ca_file is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        else:
            context = ssl.create_default_context(cafile=str(ca_file))
            connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
            return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command while a server is up, and return its exit code; without a command, wait for Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.realserver", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="where the kubeconfig is written while it is up")
    parser.add_argument("command", nargs="*", help="the command and its arguments, after --")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    try:
        with running() as server:
            return _with_kubeconfig(server, options.kubeconfig, options.command)
    except (FileNotFoundError, ProcessFailed) as error:
        sys.stderr.write(f"no real server: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _with_kubeconfig(server: RealServer, path: Path, command: list[str]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(server.kubeconfig, path)
    try:
        if command:
            return subprocess.run(command, check=False).returncode
        sys.stderr.write(f"{server.url} is up; KUBECONFIG={path}\n")
        signal.pause()
        return 0
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main())
