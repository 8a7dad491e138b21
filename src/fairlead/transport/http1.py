"""One HTTP/1.1 connection: sends requests, one after another, and gives each answer as it arrives (RFC 9112).

httptools (llhttp) finds heads, chunks and ends; what they mean for the connection is decided here.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from fairlead.transport.nested import carrier

__all__ = ["READ", "Answer", "Connection", "Cut", "HangUp", "NotHttp", "message"]

#: Bytes that may wait unread before the server is slowed down. Measured: 64 KiB cost watches a fifth more, more wins nothing.
READ_BUFFER = 2**18
#: Bytes that one read may bring.
READ = 2**18
#: A read that brings less than this, in bytes, is a small one; and how long what is sent then may gather, in seconds.
SMALL_READ = 2**16
GATHER_SECONDS = 0.003
#: Bytes of an answer's head: it may carry many and long warnings.
HEAD = 2**18

_UNFIT = re.compile(r"[\x00-\x20\x7f]")
_LINE_ENDS = re.compile(r"[\r\n\x00]")
_BODIED = frozenset({"POST", "PUT", "PATCH"})


class HangUp(ConnectionError):
    """The connection ended before an answer began."""


class Cut(ConnectionError):
    """The connection ended in the middle of an answer."""


class NotHttp(ValueError):
    """What came is no HTTP."""


def message(method: str, target: str, host: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """A request as it goes over the wire. Raises ValueError for what would end a line early."""
    if _UNFIT.search(target):
        raise ValueError(f"the path and query {target!r} are not percent-encoded")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    for name, value in headers:
        if _LINE_ENDS.search(value) or _UNFIT.search(name):
            raise ValueError(f"the header {name!r} holds a line break, or is no name")
        lines.append(f"{name}: {value}")
    if body or method in _BODIED:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Answer:
    """What comes back for one request. The parser calls the `on_…` methods."""

    __slots__ = (
        "_error",
        "_held",
        "_loop",
        "_parser",
        "_pieces",
        "_repeated",
        "_slowed",
        "_taken",
        "_transport",
        "_waiter",
        "at_rest",
        "complete",
        "headers",
        "lasting",
        "on_body",
        "reason",
        "status",
    )

    def __init__(self, transport: asyncio.Transport) -> None:
        self.status: int = 0
        self.reason: str = ""
        #: Names in lower case; the values of a repeated name are joined (RFC 9110, 5.2).
        self.headers: dict[str, str] = {}
        # All values of names that came more than once; joined when the head is whole.
        self._repeated: dict[str, list[str]] = {}
        self.complete: bool = False
        #: Whether another request may follow on this connection; known when the answer is complete.
        self.lasting: bool = False
        self._transport = transport
        self._pieces: list[bytes] = []
        #: Takes a piece of the body: there are many, and nothing is to be done for each of them.
        self.on_body: Callable[[bytes], None] = self._pieces.append
        self._parser = HttpResponseParser(self)
        # _held: bytes that came since _pieces was empty or, until the head is whole, of the head.
        # _taken: how many of them were given last. _slowed: the server has been slowed down.
        self._held = self._taken = 0
        self._slowed = False
        self._error: Exception | None = None
        # Kept, for each read waits for the next one: Python 3.11 asks the kernel which process this is to tell the loop.
        self._loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        #: Asked of a piece of the body that comes alone while the reader waits; says whether it has been dealt with. It must
        #: not raise.
        self.at_rest: Callable[[bytes], bool] | None = None

    async def begun(self) -> None:
        """Wait for the head. Raises HangUp, Cut, NotHttp or OSError."""
        while not self.status:
            await self._more()

    async def read(self) -> bytes:
        """The bytes that have come since; b"" when the answer is complete. Raises Cut, NotHttp or OSError."""
        pieces = await self.pieces()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def pieces(self) -> list[bytes]:
        """As `read`, in the pieces (chunks) that the server wrote; none when the answer is complete."""
        while not self._pieces:
            if self.complete:
                return []
            await self._more()
        pieces = self._pieces.copy()
        self._pieces.clear()
        self._taken, self._held = self._held, 0
        if self._slowed:
            self._slowed = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
        return pieces

    async def gather(self) -> None:
        """Let what is being sent gather in the kernel for a moment, if the last read was a small one."""
        if self._taken >= SMALL_READ or self._pieces or self.complete or self._transport.is_closing():
            return
        self._transport.pause_reading()
        try:
            await asyncio.sleep(GATHER_SECONDS)
        finally:
            if not self._slowed and not self._transport.is_closing():
                self._transport.resume_reading()

    async def rest(self) -> bytes:
        """All that still comes. Raises Cut, NotHttp or OSError."""
        parts: list[bytes] = []
        while part := await self.read():
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _more(self) -> asyncio.Future[None]:
        """What is done when anything more has come. Not a coroutine: one less for each read."""
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        return self._waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # What the connection tells -----------------------------------------------------------------------------------

    def feed(self, data: bytes | memoryview) -> None:
        """Take what was received; nothing of `data` is kept."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:  # nothing here asks for an upgrade
            self.lasting = False
            if not self.complete:
                self.fail(NotHttp(str(error)))
        if not self.status:
            self._held += len(data)
            if self._held > HEAD:
                self.fail(NotHttp(f"its head is longer than {HEAD} bytes"))
        elif self._pieces and not self._taken_at_rest():
            self._held += len(data)
            # A complete answer is not slowed down: its connection may be used again before all of it has been read.
            if self._held > READ_BUFFER and not self._slowed and not self.complete:
                self._slowed = True
                self._transport.pause_reading()
            self._wake()

    def _taken_at_rest(self) -> bool:
        """Whether what has come needs no reader: waking its task would be most of what a stream costs at rest."""
        take, waiter = self.at_rest, self._waiter
        if take is None or waiter is None or waiter.done() or len(self._pieces) > 1 or not take(self._pieces[0]):
            return False
        self._pieces.clear()
        return True

    def lost(self, error: Exception | None) -> None:
        """Take that nothing will be received any more."""
        if self.complete:
            return
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        if self.status and not framed and error is None:
            self.complete = True  # the end of the connection is the end of the body
            self._wake()
        elif self.status:
            self.fail(Cut())
        elif not self._held and isinstance(error, ConnectionResetError | BrokenPipeError):
            self.fail(HangUp())  # as if it had been ended in good order: it says nothing of the request
        else:
            self.fail(error or HangUp())

    def fail(self, error: Exception) -> None:
        """End with an error, once what has arrived is read."""
        self._error = self._error or error
        self.lasting = False
        self._transport.abort()
        self._wake()

    # What the parser tells ---------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Nothing may follow an answer but what is asked for next."""
        if self.complete:
            self.lasting = False

    def on_status(self, reason: bytes) -> None:
        """Take a piece of what the status means in words."""
        self.reason += reason.decode("utf-8", "replace")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. Those of a trailer are looked at by nobody, and there may be no end to them."""
        if self.status:
            return
        key, text = name.decode("utf-8", "replace").lower(), value.decode("utf-8", "replace")
        if key in self.headers:
            self._repeated.setdefault(key, [self.headers[key]]).append(text)
        else:
            self.headers[key] = text

    def on_headers_complete(self) -> None:
        """Take the head, unless it is informational: the real one follows that."""
        status = self._parser.get_status_code()
        if status < 200:
            self.headers.clear()
            self._repeated.clear()
            self.reason = ""
            return
        for key, values in self._repeated.items():
            self.headers[key] = ", ".join(values)
        self.status = status
        self._held = 0
        self._wake()

    def on_message_complete(self) -> None:
        """Take the end."""
        if self.status:
            self.complete = True
            self.lasting = self._parser.should_keep_alive()
            self._wake()


class Connection(asyncio.BufferedProtocol):
    """A connection to a server, for one exchange at a time.

    What comes is read into `buffer`, which connections of one loop may share: it is taken out at once. Python would make room
    for the most that may come, from the kernel and back again, for each few bytes of a stream at rest. `under` is the socket that
    carries it.
    """

    def __init__(self, buffer: memoryview, under: socket.socket | None = None) -> None:
        self._buffer = buffer
        self._under = under
        self.closed: bool = False
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None

    @property
    def free(self) -> bool:
        """Whether another request may be sent: the last answer came whole, and nothing after it."""
        return not self.closed and (self._answer is None or (self._answer.complete and self._answer.lasting))

    @property
    def quiet(self) -> bool:
        """Whether nothing has come that the loop has had no turn to take, for somebody held it: an end, most of the time."""
        if self._under is None:
            return True
        try:
            self._under.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer's head. Raises HangUp, NotHttp or OSError."""
        transport = self._transport
        if transport is None or not self.free:
            raise HangUp
        self._answer = answer = Answer(transport)
        transport.write(request)
        await answer.begun()
        return answer

    async def secured(self, tls: ssl.SSLContext, server_name: str) -> Connection:
        """Go on over TLS from here; this connection is used up. Raises OSError, of which ssl.SSLError is one."""
        far = Connection(self._buffer, self._under)
        near = carrier(cast("asyncio.Transport", self._transport))
        transport = await asyncio.get_running_loop().start_tls(near, far, tls, server_hostname=server_name)
        if transport is None:  # ended while they spoke
            raise HangUp
        far.connection_made(transport)
        return far

    def drop(self, error: Exception | None = None) -> None:
        """Give the connection up at once (over TLS, closing would wait for the other side's goodbye); idempotent."""
        self.closed = True
        if error is not None and self._answer is not None and not self._answer.complete:
            self._answer.fail(error)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (asyncio's)."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where to read to (asyncio's)."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came (asyncio's)."""
        self.received(self._buffer[:nbytes])

    def received(self, data: bytes | memoryview) -> None:
        """Take what came. What nobody asked for ends the connection."""
        if self._answer is None or (self._answer.complete and not self._answer.lasting):
            self.drop()
        else:
            self._answer.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End (asyncio's)."""
        self.closed = True
        if self._answer is not None:
            self._answer.lost(exc)
