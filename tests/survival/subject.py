"""A client under test as the suite sees it: a process, asked what it believes, measured from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.survival.oracle import compare
from tests.survival.world import World

__all__ = ["Subject", "Verdict"]

#: Seconds between two questions, while it has not caught up.
_ASK_EVERY = 0.2


class Verdict(dict[str, Any]):
    """What was found: `ok`, seconds until caught up, what differs, what was wrong with the events."""

    @property
    def ok(self) -> bool:
        return not self["differs"] and not self["wrong"]


class Subject:
    """One process. Its logs go to a file."""

    def __init__(self, module: str, folder: Path, kubeconfig: dict[str, Any], namespace: str, *options: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "kubeconfig"
        file.write_text(json.dumps(kubeconfig))
        self.log = folder / "log"
        self._asking = asyncio.Lock()
        self._command = [
            sys.executable, "-m", f"tests.survival.subjects.{module}", "--kubeconfig", str(file), "--namespace", namespace,
            *options,
        ]  # fmt: skip

    async def __aenter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                limit=2**26, env=environment,
            )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        await self.process.communicate()

    async def ready(self, seconds: float = 30.0) -> None:
        """Wait until it says that it has synced."""
        assert await self.answer(seconds) == "ready"

    async def answer(self, seconds: float) -> Any:
        """The next thing that it says."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the subject has ended:\n{self.log.read_text()[-4000:]}")
        return json.loads(line)

    async def dump(self, seconds: float = 15.0) -> dict[str, Any]:
        """What it believes."""
        return await self.ask("dump", seconds)

    async def ask(self, word: str, seconds: float = 15.0) -> dict[str, Any]:
        """Its answer to a question; one is asked at a time."""
        async with self._asking:
            self.tell(word)
            return await self.answer(seconds)

    def tell(self, word: str) -> None:
        """Say what needs no answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(word.encode() + b"\n")

    async def caught_up(self, world: World, seconds: float) -> Verdict:
        """Compare with the truth until all is well, or the time is over. The writer has to rest."""
        truth = await world.truth()
        began = time.monotonic()
        while True:
            try:
                said = await self.dump(min(seconds, 15.0))
            except (TimeoutError, AssertionError) as error:
                return Verdict(differs={"dead": [f"{type(error).__name__}: {error}"[:200]]}, wrong={}, seconds=None)
            differs = {
                f"{what}: {kind}": names
                for what in ("cache", "folded")
                for kind, names in compare(truth, said[what]).items()
            }
            waited = time.monotonic() - began
            if not differs or waited > seconds:
                return Verdict(
                    differs=differs, seconds=round(waited, 1), objects=len(truth),
                    **{name: said[name] for name in said if name not in ("cache", "folded")},
                )  # fmt: skip
            await asyncio.sleep(_ASK_EVERY)

    def cpu(self) -> float:
        """Seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self) -> int:
        return len(self.log.read_bytes().splitlines())

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)
