"""JSON patch, merge patch and strategic merge patch. https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import GET, JSON_PATCH, MERGE, PATCH, POST, STRATEGIC, Case, Send

MAPS = "/api/v1/namespaces/{ns}/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"


def config_map() -> Send:
    annotations = {"a/b": "s", "t.u": "w"}
    return POST(MAPS, {"metadata": {"name": "a", "labels": {"x": "1"}, "annotations": annotations}, "data": {"k": "v"}})


def finalized() -> Send:
    return POST(MAPS, {"metadata": {"name": "a", "finalizers": ["a.b/c", "d.e/f"]}})


def deployment() -> Send:
    ports = [{"containerPort": 80}, {"containerPort": 81, "name": "x"}]
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    first = {"name": "c", "image": "i", "ports": ports, "env": env, "args": ["1", "2"]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [first, {"name": "c2", "image": "i2"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    return POST(DEPLOYMENTS, {"metadata": {"name": "d"}, "spec": spec})


def of_map(name: str, body: Any, media: str = MERGE, query: str = "") -> Case:
    return Case(name, config_map(), PATCH(f"{MAPS}/a{query}", body, media=media), GET(f"{MAPS}/a"))


def of_deployment(name: str, body: Any, media: str = STRATEGIC, path: str = "/d") -> Case:
    return Case(name, deployment(), PATCH(f"{DEPLOYMENTS}{path}", body, media=media), GET(f"{DEPLOYMENTS}/d"))


def of_pod_spec(name: str, body: Any) -> Case:
    return of_deployment(name, {"spec": {"template": {"spec": body}}})


def op(kind: str, path: Any = None, value: Any = ..., **more: Any) -> dict[str, Any]:
    given = {"op": kind, "path": path, "value": value, **more}
    return {key: item for key, item in given.items() if item is not ... and (key != "path" or item is not None)}


#: What a JSON patch of a ConfigMap does: name → operations, or the body as it stands.
OPERATIONS: dict[str, Any] = {
    "adds a field": [op("add", "/data/n", "1")],
    "unescapes ~1 and ~0": [
        op("replace", "/metadata/annotations/a~1b", "1"),
        op("add", "/metadata/annotations/x~0y", "1"),
        op("remove", "/metadata/annotations/t.u"),
    ],
    "goes on after a test that holds": [op("test", "/data/k", "v"), op("replace", "/data/k", "w")],
    "stops at a test that fails": [op("test", "/data/k", "no"), op("replace", "/data/k", "w")],
    "test of an absent field": [op("test", "/data/z", "no")],
    "test of an absent field for null": [op("test", "/data/z", None)],
    "remove of an absent field": [op("remove", "/data/z")],
    "replace of an absent field": [op("replace", "/data/z", "1")],
    "add below an absent field": [op("add", "/binaryData/z", "1")],
    "move": [op("move", "/data/k2", **{"from": "/data/k"})],
    "move of an absent field": [op("move", "/data/k2", **{"from": "/data/z"})],
    "move into itself": [op("move", "/data/k2", **{"from": "/data"})],
    "copy": [op("copy", "/data/k2", **{"from": "/data/k"})],
    "copy of an absent field": [op("copy", "/data/k2", **{"from": "/data/z"})],
    "unknown operation": [op("foo", "/data/k2")],
    "no operation": [{"path": "/data/k2"}],
    "no path": [{"op": "add", "value": "x"}],
    "add without a value": [op("add", "/data/q")],
    "replace without a value": [op("replace", "/data/k")],
    "an object for a list": op("add"),
    "a string for a list": '"x"',
    "null for a list": "null",
    "a number for a list": "5",
    "no JSON": "[{",
    "no body": "",
    "a list of strings": ["a"],
    "a list of numbers": [1],
    "a list of lists": [[1]],
    "an empty list": [],
    "an operation that is a number": [op(1, "/data/k")],  # type: ignore[arg-type]
    "a path that is a number": [op("add", 1, "k")],
    "a source that is a number": [op("move", "/data/k", **{"from": 1})],
    "a path without a slash": [op("add", "data/k", "k")],
    "replace of the whole by a part": [op("replace", "", {"data": {"k": "x"}})],
    "add of the whole": [op("add", "", {"data": {"k": "x"}})],
    "remove of the whole": [op("remove", "")],
    "replace of the whole by a string": [op("replace", "", "x")],
    "a value of a wrong type": [op("add", "/data/q", 1)],
    "an object of a wrong type": [op("add", "/data", "x")],
    "lists": [
        op("add", "/metadata/finalizers", ["a.b/c", "d.e/f"]),
        op("add", "/metadata/finalizers/-", "g.h/i"),
        op("add", "/metadata/finalizers/0", "z.h/i"),
        op("remove", "/metadata/finalizers/1"),
    ],
    "nothing changes": [op("replace", "/data/k", "v")],
    "10001 operations": [op("test", "/data/k", "v")] * 10_001,
    "an unknown field": [op("add", "/foo", "1")],
}

ARGUMENTS = "/spec/template/spec/containers/0/args/"


def at_index(index: str) -> Case:
    """All that can be done at one place of a list with two items."""
    steps = [
        PATCH(f"{DEPLOYMENTS}/d?dryRun=All", [operation], media=JSON_PATCH)
        for operation in (
            op("add", ARGUMENTS + index, "q"),
            op("remove", ARGUMENTS + index),
            op("replace", ARGUMENTS + index, "r"),
            op("test", ARGUMENTS + index, "2"),
            op("copy", f"{ARGUMENTS}-", **{"from": ARGUMENTS + index}),
        )
    ]
    return Case(f"json patch at index {index!r}", deployment(), *steps)


#: What a merge patch of a ConfigMap does.
MERGES: dict[str, Any] = {
    "sets and removes": {"data": {"k": None, "n": "1"}, "metadata": {"labels": {"y": "2"}}},
    "removes a map": {"data": None},
    "removes what is absent": {"data": {"q": None}},
    "an array": [1],
    "a string": '"x"',
    "a number": "1",
    "null": "null",
    "true": "true",
    "half an object": "{",
    "no value": '{"a":}',
    "more than an object": '{"a":1} x',
    "no body": "",
    "an empty object": {},
    "a field given twice": '{"data":{"k":"1","k":"2"}}',
    "a value of a wrong type": {"data": {"k": 1}},
    "a map of a wrong type": {"data": [1]},
    "an unknown field": {"foo": 1},
    "the right resourceVersion": {"metadata": {"resourceVersion": "{0.metadata.resourceVersion}"}, "data": {"k": "3"}},
    "a stale resourceVersion": {"metadata": {"resourceVersion": "1"}, "data": {"k": "3"}},
    "no resourceVersion": {"metadata": {"resourceVersion": None}, "data": {"k": "3"}},
    "an empty resourceVersion": {"metadata": {"resourceVersion": ""}, "data": {"k": "3"}},
    "resourceVersion 0": {"metadata": {"resourceVersion": "0"}, "data": {"k": "3"}},
    "a resourceVersion that is no number": {"metadata": {"resourceVersion": "abc"}, "data": {"k": "3"}},
    "a resourceVersion that is no text": {"metadata": {"resourceVersion": 5}, "data": {"k": "3"}},
    "another uid": {"metadata": {"uid": "foo"}, "data": {"k": "3"}},
    "no uid": {"metadata": {"uid": None}, "data": {"k": "3"}},
    "the right uid": {"metadata": {"uid": "{0.metadata.uid}"}, "data": {"k": "3"}},
    "another name": {"metadata": {"name": "foo"}},
    "no name": {"metadata": {"name": None}},
    "an empty name": {"metadata": {"name": ""}},
    "another namespace": {"metadata": {"namespace": "foo"}},
    "no namespace": {"metadata": {"namespace": None}},
    "another kind": {"kind": "Pod"},
    "a kind that needs other data": {"kind": "Secret", "data": None},
    "a list's kind": {"kind": "ConfigMapList"},
    "an unknown kind": {"kind": "Foo"},
    "no kind": {"kind": None},
    "an unknown apiVersion": {"apiVersion": "v2"},
    "no apiVersion": {"apiVersion": None, "data": {"k": "2"}},
    "another creation time": {"metadata": {"creationTimestamp": "2020-01-01T00:00:00Z"}},
    "a creation time that is none": {"metadata": {"creationTimestamp": "x"}},
    "a deletion time": {"metadata": {"deletionTimestamp": "2020-01-01T00:00:00Z"}},
    "a generateName": {"metadata": {"generateName": "foo"}},
    "a selfLink": {"metadata": {"selfLink": "foo"}},
    "no metadata": {"metadata": None},
    "metadata of a wrong type": {"metadata": "x"},
    "wrong labels": {"metadata": {"labels": {"a b": "c d"}}},
    "labels of a wrong type": {"metadata": {"labels": ["a"]}},
    "null managedFields": {"metadata": {"managedFields": None}, "data": {"k": "2"}},
    "empty managedFields": {"metadata": {"managedFields": []}, "data": {"k": "2"}},
    "managedFields reset": {"metadata": {"managedFields": [{}]}},
}

#: The options of a patch: query, media type, body.
OPTIONS: dict[str, tuple[str, str, Any]] = {
    "strict: unknown field": ("?fieldValidation=Strict", MERGE, {"foo": 1, "data": {"k": "2"}}),
    "ignore: unknown field": ("?fieldValidation=Ignore", MERGE, {"foo": 1, "data": {"k": "2"}}),
    "strict: field given twice": ("?fieldValidation=Strict", MERGE, '{"data":{"k":"1","k":"2"}}'),
    "ignore: field given twice": ("?fieldValidation=Ignore", MERGE, '{"data":{"k":"1","k":"2"}}'),
    "strict: json patch gives a member twice": (
        "?fieldValidation=Strict",
        JSON_PATCH,
        '[{"op":"add","path":"/data/k","value":"1","value":"2"}]',
    ),
    "strict: json patch with an unknown member": (
        "?fieldValidation=Strict",
        JSON_PATCH,
        [{**op("add", "/data/k", "1"), "foo": "2"}],
    ),
    "warn: json patch with an unknown member": ("", JSON_PATCH, [{**op("add", "/data/k", "1"), "foo": "2"}]),
    "strict: json patch of an unknown field": ("?fieldValidation=Strict", JSON_PATCH, [op("add", "/foo", "1")]),
    "unknown validation": ("?fieldValidation=Foo", MERGE, {"data": {"k": "2"}}),
    "dry run": ("?dryRun=All", MERGE, {"data": {"k": "2"}}),
    "unknown dry run": ("?dryRun=Foo", MERGE, {"data": {"k": "2"}}),
    "force": ("?force=true", MERGE, {"data": {"k": "2"}}),
    "force false": ("?force=false", MERGE, {"data": {"k": "2"}}),
    "a manager that is too long": ("?fieldManager=" + "a" * 129, MERGE, {"data": {"k": "2"}}),
    "a manager with a line break": ("?fieldManager=a%0ab", MERGE, {"data": {"k": "2"}}),
    "all of them wrong": (
        "?force=true&dryRun=x&fieldValidation=y&fieldManager=a%01b",
        MERGE,
        {"data": {"k": "2"}},
    ),
    "strategic: nulls and values": ("", STRATEGIC, {"data": {"k": "2", "n": None}}),
}

MEDIA = (
    "application/json",
    "text/plain",
    "application/yaml",
    "application/merge-patch+json; charset=utf-8",
    "application/vnd.kubernetes.protobuf",
    "application/apply-patch+json",
    "application/apply-patch+cbor",
    "APPLICATION/MERGE-PATCH+JSON",
    "garbage",
)

#: What a strategic merge patch does to the pod spec of a Deployment with the containers c and c2.
POD_SPECS: dict[str, Any] = {
    "merges a container by its name": {"containers": [{"name": "c2", "image": "new"}]},
    "adds a container": {"containers": [{"name": "c3", "image": "new"}]},
    "deletes a container": {"containers": [{"name": "c2", "$patch": "delete"}]},
    "deletes a container that is not there": {"containers": [{"name": "z", "$patch": "delete"}]},
    "replaces a list": {"containers": [{"$patch": "replace"}, {"name": "n", "image": "x"}]},
    "merge directive in a list": {"containers": [{"name": "c", "$patch": "merge"}]},
    "unknown directive in a list": {"containers": [{"name": "c", "$patch": "foo"}]},
    "an item without its key": {"containers": [{"image": "c"}]},
    "items that are strings": {"containers": ["a"]},
    "an object for a list": {"containers": {"a": "b"}},
    "merges ports by number": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "name": "q"}]}]},
    "orders": {"containers": [{"name": "c", "$setElementOrder/env": [{"name": "B"}, {"name": "A"}]}]},
    "orders and adds": {
        "containers": [
            {
                "name": "c",
                "$setElementOrder/env": [{"name": "B"}, {"name": "N"}, {"name": "A"}],
                "env": [{"name": "N", "value": "q"}],
            }
        ]
    },
    "an order without what is added": {
        "containers": [{"name": "c", "$setElementOrder/env": [{"name": "B"}], "env": [{"name": "N", "value": "q"}]}]
    },
    "directives in what is new": {
        "containers": [{"name": "n", "image": "i", "$setElementOrder/env": [{"name": "B"}], "env": []}],
    },
    "replaces a list without a key": {"containers": [{"name": "c", "args": ["9"]}]},
    "deletes objects as if they were values": {"$deleteFromPrimitiveList/containers": [{"name": "c"}]},
}

#: What a strategic merge patch does to a Deployment.
STRATEGICS: dict[str, Any] = {
    "replaces an object": {"spec": {"strategy": {"$patch": "replace", "type": "Recreate"}}},
    "deletes an object": {"spec": {"strategy": {"$patch": "delete"}}},
    "retains keys": {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
    "retains keys that are not given": {"spec": {"strategy": {"$retainKeys": ["rollingUpdate"], "type": "Recreate"}}},
    "retains no list": {"spec": {"strategy": {"$retainKeys": "type", "type": "Recreate"}}},
    "merge directive in an object": {"spec": {"strategy": {"$patch": "merge", "type": "RollingUpdate"}}},
    "unknown directive in an object": {"spec": {"strategy": {"$patch": "foo", "type": "RollingUpdate"}}},
    "null": {"spec": {"replicas": None}},
    "an unknown field": {"spec": {"foo": 1}},
    "a string for a number": {"spec": {"replicas": "x"}},
    "a fraction for a number": {"spec": {"replicas": 1.5}},
    "a number for a string": {"metadata": {"labels": {"a": 1}}},
    "a number for an object": {"spec": {"template": 1}},
    "a string for a boolean": {"spec": {"paused": "x"}},
    "an array for an object": {"spec": {"template": [1]}},
    "an array": [1],
    "a string": '"x"',
    "null for an object": "null",
    "half an object": "{",
    "no body": "",
    "a field given twice": '{"spec":{"replicas":3,"replicas":4}}',
    "a stale version": {"metadata": {"resourceVersion": "1"}},
    "another kind": {"kind": "Foo", "spec": {"replicas": 3}},
}

#: What a patch of a Deployment's scale does: media type, query, body.
SCALES: dict[str, tuple[str, str, Any]] = {
    "merge": (MERGE, "", {"spec": {"replicas": 5}}),
    "json": (JSON_PATCH, "", [op("replace", "/spec/replicas", 7)]),
    "strategic": (STRATEGIC, "", {"spec": {"replicas": 5}}),
    "null": (MERGE, "", {"spec": {"replicas": None}}),
    "negative": (MERGE, "", {"spec": {"replicas": -1}}),
    "a string": (MERGE, "", {"spec": {"replicas": "a"}}),
    "an unknown field": (MERGE, "", {"spec": {"foo": "a"}}),
    "an unknown field, strictly": (MERGE, "?fieldValidation=Strict", {"spec": {"foo": "a"}}),
    "a stale version": (MERGE, "", {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}),
    "dry run": (MERGE, "?dryRun=All", {"spec": {"replicas": 3}}),
    "another name": (MERGE, "", {"metadata": {"name": "q"}, "spec": {"replicas": 3}}),
    "another uid": (MERGE, "", {"metadata": {"uid": "q"}, "spec": {"replicas": 3}}),
    "its status": (MERGE, "", {"status": {"replicas": 4}}),
    "nothing": (MERGE, "", {"spec": {"replicas": 2}}),
    "an absent field": (JSON_PATCH, "", [op("remove", "/spec/foo")]),
}

CASES = [
    *(of_map(f"json patch: {name}", body, JSON_PATCH) for name, body in OPERATIONS.items()),
    *(at_index(index) for index in ("0", "2", "3", "-1", "-3", "x", "01", "1e0", "-", "--1", "+1", " 1")),
    of_deployment("json patch: test of numbers", [op("test", "/spec/replicas", 2.0)], JSON_PATCH),
    of_deployment("json patch: test of another type", [op("test", "/spec/replicas", "2")], JSON_PATCH),
    of_deployment(
        "json patch: test of an object", [op("test", "/spec/selector", {"matchLabels": {"a": "b"}})], JSON_PATCH
    ),
    of_deployment(
        "json patch: test of an object that differs",
        [op("test", "/spec/selector", {"matchLabels": {"a": "c"}})],
        JSON_PATCH,
    ),
    of_deployment(
        "json patch: a field that may not change", [op("replace", "/spec/selector/matchLabels/a", "c")], JSON_PATCH
    ),
    of_deployment("json patch: through a number", [op("add", "/spec/replicas/x", 1)], JSON_PATCH),
    Case("json patch: no such object", PATCH(f"{MAPS}/a", [op("add", "/data/n", "1")], media=JSON_PATCH)),
    *(of_map(f"merge patch: {name}", body) for name, body in MERGES.items()),
    Case(
        "merge patch: after a reset nobody is tracked",
        config_map(),
        PATCH(f"{MAPS}/a", {"metadata": {"managedFields": [{}]}}),
        PATCH(f"{MAPS}/a", {"data": {"k": "2"}}),
    ),
    of_deployment("merge patch: another generation", {"metadata": {"generation": 7}}, MERGE),
    *(of_map(f"patch options: {name}", body, media, query) for name, (query, media, body) in OPTIONS.items()),
    *(of_map(f"patch as {media}", {"data": {"k": "2"}}, media) for media in MEDIA),
    *(of_pod_spec(f"strategic merge patch: {name}", body) for name, body in POD_SPECS.items()),
    *(of_deployment(f"strategic merge patch: {name}", body) for name, body in STRATEGICS.items()),
    of_deployment(
        "strategic merge patch: an unknown field, strictly",
        {"spec": {"foo": 1}},
        STRATEGIC,
        "/d?fieldValidation=Strict",
    ),
    of_deployment(
        "strategic merge patch: a field given twice, strictly",
        '{"spec":{"replicas":3,"replicas":4}}',
        STRATEGIC,
        "/d?fieldValidation=Strict",
    ),
    Case(
        "strategic merge patch: primitive lists",
        finalized(),
        PATCH(
            f"{MAPS}/a",
            {"metadata": {"finalizers": ["g.h/i"], "$setElementOrder/finalizers": ["g.h/i", "a.b/c", "d.e/f"]}},
            media=STRATEGIC,
        ),
        PATCH(f"{MAPS}/a", {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.b/c"]}}, media=STRATEGIC),
    ),
    Case(
        "strategic merge patch: what is to be deleted is no list",
        finalized(),
        PATCH(f"{MAPS}/a", {"metadata": {"$deleteFromPrimitiveList/finalizers": "a.b/c"}}, media=STRATEGIC),
    ),
    of_deployment(
        "status patch: only the status and annotations",
        {
            "status": {"replicas": 3, "observedGeneration": 1},
            "spec": {"replicas": 9},
            "metadata": {"labels": {"q": "r"}, "annotations": {"q": "r"}},
        },
        STRATEGIC,
        "/d/status",
    ),
    of_deployment("status patch: json", [op("add", "/status/replicas", 4)], JSON_PATCH, "/d/status"),
    of_deployment("status patch: merge", {"status": {"replicas": 1}}, MERGE, "/d/status"),
    of_deployment("status patch: not through the object", {"status": {"replicas": 1}}, MERGE),
    Case(
        "status patch: conditions merge by type",
        deployment(),
        PATCH(
            f"{DEPLOYMENTS}/d/status",
            {"status": {"conditions": [{"type": "Available", "status": "True"}]}},
            media=STRATEGIC,
        ),
        PATCH(
            f"{DEPLOYMENTS}/d/status",
            {"status": {"conditions": [{"type": "Progressing", "status": "False"}]}},
            media=STRATEGIC,
        ),
    ),
    *(
        of_deployment(f"scale patch: {name}", body, media, f"/d/scale{query}")
        for name, (media, query, body) in SCALES.items()
    ),
    Case("scale patch: no such object", PATCH(f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 4}})),
]
