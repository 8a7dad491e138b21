"""The `cluster` of a behaviour test, one per target, and the world that the test is in: with await or without."""

from __future__ import annotations

import inspect
from collections.abc import Generator

import pytest

from tests.behaviour import clusters
from tests.behaviour.clusters import Cluster
from tests.conftest import targets
from tests.support import sync_face

#: Where a test runs that makes its own clients, in process.
_OWN = ("memory", "sync")


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames or not inspect.iscoroutinefunction(metafunc.function):
        return
    metafunc.fixturenames.append("target")
    own = [target for target in targets(metafunc.config) if target in _OWN]
    metafunc.parametrize("target", own or _OWN[:1], scope="session")


@pytest.fixture(autouse=True)
def _world(request: pytest.FixtureRequest) -> Generator[None]:
    """On the targets of fairlead.sync, what the test's module imported from fairlead is the façade's."""
    target = request.node.callspec.params.get("target", "") if hasattr(request.node, "callspec") else ""
    only, reason = getattr(request.function, "__only__", ((target,), ""))
    if target not in only:
        pytest.skip(f"not on {target}: {reason}")
    if not target.startswith("sync"):
        yield
        return
    with sync_face.in_sync(request.module, clusters):
        yield


@pytest.fixture
def cluster(request: pytest.FixtureRequest, target: str, _world: None) -> Cluster:
    """A cluster of the target asked for."""
    return Cluster(target, request.getfixturevalue("real_kubeconfig") if target.endswith("real") else None)
