"""Mixed faults under load, for as long as it is told, from one seed: `python -m tests.survival.soak --minutes 15 --seed 1`.

The in-memory API server writes 2,000 changes a second to 20,000 objects; a client follows them through a proxy that cuts,
refuses, freezes, delays, mangles, expires and answers in the server's place. At the end, and between, cache = truth.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from tests.support import loop
from tests.survival.oracle import compare
from tests.survival.proxy import Answer, Proxy, RequestHead, Upstream
from tests.survival.subject import Subject
from tests.survival.world import Versions

#: How many minutes lie between two comparisons with the truth.
CHECK_MINUTES = 5.0


class Server:
    """The server's process."""

    def __init__(self, objects: int, rate: float, seed: int) -> None:
        self._command = [sys.executable, "-m", "tests.survival.soak_server", "--objects", str(objects), "--rate", str(rate), "--seed", str(seed)]  # fmt: skip

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26
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


class Faults:
    """What goes wrong next, by the seed; each fault ends by itself."""

    def __init__(self, proxy: Proxy, source: random.Random) -> None:
        self._proxy = proxy
        self._random = source
        self.played: dict[str, int] = {}
        self._all: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("cut", self._cut), ("cut", self._cut), ("outage", self._outage), ("refused", self._refused),
            ("half-open", self._frozen), ("slow", self._slow), ("mangled", self._mangled), ("mangled", self._mangled),
            ("expired", self._expired), ("429", self._busy), ("5xx", self._failing),
        ]  # fmt: skip

    async def next(self) -> None:
        name, fault = self._random.choice(self._all)
        self.played[name] = self.played.get(name, 0) + 1
        await fault()

    async def _cut(self) -> None:
        self._proxy.abort()

    async def _outage(self) -> None:
        self._proxy.outage()
        await asyncio.sleep(self._random.uniform(1, 12))
        self._proxy.restore()

    async def _refused(self) -> None:
        await self._proxy.refuse()
        self._proxy.abort()
        await asyncio.sleep(self._random.uniform(1, 5))
        await self._proxy.listen()

    async def _frozen(self) -> None:
        self._proxy.freeze()
        await asyncio.sleep(75.0)

    async def _slow(self) -> None:
        self._proxy.delay = 0.05
        await asyncio.sleep(self._random.uniform(2, 8))
        self._proxy.delay = 0.0

    async def _mangled(self) -> None:
        for _ in range(5):
            self._proxy.faults.append(self._random.choice(("truncate", "truncate and end", "garbage")))
            await asyncio.sleep(1.0)
        # What found no event to mangle is not kept for later connections, which would each fail at their beginning.
        self._proxy.faults.clear()

    async def _expired(self) -> None:
        gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
        await self._answering(
            [Answer(410, json.dumps(gone).encode())], lambda head: "sendInitialEvents" not in head.target, 1
        )

    async def _busy(self) -> None:
        busy = {"kind": "Status", "code": 429, "reason": "TooManyRequests", "message": "slow down"}
        headers = (("Content-Type", "application/json"), ("Retry-After", "1"))
        await self._answering([Answer(429, json.dumps(busy).encode(), headers)], lambda _: True, 3)

    async def _failing(self) -> None:
        codes = self._random.sample((500, 502, 503, 504), 3)
        await self._answering(
            [Answer(code, b"not now", (("Content-Type", "text/plain"),)) for code in codes], lambda _: True, 4
        )

    async def _answering(self, answers: list[Answer], applies: Callable[[RequestHead], bool], count: int) -> None:
        left = count

        def intercept(head: RequestHead) -> Answer | None:
            nonlocal left
            if not head.watch or not applies(head) or left == 0:
                return None
            left -= 1
            return answers[left % len(answers)]

        self._proxy.intercept = intercept
        self._proxy.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30.0):
                while left:  # noqa: ASYNC110  # the requests come when they come
                    await asyncio.sleep(0.2)
        self._proxy.intercept = lambda _: None


