"""The connections to one server: those that wait for the next request, those in use, and the streams over them.

Its TransportErrors say only what happened: `HttpTransport` adds what was tried, and where.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fairlead.errors import TransportError
from fairlead.machinery.wire import Response, StreamResponse
from fairlead.transport.gzip import GzipMembers
from fairlead.transport.http1 import Answer, Connection, Cut, HangUp, NotHttp, message
from fairlead.transport.proxies import Proxy
from fairlead.transport.sockets import ProxyTrouble, Sockets

__all__ = ["Call", "Connections"]

#: Requests that may be under way at once; a request over HTTP/1.1 has its connection for itself.
REQUEST_CONNECTIONS = 256
#: Seconds an idle connection is kept; API servers close theirs after 90.
KEEP_ALIVE = 60.0

_CLOSED = "the transport was closed while the answer was under way"
#: A delete by name is none of them: sent again, it may take another life of that name. Who sends writes knows which may be repeated.
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it is put on a connection. Header pairs may repeat a name; `timeout` is in seconds."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes
    timeout: float | None
    tls: ssl.SSLContext | None
    server_name: str


class Connections:
    """The connections to one server (its URL): up to a limit for requests, and as many as are needed for streams.

    `explain_tls` puts a TLS failure into words; `connect_timeout` is in seconds, the proxy's and TLS's part included. `trust`
    gives what a proxy is verified with that is spoken to over TLS.
    Made and used inside one running event loop.
    """

    def __init__(
        self,
        server: str,
        connect_timeout: float,
        explain_tls: Callable[[ssl.SSLError], str],
        proxy: Proxy | None = None,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        parts = urlsplit(server)
        self._host: str = parts.hostname or ""
        # The dot that ends a full name is for the resolver alone: certificates have none (RFC 6066, 3).
        self._name: str = self._host.removesuffix(".")
        self._port: int = parts.port or _PORTS[parts.scheme]
        self._named = parts.netloc.rpartition("@")[2]
        self._proxy = proxy
        self._trust = trust
        self._connect_timeout = connect_timeout
        self._explain_tls = explain_tls
        self._requests = asyncio.Semaphore(REQUEST_CONNECTIONS)
        self._sockets = Sockets()
        # _idle: with the context they were made for and the timer that ends them; the last one in is used first.
        self._idle: list[tuple[Connection, ssl.SSLContext | None, asyncio.TimerHandle]] = []
        # _busy: what closing has to end. _connecting: the limits of connections that are being made.
        self._busy: set[Connection] = set()
        self._connecting: set[asyncio.Timeout] = set()
        self._closed = False

    async def whole(self, call: Call) -> Response:
        """Make a call and read all of its answer.

        Raises:
            TransportError: no whole answer came.
        """
        scope = asyncio.timeout(call.timeout)
        connection: Connection | None = None
        try:
            async with scope, self._requests:
                connection, answer = await self._ask(call)
                members = _members(answer)
                body = await answer.rest()
                if members is not None:
                    body = members.decompress(body)
                    members.finish()
                return Response(answer.status, _headers(answer, members), body)
        except (OSError, ValueError) as error:
            raise self.broken(error, call.timeout if scope.expired() else None) from error
        finally:
            if connection is not None:
                self._give_back(connection, call.tls)

    async def head(self, call: Call, named: Callable[[TransportError], TransportError]) -> StreamResponse:
        """Make a call and return when its answer begins; `named` puts into the errors of its body what was tried.

        Raises:
            TransportError: no answer came.
        """
        scope = asyncio.timeout(call.timeout)
        connection: Connection | None = None
        try:
            async with scope:
                connection, answer = await self._ask(call)
            used, connection = connection, None
            try:
                members = _members(answer)
            except ValueError:
                self._give_back(used, call.tls)
                raise
            stream = _Stream(
                answer, members, lambda: self._give_back(used, call.tls), lambda error: named(self.broken(error))
            )
            return StreamResponse(answer.status, _headers(answer, members), stream)
        except (OSError, ValueError) as error:
            raise self.broken(error, call.timeout if scope.expired() else None) from error
        finally:
            if connection is not None:
                self._give_back(connection, call.tls)

    async def close(self) -> None:
        """Close all; open streams end with TransportError. Idempotent."""
        self._closed = True
        now = asyncio.get_running_loop().time()
        for scope in self._connecting:
            if not scope.expired():
                scope.reschedule(now)
        while self._idle:
            connection, _, timer = self._idle.pop()
            timer.cancel()
            connection.drop()
        for connection in tuple(self._busy):
            connection.drop(HangUp())
        await self._sockets.hang_up()

    async def _ask(self, call: Call) -> tuple[Connection, Answer]:
        request = self._message(call)
        connection = self._waiting(call.tls)
        if connection is not None:
            try:
                return connection, await self._asked(connection, request)
            except HangUp:
                # The server had ended it meanwhile, as it may (RFC 9112, 9.3.1): this says nothing of the request.
                if self._closed or call.method not in _READS:
                    raise
        connection = await self._connect(call)
        return connection, await self._asked(connection, request)

    def _message(self, call: Call) -> bytes:
        if self._proxy is None or self._proxy.socks or call.tls is not None:
            return message(call.method, call.target, self._named, call.headers, call.body)
        # Without TLS there is no tunnel: an HTTP proxy is asked itself (RFC 9112, 3.2.2).
        headers = [*call.headers, *self._proxy.headers]
        return message(call.method, f"http://{self._named}{call.target}", self._named, headers, call.body)

    async def _asked(self, connection: Connection, request: bytes) -> Answer:
        if self._closed:
            connection.drop()
            raise HangUp
        self._busy.add(connection)
        try:
            return await connection.ask(request)
        except BaseException:
            self._busy.discard(connection)
            connection.drop()
            raise

    async def _connect(self, call: Call) -> Connection:
        if self._closed:  # while this waited for its turn
            raise HangUp
        scope = asyncio.timeout(self._connect_timeout)
        self._connecting.add(scope)
        try:
            async with scope:
                return await self._sockets.connect(
                    (self._host, self._port), call.tls, call.server_name or self._name, self._proxy, self._trust
                )
        except TimeoutError as error:
            raise _TooSlow(f"no connection within {self._connect_timeout:g} s; is the address right, and the network up?") from error  # fmt: skip
        finally:
            self._connecting.discard(scope)

    def _waiting(self, tls: ssl.SSLContext | None) -> Connection | None:
        """An idle connection made for this context. A new context means a new identity: the old one's are ended."""
        while self._idle:
            connection, made_for, timer = self._idle.pop()
            timer.cancel()
            if made_for is tls and connection.free and connection.quiet:
                return connection
            connection.drop()
        return None

    def _give_back(self, connection: Connection, tls: ssl.SSLContext | None) -> None:
        """Keep a connection for the next request, or end it where its answer has not been read to the end."""
        self._busy.discard(connection)
        if self._closed or not connection.free:
            connection.drop()
            return
        timer = asyncio.get_running_loop().call_later(KEEP_ALIVE, self._expire, connection)
        self._idle.append((connection, tls, timer))

    def _expire(self, connection: Connection) -> None:
        self._idle = [entry for entry in self._idle if entry[0] is not connection]
        connection.drop()

    def broken(self, error: Exception, timeout: float | None = None) -> TransportError:
        """What it means that a call failed, or reading a stream."""
        if self._closed:
            return TransportError(_CLOSED)
        if timeout is not None:
            return TransportError(f"no whole answer within {timeout:g} s; is the server busy, or the network down?")
        return TransportError(self._explain_tls(error) if isinstance(error, ssl.SSLError) else _explained(error))


