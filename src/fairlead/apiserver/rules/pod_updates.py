"""What may not change in a pod once it is made.

https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    MAX_INT32,
    children,
    forbidden,
    in_range,
    invalid,
    no_spaces,
    required,
    sorted_map,
)
from fairlead.apiserver.rules.printed import difference, internal
from fairlead.machinery.causes import Cause

__all__ = ["pod_changes"]

_FROZEN = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def pod_changes(spec: Document, old: Document) -> Iterator[Cause]:
    """What is wrong with a change of a pod's spec."""
    for name in ("containers", "initContainers"):
        if len(parts(spec, name)) != len(parts(old, name)):
            yield forbidden(f"spec.{name}", "pod updates may not add or remove containers")
            return
        yield from _images(spec, name)
    wanted, present = spec.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds")
    faults = list(in_range(wanted, 0, MAX_INT32, "spec.activeDeadlineSeconds"))
    if wanted is not None and present is not None and present < wanted and not faults:
        faults.append(invalid("spec.activeDeadlineSeconds", wanted, "must be less than or equal to previous value"))
    if faults:
        yield from faults
        return
    if wanted is None and present is not None:
        text = "must not update from a positive integer to nil value"
        yield invalid("spec.activeDeadlineSeconds", None, text)
    yield from _tolerations_kept(spec, old)
    yield from _gates_kept(spec, old)
    changed = _munged(spec, old)
    if parts(old, "schedulingGates"):
        # A pod that waits at a gate may be narrowed in where it runs.
        yield from _node_choice(changed, old)
    if changed != old:
        yield forbidden("spec", f"{_FROZEN}\n{difference('core.PodSpec', old, changed)}")


def _images(spec: Document, name: str) -> Iterator[Cause]:
    for at, container in children(spec, "spec", name):
        if not container.get("image"):
            yield required(f"{at}.image")
        yield from no_spaces(container.get("image"), f"{at}.image")


def _tolerations_kept(spec: Document, old: Document) -> Iterator[Cause]:
    def bare(toleration: Document) -> Document:
        return {name: value for name, value in toleration.items() if name != "tolerationSeconds"}

    present = [bare(toleration) for toleration in parts(spec, "tolerations")]
    if any(bare(toleration) not in present for toleration in parts(old, "tolerations")):
        text = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden("spec.tolerations", text)


def _gates_kept(spec: Document, old: Document) -> Iterator[Cause]:
    known = {gate.get("name") for gate in parts(old, "schedulingGates")}
    for at, gate in children(spec, "spec", "schedulingGates"):
        if gate.get("name") not in known:
            text = f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'"
            yield forbidden(f"{at}.name", text)


def _munged(spec: Document, old: Document) -> Document:
    """The spec with what any pod may change set back to what it was."""
    left: dict[str, Any] = copy.deepcopy(spec)
    for name in ("containers", "initContainers"):
        for container, before in zip(parts(left, name), parts(old, name), strict=False):
            container["image"] = before.get("image")
    for name in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        _put(left, name, old.get(name))
    grace = old.get("terminationGracePeriodSeconds")
    if isinstance(grace, int) and grace < 0 and left.get("terminationGracePeriodSeconds") == 1:
        left["terminationGracePeriodSeconds"] = grace
    return left


def _put(holder: Document, name: str, value: Any) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


def _node_choice(changed: Document, old: Document) -> Iterator[Cause]:
    """Whether nodes are chosen more narrowly only; the choice is set back to what it was."""
    wanted, before = part(changed, "nodeSelector"), part(old, "nodeSelector")
    if not before.items() <= wanted.items():
        text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        yield invalid("spec.nodeSelector", sorted_map(wanted), text)
    _put(changed, "nodeSelector", old.get("nodeSelector"))
    affinity, present = part(changed, "affinity", "nodeAffinity"), part(old, "affinity", "nodeAffinity")
    if affinity == present:
        return
    yield from _affinity(
        parts(affinity, _REQUIRED, "nodeSelectorTerms"), parts(present, _REQUIRED, "nodeSelectorTerms")
    )
    if changed.get("affinity") is None:
        changed["affinity"] = {}
    _put(part(changed, "affinity"), "nodeAffinity", part(old, "affinity").get("nodeAffinity"))
    if old.get("affinity") is None and not part(changed, "affinity"):
        del changed["affinity"]


def _affinity(terms: Sequence[Document], before: Sequence[Document]) -> Iterator[Cause]:
    path = f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
    shown = [internal("core.NodeSelectorTerm", term) for term in terms]
    if before and len(before) != len(terms):
        text = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        yield invalid(path, shown or None, text)
        return
    for index, present in enumerate(before):
        if not _only_added(terms[index], present):
            yield invalid(f"{path}[{index}]", shown[index], "only additions are allowed (no mutations or deletions)")


def _only_added(term: Document, before: Document) -> bool:
    kinds = ("matchExpressions", "matchFields")
    if not any(parts(before, kind) for kind in kinds):
        return not any(parts(term, kind) for kind in kinds)
    return all(parts(term, kind)[: len(parts(before, kind))] == parts(before, kind) for kind in kinds)
