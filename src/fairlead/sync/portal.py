"""An event loop in a background thread, and the way to it for all other threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any, ParamSpec, TypeVar

from fairlead.errors import ClosedError
from fairlead.sync.turns import Turns, TurnSelector

__all__ = ["Portal", "PortalLoop"]

P = ParamSpec("P")
T = TypeVar("T")

#: How long an interrupted caller waits for its call to end on the loop, in seconds.
INTERRUPT_GRACE = 5.0


class PortalLoop(asyncio.SelectorEventLoop):
    """A loop that others wait for, and which therefore waits for no other."""


class Portal:
    """One background loop. Every call from another thread runs there, in the caller's context, and is waited for.

    A child process has no such thread after a fork: there the portal is closed, and reads give what was last known.
    """

    def __init__(self) -> None:
        #: Held by readers in other threads: `with portal.read: …`.
        self.read: Turns = Turns()
        self._lock = threading.Lock()
        # Invariant, under _lock: whoever waits for a call has its future here until it is done.
        self._waiting: set[concurrent.futures.Future[Any]] = set()
        self._closed = ""
        self._loop = PortalLoop(TurnSelector(self.read))
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="fairlead loop", daemon=True)
        self._thread.start()
        forked = weakref.WeakMethod(self._forked)
        os.register_at_fork(after_in_child=lambda: _if_alive(forked))

    @property
    def closed(self) -> bool:
        """Whether calls are refused."""
        return bool(self._closed)

    # The loop's thread -----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        self.read.begin()
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._until_stopped())
        finally:
            self.read.end()
            with self._lock:
                self._closed = self._closed or "its loop has ended"
                left, self._waiting = self._waiting, set()
            for future in left:
                future.cancel()

    async def _until_stopped(self) -> None:
        await self._stop.wait()

    def stop(self) -> None:
        """End the loop and its thread; whoever still waits for a call gets ClosedError. Idempotent."""
        with self._lock:
            first, self._closed = not self._closed, self._closed or "it has been closed"
        if first:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        if not self.read.on_loop and self._thread.is_alive():
            self._thread.join()

    def _forked(self) -> None:
        self.read = Turns()
        self._lock = threading.Lock()
        self._waiting = set()
        self._closed = "it was made before this process was forked; make a new client in the child"

    # Calls -----------------------------------------------------------------------------------------------------

    def open(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Make, on the loop, what this portal is for; where that fails the loop ends."""
        try:
            return self.call(function, *args, **kwargs)
        except BaseException:
            self.stop()
            raise

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a plain function on the loop and wait. Raises RuntimeError where the loop waits for this thread, and ClosedError."""

        async def invoke() -> T:
            return function(*args, **kwargs)

        self._check(function)
        return self._wait(function, invoke())

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function on the loop and wait for its end.

        An interrupt (Ctrl-C) cancels it. Raises RuntimeError where the loop waits for this thread, and ClosedError.
        """
        self._check(function)
        return self._wait(function, function(*args, **kwargs))

    def end(self, function: Callable[P, Coroutine[Any, Any, None]], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """As `run`, for what may be called again after the end of everything: nothing is left to do then."""
        if not self._closed:
            with contextlib.suppress(ClosedError):
                self.run(function, *args, **kwargs)

    def finish(self, function: Callable[P, None], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """As `call`, for what may be called again after the end of everything: nothing is left to do then."""
        if not self._closed:
            with contextlib.suppress(ClosedError):
                self.call(function, *args, **kwargs)

    def iterate(
        self, function: Callable[P, AsyncIterator[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[T, None, None]:
        """Draw from an asynchronous iterator; leaving the loop early closes it."""
        self._check(function)
        return self._drawn(function(*args, **kwargs))

    def _drawn(self, items: AsyncIterator[T]) -> Generator[T, None, None]:
        async def step() -> tuple[T] | None:
            try:
                return (await anext(items),)
            except StopAsyncIteration:
                return None

        async def close() -> None:
            closing: Callable[[], Coroutine[Any, Any, None]] | None = getattr(items, "aclose", None)
            if closing is not None:
                await closing()

        try:
            while (drawn := self.run(step)) is not None:
                yield drawn[0]
        finally:
            if self.read.held:  # collected on the loop, or in a read: nobody may wait
                asyncio.run_coroutine_threadsafe(close(), self._loop)
            else:
                self.end(close)

    def _check(self, function: Callable[..., Any]) -> None:
        if self.read.held:
            raise RuntimeError(
                f"{_name(function)} called on the client's own loop, or in a read that it waits for, from a filter, transform, "
                "index function or hook, would wait for itself; only reads (get, list, lookup, has_synced …) may be used there"
            )
        if self._closed:
            raise ClosedError(f"{_name(function)}: the client is closed: {self._closed}")

    def _wait(self, function: Callable[..., Any], coroutine: Coroutine[Any, Any, T]) -> T:
        future: concurrent.futures.Future[T] | None = None
        try:
            with self._lock:
                # Known before anything runs: an interrupt at any later point finds what it has to cancel.
                future = concurrent.futures.Future()
                self._waiting.add(future)
                self._loop.call_soon_threadsafe(self._begin, coroutine, future)
            return future.result()
        except concurrent.futures.CancelledError:
            raise ClosedError(f"{_name(function)}: the client was closed meanwhile") from None
        except RuntimeError:
            if future is None or future.done() or not self._loop.is_closed():
                raise
            coroutine.close()  # the loop has ended
            future.cancel()
            raise ClosedError(f"{_name(function)}: the client is closed") from None
        finally:
            if future is not None:
                if not future.done():  # interrupted: nothing of the call may go on once the caller knows
                    self._interrupt(future)
                with self._lock:
                    self._waiting.discard(future)

    def _begin(self, coroutine: Coroutine[Any, Any, T], future: concurrent.futures.Future[T]) -> None:
        """On the loop: run the coroutine as a task whose end is the future's, and whose life it may cut short."""
        if future.cancelled():
            coroutine.close()
            return
        task = self._loop.create_task(coroutine)
        task.add_done_callback(lambda done: _pass_on(done, future))
        future.add_done_callback(lambda _: self._cut(task, future))

    def _cut(self, task: asyncio.Task[Any], future: concurrent.futures.Future[Any]) -> None:
        if future.cancelled():
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the task with it
                self._loop.call_soon_threadsafe(task.cancel)

    def _interrupt(self, future: concurrent.futures.Future[Any]) -> None:
        gone = threading.Event()
        future.cancel()
        # The cancellation reaches the task before this, and what it awaits ends in the same pass or soon after.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.call_soon, gone.set)
        gone.wait(INTERRUPT_GRACE)


def _pass_on(task: asyncio.Task[T], future: concurrent.futures.Future[T]) -> None:
    """Give the task's outcome to whoever waits in another thread."""
    if task.cancelled():
        future.cancel()
        return
    error = task.exception()
    with contextlib.suppress(concurrent.futures.InvalidStateError):  # the waiter has been interrupted meanwhile
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())


def _if_alive(method: weakref.WeakMethod[Callable[[], None]]) -> None:
    call = method()
    if call is not None:
        call()


def _name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__qualname__', type(function).__name__)}()"
