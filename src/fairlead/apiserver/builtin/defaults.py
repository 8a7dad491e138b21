"""The defaults of built-in types that their schemas do not state, and what the server sets in new objects.

Each function is named after the kind and works in place on an object of it. The values are those of
https://kubernetes.io/docs/reference/kubernetes-api/ and of the admission plugins that are on by default.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Mapping
from typing import Any, cast

from fairlead.apiserver import addresses
from fairlead.apiserver.access.who import present_user
from fairlead.apiserver.builtin import conversion_hpa, pod_defaults
from fairlead.apiserver.builtin.unkept import drop_unkept
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.definitions import stored_versions
from fairlead.machinery.names import ResourceType

__all__ = ["JOB_LABELS", "date_conditions", "defaulter", "prepare", "prepare_status", "prepare_update"]


def _set(holder: Document, **values: Any) -> None:
    for name, value in values.items():
        if holder.get(name) is None:
            holder[name] = copy.deepcopy(list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value)


def _spec(document: Document) -> Document:
    document.setdefault("spec", {})
    return part(document, "spec")


def _template(holder: Document) -> None:
    holder.setdefault("template", {})
    template = part(holder, "template")
    template.setdefault("spec", {})
    pod_defaults.pod_spec(part(template, "spec"))


def _pod(document: Document) -> None:
    spec = _spec(document)
    pod_defaults.pod(spec)
    _pod_addresses(part(document, "status"))
    for condition in parts(document, "status", "conditions"):
        condition.setdefault("lastProbeTime", None)


def _pod_addresses(status: Document) -> None:
    """A pod's first address stands in two fields; where they differ, that of the older field is meant."""
    address, listed = status.get("podIP"), parts(status, "podIPs")
    if address and (not listed or listed[0].get("ip") != address):
        status["podIPs"] = [{"ip": address}]
    elif listed and not address:
        status["podIP"] = listed[0].get("ip") or ""


def _deployment(document: Document) -> None:
    spec = _spec(document)
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600, strategy={})
    _set(spec["strategy"], type="RollingUpdate")
    if spec["strategy"]["type"] == "RollingUpdate":
        _set(spec["strategy"], rollingUpdate={})
        _set(spec["strategy"]["rollingUpdate"], maxUnavailable="25%", maxSurge="25%")
    _template(spec)


def _replica_set(document: Document) -> None:
    spec = _spec(document)
    _set(spec, replicas=1)
    _template(spec)


def _replication_controller(document: Document) -> None:
    spec = _spec(document)
    labels = (part(spec, "template", "metadata")).get("labels")
    if labels:
        _set(spec, selector=labels)
        _set(document["metadata"], labels=labels)
    _set(spec, replicas=1)
    if "template" in spec:
        _template(spec)


def _stateful_set(document: Document) -> None:
    spec = _spec(document)
    _set(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10, updateStrategy={})
    _set(spec, persistentVolumeClaimRetentionPolicy={})
    _set(spec["persistentVolumeClaimRetentionPolicy"], whenDeleted="Retain", whenScaled="Retain")
    if not spec["updateStrategy"].get("type"):
        _set(spec["updateStrategy"], type="RollingUpdate", rollingUpdate={})
    # A strategy that is named stays as it is said: there need not be anything about it.
    if spec["updateStrategy"]["type"] == "RollingUpdate" and spec["updateStrategy"].get("rollingUpdate") is not None:
        _set(spec["updateStrategy"]["rollingUpdate"], partition=0, maxUnavailable=1)
    for claim in spec.get("volumeClaimTemplates") or ():
        _set(claim, kind="PersistentVolumeClaim", apiVersion="v1")
        _claim(claim)
    _template(spec)


