"""One handler on one view: its queue, its delivery, whether it has synced, and its end.

Deliveries of a registration are in order and never overlap. Synced means that the handler has finished with everything
that existed. Closing means that nothing of it runs any more when the await returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import closing
from inspect import isawaitable
from typing import Any, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.informer.calls import Line, may_wait_for, waiting_for
from fairlead.informer.events import Event
from fairlead.informer.slices import Slicer
from fairlead.machinery.callables import RAISED, call_in_thread, ends_task, name_of
from fairlead.store.deltas import Change, Delta, Deltas
from fairlead.store.entry import Entry, Reading

__all__ = ["Handler", "HandlerStatistics", "Registration"]

log: logging.Logger = logging.getLogger("fairlead.handlers")

#: How long a plain handler may hold the loop before it is named in the log, in seconds.
SLOW_HANDLER = 0.050
#: How long closing waits for a running async handler before it is cancelled, in seconds.
CLOSE_GRACE = 10.0
# A member of an enum costs a search in its class each time.
_ADD, _UPDATE = Change.ADD, Change.UPDATE
#: Events that may wait for a handler before its name is told.
DEEP_QUEUE = 10_000
#: How many single changes are noted as one batch: what has been told of a batch is kept until all of it has been.
BATCH = 256


class HandlerStatistics(msgspec.Struct, frozen=True):
    """Counters of one registration."""

    name: str
    #: Events noted but not yet delivered.
    depth: int
    #: The largest depth so far.
    high_water: int
    delivered: int
    failed: int
    synced: bool


class Handler:
    """The user's functions, by change; one of `on_event`, or any of the other three."""

    def __init__(
        self,
        *,
        on_add: Callable[..., Any] | None = None,
        on_update: Callable[..., Any] | None = None,
        on_delete: Callable[..., Any] | None = None,
        on_event: Callable[..., Any] | None = None,
        when: Callable[[Event[Any]], bool] | None = None,
        blocking: bool = False,
    ) -> None:
        given = [f for f in (on_event, on_add, on_update, on_delete) if f is not None]
        if not given:
            raise InvalidObject("a handler needs on_add, on_update, on_delete or on_event")
        if on_event is not None and len(given) > 1:
            raise InvalidObject("a handler has either on_event, or on_add, on_update and on_delete")
        self.on_event = on_event
        # Not by change in a dict: hashing a member of an enum is a call of its own, and these are asked for each event.
        self._on_add, self._on_update, self._on_delete = on_add, on_update, on_delete
        self.when = when
        self.blocking = blocking
        self.name: str = _name_of(given[0])

    def function(self, change: Change) -> Callable[..., Any] | None:
        """The function for a change, if there is any."""
        if self.on_event is not None:
            return self.on_event
        if change is _UPDATE:
            return self._on_update
        return self._on_add if change is _ADD else self._on_delete

    def call(self, function: Callable[..., Any], delta: Delta, read: Reading, initial: bool) -> Any:
        """Call the function for a change, unless `when` says no; each side is an object of its own.

        `initial` says whether an add is one of what was there.
        """
        old = read(delta.old) if delta.old is not None else None
        new = read(delta.new) if delta.new is not None else None
        change = delta.change
        if self.on_event is not None or self.when is not None:
            entry = cast("Entry", delta.new or delta.old)
            initial = initial and change is _ADD
            event = Event(change.value, entry.object_key, old, new, initial, delta.final_state_unknown)
            if self.when is not None and not self.when(event):
                return None
            if self.on_event is not None:
                return function(event)
        if change is _UPDATE:
            return function(old, new)
        return function(new if change is _ADD else old)

    async def call_in_thread(self, function: Callable[..., Any], delta: Delta, read: Reading, initial: bool) -> None:
        """As `call`, in a thread; an async function's rest runs on the loop."""
        result = await asyncio.to_thread(call_in_thread, self.call, function, delta, read, initial)
        if isawaitable(result):
            await result


