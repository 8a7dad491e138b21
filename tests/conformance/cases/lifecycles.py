"""Custom resources that come, change and go under open watches, and what finalizers do to their end."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, REST, UNTIL, Case, Step

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DEFINITION = f"{DEFINITIONS}/widgets.{{group}}"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
WHOLE = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


def widget(name: str = "a", *, version: str = "v1", **meta: Any) -> dict[str, Any]:
    return {"apiVersion": "{group}/" + version, "kind": "Widget", "metadata": {"name": name, **meta}}


def versions(*served: str, stored: str = "v1") -> list[dict[str, Any]]:
    return [
        {"name": name, "served": name in served, "storage": name == stored, "schema": WHOLE} for name in ("v1", "v2")
    ]


def gone() -> list[Step]:
    return [DELETE(DEFINITION), UNTIL(404, GET(DEFINITION)), UNTIL(404, GET("/apis/{group}/v1/widgets"))]


CASES = [
    Case(
        "a definition that is deleted takes its objects along",
        CRD(),
        POST(WIDGETS, widget("a"), name="made"),
        POST(WIDGETS, widget("b")),
        OPEN(f"{WIDGETS}?watch=1&resourceVersion={{made.metadata.resourceVersion}}&timeoutSeconds=20", name="w"),
        DELETE(DEFINITION),
        EVENTS("w", 3),
        UNTIL(404, GET(DEFINITION)),
        REST("w"),
        UNTIL(404, GET(WIDGETS)),
        GET(f"{WIDGETS}/a"),
        POST(WIDGETS, widget("c")),
        GET("/apis/{group}/v1"),
    ),
    Case(
        "an object with a finalizer keeps a definition that is being deleted",
        CRD(),
        POST(WIDGETS, widget("a", finalizers=["x.io/y"]), name="made"),
        OPEN(f"{WIDGETS}?watch=1&resourceVersion={{made.metadata.resourceVersion}}", name="w"),
        DELETE(DEFINITION),
        EVENTS("w", 1),
        POST(WIDGETS, widget("b")),
        GET(f"{WIDGETS}/a"),
        PATCH(f"{WIDGETS}/a", {"metadata": {"finalizers": None}}),
        EVENTS("w", 1),
        UNTIL(404, GET(DEFINITION)),
    ),
    Case(
        "a definition that is made anew knows nothing of before",
        CRD(),
        POST(WIDGETS, widget("a"), name="made"),
        gone(),
        CRD(),
        GET(f"{WIDGETS}/a"),
        OPEN(f"{WIDGETS}?watch=1&resourceVersion={{made.metadata.resourceVersion}}&timeoutSeconds=5", name="w"),
        REST("w"),
        OPEN(
            f"{WIDGETS}?watch=1&resourceVersion={{made.metadata.resourceVersion}}&timeoutSeconds=5",
            name="v",
            accept=TABLE,
        ),
        REST("v"),
        POST(WIDGETS, widget("a")),
    ),
    Case(
        "a change of a definition's schema ends its watches",
        CRD(),
        POST(WIDGETS, widget("a"), name="made"),
        OPEN(f"{WIDGETS}?watch=1&resourceVersion={{made.metadata.resourceVersion}}&timeoutSeconds=20", name="w"),
        PATCH(DEFINITION, {"spec": {"names": {"shortNames": ["wd"]}}}),
        REST("w"),
        UNTIL(200, GET(f"{WIDGETS}/a")),
    ),
    Case(
        "a note on a definition does not end its watches",
        CRD(),
        OPEN(f"{WIDGETS}?watch=1", name="w"),
        PATCH(DEFINITION, {"metadata": {"annotations": {"a": "b"}}}),
        POST(WIDGETS, widget("a")),
        EVENTS("w", 1),
    ),
    Case(
        "a version that is no longer served",
        CRD(versions=versions("v1", "v2")),
        POST(WIDGETS, widget("a")),
        GET("/apis/{group}/v2/namespaces/{ns}/widgets/a"),
        GET("/apis/{group}/v2/namespaces/{ns}/widgets"),
        POST("/apis/{group}/v2/namespaces/{ns}/widgets", widget("b", version="v2")),
        GET(f"{WIDGETS}/b"),
        PATCH(DEFINITION, {"spec": {"versions": versions("v1")}}),
        UNTIL(404, GET("/apis/{group}/v2/namespaces/{ns}/widgets/a")),
        UNTIL(200, GET(f"{WIDGETS}/a")),
        GET("/apis/{group}/v2/widgets"),
    ),
    Case(
        "another version is stored from now on",
        CRD(versions=versions("v1", "v2")),
        POST(WIDGETS, widget("a")),
        PATCH(DEFINITION, {"spec": {"versions": versions("v1", "v2", stored="v2")}}),
        UNTIL(200, GET("/apis/{group}/v2/namespaces/{ns}/widgets/a")),
        UNTIL(201, POST(WIDGETS, widget("b"))),
        GET("/apis/{group}/v2/namespaces/{ns}/widgets/b"),
        GET(f"{WIDGETS}/a"),
    ),
]
