"""Which resource a kind is, as the server says.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fairlead.api.caller import Caller
from fairlead.errors import NotFound, Status, TransportError
from fairlead.machinery.names import GroupVersionKind, GroupVersionResource, ResourceType
from fairlead.machinery.wire import UNREADABLE, Request

__all__ = ["Discovery", "Guess"]


class _Resource(msgspec.Struct):
    name: str
    kind: str
    namespaced: bool = True


class _ResourceList(msgspec.Struct):
    resources: list[_Resource] | None = None


class _Served(NamedTuple):
    """What a server has of one group and version, without subresources."""

    plurals: frozenset[str]
    #: The first resource of each kind.
    kinds: dict[str, ResourceType]


class Discovery:
    """Answers from the server, remembered per group and version until something is missing there."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._known: dict[tuple[str, str], _Served] = {}

    async def _served(self, group: str, version: str) -> _Served:
        resources = [each for each in await self._resources(group, version) if "/" not in each.name]
        kinds = {
            each.kind: ResourceType(group, version, each.kind, each.name, each.namespaced) for each in resources[::-1]
        }
        return _Served(frozenset(each.name for each in resources), kinds)

    async def _resources(self, group: str, version: str) -> list[_Resource]:
        path = GroupVersionResource(group, version, "").prefix
        request = Request("GET", path, headers={"accept": "application/json"}, timeout=30.0)
        try:
            response = await self._caller.call(request, f"discover {path}", safe=True)
        except NotFound:
            return []
        try:
            return msgspec.json.decode(response.body, type=_ResourceList).resources or []
        except UNREADABLE as error:
            raise TransportError(f"discover {path}: the answer is not what an API server gives: {error}") from error

    async def find(self, gvk: GroupVersionKind) -> ResourceType:
        """The resource of a kind. Raises NotFound naming the kinds there are."""
        group_version = gvk.group, gvk.version
        for fresh in (False, True):
            if fresh or group_version not in self._known:
                self._known[group_version] = await self._served(*group_version)
            if (found := self.known(gvk)) is not None:
                return found
        kinds = ", ".join(sorted(self._known[group_version].kinds))
        there = f"it serves {kinds}" if kinds else "it serves nothing of this group and version"
        raise NotFound(Status(code=404, reason="NotFound", message=f"the server has no {gvk}; {there}"))

    def known(self, gvk: GroupVersionKind) -> ResourceType | None:
        """The resource of a kind, as far as it is remembered."""
        served = self._known.get((gvk.group, gvk.version))
        return None if served is None else served.kinds.get(gvk.kind)

    def forget(self, group: str) -> None:
        """What is in a group may be another now: ask again when it is next wanted."""
        for each in [each for each in self._known if each[0] == group]:
            del self._known[each]

    async def serves(self, resource_type: ResourceType, *, guessed: bool = False) -> bool:
        """Whether the type is served now; by its kind, where its plural is `guessed`."""
        served = await self._served(resource_type.group, resource_type.version)
        return resource_type.kind in served.kinds if guessed else resource_type.plural in served.plurals


class Guess:
    """Asks which resource a kind is whose plural and scope are only guessed."""

    def __init__(self, discovery: Discovery, gvk: GroupVersionKind) -> None:
        self._discovery = discovery
        self._gvk = gvk

    async def __call__(self) -> ResourceType:
        """The resource, from memory if it is known. Raises ApiError, TransportError."""
        return await self._discovery.find(self._gvk)

    def forget(self) -> None:
        """It is not where it was said to be: ask again next time."""
        self._discovery.forget(self._gvk.group)
