"""What is asked of users' functions before they are called."""

from __future__ import annotations

import asyncio
import inspect

from fairlead.errors import InvalidObject

__all__ = ["RAISED", "check_callable", "check_plain", "is_async"]

#: What a plain function of a user's may raise. A CancelledError out of one is its own failure: while it runs, nobody can
#: cancel the task that calls it.
RAISED = (Exception, asyncio.CancelledError)


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
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        raise InvalidObject(f"{what}={name}: a plain function is wanted, not async def")
