"""Versions for objects whose makers have none, so that caches can tell what has changed; and who waits for a change."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from typing import Any

import msgspec

__all__ = ["Versions", "key_of"]


def key_of(document: dict[str, Any]) -> str:
    """An object's key, for what is remembered of it here."""
    metadata: dict[str, Any] = document["metadata"]
    return f"{metadata.get('namespace') or ''}/{metadata['name']}"


class Versions:
    """The newest version of one type, and what was last seen of each object that has no version of its own."""

    def __init__(self) -> None:
        #: The newest version that was given out or met.
        self.newest: int = 1
        self._contents: dict[str, tuple[bytes, int]] = {}
        # What each kind of list had last, so that what has gone since is noticed.
        self._listed: dict[Hashable, frozenset[str]] = {}
        self._waiters: set[asyncio.Future[None]] = set()
        #: How often it was said that something may have changed; and how often when each kind of list last began.
        self.told: int = 0
        self._heard: dict[Hashable, int] = {}

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
            self._contents.pop(key, None)

    def bump(self) -> int:
        """A version newer than all before."""
        self._met(self.newest + 1)
        return self.newest

    def _met(self, version: int) -> None:
        if version > self.newest:
            self.newest = version
            self.wake()

    def tell(self) -> None:
        """Something may have changed: that ends every wait, and those that follow a list which began before this."""
        self.told += 1
        self.wake()

    def wake(self) -> None:
        """End every wait for a change."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed_since(self, version: int, scope: Hashable, seconds: float) -> None:
        """Return once there is a newer version, something may have changed in a scope, or after this many seconds."""
        if self.newest > version or self.told > self._heard.get(scope, self.told):
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait({waiter}, timeout=seconds)
        finally:
            self._waiters.discard(waiter)
            waiter.cancel()
