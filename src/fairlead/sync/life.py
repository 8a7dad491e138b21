"""How a synchronous client begins and ends."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from fairlead.client.client import Client
from fairlead.sync.portal import Portal

__all__ = ["Life"]


class Life:
    """A client with its loop: a context manager, or ended with `close`."""

    _portal: Portal
    _client: Client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._portal.closed:
                self._portal.run(self._client.__aexit__, kind, error, trace)
        finally:
            self._portal.stop()

    def close(self) -> None:
        """End everything that belongs to this client, its loop included; when it returns nothing of it runs. Idempotent."""
        try:
            self._portal.end(self._client.close)
        finally:
            self._portal.stop()
