"""What is wrong with statuses that controllers write, where a status is written alone.

https://kubernetes.io/docs/concepts/overview/working-with-objects/#object-spec-and-status
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules import device_claims
from fairlead.apiserver.rules.attachments import attachment_status
from fairlead.apiserver.rules.claim_statuses import claim_status, quota_status
from fairlead.apiserver.rules.cluster import declared_features
from fairlead.apiserver.rules.faults import (
    amount,
    children,
    duplicate,
    forbidden,
    invalid,
    items_of,
    named,
    not_supported,
    required,
    unsigned,
)
from fairlead.apiserver.rules.ip_texts import family_of, ip_text
from fairlead.apiserver.rules.job_statuses import job
from fairlead.apiserver.rules.pod_statuses import pod_status
from fairlead.apiserver.rules.signing_requests import signing_status
from fairlead.apiserver.rules.workloads import status_counts
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain, qualified_name

__all__ = ["STATUS_RULES"]

Rule = Callable[[Document, Document | None], Iterator[Cause]]

_STATES = ("False", "True", "Unknown")

_WORKLOADS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "Deployment": (
        (
            "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
            "unavailableReplicas", "terminatingReplicas", "collisionCount",
        ),
        ("updatedReplicas", "readyReplicas", "availableReplicas"),
        "readyReplicas",
    ),
    "ReplicaSet": (
        (
            "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration",
            "terminatingReplicas",
        ),
        ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        "readyReplicas",
    ),
    "ReplicationController": (
        ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"),
        ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        "readyReplicas",
    ),
    "StatefulSet": (
        (
            "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
            "observedGeneration", "collisionCount",
        ),
        ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
        "status.readyReplicas",
    ),
    "DaemonSet": (
        (
            "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
            "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
        ),
        (),
        "",
    ),
}  # fmt: skip


def _workload(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    yield from status_counts(new, *_WORKLOADS[new.get("kind", "")])


def _budget(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    for at, condition in children(part(new, "status"), "status", "conditions"):
        yield from _condition(condition, at)
    yield from status_counts(new, counts, (), "")


def _condition(condition: Document, path: str) -> Iterator[Cause]:
    kind, status = condition.get("type") or "", condition.get("status") or ""
    yield from named(qualified_name, kind, f"{path}.type")
    if status not in _STATES:
        yield not_supported(f"{path}.status", status, _STATES)
    yield from unsigned(condition.get("observedGeneration"), f"{path}.observedGeneration")
    for name in ("lastTransitionTime", "reason"):
        if not condition.get(name):
            yield required(f"{path}.{name}")


def _autoscaler(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    for name in ("currentReplicas", "desiredReplicas"):
        yield from unsigned(part(new, "status").get(name), f"status.{name}")


def _namespace(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    wanted = ("Terminating", "not ") if part(new, "metadata").get("deletionTimestamp") else ("Active", "")
    phase = part(new, "status").get("phase") or ""
    if phase != wanted[0]:
        text = f"may only be '{wanted[0]}' if `deletionTimestamp` is {wanted[1]}empty"
        yield invalid("status.Phase", phase, text)


def _service(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    ingress = items_of(part(new, "status", "loadBalancer"), "ingress")
    if ingress and part(new, "spec").get("type") != "LoadBalancer":
        yield forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")
        return
    for at, entry in _balanced(new):
        yield from _balancer_address(entry, at)
        mode = entry.get("ipMode")
        if mode and not entry.get("ip"):
            yield forbidden(f"{at}.ipMode", "may not be specified when `ip` is not set")
        elif mode and mode not in {"VIP", "Proxy"}:
            yield not_supported(f"{at}.ipMode", mode, ("Proxy", "VIP"))
        yield from _balancer_name(entry, at)


def _ingress(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    for at, entry in _balanced(new):
        yield from _balancer_address(entry, at)
        yield from _balancer_name(entry, at)


def _balanced(new: Document) -> Iterator[tuple[str, Document]]:
    return children(part(new, "status", "loadBalancer"), "status.loadBalancer", "ingress")


def _balancer_address(entry: Document, path: str) -> Iterator[Cause]:
    if entry.get("ip"):
        yield from ip_text(entry["ip"], f"{path}.ip")


def _balancer_name(entry: Document, path: str) -> Iterator[Cause]:
    name = entry.get("hostname")
    if not name:
        return
    yield from named(dns1123_subdomain, name, f"{path}.hostname")
    if family_of(name):
        yield invalid(f"{path}.hostname", name, "must be a DNS name, not an IP address")


def _node(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    status = part(new, "status")
    for holder in ("capacity", "allocatable"):
        for name, value in part(status, holder).items():
            yield from amount(value, f"status.{holder}.{name}")
    seen: list[tuple[Any, Any]] = []
    for at, address in children(status, "status", "addresses"):
        one = (address.get("type") or "", address.get("address") or "")
        if one in seen:
            yield duplicate(at, {"Type": one[0], "Address": one[1]})
        seen.append(one)
    yield from declared_features(items_of(status, "declaredFeatures"), "status.declaredFeatures")


def _policy(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    for at, warning in children(part(new, "status", "typeChecking"), "status.typeChecking", "expressionWarnings"):
        for name in ("warning", "fieldRef"):
            if not (warning.get(name) or "").strip():
                yield required(f"{at}.{name}")
    for at, condition in children(part(new, "status"), "status", "conditions"):
        yield from _condition(condition, at)


#: By group and kind.
STATUS_RULES: Mapping[tuple[str, str], Rule] = {
    **{("apps", kind): _workload for kind in _WORKLOADS},
    ("", "ReplicationController"): _workload,
    ("policy", "PodDisruptionBudget"): _budget,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("", "Namespace"): _namespace,
    ("", "Service"): _service,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("", "Pod"): pod_status,
    ("", "Node"): _node,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _policy,
    ("batch", "Job"): job,
    ("", "PersistentVolumeClaim"): claim_status,
    ("storage.k8s.io", "VolumeAttachment"): attachment_status,
    ("certificates.k8s.io", "CertificateSigningRequest"): signing_status,
    ("resource.k8s.io", "ResourceClaim"): device_claims.claim_status,
    ("", "ResourceQuota"): quota_status,
}
