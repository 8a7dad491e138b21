"""What is asked of users' functions before they are called."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from fairlead.errors import InvalidObject

__all__ = [
    "RAISED",
    "being_cancelled",
    "call_in_thread",
    "check_callable",
    "check_plain",
    "ends_task",
    "is_async",
    "name_of",
]

P = ParamSpec("P")
T = TypeVar("T")

#: What a plain function of a user's may raise. A CancelledError out of one is its own failure: while it runs, nobody can
#: cancel the task that calls it.
RAISED = (Exception, asyncio.CancelledError)
#: What is no failure of a call: the process is to end, or what waits for the call is thrown away.
_ENDING = (GeneratorExit, KeyboardInterrupt, SystemExit)
#: That, of a thread, would end the loop of whoever waits for it. And no future can carry a StopIteration: the wait for one never ends.
_NOT_FROM_THREADS = (StopIteration, *_ENDING)


def name_of(function: object) -> str:
    """What a function is called, or the class of an object that is one."""
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def call_in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a user's function in a thread that a task waits for. Raises RuntimeError, from it, for what would end more than that."""
    try:
        return function(*args, **kwargs)
    except _NOT_FROM_THREADS as error:
        raise RuntimeError(f"{type(error).__name__} raised in a thread, where it is an error as any other") from error


def being_cancelled() -> bool:
    """Whether a CancelledError here is meant for the present task, and not the failure of what it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def ends_task(error: BaseException) -> bool:
    """Whether an error is meant for who runs the present task, and is no failure of what it called."""
    return being_cancelled() if isinstance(error, asyncio.CancelledError) else isinstance(error, _ENDING)


def is_async(function: object) -> bool:
    """Whether calling it gives a coroutine: `async def`, or an object whose `__call__` is."""
    called = getattr(function, "__call__", None)  # noqa: B004 - what it is matters, not whether it is there
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def check_callable(what: str, function: object, hint: str = "") -> None:
    """Refuse what cannot be called; None stands for nothing given. Raises InvalidObject that says `what` it was given as."""
    if function is not None and not callable(function):
        raise InvalidObject(f"{what}={function!r}: a function is wanted{hint}")


def check_plain(what: str, function: object, hint: str = "") -> None:
    """As `check_callable`, of what is called for its answer: that of an `async def` is a coroutine, which counts as true."""
    check_callable(what, function, hint)
    if function is not None and is_async(function):
        raise InvalidObject(f"{what}={name_of(function)}: a plain function is wanted, not async def")
