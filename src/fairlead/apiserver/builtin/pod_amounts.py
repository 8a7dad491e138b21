"""What the containers of a pod need together.

https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apiserver.documents import Document, part, parts
from fairlead.machinery import quantity

__all__ = ["Amounts", "larger", "plus", "together"]

#: By the name of a resource.
Amounts = dict[str, str]


def plus(one: Mapping[str, str], other: Mapping[str, str]) -> Amounts:
    """The sums, of what either has."""
    found = dict(one)
    for name, value in other.items():
        found[name] = quantity.total(found[name], value) if name in found else value
    return found


def larger(one: Mapping[str, str], other: Mapping[str, str]) -> Amounts:
    """The larger of each, of what either has."""
    found = dict(one)
    for name, value in other.items():
        if name not in found or quantity.parse(value) > quantity.parse(found[name]):
            found[name] = value
    return found


def together(spec: Document, kind: str) -> Amounts:
    """What the containers of a pod's spec need by the scheduler's rule; `kind` is `requests` or `limits`."""
    running: Amounts = {}
    for container in parts(spec, "containers"):
        running = plus(running, part(container, "resources", kind))
    sidecars: Amounts = {}
    starting: Amounts = {}
    for container in parts(spec, "initContainers"):
        own: Amounts = part(container, "resources", kind)
        if container.get("restartPolicy") == "Always":
            sidecars = plus(sidecars, own)
            running = plus(running, own)
            own = sidecars
        else:
            own = plus(own, sidecars)
        starting = larger(starting, own)
    return larger(running, starting)
