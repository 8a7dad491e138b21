"""What every test gets: targets, async tests without a plugin, and failures for what a test leaves behind."""

from __future__ import annotations

import contextlib
import inspect
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from fairlead.testing.plugin import chosen_targets
from tests.support import loop, realserver

TARGETS = ("memory", "http", "real", "sync", "sync-http", "sync-real")
_QUICK = "memory,http,sync"
_WORKER_KUBECONFIG = "fairlead_real_kubeconfig"
# Seconds that a thread told to stop may take; joining returns at once when it does.
_THREAD_GRACE = 5.0

hypothesis.settings.register_profile("quick", deadline=None, max_examples=50, derandomize="CI" in os.environ)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--repeat", type=int, default=1, help="run each test so many times: once is no proof where tasks race"
    )


def pytest_configure(config: pytest.Config) -> None:
    for target in targets(config):
        if target not in TARGETS:
            raise pytest.UsageError(f"--fairlead-target={target}: choose from {', '.join(TARGETS)}")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_RealServerOwner(config), "fairlead-real-server")


def targets(config: pytest.Config) -> list[str]:
    """Where behaviour tests run: what stands behind the option of fairlead's own plugin, which takes these too."""
    return chosen_targets(config) or _QUICK.split(",")


class _RealServerOwner:
    """Lives in the session's main process: starts one real server where it is asked for, and tells the workers of it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._running = contextlib.ExitStack()
        self.kubeconfig: Path | None = None

    def start(self) -> Path | None:
        wanted = (
            any(target.endswith("real") for target in targets(self._config)) and not self._config.option.collectonly
        )
        if self.kubeconfig is None and wanted and realserver.missing_reason() is None:
            self.kubeconfig = self._running.enter_context(realserver.running()).kubeconfig
        return self.kubeconfig

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[_WORKER_KUBECONFIG] = str(self.start() or "")

    def pytest_unconfigure(self) -> None:
        self._running.close()


@pytest.fixture(scope="session")
def real_kubeconfig(request: pytest.FixtureRequest) -> Path:
    """The kubeconfig of the session's real API server; the test is skipped, and says why, where there is none."""
    if (reason := realserver.missing_reason()) is not None:
        pytest.skip(f"no real kube-apiserver: {reason}")
    if (shared := getattr(request.config, "workerinput", None)) is not None:
        found = shared[_WORKER_KUBECONFIG]
    else:
        owner = request.config.pluginmanager.get_plugin("fairlead-real-server")
        assert isinstance(owner, _RealServerOwner)
        found = owner.start()
    if not found:
        pytest.skip("no real kube-apiserver: asked for with --fairlead-target=real")
    return Path(found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        metafunc.parametrize("target", targets(metafunc.config), scope="session")
    if (times := metafunc.config.getoption("--repeat")) > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(times))


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _THREAD_GRACE
    started = [thread for thread in threading.enumerate() if thread not in before]
    for thread in started:
        thread.join(max(0.0, deadline - time.monotonic()))
    if left := [thread.name for thread in started if thread.is_alive()]:
        pytest.fail(f"the test left threads running: {', '.join(left)}")


@pytest.fixture
def run_async() -> Callable[..., Any]:
    """`run_async(coroutine)`: for a test that is a plain function but needs a loop for a part of it."""
    return loop.run


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    test = pyfuncitem.obj
    property_test = getattr(test, "hypothesis", None)
    if property_test is not None and inspect.iscoroutinefunction(property_test.inner_test):
        property_test.inner_test = _each_on_a_loop(property_test.inner_test)
        return None
    if not inspect.iscoroutinefunction(test):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}
    loop.run(_with_resources(test, arguments))
    return True


def _each_on_a_loop(test: Callable[..., Any]) -> Callable[..., None]:
    def run_example(*args: Any, **kwargs: Any) -> None:
        loop.run(test(*args, **kwargs))

    return run_example


async def _with_resources(test: Callable[..., Awaitable[None]], arguments: dict[str, Any]) -> None:
    # A fixture's value that has a life on the loop is opened and closed on the test's own loop.
    async with contextlib.AsyncExitStack() as resources:
        for value in arguments.values():
            if getattr(value, "opened_by_test", False):
                await resources.enter_async_context(value)
        await test(**arguments)
