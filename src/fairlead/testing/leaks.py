"""What a test leaves behind: clients that it did not close, tasks and threads that still run; each with where it was made."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import os
import sys
import threading
import time
import weakref
from collections.abc import Coroutine
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Protocol, Self, cast

__all__ = ["Closable", "LeakError", "no_leaks", "note"]

_OWN = str(Path(__file__).parent.parent) + os.sep
#: What calls others' code, and is never where anything is made.
_CALLERS = (
    _OWN,
    str(Path(asyncio.__file__).parent) + os.sep,
    str(Path(concurrent.futures.__file__).parent) + os.sep,
    threading.__file__,
)
# What is closed may need a few turns of the loop, and a thread that is told to stop some time, to be gone.
_TURNS = 10
_THREAD_GRACE = 5.0

#: What watches the test that runs in this context, if anything.
_watching: contextvars.ContextVar[no_leaks | None] = contextvars.ContextVar("fairlead_leaks", default=None)


class Closable(Protocol):
    """Something that a test is to close."""

    @property
    def closed(self) -> bool:
        """Whether it has been."""
        ...


class LeakError(AssertionError):
    """A test left something open or running; the message says what, and where it was made."""


def note(thing: Closable, what: str) -> None:
    """Something was made that is to be closed; remembered where a test is watched."""
    watch = _watching.get()
    if watch is not None:
        watch.made(thing, what)


class no_leaks:  # noqa: N801 - used as `with no_leaks():`
    """Fails with LeakError, at its end, for what was made inside it and is still open or running; unless it failed anyway.

    `async with no_leaks():` also looks for tasks of the running loop. The pytest fixtures of fairlead do this by themselves.
    """

    def __init__(self) -> None:
        # Kept alive, or it would be the garbage collector's mood whether something that nobody closed is noticed.
        self._things: list[tuple[Closable, str, str]] = []
        self._origins: weakref.WeakKeyDictionary[asyncio.Future[Any], str] = weakref.WeakKeyDictionary()
        self._threads: set[threading.Thread] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._factory: Any = None
        self._token: contextvars.Token[no_leaks | None] | None = None

    def made(self, thing: Closable, what: str) -> None:
        """Remember something, and where it was made."""
        origin = _origin()
        if origin:  # else it works for something that is remembered itself
            self._things.append((thing, what, origin))

    # Plain ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._threads = set(threading.enumerate())
        self._token = _watching.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _watching.reset(self._token)
        if error is None:
            self._check(self._open() + self._running_threads())

    def _open(self) -> list[str]:
        return [f"{what} made {origin} is still open" for thing, what, origin in self._things if not thing.closed]

    def _running_threads(self) -> list[str]:
        if self._open():
            return []  # it is theirs
        until = time.monotonic() + _THREAD_GRACE
        mine = self._own_threads()
        for thread in mine:
            thread.join(max(0.0, until - time.monotonic()))
        return [f"the thread {thread.name!r} is still running" for thread in mine if thread.is_alive()]

    def _own_threads(self) -> list[threading.Thread]:
        return [t for t in threading.enumerate() if t not in self._threads and t.name.startswith("fairlead")]

    @staticmethod
    def _check(left: list[str]) -> None:
        if left:
            raise LeakError("the test left something behind:\n" + "\n".join(f"  {line}" for line in left))

    # On a loop --------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._tasks = asyncio.all_tasks()
        self._factory = loop.get_task_factory()
        loop.set_task_factory(cast("Any", self._task))
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().set_task_factory(self._factory)
        if self._token is not None:
            _watching.reset(self._token)
        if error is not None:
            return
        for _ in range(_TURNS):
            if not self._left():
                break
            await asyncio.sleep(0)
        tasks = [
            f"the task {task.get_name()!r} made {self._origins.get(task, 'somewhere')} is still running"
            for task in self._left()
        ]
        threads = await asyncio.to_thread(self._running_threads) if self._own_threads() else []
        self._check(self._open() + tasks + threads)

    def _left(self) -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() - self._tasks if task is not asyncio.current_task()]

    def _task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Future[Any]:
        if self._factory is not None:
            task: asyncio.Future[Any] = self._factory(loop, coroutine, **options)
        else:
            task = asyncio.Task(coroutine, loop=loop, **options)
        self._origins[task] = _origin() or "by the event loop"
        return task


def _origin() -> str:
    """The nearest line that is neither of fairlead nor of what runs tasks and threads; nothing where there is none."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - a traceback would cost every task too much
    while frame is not None and frame.f_code.co_filename.startswith(_CALLERS):
        frame = frame.f_back
    if frame is None:
        return ""
    return f"at {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
