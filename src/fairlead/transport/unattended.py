"""What goes on though nobody may wait for its end any more: threads that cannot be cancelled, and futures that many share."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["begin_thread", "seen"]


def begin_thread(name: str, work: Callable[..., None], *arguments: object) -> None:
    """Have a thread do something that the program's end need not wait for. Raises OSError where there is no room for one."""
    try:
        threading.Thread(target=work, args=arguments, name=name, daemon=True).start()
    except RuntimeError as error:  # as of too many files, it is to be tried again
        raise OSError(errno.EAGAIN, str(error)) from error


def seen(future: asyncio.Future[Any]) -> None:
    """Take note of a failure that nobody waits for any more, so that asyncio does not report it as lost; a done callback."""
    if not future.cancelled():
        future.exception()
