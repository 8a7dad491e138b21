"""How Kubernetes names things: group, version, kind, resource, and an object's key.

https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from fairlead.errors import InvalidObject

__all__ = [
    "GroupVersionKind",
    "GroupVersionResource",
    "ObjectKey",
    "ResourceType",
    "default_plural",
    "split_api_version",
]

_NO_SEGMENTS = frozenset({".", ".."})


_TYPES, _OBJECTS = "a group, version or resource", "an object or namespace"


@lru_cache(maxsize=1024)  # types and namespaces come again and again
def _segment(part: str, of_what: str) -> str:
    if part in _NO_SEGMENTS or "/" in part or "%" in part:
        raise InvalidObject(f"{part!r} cannot be the name of {of_what}: no '/', '%', '.' or '..'")
    return quote(part, safe="")


@lru_cache(maxsize=1024)
def _prefix(group: str, version: str) -> str:
    parts = ("apis", group, version) if group else ("api", version)
    return "".join(f"/{_segment(part, _TYPES)}" for part in parts)


def split_api_version(api_version: str) -> tuple[str, str]:
    """`apps/v1` → (`apps`, `v1`); `v1` → (``, `v1`)."""
    group, _, version = api_version.rpartition("/")
    return group, version


class GroupVersionKind(NamedTuple):
    """A type of object: group (empty for core), version and kind."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """What stands in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @classmethod
    def parse(cls, api_version: str, kind: str) -> GroupVersionKind:
        """From an object's `apiVersion` and `kind`."""
        return cls(*split_api_version(api_version), kind)

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


class GroupVersionResource(NamedTuple):
    """A type as it stands in URLs: group (empty for core), version and plural resource name."""

    group: str
    version: str
    resource: str

    @property
    def api_version(self) -> str:
        """Group and version as in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def prefix(self) -> str:
        """The path below which the group version is served: `/api/v1` or `/apis/GROUP/VERSION`.

        Raises InvalidObject for what is no segment of a path, as an apiVersion from an object's reference may be.
        """
        return _prefix(self.group, self.version)

    def __str__(self) -> str:
        return f"{self.resource}.{self.version}.{self.group}" if self.group else f"{self.resource}.{self.version}"


class ObjectKey(NamedTuple):
    """An object's name within its type. `namespace` is empty for cluster-scoped types."""

    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def default_plural(kind: str) -> str:
    """The usual plural of a kind, lower case: `Policy` → `policies`, `Ingress` → `ingresses`, `Pod` → `pods`."""
    name = kind.lower()
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of object together with how it stands in URLs; what clients need to know to send a request."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    #: The type by its kind; made once, as every view, informer and write asks for it.
    gvk: GroupVersionKind = field(init=False, repr=False, compare=False)
    #: What stands in an object's `apiVersion`; made once too.
    api_version: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gvk", GroupVersionKind(self.group, self.version, self.kind))
        object.__setattr__(self, "api_version", f"{self.group}/{self.version}" if self.group else self.version)

    @property
    def gvr(self) -> GroupVersionResource:
        """The type by its resource."""
        return GroupVersionResource(self.group, self.version, self.plural)

    @property
    def crd_name(self) -> str:
        """The name that the type's CustomResourceDefinition has, if it is a custom one."""
        return f"{self.plural}.{self.group}"

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of an object in it, or of its subresource; each part percent-encoded.

        Raises InvalidObject for what is no segment of a path: it would lead to something else.
        https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
        """
        path, plural = _prefix(self.group, self.version), _segment(self.plural, _TYPES)
        path = f"{path}/namespaces/{_segment(namespace, _OBJECTS)}/{plural}" if namespace else f"{path}/{plural}"
        if name:
            path = f"{path}/{_segment(name, _OBJECTS)}"
        parts = [_segment(part, _OBJECTS) for part in subresource.split("/") if part] if subresource else ()
        return "/".join([path, *parts]) if parts else path

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}/{self.version}" if self.group else f"{self.plural}/{self.version}"
