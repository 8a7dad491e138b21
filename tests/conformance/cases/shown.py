"""Tables and metadata alone of objects that the server has in another form than the API, and of scales; tables without rows."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, GET, OPEN, PATCH, POST, PUT, REST, Case, Step
from tests.conformance.cases.applies import DEPLOYMENTS, apply, deployment

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
DAEMONS = "/apis/apps/v1/namespaces/{ns}/daemonsets"
SETS = "/apis/apps/v1/namespaces/{ns}/statefulsets"
SCALERS = {
    version: f"/apis/autoscaling/{version}/namespaces/{{ns}}/horizontalpodautoscalers" for version in ("v1", "v2")
}
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
GENERATION = "deprecated.daemonset.template.generation"
DAEMON = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "d"},
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        },
    },
}
SCALER = {
    "metadata": {"name": "h"},
    "spec": {
        "maxReplicas": 3,
        "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
        "metrics": [
            {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 50}}}
        ],
        "behavior": {"scaleUp": {"selectPolicy": "Max"}},
    },
}  # fmt: skip


def forms(path: str) -> list[Step]:
    """One object as a table, as one with the whole object, and as metadata alone."""
    return [
        GET(path, accept=TABLE),
        GET(f"{path}?includeObject=Object", accept=TABLE),
        GET(f"{path}?includeObject=None", accept=TABLE),
        GET(path, accept=PARTIAL),
        GET(path, accept=TABLE.replace("v=v1", "v=v1beta1")),
    ]


def generation(number: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {GENERATION: number}}}


#: Where lists are read that have nothing in them.
EMPTY = (
    *(f"/api/v1/namespaces/{{ns}}/{plural}" for plural in (
        "pods", "configmaps", "secrets", "events", "endpoints", "limitranges", "resourcequotas", "persistentvolumeclaims",
        "podtemplates", "replicationcontrollers", "services", "serviceaccounts",
    )),
    *(f"/apis/{group}/namespaces/{{ns}}/{plural}" for group, plural in (
        ("apps/v1", "deployments"), ("apps/v1", "daemonsets"), ("apps/v1", "statefulsets"), ("apps/v1", "replicasets"),
        ("apps/v1", "controllerrevisions"), ("batch/v1", "jobs"), ("batch/v1", "cronjobs"),
        ("networking.k8s.io/v1", "ingresses"), ("networking.k8s.io/v1", "networkpolicies"),
        ("policy/v1", "poddisruptionbudgets"), ("autoscaling/v2", "horizontalpodautoscalers"),
        ("discovery.k8s.io/v1", "endpointslices"), ("rbac.authorization.k8s.io/v1", "roles"),
        ("rbac.authorization.k8s.io/v1", "rolebindings"), ("events.k8s.io/v1", "events"),
        ("storage.k8s.io/v1", "csistoragecapacities"), ("coordination.k8s.io/v1", "leases"),
        ("resource.k8s.io/v1", "resourceclaims"), ("resource.k8s.io/v1", "resourceclaimtemplates"),
    )),
    *(f"/{path}" for path in (
        "api/v1/nodes", "api/v1/namespaces", "api/v1/persistentvolumes", "apis/rbac.authorization.k8s.io/v1/clusterroles",
        "apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "apis/storage.k8s.io/v1/storageclasses",
        "apis/scheduling.k8s.io/v1/priorityclasses", "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
        "apis/certificates.k8s.io/v1/certificatesigningrequests", "apis/node.k8s.io/v1/runtimeclasses",
        "apis/networking.k8s.io/v1/ingressclasses", "apis/storage.k8s.io/v1/csidrivers", "apis/storage.k8s.io/v1/csinodes",
        "apis/storage.k8s.io/v1/volumeattachments", "apis/apiregistration.k8s.io/v1/apiservices",
        "apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
        "apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    )),
)  # fmt: skip

CASES = [
    Case(
        "paths with an empty namespace",
        GET("/api/v1/namespaces//pods?labelSelector=nonesuch"),
        GET("/apis/apps/v1/namespaces//deployments?labelSelector=nonesuch"),
        GET("/api/v1/namespaces//pods/x"),
        GET("/api/v1/namespaces//nodes"),
        GET("/api/v1/namespaces/{ns}//pods"),
        GET("/api/v1/namespaces/{ns}/pods/?labelSelector=x"),
        GET("/api/v1/namespaces/{ns}/pods//?labelSelector=x"),
        DELETE("/api/v1/namespaces//configmaps/x"),
        PUT("/api/v1/namespaces//configmaps/x", {"metadata": {"name": "x"}}),
        PATCH("/api/v1/namespaces//configmaps/x", {}),
    ),
    Case("tables without rows", *(GET(f"{path}?labelSelector=nonesuch", accept=TABLE) for path in EMPTY)),
    Case(
        "a daemon set's template generation",
        POST(DAEMONS, DAEMON),
        *forms(f"{DAEMONS}/d"),
        GET(DAEMONS, accept=TABLE),
        GET(DAEMONS, accept=PARTIAL_LIST),
        OPEN(f"{DAEMONS}?watch=1&timeoutSeconds=1", accept=PARTIAL),
        REST(8),
        OPEN(f"{DAEMONS}?watch=1&timeoutSeconds=1", accept=TABLE),
        REST(10),
        PATCH(f"{DAEMONS}/d", {"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}}),
        GET(f"{DAEMONS}/d", accept=TABLE),
        PATCH(f"{DAEMONS}/d", {"metadata": {"annotations": {GENERATION: None}}}),
        PATCH(f"{DAEMONS}/d", generation("7")),
        apply(f"{DAEMONS}/d", {**DAEMON, "metadata": {"name": "d", "annotations": {GENERATION: "9"}}}, force=True),
        PATCH(f"{DAEMONS}/d", {"metadata": {"annotations": {"x": "y"}}}),
        GET(f"{DAEMONS}/d", accept=PARTIAL),
        POST(DAEMONS, {**DAEMON, "metadata": {"name": "e"}}, accept=PARTIAL),
        POST(DAEMONS, {**DAEMON, "metadata": {"name": "f"}}, accept=TABLE),
    ),
    Case(
        "an autoscaler of the older version",
        POST(SCALERS["v2"], SCALER),
        GET(f"{SCALERS['v1']}/h"),
        *forms(f"{SCALERS['v1']}/h"),
        *forms(f"{SCALERS['v2']}/h"),
        GET(SCALERS["v1"], accept=TABLE),
        OPEN(f"{SCALERS['v1']}?watch=1&timeoutSeconds=1", accept=PARTIAL),
        REST(13),
    ),
    Case(
        "a scale in every form",
        POST(DEPLOYMENTS, deployment()),
        *forms(f"{DEPLOYMENTS}/d/scale"),
        POST(SETS, {**DAEMON, "kind": "StatefulSet"}),
        *forms(f"{SETS}/d/scale"),
        PATCH(f"{SETS}/d/scale", {"spec": {"replicas": 3}}, accept=TABLE),
        PATCH(f"{SETS}/d/scale", {"spec": {"replicas": 3}}, accept=PARTIAL),
        PUT(f"{SETS}/d/scale", {"metadata": {"name": "d"}, "spec": {"replicas": 1}}, accept=TABLE),
        GET(f"{SETS}/d/scale", accept="application/yaml"),
        GET(f"{SETS}/d/status", accept=TABLE),
        GET(f"{SETS}/d/scale", accept="text/html"),
        GET(f"{SETS}/d/scale", accept=PARTIAL_LIST),
        GET(f"{SETS}/x/scale", accept=TABLE),
    ),
    Case(
        "a custom object's scale in every form",
        CRD(version={"subresources": {"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}}),
        GET(WIDGETS, accept=TABLE),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"replicas": 2}}),
        *forms(f"{WIDGETS}/a/scale"),
        GET(f"{WIDGETS}/a/scale", accept="application/yaml"),
        GET(f"{WIDGETS}/a/scale", accept="text/html"),
        PATCH(f"{WIDGETS}/a/scale", {"spec": {"replicas": 5}}, accept=TABLE),
        GET(f"{WIDGETS}/x/scale", accept=TABLE),
    ),
]  # fmt: skip
