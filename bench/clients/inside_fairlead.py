"""What fairlead's own parts cost: a FakeClient's start, and a call through `fairlead.sync`, each beside what it is built on."""

from __future__ import annotations

import asyncio
import time

import measure

from fairlead import ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from fairlead.sync.testing import FakeClient as SyncFakeClient
from fairlead.testing import FakeClient

CONFIG = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"), data={"x": "1"})
ROUNDS = 300


async def started() -> float:
    """Seconds until a client of a server of its own has synced one view; the best of many."""
    seconds = []
    for _ in range(50):
        began = time.perf_counter()
        async with FakeClient(CONFIG) as client:
            client.cached(ConfigMap)
            await client.run_and_wait(timeout=10)
            seconds.append(time.perf_counter() - began)
    return min(seconds)


async def awaited() -> dict[str, float]:
    """CPU seconds of one read of the cache, and of one request, with asyncio."""
    async with FakeClient(CONFIG) as client:
        view, direct = client.cached(ConfigMap), client.direct(ConfigMap)
        await client.run_and_wait(timeout=10)
        before = measure.used()
        for _ in range(ROUNDS):
            await direct.get("a", "default")
        request = (measure.used() - before) / ROUNDS
        return {"async_get_cpu": measure.best(ROUNDS, lambda: view.get("a", "default")), "async_request_cpu": request}


def blocking() -> dict[str, float]:
    """The same through `fairlead.sync`, whose loop runs in another thread."""
    with SyncFakeClient(CONFIG) as client:
        view, direct = client.cached(ConfigMap), client.direct(ConfigMap)
        client.run_and_wait(timeout=10)
        read = measure.best(ROUNDS, lambda: view.get("a", "default"))
        return {"sync_get_cpu": read, "sync_request_cpu": measure.best(ROUNDS, lambda: direct.get("a", "default"))}


measure.alone(fake_start=asyncio.run(started()), **asyncio.run(awaited()), **blocking())
