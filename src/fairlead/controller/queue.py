"""A work queue of keys: each waits once, and is worked on by one worker at a time.

The guarantees are those of client-go's workqueue: a key added while it waits is not added twice; a key added while it is
worked on waits until that is done, and is then handed out again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from time import perf_counter
from typing import Generic, TypeVar

import msgspec

from fairlead.client.client import Client
from fairlead.client.kinship import check_kin
from fairlead.errors import ClosedError
from fairlead.machinery.callables import check_plain
from fairlead.machinery.histogram import Histogram, HistogramStatistics
from fairlead.machines.backoff import Backoff

__all__ = ["FIRST_RETRY", "LAST_RETRY", "Queue", "QueueStatistics"]

K = TypeVar("K", bound=Hashable)

#: The first and the longest delay before a key is tried again, in seconds.
FIRST_RETRY = 0.005
LAST_RETRY = 1000.0
#: Seconds; the limits of client-go's `workqueue_queue_duration_seconds` and `workqueue_work_duration_seconds`.
TIMES = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1000.0)


class QueueStatistics(msgspec.Struct, frozen=True):
    """Counters of one queue."""

    #: Keys that wait for a worker.
    ready: int
    #: The most that ever waited.
    high_water: int
    #: Keys being worked on.
    running: int
    #: Keys that wait for their back-off after an error.
    retrying: int
    #: Keys that were added for later.
    delayed: int
    #: How often a key was added, and how often that changed nothing because it waited already.
    added: int
    merged: int
    retries: int
    #: Seconds that keys waited for a worker, and that they were worked on.
    waited: HistogramStatistics
    worked: HistogramStatistics
    #: Seconds that the keys that are being worked on now have been so: of all together, and of the longest.
    unfinished: float
    longest: float


class Timers(Generic[K]):
    """One timer per key; the earlier one wins."""

    def __init__(self, fire: Callable[[K], None]) -> None:
        self._fire = fire
        self._handles: dict[K, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._handles)

    def set(self, key: K, seconds: float) -> None:
        """Fire for this key in `seconds`, unless it fires before that anyway."""
        loop = asyncio.get_running_loop()
        present = self._handles.get(key)
        if present is not None:
            if present.when() <= loop.time() + seconds:
                return
            present.cancel()
        self._handles[key] = loop.call_later(seconds, self._due, key)

    def _due(self, key: K) -> None:
        del self._handles[key]
        self._fire(key)

    def cancel(self, key: K) -> bool:
        """Do not fire for this key; whether it would have. Idempotent."""
        handle = self._handles.pop(key, None)
        if handle is None:
            return False
        handle.cancel()
        return True

    def clear(self) -> None:
        """Fire for no key."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()


