"""How a synchronous client, and what belongs to it, begins and ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fairlead.client.client import Client
from fairlead.errors import ClosedError, InvalidObject
from fairlead.sync.portal import Portal

if TYPE_CHECKING:
    from fairlead.apiserver.server import ApiServer
    from fairlead.sync._generated import Cached, Writes
    from fairlead.sync._generated import Client as SyncClient

__all__ = [
    "Closing",
    "Life",
    "ServerLife",
    "Working",
    "engine_of",
    "portal_of",
    "server_ways",
    "view_ways",
    "writes_ways",
]


class Closing(ABC):
    """Something that ends with `close`, or as a context manager."""

    @abstractmethod
    def close(self) -> None:
        """End it. Idempotent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Working(Closing):
    """Workers that `with` starts and ends."""

    @abstractmethod
    def start(self) -> None:
        """Start the workers."""

    def __enter__(self) -> Self:
        self.start()
        return self


class Life:
    """A client with its loop: a context manager, or ended with `close`."""

    _portal: Portal
    _client: Client
    #: False where the loop is a server's, which outlives this client.
    _owns_portal: bool = True

    def __enter__(self) -> Self:
        if self._portal.closed or self._client.closed:
            raise ClosedError("with: the client is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._portal.closed:
                self._portal.run(self._client.__aexit__, kind, error, trace)
        finally:
            self._stop()

    def close(self) -> None:
        """End everything that belongs to this client, its loop included; when it returns nothing of it runs. Idempotent."""
        try:
            self._portal.end(self._client.close)
        finally:
            self._stop()

    def _stop(self) -> None:
        if self._owns_portal:
            self._portal.stop()


class ServerLife(Closing):
    """A server with its loop: a context manager, or ended with `close`."""

    _portal: Portal
    _apiserver: ApiServer

    def close(self) -> None:
        """End every watch, and the loop with it; clients of this server end first. Idempotent."""
        try:
            self._portal.end(self._apiserver.close)
        finally:
            self._portal.stop()


def server_ways(server: ServerLife) -> tuple[Portal, ApiServer]:
    """The way to a server's loop, and the server there."""
    return server._portal, server._apiserver  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same room's


def portal_of(client: SyncClient) -> Portal:
    """The way to a client's loop. Raises InvalidObject for a client that is not of fairlead.sync."""
    return _portal_in(client, "client")


def _portal_in(given: object, kind: str) -> Portal:
    portal = getattr(given, "_portal", None)
    if not isinstance(portal, Portal):
        raise InvalidObject(
            f"a {kind} of fairlead.sync is expected, not {type(given).__module__}.{type(given).__qualname__}; for asynchronous "
            "ones there is the same in fairlead, fairlead.controller and fairlead.testing"
        )
    return portal


def view_ways(view: Cached[Any, Any]) -> tuple[Portal, Any]:
    """The way to a view's loop, and the asynchronous view there. Raises InvalidObject for a view not of fairlead.sync."""
    return _portal_in(view, "view"), view._cached  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same room's


def writes_ways(writes: Writes[Any]) -> tuple[Portal, Any]:
    """As `view_ways`, for whatever writes: a view, or a direct client."""
    return _portal_in(writes, "view or direct client"), writes._writes  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def engine_of(client: SyncClient) -> Any:
    """The asynchronous client that does a client's work."""
    return client._client  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same room's
