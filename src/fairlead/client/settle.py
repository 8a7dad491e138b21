"""Settling: everything written so far has reached every cache, handler and queue, and all of them are idle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from fairlead.client.barrier import Barrier
from fairlead.client.cached import Cached
from fairlead.client.quiet import Participant, Quiet
from fairlead.client.waiting import missing
from fairlead.errors import NotSynced
from fairlead.informer.informer import Informer, Latest
from fairlead.informer.registration import inside_handler
from fairlead.transport.protocol import Transport

__all__ = ["Settling"]


class Settling:
    """Waits for one client to be quiet."""

    def __init__(
        self,
        transport: Transport,
        informers: Iterable[Informer],
        views: Sequence[Cached[Any, Any]],
        participants: Sequence[Participant],
        quiet: Quiet,
        barrier: Barrier,
        hears: Callable[[Informer], bool],
    ) -> None:
        # An in-memory server has controllers of its own, which are waited for first.
        self._server: Callable[[], Awaitable[None]] | None = getattr(transport, "settle", None)
        self._informers = informers
        self._views = views
        self._participants = participants
        self._quiet = quiet
        self._barrier = barrier
        self._hears = hears
        #: Own writes so far.
        self.writes: int = 0

    async def settle(self, timeout: float) -> None:
        """See `Client.settle`."""
        if inside_handler() is not None:
            raise RuntimeError("settle() inside a handler would wait for that handler")
        try:
            async with asyncio.timeout(timeout):
                while not await self._passed():
                    pass
        except TimeoutError:
            raise NotSynced(f"not settled after {timeout:.1f} s:", self._busy()) from None

    async def _passed(self) -> bool:
        """Whether the caches have what the server has by now, all are idle, and nothing was written meanwhile.

        If not, return once they have it and are idle; whoever wrote until then has made something new to wait for.
        """
        writes = self.writes
        if self._server is not None:
            await self._server()
        targets = [(each, await self._barrier.latest(each)) for each in self._told()]
        if self._idle() and writes == self.writes and all(self._has(*target) for target in targets):
            return True
        for target in targets:
            await self._quiet.until(partial(self._has, *target))
        await self._quiet.until(self._idle)
        return False

    def _told(self) -> list[Informer]:
        return [informer for informer in self._informers if informer.running and self._hears(informer)]

    def _has(self, informer: Informer, latest: Latest) -> bool:
        """Whether an informer has what a list had, or has stopped, or may not be waited for any more."""
        if not informer.running or not self._hears(informer):
            return True
        return informer.synced.is_set() and informer.caught_up(latest)

    def _idle(self) -> bool:
        return all(each.idle for each in tuple(self._participants)) and all(each.quiet for each in self._informers)

    def _busy(self) -> list[str]:
        busy = [f"busy: {each!r}" for each in self._participants if not each.idle]
        behind = [each.why_unsynced() for each in self._informers if each.running and not each.synced.is_set()]
        return [*busy, *behind, *missing(self._views)]
