"""Server-side apply. https://kubernetes.io/docs/reference/using-api/server-side-apply/"""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.case import APPLY, CRD, DELETE, GET, PATCH, POST, PUT, STRATEGIC, Case, Send
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
AUTOSCALERS = {
    version: f"/apis/autoscaling/{version}/namespaces/{{ns}}/horizontalpodautoscalers" for version in ("v1", "v2")
}
ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
FORMS: list[Any] = [{}, [], "", None, {"y": 1}]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def apply(path: str, body: Any, manager: str = "m1", *, force: bool = False, query: str = "", **headers: str) -> Send:
    target = f"{path}?fieldManager={manager}{'&force=true' if force else ''}{query}"
    return PATCH(target, body, media=APPLY, **headers)


def config_map(data: Any = None, meta: Any = None, **more: Any) -> dict[str, Any]:
    whole = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **(meta or {})}, **more}
    return whole if data is None else {**whole, "data": data}


def a(data: Any = None, manager: str = "m1", *, force: bool = False, query: str = "", **meta: Any) -> Send:
    """Apply the ConfigMap `a`."""
    return apply(f"{MAPS}/a", config_map(data, meta), manager, force=force, query=query)


def deployment(spec: Any = None, containers: Any = None, **more: Any) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}] if containers is None else containers},
    }
    whole = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **(spec or {})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": whole, **more}


def d(spec: Any = None, containers: Any = None, manager: str = "m1", *, force: bool = False, **more: Any) -> Send:
    """Apply the whole Deployment `d`."""
    return apply(f"{DEPLOYMENTS}/d", deployment(spec, containers, **more), manager, force=force)


def of_d(spec: Any, manager: str = "m2", **more: Any) -> Send:
    """Apply a part of the Deployment `d`."""
    whole = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
    return apply(f"{DEPLOYMENTS}/d", whole, manager, **more)


def of_containers(*containers: Any, manager: str = "m2", **more: Any) -> Send:
    return of_d({"template": {"spec": {"containers": list(containers)}}}, manager, **more)


def container(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "c", "image": "i", **more}]


def status(document: Any, manager: str = "m2", meta: Any = None, **more: Any) -> Send:
    meta = {"name": "d", **(meta or {})}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "status": document, **more}
    return apply(f"{DEPLOYMENTS}/d/status", body, manager)


def scale(spec: Any, manager: str = "m2", *, force: bool = False) -> Send:
    body = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d"}, "spec": spec}
    return apply(f"{DEPLOYMENTS}/d/scale", body, manager, force=force)


def autoscaler(version: str, most: int, manager: str = "m1", *, force: bool = False, **spec: Any) -> Send:
    target = {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}
    body = {
        "apiVersion": f"autoscaling/{version}",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": most, "scaleTargetRef": target, **spec},
    }
    return apply(f"{AUTOSCALERS[version]}/h", body, manager, force=force)


def role(verb: str, manager: str) -> Send:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": [verb]}]
    body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": rules}
    return apply(f"{ROLES}/r", body, manager)


def client_side(applied: Any) -> Send:
    """A ConfigMap as kubectl's client-side apply leaves it, which last applied this."""
    text = applied if isinstance(applied, str) else json.dumps(applied)
    body = config_map({"k": "v", "l": "x"}, {"annotations": {LAST_APPLIED: text}})
    return POST(f"{MAPS}?fieldManager=kubectl-client-side-apply", body)


YAML = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n"

