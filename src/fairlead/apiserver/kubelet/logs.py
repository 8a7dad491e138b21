"""The log of a container: written by a test, read by clients with the options of `kubectl logs`.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fairlead.apiserver import statuses
from fairlead.apiserver.requests import boolean
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.times import format_micro_time, parse_time
from fairlead.machinery.validation import invalid
from fairlead.machinery.wire import Request

__all__ = ["ContainerLog", "Following", "LogOptions"]


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What is asked of a log. None: no limit."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    limit: int | None = None
    since: datetime | None = None

    @classmethod
    def parse(cls, request: Request, pod_name: str, now: datetime) -> LogOptions:
        """Read and check the query. Raises Refusal (400, 422)."""
        query = dict(reversed(request.query))
        seconds, since = _integer(query.get("sinceSeconds")), _time(query.get("sinceTime"))
        tail, limit = _integer(query.get("tailLines")), _integer(query.get("limitBytes"))
        found: list[Cause] = []
        if tail is not None and tail < 0:
            found.append(invalid("tailLines", tail, "must be greater than or equal to 0"))
        if limit is not None and limit < 1:
            found.append(invalid("limitBytes", limit, "must be greater than 0"))
        if seconds is not None and since is not None:
            text = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
            found.append(Cause(causes.FORBIDDEN, text, "[]"))
        elif seconds is not None and seconds < 1:
            found.append(invalid("sinceSeconds", seconds, "must be greater than 0"))
        if "stream" in query:
            found.append(Cause(causes.FORBIDDEN, "Forbidden: may not be specified", "stream"))
        if found:
            raise statuses.invalid("", "PodLogOptions", pod_name, found)
        follow, previous, timestamps = (bool(boolean(query, name)) for name in ("follow", "previous", "timestamps"))
        begin = since if seconds is None else now - timedelta(seconds=seconds)
        return cls(query.get("container", ""), follow, previous, timestamps, tail, limit, begin)


def _integer(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        raise statuses.bad_request(f"strconv.ParseInt: parsing {statuses.quoted(value)}: invalid syntax")
    return int(value)


def _time(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        return parse_time(value)
    except ValueError:
        shown = statuses.quoted(value)
        why = f'parsing time {shown} as "2006-01-02T15:04:05Z07:00": cannot parse {shown} as "2006"'
        raise statuses.bad_request(why) from None


class ContainerLog:
    """What a container has written so far; ends those that follow it with `end`. May be written from any thread."""

    def __init__(self, clock: Callable[[], datetime], lines: Iterable[str] = ()) -> None:
        self._clock = clock
        self._lines: list[tuple[datetime, str]] = []
        self._changed: set[asyncio.Future[None]] = set()
        #: How many follow it, of whom none has been closed.
        self._followers = 0
        #: Whether the container writes no more.
        self.ended: bool = False
        self.write(*lines)

    def write(self, *lines: str, at: datetime | None = None) -> None:
        """Add lines, as the container writes them; a text with several is cut. `at`: when, if not now (with its zone)."""
        when = (at or self._clock()).astimezone(UTC)
        for text in lines:
            cut = text.split("\n")
            self._lines += [(when, line) for line in (cut[:-1] if len(cut) > 1 and not cut[-1] else cut)]
        self._wake()

    def end(self) -> None:
        """The container has ended: whoever follows is done. What was written can still be read."""
        self.ended = True
        self._wake()

    def read(self, options: LogOptions) -> tuple[bytes, int]:
        """What the options select, and where those that follow it go on."""
        total = len(self._lines)
        begin = max(0, total - options.tail) if options.tail is not None else 0
        return self.after(begin, options), total

    def after(self, position: int, options: LogOptions) -> bytes:
        """The lines from a position on, as they are sent."""
        return b"".join(
            f"{_stamp(when)} {line}\n".encode() if options.timestamps else f"{line}\n".encode()
            for when, line in self._lines[position:]
            if options.since is None or when >= options.since
        )

    @property
    def length(self) -> int:
        """The number of lines."""
        return len(self._lines)

    @property
    def followed(self) -> bool:
        """Whether anybody follows it."""
        return self._followers > 0

    @contextlib.contextmanager
    def follower(self) -> Generator[None]:
        """One more follows it, until this is left."""
        self._followers += 1
        try:
            yield
        finally:
            self._followers -= 1

    async def change(self) -> None:
        """Wait until something is written, or the log ends."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed.add(future)
        try:
            await future
        finally:
            self._changed.discard(future)

    def _wake(self) -> None:
        # Whoever writes may be in another thread than the server.
        for future in tuple(self._changed):
            future.get_loop().call_soon_threadsafe(_set, future)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _stamp(when: datetime) -> str:
    """A time as kubelets write it before a line: nine digits of a second."""
    return f"{format_micro_time(when)[:-1]}000Z"


class Following:
    """A log as a stream: what is there, then what comes, until it ends or the reader has gone."""

    def __init__(self, log: ContainerLog, options: LogOptions, closed: Callable[[Following], None]) -> None:
        self._log = log
        self._options = options
        self._closed = closed
        self._over = asyncio.Event()
        self._left = options.limit
        self._follows = contextlib.ExitStack()
        self._follows.enter_context(log.follower())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        data, position = self._log.read(self._options)
        while True:
            if data := self._limited(data):
                yield data
            if self._log.length > position:
                data, position = self._log.after(position, self._options), self._log.length
            elif self._over.is_set() or self._log.ended or self._left == 0:
                return
            else:
                data = b""
                await self._wait()

    async def _wait(self) -> None:
        changed, over = asyncio.ensure_future(self._log.change()), asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait([changed, over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            over.cancel()
            await asyncio.gather(changed, over, return_exceptions=True)

    def _limited(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        data = data[: self._left]
        self._left -= len(data)
        return data

    def end(self) -> None:
        """No more is to be followed; what was written before is still read."""
        self._over.set()

    async def aclose(self) -> None:
        """End it, from either side; idempotent."""
        self.end()
        self._follows.close()
        self._closed(self)
