"""A type that functions of the user's own serve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fairlead.informer.informer import Informer
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource

if TYPE_CHECKING:
    from fairlead.api.functions import FunctionServer

__all__ = ["RegisteredType"]


class RegisteredType:
    """What `client.register` gives: the way to say that what the functions serve has changed."""

    def __init__(
        self, resource_type: ResourceType, server: FunctionServer[Resource], informers: Iterable[Informer]
    ) -> None:
        self.resource_type: ResourceType = resource_type
        self._server = server
        self._informers = informers

    def changed(self) -> None:
        """Have every cache of the type listed again now, where it cannot be watched."""
        self._server.changed()
        for informer in self._informers:
            if informer.identity.selection.gvk == self.resource_type.gvk:
                informer.reflector.wake()  # it may wait to try again

    def __repr__(self) -> str:
        return f"<RegisteredType {self.resource_type}>"
