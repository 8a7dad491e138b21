"""The pytest plugin: a client, its server, or a whole cluster for each test that asks for one.

Found by pytest through its entry point; nothing of fairlead is imported before a test uses a fixture. An `async def` test
gets the asynchronous client, on its own loop, whoever runs it: pytest-asyncio, anyio, or, where nobody does, this plugin.
A `def` test gets that of `fairlead.sync`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fairlead.sync.fixtures import FairleadCluster

__all__ = ["TARGETS", "chosen_targets"]

TARGETS = ("memory", "http", "kubeconfig")
_FIXTURES = {"fairlead_client", "fairlead_cluster", "fairlead_server"}
_MARKER = "fairlead(crds=(), objects=()): classes or manifests of types, and objects, that the test's cluster has from the start"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What stands on the command line."""
    group = parser.getgroup("fairlead")
    group.addoption(
        "--fairlead-target",
        action="append",
        metavar="TARGET[,TARGET]",
        help=f"where tests with fairlead's fixtures run: {', '.join(TARGETS)}; may be repeated (default: {TARGETS[0]})",
    )
    group.addoption(
        "--fairlead-kubeconfig",
        metavar="PATH",
        help="the cluster of --fairlead-target=kubeconfig (default: $KUBECONFIG or ~/.kube/config)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def chosen_targets(config: pytest.Config) -> list[str]:
    """The targets asked for on the command line, each once; empty where there are none."""
    given: list[str] = config.getoption("--fairlead-target") or []
    return list(dict.fromkeys(target for each in given for target in each.split(",")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on each target."""
    if "fairlead_target" not in metafunc.fixturenames:
        return
    targets = chosen_targets(metafunc.config) or [TARGETS[0]]
    for target in targets:
        if target not in TARGETS:
            raise pytest.UsageError(f"--fairlead-target={target}: choose from {', '.join(TARGETS)}")
    if len(targets) > 1:
        metafunc.parametrize("fairlead_target", targets)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse markers that say what is not understood; they would be without effect."""
    for item in items:
        for marker in item.iter_markers("fairlead"):
            _check(item.nodeid, marker)


def _check(test: str, marker: pytest.Mark) -> None:
    unknown = sorted(set(marker.kwargs) - {"crds", "objects"})
    if marker.args or unknown:
        given = ", ".join([*(f"{each!r:.60}" for each in marker.args), *(f"{name}=" for name in unknown)])
        raise pytest.UsageError(f"{test}: @pytest.mark.fairlead takes crds=, objects= and nothing else, not {given}")


@pytest.fixture
def fairlead_target(request: pytest.FixtureRequest) -> str:
    """Where this test's cluster is: memory, http or kubeconfig."""
    return (chosen_targets(request.config) or [TARGETS[0]])[0]


@pytest.fixture
def fairlead_cluster(request: pytest.FixtureRequest, fairlead_target: str) -> Generator[FairleadCluster]:
    """A cluster: `client`, more of them by `connect()`, a `namespace` of the test's own, and `server` where it is in memory."""
    from fairlead.sync.fixtures import opened_cluster  # noqa: PLC0415 - only for those who use it

    marker = request.node.get_closest_marker("fairlead")
    wanted: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    asynchronous = inspect.iscoroutinefunction(getattr(request.function, "__func__", request.function))
    kubeconfig: str | None = request.config.getoption("--fairlead-kubeconfig")
    with opened_cluster(fairlead_target, kubeconfig, asynchronous=asynchronous, **wanted) as cluster:
        yield cluster


@pytest.fixture
def fairlead_client(fairlead_cluster: FairleadCluster) -> Any:
    """A client of the test's cluster; what its handlers raise fails the test."""
    return fairlead_cluster.client


@pytest.fixture
def fairlead_server(fairlead_cluster: FairleadCluster) -> Any:
    """The in-memory API server of the test's cluster; the test is skipped on a real one."""
    if fairlead_cluster.server is None:
        pytest.skip("--fairlead-target=kubeconfig: a real cluster's API server is not in this process")
    return fairlead_cluster.server


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Have an asynchronous test's cluster closed on the test's own loop, and looked through for leaks."""
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    cluster = arguments.get("fairlead_cluster")
    if cluster is not None and isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = _within(item.obj, cluster)
        return (yield from _said_alone())
    if cluster is not None:
        return (yield from _said_alone(cluster.in_this_thread()))
    return (yield)


def _said_alone(around: AbstractContextManager[None] | None = None) -> Generator[None, Any, Any]:
    """Run the test; of what it leaves behind only that is shown, and not who noticed it."""
    from fairlead.testing.leaks import LeakError  # noqa: PLC0415 - only for those who use a cluster

    try:
        with around or nullcontext():
            return (yield)
    except LeakError as error:
        left = str(error)
    pytest.fail(left, pytrace=False)


def _within(test: Any, cluster: FairleadCluster) -> Any:
    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> Any:
        async with cluster.on_this_loop():
            return await test(*args, **kwargs)

    return run


@pytest.hookimpl
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an asynchronous test that uses these fixtures, where no other plugin has taken it."""
    if not _FIXTURES.intersection(pyfuncitem.fixturenames) or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as pytest's own caller does
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
