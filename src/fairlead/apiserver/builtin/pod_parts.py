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
_KINDS = ("containers", "initContainers")
_MIRROR = "kubernetes.io/config.mirror"


def resized(new: Document, old: Document) -> Document:
    """The old spec with the new resources of its containers; what is no resize at all is left for the rules to refuse."""
    wanted, before = part(new, "spec"), part(old, "spec")
    if any(len(parts(wanted, kind)) != len(parts(before, kind)) for kind in _KINDS):
        return wanted
    spec = copy.deepcopy(before)
    for kind in _KINDS:
        pairs = list(zip(parts(spec, kind), parts(wanted, kind), strict=True))
        if any(container.get("name") != found.get("name") for container, found in pairs):
            spec[kind] = wanted[kind]
            continue
        for container, found in pairs:
            for name in ("resources", "resizePolicy"):
                _take(container, found, name)
    if part(wanted, "resources"):
        spec["resources"] = copy.deepcopy(part(wanted, "resources"))
        pod_defaults.whole_pod(spec, part(spec, "resources"))
    return spec


def _take(into: Document, source: Document, name: str) -> None:
    into.pop(name, None)
    if name in source:
        into[name] = source[name]


def resize_rules(new: Document, old: Document | None) -> Iterator[Cause]:
    """What is wrong with a pod after a resize."""
    spec, before = part(new, "spec"), part(old, "spec")
    unfit = _never_resized(old)
    if unfit:
        yield forbidden("[]", unfit)
        return
    yield from pod_spec(spec, "spec", part(new, "metadata").get("name") or "", is_pod=True)
    quality = part(old, "status").get("qosClass") or pod_defaults.quality(before)
    if pod_defaults.quality(spec) != quality:
        yield invalid(
            "spec", part(new, "status").get("qosClass") or "", "Pod QOS Class may not change as a result of resizing"
        )
    if not _supported(old):
        yield forbidden("spec", "Pod running on node without support for resize")
    yield from _whole_resized(part(spec, "resources"), part(before, "resources"))
    reordered = list(_reordered(spec, before))
    yield from reordered or _containers_resized(spec, before)


def _never_resized(pod: Document | None) -> str:
    if _MIRROR in part(pod, "metadata", "annotations"):
        return "static pods cannot be resized"
    return "windows pods cannot be resized" if part(pod, "spec", "os").get("name") == "windows" else ""


def _reordered(spec: Document, before: Document) -> Iterator[Cause]:
    for kind in _KINDS:
        found, present = parts(spec, kind), parts(before, kind)
        if len(found) != len(present):
            yield forbidden(f"spec.{kind}", f"{kind} may not be added or removed on resize")
            continue
        for index, (one, other) in enumerate(zip(found, present, strict=True)):
            if one.get("name") != other.get("name"):
                text = f"{kind} may not be renamed or reordered on resize"
                yield forbidden(f"spec.{kind}[{index}].name", text)


def _containers_resized(spec: Document, before: Document) -> Iterator[Cause]:
    for kind in reversed(_KINDS):
        for index, (one, other) in enumerate(zip(parts(spec, kind), parts(before, kind), strict=True)):
            at = f"spec.{kind}[{index}].resources"
            yield from _removed(part(one, "resources"), part(other, "resources"), at, "resource")
    for one, other in zip(parts(spec, "containers"), parts(before, "containers"), strict=True):
        if _fixed(one) != _fixed(other):
            yield forbidden("spec", "only cpu and memory resources are mutable")
    for index, (one, other) in enumerate(
        zip(parts(spec, "initContainers"), parts(before, "initContainers"), strict=True)
    ):
        if _fixed(one) != _fixed(other):
            text = "only cpu and memory resources for init or sidecar containers are mutable"
            yield forbidden(f"spec.initContainers[{index}]", text)
        restarts = any(policy.get("restartPolicy") == "RestartContainer" for policy in parts(one, "resizePolicy"))
        if restarts and one != other and other.get("restartPolicy") != "Always":
            text = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"
            yield forbidden(f"spec.initContainers[{index}]", text)


def _whole_resized(whole: Document, before: Document) -> Iterator[Cause]:
    yield from _removed(whole, before, "spec.resources", "pod-level resource")
    if _fixed({"resources": whole}) != _fixed({"resources": before}):
        yield forbidden("spec", "only cpu and memory resources are mutable at pod-level")


def _supported(pod: Document | None) -> bool:
    """Whether the pod's node has told its containers' resources, which only nodes that can resize do."""
    statuses = parts(pod, "status", "containerStatuses")
    running = [status for status in statuses if "running" in part(status, "state")]
    return not running or running[0].get("resources") is not None


def _fixed(container: Document) -> Document:
    """The container without what may be resized."""
    left = copy.deepcopy(container)
    for kind in ("limits", "requests"):
        amounts = part(left, "resources", kind)
        for name in _RESIZABLE:
            amounts.pop(name, None)
        if not amounts:
            part(left, "resources").pop(kind, None)
    return left


def _removed(resources: Document, before: Document, path: str, noun: str) -> Iterator[Cause]:
    for kind in ("requests", "limits"):
        if any(name not in part(resources, kind) for name in part(before, kind)):
            yield forbidden(f"{path}.{kind}", f"{noun} {kind} cannot be removed")


def with_ephemeral(new: Document, old: Document) -> Document:
    """The old spec with the new ephemeral containers."""
    spec = {name: value for name, value in part(old, "spec").items() if name != "ephemeralContainers"}
    found = parts(new, "spec", "ephemeralContainers")
    return {**spec, "ephemeralContainers": found} if found else spec


def ephemeral_rules(new: Document, old: Document | None) -> Iterator[Cause]:
    """What is wrong with a pod after ephemeral containers were added."""
    if _MIRROR in part(old, "metadata", "annotations"):
        yield forbidden("[]", "static pods do not support ephemeral containers")
        return
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
