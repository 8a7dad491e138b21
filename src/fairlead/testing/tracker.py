"""A handler that writes down what it is told, to be compared with what is expected."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from fairlead.informer.events import Event

__all__ = ["Tracker"]


class Tracker:
    """Records `add/name`, `update/name` and `delete/name`; each expectation starts afresh after it is met.

    ```python
    tracker = Tracker()
    pods.add_handler(on_event=tracker)
    ...
    await client.settle()
    tracker.expect("add/a", "update/a")
    ```
    """

    def __init__(self) -> None:
        #: What was recorded since the last expectation that was met.
        self.events: list[str] = []

    def __call__(self, event: Event[Any]) -> None:
        """Record an event."""
        self.events.append(f"{event.type}/{event.key.name}")

    def expect(self, *events: str) -> None:
        """Exactly these, in this order; then forget them. Raises AssertionError with a diff."""
        __tracebackhide__ = True
        _compare(events, self.events, "in this order")
        self.clear()

    def expect_unordered(self, *events: str) -> None:
        """Exactly these, in any order; then forget them. Raises AssertionError with a diff."""
        __tracebackhide__ = True
        _compare(sorted(events), sorted(self.events), "in any order")
        self.clear()

    def expect_nothing(self) -> None:
        """No event since the last expectation. Raises AssertionError with what came."""
        __tracebackhide__ = True
        _compare((), self.events, "at all")

    def clear(self) -> None:
        """Forget what was recorded."""
        self.events.clear()

    def __repr__(self) -> str:
        return f"<Tracker {self.events}>"


def _compare(expected: Sequence[str], found: Sequence[str], how: str) -> None:
    __tracebackhide__ = True
    if list(expected) == list(found):
        return
    lines = difflib.ndiff(list(expected), list(found))
    shown = "\n".join(f"  {line}" for line in lines if not line.startswith("?"))
    raise AssertionError(
        f"expected {len(expected)} events {how}, found {len(found)} (- missing, + not expected):\n{shown}"
    )
