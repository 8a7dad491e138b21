"""What is wrong with what a pod as a whole asks for.

https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.builtin.pod_amounts import together
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import forbidden, invalid
from fairlead.apiserver.rules.pod_claims import claim_names, used_claims
from fairlead.apiserver.rules.resources import pod_resource, requirements
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause

__all__ = ["pod_resources"]


def pod_resources(spec: Document, path: str) -> Iterator[Cause]:
    """The `resources` of a pod's spec, at this path."""
    if not isinstance(spec.get("resources"), dict):
        return
    if part(spec, "os").get("name") == "windows":
        yield forbidden(path, "may not be set for a windows pod")
        return
    whole = part(spec, "resources")
    if "claims" in whole:
        yield forbidden(f"{path}.claims", "claims may not be set for Resources at pod-level")
    yield from requirements(whole, path, pod_resource)
    yield from used_claims(whole, path, claim_names(spec))
    yield from _enough(spec, whole, path)


def _enough(spec: Document, whole: Document, path: str) -> Iterator[Cause]:
    """It is no less than what its containers ask for."""
    for kind in ("requests", "limits"):
        said = part(whole, kind)
        for name, amount in together(spec, kind).items():
            counts = kind == "requests" or name.startswith("hugepages-")
            if counts and name in said and quantity.parse(amount) > quantity.parse(said[name]):
                text = f"must be greater than or equal to aggregate container {kind} of {quantity.canonical(amount)}"
                yield invalid(f"{path}.{kind}[{name}]", quantity.canonical(said[name]), text)
    limits = part(whole, "limits")
    for index, container in enumerate(parts(spec, "containers")):
        for name, amount in part(container, "resources", "limits").items():
            if name in limits and quantity.parse(amount) > quantity.parse(limits[name]):
                text = f"must be less than or equal to pod limits of {quantity.canonical(limits[name])}"
                yield invalid(f"{path}.containers[{index}][{name}].limits", quantity.canonical(amount), text)
