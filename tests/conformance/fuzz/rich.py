"""Objects of built-in types with much in them, which mutations start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["RICH"]

_LABELS = {"app": "x"}
_SELECTOR = {"matchLabels": _LABELS, "matchExpressions": [{"key": "app", "operator": "In", "values": ["x"]}]}
_PROBE = {"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "h", "value": "v"}]}, "periodSeconds": 5}
_CONTAINER: dict[str, Any] = {
    "name": "c",
    "image": "i",
    "command": ["a"],
    "args": ["b"],
    "workingDir": "/w",
    "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}, {"containerPort": 81}],
    "env": [
        {"name": "A", "value": "b"},
        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
        {"name": "D", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1"}}},
        {"name": "E", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
    ],
    "envFrom": [{"prefix": "P", "configMapRef": {"name": "m"}}, {"secretRef": {"name": "s"}}],
    "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "512Mi"}},
    "volumeMounts": [
        {"name": "v", "mountPath": "/v", "readOnly": True},
        {"name": "d", "mountPath": "/d", "subPath": "s"},
    ],
    "livenessProbe": _PROBE,
    "readinessProbe": {"tcpSocket": {"port": "http"}, "successThreshold": 2},
    "startupProbe": {"exec": {"command": ["x"]}, "failureThreshold": 30},
    "lifecycle": {"preStop": {"exec": {"command": ["x"]}}, "postStart": {"httpGet": {"port": "http"}}},
    "securityContext": {
        "runAsUser": 1000,
        "runAsNonRoot": True,
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
    },
    "imagePullPolicy": "Always",
    "terminationMessagePolicy": "File",
}
_VOLUMES: list[dict[str, Any]] = [
    {"name": "v", "configMap": {"name": "m", "items": [{"key": "k", "path": "p", "mode": 420}], "defaultMode": 420}},
    {"name": "d", "emptyDir": {"sizeLimit": "1Gi", "medium": "Memory"}},
    {"name": "s", "secret": {"secretName": "s", "optional": True}},
    {"name": "h", "hostPath": {"path": "/h", "type": "Directory"}},
    {"name": "p", "persistentVolumeClaim": {"claimName": "c"}},
    {
        "name": "j",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "t", "audience": "a", "expirationSeconds": 3600}},
                {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
                {"configMap": {"name": "m"}},
                {"secret": {"name": "s"}},
            ]
        },
    },
    {"name": "n", "nfs": {"server": "s", "path": "/x"}},
    {"name": "e", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}},
    {"name": "i", "csi": {"driver": "x.io", "volumeAttributes": {"a": "b"}}},
    {"name": "w", "downwardAPI": {"items": [{"path": "r", "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu"}}]}},
]  # fmt: skip
_TERM = {"matchExpressions": [{"key": "k", "operator": "In", "values": ["a"]}]}
_NEAR = {"labelSelector": _SELECTOR, "topologyKey": "kubernetes.io/hostname", "namespaces": ["n"]}
_POD: dict[str, Any] = {
    "containers": [_CONTAINER, {"name": "d", "image": "j"}],
    "initContainers": [{"name": "i", "image": "i", "restartPolicy": "Always"}, {"name": "j", "image": "i"}],
    "volumes": _VOLUMES,
    "restartPolicy": "Always",
    "serviceAccountName": "default",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "None",
    "dnsConfig": {"nameservers": ["1.2.3.4"], "searches": ["a.b"], "options": [{"name": "ndots", "value": "2"}]},
    "nodeSelector": {"a": "b"},
    "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a.b"]}],
    "tolerations": [{"key": "a", "operator": "Equal", "value": "b", "effect": "NoExecute", "tolerationSeconds": 5}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [_TERM]},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": _TERM}],
        },
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [_NEAR]},
        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": _NEAR}]},
    },
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": _SELECTOR, "minDomains": 2, "matchLabelKeys": ["z"]}
    ],
    "securityContext": {"fsGroup": 1, "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "0"}], "supplementalGroups": [1], "runAsUser": 5},
    "imagePullSecrets": [{"name": "s"}],
    "hostname": "h",
    "subdomain": "s",
    "readinessGates": [{"conditionType": "x.io/y"}],
    "priorityClassName": "",
    "enableServiceLinks": True,
    "shareProcessNamespace": False,
    "activeDeadlineSeconds": 100,
    "schedulingGates": [{"name": "x.io/g"}],
}  # fmt: skip
_TEMPLATE = {
    "metadata": {"labels": _LABELS, "annotations": {"a": "b"}},
    "spec": {k: v for k, v in _POD.items() if k != "activeDeadlineSeconds"},
}
_JOB_TEMPLATE = {
    "metadata": {"labels": _LABELS},
    "spec": {"containers": [_CONTAINER], "volumes": _VOLUMES[:2], "restartPolicy": "Never"},
}
_JOB: dict[str, Any] = {
    "template": _JOB_TEMPLATE,
    "parallelism": 2,
    "completions": 3,
    "backoffLimit": 4,
    "activeDeadlineSeconds": 100,
    "ttlSecondsAfterFinished": 10,
    "completionMode": "Indexed",
    "suspend": True,
    "podFailurePolicy": {
        "rules": [
            {"action": "FailJob", "onExitCodes": {"containerName": "c", "operator": "In", "values": [1, 2]}},
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
        ]
    },
    "backoffLimitPerIndex": 1,
    "maxFailedIndexes": 2,
    "podReplacementPolicy": "Failed",
}
_CLAIM: dict[str, Any] = {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "1Gi"}, "limits": {"storage": "2Gi"}},
    "storageClassName": "x",
    "volumeMode": "Filesystem",
    "selector": _SELECTOR,
    "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"},
}
_RULES = [
    {
        "apiGroups": ["", "apps"],
        "resources": ["pods", "deployments/scale"],
        "verbs": ["get", "*"],
        "resourceNames": ["a"],
    },
]
_SUBJECTS = [
    {"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"},
    {"kind": "ServiceAccount", "name": "s", "namespace": "n"},
    {"kind": "Group", "name": "g"},
]
_HOOK: dict[str, Any] = {
    "name": "a.example.com",
    "clientConfig": {"service": {"name": "s", "namespace": "none-{id}", "path": "/x", "port": 443}},
    "admissionReviewVersions": ["v1", "v1beta1"],
    "sideEffects": "NoneOnDryRun",
    "failurePolicy": "Ignore",
    "matchPolicy": "Exact",
    "timeoutSeconds": 5,
    "namespaceSelector": {"matchLabels": {"none": "x"}},
    "objectSelector": {"matchLabels": {"none": "x"}},
    "rules": [{"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["nones", "nones/status"], "scope": "Namespaced"}],
}  # fmt: skip
_METRICS: list[dict[str, Any]] = [
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}},
    {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "1k"}}},
    {"type": "Object", "object": {"describedObject": {"kind": "Ingress", "name": "i", "apiVersion": "networking.k8s.io/v1"}, "metric": {"name": "r"}, "target": {"type": "Value", "value": "2k"}}},
    {"type": "External", "external": {"metric": {"name": "q", "selector": _SELECTOR}, "target": {"type": "AverageValue", "averageValue": "30"}}},
    {"type": "ContainerResource", "containerResource": {"container": "c", "name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
]  # fmt: skip
_POLICY = {
    "selectPolicy": "Max",
    "stabilizationWindowSeconds": 0,
    "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}],
}
_REQUESTS = [
    {
        "name": "r",
        "exactly": {
            "deviceClassName": "x",
            "allocationMode": "ExactCount",
            "count": 2,
            "selectors": [{"cel": {"expression": "true"}}],
        },
    }
]

#: By group, version and plural: what stands beside the metadata.
RICH: Mapping[tuple[str, str, str], Mapping[str, Any]] = {
    ("", "v1", "configmaps"): {"data": {"k": "v", "l": "w"}, "binaryData": {"b": "AAEC"}, "immutable": False},
    ("", "v1", "secrets"): {"type": "Opaque", "data": {"k": "dg=="}, "stringData": {"s": "t"}, "immutable": False},
    ("", "v1", "pods"): {"spec": _POD},
    ("", "v1", "podtemplates"): {"template": _TEMPLATE},
    ("", "v1", "replicationcontrollers"): {"spec": {"selector": _LABELS, "replicas": 2, "minReadySeconds": 1, "template": _TEMPLATE}},
    ("", "v1", "services"): {
        "spec": {
            "type": "LoadBalancer",
            "selector": _LABELS,
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}, {"name": "dns", "port": 53, "protocol": "UDP", "appProtocol": "x.io/y"}],
            "sessionAffinity": "ClientIP",
            "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10}},
            "externalTrafficPolicy": "Local",
            "internalTrafficPolicy": "Cluster",
            "loadBalancerSourceRanges": ["10.0.0.0/8"],
            "ipFamilyPolicy": "SingleStack",
            "ipFamilies": ["IPv4"],
            "publishNotReadyAddresses": True,
            "loadBalancerClass": "x.io/y",
            "allocateLoadBalancerNodePorts": False,
        }
    },
    ("", "v1", "serviceaccounts"): {"secrets": [{"name": "s"}], "imagePullSecrets": [{"name": "t"}], "automountServiceAccountToken": False},
    ("", "v1", "endpoints"): {"subsets": [{"addresses": [{"ip": "10.1.2.3", "hostname": "h", "nodeName": "n", "targetRef": {"kind": "Pod", "name": "p"}}], "notReadyAddresses": [{"ip": "10.1.2.4"}], "ports": [{"name": "a", "port": 80, "protocol": "TCP"}]}]},
    ("", "v1", "events"): {"involvedObject": {"kind": "Pod", "namespace": "{ns}", "name": "a", "apiVersion": "v1"}, "reason": "R", "message": "m", "type": "Normal", "count": 1, "firstTimestamp": "2020-01-01T00:00:00Z", "source": {"component": "c"}},
    ("", "v1", "limitranges"): {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "1m"}, "default": {"cpu": "1"}, "defaultRequest": {"cpu": "500m"}, "maxLimitRequestRatio": {"cpu": "10"}}, {"type": "Pod", "max": {"memory": "1Gi"}}, {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}]}},
    ("", "v1", "resourcequotas"): {"spec": {"hard": {"pods": "10", "requests.cpu": "1", "limits.memory": "1Gi", "count/deployments.apps": "5"}, "scopes": ["NotTerminating"], "scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]}}},
    ("", "v1", "nodes"): {"spec": {"podCIDR": "10.2.0.0/24", "podCIDRs": ["10.2.0.0/24"], "providerID": "x://y", "unschedulable": True, "taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]}},
    ("", "v1", "namespaces"): {"spec": {"finalizers": ["kubernetes"]}},
    ("", "v1", "persistentvolumeclaims"): {"spec": _CLAIM},
    ("", "v1", "persistentvolumes"): {
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"},
            "csi": {"driver": "x.io", "volumeHandle": "h", "fsType": "ext4", "volumeAttributes": {"a": "b"}, "nodeStageSecretRef": {"name": "s", "namespace": "n"}},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "x",
            "volumeMode": "Filesystem",
            "mountOptions": ["a"],
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "n", "name": "c"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [_TERM]}},
        }
    },
    ("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"): {"webhooks": [{**_HOOK, "reinvocationPolicy": "IfNeeded"}]},
    ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"): {"webhooks": [_HOOK]},
    ("apps", "v1", "daemonsets"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 0}}, "minReadySeconds": 1, "revisionHistoryLimit": 2}},
    ("apps", "v1", "deployments"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE, "replicas": 2, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 1}}, "minReadySeconds": 1, "revisionHistoryLimit": 2, "progressDeadlineSeconds": 60, "paused": True}},
    ("apps", "v1", "replicasets"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE, "replicas": 2, "minReadySeconds": 1}},
    ("apps", "v1", "statefulsets"): {
        "spec": {
            "selector": _SELECTOR,
            "template": _TEMPLATE,
            "serviceName": "s",
            "replicas": 2,
            "podManagementPolicy": "Parallel",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": _CLAIM}],
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"},
            "ordinals": {"start": 1},
        }
    },
    ("apps", "v1", "controllerrevisions"): {"data": {"a": 1}, "revision": 1},
    ("autoscaling", "v2", "horizontalpodautoscalers"): {"spec": {"maxReplicas": 3, "minReplicas": 1, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "metrics": _METRICS, "behavior": {"scaleUp": _POLICY, "scaleDown": _POLICY}}},
    ("autoscaling", "v1", "horizontalpodautoscalers"): {"spec": {"maxReplicas": 3, "minReplicas": 1, "targetCPUUtilizationPercentage": 50, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}},
    ("batch", "v1", "jobs"): {"spec": _JOB},
    ("batch", "v1", "cronjobs"): {"spec": {"schedule": "*/5 * * * *", "timeZone": "Europe/Berlin", "concurrencyPolicy": "Forbid", "suspend": True, "startingDeadlineSeconds": 10, "successfulJobsHistoryLimit": 1, "failedJobsHistoryLimit": 1, "jobTemplate": {"metadata": {"labels": _LABELS}, "spec": {k: v for k, v in _JOB.items() if k != "suspend"}}}},
    ("coordination.k8s.io", "v1", "leases"): {"spec": {"holderIdentity": "me", "leaseDurationSeconds": 15, "acquireTime": "2020-01-01T00:00:00.000000Z", "renewTime": "2020-01-01T00:00:00.000000Z", "leaseTransitions": 1}},
    ("discovery.k8s.io", "v1", "endpointslices"): {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": True, "serving": True}, "hostname": "h", "nodeName": "n", "zone": "z", "targetRef": {"kind": "Pod", "name": "p"}, "hints": {"forZones": [{"name": "z"}]}}], "ports": [{"name": "http", "port": 80, "protocol": "TCP", "appProtocol": "x.io/y"}]},
    ("events.k8s.io", "v1", "events"): {"eventTime": "2020-01-01T00:00:00.000000Z", "reportingController": "x.io/c", "reportingInstance": "i", "action": "A", "reason": "R", "regarding": {"kind": "Pod", "namespace": "{ns}", "name": "a"}, "note": "n", "type": "Normal", "series": {"count": 2, "lastObservedTime": "2020-01-01T00:00:00.000000Z"}},
    ("flowcontrol.apiserver.k8s.io", "v1", "flowschemas"): {"spec": {"priorityLevelConfiguration": {"name": "none-{id}"}, "matchingPrecedence": 500, "distinguisherMethod": {"type": "ByUser"}, "rules": [{"subjects": [{"kind": "User", "user": {"name": "u"}}, {"kind": "ServiceAccount", "serviceAccount": {"name": "s", "namespace": "n"}}], "resourceRules": [{"verbs": ["get"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}], "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}]}},
    ("networking.k8s.io", "v1", "ingresses"): {
        "spec": {
            "ingressClassName": "x",
            "defaultBackend": {"service": {"name": "s", "port": {"number": 80}}},
            "tls": [{"hosts": ["a.b"], "secretName": "s"}],
            "rules": [{"host": "a.b", "http": {"paths": [{"path": "/x", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"name": "http"}}}}, {"path": "/y", "pathType": "Exact", "backend": {"resource": {"apiGroup": "x.io", "kind": "K", "name": "n"}}}]}}],
        }
    },
    ("networking.k8s.io", "v1", "ingressclasses"): {"spec": {"controller": "example.com/x", "parameters": {"apiGroup": "x.io", "kind": "K", "name": "n", "scope": "Namespace", "namespace": "n"}}},
    ("networking.k8s.io", "v1", "networkpolicies"): {
        "spec": {
            "podSelector": _SELECTOR,
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": _SELECTOR, "namespaceSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}], "ports": [{"port": 80, "endPort": 90, "protocol": "TCP"}, {"port": "http"}]}],
            "egress": [{"to": [{"namespaceSelector": _SELECTOR}], "ports": [{"port": 53, "protocol": "UDP"}]}],
        }
    },
    ("node.k8s.io", "v1", "runtimeclasses"): {"handler": "h", "overhead": {"podFixed": {"cpu": "1m"}}, "scheduling": {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "a", "operator": "Exists"}]}},
    ("policy", "v1", "poddisruptionbudgets"): {"spec": {"minAvailable": "50%", "selector": _SELECTOR, "unhealthyPodEvictionPolicy": "AlwaysAllow"}},
    ("rbac.authorization.k8s.io", "v1", "roles"): {"rules": _RULES},
    ("rbac.authorization.k8s.io", "v1", "clusterroles"): {"rules": [*_RULES, {"nonResourceURLs": ["/x"], "verbs": ["get"]}], "aggregationRule": {"clusterRoleSelectors": [_SELECTOR]}},
    ("rbac.authorization.k8s.io", "v1", "rolebindings"): {"roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": _SUBJECTS},
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings"): {"roleRef": {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": _SUBJECTS},
    ("resource.k8s.io", "v1", "resourceclaims"): {"spec": {"devices": {"requests": _REQUESTS, "constraints": [{"requests": ["r"], "matchAttribute": "x.io/a"}], "config": [{"requests": ["r"], "opaque": {"driver": "x.io", "parameters": {"a": 1}}}]}}},
    ("resource.k8s.io", "v1", "resourceclaimtemplates"): {"spec": {"metadata": {"labels": _LABELS}, "spec": {"devices": {"requests": _REQUESTS}}}},
    ("scheduling.k8s.io", "v1", "priorityclasses"): {"value": 5, "globalDefault": False, "description": "d", "preemptionPolicy": "Never"},
    ("storage.k8s.io", "v1", "csidrivers"): {"spec": {"attachRequired": True, "podInfoOnMount": True, "volumeLifecycleModes": ["Persistent", "Ephemeral"], "fsGroupPolicy": "File", "tokenRequests": [{"audience": "a", "expirationSeconds": 3600}], "requiresRepublish": True}},
    ("storage.k8s.io", "v1", "csinodes"): {"spec": {"drivers": [{"name": "example.com", "nodeID": "n", "topologyKeys": ["a"], "allocatable": {"count": 3}}]}},
    ("storage.k8s.io", "v1", "csistoragecapacities"): {"storageClassName": "none", "capacity": "1Gi", "maximumVolumeSize": "1Gi", "nodeTopology": _SELECTOR},
    ("storage.k8s.io", "v1", "storageclasses"): {"provisioner": "example.com/x", "parameters": {"a": "b"}, "reclaimPolicy": "Retain", "mountOptions": ["a"], "allowVolumeExpansion": True, "volumeBindingMode": "WaitForFirstConsumer", "allowedTopologies": [{"matchLabelExpressions": [{"key": "z", "values": ["a"]}]}]},
    ("storage.k8s.io", "v1", "volumeattachments"): {"spec": {"attacher": "example.com", "nodeName": "n", "source": {"persistentVolumeName": "v"}}},
}  # fmt: skip
