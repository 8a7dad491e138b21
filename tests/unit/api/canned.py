"""A transport that answers from a list and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from fairlead.machinery.wire import Request, Response, StreamResponse

Answer = Response | BaseException | Callable[[Request], Response]


def reply(document: Any, status: int = 200, **headers: str) -> Response:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def refusal(code: int, reason: str, message: str = "no", **headers: str) -> Response:
    document = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
    }
    return reply(document, code, **headers)


class Chunks:
    """A stream of given chunks that knows whether it was closed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = list(chunks)
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk

    async def aclose(self) -> None:
        self.closed = True


class Pieces(Chunks):
    """The same as a stream that knows the pieces that the server wrote, some of which come with each read."""

    def __init__(self, pieces: Iterable[bytes], per_read: int) -> None:
        super().__init__(pieces)
        self._per_read = per_read

    async def pieces(self) -> list[bytes]:
        read, self._chunks = self._chunks[: self._per_read], self._chunks[self._per_read :]
        return read


class CannedTransport:
    cluster = "https://canned"

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.streams: list[Chunks] = []

    async def request(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    async def stream(self, request: Request) -> StreamResponse:
        answer = await self.request(request)
        chunks = Chunks([answer.body])
        self.streams.append(chunks)
        return StreamResponse(answer.status, answer.headers, chunks)

    async def close(self) -> None:
        pass


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