class Queue(Generic[K]):
    """Keys to work on, in the order they came. For one event loop; every `get` is followed by `done`.

    With a client, the client's `settle` waits for it, and the client's `close` closes it. `on_change` is called whenever work
    on a key has ended, a retry is given up, or the queue is closed. Raises InvalidObject for a client of `fairlead.sync`. Raises
    ClosedError for a client that is closed.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        first_retry: float = FIRST_RETRY,
        last_retry: float = LAST_RETRY,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        if client is not None:
            check_kin(client, Client, "fairlead.controller.Queue")
        check_plain("on_change", on_change)
        self._first, self._last = first_retry, last_retry
        self._on_change = on_change
        self._client = client
        self._order: deque[K] = deque()
        # A key is in _dirty from its add until it is handed out; in _order too unless it is being worked on.
        self._dirty: set[K] = set()
        # Since when each key waits, and is worked on; by a clock that only goes forward.
        self._waiting: dict[K, float] = {}
        self._running: dict[K, float] = {}
        self._waited, self._worked = Histogram(TIMES), Histogram(TIMES)
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._delayed: Timers[K] = Timers(self.add)
        self._retrying: Timers[K] = Timers(self.add)
        self._backoffs: dict[K, Backoff] = {}
        self._closed = False
        self._high_water = self._added = self._merged = self._retries = 0
        self._forget: Callable[[], None] | None = None
        if client is not None:
            self._forget = client.on_close(self._end)
            client.enlist(self)

    async def _end(self) -> None:
        self.close(drain=False)

    # Adding ----------------------------------------------------------------------------------------------------

    def add(self, key: K) -> None:
        """Have a key worked on. Does nothing if it waits already, or if the queue is closed."""
        if self._closed:
            return
        self._added += 1
        if key in self._dirty:
            self._merged += 1
            return
        self._dirty.add(key)
        if key not in self._running:
            self._ready(key)

    def add_after(self, key: K, seconds: float) -> None:
        """Add a key in `seconds`; of several such wishes for one key the earliest counts."""
        if self._closed:
            return
        if seconds <= 0:
            self.add(key)
        else:
            self._delayed.set(key, seconds)

    def add_rate_limited(self, key: K) -> float:
        """Add a key again after a failure, later each time until `forget`; returns the delay in seconds."""
        if self._closed:
            return 0.0
        backoff = self._backoffs.get(key)
        if backoff is None:
            backoff = self._backoffs[key] = Backoff(self._first, self._last)
        seconds = backoff.delay()
        self._retries += 1
        self._retrying.set(key, seconds)
        return seconds

    def failures(self, key: K) -> int:
        """How often in a row a key was added by `add_rate_limited`."""
        backoff = self._backoffs.get(key)
        return 0 if backoff is None else backoff.failures

    def forget(self, key: K) -> None:
        """The key succeeded, or is given up: no retry is pending, and the next failure is its first."""
        self._backoffs.pop(key, None)
        if self._retrying.cancel(key):
            self._changed()

    def _ready(self, key: K) -> None:
        self._order.append(key)
        self._waiting[key] = perf_counter()
        self._high_water = max(self._high_water, len(self._order))
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    # Working ---------------------------------------------------------------------------------------------------

    async def get(self) -> K:
        """The next key; waits for one. Raises ClosedError once the queue is closed and nothing waits any more."""
        while not self._order:
            if self._closed:
                raise ClosedError("the work queue is closed")
            await self._wait()
        key = self._order.popleft()
        self._dirty.discard(key)
        now = self._running[key] = perf_counter()
        self._waited.observe(now - self._waiting.pop(key, now))
        return key

    async def _wait(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            # The wake-up that a cancelled worker was given belongs to another.
            if waiter.done() and not waiter.cancelled():
                self._wake()
            raise

    def done(self, key: K) -> None:
        """The work on a key has ended, well or not. If it was added meanwhile, it waits again.

        Does nothing for a key that is not worked on: one that waits already would be handed out twice.
        """
        began = self._running.pop(key, None)
        if began is None:
            return
        self._worked.observe(perf_counter() - began)
        if key in self._dirty:
            self._ready(key)
        self._changed()

    def _changed(self) -> None:
        if self._client is not None:
            if self._closed and self.idle:
                self._leave(self._client)
            # Not only of an idle queue: what somebody waits for may be what was done with one key.
            self._client.notify()
        if self._on_change is not None:
            self._on_change()

    def _leave(self, client: Client) -> None:
        """Nothing comes any more: the client need not wait for it, nor close it."""
        client.discharge(self)
        if self._forget is not None:
            self._forget()

    # What users ask --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._order)

    def pending(self) -> frozenset[K]:
        """The keys that wait or are worked on."""
        return frozenset(self._dirty.union(self._running))

    @property
    def idle(self) -> bool:
        """Whether no key waits, is worked on, or is to be tried again. Keys added for later do not count."""
        return not self._dirty and not self._running and not self._retrying

    @property
    def closed(self) -> bool:
        """Whether keys are no longer taken."""
        return self._closed

    def statistics(self) -> QueueStatistics:
        """Counters as they are now."""
        now = perf_counter()
        running = [now - began for began in tuple(self._running.values())]
        return QueueStatistics(
            len(self._order), self._high_water, len(running), len(self._retrying), len(self._delayed),
            self._added, self._merged, self._retries, self._waited.statistics(), self._worked.statistics(),
            sum(running), max(running, default=0.0),
        )  # fmt: skip

    def close(self, *, drain: bool = True) -> None:
        """Take no more keys, and drop those for later. What waits is still handed out, unless `drain` is False. Idempotent."""
        self._closed = True
        self._delayed.clear()
        self._retrying.clear()
        self._backoffs.clear()
        if not drain:
            self._order.clear()
            self._waiting.clear()
            self._dirty.clear()
        while self._waiters:
            self._wake()
        if self._client is not None and not drain:
            self._leave(self._client)
        self._changed()
