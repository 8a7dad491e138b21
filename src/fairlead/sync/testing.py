"""Tests without await: a client on an in-memory API server, and writes that fail the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fairlead.client.client import HandlerErrorHook
from fairlead.machinery.objects import Resource
from fairlead.sync._generated import Client, Writes
from fairlead.sync._wrapped import Wrapped
from fairlead.sync.portal import Portal
from fairlead.testing.fake import FakeClient as AsyncFakeClient
from fairlead.testing.wrap import Wrapped as AsyncWrapped

__all__ = ["FakeClient", "Wrapped", "wrap"]

R = TypeVar("R", bound=Resource)


class FakeClient(Client):
    """A Client on an in-memory API server that holds the given objects (resources, or manifests as dicts).

    Leaving the context raises an ExceptionGroup of what handlers raised, unless the body failed already, or
    `on_handler_error` takes them. Raises InvalidObject, naming the object, for one that the server refuses.
    """

    def __init__(
        self,
        *objects: Resource | Mapping[str, Any],
        namespace: str | None = None,
        field_manager: str | None = None,
        on_handler_error: HandlerErrorHook | None = None,
    ) -> None:
        self._portal = Portal()
        self._fake = self._portal.open(
            AsyncFakeClient,
            *objects,
            namespace=namespace,
            field_manager=field_manager,
            on_handler_error=on_handler_error,
        )
        self._client = self._fake

    @property
    def handler_errors(self) -> list[Exception]:
        """What handlers raised so far, each with a note of the handler and the key; a test that expects some clears it."""
        return self._fake.handler_errors


def wrap(writes: Writes[R]) -> Wrapped[R]:
    """The same verbs as a view's or a direct client's; any error fails the test with the verb, the key and the reason."""
    engine = AsyncWrapped(writes._writes)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same room's façade
    return Wrapped(writes._portal, engine)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
