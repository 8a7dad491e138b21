"""What second writes of an object leave: who owns what, what is refused, and what texts of refusals show of the object."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import (
    APPLY,
    CRD,
    DELETE,
    EVENTS,
    GET,
    JSON_PATCH,
    MERGE,
    OPEN,
    PATCH,
    POST,
    PUT,
    STRATEGIC,
    UNTIL,
    Case,
    Send,
    Step,
)
from tests.conformance.cases.definition_parts import SUBRESOURCES
from tests.conformance.cases.definitions import version
from tests.conformance.making import CONTAINERS, MADE, SELECTOR, TEMPLATE, widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
INITIAL = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5"

WRONG: dict[str, Any] = {
    "labels": {"a b": "c"},
    "annotations": {"c d": "e"},
    "finalizers": ["x y/z"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "", "name": "n", "uid": "u"}],
}
DEPLOYMENT: dict[str, Any] = {
    "replicas": 2,
    "template": TEMPLATE,
    "selector": SELECTOR,
    "strategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 2}, "type": "RollingUpdate"},
}
NUMBER = {"type": "integer"}
SCALED = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"replicas": NUMBER, "x": {"type": "string"}}},
        "status": {"type": "object", "properties": {"replicas": NUMBER}},
    },
}


def scaled(first: Any = SCALED, second: Any = SCALED) -> list[Step]:
    """Widgets in two versions, both with a scale."""
    parts = {"status": {}, **SUBRESOURCES}
    one = version("v1", first, storage=True, subresources=parts)
    steps = CRD(versions=[one, version("v2", second, subresources=parts)])
    return [*steps, UNTIL(200, GET("/apis/{group}/v2/widgets"))]


def patch_of_a(path: str, *operations: Any) -> Send:
    return PATCH(f"{path}/a", list(operations), media=JSON_PATCH)


def applied(manager: str, *, version: str = "v1", part: str = "", **fields: Any) -> Send:
    path = f"/apis/{{group}}/{version}/namespaces/{{ns}}/widgets/a{part}?fieldManager={manager}"
    return PATCH(path, widget(version=version, **fields), media=APPLY)


CASES = [
    Case(
        "a patch that no type takes shows the object as it is written",
        MADE("apps/v1 Deployment", {"spec": DEPLOYMENT}),
        patch_of_a(DEPLOYMENTS, {"op": "replace", "path": "/spec/replicas", "value": "many"}),
        PATCH(f"{DEPLOYMENTS}/a", {"spec": {"paused": "yes"}}),
        patch_of_a(
            DEPLOYMENTS, {"op": "add", "path": "/spec/template/spec/containers/0/image", "value": {"z": 1, "a": 2}}
        ),
    ),
    Case(
        "a patch that copies and tests shows what it opened",
        MADE("v1 ConfigMap", {"metadata": {"name": "a", "labels": {"z": "1", "b": "2"}}, "data": {"y": "1", "x": "2"}}),
        patch_of_a(
            MAPS,
            {"op": "test", "path": "/data", "value": {"x": "2", "y": "1"}},
            {"op": "copy", "from": "/metadata/labels", "path": "/data/z"},
        ),
        patch_of_a(MAPS, {"op": "copy", "from": "/metadata", "path": "/metadata/labels/m"}),
    ),
    *(
        Case(
            f"wrong metadata of {what} in a second write",
            *made,
            PATCH(f"{path}/a", {"metadata": WRONG}),
            PATCH(f"{path}/a", {"metadata": {"labels": {"a": "b c"}}}),
            PATCH(f"{path}/a", {"metadata": {"uid": "other", "labels": {"a b": "c"}}}),
        )
        for what, path, made in (
            ("a map", MAPS, [MADE("v1 ConfigMap")]),
            ("a deployment", DEPLOYMENTS, [MADE("apps/v1 Deployment", {"spec": DEPLOYMENT})]),
            ("a custom object", WIDGETS, [*CRD(), POST(WIDGETS, widget())]),
        )
    ),
    Case(
        "dry runs of deletes show the object as it would be",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS}}),
        DELETE(f"{PODS}/a?dryRun=All"),
        GET(f"{PODS}/a"),
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}"}}),
        DELETE("/api/v1/namespaces/{id}?dryRun=All&propagationPolicy=Foreground"),
        DELETE("/api/v1/namespaces/{id}?propagationPolicy=Foreground"),
    ),
    Case(
        "a job without labels has its own written by the second write",
        MADE("batch/v1 Job", {"spec": {"template": {"spec": {"containers": CONTAINERS, "restartPolicy": "Never"}}}}),
        PATCH(f"{JOBS}/a", {"spec": {"parallelism": 1}}, media=STRATEGIC),
        PATCH(f"{JOBS}/a", {"spec": {"parallelism": 1}}, media=STRATEGIC),
    ),
    Case(
        "a status is applied again with what that endpoint leaves alone",
        MADE(
            "networking.k8s.io/v1 Ingress",
            {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
        ),
        *(
            PATCH(
                f"{INGRESSES}/a/status?fieldManager=m{force}",
                {
                    "apiVersion": "networking.k8s.io/v1",
                    "kind": "Ingress",
                    "metadata": {"name": "a"},
                    "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}},
                    **spec,
                },
                media=APPLY,
            )
            for force, spec in (("", {}), ("", {}), ("&force=true", {"spec": {"ingressClassName": "c"}}))
        ),
    ),
    Case(
        "nothing can be applied to a live object whose items lack their keys",
        MADE("v1 ServiceAccount", {"secrets": [{"name": "s"}]}),
        patch_of_a(ACCOUNTS, {"op": "remove", "path": "/secrets/0/name"}),
        PATCH(
            f"{ACCOUNTS}/a?fieldManager=m",
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "secrets": [{"name": "t"}]},
            media=APPLY,
        ),
    ),
    Case(
        "an empty list of owners is none to a custom object",
        CRD(),
        POST(WIDGETS, widget(spec={"x": "y"})),
        PATCH(f"{WIDGETS}/a", {"metadata": {"managedFields": []}}),
        PATCH(f"{WIDGETS}/a", {"metadata": {"managedFields": [{}]}}),
        MADE("v1 ConfigMap"),
        PATCH(f"{MAPS}/a", {"metadata": {"managedFields": []}}),
    ),
    Case(
        "a scale is written in one version and the object in another",
        scaled(),
        applied("m", spec={"replicas": 2, "x": "y"}),
        PUT(
            "/apis/{group}/v2/namespaces/{ns}/widgets/a/scale",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "Scale",
                "metadata": {"name": "a", "namespace": "{ns}"},
                "spec": {"replicas": 1},
            },
        ),
        GET(f"{WIDGETS}/a"),
        applied("m", spec={"replicas": 3, "x": "y"}),
        PATCH("/apis/{group}/v1/namespaces/{ns}/widgets/a/scale", {"spec": {"replicas": 5}}, media=MERGE),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "a scale is refused for its name before the object is looked for",
        PUT(f"{DEPLOYMENTS}/none/scale", {"spec": {"replicas": 1}}),
    ),
    Case(
        "a scale's patch keeps its type",
        MADE("apps/v1 Deployment", {"spec": DEPLOYMENT}),
        PATCH(f"{DEPLOYMENTS}/a/scale", {"kind": "X"}),
        PATCH(f"{DEPLOYMENTS}/a/scale", {"apiVersion": "apps/v1", "kind": "Deployment"}),
        PATCH(f"{DEPLOYMENTS}/a/scale", {"kind": "X"}, media=STRATEGIC),
        PATCH(
            f"{DEPLOYMENTS}/a",
            {"spec": {"template": {"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": 1}]}]}}}},
        ),
    ),
    Case(
        "what another version resets is no matter of this one",
        scaled(),
        POST(WIDGETS, widget(spec={"x": "y"})),
        applied("s", version="v2", part="/status", status={"replicas": 1}),
        patch_of_a(WIDGETS, {"op": "remove", "path": "/status/replicas"}),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "nothing changes in a version that lacks a field of the stored one",
        scaled(
            second={"type": "object", "properties": {"spec": {"type": "object", "properties": {"replicas": NUMBER}}}}
        ),
        POST(WIDGETS, widget(spec={"x": "y", "replicas": 1})),
        PATCH("/apis/{group}/v2/namespaces/{ns}/widgets/a", {"spec": {"replicas": 1}}),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "a spec that is given up wholly has no number of replicas",
        scaled(),
        applied("m", spec={"replicas": 2}),
        applied("m", spec={}),
    ),
    Case(
        "bookmarks as rows",
        *(
            step
            for number, (path, query) in enumerate(
                (
                    ("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", ""),
                    ("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers", ""),
                    (MAPS, "&includeObject=None"),
                    (MAPS, "&includeObject=Object"),
                )
            )
            for step in (
                OPEN(f"{path}?{INITIAL}&fieldSelector=metadata.name%3Dnone{query}", accept=TABLE),
                EVENTS(2 * number, 1),
            )
        ),
    ),
    Case(
        "partial metadata of a list of events",
        GET(
            "/apis/events.k8s.io/v1/namespaces/{ns}/events",
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "bytes that are given empty",
        MADE(
            "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
            {
                "metadata": {"name": "{id}"},
                "webhooks": [
                    {
                        "name": "a.b.c",
                        "admissionReviewVersions": ["v1"],
                        "sideEffects": "None",
                        "clientConfig": {"url": "https://a.example/b", "caBundle": ""},
                    }
                ],
            },
        ),
    ),
]
