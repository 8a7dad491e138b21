"""What the server sets itself in objects of built-in types, and what a write silently keeps as it was.

Each function is named after the kind and works in place on an object of it, once its defaults are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.apiserver import addresses
from fairlead.apiserver.access.who import present_user
from fairlead.apiserver.builtin import pod_defaults
from fairlead.apiserver.builtin.defaults import TEMPLATE_GENERATION, spec_of
from fairlead.apiserver.builtin.pod_defaults import fill
from fairlead.apiserver.builtin.unkept import drop_unkept
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.batch import job_labels
from fairlead.apiserver.rules.definitions import stored_versions

__all__ = ["date_conditions", "prepare", "prepare_status", "prepare_update"]


def prepare(document: Document) -> None:
    """What the server sets in a new object of a built-in type once its defaults are there."""
    drop_unkept(document)
    found = _PREPARED.get((document.get("apiVersion", ""), document.get("kind", "")))
    if found is not None:
        found(document)


def _prepare_namespace(document: Document) -> None:
    document["status"] = {"phase": "Active"}
    finalizers = spec_of(document).setdefault("finalizers", [])
    if "kubernetes" not in finalizers:
        finalizers.append("kubernetes")


def _sources(spec: Document, before: Document | None = None) -> None:
    """Where a claim's content comes from is said in two fields. What the older one cannot say is dropped from it.

    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#data-source-references
    """
    if part(spec, "dataSourceRef").get("namespace") and not (before or {}).get("dataSourceRef"):
        del spec["dataSourceRef"]  # across namespaces only with a feature gate
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    said = {(before or {}).get(name) is not None for name in ("dataSource", "dataSourceRef")}
    old = (part(spec, "dataSource").get("apiGroup") or "", part(spec, "dataSource").get("kind")) in _OLD_SOURCES
    if source is not None and reference is None and not old and True not in said:
        del spec["dataSource"]
    elif source is not None and reference is None:
        spec["dataSourceRef"] = dict(source)
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = {name: item for name, item in reference.items() if name != "namespace"}


_OLD_SOURCES = frozenset({("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")})


def _prepare_claim(document: Document) -> None:
    _sources(spec_of(document))
    document["status"] = {"phase": "Pending"}


def _prepare_volume(document: Document) -> None:
    document["status"] = {"phase": "Pending", "lastPhaseTransitionTime": document["metadata"]["creationTimestamp"]}


def _prepare_service(document: Document) -> None:
    document["status"] = {"loadBalancer": {}}


def _prepare_daemon_set(document: Document) -> None:
    annotations = part(document, "metadata", "annotations")
    document["metadata"]["annotations"] = {
        **annotations,
        TEMPLATE_GENERATION: str(max(1, int(annotations[TEMPLATE_GENERATION]))),
    }


def _prepare_node(document: Document) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    taints = spec_of(document).setdefault("taints", [])
    if taint not in taints:
        taints.append(taint)


def _prepare_event(document: Document) -> None:
    fill(document, reportingComponent="", reportingInstance="")


def _prepare_stateful_set(document: Document) -> None:
    document["status"] = {"replicas": 0, "availableReplicas": 0}


def _prepare_autoscaler(document: Document) -> None:
    document["status"] = {"desiredReplicas": 0, "currentMetrics": None}


def _prepare_budget(document: Document) -> None:
    names = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    document["status"] = dict.fromkeys(names, 0)


def _prepare_definition(document: Document) -> None:
    versions = spec_of(document).get("versions") or ()
    stored = [version.get("name") for version in versions if version.get("storage")][:1]
    names = {"plural": "", "kind": ""}
    document["status"] = {"conditions": None, "acceptedNames": names, "storedVersions": stored}


def _prepare_signing_request(document: Document) -> None:
    """Who asks is whoever sends it, whatever it says."""
    spec, user = spec_of(document), present_user()
    for name in ("username", "uid", "groups", "extra"):
        spec.pop(name, None)
    said: Document = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    said["extra"] = {key: list(values) for key, values in user.extra.items()}
    spec.update({name: value for name, value in said.items() if value})
    document["status"] = {}


def _prepare_job(document: Document) -> None:
    spec, meta = spec_of(document), document["metadata"]
    if spec.get("manualSelector"):
        return
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for key, value in job_labels(meta["uid"], meta.get("name", "")).items():
        labels.setdefault(key, value)
    selector = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selector.setdefault("batch.kubernetes.io/controller-uid", meta["uid"])
    fill(meta, labels=labels)


_PREPARED: Mapping[tuple[str, str], Callable[[Document], None]] = {
    ("v1", "Pod"): pod_defaults.prepare,
    ("v1", "Namespace"): _prepare_namespace,
    ("v1", "PersistentVolumeClaim"): _prepare_claim,
    ("v1", "PersistentVolume"): _prepare_volume,
    ("v1", "Node"): _prepare_node,
    ("v1", "Service"): _prepare_service,
    ("v1", "Event"): _prepare_event,
    ("apps/v1", "StatefulSet"): _prepare_stateful_set,
    ("apps/v1", "DaemonSet"): _prepare_daemon_set,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): _prepare_autoscaler,
    ("policy/v1", "PodDisruptionBudget"): _prepare_budget,
    ("batch/v1", "Job"): _prepare_job,
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): _prepare_definition,
    ("certificates.k8s.io/v1", "CertificateSigningRequest"): _prepare_signing_request,
}


def prepare_update(new: Document, old: Document) -> None:
    """What an update of a built-in type may not change and silently keeps, and what follows from a change."""
    drop_unkept(new)
    match new.get("apiVersion"), new.get("kind"):
        case "v1", "Namespace":
            new["spec"] = {**spec_of(new), **{k: v for k, v in spec_of(old).items() if k == "finalizers"}}
        case "v1", "Service":
            addresses.settle(new, old)
        case "certificates.k8s.io/v1", "CertificateSigningRequest":
            new["spec"] = spec_of(old)
        case "v1", "PersistentVolumeClaim":
            _sources(spec_of(new), spec_of(old))
        case "apps/v1", "DaemonSet":
            _template_generation(new, old)
        case "apiextensions.k8s.io/v1", "CustomResourceDefinition":
            stored_versions(new)
        case _:
            pass


def _template_generation(new: Document, old: Document) -> None:
    """DaemonSets count the changes of their template in an annotation, from the days when they had a field for it."""
    counted = int(part(old, "metadata", "annotations").get(TEMPLATE_GENERATION) or 0)
    if part(new, "spec").get("template") != part(old, "spec").get("template"):
        counted += 1
    new["metadata"]["annotations"] = {**part(new, "metadata", "annotations"), TEMPLATE_GENERATION: str(counted)}


def prepare_status(new: Document, old: Document, now: str) -> None:
    """What a write of a built-in type's status may not change and silently keeps."""
    match new.get("apiVersion"), new.get("kind"):
        case "v1", "Pod":
            _keep_missing(new, old, ("qosClass", "observedGeneration", *_DEVICE_STATUSES))
            _keep_observed(new, old)
        case "v1", "PersistentVolume":
            _phase_time(new, old, now)
        case "certificates.k8s.io/v1", "CertificateSigningRequest":
            _keep_decisions(new, old)
            date_conditions(new, old, now)
        case ("batch/v1", "Job") | ("v1", "ReplicationController"):
            _label(new, part(old, "spec"))
        case "apps/v1", "DaemonSet":
            counted = part(old, "metadata", "annotations").get(TEMPLATE_GENERATION)
            if counted is not None:
                new["metadata"]["annotations"] = {**part(new, "metadata", "annotations"), TEMPLATE_GENERATION: counted}
        case _:
            pass


