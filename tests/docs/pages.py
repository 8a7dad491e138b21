"""The Python of a documentation page, run as a reader would run it: top to bottom, in one namespace.

Fences marked `python` are run, awaits at the top level included. A fence that cannot run has a comment in front of it that
says why (`<!-- not run: needs a cloud -->`); what the reader need not see stands in a comment that begins with `<!-- setup`.
Afterwards the page's own `test_…` functions without parameters are called.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

#: Seconds that one page may take.
LIMIT = 30.0

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n+)?```python *\n(?P<fence>.*?)^``` *$"
    r"|^<!-- setup\n(?P<setup>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page's Python."""

    page: Path
    #: The line of the page that comes before the code's first one.
    line: int
    code: str
    #: Why it is not run; empty where it is.
    reason: str = ""

    def compiled(self) -> CodeType:
        """Code whose tracebacks show the page and its line."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return compile("\n" * self.line + self.code, str(self.page), "exec", flags=flags, dont_inherit=True)


def blocks(page: Path) -> Iterator[Block]:
    """A page's Python, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        name = "setup" if found["setup"] is not None else "fence"
        yield Block(page, text.count("\n", 0, found.start(name)), found[name], found["reason"] or "")


def run_page(page: Path) -> list[str]:
    """Run a page on an event loop of its own; returns the names of the tests in it that were called."""
    return asyncio.run(asyncio.wait_for(_run(page), LIMIT))


async def _run(page: Path) -> list[str]:
    # A module of its own, as classes look up their annotations in.
    module = ModuleType(f"docs_{page.stem}")
    sys.modules[module.__name__] = module
    try:
        for block in blocks(page):
            code = block.compiled()
            if not block.reason:
                await _awaited(eval(code, module.__dict__))
        return await _called(module)
    finally:
        del sys.modules[module.__name__]


async def _called(module: ModuleType) -> list[str]:
    tests = {name: each for name, each in vars(module).items() if name.startswith("test_") and inspect.isfunction(each)}
    called = {name: test for name, test in tests.items() if not inspect.signature(test).parameters}
    for test in called.values():
        await _awaited(test())
    return list(called)


async def _awaited(result: Any) -> None:
    if inspect.isawaitable(result):
        await result
