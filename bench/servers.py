"""The servers of the benchmark, and what they have used."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from works import Prepared, Real

__all__ = ["Served", "serving"]

ROOT = Path(__file__).resolve().parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: how it is reached, and whose CPU is its own."""

    kubeconfig: str
    #: Where bursts are asked for; empty for a real server.
    url: str
    pods: int
    burst: int
    processes: tuple[int, ...] = ()
    #: What the server of prepared answers says of itself.
    said: str = ""

    def cpu(self) -> float:
        """CPU seconds that its processes have used."""
        return sum(map(_cpu, self.processes))


@contextlib.contextmanager
def serving(folder: Path, what: Prepared | Real | None) -> Iterator[Served]:
    """Run a server for as long as the context lasts."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        if what is None:
            yield Served("", "", 0, 0)
        elif isinstance(what, Prepared):
            with _prepared(folder, Path(place), what) as served:
                yield served
        else:
            with _real(Path(place), what) as served:
                yield served


@contextlib.contextmanager
def _prepared(folder: Path, place: Path, what: Prepared) -> Iterator[Served]:
    command = [str(folder / "server"), f"--pods={what.pods}", f"--burst={what.burst}", f"--types={what.types}",
               f"--bookmarks={what.bookmarks}"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise RuntimeError("the server of prepared answers ended before it was ready; its message is above")
        ready = json.loads(line)
        authority = place / "authority.pem"
        authority.write_text(ready.pop("ca"), encoding="utf-8")
        cluster = {"server": ready["url"]}
        if what.tls:
            cluster = {"server": ready["tls_url"], "certificate-authority": str(authority)}
        said = f"{ready.get('json_bytes', 0) // what.pods} bytes of JSON a pod"
        yield Served(_kubeconfig(place, cluster, {}), ready["url"], what.pods, what.burst, (server.pid,), said)
        server.communicate()


def _kubeconfig(place: Path, cluster: dict[str, str], user: dict[str, str]) -> str:
    document = {
        "apiVersion": "v1", "kind": "Config", "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": cluster}], "users": [{"name": "bench", "user": user}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    }  # fmt: skip
    path = place / "kubeconfig"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@contextlib.contextmanager
def _real(place: Path, what: Real) -> Iterator[Served]:
    # In a process of its own, so that this one stays small and knows nothing of fairlead.
    kubeconfig = place / "kubeconfig"
    command = [
        sys.executable,
        str(ROOT / "bench" / "realcluster.py"),
        f"--kubeconfig={kubeconfig}",
        f"--pods={what.pods}",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise RuntimeError("no real kube-apiserver: `make real` builds it; the message is above")
        yield Served(str(kubeconfig), "", what.pods, 0, tuple(json.loads(line)["processes"]))
        server.communicate()


def _cpu(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rest(served: Served, seconds: float = 20.0) -> None:
    """Wait until the server has done what it still does for the client before, so that the next one is not charged."""
    until, before = time.monotonic() + seconds, served.cpu()
    while time.monotonic() < until:
        time.sleep(0.5)
        now = served.cpu()
        if now - before < 0.1:
            return
        before = now
