"""The in-memory server answers every case as the real one does.

On `memory` and `http` ours is held against the recorded answers of a real server; on `real` a running one is asked, ours is held
against what it says, and a recording that it no longer gives fails too.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import compare, known, players, recordings
from tests.conformance.case import Case
from tests.conformance.normal import normalise
from tests.conformance.play import play

#: What is played over HTTP too: where the way the bytes go can make a difference.
_OVER_HTTP = frozenset({"errors", "watches"})
#: How often a case is played before a difference counts: objects bear times in whole seconds, and where a second ends between
#: two steps a write that changes nothing else changes that. The real server also gives the causes of a few refusals in the
#: order of a Go map, which is a new one each time; ours never does.
PLAYS = {"memory": 2, "http": 2, "real": 8}
_CASES = {area: recordings.load_cases(area) for area in recordings.areas()}
_RECORDED = {area: recordings.read(area) for area in _CASES}


async def _ours(server: str, case: Case) -> list[dict[str, Any]]:
    where = players.ours_over_http(case.features) if server == "http" else players.ours(case.features)
    async with where as player:
        return normalise(await play(case, player))


async def _real(place: players.Place, case: Case) -> list[dict[str, Any]]:
    async with players.theirs(place) as player:
        return normalise(await play(case, player))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server" not in metafunc.fixturenames:
        return
    given: list[str] = metafunc.config.getoption("--fairlead-target") or ["memory,http"]
    servers = {name for each in given for name in each.split(",")} & {"memory", "http", "real"}
    found = [
        (server, area, name)
        for server in sorted(servers)
        for area, cases in _CASES.items()
        if server != "http" or area in _OVER_HTTP
        for name in cases
    ]
    metafunc.parametrize(("server", "area", "name"), found)


async def test_it_answers_as_the_real_server_does(
    server: str, area: str, name: str, request: pytest.FixtureRequest
) -> None:
    case, recorded = _CASES[area][name], _RECORDED[area].get(name)
    if recorded is None:
        pytest.fail(f"not recorded yet: python -m tests.conformance --record {area}")
    if server == "real" and case.features:
        pytest.skip(f"needs a server with {', '.join(case.features)}; `--record` starts one")
    fault = ""
    for _ in range(PLAYS[server]):
        real = recorded
        if server == "real":
            real = await _real(players.place_of(request.getfixturevalue("real_kubeconfig")), case)
        fault = _stale(area, case, recorded, real) or compare.verdict(area, case, real, await _ours(server, case))
        if not fault:
            return
    pytest.fail(f"{area}/{name}, {PLAYS[server]} times\n{fault}", pytrace=False)


def _stale(area: str, case: Case, recorded: list[dict[str, Any]], real: list[dict[str, Any]]) -> str:
    different = compare.differing(recorded, real)
    if not different:
        return ""
    shown = compare.report(case, different, recorded, real, ("recorded", "real"))
    return f"the recording is stale: python -m tests.conformance --record {area}\n{shown}"


def test_nothing_is_recorded_or_known_of_cases_that_are_gone() -> None:
    gone = [f"{area}/{name}" for area, found in _RECORDED.items() for name in found if name not in _CASES[area]]
    assert not gone, f"python -m tests.conformance --record {' '.join({each.partition('/')[0] for each in gone})}"
    names = {f"{area}/{name}" for area, found in _CASES.items() for name in found}
    assert [each.case for each in known.KNOWN if each.case not in names] == []
