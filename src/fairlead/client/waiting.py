"""Waiting for views to be synced, and saying what is missing while that takes long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fairlead.errors import NotSynced

if TYPE_CHECKING:
    from fairlead.client.cached import Cached

__all__ = ["PATIENCE", "missing", "wait_for_sync"]

log: logging.Logger = logging.getLogger("fairlead.client")

#: After how many seconds of waiting it is logged what is not synced.
PATIENCE = (5.0, 15.0, 45.0)


async def wait_for_sync(views: Sequence[Cached[Any, Any]], timeout: float | None) -> None:
    """Wait for all views; log what is missing after 5, 15 and 45 seconds. Raises NotSynced after `timeout` seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    def say(seconds: float) -> None:
        lines = missing(views)
        log.warning(
            "still waiting for caches after %.0f s: %s", seconds, "; ".join(lines),
            extra={"seconds": seconds, "missing": lines},
        )  # fmt: skip

    timers = [loop.call_later(seconds, say, seconds) for seconds in PATIENCE]
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(view._synced() for view in views))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    except TimeoutError:
        raise NotSynced(f"not synced after {loop.time() - began:.1f} s:", missing(views)) from None
    finally:
        for timer in timers:
            timer.cancel()


def missing(views: Iterable[Cached[Any, Any]]) -> list[str]:
    """A line for each view that is not synced."""
    return [view._why() for view in views if not view.has_synced()]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
