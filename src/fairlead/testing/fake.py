"""A client on an API server in the same process, for tests; everything but the sockets is what runs in production."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from fairlead.apiserver.server import ApiServer
from fairlead.client.client import Client, HandlerErrorHook
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.shared import GRACE_SECONDS
from fairlead.machinery.objects import Resource
from fairlead.transport.in_process import InProcessTransport

__all__ = ["FakeClient"]


class FakeClient(Client):
    """A Client on an in-memory API server that holds the given objects (resources, or manifests as dicts).

    With `server` it is one more client of that server, which then stays open; else it makes a server of its own, and closes
    it. Leaving the context raises an ExceptionGroup of what handlers raised, unless the body failed already, or
    `on_handler_error` takes them. Raises InvalidObject, naming the object, for one that the server refuses.
    """

    def __init__(
        self,
        *objects: Resource | Mapping[str, Any],
        server: ApiServer | None = None,
        namespace: str | None = None,
        field_manager: str | None = None,
        on_handler_error: HandlerErrorHook | None = None,
        informer_grace: float = GRACE_SECONDS,
        stall_timeout: float = STALL_SECONDS,
    ) -> None:
        #: The server behind this client.
        self.server: ApiServer = server if server is not None else ApiServer()
        #: What handlers raised so far, each with a note of the handler and the key; a test that expects some clears it.
        self.handler_errors: list[Exception] = []
        self._owns_server = server is None
        self.server.load(_manifests(objects))
        super().__init__(
            transport=_Transport(self.server),
            namespace=namespace,
            field_manager=field_manager,
            on_handler_error=on_handler_error or self._collect,
            informer_grace=informer_grace,
            stall_timeout=stall_timeout,
        )

    def _collect(self, error: BaseException, handler: str, key: str) -> None:
        if isinstance(error, Exception):
            error.add_note(f"raised by the handler {handler} for {key}")
            self.handler_errors.append(error)

    async def close(self) -> None:
        """End everything that belongs to this client, and the server if it is this client's own. Idempotent."""
        await super().close()
        if self._owns_server:
            await self.server.close()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; then raise what handlers raised, if nothing else went wrong."""
        await super().__aexit__(kind, error, trace)
        if error is None and self.handler_errors:
            notes = "; ".join(f"{type(each).__name__} {each.__notes__[-1]}" for each in self.handler_errors)
            raise ExceptionGroup(f"handlers failed: {notes}", self.handler_errors)


class _Transport(InProcessTransport):
    """Lets `settle` wait for the server's own background work first."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(server, cluster="in-memory")
        self._api = server

    async def settle(self) -> None:
        """Return once the garbage collector and the other controllers of the server have nothing to do."""
        await self._api.settle()


def _manifests(objects: Iterable[Resource | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [obj.to_dict() if isinstance(obj, Resource) else obj for obj in objects]
