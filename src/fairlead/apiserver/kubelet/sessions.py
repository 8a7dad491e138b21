"""A command in a container, or an attachment to it, as the function of a test sees it, and the Status that it ends with.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fairlead.apiserver.documents import Document
from fairlead.apiserver.kubelet.inputs import LONGEST_LINE
from fairlead.machinery.wire import ConnectionLost

__all__ = ["Exec", "ExecFunction", "Output", "Sizes", "TerminalSize", "end_of"]

_log = logging.getLogger(__name__)
SUCCESS: Mapping[str, Any] = {"metadata": {}, "status": "Success"}


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """How large the client's terminal is, in characters."""

    width: int
    height: int


class Output:
    """What a command writes: `write` takes text or bytes and is sent at once, `drain` waits until all has been sent."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]] | None) -> None:
        #: Sends a piece to the client; None: the client does not want it.
        self._send = send
        self._pieces: list[bytes] = []
        self._lock = asyncio.Lock()
        self._sending: asyncio.Future[None] | None = None

    def write(self, data: str | bytes) -> None:
        """Write; what the client does not want, or cannot get any more, is lost."""
        piece = data.encode() if isinstance(data, str) else bytes(data)
        if not piece or self._send is None:
            return
        self._pieces.append(piece)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.ensure_future(self._send_on())

    async def drain(self) -> None:
        """Return when all that was written has been sent. Raises ConnectionLost when the client has gone."""
        async with self._lock:
            pieces, self._pieces = self._pieces, []
            if pieces and self._send is not None:
                await self._send(b"".join(pieces))

    async def close(self) -> None:
        """Send nothing more; idempotent."""
        self._send = None
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send_on(self) -> None:
        with contextlib.suppress(ConnectionLost):  # whoever drains is told
            while self._pieces:
                await self.drain()


class Sizes:
    """The sizes that the client's terminal has, one after the other; ends with the session."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[TerminalSize | None] = asyncio.Queue()
        #: The last one that the client told.
        self.latest: TerminalSize | None = None

    def __aiter__(self) -> AsyncIterator[TerminalSize]:
        return self

    async def __anext__(self) -> TerminalSize:
        found = await self._queue.get()
        if found is None:
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return found

    def take(self, data: bytes) -> None:
        """Take in a message of the resize channel; what is none is passed over."""
        try:
            told: Any = json.loads(data)
            size = TerminalSize(int(told["Width"]), int(told["Height"]))
        except (ValueError, TypeError, KeyError):
            return
        self.latest = size
        self._queue.put_nowait(size)

    def end(self) -> None:
        """No more sizes come."""
        self._queue.put_nowait(None)


@dataclass(slots=True)
class Exec:
    """A call of `kubectl exec` or `kubectl attach`, given to the function that plays the container."""

    #: The pod as it is stored, as plain JSON values.
    pod: Document
    container: str
    #: The command and its arguments; empty for an attachment.
    command: Sequence[str] = ()
    tty: bool = False
    #: What the client sends; at its end when the client sends nothing.
    stdin: asyncio.StreamReader = field(default_factory=lambda: asyncio.StreamReader(limit=LONGEST_LINE))
    stdout: Output = field(default_factory=lambda: Output(None))
    #: With a terminal it is the same as stdout.
    stderr: Output = field(default_factory=lambda: Output(None))
    sizes: Sizes = field(default_factory=Sizes)


#: Plays a command. Returns its exit code (None: 0), or what it writes to stdout; what it raises is a failure of the node.
ExecFunction: TypeAlias = "Callable[[Exec], Awaitable[int | str | bytes | None] | int | str | bytes | None]"


async def end_of(session: Exec, function: ExecFunction) -> dict[str, Any]:
    """Run the function and send what it wrote; the Status that the session ends with. Raises ConnectionLost."""
    try:
        status = await _status_of(session, function)
        await session.stdout.drain()
        await session.stderr.drain()
    finally:
        session.sizes.end()
        await session.stdout.close()
        await session.stderr.close()
    return status


async def _status_of(session: Exec, function: ExecFunction) -> dict[str, Any]:
    try:
        found = function(session)
        result: int | str | bytes | None = await found if inspect.isawaitable(found) else found
    except ConnectionLost:
        raise
    except Exception as error:  # the test's function may raise anything: the client is told
        _log.exception("%s in %s", "exec" if session.command else "attach", session.pod["metadata"]["name"])
        what = "executing command in" if session.command else "attaching to"
        return failed(f"error {what} container: {error}")
    if isinstance(result, (str, bytes)):
        session.stdout.write(result)
    return exited(result) if isinstance(result, int) and result else dict(SUCCESS)


def failed(why: str) -> dict[str, Any]:
    """The Status of a session that the node could not hold."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {why}",
        "reason": "InternalError",
        "details": {"causes": [{"message": why}]},
        "code": 500,
    }


def exited(code: int) -> dict[str, Any]:
    """The Status of a command that ended with another exit code than 0."""
    said = f"command terminated with non-zero exit code: command terminated with exit code {code}"
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return {
        "metadata": {},
        "status": "Failure",
        "message": said,
        "reason": "NonZeroExitCode",
        "details": {"causes": causes},
    }
