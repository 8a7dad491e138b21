"""The defaults of built-in types that their schemas do not state.

Each function is named after the kind and works in place on an object of it. The values are those of
https://kubernetes.io/docs/reference/kubernetes-api/ and of the admission plugins that are on by default.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from fairlead.apiserver.builtin import conversion_hpa, pod_defaults
from fairlead.apiserver.builtin.pod_defaults import fill
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.definitions import stored_versions
from fairlead.machinery.names import ResourceType

__all__ = ["TEMPLATE_GENERATION", "defaulter", "spec_of"]


#: The annotation in which daemon sets count the changes of their template.
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def spec_of(document: Document) -> Document:
    """The document's spec, made if it has none."""
    document.setdefault("spec", {})
    return part(document, "spec")


def _template(holder: Document) -> None:
    holder.setdefault("template", {})
    template = part(holder, "template")
    template.setdefault("spec", {})
    pod_defaults.pod_spec(part(template, "spec"))


def _pod(document: Document) -> None:
    spec = spec_of(document)
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
    spec = spec_of(document)
    fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600, strategy={})
    fill(spec["strategy"], type="RollingUpdate")
    if spec["strategy"]["type"] == "RollingUpdate":
        fill(spec["strategy"], rollingUpdate={})
        fill(spec["strategy"]["rollingUpdate"], maxUnavailable="25%", maxSurge="25%")
    _template(spec)


def _replica_set(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, replicas=1)
    _template(spec)


def _replication_controller(document: Document) -> None:
    spec = spec_of(document)
    labels = (part(spec, "template", "metadata")).get("labels")
    if labels:
        fill(spec, selector=labels)
        fill(document["metadata"], labels=labels)
    fill(spec, replicas=1)
    if "template" in spec:
        _template(spec)


def _stateful_set(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10, updateStrategy={})
    fill(spec, persistentVolumeClaimRetentionPolicy={})
    fill(spec["persistentVolumeClaimRetentionPolicy"], whenDeleted="Retain", whenScaled="Retain")
    if not spec["updateStrategy"].get("type"):
        fill(spec["updateStrategy"], type="RollingUpdate", rollingUpdate={})
    # A strategy that is named stays as it is said: there need not be anything about it.
    if spec["updateStrategy"]["type"] == "RollingUpdate" and spec["updateStrategy"].get("rollingUpdate") is not None:
        fill(spec["updateStrategy"]["rollingUpdate"], partition=0, maxUnavailable=1)
    for claim in spec.get("volumeClaimTemplates") or ():
        claim |= {"kind": "PersistentVolumeClaim", "apiVersion": "v1"}  # whatever it says
        _claim(claim)
    _template(spec)


