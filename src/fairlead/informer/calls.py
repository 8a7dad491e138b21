"""What runs inside a handler's call or a reconcile, and who waits for whose end."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Generator
from types import TracebackType

__all__ = ["Line", "inside_call", "inside_handler", "may_wait_for", "waiting_for"]


class Call:
    """One call of a handler, or one reconcile, as it is known to all that runs inside it.

    That is what it awaits, and the tasks that it starts, which have its context and may outlive it.
    """

    __slots__ = ("line", "running", "waits")

    def __init__(self, line: Line) -> None:
        self.line: Line = line
        #: Whether it is being awaited.
        self.running: bool = False
        #: Those whose end it waits for, in a `close`. Invariant: the lines and what their calls wait for make no cycle.
        self.waits: list[Line] = []


#: The call that this context is of, whether it still runs or not.
_present: contextvars.ContextVar[Call | None] = contextvars.ContextVar("fairlead_call", default=None)


class Line:
    """Calls that follow one another in one task, whose end others may wait for. A context manager around each of them.

    Plain calls of a handler share one that never runs: while they do, nothing else does.
    """

    __slots__ = ("call", "handler")

    def __init__(self, *, handler: bool) -> None:
        #: Whether the calls are a handler's.
        self.handler: bool = handler
        #: The present or next call.
        self.call: Call = Call(self)

    def next_call(self) -> None:
        """What this task does from now on belongs to a new call."""
        self.call = call = Call(self)
        _present.set(call)

    def __enter__(self) -> None:
        self.call.running = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call.running = False
        # A task that it started and that goes on is inside of none any more.
        self.next_call()

    def waits_for(self, other: Line) -> bool:
        """Whether its present call waits for another one's end, directly or through others."""
        call = self.call
        return call.running and any(each is other or each.waits_for(other) for each in call.waits)


def _caller() -> Call | None:
    call = _present.get()
    return call if call is not None and call.running else None


def inside_call() -> bool:
    """Whether this runs inside a handler's call or a reconcile: it must not wait for what waits for its end."""
    return _caller() is not None


def inside_handler() -> bool:
    """Whether this runs inside a handler's call."""
    call = _caller()
    return call is not None and call.line.handler


def may_wait_for(line: Line) -> bool:
    """Whether waiting for a line's end would not be waiting for oneself, through however many others."""
    call = _caller()
    return call is None or (line is not call.line and not line.waits_for(call.line))


@contextlib.contextmanager
def waiting_for(*lines: Line) -> Generator[None]:
    """Let others know that the call inside which this runs, if any, waits for the end of lines that it may wait for."""
    call = _caller()
    waits = [] if call is None else call.waits
    waits += lines
    try:
        yield
    finally:
        for line in lines:
            waits.remove(line)
