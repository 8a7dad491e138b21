"""A tracker whose waits block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fairlead.testing.tracker import Expected, Record

__all__ = ["Tracker"]


class Tracker(Record):
    """Records what a view tells; each expectation starts afresh after it is met. See `fairlead.testing.Tracker`."""

    def __init__(self) -> None:
        super().__init__()
        self._told = threading.Event()
        self._wakes.append(self._told.set)

    def wait(self, *events: str, timeout: float = 10.0) -> None:
        """As `expect`, once they have come. Raises AssertionError when others come first, or after `timeout` seconds."""
        __tracebackhide__ = True
        self._until(lambda: self._decided(events), timeout)
        self.expect(*events)

    def wait_unordered(self, *events: str, timeout: float = 10.0) -> None:
        """As `expect_unordered`, once they have come. Raises AssertionError when others come, or after `timeout` seconds."""
        __tracebackhide__ = True
        self._until(lambda: self._decided_unordered(events), timeout)
        self.expect_unordered(*events)

    def wait_matching(self, *events: Expected, timeout: float = 10.0) -> None:
        """As `expect_matching`, once as many have come. Raises AssertionError, at the latest after `timeout` seconds."""
        __tracebackhide__ = True
        self._until(lambda: self._full(events), timeout)
        self.expect_matching(*events)

    def _until(self, enough: Callable[[], bool], timeout: float) -> None:
        until = time.monotonic() + timeout
        while True:
            self._told.clear()
            if enough():
                return
            if not self._told.wait(max(0.0, until - time.monotonic())):
                self._in_vain = timeout  # the expectation says what is missing
                return