def _label(new: Document, spec: Document) -> None:
    """What has no labels of its own is read as having those of its pods."""
    labels = part(spec, "template", "metadata", "labels")
    if labels and not part(new, "metadata", "labels"):
        new["metadata"]["labels"] = dict(labels)


def _keep_missing(new: Document, old: Document, names: tuple[str, ...]) -> None:
    status, before = new.setdefault("status", {}), part(old, "status")
    for name in names:
        if status.get(name) in (None, "", 0) and name in before:
            status[name] = before[name]


def date_conditions(new: Document, old: Document, now: str) -> None:
    """Say when conditions of a CertificateSigningRequest came that do not say so themselves."""
    before = {(each.get("type"), each.get("status")): each for each in reversed(parts(old, "status", "conditions"))}
    for condition in parts(new, "status", "conditions"):
        present = before.get((condition.get("type"), condition.get("status")), {})
        fill(condition, lastUpdateTime=now, lastTransitionTime=present.get("lastTransitionTime") or now)


def _keep_decisions(new: Document, old: Document) -> None:
    """Whether a request is approved or denied is not for its signer to say."""
    for kind in ("Approved", "Denied"):
        wanted, present = (
            [condition for condition in parts(each, "status", "conditions") if condition.get("type") == kind]
            for each in (new, old)
        )
        if len(wanted) == len(present):
            for condition, kept in zip(wanted, present, strict=True):
                condition.clear()
                condition.update(kept)


_DEVICE_STATUSES = (
    "resourceClaimStatuses",
    "extendedResourceClaimStatus",
    "nodeAllocatableResourceClaimStatuses",
)


def _keep_observed(new: Document, old: Document) -> None:
    """Conditions that say nothing of the generation they are about keep what was said, each of a type in its turn."""
    said: dict[Any, list[Any]] = {}
    for condition in parts(old, "status", "conditions"):
        said.setdefault(condition.get("type"), []).append(condition.get("observedGeneration"))
    for condition in parts(new, "status", "conditions"):
        before = said.get(condition.get("type"))
        generation = before.pop(0) if before else None
        if not condition.get("observedGeneration") and generation:
            condition["observedGeneration"] = generation


def _phase_time(new: Document, old: Document, now: str) -> None:
    """When a volume's phase changed; a client may say so itself."""
    name = "lastPhaseTransitionTime"
    status, before = new.setdefault("status", {}), part(old, "status")
    same = status.get("phase") == before.get("phase")
    if same and status.get(name) is None and name in before:
        status[name] = before[name]
    elif not same and status.get(name) in (None, before.get(name)):
        status[name] = now
