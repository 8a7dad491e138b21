"""The one module of the client that knows aiohttp; loaded when the first request is sent.

Its TransportErrors say only what happened: `HttpTransport` adds what was tried, and where.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from fairlead.errors import TransportError
from fairlead.machinery.wire import Response, StreamResponse
from fairlead.transport.gzip import GzipMembers
from fairlead.transport.proxies import Proxy

__all__ = ["Call", "Connections"]

#: Connections for requests that may be open at once; a request over HTTP/1.1 has its connection for itself.
REQUEST_CONNECTIONS = 256
#: Seconds an idle connection is kept; API servers close theirs after 90.
KEEP_ALIVE = 60.0
#: Seconds without an acknowledgement after which the kernel gives a connection up.
UNACKNOWLEDGED = 45
#: How many turns of the loop closing gives its sockets to end, once they are shut down.
HANG_UP_TURNS = 100
#: Bytes that may wait unread before the server is slowed down. Measured: 64 KiB cost watches a fifth more, more wins nothing.
READ_BUFFER = 2**18
#: Bytes of one header: an answer may carry long warnings.
HEADER_FIELD = 2**16

_CLOSED = "the transport was closed while the answer was under way"
_SocketAddress = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it is put on a connection. Header pairs may repeat a name; `timeout` is in seconds."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes
    timeout: float | None
    tls: ssl.SSLContext | None
    server_name: str
    proxy: Proxy | None = None


class Connections:
    """The connections to one server: some for requests, and as many as are needed for streams.

    `explain_tls` puts a TLS failure into words. Made and used inside one running event loop.
    """

    def __init__(self, connect_timeout: float, explain_tls: Callable[[ssl.SSLError], str]) -> None:
        self._connect_timeout = connect_timeout
        self._explain_tls = explain_tls
        # Every socket that has not gone yet, so that closing can see to it that all have.
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._requests = _session(REQUEST_CONNECTIONS, connect_timeout, self._socket)
        self._watches = _session(0, connect_timeout, self._socket)
        self._open: set[_Stream] = set()
        self._closed = False

    async def whole(self, call: Call) -> Response:
        """Make a call and read all of its answer.

        Raises:
            TransportError: no whole answer came.
        """
        scope = asyncio.timeout(call.timeout)
        try:
            async with scope, await self._send(self._requests, call) as answer:
                body = await answer.read()
                members = _members(answer)
                if members is not None:
                    body = members.decompress(body)
                    members.finish()
                return Response(answer.status, _headers(answer), body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._trouble(error, call.timeout if scope.expired() else None) from error

    async def head(self, call: Call) -> StreamResponse:
        """Make a call and return when its answer begins.

        Raises:
            TransportError: no answer came.
        """
        scope = asyncio.timeout(call.timeout)
        answer: aiohttp.ClientResponse | None = None
        try:
            async with scope:
                answer = await self._send(self._watches, call)
            return StreamResponse(answer.status, _headers(answer), self._stream(answer))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if answer is not None:
                answer.close()
            raise self._trouble(error, call.timeout if scope.expired() else None) from error

    async def close(self) -> None:
        """Close all; open streams end with TransportError. Idempotent."""
        self._closed = True
        while self._open:
            self._open.pop().cut()
        await self._requests.close()
        await self._watches.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        """End what a cancelled request left: over TLS its connection waits for the other side's goodbye."""
        for left in self._sockets:
            if left.fileno() >= 0:
                with contextlib.suppress(OSError):
                    left.shutdown(socket.SHUT_RDWR)
        for _ in range(HANG_UP_TURNS):
            if all(left.fileno() < 0 for left in self._sockets):
                return
            # The loop sees the end of each socket in its next turns, and closes it.
            await asyncio.sleep(0)

    def _socket(self, address: _SocketAddress) -> socket.socket:
        made = _socket(address)
        self._sockets.add(made)
        return made

    async def _send(self, session: aiohttp.ClientSession, call: Call) -> aiohttp.ClientResponse:
        return await session.request(
            call.method,
            URL(call.url, encoded=True),
            headers=CIMultiDict(call.headers),
            data=call.body or None,
            allow_redirects=False,
            ssl=call.tls or True,
            server_hostname=call.server_name or None,
            proxy=URL(call.proxy.url) if call.proxy else None,
            proxy_headers={"Proxy-Authorization": call.proxy.authorization}
            if call.proxy and call.proxy.authorization
            else None,
        )

    def _stream(self, answer: aiohttp.ClientResponse) -> _Stream:
        if self._closed:  # while the server was answering
            raise aiohttp.ClientConnectionError
        return _Stream(answer, _members(answer), self._open, self.broken)

    def broken(self, error: Exception) -> TransportError:
        """What it means that reading a stream failed."""
        return self._trouble(error, None)

    def _trouble(self, error: Exception, timeout: float | None) -> TransportError:
        if timeout is not None:
            return TransportError(f"no whole answer within {timeout:g} s; is the server busy, or the network down?")
        return TransportError(_CLOSED if self._closed else _of_proxy(error) or self._explained(error))

    def _explained(self, error: Exception) -> str:  # a table, from the most exact to the least
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(cause, aiohttp.ClientConnectorCertificateError):
            cause = cause.certificate_error
        if isinstance(cause, ssl.SSLError):
            return self._explain_tls(cause)
        if isinstance(cause, TimeoutError):
            return f"no connection within {self._connect_timeout:g} s; is the address right, and the network up?"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused; is the API server running there?"
        if isinstance(cause, socket.gaierror) or isinstance(error, aiohttp.ClientConnectorDNSError):
            return "the server's name cannot be resolved; is it spelt right, and is there a network?"
        if isinstance(cause, aiohttp.ServerDisconnectedError | ConnectionError):
            return "the server closed the connection without a whole answer"
        if isinstance(cause, aiohttp.ClientPayloadError):
            return "the connection was cut in the middle of the answer"
        if isinstance(error, aiohttp.ClientConnectorError):
            return f"cannot connect: {cause.strerror or cause}" if isinstance(cause, OSError) else f"{cause}"
        if isinstance(cause, aiohttp.ClientResponseError):
            return f"the answer is not HTTP ({cause.message}); does the URL's scheme fit the port?"
        return str(cause) or type(cause).__name__


