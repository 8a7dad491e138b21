"""Whatever happens in whatever order, what handlers are told adds up to what the server has.

`FAIRLEAD_SEEDS` says how many seeds are played: 2,000 as a rule, 20,000 in `make nightly`.
"""

from __future__ import annotations

import os

import pytest

from tests.properties.__main__ import play

_SEEDS = int(os.environ.get("FAIRLEAD_SEEDS", "2000"))
_EACH = 10


@pytest.mark.parametrize("first", range(0, _SEEDS, _EACH))
def test_every_handler_is_told_what_the_server_has(first: int) -> None:
    for seed in range(first, min(first + _EACH, _SEEDS)):
        wrong = play(seed)
        again = f"python -m tests.properties --seed {seed}"
        assert not wrong, f"seed {seed}; to see it again: {again}\n" + "\n".join(wrong[:5])


def test_a_seed_gives_the_same_run_again() -> None:
    from tests.properties.world import World, small_slices
    from tests.support import seeded

    told = []
    for _ in range(2):
        world = World(7)
        with small_slices():
            seeded.run(7, world.run)
        told.append((world.log, [fold.history for fold in world.folds]))
    assert told[0] == told[1]
