"""Waiting for quiet: everything written so far has reached every cache, handler and queue, and all of them are idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

__all__ = ["Participant", "Quiet"]


class Participant(Protocol):
    """Something that may be busy: a registration, a queue, a runner."""

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do now."""
        ...


class Quiet:
    """Wakes waiters whenever something may have become idle."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        #: Counts changes, so that a pass can see that nothing happened meanwhile.
        self.changes: int = 0

    def changed(self) -> None:
        """Something became idle, synced, or progressed."""
        self.changes += 1
        if not self._waiters:
            return
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; it is looked at after each change."""
        while not condition():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
