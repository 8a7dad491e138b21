"""What is done about errors that are to be expected."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from fairlead.errors import Conflict, NotFound
from fairlead.machines.backoff import Backoff

__all__ = ["ignore_not_found", "retry_on_conflict"]

T = TypeVar("T")


def retry_on_conflict(attempt: Callable[[], T], *, attempts: int = 5) -> T:
    """Call `attempt`, which reads afresh and writes, again when its write meets a newer version.

    Raises the last Conflict after `attempts` calls.
    """
    backoff = Backoff(0.01, 1.0)
    for count in range(1, attempts + 1):
        try:
            return attempt()
        except Conflict:
            if count == attempts:
                raise
            time.sleep(backoff.delay())
    raise ValueError(f"attempts must be at least 1, not {attempts}")


def ignore_not_found(request: Callable[[], T]) -> T | None:
    """What a request gives, or None where it finds nothing: `ignore_not_found(lambda: pods.delete("a", "default"))`."""
    try:
        return request()
    except NotFound:
        return None
