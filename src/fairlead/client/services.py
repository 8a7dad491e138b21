"""What a client does for its views, so that they need to know no more of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from fairlead.client.changes import Participant
from fairlead.client.feeding import Feeding
from fairlead.informer.informer import Informer
from fairlead.machinery.names import ResourceType

__all__ = ["ViewServices"]


class ViewServices(msgspec.Struct, frozen=True):
    """One client's, shared by all of its views."""

    #: Which views feed which filters.
    feeding: Feeding
    #: Have `settle` wait for a registration, and forget it.
    enlist: Callable[[Participant], None]
    discharge: Callable[[Participant], None]
    #: Something may have become idle, synced, or newer.
    notify: Callable[[], None]
    #: Told of a handler's exception, with the handler's name and the object's key.
    handler_failed: Callable[[BaseException, str, str], None]
    #: Wait until an informer is at a version, or has an object of this key that is.
    caught_up: Callable[[Informer, int, str | None], Awaitable[None]]
    #: Whether a type that was guessed from its kind is namespaced, as far as is known.
    namespaced: Callable[[ResourceType], bool]
    #: A view has ended, and its informers have one user less.
    release: Callable[[Any, Sequence[Informer]], None]
