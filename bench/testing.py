"""A suite of tests as a controller's project has it: each starts a FakeClient, syncs ten views, and writes twenty objects.

Prints how long a client takes to be ready and synced, as a part of what a real kube-apiserver with its etcd takes to start in
the same run, and how long the whole suite takes. Needs the real servers (`make real`); without them the ratio is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from fairlead import ObjectMeta  # noqa: E402 - after the path to it
from fairlead.models.apps.v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet  # noqa: E402
from fairlead.models.core.v1 import ConfigMap, Namespace, Node, Pod, Secret, Service  # noqa: E402
from fairlead.testing import FakeClient, Tracker  # noqa: E402
from tests.support import realserver  # noqa: E402

TYPES = (ConfigMap, DaemonSet, Deployment, Namespace, Node, Pod, ReplicaSet, Secret, Service, StatefulSet)
WRITES = 20


async def one_test() -> tuple[float, float]:
    """Run one test; returns the seconds, and the CPU seconds, until the client was ready and its ten views synced."""
    began, cpu = time.perf_counter(), time.process_time()
    async with FakeClient(namespace="default") as client:
        configs, *_ = [client.cached(each) for each in TYPES]
        await client.run_and_wait(timeout=10)
        ready = time.perf_counter() - began, time.process_time() - cpu
        tracker = Tracker()
        registration = configs.add_handler(on_event=tracker)
        await registration.wait_synced()
        tracker.clear()
        for number in range(WRITES):
            await configs.create(
                ConfigMap(metadata=ObjectMeta(name=f"c{number}", namespace="default"), data={"x": "1"})
            )
        await client.settle()
        tracker.expect(*(f"add/c{number}" for number in range(WRITES)))
    return ready


def suite(count: int) -> dict[str, float]:
    """Run the tests one after another, each on a loop of its own, as a test runner does."""
    asyncio.run(one_test())  # what is loaded once is no test's own
    wall, cpu = time.perf_counter(), time.process_time()
    measured = [asyncio.run(one_test()) for _ in range(count)]
    ready = sorted(seconds for seconds, _ in measured)
    return {
        "tests": count,
        "suite_seconds": time.perf_counter() - wall,
        "suite_cpu_seconds": time.process_time() - cpu,
        "ready_median_seconds": statistics.median(ready),
        "ready_99th_seconds": ready[int(count * 0.99)],
        "ready_cpu_median_seconds": statistics.median(cpu for _, cpu in measured),
    }


def real_start() -> tuple[float, float] | None:
    """Seconds, and CPU seconds, until a real kube-apiserver answers, its etcd included."""
    if realserver.missing_reason() is not None:
        return None
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with realserver.running():
        seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # of what has ended; it is stopped as soon as it answers
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, Any] = suite(options.tests)
    started = real_start()
    if started is not None:
        seconds, cpu = started
        found |= {"real_start_seconds": seconds, "ready_to_real_start": found["ready_median_seconds"] / seconds}
        found |= {"real_start_cpu_seconds": cpu, "ready_to_real_start_cpu": found["ready_cpu_median_seconds"] / cpu}
    for name, value in found.items():
        print(f"{name:24} {value:.6g}")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
