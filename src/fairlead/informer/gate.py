"""How many lists a client asks for at once: five hundred informers that lost their server come back in good order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

__all__ = ["ListGate", "Place"]

#: Lists at once. Waiting ones cost nothing; a list that hangs holds its place until it counts as stalled.
LISTS = 32


class Place:
    """A place among those that list; `leave` gives it back, once."""

    def __init__(self, gate: ListGate) -> None:
        self._gate: ListGate | None = gate

    def leave(self) -> None:
        """Let the next one list; idempotent."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.left()


class ListGate:
    """Bounds the lists of one client. Belongs to its loop."""

    def __init__(self, limit: int = LISTS) -> None:
        self._places = asyncio.Semaphore(limit)
        #: How many list now, and the most that ever did.
        self.listing: int = 0
        self.peak: int = 0

    async def enter(self) -> Place:
        """Wait for a place."""
        await self._places.acquire()
        self.listing += 1
        self.peak = max(self.peak, self.listing)
        return Place(self)

    def left(self) -> None:
        """A place has become free."""
        self.listing -= 1
        self._places.release()

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold a place for the length of a block."""
        held = await self.enter()
        try:
            yield
        finally:
            held.leave()
