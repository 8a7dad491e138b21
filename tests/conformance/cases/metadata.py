"""Names, labels, annotations, owners and finalizers: which are taken, and how others are refused.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, GET, PATCH, POST, PUT, Case, Step

MAPS = "/api/v1/namespaces/{ns}/configmaps"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
NAMES = [
    "a.b-c.1",
    "A",
    "a_b",
    "-a",
    "a-",
    "a..b",
    ".a",
    "a/b",
    "a%b",
    "a b",
    "ü",
    "1",
    "x" * 253,
    "x" * 254,
    "a" * 300 + "/",
    ".",
]
LABEL_KEYS = [
    "a",
    "a/b",
    "x.io/b",
    "/b",
    "x.io/",
    "a/b/c",
    "X.io/b",
    "a b",
    "-a",
    "x" * 64,
    "y" * 254 + "/a",
    "kubernetes.io/x",
    "",
]
LABEL_VALUES = ["", "a", "A.b_c-1", "-a", "a-", "a b", "x" * 63, "x" * 64, "ü"]


def named(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def with_meta(**more: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a", **more}}


def widget(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": name, **more}}


def owner(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", **fields}


def _names(path: str, **body: Any) -> list[Step]:
    return [POST(path, {**named(name), **body}) for name in NAMES]


def _cluster_names(path: str, **body: Any) -> list[Step]:
    """Only names that are refused, or of our own: cluster-scoped names are shared."""
    bad = ["a/b", "a%b", "a" * 300 + "/", "."]
    own = ["{id}", "{id}.x", "{id}_x", "{id}X", "{id}-", "{id}:x", "{id} x"]
    return [POST(path, {**named(name), **body}) for name in [*own, *bad]]


ODD_OWNERS: list[dict[str, Any]] = [
    {"apiVersion": ""},
    {"kind": ""},
    {"name": ""},
    {"uid": ""},
    {"apiVersion": "a/b/c"},
    {"kind": "Event"},
    {"apiVersion": "events.k8s.io/v1", "kind": "Event"},
    {"controller": True, "blockOwnerDeletion": False},
]

CASES = [
    Case("names of config maps", _names(MAPS)),
    Case("names of custom objects", CRD(), [POST(WIDGETS, widget(name)) for name in NAMES]),
    Case(
        "names of services",
        _names("/api/v1/namespaces/{ns}/services", spec={"ports": [{"port": 80}], "clusterIP": "None"}),
    ),
    Case("names of roles", _names("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles")),
    Case("names of service accounts", _names("/api/v1/namespaces/{ns}/serviceaccounts")),
    Case("names of leases", _names("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", spec={})),
    Case("names of namespaces", _cluster_names("/api/v1/namespaces"), namespace=False),
    Case("names of cluster roles", _cluster_names("/apis/rbac.authorization.k8s.io/v1/clusterroles"), namespace=False),
    Case("names of nodes", _cluster_names("/api/v1/nodes"), namespace=False),
    Case(
        "names of priority classes",
        _cluster_names("/apis/scheduling.k8s.io/v1/priorityclasses", value=1),
        namespace=False,
    ),
    Case(
        "names of storage classes",
        _cluster_names("/apis/storage.k8s.io/v1/storageclasses", provisioner="x.io/y"),
        namespace=False,
    ),
    Case(
        "prefixes of generated names",
        *[
            POST(MAPS, {"metadata": {"generateName": prefix}})
            for prefix in ("a-", "a.", "A", "a_", "-", "a/", "x" * 60, "a--", "ü", "")
        ],
    ),
    Case(
        "prefixes of generated names of roles",
        *[
            POST("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", {"metadata": {"generateName": prefix}})
            for prefix in ("a-", "A", "a/", "a%")
        ],
    ),
    Case(
        "keys of labels", *[POST(MAPS, with_meta(labels={key: "v"}, name=f"n{n}")) for n, key in enumerate(LABEL_KEYS)]
    ),
    Case(
        "values of labels",
        *[POST(MAPS, with_meta(labels={"k": value}, name=f"n{n}")) for n, value in enumerate(LABEL_VALUES)],
    ),
    Case(
        "keys of annotations",
        *[POST(MAPS, with_meta(annotations={key: "v"}, name=f"n{n}")) for n, key in enumerate(LABEL_KEYS)],
    ),
    Case(
        "keys of labels of custom objects",
        CRD(),
        *[POST(WIDGETS, widget(f"n{n}", labels={key: "v"})) for n, key in enumerate(LABEL_KEYS)],
    ),
    Case(
        "values of labels of custom objects",
        CRD(),
        *[POST(WIDGETS, widget(f"n{n}", labels={"k": v})) for n, v in enumerate(LABEL_VALUES)],
    ),
    Case(
        "keys of annotations of custom objects",
        CRD(),
        *[POST(WIDGETS, widget(f"n{n}", annotations={key: "v"})) for n, key in enumerate(LABEL_KEYS)],
    ),
    Case("annotations are limited in size", POST(MAPS, with_meta(annotations={"a": "x" * (256 * 1024)}))),
    Case("annotations at the limit", POST(MAPS, with_meta(annotations={"a": "x" * (256 * 1024 - 1)}))),
    Case(
        "wrong types in metadata",
        POST(MAPS, with_meta(labels={"a": 1})),
        POST(MAPS, with_meta(labels=["a"])),
        POST(MAPS, with_meta(annotations={"a": True})),
        POST(MAPS, with_meta(finalizers="x")),
        POST(MAPS, with_meta(ownerReferences={})),
        POST(MAPS, {"metadata": {"name": 5}}),
        POST(MAPS, {"metadata": []}),
        POST(MAPS, {"metadata": "x"}),
        POST(MAPS, with_meta(creationTimestamp="yesterday")),
        POST(MAPS, with_meta(generation="1")),
    ),
    Case(
        "wrong types in a custom object's metadata",
        CRD(),
        POST(WIDGETS, widget(labels={"a": 1})),
        POST(WIDGETS, widget(labels=["a"])),
        POST(WIDGETS, widget(annotations={"a": True})),
        POST(WIDGETS, widget(finalizers="x")),
        POST(WIDGETS, widget(ownerReferences={})),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": 5}}),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": []}),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": "x"}),
        POST(WIDGETS, widget(creationTimestamp="yesterday")),
        POST(WIDGETS, widget(generation="1")),
    ),
    Case(
        "labels are checked in updates too",
        POST(MAPS, with_meta()),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"a b": "c"}}}),
        PUT(f"{MAPS}/a", with_meta(annotations={"a b": "c"})),
        PUT(f"{MAPS}/a", with_meta(labels={"a": "b c"})),
    ),
    Case(
        "owners",
        POST(MAPS, with_meta(ownerReferences=[owner()])),
        *[
            POST(MAPS, with_meta(name=f"n{n}", ownerReferences=[owner(**fields)]))
            for n, fields in enumerate(ODD_OWNERS)
        ],
        POST(
            MAPS,
            with_meta(name="two", ownerReferences=[owner(controller=True), owner(name="q", uid="v", controller=True)]),
        ),
        POST(MAPS, with_meta(name="same", ownerReferences=[owner(), owner()])),
        POST(MAPS, with_meta(name="none", ownerReferences=[{}])),
        PATCH(f"{MAPS}/a", {"metadata": {"ownerReferences": [owner(uid="")]}}),
    ),
    Case("the same owner twice", POST(MAPS, with_meta(ownerReferences=[owner(), owner()])), GET(f"{MAPS}/a")),
    Case(
        "owners of custom objects",
        CRD(),
        POST(WIDGETS, widget(ownerReferences=[owner(uid="")])),
        POST(WIDGETS, widget(ownerReferences=[owner(controller=True), owner(name="q", uid="v", controller=True)])),
        POST(WIDGETS, widget(ownerReferences=[owner(kind="Event")])),
        POST(WIDGETS, widget(ownerReferences=[owner(controller=True)])),
    ),
    Case(
        "finalizers",
        *[
            POST(MAPS, with_meta(name=f"n{n}", finalizers=finalizers))
            for n, finalizers in enumerate(
                (
                    ["x.io/y"],
                    ["x"],
                    ["a b"],
                    ["kubernetes"],
                    ["orphan"],
                    ["foregroundDeletion"],
                    ["orphan", "foregroundDeletion"],
                    ["a/b/c"],
                    [""],
                    ["x.io/y", "x.io/y"],
                )
            )
        ],
    ),
    Case(
        "finalizers of custom objects",
        CRD(),
        *[
            POST(WIDGETS, widget(f"n{n}", finalizers=finalizers))
            for n, finalizers in enumerate(
                (["x.io/y"], ["x"], ["a b"], ["orphan", "foregroundDeletion"], ["x.io/y", "x.io/y"], [""])
            )
        ],
    ),
    Case(
        "finalizers cannot be added once it is being deleted",
        POST(MAPS, with_meta(finalizers=["x.io/y"])),
        DELETE(f"{MAPS}/a"),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": ["x.io/y", "x.io/z"]}}),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": ["x.io/z"]}}),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"a": "b"}}}),
        PATCH(f"{MAPS}/a", {"metadata": {"deletionTimestamp": None}}),
        PATCH(f"{MAPS}/a", {"metadata": {"finalizers": None}}),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "a custom object's finalizers cannot be added once it is being deleted",
        CRD(),
        POST(WIDGETS, widget(finalizers=["x.io/y"])),
        DELETE(f"{WIDGETS}/a"),
        PATCH(f"{WIDGETS}/a", {"metadata": {"finalizers": ["x.io/y", "x.io/z"]}}),
        PATCH(f"{WIDGETS}/a", {"metadata": {"finalizers": []}}),
        GET(f"{WIDGETS}/a"),
    ),
    Case(
        "several faults at once",
        POST(
            MAPS,
            {"metadata": {"name": "A_", "labels": {"a b": "c d"}, "annotations": {"e f": ""}, "finalizers": ["x y"]}},
        ),
    ),
    Case(
        "several faults of a custom object at once",
        CRD(),
        POST(WIDGETS, widget("A_", labels={"a b": "c d"}, finalizers=["x y"])),
    ),
    Case(
        "managed fields that are wrong",
        POST(MAPS, with_meta(managedFields=[{"manager": "x"}])),
        POST(
            MAPS,
            with_meta(
                managedFields=[
                    {
                        "manager": "x",
                        "operation": "Apply",
                        "apiVersion": "v1",
                        "fieldsType": "FieldsV1",
                        "fieldsV1": {"x": {}},
                    }
                ]
            ),
        ),
    ),
]
