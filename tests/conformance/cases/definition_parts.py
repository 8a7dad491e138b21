"""Schemas within schemas that the server's decoder reads by rules of their own, deprecated versions, deep columns, scales.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import APPLY, CRD, DELETE, GET, PATCH, POST, PUT, UNTIL, Case
from tests.conformance.cases.definitions import ANYTHING, CRDS, WIDGET, definition, fields, version
from tests.conformance.making import widget

__all__ = ["CASES"]

WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
V2 = "/apis/{group}/v2/namespaces/{ns}/widgets"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
STRING = {"type": "string"}
ITEMS: list[Any] = [
    "x",
    True,
    [],
    ["x"],
    [{"type": 5}],
    {"type": 5},
    {"required": True},
    {"type": "object", "properties": {"b": "x"}},
    {"type": "array", "items": {"type": 5}},
    {"type": "string", "x-kubernetes-validations": [{"rule": 5}]},
    {"type": "string", "required": [], "enum": [], "foo": 1},
]
SUBRESOURCES = {"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}


def dry(schema: Any, query: str = "", **one: Any) -> Any:
    """Make a definition whose objects have a field `a` of this schema, dry."""
    return POST(f"{CRDS}?dryRun=All{query}", definition(fields(a=schema), one=one))


def scale(**meta: Any) -> dict[str, Any]:
    named = {"name": "a", **meta}
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": named, "spec": {"replicas": 7}}


CASES = [
    Case(
        "schemas of items that cannot be read, and what is dropped from those that can",
        *(dry({"type": "array", "items": items}) for items in ITEMS),
        dry({"type": "array", "items": ITEMS[-1]}, "&fieldValidation=Strict"),
        namespace=False,
    ),
    Case(
        "schemas of values that cannot be read, and what is dropped from those that can",
        *(dry({"type": "object", "additionalProperties": value}) for value in ({"type": 5}, ITEMS[-1], {"not": "x"})),
        dry({"type": "object", "dependencies": {"a": ["b", 5]}}),
        namespace=False,
    ),
    Case(
        "which of several mistakes a decoder tells",
        dry({"type": 5, "items": {"type": 6}}),
        dry({"type": 5, "minLength": "x"}),
        POST(
            "/api/v1/namespaces/{ns}/pods?dryRun=All",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "restartPolicy": 5,
                    "containers": [{"name": "c", "image": "x", "resources": {"limits": {"cpu": "abc"}}}],
                },
            },
        ),
    ),
    Case(
        "a status subresource says nothing",
        dry(STRING, subresources={"status": {"a": 1}}),
        dry(STRING, "&fieldValidation=Strict", subresources={"status": {"a": 1}}),
        namespace=False,
    ),
    Case(
        "selectable fields without a schema",
        POST(
            f"{CRDS}?dryRun=All",
            definition(
                versions=[
                    {"name": "v1", "served": True, "storage": True, "selectableFields": [{"jsonPath": ".a"}]},
                    version("v2"),
                ]
            ),
        ),
        namespace=False,
    ),
    Case(
        "requests for deprecated versions",
        CRD(
            versions=[
                version("v1", storage=True, deprecated=True),
                version("v2", deprecated=True, deprecationWarning="use v1, please"),
            ]
        ),
        UNTIL(200, GET(V2)),
        POST(WIDGETS, widget()),
        GET(f"{V2}/a"),
        GET(f"{WIDGETS}/b"),
        PATCH(f"{V2}/a", {"spec": {"a": 1}}),
        POST(V2, widget("A B", "v2")),
        DELETE(f"{WIDGETS}/a"),
    ),
    Case(
        "a column of whatever is deep within",
        CRD(version={"additionalPrinterColumns": [{"name": "Deep", "type": "string", "jsonPath": "..phase"}]}),
        POST(WIDGETS, widget(spec={"b": [{"phase": "x"}]})),
        POST(WIDGETS, widget("b", spec={"phase": {"c": 1}})),
        GET(WIDGETS, accept=TABLE),
    ),
    Case(
        "scales that are refused",
        CRD(ANYTHING, version={"subresources": SUBRESOURCES}),
        POST(WIDGETS, widget(spec={"replicas": 1})),
        PATCH(f"{WIDGETS}/a/scale", {"spec": {"replicas": 2}}),
        PATCH(f"{WIDGETS}/a/scale", {"spec": {"replicas": "x"}}),
        PUT(f"{WIDGETS}/a/scale", scale(namespace="other")),
        PATCH(f"{WIDGETS}/a/scale?fieldManager=m&force=true", scale(), media=APPLY),
        POST(f"{WIDGETS}/a/scale", scale()),
        DELETE(f"{WIDGETS}/a/scale"),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "a status that forgets what was stored",
        CRD(),
        PATCH(f"{CRDS}{WIDGET}/status", {"status": {"storedVersions": []}}),
        PATCH(f"{CRDS}{WIDGET}", {"metadata": {"labels": {"a": "b"}}}),
        namespace=False,
    ),
]