#: Bodies that are applied to a ConfigMap that is not there yet.
BODIES: dict[str, Any] = {
    "yaml": YAML,
    "yaml with two documents": YAML + "---\n" + YAML.replace("k: v", "k: w"),
    "yaml with a key twice": YAML + "  k: w\n",
    "yaml with an anchor": YAML.replace("  name: a\n", "  name: a\n  labels: &l\n    x: z\n").replace(
        "data:\n  k: v", "data: *l"
    ),
    "yaml with yes for a text": YAML.replace("k: v", "k: yes"),
    "json with a key twice": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","k":"2"}}',
    "no body": "",
    "an empty object": {},
    "a list": [1],
    "a string": '"x"',
    "a number": "1",
    "null": "null",
    "half of a json object": '{"a":',
    "a mapping in a line": "a: b: c",
    "half of a yaml list": "a: [1, 2",
    "a tab": "\tfoo: bar",
    "another kind": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}},
    "an unknown version": {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "a"}},
    "no kind": {"apiVersion": "v1", "metadata": {"name": "a"}},
    "no apiVersion": {"kind": "ConfigMap", "metadata": {"name": "a"}},
    "no name": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {"k": "v"}},
    "no metadata": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}},
    "null metadata": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": None, "data": {"k": "v"}},
    "another name": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}, "data": {"k": "v"}},
    "a generateName": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "b"}, "data": {"k": "v"}},
    "another namespace": config_map({"k": "v"}, {"namespace": "foo"}),
    "an unknown field": config_map({"k": "v"}, foo=1),
    "a number for a string": config_map({"k": 1}),
    "a boolean for a string": config_map({"k": True}),
    "an object for a string": config_map({"k": {"a": "b"}}),
    "a list for a string": config_map({"k": ["a"]}),
    "a string for a map": config_map("x"),
    "a list for a map": config_map([1]),
    "null for a value": config_map({"k": None}),
    "an empty map": config_map({}),
    "a finalizer twice": config_map({"k": "v"}, {"finalizers": ["a.b/c", "a.b/c"]}),
    "managedFields of one empty entry": config_map({"k": "v"}, {"managedFields": [{}]}),
    "empty managedFields": config_map({"k": "v"}, {"managedFields": []}),
    "null managedFields": config_map({"k": "v"}, {"managedFields": None}),
    "a resourceVersion": config_map({"k": "v"}, {"resourceVersion": "1"}),
    "resourceVersion 0": config_map({"k": "v"}, {"resourceVersion": "0"}),
    "a uid": config_map({"k": "v"}, {"uid": "abc"}),
}

