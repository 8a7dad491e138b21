"""kubectl prints and exits the same on our server as it did, or does, on a real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kubectl import recordings
from tests.kubectl.cases import SESSIONS
from tests.kubectl.play import Place, play
from tests.kubectl.servers import kubectl, ours

_RECORDED = recordings.read()
_SESSIONS = {session.name: session for session in SESSIONS}
#: Those that every run plays; the others are slow, as kubectl takes its time.
_QUICK = ("who and what", "wait and delete", "labels and annotations")
_EACH = [name if name in _QUICK else pytest.param(name, marks=pytest.mark.slow) for name in _SESSIONS]


@pytest.fixture(autouse=True)
def _kubectl() -> None:
    if not os.access(kubectl(), os.X_OK):
        pytest.skip("kubectl of the release is not built; `make real` builds it")


@pytest.mark.parametrize("name", _EACH)
async def test_it_prints_the_same(name: str) -> None:
    session = _SESSIONS[name]
    async with ours() as place:
        found = await play(session, place)
    if fault := recordings.report(session, _RECORDED.get(name, []), found):
        pytest.fail(fault, pytrace=False)


@pytest.mark.parametrize("name", _SESSIONS)
async def test_the_recording_is_what_the_real_server_prints(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    session = _SESSIONS[name]
    real: Path = request.getfixturevalue("real_kubeconfig")
    found = await play(session, Place(kubectl(), real, tmp_path))
    if fault := recordings.report(session, _RECORDED.get(name, []), found):
        pytest.fail(f"recorded: real; now: ours\n{fault}", pytrace=False)


def test_nothing_is_recorded_of_sessions_that_are_gone() -> None:
    assert sorted(set(_RECORDED) - set(_SESSIONS)) == []


def test_there_are_enough_of_them() -> None:
    assert sum(len(session.commands) for session in SESSIONS) >= 50
