"""What the definitions of well-known operators have that few others do: deprecated versions, defaults in a status, rules."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import APPLY, CRD, DELETE, GET, PATCH, POST, PUT, STRATEGIC, Case
from tests.conformance.cases.definitions import version
from tests.conformance.making import widget

WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def old(name: str) -> str:
    return WIDGETS.replace("/v1/", f"/{name}/")


WAITING = {"type": "Accepted", "status": "Unknown", "reason": "Pending", "lastTransitionTime": "1970-01-01T00:00:00Z"}
#: As the definitions of gateways have it: until a controller comes, the status says that none has come.
WAITS = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer", "default": 1}}},
        "status": {
            "type": "object",
            "default": {"conditions": [WAITING]},
            "properties": {
                "conditions": {
                    "type": "array",
                    "items": {"type": "object", "properties": {name: {"type": "string"} for name in WAITING}},
                },
                "size": {"type": "integer"},
            },
        },
    },
}
STATUS: dict[str, Any] = {"subresources": {"status": {}}}
RULED = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "x-kubernetes-validations": [{"rule": "self.size >= 0", "message": "size is not negative"}],
            "properties": {
                "size": {"type": "integer"},
                "mode": {"type": "string", "enum": ["a", "b"], "maxLength": 3},
                "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
                "many": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
            },
        },
        "status": {"type": "object", "properties": {"size": {"type": "integer"}}},
    },
}


def deployment(labels: dict[str, str]) -> dict[str, Any]:
    """A deployment whose pods have labels in the order in which they are given."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    return {"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": labels}, "template": template}}


def column(path: str) -> dict[str, str]:
    return {"name": path, "type": "string", "jsonPath": path}


