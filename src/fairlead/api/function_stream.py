"""The body of a watch that a function of the user's own makes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

__all__ = ["Body"]

#: Lines that wait for a slow reader before the function is held up.
BACKLOG = 64


class Body:
    """Lines as they are made, in a task of their own, until they end, `seconds` have passed, or either side closes."""

    def __init__(self, lines: AsyncGenerator[bytes], seconds: float | None) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG)
        self._task = asyncio.get_running_loop().create_task(self._pump(lines, seconds), name="watch by a function")

    async def _pump(self, lines: AsyncGenerator[bytes], seconds: float | None) -> None:
        # A server ends a watch after the time that was asked for, in good order.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), contextlib.aclosing(lines):
                async for line in lines:
                    await self._queue.put(line)
        await self._queue.put(None)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        line = await self._queue.get()
        if line is None:
            self._end()
            raise StopAsyncIteration
        return line

    def _end(self) -> None:
        # For whoever reads once more.
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def aclose(self) -> None:
        """Have the function's iterator closed; idempotent."""
        self._task.cancel()
        await asyncio.wait({self._task})
        self._end()