def _memory(process: int) -> float:
    """Resident megabytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6


async def _samples(process: int, into: list[tuple[float, float]]) -> None:
    while True:
        into.append((time.monotonic(), _memory(process)))
        await asyncio.sleep(2.0)


def slope(samples: list[tuple[float, float]]) -> float:
    """Megabytes per minute, by least squares over the later two thirds: what grows for ever shows, what warms up does not."""
    late = samples[len(samples) // 3 :]
    if len(late) < 3:
        return 0.0
    middle = sum(at for at, _ in late) / len(late)
    mean = sum(size for _, size in late) / len(late)
    spread = sum((at - middle) ** 2 for at, _ in late)
    return 60.0 * sum((at - middle) * (size - mean) for at, size in late) / spread


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


@contextlib.asynccontextmanager
async def _beside(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def soak(minutes: float, seed: int, objects: int, rate: float, folder: Path) -> bool:
    """Play, print the report, and say whether all was well."""
    source = random.Random(seed)
    samples: list[tuple[float, float]] = []
    fine = True
    async with Server(objects, rate, seed) as server, Proxy(Upstream("127.0.0.1", server.port)) as proxy:
        config = {
            "clusters": [{"name": "c", "cluster": {"server": proxy.url}}],
            "users": [{"name": "u", "user": {"token": "soak"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        faults = Faults(proxy, source)
        async with Subject("soak_client", folder, config, "soak") as subject:
            await subject.ready(300.0)
            assert subject.process.stdin is not None
            # A comparison dumps everything, which takes memory once: before it is measured.
            fine &= await _check(server, subject, 0.0)
            server.go()
            began = checked = time.monotonic()
            cpu = subject.cpu()
            async with _beside(_samples(subject.process.pid, samples)):
                while (now := time.monotonic()) - began < minutes * 60:
                    subject.process.stdin.write(b"calm\n")
                    await asyncio.sleep(source.uniform(4, 15))
                    subject.process.stdin.write(b"trouble\n")
                    await faults.next()
                    await asyncio.sleep(3.0)  # what waited for it arrives
                    if now - checked > CHECK_MINUTES * 60:
                        checked = now
                        fine &= await _check(server, subject, now - began)
                        server.go()
            seconds = time.monotonic() - began
            used = (subject.cpu() - cpu) / seconds
            fine &= await _check(server, subject, seconds)
            said = await subject.dump(60.0)
            there = await server.rest()
            _report(said, there, samples, faults.played, seconds, used, subject.log_lines(), seed)
    # A short run shows how memory warms up, not whether it grows.
    return fine and (minutes < 10 or slope(samples) < 1.0)


async def _check(server: Server, subject: Subject, at: float) -> bool:
    truth = (await server.rest())["truth"]
    differs, said = await _caught_up(subject, truth, 120.0)
    fine = not differs and not said["wrong"]
    shown = (
        "cache and events are the truth"
        if fine
        else f"WRONG: {[(w, len(n)) for w, n in differs.items()]} {said['examples']}"
    )
    sys.stdout.write(f"after {at / 60:5.1f} min: {len(truth)} objects, {said['events']} events; {shown}\n")
    sys.stdout.flush()
    return fine


def _report(
    said: dict[str, Any], there: dict[str, Any], samples: list[tuple[float, float]], played: dict[str, int],
    seconds: float, cpu: float, lines: int, seed: int,
) -> None:  # fmt: skip
    reflector = said["reflector"]
    out = [
        f"seed {seed}, {seconds / 60:.1f} minutes, {there['writes']} writes ({there['writes'] / seconds:.0f}/s; {there['behind']} left out, as the server was behind)",
        f"faults: {', '.join(f'{count} x {name}' for name, count in sorted(played.items()))}",
        f"lists {reflector['lists']}, watches {reflector['watches']}, events {reflector['events']}, failures {reflector['errors']}, objects left out {reflector['broken']}",
        f"memory: {samples[len(samples) // 3][1]:.0f} MB after a third, {samples[-1][1]:.0f} MB at the end, most {max(s for _, s in samples):.0f} MB; {slope(samples):+.2f} MB/min over the later two thirds",
        f"CPU of the client: {cpu:.1%} of a core; log lines: {lines}",
    ]
    for name in ("calm", "troubled"):
        ages = said[name]
        out.append(f"write to handler, {name}: p50 {ages['p50'] * 1e3:.1f} ms, p99 {ages['p99'] * 1e3:.0f} ms, max {ages['max'] * 1e3:.0f} ms, of {ages['count']}")  # fmt: skip
    sys.stdout.write("\n".join(out) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=2000.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairlead-soak-") as folder:
        work = soak(options.minutes, options.seed, options.objects, options.rate, Path(folder))
        fine = loop.run(work, limit=options.minutes * 60 + 1800)
        if not fine:
            sys.stdout.write((Path(folder) / "log").read_text()[-4000:])
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
