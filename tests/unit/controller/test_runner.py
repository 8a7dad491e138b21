from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from fairlead.controller import Reconciler, Runner
from fairlead.controller import run as run_process
from fairlead.errors import ClosedError
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.names import ObjectKey
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient
from tests.behaviour.clusters import soon

A, B = ObjectKey("a", "default"), ObjectKey("b", "default")


def run(scenario: Callable[[FakeClient], Awaitable[None]]) -> None:
    async def bounded() -> None:
        map_a = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))
        async with asyncio.timeout(20), FakeClient(map_a) as client:
            await scenario(client)

    asyncio.run(bounded())


class Held:
    """A reconcile that runs until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.done: list[ObjectKey] = []

    async def __call__(self, key: ObjectKey) -> None:
        self.begun.set()
        await self.go.wait()
        self.done.append(key)


class Closing(Reconciler):
    """Says when it has been told to close."""

    def __init__(self, client: FakeClient, name: str, reconcile: Held) -> None:
        super().__init__(client, name, reconcile)
        self.closing = asyncio.Event()

    async def close(self, *, grace: float | None = None) -> None:
        self.closing.set()
        await super().close(grace=grace)


def test_it_is_ready_when_what_was_there_is_reconciled_and_until_the_end_begins():
    async def scenario(client: FakeClient) -> None:
        held = Held()
        reconciler = Reconciler(client, "maps", held)
        client.cached(ConfigMap).add_handler(on_event=reconciler.enqueue)
        runner = Runner(client, reconciler)
        assert not runner.ready
        running = asyncio.create_task(runner.run())
        await held.begun.wait()
        assert client.has_synced()
        assert not runner.ready, "what was there at the start is still being reconciled"
        held.go.set()
        await reconciler.wait_synced()
        assert runner.ready
        runner.stop()
        assert not runner.ready
        await running
        assert reconciler.closed
        assert not client.closed

    run(scenario)


def test_stopping_waits_for_what_runs_and_begins_nothing_more():
    async def scenario(client: FakeClient) -> None:
        held = Held()
        reconciler = Closing(client, "maps", held)
        runner = Runner(client, reconciler)
        running = asyncio.create_task(runner.run())
        reconciler.add(A)
        await held.begun.wait()
        reconciler.add(B)
        runner.stop()
        await reconciler.closing.wait()
        assert reconciler.closed
        assert not running.done()
        held.go.set()
        await running
        assert held.done == [A]

    run(scenario)


def test_after_the_grace_reconciles_are_cancelled():
    async def scenario(client: FakeClient) -> None:
        held = Held()
        reconciler = Reconciler(client, "maps", held)
        runner = Runner(client, reconciler, grace=0.01)
        running = asyncio.create_task(runner.run())
        reconciler.add(A)
        await held.begun.wait()
        runner.stop()
        await running
        assert held.done == []

    run(scenario)


def test_stopping_does_not_wait_for_a_sync_that_does_not_come():
    async def scenario(client: FakeClient) -> None:
        client.cached("example.com/v1", "Nowhere")
        reconciler = Reconciler(client, "none", Held())
        runner = Runner(client, reconciler)
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(0)
        assert not runner.ready
        runner.stop()
        await running
        assert reconciler.closed

    run(scenario)


def test_cancelling_ends_in_the_same_order_and_a_close_elsewhere_ends_it_too():
    async def scenario(client: FakeClient) -> None:
        held = Held()
        first, second = Reconciler(client, "first", held), Reconciler(client, "second", held)
        running = asyncio.create_task(Runner(client, first).run())
        first.add(A)
        await held.begun.wait()
        running.cancel()
        held.go.set()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (held.done, first.closed) == ([A], True)
        running = asyncio.create_task(Runner(client, second).run())
        await second.wait_synced()
        await second.close()
        await running

    run(scenario)


@pytest.mark.parametrize("synced", [True, False])
def test_without_reconcilers_it_ends_with_the_client_too(synced: bool):
    async def scenario(client: FakeClient) -> None:
        client.cached(ConfigMap)
        if not synced:
            client.cached("none.example.com/v1", "None")
        runner = Runner(client)
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(0)
        if synced:
            await soon(lambda: runner.ready)
        await client.close()
        async with asyncio.timeout(5):
            await running
        assert not runner.ready

    run(scenario)


def test_what_keeps_the_client_from_starting_is_raised():
    async def scenario(client: FakeClient) -> None:
        reconciler = Reconciler(client, "maps", Held())
        await client.close()
        with pytest.raises(ClosedError):
            await Runner(client, reconciler).run()

    run(scenario)


def test_signals_are_for_the_main_thread():
    async def scenario(client: FakeClient) -> None:
        with pytest.raises(RuntimeError, match=r"use run\(\.\.\., signals=\(\)\)"):
            await asyncio.to_thread(asyncio.run, run_process(client))

    run(scenario)


PROCESS = """
import asyncio, logging, sys
from fairlead.controller import Reconciler, run
from fairlead.machinery.names import ObjectKey
from fairlead.testing import FakeClient

async def reconcile(key):
    print("begun", flush=True)
    if sys.argv[1] == "hang":
        await asyncio.Event().wait()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print("done", flush=True)

async def main():
    async with FakeClient() as client:
        reconciler = Reconciler(client, "x", reconcile)
        reconciler.add(ObjectKey("a", "default"))
        await run(client, reconciler)
    print("closed", flush=True)

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
asyncio.run(main())
"""


@contextlib.contextmanager
def child(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process with this package; whatever happens it is gone afterwards."""
    environment = os.environ | {"PYTHONPATH": "src"}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *command], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=environment) as made:  # fmt: skip
        late = threading.Timer(40, made.kill)
        late.start()
        try:
            yield made
        finally:
            late.cancel()
            late.join()
            made.kill()


def said(process: subprocess.Popen[str], line: str) -> None:
    """Read until the process has said this."""
    assert process.stdout is not None
    read = []
    for each in process.stdout:
        read.append(each)
        if line in each:
            return
    raise AssertionError(f"it ended without saying {line!r}:\n{''.join(read)}")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_with_0_once_running_reconciles_are_done(told: signal.Signals):
    with child("-c", PROCESS, "finish") as process:
        said(process, "begun")
        process.send_signal(told)
        said(process, "told to end")
        out, _ = process.communicate("\n", timeout=20)
    assert (out, process.returncode) == ("done\nclosed\n", 0)


def test_a_second_signal_ends_it_at_once_with_1():
    with child("-c", PROCESS, "hang") as process:
        said(process, "begun")
        process.terminate()
        said(process, "told to end")
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert (out, process.returncode) == ("told to end a second time: ending at once\n", 1)


def test_the_example_ends_with_0_at_sigterm(tmp_path: Path):
    kubeconfig = str(tmp_path / "kubeconfig")
    with child("-m", "fairlead.cli.main", "serve", "--kubeconfig", kubeconfig) as server:
        said(server, "http")
        with child("examples/website.py", "--kubeconfig", kubeconfig) as process:
            said(process, "synced; reconciling begins")
            process.terminate()
            out, _ = process.communicate(timeout=20)
        assert (process.returncode, "Traceback" in out) == (0, False), out
