"""Sends requests, turns refusals into errors, and tries again where that is safe.

Tried again are 429 for any verb, and lost connections and 5xx only for reads and for writes that carry a resourceVersion
or uid: such a write cannot take effect twice. A create never is.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from fairlead.errors import ApiError, TooManyRequests, TransportError, from_reply
from fairlead.machinery.rbac import PermissionRecorder
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.machines.backoff import Backoff
from fairlead.transport.protocol import Transport

__all__ = ["Caller"]

log: logging.Logger = logging.getLogger("fairlead.api")

#: How often a request is sent at most, and for how long it is tried, in seconds.
ATTEMPTS = 5
RETRY_SECONDS = 30.0
#: The limit of one exchange, in seconds.
TIMEOUT = 60.0


class Caller(msgspec.Struct):
    """One client's way to its server."""

    transport: Transport
    warned: set[str] = msgspec.field(default_factory=set[str])
    #: What the requests so far needed.
    permissions: PermissionRecorder = msgspec.field(default_factory=PermissionRecorder)
    #: How to wait, for tests that have their own time.
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    async def call(self, request: Request, said: str, *, safe: bool) -> Response:
        """Send a request and return a successful answer. `said` is the request for people; `safe`: it may be repeated.

        A server's Retry-After is honoured where it ends within the time that a request is tried. Raises ApiError with the
        server's Status, or TransportError.
        """
        backoff = Backoff(0.1, 5.0)
        until = self.clock() + RETRY_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(request, said)
            except (ApiError, TransportError) as error:
                again = isinstance(error, TooManyRequests) or (safe and error.retryable)
                wait = max(backoff.delay(), getattr(error, "retry_after", None) or 0.0)
                if not again or attempt == ATTEMPTS or self.clock() + wait > until:
                    raise
                log.debug(
                    "%s is tried again in %.3f s: %s",
                    said,
                    wait,
                    error,
                    extra={"request": said, "error": str(error), "seconds": wait},
                )
                await self.sleep(wait)

    async def _once(self, request: Request, said: str) -> Response:
        response = await self.transport.request(request)
        self.permissions.note(request, response.status)
        self._warn(response.headers)
        if not 200 <= response.status < 300:
            raise from_reply(response.status, response.body, said, response.headers.get("retry-after"))
        return response

    async def stream(self, request: Request, said: str, *, may_be_empty: bool = False) -> StreamResponse:
        """Open a stream; `may_be_empty`: also one that has no content (204). Raises as `call` does; never tries again."""
        response = await self.transport.stream(request)
        self.permissions.note(request, response.status)
        if response.status == 200 or (may_be_empty and response.status == 204):
            self._warn(response.headers)
            return response
        try:
            body = b"".join([chunk async for chunk in response.body])
        finally:
            await response.body.aclose()
        raise from_reply(response.status, body, said, response.headers.get("retry-after"))

    def _warn(self, headers: Mapping[str, str]) -> None:
        """Log each text once: https://kubernetes.io/blog/2020/09/03/warnings/."""
        header = headers.get("warning")
        if not header:
            return
        for text in _warnings(header):
            if text not in self.warned:
                self.warned.add(text)
                log.warning("%s warns: %s", self.transport.cluster, text, extra={"warning": text})


#: One `299 - "text"` of a Warning header, quotes in the text escaped by a backslash.
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')


def _warnings(header: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", text) for text in _WARNING.findall(header)] or [header]
