"""How a soak judges whether memory grows."""

from __future__ import annotations

import random

import pytest

from tests.survival.growth import growth


def samples(seed: int, slope: float, *, warm: float = 0.0, noise: float = 3.0) -> list[tuple[float, float]]:
    """An hour of samples every three seconds: MB per minute, a warm-up that levels off, and bursts that come and go."""
    source = random.Random(seed)
    return [
        (
            100.0 + at,
            60.0
            + slope * at / 60
            + warm * (1 - 0.99 ** (at / 3))
            + (source.uniform(0, noise) if source.random() < 0.3 else 0.0),
        )
        for at in range(0, 3600, 3)
    ]


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.05, 0.5, 3.0])
def test_the_slope_is_within_its_margin(slope: float) -> None:
    hits = 0
    for seed in range(200):
        found = growth(samples(seed, slope))
        assert found is not None
        assert abs(found.slope - slope) < 0.05
        hits += abs(found.slope - slope) <= found.margin
    # The floors of bursts are no normal distribution: the confidence is somewhat less than the 95 % of one.
    assert hits > 150


def test_a_warm_up_and_bursts_are_no_growth_and_a_small_leak_is() -> None:
    flat = growth(samples(1, 0.0, warm=40.0, noise=30.0))
    leak = growth(samples(1, 0.3, warm=40.0, noise=30.0))
    assert flat is not None
    assert leak is not None
    assert flat.at_least < 0.02
    assert leak.at_least > 0.2


def test_too_few_samples_say_nothing() -> None:
    assert growth([]) is None
    assert growth([(0.0, 1.0)] * 30) is None
    assert growth([(float(at), 1.0) for at in range(8)]) is None
