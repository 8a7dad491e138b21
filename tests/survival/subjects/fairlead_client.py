"""fairlead: one cached view with a handler."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from datetime import datetime
from typing import Any

from fairlead import Client, KubeConfig
from tests.survival.oracle import Fold
from tests.survival.subjects.protocol import arguments, report, tell
from tests.survival.world import Versions


def facts(thing: Any) -> tuple[str, str, str]:
    meta = thing.metadata
    return str(meta.name), str(meta.uid), str(meta.resource_version)


async def main() -> None:
    options = arguments()
    if options.jump:
        _jump(options.jump)
    fold = Fold()
    api_version, kind, _ = options.api.rsplit("/", 2)
    async with Client(KubeConfig.load(options.kubeconfig), stall_timeout=options.stall) as client:
        view = client.cached(api_version, kind, namespace=options.namespace)

        def on_update(old: Any, new: Any) -> None:
            fold.update(*facts(new))

        view.add_handler(
            on_add=lambda new: fold.add(*facts(new)),
            on_update=on_update,
            on_delete=lambda old: fold.delete(*facts(old)[:2]),
        )
        _second_handler(view, options.handler)
        client.start()
        # A handler that is blocked for ever never syncs, and keeps nobody else waiting.
        while not view.cache_synced():  # noqa: ASYNC110  # the wait of the API is for handlers too
            await asyncio.sleep(0.02)
        tell("ready")
        async for line in _lines():
            if line.strip() == "dump":
                cache: Versions = {name: (uid, version) for name, uid, version in map(facts, view.list())}
                tell(report(cache, fold, reflector=_statistics(client)))


def _statistics(client: Client) -> dict[str, Any]:
    reflector = client.statistics().informers[0].reflector
    return {name: getattr(reflector, name) for name in ("lists", "watches", "events", "failures", "last_error")}


def _second_handler(view: Any, how: str) -> None:
    """Another handler on the same view, that must harm nobody."""

    async def slow(event: Any) -> None:
        await asyncio.sleep(0.5)

    async def blocked(event: Any) -> None:
        await asyncio.Event().wait()

    def raising(event: Any) -> None:
        raise RuntimeError("as it always does")

    if how == "raising":
        logging.getLogger("fairlead.handlers").setLevel(logging.CRITICAL)
    handlers = {"slow": slow, "blocked": blocked, "raising": raising}
    if how in handlers:
        view.add_handler(on_event=handlers[how])


def _jump(seconds: float) -> None:
    """Have the wall clock jump to and fro, every second; the monotonic clock goes on as ever."""
    real = time.time
    started = time.monotonic()

    def jumping() -> float:
        return real() + (seconds if int(time.monotonic() - started) % 2 else -seconds)

    time.time = jumping
    assert datetime.now().astimezone() is not None


async def _lines() -> Any:
    """Lines of standard input; read by a thread, because not every standard input can be waited for."""
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line


if __name__ == "__main__":
    asyncio.run(main())
