"""Waiting for one object at the server: a list, then a watch, and again from the list whenever that ends.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fairlead.conditions import Condition, Test, said_of, seen
from fairlead.errors import ApiError, ConditionNotMet, Gone, NotFound, TransportError
from fairlead.machinery.objects import Resource
from fairlead.machines.backoff import Backoff

if TYPE_CHECKING:
    from fairlead.api.direct import Direct

__all__ = ["wait_for"]

#: A watch that lasted for this many seconds was in no trouble when it ended.
CALM = 1.0

R = TypeVar("R", bound=Resource)


async def wait_for(
    direct: Direct[R],
    name: str,
    namespace: str,
    condition: Condition | Test,
    test: Test,
    timeout: float,
    said: str,
) -> R | None:
    """The object once the test of the condition holds. See `Direct.wait_for`."""
    last, trouble = cast("R | None", None), ""
    backoff, clock = Backoff(0.02, 1.0), asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(timeout):
            while True:
                began = clock()
                try:
                    async with aclosing(_states(direct, name, namespace)) as states:
                        async for last in states:
                            trouble = ""
                            if test(last):
                                found: R | None = last
                                return found
                except NotFound as error:  # the type itself is not served (yet, or any more)
                    last, trouble = None, str(error)
                    if test(None):
                        return None
                except (ApiError, TransportError) as error:
                    if not error.retryable and not isinstance(error, Gone):
                        raise
                    trouble = str(error)
                if clock() - began > CALM:  # a server that ends each watch at once is not asked as fast as it answers
                    backoff.reset()
                await asyncio.sleep(backoff.delay())
    except TimeoutError:
        why = f"; the last request failed: {trouble}" if trouble else ""
        text = f"{said}: not {said_of(condition)} after {timeout:g} s: {seen(last)}{why}"
        raise ConditionNotMet(text, last) from None


async def _states(direct: Direct[R], name: str, namespace: str) -> AsyncGenerator[Any, None]:
    """The object as it is now, and after each change; None while there is none."""
    fields = f"metadata.name={name}"
    listed = await direct.list(namespace or None, fields=fields)
    yield listed[0] if listed else None
    watch = direct.watch(namespace or None, fields=fields, resource_version=listed.resource_version)
    async with aclosing(watch) as events:
        async for event in events:
            yield None if event.type == "DELETED" else event.object
