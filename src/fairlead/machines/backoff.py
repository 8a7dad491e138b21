"""Exponential back-off with jitter, reset by success."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Backoff"]


class Backoff:
    """Delays in seconds that double from `first` to `limit`, each taken at random from its upper half."""

    __slots__ = ("_chance", "_factor", "_first", "_limit", "_next", "failures")

    def __init__(
        self, first: float = 0.25, limit: float = 30.0, factor: float = 2.0, *, source: random.Random | None = None
    ) -> None:
        self._first, self._limit, self._factor = first, limit, factor
        self._next = first
        self._chance: Callable[[], float] = source.random if source is not None else random.random
        #: Failures since the last success.
        self.failures: int = 0

    def delay(self) -> float:
        """Count a failure, and say how long to wait after it."""
        self.failures += 1
        present, self._next = self._next, min(self._next * self._factor, self._limit)
        return present * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """Count a success."""
        self._next, self.failures = self._first, 0
