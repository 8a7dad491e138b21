"""The lines of a watch, decoded many at a time. The hot path of every informer.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec

from fairlead.machinery.wire import UNREADABLE, ByteStream, Json, PiecewiseStream, Within

__all__ = ["BrokenLine", "Lines", "WatchLine", "lines", "reads"]

if TYPE_CHECKING:
    # msgspec decodes into the one form only; what is cut stays within its line.
    _Json: TypeAlias = Json
else:
    _Json = msgspec.Raw


class WatchLine(msgspec.Struct, gc=False):
    """One event: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object's JSON as it came."""

    type: str
    object: _Json


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no event; nothing is known of what it should have said."""

    data: bytes


_decoder = msgspec.json.Decoder(WatchLine)


def reads(stream: ByteStream) -> Callable[[], Awaitable[list[bytes]]]:
    """What gives what each read brought, and nothing at the end.

    In the pieces that the server wrote, where they are known: most are one line, which is not to be cut.
    """
    # Asking a protocol goes through all that is in it, and is slow.
    return cast("PiecewiseStream", stream).pieces if hasattr(stream, "pieces") else partial(_chunk, aiter(stream))


class Lines:
    """Makes lines of what arrives of a watch, whatever the pieces.

    `decoded` says that whoever takes the lines decodes each object as a whole, and minds if it is no JSON: the objects of
    changes are then cut out as they are, which saves going through each of them once more.
    """

    def __init__(self, *, decoded: bool = False) -> None:
        self._decode = _Cutter().decode if decoded else _decode
        # Pieces of a line that is not complete; joined once, so that a large line costs one copy.
        self._pending: list[bytes] = []

    def take(self, pieces: list[bytes]) -> list[WatchLine | BrokenLine]:
        """The lines that a read completes."""
        pending = self._pending
        return self._decode(
            [piece if not pending and piece.endswith(b"\n") else _completed(piece, pending) for piece in pieces]
        )

    @property
    def between(self) -> bool:
        """Whether what comes next begins a line."""
        return not self._pending

    def end(self) -> list[WatchLine | BrokenLine]:
        """What is left when the stream has ended: a line that is unfinished is broken."""
        rest = b"".join(self._pending)
        return [BrokenLine(rest)] if rest.strip() else []


async def lines(stream: ByteStream, *, decoded: bool = False) -> AsyncIterator[list[WatchLine | BrokenLine]]:
    """Batches of lines, as many as each read brought. See `Lines`."""
    made, read = Lines(decoded=decoded), reads(stream)
    while pieces := await read():
        if batch := made.take(pieces):
            yield batch
    if rest := made.end():
        yield rest


async def _chunk(chunks: AsyncIterator[bytes]) -> list[bytes]:
    try:
        return [await anext(chunks)]
    except StopAsyncIteration:
        return []


def _completed(piece: bytes, pending: list[bytes]) -> bytes:
    """The lines that a piece completes, if any; what is left is pending."""
    end = piece.rfind(b"\n") + 1
    if not end:
        pending.append(piece)
        return b""
    whole = b"".join((*pending, piece[:end]))
    pending.clear()
    if end < len(piece):
        pending.append(piece[end:])
    return whole


def _decode(pieces: list[bytes]) -> list[WatchLine | BrokenLine]:
    data = b"".join(pieces)
    try:
        return list[WatchLine | BrokenLine](_decoder.decode_lines(data))
    except UNREADABLE:
        return [_one(line) for line in data.split(b"\n") if line.strip()]


#: How a kube-apiserver begins the lines of changes, byte for byte; other servers' lines are decoded.
_KINDS = ((kind, b'{"type":"%s","object":' % kind.encode()) for kind in ("MODIFIED", "ADDED", "DELETED"))
_HEADS = tuple((head, len(head), kind) for kind, head in _KINDS)
_BRACE = ord("}")


class _Cutter:
    """Cuts the objects of one stream's changes out of their lines, without looking at them.

    That is right where a line ends with its object, which the first change shows: a server writes all its lines alike. What
    is cut out of a line that is no JSON is none either, and whoever decodes it sees that.
    """

    def __init__(self) -> None:
        # Whether lines end with their objects; None until a change has been decoded.
        self._plain: bool | None = None

    def decode(self, pieces: list[bytes]) -> list[WatchLine | BrokenLine]:
        """The lines of what has been received; each piece ends with a line, or is empty."""
        batch: list[WatchLine | BrokenLine] = []
        add, plain = batch.append, self._plain
        for data in pieces:
            start, size = 0, len(data)
            while start < size:
                end = data.index(b"\n", start)
                cut = None
                if data[end - 1] == _BRACE and plain is not False:
                    for head, length, kind in _HEADS:
                        if data.startswith(head, start):
                            cut = WatchLine(kind, Within(data, start + length, end - 1))
                            break
                if cut is not None and plain:
                    add(cut)
                elif end > start and not (line := data[start:end]).isspace():
                    add(self._decoded(line, cut))
                    plain = self._plain
                start = end + 1
        return batch

    def _decoded(self, line: bytes, cut: WatchLine | None) -> WatchLine | BrokenLine:
        decoded = _one(line)
        if cut is not None and isinstance(decoded, WatchLine):
            self._plain = bytes(decoded.object) == bytes(cut.object)
        return decoded


def _one(line: bytes) -> WatchLine | BrokenLine:
    try:
        return _decoder.decode(line)
    except UNREADABLE:
        return BrokenLine(line)
