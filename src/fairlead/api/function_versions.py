"""Versions for objects whose makers have none, so that caches can tell what has changed; and who waits for a change."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import msgspec

from fairlead.machines.backoff import Backoff

__all__ = ["Versions", "key_of"]

#: After this many seconds without one, what a list has seen counts as the first.
CALM_SECONDS = 5.0
#: How many scopes' paces are remembered: there is no end of names.
PACES = 256


def key_of(document: dict[str, Any]) -> str:
    """An object's key, for what is remembered of it here."""
    metadata: dict[str, Any] = document["metadata"]
    return f"{metadata.get('namespace') or ''}/{metadata['name']}"


class _Pace:
    """How often what lists have seen may end the wait of one scope."""

    def __init__(self) -> None:
        self.backoff = Backoff()
        # When it last did, by the loop's clock.
        self.last = -math.inf


class Versions:
    """The newest version of one type, and what was last seen of each object that has no version of its own."""

    def __init__(self) -> None:
        #: The newest version that was given out or met.
        self.newest: int = 1
        self._contents: dict[str, tuple[bytes, int]] = {}
        # Of those, what own writes have deleted; a list may still have them for a while.
        self._deleted: set[str] = set()
        # What each kind of list had last, so that what has gone since is noticed.
        self._listed: dict[Hashable, frozenset[str]] = {}
        self._waiters: set[asyncio.Future[None]] = set()
        #: How often it was said that something may have changed; and how often when each kind of list last began.
        self.told: int = 0
        self._heard: dict[Hashable, int] = {}
        # The version of when it was said last.
        self._told_at: int = 0
        self._paces: dict[Hashable, _Pace] = {}

    def stamp(self, document: dict[str, Any]) -> dict[str, Any]:
        """The object with a resourceVersion: its own, or one that grows whenever its content changes."""
        metadata: dict[str, Any] = document["metadata"]
        if own := metadata.get("resourceVersion"):
            self._met(int(own) if str(own).isdecimal() else 0)
            return document
        key = key_of(document)
        content = msgspec.json.encode(document)
        known = self._contents.get(key)
        if known is None or known[0] != content:
            known = self._contents[key] = (content, self.bump())
        return {**document, "metadata": {**metadata, "resourceVersion": str(known[1])}}

    def stamped(self, key: str) -> str | None:
        """The version that was made up for an object, if one was."""
        known = self._contents.get(key)
        return None if known is None else str(known[1])

    def deleted(self, key: str) -> None:
        """An own write has deleted an object."""
        if key in self._contents:
            self._deleted.add(key)

    def created(self, key: str) -> None:
        """An own write has created an object: after one that is known to be deleted it is another one, though it be alike."""
        if key in self._deleted:
            self.forget(key)

    def forget(self, key: str) -> None:
        """An object has gone; what comes under its key will have a newer version."""
        self._contents.pop(key, None)
        self._deleted.discard(key)

    def listed(self, scope: Hashable, keys: Iterable[str], told: int) -> None:
        """A list of this scope had these objects; those that it had before and lacks now are deletions.

        `told` is as it was when the list began.
        """
        self._heard[scope] = told
        present = frozenset(keys)
        gone = self._listed.get(scope, present) - present
        self._listed[scope] = present
        if gone:
            self.bump()
        for key in gone:
            self.forget(key)

    def bump(self) -> int:
        """A version newer than all before."""
        self._met(self.newest + 1)
        return self.newest

    def _met(self, version: int) -> None:
        if version > self.newest:
            self.newest = version
            self.wake()

    def tell(self) -> None:
        """Something has changed, or may have: that ends every wait, and those that follow a list which began before this."""
        self.told += 1
        self._told_at = self.bump()

    def wake(self) -> None:
        """End every wait for a change."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed_since(self, version: int, scope: Hashable, seconds: float) -> None:
        """Return once there is a newer version, something may have changed in a scope, or after this many seconds.

        What lists have seen, and nobody told, is waited with ever longer if it comes again and again: where each list sees
        something new, they would chase each other.
        """
        heard = self._heard.get(scope, self.told)

        def told() -> bool:
            return self._told_at > version or self.told > heard

        if self.newest <= version and not told():
            await self._woken(seconds)
        if self.newest > version and not told():
            await self._spaced(scope, told)

    async def _spaced(self, scope: Hashable, told: Callable[[], bool]) -> None:
        clock = asyncio.get_running_loop().time
        pace = self._paces.setdefault(scope, _Pace())
        if clock() - pace.last > CALM_SECONDS:
            pace.backoff.reset()
            until = clock()
        else:
            until = clock() + pace.backoff.delay()
        while not told() and (left := until - clock()) > 0:
            await self._woken(left)
        pace.last = clock()
        if told():
            pace.backoff.reset()
        if len(self._paces) > PACES:
            del self._paces[next(iter(self._paces))]

    async def _woken(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait({waiter}, timeout=seconds)
        finally:
            self._waiters.discard(waiter)
            waiter.cancel()
