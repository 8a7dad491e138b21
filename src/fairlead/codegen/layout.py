"""Which definition belongs to which group and version, and so to which file and module."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.codegen.openapi import Definitions

__all__ = ["META", "Home", "homes", "package"]

_GVK = "x-kubernetes-group-version-kind"


@dataclass(frozen=True, order=True)
class Home:
    """A group and version as a place in the package."""

    group: str
    version: str

    @property
    def label(self) -> str:
        """The first label of the group: `rbac` of `rbac.authorization.k8s.io`; `core` of the empty one."""
        return self.group.partition(".")[0] or "core"

    @property
    def api_version(self) -> str:
        """As objects write it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def file(self) -> str:
        """The schema file's name."""
        return f"{self.label}.{self.version}.json"

    @property
    def module(self) -> str:
        """The Python module with the classes."""
        return "fairlead.machinery.meta" if self == META else f"fairlead.models.{self.label}.{self.version}"


META = Home("meta.k8s.io", "v1")


def package(definition: str) -> str:
    """`io.k8s.api.core.v1` of `io.k8s.api.core.v1.Pod`."""
    return definition.rpartition(".")[0]


def homes(definitions: Definitions) -> dict[str, Home]:
    """Package → group and version. Raises ValueError for a package whose kinds are of several."""
    found: dict[str, Home] = {}
    for name, schema in definitions.items():
        where = package(name)
        if where.startswith("io.k8s.apimachinery."):
            found[where] = META
            continue
        for kind in schema.get(_GVK, ()):
            home = Home(kind["group"], kind["version"])
            if found.setdefault(where, home) != home:
                raise ValueError(f"{where} holds kinds of {found[where]} and {home}")
    missing = {package(name) for name in definitions} - set(found)
    if missing:
        raise ValueError(f"no kind says the group and version of {sorted(missing)}")
    return dict(sorted(found.items()))
