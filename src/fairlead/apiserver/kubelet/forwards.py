"""Forwarded ports over a connection: SPDY streams (also tunnelled through a WebSocket, KEP-4006), or a WebSocket's channels.

https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import struct
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from fairlead.apiserver.documents import Document
from fairlead.apiserver.kubelet.inputs import Input
from fairlead.apiserver.kubelet.scripts import Pods
from fairlead.apiserver.kubelet.sessions import Output
from fairlead.apiserver.kubelet.spdy import SpdyConnection, SpdyError, SpdyStream
from fairlead.machinery.wire import ConnectionLost, Pipe

__all__ = ["CHANNEL_PROTOCOLS", "SPDY_PROTOCOL", "TUNNEL_PROTOCOL", "over_channels", "over_streams"]

SPDY_PROTOCOL = "portforward.k8s.io"
TUNNEL_PROTOCOL = f"SPDY/3.1+{SPDY_PROTOCOL}"
CHANNEL_PROTOCOLS: frozenset[str] = frozenset({"v4.channel.k8s.io", "v4.base64.channel.k8s.io", ""})

_log = logging.getLogger(__name__)


async def _forward(
    pods: Pods, pod: Document, port: int, reader: asyncio.StreamReader, send: Callable[[bytes], Awaitable[None]]
) -> str:
    """Hold one connection to a port; why it failed, empty where it did not. Raises ConnectionLost."""
    meta = pod["metadata"]
    place = f"error forwarding port {port} to pod {meta['name']}_{meta.get('namespace', '')}, uid {meta.get('uid', '')}"
    function = pods.forward_of(pod, port)
    if function is None:
        return f"{place}: failed to connect to localhost:{port}: dial tcp 127.0.0.1:{port}: connect: connection refused"
    writer = Output(send)
    try:
        await function(reader, writer)
        await writer.drain()
    except ConnectionLost:
        raise
    except Exception as error:  # the test's function may raise anything: the client is told
        _log.exception("port %d of %s", port, meta["name"])
        return f"{place}: {error}"
    finally:
        await writer.close()
    return ""


async def over_streams(pipe: Pipe, pods: Pods, pod: Document) -> None:
    """Forward ports over SPDY: each connection is a stream for its data and one for its error, of one request's id."""
    await _Streams(pipe, pods, pod).hold()


class _Streams:
    def __init__(self, pipe: Pipe, pods: Pods, pod: Document) -> None:
        self._pods = pods
        self._pod = pod
        self._halves: dict[str, dict[str, SpdyStream]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection = SpdyConnection(pipe, self._opened)

    async def hold(self) -> None:
        try:
            with contextlib.suppress(ConnectionLost, SpdyError):
                await self._connection.run()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _opened(self, stream: SpdyStream) -> None:
        request = stream.headers.get("requestid", "")
        halves = self._halves.setdefault(request, {})
        halves[stream.headers.get("streamtype", "")] = stream
        if {"data", "error"} <= halves.keys():
            del self._halves[request]
            task = asyncio.ensure_future(self._hold_one(halves["data"], halves["error"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hold_one(self, data: SpdyStream, error: SpdyStream) -> None:
        port = data.headers.get("port", "")
        with contextlib.suppress(ConnectionLost):
            if port.isdigit():
                said = await self._until_reset(data, int(port))
            else:
                said = f"unable to parse {port!r} as a port"
            if said:
                await error.write(said.encode())
            await data.end()
            await error.end()

    async def _until_reset(self, data: SpdyStream, port: int) -> str:
        """Hold a connection until it ends, or the client gives it up."""
        held = asyncio.ensure_future(_forward(self._pods, self._pod, port, data.input, data.write))
        given_up = asyncio.ensure_future(data.reset.wait())
        try:
            await asyncio.wait([held, given_up], return_when=asyncio.FIRST_COMPLETED)
            return held.result() if held.done() else ""
        finally:
            held.cancel()
            given_up.cancel()
            await asyncio.gather(held, given_up, return_exceptions=True)


async def over_channels(pipe: Pipe, protocol: str, ports: Sequence[int], pods: Pods, pod: Document) -> None:
    """Forward ports over a WebSocket: two channels for each port, one for its data, one for its error."""
    await _Channels(pipe, protocol, ports, pods, pod).hold()


class _Channels:
    def __init__(self, pipe: Pipe, protocol: str, ports: Sequence[int], pods: Pods, pod: Document) -> None:
        self._pipe = pipe
        self._base64 = "base64" in protocol
        self._ports = ports
        self._pods = pods
        self._pod = pod
        self._inputs = [Input() for _ in ports]

    async def _send(self, channel: int, data: bytes) -> None:
        if self._base64:
            await self._pipe.send(bytes((ord("0") + channel,)) + base64.b64encode(data), text=True)
        else:
            await self._pipe.send(bytes((channel,)) + data)

    async def hold(self) -> None:
        reading = asyncio.ensure_future(self._read())
        playing = asyncio.ensure_future(self._play_all())
        try:
            await asyncio.wait([reading, playing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
            playing.cancel()
            await asyncio.gather(reading, playing, return_exceptions=True)

    async def _play_all(self) -> None:
        await asyncio.gather(*(self._play(number, port) for number, port in enumerate(self._ports)))

    async def _play(self, number: int, port: int) -> None:
        # Each channel begins with the port that it is for.
        for channel in (2 * number, 2 * number + 1):
            await self._send(channel, struct.pack("<H", port))
        reader = self._inputs[number].reader
        said = await _forward(self._pods, self._pod, port, reader, partial(self._send, 2 * number))
        self._inputs[number].end()
        if said:
            await self._send(2 * number + 1, said.encode())

    async def _read(self) -> None:
        while (message := await self._pipe.receive()) is not None:
            if not message:
                continue
            channel, data = message[0], message[1:]
            if self._base64:
                channel, data = channel - ord("0"), base64.b64decode(data)
            if channel % 2 == 0 and 0 <= channel // 2 < len(self._inputs):
                await self._inputs[channel // 2].feed(data)
        for each in self._inputs:
            each.end()
