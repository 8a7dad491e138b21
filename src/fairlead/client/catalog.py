"""Which resource a class, or an apiVersion and a kind, stands for, and who serves it: the API server, or a user's functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from fairlead.api.caller import Caller
from fairlead.api.discovery import Discovery, Guess
from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import DynamicResource, partial_reader, reader
from fairlead.machinery.names import GroupVersionKind, ResourceType, default_plural
from fairlead.machinery.objects import Resource
from fairlead.machinery.schema.registry import builtin
from fairlead.transport.in_process import InProcessTransport
from fairlead.transport.protocol import Transport

if TYPE_CHECKING:
    from fairlead.api.functions import FunctionServer

__all__ = ["Catalog", "TypeName", "factory", "parser"]

# An apiVersion is of lower case; a kind is one word, and none that looks like a version.
_GROUP_VERSION = re.compile(r"([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?").fullmatch
_KIND = re.compile(r"(?!v[0-9]+((alpha|beta)[0-9]+)?$)[A-Za-z][-A-Za-z0-9]*").fullmatch
#: A class, or the apiVersion that a kind goes with.
TypeName = type[Resource] | str


class Catalog:
    """The types that one client has heard of."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.discovery: Discovery = Discovery(caller)
        # What a class or a registration has said.
        self._known: dict[GroupVersionKind, ResourceType] = {}
        # Types that functions of the user's own serve, each behind a transport of its own.
        self._registered: dict[GroupVersionKind, InProcessTransport] = {}
        self._callers: dict[GroupVersionKind, Caller] = {}

    def find(self, type_: TypeName, kind: str | None) -> ResourceType:
        """The type; its plural and scope are guessed where only discovery can know them. Raises InvalidObject."""
        if not isinstance(type_, str):
            own = _own_type(type_)
            self._known[own.gvk] = own
            return own
        if not kind:
            raise InvalidObject(f"{type_}: give the kind as well, as in cached('apps/v1', 'Deployment')")
        gvk = _parsed(type_, kind)
        return self._certain(gvk) or self.discovery.known(gvk) or ResourceType(*gvk, default_plural(kind))

    def _certain(self, gvk: GroupVersionKind) -> ResourceType | None:
        """The type, where that does not depend on which CRDs there are now."""
        return self._known.get(gvk) or _built_in(gvk)

    def namespaced(self, resource_type: ResourceType) -> bool:
        """Whether the type is namespaced, as far as is known by now."""
        gvk = resource_type.gvk
        return (self._known.get(gvk) or self.discovery.known(gvk) or resource_type).namespaced

    def guessed(self, resource_type: ResourceType) -> bool:
        """Whether only discovery knows the type's plural and scope."""
        return self._certain(resource_type.gvk) is None

    def resolver(self, resource_type: ResourceType) -> Guess | None:
        """A question to discovery, for a type whose plural and scope are only guessed."""
        return Guess(self.discovery, resource_type.gvk) if self.guessed(resource_type) else None

    async def serves(self, resource_type: ResourceType) -> bool:
        """Whether the type is served now, as discovery says. Raises ApiError, TransportError."""
        return await self.discovery.serves(resource_type, guessed=self.guessed(resource_type))

    def forget(self, group: str) -> None:
        """The CRDs of a group have changed: what discovery said of it is asked again."""
        self.discovery.forget(group)

    def register(self, resource_type: ResourceType, server: FunctionServer[Any]) -> None:
        """Have a type served by functions."""
        gvk = resource_type.gvk
        transport = InProcessTransport(server, cluster=f"functions of {gvk}")
        self._known[gvk] = resource_type
        self._registered[gvk] = transport
        self._callers[gvk] = Caller(transport)

    def registered(self, resource_type: ResourceType) -> bool:
        """Whether functions of the user's own serve the type."""
        return resource_type.gvk in self._registered

    def transport(self, resource_type: ResourceType) -> Transport:
        """The way to whoever serves the type."""
        return self._registered.get(resource_type.gvk, self._caller.transport)

    def caller(self, resource_type: ResourceType) -> Caller:
        """As `transport`, with retries."""
        return self._callers.get(resource_type.gvk, self._caller)

    async def close(self) -> None:
        """Cut what registered types have open; idempotent."""
        for transport in self._registered.values():
            await transport.close()


def _own_type(type_: Any) -> ResourceType:
    """The type that a class stands for. Raises InvalidObject for what is no class of objects."""
    how = "give a class, as in cached(Pod), or apiVersion and kind, as in cached('apps/v1', 'Deployment')"
    if isinstance(type_, Resource):
        raise InvalidObject(f"{type_.resource_type.kind} {type_.key} is an object, not a type: {how}")
    found = getattr(type_, "resource_type", None)
    if not isinstance(type_, type) or not isinstance(found, ResourceType):
        said = type_.__qualname__ if isinstance(type_, type) else repr(type_)
        raise InvalidObject(f"{said:.80} is no type of Kubernetes objects: {how}")
    return found


def _parsed(api_version: str, kind: str) -> GroupVersionKind:
    """From an apiVersion and a kind. Raises InvalidObject for what cannot be one, as where they stand the wrong way round."""
    if not isinstance(cast("object", kind), str) or not _GROUP_VERSION(api_version) or not _KIND(kind):
        raise InvalidObject(
            f"{api_version!r}, {kind!r}: give the apiVersion, then the kind, as in ('apps/v1', 'Deployment') or ('v1', 'Pod')"
        )
    return GroupVersionKind.parse(api_version, kind)


def _built_in(gvk: GroupVersionKind) -> ResourceType | None:
    group_version = builtin(gvk.group, gvk.version)
    if group_version is None:
        return None
    for record in group_version.resources:
        if record.kind == gvk.kind and "/" not in record.name:
            return ResourceType(*gvk, record.name, record.namespaced)
    return None


def factory(type_: TypeName, resource_type: ResourceType, origin: str) -> Callable[[bytes], Any]:
    """What makes objects of a type from their JSON; `origin` says what they lack."""
    if origin == "metadata-only":
        return partial_reader(resource_type)
    if isinstance(type_, str):
        return reader(resource_type)
    if origin == "read":
        return type_.from_bytes
    return lambda data: type_.from_bytes(data, origin=origin)


def parser(type_: TypeName, resource_type: ResourceType) -> Callable[[Mapping[str, Any]], Any]:
    """What makes objects of a type from manifests."""
    if isinstance(type_, str):
        return partial(DynamicResource.from_dict, resource_type=resource_type)
    return type_.from_dict
