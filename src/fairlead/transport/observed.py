"""Counts what a client asks its server, and lets others look on. Costs two looks at the clock for each request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Protocol

import msgspec

from fairlead.machinery.histogram import Histogram, HistogramStatistics
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.transport.protocol import Transport

__all__ = ["ObservedTransport", "Observers", "ReconcileObserver", "RequestObserver", "RequestStatistics"]

#: Seconds; those of client-go's `rest_client_request_duration_seconds`.
DURATIONS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
#: The code under which requests are counted that got no answer, as client-go has it.
NO_ANSWER = "<error>"


class RequestStatistics(msgspec.Struct, frozen=True):
    """The requests of one method."""

    method: str
    #: How many were answered with each code; `<error>` without an answer. Watches count when they are answered.
    codes: tuple[tuple[str, int], ...]
    #: Seconds until the whole answer was there; of a watch, until its head was.
    seconds: HistogramStatistics


class RequestObserver(Protocol):
    """Looks on while a request is made. It must not raise."""

    def __call__(self, request: Request, *, stream: bool) -> AbstractContextManager[Callable[[int], None]]:
        """Surround a request; what is given on entering is called with the answer's status."""
        ...


class ReconcileObserver(Protocol):
    """Looks on while a key is reconciled: surrounds it, and sees what it raises. It must not raise itself."""

    def __call__(self, reconciler: str, key: ObjectKey, attempt: int) -> AbstractContextManager[None]:
        """Surround one reconcile; `attempt` is 1 unless it failed before."""
        ...


class Observers(msgspec.Struct):
    """Who looks on at one client's work; may be added to at any time."""

    requests: list[RequestObserver] = msgspec.field(default_factory=list[RequestObserver])
    reconciles: list[ReconcileObserver] = msgspec.field(default_factory=list[ReconcileObserver])


class ObservedTransport:
    """Carries requests by another transport, counting them, with observers looking on."""

    def __init__(self, inner: Transport, observers: Observers) -> None:
        self._inner = inner
        self.observers: list[RequestObserver] = observers.requests
        self._codes: dict[tuple[str, str], int] = {}
        self._seconds: dict[str, Histogram] = {}

    @property
    def cluster(self) -> str:
        """See `Transport.cluster`."""
        return self._inner.cluster

    async def request(self, request: Request) -> Response:
        """See `Transport.request`."""
        if self.observers:
            return await self._surrounded(request, 0)
        return await self._request(request)

    async def stream(self, request: Request) -> StreamResponse:
        """See `Transport.stream`."""
        if self.observers:
            return await self._surrounded_stream(request, 0)
        return await self._stream(request)

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._inner.close()

    async def _surrounded(self, request: Request, index: int) -> Response:
        if index == len(self.observers):
            return await self._request(request)
        with self.observers[index](request, stream=False) as answered:
            answer = await self._surrounded(request, index + 1)
            answered(answer.status)
            return answer

    async def _surrounded_stream(self, request: Request, index: int) -> StreamResponse:
        if index == len(self.observers):
            return await self._stream(request)
        with self.observers[index](request, stream=True) as answered:
            answer = await self._surrounded_stream(request, index + 1)
            answered(answer.status)
            return answer

    async def _request(self, request: Request) -> Response:
        began, code = perf_counter(), NO_ANSWER
        try:
            answer = await self._inner.request(request)
            code = str(answer.status)
            return answer
        finally:
            self._count(request.method, code, perf_counter() - began)

    async def _stream(self, request: Request) -> StreamResponse:
        began, code = perf_counter(), NO_ANSWER
        try:
            answer = await self._inner.stream(request)
            code = str(answer.status)
            return answer
        finally:
            self._count(request.method, code, perf_counter() - began)

    def _count(self, method: str, code: str, seconds: float) -> None:
        self._codes[method, code] = self._codes.get((method, code), 0) + 1
        histogram = self._seconds.get(method)
        if histogram is None:
            histogram = self._seconds[method] = Histogram(DURATIONS)
        histogram.observe(seconds)

    def statistics(self) -> tuple[RequestStatistics, ...]:
        """Counters as they are now, by method."""
        return tuple(
            RequestStatistics(
                method,
                tuple((code, count) for (name, code), count in sorted(self._codes.items()) if name == method),
                histogram.statistics(),
            )
            for method, histogram in sorted(self._seconds.items())
        )
