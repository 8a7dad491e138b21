"""Who may look at the state of an event loop: its own thread while it runs callbacks, or a reader between them."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Callable
from types import TracebackType

__all__ = ["TurnSelector", "Turns"]


class Turns:
    """A context manager for readers in any thread: nothing on the loop happens inside it, so steps are seen whole.

    On the loop's own thread it does nothing. A reader waits for no more than the callbacks that are running.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Whoever waits for the lock holds the gate, so that a busy loop cannot take the lock again before a reader.
        self._gate = threading.Lock()
        self._loop_thread: int | None = None

    @property
    def on_loop(self) -> bool:
        """Whether this is the loop's thread."""
        return threading.get_ident() == self._loop_thread

    def begin(self) -> None:
        """The loop's thread has begun."""
        self._loop_thread = threading.get_ident()
        self._acquire()

    def end(self) -> None:
        """The loop's thread ends; from now on nothing changes."""
        self._loop_thread = None
        self._lock.release()

    def wait(
        self, wait: Callable[[], list[tuple[selectors.SelectorKey, int]]]
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Let readers in while the loop waits for I/O."""
        if not self.on_loop:
            return wait()
        self._lock.release()
        try:
            return wait()
        finally:
            self._acquire()

    def _acquire(self) -> None:
        with self._gate:
            self._lock.acquire()  # released by the matching end of the turn

    def __enter__(self) -> None:
        if not self.on_loop:
            self._acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.on_loop:
            self._lock.release()


class TurnSelector(selectors.DefaultSelector):
    """Waits for I/O outside the loop's turn."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self._turns = turns

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`; readers come in meanwhile."""
        waiting = super().select
        return self._turns.wait(lambda: waiting(timeout))
