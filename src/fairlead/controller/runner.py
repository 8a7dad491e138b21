"""From a client and its reconcilers to a process: sync, work, and a clean end when the process is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Generator, Sequence

from fairlead.client.client import Client
from fairlead.controller.reconciler import Reconciler
from fairlead.errors import ClosedError

__all__ = ["GRACE_SECONDS", "Runner", "run"]

log: logging.Logger = logging.getLogger("fairlead.controller")

#: How long running reconciles get at the end: a pod's terminationGracePeriodSeconds, where none is set.
GRACE_SECONDS = 30.0

SIGNALS: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)


async def run(
    client: Client,
    *reconcilers: Reconciler,
    grace: float = GRACE_SECONDS,
    signals: Sequence[signal.Signals] = SIGNALS,
) -> None:
    """Sync the client, work until the process is told to end, and end in good order.

    ```python
    async def main() -> None:
        async with Client() as client:
            await run(client, MyController(client).reconciler)

    asyncio.run(main())
    ```
    See `Runner`. Belongs in the main thread, unless `signals` is empty.
    """
    await Runner(client, *reconcilers, grace=grace).run(signals=signals)


class Runner:
    """Runs reconcilers once the client has synced, until it is told to stop; for probes it says whether it works.

    Stopping takes no more keys, and gives running reconciles `grace` seconds, after which they are cancelled. What the
    client has is still there then: whoever made it closes it.
    """

    def __init__(self, client: Client, *reconcilers: Reconciler, grace: float = GRACE_SECONDS) -> None:
        self._client = client
        self._reconcilers = reconcilers
        self._grace = grace
        self._started = False
        self._stopping = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether everything is synced, what was there at the start has been reconciled, and the end has not begun."""
        synced = self._started and self._client.has_synced() and all(r.has_synced() for r in self._reconcilers)
        return synced and not self._stopping.is_set()

    def stop(self) -> None:
        """Begin the end: not ready from now on. Idempotent."""
        self._stopping.set()

    async def run(self, *, signals: Sequence[signal.Signals] = ()) -> None:
        """Return once stopped: by `stop`, by one of `signals`, by a reconciler's or the client's close; or when cancelled.

        A second signal ends the process at once, with exit code 1. Raises what keeps the client from syncing.
        """
        with self._heeding(signals):
            forget = self._client.on_close(self._client_closes)
            stopped = asyncio.create_task(self._stopping.wait())
            try:
                if await self._first(asyncio.create_task(self._client.run_and_wait()), stopped):
                    self._started = True
                    log.info("synced; reconciling begins", extra={"reconcilers": [r.name for r in self._reconcilers]})
                    await self._first(asyncio.create_task(self._work()), stopped)
            finally:
                forget()
                stopped.cancel()
                self.stop()
                await asyncio.gather(*(reconciler.close(grace=self._grace) for reconciler in self._reconcilers))

    async def _client_closes(self) -> None:
        self.stop()

    async def _work(self) -> None:
        """Start all, and return when the first has been closed."""
        tasks = [asyncio.create_task(reconciler.wait_closed()) for reconciler in self._reconcilers]
        for reconciler in self._reconcilers:
            reconciler.start()
        try:
            if tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._stopping.wait()
        finally:
            for task in tasks:
                task.cancel()

    async def _first(self, task: asyncio.Task[None], stopped: asyncio.Task[bool]) -> bool:
        """Wait for a task, or until stopped; whether the task came first. Raises what the task raises."""
        try:
            await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return False
            try:
                task.result()
            except ClosedError:
                if not self._stopping.is_set():
                    raise
                return False  # the client was closed in the midst of it
            return True
        finally:
            task.cancel()
            await asyncio.wait((task,))

    @contextlib.contextmanager
    def _heeding(self, signals: Sequence[signal.Signals]) -> Generator[None, None, None]:
        if signals and threading.current_thread() is not threading.main_thread():
            raise RuntimeError("only the main thread hears signals; elsewhere use run(..., signals=())")
        loop = asyncio.get_running_loop()
        heeded: list[signal.Signals] = []
        try:
            for each in signals:
                # Where a loop cannot have signals (Windows), Ctrl-C cancels the main task: `run` ends in good order too.
                with contextlib.suppress(NotImplementedError):
                    loop.add_signal_handler(each, self._told, each)
                    heeded.append(each)
            yield
        finally:
            for each in heeded:
                loop.remove_signal_handler(each)

    def _told(self, each: signal.Signals) -> None:
        if self._stopping.is_set():
            log.error("told to end a second time: ending at once", extra={"signal": each.name})
            os._exit(1)
        log.info("told to end", extra={"signal": each.name, "grace_seconds": self._grace})
        self.stop()
