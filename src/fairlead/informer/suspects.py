"""What could not be read: once it may have been damaged on the way, the same again it is broken where it is stored.

The same means the very bytes, in the same place: what is stored comes again whenever it is asked for. What some machine on
the way puts in (an error page, always the same one) comes in other places too, and stands for nothing that is stored.
"""

from __future__ import annotations

import hashlib
import re

from fairlead.machinery.wire import Json

__all__ = ["Suspects", "framed"]

#: How many are remembered; beyond it, the oldest is forgotten, and costs one more try when it comes again.
LIMIT = 1000
_FRAME = re.compile(rb'\s*\{\s*"type"\s*:\s*"ADDED"\s*,\s*"object"\s*:')


def framed(line: bytes) -> bool:
    """Whether a line that does not decode is one object of a list all the same, by how it begins and ends."""
    return _FRAME.match(line) is not None and line.rstrip().endswith(b"}")


class Suspects:
    """Remembers pieces by a digest, because they may be large, and where they were seen last."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self._new = False

    def seen(self, piece: Json, place: int) -> bool:
        """Whether this very piece has come before in this place; from now on it has."""
        digest = hashlib.blake2b(bytes(piece), digest_size=16).digest()
        if self._known.get(digest) == place:
            return True
        self._known[digest] = place
        self._new = True
        if len(self._known) > LIMIT:
            del self._known[next(iter(self._known))]
        return False

    def to_confirm(self) -> bool:
        """Whether a piece came for the first time since this was last asked."""
        new, self._new = self._new, False
        return new
