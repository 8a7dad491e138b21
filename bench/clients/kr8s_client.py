"""kr8s as its users keep a cache: list and watch into a dict. It has no cache, and its watch begins with a list of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import kr8s.asyncio
import measure


def names(pod: Any) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(pod.metadata.name) + len(pod.metadata.namespace)


def rest(pod: Any) -> int:
    """Read a little of spec and status."""
    return len(pod.spec.containers[0].image) + len(pod.status.podIP)


async def main() -> None:
    """Sync, then take the burst."""
    run = measure.Run(measure.parser().parse_args())
    api = await kr8s.asyncio.api(kubeconfig=run.asked.kubeconfig)
    cache = {}
    async for pod in api.get("pods", namespace=kr8s.ALL):
        run.touch(pod, names, rest)
        cache[pod.metadata.namespace, pod.metadata.name] = pod
    run.sync_ends(len(cache))
    run.burst_begins()
    async for _kind, pod in api.watch("pods", namespace=kr8s.ALL, since=str(len(cache))):
        run.touch(pod, names, rest)
        cache[pod.metadata.namespace, pod.metadata.name] = pod
        if run.updated():
            break
    run.burst_ends()
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
