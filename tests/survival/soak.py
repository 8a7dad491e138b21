"""Mixed faults under load, for as long as it is told, from one seed: `python -m tests.survival.soak --minutes 15 --seed 1`.

The in-memory API server writes 2,000 changes a second to 20,000 objects; a client follows them through a proxy that cuts,
refuses, freezes, delays, mangles, expires and answers in the server's place. At the end, and between, cache = truth. What is
found is written to standard output and, as it is found, to the file `--report`: it needs no terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TextIO

from tests.support import loop
from tests.survival.growth import growth
from tests.survival.oracle import compare
from tests.survival.proxy import Proxy, Upstream
from tests.survival.soak_faults import Faults
from tests.survival.subject import Subject
from tests.survival.world import Versions

#: How many minutes lie between two comparisons with the truth.
CHECK_MINUTES = 5.0
#: Seconds between two looks at the client's memory, and between two lines of the report.
LOOK_SECONDS, LINE_SECONDS = 3.0, 60.0
#: Megabytes a minute that what is in use, and what is resident, may grow by, with 95 % confidence. A leak of a hundred bytes an
#: event is ten times the first at the soak's rate; the second leaves room for gaps between objects (see `growth`).
MOST_USED, MOST_RESIDENT = 0.2, 1.0
#: A shorter run shows how memory warms up, not whether it grows.
JUDGED_MINUTES = 10.0


class Report:
    """Says each thing at once, to standard output and to a file; either may be missing."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def say(self, line: str) -> None:
        """One line, or several."""
        with contextlib.suppress(OSError):  # the terminal may have gone
            print(line, flush=True)  # noqa: T201
        if self._file is not None:
            self._file.write(line + "\n")
            self._file.flush()