def _daemon_set(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, revisionHistoryLimit=10, updateStrategy={})
    fill(spec["updateStrategy"], type="RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        fill(spec["updateStrategy"], rollingUpdate={})
        fill(spec["updateStrategy"]["rollingUpdate"], maxUnavailable=1, maxSurge=0)
    _template(spec)
    if TEMPLATE_GENERATION not in part(document, "metadata", "annotations"):
        document["metadata"]["annotations"] = {**part(document, "metadata", "annotations"), TEMPLATE_GENERATION: "0"}


def _job_spec(spec: Document) -> None:
    _template(spec)
    for rule in parts(spec, "podFailurePolicy", "rules"):
        for pattern in parts(rule, "onPodConditions"):
            fill(pattern, status="True")


def _job(document: Document) -> None:
    spec = spec_of(document)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        fill(spec, completions=1)
    retries = 6 if spec.get("backoffLimitPerIndex") is None else 2**31 - 1
    fill(spec, parallelism=1, backoffLimit=retries, completionMode="NonIndexed", suspend=False, manualSelector=False)
    fill(spec, podReplacementPolicy="Failed" if spec.get("podFailurePolicy") is not None else "TerminatingOrFailed")
    _job_spec(spec)
    labels = part(spec, "template", "metadata", "labels")
    if labels and not part(document, "metadata", "labels"):
        document["metadata"]["labels"] = labels  # the same map, as in Go: what its pods' labels gain is the job's too


def _cron_job(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    _job_spec(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


def _service(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, type="ClusterIP", sessionAffinity="None")
    kind = spec["type"]
    _affinity(spec)
    for port in spec.get("ports") or ():
        fill(port, protocol="TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    if kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and spec.get("externalIPs")):
        fill(spec, externalTrafficPolicy="Cluster")
    if kind in {"ClusterIP", "NodePort", "LoadBalancer"}:
        fill(spec, internalTrafficPolicy="Cluster")
    if kind == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)
        for place in parts(document, "status", "loadBalancer", "ingress"):
            if place.get("ip"):
                fill(place, ipMode="VIP")


def _affinity(spec: Document) -> None:
    if spec["sessionAffinity"] == "ClientIP":
        if part(spec, "sessionAffinityConfig", "clientIP").get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    elif spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)


def _claim(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, volumeMode="Filesystem")
    fill(document.setdefault("status", {}), phase="Pending")


def _volume(document: Document) -> None:
    if part(spec_of(document), "hostPath"):
        fill(spec_of(document)["hostPath"], type="")
    fill(spec_of(document), volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    fill(document.setdefault("status", {}), phase="Pending")


def _secret(document: Document) -> None:
    fill(document, type="Opaque")
    texts = document.pop("stringData", None)
    if texts:
        data = document.setdefault("data", {})
        data.update({name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()})


def _namespace(document: Document) -> None:
    name = document["metadata"].get("name")
    if name:
        labels = part(document["metadata"], "labels")
        document["metadata"]["labels"] = {**labels, "kubernetes.io/metadata.name": name}
    fill(document.setdefault("status", {}), phase="Active")


def _autoscaler(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, minReplicas=1)
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
        fill(behavior, scaleUp={}, scaleDown={})
        fill(behavior["scaleUp"], stabilizationWindowSeconds=0, selectPolicy="Max", policies=_UP)
        fill(behavior["scaleDown"], selectPolicy="Max", policies=_DOWN)


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
    spec = spec_of(document)
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            fill(port, protocol="TCP")


def _binding(document: Document) -> None:
    fill(document.setdefault("roleRef", {}), apiGroup="rbac.authorization.k8s.io")
    for subject in document.get("subjects") or ():
        if subject.get("kind") in {"User", "Group"}:
            fill(subject, apiGroup="rbac.authorization.k8s.io")


def _storage_class(document: Document) -> None:
    fill(document, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _endpoint_slice(document: Document) -> None:
    for port in document.get("ports") or ():
        fill(port, name="", protocol="TCP")


def _endpoints(document: Document) -> None:
    for subset in document.get("subsets") or ():
        for port in subset.get("ports") or ():
            fill(port, protocol="TCP")


def _webhooks(document: Document) -> None:
    for webhook in document.get("webhooks") or ():
        fill(webhook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10)
        fill(webhook, namespaceSelector={}, objectSelector={})
        if document.get("kind") == "MutatingWebhookConfiguration":
            fill(webhook, reinvocationPolicy="Never")
        service = part(webhook, "clientConfig").get("service")
        if service:
            fill(service, port=443)
        for rule in webhook.get("rules") or ():
            fill(rule, scope="*")


def _node_ranges(document: Document) -> None:
    """The first range stands in two fields; where they differ, that of the older field is meant."""
    spec = spec_of(document)
    first, ranges = spec.get("podCIDR"), spec.get("podCIDRs")
    if first and (not ranges or ranges[0] != first):
        spec["podCIDRs"] = [first]
    elif ranges:
        spec["podCIDR"] = ranges[0]


def _node(document: Document) -> None:
    _node_ranges(document)
    status = part(document, "status")
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])


def _limit_range(document: Document) -> None:
    for limit in parts(spec_of(document), "limits"):
        if limit.get("type") != "Container":
            continue
        most, least = part(limit, "max"), part(limit, "min")
        default = {**most, **part(limit, "default")}
        request = {**least, **default, **part(limit, "defaultRequest")}
        limit.update({name: found for name, found in (("default", default), ("defaultRequest", request)) if found})


def _driver(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, attachRequired=True, podInfoOnMount=False, storageCapacity=False, requiresRepublish=False)
    fill(spec, fsGroupPolicy="ReadWriteOnceWithFSType", volumeLifecycleModes=["Persistent"], seLinuxMount=False)
    fill(spec, preventPodSchedulingIfMissing=False)


def _flow_schema(document: Document) -> None:
    fill(spec_of(document), matchingPrecedence=1000)


def _priority_level(document: Document) -> None:
    spec = spec_of(document)
    if spec.get("type") == "Limited" and isinstance(spec.get("limited"), dict):
        fill(spec["limited"], nominalConcurrencyShares=30, lendablePercent=0)
        response = part(spec, "limited", "limitResponse")
        if isinstance(response.get("queuing"), dict):
            fill(part(response, "queuing"), queues=64, handSize=8, queueLengthLimit=50)
    elif spec.get("type") == "Exempt":
        fill(spec, exempt={})
        fill(spec["exempt"], nominalConcurrencyShares=0, lendablePercent=0)


def _ingress_class(document: Document) -> None:
    spec = spec_of(document)
    if isinstance(spec.get("parameters"), dict):
        fill(part(spec, "parameters"), scope="Cluster")


def _policy(document: Document) -> None:
    spec = spec_of(document)
    fill(spec, failurePolicy="Fail")
    _match(spec.get("matchConstraints"))


def _policy_binding(document: Document) -> None:
    _match(spec_of(document).get("matchResources"))


def _match(found: Document | None) -> None:
    if not isinstance(found, dict):
        return
    fill(found, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in parts(found, name):
            fill(rule, scope="*")


def _priority_class(document: Document) -> None:
    fill(document, preemptionPolicy="PreemptLowerPriority")


def _definition(document: Document) -> None:
    spec = spec_of(document)
    names = spec.setdefault("names", {})
    kind = names.get("kind") or ""
    if not names.get("singular"):
        names["singular"] = kind.lower()
    if not names.get("listKind") and kind:
        names["listKind"] = f"{kind}List"
    fill(spec, conversion={"strategy": "None"})
    fill(part(spec, "conversion", "webhook", "clientConfig", "service"), port=443)
    if "status" in document and not part(document, "status").get("storedVersions"):
        stored_versions(document)


def _api_service(document: Document) -> None:
    fill(part(spec_of(document), "service"), port=443)


def _device_requests(spec: Document) -> None:
    for request in parts(spec, "devices", "requests"):
        exactly = part(request, "exactly")
        if exactly:
            fill(exactly, allocationMode="ExactCount")
        for each in [exactly, *parts(request, "firstAvailable")]:
            if each.get("deviceClassName"):
                fill(each, allocationMode="ExactCount")
            if each.get("allocationMode") == "ExactCount":
                fill(each, count=1)


def _resource_claim(document: Document) -> None:
    _device_requests(spec_of(document))


def _resource_claim_template(document: Document) -> None:
    _device_requests(part(spec_of(document), "spec"))


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
    ("authentication.k8s.io", "TokenRequest"): lambda document: fill(spec_of(document), expirationSeconds=3600),
}


def defaulter(resource: ResourceType) -> Callable[[Document], None]:
    """The function that fills in the defaults of this type beyond its schema's."""
    return _KINDS.get((resource.group, resource.kind), _no_defaults)


def _no_defaults(document: Document) -> None:
    del document
