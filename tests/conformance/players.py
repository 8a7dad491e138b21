"""Who is asked: the in-memory server in this process, or any server over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

import aiohttp
import yarl

from fairlead.apiserver.access.who import User
from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import Request, StreamResponse

__all__ = [
    "Answer",
    "HttpPlayer",
    "MemoryPlayer",
    "Place",
    "Player",
    "Stream",
    "ours",
    "ours_over_http",
    "place_of",
    "theirs",
]

#: The client's name, which is the field manager of its writes.
AGENT = "conform/1"
#: What an administrator of ours sends.
TOKEN = "conformance"


@dataclass(frozen=True)
class Answer:
    """A whole answer; header names are lower case, a compressed body is plain again."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Stream(Protocol):
    """An open watch."""

    answer: Answer

    async def line(self) -> bytes:
        """The next line, without its end; empty at the end of the stream."""
        ...

    async def close(self) -> None: ...


class Player(Protocol):
    """Sends requests to one server."""

    async def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer: ...

    async def open(self, target: str, headers: Mapping[str, str]) -> Stream: ...


class _Lines:
    """Bytes as they come, cut into lines."""

    def __init__(self, answer: Answer, chunks: AsyncIterator[bytes], closing: contextlib.AsyncExitStack) -> None:
        self.answer = answer
        self._chunks = chunks
        self._closing = closing
        self._waiting = b""
        zipped = ("content-encoding", "gzip") in answer.headers
        self._unzip = zlib.decompressobj(31) if zipped else None

    async def line(self) -> bytes:
        while b"\n" not in self._waiting:
            chunk = await anext(self._chunks, b"")
            if not chunk:
                rest, self._waiting = self._waiting, b""
                return rest
            self._waiting += chunk if self._unzip is None else self._plain(chunk)
        found, _, self._waiting = self._waiting.partition(b"\n")
        return found

    def _plain(self, chunk: bytes) -> bytes:
        plain = b""
        while chunk and self._unzip is not None:
            plain += self._unzip.decompress(chunk)
            chunk = self._unzip.unused_data
            if self._unzip.eof:
                self._unzip = zlib.decompressobj(31)
        return plain

    async def close(self) -> None:
        await self._closing.aclose()


async def _nothing() -> AsyncIterator[bytes]:
    for chunk in list[bytes]():
        yield chunk


class MemoryPlayer:
    """The in-memory server, asked in process."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    async def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = await self._answer(method, target, headers, body)
        # HTTP sends no body in answer to HEAD.
        return Answer(answer.status, answer.headers, b"") if method == "HEAD" else answer

    async def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = await self.server.handle(self._request(method, target, headers, body))
        if isinstance(answer, StreamResponse):
            async with contextlib.aclosing(answer.body) as stream:
                whole = b"".join([chunk async for chunk in stream])
            return _plain(Answer(answer.status, list(answer.headers.items()), whole))
        return _plain(Answer(answer.status, list(answer.headers.items()), answer.body))

    async def open(self, target: str, headers: Mapping[str, str]) -> Stream:
        answer = await self.server.handle(self._request("GET", target, headers, b""))
        closing = contextlib.AsyncExitStack()
        fields = list(answer.headers.items())
        if not isinstance(answer, StreamResponse):
            return _Lines(Answer(answer.status, fields, answer.body), _nothing(), closing)
        closing.push_async_callback(answer.body.aclose)
        return _Lines(Answer(answer.status, fields, b""), aiter(answer.body), closing)

    @staticmethod
    def _request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
        path, _, query = target.partition("?")
        return Request(
            method,
            path,
            tuple(parse_qsl(query, keep_blank_values=True)),
            {"user-agent": AGENT, "authorization": f"Bearer {TOKEN}", **headers},
            body,
        )


class HttpPlayer:
    """A server at a URL."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            async with self._session.request(
                method, self._at(target), headers=headers, data=io.BytesIO(body) if body else None
            ) as response:
                return _plain(Answer(response.status, _fields(response), await response.read()))
        except (aiohttp.ClientError, TimeoutError) as error:
            return Answer(0, [], type(error).__name__.encode())

    async def open(self, target: str, headers: Mapping[str, str]) -> Stream:
        closing = contextlib.AsyncExitStack()
        response = await self._session.get(self._at(target), headers=headers)
        closing.callback(_give_up, response)
        if response.status != 200:
            return _Lines(Answer(response.status, _fields(response), await response.read()), _nothing(), closing)
        return _Lines(Answer(response.status, _fields(response), b""), response.content.iter_any(), closing)

    def _at(self, target: str) -> yarl.URL:
        return yarl.URL(self._url + target, encoded=True)


def _give_up(response: aiohttp.ClientResponse) -> None:
    # Over TLS a close waits for a goodbye that a watch never sends.
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()
    response.close()


def _fields(response: aiohttp.ClientResponse) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in response.headers.items()]


def _plain(answer: Answer) -> Answer:
    if ("content-encoding", "gzip") not in answer.headers:
        return answer
    return Answer(answer.status, answer.headers, zlib.decompress(answer.body, 31))


def _server(features: Sequence[str]) -> ApiServer:
    user = User("admin", ("system:masters", "system:authenticated"), uid="admin")
    return ApiServer(
        garbage_collection=False,
        namespace_controller=False,
        quota_controller=False,
        protection_controller=False,
        tokens={TOKEN: user},
        feature_gates=features,
    )


@contextlib.asynccontextmanager
async def ours(features: Sequence[str] = ()) -> AsyncGenerator[MemoryPlayer]:
    """A new in-memory server, without controllers, as the real one runs."""
    server = _server(features)
    try:
        yield MemoryPlayer(server)
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def ours_over_http(features: Sequence[str] = ()) -> AsyncGenerator[HttpPlayer]:
    """The same, on a port."""
    async with HttpFront(_server(features)) as front, _session({"authorization": f"Bearer {TOKEN}"}) as session:
        yield HttpPlayer(session, front.url)


class Place(NamedTuple):
    """Where a real server is."""

    url: str
    token: str
    ca_file: str


def place_of(kubeconfig: Path) -> Place:
    """What a kubeconfig of `tests.support.realserver` says."""
    document = json.loads(kubeconfig.read_text())
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    return Place(cluster["server"], user["token"], cluster["certificate-authority"])


@contextlib.asynccontextmanager
async def theirs(place: Place) -> AsyncGenerator[HttpPlayer]:
    """A real server."""
    context = ssl.create_default_context(cafile=place.ca_file)
    async with _session(headers={"authorization": f"Bearer {place.token}"}, ssl_context=context) as session:
        yield HttpPlayer(session, place.url)


@contextlib.asynccontextmanager
async def _session(
    headers: Mapping[str, str] | None = None, ssl_context: ssl.SSLContext | None = None
) -> AsyncGenerator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=ssl_context or True, limit=0)
    options: dict[str, Any] = {
        "auto_decompress": False,
        "skip_auto_headers": {"Accept", "Accept-Encoding", "Content-Type"},
        "timeout": aiohttp.ClientTimeout(total=20),
    }
    async with aiohttp.ClientSession(
        connector=connector, headers={"User-Agent": AGENT, **(headers or {})}, **options
    ) as session:
        yield session
    # What was aborted is closed in the next turn of the loop.
    await asyncio.sleep(0)
