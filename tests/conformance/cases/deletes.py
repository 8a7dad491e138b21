"""Deleting: grace, preconditions, policies, finalizers, collections. The servers run without controllers here."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, PUT, Case

MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
OTHER = "11111111-2222-3333-4444-555555555555"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


def widget(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": name, **more}}


def pod(name: str = "a", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}


TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]},
}
JOB = {**meta(), "spec": {"template": TEMPLATE}}
DEPLOYMENT = {
    **meta(),
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    },
}

CASES = [
    Case("a delete", POST(MAPS, meta()), DELETE(f"{MAPS}/a"), GET(f"{MAPS}/a"), DELETE(f"{MAPS}/a")),
    Case("a delete of what is not there", DELETE(f"{MAPS}/a"), DELETE("/api/v1/namespaces/none-{id}/configmaps/a")),
    Case("a delete of a custom object", CRD(), POST(WIDGETS, widget()), DELETE(f"{WIDGETS}/a"), DELETE(f"{WIDGETS}/a")),
    Case(
        "types that answer with what was deleted",
        POST("/api/v1/namespaces/{ns}/serviceaccounts", meta()),
        DELETE("/api/v1/namespaces/{ns}/serviceaccounts/a"),
        POST("/api/v1/namespaces/{ns}/services", {**meta(), "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}),
        DELETE("/api/v1/namespaces/{ns}/services/a"),
        POST("/api/v1/namespaces/{ns}/resourcequotas", {**meta(), "spec": {}}),
        DELETE("/api/v1/namespaces/{ns}/resourcequotas/a"),
        POST("/apis/storage.k8s.io/v1/storageclasses", {"metadata": {"name": "{id}"}, "provisioner": "x.io/y"}),
        DELETE("/apis/storage.k8s.io/v1/storageclasses/{id}"),
        POST("/apis/apps/v1/namespaces/{ns}/deployments", DEPLOYMENT),
        DELETE("/apis/apps/v1/namespaces/{ns}/deployments/a"),
    ),
    Case(
        "the uid must be the object's",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"preconditions": {"uid": OTHER}}),
        DELETE(f"{MAPS}/a", {"preconditions": {"resourceVersion": "1"}}),
        DELETE(
            f"{MAPS}/a",
            {"preconditions": {"uid": "{0.metadata.uid}", "resourceVersion": "{0.metadata.resourceVersion}"}},
        ),
    ),
    Case(
        "the uid must be a custom object's",
        CRD(),
        POST(WIDGETS, widget()),
        DELETE(f"{WIDGETS}/a", {"preconditions": {"uid": OTHER}}),
        DELETE(f"{WIDGETS}/a", {"preconditions": {"resourceVersion": "1"}}),
    ),
    Case(
        "delete options that are wrong",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Never"}),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Orphan", "orphanDependents": True}),
        DELETE(f"{MAPS}/a?propagationPolicy=Never"),
        DELETE(f"{MAPS}/a", {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": "x"}),
        DELETE(f"{MAPS}/a?gracePeriodSeconds=x"),
        DELETE(f"{MAPS}/a", {"dryRun": ["Some"]}),
        DELETE(f"{MAPS}/a?dryRun=Some"),
        DELETE(f"{MAPS}/a", "{"),
        DELETE(f"{MAPS}/a", "[]"),
        DELETE(f"{MAPS}/a", {"kind": "ConfigMap", "apiVersion": "v1"}),
        DELETE(f"{MAPS}/a", {"preconditions": {"uid": 5}}),
        DELETE(f"{MAPS}/a", {"nonsense": 1}),
    ),
    Case(
        "delete options in the query",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a?gracePeriodSeconds=0&propagationPolicy=Background"),
    ),
    Case(
        "preconditions in the query",
        POST(MAPS, meta()),
        *[
            DELETE(f"{MAPS}/a?dryRun=All&{query}")
            for query in (
                "uid=x",
                "uid={0.metadata.uid}",
                "uid=",
                "resourceVersion=1",
                "resourceVersion={0.metadata.resourceVersion}",
                "resourceVersion=",
            )
        ],
        POST(MAPS, meta("b")),
        DELETE(f"{MAPS}?dryRun=All&resourceVersion={{0.metadata.resourceVersion}}"),
        DELETE(f"{MAPS}?dryRun=All&uid={{0.metadata.uid}}"),
    ),
    Case(
        "the query does not count where there is a body",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}?uid=x&dryRun=x", {"dryRun": ["All"]}),
        DELETE(f"{MAPS}/a?uid=x&dryRun=x", {}),
    ),
    Case(
        "policies that are empty",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a?propagationPolicy="),
        DELETE(f"{MAPS}/a", {"propagationPolicy": ""}),
        DELETE(f"{MAPS}?propagationPolicy=&orphanDependents=1&dryRun=x"),
    ),
    Case(
        "delete options in YAML",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", "propagationPolicy: Background\n", media="application/yaml"),
    ),
    Case(
        "delete options of another group's version",
        POST(DEPLOYMENTS, DEPLOYMENT),
        DELETE(f"{DEPLOYMENTS}/a", {"kind": "DeleteOptions", "apiVersion": "apps/v1"}),
    ),
    Case(
        "delete options of a version that is not there",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"kind": "DeleteOptions", "apiVersion": "v9"}),
    ),
    Case(
        "a finalizer keeps an object",
        POST(MAPS, meta(finalizers=["x.io/y"])),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        DELETE(f"{MAPS}/a"),
        DELETE(f"{MAPS}/a"),
        DELETE(f"{MAPS}/a", {"preconditions": {"uid": OTHER}}),
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": []}}),
        GET(f"{MAPS}/a"),
        EVENTS("w", 2),
    ),
    Case(
        "several finalizers",
        POST(MAPS, meta(finalizers=["x.io/y", "x.io/z"])),
        DELETE(f"{MAPS}/a"),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": ["x.io/z"]}}),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": []}}),
    ),
    Case(
        "foreground",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Foreground"}),
        GET(f"{MAPS}/a"),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Foreground"}),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Background"}),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "orphan",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Orphan"}),
        GET(f"{MAPS}/a"),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": []}}),
    ),
    Case("background", POST(MAPS, meta()), DELETE(f"{MAPS}/a", {"propagationPolicy": "Background"}), GET(f"{MAPS}/a")),
    Case(
        "the older names of policies",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"orphanDependents": True}),
        POST(MAPS, meta("b")),
        DELETE(f"{MAPS}/b", {"orphanDependents": False}),
    ),
    Case(
        "foreground after orphan",
        POST(MAPS, meta()),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Orphan"}),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Foreground"}),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "a finalizer of a policy that is there is kept",
        POST(MAPS, meta(finalizers=["orphan"])),
        DELETE(f"{MAPS}/a"),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "background takes a policy's finalizer away",
        POST(MAPS, meta(finalizers=["orphan"])),
        DELETE(f"{MAPS}/a", {"propagationPolicy": "Background"}),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "foreground of a custom object",
        CRD(),
        POST(WIDGETS, widget()),
        DELETE(f"{WIDGETS}/a?propagationPolicy=Foreground"),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "orphan of a deployment",
        POST(DEPLOYMENTS, DEPLOYMENT),
        DELETE(f"{DEPLOYMENTS}/a?propagationPolicy=Orphan"),
        GET(f"{DEPLOYMENTS}/a"),
    ),
    Case("a job's delete warns", POST(JOBS, JOB), DELETE(f"{JOBS}/a"), GET(f"{JOBS}/a")),
    Case(
        "a job's delete with a policy",
        POST(JOBS, JOB),
        DELETE(f"{JOBS}/a", {"propagationPolicy": "Background"}),
        GET(f"{JOBS}/a"),
    ),
    Case(
        "a pod that is on no node goes at once",
        POST(PODS, pod()),
        DELETE(f"{PODS}/a"),
        GET(f"{PODS}/a"),
        POST(PODS, pod("b")),
        DELETE(f"{PODS}/b", {"gracePeriodSeconds": 5}),
        GET(f"{PODS}/b"),
    ),
    Case(
        "a pod on a node gets its grace",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        POST(PODS, pod(nodeName="{id}")),
        DELETE(f"{PODS}/a"),
        GET(f"{PODS}/a"),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": 60}),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": 10}),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": 0}),
        GET(f"{PODS}/a"),
    ),
    Case(
        "a pod's own grace",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        POST(PODS, pod(nodeName="{id}", terminationGracePeriodSeconds=50)),
        OPEN(f"{PODS}?watch=1&resourceVersion={{1.metadata.resourceVersion}}", name="w"),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": -1}),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": 0}),
        EVENTS("w", 2),
    ),
    Case(
        "a pod that has ended goes at once",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        POST(PODS, pod(nodeName="{id}")),
        PATCH(f"{PODS}/a/status", {"status": {"phase": "Succeeded"}}),
        DELETE(f"{PODS}/a"),
        GET(f"{PODS}/a"),
    ),
    Case(
        "a pod with a finalizer",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        POST(PODS, {**pod(nodeName="{id}"), **meta(finalizers=["x.io/y"])}),
        DELETE(f"{PODS}/a", {"gracePeriodSeconds": 0}),
        GET(f"{PODS}/a"),
        PATCH(f"{PODS}/a", {"metadata": {"finalizers": []}}),
        GET(f"{PODS}/a"),
    ),
    Case(
        "grace of types that have none",
        POST(MAPS, meta(finalizers=["x.io/y"])),
        DELETE(f"{MAPS}/a", {"gracePeriodSeconds": 20}),
        DELETE(f"{MAPS}/a", {"gracePeriodSeconds": -7}),
    ),
    Case(
        "a collection",
        POST(MAPS, meta("a", labels={"k": "v"})),
        POST(MAPS, meta("b")),
        POST(MAPS, meta("c", labels={"k": "v"}, finalizers=["x.io/y"])),
        DELETE(f"{MAPS}?labelSelector=k%3Dv"),
        GET(MAPS),
        DELETE(f"{MAPS}?fieldSelector=metadata.name%3Dzz"),
        DELETE(MAPS),
        GET(MAPS),
        DELETE(MAPS),
    ),
    Case(
        "a collection of custom objects",
        CRD(),
        POST(WIDGETS, widget()),
        POST(WIDGETS, widget("b")),
        DELETE(f"{WIDGETS}?limit=1"),
        GET(WIDGETS),
        DELETE(WIDGETS),
        GET(WIDGETS),
    ),
    Case(
        "a collection with a policy",
        POST(MAPS, meta("a")),
        DELETE(MAPS, {"propagationPolicy": "Foreground"}),
        GET(MAPS),
    ),
    Case(
        "a collection with wrong options",
        DELETE(f"{MAPS}?labelSelector=a+in"),
        DELETE(f"{MAPS}?fieldSelector=x%3Dy"),
        DELETE(MAPS, {"propagationPolicy": "x"}),
        DELETE(MAPS, "{"),
    ),
    Case(
        "a collection with preconditions",
        POST(MAPS, meta("a")),
        DELETE(MAPS, {"preconditions": {"uid": OTHER}}),
        GET(MAPS),
    ),
    Case("a collection over all namespaces", DELETE("/api/v1/configmaps")),
    Case("a collection in a namespace that is not there", DELETE("/api/v1/namespaces/none-{id}/configmaps")),
    Case(
        "types whose collections cannot be deleted",
        DELETE("/api/v1/namespaces/{ns}/services?labelSelector=a%3Db"),
        DELETE("/api/v1/namespaces?labelSelector=a%3D{id}"),
        DELETE("/api/v1/nodes?labelSelector=a%3D{id}"),
    ),
]

NAMESPACES = [
    Case(
        "a namespace",
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}"}}),
        GET("/api/v1/namespaces/{id}"),
        namespace=False,
    ),
    Case(
        "a namespace that is being deleted",
        POST(MAPS, meta()),
        DELETE("/api/v1/namespaces/{ns}"),
        GET("/api/v1/namespaces/{ns}"),
        POST(MAPS, meta("b")),
        POST(f"{MAPS}?dryRun=All", meta("b")),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        DELETE(f"{MAPS}/a"),
        GET(MAPS),
        POST("/api/v1/namespaces", {"metadata": {"name": "{ns}"}}),
        DELETE("/api/v1/namespaces/{ns}"),
        PATCH("/api/v1/namespaces/{ns}", {"metadata": {"labels": {"a": "b"}}}),
    ),
    Case(
        "custom objects in a namespace that is being deleted",
        CRD(),
        DELETE("/api/v1/namespaces/{ns}"),
        POST(WIDGETS, widget()),
    ),
    Case(
        "what can still be made in a namespace that is being deleted",
        DELETE("/api/v1/namespaces/{ns}"),
        POST("/api/v1/namespaces/{ns}/secrets", meta()),
        POST("/api/v1/namespaces/{ns}/pods", pod()),
    ),
    Case(
        "the finalize subresource",
        POST(MAPS, meta()),
        DELETE("/api/v1/namespaces/{ns}"),
        OPEN(
            "/api/v1/namespaces?watch=1&fieldSelector=metadata.name%3D{ns}&resourceVersion={1.metadata.resourceVersion}",
            name="w",
        ),
        GET("/api/v1/namespaces/{ns}/finalize"),
        PATCH("/api/v1/namespaces/{ns}", {"spec": {"finalizers": []}}),
        PUT(
            "/api/v1/namespaces/{ns}/finalize",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}, "spec": {}},
        ),
        PUT(
            "/api/v1/namespaces/{ns}/finalize",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}"}, "spec": {}},
        ),
        GET("/api/v1/namespaces/{ns}"),
        EVENTS("w", 1),
    ),
    Case(
        "a namespace's status",
        PATCH("/api/v1/namespaces/{ns}/status", {"status": {"conditions": [{"type": "X", "status": "True"}]}}),
        PATCH("/api/v1/namespaces/{ns}", {"status": {"phase": "Terminating"}}),
    ),
    Case(
        "a namespace's finalizers are its own",
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}"}, "spec": {"finalizers": ["x.io/y"]}}),
        PATCH("/api/v1/namespaces/{id}", {"spec": {"finalizers": None}}),
        namespace=False,
    ),
    Case(
        "a namespace with finalizers in its metadata",
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}", "finalizers": ["x.io/y"]}}),
        DELETE("/api/v1/namespaces/{id}"),
        GET("/api/v1/namespaces/{id}"),
        namespace=False,
    ),
    Case(
        "namespaces that cannot be deleted",
        DELETE("/api/v1/namespaces/default"),
        DELETE("/api/v1/namespaces/kube-system"),
        DELETE("/api/v1/namespaces/kube-public"),
        namespace=False,
    ),
    Case(
        "a namespace's name label",
        PATCH("/api/v1/namespaces/{ns}", {"metadata": {"labels": {"kubernetes.io/metadata.name": None}}}),
        PATCH("/api/v1/namespaces/{ns}", {"metadata": {"labels": {"kubernetes.io/metadata.name": "x"}}}),
    ),
    Case(
        "a namespace of a name that is generated",
        POST("/api/v1/namespaces", {"metadata": {"generateName": "{id}-"}}),
        namespace=False,
    ),
    Case("namespaces are deleted one by one", DELETE("/api/v1/namespaces/none-{id}"), namespace=False),
]
CASES += NAMESPACES
