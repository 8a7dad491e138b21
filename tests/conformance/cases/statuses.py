"""Statuses that controllers write: what the server refuses in them."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import DELETE, PATCH, POST, UNTIL, Case, Send, Step
from tests.conformance.samples import SAMPLES

JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
SERVICES = "/api/v1/namespaces/{ns}/services"
PODS = "/api/v1/namespaces/{ns}/pods"
NODES = "/api/v1/nodes"
BUDGETS = "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"
SCALERS = "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"
CONTROLLERS = "/api/v1/namespaces/{ns}/replicationcontrollers"
CLAIMS = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
EVENTS = "/apis/events.k8s.io/v1/namespaces/{ns}/events"

_BEGUN, _BEFORE, _AFTER = "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
_ENDED = ("SuccessCriteriaMet", "Complete")


def _made(collection: str, group: str, **more: Any) -> Send:
    sample = SAMPLES[(group, collection.rpartition("/")[2])]
    return POST(collection, {"metadata": {"name": "a"}, **sample, **more})


def _tried(collection: str, *statuses: dict[str, Any], name: str = "a") -> list[Step]:
    return [PATCH(f"{collection}/{name}/status?dryRun=All", {"status": status}) for status in statuses]


def _true(*kinds: str) -> list[dict[str, str]]:
    return [{"type": kind, "status": "True"} for kind in kinds]


def _balanced(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": list(entries)}}


_BOUND = {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
_LARGER = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
_EVENT = {
    "metadata": {"name": "a"}, "eventTime": "2020-01-01T00:00:00.000000Z", "reportingController": "x.io/c", "reportingInstance": "i",
    "action": "A", "reason": "R", "regarding": {"kind": "Pod", "namespace": "{ns}", "name": "a"}, "note": "n", "type": "Normal",
}  # fmt: skip

CASES = [
    Case(
        "how a Job ends",
        _made(JOBS, "batch"),
        _tried(
            JOBS,
            {"conditions": _true("Complete")},
            {"conditions": _true("Complete", "Failed")},
            {"conditions": _true(*_ENDED), "startTime": _BEGUN, "completionTime": _BEFORE},
            {"conditions": _true("Failed"), "startTime": _BEGUN, "active": 1, "terminating": 1, "ready": 1},
            {"conditions": _true("Failed", "FailureTarget"), "startTime": _BEGUN, "active": 1, "ready": 2},
            {"completionTime": _BEGUN},
            {"conditions": _true(*_ENDED, "FailureTarget"), "startTime": _BEGUN, "completionTime": _BEGUN},
            {"conditions": _true("SuccessCriteriaMet", "FailureTarget"), "startTime": _BEGUN},
        ),
    ),
    Case(
        "the counts of a Job",
        _made(JOBS, "batch"),
        _tried(
            JOBS,
            {"active": 1, "ready": 2},
            {"active": -1},
            {"active": -1, "ready": -1, "failed": -1, "succeeded": -1, "terminating": -1},
            {"uncountedTerminatedPods": {"succeeded": ["a", "", "b", "b"], "failed": ["a", "a"]}},
            {"completedIndexes": "0-1", "failedIndexes": "x"},
            {"succeeded": 5},
        ),
    ),
    Case(
        "a Job that ended stays so",
        _made(JOBS, "batch"),
        PATCH(
            f"{JOBS}/a/status",
            {
                "status": {
                    "startTime": _BEGUN,
                    "conditions": _true(*_ENDED),
                    "completionTime": _BEGUN,
                    "succeeded": 1,
                }
            },
        ),
        _tried(
            JOBS,
            {"conditions": None},
            {"startTime": None},
            {"completionTime": _AFTER},
            {"startTime": _BEFORE},
            {"succeeded": 0},
            {"conditions": [{"type": "Complete", "status": "False"}]},
        ),
    ),
    Case(
        "addresses of load balancers",
        _made(SERVICES, ""),
        _tried(SERVICES, _balanced({"ip": "1.2.3.4"})),
        PATCH(f"{SERVICES}/a", {"spec": {"type": "LoadBalancer"}}),
        _tried(
            SERVICES,
            _balanced({"ip": "x"}, {"ip": "1.2.3.4", "ipMode": "X"}, {"hostname": "1.2.3.4"}, {"hostname": "A_b"}),
            _balanced({"hostname": "a.b", "ipMode": "VIP"}),
            _balanced({"ip": "1.2.3.4", "ports": [{"port": 80, "protocol": "TCP"}]}),
        ),
        _made(INGRESSES, "networking.k8s.io"),
        _tried(INGRESSES, _balanced({"ip": "x"}, {"hostname": "1.2.3.4"}), _balanced({"hostname": "a.b"})),
    ),
    Case(
        "a Pod's status",
        _made(PODS, ""),
        _tried(
            PODS,
            {"podIP": "x", "hostIP": "y", "hostIPs": [{"ip": "y"}], "qosClass": "Guaranteed"},
            {"podIP": "x", "podIPs": [{"ip": "x"}, {"ip": "1.2.3.4"}]},
            {"podIP": "10.2.3.4", "podIPs": [{"ip": "10.2.3.4"}, {"ip": "10.2.3.5"}]},
            {"podIP": "10.2.3.4", "podIPs": [{"ip": "10.2.3.4"}, {"ip": "::1"}, {"ip": "::2"}]},
            {"podIP": "10.2.3.4", "podIPs": [{"ip": "10.2.3.4"}, {"ip": "::1"}]},
            {"conditions": [{"type": "bad type", "status": "True"}], "nominatedNodeName": "N_"},
            {"phase": "Odd", "observedGeneration": -1},
        ),
    ),
    Case(
        "statuses of other types",
        PATCH("/api/v1/namespaces/{ns}/status?dryRun=All", {"status": {"phase": "Terminating"}}),
        _made(BUDGETS, "policy"),
        _tried(BUDGETS, {"conditions": [{"type": "bad type", "status": "x", "reason": "", "message": "", "lastTransitionTime": None}]}),
        _made(SCALERS, "autoscaling"),
        _tried(SCALERS, {"currentReplicas": -1, "desiredReplicas": -1}),
        _made(CONTROLLERS, ""),
        _tried(CONTROLLERS, {"replicas": -1}, {"replicas": 1, "readyReplicas": 1, "availableReplicas": 2}),
    ),
    Case(
        "a Node's status and ranges",
        POST(NODES, {"metadata": {"name": "{id}"}}),
        _tried(
            NODES,
            {"capacity": {"cpu": "-4"}, "allocatable": {"cpu": "-1"}},
            {"addresses": [{"type": "InternalIP", "address": "10.0.0.9"}, {"type": "InternalIP", "address": "10.0.0.9"}]},
            name="{id}",
        ),
        [
            PATCH(f"{NODES}/{{id}}?dryRun=All", {"spec": spec})
            for spec in (
                {"podCIDR": "10.3.0.0/24"},
                {"podCIDR": "x"},
                {"podCIDRs": ["10.3.0.0/24", "10.4.0.0/24"]},
                {"podCIDRs": ["10.3.0.0/24", "::/64"]},
                {"podCIDR": "10.3.0.0/24", "podCIDRs": ["10.4.0.0/24"]},
            )
        ],
        DELETE(f"{NODES}/{{id}}"),
    ),
    Case(
        "claims grow where their class says so",
        POST(CLASSES, {"metadata": {"name": "{id}"}, "provisioner": "x.io/y"}),
        POST(CLAIMS, {"metadata": {"name": "a"}, "spec": {**SAMPLES[("", "persistentvolumeclaims")]["spec"], "storageClassName": "{id}"}}),
        PATCH(f"{CLAIMS}/a", _LARGER),
        PATCH(f"{CLAIMS}/a/status", {"status": _BOUND}),
        PATCH(f"{CLAIMS}/a", _LARGER),
        PATCH(f"{CLASSES}/{{id}}", {"allowVolumeExpansion": True}),
        PATCH(f"{CLAIMS}/a", _LARGER),
        DELETE(f"{CLASSES}/{{id}}"),
    ),
    Case(
        "claims that change are held to limits, once nothing else is wrong",
        POST(CLASSES, {"metadata": {"name": "{id}"}, "provisioner": "x.io/y"}),
        POST(CLAIMS, {"metadata": {"name": "a"}, "spec": {**SAMPLES[("", "persistentvolumeclaims")]["spec"], "storageClassName": "{id}"}}),
        PATCH(f"{CLAIMS}/a/status", {"status": _BOUND}),
        PATCH(f"{CLAIMS}/a", {"spec": {**_LARGER["spec"], "volumeName": "v"}}),
        POST("/api/v1/namespaces/{ns}/limitranges", {"metadata": {"name": "l"}, "spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "500Mi"}}]}}),
        UNTIL(403, PATCH(f"{CLAIMS}/a?dryRun=All", {"metadata": {"labels": {"a": "b"}}})),
        PATCH(f"{CLAIMS}/a", _LARGER),
        PATCH(f"{CLAIMS}/a", {"spec": {**_LARGER["spec"], "volumeName": "v"}}),
        DELETE(f"{CLASSES}/{{id}}"),
    ),
    Case(
        "events of the new group are not changed, but for their series",
        POST(EVENTS, _EVENT),
        PATCH(f"{EVENTS}/a", {"type": "Odd"}),
        PATCH(f"{EVENTS}/a", {"note": "z", "reason": "z", "action": "z", "regarding": {"name": "z"}, "reportingController": "z.io/z"}),
        PATCH(f"{EVENTS}/a", {"series": {"count": 1, "lastObservedTime": "2020-01-01T00:00:00.000000Z"}}),
        PATCH(f"{EVENTS}/a", {"series": {"count": 2, "lastObservedTime": "2020-01-01T00:00:00.000000Z"}}),
        DELETE(f"{EVENTS}/a", {"propagationPolicy": "Orphan"}),
    ),
    Case(
        "events of the new group are looked at as a whole when they change",
        POST(EVENTS, _EVENT),
        PATCH(f"{EVENTS}/a", {"metadata": {"finalizers": ["plain"]}}),
        PATCH(f"{EVENTS}/a", {"regarding": None}),
        PATCH(f"{EVENTS}/a", {"reportingController": "a b", "reportingInstance": None, "action": None, "reason": "x" * 129}),
        DELETE(f"{EVENTS}/a", {"preconditions": {"uid": "x"}}),
        POST("/api/v1/namespaces/{ns}/events", {"metadata": {"name": "b", "finalizers": ["plain"]}, "involvedObject": {"namespace": "{ns}"}}),
    ),
]  # fmt: skip
