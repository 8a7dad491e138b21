"""What every Python client of the benchmark measures, the same way as the Go one."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def options() -> argparse.Namespace:
    """Read the arguments that all clients share."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True, help="the benchmark server")
    parser.add_argument("--burst", type=int, default=20_000, help="events to take after the sync")
    parser.add_argument("--touch", choices=("metadata", "all"), default="metadata", help="what the handler reads")
    return parser.parse_args()


def used() -> float:
    """Return the CPU seconds of this process so far, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak() -> float:
    """Return the most memory this process ever held, in MB of 10^6 bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def resident() -> float:
    """Return the memory this process holds now, in MB of 10^6 bytes; 0 where there is no /proc."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6 if statm.exists() else 0.0


def best(times: int, read: Callable[[], object]) -> float:
    """Return the CPU seconds of one read, the best of a few rounds."""
    rounds = []
    for _ in range(5):
        before = used()
        for _ in range(times):
            read()
        rounds.append((used() - before) / times)
    return min(rounds)


class Stopwatch:
    """CPU and wall time since it was made."""

    def __init__(self) -> None:
        self.wall_at, self.cpu_at = time.monotonic(), used()

    def record(self, phase: str) -> dict[str, float]:
        """Return the phase's times under the names that the table reads."""
        return {f"{phase}_wall": time.monotonic() - self.wall_at, f"{phase}_cpu": used() - self.cpu_at}


def burst(url: str, count: int) -> str:
    """Ask for the events, and return the last one's resourceVersion; waits until somebody watches."""
    import urllib.request  # noqa: PLC0415 - not part of what a client costs to start

    request = urllib.request.Request(f"{url}/burst?n={count}", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(json.load(answer)["lastResourceVersion"])


def report(**result: float) -> None:
    """Print the one line that bench/run.py reads."""
    print(json.dumps({**result, "peak_rss_mb": peak()}), flush=True)
