"""An event loop whose order is a seed's: tasks that are ready run in any order, and time passes only when all wait.

The same seed gives the same run, so that a failure can be looked at again; another seed gives another interleaving.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar, cast
from unittest import mock

from fairlead.apiserver.cluster import Cluster
from fairlead.informer import slices

__all__ = ["SeededLoop", "run"]

T = TypeVar("T")

#: How likely a callback that is ready waits for a later turn, as one of a busy process does.
_LATE = 0.3
#: Seconds of CPU that pass between two looks at the clock, at most.
_TICK = 0.004


class _Waiting(selectors.SelectSelector):
    """Waits for nothing: there are no sockets, and the time is the loop's own."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("every task waits for something that will never come")
        self.now += timeout
        return []


class SeededLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self, seed: int) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)
        self._clock_resolution = 1e-6
        self._dice = random.Random(f"order {seed}")
        self._late: list[asyncio.Handle] = []

    def time(self) -> float:
        """The loop's own time, in seconds."""
        return self._waiting.now

    def _run_once(self) -> None:
        ready = cast("deque[asyncio.Handle]", self._ready)  # type: ignore[attr-defined]
        handles = [*self._late, *ready]
        self._dice.shuffle(handles)
        late = [self._dice.random() < _LATE for _ in handles]
        now = [handle for handle, is_late in zip(handles, late, strict=True) if not is_late] or handles[:1]
        chosen = set(map(id, now))
        self._late = [handle for handle in handles if id(handle) not in chosen]
        ready.clear()
        ready.extend(now)
        super()._run_once()  # type: ignore[misc]


def run(seed: int, test: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run what `test` makes on a loop of this seed. Time, jitter and uids are the seed's too."""
    with _all_seeded(seed), asyncio.Runner(loop_factory=lambda: SeededLoop(seed)) as runner:
        return runner.run(test())


@contextlib.contextmanager
def _all_seeded(seed: int) -> Generator[None]:
    dice = random.Random(f"clock {seed}")
    cpu = 0.0
    uids = iter(range(1, 1_000_000))

    def clock() -> float:
        nonlocal cpu
        cpu += dice.random() * _TICK
        return cpu

    state = random.getstate()
    random.seed(f"jitter {seed}")
    with (
        mock.patch.object(slices, "perf_counter", clock),
        mock.patch.object(Cluster, "uid", staticmethod(lambda: f"00000000-0000-4000-8000-{next(uids):012d}")),
    ):
        try:
            yield
        finally:
            random.setstate(state)
