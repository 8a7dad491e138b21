"""Objects that are there, and what of them may not change, type by type: one thing at a time, in dry runs; statuses that are written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.case import GET, PATCH, POST, PUT, Case, Step
from tests.conformance.cases.mistakes import (
    BINDING,
    BUDGET,
    CLAIM,
    CONTAINER,
    CRON,
    DEPLOYMENT,
    GONE,
    INGRESS,
    JOB,
    LABELS,
    POLICY,
    ROLE,
    SCALER,
    SERVICE,
    SET,
    SLICE,
    TEMPLATE,
    VOLUME,
    changed,
    named,
)

__all__ = ["CASES"]

Document = dict[str, Any]
CORE = "/api/v1/namespaces/{ns}"
APPS = "/apis/apps/v1/namespaces/{ns}"
BATCH = "/apis/batch/v1/namespaces/{ns}"
NET = "/apis/networking.k8s.io/v1/namespaces/{ns}"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
T = "spec.template"
POD = named(spec={"containers": [CONTAINER], "tolerations": [{"key": "a", "operator": "Exists"}]})
RICH_SERVICE = changed(SERVICE, ("spec.type", "LoadBalancer"), ("spec.externalTrafficPolicy", "Local"))
HOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/none"},
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    "namespaceSelector": {"matchLabels": {"none": "x"}},
    "rules": [{"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}],
}
#: By the name of the case: where, the object, changes of it, and statuses.
TYPES: Mapping[str, tuple[str, Document, Sequence[Any], Sequence[Document]]] = {
    "pods": (
        f"{CORE}/pods",
        POD,
        [
            ("spec.containers[0].image", "j"),
            ("spec.containers[0].image", " j"),
            ("spec.containers[0].name", "d"),
            ("spec.containers[0].command", ["x"]),
            ("spec.containers[0].resources", {"limits": {"cpu": "1"}}),
            ("spec.containers[1]", {"name": "d", "image": "j"}),
            ("spec.tolerations", []),
            ("spec.tolerations[1]", {"key": "b", "operator": "Exists"}),
            ("spec.tolerations[0].tolerationSeconds", 5),
            ("spec.activeDeadlineSeconds", 5),
            ("spec.terminationGracePeriodSeconds", 5),
            ("spec.nodeName", "n"),
            ("spec.restartPolicy", "Never"),
            ("spec.serviceAccountName", "x"),
            ("spec.schedulingGates", [{"name": "a"}]),
            ("spec.volumes", [{"name": "v", "emptyDir": {}}]),
            ("metadata.labels", {"a": "b"}),
            ("metadata.namespace", "other"),
            ("metadata.uid", "x"),
            ("metadata.name", "b"),
            ("metadata.ownerReferences", [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": ""}]),
            ("metadata.finalizers", ["x"]),
        ],
        [
            {"phase": "X"},
            {"conditions": [{"type": "Ready", "status": "True"}]},
            {"conditions": [{"type": "Ready", "status": "X"}]},
            {"conditions": [{"type": "a b", "status": "True"}]},
            {"containerStatuses": [{"name": "c", "ready": True, "restartCount": 1, "image": "i", "imageID": "", "state": {"running": {"startedAt": "2020-01-01T00:00:00Z"}}}]},
            {"containerStatuses": [{"name": "other", "ready": True, "restartCount": 0, "image": "i", "imageID": ""}]},
            {"containerStatuses": [{"name": "c", "ready": False, "restartCount": 0, "image": "i", "imageID": "", "state": {"terminated": {"exitCode": 1}}}]},
            {"podIP": "10.1.1.1", "hostIP": "10.1.1.2"},
            {"podIPs": [{"ip": "10.1.1.1"}, {"ip": "10.1.1.2"}]},
            {"qosClass": "Guaranteed"},
            {"nominatedNodeName": "n"},
            {"startTime": "2020-01-01T00:00:00Z", "reason": "R", "message": "m"},
        ],
    ),
    "deployments": (
        f"{APPS}/deployments",
        DEPLOYMENT,
        [
            ("spec.selector.matchLabels", {"app": "y"}),
            [("spec.selector.matchLabels", {"app": "y"}), (f"{T}.metadata.labels", {"app": "y"})],
            ("spec.replicas", 5),
            ("spec.replicas", 0),
            (f"{T}.spec.containers[0].image", "j"),
            (f"{T}.metadata.annotations", {"a": "b"}),
            ("metadata.annotations", {"a": "b"}),
            ("metadata.labels", {"a": "b"}),
            ("spec.strategy", {"type": "Recreate"}),
            ("spec.paused", True),
            ("spec.minReadySeconds", 5),
            ("status", {"replicas": 5}),
        ],
        [
            {"replicas": 3, "updatedReplicas": 2, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 1},
            {"replicas": 1, "readyReplicas": 2},
            {"replicas": -1},
            {"collisionCount": -1},
            {"conditions": [{"type": "Available", "status": "True", "reason": "R"}]},
            {"observedGeneration": -1},
            {"unavailableReplicas": 2, "terminatingReplicas": 1},
        ],
    ),
    "replica sets": (
        f"{APPS}/replicasets",
        DEPLOYMENT,
        [
            ("spec.selector.matchLabels", {"app": "y"}),
            (f"{T}.spec.containers[0].image", "j"),
            ("spec.replicas", 5),
            ("metadata.labels", {"a": "b"}),
        ],
        [{"replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "fullyLabeledReplicas": 3}, {"replicas": 1, "fullyLabeledReplicas": 2}, {"replicas": -1}],
    ),
    "stateful sets": (
        f"{APPS}/statefulsets",
        changed(SET, ("spec.volumeClaimTemplates[0]", {"metadata": {"name": "v"}, "spec": CLAIM["spec"]})),
        [
            ("spec.selector.matchLabels", {"app": "y"}),
            ("spec.serviceName", "t"),
            ("spec.podManagementPolicy", "Parallel"),
            ("spec.volumeClaimTemplates[0].spec.resources.requests.storage", "2Gi"),
            ("spec.volumeClaimTemplates[0].apiVersion", "x.io/v1"),
            ("spec.volumeClaimTemplates", GONE),
            ("spec.replicas", 5),
            (f"{T}.spec.containers[0].image", "j"),
            ("spec.updateStrategy", {"type": "OnDelete"}),
            ("spec.persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Delete"}),
            ("spec.ordinals", {"start": 1}),
            ("spec.minReadySeconds", 5),
            ("spec.revisionHistoryLimit", 5),
        ],
        [{"replicas": 3, "readyReplicas": 2, "currentReplicas": 1, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}, {"replicas": 1, "readyReplicas": 2}, {"replicas": 1, "currentReplicas": -1}, {"observedGeneration": 1, "replicas": 0, "collisionCount": 0}],
    ),
    "daemon sets": (
        f"{APPS}/daemonsets",
        DEPLOYMENT,
        [
            ("spec.selector.matchLabels", {"app": "y"}),
            (f"{T}.spec.containers[0].image", "j"),
            ("spec.updateStrategy", {"type": "OnDelete"}),
            ("spec.minReadySeconds", 5),
            ("metadata.labels", {"a": "b"}),
        ],
        [{"currentNumberScheduled": 1, "desiredNumberScheduled": 2, "numberMisscheduled": 0, "numberReady": 1}, {"currentNumberScheduled": -1, "desiredNumberScheduled": 2, "numberMisscheduled": 0, "numberReady": 1}, {"numberReady": 1}],
    ),
    "replication controllers": (
        f"{CORE}/replicationcontrollers",
        named(spec={"selector": LABELS, "template": TEMPLATE}),
        [("spec.selector", {"app": "y"}), ("spec.replicas", 5), (f"{T}.spec.containers[0].image", "j"), ("spec.template", GONE)],
        [{"replicas": 3, "readyReplicas": 2}, {"replicas": 1, "readyReplicas": 2}],
    ),
    "jobs": (
        f"{BATCH}/jobs",
        JOB,
        [
            ("spec.template.spec.containers[0].image", "j"),
            ("spec.completions", 5),
            ("spec.parallelism", 5),
            ("spec.backoffLimit", 1),
            ("spec.activeDeadlineSeconds", 1),
            ("spec.ttlSecondsAfterFinished", 1),
            ("spec.suspend", True),
            ("spec.completionMode", "Indexed"),
            ("spec.selector", {"matchLabels": {"a": "b"}}),
            ("spec.manualSelector", True),
            ("spec.managedBy", "x.io/y"),
            ("spec.podReplacementPolicy", "Failed"),
            ("spec.podFailurePolicy", {"rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}]}),
            ("spec.template.spec.nodeSelector", {"a": "b"}),
            ("metadata.labels", {"a": "b"}),
        ],
        [
            {"active": 1, "startTime": "2020-01-01T00:00:00Z"},
            {"active": -1},
            {"succeeded": 1, "completionTime": "2020-01-01T00:00:00Z"},
            {"conditions": [{"type": "Complete", "status": "True"}]},
            {"failed": 1, "ready": 1, "terminating": 0},
            {"completedIndexes": "1"},
        ],
    ),
    "jobs of indexes": (
        f"{BATCH}/jobs",
        changed(JOB, ("spec.completionMode", "Indexed"), ("spec.completions", 2)),
        [
            ("spec.completions", 5),
            ("spec.completions", GONE),
            [("spec.completions", 5), ("spec.parallelism", 5)],
            ("spec.selector", {"matchExpressions": [{"key": "a", "operator": "Exists"}], "matchLabels": {"a": "b"}}),
        ],
        [],
    ),
    "cron jobs": (
        f"{BATCH}/cronjobs",
        CRON,
        [
            ("spec.schedule", "x"),
            ("spec.schedule", "0 * * * *"),
            ("spec.suspend", True),
            ("spec.timeZone", "x"),
            ("spec.jobTemplate.spec.template.spec.containers[0].image", "j"),
            ("spec.jobTemplate.spec.completions", 5),
            ("spec.concurrencyPolicy", "Forbid"),
        ],
        [{"lastScheduleTime": "2020-01-01T00:00:00Z", "lastSuccessfulTime": "2020-01-01T00:00:01Z"}, {"active": [{"kind": "Job", "name": "x"}]}],
    ),
    "services": (
        f"{CORE}/services",
        SERVICE,
        [
            ("spec.clusterIP", "10.0.0.77"),
            ("spec.clusterIP", "None"),
            ("spec.clusterIP", ""),
            ("spec.type", "NodePort"),
            ("spec.type", "LoadBalancer"),
            ("spec.type", "ExternalName"),
            [("spec.type", "ExternalName"), ("spec.externalName", "a.b")],
            ("spec.ports", [{"port": 81}]),
            ("spec.ports[1]", {"port": 81}),
            ("spec.ports", []),
            ("spec.selector", {}),
            ("spec.ipFamilies", ["IPv6"]),
            ("spec.ipFamilyPolicy", "PreferDualStack"),
            ("spec.ipFamilyPolicy", "RequireDualStack"),
            ("spec.sessionAffinity", "ClientIP"),
            ("spec.externalTrafficPolicy", "Local"),
            ("spec.internalTrafficPolicy", "Local"),
            ("spec.externalIPs", ["1.2.3.4"]),
        ],
        [{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, {"conditions": [{"type": "A", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2020-01-01T00:00:00Z"}]}, {"conditions": [{"type": "A", "status": "X", "reason": "", "message": "m", "lastTransitionTime": None}]}],
    ),
    "services that are balanced": (
        f"{CORE}/services",
        RICH_SERVICE,
        [
            ("spec.type", "NodePort"),
            ("spec.type", "ClusterIP"),
            [("spec.type", "ClusterIP"), ("spec.externalTrafficPolicy", GONE)],
            ("spec.externalTrafficPolicy", "Cluster"),
            ("spec.healthCheckNodePort", 30123),
            ("spec.loadBalancerClass", "x.io/y"),
            ("spec.allocateLoadBalancerNodePorts", False),
            ("spec.loadBalancerIP", "1.2.3.4"),
        ],
        [{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}, {"hostname": "a.b", "ports": [{"port": 80, "protocol": "TCP"}]}]}}, {"loadBalancer": {"ingress": [{"ip": "x"}]}}, {"loadBalancer": {"ingress": [{"hostname": "1.2.3.4"}]}}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "ipMode": "X"}]}}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "ports": [{"port": 0, "protocol": "X", "error": "a b"}]}]}}],
    ),
    "ingresses": (
        f"{NET}/ingresses",
        INGRESS,
        [("spec.ingressClassName", "x"), ("spec.rules[0].host", "a.b"), ("spec.defaultBackend", {"service": {"name": "s", "port": {"number": 1}}}), ("metadata.annotations", {"kubernetes.io/ingress.class": "x"})],
        [{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, {"loadBalancer": {"ingress": [{"hostname": "a.b"}]}}, {"loadBalancer": {"ingress": [{"ip": "x", "hostname": "A b"}]}}],
    ),
    "network policies": (f"{NET}/networkpolicies", POLICY, [("spec.podSelector", {"matchLabels": LABELS}), ("spec.policyTypes", ["Egress"]), ("spec.ingress", [{}])], []),
    "claims": (
        f"{CORE}/persistentvolumeclaims",
        CLAIM,
        [
            ("spec.accessModes", ["ReadOnlyMany"]),
            ("spec.resources.requests.storage", "2Gi"),
            ("spec.resources.requests.storage", "500Mi"),
            ("spec.storageClassName", "x"),
            ("spec.volumeName", "v"),
            ("spec.volumeMode", "Block"),
            ("spec.selector", {"matchLabels": LABELS}),
            ("spec.volumeAttributesClassName", "x"),
            ("metadata.labels", {"a": "b"}),
        ],
        [
            {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}},
            {"phase": "X"},
            {"capacity": {"storage": "-1"}},
            {"capacity": {"storage": "0.1"}},
            {"accessModes": ["X"]},
            {"conditions": [{"type": "Resizing", "status": "True"}]},
            {"allocatedResources": {"storage": "-1"}},
            {"allocatedResources": {"storage": "2Gi"}, "allocatedResourceStatuses": {"storage": "ControllerResizeInProgress"}},
            {"allocatedResourceStatuses": {"storage": "X"}},
            {"allocatedResources": {"x": "1"}},
        ],
    ),
    "volumes": (
        "/api/v1/persistentvolumes",
        VOLUME,
        [
            ("spec.hostPath.path", "/y"),
            [("spec.hostPath", GONE), ("spec.nfs", {"server": "s", "path": "/x"})],
            ("spec.capacity.storage", "2Gi"),
            ("spec.accessModes", ["ReadOnlyMany"]),
            ("spec.persistentVolumeReclaimPolicy", "Delete"),
            ("spec.storageClassName", "x"),
            ("spec.volumeMode", "Block"),
            ("spec.claimRef", {"name": "c", "namespace": "n"}),
            ("spec.nodeAffinity", {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}}),
            ("spec.mountOptions", ["x"]),
        ],
        [{"phase": "Bound"}, {"phase": "X"}, {"message": "m", "reason": "R"}],
    ),
    "scalers": (
        "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
        SCALER,
        [("spec.maxReplicas", 5), ("spec.minReplicas", 0), ("spec.scaleTargetRef.name", "e"), ("spec.behavior", {"scaleDown": {"stabilizationWindowSeconds": 5}}), ("metadata.labels", {"a": "b"})],
        [{"currentReplicas": 1, "desiredReplicas": 2, "lastScaleTime": "2020-01-01T00:00:00Z"}, {"currentReplicas": -1, "desiredReplicas": -1}, {"desiredReplicas": 1, "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 5, "averageValue": "1"}}}]}, {"desiredReplicas": 1, "conditions": [{"type": "ScalingActive", "status": "True", "reason": "R"}]}],
    ),
    "scalers v1": (
        "/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers",
        changed(SCALER, ("spec.targetCPUUtilizationPercentage", 50)),
        [("spec.maxReplicas", 5), ("spec.targetCPUUtilizationPercentage", 0), ("spec.targetCPUUtilizationPercentage", GONE), ("metadata.annotations", {"a": "b"})],
        [{"currentReplicas": 1, "desiredReplicas": 2, "currentCPUUtilizationPercentage": 30}, {"currentReplicas": 1, "desiredReplicas": -2}],
    ),
    "budgets": (
        "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
        BUDGET,
        [("spec.minAvailable", "50%"), [("spec.minAvailable", GONE), ("spec.maxUnavailable", 1)], ("spec.selector", {"matchLabels": {"a": "b"}}), ("metadata.labels", {"a": "b"})],
        [
            {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2},
            {"disruptionsAllowed": -1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2},
            {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2, "conditions": [{"type": "DisruptionAllowed", "status": "X", "reason": "", "message": "", "lastTransitionTime": None}]},
        ],
    ),
    "slices of endpoints": ("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", SLICE, [("addressType", "IPv6"), ("endpoints", []), ("ports", []), ("metadata.labels", {"a": "b"}), ("endpoints[0].conditions", {"ready": False})], []),
    "roles": (f"{RBAC}/namespaces/{{ns}}/roles", ROLE, [("rules", []), ("rules[0].verbs", ["*"]), ("metadata.labels", {"a": "b"})], []),
    "bindings": (f"{RBAC}/namespaces/{{ns}}/rolebindings", BINDING, [("roleRef.name", "q"), ("roleRef.kind", "ClusterRole"), ("subjects", []), ("subjects[0].name", "v")], []),
    "config maps that are fixed": (
        f"{CORE}/configmaps",
        named(data={"a": "b"}, immutable=True),
        [("data", {"a": "c"}), ("data", GONE), ("immutable", False), ("immutable", GONE), ("binaryData", {"c": "eA=="}), ("metadata.labels", {"a": "b"})],
        [],
    ),
    "secrets": (
        f"{CORE}/secrets",
        named(stringData={"a": "b"}),
        [("type", "x"), ("stringData", {"a": "c"}), ("data", {"d": "eA=="}), ("immutable", True), ("stringData", {})],
        [],
    ),
    "storage classes": (
        "/apis/storage.k8s.io/v1/storageclasses",
        named("{id}", provisioner="example.com/x"),
        [("provisioner", "y"), ("parameters", {"a": "b"}), ("reclaimPolicy", "Retain"), ("volumeBindingMode", "WaitForFirstConsumer"), ("allowVolumeExpansion", True), ("mountOptions", ["x"]), ("allowedTopologies", [{"matchLabelExpressions": [{"key": "a", "values": ["x"]}]}]), ("allowedTopologies", [{"matchLabelExpressions": [{"key": "a b", "values": []}]}]), [("provisioner", "-a"), ("parameters", {"": "b"}), ("reclaimPolicy", "X")]],
        [],
    ),
    "priority classes": ("/apis/scheduling.k8s.io/v1/priorityclasses", named("{id}", value=5), [("value", 6), ("preemptionPolicy", "Never"), ("description", "x"), ("globalDefault", False)], []),
    "runtime classes": ("/apis/node.k8s.io/v1/runtimeclasses", named("{id}", handler="h"), [("handler", "i"), ("overhead", {"podFixed": {"cpu": "1"}}), ("scheduling", {"nodeSelector": {"a": "b"}})], []),
    "ingress classes": ("/apis/networking.k8s.io/v1/ingressclasses", named("{id}", spec={"controller": "x.io/y"}), [("spec.controller", "x.io/z"), ("spec.parameters", {"kind": "K", "name": "n"})], []),
    "quotas": (
        f"{CORE}/resourcequotas",
        named(spec={"hard": {"pods": "1"}, "scopes": ["BestEffort"]}),
        [("spec.hard", {"pods": "2"}), ("spec.scopes", ["NotBestEffort"]), ("spec.scopeSelector", {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]})],
        [{"hard": {"pods": "1"}, "used": {"pods": "1"}}, {"hard": {"pods": "-1"}}, {"used": {"pods": "1.5"}}, {"used": {"x": "1"}}],
    ),
    "limit ranges": (f"{CORE}/limitranges", named(spec={"limits": [{"type": "Container", "max": {"cpu": "1"}}]}), [("spec.limits", []), ("spec.limits[0].max", {"cpu": "2"}), ("spec.limits[0].type", "X")], []),
    "nodes": (
        "/api/v1/nodes",
        named("{id}"),
        [("spec.unschedulable", True), ("spec.podCIDR", "10.1.0.0/24"), ("spec.providerID", "x"), ("spec.taints", [{"key": "a", "effect": "NoSchedule"}]), ("metadata.labels", {"a": "b"}), ("status", {"capacity": {"cpu": "1"}})],
        [
            {"capacity": {"cpu": "4", "memory": "1Gi"}},
            {"capacity": {"cpu": "4"}, "allocatable": {"cpu": "-1"}},
            {"conditions": [{"type": "Ready", "status": "True", "reason": "R", "message": "m"}]},
            {"addresses": [{"type": "InternalIP", "address": "1.2.3.4"}, {"type": "Hostname", "address": "h"}]},
            {"nodeInfo": {"kubeletVersion": "v1", "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "", "osImage": "", "containerRuntimeVersion": "", "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64"}},
            {"volumesInUse": ["x"], "volumesAttached": [{"name": "x", "devicePath": "/d"}]},
            {"daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}},
        ],
    ),
    "namespaces": (
        "/api/v1/namespaces",
        named("{id}"),
        [("metadata.labels", {"a": "b"}), ("metadata.labels", {"kubernetes.io/metadata.name": "x"}), ("spec.finalizers", []), ("metadata.finalizers", ["x.io/y"])],
        [{"phase": "Terminating"}, {"phase": "X"}, {"conditions": [{"type": "NamespaceDeletionDiscoveryFailure", "status": "True"}]}],
    ),
    "service accounts": (f"{CORE}/serviceaccounts", named(), [("secrets", [{"name": "x"}]), ("imagePullSecrets", [{"name": "x"}]), ("automountServiceAccountToken", False)], []),
    "leases": (
        "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
        named(spec={"holderIdentity": "x", "leaseDurationSeconds": 15}),
        [("spec.holderIdentity", "y"), ("spec.leaseTransitions", 1), ("spec.leaseDurationSeconds", 0), ("spec.renewTime", "2020-01-01T00:00:00.000000Z"), ("spec.acquireTime", "2020-01-01T00:00:00Z"), ("spec", {})],
        [],
    ),
    "webhooks": (
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        named("{id}", webhooks=[HOOK]),
        [("webhooks", []), ("webhooks[0].name", "b.example.com"), ("webhooks[0].failurePolicy", "X"), ("webhooks[0].timeoutSeconds", 31), ("webhooks[0].clientConfig", {"url": "http://x"}), ("webhooks[0].matchConditions", [{"name": "a", "expression": "true"}])],
        [],
    ),
    "revisions": (f"{APPS}/controllerrevisions", named(data={"a": 1}, revision=1), [("data", {"a": 2}), ("revision", 2), ("metadata.labels", {"a": "b"})], []),
    "pod templates": (f"{CORE}/podtemplates", named(template=TEMPLATE), [("template.spec.containers[0].image", "j"), ("metadata.labels", {"a": "b"})], []),
    "endpoints": (f"{CORE}/endpoints", named(subsets=[{"addresses": [{"ip": "1.2.3.4"}], "ports": [{"port": 80}]}]), [("subsets", []), ("subsets[0].ports", [{"port": 81}]), ("metadata.labels", {"a": "b"})], []),
}  # fmt: skip


def steps(path: str, good: Document, changes: Sequence[Any], statuses: Sequence[Document]) -> list[Step]:
    at = f"{path}/{good['metadata']['name']}"
    version = {"resourceVersion": "{0.metadata.resourceVersion}"}
    found: list[Step] = [POST(path, good)]
    for change in changes:
        several = [change] if isinstance(change[0], str) else change
        # What the server allocated has to be said again by who replaces the whole.
        found.append(PUT(f"{at}?dryRun=All", _versioned(changed(good, *several), version)))
        merge = _merge(several)
        if merge is not None:
            found.append(PATCH(f"{at}?dryRun=All", merge))
    found += [PATCH(f"{at}/status?dryRun=All", {"status": status}) for status in statuses]
    found += [PUT(f"{at}/status", _versioned({**good, "status": status}, version)) for status in statuses[:1]]
    # A node port in a cell is another one each time.
    found.append(GET(at) if good is RICH_SERVICE else GET(at, accept=TABLE))
    return found


def _versioned(document: Document, version: Document) -> Document:
    whole: Document = json.loads(json.dumps(document))
    whole["metadata"] = {**version, **whole["metadata"]}
    return whole


def _merge(changes: Sequence[tuple[str, Any]]) -> Document | None:
    """The changes as a merge patch; None where they are within lists."""
    patch: Document = {}
    for place, value in changes:
        if "[" in place:
            return None
        *way, last = place.split(".")
        holder = patch
        for key in way:
            holder = holder.setdefault(key, {})
        holder[last] = None if value is GONE else value
    return patch


CASES = [Case(topic, *steps(*known)) for topic, known in TYPES.items()]
