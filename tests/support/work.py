"""A clock that goes by work instead of time: each line of fairlead's client that runs, or of a test's, takes as long.

On it a slice is a number of lines, the same on every machine and however busy that is, and so is how long one call of the
loop holds it: whatever goes through all objects of a cache in one call cannot hide. What one call into C does with them
(a dict that is copied) is one line.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import pytest

from fairlead.informer import slices

__all__ = ["A_SLICE", "Work"]

#: Seconds that a line takes.
LINE = 5e-6
#: Lines that fill a slice.
A_SLICE = round(slices.SLICE_SECONDS / LINE)


class Work:
    """Counts the lines that run, and the most that one call of the loop ran."""

    def __init__(self) -> None:
        self.lines = 0
        #: The most lines that one call of the loop ran, and the function that was called last in it.
        self.longest = 0
        self.holder = ""
        self._counted: dict[CodeType, bool] = {}
        self._called: CodeType | None = None

    @contextmanager
    def measured(self, patch: pytest.MonkeyPatch) -> Generator[None]:
        """Have slices end by this clock while the block runs, and take note of what holds the loop for longest."""
        run = asyncio.Handle._run

        def measured_run(handle: Any) -> None:
            before = self.lines
            run(handle)
            if self.lines - before > self.longest:
                self.longest, self.holder = self.lines - before, _said(self._called)

        tracing = sys.gettrace()
        with patch.context() as patched:
            patched.setattr(slices, "perf_counter", lambda: self.lines * LINE)
            patched.setattr(asyncio.Handle, "_run", measured_run)
            sys.settrace(self._tracer())
            try:
                yield
            finally:
                sys.settrace(tracing)

    def _tracer(self) -> Callable[..., Any]:
        counted = self._counted

        def call(frame: FrameType, event: str, arg: Any) -> Any:
            code = frame.f_code
            if code not in counted:
                counted[code] = _counts(code.co_filename)
            if not counted[code]:
                return None
            self._called = code
            return line

        # Of a function's end as well: one more or less, but a third of the time.
        def line(frame: FrameType, event: str, arg: Any) -> Any:
            self.lines += 1
            return line

        return call


def _said(code: CodeType | None) -> str:
    return "" if code is None else f"{code.co_qualname} in {code.co_filename}"


def _counts(filename: str) -> bool:
    """Whether what runs there is of the client, or a test's function that it calls: not the server of tests."""
    if "/tests/" in filename:
        return "/support/" not in filename
    return "/fairlead/" in filename and "/fairlead/apiserver/" not in filename
