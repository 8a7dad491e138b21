"""Requests that are refused, and how. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import APPLY, CRD, DELETE, GET, JSON_PATCH, MERGE, PATCH, POST, PUT, SEND, STRATEGIC, Case
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


PATCHES = (MERGE, STRATEGIC, JSON_PATCH)
DEPLOYMENT = {
    **meta(),
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {"n": {"type": "integer"}, "o": {"type": "object", "properties": {"s": {"type": "string"}}}},
        }
    },
}

NOT_FOUND = [
    Case(
        "objects that are not there",
        GET(f"{MAPS}/a"),
        GET(f"{DEPLOYMENTS}/a"),
        GET("/api/v1/nodes/none-{id}"),
        GET("/api/v1/namespaces/none-{id}"),
    ),
    Case(
        "subresources of objects that are not there",
        GET(f"{DEPLOYMENTS}/a/status"),
        GET(f"{DEPLOYMENTS}/a/scale"),
        PUT(f"{DEPLOYMENTS}/a/status", DEPLOYMENT),
        PATCH(f"{DEPLOYMENTS}/a/scale", {}),
    ),
    Case(
        "paths that are not served",
        GET("/nothing"),
        GET("/api/v2"),
        GET("/api/v2/pods"),
        GET("/api/v1/nothings"),
        GET("/api/v1/nothings/a"),
        GET("/api/v1/namespaces/{ns}/nothings"),
        GET("/api/v1/namespaces/{ns}/nothings/a"),
        POST("/api/v1/namespaces/{ns}/nothings", meta()),
        DELETE("/api/v1/namespaces/{ns}/nothings/a"),
        GET("/apis/apps/v1/nothings"),
        GET("/apis/apps/v2/deployments"),
        GET("/apis/apps/v2"),
        GET("/apis/nothing.io"),
        GET("/apis/nothing.io/v1"),
        GET("/apis/nothing.io/v1/things"),
        GET("/apis/nothing.io/v1/namespaces/{ns}/things/a"),
        POST("/apis/nothing.io/v1/namespaces/{ns}/things", meta()),
    ),
    Case(
        "paths below objects that are not served",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a/status"),
        GET(f"{MAPS}/a/nothing"),
        PUT(f"{MAPS}/a/status", meta()),
        PATCH(f"{MAPS}/a/nothing", {}),
        DELETE(f"{MAPS}/a/nothing"),
        POST(f"{MAPS}/a/nothing", meta()),
        GET(f"{MAPS}/a/nothing/more"),
        GET(f"{DEPLOYMENTS}/a/nothing"),
        GET("/api/v1/namespaces/{ns}/pods/a/nothing"),
    ),
    Case(
        "a custom resource's paths that are not served",
        CRD(SCHEMA),
        POST(WIDGETS, widget()),
        GET(f"{WIDGETS}/a/status"),
        PUT(f"{WIDGETS}/a/status", widget()),
        GET(f"{WIDGETS}/a/scale"),
        GET(f"{WIDGETS}/a/nothing"),
        GET(f"{WIDGETS}/a/nothing/more"),
        GET("/apis/{group}/v1/nothings"),
        GET("/apis/{group}/v1/namespaces/{ns}/nothings"),
        GET("/apis/{group}/v2/widgets"),
        GET("/apis/{group}/v2"),
        GET("/apis/{group}"),
        GET("/apis/{group}/v1/widgets/a"),
        GET(f"{WIDGETS}/b"),
    ),
    Case(
        "namespaced objects without their namespace",
        POST(MAPS, meta()),
        GET("/api/v1/configmaps/a"),
        DELETE("/api/v1/configmaps/a"),
        PUT("/api/v1/configmaps/a", meta()),
        PATCH("/api/v1/configmaps/a", {}),
        GET("/apis/apps/v1/deployments/a"),
    ),
    Case(
        "cluster-scoped objects in a namespace",
        GET("/api/v1/namespaces/{ns}/nodes"),
        GET("/api/v1/namespaces/{ns}/nodes/a"),
        POST("/api/v1/namespaces/{ns}/nodes", meta()),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/clusterroles"),
    ),
    Case(
        "paths with odd slashes",
        GET(f"{MAPS}/"),
        GET("/api/v1/namespaces/{ns}/"),
        GET("//api/v1"),
        GET("/api//v1"),
        GET("/api/v1//configmaps"),
        GET("/apis//v1"),
    ),
    Case(
        "a namespace that is not there, for lists and watches",
        GET("/api/v1/namespaces/none-{id}/pods"),
        GET("/apis/apps/v1/namespaces/none-{id}/deployments?limit=5"),
    ),
]

METHODS = [
    Case(
        "methods that are not allowed",
        PUT(MAPS, meta()),
        PATCH(MAPS, {}),
        POST(f"{MAPS}/a", meta()),
        PUT("/api/v1/configmaps", meta()),
        DELETE("/api/v1/configmaps"),
        PUT("/api/v1", {}),
        POST("/api", {}),
        POST("/version", {}),
        DELETE("/apis/apps/v1", {}),
        POST("/healthz", {}),
        SEND("HEAD", f"{MAPS}/a"),
        SEND("OPTIONS", f"{MAPS}/a"),
        SEND("TRACE", f"{MAPS}/a"),
        SEND("PURGE", f"{MAPS}/a"),
    ),
    Case(
        "methods that custom resources do not have",
        CRD(SCHEMA),
        PUT(WIDGETS, widget()),
        PATCH(WIDGETS, {}),
        POST(f"{WIDGETS}/a", widget()),
        SEND("OPTIONS", f"{WIDGETS}/a"),
        SEND("PURGE", f"{WIDGETS}/a"),
        DELETE("/apis/{group}/v1/widgets"),
        POST("/apis/{group}/v1/widgets", widget()),
    ),
    Case(
        "methods of reviews and bindings",
        GET("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        GET("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/a"),
        PUT("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {}),
        GET("/api/v1/namespaces/{ns}/bindings"),
        DELETE("/api/v1/namespaces/{ns}/bindings"),
        POST("/api/v1/componentstatuses", {}),
        GET("/api/v1/namespaces/{ns}/pods/a/binding"),
        GET("/api/v1/namespaces/{ns}/pods/a/eviction"),
        GET("/api/v1/namespaces/{ns}/serviceaccounts/a/token"),
    ),
    Case(
        "methods of subresources",
        DELETE(f"{DEPLOYMENTS}/a/status"),
        POST(f"{DEPLOYMENTS}/a/status", {}),
        POST(f"{DEPLOYMENTS}/a/scale", {}),
        DELETE(f"{DEPLOYMENTS}/a/scale"),
        GET("/api/v1/namespaces/{ns}/finalize"),
        DELETE("/api/v1/namespaces/{ns}/status"),
    ),
]

BODIES = [
    Case(
        "bodies that are not JSON",
        POST(MAPS, "{"),
        POST(MAPS, ""),
        POST(MAPS, "x"),
        POST(MAPS, "{} {}"),
        POST(MAPS, '{"metadata": {"name": "a"},}'),
        POST(MAPS, '{"metadata": {"name": "a\n"}}'),
        POST(MAPS, "\ufeff{}"),
        POST(MAPS, "{'a': 1}"),
        POST(MAPS, '{"a": 01}'),
        POST(MAPS, '{"a": NaN}'),
        POST(MAPS, '{"a": "\\x"}'),
    ),
    Case(
        "bodies that are no object",
        POST(MAPS, "[]"),
        POST(MAPS, "null"),
        POST(MAPS, "1"),
        POST(MAPS, '"x"'),
        POST(MAPS, "true"),
        PUT(f"{MAPS}/a", "[]"),
    ),
    Case(
        "bodies of custom objects that are not JSON",
        CRD(SCHEMA),
        POST(WIDGETS, "{"),
        POST(WIDGETS, ""),
        POST(WIDGETS, "[]"),
        POST(WIDGETS, "null"),
        POST(WIDGETS, "1"),
        POST(WIDGETS, "{}"),
        POST(WIDGETS, '{"kind": 5}'),
    ),
    Case(
        "fields of the wrong type",
        POST(MAPS, {**meta(), "data": "x"}),
        POST(MAPS, {**meta(), "data": {"a": 1}}),
        POST(MAPS, {**meta(), "data": {"a": {"b": "c"}}}),
        POST(MAPS, {**meta(), "data": ["a"]}),
        POST(MAPS, {**meta(), "immutable": "yes"}),
        POST(MAPS, {"apiVersion": 1, **meta()}),
        POST(MAPS, {"kind": 1, **meta()}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"replicas": "3"}}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"replicas": 3.5}}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"replicas": 99999999999}}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"paused": 1}}),
        POST(DEPLOYMENTS, {**meta(), "spec": []}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"template": {"spec": {"containers": {}}}}}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"template": {"spec": {"containers": [1]}}}}),
        POST(DEPLOYMENTS, {**meta(), "spec": {"template": {"spec": {"containers": [{"name": 1}]}}}}),
    ),
    Case(
        "quantities, times and int-or-strings of the wrong type",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {**meta(), "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"cpu": "x"}}}]}},
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {**meta(), "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"cpu": True}}}]}},
        ),
        POST("/api/v1/namespaces/{ns}/services", {**meta(), "spec": {"ports": [{"port": 80, "targetPort": True}]}}),
        POST("/api/v1/namespaces/{ns}/services", {**meta(), "spec": {"ports": [{"port": 80, "targetPort": 1.5}]}}),
        POST("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", {**meta(), "spec": {"renewTime": "now"}}),
        POST("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", {**meta(), "spec": {"renewTime": 5}}),
    ),
    Case(
        "content types",
        POST(MAPS, meta(), media="text/plain"),
        POST(MAPS, meta("a"), media="application/json; charset=utf-8"),
        POST(MAPS, meta("b"), media="application/x-www-form-urlencoded"),
        POST(MAPS, meta("c"), media="APPLICATION/JSON"),
        POST(MAPS, meta("d"), media="nonsense"),
        POST(MAPS, meta("e"), media="application/cbor"),
        POST(MAPS, meta("f"), media="*/*"),
        POST(MAPS, "metadata:\n  name: y\n", media="application/yaml"),
        POST(MAPS, "metadata: [\n", media="application/yaml"),
        POST(MAPS, "metadata:\n  name: z\n---\nmetadata:\n  name: zz\n", media="application/yaml"),
        PUT(f"{MAPS}/a", meta(), media="text/plain"),
        DELETE(f"{MAPS}/a", {}, media="text/plain"),
    ),
    Case(
        "content types of custom objects",
        CRD(SCHEMA),
        POST(WIDGETS, widget(), media="text/plain"),
        POST(WIDGETS, "apiVersion: '{group}/v1'\nkind: Widget\nmetadata:\n  name: y\n", media="application/yaml"),
        PATCH(f"{WIDGETS}/y", {}, media=STRATEGIC),
        PATCH(f"{WIDGETS}/y", {}, media="application/json"),
    ),
    Case(
        "content types of patches",
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a", {}, media="application/json"),
        PATCH(f"{MAPS}/a", {}, media="text/plain"),
        PATCH(f"{MAPS}/a", {}, media="application/merge-patch+json; charset=utf-8"),
        SEND("PATCH", f"{MAPS}/a", {}, media="x/y"),
    ),
    Case(
        "no content type",
        POST(MAPS, meta(), content_type=""),
        PATCH(f"{MAPS}/a", {}, content_type=""),
        PUT(f"{MAPS}/a", meta(), content_type=""),
    ),
    Case(
        "what is accepted",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a", accept="text/html"),
        GET(f"{MAPS}/a", accept="application/cbor"),
        GET(f"{MAPS}/a", accept="text/html, */*"),
        GET(f"{MAPS}/a", accept="application/*"),
        GET(f"{MAPS}/a", accept="nonsense"),
        GET(f"{MAPS}/a", accept="application/json;as=Nothing;v=v1;g=meta.k8s.io"),
        GET(MAPS, accept="text/html"),
        POST(MAPS, meta("b"), accept="text/html"),
        GET(f"{MAPS}/b"),
        DELETE(f"{MAPS}/a", accept="text/html"),
        GET(f"{MAPS}/zz", accept="text/html"),
        GET("/nothing", accept="text/html"),
        GET(f"{MAPS}?watch=1&timeoutSeconds=1", accept="text/html"),
    ),
    Case(
        "what is accepted of custom objects",
        CRD(SCHEMA),
        POST(WIDGETS, widget()),
        GET(f"{WIDGETS}/a", accept="text/html"),
        GET(WIDGETS, accept="application/vnd.kubernetes.protobuf,application/json"),
    ),
    Case(
        "a body over 3 MiB",
        POST(MAPS, '{"metadata": {"name": "a"}, "data": {"k": "' + "x" * (3 * 1024 * 1024) + '"}}'),
        PATCH(f"{MAPS}/a", '{"data": {"k": "' + "x" * (3 * 1024 * 1024) + '"}}'),
    ),
    Case(
        "a body that is too deep",
        POST(MAPS, '{"a":' * 10001 + "1" + "}" * 10001),
        PATCH(f"{MAPS}/a", '{"a":' * 10001 + "1" + "}" * 10001),
    ),
    Case(
        "several faults of a deployment",
        POST(DEPLOYMENTS, meta()),
        POST(DEPLOYMENTS, {**meta(), "spec": {}}),
        POST(DEPLOYMENTS, {**DEPLOYMENT, "spec": {**DEPLOYMENT["spec"], "selector": {"matchLabels": {"x": "y"}}}}),
        POST(DEPLOYMENTS, {**DEPLOYMENT, "spec": {**DEPLOYMENT["spec"], "replicas": -1}}),
    ),
]

FIELDS = [
    Case(
        f"unknown and duplicate fields, {mode or 'as it comes'}",
        POST(f"{MAPS}{query}", {**meta("a"), "unknown": 1}),
        POST(f"{MAPS}{query}", '{"metadata": {"name": "b"}, "data": {"k": "v"}, "data": {"k": "w"}}'),
        POST(
            f"{MAPS}{query}", '{"metadata": {"name": "c", "name": "d"}, "nothing": {"x": [1]}, "extra": 2, "extra": 3}'
        ),
        POST(
            f"{DEPLOYMENTS}{query}",
            {
                **DEPLOYMENT,
                "spec": {
                    **DEPLOYMENT["spec"],
                    "nonsense": 1,
                    "template": {
                        **DEPLOYMENT["spec"]["template"],
                        "spec": {"containers": [{"name": "c", "image": "i", "oops": {"a": 1}}], "Volumes": []},
                    },
                },
            },
        ),
        PUT(f"{MAPS}/a{query}", {**meta("a"), "unknown": 2}),
        PATCH(f"{MAPS}/a{query}", {"unknown": 3}),
        PATCH(f"{MAPS}/a{query}", '{"data": {"k": "v"}, "data": {"k": "w"}}'),
        PATCH(f"{MAPS}/a{query}", {"unknown": 3}, media=STRATEGIC),
        PATCH(f"{MAPS}/a{query}", [{"op": "add", "path": "/unknown", "value": 1}], media=JSON_PATCH),
        PATCH(
            f"{MAPS}/a{query}{'&' if query else '?'}fieldManager=x",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "unknown": 3},
            media=APPLY,
        ),
        POST(f"{MAPS}{query}", "metadata:\n  name: y\nunknown: 1\n", media="application/yaml"),
    )
    for mode, query in (
        ("", ""),
        ("Ignore", "?fieldValidation=Ignore"),
        ("Warn", "?fieldValidation=Warn"),
        ("Strict", "?fieldValidation=Strict"),
    )
]
FIELDS += [
    Case(
        f"a custom object's unknown and duplicate fields, {mode or 'as it comes'}",
        CRD(SCHEMA),
        POST(f"{WIDGETS}{query}", widget("a", spec={"n": 1, "unknown": 1, "o": {"s": "x", "t": "y"}}, other=2)),
        POST(
            f"{WIDGETS}{query}",
            '{"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "b"}, "spec": {"n": 1, "n": 2}}',
        ),
        POST(f"{WIDGETS}{query}", {**widget("c"), **meta("c", nonsense=1)}),
        PATCH(f"{WIDGETS}/a{query}", {"spec": {"unknown": 3}}),
        PATCH(f"{WIDGETS}/a{query}", '{"spec": {"n": 3, "n": 4}}'),
        PATCH(f"{WIDGETS}/a{query}", [{"op": "add", "path": "/spec/unknown", "value": 1}], media=JSON_PATCH),
    )
    for mode, query in (
        ("", ""),
        ("Ignore", "?fieldValidation=Ignore"),
        ("Warn", "?fieldValidation=Warn"),
        ("Strict", "?fieldValidation=Strict"),
    )
]
FIELDS += [
    Case(
        f"keys that YAML says twice, {mode}",
        POST(
            f"{MAPS}?fieldValidation={mode}", "metadata:\n  name: z\nmetadata:\n  name: z\n", media="application/yaml"
        ),
        POST(
            f"{MAPS}?fieldValidation={mode}",
            "metadata: {name: y, name: x}\ndata:\n  a: b\n  a: c\nnothing: 1\n",
            media="application/yaml",
        ),
        PUT(f"{MAPS}/x?fieldValidation={mode}", "metadata: {name: x}\ndata: {a: d, a: e}\n", media="application/yaml"),
        CRD(SCHEMA),
        POST(
            f"{WIDGETS}?fieldValidation={mode}",
            "apiVersion: '{group}/v1'\nkind: Widget\nmetadata:\n  name: z\nspec:\n  o:\n    s: x\n    s: y\n  o: {}\n",
            media="application/yaml",
        ),
    )
    for mode in ("Ignore", "Warn", "Strict")
]
FIELDS += [
    Case(
        "a field validation that is not known",
        POST(f"{MAPS}?fieldValidation=Loud", meta()),
        PUT(f"{MAPS}/a?fieldValidation=Loud", meta()),
        PATCH(f"{MAPS}/a?fieldValidation=Loud", {}),
        POST(f"{MAPS}?fieldValidation=strict", meta()),
    ),
    Case(
        "field names are told apart by case",
        POST(f"{MAPS}?fieldValidation=Strict", {**meta(), "Data": {"k": "v"}}),
        POST(f"{MAPS}", {**meta(), "DATA": {"k": "v"}}),
    ),
    Case(
        "many unknown fields",
        POST(f"{MAPS}?fieldValidation=Strict", {**meta(), **{f"field{n}": n for n in range(1)}}),
        POST(f"{MAPS}", {**meta(), **{f"f{n:03}": n for n in range(1)}}),
    ),
]

ACCESS = [
    Case(
        "wrong credentials",
        GET(f"{MAPS}/a", authorization="Bearer wrong"),
        GET(MAPS, authorization="Bearer wrong"),
        GET("/version", authorization="Bearer wrong"),
        GET("/nothing", authorization="Bearer wrong"),
    ),
]

OTHER = [
    Case(
        "the version in a get",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a?resourceVersion=x"),
        GET(f"{MAPS}/a?resourceVersion=0"),
        GET(f"{MAPS}/a?resourceVersion={{0.metadata.resourceVersion}}"),
        GET(f"{MAPS}/a?resourceVersion=-1"),
        GET(f"{MAPS}/zz?resourceVersion=0"),
    ),
    Case(
        "a version of the future",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a?resourceVersion=9999999999"),
        GET(f"{MAPS}?resourceVersion=9999999999"),
    ),
    Case(
        "an export",
        POST(MAPS, {"metadata": {"name": "a"}}),
        GET(f"{MAPS}/a?export=true"),
        GET(f"{MAPS}/a?export=false"),
        GET(f"{MAPS}?export=true"),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a/scale?export="),
    ),
    Case(
        "parameters that are not known",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a?nonsense=1"),
        GET(f"{MAPS}?nonsense=1&pretty=false"),
        POST(f"{MAPS}?x=y", meta("b")),
    ),
    Case(
        "pretty",
        POST(MAPS, meta()),
        GET(f"{MAPS}/a?pretty=true"),
        GET(f"{MAPS}/a?pretty=0"),
        GET(f"{MAPS}/zz?pretty=1"),
    ),
    Case(
        "percent signs",
        POST(MAPS, meta("a.b")),
        GET(f"{MAPS}/a%2Eb"),
        GET(f"{MAPS}/a%2Fb"),
        GET("/api/v1/namespaces/{ns}/%63onfigmaps/a.b"),
    ),
]

ORDER = [
    Case(
        "an update is read whole before its name is looked at",
        *(
            PUT(f"{MAPS}/none", body)
            for body in (
                meta("other", finalizers="x"),
                meta("other", creationTimestamp="x"),
                {**meta("other"), "data": ["x"]},
                {**meta("other"), "nonsense": 1},
                meta("other", namespace="elsewhere"),
                {"metadata": {"Name": "cased"}},
            )
        ),
    ),
    Case(
        "a patch is not read before there is something to patch",
        *(PATCH(f"{MAPS}/none", body, media=media) for body in ("[]", "1", "{", '{"a": 1}') for media in PATCHES),
    ),
    Case(
        "a patch of no object",
        POST(MAPS, meta()),
        *(
            PATCH(f"{MAPS}/a?fieldValidation={how}", body)
            for body in ("[]", "1", "null", '"x"')
            for how in ("Ignore", "Warn", "Strict")
        ),
    ),
    Case(
        "a patch to another kind",
        POST(MAPS, meta()),
        *(
            PATCH(f"{MAPS}/a", {"apiVersion": "v1", "kind": kind})
            for kind in ("DeleteOptions", "List", "Status", "ConfigMapList", "Secret", "Nothing")
        ),
        *(DELETE(f"{MAPS}/a", {"apiVersion": "v1", "kind": kind}) for kind in ("List", "Status", "Secret", "Nothing")),
    ),
    Case(
        "the media type of a create is looked at before its options",
        POST(f"{MAPS}?dryRun=x", meta(), media="application/apply-patch+json"),
        PUT(f"{MAPS}/a?dryRun=x", meta(), media="application/apply-patch+json"),
        PATCH(f"{MAPS}/a?dryRun=x", meta(), media="text/plain", accept="application/json;as=Table"),
    ),
    Case(
        "the old paths of watches are only read",
        POST("/api/v1/watch/namespaces/{ns}/configmaps", meta()),
        *(SEND(method, "/api/v1/watch/namespaces/{ns}/configmaps/a", {}) for method in ("PUT", "PATCH", "DELETE")),
    ),
    Case(
        "a group may be asked for by any method",
        *(SEND(method, "/apis/apps") for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
        *(SEND(method, path, {}) for method in ("POST", "DELETE") for path in ("/api", "/apis/apps/v1", "/api/v1")),
    ),
    Case(
        "a token for another name",
        POST("/api/v1/namespaces/{ns}/serviceaccounts/none/token", meta("other")),
        POST("/api/v1/namespaces/{ns}/serviceaccounts/none/token", meta("none")),
    ),
    Case(
        "warnings come with refusals too",
        CRD(SCHEMA),
        POST(WIDGETS, widget(spec={"odd": 1})),
        POST(WIDGETS, widget(spec={"odd": 1})),
        PUT(f"{WIDGETS}/a", {**widget(spec={"odd": 1}), "metadata": {"name": "a", "resourceVersion": "1"}}),
        PUT(f"{WIDGETS}/none", widget("none", spec={"odd": 1})),
        PATCH(f"{WIDGETS}/a", {"spec": {"odd": 1}, "metadata": {"resourceVersion": "1"}}),
        POST("/apis/{group}/v1/namespaces/none-{id}/widgets", widget(spec={"odd": 1})),
    ),
]

CASES = [*ORDER, *NOT_FOUND, *METHODS, *BODIES, *FIELDS, *ACCESS, *OTHER]
