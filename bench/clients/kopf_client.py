"""kopf: an index and an event handler."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import kopf
import measure
import yaml


def names(body: Any) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(body["metadata"]["name"]) + len(body["metadata"]["namespace"])


def rest(body: Any) -> int:
    """Read a little of spec and status."""
    return len(body["spec"]["containers"][0]["image"]) + len(body["status"]["podIP"])


async def main() -> None:
    """Sync, then take the burst. An operator does not say when it has synced: that is when every pod has been handled."""
    logging.disable(logging.WARNING)
    parser = measure.parser()
    parser.add_argument("--pods", type=int, required=True, help="how many there are")
    asked = parser.parse_args()
    # It batches what comes quickly for one object: only one event for each is sure to be told.
    asked.burst = min(asked.burst, asked.pods)
    run = measure.Run(asked)
    registry = kopf.OperatorRegistry()
    told, synced, done, stop = 0, asyncio.Event(), asyncio.Event(), asyncio.Event()
    cluster = yaml.safe_load(Path(asked.kubeconfig).read_text())["clusters"][0]["cluster"]  # noqa: ASYNC240 - nothing runs yet

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> Any:
        return kopf.ConnectionInfo(server=cluster["server"])

    @kopf.index("", "v1", "pods", id="whole", registry=registry)
    def whole(body: Any, **_: Any) -> Any:
        return {(body["metadata"]["namespace"], body["metadata"]["name"]): dict(body)}

    @kopf.on.event("", "v1", "pods", registry=registry)
    async def event(body: Any, **_: Any) -> None:
        nonlocal told
        run.touch(body, names, rest)
        if synced.is_set():
            if run.updated():
                done.set()
            return
        told += 1
        if told == asked.pods:
            synced.set()

    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True  # there are no definitions to observe
    running = asyncio.create_task(
        kopf.operator(registry=registry, settings=settings, clusterwide=True, standalone=True, stop_flag=stop)
    )
    await synced.wait()
    run.sync_ends(told)
    run.burst_begins()
    if asked.burst:
        await done.wait()
    run.burst_ends()
    run.report()
    stop.set()
    await running


if __name__ == "__main__":
    asyncio.run(main())
