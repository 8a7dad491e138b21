"""Waiting for views to be synced, and saying what is missing while that takes long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fairlead.errors import ClosedError, ConditionNotMet, NotSynced
from fairlead.store.deltas import Deltas

if TYPE_CHECKING:
    from fairlead.client.cached import Cached

__all__ = ["WARN_AFTER", "Waiting", "missing", "wait_for_sync", "wait_until"]

log: logging.Logger = logging.getLogger("fairlead.client")

#: After how many seconds of waiting it is logged what is not synced.
WARN_AFTER = (5.0, 15.0, 45.0)


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

    timers = [loop.call_later(seconds, say, seconds) for seconds in WARN_AFTER]
    try:
        async with asyncio.timeout(timeout):
            for view in views:
                await view._synced()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    except TimeoutError:
        lines = missing(views)
        if lines:  # else they have become so while this process was kept from looking
            raise NotSynced(f"not synced after {loop.time() - began:.1f} s:", lines) from None
    finally:
        for timer in timers:
            timer.cancel()


class Waiting:
    """A sink that wakes whoever waits for a view to change, or to be closed."""

    def __init__(self) -> None:
        self.told: asyncio.Event = asyncio.Event()

    def tell(self, deltas: Deltas) -> None:
        """The view changed; what it shows is looked at afterwards."""
        del deltas
        self.told.set()


async def wait_until(
    view: Cached[Any, Any],
    condition: Callable[[], bool],
    timeout: float,
    said: Callable[[], str],
    last: Callable[[], object] = lambda: None,
) -> None:
    """Wait until a condition holds, asked once the view is synced and after each change. See `Cached.wait_for`.

    `said` and `last` tell what was missing, and what was seen last, for the error.
    """
    waiting = Waiting()
    looks, waits = view._looks, view._waits  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - views and their waits
    for look in looks:
        look.attach(waiting)
    waits.add(waiting)
    scope = asyncio.timeout(timeout)
    try:
        async with scope:
            await view._over.wait()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            while not view.closed:
                if condition():
                    return
                waiting.told.clear()
                await waiting.told.wait()
        raise ClosedError(f"{view.what}: the view was closed while it was waited for")
    except TimeoutError:
        if not scope.expired():
            raise
        if not view.cache_synced():
            raise NotSynced(f"{view.what}: not synced after {timeout:g} s:", missing([view])) from None
        raise ConditionNotMet(f"{view.what}: after {timeout:g} s: {said()}", last()) from None
    finally:
        waits.discard(waiting)
        for look in looks:
            look.detach(waiting)


def missing(views: Iterable[Cached[Any, Any]]) -> list[str]:
    """A line for each view that is not synced."""
    return [view._why() for view in views if not view.has_synced()]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