def _daemon_set(document: Document) -> None:
    spec = _spec(document)
    _set(spec, revisionHistoryLimit=10, updateStrategy={})
    _set(spec["updateStrategy"], type="RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _set(spec["updateStrategy"], rollingUpdate={})
        _set(spec["updateStrategy"]["rollingUpdate"], maxUnavailable=1, maxSurge=0)
    _template(spec)
    if _TEMPLATES not in part(document, "metadata", "annotations"):
        document["metadata"]["annotations"] = {**part(document, "metadata", "annotations"), _TEMPLATES: "0"}


def _job_spec(spec: Document) -> None:
    _template(spec)
    for rule in parts(spec, "podFailurePolicy", "rules"):
        for pattern in parts(rule, "onPodConditions"):
            _set(pattern, status="True")


def _job(document: Document) -> None:
    spec = _spec(document)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        _set(spec, completions=1)
    retries = 6 if spec.get("backoffLimitPerIndex") is None else 2**31 - 1
    _set(spec, parallelism=1, backoffLimit=retries, completionMode="NonIndexed", suspend=False, manualSelector=False)
    _set(spec, podReplacementPolicy="Failed" if spec.get("podFailurePolicy") is not None else "TerminatingOrFailed")
    _job_spec(spec)
    labels = part(spec, "template", "metadata", "labels")
    if labels and not part(document, "metadata", "labels"):
        document["metadata"]["labels"] = labels  # the same map, as in Go: what its pods' labels gain is the job's too


def _cron_job(document: Document) -> None:
    spec = _spec(document)
    _set(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    _job_spec(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


def _service(document: Document) -> None:
    spec = _spec(document)
    _set(spec, type="ClusterIP", sessionAffinity="None")
    kind = spec["type"]
    _affinity(spec)
    for port in spec.get("ports") or ():
        _set(port, protocol="TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    if kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and spec.get("externalIPs")):
        _set(spec, externalTrafficPolicy="Cluster")
    if kind in {"ClusterIP", "NodePort", "LoadBalancer"}:
        _set(spec, internalTrafficPolicy="Cluster")
    if kind == "LoadBalancer":
        _set(spec, allocateLoadBalancerNodePorts=True)
        for place in parts(document, "status", "loadBalancer", "ingress"):
            if place.get("ip"):
                _set(place, ipMode="VIP")


def _affinity(spec: Document) -> None:
    if spec["sessionAffinity"] == "ClientIP":
        if part(spec, "sessionAffinityConfig", "clientIP").get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    elif spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)


def _claim(document: Document) -> None:
    spec = _spec(document)
    _set(spec, volumeMode="Filesystem")
    _set(document.setdefault("status", {}), phase="Pending")


def _volume(document: Document) -> None:
    if part(_spec(document), "hostPath"):
        _set(_spec(document)["hostPath"], type="")
    _set(_spec(document), volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    _set(document.setdefault("status", {}), phase="Pending")


def _secret(document: Document) -> None:
    _set(document, type="Opaque")
    texts = document.pop("stringData", None)
    if texts:
        data = document.setdefault("data", {})
        data.update({name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()})


def _namespace(document: Document) -> None:
    name = document["metadata"].get("name")
    if name:
        labels = part(document["metadata"], "labels")
        document["metadata"]["labels"] = {**labels, "kubernetes.io/metadata.name": name}
    _set(document.setdefault("status", {}), phase="Active")


def _autoscaler(document: Document) -> None:
    spec = _spec(document)
    _set(spec, minReplicas=1)
    if document.get("apiVersion") == "autoscaling/v1":
        # What stands in annotations for want of a field is read, and the default metric comes with the server's own form.
        whole = conversion_hpa.to_v2(document)
        _behavior(part(whole, "spec"))
        document.update(conversion_hpa.to_v1(whole))
        return
    if not spec.get("metrics"):
        spec["metrics"] = conversion_hpa.usual_metrics()
    _behavior(spec)


def _behavior(spec: Document) -> None:
    if isinstance(spec.get("behavior"), dict):
        behavior = part(spec, "behavior")
        _set(behavior, scaleUp={}, scaleDown={})
        _set(behavior["scaleUp"], stabilizationWindowSeconds=0, selectPolicy="Max", policies=_UP)
        _set(behavior["scaleDown"], selectPolicy="Max", policies=_DOWN)


#: How an autoscaler that says nothing about it scales: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
_UP = (
    {"type": "Pods", "value": 4, "periodSeconds": 15},
    {"type": "Percent", "value": 100, "periodSeconds": 15},
)
_DOWN = ({"type": "Percent", "value": 100, "periodSeconds": 15},)


def _event(document: Document) -> None:
    # Times that are no pointers are written as null.
    for name in ("eventTime", "firstTimestamp", "lastTimestamp"):
        document.setdefault(name, None)


def _network_policy(document: Document) -> None:
    spec = _spec(document)
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            _set(port, protocol="TCP")


def _binding(document: Document) -> None:
    _set(document.setdefault("roleRef", {}), apiGroup="rbac.authorization.k8s.io")
    for subject in document.get("subjects") or ():
        if subject.get("kind") in {"User", "Group"}:
            _set(subject, apiGroup="rbac.authorization.k8s.io")


def _storage_class(document: Document) -> None:
    _set(document, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _endpoint_slice(document: Document) -> None:
    for port in document.get("ports") or ():
        _set(port, name="", protocol="TCP")


def _endpoints(document: Document) -> None:
    for subset in document.get("subsets") or ():
        for port in subset.get("ports") or ():
            _set(port, protocol="TCP")


def _webhooks(document: Document) -> None:
    for webhook in document.get("webhooks") or ():
        _set(webhook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10)
        _set(webhook, namespaceSelector={}, objectSelector={})
        if document.get("kind") == "MutatingWebhookConfiguration":
            _set(webhook, reinvocationPolicy="Never")
        service = part(webhook, "clientConfig").get("service")
        if service:
            _set(service, port=443)
        for rule in webhook.get("rules") or ():
            _set(rule, scope="*")


def _node(document: Document) -> None:
    _node_ranges(document)
    status = part(document, "status")
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])


def _limit_range(document: Document) -> None:
    for limit in parts(_spec(document), "limits"):
        if limit.get("type") != "Container":
            continue
        most, least = part(limit, "max"), part(limit, "min")
        default = {**most, **part(limit, "default")}
        request = {**least, **default, **part(limit, "defaultRequest")}
        limit.update({name: found for name, found in (("default", default), ("defaultRequest", request)) if found})


def _driver(document: Document) -> None:
    spec = _spec(document)
    _set(spec, attachRequired=True, podInfoOnMount=False, storageCapacity=False, requiresRepublish=False)
    _set(spec, fsGroupPolicy="ReadWriteOnceWithFSType", volumeLifecycleModes=["Persistent"], seLinuxMount=False)
    _set(spec, preventPodSchedulingIfMissing=False)


def _flow_schema(document: Document) -> None:
    _set(_spec(document), matchingPrecedence=1000)


def _priority_level(document: Document) -> None:
    spec = _spec(document)
    if spec.get("type") == "Limited" and isinstance(spec.get("limited"), dict):
        _set(spec["limited"], nominalConcurrencyShares=30, lendablePercent=0)
        response = part(spec, "limited", "limitResponse")
        if isinstance(response.get("queuing"), dict):
            _set(part(response, "queuing"), queues=64, handSize=8, queueLengthLimit=50)
    elif spec.get("type") == "Exempt":
        _set(spec, exempt={})
        _set(spec["exempt"], nominalConcurrencyShares=0, lendablePercent=0)


def _ingress_class(document: Document) -> None:
    spec = _spec(document)
    if isinstance(spec.get("parameters"), dict):
        _set(part(spec, "parameters"), scope="Cluster")


def _policy(document: Document) -> None:
    spec = _spec(document)
    _set(spec, failurePolicy="Fail")
    _match(spec.get("matchConstraints"))


def _policy_binding(document: Document) -> None:
    _match(_spec(document).get("matchResources"))


def _match(found: Document | None) -> None:
    if not isinstance(found, dict):
        return
    _set(found, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in parts(found, name):
            _set(rule, scope="*")


def _priority_class(document: Document) -> None:
    _set(document, preemptionPolicy="PreemptLowerPriority")


def _definition(document: Document) -> None:
    spec = _spec(document)
    names = spec.setdefault("names", {})
    kind = names.get("kind") or ""
    if not names.get("singular"):
        names["singular"] = kind.lower()
    if not names.get("listKind") and kind:
        names["listKind"] = f"{kind}List"
    _set(spec, conversion={"strategy": "None"})
    _set(part(spec, "conversion", "webhook", "clientConfig", "service"), port=443)
    if "status" in document and not part(document, "status").get("storedVersions"):
        stored_versions(document)


def _api_service(document: Document) -> None:
    _set(part(_spec(document), "service"), port=443)


def _device_requests(spec: Document) -> None:
    for request in parts(spec, "devices", "requests"):
        exactly = part(request, "exactly")
        if exactly:
            _set(exactly, allocationMode="ExactCount")
        for each in [exactly, *parts(request, "firstAvailable")]:
            if each.get("deviceClassName"):
                _set(each, allocationMode="ExactCount")
            if each.get("allocationMode") == "ExactCount":
                _set(each, count=1)


def _resource_claim(document: Document) -> None:
    _device_requests(_spec(document))


def _resource_claim_template(document: Document) -> None:
    _device_requests(part(_spec(document), "spec"))


_KINDS: Mapping[tuple[str, str], Callable[[Document], None]] = {
    ("", "Node"): _node,
    ("", "LimitRange"): _limit_range,
    ("storage.k8s.io", "CSIDriver"): _driver,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): _flow_schema,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): _priority_level,
    ("networking.k8s.io", "IngressClass"): _ingress_class,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): _policy,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): _policy_binding,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): _policy,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): _policy_binding,
    ("", "Pod"): _pod,
    ("", "PodTemplate"): _template,
    ("", "ReplicationController"): _replication_controller,
    ("", "Service"): _service,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _volume,
    ("", "Secret"): _secret,
    ("", "Namespace"): _namespace,
    ("", "Endpoints"): _endpoints,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _cron_job,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("resource.k8s.io", "ResourceClaim"): _resource_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): _resource_claim_template,
    ("", "Event"): _event,
    ("networking.k8s.io", "NetworkPolicy"): _network_policy,
    ("rbac.authorization.k8s.io", "RoleBinding"): _binding,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _binding,
    ("storage.k8s.io", "StorageClass"): _storage_class,
    ("discovery.k8s.io", "EndpointSlice"): _endpoint_slice,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _webhooks,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _webhooks,
    ("scheduling.k8s.io", "PriorityClass"): _priority_class,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("authentication.k8s.io", "TokenRequest"): lambda document: _set(_spec(document), expirationSeconds=3600),
}


