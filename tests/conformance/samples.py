"""A small object of each built-in type that a server takes: what has to be there, and little more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SAMPLES", "sample"]

_POD = {"containers": [{"name": "c", "image": "i"}]}
_LABELS = {"app": "x"}
_TEMPLATE = {"metadata": {"labels": _LABELS}, "spec": _POD}
_JOB = {"template": {"spec": {**_POD, "restartPolicy": "Never"}}}
_SELECTOR = {"matchLabels": _LABELS}
_RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
_REQUESTS = [{"name": "r", "exactly": {"deviceClassName": "x"}}]
_RESOURCE_RULES = {
    "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
}
_WEBHOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/none"},
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    # Nothing is sent to it.
    "namespaceSelector": {"matchLabels": {"none": "x"}},
    "rules": [
        {"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nones"]}
    ],
}

#: By group and plural; what stands beside the metadata. Types that are not here are made by the server, or in cases of their own.
SAMPLES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("", "configmaps"): {"data": {"k": "v"}},
    ("", "endpoints"): {"subsets": [{"addresses": [{"ip": "10.1.2.3"}], "ports": [{"port": 80}]}]},
    ("", "events"): {"involvedObject": {"kind": "Pod", "namespace": "{ns}", "name": "a"}, "reason": "R", "message": "m", "type": "Normal"},
    ("", "limitranges"): {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}},
    ("", "namespaces"): {},
    ("", "nodes"): {},
    ("", "persistentvolumeclaims"): {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
    ("", "persistentvolumes"): {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}}},
    ("", "pods"): {"spec": _POD},
    ("", "podtemplates"): {"template": _TEMPLATE},
    ("", "replicationcontrollers"): {"spec": {"selector": _LABELS, "template": _TEMPLATE}},
    ("", "resourcequotas"): {"spec": {"hard": {"pods": "10"}}},
    ("", "secrets"): {"stringData": {"k": "v"}},
    ("", "serviceaccounts"): {},
    ("", "services"): {"spec": {"ports": [{"port": 80}], "selector": _LABELS}},
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): {"webhooks": [_WEBHOOK]},
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): {"webhooks": [_WEBHOOK]},
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): {"spec": {"matchConstraints": _RESOURCE_RULES, "validations": [{"expression": "true"}]}},
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): {"spec": {"policyName": "none-{id}", "validationActions": ["Deny"]}},
    ("apps", "controllerrevisions"): {"data": {"a": 1}, "revision": 1},
    ("apps", "daemonsets"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE}},
    ("apps", "deployments"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE}},
    ("apps", "replicasets"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE}},
    ("apps", "statefulsets"): {"spec": {"selector": _SELECTOR, "template": _TEMPLATE, "serviceName": "s"}},
    ("autoscaling", "horizontalpodautoscalers"): {"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}},
    ("batch", "cronjobs"): {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": _JOB}}},
    ("batch", "jobs"): {"spec": _JOB},
    ("coordination.k8s.io", "leases"): {"spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}},
    ("discovery.k8s.io", "endpointslices"): {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.2.3"]}], "ports": [{"port": 80}]},
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): {"spec": {"priorityLevelConfiguration": {"name": "none-{id}"}}},
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}},
    ("networking.k8s.io", "ingressclasses"): {"spec": {"controller": "example.com/x"}},
    ("networking.k8s.io", "ingresses"): {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
    ("networking.k8s.io", "networkpolicies"): {"spec": {"podSelector": {}}},
    ("node.k8s.io", "runtimeclasses"): {"handler": "h"},
    ("policy", "poddisruptionbudgets"): {"spec": {"minAvailable": 1, "selector": _SELECTOR}},
    ("rbac.authorization.k8s.io", "clusterrolebindings"): {"roleRef": {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": [{"kind": "User", "name": "u"}]},
    ("rbac.authorization.k8s.io", "clusterroles"): {"rules": _RULES},
    ("rbac.authorization.k8s.io", "rolebindings"): {"roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}]},
    ("rbac.authorization.k8s.io", "roles"): {"rules": _RULES},
    ("resource.k8s.io", "deviceclasses"): {"spec": {}},
    ("resource.k8s.io", "resourceclaims"): {"spec": {"devices": {"requests": _REQUESTS}}},
    ("resource.k8s.io", "resourceclaimtemplates"): {"spec": {"spec": {"devices": {"requests": _REQUESTS}}}},
    ("scheduling.k8s.io", "priorityclasses"): {"value": 5},
    ("storage.k8s.io", "csidrivers"): {"spec": {}},
    ("storage.k8s.io", "csinodes"): {"spec": {"drivers": [{"name": "example.com", "nodeID": "n"}]}},
    ("storage.k8s.io", "csistoragecapacities"): {"storageClassName": "none"},
    ("storage.k8s.io", "storageclasses"): {"provisioner": "example.com/x"},
    ("storage.k8s.io", "volumeattachments"): {"spec": {"attacher": "example.com", "nodeName": "n", "source": {"persistentVolumeName": "v"}}},
    ("storage.k8s.io", "volumeattributesclasses"): {"driverName": "example.com", "parameters": {"a": "b"}},
}  # fmt: skip


def sample(group: str, plural: str, name: str) -> dict[str, Any]:
    """A sample under a name. Raises KeyError for a type that has none."""
    return {"metadata": {"name": name}, **SAMPLES[group, plural]}
