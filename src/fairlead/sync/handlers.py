"""Handlers of a synchronous client: each registration has a thread of its own, so a handler may block."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from fairlead.client.cached import Cached
from fairlead.client.filters import Composable, DynamicFilter, NamespaceFilter
from fairlead.errors import InvalidObject
from fairlead.informer.events import Event
from fairlead.informer.registration import Registration
from fairlead.machinery.callables import call_in_thread, check_callable, is_async, name_of
from fairlead.machinery.names import ObjectKey
from fairlead.sync.portal import Portal

__all__ = ["FromAnyThread", "PlainReconcile", "add_handler", "heard", "plain"]

#: What it returns: None, or after how many seconds to reconcile the key again.
PlainReconcile = Callable[[ObjectKey], float | None]
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
V = TypeVar("V")


def add_handler(
    portal: Portal,
    view: Cached[Any, V],
    *,
    on_add: Callable[[V], object] | None,
    on_update: Callable[[V, V], object] | None,
    on_delete: Callable[[V], object] | None,
    on_event: Callable[[Event[V]], object] | None,
    when: Callable[[Event[V]], bool] | None,
) -> Registration:
    """Add a handler whose functions run in a thread of their own, which ends with the registration.

    Raises InvalidObject for coroutine functions: they belong to the asynchronous client.
    """
    thread = HandlerThread()
    try:
        registration = portal.call(
            view.add_handler,
            on_add=thread.wrapped(on_add),
            on_update=thread.wrapped(on_update),
            on_delete=thread.wrapped(on_delete),
            on_event=thread.wrapped(on_event),
            when=when,
        )
    except BaseException:
        thread.end()
        raise
    registration.on_close(thread.end)
    return registration


def plain(function: F) -> F:
    """The function, if it is a plain one. Raises InvalidObject."""
    check_callable("function", function)
    if is_async(function):
        raise InvalidObject(f"{name_of(function)}: fairlead.sync takes plain functions; they may block")
    return function


class FromAnyThread:
    """A filter whose changes may be told in any thread, and are heard on each view's own loop."""


def heard(filter: T) -> T:
    """The filter, if a synchronous view can follow its changes. Raises InvalidObject for one of an asynchronous client."""
    given: object = filter
    for part in given.parts if isinstance(given, Composable) else ():
        if isinstance(part, DynamicFilter) and not isinstance(part, FromAnyThread):
            name = "NamespaceFilter" if isinstance(part, NamespaceFilter) else "DynamicFilter"
            raise InvalidObject(
                f"fairlead.{name} changes on the event loop of an asynchronous client; with fairlead.sync use fairlead.sync.{name}"
            )
    return filter


class HandlerThread:
    """One thread, started by the first call."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fairlead handler")

    def wrapped(self, function: Callable[..., object] | None) -> Callable[..., Awaitable[None]] | None:
        """The same function, called in the thread and awaited on the loop."""
        if function is None:
            return None
        plain(function)

        async def call(*args: Any) -> None:
            # The context tells calls back into the client which handler they come from.
            context = contextvars.copy_context()
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._executor, functools.partial(context.run, call_in_thread, function, *args))

        call.__module__ = getattr(function, "__module__", None) or ""
        call.__qualname__ = name_of(function)
        return call

    def end(self) -> None:
        """Let the thread end after what it is doing."""
        self._executor.shutdown(wait=False)
