"""Objects: what the server sets, counts and refuses when they are written. https://kubernetes.io/docs/reference/using-api/api-concepts/"""

from __future__ import annotations

from tests.conformance.case import CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, PUT, REST, Case

MAPS = "/api/v1/namespaces/{ns}/configmaps"

CASES = [
    Case(
        "a create sets uid, version, time and managed fields",
        POST(MAPS, {"metadata": {"name": "a"}, "data": {"k": "v"}}),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "a create without apiVersion and kind is taken by its path",
        POST(MAPS, {"metadata": {"name": "a"}}),
        POST(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}),
    ),
    Case(
        "a watch tells of each change",
        POST(MAPS, {"metadata": {"name": "a"}}),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 2),
    ),
    Case(
        "a generated name has the prefix",
        POST(MAPS, {"metadata": {"generateName": "pre-"}}),
        GET(f"{MAPS}/{{0.metadata.name}}"),
    ),
    Case(
        "a custom object",
        CRD(),
        POST(
            "/apis/{group}/v1/namespaces/{ns}/widgets",
            {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}},
        ),
        OPEN("/apis/{group}/v1/namespaces/{ns}/widgets?watch=1&timeoutSeconds=1"),
        REST(3),
    ),
    Case("an update of what is not there is not found", PUT(f"{MAPS}/a", {"metadata": {"name": "a"}})),
]
