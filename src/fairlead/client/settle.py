"""Settling: everything written so far has reached every cache, handler and queue, and all of them are idle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from fairlead.client.barrier import Barrier
from fairlead.client.cached import Cached
from fairlead.client.changes import Changes, Participant
from fairlead.client.waiting import missing
from fairlead.errors import FairleadError, NotSynced
from fairlead.informer.calls import inside_handler
from fairlead.informer.informer import Informer, Latest
from fairlead.transport.protocol import Transport

__all__ = ["Settling"]


class _Target(NamedTuple):
    """What an informer should have."""

    informer: Informer
    #: Its version is 0 where it may not be listed, or is not served.
    latest: Latest
    #: Why the server refused the informer's last request, if it did. It may serve the type by now, where a list is let through.
    refusal: FairleadError | None


class Settling:
    """Waits for one client to be quiet."""

    def __init__(
        self,
        transport: Transport,
        informers: Iterable[Informer],
        views: Sequence[Cached[Any, Any]],
        participants: Sequence[Participant],
        changes: Changes,
        barrier: Barrier,
        hears: Callable[[Informer], bool],
    ) -> None:
        # An in-memory server has controllers of its own, which are waited for first.
        self._server: Callable[[], Awaitable[None]] | None = getattr(transport, "settle", None)
        self._informers = informers
        self._views = views
        self._participants = participants
        self._changes = changes
        self._barrier = barrier
        self._hears = hears
        #: Own writes so far.
        self.writes: int = 0

    async def settle(self, timeout: float) -> None:
        """See `Client.settle`."""
        if inside_handler():
            raise RuntimeError("settle() inside a handler would wait for that handler")
        try:
            async with asyncio.timeout(timeout):
                deaf: set[Informer] = set()
                while not await self._passed(deaf):
                    pass
        except TimeoutError:
            raise NotSynced(f"not settled after {timeout:.1f} s:", self._busy()) from None

    async def _passed(self, deaf: set[Informer]) -> bool:
        """Whether the caches have what the server has by now, all are idle, and nothing was written meanwhile.

        If not, return once they have it and are idle; whoever wrote until then has made something new to wait for.
        `deaf` are those that were refused once more while they were waited for; they are not waited for again.
        """
        writes = self.writes
        if self._server is not None:
            await self._server()
        targets = [await self._target(each) for each in self._waited_for() if each not in deaf]
        targets = [each for each in targets if each.latest.version or self._hears(each.informer)]
        if self._idle() and writes == self.writes and all(self._met(target) for target in targets):
            return True
        for target in targets:
            await self._changes.until(partial(self._met, target))
            if self._refused(target):
                deaf.add(target.informer)
        await self._changes.until(self._idle)
        return False

    def _waited_for(self) -> list[Informer]:
        """The informers that are to be waited for.

        Those in their grace time are, but for such as have never synced: their type may never be served.
        """
        return [each for each in self._informers if each.running and (each.users or each.synced.is_set())]

    async def _target(self, informer: Informer) -> _Target:
        return _Target(informer, await self._barrier.latest(informer), informer.reflector.refusal)

    def _met(self, target: _Target) -> bool:
        """Whether an informer has what a list had, or has stopped, or need not or may not be waited for any more."""
        informer = target.informer
        if not informer.running or self._refused(target):
            return True
        if not informer.synced.is_set():
            return not informer.users
        return informer.caught_up(target.latest)

    def _refused(self, target: _Target) -> bool:
        """Whether the server has said no once more, to an informer that can do without."""
        return not self._hears(target.informer) and target.informer.reflector.refusal is not target.refusal

    def _idle(self) -> bool:
        return all(each.idle for each in tuple(self._participants)) and all(each.quiet for each in self._informers)

    def _busy(self) -> list[str]:
        busy = [f"busy: {each!r}" for each in self._participants if not each.idle]
        behind = [each.why_unsynced() for each in self._waited_for() if not each.synced.is_set()]
        return [*busy, *behind, *missing(self._views)]
