"""The way to an API server in the same process: the same requests as over HTTP, as bytes, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from fairlead.errors import ClosedError, TransportError
from fairlead.machinery.wire import ByteStream, ConnectionLost, Request, Response, StreamResponse
from fairlead.transport.user_agent import user_agent as named

__all__ = ["Handler", "InProcessTransport"]


class Handler(Protocol):
    """A server without sockets. A bad request is answered, never raised."""

    async def handle(self, request: Request, /) -> Response | StreamResponse:
        """Answer one request; a StreamResponse's body ends for its reader when it is closed from either side."""
        ...


class InProcessTransport:
    """Carries requests to a server object, and its answers back: only bytes and records pass between them.

    `user_agent` goes before fairlead's own; `authorization` is sent where a request has no such header of its own.
    """

    def __init__(
        self, server: Handler, *, cluster: str = "in-process", user_agent: str = "", authorization: str = ""
    ) -> None:
        self.cluster = cluster
        self._server = server
        self._added = {"accept-encoding": "identity", "user-agent": named(user_agent)}
        if authorization:
            self._added["authorization"] = authorization
        self._open: set[_Stream] = set()
        self._closed = False

    async def request(self, request: Request) -> Response:
        """Send a request and read the whole answer. See `Transport.request`."""
        scope = asyncio.timeout(request.timeout)
        try:
            async with scope:
                answer = await self._answer(request)
                return answer if isinstance(answer, Response) else await _whole(answer)
        except ConnectionLost:
            raise TransportError(f"{request} on {self.cluster}: the connection was lost in the answer's body") from None
        except TimeoutError as error:
            raise self._too_late(request, scope, error) from error

    async def stream(self, request: Request) -> StreamResponse:
        """Send a request and return its answer's head and coming body. See `Transport.stream`."""
        answer = await self._answer_in_time(request)
        body = answer.body if isinstance(answer, StreamResponse) else _Once(answer.body)
        if self._closed:  # while the server was answering
            await body.aclose()
            raise TransportError(_cut_message(f"{request} on {self.cluster}"))
        stream = _Stream(body, self._open, request, self.cluster)
        return StreamResponse(answer.status, answer.headers, stream)

    async def close(self) -> None:
        """End every open stream; its reader gets a TransportError. Idempotent."""
        self._closed = True
        while self._open:
            await self._open.pop().cut()

    async def _answer(self, request: Request) -> Response | StreamResponse:
        if self._closed:
            raise ClosedError(f"{request}: the client, or its transport to {self.cluster}, is closed")
        headers = {**self._added, **request.headers}
        sent = Request(request.method, request.path, request.query, headers, request.body, request.timeout)
        try:
            return await self._server.handle(sent)
        except ConnectionLost:
            raise TransportError(
                f"{request} on {self.cluster}: the connection was lost before an answer came"
            ) from None

    async def _answer_in_time(self, request: Request) -> Response | StreamResponse:
        if request.timeout is None:  # as for most streams: a limit that is none costs as much as one
            return await self._answer(request)
        scope = asyncio.timeout(request.timeout)
        try:
            async with scope:
                return await self._answer(request)
        except TimeoutError as error:
            raise self._too_late(request, scope, error) from error

    def _too_late(self, request: Request, scope: asyncio.Timeout, error: TimeoutError) -> Exception:
        if not scope.expired():
            return error  # the server's own, not of this exchange's limit
        return TransportError(f"{request} on {self.cluster}: no whole answer within {request.timeout:g} s")


def _cut_message(said: str) -> str:
    return f"{said}: the transport was closed while the answer was being read"


class _Stream:
    """A body that its transport can cut."""

    def __init__(self, body: ByteStream, registry: set[_Stream], request: Request, cluster: str) -> None:
        self._body = body
        self._chunks = aiter(body)
        self._registry = registry
        self._request = request
        self._cluster = cluster
        self._cut = False
        registry.add(self)

    @property
    def _said(self) -> str:
        return f"{self._request} on {self._cluster}"

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._cut:
            raise TransportError(_cut_message(self._said))
        try:
            return await anext(self._chunks)
        except ConnectionLost:
            self._registry.discard(self)
            raise TransportError(f"{self._said}: the connection was lost while the answer was being read") from None
        except StopAsyncIteration:
            self._registry.discard(self)
            if self._cut:
                raise TransportError(_cut_message(self._said)) from None
            raise

    async def aclose(self) -> None:
        self._registry.discard(self)
        await self._body.aclose()

    async def cut(self) -> None:
        self._cut = True
        await self.aclose()


class _Once:
    """A body that is there already, as a stream of one chunk."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._data:
            raise StopAsyncIteration
        data, self._data = self._data, b""
        return data

    async def aclose(self) -> None:
        self._data = b""


async def _whole(answer: StreamResponse) -> Response:
    try:
        body = b"".join([chunk async for chunk in answer.body])
    finally:
        await answer.body.aclose()
    return Response(answer.status, answer.headers, body)
