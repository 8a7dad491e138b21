"""Who may look at the state of an event loop: its own thread while it runs callbacks, or a reader between them."""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import ClassVar

__all__ = ["TurnSelector", "Turns"]


class _Standing:
    """Which thread stands still for which turn, in the whole process: threads and what they wait for are a fact of it.

    Only who waits is in here, so that clients which do not read each other's views never wait for each other.
    """

    def __init__(self) -> None:
        #: Held for a few instructions, and never while anybody waits.
        self.lock: threading.Lock = threading.Lock()
        #: By thread, under the lock. Invariant: nobody waits, through however many others, for itself.
        self.turns: dict[int, Turns] = {}
        if hasattr(os, "register_at_fork"):  # Windows forks nothing
            os.register_at_fork(
                before=self.lock.acquire,
                after_in_parent=self.lock.release,
                after_in_child=self._only_this_thread_is_left,
            )

    def _only_this_thread_is_left(self) -> None:
        self.turns.clear()
        self.lock.release()


class Turns:
    """A context manager for readers in any thread: nothing on the loop happens inside it, so steps are seen whole.

    A reader waits for no more than the callbacks that are running, and those who came before it. The functions of users that
    are asked in a step, or in a read (a filter, an index function), may read what is behind other turns, so a thread may hold
    one turn and want another. Where its holder stands still, through however many others, for one that this thread holds,
    waiting would be for ever. It is let in then: all of them go on only after it has left, for what it holds it gives back
    later. What it sees is what that holder's own function sees, which is asked in the midst of a step as well. So the graph of
    who waits for whom never has a cycle, and whoever reads from outside of such functions sees whole steps.
    """

    _standing: ClassVar[_Standing] = _Standing()

    def __init__(self) -> None:
        # The thread whose turn it is, or 0. Changed under the lock; whoever compares it with itself alone needs no lock.
        self._holder = 0
        # How often the holder has come in again.
        self._again = 0
        # Who waits, in order; a busy loop comes after readers that were there before. The turn is handed on with the lock.
        self._queue: deque[tuple[int, threading.Lock]] = deque()
        self._loop_thread: int | None = None

    @property
    def on_loop(self) -> bool:
        """Whether this is the loop's thread."""
        return threading.get_ident() == self._loop_thread

    @property
    def held(self) -> bool:
        """Whether it is this thread's turn: the loop waits for it."""
        return threading.get_ident() == self._holder

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for a turn."""
        return bool(self._queue)

    def begin(self) -> None:
        """The loop's thread has begun."""
        self._loop_thread = threading.get_ident()
        self.__enter__()

    def end(self) -> None:
        """The loop's thread ends; from now on nothing changes."""
        self._loop_thread = None
        self._hand_on()

    def wait(
        self, wait: Callable[[], list[tuple[selectors.SelectorKey, int]]]
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Let readers in while the loop waits for I/O."""
        if not self.on_loop:
            return wait()
        self._hand_on()
        try:
            return wait()
        finally:
            self.__enter__()

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._holder == me:
            self._again += 1
            return
        try:
            mine = self._take(me)
            if mine is not None:
                mine.acquire()
        except BaseException:  # interrupted (Ctrl-C): the turn must not stay with, or come to, somebody who has gone
            self._give_up(me)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holder != threading.get_ident():
            return  # it was let in by a holder that stands still
        if self._again:
            self._again -= 1
        else:
            self._hand_on()

    def _take(self, me: int) -> threading.Lock | None:
        """Take the turn, or be let in; else line up for it, and get what is released once it is this thread's."""
        with self._standing.lock:
            if not self._holder:
                self._holder = me
            elif not self._waits_for(me):
                mine = threading.Lock()
                mine.acquire()
                self._standing.turns[me] = self
                self._queue.append((me, mine))
                return mine
        return None

    def _waits_for(self, me: int) -> bool:
        """Whether the holder stands still, in the end, for this thread."""
        turns: Turns | None = self
        while turns is not None:
            holder = turns._holder  # noqa: SLF001 - one of the same class
            if holder == me:
                return True
            turns = self._standing.turns.get(holder)
        return False

    def _give_up(self, me: int) -> None:
        with self._standing.lock:
            waiting = [each for each in self._queue if each[0] == me]
            for each in waiting:
                self._queue.remove(each)
                del self._standing.turns[me]
        if self._holder == me:
            self._hand_on()

    def _hand_on(self) -> None:
        with self._standing.lock:
            self._holder, mine = self._queue.popleft() if self._queue else (0, None)
            if mine is not None:
                del self._standing.turns[self._holder]
                mine.release()


class TurnSelector(selectors.DefaultSelector):
    """Waits for I/O outside the loop's turn."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self._turns = turns

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`; readers come in meanwhile."""
        waiting = super().select
        return self._turns.wait(lambda: waiting(timeout))
