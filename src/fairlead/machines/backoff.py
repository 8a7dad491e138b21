"""Exponential back-off with jitter, reset by success."""

from __future__ import annotations

import random

__all__ = ["Backoff"]


class Backoff:
    """Delays in seconds that double from `first` to `limit`, each taken at random from its upper half."""

    __slots__ = ("_factor", "_first", "_limit", "_next", "_random", "failures")

    def __init__(
        self, first: float = 0.25, limit: float = 30.0, factor: float = 2.0, *, source: random.Random | None = None
    ) -> None:
        self._first, self._limit, self._factor = first, limit, factor
        self._next = first
        self._random = source or random.Random()  # noqa: S311 - jitter, not a secret
        #: Failures since the last success.
        self.failures: int = 0

    def delay(self) -> float:
        """Count a failure, and say how long to wait after it."""
        self.failures += 1
        present, self._next = self._next, min(self._next * self._factor, self._limit)
        return present * (0.5 + 0.5 * self._random.random())

    def reset(self) -> None:
        """Count a success."""
        self._next, self.failures = self._first, 0
