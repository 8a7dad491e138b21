"""Watches: where they start, what they are sent, how they end.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.conformance.builtins import collection, listable, named
from tests.conformance.case import CRD, DELETE, EVENTS, GET, JSON_PATCH, OPEN, PATCH, POST, PUT, REST, Case, Step
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


def maps(*names: str) -> list[Step]:
    return [POST(MAPS, meta(name)) for name in names]


def pod(name: str = "a", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}


START = [
    Case(
        "without a version: what is there, then changes",
        maps("b", "a"),
        OPEN(f"{MAPS}?watch=1", name="w"),
        EVENTS("w", 2),
        POST(MAPS, meta("c")),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 2),
    ),
    Case(
        "from version 0: what is there, then changes",
        maps("b", "a"),
        GET(MAPS),
        OPEN(f"{MAPS}?watch=1&resourceVersion=0", name="w"),
        EVENTS("w", 2),
        PATCH(f"{MAPS}/b", {"data": {"k": "v"}}),
        EVENTS("w", 1),
    ),
    Case(
        "from a version: what came after it",
        maps("a", "b", "c"),
        DELETE(f"{MAPS}/a"),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        EVENTS("w", 3),
    ),
    Case(
        "from the version of a list",
        maps("a"),
        GET(MAPS, name="list"),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{list.metadata.resourceVersion}}", name="w"),
        POST(MAPS, meta("b")),
        EVENTS("w", 1),
    ),
    Case(
        "from a version of the future",
        OPEN(f"{MAPS}?watch=1&resourceVersion=9999999999&timeoutSeconds=1", name="w"),
        POST(MAPS, meta()),
        REST("w"),
    ),
    Case(
        "from a version that is too old",
        OPEN(f"{MAPS}?watch=1&resourceVersion=1&timeoutSeconds=5", name="w"),
        REST("w"),
    ),
    Case(
        "from a version that is too old, as a table",
        OPEN(f"{MAPS}?watch=1&resourceVersion=1&timeoutSeconds=5", name="w", accept=TABLE),
        REST("w"),
    ),
    Case(
        "a single object by its name",
        maps("a", "b"),
        OPEN(f"{MAPS}?watch=1&fieldSelector=metadata.name%3Da", name="w"),
        EVENTS("w", 1),
        PATCH(f"{MAPS}/b", {"data": {"k": "v"}}),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        EVENTS("w", 1),
    ),
    Case(
        "the older way to watch",
        maps("a"),
        OPEN("/api/v1/watch/namespaces/{ns}/configmaps?timeoutSeconds=1", name="w"),
        REST("w"),
        OPEN("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1", name="v"),
        REST("v"),
    ),
    Case("the older way to watch a custom resource", CRD(), GET("/apis/{group}/v1/watch/widgets?timeoutSeconds=1")),
    Case("an object's path with watch", maps("a"), GET(f"{MAPS}/a?watch=1&timeoutSeconds=1")),
    *[
        Case(
            f"watch options that are wrong: {query}",
            GET(f"{MAPS}?watch=1&{query}{'' if 'timeoutSeconds' in query else '&timeoutSeconds=1'}"),
        )
        for query in (
            "resourceVersion=x",
            "resourceVersion=-1",
            "resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch=Exact&resourceVersion=1",
            "sendInitialEvents=true",
            "sendInitialEvents=false",
            "sendInitialEvents=true&resourceVersionMatch=Exact",
            "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1",
            "sendInitialEvents=true&resourceVersionMatch=Other",
            "labelSelector=a+in",
            "fieldSelector=x%3Dy",
            "fieldSelector=x",
            "timeoutSeconds=x",
            "limit=x",
            "continue=abc&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        )
    ],
    Case(
        "watch options that do not matter",
        OPEN(f"{MAPS}?watch=1&timeoutSeconds=1&limit=1", name="w"),
        maps("a", "b"),
        REST("w"),
        OPEN(f"{MAPS}?watch=1&timeoutSeconds=1&continue=abc", name="v"),
        REST("v"),
    ),
    *[
        Case(
            f"how true is written: {text or 'nothing'}",
            maps("a"),
            OPEN(f"{MAPS}?watch={text}&timeoutSeconds=1"),
            REST(1),
        )
        for text in ("true", "1", "True", "yes", "")
    ],
    Case("watch without a value", maps("a"), OPEN(f"{MAPS}?watch&timeoutSeconds=1"), REST(1)),
    Case("an empty namespace", OPEN("/api/v1/namespaces/none-{id}/configmaps?watch=1&timeoutSeconds=1"), REST(0)),
    Case("negative time-outs", OPEN(f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion=0"), REST(0)),
]

INITIAL = [
    Case(
        "initial events and their end",
        maps("b", "a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
        ),
        EVENTS("w", 3),
        POST(MAPS, meta("c")),
        EVENTS("w", 1),
    ),
    Case(
        "initial events of nothing",
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
        ),
        EVENTS("w", 1),
    ),
    Case(
        "initial events without bookmarks",
        maps("a"),
        OPEN(f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1", name="w"),
        REST("w"),
    ),
    Case(
        "no initial events",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
        ),
        POST(MAPS, meta("b")),
        EVENTS("w", 1),
    ),
    Case(
        "initial events not older than a version",
        maps("a", "b"),
        GET(MAPS),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion={{0.metadata.resourceVersion}}",
            name="w",
        ),
        EVENTS("w", 3),
    ),
    Case(
        "initial events of any version",
        maps("a"),
        GET(MAPS),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=0",
            name="w",
        ),
        EVENTS("w", 2),
    ),
    Case(
        "no initial events from a version",
        maps("a", "b"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={{0.metadata.resourceVersion}}",
            name="w",
        ),
        EVENTS("w", 1),
    ),
    Case(
        "no initial events from version 0",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0&timeoutSeconds=1",
            name="w",
        ),
        REST("w"),
    ),
    Case(
        "initial events of custom objects",
        CRD(),
        POST(WIDGETS, widget()),
        OPEN(
            f"{WIDGETS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
        ),
        EVENTS("w", 2),
    ),
    Case(
        "initial events with a selector",
        POST(MAPS, meta("a", labels={"k": "v"})),
        POST(MAPS, meta("b")),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=k%3Dv",
            name="w",
        ),
        EVENTS("w", 2),
    ),
    Case(
        "initial events of metadata",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
            accept=PARTIAL,
        ),
        EVENTS("w", 2),
    ),
    Case(
        "initial events as tables",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
            accept=TABLE,
        ),
        EVENTS("w", 2),
    ),
    Case(
        "initial events of pods",
        POST(PODS, pod()),
        OPEN(
            f"{PODS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=spec.nodeName%3D",
            name="w",
        ),
        EVENTS("w", 2),
    ),
]

SELECTORS = [
    Case(
        "an object comes into a selector and leaves it",
        OPEN(f"{MAPS}?watch=1&labelSelector=k%3Dv", name="w"),
        POST(MAPS, meta("a")),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"k": "v"}}, "data": {"n": "1"}}),
        PATCH(f"{MAPS}/a", {"data": {"n": "2"}}),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"k": "w"}}, "data": {"n": "3"}}),
        PATCH(f"{MAPS}/a", {"data": {"n": "4"}}),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"k": "v"}}}),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 5),
    ),
    Case(
        "an object that is deleted outside of a selector",
        POST(MAPS, meta("a")),
        OPEN(f"{MAPS}?watch=1&labelSelector=k%3Dv&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        DELETE(f"{MAPS}/a"),
        POST(MAPS, meta("z", labels={"k": "v"})),
        EVENTS("w", 1),
    ),
    Case(
        "past changes under a selector",
        POST(MAPS, meta("a", labels={"k": "v"})),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"k": "w"}}}),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"k": "v"}}}),
        DELETE(f"{MAPS}/a"),
        OPEN(f"{MAPS}?watch=1&labelSelector=k%3Dv&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        EVENTS("w", 3),
    ),
    Case(
        "a custom object comes into a selector and leaves it",
        CRD(),
        OPEN(f"{WIDGETS}?watch=1&labelSelector=k", name="w"),
        POST(WIDGETS, widget()),
        PATCH(f"{WIDGETS}/a", {"metadata": {"labels": {"k": "v"}}}),
        PATCH(f"{WIDGETS}/a", [{"op": "remove", "path": "/metadata/labels"}], media=JSON_PATCH),
        EVENTS("w", 2),
    ),
    Case(
        "pods by their phase",
        OPEN(f"{PODS}?watch=1&fieldSelector=status.phase%3DPending", name="w"),
        POST(PODS, pod()),
        PATCH(f"{PODS}/a/status", {"status": {"phase": "Running"}}),
        EVENTS("w", 2),
    ),
    Case(
        "pods by their node",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        OPEN(f"{PODS}?watch=1&fieldSelector={quote('spec.nodeName={id}', safe='{}')}", name="w"),
        POST(PODS, pod()),
        POST(f"{PODS}/a/binding", {"metadata": {"name": "a"}, "target": {"kind": "Node", "name": "{id}"}}),
        EVENTS("w", 1),
    ),
    Case(
        "all namespaces, by name",
        OPEN("/api/v1/configmaps?watch=1&fieldSelector=metadata.namespace%3D{ns}", name="w"),
        maps("a"),
        EVENTS("w", 1),
    ),
    Case(
        "a selectable field",
        CRD(
            {"type": "object", "properties": {"spec": {"type": "object", "properties": {"color": {"type": "string"}}}}},
            version={"selectableFields": [{"jsonPath": ".spec.color"}]},
        ),
        OPEN(f"{WIDGETS}?watch=1&fieldSelector=spec.color%3Dred", name="w"),
        POST(WIDGETS, widget(spec={"color": "red"})),
        PATCH(f"{WIDGETS}/a", {"spec": {"color": "blue"}}),
        EVENTS("w", 2),
    ),
]

FORMS = [
    Case(
        "as metadata",
        maps("a"),
        OPEN(f"{MAPS}?watch=1", name="w", accept=PARTIAL),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 3),
    ),
    Case(
        "as tables",
        maps("a"),
        OPEN(f"{MAPS}?watch=1", name="w", accept=TABLE),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 3),
    ),
    Case(
        "as tables with objects",
        maps("a"),
        OPEN(f"{MAPS}?watch=1&includeObject=Object", name="w", accept=TABLE),
        EVENTS("w", 1),
    ),
    Case(
        "as tables without objects",
        maps("a"),
        OPEN(f"{MAPS}?watch=1&includeObject=None", name="w", accept=TABLE),
        EVENTS("w", 1),
    ),
    Case(
        "as a stream",
        maps("a"),
        OPEN(f"{MAPS}?watch=1", name="w", accept="application/json;stream=watch"),
        EVENTS("w", 1),
    ),
    Case(
        "as YAML", maps("a"), OPEN(f"{MAPS}?watch=1&timeoutSeconds=1", name="w", accept="application/yaml"), REST("w")
    ),
    Case(
        "compressed",
        maps("a"),
        OPEN(f"{MAPS}?watch=1", name="w", accept_encoding="gzip"),
        POST(MAPS, meta("b")),
        EVENTS("w", 2),
    ),
    Case(
        "a watch list, compressed",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            name="w",
            accept_encoding="gzip",
        ),
        EVENTS("w", 2),
        POST(MAPS, meta("b")),
        EVENTS("w", 1),
        OPEN(f"{MAPS}?watch=1&allowWatchBookmarks=true", name="v", accept_encoding="deflate, gzip"),
        EVENTS("v", 3),
    ),
    Case(
        "bookmarks of the older ways to ask for what is there",
        maps("a"),
        GET(MAPS),
        OPEN(f"{MAPS}?watch=1&allowWatchBookmarks=true", name="w"),
        EVENTS("w", 2),
        OPEN(f"{MAPS}?watch=1&allowWatchBookmarks=true&resourceVersion=0", name="v"),
        EVENTS("v", 2),
    ),
    Case(
        "custom objects as metadata",
        CRD(),
        POST(WIDGETS, widget(spec={"a": 1})),
        OPEN(f"{WIDGETS}?watch=1", name="w", accept=PARTIAL),
        EVENTS("w", 1),
    ),
    Case(
        "custom objects as tables",
        CRD(),
        POST(WIDGETS, widget(spec={"a": 1})),
        OPEN(f"{WIDGETS}?watch=1", name="w", accept=TABLE),
        EVENTS("w", 1),
    ),
    Case(
        "fallbacks of what is accepted",
        maps("a"),
        OPEN(f"{MAPS}?watch=1", name="w", accept=f"{TABLE},application/json"),
        EVENTS("w", 1),
        OPEN(f"{MAPS}?watch=1", name="v", accept="*/*"),
        EVENTS("v", 1),
    ),
]

CHANGES = [
    Case(
        "every kind of write",
        OPEN(f"{MAPS}?watch=1", name="w"),
        POST(MAPS, meta("a")),
        PUT(f"{MAPS}/a", {**meta("a"), "data": {"k": "1"}}),
        PATCH(f"{MAPS}/a", {"data": {"k": "2"}}),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": ["x.io/y"]}}),
        DELETE(f"{MAPS}/a"),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": None}}),
        POST(MAPS, meta("a")),
        DELETE(MAPS),
        EVENTS("w", 8),
    ),
    Case(
        "a deleted object has the deletion's version",
        POST(MAPS, {**meta("a"), "data": {"k": "v"}}),
        OPEN(f"{MAPS}?watch=1", name="w"),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 2),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{3.1.object.metadata.resourceVersion}}", name="v"),
        POST(MAPS, meta("b")),
        EVENTS("v", 1),
    ),
    Case(
        "writes to subresources",
        POST(PODS, pod()),
        OPEN(f"{PODS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        PATCH(f"{PODS}/a/status", {"status": {"phase": "Running"}}),
        EVENTS("w", 1),
    ),
    Case("time is up", maps("a"), OPEN(f"{MAPS}?watch=1&timeoutSeconds=1", name="w"), REST("w")),
    Case(
        "collections deleted under a watch",
        maps("a", "b"),
        OPEN(f"{MAPS}?watch=1", name="w"),
        DELETE(MAPS),
        EVENTS("w", 4),
    ),
    Case(
        "several watches of one collection",
        OPEN(f"{MAPS}?watch=1", name="w"),
        OPEN(f"{MAPS}?watch=1", name="v"),
        OPEN("/api/v1/configmaps?watch=1&fieldSelector=metadata.namespace%3D{ns}", name="u"),
        maps("a"),
        EVENTS("w", 1),
        EVENTS("v", 1),
        EVENTS("u", 1),
    ),
]

CRDS = [
    Case(
        "a CRD that is deleted ends its watches",
        CRD(),
        POST(WIDGETS, widget()),
        OPEN(f"{WIDGETS}?watch=1&resourceVersion={{2.metadata.resourceVersion}}", name="w"),
        DELETE("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}"),
        REST("w"),
    ),
    Case(
        "versions of custom objects are watched each",
        CRD(
            versions=[
                {
                    "name": name,
                    "served": True,
                    "storage": name == "v1",
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
                for name in ("v1", "v2")
            ]
        ),
        OPEN("/apis/{group}/v2/namespaces/{ns}/widgets?watch=1", name="w"),
        POST(WIDGETS, widget()),
        EVENTS("w", 1),
    ),
]

BOOKMARKS = [
    Case(
        f"a bookmark of {named(info)}",
        OPEN(
            f"{collection(info)}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&labelSelector=none%3Dx",
            name="w",
        ),
        EVENTS("w", 1),
    )
    for info in listable()
]

CASES = [*START, *INITIAL, *SELECTORS, *FORMS, *CHANGES, *CRDS, *BOOKMARKS]