class _TooSlow(OSError):
    """No connection in time."""


class _Stream:
    """A body as it arrives."""

    def __init__(
        self,
        answer: Answer,
        members: GzipMembers | None,
        give_back: Callable[[], None],
        broken: Callable[[Exception], TransportError],
    ) -> None:
        self._answer = answer
        self._members = members
        self._give_back = give_back
        self._broken = broken
        self._ended = False  # by its reader, or by the server in good order

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        pieces = await self.pieces()
        if not pieces:
            raise StopAsyncIteration
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def pieces(self) -> list[bytes]:
        try:
            while not self._ended:
                pieces = await self._answer.pieces()
                if not pieces:
                    self._end()
                    break
                if self._members is not None:
                    pieces = [chunk for piece in pieces if (chunk := self._members.decompress(piece))]
                if pieces:
                    return pieces
        except (OSError, ValueError) as error:
            if not self._ended:
                await self.aclose()
                raise self._broken(error) from error
        return []

    async def gather(self) -> None:
        if not self._ended:
            await self._answer.gather()

    def at_rest(self, take: Callable[[bytes], bool] | None) -> None:
        # What is compressed makes sense only in its order.
        self._answer.at_rest = take if self._members is None else None

    async def aclose(self) -> None:
        if not self._ended:
            self._ended = True
            self._give_back()

    def _end(self) -> None:
        if self._members is not None:
            self._members.finish()
        self._ended = True
        self._give_back()


def _headers(answer: Answer, members: GzipMembers | None) -> dict[str, str]:
    """The headers of an answer whose body is given decoded."""
    headers = answer.headers
    if members is not None:
        headers = {k: v for k, v in headers.items() if k not in ("content-encoding", "content-length")}
    return headers


def _members(answer: Answer) -> GzipMembers | None:
    encoding = answer.headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        return GzipMembers()
    if encoding == "identity":
        return None
    raise ValueError(f"the body has Content-Encoding {encoding!r}, though only identity was asked for")


def _explained(error: Exception) -> str:  # a table, from the most exact to the least
    if isinstance(error, NotHttp):
        return f"the answer is not HTTP ({error}); does the URL's scheme fit the port?"
    if isinstance(error, Cut):
        return "the connection was cut in the middle of the answer"
    if isinstance(error, socket.gaierror):
        return "the server's name cannot be resolved; is it spelt right, and is there a network?"
    if not isinstance(error, OSError) or isinstance(error, _TooSlow | ProxyTrouble):
        return str(error) or type(error).__name__
    code = _code(error)
    if code == errno.ECONNREFUSED:
        return "connection refused; is the API server running there?"
    if isinstance(error, ConnectionError):
        return "the server closed the connection without a whole answer"
    return f"cannot connect: {os.strerror(code) if code else error}"


def _code(error: OSError) -> int:
    """The one errno of an error, also where it stands for several addresses that all failed alike."""
    codes = {int(code) for code in re.findall(r"\[Errno (\d+)\]", str(error))}
    return codes.pop() if len(codes) == 1 else error.errno or 0
