"""What controllers are made of, without await: finalizers, and objects that are written only when that changes something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from fairlead.controller.finalizer import Finalizer as AsyncFinalizer
from fairlead.controller.owned import ensure as ensure_async
from fairlead.machinery.callables import call_in_thread
from fairlead.machinery.objects import Resource
from fairlead.sync._generated import Cached
from fairlead.sync.handlers import plain
from fairlead.sync.life import view_ways

__all__ = ["Finalizer", "ensure"]

R = TypeVar("R", bound=Resource)


class Finalizer(Generic[R]):
    """Keeps one finalizer on the objects of a view, and runs `clean_up`, in a thread, when one of them is being deleted.

    `name` is a qualified name, such as `example.com/cleanup`. `clean_up` may be called more than once for an object, and with
    nothing left to do. While it raises, the object stays: the reconcile fails with it, and is tried again. Raises ValueError
    for a name that servers refuse, and InvalidObject for a coroutine function.
    """

    def __init__(self, view: Cached[R, Any], name: str, clean_up: Callable[[R], object]) -> None:
        self._portal, engine = view_ways(view)
        plain(clean_up)

        async def in_thread(obj: R) -> object:
            return await asyncio.to_thread(call_in_thread, clean_up, obj)

        self._finalizer: AsyncFinalizer[R] = AsyncFinalizer(engine, name, in_thread)

    @property
    def name(self) -> str:
        """The finalizer, as it stands in metadata."""
        return self._finalizer.name

    def hold(self, obj: R) -> R | None:
        """The object with the finalizer on it; None if it is going or gone, after cleaning up where that is due.

        Writes only what is missing, and only onto this life of the object. Raises what the server refuses, or `clean_up`
        raises.
        """
        return self._portal.run(self._finalizer.hold, obj)


def ensure(view: Cached[R, R], wanted: R, *, field_manager: str) -> R:
    """Apply `wanted` (server-side apply, with force), unless the cached object shows that nothing would change.

    For that the view has to keep managed fields (`client.cached(..., keep_managed_fields=True)`); with any other view this
    applies every time.
    """
    portal, engine = view_ways(view)
    written: R = portal.run(ensure_async, engine, wanted, field_manager=field_manager)
    return written
