"""The lines of a watch, decoded many at a time. The hot path of every informer.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from fairlead.machinery.wire import ByteStream

__all__ = ["UNREADABLE", "BrokenLine", "WatchLine", "lines"]


#: What decoding JSON raises: not JSON, not of the type, not UTF-8, nested too deeply.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class WatchLine(msgspec.Struct, gc=False):
    """One event: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object's JSON as it came."""

    type: str
    object: msgspec.Raw


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no event; nothing is known of what it should have said."""

    data: bytes


_decoder = msgspec.json.Decoder(WatchLine)


async def lines(stream: ByteStream, *, decoded: bool = False) -> AsyncIterator[list[WatchLine | BrokenLine]]:
    """Batches of lines, as many as each read brought; a line that ends the stream unfinished is broken.

    `decoded` says that whoever takes the lines decodes each object as a whole, and minds if it is no JSON: the objects of
    changes are then cut out as they are, which saves going through each of them once more.
    """
    decode = _Cutter().decode if decoded else _decode
    # Pieces of a line that is not complete; joined once, so that a large line costs one copy.
    pending: list[bytes] = []
    async for chunk in stream:
        end = chunk.rfind(b"\n")
        if end < 0:
            pending.append(chunk)
            continue
        whole = chunk[: end + 1]
        if pending:
            whole = b"".join((*pending, whole))
            pending.clear()
        if end + 1 < len(chunk):
            pending.append(chunk[end + 1 :])
        batch = decode(whole)
        if batch:
            yield batch
    if pending and b"".join(pending).strip():
        yield [BrokenLine(b"".join(pending))]


def _decode(data: bytes) -> list[WatchLine | BrokenLine]:
    try:
        return list(_decoder.decode_lines(data))
    except UNREADABLE:
        return [_one(line) for line in data.split(b"\n") if line.strip()]


#: How a kube-apiserver begins the lines of changes, byte for byte; other servers' lines are decoded.
_HEADS = tuple((b'{"type":"%s","object":' % kind.encode(), kind) for kind in ("MODIFIED", "ADDED", "DELETED"))


class _Cutter:
    """Cuts the objects of one stream's changes out of their lines, without looking at them.

    That is right where a line ends with its object, which the first change shows: a server writes all its lines alike. What
    is cut out of a line that is no JSON is none either, and whoever decodes it sees that.
    """

    def __init__(self) -> None:
        # Whether lines end with their objects; None until a change has been decoded.
        self._plain: bool | None = None

    def decode(self, data: bytes) -> list[WatchLine | BrokenLine]:
        """The lines of what has been received."""
        return [self._line(line) for line in data.split(b"\n") if line and not line.isspace()]

    def _line(self, line: bytes) -> WatchLine | BrokenLine:
        if self._plain is not False:
            for head, kind in _HEADS:
                if line.startswith(head) and line.endswith(b"}"):
                    cut = line[len(head) : -1]
                    return self._first(line, cut) if self._plain is None else WatchLine(kind, msgspec.Raw(cut))
        return _one(line)

    def _first(self, line: bytes, cut: bytes) -> WatchLine | BrokenLine:
        decoded = _one(line)
        if isinstance(decoded, WatchLine):
            self._plain = bytes(decoded.object) == cut
        return decoded


def _one(line: bytes) -> WatchLine | BrokenLine:
    try:
        return _decoder.decode(line)
    except UNREADABLE:
        return BrokenLine(line)
