"""What every Python client of the benchmark is asked and measures, the same way as the Go ones (gomeasure) and the Rust one."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol


class Asked(Protocol):
    """What a client is asked to do; its own arguments stand beside these."""

    kubeconfig: str
    url: str
    touch: str
    burst: int


def parser() -> argparse.ArgumentParser:
    """The arguments that all clients share."""
    made = argparse.ArgumentParser()
    made.add_argument("--kubeconfig", default="", help="the server to list and watch")
    made.add_argument("--url", default="", help="the benchmark server, which sends bursts")
    made.add_argument("--touch", choices=("nothing", "metadata", "all"), default="metadata", help="what handlers read")
    made.add_argument("--burst", type=int, default=0, help="events to take after the sync")
    return made


def used() -> float:
    """CPU seconds of this process so far, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory(line: str) -> float:
    """A line of /proc/self/status in MB of 10^6 bytes: VmRSS is what is held now, VmHWM the most ever.

    Without /proc it is the most ever, by getrusage.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    found = next(each for each in status.read_text().splitlines() if each.startswith(line))
    return int(found.split()[1]) * 1024 / 1e6


def best(times: int, read: Callable[[], object]) -> float:
    """CPU seconds of one read, the best of a few rounds."""
    rounds = []
    for _ in range(5):
        before = used()
        for _ in range(times):
            read()
        rounds.append((used() - before) / times)
    return min(rounds)


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """The middle, the 99th percentile and the longest of some latencies."""
    ordered = sorted(seconds)
    at = {"p50": len(ordered) // 2, "p99": -(-len(ordered) * 99 // 100) - 1, "max": len(ordered) - 1}
    return {f"latency_{name}": ordered[place] for name, place in at.items()}


class Run:
    """One client's work, phase by phase; its clock begins when it is made, after the imports."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.result: dict[str, float] = {"startup_cpu": used(), "startup_rss_mb": memory("VmRSS")}
        self._events = threading.Event()
        self._left = asked.burst
        #: Whether the first list is in, so that what comes now is the burst.
        self.synced = False
        self.letters = 0
        self._begin()

    def _begin(self) -> None:
        self._wall, self._cpu = time.monotonic(), used()

    def _record(self, phase: str) -> None:
        self.result |= {f"{phase}_wall": time.monotonic() - self._wall, f"{phase}_cpu": used() - self._cpu}

    # The handler ---------------------------------------------------------------------------------------------------

    def touch(self, pod: Any, names: Callable[[Any], int], rest: Callable[[Any], int]) -> None:
        """Read as much of an object as was asked for."""
        if self.asked.touch != "nothing":
            self.letters += names(pod)
            if self.asked.touch == "all":
                self.letters += rest(pod)

    def updated(self) -> bool:
        """Count one event of the burst; whether it was the last."""
        self._left -= 1
        if self._left == 0:
            self._events.set()
        return self._left == 0

    # Phases --------------------------------------------------------------------------------------------------------

    def sync_ends(self, objects: int) -> None:
        """The first list has been handled."""
        self._record("sync")
        self.synced = True
        self.result |= {"process_cpu": used(), "objects": objects, "sync_rss_mb": memory("VmHWM")}
        # What asks for the burst is no memory that events leave; the Go clients have it in their programs.
        import urllib.request  # noqa: F401, PLC0415 - not part of what a client costs to start

        gc.collect()
        self.result["after_sync_rss_mb"] = memory("VmRSS")

    def burst_begins(self) -> None:
        """Ask for the events. The server waits with them until somebody watches."""
        self._begin()
        if self.asked.burst:
            threading.Thread(target=_post, args=(self.asked.url, self.asked.burst), daemon=True).start()

    def burst_ends(self) -> None:
        """All events have been handled."""
        if self.asked.burst:
            self._record("events")
            gc.collect()
            self.result |= {"events": self.asked.burst, "steady_rss_mb": memory("VmRSS")}

    def wait_for_burst(self) -> None:
        """As both, for clients that watch in another thread."""
        self.burst_begins()
        if self.asked.burst and not self._events.wait(600):
            raise SystemExit(f"{self._left} events have not come")
        self.burst_ends()

    async def wait_for_burst_async(self) -> None:
        """As both, for clients that watch on the running loop."""
        self.burst_begins()
        if self.asked.burst:
            await asyncio.to_thread(self._events.wait, 600)
        self.burst_ends()

    def note(self, **numbers: float) -> None:
        """Add to what is reported."""
        self.result |= numbers

    def report(self) -> None:
        """Print the one line that the benchmark reads."""
        self.result["peak_rss_mb"] = memory("VmHWM")
        print(json.dumps(self.result), flush=True)


def alone(**numbers: float) -> None:
    """Print numbers that belong to no phase of a run."""
    print(json.dumps({**numbers, "peak_rss_mb": memory("VmHWM")}), flush=True)


async def writes(count: int, create: Callable[[str], Awaitable[object]]) -> dict[str, float]:
    """Wall and CPU seconds of one create, one after another and fifty at a time."""
    await create("first")
    found: dict[str, float] = {}
    for name, at_once in (("sequential", 1), ("fifty", 50)):
        began, cpu, todo = time.monotonic(), used(), iter(range(count))

        async def worker(name: str = name, todo: Any = todo) -> None:
            for number in todo:
                await create(f"{name}-{number}")

        await asyncio.gather(*(worker() for _ in range(at_once)))
        found |= {f"{name}_wall": (time.monotonic() - began) / count, f"{name}_cpu": (used() - cpu) / count}
    return found


def _post(url: str, count: int) -> None:
    import urllib.request  # noqa: PLC0415 - not part of what a client costs to start

    request = urllib.request.Request(f"{url}/burst?n={count}", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
