"""Tests without await: a client on an in-memory API server, and writes that fail the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fairlead.apiserver.kubelet.logs import ContainerLog
from fairlead.apiserver.kubelet.scripts import ForwardReader, ForwardWriter, Pods, Script
from fairlead.apiserver.kubelet.sessions import Exec, TerminalSize
from fairlead.client.client import HandlerErrorHook
from fairlead.client.options import Namespaces, Options
from fairlead.informer.reflector import STALL_SECONDS
from fairlead.informer.shared import GRACE_SECONDS
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.objects import Resource
from fairlead.sync._generated import Client, Writes
from fairlead.sync._testing import ApiServer, Fault, Faults, Hold, Wrapped
from fairlead.sync.life import engine_of, portal_of, server_ways, writes_ways
from fairlead.sync.portal import Portal
from fairlead.sync.tracker import Tracker
from fairlead.testing.fake import FakeClient as AsyncFakeClient
from fairlead.testing.faults import Faults as AsyncFaults
from fairlead.testing.leaks import LeakError, no_leaks, note
from fairlead.testing.manifests import ensure_crd as ensure_crd_async
from fairlead.testing.manifests import make_crd
from fairlead.testing.wrapped import Wrapped as AsyncWrapped

__all__ = [
    "ApiServer",
    "ContainerLog",
    "Exec",
    "FakeClient",
    "Fault",
    "Faults",
    "ForwardReader",
    "ForwardWriter",
    "Hold",
    "LeakError",
    "Pods",
    "Script",
    "TerminalSize",
    "Tracker",
    "Wrapped",
    "ensure_crd",
    "faults_of",
    "make_crd",
    "no_leaks",
    "wrap",
]

R = TypeVar("R", bound=Resource)


class FakeClient(Client):
    """A Client on an in-memory API server that holds the given objects (resources, or manifests as dicts).

    With `server` it is one more client of that server, on the server's loop; else it makes a server of its own, and closes
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
        portal, engine = (Portal(), None) if server is None else server_ways(server)
        self._portal = portal
        self._owns_portal = server is None
        make = self._portal.open if self._owns_portal else self._portal.call
        self._fake = make(
            AsyncFakeClient,
            *objects,
            server=engine,
            namespace=namespace,
            cluster=cluster,
            cache_options=cache_options,
            field_manager=field_manager,
            on_handler_error=on_handler_error,
            informer_grace=informer_grace,
            stall_timeout=stall_timeout,
        )
        self._client = self._fake
        note(self, type(self).__name__)

    @property
    def faults(self) -> Faults:
        """What goes wrong at the server: see `fairlead.testing.faults`."""
        return Faults(self._portal, self._fake.faults)

    @property
    def handler_errors(self) -> list[BaseException]:
        """What handlers raised so far, each with a note of the handler and the key; a test that expects some clears it."""
        return self._fake.handler_errors


def faults_of(server: ApiServer) -> Faults:
    """What goes wrong at a server, whoever asks: see `fairlead.testing.faults`."""
    portal, engine = server_ways(server)
    return Faults(portal, portal.call(AsyncFaults.of, engine))


def ensure_crd(
    client: Client,
    type_: type[Resource] | Mapping[str, Any],
    /,
    *,
    annotations: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> DynamicResource:
    """Create a CustomResourceDefinition, or update it, and return once its type is established and answers.

    Takes a class, or a manifest such as `make_crd` gives. Raises ConditionNotMet or NotSynced after `timeout` seconds.
    """
    run, engine = portal_of(client).run, engine_of(client)
    return run(ensure_crd_async, engine, type_, annotations=annotations, timeout=timeout)


def wrap(writes: Writes[R]) -> Wrapped[R]:
    """The same verbs as a view's or a direct client's; any error fails the test with the verb, the key and the reason."""
    portal, engine = writes_ways(writes)
    return Wrapped(portal, AsyncWrapped(engine))