def defaulter(resource: ResourceType) -> Callable[[Document], None]:
    """The function that fills in the defaults of this type beyond its schema's."""
    return _KINDS.get((resource.group, resource.kind), _no_defaults)


def _no_defaults(document: Document) -> None:
    del document


def prepare(document: Document) -> None:
    """What the server sets in a new object of a built-in type once its defaults are there."""
    drop_unkept(document)
    found = _PREPARED.get((document.get("apiVersion", ""), document.get("kind", "")))
    if found is not None:
        found(document)


def _prepare_namespace(document: Document) -> None:
    document["status"] = {"phase": "Active"}
    finalizers = _spec(document).setdefault("finalizers", [])
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
    _sources(_spec(document))
    document["status"] = {"phase": "Pending"}


def _prepare_volume(document: Document) -> None:
    document["status"] = {"phase": "Pending", "lastPhaseTransitionTime": document["metadata"]["creationTimestamp"]}


def _prepare_service(document: Document) -> None:
    document["status"] = {"loadBalancer": {}}


def _prepare_daemon_set(document: Document) -> None:
    annotations = part(document, "metadata", "annotations")
    document["metadata"]["annotations"] = {**annotations, _TEMPLATES: str(max(1, int(annotations[_TEMPLATES])))}


def _prepare_node(document: Document) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    taints = _spec(document).setdefault("taints", [])
    if taint not in taints:
        taints.append(taint)


