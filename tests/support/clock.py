"""A loop whose time is made: where nothing can happen before the next timer, it is that time at once."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

__all__ = ["JumpingLoop"]


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for a timer it moves the clock to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.now += max(timeout, 0.0)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """For tests in one process and one thread: hours pass in no time, and timers run in their order."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(coroutine: Any, *, hours: float = 1) -> Any:
    """Run a coroutine on such a loop, bounded by `hours` of its time."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(asyncio.wait_for(coroutine, hours * 3600))