class Server:
    """The server's process."""

    def __init__(self, objects: int, rate: float, seed: int, size: int = 600) -> None:
        self._command = [sys.executable, "-m", "tests.survival.soak_server", "--objects", str(objects), "--rate", str(rate), "--seed", str(seed), "--size", str(size)]  # fmt: skip

    async def __aenter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONTRACEMALLOC"}
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26, env=environment
        )
        self.port = int((await self._line())["port"])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.communicate()

    async def _line(self) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(300):
            return json.loads(await self._process.stdout.readline())

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")

    async def rest(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(b"rest\n")
        return await self._line()


@dataclass
class Soak:
    """One run, and what has been seen of it."""

    server: Server
    subject: Subject
    faults: Faults
    report: Report
    fine: bool = True
    began: float = field(default_factory=time.monotonic)
    #: Seconds and megabytes, by kind: used, held, rss.
    samples: dict[str, list[tuple[float, float]]] = field(default_factory=dict[str, list[tuple[float, float]]])

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    async def look(self, over: asyncio.Event) -> None:
        """Take samples, and say once a minute how it stands; until it is over."""
        said_at = time.monotonic()
        while not over.is_set():
            said = await self.subject.ask("memory", 120.0)
            now = time.monotonic()
            for kind in ("used", "held", "rss"):
                self.samples.setdefault(kind, []).append((now, said[kind]))
            if now - said_at >= LINE_SECONDS:
                said_at = now
                self.report.say(
                    f"{self.seconds / 60:5.1f} min: {said['events']} events, {sum(self.faults.played.values())} faults; {_sizes(said)}; "
                    f"queue {said['depth']} (most {said['high_water']}), overlaid {said['overlaid']}, tasks {said['tasks']}; "
                    f"calm p50 {said['calm']['p50'] * 1e3:.1f} p99 {said['calm']['p99'] * 1e3:.0f} max {said['calm']['max'] * 1e3:.0f} ms"
                )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await over.wait()

    async def check(self) -> None:
        """Have the writer rest, and compare."""
        truth: Versions = (await self.server.rest())["truth"]
        differs, said = await _caught_up(self.subject, truth, 120.0)
        well = not differs and not said["wrong"]
        shown = (
            "cache and events are the truth"
            if well
            else f"WRONG: {[(what, len(names)) for what, names in differs.items()]} {said['examples']}"
        )
        self.report.say(f"{self.seconds / 60:5.1f} min: {len(truth)} objects, {said['events']} handler events; {shown}")
        self.fine &= well

    async def play(self, minutes: float, source: random.Random) -> None:
        """Trouble and calm by turns, with a comparison every few minutes."""
        checked = time.monotonic()
        while self.seconds < minutes * 60:
            self.subject.tell("calm")
            await asyncio.sleep(source.uniform(4, 15))
            self.subject.tell("trouble")
            await self.faults.next()
            await asyncio.sleep(3.0)  # what waited for it arrives
            if time.monotonic() - checked > CHECK_MINUTES * 60:
                await self.check()
                checked = time.monotonic()
                self.server.go()

    def judge_memory(self, *, judged: bool) -> None:
        """Say how memory grew, and whether that is well."""
        for kind, most in (("used", MOST_USED), ("held", None), ("rss", MOST_RESIDENT)):
            found = growth(self.samples.get(kind, []))
            if found is None:
                self.report.say(f"memory {kind}: too few samples")
                continue
            bad = judged and most is not None and found.at_least > most
            limit = f"; may be {most:g}" if most is not None and judged else ""
            sizes = [size for _, size in self.samples[kind]]
            self.report.say(
                f"memory {kind}: {sizes[len(sizes) // 3]:.1f} MB after a third, {sizes[-1]:.1f} MB at the end, most {max(sizes):.1f} MB; "
                f"{found} over the later two thirds{limit}{': IT GROWS' if bad else ''}"
            )
            self.fine &= not bad


def _sizes(said: dict[str, Any]) -> str:
    return f"used {said['used']:.1f}, held {said['held']:.1f}, rss {said['rss']:.1f} MB"


async def _caught_up(subject: Subject, truth: Versions, seconds: float) -> tuple[dict[str, list[str]], dict[str, Any]]:
    until = time.monotonic() + seconds
    while True:
        said = await subject.dump(60.0)
        differs = {
            f"{what}: {kind}": names
            for what in ("cache", "folded")
            for kind, names in compare(truth, said[what]).items()
        }
        if not differs or time.monotonic() > until:
            return differs, said
        await asyncio.sleep(0.5)


async def soak(minutes: float, seed: int, objects: int, rate: float, folder: Path, report: Report) -> bool:
    """Play, report, and say whether all was well."""
    source = random.Random(seed)
    async with Server(objects, rate, seed) as server, Proxy(Upstream("127.0.0.1", server.port)) as proxy:
        config = {
            "clusters": [{"name": "c", "cluster": {"server": proxy.url}}],
            "users": [{"name": "u", "user": {"token": "soak"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        async with Subject("soak_client", folder, config, "soak") as subject:
            await subject.ready(300.0)
            run = Soak(server, subject, Faults(proxy, source), report)
            # A comparison dumps everything, which takes memory once: before it is measured.
            await run.check()
            before = await subject.ask("inside", 120.0)
            server.go()
            run.began, cpu = time.monotonic(), subject.cpu()
            over = asyncio.Event()
            async with asyncio.TaskGroup() as both:
                both.create_task(run.look(over))
                await run.play(minutes, source)
                over.set()
            seconds = run.seconds
            used = (subject.cpu() - cpu) / seconds
            await run.check()
            await _end(run, before, seconds, used, judged=minutes >= JUDGED_MINUTES)
            return run.fine


async def _end(run: Soak, before: dict[str, Any], seconds: float, cpu: float, *, judged: bool) -> None:
    said, there = await run.subject.dump(60.0), await run.server.rest()
    after = await run.subject.ask("inside", 120.0)
    trimmed = await run.subject.ask("trim", 120.0)
    reflector = said["reflector"]
    more = sorted(((count - before["types"].get(name, 0), name) for name, count in after["types"].items()), reverse=True)[:8]  # fmt: skip
    run.report.say(
        f"{seconds / 60:.1f} minutes, {there['writes']} writes ({there['writes'] / seconds:.0f}/s; {there['behind']} left out, as the server was behind)\n"
        f"faults: {', '.join(f'{count} x {name}' for name, count in sorted(run.faults.played.items()))}\n"
        f"lists {reflector['lists']}, watches {reflector['watches']}, events {reflector['events']}, failures {reflector['errors']}, objects left out {reflector['broken']}\n"
        f"CPU of the client: {cpu:.1%} of a core; log lines: {run.subject.log_lines()}"
    )
    for name in ("calm", "troubled"):
        ages = said[name]
        run.report.say(f"write to handler, {name}: p50 {ages['p50'] * 1e3:.1f} ms, p99 {ages['p99'] * 1e3:.0f} ms, max {ages['max'] * 1e3:.0f} ms, of {ages['count']}")  # fmt: skip
    run.judge_memory(judged=judged)
    run.report.say(
        f"given back at the end: {_sizes(trimmed['before'])} became {_sizes(trimmed['after'])}\n"
        f"objects more than at the beginning: {', '.join(f'{count:+} {name}' for count, name in more if count > 0)}\n"
        f"large containers: {', '.join(f'{count} {name}' for count, name in after['containers'])}"
    )
    for line in after["grown"]:
        run.report.say(f"grown: {line}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=2000.0)
    parser.add_argument("--report", type=Path, help="file for the report, written as it goes")
    options = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-soak-")))
        file = None
        if options.report is not None:
            options.report.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(options.report.open("w"))
        report = Report(file)
        report.say(
            f"{time.strftime('%Y-%m-%d %H:%M')}: {options.minutes:g} minutes, seed {options.seed}, {options.objects} objects, {options.rate:g} changes a second"
        )
        work = soak(options.minutes, options.seed, options.objects, options.rate, folder, report)
        fine = False
        try:
            fine = loop.run(work, limit=options.minutes * 60 + 1800)
        finally:
            report.say("all was well" if fine else "NOT WELL")
            if not fine and (folder / "log").exists():
                report.say((folder / "log").read_text()[-4000:])
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