def _of_proxy(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        reason = error.os_error.strerror or error.os_error
        return f"the proxy cannot be reached ({reason}); see proxy-url, or HTTPS_PROXY and NO_PROXY"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused the connection: {error.status} {error.message}"
    return ""


class _Stream:
    """A body as it arrives."""

    def __init__(
        self,
        answer: aiohttp.ClientResponse,
        members: GzipMembers | None,
        registry: set[_Stream],
        broken: Callable[[Exception], TransportError],
    ) -> None:
        self._answer = answer
        self._content = answer.content
        self._members = members
        self._registry = registry
        self._broken = broken
        self._ended = False  # by its reader, or by the server in good order
        self._cut = False
        registry.add(self)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            while not self._ended and not self._cut:
                chunk = await self._content.readany()
                if not chunk:
                    self._end()
                    break
                if self._members is not None:
                    chunk = self._members.decompress(chunk)
                if chunk:
                    return chunk
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if not self._ended:
                await self.aclose()
                raise self._broken(error) from error
        if self._cut:
            raise TransportError(_CLOSED)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._ended = True
        self._registry.discard(self)
        self._drop()

    def cut(self) -> None:
        self._cut = True
        self._drop()

    def _drop(self) -> None:
        """Give the connection up at once: over TLS, closing alone waits for the other side's goodbye."""
        connection = self._answer.connection
        transport = connection.transport if connection is not None else None
        self._answer.close()
        if transport is not None:
            transport.abort()

    def _end(self) -> None:
        if self._members is not None:
            self._members.finish()
        self._ended = True
        self._registry.discard(self)


def _session(
    limit: int, connect_timeout: float, make_socket: Callable[[_SocketAddress], socket.socket]
) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_ALIVE, socket_factory=make_socket)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=("Content-Type", "Accept"),
        read_bufsize=READ_BUFFER,
        max_line_size=HEADER_FIELD,
        max_field_size=HEADER_FIELD,
    )


def _socket(address: _SocketAddress) -> socket.socket:
    made = socket.socket(family=address[0], type=address[1], proto=address[2])
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Not every platform has these; without them its own keep-alive times hold.
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED * 1000)
    return made


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Names in lower case; the values of a repeated name are joined (RFC 9110, 5.2). The body is given decoded."""
    given: CIMultiDictProxy[str] = answer.headers
    headers: dict[str, str] = {}
    for name, value in given.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if headers.get("content-encoding") == "gzip":
        del headers["content-encoding"]
        headers.pop("content-length", None)
    return headers


def _members(answer: aiohttp.ClientResponse) -> GzipMembers | None:
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding == "gzip":
        return GzipMembers()
    if encoding == "identity":
        return None
    raise ValueError(f"the body has Content-Encoding {encoding!r}, though only identity was asked for")
