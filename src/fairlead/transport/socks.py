"""Asking a SOCKS 5 proxy to connect on: RFC 1928, with user and password by RFC 1929."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct

__all__ = ["SocksRefused", "negotiate"]

_VERSION, _CONNECT = 5, 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_NO_AUTHENTICATION, _USER_PASSWORD, _NONE_ACCEPTABLE = 0, 2, 0xFF
_REPLIES = {
    1: "general failure",
    2: "its rules do not allow it",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "it cannot connect for others",
    8: "it does not know this type of address",
}


class SocksRefused(OSError):
    """The proxy did not connect on; says why."""


async def negotiate(near: socket.socket, place: tuple[str, int], credentials: tuple[str, str] | None) -> None:
    """Have the proxy at a connected, non-blocking socket's other end connect to a host and port.

    The proxy resolves the host's name, as with Go's client, whether the scheme is socks5 or socks5h. `credentials` are user
    and password. Raises SocksRefused; OSError or EOFError where the connection ends.
    """
    methods = [_NO_AUTHENTICATION] if credentials is None else [_NO_AUTHENTICATION, _USER_PASSWORD]
    await _send(near, bytes([_VERSION, len(methods), *methods]))
    version, method = await _receive(near, 2)
    if version != _VERSION:
        raise SocksRefused("what answers is no SOCKS 5 proxy")
    if method == _USER_PASSWORD and credentials is not None:
        await _authenticate(near, *credentials)
    elif method != _NO_AUTHENTICATION:
        what = "it wants a user and a password" if credentials is None else "it takes no user and password"
        raise SocksRefused(what if method == _NONE_ACCEPTABLE else f"it wants authentication method {method}")
    await _send(near, bytes([_VERSION, _CONNECT, 0]) + _address(*place))
    _, reply, _, kind = await _receive(near, 4)
    if reply:
        raise SocksRefused(_REPLIES.get(reply, f"reply {reply}"))
    # Where it connects from is of no use, but has to be read: what follows is the server's.
    length = {_IPV4: 4, _IPV6: 16}.get(kind) or (await _receive(near, 1))[0]
    await _receive(near, length + 2)


async def _authenticate(near: socket.socket, user: str, password: str) -> None:
    fields = [text.encode() for text in (user, password)]
    if any(len(each) > 255 for each in fields):
        raise SocksRefused("user and password have to be of at most 255 bytes")
    await _send(near, b"\x01" + b"".join(bytes([len(each)]) + each for each in fields))
    _, status = await _receive(near, 2)
    if status:
        raise SocksRefused("it does not take this user and password")


def _address(host: str, port: int) -> bytes:
    ending = struct.pack("!H", port)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii") if host.isascii() else host.encode("idna")
        if len(name) > 255:
            raise SocksRefused("the server's name is longer than 255 bytes") from None
        return bytes([_NAME, len(name)]) + name + ending
    return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed + ending


async def _send(near: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(near, data)


async def _receive(near: socket.socket, count: int) -> bytes:
    """Exactly so many bytes: the next ones may be the server's."""
    loop, received = asyncio.get_running_loop(), b""
    while len(received) < count:
        data = await loop.sock_recv(near, count - len(received))
        if not data:
            raise SocksRefused("it closed the connection")
        received += data
    return received
