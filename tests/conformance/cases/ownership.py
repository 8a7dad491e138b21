"""Ownership where schemas differ: several versions, changed schemas, fields that no schema names, values that change their form.

https://kubernetes.io/docs/reference/using-api/server-side-apply/ and KEP-555
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, GET, JSON_PATCH, PATCH, POST, PUT, STRATEGIC, UNTIL, Case, Send, Step
from tests.conformance.cases.applies import DEPLOYMENTS, apply, deployment

DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts"
CLAIMS = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies"

TEXT: dict[str, Any] = {"type": "string"}
PAIR = {"name": TEXT, "v": TEXT}
KEYED = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "items": {"type": "object", "required": ["name"], "properties": PAIR},
}
WHOLE_LIST = {"type": "array", "items": {"type": "object", "properties": PAIR}}
SET = {"type": "array", "x-kubernetes-list-type": "set", "items": TEXT}
OBJECT = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
WHOLE_OBJECT = {**OBJECT, "x-kubernetes-map-type": "atomic"}


def version(
    name: str,
    fields: Any,
    *,
    storage: bool = False,
    served: bool = True,
    preserve: bool = False,
    status: bool = False,
) -> dict[str, Any]:
    spec = {"type": "object", "properties": fields}
    if preserve:
        spec["x-kubernetes-preserve-unknown-fields"] = True
    properties: dict[str, Any] = {"spec": spec}
    found: dict[str, Any] = {"name": name, "served": served, "storage": storage}
    if status:
        found["subresources"] = {"status": {}}
        properties["status"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {**found, "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}}}


def one(fields: Any, **more: Any) -> list[Step]:
    return CRD(versions=[version("v1", fields, storage=True, **more)])


def two(first: Any, second: Any, **more: Any) -> list[Step]:
    return CRD(versions=[version("v1", first, storage=True, **more), version("v2", second, **more)])


def widgets(name: str) -> str:
    return f"/apis/{{group}}/{name}/namespaces/{{ns}}/widgets"


def a(name: str) -> str:
    return f"{widgets(name)}/a"


def widget(name: str, spec: Any, **more: Any) -> dict[str, Any]:
    return {"apiVersion": f"{{group}}/{name}", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec, **more}


def applied(name: str, spec: Any, manager: str = "m1", *, force: bool = False) -> Send:
    return apply(a(name), widget(name, spec), manager, force=force)


def now_has(*versions: dict[str, Any]) -> Send:
    """Whether the definition is established by then depends on the time, so that is not looked at."""
    partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    return PATCH(DEFINITION, {"spec": {"versions": list(versions)}}, accept=partial)


def job(name: str, labels: Any = None, of_pods: Any = None, **spec: Any) -> dict[str, Any]:
    meta = {"name": name} if labels is None else {"name": name, "labels": labels}
    template: dict[str, Any] = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    if of_pods is not None:
        template["metadata"] = {"labels": of_pods}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template, **spec}}


def job_applied(name: str, *labels: Any) -> Send:
    return apply(f"{JOBS}/{name}", job(name, *labels))


def lease(time: Any, name: str = "l") -> dict[str, Any]:
    head = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}}
    return {**head, "spec": {"renewTime": time}}


def policy(name: str = "n", **spec: Any) -> dict[str, Any]:
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}}
    return {**head, "spec": {"podSelector": {}, **spec}}


def measured(divisor: str | None = None) -> dict[str, Any]:
    """A Deployment whose pods learn of a limit, in a variable and in a file."""
    asked = {"containerName": "c", "resource": "limits.cpu", **({} if divisor is None else {"divisor": divisor})}
    spec = {
        "containers": [{"name": "c", "image": "i", "env": [{"name": "A", "valueFrom": {"resourceFieldRef": asked}}]}],
        "volumes": [{"name": "w", "downwardAPI": {"items": [{"path": "r", "resourceFieldRef": asked}]}}],
    }
    return deployment({"template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}})


def put_measured(manager: str, divisor: str | None = None) -> Send:
    return PUT(f"{DEPLOYMENTS}/d?fieldManager={manager}", measured(divisor))


X = {"app": "x"}
CLAIM = {
    "metadata": {"name": "p"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
#: Times of a lease that are no MicroTime, and some that are.
TIMES = (
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.1234567Z", "x", "", 5, {"a": 1},
    "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123456+02:00",
)  # fmt: skip

CASES = [
    # -- several versions
    Case(
        "versions with other fields",
        *two({"a": TEXT, "b": TEXT}, {"a": TEXT, "c": TEXT}),
        POST(widgets("v1"), widget("v1", {"a": "1", "b": "2"})),
        applied("v2", {"a": "1", "c": "3"}),
        applied("v1", {"a": "1", "b": "2"}, "m2"),
        applied("v2", {"a": "2"}, "m3"),
        applied("v2", {"a": "2"}, "m3", force=True),
        GET(a("v1")),
        GET(a("v2")),
        PATCH(a("v2"), {"spec": {"c": "9"}}),
        PATCH(a("v1"), {"spec": {"b": "9"}}),
        GET(a("v2")),
    ),
    Case(
        "versions with other fields, one manager",
        *two({"a": TEXT, "b": TEXT}, {"a": TEXT, "c": TEXT}),
        applied("v1", {"a": "1", "b": "2"}),
        applied("v2", {"a": "1"}),
        GET(a("v1")),
        applied("v2", {"c": "1"}),
        applied("v1", {"b": "1"}),
        GET(a("v1")),
    ),
    Case(
        "a list that is a map in one version only",
        *two({"l": KEYED}, {"l": WHOLE_LIST}),
        applied("v1", {"l": [{"name": "x", "v": "1"}]}),
        applied("v1", {"l": [{"name": "y", "v": "1"}]}, "m2"),
        applied("v2", {"l": [{"name": "z"}]}, "m3"),
        applied("v2", {"l": [{"name": "z"}]}, "m3", force=True),
        GET(a("v1")),
        applied("v1", {"l": [{"name": "z", "v": "q"}]}, "m4"),
        PATCH(a("v1"), {"spec": {"l": [{"name": "q"}]}}),
        GET(a("v1")),
    ),
    Case(
        "a list that is a set in one version only",
        *two({"l": SET}, {"l": {"type": "array", "items": TEXT}}),
        applied("v1", {"l": ["x"]}),
        applied("v2", {"l": ["y"]}, "m2"),
        applied("v2", {"l": ["x", "y"]}, "m2", force=True),
        applied("v1", {"l": ["z"]}, "m3"),
        GET(a("v2")),
    ),
    Case(
        "the status in two versions",
        *two({"a": TEXT}, {"a": TEXT, "c": TEXT}, status=True),
        applied("v1", {"a": "1"}),
        PATCH(f"{a('v2')}/status", {"status": {"x": 1}}),
        apply(f"{a('v1')}/status", widget("v1", {}, status={"x": 2})),
        apply(f"{a('v1')}/status", widget("v1", {}, status={"x": 2}), force=True),
        applied("v2", {"c": "1"}),
        GET(a("v2")),
    ),
    Case(
        "a version that is no longer served",
        *two({"a": TEXT, "b": TEXT}, {"a": TEXT, "c": TEXT}),
        applied("v2", {"a": "1", "c": "2"}),
        PATCH(f"{a('v2')}?fieldManager=u", {"spec": {"a": "3"}}),
        now_has(
            version("v1", {"a": TEXT, "b": TEXT}, storage=True), version("v2", {"a": TEXT, "c": TEXT}, served=False)
        ),
        UNTIL(404, GET(a("v2"))),
        GET(a("v1")),
        applied("v1", {"a": "5"}, "m2"),
        applied("v1", {"b": "5"}, "m1"),
        applied("v1", {"a": "5"}, "m2", force=True),
        PATCH(a("v1"), {"spec": {"b": "6"}}),
        GET(a("v1")),
    ),
    Case(
        "a version that is taken away",
        *two({"a": TEXT, "b": TEXT}, {"a": TEXT, "c": TEXT}),
        applied("v2", {"a": "1", "c": "2"}),
        PATCH(f"{a('v2')}?fieldManager=u", {"spec": {"a": "3"}}),
        now_has(version("v1", {"a": TEXT, "b": TEXT}, storage=True)),
        UNTIL(404, GET(a("v2"))),
        GET(a("v1")),
        UNTIL(500, applied("v1", {"a": "5"}, "m2")),
        PATCH(a("v1"), {"spec": {"b": "6"}}),
        applied("v1", {"a": "5"}, "m2"),
        GET(a("v1")),
    ),
    # -- schemas that change
    Case(
        "a field that the schema loses",
        *one({"a": TEXT, "b": TEXT}),
        applied("v1", {"a": "1", "b": "2"}),
        PATCH(f"{a('v1')}?fieldManager=u", {"spec": {"b": "3"}}),
        now_has(version("v1", {"a": TEXT}, storage=True)),
        UNTIL(500, applied("v1", {"a": "1", "b": "2"}, "probe")),
        GET(a("v1")),
        applied("v1", {"a": "1"}),
        applied("v1", {"a": "1"}),
        applied("v1", {"a": "2"}, "m2"),
        PATCH(a("v1"), {"spec": {"a": "5"}}),
        GET(a("v1")),
    ),
    *(
        Case(
            f"{what}, by its schema",
            *one({field: before}),
            applied("v1", {field: first}),
            applied("v1", {field: second}, "m2"),
            now_has(version("v1", {field: after, "n": TEXT}, storage=True)),
            UNTIL(200, applied("v1", {"n": "1"}, "probe")),
            applied("v1", {field: third}, "m3"),
            applied("v1", {field: first}),
            PATCH(a("v1"), {"spec": {field: third}}),
            GET(a("v1")),
        )
        for what, field, before, after, first, second, third in (
            (
                "a list becomes a map",
                "l",
                WHOLE_LIST,
                KEYED,
                [{"name": "x", "v": "1"}, {"name": "y"}],
                [{"name": "x", "v": "1"}, {"name": "y"}],
                [{"name": "z"}],
            ),
            (
                "a map becomes a whole list",
                "l",
                KEYED,
                WHOLE_LIST,
                [{"name": "x", "v": "1"}],
                [{"name": "y"}],
                [{"name": "x", "v": "2"}],
            ),
            ("an object becomes atomic", "o", OBJECT, WHOLE_OBJECT, {"a": "1"}, {"b": "1"}, {"a": "2"}),
            (
                "an object becomes granular",
                "o",
                WHOLE_OBJECT,
                OBJECT,
                {"a": "1", "b": "1"},
                {"a": "1", "b": "1"},
                {"a": "2"},
            ),
            ("a set becomes a whole list", "s", SET, {"type": "array", "items": TEXT}, ["x"], ["y"], ["z"]),
        )
    ),
    # -- what no schema names
    Case(
        "fields that are preserved",
        *one({"a": TEXT}, preserve=True),
        applied("v1", {"a": "1", "x": {"y": {"z": 1}}, "l": [1, {"q": 1}]}),
        applied("v1", {"x": {"y": {"q": 1}}}, "m2"),
        applied("v1", {"x": {"y": {"z": 2}}}, "m2"),
        applied("v1", {"x": 5}, "m3", force=True),
        PATCH(a("v1"), {"spec": {"x": {"y": 1}, "l": None}}),
        applied("v1", {"a": "1"}),
        applied("v1", {"x": {}}, "m4", force=True),
        applied("v1", {"x": []}, "m4", force=True),
        applied("v1", {"x": None}, "m4", force=True),
        GET(a("v1")),
    ),
    Case(
        "a preserved value changes its form",
        *one({"a": TEXT}, preserve=True),
        applied("v1", {"x": {"y": {"z": 1}}}),
        PATCH(a("v1"), {"spec": {"x": 1}}),
        PATCH(a("v1"), {"spec": {"x": {"q": {"r": 1}}}}),
        PATCH(a("v1"), {"spec": {"x": [{"b": None}]}}),
        PATCH(a("v1"), {"spec": {"x": {"b": {}}}}),
        PATCH(a("v1"), {"spec": {"x": "t"}}),
        applied("v1", {"x": {"y": 2}}, "m2", force=True),
        applied("v1", {"x": "t"}, "m3"),
        applied("v1", {"x": "t"}, "m3", force=True),
    ),
    Case(
        "fields that are preserved in one version only",
        CRD(
            versions=[
                version("v1", {"a": TEXT}, storage=True, preserve=True),
                version("v2", {"a": TEXT, "x": {"type": "object", "properties": {"y": TEXT}}}),
            ]
        ),
        applied("v1", {"a": "1", "x": {"y": "1", "z": "2"}}),
        GET(a("v2")),
        applied("v2", {"x": {"y": "2"}}, "m2"),
        applied("v2", {"x": {"y": "2"}}, "m2", force=True),
        PATCH(a("v2"), {"spec": {"a": "4"}}),
        GET(a("v1")),
        applied("v1", {"a": "4"}),
        GET(a("v1")),
    ),
    Case(
        "fields that are preserved no longer",
        *one({"a": TEXT}, preserve=True),
        applied("v1", {"a": "1", "x": {"y": "1"}}),
        now_has(version("v1", {"a": TEXT, "n": TEXT}, storage=True)),
        UNTIL(500, applied("v1", {"x": "1"}, "probe")),
        applied("v1", {"n": "1"}, "m2"),
        applied("v1", {"a": "1"}),
        PATCH(a("v1"), {"spec": {"a": "2"}}),
        GET(a("v1")),
    ),
    Case(
        "numbers as keys",
        *one({"s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "number"}}}),
        POST(widgets("v1"), widget("v1", {"s": [9007199254740993, 1000.0, 0.5]})),
        applied("v1", {"s": [7]}),
        applied("v1", {"s": [1.0]}),
        applied("v1", {"s": [1, 1.0]}),
        applied("v1", {"s": [{"a": 1}]}),
        GET(a("v1")),
    ),
    Case(
        "texts with a format",
        *one(
            {
                "d": {"type": "string", "format": "date-time"},
                "e": {"type": "string", "format": "email"},
                "b": {"type": "string", "format": "byte"},
                "q": {"type": "string", "format": "quantity"},
            }
        ),
        *(applied("v1", {field: value}) for field in "debq" for value in (1, True, {"a": 1}, ["x"])),
    ),
    # -- built-in types
    Case(
        "a job has its pods' labels where it has none",
        POST(JOBS, job("a", None, X)),
        POST(JOBS, job("b", {}, X)),
        POST(JOBS, job("c", X, X)),
        POST(JOBS, job("d")),
        POST(JOBS, job("e", {"z": "z"}, X)),
        POST(JOBS, job("f", None, {})),
        POST(JOBS, job("g", None, X, manualSelector=True, selector={"matchLabels": X})),
        POST(JOBS, {**job("", None, X), "metadata": {"generateName": "g-"}}),
        POST(f"{JOBS}?dryRun=All", job("h", None, X)),
    ),
    Case(
        "an applied job's labels",
        job_applied("k", None, X),
        job_applied("l", {}, X),
        job_applied("m", X, X),
        job_applied("n"),
        job_applied("o", {"z": "z"}, X),
        job_applied("k", None, X),
        job_applied("m", X, X),
        job_applied("k", {"q": "q"}, X),
        PATCH(f"{JOBS}/k", {"metadata": {"labels": None}}),
        PATCH(f"{JOBS}/m", {"metadata": {"labels": {}}}),
        PATCH(f"{JOBS}/o", {"metadata": {"labels": {"app": None}}}),
        GET(f"{JOBS}/k"),
    ),
    Case(
        "a list's item without its keys",
        POST(ACCOUNTS, {"metadata": {"name": "s"}, "secrets": [{}], "automountServiceAccountToken": False}),
        PATCH(f"{ACCOUNTS}/s?fieldManager=u", {"automountServiceAccountToken": True}),
        PATCH(f"{ACCOUNTS}/s?fieldManager=v", {"metadata": {"labels": {"a": "b"}}}),
        POST(ACCOUNTS, {"metadata": {"name": "t"}, "secrets": [{"name": "x"}], "automountServiceAccountToken": False}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=u", {"secrets": [{"name": "x"}, {}]}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=v", {"automountServiceAccountToken": True}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=w", {"secrets": [{"name": "x"}, {"name": "y"}]}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=x", {"secrets": [{"name": "x"}, {"name": "x"}]}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=y", {"imagePullSecrets": [{}, {}]}),
        PATCH(f"{ACCOUNTS}/t?fieldManager=z", {"automountServiceAccountToken": False}),
    ),
    Case(
        "a divisor that is not given, and one that is zero",
        POST(DEPLOYMENTS, measured()),
        put_measured("u"),
        put_measured("v", "0"),
        put_measured("w", "1"),
        put_measured("x"),
        apply(f"{DEPLOYMENTS}/d", measured()),
        apply(f"{DEPLOYMENTS}/d", measured(), force=True),
        apply(f"{DEPLOYMENTS}/d", measured()),
        apply(f"{DEPLOYMENTS}/d", measured("0"), "m2"),
        apply(f"{DEPLOYMENTS}/d", measured("0"), "m2", force=True),
        GET(f"{DEPLOYMENTS}/d"),
    ),
    Case(
        "times with and without microseconds",
        *(POST(LEASES, lease(time, f"l{n}")) for n, time in enumerate(TIMES)),
        POST(LEASES, lease("2026-01-01T00:00:00.000000Z")),
        *(PATCH(f"{LEASES}/l", {"spec": {"renewTime": time}}) for time in TIMES),
        *(PATCH(f"{LEASES}/l", {"spec": {"renewTime": time}}, media=STRATEGIC) for time in TIMES),
        *(
            PATCH(f"{LEASES}/l", [{"op": "add", "path": "/spec/renewTime", "value": time}], media=JSON_PATCH)
            for time in TIMES
        ),
        *(apply(f"{LEASES}/l", lease(time), force=True) for time in TIMES),
        apply(f"{LEASES}/m", lease(TIMES[0], "m")),
    ),
    Case(
        "what is empty counts as a change of a network policy",
        POST(POLICIES, policy()),
        PATCH(f"{POLICIES}/n", {"spec": {"egress": []}}),
        PATCH(f"{POLICIES}/n", {"spec": {"egress": []}}),
        PATCH(f"{POLICIES}/n", {"spec": {"ingress": None}}),
        PUT(f"{POLICIES}/n", policy()),
        PUT(f"{POLICIES}/n", policy(egress=[])),
        apply(f"{POLICIES}/n", policy(egress=[], ingress=[])),
        PATCH(f"{POLICIES}/n", {"spec": {"policyTypes": []}}),
        PUT(f"{POLICIES}/n", policy(podSelector={"matchLabels": {}, "matchExpressions": []})),
        PATCH(f"{POLICIES}/n", {"spec": {"podSelector": {"matchLabels": {}}}}, media=STRATEGIC),
        PATCH(f"{POLICIES}/n", {}),
    ),
    Case(
        "the first write of a claim changes it",
        POST(CLAIMS, CLAIM),
        PATCH(f"{CLAIMS}/p", {}),
        PATCH(f"{CLAIMS}/p", {}),
        POST(CLAIMS, {**CLAIM, "metadata": {"name": "q"}}),
        PATCH(f"{CLAIMS}/q", {"metadata": {"labels": {"a": "b"}}}),
        PATCH(f"{CLAIMS}/q", {}),
        apply(f"{CLAIMS}/r", {**CLAIM, "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "r"}}),
        GET(f"{CLAIMS}/r"),
        PATCH(f"{CLAIMS}/r", {}),
    ),
]
