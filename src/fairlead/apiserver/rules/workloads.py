"""What is wrong with the workloads of the apps group and ReplicationControllers, and what may not change in them.

https://kubernetes.io/docs/concepts/workloads/controllers/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    children,
    forbidden,
    immutable,
    invalid,
    named,
    not_supported,
    not_supported_as,
    percent_or_number,
    required,
    selector,
    sorted_map,
    sorted_selector,
    unsigned,
)
from fairlead.apiserver.rules.pods import pod_template
from fairlead.apiserver.rules.printed import internal
from fairlead.apiserver.rules.storage import claim_spec
from fairlead.errors import InvalidSelector
from fairlead.machinery.causes import Cause
from fairlead.machinery.selectors import LabelSelector
from fairlead.machinery.validation import dns1123_label

__all__ = [
    "controller_revision",
    "daemon_set",
    "deployment",
    "pod_template_object",
    "replica_set",
    "replication_controller",
    "selects",
    "stateful_set",
    "status_counts",
]

_ABOVE = "cannot be greater than status.replicas"
_MISMATCH = "`selector` does not match template `labels`"
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_PERCENT = re.compile(r"[0-9]+%")


def selects(found: Document | None, labels: Document) -> bool:
    """Whether a selector, which must be readable, matches these labels."""
    try:
        return found is not None and LabelSelector.from_meta(found).matches(labels)
    except InvalidSelector:
        return False


def _readable(found: Document | None) -> bool:
    try:
        LabelSelector.from_meta(found or {})
    except InvalidSelector:
        return False
    return True


def _selector(spec: Document, noun: str) -> Iterator[Cause]:
    found = spec.get("selector")
    if found is None:
        yield required("spec.selector")
        return
    yield from selector(found, "spec.selector")
    if not found.get("matchLabels") and not found.get("matchExpressions"):
        yield invalid("spec.selector", found, f"empty selector is invalid for {noun}")


def _same_selector(spec: Document, before: Document) -> Iterator[Cause]:
    found, old = (sorted_selector(each.get("selector")) for each in (spec, before))
    yield from immutable(found, old, "spec.selector")


def _template(spec: Document, kind: str, *, matching: bool = True) -> Iterator[Cause]:
    template = part(spec, "template")
    labels = part(template, "metadata", "labels")
    if matching and not selects(spec.get("selector"), labels):
        yield invalid("spec.template.metadata.labels", sorted_map(labels), _MISMATCH)
    yield from pod_template(template, "spec.template")
    yield from _always(template, kind)


def _always(template: Document, kind: str) -> Iterator[Cause]:
    spec = part(template, "spec")
    if spec.get("restartPolicy") != "Always":
        yield not_supported("spec.template.spec.restartPolicy", spec.get("restartPolicy") or "", ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        text = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", text)


def _selected_template(spec: Document, kind: str) -> Iterator[Cause]:
    if not _readable(spec.get("selector")):
        yield invalid("spec.selector", spec["selector"], "invalid label selector")
        return
    # A selector that is absent or empty is told of elsewhere: nothing is compared with it here.
    found = part(spec, "selector")
    matching = spec.get("selector") is None or bool(found.get("matchLabels") or found.get("matchExpressions"))
    yield from _template(spec, kind, matching=matching)


def _percent(value: Any) -> int:
    if isinstance(value, str):
        return int(value[:-1]) if _PERCENT.fullmatch(value) else 0
    return value if isinstance(value, int) else 0


def _at_most_all(value: Any, path: str) -> Iterator[Cause]:
    if isinstance(value, str) and _percent(value) > 100:
        yield invalid(path, value, "must not be greater than 100%")


# -- the types


def deployment(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Deployment."""
    spec = part(new, "spec")
    yield from unsigned(spec.get("replicas"), "spec.replicas")
    yield from _selector(spec, "deployment")
    yield from _selected_template(spec, "ReplicaSet")
    yield from _strategy(part(spec, "strategy"), "spec.strategy")
    yield from unsigned(spec.get("minReadySeconds"), "spec.minReadySeconds")
    yield from unsigned(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    yield from unsigned(deadline, "spec.progressDeadlineSeconds")
    yield from unsigned(_rolled_back_to(new), "spec.rollback.version")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
    if old is not None:
        yield from _same_selector(spec, part(old, "spec"))


def _rolled_back_to(document: Document) -> int | None:
    """The revision in the annotation that was a field once."""
    found = part(document, "metadata", "annotations").get("deprecated.deployment.rollback.to")
    return int(found) if found and _WHOLE.fullmatch(found) else None


def _strategy(strategy: Document, path: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden(f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
        return
    if kind != "RollingUpdate":
        yield not_supported_as(path, _shown("apps.DeploymentStrategy", strategy), ("Recreate", "RollingUpdate"))
        return
    unavailable, surge = part(rolling).get("maxUnavailable"), part(rolling).get("maxSurge")
    at = f"{path}.rollingUpdate"
    yield from percent_or_number(unavailable, f"{at}.maxUnavailable")
    yield from percent_or_number(surge, f"{at}.maxSurge")
    if not _percent(unavailable) and not _percent(surge):
        yield invalid(f"{at}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
    yield from _at_most_all(unavailable, f"{at}.maxUnavailable")


def _shown(struct: str, value: Document) -> str:
    return json.dumps(internal(struct, value), separators=(",", ":"), ensure_ascii=False)


def replica_set(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ReplicaSet."""
    spec = part(new, "spec")
    yield from unsigned(spec.get("replicas"), "spec.replicas")
    yield from unsigned(spec.get("minReadySeconds"), "spec.minReadySeconds")
    # The server says deployment here too.
    yield from _selector(spec, "deployment")
    yield from _selected_template(spec, "ReplicaSet")
    if old is not None:
        yield from _same_selector(spec, part(old, "spec"))


def daemon_set(new: Document, old: Document | None) -> Iterator[Cause]:
    """A DaemonSet."""
    spec = part(new, "spec")
    if old is not None:
        yield from _same_selector(spec, part(old, "spec"))
    found = spec.get("selector")
    yield from selector(found, "spec.selector")
    labels = part(spec, "template", "metadata", "labels")
    empty = found is not None and not found.get("matchLabels") and not found.get("matchExpressions")
    if _readable(found) and not empty and not selects(found, labels):
        yield invalid("spec.template.metadata.labels", sorted_map(labels), _MISMATCH)
    if empty:
        yield invalid("spec.selector", found, "empty selector is invalid for daemonset")
    yield from _template(spec, "DaemonSet", matching=False)
    yield from unsigned(spec.get("minReadySeconds"), "spec.minReadySeconds")
    yield from _daemon_strategy(part(spec, "updateStrategy"), "spec.updateStrategy")
    yield from unsigned(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit")


def _daemon_strategy(strategy: Document, path: str) -> Iterator[Cause]:
    kind = strategy.get("type")
    if kind == "OnDelete":
        return
    if kind != "RollingUpdate":
        yield not_supported_as(path, _shown("apps.DaemonSetUpdateStrategy", strategy), ("RollingUpdate", "OnDelete"))
        return
    rolling, at = part(strategy, "rollingUpdate"), f"{path}.rollingUpdate"
    for name in ("maxUnavailable", "maxSurge"):
        yield from percent_or_number(rolling.get(name), f"{at}.{name}")
    for name in ("maxUnavailable", "maxSurge"):
        yield from _at_most_all(rolling.get(name), f"{at}.{name}")
    unavailable, surge = _percent(rolling.get("maxUnavailable")), _percent(rolling.get("maxSurge"))
    if unavailable and surge:
        text = "may not be set when maxUnavailable is non-zero"
        yield invalid(f"{at}.maxSurge", rolling.get("maxSurge"), text)
    elif not unavailable and not surge:
        yield required(f"{at}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def stateful_set(new: Document, old: Document | None) -> Iterator[Cause]:
    """A StatefulSet."""
    spec = part(new, "spec")
    if spec.get("podManagementPolicy") not in {"OrderedReady", "Parallel"}:
        text = "must be 'OrderedReady' or 'Parallel'"
        yield invalid("spec.podManagementPolicy", spec.get("podManagementPolicy") or "", text)
    yield from _stateful_strategy(part(spec, "updateStrategy"), "spec.updateStrategy")
    retention = part(spec, "persistentVolumeClaimRetentionPolicy")
    for name in ("whenDeleted", "whenScaled"):
        if retention.get(name) not in {"Retain", "Delete"}:
            at = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
            yield not_supported(at, retention.get(name) or "", ("Retain", "Delete"))
    for at, claim in children(spec, "spec", "volumeClaimTemplates"):
        yield from claim_spec(part(claim, "spec"), f"{at}.spec")
    yield from unsigned(spec.get("replicas"), "spec.replicas")
    yield from unsigned(spec.get("minReadySeconds"), "spec.minReadySeconds")
    yield from unsigned(part(spec, "ordinals").get("start"), "spec.ordinals.start")
    if spec.get("serviceName"):
        yield from named(dns1123_label, spec["serviceName"], "spec.serviceName")
    yield from _selector(spec, "statefulset")
    yield from _stateful_template(spec)
    if old is not None:
        before = part(old, "spec")
        yield from _same_selector(spec, before)
        if parts(spec, "volumeClaimTemplates") != parts(before, "volumeClaimTemplates"):
            claims = [internal("core.PersistentVolumeClaim", each) for each in parts(spec, "volumeClaimTemplates")]
            yield invalid("spec.volumeClaimTemplates", claims or None, IMMUTABLE)
        for name in ("serviceName", "podManagementPolicy"):
            yield from immutable(spec.get(name), before.get(name), f"spec.{name}")


def _stateful_strategy(strategy: Document, path: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        if rolling is not None:
            shown = {
                "Partition": part(rolling).get("partition") or 0,
                "MaxUnavailable": part(rolling).get("maxUnavailable"),
            }
            yield invalid(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
        return
    if kind != "RollingUpdate":
        text = "must be 'RollingUpdate' or 'OnDelete'"
        yield invalid(path, internal("apps.StatefulSetUpdateStrategy", strategy), text)
        return
    at, most = f"{path}.rollingUpdate", part(rolling).get("maxUnavailable")
    yield from unsigned(part(rolling).get("partition"), f"{at}.partition")
    if most is not None:
        yield from percent_or_number(most, f"{at}.maxUnavailable")
        if not _percent(most):
            yield invalid(f"{at}.maxUnavailable", most, "cannot be 0")
        yield from _at_most_all(most, f"{at}.maxUnavailable")


def _stateful_template(spec: Document) -> Iterator[Cause]:
    template = part(spec, "template")
    if not _readable(spec.get("selector")):
        cause = invalid("spec.selector", spec["selector"], "")
        yield cause._replace(message=cause.message.removesuffix(": "))
        yield from _always(template, "StatefulSet")
        return
    claims = {part(claim, "metadata").get("name") for claim in parts(spec, "volumeClaimTemplates")}
    own = [volume for volume in parts(template, "spec", "volumes") if volume.get("name") not in claims]
    made = [{"name": name or "", "persistentVolumeClaim": {"claimName": name or ""}} for name in claims]
    pod = {name: value for name, value in part(template, "spec").items() if name not in {"subdomain", "hostname"}}
    whole = {**template, "spec": {**pod, "volumes": [*made, *own]}}
    found = part(spec, "selector")
    matching = spec.get("selector") is None or bool(found.get("matchLabels") or found.get("matchExpressions"))
    yield from _template({**spec, "template": whole}, "StatefulSet", matching=matching)


def replication_controller(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ReplicationController."""
    del old
    spec = part(new, "spec")
    yield from unsigned(spec.get("minReadySeconds"), "spec.minReadySeconds")
    found, labels = part(spec, "selector"), part(spec, "template", "metadata", "labels")
    if not found:
        yield required("spec.selector")
    yield from unsigned(spec.get("replicas"), "spec.replicas")
    if "template" not in spec:
        yield required("spec.template")
        return
    if found and not found.items() <= labels.items():
        yield invalid("spec.template.metadata.labels", sorted_map(labels), _MISMATCH)
    yield from pod_template(part(spec, "template"), "spec.template")
    yield from _always(part(spec, "template"), "ReplicationController")


def pod_template_object(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PodTemplate."""
    del old
    yield from pod_template(part(new, "template"), "template")


def controller_revision(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ControllerRevision."""
    yield from unsigned(new.get("revision"), "revision")
    data = new.get("data")
    if old is not None:
        if data != old.get("data"):
            yield invalid("data", data, IMMUTABLE)
    elif data is None:
        yield required("data", "data is mandatory")
    elif not isinstance(data, dict):
        yield required("data", "data must be a valid JSON object")


# -- statuses


def status_counts(new: Document, names: Sequence[str], below: Sequence[str], ready: str) -> Iterator[Cause]:
    """The counts in a status: none negative, none of `below` above the replicas, and not more available than ready.

    `ready` is what the server calls the ready ones there.
    """
    status = part(new, "status")
    for name in names:
        yield from unsigned(status.get(name), f"status.{name}")
    replicas = status.get("replicas") or 0
    for name in below:
        if (status.get(name) or 0) > replicas:
            yield invalid(f"status.{name}", status.get(name) or 0, _ABOVE)
    available = status.get("availableReplicas") or 0
    if "availableReplicas" in below and available > (status.get("readyReplicas") or 0):
        yield invalid("status.availableReplicas", available, f"cannot be greater than {ready}")