def _prepare_event(document: Document) -> None:
    _set(document, reportingComponent="", reportingInstance="")


def _prepare_stateful_set(document: Document) -> None:
    document["status"] = {"replicas": 0, "availableReplicas": 0}


def _prepare_autoscaler(document: Document) -> None:
    document["status"] = {"desiredReplicas": 0, "currentMetrics": None}


def _prepare_budget(document: Document) -> None:
    names = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    document["status"] = dict.fromkeys(names, 0)


def _prepare_definition(document: Document) -> None:
    versions = _spec(document).get("versions") or ()
    stored = [version.get("name") for version in versions if version.get("storage")][:1]
    names = {"plural": "", "kind": ""}
    document["status"] = {"conditions": None, "acceptedNames": names, "storedVersions": stored}


def _prepare_signing_request(document: Document) -> None:
    """Who asks is whoever sends it, whatever it says."""
    spec, user = _spec(document), present_user()
    for name in ("username", "uid", "groups", "extra"):
        spec.pop(name, None)
    said: Document = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    said["extra"] = {key: list(values) for key, values in user.extra.items()}
    spec.update({name: value for name, value in said.items() if value})
    document["status"] = {}


#: The labels that the pods of a job get beside their own.
JOB_LABELS = frozenset(
    f"{prefix}{name}" for prefix in ("", "batch.kubernetes.io/") for name in ("controller-uid", "job-name")
)


