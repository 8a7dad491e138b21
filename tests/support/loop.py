"""Run an async test on a loop of its own, bounded in time, and fail it for what it leaves behind."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds that one async test may take; every wait inside it is bounded by this at the latest.
LIMIT = 30.0

# Callbacks of closed streams and finished tasks may need a few turns of the loop; a task that needs more is a leak.
_TURNS_TO_FINISH = 10


class LoopLeak(AssertionError):
    """A test left tasks running, did not end in time, or an exception reached only the loop."""


def run(test: Coroutine[Any, Any, T], *, limit: float = LIMIT) -> T:
    """Run `test` to its end and return its result.

    Raises whatever the test raises; else `LoopLeak` where it takes longer than `limit` seconds (naming where each task waits),
    leaves a task pending, or lets an exception go unseen to the loop.
    """
    with asyncio.Runner() as runner:
        return runner.run(_checked(test, limit))


async def _checked(test: Coroutine[Any, Any, T], limit: float) -> T:
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unseen.append(context))
    task = asyncio.create_task(test, name="the test")
    await asyncio.wait({task}, timeout=limit)
    if not task.done():
        report = _stacks(_others())
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        raise LoopLeak(f"not finished after {limit:g} s; waiting in:\n{report}")
    result = task.result()
    await _nothing_left(unseen)
    return result


async def _nothing_left(unseen: list[dict[str, Any]]) -> None:
    for _ in range(_TURNS_TO_FINISH):
        if not _others():
            break
        await asyncio.sleep(0)
    if left := _others():
        raise LoopLeak(f"the test ended and left {len(left)} task(s) running:\n{_stacks(left)}")
    if unseen:
        raise LoopLeak("exceptions that nobody saw: " + "; ".join(_sentence(context) for context in unseen))


def _others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


def _sentence(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return f"{context.get('message')}: {error!r}" if error else str(context.get("message"))


def _stacks(tasks: set[asyncio.Task[Any]]) -> str:
    out = io.StringIO()
    for task in sorted(tasks, key=lambda task: task.get_name()):
        task.print_stack(file=out)
    return out.getvalue()
