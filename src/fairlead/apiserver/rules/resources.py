"""What is wrong with requests and limits.

https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import forbidden, invalid, named, not_supported, required
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import qualified_name

__all__ = [
    "QUOTA",
    "amounts",
    "container_resource",
    "overcommits",
    "pod_resource",
    "quota_resource",
    "requirements",
    "resource_name",
]

_COMPUTE = frozenset({"cpu", "memory", "ephemeral-storage"})
_STANDARD = _COMPUTE | {
    "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets",
    "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports",
    "services.loadbalancers",
}  # fmt: skip
#: Amounts that come in whole units only.
_WHOLE = frozenset(
    {
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    }
)  # fmt: skip
#: What quotas know beside what has a domain.
QUOTA = frozenset(
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
        "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
        "services.nodeports", "services.loadbalancers",
    }
)  # fmt: skip
_POD_LEVEL = ("cpu", "hugepages-", "memory")
_HUGE = "hugepages-"


def _is_huge(name: str) -> bool:
    return name.startswith(_HUGE)


def _is_native(name: str) -> bool:
    return "/" not in name or name.partition("/")[0].endswith("kubernetes.io")


def overcommits(name: str) -> bool:
    """Whether more of it may be limited than requested."""
    return _is_native(name) and not _is_huge(name)


def resource_name(name: str, path: str) -> Iterator[Cause]:
    """A resource: a standard one, or one with a domain."""
    found = list(named(qualified_name, name, path))
    yield from found
    if not found and "/" not in name and name not in _STANDARD and not _is_huge(name):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def container_resource(name: str, path: str) -> Iterator[Cause]:
    """A resource that containers can ask for."""
    yield from resource_name(name, path)
    if "/" not in name:
        if name not in _COMPUTE and not _is_huge(name):
            yield invalid(path, name, "must be a standard resource for containers")
    elif not _is_native(name) and (name.startswith("requests.") or qualified_name(f"requests.{name}")):
        yield invalid(path, name, "doesn't follow extended resource name standard")


def quota_resource(name: str, path: str) -> Iterator[Cause]:
    """A resource that a namespace can have a quota of."""
    yield from resource_name(name, path)
    if "/" not in name and name not in QUOTA and not name.startswith(("hugepages-", "requests.hugepages-")):
        yield invalid(path, name, "must be a standard resource for quota")


def pod_resource(name: str, path: str) -> Iterator[Cause]:
    """A resource that a pod as a whole can ask for."""
    found = list(resource_name(name, path))
    yield from found
    if not found and name not in _POD_LEVEL and not _is_huge(name):
        yield not_supported(path, name, _POD_LEVEL)


def amounts(name: str, value: Any, path: str) -> Iterator[Cause]:
    """An amount of a resource."""
    amount = quantity.parse(value)
    if amount < 0:
        yield invalid(path, quantity.canonical(value), "must be greater than or equal to 0")
    if (name in _WHOLE or not _is_native(name)) and amount != amount.to_integral_value():
        yield invalid(path, quantity.canonical(value), "must be an integer")


def requirements(
    found: Document, path: str, rule: Callable[[str, str], Iterator[Cause]] = container_resource
) -> Iterator[Cause]:
    """The `resources` of a container or, with another rule, of a pod."""
    limits, requests = part(found, "limits"), part(found, "requests")
    for name, value in limits.items():
        yield from _one(name, value, f"{path}.limits[{name}]", rule)
    for name, value in requests.items():
        yield from rule(name, f"{path}.requests[{name}]")
        yield from amounts(name, value, f"{path}.requests[{name}]")
        yield from _against_limit(name, value, limits, path)
        yield from _huge(name, value, f"{path}.requests[{name}]")
    names = {*limits, *requests}
    if any(map(_is_huge, names)) and not names & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory")


def _one(name: str, value: Any, path: str, rule: Callable[[str, str], Iterator[Cause]]) -> Iterator[Cause]:
    yield from rule(name, path)
    yield from amounts(name, value, path)
    yield from _huge(name, value, path)


def _against_limit(name: str, value: Any, limits: Document, path: str) -> Iterator[Cause]:
    limit = limits.get(name)
    if limit is None:
        if not overcommits(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        return
    wanted, most = quantity.parse(value), quantity.parse(limit)
    shown, told = quantity.canonical(value), quantity.canonical(limit)
    if wanted != most and not overcommits(name):
        yield invalid(f"{path}.requests", shown, f"must be equal to {name} limit of {told}")
    elif wanted > most:
        yield invalid(f"{path}.requests", shown, f"must be less than or equal to {name} limit of {told}")


def _huge(name: str, value: Any, path: str) -> Iterator[Cause]:
    if not _is_huge(name):
        return
    shown = quantity.canonical(value)
    try:
        size = quantity.parse(name.removeprefix(_HUGE))
    except quantity.QuantityError:
        return
    if size <= 0 or quantity.parse(value) % size:
        yield invalid(path, shown, f"{shown} is not positive integer multiple of {name}")
