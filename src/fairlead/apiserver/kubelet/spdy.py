"""The part of SPDY/3.1 that port-forward and older clients' exec need: streams with headers, data, half-close, reset.

https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/. Kubernetes' clients know no flow control, so there is none.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from fairlead.apiserver.kubelet.inputs import Input
from fairlead.machinery.wire import Pipe

__all__ = ["SpdyConnection", "SpdyError", "SpdyStream"]

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_MORE = "version HTTP/1.1 url public set-cookie keep-alive origin"
_TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
_SYN_REPLY, _PING = 2, 6
_FIN = 1
_CONTROL = 0x8000
_VERSION = 3
_LARGEST = (1 << 24) - 1
#: Bytes that a block of headers may have once it is unpacked.
_HEADER_LIMIT = 1 << 20

Headers: TypeAlias = "Mapping[str, str]"


def _dictionary() -> bytes:
    words = [*_WORDS.split(), "200 OK", *_MORE.split()]
    return b"".join(struct.pack(">I", len(word)) + word.encode() for word in words) + _TAIL.encode()


DICTIONARY: bytes = _dictionary()


class SpdyError(ValueError):
    """What came is not SPDY/3.1."""


class SpdyStream:
    """One stream that the client has opened. `input` ends when the client says no more; writing ends with `end`."""

    def __init__(self, connection: SpdyConnection, number: int, headers: Headers) -> None:
        self._connection = connection
        self._number = number
        self._ended = False
        self._input = Input()
        self.headers: Headers = headers
        self.input: asyncio.StreamReader = self._input.reader
        #: Set when the client wants no more of it.
        self.reset: asyncio.Event = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Send data; nothing once the stream is at its end. Raises ConnectionLost."""
        for start in range(0, len(data), _LARGEST):
            if not self._ended and not self.reset.is_set():
                await self._connection.send_data(self._number, data[start : start + _LARGEST])

    async def end(self) -> None:
        """Say that no more comes, and is wanted; idempotent. Raises ConnectionLost."""
        self._input.end()
        if not self._ended and not self.reset.is_set():
            self._ended = True
            await self._connection.send_data(self._number, b"", end=True)

    async def take(self, data: bytes, *, last: bool) -> None:
        """Take in what the client says; waits for whoever reads it, as there is no flow control: the others wait too."""
        await self._input.feed(data)
        if last:
            self._input.end()

    def stopped(self) -> None:
        """The client has given the stream up, or is gone."""
        self.reset.set()
        self._input.end()


class SpdyConnection:
    """The server's end of a connection; `run` reads it until the client goes, and gives each new stream to `opened`."""

    def __init__(self, pipe: Pipe, opened: Callable[[SpdyStream], None]) -> None:
        self._pipe = pipe
        self._opened = opened
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._streams: dict[int, SpdyStream] = {}
        self._waiting = b""

    async def run(self) -> None:
        """Read frames. Raises SpdyError for what is none."""
        try:
            while (data := await self._pipe.receive()) is not None:
                self._waiting += data
                for control, flags, body in self._frames():
                    await self._take(control, flags, body)
        finally:
            for stream in self._streams.values():
                stream.stopped()

    async def send_data(self, number: int, data: bytes, *, end: bool = False) -> None:
        """Send a data frame. Raises ConnectionLost."""
        await self._pipe.send(struct.pack(">II", number, (_FIN if end else 0) << 24 | len(data)) + data)

    def _frames(self) -> Iterator[tuple[int, int, bytes]]:
        """The whole frames that have come: the first word, flags, and content of each."""
        at = 0
        while len(self._waiting) - at >= 8:
            first, rest = struct.unpack_from(">II", self._waiting, at)
            length = rest & _LARGEST
            if len(self._waiting) - at - 8 < length:
                break
            yield first, rest >> 24, self._waiting[at + 8 : at + 8 + length]
            at += 8 + length
        self._waiting = self._waiting[at:]

    async def _take(self, first: int, flags: int, body: bytes) -> None:
        if not first >> 31:
            await self._data(first, flags, body)
            return
        if first >> 16 != _CONTROL | _VERSION:
            raise SpdyError(f"a frame of version {first >> 16 & 0x7FFF}")
        match first & 0xFFFF:
            case 1:  # SYN_STREAM
                await self._open(flags, body)
            case 3:  # RST_STREAM
                stream = self._streams.pop(_number(body), None)
                if stream is not None:
                    stream.stopped()
            case 6:  # PING
                await self._pipe.send(_control(_PING, body))
            case 8:  # HEADERS: nothing is in them that is needed, but they are part of what is compressed
                self._unpacked(body[4:])
            case _:
                pass  # SETTINGS, GOAWAY and WINDOW_UPDATE ask for nothing

    async def _data(self, number: int, flags: int, body: bytes) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            await stream.take(body, last=bool(flags & _FIN))

    async def _open(self, flags: int, body: bytes) -> None:
        if len(body) < 10:
            raise SpdyError("a SYN_STREAM frame that is too short")
        number = _number(body)
        stream = SpdyStream(self, number, self._unpacked(body[10:]))
        self._streams[number] = stream
        await stream.take(b"", last=bool(flags & _FIN))
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self._pipe.send(_control(_SYN_REPLY, struct.pack(">I", number) + block))
        self._opened(stream)

    def _unpacked(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, _HEADER_LIMIT)
            return dict(_pairs(plain))
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise SpdyError(f"headers that cannot be read: {error}") from error


def _pairs(plain: bytes) -> Iterator[tuple[str, str]]:
    (count,) = struct.unpack_from(">I", plain)
    at = 4
    for _ in range(count):
        found: list[str] = []
        for _ in range(2):
            (length,) = struct.unpack_from(">I", plain, at)
            found.append(plain[at + 4 : at + 4 + length].decode())
            at += 4 + length
        yield found[0].lower(), found[1]


def _number(body: bytes) -> int:
    if len(body) < 4:
        raise SpdyError("a frame that names no stream")
    return int.from_bytes(body[:4], "big") & 0x7FFF_FFFF


def _control(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHI", _CONTROL | _VERSION, kind, len(body)) + body
