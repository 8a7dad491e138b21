"""Child processes of the tests: started with a log file, waited for with a bound, stopped by their own id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# How long a process may take from SIGTERM to its end before it is killed.
_GRACE_SECONDS = 10.0


class ProcessFailed(RuntimeError):
    """A child process ended, or did not become ready in time; the message has the end of its log."""


class LoggedProcess:
    """A running program whose output goes to a file."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.name = Path(command[0]).name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*_dies_with_us(), *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def wait_ready(self, ready: Callable[[], bool], *, deadline: float) -> None:
        """Ask `ready` until it says yes; raises ProcessFailed at the process's end or at `deadline` (time.monotonic())."""
        while not ready():
            if self._ended_within(0.05):
                raise ProcessFailed(
                    f"{self.name} ended with {self._process.returncode} before it was ready; {self.tail()}"
                )
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} was not ready in time; {self.tail()}")

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after ten seconds; returns when the process is gone. May be called again."""
        self._process.terminate()
        if not self._ended_within(_GRACE_SECONDS):
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 40) -> str:
        """Return the last lines of the log, for messages."""
        text = self.log.read_text(errors="replace").splitlines()
        return f"the end of {self.log}:\n" + "\n".join(text[-lines:])

    def _ended_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Return loopback ports that nobody listens on at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _dies_with_us() -> list[str]:
    # A test run that is killed must not leave servers behind; where there is no setpriv, only orderly ends stop them.
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "KILL", "--"] if found else []
