"""Objects: what the server sets, counts and refuses when they are written. https://kubernetes.io/docs/reference/using-api/api-concepts/"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, DELETE, EVENTS, GET, JSON_PATCH, OPEN, PATCH, POST, PUT, REST, Case
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
SECRETS = "/api/v1/namespaces/{ns}/secrets"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


STATUS = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
DEPLOYMENT = {
    "metadata": {"name": "a"},
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    },
}

CREATE = [
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
        "a generated name has the prefix",
        POST(MAPS, {"metadata": {"generateName": "pre-"}}),
        GET(f"{MAPS}/{{0.metadata.name}}"),
    ),
    Case("a generated name leaves room for what is added", POST(MAPS, {"metadata": {"generateName": "x" * 70}})),
    Case("a name wins over a generated one", POST(MAPS, {"metadata": {"name": "a", "generateName": "pre-"}})),
    Case(
        "a second object of a name exists already",
        POST(MAPS, meta()),
        POST(MAPS, meta()),
        POST(SECRETS, meta()),
        POST(SECRETS, meta()),
    ),
    Case("a custom object that exists already", CRD(), POST(WIDGETS, widget()), POST(WIDGETS, widget())),
    Case(
        "a create with a version is refused",
        POST(MAPS, meta(resourceVersion="1")),
        POST(MAPS, meta(resourceVersion="x")),
    ),
    Case("a create with version 0 is refused too", POST(MAPS, meta(resourceVersion="0"))),
    Case(
        "what the server sets is not taken from a create",
        POST(
            MAPS,
            meta(
                uid="11111111-2222-3333-4444-555555555555",
                creationTimestamp="2001-01-01T00:00:00Z",
                deletionTimestamp="2001-01-01T00:00:00Z",
                deletionGracePeriodSeconds=5,
                generation=7,
                selfLink="/x",
            ),
        ),
    ),
    Case(
        "a given namespace must be that of the path",
        POST(MAPS, meta(namespace="other")),
        POST(MAPS, meta(namespace="{ns}")),
    ),
    Case("a create in a namespace that is not there", POST("/api/v1/namespaces/none-{id}/configmaps", meta())),
    Case(
        "a custom object in a namespace that is not there",
        CRD(),
        POST("/apis/{group}/v1/namespaces/none-{id}/widgets", widget()),
    ),
    Case(
        "a read in a namespace that is not there",
        GET("/api/v1/namespaces/none-{id}/configmaps/a"),
        GET("/api/v1/namespaces/none-{id}/configmaps"),
    ),
    Case("a create to an object's path", POST(f"{MAPS}/a", meta())),
    Case(
        "a create over all namespaces",
        POST("/api/v1/configmaps", meta()),
        POST("/api/v1/configmaps", meta(namespace="{ns}")),
    ),
    Case("another kind in the body", POST(MAPS, {"apiVersion": "v1", "kind": "Secret", **meta()})),
    Case("another version in the body", POST(MAPS, {"apiVersion": "v2", "kind": "ConfigMap", **meta()})),
    Case("another group in the body", POST(MAPS, {"apiVersion": "apps/v1", "kind": "ConfigMap", **meta()})),
    Case("a kind without a version", POST(MAPS, {"kind": "ConfigMap", **meta()})),
    Case("a version without a kind", POST(MAPS, {"apiVersion": "v1", **meta()})),
    Case(
        "a registered kind of another group in the body",
        POST(MAPS, {"apiVersion": "apps/v1", "kind": "Deployment", **meta()}),
    ),
    Case(
        "another kind in a custom object's body",
        CRD(),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Gadget", **meta()}),
    ),
    Case(
        "another version in a custom object's body",
        CRD(),
        POST(WIDGETS, {"apiVersion": "{group}/v2", "kind": "Widget", **meta()}),
    ),
    Case(
        "another group in a custom object's body",
        CRD(),
        POST(WIDGETS, {"apiVersion": "x.io/v1", "kind": "Widget", **meta()}),
    ),
    Case(
        "a custom object without a kind",
        CRD(),
        POST(WIDGETS, {"apiVersion": "{group}/v1", **meta()}),
        POST(WIDGETS, meta()),
    ),
    Case(
        "a custom object without a name",
        CRD(),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {}}),
    ),
    Case(
        "a create without a name", POST(MAPS, {"metadata": {}}), POST(MAPS, {}), POST(MAPS, {"metadata": {"name": ""}})
    ),
    Case(
        "a custom object with status as a subresource loses it",
        CRD(STATUS, version={"subresources": {"status": {}}}),
        POST(WIDGETS, widget(spec={"a": 1}, status={"b": 2})),
    ),
    Case(
        "a custom object without a status subresource keeps it",
        CRD(STATUS),
        POST(WIDGETS, widget(spec={"a": 1}, status={"b": 2})),
    ),
    Case(
        "a generated name of a custom object",
        CRD(),
        POST(WIDGETS, {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"generateName": "w-"}}),
    ),
    Case(
        "dry run",
        POST(f"{MAPS}?dryRun=All", {**meta(), "data": {"k": "v"}}),
        GET(f"{MAPS}/a"),
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a?dryRun=All", {**meta(), "data": {"k": "w"}}),
        PATCH(f"{MAPS}/a?dryRun=All", {"data": {"k": "x"}}),
        DELETE(f"{MAPS}/a?dryRun=All"),
        DELETE(f"{MAPS}/a", {"dryRun": ["All"]}),
        DELETE(f"{MAPS}?dryRun=All"),
        GET(f"{MAPS}/a"),
    ),
    Case(
        "a dry run that fails",
        POST(f"{MAPS}?dryRun=All", meta("A_")),
        PATCH(f"{MAPS}/a?dryRun=All", {}),
        POST(f"{MAPS}?dryRun=Some", meta()),
    ),
    Case("a dry run with a generated name", POST(f"{MAPS}?dryRun=All", {"metadata": {"generateName": "x-"}})),
    Case("a custom object in a dry run", CRD(), POST(f"{WIDGETS}?dryRun=All", widget()), GET(f"{WIDGETS}/a")),
    Case(
        "a field manager",
        POST(f"{MAPS}?fieldManager=me", {**meta(), "data": {"k": "v"}}),
        PATCH(f"{MAPS}/a?fieldManager=you", {"data": {"l": "v"}}),
    ),
    Case(
        "a field manager that is too long",
        POST(f"{MAPS}?fieldManager={'x' * 129}", meta()),
        PUT(f"{MAPS}/a?fieldManager={'x' * 129}", meta()),
    ),
    Case("a field manager that cannot be printed", POST(f"{MAPS}?fieldManager=a%01b", meta())),
]

UPDATE = [
    Case("an update of what is not there is not found", PUT(f"{MAPS}/a", meta())),
    Case("an update of what is not there, with a version", PUT(f"{MAPS}/a", meta(resourceVersion="1"))),
    Case(
        "an update of what is not there, with a uid", PUT(f"{MAPS}/a", meta(uid="11111111-2222-3333-4444-555555555555"))
    ),
    Case(
        "an update without a version overwrites", POST(MAPS, meta()), PUT(f"{MAPS}/a", {**meta(), "data": {"k": "v"}})
    ),
    Case(
        "an update with the present version",
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a", {**meta(resourceVersion="{0.metadata.resourceVersion}"), "data": {"k": "v"}}),
    ),
    Case(
        "a stale version conflicts",
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        PUT(f"{MAPS}/a", {**meta(resourceVersion="{0.metadata.resourceVersion}"), "data": {"k": "w"}}),
        PATCH(f"{MAPS}/a", {"metadata": {"resourceVersion": "{0.metadata.resourceVersion}"}, "data": {"k": "w"}}),
    ),
    Case(
        "a stale version of a custom object conflicts",
        CRD(),
        POST(WIDGETS, widget()),
        PUT(f"{WIDGETS}/a", {**widget(), **meta(resourceVersion="1")}),
    ),
    Case(
        "a custom object is not updated without its version",
        CRD(),
        POST(WIDGETS, widget()),
        PUT(f"{WIDGETS}/a", widget(x=1)),
    ),
    Case(
        "an update with another uid",
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a", meta(uid="11111111-2222-3333-4444-555555555555")),
    ),
    Case(
        "a patch with another uid",
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a", {"metadata": {"uid": "11111111-2222-3333-4444-555555555555"}}),
    ),
    Case(
        "an update with its own uid",
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a", {**meta(uid="{0.metadata.uid}"), "data": {"k": "v"}}),
    ),
    Case("an update with a version that is no number", POST(MAPS, meta()), PUT(f"{MAPS}/a", meta(resourceVersion="x"))),
    Case(
        "an update with version 0",
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a", {**meta(resourceVersion="0"), "data": {"k": "v"}}),
    ),
    Case(
        "an update that changes nothing writes nothing",
        POST(MAPS, {**meta(), "data": {"k": "v"}}),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        PUT(f"{MAPS}/a", {**meta(), "data": {"k": "v"}}),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        PATCH(f"{MAPS}/a", {}),
        PATCH(f"{MAPS}/a", [], media=JSON_PATCH),
        POST(MAPS, meta("end")),
        EVENTS("w", 1),
    ),
    Case(
        "a custom object's update that changes nothing writes nothing",
        CRD(),
        POST(WIDGETS, widget(spec={"a": 1}), name="made"),
        PUT(f"{WIDGETS}/a", {**widget(spec={"a": 1}), **meta(resourceVersion="{made.metadata.resourceVersion}")}),
        PATCH(f"{WIDGETS}/a", {"spec": {"a": 1}}),
    ),
    Case("a name that is not that of the path", POST(MAPS, meta()), PUT(f"{MAPS}/a", meta("b"))),
    Case("an update without a name", POST(MAPS, meta()), PUT(f"{MAPS}/a", {"metadata": {}}), PUT(f"{MAPS}/a", {})),
    Case("an update with another namespace", POST(MAPS, meta()), PUT(f"{MAPS}/a", meta(namespace="other"))),
    Case(
        "an update with another kind",
        POST(MAPS, meta()),
        PUT(f"{MAPS}/a", {"apiVersion": "v1", "kind": "Secret", **meta()}),
    ),
    Case("a patch cannot rename", POST(MAPS, meta()), PATCH(f"{MAPS}/a", {"metadata": {"name": "b"}})),
    Case("a patch cannot move", POST(MAPS, meta()), PATCH(f"{MAPS}/a", {"metadata": {"namespace": "other"}})),
    Case(
        "a patch cannot change the kind",
        POST(MAPS, meta()),
        PATCH(f"{MAPS}/a", {"kind": "Secret"}),
        PATCH(f"{MAPS}/a", {"apiVersion": "v2"}),
    ),
    Case(
        "a name that is not that of a custom object's path",
        CRD(),
        POST(WIDGETS, widget()),
        PUT(f"{WIDGETS}/a", widget("b")),
    ),
    Case(
        "what the server sets cannot be changed",
        POST(MAPS, meta()),
        PUT(
            f"{MAPS}/a",
            meta(
                creationTimestamp="2001-01-01T00:00:00Z",
                generation=9,
                selfLink="/x",
                deletionTimestamp="2001-01-01T00:00:00Z",
            ),
        ),
        PATCH(
            f"{MAPS}/a",
            {"metadata": {"creationTimestamp": None, "uid": None, "generation": 4, "resourceVersion": None}},
        ),
        PATCH(f"{MAPS}/a", {"metadata": {"deletionGracePeriodSeconds": 4}}),
    ),
    Case(
        "an update takes labels and annotations away that it does not name",
        POST(
            MAPS,
            meta(
                labels={"a": "b"},
                annotations={"c": "d"},
                finalizers=["x.io/y"],
                ownerReferences=[{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}],
            ),
        ),
        PUT(f"{MAPS}/a", meta()),
    ),
    Case(
        "an update keeps the generated name's prefix or not",
        POST(MAPS, meta(generateName="x-")),
        PUT(f"{MAPS}/a", meta()),
    ),
    Case(
        "created by an update",
        PUT(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/a",
            {**meta(), "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
        ),
        PUT("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {**meta(), "spec": {}}),
        PUT(
            "/api/v1/namespaces/{ns}/limitranges/a",
            {**meta(), "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}},
        ),
        PUT("/api/v1/namespaces/{ns}/endpoints/a", meta()),
        PUT("/api/v1/namespaces/{ns}/serviceaccounts/a", meta()),
        PUT("/api/v1/namespaces/{ns}/services/a", {**meta(), "spec": {"ports": [{"port": 80}]}}),
        PUT("/apis/node.k8s.io/v1/runtimeclasses/{id}", {"metadata": {"name": "{id}"}, "handler": "h"}),
        PUT(
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/{id}",
            {"metadata": {"name": "{id}"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
        ),
    ),
    Case(
        "created by an update with a version",
        PUT("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {**meta(resourceVersion="5"), "spec": {}}),
    ),
    Case(
        "created by an update with a uid",
        PUT(
            "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a",
            {**meta(uid="11111111-2222-3333-4444-555555555555"), "spec": {}},
        ),
    ),
    Case(
        "created by an update in a namespace that is not there",
        PUT("/apis/coordination.k8s.io/v1/namespaces/none-{id}/leases/a", {**meta(), "spec": {}}),
    ),
    Case(
        "created by an update without a name",
        PUT("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {"spec": {}}),
    ),
    Case(
        "types that are not updated without their version",
        POST("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", {**meta(), "spec": {}}),
        PUT("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {**meta(), "spec": {"holderIdentity": "x"}}),
        POST("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets", {**meta(), "spec": {"minAvailable": 1}}),
        PUT("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {**meta(), "spec": {"minAvailable": 2}}),
        POST("/apis/node.k8s.io/v1/runtimeclasses", {"metadata": {"name": "{id}"}, "handler": "h"}),
        PUT(
            "/apis/node.k8s.io/v1/runtimeclasses/{id}",
            {"metadata": {"name": "{id}", "labels": {"a": "b"}}, "handler": "h"},
        ),
    ),
]

GENERATION = [
    Case(
        "the generation counts changes of what is wanted",
        POST(DEPLOYMENTS, DEPLOYMENT),
        PATCH(f"{DEPLOYMENTS}/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{DEPLOYMENTS}/a", {"metadata": {"annotations": {"x": "y"}}}),
        PATCH(f"{DEPLOYMENTS}/a", {"spec": {"replicas": 3}}),
        PATCH(f"{DEPLOYMENTS}/a", {"spec": {"replicas": 3}}),
        PATCH(f"{DEPLOYMENTS}/a/status", {"status": {"observedGeneration": 2, "replicas": 3}}),
        PATCH(f"{DEPLOYMENTS}/a", {"status": {"replicas": 4}}),
        PATCH(f"{DEPLOYMENTS}/a", {"metadata": {"generation": 17}}),
    ),
    Case(
        "the generation of a custom object with status",
        CRD(STATUS, version={"subresources": {"status": {}}}),
        POST(WIDGETS, widget(spec={"a": 1})),
        PATCH(f"{WIDGETS}/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{WIDGETS}/a", {"spec": {"a": 2}}),
        PATCH(f"{WIDGETS}/a/status", {"status": {"a": 2}}),
        PATCH(f"{WIDGETS}/a/status", {"spec": {"a": 3}, "metadata": {"labels": {"z": "z"}}}),
        PATCH(f"{WIDGETS}/a", {"status": {"a": 9}}),
        PATCH(f"{WIDGETS}/a", {"metadata": {"finalizers": ["a.io/b"]}}),
    ),
    Case(
        "the generation of a custom object without status",
        CRD(STATUS),
        POST(WIDGETS, widget(spec={"a": 1})),
        PATCH(f"{WIDGETS}/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{WIDGETS}/a", {"status": {"a": 2}}),
        PATCH(f"{WIDGETS}/a/status", {"status": {"a": 2}}),
        PATCH(f"{WIDGETS}/a", {"other": 1}),
    ),
    Case(
        "a delete that waits counts as a generation",
        CRD(STATUS, version={"subresources": {"status": {}}}),
        POST(WIDGETS, {**widget(), **meta(finalizers=["a.io/b"])}),
        DELETE(f"{WIDGETS}/a"),
        GET(f"{WIDGETS}/a"),
        DELETE(f"{WIDGETS}/a"),
        POST(DEPLOYMENTS, {**DEPLOYMENT, **meta(finalizers=["a.io/b"])}),
        DELETE(f"{DEPLOYMENTS}/a"),
        POST(MAPS, meta(finalizers=["a.io/b"])),
        DELETE(f"{MAPS}/a"),
    ),
]

CONTENT = [
    Case(
        "an immutable config map",
        POST(MAPS, {**meta(), "data": {"k": "v"}, "immutable": True}),
        PATCH(f"{MAPS}/a", {"data": {"k": "w"}}),
        PATCH(f"{MAPS}/a", {"binaryData": {"b": "YQ=="}}),
        PATCH(f"{MAPS}/a", {"immutable": False}),
        PATCH(f"{MAPS}/a", {"immutable": None, "data": {"k": "w"}}),
        PATCH(f"{MAPS}/a", {"metadata": {"labels": {"a": "b"}}}),
        DELETE(f"{MAPS}/a"),
    ),
    Case(
        "an immutable secret",
        POST(SECRETS, {**meta(), "data": {"k": "dg=="}, "immutable": True}),
        PATCH(f"{SECRETS}/a", {"data": {"k": "dw=="}}),
        PATCH(f"{SECRETS}/a", {"stringData": {"k": "w"}}),
        PATCH(f"{SECRETS}/a", {"immutable": None}),
        PATCH(f"{SECRETS}/a", {"metadata": {"labels": {"a": "b"}}}),
        PATCH(f"{SECRETS}/a", {"type": "other"}),
    ),
    Case(
        "becoming immutable",
        POST(MAPS, {**meta(), "data": {"k": "v"}}),
        PATCH(f"{MAPS}/a", {"immutable": True, "data": {"k": "w"}}),
        PATCH(f"{MAPS}/a", {"data": {"k": "x"}}),
    ),
    Case(
        "string data becomes data",
        POST(SECRETS, {**meta(), "data": {"a": "YQ==", "b": "Yg=="}, "stringData": {"b": "other", "c": ""}}),
        PATCH(f"{SECRETS}/a", {"stringData": {"d": "ü"}}),
        PATCH(f"{SECRETS}/a", {"data": {"a": None}}),
        PUT(f"{SECRETS}/a", {**meta(), "stringData": {"z": "z"}}),
    ),
    Case("a secret's type cannot change", POST(SECRETS, meta()), PATCH(f"{SECRETS}/a", {"type": "x"})),
    Case(
        "secrets of known types need their keys",
        POST(SECRETS, {**meta("a"), "type": "kubernetes.io/tls"}),
        POST(SECRETS, {**meta("b"), "type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "eA=="}}),
        POST(SECRETS, {**meta("c"), "type": "kubernetes.io/dockerconfigjson"}),
        POST(SECRETS, {**meta("d"), "type": "kubernetes.io/dockercfg"}),
        POST(SECRETS, {**meta("e"), "type": "kubernetes.io/basic-auth"}),
        POST(SECRETS, {**meta("f"), "type": "kubernetes.io/ssh-auth"}),
        POST(SECRETS, {**meta("g"), "type": "kubernetes.io/service-account-token"}),
        POST(SECRETS, {**meta("h"), "type": "bootstrap.kubernetes.io/token"}),
        POST(SECRETS, {**meta("i"), "type": "kubernetes.io/tls", "stringData": {"tls.crt": "", "tls.key": ""}}),
        POST(
            SECRETS, {**meta("j"), "type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{}"}}
        ),
    ),
    Case(
        "keys of config maps",
        POST(MAPS, {**meta(), "data": {"a/b": ""}}),
        POST(MAPS, {**meta(), "data": {"": "x"}}),
        POST(MAPS, {**meta(), "data": {"..": "x"}}),
        POST(MAPS, {**meta(), "data": {"x" * 254: "x"}}),
        POST(MAPS, {**meta(), "data": {".": "x"}, "binaryData": {"ok": "YQ==", "..a": "YQ=="}}),
    ),
    Case(
        "a key in both parts of a config map", POST(MAPS, {**meta(), "data": {"a": "b"}, "binaryData": {"a": "YQ=="}})
    ),
    Case(
        "keys of secrets",
        POST(SECRETS, {**meta(), "data": {"a b": ""}}),
        POST(SECRETS, {**meta(), "stringData": {"a/b": ""}}),
    ),
    Case(
        "data that is no base64",
        POST(SECRETS, {**meta(), "data": {"a": "%"}}),
        POST(MAPS, {**meta(), "binaryData": {"a": "a"}}),
    ),
    Case("a config map that is too large", POST(MAPS, {**meta(), "data": {"a": "x" * (1024 * 1024 + 1)}})),
    Case("a secret that is too large", POST(SECRETS, {**meta(), "stringData": {"a": "x" * (1024 * 1024 + 1)}})),
    Case(
        "empty maps and nulls",
        POST(MAPS, {**meta(labels={}, annotations=None), "data": {}, "binaryData": None}),
        PATCH(f"{MAPS}/a", {"data": {"a": ""}}),
        PATCH(f"{MAPS}/a", {"data": None}),
    ),
    Case("nulls in maps", POST(MAPS, {**meta(labels={"a": None}), "data": {"k": None}})),
]

CUSTOM = [
    Case(
        "a custom object",
        CRD(),
        POST(WIDGETS, widget()),
        OPEN(f"{WIDGETS}?watch=1&timeoutSeconds=1"),
        REST(3),
    ),
    Case(
        "a cluster-scoped custom object",
        CRD(scope="Cluster"),
        POST("/apis/{group}/v1/widgets", widget()),
        GET("/apis/{group}/v1/widgets/a"),
        POST("/apis/{group}/v1/widgets", {**widget(), **meta(namespace="{ns}")}),
        GET(f"{WIDGETS}/a"),
        POST(WIDGETS, widget()),
        DELETE("/apis/{group}/v1/widgets/a"),
    ),
    Case(
        "a custom object's life",
        CRD(STATUS, version={"subresources": {"status": {}}}),
        POST(WIDGETS, widget(spec={"a": 1}), name="made"),
        GET(f"{WIDGETS}/a"),
        GET("/apis/{group}/v1/widgets"),
        PUT(
            f"{WIDGETS}/a",
            {**widget(spec={"a": 2}), **meta(resourceVersion="{made.metadata.resourceVersion}")},
            name="put",
        ),
        PUT(
            f"{WIDGETS}/a/status", {**widget(status={"b": 2}), **meta(resourceVersion="{put.metadata.resourceVersion}")}
        ),
        GET(f"{WIDGETS}/a/status"),
        DELETE(f"{WIDGETS}/a"),
        GET(f"{WIDGETS}/a"),
        GET(f"{WIDGETS}/a/status"),
    ),
    Case(
        "a watch tells of each change",
        POST(MAPS, {"metadata": {"name": "a"}}),
        OPEN(f"{MAPS}?watch=1&resourceVersion={{0.metadata.resourceVersion}}", name="w"),
        PATCH(f"{MAPS}/a", {"data": {"k": "v"}}),
        DELETE(f"{MAPS}/a"),
        EVENTS("w", 2),
    ),
]

CASES = [*CREATE, *UPDATE, *GENERATION, *CONTENT, *CUSTOM]
