"""The addresses of names, looked up in threads of their own.

The loop's own threads are where blocking handlers run: those that never return would keep a lost connection from being made
again, and a resolver that hangs would keep handlers from running. Whoever asks for a name that is being looked up shares that.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from fairlead.transport.unattended import begin_thread, seen

__all__ = ["Address", "Lookups"]

Address = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]

#: Seconds for which a lookup is shared: one that was begun while there was no network may take much longer than a new one.
SHARED_SECONDS = 5.0


class Lookups:
    """Looks names up. Belongs to one event loop."""

    def __init__(self) -> None:
        # By host and port, with when they were begun.
        self._under_way: dict[tuple[str, int], tuple[asyncio.Future[list[Address]], float]] = {}

    async def addresses(self, host: str, port: int) -> list[Address]:
        """The addresses of a name; an address is its own, without a thread. Raises OSError, of which socket.gaierror is."""
        name = host.encode() if host.isascii() else host  # text would load the tables of international names
        try:
            numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            return list(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=numeric))
        except socket.gaierror:
            return await asyncio.shield(self._shared(host, name, port))

    def _shared(self, host: str, name: str | bytes, port: int) -> asyncio.Future[list[Address]]:
        loop = asyncio.get_running_loop()
        found, begun = self._under_way.get((host, port), (None, 0.0))
        if found is None or found.done() or loop.time() - begun > SHARED_SECONDS:
            found = loop.create_future()
            found.add_done_callback(seen)
            begin_thread(f"lookup {host}", _look_up, loop, found, name, port)
            self._under_way[host, port] = found, loop.time()
        return found


def _look_up(
    loop: asyncio.AbstractEventLoop, found: asyncio.Future[list[Address]], name: str | bytes, port: int
) -> None:
    tell: Callable[[], None]
    try:
        addresses: list[Address] = list(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
    except (OSError, ValueError) as error:  # a name that cannot be encoded is a ValueError
        failure = error
        tell = lambda: found.set_exception(failure)  # noqa: E731
    else:
        tell = lambda: found.set_result(addresses)  # noqa: E731
    with contextlib.suppress(RuntimeError):  # the loop has been closed
        loop.call_soon_threadsafe(tell)
