"""Ends streams on which nothing comes any more, by one timer for all of a client's.

Five hundred idle watches get a bookmark now and then. A timer of its own for each stream would be set anew each time; here
a stream only notes when it heard something, and the one timer looks once per patience.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

__all__ = ["Patience", "Stalls"]


#: A look that comes later than this, in seconds, says that the loop was held up, or the process stopped: what has come meanwhile
#: has not been read. Then there is another look after this many seconds.
LATE = 0.1
AGAIN = 1.0


class Patience:
    """How long one stream has been silent; a context within that of the `asyncio.timeout` which then ends it."""

    __slots__ = ("_scope", "_stalls", "heard")

    def __init__(self, stalls: Stalls, scope: asyncio.Timeout) -> None:
        self._stalls = stalls
        self._scope = scope
        #: When something came last, by the loop's clock. None: nothing is waited for.
        self.heard: float | None = None

    def __enter__(self) -> Self:
        self._stalls.begin(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stalls.end(self)

    def lose(self, now: float) -> None:
        """End the stream: a TimeoutError comes out of the timeout's context."""
        self._scope.reschedule(now)


class Stalls:
    """The streams of one client that are open. Belongs to its loop."""

    def __init__(self, seconds: float) -> None:
        #: How long a stream may be silent.
        self.seconds: float = seconds
        self._open: dict[Patience, None] = {}
        # Invariant: set while anything is open, and, unless the last look was late, for no later than the first of them may have
        # been silent for too long.
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, scope: asyncio.Timeout) -> Patience:
        """Have what waits within a timeout's context, which needs no time of its own, end once it has stalled."""
        return Patience(self, scope)

    def begin(self, patience: Patience) -> None:
        """From now on a stream is waited for."""
        loop = asyncio.get_running_loop()
        patience.heard = loop.time()
        self._open[patience] = None
        if self._timer is None:
            self._look_at(patience.heard + self.seconds)

    def end(self, patience: Patience) -> None:
        """The stream is not waited for any more; idempotent."""
        self._open.pop(patience, None)
        if self._timer is not None and not self._open:
            self._timer.cancel()
            self._timer = None

    def _look_at(self, due: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(due, self._look, due)

    def _look(self, due: float) -> None:
        """End what has stalled, and look again when the next one may have."""
        now = first = asyncio.get_running_loop().time()
        if now > due + LATE:
            self._look_at(now + AGAIN)
            return
        for patience in tuple(self._open):
            heard = now if patience.heard is None else patience.heard
            if heard + self.seconds <= now:
                del self._open[patience]
                patience.lose(now)
            else:
                first = min(first, heard)
        self._timer = None
        if self._open:
            self._look_at(first + self.seconds)
