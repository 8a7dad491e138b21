"""What a test says about the containers of its pods: what they log, and how they answer commands and connections.

```python
server.pods.logs("web", "default", ["started"])
server.pods.on_exec(lambda call: 0 if call.command[0] == "true" else 127)
server.pods.on_port_forward(80, answer)  # async def answer(reader, writer)
```
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

from fairlead.apiserver.documents import Document
from fairlead.apiserver.kubelet.logs import ContainerLog
from fairlead.apiserver.kubelet.sessions import ExecFunction

__all__ = ["ForwardFunction", "ForwardReader", "ForwardWriter", "Pods", "Script"]

F = TypeVar("F")


class ForwardReader(Protocol):
    """What the client sends; an asyncio.StreamReader."""

    async def read(self, n: int = -1) -> bytes:
        """Up to `n` bytes as they come; empty at the end."""
        ...

    async def readline(self) -> bytes:
        """The next line."""
        ...

    async def readexactly(self, n: int) -> bytes:
        """Exactly so many bytes. Raises asyncio.IncompleteReadError."""
        ...


class ForwardWriter(Protocol):
    """What goes back to the client."""

    def write(self, data: bytes) -> None:
        """Send data."""
        ...

    async def drain(self) -> None:
        """Return when it has been sent."""
        ...


#: Plays what listens at a port; the connection ends when it returns, and what it raises the client is told.
ForwardFunction: TypeAlias = "Callable[[ForwardReader, ForwardWriter], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Script(Generic[F]):
    """A function, and the pods that it plays; empty: any. `close` takes it back."""

    function: F
    name: str
    namespace: str
    container: str
    port: int
    scripts: list[Script[F]]

    def close(self) -> None:
        """Have it play nothing more; idempotent."""
        if self in self.scripts:
            self.scripts.remove(self)

    def plays(self, pod: Document, container: str, port: int) -> bool:
        """Whether it is for this container, or port, of this pod."""
        meta = pod["metadata"]
        wanted = (self.name, self.namespace, self.container, self.port)
        found = (meta["name"], meta.get("namespace", ""), container, port)
        return all(not want or want == have for want, have in zip(wanted, found, strict=True))


class Pods:
    """The containers of a server's pods. A pod that something is said about needs no node, and no status."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        #: By namespace, name, container ("": all that have none of their own), and whether it is the previous one's.
        self._logs: dict[tuple[str, str, str, bool], ContainerLog] = {}
        self._execs: list[Script[ExecFunction]] = []
        self._attaches: list[Script[ExecFunction]] = []
        self._forwards: list[Script[ForwardFunction]] = []

    def logs(
        self,
        name: str,
        namespace: str,
        lines: Iterable[str] = (),
        *,
        container: str = "",
        previous: bool = False,
    ) -> ContainerLog:
        """The log of a pod's container, made if it is not there, with these lines added; keep it, and `write` more.

        `container` may be left out where it does not matter; `previous` is the log of its run before
        (`kubectl logs --previous`). The pod need not exist yet.
        """
        key = (namespace, name, container, previous)
        found = self._logs.get(key)
        if found is None:
            found = self._logs[key] = ContainerLog(self._clock)
        found.write(*lines)
        return found

    def on_exec(
        self, function: ExecFunction, *, name: str = "", namespace: str = "", container: str = ""
    ) -> Script[ExecFunction]:
        """Have a function play the commands that are run in containers; the one that was given last comes first.

        It gets an `Exec`, plain or async, and returns the exit code (None: 0), or what the command writes. What it raises
        is told to the client as a failure of the node. With `name`, `namespace`, `container` it is for those alone.
        """
        return _add(self._execs, function, name, namespace, container)

    def on_attach(
        self, function: ExecFunction, *, name: str = "", namespace: str = "", container: str = ""
    ) -> Script[ExecFunction]:
        """As `on_exec`, for those who attach to a container; the session ends when the function returns."""
        return _add(self._attaches, function, name, namespace, container)

    def on_port_forward(
        self, port: int, function: ForwardFunction, *, name: str = "", namespace: str = ""
    ) -> Script[ForwardFunction]:
        """Have an async function of a reader and a writer play what listens at a port of pods; 0: at any.

        It is called for each connection, which ends when it returns; what it raises is told to the client.
        """
        return _add(self._forwards, function, name, namespace, "", port)

    # -- for the server

    def log_of(self, pod: Document, container: str, *, previous: bool) -> ContainerLog | None:
        """The log of this container; None where nothing was said about it."""
        meta = pod["metadata"]
        place = (meta.get("namespace", ""), meta["name"])
        return self._logs.get((*place, container, previous)) or self._logs.get((*place, "", previous))

    def exec_of(self, pod: Document, container: str, *, attaches: bool) -> ExecFunction | None:
        """What plays commands in this container, or its terminal."""
        return next(_playing(self._attaches if attaches else self._execs, pod, container, 0), None)

    def forward_of(self, pod: Document, port: int) -> ForwardFunction | None:
        """What plays this port."""
        return next(_playing(self._forwards, pod, "", port), None)

    def logs_something(self, pod: Document) -> bool:
        """Whether anything was said about logs of this pod."""
        meta = pod["metadata"]
        return any(key[:2] == (meta.get("namespace", ""), meta["name"]) for key in self._logs)

    def forwards_something(self, pod: Document) -> bool:
        """Whether anything plays a port of this pod."""
        return any(script.plays(pod, "", script.port) for script in self._forwards)


def _add(scripts: list[Script[F]], function: F, name: str, namespace: str, container: str, port: int = 0) -> Script[F]:
    made = Script(function, name, namespace, container, port, scripts)
    scripts.insert(0, made)
    return made


def _playing(scripts: list[Script[F]], pod: Document, container: str, port: int) -> Iterator[F]:
    return (script.function for script in scripts if script.plays(pod, container, port))
