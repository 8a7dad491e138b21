"""fairlead survives, and the oracle is exact: nothing missed, nothing that does not exist, nothing stale, clean events."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.realserver import missing_reason
from tests.survival.scenarios import SCENARIOS
from tests.survival.servers import Cluster
from tests.survival.stage import Scenario, play

#: `make nightly` sets it: the long forms, of minutes each.
LONG = "FAIRLEAD_SURVIVAL_LONG" in os.environ

pytestmark = pytest.mark.timeout(900 if LONG else 240)


#: How often a scenario is played at most, where its trouble has passed the client by: between two watches, say.
PLAYS = 3


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster of this worker's own, to be mistreated."""
    if (reason := missing_reason()) is not None:
        pytest.skip(f"no real kube-apiserver: {reason}")
    made = Cluster()
    yield made
    made.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.letter)
def test_fairlead_survives(scenario: Scenario, cluster: Cluster, tmp_path: Path, run_async: Callable[..., Any]) -> None:
    for number in range(PLAYS):
        folder = tmp_path / str(number)
        folder.mkdir()
        limit = 880 if LONG else 220
        verdict = run_async(play(cluster, scenario, ["fairlead_client"], folder, long=LONG), limit=limit)[
            "fairlead_client"
        ]
        assert verdict.ok, f"{scenario.title}: {verdict}\n{(folder / 'fairlead_client' / 'log').read_text()[-6000:]}"
        assert verdict["events"] > verdict["objects"], "the writer has been seen at work"
        reflector = verdict["reflector"]
        troubled = reflector["watches"] >= scenario.watches and reflector["lists"] >= scenario.lists
        if troubled and verdict["said"].keys() >= scenario.said:
            break
    else:
        pytest.fail(f"no trouble: {reflector}, the server said {verdict['said']}")
    if verdict["manners"]:
        # An outage costs the machine and its operators next to nothing.
        assert verdict["manners"]["cpu"] < 0.01, verdict["manners"]
        assert verdict["manners"]["log_lines"] < 20, verdict["manners"]
        assert verdict["manners"]["requests"] < 15, verdict["manners"]