def _name_of(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__module__', '')}.{name_of(function)}".lstrip(".")


class Registration:
    """A handler on a view. Made by `add_handler`; end it with `await close()`."""

    def __init__(
        self,
        handler: Handler,
        read: Reading,
        *,
        what: str,
        detach: Callable[[Registration], None],
        on_end: Callable[[Registration], None],
        on_error: Callable[[BaseException, str, str], None],
        on_change: Callable[[], None],
    ) -> None:
        self.handler = handler
        self.what = what
        self._read = read
        # Called when it is closed, and when nothing of it runs any more, which is later where a handler closes itself.
        self._detach = detach
        self._on_end = on_end
        self._on_error = on_error
        self._on_change = on_change
        self._queue: deque[Deltas | list[Delta]] = deque()
        # The last batch of the queue, as long as single changes may be added to it: most of them come many at a time.
        self._open: list[Delta] | None = None
        self._noted = 0
        self._done = 0
        # How many batches were noted when the view was known whole; None until then. Synced once they are done.
        self._mark: int | None = None
        self._synced = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._line = Line(handler=True)
        self._closed = False
        self._on_close: Callable[[], None] | None = None
        # At how many waiting events it is said next that the handler does not keep up.
        self._warn_at = DEEP_QUEUE
        self._depth = self._high_water = self._delivered = self._failed = 0

    # What the view tells ---------------------------------------------------------------------------------------

    def tell(self, deltas: Deltas | tuple[Delta, ...]) -> None:
        """Note changes, to be delivered in order. Called inside a store's step."""
        count = len(deltas)
        if self._closed or not count:
            return
        if isinstance(deltas, tuple):
            batch = self._open
            if batch is None or len(batch) >= BATCH:
                self._begin(batch := [])
                self._open = batch
            batch += deltas
        else:
            self._begin(deltas)
        depth = self._depth = self._depth + count
        if depth > self._high_water:  # noqa: PLR1730 - max() is a call, for each event
            self._high_water = depth
        if count >= DEEP_QUEUE:  # a list of that size is no sign of a slow handler
            self._warn_at = max(self._warn_at, 2 * count)
        if depth >= self._warn_at:
            self._warn()
        if self._task is None:
            self._deliver()

    def _deliver(self) -> None:
        # Made here, for a task factory of the program's may begin tasks at once: inside the step that tells of the change.
        name = f"handler {self.handler.name}"
        self._task = task = asyncio.Task(self._drain(), loop=asyncio.get_running_loop(), name=name)
        task.add_done_callback(self._drained)

    def _drained(self, task: asyncio.Task[None]) -> None:
        if self._task is task:  # cancelled from outside before it began, so that nothing in it could say so
            self._point_out_cancel()
            self._rest()

    def _begin(self, batch: Deltas | list[Delta]) -> None:
        self._queue.append(batch)
        self._open = None
        self._noted += 1

    def _warn(self) -> None:
        """Say once at each doubling that the handler does not keep up: what waits takes memory."""
        self._warn_at = 2 * self._depth
        log.warning(
            "handler %s of %s does not keep up with the changes it is told of: %d wait",
            self.handler.name,
            self.what,
            self._depth,
            extra={"handler": self.handler.name, "view": self.what, "waiting": self._depth},
        )

    def whole(self) -> None:
        """The view's first list, and its filter, are known: what is noted by now is what existed."""
        if self._mark is None:
            self._open, self._mark = None, self._noted
            self._check_synced()

    def _check_synced(self) -> None:
        if self._mark is not None and self._done >= self._mark and not self._synced.is_set():
            self._synced.set()
            self._on_change()

    # Delivery --------------------------------------------------------------------------------------------------

    async def _drain(self) -> None:
        self._line.next_call()
        slicer = Slicer()
        try:
            with closing(self._calls(slicer)) as calls:
                for pending in calls:
                    if pending is None:
                        self._on_change()
                        await slicer.pause()
                    else:
                        await self._wait_for(*pending)
                        self._on_change()
        except asyncio.CancelledError:
            self._point_out_cancel()
            raise
        finally:
            self._rest()

    def _rest(self) -> None:
        """Nothing is being delivered any more."""
        self._task = None
        if self._closed:
            self._on_end(self)
        self._on_change()

    def _calls(self, slicer: Slicer) -> Generator[tuple[Awaitable[Any], Delta] | None]:  # noqa: C901 - one tight loop
        """Call the handler for all that is noted, in one loop; gives what has to be awaited, and None when a slice is over."""
        handler, read, queue = self.handler, self._read, self._queue
        call = handler.call_in_thread if handler.blocking else handler.call
        function_for, clock = handler.function, slicer.clock()
        began = clock()
        while queue and not self._closed:
            deltas = queue.popleft()
            if deltas is self._open:
                self._open = None
            initial = self._mark is None or self._done < self._mark
            # A bulk change does not know exactly how many differences it has.
            left, rest = len(deltas), iter(deltas)
            del deltas  # what has been told is not kept until all of a bulk change has been
            try:
                for delta in rest:
                    if self._closed:
                        break
                    function = function_for(delta.change)
                    if function is not None:
                        try:
                            result = call(function, delta, read, initial)
                        except BaseException as error:
                            self._failed_by(error, delta)
                        else:
                            if result is not None and isawaitable(result):
                                yield result, delta
                                began = clock()
                            else:
                                self._delivered += 1
                    if left:
                        self._depth, left = self._depth - 1, left - 1
                    now = clock()
                    if now - began > SLOW_HANDLER:
                        self._held(now - began)
                    began = now
                    if now >= slicer.until:
                        yield None
                        began = clock()
            except GeneratorExit:
                self._put_back(rest, left)
                raise
            self._depth -= 0 if self._closed else left
            self._done += 1
            if not self._synced.is_set():
                self._check_synced()

    def _put_back(self, rest: Iterator[Delta], left: int) -> None:
        """Keep what of a batch has not been delivered, `left` of which are counted as waiting, for when delivery goes on."""
        if self._closed:
            return
        kept = tuple(rest)
        self._depth += len(kept) - left
        if kept:
            self._queue.appendleft(kept)
        else:
            self._done += 1
            self._check_synced()

    def _point_out_cancel(self) -> None:
        if self._closed:
            return
        self._failed += 1
        log.warning(
            "handler %s of %s was cancelled from outside; what waits for it is delivered with the next change",
            self.handler.name,
            self.what,
            extra={"handler": self.handler.name, "view": self.what, "waiting": self._depth},
        )

    async def _wait_for(self, result: Awaitable[Any], delta: Delta) -> None:
        try:
            with self._line:
                await result
            self._delivered += 1
        except BaseException as error:
            self._failed_by(error, delta)

    def _failed_by(self, error: BaseException, delta: Delta) -> None:
        if ends_task(error) or (self._closed and isinstance(error, asyncio.CancelledError)):
            raise error
        # Else a CancelledError is of what the handler waited for, not of the handler.
        self._fault(error, delta)

    def _held(self, seconds: float) -> None:
        log.warning(
            "handler %s of %s held the event loop for %.3f s; make it async, or add it with blocking=True",
            self.handler.name,
            self.what,
            seconds,
            extra={"handler": self.handler.name, "seconds": round(seconds, 3), "view": self.what},
        )

    def _fault(self, error: BaseException, delta: Delta) -> None:
        self._failed += 1
        key = str(cast("Entry", delta.new or delta.old).object_key)
        log.error(
            "handler %s failed at the %s of %s (%s)", self.handler.name, delta.change.value, key, self.what, exc_info=error,
            extra={"handler": self.handler.name, "key": key, "change": delta.change.value, "view": self.what},
        )  # fmt: skip
        try:
            self._on_error(error, self.handler.name, key)
        except RAISED:
            log.exception(
                "the hook for handler errors failed, for one of %s",
                self.handler.name,
                extra={"handler": self.handler.name},
            )

    # What users ask --------------------------------------------------------------------------------------------

    def has_synced(self) -> bool:
        """Whether the handler has finished with everything that existed when it was added. Once true, stays true."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Wait until `has_synced`."""
        await self._synced.wait()

    def __repr__(self) -> str:
        return (
            f"<Registration of {self.handler.name} on {self.what}: {'idle' if self.idle else f'{self._depth} waiting'}>"
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is noted, and nothing is being delivered."""
        return not self._queue and self._task is None

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def statistics(self) -> HandlerStatistics:
        """Counters as they are now."""
        return HandlerStatistics(
            self.handler.name, self._depth, self._high_water, self._delivered, self._failed, self._synced.is_set()
        )

    def on_close(self, release: Callable[[], None]) -> None:
        """Have what the handler works with released when no further call of it will begin."""
        self._on_close = release
        if self._closed:
            release()

    async def close(self) -> None:
        """Stop delivery: when this returns, the handler is not running and will not run. Idempotent.

        A handler that takes longer than ten seconds to end is cancelled, and that is logged. The thread of one with
        `blocking=True` cannot be cancelled: it goes on with the present call, and that is logged too.

        Called from inside the handler itself, that holds once the handler returns; so it does for a handler that is itself
        waiting, in a `close`, for the one that calls this.
        """
        if not self._closed:
            self._closed = True
            self._queue.clear()
            self._open, self._depth = None, 0
            self._detach(self)
            if self._on_close is not None:
                self._on_close()
            # A closed handler keeps nobody waiting for its sync.
            self._synced.set()
            if self._task is None:
                self._on_end(self)
            self._on_change()
        task = self._task
        if task is not None and task is not asyncio.current_task() and may_wait_for(self._line):
            with waiting_for(self._line):
                await self._end(task)

    async def _end(self, task: asyncio.Task[None]) -> None:
        _, pending = await asyncio.wait({task}, timeout=CLOSE_GRACE)
        if pending:
            thread = "; its thread cannot be, and goes on" if self.handler.blocking else ""
            log.warning(
                "handler %s of %s did not end in time and is cancelled%s", self.handler.name, self.what, thread,
                extra={"handler": self.handler.name},
            )  # fmt: skip
            task.cancel()
            await asyncio.wait({task})
