"""A handler that writes down what it is told, to be compared with what is expected."""

from __future__ import annotations

import asyncio
import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from fairlead.informer.events import Event

__all__ = ["Expected", "Record", "Told", "Tracker"]

#: One expected event: `add/name`, or a predicate on the Event.
Expected = str | Callable[[Event[Any]], bool]


class Told(str):
    """What was told, as `add/name`, `update/name` or `delete/name`; `event` has the whole of it, with old and new."""

    __slots__ = ("event",)

    event: Event[Any]

    @classmethod
    def of(cls, event: Event[Any]) -> Told:
        """An event as it is recorded."""
        told = cls(f"{event.type}/{event.key.name}")
        told.event = event
        return told

    @property
    def old(self) -> Any:
        """The object before; None for an add."""
        return self.event.old

    @property
    def new(self) -> Any:
        """The object after; None for a delete."""
        return self.event.new


class Record:
    """What was told, and what is expected of it; each expectation starts afresh after it is met."""

    def __init__(self) -> None:
        #: What was recorded since the last expectation that was met.
        self.events: list[Told] = []
        # Called after each event, from whatever thread told it.
        self._wakes: list[Callable[[], None]] = []
        # How many seconds the present expectation was waited for in vain.
        self._in_vain: float | None = None

    def __call__(self, event: Event[Any]) -> None:
        """Record an event."""
        self.events.append(Told.of(event))
        for wake in tuple(self._wakes):
            wake()

    def expect(self, *events: str) -> None:
        """Exactly these, in this order; then forget them. Raises AssertionError with a diff."""
        __tracebackhide__ = True
        self._met(self.events == list(events), events, "in this order")

    def expect_unordered(self, *events: str) -> None:
        """Exactly these, in any order; then forget them. Raises AssertionError with a diff."""
        __tracebackhide__ = True
        self._met(Counter(self.events) == Counter(events), sorted(events), "in any order", sorted(self.events))

    def expect_matching(self, *events: Expected) -> None:
        """As `expect`, but each may be a predicate on the event instead of its name. Raises AssertionError with a diff."""
        __tracebackhide__ = True
        told = tuple(self.events)
        met = len(told) == len(events) and all(map(_matches, events, told))
        self._met(met, *_as_text(events, told))

    def expect_nothing(self) -> None:
        """No event since the last expectation. Raises AssertionError with what came."""
        __tracebackhide__ = True
        self._met(not self.events, (), "at all")

    def clear(self) -> None:
        """Forget what was recorded."""
        self.events.clear()

    def _met(
        self, met: bool, expected: Sequence[str], how: str = "in this order", found: Sequence[str] | None = None
    ) -> None:
        __tracebackhide__ = True
        waited, self._in_vain = self._in_vain, None
        if not met:
            how += f" within {waited:g} s" if waited is not None else ""
            raise AssertionError(_difference(expected, self.events if found is None else found, how))
        self.clear()

    # Whether waiting any longer changes nothing: all have come, or others.

    def _full(self, events: Sequence[object]) -> bool:
        return len(self.events) >= len(events)

    def _decided(self, events: Sequence[str]) -> bool:
        return self._full(events) or list(events[: len(self.events)]) != self.events

    def _decided_unordered(self, events: Sequence[str]) -> bool:
        told: Counter[str] = Counter(self.events)
        return self._full(events) or bool(told - Counter(events))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.events}>"


class Tracker(Record):
    """Records what a view tells; each expectation starts afresh after it is met.

    ```python
    tracker = Tracker()
    pods.add_handler(on_event=tracker)
    ...
    await client.settle()
    tracker.expect("add/a", "update/a")
    ```
    """

    async def wait(self, *events: str, timeout: float = 10.0) -> None:
        """As `expect`, once they have come. Raises AssertionError when others come first, or after `timeout` seconds."""
        __tracebackhide__ = True
        await self._until(lambda: self._decided(events), timeout)
        self.expect(*events)

    async def wait_unordered(self, *events: str, timeout: float = 10.0) -> None:
        """As `expect_unordered`, once they have come. Raises AssertionError when others come, or after `timeout` seconds."""
        __tracebackhide__ = True
        await self._until(lambda: self._decided_unordered(events), timeout)
        self.expect_unordered(*events)

    async def wait_matching(self, *events: Expected, timeout: float = 10.0) -> None:
        """As `expect_matching`, once as many have come. Raises AssertionError, at the latest after `timeout` seconds."""
        __tracebackhide__ = True
        await self._until(lambda: self._full(events), timeout)
        self.expect_matching(*events)

    async def _until(self, enough: Callable[[], bool], timeout: float) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(told.set)

        self._wakes.append(wake)
        try:
            async with asyncio.timeout(timeout):
                while not enough():
                    told.clear()
                    await told.wait()
        except TimeoutError:
            self._in_vain = timeout  # the expectation says what is missing
        finally:
            self._wakes.remove(wake)


def _matches(expected: Expected, told: Told) -> bool:
    return told == expected if isinstance(expected, str) else bool(expected(told.event))


def _as_text(expected: Sequence[Expected], told: Sequence[Told]) -> tuple[list[str], str, list[str]]:
    """Both sides as text; an event that meets its predicate is shown as the predicate."""
    names = [each if isinstance(each, str) else f"<{getattr(each, '__qualname__', each)}>" for each in expected]
    found: list[str] = list(told)
    for place, (each, one) in enumerate(zip(expected, told, strict=False)):
        if not isinstance(each, str) and each(one.event):
            found[place] = names[place]
    return names, "in this order", found


def _difference(expected: Sequence[str], found: Sequence[str], how: str) -> str:
    lines = difflib.ndiff(list(expected), list(found))
    shown = "\n".join(f"  {line}" for line in lines if not line.startswith("?"))
    return f"expected {len(expected)} events {how}, found {len(found)} (- missing, + not expected):\n{shown}"
