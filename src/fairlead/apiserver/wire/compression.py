"""Answers compressed with gzip, for clients that ask for it: large ones whole, watch lists as they come.

A watch list (KEP-3157) is one gzip stream that is flushed after every event, so that each can be read when it comes: Go's
reader gives out the end of a member only when it has seen the beginning of the next.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator

from fairlead.machinery.wire import ByteStream, Request, Response, StreamResponse

__all__ = ["compressed", "compressed_stream", "wants_gzip"]

#: Bytes up to which an answer is sent as it is.
_THRESHOLD = 128 * 1024
# As kube-apiserver: the least work, for most of the gain.
_LEVEL = 1
_HEADERS = {"content-encoding": "gzip", "vary": "Accept-Encoding"}


def wants_gzip(request: Request) -> bool:
    """Whether Accept-Encoding names gzip, without a weight: with one kube-apiserver does not read it."""
    accepted = request.headers.get("accept-encoding", "")
    return any(token.strip() == "gzip" for token in accepted.split(","))


def compressed(request: Request, response: Response) -> Response:
    """The answer, compressed if it is large and the client wants that."""
    if len(response.body) <= _THRESHOLD or not wants_gzip(request):
        return response
    body = gzip.compress(response.body, _LEVEL, mtime=0)
    return Response(response.status, {**response.headers, **_HEADERS}, body)


def compressed_stream(answer: StreamResponse) -> StreamResponse:
    """The stream, flushed after each piece of it."""
    return StreamResponse(answer.status, {**answer.headers, **_HEADERS}, _Flushed(answer.body))


class _Flushed:
    """A stream whose pieces are compressed as they come."""

    def __init__(self, body: ByteStream) -> None:
        self._body = body
        self._pieces = aiter(body)
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self._ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            if self._ended:
                raise
            self._ended = True
            return self._compressor.flush()
        return self._compressor.compress(piece) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    async def aclose(self) -> None:
        await self._body.aclose()
