"""What the rest of fairlead asks of a transport."""

from __future__ import annotations

from typing import Protocol

from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Transport"]


class Transport(Protocol):
    """A way to one API server. Adds credentials, `User-Agent` and `Accept-Encoding: identity` to what it carries.

    Any HTTP status is an answer and is returned; only trouble on the way is raised. A 401 is tried once more with
    fresh credentials here, every other retry is the caller's.
    """

    @property
    def cluster(self) -> str:
        """Which cluster this leads to, for messages: the server's URL, or `in-process`."""
        ...

    async def request(self, request: Request) -> Response:
        """Send a request and read the whole answer, within `request.timeout` seconds.

        Raises:
            TransportError: no whole answer came: refused, cut, or too late.
            ConfigError: the credentials to send could not be made.
            ClosedError: this transport has been closed.
        """
        ...

    async def stream(self, request: Request) -> StreamResponse:
        """Send a request and return once the answer's head has come, within `request.timeout` seconds.

        The body's bytes are given as they arrive, however long that takes; whoever gets the body closes it. Reading
        it raises TransportError if the connection breaks or this transport is closed.

        Raises:
            TransportError: no answer came: refused, cut, or too late.
            ConfigError: the credentials to send could not be made.
            ClosedError: this transport has been closed.
        """
        ...

    async def close(self) -> None:
        """Close every connection; open streams end with TransportError. Idempotent."""
        ...
