"""Fair use of the event loop: long work is done in slices of at most ten milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from time import perf_counter

__all__ = ["SLICE_SECONDS", "Slicer", "Turn"]

SLICE_SECONDS = 0.010


class Slicer:
    """Lets other tasks run whenever the present one has held the loop for a slice."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        #: When the slice is over, by `clock`: for loops to which a call of `pause` each time would cost too much.
        self.until: float = perf_counter() + SLICE_SECONDS

    @staticmethod
    def clock() -> Callable[[], float]:
        """What tells the time that `until` is compared with."""
        return perf_counter

    def begin(self) -> None:
        """The task has just been resumed by the loop: a new slice begins."""
        self.until = perf_counter() + SLICE_SECONDS

    async def pause(self) -> None:
        """Let others run if the slice is over."""
        if perf_counter() >= self.until:
            await asyncio.sleep(0)
            self.until = perf_counter() + SLICE_SECONDS

    async def drive(self, steps: Iterator[None]) -> None:
        """Run a preparing generator to its end."""
        self.begin()
        for _ in steps:
            await self.pause()


class Turn:
    """How much of the loop's present turn bulk changes have used; shared by all of a client's.

    A change of one namespace may make many views ask their filters again. Together they hold the loop for one slice, both in
    what is done at once and in what goes on later.
    """

    __slots__ = ("_until",)

    def __init__(self) -> None:
        # None: nothing has been done in this turn yet.
        self._until: float | None = None

    @property
    def used_up(self) -> bool:
        """Whether what has been done in this turn took a slice. To be asked inside an event loop."""
        if self._until is None:
            self._until = perf_counter() + SLICE_SECONDS
            asyncio.get_running_loop().call_soon(self._next)
        return perf_counter() >= self._until

    async def drive(self, steps: Iterator[None]) -> None:
        """Run a preparing generator to its end; in each turn one step, and more while the slice lasts."""
        for _ in steps:
            if self.used_up:
                await asyncio.sleep(0)

    def _next(self) -> None:
        self._until = None
