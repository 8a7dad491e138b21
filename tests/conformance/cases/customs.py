"""Custom objects: validation, pruning, defaults, formats, lists, and patches, applies and subresources of them.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import APPLY, CRD, GET, JSON_PATCH, PATCH, POST, PUT, STRATEGIC, UNTIL, Case, Send

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ALL = "/apis/{group}/v1/widgets"
W = "/apis/{group}/v1/namespaces/{ns}/widgets"
W2 = "/apis/{group}/v2/namespaces/{ns}/widgets"
DRY = "?dryRun=All"
KEEP = {"x-kubernetes-preserve-unknown-fields": True}
EMBEDDED = {"x-kubernetes-embedded-resource": True}
INT_OR_STRING = {"x-kubernetes-int-or-string": True}
SET = {"x-kubernetes-list-type": "set"}
ATOMIC = {"x-kubernetes-map-type": "atomic"}


def keyed(*keys: str) -> dict[str, Any]:
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


def T(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


def fields(**properties: Any) -> dict[str, Any]:
    """The schema of an object with these fields."""
    return {"type": "object", "properties": properties}


def of_spec(**properties: Any) -> dict[str, Any]:
    """The schema of an object whose spec has these fields."""
    return fields(spec=fields(**properties))


def widget(spec: Any = ..., *, meta: Any = None, **more: Any) -> dict[str, Any]:
    whole = {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a", **(meta or {})}, **more}
    return whole if spec is ... else {**whole, "spec": spec}


def posted(name: str, schema: Any, *specs: Any) -> Case:
    """What becomes of objects with these specs."""
    made = [POST(ALL + DRY, widget(spec)) for spec in specs]
    return Case(name, CRD(schema, scope="Cluster"), *made, namespace=False)


def version(name: str, schema: Any = None, *, storage: bool = False, served: bool = True) -> dict[str, Any]:
    whole = {"type": "object", **KEEP} if schema is None else schema
    return {"name": name, "served": served, "storage": storage, "schema": {"openAPIV3Schema": whole}}


def A(body: Any, manager: str = "m1", *, force: bool = False, path: str = "/a", base: str = W) -> Send:
    return PATCH(f"{base}{path}?fieldManager={manager}{'&force=true' if force else ''}", body, media=APPLY)


def scale(manager: str, replicas: int, *, force: bool = False) -> Send:
    body = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, "spec": {"replicas": replicas}}
    return A(body, manager, force=force, path="/a/scale")


FORMATS = {
    "date": ["2020-01-01", "x", "2020-13-01"],
    "date-time": ["2020-01-01T00:00:00Z", "2020-01-01", "x", "2020-01-01t25:00:00z", "2020-01-01T00:00:00"],
    "duration": ["1s", "1h30m", "5 minutes", "x", "", "-1s", "1.5h", "3d"],
    "email": ["a@b", "a@b.c", "x", "A <a@b.c>", ""],
    "uri": ["http://x", "/x", "x", "a:b", "http://a b", ""],
    "hostname": ["a.com", "a", "-a", "a_b", "a.1", "1.2.3.4", "ä.com", "a.b-c.de", "a..b", ""],
    "ipv4": ["1.2.3.4", "01.2.3.4", "1.2.3", "::1"],
    "ipv6": ["::1", "1.2.3.4", "::ffff:1.2.3.4", "x"],
    "cidr": ["1.2.3.0/24", "::/0", "1.2.3.4", "1.2.3.4/33", "1.2.3.4/24"],
    "mac": ["00:00:5e:00:53:01", "0000.5e00.5301", "x", "00-00-5e-00-53-01", "00:00:5e"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000", "x"],
    "uuid3": ["123e4567-e89b-32d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
    "uuid4": ["123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-1456-426614174000"],
    "uuid5": ["123e4567-e89b-52d3-a456-426614174000", "x"],
    "byte": ["YQ==", "YQ=", "", "x", "YWJj"],
    "password": ["x"],
    "hexcolor": ["#fff", "fff", "#ggg"],
    "rgbcolor": ["rgb(1,2,3)", "rgb(256,1,1)", "x"],
    "isbn": ["0321751043", "978-0321751041", "x"],
    "isbn10": ["0321751043", "x"],
    "isbn13": ["978-0321751041", "x"],
    "creditcard": ["4111 1111 1111 1111", "4111111111111112"],
    "ssn": ["111-22-3333", "x"],
    "bsonobjectid": ["507f1f77bcf86cd799439011", "x"],
    "k8s-short-name": ["a", "A", "a.b"],
    "k8s-long-name": ["a.b", "A"],
    "datetime": ["2020-01-01T00:00:00Z"],
    "foo": ["x"],
}
E = T("object", **EMBEDDED, **KEEP)
SUB: dict[str, Any] = {"subresources": {"status": {}}}
SC = {
    "subresources": {
        "status": {},
        "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n", "labelSelectorPath": ".status.s"},
    }
}
SCS = fields(
    spec=T("object", properties={"n": T("integer")}),
    status=T("object", properties={"n": T("integer"), "s": T("string")}),
)
LS = of_spec(
    set=T("array", items=T("string"), **SET),
    map=T(
        "array",
        items=T(
            "object", required=["k"], properties={"k": T("string"), "v": T("string"), "p": T("string", default="TCP")}
        ),
        **keyed("k", "p"),
    ),
    at=T("array", items=T("string")),
    am=T("object", additionalProperties=T("string"), **ATOMIC),
    gm=T("object", additionalProperties=T("string")),
    st=T("object", properties={"x": T("string"), "y": T("string")}),
    sa=T("object", properties={"x": T("string"), "y": T("string")}, **ATOMIC),
    pu=T("object", properties={"x": T("string")}, **KEEP),
    ios=INT_OR_STRING,
    d=T("string", default="dd"),
)
FULL = {
    "set": ["a", "b"],
    "map": [{"k": "1", "v": "x"}, {"k": "2", "p": "UDP"}],
    "at": ["a"],
    "am": {"a": "b"},
    "gm": {"a": "b"},
    "st": {"x": "1"},
    "sa": {"x": "1"},
    "pu": {"x": "1", "q": {"r": [1]}},
    "ios": 5,
}

CASES = [
    posted(
        "types",
        of_spec(
            s=T("string"), i=T("integer"), n=T("number"), b=T("boolean"), o=T("object"), a=T("array", items=T("string"))
        ),
        {"s": 1},
        {"i": "x"},
        {"i": 1.5},
        {"i": 1.0},
        {"n": "x"},
        {"n": 1},
        {"b": "x"},
        {"b": 1},
        {"o": "x"},
        {"o": [1]},
        {"a": "x"},
        {"a": {"x": 1}},
        {"a": [1]},
        {"a": [None]},
        {"s": None},
        {"o": None},
    ),
    posted("spec type", of_spec(s=T("string")), "x", [1], None, 5),
    posted(
        "ranges",
        of_spec(
            i=T("integer", minimum=1, maximum=5),
            e=T("integer", minimum=1, exclusiveMinimum=True, maximum=5, exclusiveMaximum=True),
            f=T("number", minimum=1.5, maximum=2.5),
            m=T("integer", multipleOf=3),
            mf=T("number", multipleOf=0.5),
        ),
        {"i": 0},
        {"i": 6},
        {"i": 3},
        {"e": 1},
        {"e": 5},
        {"e": 3},
        {"f": 1},
        {"f": 2},
        {"f": 3},
        {"f": 1.4},
        {"m": 4},
        {"m": 6},
        {"mf": 0.7},
        {"mf": 1.5},
        {"mf": 2},
    ),
    posted("frac bounds on int", of_spec(i=T("integer", minimum=0.5, maximum=2.5)), {"i": 0}, {"i": 1}, {"i": 3}),
    posted(
        "int formats",
        of_spec(
            a=T("integer", format="int32"),
            b=T("integer", format="int64"),
            c=T("number", format="float"),
            d=T("number", format="double"),
        ),
        {"a": 2147483648},
        {"a": -2147483649},
        {"b": 9223372036854775807},
        {"b": 9223372036854775808},
        {"c": 1e39},
        {"d": 1e300},
        {"a": 1},
        {"a": 1.5},
        {"c": "x"},
    ),
    posted(
        "strings",
        of_spec(
            a=T("string", minLength=2, maxLength=4),
            p=T("string", pattern="^a+$"),
            u=T("string", maxLength=1),
            e=T("string", enum=["x", "y"]),
        ),
        {"a": "a"},
        {"a": "abcde"},
        {"a": "äöü"},
        {"p": "b"},
        {"p": "aa\n"},
        {"p": "aa"},
        {"u": "ab"},
        {"e": "z"},
        {"e": "x"},
        {"e": 5},
        {"a": ""},
    ),
    posted(
        "enums",
        of_spec(
            i=T("integer", enum=[1, 2]),
            n=T("string", nullable=True, enum=["a"]),
            x={"x-kubernetes-preserve-unknown-fields": True, "enum": [1, "a", None, True, {"b": 1}]},
        ),
        {"i": 3},
        {"i": 1},
        {"i": 1.0},
        {"n": None},
        {"n": "b"},
        {"x": None},
        {"x": "q"},
        {"x": True},
        {"x": {"b": 1}},
        {"x": {"b": 2}},
        {"x": 1.5},
    ),
    posted(
        "arrays",
        of_spec(a=T("array", minItems=1, maxItems=2, items=T("string")), m=T("array", maxItems=1, items=T("string"))),
        {"a": []},
        {"a": ["a", "b", "c"]},
        {"m": ["a", "b"]},
        {"a": ["a"]},
    ),
    posted(
        "objects",
        of_spec(
            a=T("object", minProperties=1, maxProperties=2, additionalProperties=T("integer")),
            m=T("object", maxProperties=1, additionalProperties=T("string")),
        ),
        {"a": {}},
        {"a": {"a": 1, "b": 2, "c": 3}},
        {"a": {"x": "y"}},
        {"a": {"x.y/z": "y"}},
        {"m": {"a": "1", "b": "2"}},
    ),
    posted(
        "required",
        fields(
            spec={
                "type": "object",
                "required": ["a", "b"],
                "properties": {
                    "a": T("string"),
                    "b": T("object", required=["c"], properties={"c": T("string")}),
                    "l": T("array", items=T("object", required=["k"], properties={"k": T("string")})),
                },
            }
        ),
        {},
        {"a": "x"},
        {"a": "x", "b": {}},
        {"a": "x", "b": {"c": "d"}, "l": [{}]},
        {"a": None, "b": None},
    ),
    Case(
        "required root",
        CRD({"type": "object", "required": ["spec"], "properties": {"spec": T("object")}}),
        POST(W + DRY, widget()),
        POST(W + DRY, widget({})),
    ),
    posted(
        "nullable",
        of_spec(
            a=T("string", nullable=True),
            b=T("object", nullable=True, properties={"x": T("string")}),
            c=T("array", nullable=True, items=T("string", nullable=True)),
            d=T("string", nullable=True, default="q"),
            e=T("string", default="r"),
        ),
        {"a": None, "b": None, "c": None},
        {"c": [None]},
        {"d": None, "e": None},
        {},
    ),
    posted(
        "int or string",
        of_spec(
            a=INT_OR_STRING,
            b={"x-kubernetes-int-or-string": True, "pattern": "^a"},
            c={"x-kubernetes-int-or-string": True, "minimum": 3},
        ),
        {"a": 1},
        {"a": "x"},
        {"a": 1.5},
        {"a": True},
        {"a": [1]},
        {"a": None},
        {"b": "x"},
        {"b": 5},
        {"c": 1},
        {"c": "1"},
    ),
    posted(
        "anyOf",
        of_spec(
            a=T(
                "object",
                properties={"x": T("string"), "y": T("integer")},
                anyOf=[{"required": ["x"]}, {"required": ["y"]}],
            )
        ),
        {"a": {}},
        {"a": {"x": "q"}},
        {"a": {"x": 5}},
    ),
    posted(
        "anyOf best",
        of_spec(
            a=T(
                "object",
                properties={"x": T("string"), "y": T("integer")},
                anyOf=[
                    {"properties": {"x": {"minLength": 3}}, "required": ["x"]},
                    {"properties": {"y": {"minimum": 3}}, "required": ["y"]},
                ],
            )
        ),
        {"a": {"y": 1}},
        {"a": {"x": "q"}},
        {"a": {"x": "q", "y": 1}},
    ),
    posted(
        "oneOf",
        of_spec(
            a=T(
                "object",
                properties={"x": T("string"), "y": T("integer")},
                oneOf=[{"required": ["x"]}, {"required": ["y"]}],
            )
        ),
        {"a": {}},
        {"a": {"x": "q"}},
        {"a": {"x": "q", "y": 1}},
    ),
    posted(
        "oneOf best",
        of_spec(a=T("string", oneOf=[{"minLength": 3}, {"pattern": "^b"}, {"enum": ["q"]}])),
        {"a": "aa"},
        {"a": "q"},
        {"a": "bbb"},
    ),
    posted(
        "allOf",
        of_spec(a=T("string", allOf=[{"minLength": 3}, {"pattern": "^b"}])),
        {"a": "a"},
        {"a": "b"},
        {"a": "aaaa"},
        {"a": "bbb"},
    ),
    posted("not", of_spec(a=T("string", **{"not": {"pattern": "^b"}})), {"a": "b"}, {"a": "a"}),
    posted(
        "anyOf root",
        {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"a": T("string"), "b": T("string")}}},
            "anyOf": [{"properties": {"spec": {"required": ["a"]}}}, {"properties": {"spec": {"required": ["b"]}}}],
        },
        {},
        {"a": "x"},
    ),
    posted(
        "deep anyOf",
        of_spec(
            l=T(
                "array",
                items=T(
                    "object",
                    properties={"t": T("string"), "v": T("integer")},
                    anyOf=[{"properties": {"t": {"enum": ["a"]}}}, {"properties": {"v": {"maximum": 3}}}],
                ),
            )
        ),
        {"l": [{"t": "b", "v": 5}, {"t": "a"}]},
    ),
    *(
        posted(f"format {name}", of_spec(a=T("string", format=name)), *[{"a": text} for text in texts])
        for name, texts in FORMATS.items()
    ),
    posted(
        "format wrong kinds",
        of_spec(
            a=T("string", format="date"),
            b={"x-kubernetes-preserve-unknown-fields": True, "format": "date"},
            c={"x-kubernetes-int-or-string": True, "format": "date"},
        ),
        {"a": 5},
        {"a": True},
        {"b": 5},
        {"b": "x"},
        {"b": True},
        {"b": 1.5},
        {"b": [1]},
        {"b": {"a": 1}},
        {"c": 5},
        {"c": "x"},
    ),
    posted(
        "set",
        of_spec(l=T("array", items=T("string"), **SET), i=T("array", items=T("integer"), **SET)),
        {"l": ["a", "b", "a", "a", "b"]},
        {"i": [1, 2, 1]},
        {"l": ["a"]},
    ),
    posted(
        "map",
        of_spec(
            l=T(
                "array",
                items=T(
                    "object",
                    required=["k"],
                    properties={"k": T("string"), "v": T("string"), "d": T("string", default="x")},
                ),
                **keyed("k", "d"),
            ),
            m=T("array", items=T("object", properties={"k": T("string", default="x")}), **keyed("k")),
        ),
        {"l": [{"k": "a"}, {"k": "a", "d": "x"}, {"k": "a", "d": "y"}]},
        {"m": [{}, {}]},
        {"m": [{"k": "b"}, {"k": "b"}]},
        {"l": ["x"]},
        {"l": [None]},
    ),
    posted(
        "prune",
        of_spec(
            a=T("object", properties={"x": T("string")}),
            l=T("array", items=T("object", properties={"x": T("string")})),
            p=T("object", properties={"x": T("object", properties={"y": T("string")})}, **KEEP),
            m=T("object", additionalProperties=T("object", properties={"x": T("string")})),
            t=T("object", additionalProperties=True),
        ),
        {
            "z": 1,
            "a": {"x": "1", "z": 2},
            "l": [{"x": "1", "z": 2}],
            "p": {"z": {"q": 1}, "x": {"y": "1", "z": 2}},
            "m": {"k": {"x": "1", "z": 2}},
            "t": {"a": 1, "b": {"c": 2}},
        },
    ),
    Case(
        "prune strict",
        CRD(of_spec(a=T("string"))),
        POST(W + "?dryRun=All&fieldValidation=Strict", widget({"z": 1, "y": {"x": 1}}, foo=1)),
        POST(W + "?dryRun=All&fieldValidation=Warn", widget({"z": 1}, foo=1)),
        POST(W + "?dryRun=All&fieldValidation=Ignore", widget({"z": 1}, foo=1)),
        POST(W + "?dryRun=All&fieldValidation=Strict", widget({"a": "x"}, meta={"foo": 1})),
        POST(W + DRY, widget({"a": "x"}, meta={"foo": 1, "labels": {"a": "b"}})),
    ),
    posted(
        "defaults",
        of_spec(
            a=T("string", default="x"),
            o=T("object", default={}, properties={"y": T("integer", default=3)}),
            p=T("object", properties={"z": T("string", default="q")}),
            l=T("array", items=T("object", properties={"w": T("string", default="v")})),
            m=T("object", additionalProperties=T("object", properties={"w": T("string", default="v")})),
        ),
        {},
        {"o": {"y": 1}, "p": {}, "l": [{}], "m": {"k": {}}},
        {"a": None, "o": None},
    ),
    Case(
        "defaults root",
        CRD(
            fields(
                spec={
                    "type": "object",
                    "default": {"a": "b"},
                    "properties": {"a": T("string"), "c": T("string", default="d")},
                },
                status={"type": "object", "default": {"x": "y"}, "properties": {"x": T("string")}},
            )
        ),
        POST(W + DRY, widget()),
        POST(W + DRY, widget({})),
    ),
    posted(
        "embedded",
        of_spec(e=E),
        {"e": {}},
        {"e": {"apiVersion": "v1", "kind": "Pod"}},
        {"e": {"apiVersion": "", "kind": "Pod"}},
        {"e": {"apiVersion": "v1", "kind": ""}},
        {"e": {"apiVersion": "a/b/c", "kind": "P_d"}},
        {"e": {"apiVersion": 1, "kind": 2}},
        {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a/b", "labels": {"a b": "c"}}}},
        {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"foo": 1, "name": "x"}, "z": 1}},
        {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": "x"}},
        {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": "x", "name": "y"}}},
    ),
    posted(
        "embedded props",
        of_spec(
            e=T(
                "object",
                properties={"spec": T("object", properties={"a": T("string")})},
                **{"x-kubernetes-embedded-resource": True},
            )
        ),
        {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"a": "b", "z": 1}, "q": 1}},
    ),
    posted(
        "wrong many",
        of_spec(a=T("integer", minimum=3), b=T("string", enum=["x"]), c=T("array", items=T("integer"), maxItems=1)),
        {"a": "x"},
        {"a": 1},
        {"b": "y"},
        {"c": ["q", "r"]},
    ),
    Case(
        "metadata rules",
        CRD(
            fields(
                metadata={"type": "object", "properties": {"name": {"type": "string", "maxLength": 3, "pattern": "^a"}}}
            )
        ),
        POST(W + DRY, widget(meta={"name": "abcd"})),
        POST(W + DRY, widget(meta={"name": "b"})),
        POST(W + DRY, widget(meta={"name": "ab"})),
    ),
    Case(
        "type meta",
        CRD(),
        POST(W + DRY, {**widget(), "kind": "Foo"}),
        POST(W + DRY, {**widget(), "apiVersion": "{group}/v2"}),
        POST(W + DRY, '{"metadata":{"name":"a"}}'),
        POST(W + DRY, {**widget(), "metadata": "x"}),
        POST(W + DRY, {**widget(), "metadata": None}),
        POST(W + DRY, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "A B"}}),
        POST(W + DRY, widget(meta={"labels": {"a b": "c"}})),
        POST(W + DRY, widget(meta={"labels": ["x"]})),
        POST(W + DRY, widget(meta={"name": 5})),
        POST(W + DRY, widget(meta={"creationTimestamp": "x"})),
    ),
    Case(
        "finalizer warnings",
        CRD(),
        POST(W + DRY, widget(meta={"finalizers": ["foo", "a.b", "c.d/e", "orphan", "x y"]})),
    ),
    Case(
        "patch cr",
        CRD(of_spec(a=T("string"), l=T("array", items=T("string")))),
        POST(W, widget({"a": "x", "l": ["1"]})),
        PATCH(W + "/a", {"spec": {"a": None, "l": ["2"]}}),
        PATCH(W + "/a", [{"op": "add", "path": "/spec/l/-", "value": "3"}], media=JSON_PATCH),
        PATCH(W + "/a", {"spec": {}}, media=STRATEGIC),
        PATCH(W + "/a", {"spec": {"a": 5}}),
        PATCH(W + "/a", {"spec": {"z": 5}}),
        PATCH(W + "/a?fieldValidation=Strict", {"spec": {"z": 5}}),
        PATCH(W + "/a", {"kind": "Foo"}),
        PATCH(W + "/a", {"apiVersion": "v1"}),
        PATCH(W + "/a", {"apiVersion": None}),
        PATCH(W + "/a", {"kind": None}),
        PATCH(W + "/a", {"metadata": {"name": "b"}}),
        PATCH(W + "/a", {"metadata": {"name": None}}),
        PATCH(W + "/a", {"metadata": {"uid": "x"}}),
        PATCH(W + "/a", {"metadata": {"resourceVersion": None}}),
        PATCH(W + "/a", {"metadata": {"resourceVersion": "1"}}),
        PATCH(W + "/a", {"metadata": {"labels": {"a": 5}}}),
        PATCH(W + "/a", {"metadata": {"labels": "x"}}),
        PATCH(W + "/a", {"metadata": None}),
        PATCH(W + "/a", [1]),
        PATCH(W + "/a", "null"),
        PATCH(W + "/a?fieldValidation=Strict", '{"spec":{"a":"1","a":"2"}}'),
        PATCH(W + "/a", {"metadata": {"generation": 9}}),
        PATCH(W + "/a", {"metadata": {"foo": 9}}),
        PATCH(W + "/a?fieldValidation=Strict", {"metadata": {"foo": 9}}),
    ),
    Case(
        "put cr",
        CRD(of_spec(a=T("string"))),
        POST(W, widget({"a": "x"})),
        PUT(W + "/a", widget({"a": "y"})),
        PUT(W + "/a", widget({"a": "y"}, meta={"resourceVersion": "{2.metadata.resourceVersion}"})),
        PUT(W + "/b", widget({"a": "y"})),
        PUT(W + "/a", widget({"a": "z"}, meta={"resourceVersion": "{4.metadata.resourceVersion}", "uid": "x"})),
    ),
    Case(
        "status cr",
        CRD(
            fields(
                spec=T("object", properties={"a": T("string")}),
                status=T(
                    "object", properties={"x": T("integer", minimum=1), "l": T("array", items=T("string"), **SET)}
                ),
            ),
            version=SUB,
        ),
        POST(W, widget({"a": "x"}, status={"x": 5})),
        PATCH(W + "/a/status", {"status": {"x": 3}, "spec": {"a": "z"}, "metadata": {"labels": {"a": "b"}}}),
        PATCH(W + "/a/status", {"status": {"x": 0}}),
        PATCH(W + "/a/status", {"status": {"x": "q"}}),
        PATCH(W + "/a/status", {"status": "q"}),
        PATCH(W + "/a/status", {"status": {"z": 1}}),
        PATCH(W + "/a/status", {"status": {"l": ["a", "a"]}}),
        PATCH(W + "/a", {"status": {"x": 9}}),
        GET(W + "/a/status"),
        PUT(W + "/a/status", widget({"a": "k"}, status={"x": 7})),
        PUT(
            W + "/a/status",
            widget({"a": "k"}, status={"x": 7}, meta={"resourceVersion": "{10.metadata.resourceVersion}"}),
        ),
        PATCH(W + "/a/status", {"status": None}),
        PATCH(W + "/a", {"spec": {"a": "new"}}),
    ),
    Case(
        "scale cr",
        CRD(SCS, version=SC),
        POST(W, widget({"n": 2})),
        GET(W + "/a/scale"),
        PATCH(W + "/a/scale", {"spec": {"replicas": 5}}),
        GET(W + "/a"),
        PATCH(W + "/a/status", {"status": {"n": 1, "s": "a=b"}}),
        GET(W + "/a/scale"),
        PATCH(W + "/a/scale", {"spec": {"replicas": -1}}),
        PATCH(W + "/a", {"spec": {"n": -1}}),
        PATCH(W + "/a", {"spec": {"n": 3000000000}}),
        PATCH(W + "/a/status", {"status": {"n": -1}}),
        PATCH(W + "/a/scale", {"spec": {"replicas": None}}),
        PATCH(W + "/a/scale", {"spec": {"replicas": 4}}, media=STRATEGIC),
        PATCH(W + "/a/scale", {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 4}}),
        PUT(
            W + "/a/scale",
            {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, "spec": {"replicas": 7}},
        ),
        GET(W + "/a"),
    ),
    Case(
        "scale cr none",
        CRD(SCS, version=SC),
        POST(W, widget({})),
        GET(W + "/a/scale"),
        PATCH(W + "/a/scale", {"spec": {"replicas": 5}}),
        PATCH(W + "/a/scale", [{"op": "add", "path": "/spec/replicas", "value": 5}], media=JSON_PATCH),
        POST(W, widget({}, meta={"name": "b"})),
        PUT(W + "/b/scale", {"metadata": {"name": "b"}, "spec": {}}),
    ),
    Case(
        "scale cr preserve",
        CRD(
            version={
                "subresources": {
                    "scale": {
                        "specReplicasPath": ".spec.n",
                        "statusReplicasPath": ".status.n",
                        "labelSelectorPath": ".spec.s",
                    }
                }
            }
        ),
        POST(W + DRY, widget({"n": "x"})),
        POST(W + DRY, widget({"n": 1.5})),
        POST(W + DRY, widget("x")),
        POST(W + DRY, widget({"n": 1, "s": 5})),
        POST(W + DRY, widget({"n": True})),
        POST(W + DRY, widget({"n": None})),
        POST(W, widget({"n": 1}, status={"n": "x"})),
    ),
    Case(
        "ratchet",
        CRD(
            of_spec(
                a=T("string"),
                b=T("string"),
                l=T(
                    "array",
                    items=T("object", required=["k"], properties={"k": T("string"), "v": T("string")}),
                    **keyed("k"),
                ),
                o=T("object", properties={"x": T("string"), "y": T("string")}),
                at=T("array", items=T("string")),
            )
        ),
        POST(
            W,
            widget(
                {
                    "a": "bad",
                    "b": "ok",
                    "l": [{"k": "1", "v": "bad"}, {"k": "2", "v": "good"}],
                    "o": {"x": "1"},
                    "at": ["bad", "x"],
                }
            ),
        ),
        PATCH(
            CRDS + "/widgets.{group}",
            {
                "spec": {
                    "versions": [
                        version(
                            "v1",
                            of_spec(
                                a=T("string", maxLength=2),
                                b=T("string"),
                                l=T(
                                    "array",
                                    items=T(
                                        "object",
                                        required=["k"],
                                        properties={"k": T("string"), "v": T("string", enum=["good"])},
                                    ),
                                    **keyed("k"),
                                ),
                                o=T("object", required=["y"], properties={"x": T("string"), "y": T("string")}),
                                at=T("array", items=T("string", maxLength=2)),
                            ),
                            storage=True,
                        )
                    ]
                }
            },
        ),
        UNTIL(422, PATCH(W + "/a" + DRY, {"spec": {"a": "worse"}})),
        PATCH(W + "/a", {"spec": {"b": "new"}}),
        PATCH(W + "/a", {"spec": {"a": "worse"}}),
        PATCH(W + "/a", {"spec": {"l": [{"k": "2", "v": "good"}, {"k": "1", "v": "bad"}]}}),
        PATCH(W + "/a", {"spec": {"l": [{"k": "3", "v": "bad"}]}}),
        PATCH(W + "/a", {"spec": {"o": {"x": "2"}}}),
        PATCH(W + "/a", {"spec": {"at": ["x", "bad"]}}),
        PATCH(W + "/a", {"spec": {"at": ["y"]}}),
        PATCH(W + "/a", {"metadata": {"labels": {"x": "y"}}}),
    ),
    Case(
        "ssa no schema",
        CRD(),
        A(widget({"a": 1, "l": [1, 2], "o": {"x": {"y": 1}}})),
        A(widget({"a": 2}), "m2"),
        A(widget({"o": {"x": {"z": 1}}}), "m2"),
        A(widget({"l": [3]}), "m2"),
        A(widget({"a": 1})),
        PATCH(W + "/a", {"spec": {"l": [9]}}),
    ),
    Case(
        "ssa full",
        CRD(LS),
        A(widget(FULL)),
        A(widget({"set": ["c"], "map": [{"k": "1", "v": "x"}, {"k": "3"}], "gm": {"c": "d"}, "st": {"y": "2"}}), "m2"),
        A(widget({"at": ["z"], "am": {"z": "y"}, "sa": {"y": "1"}, "ios": "5", "pu": {"q": {"s": 1}}}), "m3"),
        A(widget({"set": ["a"], "map": [{"k": "1", "v": "y"}]})),
        A(widget({"map": [{"k": "1", "v": "z"}], "pu": {"q": {"r": [2]}}}), "m2"),
        A(widget({}), "m1"),
        GET(W + "/a"),
    ),
    Case(
        "ssa faults",
        CRD(LS),
        A(widget({"z": 1})),
        A(widget({"set": ["a", "a"]})),
        A(widget({"map": [{"k": "1"}, {"k": "1"}]})),
        A(widget({"map": [{"v": "1"}]})),
        A(widget({"map": ["x"]})),
        A(widget({"set": [{"a": 1}]})),
        A(widget({"set": [None]})),
        A(widget({"st": "x"})),
        A(widget({"ios": [1]})),
        A(widget({"gm": {"a": 5}})),
        A(widget({"at": "x"})),
        A({**widget({}), "kind": "Foo"}),
        A(widget({"set": ["a"]}, meta={"managedFields": [{}]})),
    ),
    Case(
        "ssa default",
        CRD(LS),
        A(widget({"gm": {"a": "b"}})),
        A(widget({"d": "dd"}), "m2"),
        A(widget({"d": "ee"}), "m3"),
        GET(W + "/a"),
    ),
    Case(
        "ssa update mix",
        CRD(LS),
        POST(W, widget(FULL)),
        A(widget({"set": ["c"], "map": [{"k": "1", "v": "q"}]}), "m2"),
        A(widget({"set": ["c"], "map": [{"k": "1", "v": "q"}]}), "m2", force=True),
        PATCH(
            W + "/a",
            {
                "spec": {
                    "set": ["a"],
                    "map": [{"k": "1", "v": "w"}],
                    "at": ["q"],
                    "am": {"a": "c"},
                    "gm": {"a": None},
                    "st": None,
                }
            },
        ),
        GET(W + "/a"),
    ),
    Case(
        "ssa status",
        CRD(
            fields(spec=T("object", properties={"a": T("string")}), status=T("object", properties={"x": T("integer")})),
            version=SUB,
        ),
        A(widget({"a": "1"}, status={"x": 1})),
        A(widget(status={"x": 1}), "m2", path="/a/status"),
        A(widget({"a": "2"}, status={"x": 2}), "m2", path="/a/status"),
        A(widget(status={"x": 3}), "m3", path="/a/status"),
        A(widget({"a": "1"}, status={"x": 5})),
    ),
    *[
        Case(
            f"a status is applied as null, which {name}",
            CRD(fields(status=T("object", properties={"x": T("integer")}, nullable=nullable)), version=SUB),
            POST(W, widget()),
            A(widget(status=None), path="/a/status"),
            A(widget(status={"x": 1}), path="/a/status"),
            A(widget(status=None), path="/a/status"),
        )
        for name, nullable in (("it can be", True), ("it cannot be", False))
    ],
    Case(
        "ssa scale",
        CRD(SCS, version=SC),
        A(widget({"n": 2})),
        PATCH(
            W + "/a/scale?fieldManager=m2",
            {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, "spec": {"replicas": 3}},
            media=APPLY,
        ),
        PATCH(
            W + "/a/scale?fieldManager=m2&force=true",
            {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, "spec": {"replicas": 3}},
            media=APPLY,
        ),
        GET(W + "/a"),
        PATCH(W + "/a/scale", {"spec": {"replicas": 4}}),
        GET(W + "/a"),
    ),
    Case(
        "versions",
        CRD(
            versions=[
                version(
                    "v1",
                    fields(spec=T("object", properties={"a": T("string"), "b": T("string", default="x")})),
                    storage=True,
                ),
                version("v2", fields(spec=T("object", properties={"a": T("string"), "c": T("string", default="y")}))),
            ]
        ),
        UNTIL(200, GET("/apis/{group}/v2/widgets")),
        POST(W2, {**widget({"a": "1"}), "apiVersion": "{group}/v2"}),
        GET(W2 + "/a"),
        PATCH(W2 + "/a?fieldManager=q", {"spec": {"c": "2"}}),
        PATCH(W2 + "/a?fieldManager=q", {"spec": {"a": "3", "c": "2"}}),
        GET(W + "/a"),
        POST(W2, {**widget({"a": "1", "c": "2"}, meta={"name": "b"}), "apiVersion": "{group}/v2"}),
        GET(W + "/b"),
        PATCH(W2 + "/a?fieldManager=m2", {**widget({"a": "9"}), "apiVersion": "{group}/v2"}, media=APPLY),
        PATCH(W2 + "/a?fieldManager=m2&force=true", {**widget({"a": "9"}), "apiVersion": "{group}/v2"}, media=APPLY),
        GET(W + "/a"),
        GET("/apis/{group}"),
        GET(W2),
    ),
    Case(
        "objects after their definition's schema has changed",
        CRD(of_spec(a=T("string"), b=T("string"))),
        POST(W, widget({"a": "1", "b": "2"})),
        PATCH(
            CRDS + "/widgets.{group}",
            {"spec": {"versions": [version("v1", of_spec(a=T("string"), c=T("string", default="x")), storage=True)]}},
        ),
        UNTIL(400, POST(W + "?dryRun=All&fieldValidation=Strict", widget({"b": "1"}))),
        GET(W + "/a"),
        PATCH(W + "/a", {"spec": {"a": "5"}}),
        PATCH(W + "/a", {"metadata": {"labels": {"a": "b"}}}),
    ),
    Case(
        "objects after their definition's storage version has changed",
        CRD(versions=[version("v1", storage=True), version("v2")]),
        UNTIL(200, GET("/apis/{group}/v2/widgets")),
        POST(W, widget({"a": "1", "b": "2"})),
        PATCH(CRDS + "/widgets.{group}", {"spec": {"versions": [version("v1"), version("v2", storage=True)]}}),
        UNTIL(200, GET(W + "/a")),
        GET(W2 + "/a"),
        PATCH(W2 + "/a", {"spec": {"a": "5"}}),
        GET(W + "/a"),
        GET(CRDS + "/widgets.{group}"),
    ),
    Case(
        "unserved",
        CRD(versions=[version("v1", storage=True), version("v2", served=False)]),
        GET(W2),
        POST(W2, widget()),
        GET("/apis/" + "{group}/v2"),
        GET("/apis/{group}"),
    ),
    Case(
        "what is given up leaves null behind",
        CRD(
            fields(
                spec=fields(
                    a=T("string"),
                    m=T("object", additionalProperties=T("string")),
                    n=T("object", nullable=True, additionalProperties=T("string")),
                )
            )
        ),
        A({"m": {"k": "v"}, "a": "x"}),
        A({"m": {}, "a": "x"}),
        A({"a": "x"}),
        A({"n": {"k": "v"}, "a": "x"}),
        A({"n": {}, "a": "x"}),
        A({}),
        GET(W + "/a"),
    ),
    Case(
        "null is applied",
        CRD(
            fields(
                spec=T(
                    "object",
                    required=["r"],
                    properties={
                        "r": T("array", items=T("string")),
                        "a": T("string"),
                        "d": T("integer", default=1),
                        "n": T("string", nullable=True),
                    },
                )
            )
        ),
        A({"r": None}),
        A({"r": ["x"], "a": None}),
        A({"r": ["x"], "d": None, "n": None}),
        A({"r": ["x"], "a": "y"}),
        A({"r": ["x"], "a": None}),
        A({"r": None}),
        GET(W + "/a"),
    ),
    Case(
        "an apply warns of no unknown field",
        CRD(of_spec(m=T("object", additionalProperties=T("object", **KEEP)), n=T("object", additionalProperties=True))),
        A({"m": {"k": {"x": 1}}, "n": {"k": {"x": 1}}}),
        PATCH(W + "/a", {"spec": {"n": {"l": {"x": 1}}}}),
    ),
]
