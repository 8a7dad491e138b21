"""Workers that bring the world in line with what a key's object says, one key at a time each, again on errors."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import logging
import math
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter
from types import TracebackType
from typing import Any, Self, cast

import msgspec

from fairlead.client.client import Client
from fairlead.client.kinship import check_kin
from fairlead.controller.enqueue import Subject, keys_of, mapped_keys, owner_keys
from fairlead.controller.queue import FIRST_RETRY, LAST_RETRY, Queue, QueueStatistics
from fairlead.errors import ClosedError
from fairlead.informer.calls import Line, may_wait_for, waiting_for
from fairlead.informer.events import Event
from fairlead.informer.slices import Turn
from fairlead.machinery.callables import call_in_thread, check_callable, check_plain, ends_task, is_async
from fairlead.machinery.histogram import Histogram, HistogramStatistics
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.objects import Resource

__all__ = ["Reconcile", "Reconciler", "ReconcilerStatistics"]

log: logging.Logger = logging.getLogger("fairlead.controller")

#: `async def`, or `def` to run in a thread. What it returns: None, or after how many seconds to reconcile the key again; 0 or
#: less is not again, as in Go. Anything else is a failure.
Reconcile = Callable[[ObjectKey], Awaitable[float | None]] | Callable[[ObjectKey], float | None]

#: How long closing waits for running reconciles before they are cancelled, in seconds.
CLOSE_GRACE = 10.0
#: Seconds; a selection of the limits of controller-runtime's `controller_runtime_reconcile_time_seconds`.
TIMES = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.25,
    1.75, 2.5, 3.5, 5.0, 7.0, 10.0, 20.0, 30.0, 60.0,
)  # fmt: skip

#: After how many seconds a worker that something else ended is replaced. Not at once: a loop that is to end cancels all tasks.
REPLACED_AFTER = 0.1


class ReconcilerStatistics(msgspec.Struct, frozen=True):
    """Counters of one reconciler."""

    name: str
    workers: int
    synced: bool
    succeeded: int
    failed: int
    #: Keys given up after `max_attempts` failures in a row.
    dropped: int
    queue: QueueStatistics
    #: How many that succeeded asked to be called again later.
    again: int
    #: Seconds that reconciles took.
    seconds: HistogramStatistics


class Reconciler:
    """Calls `reconcile` for keys that handlers queue; never twice at a time for one key.

    Use as an async context manager, call `start()` and `close()`, or `await run()`. The client's `settle` waits for it, and
    the client's `close` closes it. A reconcile that raises is logged, counted and called again after a delay that doubles
    from `first_retry` to `last_retry` seconds; after `max_attempts` failures in a row the key is dropped. One that returns a
    number above 0 is called again after so many seconds. Workers give the loop back after each 10 ms of work. Raises
    InvalidObject for a client of `fairlead.sync`. Raises ClosedError for a client that is closed.
    """

    def __init__(
        self,
        client: Client,
        name: str,
        reconcile: Reconcile,
        *,
        workers: int = 1,
        max_attempts: int | None = None,
        first_retry: float = FIRST_RETRY,
        last_retry: float = LAST_RETRY,
        close_grace: float = CLOSE_GRACE,
    ) -> None:
        check_kin(client, Client, "fairlead.controller.Reconciler")
        check_callable("reconcile", reconcile)
        if workers < 1:
            raise ValueError(f"reconciler {name}: workers must be at least 1, not {workers}")
        if max_attempts is not None and max_attempts < 1:
            raise ValueError(f"reconciler {name}: max_attempts must be at least 1, not {max_attempts}")
        self.name = name
        self.queue: Queue[ObjectKey] = Queue(first_retry=first_retry, last_retry=last_retry, on_change=client.notify)
        self._client = client
        self._reconcile = reconcile
        self._asynchronous = is_async(reconcile)
        self._workers = workers
        # As many threads as workers, so that each can be at work; none is started before it is needed.
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"reconciler {name}")
        self._max_attempts = max_attempts
        self._close_grace = close_grace
        self._loop = asyncio.get_running_loop()
        # The workers that have not ended.
        self._lines: dict[asyncio.Task[None], Line] = {}
        # What was queued before the start and has not been reconciled yet; None before the start.
        self._before: set[ObjectKey] | None = None
        self._synced = asyncio.Event()
        self._ended = asyncio.Event()
        self._closed = False
        self._succeeded = self._failed = self._dropped = self._again = 0
        self._seconds = Histogram(TIMES)
        # Reconciles that have nothing to wait for would hold the loop as long as keys come.
        self._turn = Turn()
        self._forget: Callable[[], None] = client.on_close(self.close)
        client.enlist(self)

    # Queueing --------------------------------------------------------------------------------------------------

    def add(self, key: ObjectKey) -> None:
        """Have a key reconciled. From any thread."""
        self._on_loop(self.queue.add, key)

    def add_after(self, key: ObjectKey, seconds: float) -> None:
        """Have a key reconciled in `seconds`. From any thread."""
        self._on_loop(self.queue.add_after, key, seconds)

    def _on_loop(self, function: Callable[..., object], *arguments: Any) -> None:
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            function(*arguments)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whatever would reconcile
                self._loop.call_soon_threadsafe(function, *arguments)

    def enqueue(self, *subjects: Subject) -> None:
        """Queue the key of an event or object: usable as any of a view's handlers, `on_event=reconciler.enqueue`."""
        for key in keys_of(*subjects):
            self.add(key)

    def enqueue_owner(
        self,
        owner: type[Resource] | str,
        *,
        group: str | None = None,
        namespaced: bool = True,
        controller_only: bool = False,
    ) -> Callable[..., None]:
        """A handler that queues the owners of an object, before and after a change, that are of this class or kind.

        For a kind, `group` narrows it (empty for core, None for any), and `namespaced=False` says it is cluster-scoped.
        With `controller_only` only the owner that is the object's controller is queued.
        """
        keys = owner_keys(owner, group=group, namespaced=namespaced, controller_only=controller_only)
        return self.enqueue_mapped(keys)

    def enqueue_mapped(self, function: Callable[[Any], Iterable[ObjectKey]]) -> Callable[..., None]:
        """A handler that queues the keys which `function` gives for an object, before and after a change."""
        check_plain("function", function)

        def handler(*subjects: Event[Any] | Resource) -> None:
            for key in mapped_keys(function, *subjects):
                self.add(key)

        handler.__qualname__ = f"{self.name}.enqueue"
        return handler

    # Working ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers; idempotent. Raises ClosedError."""
        if self._closed:
            raise ClosedError(f"reconciler {self.name} is closed")
        if self._before is not None:
            return
        self._before = set(self.queue.pending())
        self._check_synced()
        for number in range(self._workers):
            self._hire(f"reconciler {self.name} {number}")

    def _hire(self, name: str) -> None:
        if self._closed:
            return
        line = Line(handler=False)
        # A context of its own: workers are not part of the handler or task that happened to start them. And made here, for a
        # task factory of the program's may begin tasks at once.
        task = asyncio.Task(self._work(line), loop=self._loop, name=name, context=contextvars.Context())
        self._lines[task] = line
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        del self._lines[task]
        if not self._closed:  # cancelled from outside, or the loop was ended in the midst of it, and now both go on
            self._loop.call_later(REPLACED_AFTER, self._hire, task.get_name())
        elif not self._lines:
            self._leave()

    async def run(self) -> None:
        """Start, and return when closed; cancelling this closes."""
        self.start()
        try:
            await self._ended.wait()
        finally:
            await self.close()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _work(self, line: Line) -> None:
        line.next_call()
        while True:
            if self._turn.used_up:
                await asyncio.sleep(0)
            try:
                key = await self.queue.get()
            except ClosedError:
                return
            try:
                with line:
                    await self._process(key)
            finally:
                if self._before:
                    self._before.discard(key)
                self._check_synced()
                self.queue.done(key)

    async def _process(self, key: ObjectKey) -> None:
        began, again = perf_counter(), None
        try:
            with ExitStack() as looking:
                for observer in self._client.observers.reconciles:
                    looking.enter_context(observer(self.name, key, self.queue.failures(key) + 1))
                again = _delay(self.name, await self._call(key))
        except BaseException as error:
            ends = ends_task(error)
            # A key whose worker is cancelled from outside is not done.
            if not ends or (isinstance(error, asyncio.CancelledError) and not self._closed):
                self._fail(key, error)
            if ends:
                raise
        else:
            self._succeeded += 1
            self.queue.forget(key)
            if again is not None:
                self._again += 1
                self.queue.add_after(key, again)
        finally:
            self._seconds.observe(perf_counter() - began)

    async def _call(self, key: ObjectKey) -> Any:
        if self._asynchronous:
            return await cast("Callable[[ObjectKey], Awaitable[float | None]]", self._reconcile)(key)
        context = contextvars.copy_context()
        result: Any = await self._loop.run_in_executor(
            self._threads, lambda: context.run(call_in_thread, self._reconcile, key)
        )
        return await result if inspect.isawaitable(result) else result

    def _fail(self, key: ObjectKey, error: BaseException) -> None:
        self._failed += 1
        attempts = self.queue.failures(key) + 1
        said: dict[str, Any] = {"reconciler": self.name, "key": str(key), "attempts": attempts}
        if self._max_attempts is not None and attempts >= self._max_attempts:
            self._dropped += 1
            self.queue.forget(key)
            log.error("reconciling %s %s failed and is given up", self.name, key, exc_info=error, extra=said)
            return
        if self._closed:
            log.error(
                "reconciling %s %s failed, and is not tried again, because the reconciler is closed",
                self.name, key, exc_info=error, extra=said,
            )  # fmt: skip
            return
        said["seconds"] = round(self.queue.add_rate_limited(key), 3)
        log.error("reconciling %s %s failed and is tried again", self.name, key, exc_info=error, extra=said)

    # What users ask --------------------------------------------------------------------------------------------

    def has_synced(self) -> bool:
        """Whether everything that was queued before the start has been reconciled at least once. Once true, stays true."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Wait until `has_synced`."""
        await self._synced.wait()

    @property
    def idle(self) -> bool:
        """Whether nothing waits, runs, or is to be tried again; what was added for later does not count."""
        return self.queue.idle

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def statistics(self) -> ReconcilerStatistics:
        """Counters as they are now."""
        return ReconcilerStatistics(
            self.name, self._workers, self._synced.is_set(), self._succeeded, self._failed, self._dropped,
            self.queue.statistics(), self._again, self._seconds.statistics(),
        )  # fmt: skip

    def __repr__(self) -> str:
        now = self.queue.statistics()
        state = "closed" if self._closed else "not started" if self._before is None else "running"
        return f"<Reconciler {self.name}, {state}: {now.ready} ready, {now.running} running, {now.retrying} to retry>"

    def _check_synced(self) -> None:
        if self._before is not None and not self._before and not self._synced.is_set():
            self._synced.set()
            self._client.notify()

    # End -------------------------------------------------------------------------------------------------------

    async def wait_closed(self) -> None:
        """Wait until it has been closed."""
        await self._ended.wait()

    async def close(self, *, grace: float | None = None, drain: bool = False) -> None:
        """Take no more keys, drop what waits, and wait for running reconciles; after `grace` seconds they are cancelled.

        With `drain` what waits is reconciled first, once, but for what waits for a delay; the first to close says whether it is.
        When this returns none is running or will run. Called from inside a reconcile, that holds once it returns, and what
        waited has been reconciled; so it does for a reconcile or a handler that is itself waiting, in a `close`, for the one
        that calls this. A plain function cannot be cancelled: its thread goes on, and that is logged. Idempotent.
        """
        if not self._closed:
            self._closed = True
            # Without workers nobody would take it.
            self.queue.close(drain=drain and bool(self._lines))
        await self._end(self._close_grace if grace is None else grace)
        self._ended.set()
        if not self._lines:
            self._leave()

    async def _end(self, grace: float) -> None:
        """Wait for all workers but those that wait for whoever calls this, and cancel those that take longer."""
        workers = {task: line for task, line in self._lines.items() if may_wait_for(line)}
        if not workers:
            return
        with waiting_for(*workers.values()):
            _, pending = await asyncio.wait(workers, timeout=grace)
            if pending:
                thread = "" if self._asynchronous else "; threads cannot be, and go on"
                log.warning(
                    "reconciles of %s did not end in time and are cancelled%s", self.name, thread,
                    extra={"reconciler": self.name},
                )  # fmt: skip
                self.queue.close(drain=False)
                for task in pending:
                    task.cancel()
                await asyncio.wait(pending)

    def _leave(self) -> None:
        """Nothing of it runs any more: nobody waits for it, and the client need not close it."""
        self._threads.shutdown(wait=False)
        # Nor for what will not happen.
        self._synced.set()
        self._ended.set()
        self._client.discharge(self)
        self._forget()
        self._client.notify()


def _delay(name: str, given: Any) -> float | None:
    """After how many seconds to reconcile again, by what a reconcile returned; None for not. Raises TypeError."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        said = repr(given) if isinstance(given, bool | float) else f"a {type(given).__name__}"
        raise TypeError(
            f"reconcile of {name} returned {said}; it gives None, or after how many seconds to be called again"
        )
    return given if given > 0 else None