def _prepare_job(document: Document) -> None:
    spec, meta = _spec(document), document["metadata"]
    if spec.get("manualSelector"):
        return
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for prefix in ("", "batch.kubernetes.io/"):
        labels.setdefault(f"{prefix}controller-uid", meta["uid"])
        labels.setdefault(f"{prefix}job-name", meta.get("name", ""))
    selector = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selector.setdefault("batch.kubernetes.io/controller-uid", meta["uid"])
    _set(meta, labels=labels)


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
            new["spec"] = {**_spec(new), **{k: v for k, v in _spec(old).items() if k == "finalizers"}}
        case "v1", "Service":
            addresses.settle(new, old)
        case "certificates.k8s.io/v1", "CertificateSigningRequest":
            new["spec"] = _spec(old)
        case "v1", "PersistentVolumeClaim":
            _sources(_spec(new), _spec(old))
        case "apps/v1", "DaemonSet":
            _template_generation(new, old)
        case "apiextensions.k8s.io/v1", "CustomResourceDefinition":
            stored_versions(new)
        case _:
            pass


_TEMPLATES = "deprecated.daemonset.template.generation"


def _template_generation(new: Document, old: Document) -> None:
    """DaemonSets count the changes of their template in an annotation, from the days when they had a field for it."""
    counted = int(part(old, "metadata", "annotations").get(_TEMPLATES) or 0)
    if part(new, "spec").get("template") != part(old, "spec").get("template"):
        counted += 1
    new["metadata"]["annotations"] = {**part(new, "metadata", "annotations"), _TEMPLATES: str(counted)}


def _node_ranges(document: Document) -> None:
    """The first range stands in two fields; where they differ, that of the older field is meant."""
    spec = _spec(document)
    first, ranges = spec.get("podCIDR"), spec.get("podCIDRs")
    if first and (not ranges or ranges[0] != first):
        spec["podCIDRs"] = [first]
    elif ranges:
        spec["podCIDR"] = ranges[0]


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
            counted = part(old, "metadata", "annotations").get(_TEMPLATES)
            if counted is not None:
                new["metadata"]["annotations"] = {**part(new, "metadata", "annotations"), _TEMPLATES: counted}
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
        _set(condition, lastUpdateTime=now, lastTransitionTime=present.get("lastTransitionTime") or now)


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
