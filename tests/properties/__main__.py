"""Play seeds again, or many: `python -m tests.properties --seed 17`, `python -m tests.properties --seeds 0 20000`."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback

from tests.properties.world import World, small_slices
from tests.support import seeded

__all__ = ["play"]


def play(seed: int, *, operations: int = 60, both: bool = False) -> list[str]:
    """Run one seed; returns what was wrong."""
    world = World(seed, operations=operations, both=both)
    with small_slices():
        try:
            seeded.run(seed, world.run)
        except Exception:
            world.wrong.append(traceback.format_exc())
    return world.wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("FROM", "TO"), default=(0, 100))
    parser.add_argument("--operations", type=int, default=60)
    parser.add_argument("--both", action="store_true", help="see the type that comes and goes both ways")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    seeds = range(*given.seeds) if given.seed is None else [given.seed]
    began, failed = time.perf_counter(), 0
    for seed in seeds:
        wrong = play(seed, operations=given.operations, both=given.both)
        if wrong:
            failed += 1
            sys.stdout.write("\n  ".join((f"seed {seed}:", *wrong[:5])) + "\n")
    seconds = time.perf_counter() - began
    each = seconds / len(seeds) * 1000
    sys.stdout.write(f"{len(seeds)} seeds, {failed} failed, {seconds:.1f} s, {each:.1f} ms each\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
