"""How CustomResourceDefinitions are established, contend for names, change, and go with their objects.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, REST, UNTIL, Case, Send
from tests.conformance.cases.definitions import CRDS, definition, version

WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
WIDGET = CRDS + "/widgets.{group}"


def watch(plural: str = "widgets", name: str = "watch") -> Send:
    selector = f"fieldSelector=metadata.name%3D{plural}.{{group}}"
    return OPEN(f"{CRDS}?watch=1&timeoutSeconds=30&resourceVersion=0&{selector}", name=name)


def made(**names: Any) -> Send:
    return POST(CRDS, definition(names=names))


def second(**names: Any) -> Send:
    """Another definition of the group, by default without any name of the first."""
    said = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "GadgetList", **names}
    return POST(CRDS, {**definition(names=said), "metadata": {"name": "gadgets.{group}"}})


def contends(what: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Case:
    """The second definition gets its names when the first is gone."""
    return Case(
        f"two definitions with the same {what}",
        made(**ours),
        UNTIL(200, GET("/apis/{group}/v1/widgets")),
        watch("gadgets"),
        second(**theirs),
        EVENTS("watch", 2),
        GET("/apis/{group}/v1/gadgets"),
        DELETE(WIDGET),
        EVENTS("watch", 2),
        UNTIL(200, GET("/apis/{group}/v1/gadgets")),
        namespace=False,
    )


WIDGET_OBJECT = {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}}
HELD = {**WIDGET_OBJECT, "metadata": {"name": "held", "finalizers": ["example.com/hold"]}}

CASES = [
    Case("a definition is established", watch(), made(), EVENTS("watch", 3), namespace=False),
    contends("kind", {}, {"kind": "Widget"}),
    contends("list kind", {}, {"listKind": "WidgetList"}),
    contends("singular", {}, {"singular": "widget"}),
    contends("short name", {"shortNames": ["w"]}, {"shortNames": ["g", "w"]}),
    contends(
        "names of every kind",
        {"shortNames": ["w", "x"]},
        {"shortNames": ["x", "w"], "kind": "Widget", "listKind": "WidgetList", "singular": "widget"},
    ),
    contends("singular as a short name", {}, {"shortNames": ["widget"]}),
    Case(
        "new short names of an established definition",
        CRD(),
        watch(),
        EVENTS("watch", 1),
        PATCH(WIDGET, {"spec": {"names": {"shortNames": ["w"], "categories": ["all"]}}}),
        EVENTS("watch", 2),
        namespace=False,
    ),
    Case(
        "an established definition asks for a short name that is taken",
        CRD(),
        second(shortNames=["g"]),
        UNTIL(200, GET("/apis/{group}/v1/gadgets")),
        watch(),
        EVENTS("watch", 1),
        PATCH(WIDGET, {"spec": {"names": {"shortNames": ["g"]}}}),
        EVENTS("watch", 2),
        UNTIL(200, GET("/apis/{group}/v1/widgets")),
        PATCH(CRDS + "/gadgets.{group}", {"spec": {"names": {"shortNames": []}}}),
        EVENTS("watch", 1),
        namespace=False,
    ),
    Case(
        "a definition without objects goes",
        CRD(),
        watch(),
        EVENTS("watch", 1),
        DELETE(WIDGET),
        EVENTS("watch", 3),
        UNTIL(404, GET("/apis/{group}/v1/widgets")),
        namespace=False,
    ),
    Case(
        "a definition that was never established goes",
        CRD(),
        watch("gadgets"),
        second(kind="Widget"),
        EVENTS("watch", 2),
        DELETE(CRDS + "/gadgets.{group}"),
        EVENTS("watch", 3),
        namespace=False,
    ),
    Case(
        "an object with a finalizer holds its definition back",
        CRD(),
        POST(WIDGETS, WIDGET_OBJECT),
        POST(WIDGETS, HELD),
        watch(),
        EVENTS("watch", 1),
        DELETE(WIDGET),
        EVENTS("watch", 2),
        UNTIL(404, GET(WIDGETS + "/a")),
        GET(WIDGETS + "/held"),
        POST(WIDGETS, {**WIDGET_OBJECT, "metadata": {"name": "b"}}),
        PATCH(WIDGETS + "/held", {"spec": {"a": 1}}),
        DELETE(WIDGET),
        PATCH(WIDGETS + "/held", {"metadata": {"finalizers": None}}),
        EVENTS("watch", 1),
        UNTIL(404, GET(WIDGETS)),
    ),
    Case(
        "a definition with a finalizer of its own",
        CRD(),
        PATCH(WIDGET, {"metadata": {"finalizers": ["customresourcecleanup.apiextensions.k8s.io", "example.com/hold"]}}),
        watch(),
        EVENTS("watch", 1),
        DELETE(WIDGET),
        EVENTS("watch", 3),
        PATCH(WIDGET, {"metadata": {"finalizers": []}}),
        EVENTS("watch", 1),
        namespace=False,
    ),
    Case(
        "watches of objects end with their definition",
        CRD(),
        POST(WIDGETS, WIDGET_OBJECT),
        OPEN(WIDGETS + "?watch=1&timeoutSeconds=30&resourceVersion=0", name="objects"),
        EVENTS("objects", 1),
        DELETE(WIDGET),
        REST("objects"),
        UNTIL(404, GET(WIDGETS)),
        GET(CRDS + "/widgets.{group}"),
    ),
    Case(
        "watches of objects end when their definition changes",
        CRD(),
        OPEN(WIDGETS + "?watch=1&timeoutSeconds=30", name="objects"),
        PATCH(WIDGET, {"spec": {"versions": [version("v1", storage=True), version("v2")]}}),
        REST("objects"),
        UNTIL(200, GET("/apis/{group}/v2/widgets")),
    ),
    Case(
        "a version is no longer served",
        CRD(versions=[version("v1", storage=True), version("v2")]),
        UNTIL(200, GET("/apis/{group}/v2/widgets")),
        PATCH(WIDGET, {"spec": {"versions": [version("v1", storage=True), {**version("v2"), "served": False}]}}),
        UNTIL(404, GET("/apis/{group}/v2/widgets")),
        # The real server's storage may be starting anew for a moment (429).
        UNTIL(200, GET("/apis/{group}/v1/widgets")),
    ),
    Case(
        "the approval of an API of the project",
        POST(
            CRDS,
            definition(
                group="{id}.k8s.io", meta={"annotations": {"api-approved.kubernetes.io": "https://github.com/x"}}
            ),
        ),
        UNTIL(200, GET("/apis/{id}.k8s.io/v1/widgets")),
        GET(CRDS + "/widgets.{id}.k8s.io"),
        PATCH(
            CRDS + "/widgets.{id}.k8s.io", {"metadata": {"annotations": {"api-approved.kubernetes.io": "unapproved"}}}
        ),
        namespace=False,
    ),
]
