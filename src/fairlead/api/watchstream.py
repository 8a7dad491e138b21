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


async def lines(stream: ByteStream) -> AsyncIterator[list[WatchLine | BrokenLine]]:
    """Batches of lines, as many as each read brought; a line that ends the stream unfinished is broken."""
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
        batch = _decode(whole)
        if batch:
            yield batch
    if pending and b"".join(pending).strip():
        yield [BrokenLine(b"".join(pending))]


def _decode(data: bytes) -> list[WatchLine | BrokenLine]:
    try:
        return list(_decoder.decode_lines(data))
    except UNREADABLE:
        return [_one(line) for line in data.split(b"\n") if line.strip()]


def _one(line: bytes) -> WatchLine | BrokenLine:
    try:
        return _decoder.decode(line)
    except UNREADABLE:
        return BrokenLine(line)