#: What is applied to a Deployment that is not there yet: (fields of the spec, containers).
SPECS: dict[str, tuple[Any, Any]] = {
    "replicas": ({"replicas": 3}, None),
    "an unknown field": ({"foo": 1}, None),
    "an unknown field of a container": ({}, container(foo="x")),
    "a string for a number": ({"replicas": "x"}, None),
    "a fraction for a number": ({"replicas": 1.5}, None),
    "a string for a boolean": ({"paused": "x"}, None),
    "a number for a boolean": ({"paused": 1}, None),
    "an object for a list": ({}, {"a": "b"}),
    "a string for an item": ({}, ["x"]),
    "null for an item": ({}, [None]),
    "a string for an object": ({"template": "x"}, None),
    "a list for an object": ({"template": [1]}, None),
    "null for an object and a number": ({"strategy": None, "replicas": None}, None),
    "an empty object": ({"strategy": {}}, None),
    "empty lists": ({}, container(ports=[], env=[])),
    "a container twice": ({}, [*container(), *container(image="j")]),
    "a port twice": ({}, container(ports=[{"containerPort": 80}, {"containerPort": 80}])),
    "a port twice, once with its default": (
        {},
        container(ports=[{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]),
    ),
    "a port with two protocols": (
        {},
        container(ports=[{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]),
    ),
    "a container without a name": ({}, [{"image": "i"}]),
    "numbers and percentages": ({"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "50%"}}}, None),
}

V, W = {"k": "v"}, {"k": "w"}
VX = {"k": "v", "l": "x"}

ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles"
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]

CASES = [
    *(Case(f"apply {name}", apply(f"{MAPS}/a", body), GET(f"{MAPS}/a")) for name, body in BODIES.items()),
    Case("apply a key twice, strictly", apply(f"{MAPS}/a", YAML + "  k: w\n", query="&fieldValidation=Strict")),
    Case(
        "apply an unknown field, strictly",
        apply(f"{MAPS}/a", config_map(V, foo=1), query="&fieldValidation=Strict"),
    ),
    *(Case(f"apply a deployment: {name}", d(*given), GET(f"{DEPLOYMENTS}/d")) for name, given in SPECS.items()),
    Case("apply without a manager", PATCH(f"{MAPS}/a", config_map(V), media=APPLY)),
    Case("apply with wrong options", PATCH(f"{MAPS}/a?force=true&dryRun=x", config_map(V), media=APPLY)),
    # -- what is there already
    Case("apply again: time and version stay", a(V), a(V)),
    Case("apply a deployment again", d({"replicas": 3}), d({"replicas": 3})),
    Case("apply a change", a(V), a({"k": "w", "l": "x"})),
    Case("apply less: what is given up goes", a(VX), a(V)),
    Case("apply nothing: all that is given up goes", a(VX), a()),
    Case("apply less: what others have stays", a(VX), a({"l": "x"}, "m2"), a(V), a(None, "m2")),
    Case("apply null for a map", a(V), apply(f"{MAPS}/a", {**config_map(), "data": None})),
    Case("apply without a name to what is there", a(V), apply(f"{MAPS}/a", BODIES["no name"])),
    Case("apply another name to what is there", a(V), apply(f"{MAPS}/a", BODIES["another name"])),
    Case("apply the right version", a(V), a(W, resourceVersion="{0.metadata.resourceVersion}")),
    Case("apply a stale version", a(V), a(W, resourceVersion="1")),
    Case("apply the right uid", a(V), a(W, uid="{0.metadata.uid}")),
    Case("apply another uid", a(V), a(W, uid="abc")),
    Case("apply a creation time", a(V, creationTimestamp=None), a(V, creationTimestamp="2020-01-01T00:00:00Z")),
    Case("apply dry: create", a(V, query="&dryRun=All"), GET(f"{MAPS}/a")),
    Case("apply dry: change", a(V), a(W, query="&dryRun=All"), GET(f"{MAPS}/a")),
    # -- conflicts
    Case("conflict over one field", a(V), a(W, "m2")),
    Case("conflict over two fields", a(VX), a({"k": "w", "l": "y"}, "m2")),
    Case("conflict with two managers", a(V), a({"l": "x"}, "m2"), a({"k": "w", "l": "y"}, "m3")),
    Case("conflict over what two share", a(V), a(V, "m2"), a(W, "m3"), a(W)),
    Case("force takes the field", a(V), a(W, "m2", force=True), a(V)),
    Case("conflict with an update", POST(MAPS, config_map(V)), a(W, "m2")),
    Case(
        "conflict with an update by a program",
        POST(MAPS, config_map(V), user_agent="kubectl/v1.30 (linux)"),
        a(W, "m2"),
    ),
    Case("conflict with an update by a manager", POST(f"{MAPS}?fieldManager=me", config_map(V)), a(W, "m2")),
    Case(
        "conflict with an update of the status",
        d(),
        PATCH(f"{DEPLOYMENTS}/d/status", {"status": {"replicas": 1, "observedGeneration": 1}}),
        status({"replicas": 2}),
    ),
    Case("conflict in an atomic list", d({}, container(args=["1", "2"])), of_containers({"name": "c", "args": ["3"]})),
    Case("conflict in an atomic object", d(), of_d({"selector": {"matchLabels": {"x": "y"}}})),
    Case("conflict in atomic rules", role("get", "m1"), role("list", "m2")),
    # -- lists
    Case(
        "a set of finalizers",
        a(V, finalizers=["a.b/c"]),
        a(V, "m2", finalizers=["d.e/f"]),
        a(V, finalizers=[]),
    ),
    Case(
        "owner references by uid",
        a(V, ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "q", "uid": "u1"}]),
        a(None, "m2", ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "r", "uid": "u2"}]),
        a(None, "m3", ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "z", "uid": "u1"}]),
    ),
    Case(
        "labels and annotations",
        a(V, labels={"a": "b"}, annotations={"c": "d"}),
        a(None, "m2", labels={"e": "f"}),
        a(V),
    ),
    Case(
        "containers of two managers",
        d(),
        of_containers({"name": "c", "workingDir": "/x"}, {"name": "e", "image": "z"}),
        of_containers({"name": "c", "workingDir": "/x"}),
    ),
    Case(
        "the order of two managers' variables",
        d({}, container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])),
        of_containers({"name": "c", "env": [{"name": "C", "value": "3"}, {"name": "B", "value": "2"}]}),
    ),
    # -- applies and updates of one object
    Case(
        "an update takes a field from who applied it",
        a(VX),
        PATCH(f"{MAPS}/a", {"data": {"l": "y", "z": "1"}}),
        a(V),
        GET(f"{MAPS}/a"),
    ),
    Case("an update removes an applied field", a(VX), PATCH(f"{MAPS}/a", {"data": {"l": None}}), a(VX)),
    Case("a whole update", a(VX), PUT(f"{MAPS}/a", config_map(W)), a(V, force=True)),
    Case(
        "an update to the same value", a(V), PATCH(f"{MAPS}/a", {"data": {"k": "v"}}), PATCH(f"{MAPS}/a", {"data": W})
    ),
    Case(
        "one manager applies and updates",
        a(V, "m"),
        PATCH(f"{MAPS}/a?fieldManager=m", {"data": {"l": "1"}}),
        a({"l": "2"}, "m"),
    ),
    Case(
        "before the first apply",
        POST(MAPS, config_map(V)),
        PATCH(f"{MAPS}/a", {"metadata": {"managedFields": [{}]}}),
        a({"l": "2"}),
    ),
    Case(
        "conflict with what was before the first apply",
        POST(MAPS, config_map(V)),
        PATCH(f"{MAPS}/a", {"metadata": {"managedFields": [{}]}}),
        a(W),
    ),
    Case(
        "a strategic merge patch of an applied list",
        d(),
        PATCH(
            f"{DEPLOYMENTS}/d",
            {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "j"}]}}}},
            media=STRATEGIC,
        ),
        d(),
    ),
    Case(
        "a patch removes an applied item",
        d({}, [*container(), {"name": "e", "image": "z"}]),
        PATCH(
            f"{DEPLOYMENTS}/d",
            {"spec": {"template": {"spec": {"containers": [{"name": "e", "$patch": "delete"}]}}}},
            media=STRATEGIC,
        ),
    ),
    Case(
        "managedFields written by hand",
        a(V),
        PATCH(
            f"{MAPS}/a",
            {
                "metadata": {
                    "managedFields": [
                        {
                            "manager": "x",
                            "operation": "Apply",
                            "apiVersion": "v1",
                            "fieldsType": "FieldsV1",
                            "fieldsV1": {"f:data": {"f:k": {}}},
                        }
                    ]
                }
            },
        ),
        a(W),
    ),
    # -- subresources and versions
    Case("apply a status", d(), status({"replicas": 2}, spec={"replicas": 5}), status({})),
    Case("apply a status of nothing", status({"replicas": 2})),
    Case("apply labels with a status", d(), status({"replicas": 2}, meta={"labels": {"a": "b"}})),
    Case("a status applied with the object counts for nothing", d(status={"replicas": 4})),
    Case(
        "apply a scale",
        d({"replicas": 2}),
        scale({"replicas": 3}),
        scale({"replicas": 3}, force=True),
        GET(f"{DEPLOYMENTS}/d"),
    ),
    Case(
        "apply a scale as the object's manager",
        d({"replicas": 2}),
        scale({"replicas": 3}, "m1"),
        GET(f"{DEPLOYMENTS}/d"),
    ),
    Case(
        "a scale is updated, then the object applied",
        d({"replicas": 2}),
        PATCH(f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 3}}),
        d({"replicas": 2}),
        d(),
        GET(f"{DEPLOYMENTS}/d"),
    ),
    Case("apply a scale of another kind", d(), apply(f"{DEPLOYMENTS}/d/scale", deployment(), "m2")),
    Case("apply a scale with an unknown field", d(), scale({"foo": 3})),
    Case("apply a scale of nothing", scale({"replicas": 3})),
    Case(
        "two versions, two managers",
        POST(
            AUTOSCALERS["v2"],
            {
                "metadata": {"name": "h"},
                "spec": {
                    "maxReplicas": 3,
                    "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
                },
            },
        ),
        autoscaler("v1", 4, force=True),
        autoscaler("v2", 5, "m2"),
        GET(f"{AUTOSCALERS['v2']}/h"),
    ),
    Case(
        "two versions, one manager",
        autoscaler("v1", 4, targetCPUUtilizationPercentage=50),
        autoscaler("v2", 5),
    ),
    # -- from client-side to server-side apply
    Case("kubectl takes over what it applied", client_side(config_map(VX)), a(W, "kubectl")),
    Case("kubectl does not take over the rest", client_side(config_map(V)), a({"l": "w"}, "kubectl")),
    Case("others do not take over", client_side(config_map(V)), a(W, "m2")),
    Case("kubectl and an annotation that does not parse", client_side("{"), a(W, "kubectl")),
    Case("kubectl applies the same", client_side(config_map(V)), a(V, "kubectl")),
    Case(
        "kubectl keeps its annotation up to date",
        a(V, "kubectl", annotations={LAST_APPLIED: "foo", "x": "y"}),
        a(W, "kubectl", annotations={"x": "y"}),
    ),
    # -- elsewhere
    Case(
        "apply to what is being deleted",
        a(V, finalizers=["a.b/c"]),
        DELETE(f"{MAPS}/a"),
        a(W, finalizers=["a.b/c"]),
        a(W),
        GET(f"{MAPS}/a"),
    ),
    Case("apply to a namespace that is not there", apply("/api/v1/namespaces/no-{ns}/configmaps/a", config_map(V))),
    Case("apply a change of what may not change", d(), d({"selector": {"matchLabels": {"a": "c"}}})),
    Case(
        "apply a secret's texts",
        *(
            apply(
                "/api/v1/namespaces/{ns}/secrets/s",
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": text}},
            )
            for text in ("b", "c")
        ),
    ),
    Case(
        "apply a lease",
        apply(
            "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l",
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": "l"},
                "spec": {"holderIdentity": "x", "renewTime": "2024-01-01T00:00:00.000000Z"},
            },
        ),
    ),
    Case(
        "apply a pod's volumes and tolerations",
        apply(
            "/api/v1/namespaces/{ns}/pods/p",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p"},
                "spec": {
                    "containers": [
                        {"name": "c", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/x"}]},
                    ],
                    "volumes": [{"name": "v", "emptyDir": {}}],
                    "tolerations": [{"key": "a", "operator": "Exists"}],
                },
            },
        ),
        apply(
            "/api/v1/namespaces/{ns}/pods/p",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p"},
                "spec": {"containers": [{"name": "c", "image": "j"}]},
            },
            "m2",
            force=True,
        ),
    ),
    # -- lists that are always written
    Case(
        "who gives an empty list owns it",
        POST(ROLES, {"metadata": {"name": "a"}, "rules": []}),
        POST(ROLES, {"metadata": {"name": "b"}}),
        POST(ROLES, {"metadata": {"name": "c"}, "rules": None}),
        GET(f"{ROLES}/a"),
        PUT(f"{ROLES}/a", {"metadata": {"name": "a"}, "rules": []}),
        PUT(f"{ROLES}/b", {"metadata": {"name": "b"}, "rules": []}),
        PATCH(f"{ROLES}/b", {"rules": []}),
        PATCH(f"{ROLES}/b", {"metadata": {"labels": {"a": "b"}}}),
        PUT(f"{ROLES}/c", {"metadata": {"name": "c"}, "rules": RULES}),
        PUT(f"{ROLES}/c", {"metadata": {"name": "c"}, "rules": []}),
        apply(f"{ROLES}/d", {**ROLE, "metadata": {"name": "d"}, "rules": []}),
        apply(f"{ROLES}/d", {**ROLE, "metadata": {"name": "d"}}),
        POST("/api/v1/namespaces/{ns}/limitranges", {"metadata": {"name": "a"}, "spec": {"limits": []}}),
        POST(
            "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
            {"metadata": {"name": "a"}, "addressType": "IPv4", "endpoints": [], "ports": []},
        ),
    ),
    Case(
        "a value of another form where no field is stated",
        CRD(
            {"type": "object", "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}
        ),
        POST(WIDGETS, widget("a", spec={"text": "x", "map": {"k": "v"}, "list": ["x"]})),
        *[
            apply(f"{WIDGETS}/a", widget("a", spec={name: value}), force=force, query="&dryRun=All")
            for name in ("text", "map", "list")
            for value in FORMS
            for force in (False, True)
        ],
    ),
]
