"""The `cluster` of a behaviour test, one per target."""

from __future__ import annotations

import pytest

from tests.behaviour.clusters import Cluster


@pytest.fixture
def cluster(request: pytest.FixtureRequest, target: str) -> Cluster:
    """A cluster of the target asked for; skipped, with the reason, where the test is not for that target."""
    targets, reason = getattr(request.function, "__only__", ((target,), ""))
    if target not in targets:
        pytest.skip(f"not on {target}: {reason}")
    return Cluster(target, request.getfixturevalue("real_kubeconfig") if target == "real" else None)
