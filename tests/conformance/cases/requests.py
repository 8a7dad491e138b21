"""Requests that are put oddly: repeated parameters, names nobody can have, bodies where none belongs, lists as bodies."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import (
    APPLY,
    CRD,
    DELETE,
    EVENTS,
    GET,
    JSON_PATCH,
    OPEN,
    PATCH,
    POST,
    PUT,
    SEND,
    STRATEGIC,
    Case,
)
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
PARTIAL = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


QUERIES = [
    Case(
        "parameters that are there twice",
        POST(MAPS, meta("a", labels={"k": "x"})),
        POST(MAPS, meta("b", labels={"k": "y"})),
        GET(f"{MAPS}?labelSelector=k%3Dx&labelSelector=k%3Dy", accept=PARTIAL),
        GET(f"{MAPS}?fieldSelector=metadata.name%3Da&fieldSelector=metadata.name%3Db", accept=PARTIAL),
        GET(f"{MAPS}?limit=1&limit=x", accept=PARTIAL),
        GET(f"{MAPS}?limit=x&limit=1"),
        GET(f"{MAPS}?limit=&limit=1", accept=PARTIAL),
        POST(f"{MAPS}?dryRun=All&dryRun=All", meta("c")),
        POST(f"{MAPS}?dryRun=All&dryRun=x", meta("c")),
        POST(f"{MAPS}?fieldManager=one&fieldManager=two&dryRun=All", meta("c")),
        POST(f"{MAPS}?fieldValidation=Ignore&fieldValidation=Strict&dryRun=All", {**meta("c"), "nothing": 1}),
        DELETE(f"{MAPS}/a?propagationPolicy=Background&propagationPolicy=x"),
    ),
    Case(
        "empty parameters",
        POST(f"{MAPS}?dryRun=&fieldManager=&fieldValidation=", meta()),
        GET(
            f"{MAPS}?limit=&continue=&resourceVersion=&resourceVersionMatch=&labelSelector=&fieldSelector=",
            accept=PARTIAL,
        ),
        PATCH(f"{MAPS}/a?force=&dryRun=", {"data": {"k": "v"}}),
        GET(f"{MAPS}?watch=&timeoutSeconds=1"),
        DELETE(f"{MAPS}/a?gracePeriodSeconds=&propagationPolicy=&orphanDependents="),
    ),
    Case(
        "numbers that are put oddly",
        POST(MAPS, meta()),
        GET(f"{MAPS}?limit=%2B1", accept=PARTIAL),
        GET(f"{MAPS}?limit=0x1"),
        GET(f"{MAPS}?limit=1.0"),
        GET(f"{MAPS}?limit=1e3"),
        GET(f"{MAPS}?limit=%201"),
        GET(f"{MAPS}?limit=9223372036854775807", accept=PARTIAL),
        GET(f"{MAPS}?limit=9223372036854775808"),
        GET(f"{MAPS}?limit=-5", accept=PARTIAL),
        GET(f"{MAPS}?timeoutSeconds=-1&watch=1&resourceVersion=x"),
        GET(f"{MAPS}?resourceVersion=18446744073709551615"),
        GET(f"{MAPS}?resourceVersion=18446744073709551616"),
    ),
    Case(
        "true and false that are put oddly",
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a?force=x", {}),
        PATCH(f"{MAPS}/a?force=true", {}),
        PATCH(f"{MAPS}/a?force=false", {}),
        PATCH(f"{MAPS}/a?force=true", {}, media=JSON_PATCH),
        PATCH(f"{MAPS}/a?force=true", {}, media=STRATEGIC),
        PATCH(f"{MAPS}/a", "metadata: {}", media=APPLY),
        DELETE(f"{MAPS}/a?orphanDependents=x&dryRun=All"),
        GET(f"{MAPS}?sendInitialEvents=x"),
    ),
    Case("names in other letters", GET(f"{MAPS}?LIMIT=x&Watch=1&labelselector=%3D", accept=PARTIAL)),
    Case(
        "semicolons and plus signs",
        GET(f"{MAPS}?labelSelector=a+in+(b)", accept=PARTIAL),
        GET(f"{MAPS}?labelSelector=a%2Bb"),
    ),
]

NAMES = [
    Case(
        "names that no object can have",
        GET(f"{MAPS}/A_"),
        DELETE(f"{MAPS}/A_"),
        PUT(f"{MAPS}/A_", meta("A_")),
        PATCH(f"{MAPS}/A_", {}),
        GET(f"{MAPS}/{'x' * 300}"),
        GET(f"{MAPS}/%20"),
        GET(f"{MAPS}/a%20b"),
        GET(f"{MAPS}/%C3%BC"),
        GET(f"{MAPS}/a%00b"),
        GET(f"{MAPS}/%2E"),
        GET(f"{MAPS}/%2E%2E"),
    ),
    Case(
        "names that no custom object can have",
        CRD(),
        GET(f"{WIDGETS}/A_"),
        PUT(f"{WIDGETS}/A_", widget("A_")),
        PATCH(f"{WIDGETS}/A_", {}),
        DELETE(f"{WIDGETS}/A_"),
    ),
    Case(
        "namespaces that cannot be",
        GET("/api/v1/namespaces/A_/configmaps"),
        GET("/api/v1/namespaces/A_/configmaps/a"),
        POST("/api/v1/namespaces/A_/configmaps", meta()),
        POST("/api/v1/namespaces/A_/configmaps", meta(namespace="b")),
        GET("/api/v1/namespaces/a%20b/pods"),
    ),
    Case(
        "a name is applied to its path only",
        PATCH(
            f"{MAPS}/a?fieldManager=m",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}},
            media=APPLY,
        ),
        PATCH(
            f"{MAPS}/a?fieldManager=m",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "other"}},
            media=APPLY,
        ),
    ),
]

BODIES = [
    Case(
        "lists as bodies",
        POST(MAPS, {"apiVersion": "v1", "kind": "List", "items": []}),
        POST(MAPS, {"apiVersion": "v1", "kind": "ConfigMapList", "items": []}),
        POST(MAPS, {"apiVersion": "v1", "kind": "Status"}),
        POST(MAPS, {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", **meta()}),
    ),
    Case(
        "lists as bodies of custom objects",
        CRD(),
        POST(WIDGETS, {"apiVersion": "v1", "kind": "List", "items": []}),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "WidgetList", "items": []}),
    ),
    Case(
        "bodies of requests that have none",
        POST(MAPS, meta()),
        SEND("GET", f"{MAPS}/a", {"x": 1}),
        SEND("GET", MAPS, "{", media="text/plain"),
    ),
    Case(
        "bodies with spaces around",
        POST(MAPS, '\n\t {"metadata": {"name": "a"}} \n'),
        POST(MAPS, '{"metadata": {"name": "b"}}\n\n'),
    ),
    Case(
        "letters beyond ASCII",
        POST(
            MAPS,
            {
                **meta(annotations={"a": "ü€𝄞", "b": "<&>\u2028"}),
                "data": {"k": "\u0000\u0007\u001f\u007f", "l": 'é\\"/'},
            },
        ),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "texts that are no UTF-8",
        POST(MAPS, b'{"metadata": {"name": "a"}, "data": {"k": "\xff\xfe"}}'),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "half a surrogate pair", POST(MAPS, '{"metadata": {"name": "a"}, "data": {"k": "\\ud800x"}}'), GET(f"{MAPS}/a")
    ),
    Case(
        "numbers in custom objects",
        CRD(),
        POST(
            WIDGETS,
            '{"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"a": 1.0, "b": 1e3, "c": 1.5, "d": 9007199254740993, "e": -0, "f": 1e400}}',
        ),
        POST(
            WIDGETS,
            '{"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"a": 1.0, "b": 1e3, "c": 1.5, "d": 9007199254740993, "e": 0.1, "f": 123456789012345678901234567890}}',
        ),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "texts of JSON patches that are no UTF-8",
        POST(MAPS, {"metadata": {"name": "a"}}),
        PATCH(f"{MAPS}/a", '[{"op": "add", "path": "/data", "value": {"k": "\\ud800x"}}]', media=JSON_PATCH),
        PATCH(f"{MAPS}/a", b'[{"op": "add", "path": "/data/l", "value": "\xff"}]', media=JSON_PATCH),
    ),
    Case(
        "numbers that no float can be",
        CRD(),
        POST(WIDGETS, widget()),
        *[
            step
            for number in ("1e400", "1" * 400)
            for step in (
                PATCH(f"{WIDGETS}/a", f'{{"x": {number}}}'),
                PATCH(f"{WIDGETS}/a", f'[{{"op": "add", "path": "/x", "value": {number}}}]', media=JSON_PATCH),
                PATCH(
                    f"{WIDGETS}/a?fieldManager=m",
                    f'{{"apiVersion": "{{group}}/v1", "kind": "Widget", "x": {number}}}',
                    media=APPLY,
                ),
            )
        ],
    ),
    Case(
        "numbers in patches",
        CRD(),
        POST(WIDGETS, widget()),
        PATCH(f"{WIDGETS}/a", '{"spec": {"a": 1.0, "b": 1e3, "c": 123456789012345678901234567890, "d": 0.25}}'),
        PATCH(
            f"{WIDGETS}/a",
            '[{"op": "test", "path": "/spec/a", "value": 1}, {"op": "add", "path": "/spec/e", "value": 2.0}]',
            media=JSON_PATCH,
        ),
        PATCH(f"{WIDGETS}/a", '{"spec": {"f": "\\udc00"}}'),
    ),
]

VERSIONS = [
    Case(
        "an autoscaler in two versions",
        POST(
            "/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers",
            {
                **meta(),
                "spec": {
                    "maxReplicas": 3,
                    "targetCPUUtilizationPercentage": 70,
                    "scaleTargetRef": {"kind": "Deployment", "name": "d"},
                },
            },
        ),
        GET("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a"),
        PATCH("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a", {"spec": {"maxReplicas": 5}}),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers"),
        DELETE("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
    ),
    Case(
        "an event in two groups",
        POST(
            "/api/v1/namespaces/{ns}/events",
            {
                **meta(),
                "involvedObject": {"kind": "Pod", "namespace": "{ns}", "name": "p"},
                "reason": "R",
                "message": "m",
                "type": "Normal",
                "count": 2,
                "source": {"component": "c"},
            },
        ),
        GET("/apis/events.k8s.io/v1/namespaces/{ns}/events/a"),
        GET("/apis/events.k8s.io/v1/namespaces/{ns}/events"),
        OPEN("/apis/events.k8s.io/v1/namespaces/{ns}/events?watch=1", name="w"),
        EVENTS("w", 1),
        PATCH("/api/v1/namespaces/{ns}/events/a", {"count": 3}),
        EVENTS("w", 1),
        DELETE("/apis/events.k8s.io/v1/namespaces/{ns}/events/a"),
    ),
    Case(
        "an event of the newer group",
        POST(
            "/apis/events.k8s.io/v1/namespaces/{ns}/events",
            {
                **meta(),
                "eventTime": "2020-01-01T00:00:00.000000Z",
                "reportingController": "example.com/c",
                "reportingInstance": "i",
                "action": "A",
                "reason": "R",
                "type": "Normal",
                "note": "n",
                "regarding": {"kind": "Pod", "namespace": "{ns}", "name": "p"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/events/a"),
    ),
    Case(
        "an object is written in another version of its type",
        POST(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "HorizontalPodAutoscaler",
                **meta(),
                "spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d"}},
            },
        ),
    ),
]

CASES = [*QUERIES, *NAMES, *BODIES, *VERSIONS]
