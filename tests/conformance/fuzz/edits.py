"""What controllers change in objects of each type: parts of specs, and statuses, most of which a server takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["EDITS", "STATUSES"]

Parts = Sequence[Mapping[str, Any]]

_IMAGE: dict[str, Any] = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "new"}]}}}}
_SIDECAR: dict[str, Any] = {
    "spec": {
        "template": {
            "spec": {"containers": [{"name": "side", "image": "s", "ports": [{"containerPort": 9090, "name": "m"}]}]}
        }
    }
}
_ENV: dict[str, Any] = {
    "spec": {
        "template": {
            "spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": "1"}, {"name": "Z", "value": "2"}]}]}
        }
    }
}
_RESTART: dict[str, Any] = {
    "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}
}
_VOLUME: dict[str, Any] = {
    "spec": {
        "template": {
            "spec": {
                "volumes": [{"name": "q", "emptyDir": {}}],
                "containers": [{"name": "c", "volumeMounts": [{"name": "q", "mountPath": "/q"}]}],
            }
        }
    }
}
_SELECTOR: dict[str, Any] = {"spec": {"selector": {"matchLabels": {"app": "y"}}}}
_RESOURCES: dict[str, Any] = {
    "spec": {
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "c",
                        "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1000m", "memory": "1024Mi"}},
                    }
                ]
            }
        }
    }
}
_TEMPLATES: Parts = [_IMAGE, _SIDECAR, _ENV, _RESTART, _VOLUME, _SELECTOR, _RESOURCES, {"spec": {"minReadySeconds": 5}}]
_REPLICAS: Parts = [{"spec": {"replicas": 3}}, {"spec": {"replicas": 0}}, {"spec": {"replicas": -1}}]
_POLICIES: Parts = [
    {"webhooks": [{"name": "a.example.com", "failurePolicy": "Ignore"}]},
    {"webhooks": [{"name": "a.example.com", "timeoutSeconds": 3, "clientConfig": {"caBundle": "Cg=="}}]},
    {
        "webhooks": [
            {
                "name": "b.example.com",
                "clientConfig": {"url": "https://x/y"},
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ]
    },
    {"webhooks": []},
]

#: By plural: what stands beside the metadata in a patch, an apply, or (merged into the object) an update.
EDITS: Mapping[str, Parts] = {
    "pods": [
        {"spec": {"containers": [{"name": "c", "image": "new"}]}},
        {"spec": {"activeDeadlineSeconds": 60}},
        {"spec": {"tolerations": [{"key": "z", "operator": "Exists"}]}},
        {"spec": {"nodeName": "n"}},
        {"spec": {"terminationGracePeriodSeconds": 1}},
        {"spec": {"schedulingGates": []}},
        {"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": "2"}]}]}},
        {"spec": {"restartPolicy": "Never"}},
    ],
    "deployments": [*_TEMPLATES, *_REPLICAS, {"spec": {"paused": True}}, {"spec": {"paused": None}}, {"spec": {"strategy": {"type": "Recreate"}}}, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "50%"}}}}, {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}],
    "replicasets": [*_TEMPLATES, *_REPLICAS],
    "replicationcontrollers": [*_TEMPLATES, *_REPLICAS],
    "statefulsets": [*_TEMPLATES, *_REPLICAS, {"spec": {"updateStrategy": {"type": "OnDelete"}}}, {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}}, {"spec": {"serviceName": "other"}}, {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "x"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}}, {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}}, {"spec": {"podManagementPolicy": "OrderedReady"}}],
    "daemonsets": [*_TEMPLATES, {"spec": {"updateStrategy": {"type": "OnDelete"}}}, {"spec": {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}}}],
    "jobs": [{"spec": {"suspend": True}}, {"spec": {"suspend": False}}, {"spec": {"parallelism": 3}}, {"spec": {"completions": 5}}, {"spec": {"backoffLimit": 1}}, {"spec": {"ttlSecondsAfterFinished": 5}}, {"spec": {"activeDeadlineSeconds": 10}}, _IMAGE, _RESTART],
    "cronjobs": [{"spec": {"suspend": True}}, {"spec": {"schedule": "0 * * * *"}}, {"spec": {"schedule": "@hourly"}}, {"spec": {"schedule": "x"}}, {"spec": {"timeZone": "Etc/UTC"}}, {"spec": {"timeZone": "Nowhere/X"}}, {"spec": {"concurrencyPolicy": "Replace"}}, {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "new"}]}}}}}}, {"spec": {"successfulJobsHistoryLimit": 0}}],
    "services": [{"spec": {"type": "NodePort"}}, {"spec": {"type": "LoadBalancer"}}, {"spec": {"type": "ClusterIP"}}, {"spec": {"type": "ExternalName", "externalName": "x.y"}}, {"spec": {"ports": [{"port": 80, "name": "http", "targetPort": 8080}]}}, {"spec": {"ports": [{"port": 443, "name": "https"}]}}, {"spec": {"ports": [{"port": 80, "protocol": "TCP"}, {"port": 81}]}}, {"spec": {"selector": {"app": "z"}}}, {"spec": {"selector": None}}, {"spec": {"sessionAffinity": "ClientIP"}}, {"spec": {"clusterIP": "None"}}, {"spec": {"clusterIP": ""}}, {"spec": {"externalIPs": ["1.2.3.4"]}}, {"spec": {"externalTrafficPolicy": "Local"}}, {"spec": {"ipFamilyPolicy": "PreferDualStack"}}, {"spec": {"publishNotReadyAddresses": True}}],
    "ingresses": [{"spec": {"ingressClassName": "nginx"}}, {"spec": {"rules": [{"host": "x.y", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}}]}}]}}, {"spec": {"tls": [{"hosts": ["x.y"], "secretName": "t"}]}}, {"spec": {"rules": [{"host": "*.x.y"}]}}, {"spec": {"rules": [{"http": {"paths": [{"path": "x", "pathType": "Exact", "backend": {"service": {"name": "s", "port": {"name": "h"}}}}]}}]}}],
    "configmaps": [{"data": {"k": "w"}}, {"data": {"n": "x"}}, {"data": {"k": None}}, {"data": None}, {"binaryData": {"z": "AAA="}}, {"immutable": True}, {"immutable": False}],
    "secrets": [{"data": {"k": "dw=="}}, {"stringData": {"n": "x"}}, {"data": {"k": None}}, {"type": "kubernetes.io/tls"}, {"immutable": True}, {"data": {"z": "!!"}}],
    "serviceaccounts": [{"imagePullSecrets": [{"name": "p"}]}, {"secrets": [{"name": "z"}]}, {"automountServiceAccountToken": True}],
    "roles": [{"rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]}]}, {"rules": []}, {"rules": None}, {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": []}]}],
    "clusterroles": [{"rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["*"]}]}, {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}, {"rules": [{"nonResourceURLs": ["/x"], "verbs": ["get"]}]}],
    "rolebindings": [{"subjects": [{"kind": "ServiceAccount", "name": "z", "namespace": "y"}]}, {"subjects": []}, {"roleRef": {"kind": "ClusterRole", "name": "z", "apiGroup": "rbac.authorization.k8s.io"}}, {"subjects": [{"kind": "Group", "name": "g"}]}],
    "clusterrolebindings": [{"subjects": [{"kind": "ServiceAccount", "name": "z", "namespace": "y"}]}, {"subjects": None}, {"roleRef": {"kind": "ClusterRole", "name": "z", "apiGroup": "rbac.authorization.k8s.io"}}],
    "leases": [{"spec": {"holderIdentity": "you", "leaseTransitions": 2}}, {"spec": {"renewTime": "2026-01-01T00:00:00.000000Z"}}, {"spec": {"renewTime": "2026-01-01T00:00:00Z"}}, {"spec": {"leaseDurationSeconds": 0}}, {"spec": {"holderIdentity": ""}}, {"spec": {"holderIdentity": None}}],
    "events": [{"count": 2, "lastTimestamp": "2026-01-01T00:00:00Z"}, {"message": "other"}, {"series": {"count": 3, "lastObservedTime": "2026-01-01T00:00:00.000000Z"}}, {"type": "Odd"}, {"note": "other"}, {"reason": "Z"}],
    "persistentvolumeclaims": [{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}, {"spec": {"volumeName": "v"}}, {"spec": {"storageClassName": "y"}}, {"spec": {"accessModes": ["ReadWriteMany"]}}],
    "persistentvolumes": [{"spec": {"persistentVolumeReclaimPolicy": "Delete"}}, {"spec": {"claimRef": {"kind": "PersistentVolumeClaim", "namespace": "n", "name": "z", "uid": "u"}}}, {"spec": {"claimRef": None}}, {"spec": {"capacity": {"storage": "2Gi"}}}, {"spec": {"hostPath": {"path": "/z"}}}],
    "storageclasses": [{"parameters": {"z": "y"}}, {"allowVolumeExpansion": True}, {"reclaimPolicy": "Retain"}, {"provisioner": "z"}, {"mountOptions": ["z"]}],
    "horizontalpodautoscalers": [{"spec": {"minReplicas": 2}}, {"spec": {"maxReplicas": 1}}, {"spec": {"minReplicas": 0}}, {"spec": {"targetCPUUtilizationPercentage": 60}}, {"spec": {"metrics": [{"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}}}]}}, {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}}}}, {"spec": {"scaleTargetRef": {"name": "z", "kind": "StatefulSet"}}}],
    "poddisruptionbudgets": [{"spec": {"minAvailable": 2}}, {"spec": {"maxUnavailable": "10%"}}, {"spec": {"minAvailable": None, "maxUnavailable": 1}}, {"spec": {"selector": {"matchLabels": {"z": "y"}}}}, {"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}}],
    "networkpolicies": [{"spec": {"policyTypes": ["Egress"]}}, {"spec": {"ingress": [{}]}}, {"spec": {"ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}], "ports": [{"port": "http"}]}]}}, {"spec": {"egress": []}}, {"spec": {"podSelector": {"matchLabels": {"z": "y"}}}}],
    "endpointslices": [{"endpoints": [{"addresses": ["10.1.2.9"], "conditions": {"ready": False}}]}, {"endpoints": []}, {"endpoints": None}, {"ports": [{"port": 81, "name": "z"}]}, {"addressType": "IPv6"}],
    "endpoints": [{"subsets": [{"addresses": [{"ip": "10.1.2.9"}], "ports": [{"port": 81}]}]}, {"subsets": []}, {"subsets": None}],
    "namespaces": [{"spec": {"finalizers": ["kubernetes", "x.io/y"]}}, {"spec": {"finalizers": []}}],
    "nodes": [{"spec": {"unschedulable": True}}, {"spec": {"unschedulable": None}}, {"spec": {"taints": [{"key": "z", "effect": "NoExecute"}]}}, {"spec": {"taints": []}}, {"spec": {"podCIDR": "10.3.0.0/24"}}, {"spec": {"podCIDR": "10.3.0.0/24", "podCIDRs": ["10.3.0.0/24"]}}, {"spec": {"providerID": "z://y"}}],
    "priorityclasses": [{"value": 6}, {"description": "z"}, {"globalDefault": False}, {"preemptionPolicy": "Never"}],
    "ingressclasses": [{"spec": {"controller": "z/y"}}, {"spec": {"parameters": {"kind": "K", "name": "z", "apiGroup": "x.io"}}}],
    "limitranges": [{"spec": {"limits": [{"type": "Pod", "max": {"cpu": "2"}}]}}, {"spec": {"limits": []}}],
    "resourcequotas": [{"spec": {"hard": {"pods": "5", "configmaps": "10"}}}, {"spec": {"hard": {"pods": None}}}],
    "podtemplates": [{"template": {"spec": {"containers": [{"name": "c", "image": "new"}]}}}, {"template": {"metadata": {"labels": {"z": "y"}}}}],
    "controllerrevisions": [{"revision": 2}, {"data": {"a": 2}}, {"revision": -1}],
    "runtimeclasses": [{"handler": "z"}, {"overhead": {"podFixed": {"cpu": "2m"}}}, {"scheduling": {"nodeSelector": {"z": "y"}}}],
    "mutatingwebhookconfigurations": _POLICIES,
    "validatingwebhookconfigurations": _POLICIES,
    "csidrivers": [{"spec": {"podInfoOnMount": True}}, {"spec": {"attachRequired": False}}],
    "csinodes": [{"spec": {"drivers": [{"name": "z.io", "nodeID": "z"}]}}],
}  # fmt: skip

_CONDITION: dict[str, Any] = {
    "type": "Ready",
    "status": "True",
    "reason": "R",
    "message": "m",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}
_OBSERVED: Parts = [
    {"observedGeneration": 1, "replicas": 2, "readyReplicas": 1},
    {"replicas": 1, "readyReplicas": 2, "availableReplicas": 3},
    {"conditions": [{"type": "Available", "status": "True", "reason": "R"}, {"type": "Progressing", "status": "False"}]},
    {"conditions": [{"type": "Available", "status": "False"}]},
    {"replicas": -1},
]  # fmt: skip

#: By plural: statuses that controllers write.
STATUSES: Mapping[str, Parts] = {
    "pods": [
        {"phase": "Running", "podIP": "10.2.3.4", "podIPs": [{"ip": "10.2.3.4"}], "hostIP": "10.9.9.9", "startTime": "2026-01-01T00:00:00Z"},
        {"phase": "Succeeded"},
        {"conditions": [{"type": "Ready", "status": "True"}, {"type": "x.io/y", "status": "False", "lastProbeTime": None}]},
        {"conditions": [{"type": "Ready", "status": "False", "reason": "Z"}]},
        {"containerStatuses": [{"name": "c", "ready": True, "restartCount": 0, "image": "i", "imageID": "x", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]},
        {"containerStatuses": [{"name": "none", "ready": False, "restartCount": 0, "image": "", "imageID": ""}]},
        {"podIP": "x"},
        {"qosClass": "Guaranteed"},
    ],
    "deployments": [*_OBSERVED, {"updatedReplicas": 1, "collisionCount": 1}],
    "replicasets": [*_OBSERVED, {"fullyLabeledReplicas": 1}],
    "replicationcontrollers": _OBSERVED,
    "statefulsets": [*_OBSERVED, {"currentRevision": "a", "updateRevision": "b", "currentReplicas": 1}],
    "daemonsets": [{"desiredNumberScheduled": 3, "currentNumberScheduled": 2, "numberReady": 1, "numberMisscheduled": 0, "observedGeneration": 1}, {"numberReady": -1}, {"conditions": [{"type": "X", "status": "True"}]}],
    "jobs": [
        {"active": 1, "startTime": "2026-01-01T00:00:00Z", "ready": 1},
        {"succeeded": 1, "startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:01:00Z", "conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]},
        {"conditions": [{"type": "Complete", "status": "True"}]},
        {"conditions": [{"type": "FailureTarget", "status": "True"}, {"type": "Failed", "status": "True"}], "startTime": "2026-01-01T00:00:00Z", "failed": 1},
        {"active": -1},
        {"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["a"]}},
        {"completedIndexes": "0-1"},
    ],
    "cronjobs": [{"active": [{"kind": "Job", "name": "j", "namespace": "{ns}"}]}, {"lastScheduleTime": "2026-01-01T00:00:00Z"}],
    "services": [{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, {"loadBalancer": {"ingress": [{"hostname": "x.y"}]}}, {"loadBalancer": {"ingress": [{"ip": "x"}]}}, {"conditions": [_CONDITION]}],
    "ingresses": [{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, {"loadBalancer": {"ingress": [{"hostname": "x.y", "ports": [{"port": 80, "protocol": "TCP"}]}]}}, {"loadBalancer": {"ingress": [{"hostname": "1.2.3.4"}]}}],
    "persistentvolumeclaims": [{"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}, {"phase": "Lost"}, {"conditions": [{"type": "Resizing", "status": "True"}]}, {"allocatedResources": {"storage": "2Gi"}}],
    "persistentvolumes": [{"phase": "Bound"}, {"phase": "Available", "message": "m"}, {"phase": "Released"}],
    "horizontalpodautoscalers": [{"currentReplicas": 1, "desiredReplicas": 2}, {"currentReplicas": -1}, {"conditions": [{"type": "AbleToScale", "status": "True"}]}, {"currentCPUUtilizationPercentage": 5}],
    "poddisruptionbudgets": [{"disruptionsAllowed": 1, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}, {"disruptionsAllowed": -1}, {"conditions": [_CONDITION]}, {"disruptedPods": {"p": "2026-01-01T00:00:00Z"}}],
    "namespaces": [{"phase": "Terminating"}, {"phase": "Active"}, {"conditions": [{"type": "NamespaceDeletionContentFailure", "status": "False"}]}],
    "nodes": [
        {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}]},
        {"addresses": [{"type": "InternalIP", "address": "10.0.0.9"}, {"type": "Hostname", "address": "h"}]},
        {"addresses": [{"type": "InternalIP", "address": "10.0.0.9"}, {"type": "InternalIP", "address": "10.0.0.9"}]},
        {"capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"}, "allocatable": {"cpu": "3900m"}},
        {"nodeInfo": {"kubeletVersion": "v1.37.2"}, "images": [{"names": ["i"], "sizeBytes": 5}]},
        {"capacity": {"cpu": "-4"}},
        {"phase": "Running"},
    ],
    "resourcequotas": [{"hard": {"pods": "10"}, "used": {"pods": "1"}}, {"used": {"pods": "x"}}],
}  # fmt: skip
