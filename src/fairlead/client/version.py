"""The server's version, asked for when it is wanted: https://kubernetes.io/docs/reference/using-api/deprecation-policy/."""

from __future__ import annotations

import asyncio

import msgspec

from fairlead.errors import FairleadError, TransportError, from_reply
from fairlead.machinery.wire import UNREADABLE, Request
from fairlead.machines.backoff import Backoff
from fairlead.transport.protocol import Transport

__all__ = ["ServerVersion", "VersionReader"]

#: Seconds that one try may take, and how often it is tried.
TRY_SECONDS = 5.0
TRIES = 4


class ServerVersion(msgspec.Struct, frozen=True, rename="camel"):
    """What a server says of itself at `/version`; `str()` is its git version, such as `v1.37.2`."""

    major: str = ""
    minor: str = ""
    git_version: str = ""
    git_commit: str = ""
    platform: str = ""
    go_version: str = ""

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor as numbers, to be compared: `(await client.server_version()).number >= (1, 33)`."""
        return _whole(self.major), _whole(self.minor)

    def __str__(self) -> str:
        return self.git_version


def _whole(text: str) -> int:
    # Some providers write `33+`.
    digits = text.rstrip("+")
    return int(digits) if digits.isdecimal() else 0


class VersionReader:
    """Reads a server's version once; several who ask at a time share one request."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = asyncio.Lock()
        self._known: ServerVersion | None = None

    async def read(self) -> ServerVersion:
        """The version. Raises ApiError or TransportError after the last try."""
        async with self._lock:
            if self._known is None:
                self._known = await self._tried()
            return self._known

    async def _tried(self) -> ServerVersion:
        backoff = Backoff(0.25, 2.0)
        while True:
            try:
                return await self._once()
            except FairleadError as error:
                if not error.retryable or backoff.failures + 1 >= TRIES:
                    raise
                await asyncio.sleep(backoff.delay())

    async def _once(self) -> ServerVersion:
        request = Request("GET", "/version", headers={"accept": "application/json"}, timeout=TRY_SECONDS)
        response = await self._transport.request(request)
        if response.status != 200:
            raise from_reply(
                response.status, response.body, "get the server's version", response.headers.get("retry-after")
            )
        try:
            return msgspec.json.decode(response.body, type=ServerVersion)
        except UNREADABLE as error:
            raise TransportError(f"get the server's version: the answer is none: {error}") from error
