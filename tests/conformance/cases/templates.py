"""Pod templates, and what has them, with fields that are seldom wrong."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import PATCH, POST, Case
from tests.conformance.making import MADE

MAIN = {"name": "main", "image": "main"}
UNREADABLE = {"matchExpressions": [{"key": "a", "operator": "Near", "values": ["b"]}]}


def template(name: str, **spec: Any) -> Case:
    return Case(f"a template {name}", MADE("v1 PodTemplate", {"template": {"spec": {"containers": [MAIN], **spec}}}))


def workload(name: str, type_: str, **spec: Any) -> Case:
    return Case(name, MADE(type_, {"spec": spec}))


def later(**fields: Any) -> dict[str, Any]:
    return {"name": "later", "image": "later", **fields}


def claim(**spec: Any) -> dict[str, Any]:
    size = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": size, **spec}}


JOB: dict[str, Any] = {"metadata": {"labels": {"a": "b"}}, "spec": {"restartPolicy": "Never", "containers": [MAIN]}}

PODS = "/api/v1/namespaces/{ns}/pods"

CASES = [
    Case(
        "a pod whose host has another address than it says",
        POST("/api/v1/namespaces/{ns}/serviceaccounts", {"metadata": {"name": "default"}}),
        POST(PODS, {"metadata": {"name": "a"}, "spec": {"containers": [MAIN]}}),
        PATCH(PODS + "/a/status", {"status": {"hostIP": "1.2.3.4", "hostIPs": [{"ip": "1.2.3.5"}]}}),
        PATCH(PODS + "/a/status", {"status": {"hostIPs": [{"ip": "1.2.3.5"}, {"ip": "no"}]}}),
        PATCH(PODS + "/a/status", {"status": {"hostIP": "1.2.3.4"}}),
    ),
    template("with an overhead that is no resource", overhead={"unknown": "1", "cpu": "100m", "example.com/a": "1"}),
    template("with an overhead below nothing", overhead={"cpu": "-1", "memory": "1500m"}),
    template("whose added container is restarted", ephemeralContainers=[later(restartPolicy="Always")]),
    template(
        "whose added container has what it may not have",
        ephemeralContainers=[
            later(
                lifecycle={"postStart": {"exec": {"command": ["a"]}}},
                livenessProbe={"exec": {"command": ["a"]}},
                ports=[{"containerPort": 80}],
                resizePolicy=[{"resourceName": "cpu", "restartPolicy": "NotRequired"}],
                resources={"limits": {"cpu": "1"}},
                restartPolicyRules=[{"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}],
                volumeMounts=[
                    {"name": "v", "mountPath": "/a", "subPath": "a"},
                    {"name": "v", "mountPath": "/b", "subPathExpr": "$(A)"},
                ],
            )
        ],
        volumes=[{"name": "v", "emptyDir": {}}],
    ),
    template(
        "with volumes of two kinds",
        volumes=[
            {"name": "a", "emptyDir": {}, "downwardAPI": {"items": []}, "cephfs": {"monitors": ["a"]}},
            {"name": "b", "cephfs": {"monitors": ["a"]}, "configMap": {"name": "a"}},
        ],
    ),
    template(
        "whose containers ask for claims and resources that are wrong",
        containers=[{**MAIN, "resources": {"limits": {"unknown": "1"}, "claims": [{"name": "a", "request": "B"}]}}],
        resources={"limits": {"unknown": "1"}, "claims": [{"name": "a", "request": "B"}]},
    ),
    workload(
        "a stateful set with an unreadable selector and another fault",
        "apps/v1 StatefulSet",
        selector=UNREADABLE,
        template={"spec": {"restartPolicy": "Never", "activeDeadlineSeconds": 5, "containers": [MAIN]}},
    ),
    workload(
        "a stateful set whose claims come from another namespace",
        "apps/v1 StatefulSet",
        selector={"matchLabels": {"a": "b"}},
        template={"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [MAIN]}},
        volumeClaimTemplates=[
            claim(dataSourceRef={"kind": "Sample", "apiGroup": "a.b", "name": "x", "namespace": "NO"}),
            claim(
                dataSource={"kind": "Sample", "apiGroup": "a.b", "name": "x"},
                dataSourceRef={"kind": "Sample", "apiGroup": "a.b", "name": "x", "namespace": "other"},
                volumeAttributesClassName="NO",
                storageClassName="NO",
                volumeMode="None",
            ),
        ],
    ),
    workload(
        "a job with a selector that cannot be read",
        "batch/v1 Job",
        manualSelector=True,
        selector=UNREADABLE,
        template=JOB,
    ),
    workload(
        "a scheduled job that selects pods",
        "batch/v1 CronJob",
        schedule="* * * * *",
        jobTemplate={
            "spec": {
                "manualSelector": True,
                "selector": {"matchLabels": {"a": "b"}},
                "backoffLimit": -1,
                "template": {**JOB, "spec": {**JOB["spec"], "restartPolicy": "Always"}},
            }
        },
    ),
]
