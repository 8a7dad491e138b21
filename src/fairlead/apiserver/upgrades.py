"""Connections that become something else than HTTP: WebSockets, and SPDY as older clients' exec and port-forward use it."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSMsgType, web

from fairlead.machinery.wire import ConnectionLost, Pipe, Upgrade

__all__ = ["upgraded"]

#: Seconds that a client gets to agree that a WebSocket is over.
_GOODBYE = 2.0
#: Bytes of a plain connection that wait to be read before it is slowed down.
_WAITING = 256 * 1024


async def upgraded(incoming: web.BaseRequest, answer: Upgrade) -> web.StreamResponse:
    """Hold a connection in the protocol that was agreed, to its end."""
    if answer.headers.get("upgrade") == "websocket":
        return await _websocket(incoming, answer)
    return await _stream(incoming, answer)


async def _websocket(incoming: web.BaseRequest, answer: Upgrade) -> web.StreamResponse:
    protocol = answer.headers.get("sec-websocket-protocol", "")
    socket = web.WebSocketResponse(
        timeout=_GOODBYE, protocols=(protocol,) if protocol else (), compress=False, max_msg_size=0
    )
    await socket.prepare(incoming)
    try:
        await answer.talk(_Messages(socket))
    finally:
        await socket.close()
    return socket


class _Messages:
    """A WebSocket as a pipe; pings are answered while it is read."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> bytes | None:
        message = await self._socket.receive()
        if message.type is WSMsgType.BINARY:
            return bytes(message.data)
        return str(message.data).encode() if message.type is WSMsgType.TEXT else None

    async def send(self, data: bytes, *, text: bool = False) -> None:
        try:
            await (self._socket.send_str(data.decode()) if text else self._socket.send_bytes(data))
        except (ConnectionError, RuntimeError) as error:
            raise ConnectionLost(str(error)) from error


async def _stream(incoming: web.BaseRequest, answer: Upgrade) -> web.StreamResponse:
    transport = incoming.transport
    if transport is None:
        return web.Response()  # the client has gone
    pipe = _Bytes(transport, transport.get_protocol())
    transport.set_protocol(pipe)
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    transport.write(f"HTTP/1.1 101 Switching Protocols\r\n{head}\r\n".encode())
    try:
        await _talk(answer, pipe)
    finally:
        transport.close()
    return web.Response()  # goes nowhere


async def _talk(answer: Upgrade, pipe: Pipe) -> None:
    with contextlib.suppress(ConnectionLost):
        await answer.talk(pipe)


class _Bytes(asyncio.Protocol):
    """A connection as a pipe, taken over from the protocol that spoke HTTP on it."""

    def __init__(self, transport: asyncio.Transport, former: asyncio.BaseProtocol) -> None:
        self._transport = transport
        self._former = former
        self._came: asyncio.Queue[bytes | None] = asyncio.Queue()
        #: Bytes in the queue; while they are too many the transport is paused.
        self._waiting = 0
        self._paused = False
        self._writable = asyncio.Event()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._came.put_nowait(data)
        self._waiting += len(data)
        if self._waiting > _WAITING and not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._came.put_nowait(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._came.put_nowait(None)
        self._writable.set()
        self._former.connection_lost(exc)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def receive(self) -> bytes | None:
        data = await self._came.get()
        self._waiting -= len(data or b"")
        if self._paused and self._waiting <= _WAITING:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
        return data

    async def send(self, data: bytes, *, text: bool = False) -> None:
        del text
        await self._writable.wait()
        if self._transport.is_closing():
            raise ConnectionLost("the client has gone")
        self._transport.write(data)
