"""Bodies that ask something of an object: how they are read, what they are refused for, in which forms they are answered.

https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and
https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import GET, JSON_PATCH, PATCH, POST, PUT, STRATEGIC, Case, Send, Step
from tests.conformance.making import MADE, NGINX_TEMPLATE, SELECTOR

__all__ = ["CASES"]

PODS = "/api/v1/namespaces/{ns}/pods"
ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
POD = MADE("v1 Pod", {"spec": {"containers": [{"name": "c", "image": "x"}]}})
#: What a body may be that is no question: each is sent to every place.
BODIES: list[Any] = [
    "x",
    "[]",
    "{}",
    {"kind": "Pod", "apiVersion": "v1"},
    {"kind": 5},
    {"metadata": 5},
    {"metadata": {"name": "a", "namespace": "zz"}},
    {"metadata": {"name": "a"}, "spec": 5, "target": 5, "deleteOptions": 5},
    {"metadata": {"name": "a"}, "spec": {"foo": 1}, "target": {"foo": 1}, "deleteOptions": {"foo": 1}},
]
PLACES = {
    "an eviction": f"{PODS}/a/eviction",
    "a binding": f"{PODS}/a/binding",
    "a token": f"{ACCOUNTS}/a/token",
    "a review": REVIEWS,
}


def read(name: str, place: str) -> Case:
    dry, strict = f"{place}?dryRun=All", f"{place}?dryRun=All&fieldValidation=Strict"
    return Case(
        f"bodies for {name}",
        POD,
        POST(ACCOUNTS, {"metadata": {"name": "a"}}),
        *(POST(dry, body) for body in BODIES),
        POST(strict, BODIES[-1]),
        POST(dry, {"metadata": {"name": "a"}}, accept=TABLE),
        POST(dry, {"metadata": {"name": "a"}}, accept=PARTIAL),
        POST(dry.replace("{ns}", "nope"), {"metadata": {"name": "a"}}),
    )


def binding(**parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a", **parts}, "target": {"name": "n"}}


def evicted(version: str = "policy/v1", **options: Any) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": "Eviction",
        "metadata": {"name": "a"},
        **({"deleteOptions": options} if options else {}),
    }


def token(**spec: Any) -> Send:
    return POST(f"{ACCOUNTS}/a/token", {"spec": spec})


def bound(**reference: Any) -> Send:
    return token(boundObjectRef=reference)


def resized(*operations: Any) -> Step:
    ops = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
    return PATCH(f"{PODS}/a/resize?dryRun=All", ops, media=JSON_PATCH)


CONTAINERS = [{"name": "c", "image": "x"}, {"name": "d", "image": "x"}]
SCALE = {"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 3}}
CASES = [
    *(read(name, place) for name, place in PLACES.items()),
    Case(
        "selectors in reviews",
        *(
            POST(
                REVIEWS, {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "fieldSelector": given}}}
            )
            for given in ({}, {"rawSelector": "a=b", "requirements": [{"key": "a", "operator": "Exists"}]})
        ),
        POST("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {"foo": 1}}),
    ),
    Case(
        "what tokens can be bound to",
        POD,
        POST(ACCOUNTS, {"metadata": {"name": "a"}}),
        token(audiences=[]),
        bound(kind="Pod", apiVersion="v1", name="a"),
        bound(kind="Pod", apiVersion="v1", name="b"),
        bound(kind="Secret", apiVersion="v1", name="b"),
        bound(kind="Foo", apiVersion="x/v1", name="a"),
        POST("/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "s"}}),
        bound(kind="Secret", apiVersion="v1", name="s", uid="x"),
        bound(kind="Secret", apiVersion="v1", name="s"),
    ),
    Case(
        "bindings for another pod, and what they bring along",
        POD,
        POST(f"{PODS}/a/binding", binding(uid="x")),
        POST(f"{PODS}/a/binding", binding(resourceVersion="1")),
        POST(f"{PODS}/a/binding", binding(labels={"l": "m"}, annotations={"x": "y"})),
        POST(f"{PODS}/a/binding", binding()),
        PATCH(f"{PODS}/a", {"metadata": {"annotations": {"z": "1"}}}),
    ),
    Case(
        "a binding of a pod with gates",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS, "schedulingGates": [{"name": "a.b/c"}]}}),
        POST(f"{PODS}/a/binding", binding()),
    ),
    Case(
        "options of evictions",
        POD,
        POST(f"{PODS}/a/eviction?dryRun=All", evicted()),
        POST(f"{PODS}/a/eviction?dryRun=All", evicted(dryRun=["x"])),
        POST(f"{PODS}/a/eviction", evicted(dryRun=["All"])),
        POST(f"{PODS}/a/eviction", evicted(gracePeriodSeconds="x")),
        POST(f"{PODS}/a/eviction", evicted("policy/v1beta1")),
    ),
    Case(
        "an eviction of a pod that goes already",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS, "nodeName": "n"}}),
        POST(f"{PODS}/a/eviction", evicted()),
        PATCH(f"{PODS}/a", {"metadata": {"labels": {"a": "b"}}}),
        POST(f"{PODS}/a/eviction", evicted()),
        PATCH(f"{PODS}/a", {}),
    ),
    Case(
        "an eviction of the pod that is meant",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS, "nodeName": "n"}}),
        POST(f"{PODS}/a/eviction", evicted(preconditions={"resourceVersion": "{0.metadata.resourceVersion}"})),
        GET(f"{PODS}/a"),
    ),
    Case(
        "an eviction of another pod than is meant",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS, "nodeName": "n"}}),
        POST(f"{PODS}/a/eviction", evicted(preconditions={"uid": "x"})),
        POST(f"{PODS}/a/eviction", evicted(preconditions={"resourceVersion": "1"})),
        GET(f"{PODS}/a"),
    ),
    Case(
        "what a resize may not change",
        MADE("v1 Pod", {"spec": {"containers": CONTAINERS, "initContainers": [{"name": "i", "image": "x"}]}}),
        resized(("remove", "/spec/containers/1")),
        resized(("remove", "/spec/initContainers")),
        resized(("add", "/spec/containers/-", {"name": "q", "image": "x"})),
        resized(("replace", "/spec/containers/0/name", "z"), ("replace", "/spec/initContainers/0/name", "y")),
        resized(("replace", "/spec/containers", CONTAINERS[::-1])),
        resized(
            ("add", "/spec/containers/0/resizePolicy", [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}])
        ),
        PATCH(f"{PODS}/a", {"spec": {"ephemeralContainers": [{"name": "h", "image": "b"}]}}, media=STRATEGIC),
    ),
    Case(
        "the scale of another object",
        MADE("apps/v1 Deployment", {"spec": {"selector": SELECTOR, "template": NGINX_TEMPLATE}}),
        *(
            PUT(
                f"/apis/apps/v1/namespaces/{{ns}}/deployments/a/scale{query}",
                {**SCALE, "metadata": {"name": "a", **meta}},
            )
            for query, meta in (
                ("", {"uid": "x"}),
                ("?dryRun=All", {"uid": "x"}),
                ("", {"namespace": "zz"}),
                ("", {"name": "b"}),
            )
        ),
    ),
]
