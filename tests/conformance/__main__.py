"""`python -m tests.conformance`: play cases to the real server and to ours, show what differs, record what the real one says.

python -m tests.conformance crud                  one area (default: all): ours against the recorded answers
python -m tests.conformance --real crud -k name   ours against a real server, started for this; cases whose name has "name"
python -m tests.conformance --record crud         the same, and write recorded/crud.json
python -m tests.conformance --kubeconfig FILE …   use the server of `python -m tests.support.realserver --kubeconfig FILE`
python -m tests.conformance --show crud -k name   print the real (or recorded) answers too
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from tests.conformance import compare, players, recordings
from tests.conformance.case import Case
from tests.conformance.normal import normalise
from tests.conformance.play import play
from tests.support import realserver

#: Cases that are played to the real server at once.
_PARALLEL = 6

Answers = dict[str, list[dict[str, Any]]]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("areas", nargs="*", help="modules of tests/conformance/cases; default: all")
    parser.add_argument("--real", action="store_true", help="ask a real server instead of the recordings")
    parser.add_argument("--record", action="store_true", help="ask a real server and write its answers down")
    parser.add_argument("--kubeconfig", type=Path, help="of a real server that runs already")
    parser.add_argument("-k", dest="part", default="", help="only cases with this in their name")
    parser.add_argument("--show", action="store_true", help="print the real answers")
    return parser.parse_args()


@contextlib.contextmanager
def _server(kubeconfig: Path | None, features: tuple[str, ...]) -> Generator[players.Place]:
    if kubeconfig is not None and not features:
        yield players.place_of(kubeconfig)
        return
    with realserver.running(features=features) as server:
        yield players.Place(server.url, server.token, str(server.ca_file))


async def _ask(place: players.Place, chosen: dict[str, dict[str, Case]]) -> dict[str, Answers]:
    answers: dict[str, Answers] = {area: {} for area in chosen}
    slots = asyncio.Semaphore(_PARALLEL)

    async def one(area: str, case: Case, player: players.Player) -> None:
        async with slots:
            answers[area][case.name] = normalise(await play(case, player))

    async with players.theirs(place) as player, asyncio.TaskGroup() as group:
        for area, cases in chosen.items():
            for case in cases.values():
                group.create_task(one(area, case, player))
    return answers


async def _ours(case: Case) -> list[dict[str, Any]]:
    async with players.ours(case.features) as player:
        return normalise(await play(case, player))


def _ask_all(options: argparse.Namespace, chosen: dict[str, dict[str, Case]]) -> dict[str, Answers]:
    """Ask one real server per set of feature gates that the cases need."""
    wanted = {case.features for cases in chosen.values() for case in cases.values()}
    found: dict[str, Answers] = {area: {} for area in chosen}
    for features in sorted(wanted):
        part = {
            area: {name: case for name, case in cases.items() if case.features == features}
            for area, cases in chosen.items()
        }
        with _server(options.kubeconfig, features) as place:
            for area, answers in asyncio.run(_ask(place, part)).items():
                found[area].update(answers)
    return found


def main() -> int:
    """Return how many cases differ, at most 1."""
    options = _options()
    names = options.areas or recordings.areas()
    chosen = {
        area: {name: case for name, case in recordings.load_cases(area).items() if options.part in name}
        for area in names
    }
    recorded = {area: recordings.read(area) for area in names}
    asked = options.real or options.record
    real = _ask_all(options, chosen) if asked else recorded
    if options.record:
        for area in names:
            kept = (
                {}
                if not options.part
                else {n: recorded[area][n] for n in recorded[area] if n in recordings.load_cases(area)}
            )
            recordings.write(area, {**kept, **real[area]})
    return min(
        1, sum(_judge(area, case, real[area], show=options.show) for area in names for case in chosen[area].values())
    )


def _judge(area: str, case: Case, real: Answers, *, show: bool) -> bool:
    if case.name not in real:
        sys.stdout.write(f"== {area}/{case.name}\nnot recorded\n")
        return True
    if show:
        lines = [
            f"{n} {step}\n{json.dumps(real[case.name][n], indent=1, sort_keys=True)}"
            for n, step in enumerate(case.steps)
        ]
        sys.stdout.write(f"== {area}/{case.name}\n" + "\n".join(lines) + "\n")
    fault = compare.verdict(area, case, real[case.name], asyncio.run(_ours(case)))
    if fault:
        sys.stdout.write(f"== {area}/{case.name}\n{fault}\n")
    return bool(fault)


if __name__ == "__main__":
    raise SystemExit(main())
