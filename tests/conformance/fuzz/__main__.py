"""Random cases by seed: `python -m tests.conformance.fuzz FAMILY --kubeconfig FILE`.

Prints each step in which the two servers differ, with the case's seed; exits 1 when there is one. `--kubeconfig` is of a real
server that runs: `python -m tests.support.realserver --kubeconfig FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.conformance import compare, players
from tests.conformance.case import Case
from tests.conformance.fuzz import customs, lives, mutations, patches, reads
from tests.conformance.fuzz.told import same, told
from tests.conformance.normal import normalise
from tests.conformance.play import play

#: Cases that are played at once.
_PARALLEL = 6
#: By family: the case of a seeded generator (and of one type, where a name is given), and what its steps are about.
Family = Callable[[random.Random, str], tuple[Case, Mapping[int, str]]]
FAMILIES: Mapping[str, Family] = {
    "patches": patches.case_of,
    "mutations": mutations.case_of,
    "customs": customs.case_of,
    "lives": lives.case_of,
    "errors": reads.errors,
    "forms": reads.forms,
    "watches": reads.watches,
}


async def _differences(options: argparse.Namespace) -> int:
    count = 0
    slots = asyncio.Semaphore(_PARALLEL)
    family = FAMILIES[options.family]

    async def one(seed: int, theirs: players.Player) -> None:
        nonlocal count
        async with slots:
            case, notes = family(random.Random(seed), options.only)
            real = normalise(await play(case, theirs))
            async with players.ours() as player:
                ours = normalise(await play(case, player))
        steps = [step for step in compare.differing(real, ours) if not same(real[step], ours[step])]
        if not steps:
            return
        count += 1
        if options.whole:
            sys.stdout.write(f"== seed {seed}, {case.name}\n{compare.verdict('fuzz', case, real, ours)}\n")
            return
        lines = [f"-- {notes.get(step, case.steps[step])}\n{told(real[step], ours[step])}" for step in steps]
        sys.stdout.write(f"== seed {seed}, {case.name}\n" + "\n".join(lines) + "\n")

    async with players.theirs(players.place_of(options.kubeconfig)) as player, asyncio.TaskGroup() as group:
        for seed in range(options.seed, options.seed + options.cases):
            group.create_task(one(seed, player))
    return count


def main() -> int:
    """Return 1 when a case differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--only", default="", help="one plural name")
    parser.add_argument("--whole", action="store_true", help="print whole differences instead of their gist")
    options = parser.parse_args()
    count = asyncio.run(_differences(options))
    sys.stdout.write(f"{count} of {options.cases} differ\n")
    return min(1, count)


if __name__ == "__main__":
    raise SystemExit(main())
