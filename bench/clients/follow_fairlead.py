"""fairlead tells how old each change is when its handler is called."""

from __future__ import annotations

import asyncio
import time

import measure

from fairlead import Client, KubeConfig
from fairlead.models.core.v1 import ConfigMap

#: The annotation that says when a change was sent, in nanoseconds of the wall clock.
SENT = "bench/sent"


async def main() -> None:
    """Say "ready" once synced, and the ages at the end."""
    parser = measure.parser()
    parser.add_argument("--follow", type=int, required=True, help="changes to tell the age of")
    asked = parser.parse_args()
    run = measure.Run(asked)
    ages: list[float] = []
    done = asyncio.Event()

    def updated(_old: ConfigMap, new: ConfigMap) -> None:
        sent = new.metadata.annotations.get(SENT)
        if sent is not None:
            ages.append((time.time_ns() - int(sent)) / 1e9)
            if len(ages) == asked.follow:
                done.set()

    async with Client(KubeConfig.load(asked.kubeconfig)) as client:
        client.cached(ConfigMap, namespace="default").add_handler(on_update=updated)
        await client.run_and_wait(timeout=60)
        print("ready", flush=True)
        await done.wait()
    run.note(**measure.quantiles(ages))
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
