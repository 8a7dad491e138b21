"""The built-in resources that cases are generated for."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.registry import Registry, ResourceInfo

__all__ = ["collection", "listable", "named"]

#: Served only with feature gates or APIs that are off by default.
_OFF = frozenset({"v1alpha1", "v1alpha2", "v1alpha3", "v1beta1", "v1beta2"})


def listable() -> Iterator[ResourceInfo]:
    """Every stable resource that can be listed and watched."""
    registry = Registry()
    for group, version in registry.builtin_group_versions:
        if version in _OFF:
            continue
        yield from (info for info in registry.resources(group, version) if {"list", "watch"} <= set(info.verbs))


def collection(info: ResourceInfo) -> str:
    """The path of a resource's objects in the case's namespace."""
    place = f"/apis/{info.type.group}/{info.type.version}" if info.type.group else f"/api/{info.type.version}"
    return f"{place}/namespaces/{{ns}}/{info.type.plural}" if info.type.namespaced else f"{place}/{info.type.plural}"


def named(info: ResourceInfo) -> str:
    """What cases call a resource."""
    return f"{info.type.plural} of {info.type.group or 'core'}/{info.type.version}"
