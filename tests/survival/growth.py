"""Whether memory grows: its slope by the floor of each stretch of time, with the confidence that the stretches allow.

A leak raises what is in use for good, so that the floor of every stretch is higher than the one before. Resident memory may
rise without a leak: objects of varied sizes that come and go leave gaps which later ones do not fit, and the allocators hand
whole pages back only. That levels off, and the floor of what is in use does not move with it. So a leak is judged by what is
in use; what is resident is shown beside it, and judged more loosely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Growth", "growth"]

#: Stretches that the time after the warm-up is cut into.
STRETCHES = 10
#: Two-sided 95 % quantile of Student's t with STRETCHES - 2 degrees of freedom.
QUANTILE = 2.306


@dataclass(frozen=True)
class Growth:
    """What is gained per minute, in the samples' unit: the best guess, and 95 % confidence that it is within `margin` of that."""

    slope: float
    margin: float

    @property
    def at_least(self) -> float:
        """The lower end of the confidence interval."""
        return self.slope - self.margin

    def __str__(self) -> str:
        return f"{self.slope:+.2f} ± {self.margin:.2f} MB/min"


def growth(samples: Sequence[tuple[float, float]]) -> Growth | None:
    """The growth over the later two thirds of samples (seconds, size); None where there are too few to say.

    The first third is the warm-up. The rest is cut into ten stretches, and a line is laid through the floors of them: within
    a stretch samples are not independent of each other, floors of stretches nearly are.
    """
    if not samples:
        return None
    begin, end = samples[0][0], samples[-1][0]
    begin += (end - begin) / 3
    width = (end - begin) / STRETCHES
    floors: dict[int, float] = {}
    for at, size in samples:
        if at >= begin and width > 0:
            stretch = min(int((at - begin) / width), STRETCHES - 1)
            floors[stretch] = min(size, floors.get(stretch, math.inf))
    if len(floors) < STRETCHES:
        return None
    return _line([(number * width / 60.0, floor) for number, floor in sorted(floors.items())])


def _line(points: list[tuple[float, float]]) -> Growth:
    middle = sum(at for at, _ in points) / len(points)
    mean = sum(size for _, size in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    slope = sum((at - middle) * (size - mean) for at, size in points) / spread
    left = sum((size - mean - slope * (at - middle)) ** 2 for at, size in points)
    return Growth(slope, QUANTILE * math.sqrt(left / (len(points) - 2) / spread))
