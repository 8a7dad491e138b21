"""Exec and attach over a connection: the channel protocols of WebSockets, and the streams of SPDY.

A WebSocket message begins with the number of its channel: 0 stdin, 1 stdout, 2 stderr, 3 error, 4 resize; v5 adds 255, which
says that a channel ends (KEP-4006). The error channel carries a Status at the end, before v4 only a text.
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from fairlead.apiserver.kubelet.inputs import Input
from fairlead.apiserver.kubelet.sessions import Exec, Output
from fairlead.apiserver.kubelet.spdy import SpdyConnection, SpdyStream
from fairlead.machinery.wire import ConnectionLost, Pipe

__all__ = ["SPDY_PROTOCOLS", "WEBSOCKET_PROTOCOLS", "Wanted", "over_spdy", "over_websocket"]

#: Those that a server takes, WebSockets' without a name included; the client's first that is among them is spoken.
WEBSOCKET_PROTOCOLS: frozenset[str] = frozenset(
    {
        "v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io",
        "base64.channel.k8s.io", "",
    }
)  # fmt: skip
#: The newest first.
SPDY_PROTOCOLS: tuple[str, ...] = ("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")
_STDIN, _STDOUT, _STDERR, _ERROR, _RESIZE, _CLOSE = 0, 1, 2, 3, 4, 255
#: Seconds that a client gets to open the streams that it asked for.
_STREAMS = 30.0
#: Runs a session to its end, and gives the Status that it ends with.
Run: TypeAlias = "Callable[[Exec], Awaitable[Mapping[str, Any]]]"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to exchange."""

    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


def _ending(status: Mapping[str, Any], protocol: str) -> bytes:
    """What the error channel carries at the end."""
    if protocol.startswith(("v4.", "v5.")):
        return json.dumps(status, separators=(",", ":")).encode()
    return str(status.get("message", "")).encode()


def _connect(session: Exec, wanted: Wanted, stdout: Output, stderr: Output) -> None:
    session.stdout, session.tty = stdout, wanted.tty
    session.stderr = stdout if wanted.tty else stderr


async def over_websocket(pipe: Pipe, protocol: str, wanted: Wanted, session: Exec, run: Run) -> None:
    """Hold a session over a WebSocket, from the moment that it is open."""
    await _Channels(pipe, protocol, wanted, session).hold(run)


class _Channels:
    def __init__(self, pipe: Pipe, protocol: str, wanted: Wanted, session: Exec) -> None:
        self._pipe = pipe
        self._protocol = protocol
        self._wanted = wanted
        self._base64 = "base64" in protocol
        self._session = session
        self._stdin = Input()
        session.stdin = self._stdin.reader
        out = Output(partial(self._send, _STDOUT) if wanted.stdout else None)
        _connect(session, wanted, out, Output(partial(self._send, _STDERR) if wanted.stderr else None))

    async def _send(self, channel: int, data: bytes) -> None:
        if self._base64:
            await self._pipe.send(b"%d%b" % (channel, base64.b64encode(data)), text=True)
        else:
            await self._pipe.send(bytes((channel,)) + data)

    async def hold(self, run: Run) -> None:
        first = _STDOUT if self._wanted.stdout else _STDERR if self._wanted.stderr else _ERROR
        if not self._wanted.stdin:
            self._stdin.end()
        with contextlib.suppress(ConnectionLost):
            await self._send(first, b"")  # says that the session is open
            status = await _while_there(self._read(), run(self._session))
            if status is not None:
                ending = _ending(status, self._protocol)
                if ending:
                    await self._send(_ERROR, ending)

    async def _read(self) -> None:
        """Take in what the client says until it goes."""
        while (message := await self._pipe.receive()) is not None:
            if not message:
                continue
            channel, data = message[0], message[1:]
            if self._base64:
                channel, data = channel - ord("0"), _plain(data)
            if channel == _STDIN:
                await self._stdin.feed(data)
            elif channel == _RESIZE:
                self._session.sizes.take(data)
            elif channel == _CLOSE and data == bytes((_STDIN,)) and self._protocol.startswith("v5."):
                self._stdin.end()


def _plain(data: bytes) -> bytes:
    try:
        return base64.b64decode(data)
    except binascii.Error:
        return b""


async def _while_there(reading: Awaitable[None], running: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What a session ends with; None when the client goes before that, which cancels the session."""
    reader, runner = asyncio.ensure_future(reading), asyncio.ensure_future(running)
    try:
        await asyncio.wait([reader, runner], return_when=asyncio.FIRST_COMPLETED)
        return runner.result() if runner.done() else None
    finally:
        for task in (reader, runner):
            task.cancel()
        await asyncio.gather(reader, runner, return_exceptions=True)


async def over_spdy(pipe: Pipe, protocol: str, wanted: Wanted, session: Exec, run: Run) -> None:
    """Hold a session over SPDY: the client opens a stream for each thing that it wants to exchange."""
    await _Streams(pipe, protocol, wanted, session).hold(run)


class _Streams:
    def __init__(self, pipe: Pipe, protocol: str, wanted: Wanted, session: Exec) -> None:
        self._protocol = protocol
        self._wanted = wanted
        self._session = session
        self._streams: dict[str, SpdyStream] = {}
        self._all = asyncio.Event()
        self._connection = SpdyConnection(pipe, self._opened)
        names = {"stdin": wanted.stdin, "stdout": wanted.stdout, "stderr": wanted.stderr and not wanted.tty}
        self._expected = {"error", *(name for name, asked in names.items() if asked)}
        if wanted.tty and protocol.startswith(("v3.", "v4.")):
            self._expected.add("resize")

    def _opened(self, stream: SpdyStream) -> None:
        self._streams[stream.headers.get("streamtype", "")] = stream
        if self._expected <= self._streams.keys():
            self._all.set()

    async def hold(self, run: Run) -> None:
        with contextlib.suppress(ConnectionLost):
            await _while_there(self._connection.run(), self._held(run))

    async def _held(self, run: Run) -> Mapping[str, Any]:
        async with asyncio.timeout(_STREAMS):
            await self._all.wait()
        session = self._session
        if (stdin := self._streams.get("stdin")) is not None:
            session.stdin = stdin.input
        else:
            session.stdin.feed_eof()
        out, err = (Output(s.write if (s := self._streams.get(name)) else None) for name in ("stdout", "stderr"))
        _connect(session, self._wanted, out, err)
        async with asyncio.TaskGroup() as group:
            sizes = group.create_task(self._resize())
            status = await run(session)
            sizes.cancel()
        if ending := _ending(status, self._protocol):
            await self._streams["error"].write(ending)
        for stream in self._streams.values():
            await stream.end()
        return status

    async def _resize(self) -> None:
        stream = self._streams.get("resize")
        while stream is not None and (line := await stream.input.readline()):
            self._session.sizes.take(line)
