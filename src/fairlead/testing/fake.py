"""A client on an API server in the same process, for tests; everything but the sockets is what runs in production."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Generator, Iterable, Mapping
from types import TracebackType
from typing import Any, cast

from fairlead.apiserver.server import ApiServer
from fairlead.client.client import Client, HandlerErrorHook
from fairlead.client.options import Namespaces, Options
from fairlead.errors import InvalidObject
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.shared import GRACE_SECONDS
from fairlead.machinery.objects import Resource, check_parts
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.testing.faults import Faults
from fairlead.testing.handler_errors import collect, raise_all
from fairlead.testing.leaks import note
from fairlead.transport.in_process import InProcessTransport

__all__ = ["FakeClient"]


class FakeClient(Client):
    """A Client on an in-memory API server that holds the given objects (resources, or manifests as dicts).

    With `server` it is one more client of that server, which then stays open; else it makes a server of its own, and closes
    it. Leaving the context raises an ExceptionGroup of what handlers raised, unless the body failed already, or
    `on_handler_error` takes them. Raises InvalidObject, naming the object, for one that the server refuses or that has a
    field that its type does not have.
    """

    def __init__(
        self,
        *objects: Resource | Mapping[str, Any],
        server: ApiServer | None = None,
        namespace: Namespaces = None,
        cluster: str | None = None,
        cache_options: Options | None = None,
        field_manager: str | None = None,
        on_handler_error: HandlerErrorHook | None = None,
        informer_grace: float = GRACE_SECONDS,
        stall_timeout: float = STALL_SECONDS,
    ) -> None:
        #: The server behind this client.
        self.server: ApiServer = server if server is not None else ApiServer()
        note(self, type(self).__name__)
        #: What goes wrong at that server: see `fairlead.testing.faults`.
        self.faults: Faults = Faults.of(self.server)
        #: What handlers raised so far, each with a note of the handler and the key; a test that expects some clears it.
        self.handler_errors: list[BaseException] = []
        self._owns_server = server is None
        self.server.load(_manifests(objects))
        super().__init__(
            transport=_Transport(self.server),
            namespace=namespace,
            cluster=cluster,
            cache_options=cache_options,
            field_manager=field_manager,
            on_handler_error=on_handler_error or self._collect,
            informer_grace=informer_grace,
            stall_timeout=stall_timeout,
        )

    def _collect(self, error: BaseException, handler: str, key: str) -> None:
        collect(self.handler_errors, error, handler, key)

    async def settle(self, timeout: float = 10.0) -> None:
        """Return once everything written so far has reached every cache, handler and queue, and all are idle.

        `timeout` in seconds; then NotSynced names what is busy. No fault disturbs it. Raises RuntimeError inside a
        handler, which would wait for itself.
        """
        with _undisturbed():
            await super().settle(timeout)

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
        if error is None:
            raise_all(self.handler_errors)


#: Whether what runs in this context is `settle`, whose own requests are none of the test's.
_settling: contextvars.ContextVar[bool] = contextvars.ContextVar("fairlead_settling", default=False)


@contextlib.contextmanager
def _undisturbed() -> Generator[None]:
    token = _settling.set(True)
    try:
        yield
    finally:
        _settling.reset(token)


class _Server:
    """The server as one client sees it."""

    def __init__(self, server: ApiServer) -> None:
        self._api = server

    async def handle(self, request: Request, /) -> Response | StreamResponse:
        return await (self._api.undisturbed(request) if _settling.get() else self._api.handle(request))


class _Transport(InProcessTransport):
    """Lets `settle` wait for the server's own background work first."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(_Server(server), cluster="in-memory")
        self._api = server

    async def settle(self) -> None:
        """Return once the garbage collector and the other controllers of the server have nothing to do."""
        await self._api.settle()


def _manifests(objects: Iterable[Resource | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [_manifest(obj) for obj in objects]


def _manifest(obj: object) -> Mapping[str, Any]:
    if isinstance(obj, Resource):
        check_parts(obj, "load")
        return obj.to_dict()
    if isinstance(obj, Mapping):
        return cast("Mapping[str, Any]", obj)
    raise InvalidObject(f"{obj!r:.100} is no object; give objects one by one: FakeClient(*objects)")
