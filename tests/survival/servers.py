"""An etcd and kube-apiservers on it that can be stopped, started and compacted while clients look on."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.processes import LoggedProcess, free_ports
from tests.support.realserver import RealServer, apiserver_command, describe, etcd_command, is_ready
from tests.survival.proxy import Upstream

__all__ = ["Cluster"]

_START_SECONDS = 120.0


class Cluster:
    """One etcd and one kube-apiserver, and a second one on request. Stop it with `close`.

    Processes are started in the caller's thread, which has to live as long as they shall.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fairlead-survival-")
        self.folder = Path(self._folder.name)
        etcd_port, peer_port, self.port, self.second_port = free_ports(4)
        self.etcd_url = f"http://127.0.0.1:{etcd_port}"
        self.etcd_port = etcd_port
        self.server: RealServer = describe(self.folder, self.port)
        deadline = time.monotonic() + _START_SECONDS
        self._etcd = LoggedProcess(
            etcd_command(self.folder, self.etcd_url, f"http://127.0.0.1:{peer_port}"), self.folder / "etcd.log"
        )
        self._apiserver: LoggedProcess | None = None
        self._second: LoggedProcess | None = None
        try:
            self._etcd.wait_ready(lambda: _answers(f"{self.etcd_url}/health"), deadline=deadline)
            self._launch().wait_ready(lambda: is_ready(self.server, self.port), deadline=deadline)
        except BaseException:
            self.close()
            raise

    def _launch(self) -> LoggedProcess:
        command = apiserver_command(self.folder, self.etcd_url, self.port)
        self._apiserver = LoggedProcess(command, self.folder / "kube-apiserver.log")
        return self._apiserver

    async def start(self) -> None:
        """Start the API server (again), and wait until it answers."""
        process = self._launch()
        deadline = time.monotonic() + _START_SECONDS
        await asyncio.to_thread(process.wait_ready, lambda: is_ready(self.server, self.port), deadline=deadline)

    async def stop(self) -> None:
        """Stop the API server in good order."""
        if self._apiserver is not None:
            await asyncio.to_thread(self._apiserver.stop)

    async def start_second(self, etcd_port: int, **options: str) -> None:
        """Start another API server, whose etcd is behind this port; it shares certificates and tokens with the first."""
        command = apiserver_command(self.folder, f"http://127.0.0.1:{etcd_port}", self.second_port, **options)
        self._second = LoggedProcess(command, self.folder / "second.log")
        deadline = time.monotonic() + _START_SECONDS
        await asyncio.to_thread(
            self._second.wait_ready, lambda: is_ready(self.server, self.second_port), deadline=deadline
        )

    async def stop_second(self) -> None:
        """Stop the other API server."""
        if self._second is not None:
            await asyncio.to_thread(self._second.stop)
            self._second = None

    async def compact(self) -> int:
        """Have etcd forget everything but the present state; gives its revision."""

        def work() -> int:
            key = base64.b64encode(b"\0").decode()
            revision = int(_post(f"{self.etcd_url}/v3/kv/range", {"key": key, "limit": "1"})["header"]["revision"])
            _post(f"{self.etcd_url}/v3/kv/compaction", {"revision": str(revision), "physical": True})
            return revision

        return await asyncio.to_thread(work)

    def upstream(self, port: int | None = None) -> Upstream:
        """The way to an API server, for a proxy."""
        return Upstream("127.0.0.1", port or self.port, ssl.create_default_context(cafile=str(self.server.ca_file)))

    def close(self) -> None:
        """Stop everything."""
        for process in (self._second, self._apiserver, self._etcd):
            if process is not None:
                process.stop()
        self._folder.cleanup()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _post(url: str, document: Mapping[str, Any]) -> Any:
    with urllib.request.urlopen(url, json.dumps(document).encode(), timeout=30) as answer:
        return json.load(answer)
