"""What is asked of users' functions before they are called."""

from __future__ import annotations

import inspect

__all__ = ["is_async"]


def is_async(function: object) -> bool:
    """Whether calling it gives a coroutine: `async def`, or an object whose `__call__` is."""
    called = getattr(function, "__call__", None)  # noqa: B004 - what it is matters, not whether it is there
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
