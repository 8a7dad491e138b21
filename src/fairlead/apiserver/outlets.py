"""The lines of many watches on their way into sockets: those of one turn of the loop together, each connection once.

A line costs a system call per connection, which with many watchers is most of the server's work. So the next lines are
held back while the last ones took long to write: at most a fifth of the time goes into writing, and no line waits longer
than HOLD. With few watchers nothing is held back.
"""

from __future__ import annotations

import asyncio
import time

__all__ = ["Outlet", "Outlets"]

#: Seconds that a line is held back at most.
HOLD = 0.02
#: Seconds that lines may take to be written before the next ones are held back.
_SHORT = 0.0003
#: As many times as long as writing took, nothing is written.
_REST = 4.0
#: Bytes that may wait in a connection before lines of a watch wait in the watch instead, where they are counted.
_BEHIND = 256 * 1024


class Outlets:
    """Writes what waits in the outlets of all connections of one front."""

    def __init__(self) -> None:
        #: Those in which something waits.
        self._waiting: list[Outlet] = []
        self._rests_until = 0.0

    def due(self, outlet: Outlet) -> None:
        """Write what is in the outlet soon."""
        self._waiting.append(outlet)
        if len(self._waiting) > 1:
            return
        loop, rest = asyncio.get_running_loop(), self._rests_until - time.perf_counter()
        if rest > 0:
            loop.call_later(rest, self._write)
        else:
            loop.call_soon(self._write)

    def _write(self) -> None:
        began = time.perf_counter()
        waiting, self._waiting = self._waiting, []
        for outlet in waiting:
            outlet.flush()
        ended = time.perf_counter()
        took = ended - began
        self._rests_until = ended + min(took * _REST, HOLD) if took > _SHORT else 0.0


class Outlet:
    """The way of one watch's lines into its connection, past the task that answers the request."""

    __slots__ = ("_lines", "_outlets", "_size", "_transport")

    def __init__(self, outlets: Outlets, transport: asyncio.Transport) -> None:
        self._outlets = outlets
        self._transport = transport
        self._lines: list[bytes] = []
        #: Bytes in `_lines`.
        self._size = 0

    def push(self, line: bytes) -> bool:
        """Take a line, unless the client is behind or gone."""
        transport, lines = self._transport, self._lines
        if transport.is_closing():
            return False
        if self._size + transport.get_write_buffer_size() > _BEHIND:
            self.flush()  # what comes another way must not overtake it
            return False
        lines.append(line)
        self._size += len(line)
        if len(lines) == 1:
            self._outlets.due(self)
        return True

    def flush(self) -> None:
        """Write what waits, as one chunk. Idempotent."""
        lines = self._lines
        if lines and not self._transport.is_closing():
            body = lines[0] if len(lines) == 1 else b"".join(lines)
            self._transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        self.drop()

    def drop(self) -> None:
        """Forget what waits."""
        self._lines = []
        self._size = 0
