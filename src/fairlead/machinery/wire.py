"""A request to an API server and its answer, as bytes: what transports carry and the in-memory server takes.

Both sides of the in-process transport speak in these records, so that nothing but bytes passes between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias
from urllib.parse import urlencode

import msgspec

__all__ = [
    "INITIAL_EVENTS_END", "UNREADABLE", "ByteStream", "ConnectionLost", "Json", "PiecewiseStream", "Pipe", "Request",
    "Response", "StreamResponse", "Upgrade", "Within",
]  # fmt: skip

#: What decoding JSON raises: not JSON, not of the type, not UTF-8, nested too deeply.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
#: The annotation of the bookmark that ends the initial events of a streaming list (KEP-3157).
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Request(msgspec.Struct, frozen=True):
    """One HTTP request. Header names are lower case; `path` is percent-encoded and starts with a slash."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    body: bytes = b""
    #: Seconds for the whole exchange (not for streams, which live as long as the server lets them); None: no limit.
    timeout: float | None = None

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


class Response(msgspec.Struct, frozen=True):
    """A whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ConnectionLost(Exception):
    """Raised by a server in place of an answer, or of a body's next bytes: the connection breaks, and the client knows no more."""


class ByteStream(Protocol):
    """The bytes of a streaming answer as they arrive; `aclose` gives the connection up, from either side."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None:
        """Give the connection up; idempotent."""
        ...


class PiecewiseStream(ByteStream, Protocol):
    """A stream that also gives what has arrived in the pieces that the server wrote, without joining them."""

    async def pieces(self) -> list[bytes]:
        """What has come since, waiting for it; none at the end."""
        ...

    async def gather(self) -> None:
        """Let what is being sent gather for a few milliseconds, if it comes in small reads; each costs as much as a large one."""
        ...

    def at_rest(self, take: Callable[[bytes], bool] | None) -> None:
        """Have `take` asked of a piece that comes alone while the reader waits: where it says yes, nobody is woken for it."""
        ...


class StreamResponse(msgspec.Struct, frozen=True):
    """An answer whose body is still coming, such as a watch. Whoever gets it must close `body`."""

    status: int
    headers: Mapping[str, str]
    body: ByteStream


class Within(msgspec.Struct, frozen=True, gc=False):
    """JSON that is a piece of a longer text, and has not been copied out of it: `bytes` does that."""

    whole: bytes
    start: int
    end: int

    def __bytes__(self) -> bytes:
        return self.whole[self.start : self.end]


Json: TypeAlias = bytes | msgspec.Raw | Within
"""An object's JSON, in whichever form it came; `bytes` gives it."""


class Pipe(Protocol):
    """A connection that carries bytes both ways once it has been upgraded: the messages of a WebSocket, or a plain stream."""

    async def receive(self) -> bytes | None:
        """The next message, or whatever came; None when the other side has gone."""
        ...

    async def send(self, data: bytes, *, text: bool = False) -> None:
        """Send a message (as one of text, where there are such). Raises ConnectionLost when the other side has gone."""
        ...


class Upgrade(Response, frozen=True):
    """An answer after which the connection speaks another protocol (101): `headers` say which, `talk` speaks it.

    `talk` returns when all has been said; the connection is closed then.
    """

    talk: Callable[[Pipe], Awaitable[None]]
