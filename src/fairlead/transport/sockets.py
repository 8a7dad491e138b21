"""Connections as sockets: names, addresses, keep-alive, TLS; and seeing to it that none is left."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import weakref
from collections.abc import Awaitable, Callable
from typing import cast

from fairlead.transport.http1 import READ, Connection, message
from fairlead.transport.lookups import Address, Lookups
from fairlead.transport.proxies import Proxy
from fairlead.transport.socks import negotiate

__all__ = ["ProxyTrouble", "Sockets"]

#: Seconds without an acknowledgement after which the kernel gives a connection up.
UNACKNOWLEDGED = 45
#: Seconds after which the next of several addresses is tried beside the one before (RFC 8305).
NEXT_ADDRESS = 0.25
#: How many turns of the loop closing gives its sockets to end, once they are shut down.
HANG_UP_TURNS = 100


class ProxyTrouble(OSError):
    """The way through the proxy failed; says how."""


class Sockets:
    """Makes connections, and remembers each until it has gone."""

    def __init__(self) -> None:
        # Every socket that has not gone yet, so that closing can see to it that all have.
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lookups = Lookups()
        # What any of them brings is read to here.
        self._buffer = memoryview(bytearray(READ))

    async def connect(
        self,
        place: tuple[str, int],
        tls: ssl.SSLContext | None,
        server_name: str,
        proxy: Proxy | None,
        trust: Callable[[], ssl.SSLContext],
    ) -> Connection:
        """Connect to a host and port, and have it prove that it is `server_name` where `tls` is given.

        With a proxy, what is returned is the tunnel's far end; with an HTTP proxy and without TLS it is the connection to the
        proxy, which is itself to be asked. `trust` verifies a proxy that speaks TLS.
        Raises OSError, of which ssl.SSLError and ProxyTrouble are, and what `trust` raises.
        """
        if proxy is None:
            return await self._connect(await self._reach(*place), tls, server_name)
        proxy_tls = trust() if proxy.secure else None
        try:
            reached = await self._reach(*proxy.place)
        except OSError as error:
            reason = error.strerror or error
            raise ProxyTrouble(
                f"the proxy cannot be reached ({reason}); see proxy-url, or HTTPS_PROXY and NO_PROXY"
            ) from error
        if proxy.socks:
            await _through_socks(reached, place, proxy)
            return await self._connect(reached, tls, server_name)
        near = await self._near(reached, proxy, proxy_tls)
        return near if tls is None else await _tunnel(near, place, tls, server_name, proxy)

    async def _near(self, reached: socket.socket, proxy: Proxy, tls: ssl.SSLContext | None) -> Connection:
        try:
            return await self._connect(reached, tls, proxy.place[0])
        except ssl.SSLError as error:
            raise ProxyTrouble(_no_tls(error, proxy)) from error
        except ConnectionError as error:
            raise ProxyTrouble("the proxy closed the connection before it spoke TLS; is it an http:// one?") from error

    async def _connect(self, reached: socket.socket, tls: ssl.SSLContext | None, server_name: str) -> Connection:
        connection = Connection(self._buffer, reached)
        taken = False

        def take() -> Connection:
            nonlocal taken
            taken = True
            return connection

        try:
            await asyncio.get_running_loop().create_connection(
                take, sock=reached, ssl=tls, server_hostname=server_name if tls else None
            )
        except BaseException:
            if taken:
                # The loop's transport has it now, and goes on with TLS even where its maker was interrupted: closed here, it
                # would go on with whatever gets the same number next. It closes what has ended.
                _end(reached)
            else:
                reached.close()
            raise
        return connection

    async def _reach(self, host: str, port: int) -> socket.socket:
        addresses = await self._lookups.addresses(host, port)
        if len(addresses) > 1:
            from aiohappyeyeballs import (  # noqa: PLC0415 - most servers have one address
                start_connection,  # pyright: ignore[reportUnknownVariableType]
            )

            # Its types leave the address's own form open.
            start = cast("Callable[..., Awaitable[socket.socket]]", start_connection)
            return await start(addresses, happy_eyeballs_delay=NEXT_ADDRESS, interleave=1, socket_factory=self._make)
        made = self._make(addresses[0])
        try:
            await asyncio.get_running_loop().sock_connect(made, addresses[0][4])
        except BaseException:
            made.close()
            raise
        return made

    def _make(self, address: Address) -> socket.socket:
        made = socket.socket(family=address[0], type=address[1], proto=address[2])
        self._open.add(made)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # Not every platform has these; without them its own keep-alive times hold.
        for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED * 1000)
        return made

    async def hang_up(self) -> None:
        """End every socket that is left, and wait until the loop has closed it."""
        for left in self._open:
            if left.fileno() >= 0:
                _end(left)
        for _ in range(HANG_UP_TURNS):
            if all(left.fileno() < 0 for left in self._open):
                return
            # The loop sees the end of each socket in its next turns, and closes it.
            await asyncio.sleep(0)


def _end(left: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended already
        left.shutdown(socket.SHUT_RDWR)


def _no_tls(error: ssl.SSLError, proxy: Proxy) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the proxy's certificate cannot be verified ({error.verify_message}); it has to be for {proxy.place[0]}, and signed "
            "by an authority of this system's or the cluster's"
        )
    return f"TLS with the proxy failed ({error.reason or error}); is it an http:// one?"


async def _through_socks(reached: socket.socket, place: tuple[str, int], proxy: Proxy) -> None:
    try:
        await negotiate(reached, place, proxy.credentials)
    except BaseException as error:
        reached.close()
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            raise ProxyTrouble(f"the proxy did not make the connection: {error}") from error
        raise


async def _tunnel(
    near: Connection, place: tuple[str, int], tls: ssl.SSLContext, server_name: str, proxy: Proxy
) -> Connection:
    """Have the proxy connect on (RFC 9110, 9.3.6), and speak TLS with whom it leads to."""
    host, port = place
    there = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        answer = await near.ask(message("CONNECT", there, there, proxy.headers, b""))
        if 200 <= answer.status < 300:
            return await near.secured(tls, server_name)
    except BaseException:
        near.drop()
        raise
    near.drop()
    raise ProxyTrouble(f"the proxy refused the connection: {answer.status} {answer.reason}")
