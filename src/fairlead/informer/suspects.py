"""What could not be read: once it may have been damaged on the way, the same again it is broken where it is stored."""

from __future__ import annotations

import hashlib

import msgspec

__all__ = ["Suspects"]

#: How many are remembered; beyond it, the oldest is forgotten, and costs one more try when it comes again.
LIMIT = 1000


class Suspects:
    """Remembers pieces by a digest, because they may be large."""

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}
        self._new = False

    def seen(self, piece: bytes | msgspec.Raw) -> bool:
        """Whether this very piece has come before; from now on it has."""
        digest = hashlib.blake2b(bytes(piece), digest_size=16).digest()
        if digest in self._known:
            return True
        self._known[digest] = None
        self._new = True
        if len(self._known) > LIMIT:
            del self._known[next(iter(self._known))]
        return False

    def to_confirm(self) -> bool:
        """Whether a piece came for the first time since this was last asked."""
        new, self._new = self._new, False
        return new
