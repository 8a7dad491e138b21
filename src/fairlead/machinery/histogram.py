"""Counts of measured values by size, as monitoring systems read them; nothing of any such system is needed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

__all__ = ["Histogram", "HistogramStatistics"]


class HistogramStatistics(msgspec.Struct, frozen=True):
    """A histogram as it is now."""

    #: Upper limits, each included, and the counts of values up to each of them and above the one before; the last count
    #: is of what is above all limits.
    limits: tuple[float, ...]
    counts: tuple[int, ...]
    #: The sum of all values.
    total: float

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)


class Histogram:
    """Takes values. `limits` are ascending."""

    __slots__ = ("_counts", "_limits", "_total")

    def __init__(self, limits: Sequence[float]) -> None:
        self._limits = tuple(limits)
        self._counts = [0] * (len(self._limits) + 1)
        self._total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._limits, value)] += 1
        self._total += value

    def statistics(self) -> HistogramStatistics:
        """Counts as they are now."""
        return HistogramStatistics(self._limits, tuple(self._counts), self._total)