CASES = [
    Case(
        "versions that are deprecated",
        CRD(
            versions=[
                version("v1", storage=True),
                version("v1beta1", deprecated=True),
                version("v1alpha1", deprecated=True, deprecationWarning='use v1, not "alpha"'),
            ],
        ),
        POST(old("v1beta1"), {**widget(), "apiVersion": "{group}/v1beta1"}),
        GET(old("v1beta1") + "/a"),
        GET(old("v1beta1")),
        GET(old("v1beta1") + "/b"),
        GET("/apis/{group}/v1alpha1/widgets", accept=TABLE),
        PATCH(old("v1alpha1") + "/a", {"spec": {"size": 2}}),
        GET(old("v1alpha1") + "?watch=1&timeoutSeconds=1&resourceVersion=1&labelSelector=a%3Db"),
        GET("/apis/{group}/v1alpha1"),
        DELETE(old("v1alpha1") + "/a"),
        GET(WIDGETS),
    ),
    Case(
        "what is deprecated and has a field that is not known",
        CRD(WAITS, version={"deprecated": True}),
        POST(WIDGETS, widget(spec={"size": 1, "other": 2})),
        PATCH(WIDGETS + "/a", {"spec": {"another": 2}}),
        POST(
            "/api/v1/namespaces/{ns}/endpoints",
            {"metadata": {"name": "a"}, "other": 1, "subsets": [{"addresses": [{"ip": "1.2.3.4"}], "more": 1}]},
        ),
        PATCH("/api/v1/namespaces/{ns}/endpoints/a", {"another": 1}),
    ),
    *(
        Case(
            f"what is said in place of a deprecated version, {', '.join(others) or 'alone'}",
            CRD(
                versions=[
                    version("v1", storage=True, deprecated=True),
                    *(version(name) for name in others),
                ]
            ),
            GET(WIDGETS),
        )
        for others in ((), ("v1beta1",), ("v1alpha1", "v1beta2", "v1beta1"), ("v2", "v3"), ("other", "v2alpha1"))
    ),
    Case(
        "a status that has a default",
        CRD(WAITS, version=STATUS),
        POST(WIDGETS + "?dryRun=All", widget()),
        POST(WIDGETS, widget(status={"size": 3}), name="made"),
        GET(WIDGETS + "/a"),
        PUT(
            WIDGETS + "/a",
            widget(spec={"size": 1})
            | {"metadata": {"name": "a", "resourceVersion": "{made.metadata.resourceVersion}"}},
        ),
        PATCH(WIDGETS + "/a", {"spec": {"size": 1}}),
        PATCH(WIDGETS + "/a", {"metadata": {"labels": {"a": "b"}}}),
        PATCH(WIDGETS + "/a/status", {"status": {"size": 3}}),
        PATCH(WIDGETS + "/a/status", {"status": None}),
        PATCH(WIDGETS + "/b?fieldManager=x", widget("b", spec={"size": 2}), media=APPLY),
        PATCH(WIDGETS + "/b?fieldManager=x", widget("b", spec={"size": 2}), media=APPLY),
        GET(WIDGETS),
    ),
    Case(
        "a status that has a default, and is no subresource",
        CRD(WAITS),
        POST(WIDGETS, widget(), name="made"),
        PATCH(WIDGETS + "/a", {"status": None}),
        GET(WIDGETS + "/a"),
    ),
    Case(
        "rules are not checked for what does not fit the schema",
        CRD(RULED, version=STATUS),
        *(
            POST(WIDGETS, widget(spec=spec))
            for spec in (
                {},
                {"size": "x"},
                {"size": 1, "mode": "c"},
                {"size": 1, "mode": "long"},
                {"size": 1, "name": "UP"},
                {"size": 1, "name": "toolong"},
                {"size": 1, "many": ["a", "b", "c"]},
            )
        ),
        POST(WIDGETS, widget(spec={"size": 1})),
        PATCH(WIDGETS + "/a", {"spec": {"mode": "c"}}),
        PATCH(WIDGETS + "/a/status", {"status": {"size": "x"}}),
        PATCH(WIDGETS + "/a?fieldManager=x", widget(spec={"size": "x"}), media=APPLY),
    ),
    Case(
        "columns whose paths take all of a list",
        CRD(
            version={
                "additionalPrinterColumns": [
                    column(".spec.hosts[]"),
                    column(".spec.rules[].hosts"),
                    column(".spec.rules[].hosts[]"),
                    column(".spec.map[]"),
                ]
            }
        ),
        POST(
            WIDGETS,
            widget(spec={"hosts": ["a", "b"], "rules": [{"hosts": ["c"]}, {"hosts": ["d", "e"]}], "map": {"x": "y"}}),
        ),
        POST(WIDGETS, widget("b", spec={"hosts": [], "rules": []})),
        GET(WIDGETS, accept=TABLE),
    ),
    Case(
        "an API that a service of the cluster answers for",
        POST(
            SERVICES,
            {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": "v1beta1.{group}"},
                "spec": {
                    "service": {"name": "metrics", "namespace": "{ns}"},
                    "group": "{group}",
                    "version": "v1beta1",
                    "insecureSkipTLSVerify": True,
                    "groupPriorityMinimum": 100,
                    "versionPriority": 100,
                },
            },
        ),
        DELETE(SERVICES + "/v1beta1.{group}"),
    ),
    *(
        Case(
            f"objects that were exported, {place}",
            *(
                POST(
                    f"/api/v1/namespaces/{{ns}}/configmaps{query}",
                    {"metadata": {"name": "a", "uid": "x", "resourceVersion": said, "creationTimestamp": None}},
                )
                for said in ("5", "0", "x", "")
                for query in queries
            ),
        )
        for place, queries in (("tried", ("?dryRun=All",)), ("made", ("",)))
    ),
    Case(
        "labels and selectors as people write them",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"app": "a", "app.kubernetes.io/name": "b", "app-x": "c"},
                    "ports": [{"port": 80}],
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/services", accept=TABLE),
        POST("/apis/apps/v1/namespaces/{ns}/deployments", deployment({"release": "r", "app": "a"})),
        PUT("/apis/apps/v1/namespaces/{ns}/deployments/a", deployment({"release": "r", "app": "a", "app.x/b": "c"})),
        PUT("/apis/apps/v1/namespaces/{ns}/deployments/a", deployment({"app": "a", "release": "r"})),
    ),
    Case(
        "a job that was exported",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a", "uid": "00000000-0000-4000-8000-000000000000"},
                "spec": {
                    "selector": {"matchLabels": {"controller-uid": "00000000-0000-4000-8000-000000000000"}},
                    "template": {
                        "metadata": {
                            "labels": {"controller-uid": "00000000-0000-4000-8000-000000000000", "job-name": "a"}
                        },
                        "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]},
                    },
                },
            },
        ),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"parallelism": 2}}, media=STRATEGIC),
    ),
]
