"""What the `resize` and `ephemeralcontainers` subresources of pods take of what is sent, and what is wrong with it.

https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ and
https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from fairlead.apiserver.builtin import pod_defaults
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import forbidden, invalid
from fairlead.apiserver.rules.pods import pod_spec
from fairlead.apiserver.rules.printed import difference
from fairlead.machinery.causes import Cause

__all__ = ["ephemeral_rules", "resize_rules", "resized", "with_ephemeral"]

_RESIZABLE = ("cpu", "memory")


def resized(new: Document, old: Document) -> Document:
    """The old spec with the new resources of its containers."""
    spec = copy.deepcopy(part(old, "spec"))
    for field in ("containers", "initContainers"):
        wanted = {str(container.get("name")): container for container in parts(new, "spec", field)}
        for container in parts(spec, field):
            found = wanted.get(str(container.get("name")))
            for name in ("resources", "resizePolicy") if found is not None else ():
                container.pop(name, None)
                if name in part(wanted, container["name"]):
                    container[name] = part(wanted, container["name"])[name]
    if "resources" in part(new, "spec"):
        spec["resources"] = part(new, "spec")["resources"]
    return spec


def resize_rules(new: Document, old: Document | None) -> Iterator[Cause]:
    """What is wrong with a pod after a resize."""
    spec, before = part(new, "spec"), part(old, "spec")
    yield from pod_spec(spec, "spec", part(new, "metadata").get("name") or "", is_pod=True)
    quality = pod_defaults.quality(spec)
    present = part(old, "status").get("qosClass") or pod_defaults.quality(before)
    if quality != present:
        yield invalid("spec", present, "Pod QOS Class may not change as a result of resizing")
    if not _supported(old):
        yield forbidden("spec", "Pod running on node without support for resize")
    if _fixed(spec) != _fixed(before):
        text = "only cpu and memory resources are mutable"
        yield forbidden("spec", f"{text}\n{difference('core.PodSpec', before, spec)}")
    for index, container in enumerate(parts(spec, "containers")):
        yield from _removed(container, parts(before, "containers")[index], f"spec.containers[{index}].resources")


def _supported(pod: Document | None) -> bool:
    """Whether the pod's node has told its containers' resources, which only nodes that can resize do."""
    if part(pod, "status").get("phase") != "Running":
        return True
    statuses = parts(pod, "status", "containerStatuses")
    return all(status.get("resources") is not None for status in statuses if "running" in part(status, "state"))


def _fixed(spec: Document) -> Document:
    left = copy.deepcopy(spec)
    for field in ("containers", "initContainers"):
        for container in parts(left, field):
            container.pop("resizePolicy", None)
            for kind in ("limits", "requests"):
                amounts = part(container, "resources", kind)
                for name in _RESIZABLE:
                    amounts.pop(name, None)
                if not amounts:
                    part(container, "resources").pop(kind, None)
    left.pop("resources", None)
    return left


def _removed(container: Document, before: Document, path: str) -> Iterator[Cause]:
    for kind in ("limits", "requests"):
        present, wanted = part(before, "resources", kind), part(container, "resources", kind)
        if any(name in present and name not in wanted for name in _RESIZABLE):
            yield forbidden(f"{path}.{kind}", f"resource {kind} cannot be removed")


def with_ephemeral(new: Document, old: Document) -> Document:
    """The old spec with the new ephemeral containers."""
    spec = {name: value for name, value in part(old, "spec").items() if name != "ephemeralContainers"}
    found = parts(new, "spec", "ephemeralContainers")
    return {**spec, "ephemeralContainers": found} if found else spec


def ephemeral_rules(new: Document, old: Document | None) -> Iterator[Cause]:
    """What is wrong with a pod after ephemeral containers were added."""
    yield from pod_spec(part(new, "spec"), "spec", part(new, "metadata").get("name") or "", is_pod=True)
    wanted = {container.get("name"): container for container in parts(new, "spec", "ephemeralContainers")}
    for container in parts(old, "spec", "ephemeralContainers"):
        name = container.get("name")
        said = f'existing ephemeral containers "{name}" may not be'
        if name not in wanted:
            yield forbidden("spec.ephemeralContainers", f"{said} removed\n")
        elif wanted[name] != container:
            changed = difference("core.EphemeralContainer", container, wanted[name])
            yield forbidden("spec.ephemeralContainers", f"{said} changed\n{changed}")
