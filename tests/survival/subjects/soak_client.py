"""fairlead under the soak: a cached view, a handler that measures how old each change is, and an index."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from fairlead import Client, KubeConfig
from fairlead.models.core.v1 import ConfigMap
from tests.survival.oracle import Fold
from tests.survival.subjects.memory import inside, measured, trimmed
from tests.survival.subjects.protocol import arguments, report, tell
from tests.survival.world import Versions


class Ages:
    """Counts by size, to a tenth: millions of values in a few hundred numbers."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.largest = 0.0

    def add(self, seconds: float) -> None:
        size = 0
        value = max(seconds, 1e-5)
        while value > 1e-5:
            value /= 1.1
            size += 1
        self._counts[size] = self._counts.get(size, 0) + 1
        self.largest = max(self.largest, seconds)

    def quantile(self, share: float) -> float:
        total, so_far = sum(self._counts.values()), 0
        for size, count in sorted(self._counts.items()):
            so_far += count
            if so_far >= share * total:
                return 1e-5 * 1.1**size
        return 0.0

    def said(self) -> dict[str, float]:
        return {
            "p50": self.quantile(0.5),
            "p99": self.quantile(0.99),
            "max": self.largest,
            "count": sum(self._counts.values()),
        }


def facts(thing: Any) -> tuple[str, str, str]:
    meta = thing.metadata
    return str(meta.name), str(meta.uid), str(meta.resource_version)


async def main() -> None:
    options = arguments()
    fold, calm, troubled = Fold(), Ages(), Ages()
    # When the present calm began to count; what was written before may have waited for an outage to end.
    calm_since: list[int | None] = [None]

    def measure(thing: ConfigMap) -> None:
        written = int(thing.data["t"])
        age = (time.monotonic_ns() - written) / 1e9
        (calm if calm_since[0] is not None and written > calm_since[0] else troubled).add(age)

    async with Client(KubeConfig.load(options.kubeconfig), stall_timeout=options.stall) as client:
        view = client.cached(ConfigMap, namespace=options.namespace)
        view.index("first", lambda thing: [str(thing.metadata.name)[:3]])

        def on_add(new: ConfigMap) -> None:
            fold.add(*facts(new))

        def on_update(old: ConfigMap, new: ConfigMap) -> None:
            fold.update(*facts(new))
            measure(new)

        registration = view.add_handler(
            on_add=on_add, on_update=on_update, on_delete=lambda old: fold.delete(*facts(old)[:2])
        )
        await client.run_and_wait(timeout=120)
        tell("ready")
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).strip():
            if line == b"calm":
                calm_since[0] = time.monotonic_ns()
            elif line == b"trouble":
                calm_since[0] = None
            elif line == b"memory":
                said = client.statistics().informers[0]
                queue = registration.statistics()
                facts_now = {
                    "objects": said.objects,
                    "overlaid": said.overlaid,
                    "depth": queue.depth,
                    "high_water": queue.high_water,
                }
                ages = {"calm": calm.said(), "troubled": troubled.said(), "events": said.reflector.events}
                tell({**measured(), **facts_now, **ages, "tasks": len(asyncio.all_tasks())})
            elif line == b"inside":
                tell(inside())
            elif line == b"trim":
                tell(trimmed())
            else:
                cache: Versions = {name: (uid, version) for name, uid, version in map(facts, view.list())}
                reflector = client.statistics().informers[0].reflector
                counted = {
                    name: getattr(reflector, name) for name in ("lists", "watches", "events", "errors", "broken")
                }
                tell(report(cache, fold, calm=calm.said(), troubled=troubled.said(), reflector=counted))


if __name__ == "__main__":
    asyncio.run(main())
