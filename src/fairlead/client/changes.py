"""Waking whoever waits for something of a client to become idle, synced, or newer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

__all__ = ["Changes", "Participant"]


class Participant(Protocol):
    """Something that may be busy: a registration, a queue, a runner."""

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do now."""
        ...


class Changes:
    """Tells waiters that something has changed; each of them looks by itself whether it is what it waits for."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def changed(self) -> None:
        """Something became idle, synced, or progressed."""
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
