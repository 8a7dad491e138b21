"""Reading what containers write.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import TypeAlias

from fairlead.api.endpoint import Query
from fairlead.errors import InvalidObject
from fairlead.machinery.names import ResourceType
from fairlead.machinery.times import format_micro_time
from fairlead.machinery.wire import ByteStream

__all__ = ["LONGEST_LINE", "Since", "check_logs", "log_query", "text_lines"]

#: The last so many seconds, or from a point in time on (with its zone); None: from the beginning.
Since: TypeAlias = "float | timedelta | datetime | None"

#: Bytes of a line that are kept before they are given as a line of their own.
LONGEST_LINE = 1024 * 1024


def check_logs(resource_type: ResourceType) -> None:
    """Raise InvalidObject for what has no logs."""
    if (resource_type.group, resource_type.plural) != ("", "pods"):
        raise InvalidObject(f"logs of {resource_type}: only pods have logs; use client.direct(Pod)")


def log_query(
    container: str | None,
    tail: int | None,
    since: Since,
    limit_bytes: int | None,
    *,
    follow: bool = False,
    previous: bool = False,
    timestamps: bool = False,
) -> Query:
    """The options as the API calls them. Raises ValueError for a time without a zone."""
    found: list[tuple[str, str]] = [("container", container)] if container else []
    flags = (("follow", follow), ("previous", previous), ("timestamps", timestamps))
    found += [(name, "true") for name, wanted in flags if wanted]
    numbers = (("tailLines", tail), ("limitBytes", limit_bytes))
    found += [(name, str(number)) for name, number in numbers if number is not None]
    if isinstance(since, datetime):
        found.append(("sinceTime", format_micro_time(since)))
    elif since is not None:
        seconds = since.total_seconds() if isinstance(since, timedelta) else since
        found.append(("sinceSeconds", str(math.ceil(seconds))))  # whole ones only; rather a line more than one less
    return found


async def text_lines(stream: ByteStream) -> AsyncIterator[str]:
    """The lines, without their ends; a longer one than LONGEST_LINE comes in pieces, cut between characters."""
    pending = bytearray()
    async for chunk in stream:
        begin = 0
        while (end := chunk.find(b"\n", begin)) >= 0:
            pending += chunk[begin:end]
            while len(pending) > LONGEST_LINE:
                yield _text(_taken(pending))
            yield _text(pending)
            pending.clear()
            begin = end + 1
        pending += chunk[begin:]
        while len(pending) > LONGEST_LINE:
            yield _text(_taken(pending))
    if pending:
        yield _text(pending)


def _taken(pending: bytearray) -> bytes:
    """Take as much as a line may have, without cutting a character."""
    end = LONGEST_LINE
    while end > LONGEST_LINE - 4 and pending[end] & 0xC0 == 0x80:
        end -= 1
    taken = bytes(pending[:end])
    del pending[:end]
    return taken


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")
