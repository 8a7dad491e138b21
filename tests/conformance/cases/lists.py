"""Lists: versions, pages, selectors. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from tests.conformance.case import CRD, DELETE, GET, PATCH, POST, Case, Step
from tests.conformance.making import widget

MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


def pod(name: str = "a", labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"containers": [{"name": "c", "image": "i"}], **spec},
    }


def maps(*names: str) -> list[Step]:
    return [POST(MAPS, meta(name)) for name in names]


def token(**fields: Any) -> str:
    text = json.dumps(fields, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


VERSIONS = [
    Case("a list", maps("b", "a", "c"), GET(MAPS)),
    Case("an empty list", GET(MAPS), CRD(), GET(WIDGETS)),
    Case(
        "a list of custom objects",
        CRD(),
        POST(WIDGETS, widget("b")),
        POST(WIDGETS, widget("a")),
        GET(WIDGETS),
        GET("/apis/{group}/v1/widgets"),
    ),
    Case("items say neither kind nor version", maps("a"), GET(MAPS), GET("/api/v1/namespaces/{ns}/secrets")),
    Case(
        "any version", maps("a"), GET(MAPS), GET(f"{MAPS}?resourceVersion=0"), GET(f"{MAPS}?resourceVersion=0&limit=1")
    ),
    Case(
        "not older than a version",
        maps("a", "b"),
        GET(MAPS),
        GET(f"{MAPS}?resourceVersion={{0.metadata.resourceVersion}}"),
        GET(f"{MAPS}?resourceVersion={{0.metadata.resourceVersion}}&resourceVersionMatch=NotOlderThan"),
        GET(f"{MAPS}?resourceVersion=0&resourceVersionMatch=NotOlderThan"),
        GET(f"{MAPS}?resourceVersion={{0.metadata.resourceVersion}}&resourceVersionMatch=NotOlderThan&limit=1"),
    ),
    Case(
        "exactly a version",
        maps("a", "b"),
        DELETE(f"{MAPS}/a"),
        PATCH(f"{MAPS}/b", {"data": {"k": "v"}}),
        GET(f"{MAPS}?resourceVersion={{0.metadata.resourceVersion}}&resourceVersionMatch=Exact"),
        GET(f"{MAPS}?resourceVersion={{1.metadata.resourceVersion}}&resourceVersionMatch=Exact"),
        GET(f"{MAPS}?resourceVersion={{1.metadata.resourceVersion}}&resourceVersionMatch=Exact&limit=1"),
        GET(f"{MAPS}?resourceVersion={{1.metadata.resourceVersion}}&limit=1"),
        GET(f"{MAPS}?resourceVersion={{3.metadata.resourceVersion}}&resourceVersionMatch=Exact"),
        GET(f"{MAPS}?resourceVersion={{3.metadata.resourceVersion}}&resourceVersionMatch=Exact&labelSelector=a%3Db"),
    ),
    Case(
        "exactly a version of custom objects",
        CRD(),
        POST(WIDGETS, widget("a"), name="a"),
        POST(WIDGETS, widget("b"), name="b"),
        DELETE(f"{WIDGETS}/a"),
        GET(f"{WIDGETS}?resourceVersion={{a.metadata.resourceVersion}}&resourceVersionMatch=Exact"),
        GET(f"{WIDGETS}?resourceVersion={{b.metadata.resourceVersion}}&resourceVersionMatch=Exact"),
    ),
    *[
        Case(f"list options that are wrong: {query}", GET(f"{MAPS}?{query}"))
        for query in (
            "resourceVersion=x",
            "resourceVersion=-1",
            "resourceVersion=1.5",
            "resourceVersion=01",
            "resourceVersionMatch=Exact",
            "resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch=Other",
            "resourceVersion=0&resourceVersionMatch=Exact",
            "resourceVersion=0&resourceVersionMatch=Other",
            "resourceVersion=5&resourceVersionMatch=exact",
            "sendInitialEvents=true",
            "sendInitialEvents=false",
            "limit=x",
            "limit=-1",
            "limit=99999999999999999999",
            "continue=abc",
            "continue=%25",
            "continue=e30",
            "timeoutSeconds=x",
            "allowWatchBookmarks=x",
            "watch=nonsense&timeoutSeconds=1",
            "watch=false",
            "watch=0",
            "watch=FALSE",
        )
    ],
    Case(
        "options with a token",
        maps("a", "b"),
        GET(f"{MAPS}?limit=1", name="page"),
        GET(f"{MAPS}?limit=1&continue={{page.metadata.continue}}&resourceVersion={{page.metadata.resourceVersion}}"),
        GET(f"{MAPS}?limit=1&continue={{page.metadata.continue}}&resourceVersion=0"),
        GET(
            f"{MAPS}?limit=1&continue={{page.metadata.continue}}&resourceVersionMatch=Exact&resourceVersion={{page.metadata.resourceVersion}}"
        ),
        GET(f"{MAPS}?limit=1&continue={{page.metadata.continue}}&resourceVersionMatch=NotOlderThan"),
    ),
    Case(
        "tokens that are wrong",
        *[
            GET(f"{MAPS}?continue={text}")
            for text in (
                token(v="meta.k8s.io/v2", rv=5, start="a"),
                token(v="meta.k8s.io/v1", rv=0, start="a"),
                token(v="meta.k8s.io/v1", rv=5, start=""),
                token(v="meta.k8s.io/v1", rv=5),
                token(v="meta.k8s.io/v1", rv="5", start="a"),
                token(v="meta.k8s.io/v1", rv=5, start="../a"),
                token(rv=5, start="a"),
                "x",
                quote(base64.b64encode(b"[]").decode()),
                quote(base64.b64encode(b"{").decode()),
            )
        ],
    ),
]

PAGES = [
    Case(
        "pages show one version",
        maps("a", "b", "c", "d"),
        GET(f"{MAPS}?limit=2", name="one"),
        POST(MAPS, meta("bb")),
        DELETE(f"{MAPS}/c"),
        PATCH(f"{MAPS}/d", {"data": {"k": "v"}}),
        GET(f"{MAPS}?limit=1&continue={{one.metadata.continue}}", name="two"),
        GET(f"{MAPS}?limit=1&continue={{two.metadata.continue}}"),
        GET(f"{MAPS}?continue={{one.metadata.continue}}"),
        GET(MAPS),
    ),
    Case(
        "a page as large as the list",
        maps("a", "b"),
        GET(f"{MAPS}?limit=2"),
        GET(f"{MAPS}?limit=3"),
        GET(f"{MAPS}?limit=0"),
    ),
    Case("a page of nothing", GET(f"{MAPS}?limit=1")),
    Case(
        "pages of custom objects",
        CRD(),
        *[POST(WIDGETS, widget(name)) for name in "abc"],
        GET(f"{WIDGETS}?limit=2", name="one"),
        GET(f"{WIDGETS}?limit=2&continue={{one.metadata.continue}}"),
    ),
    Case(
        "pages with a selector do not say what remains",
        *[
            POST(MAPS, meta(name, labels={"k": value}))
            for name, value in (("a", "x"), ("b", "y"), ("c", "x"), ("d", "x"))
        ],
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dx", name="one"),
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dx&continue={{one.metadata.continue}}", name="two"),
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dx&continue={{two.metadata.continue}}"),
        GET(f"{MAPS}?limit=2&labelSelector=k%3Dy"),
        GET(f"{MAPS}?limit=1&fieldSelector=metadata.name%3Da"),
    ),
    Case(
        "pages with a selector go on where anything is left",
        POST(MAPS, {"metadata": {"name": "a", "labels": {"k": "x"}}}),
        maps("b", "c"),
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dx", name="one"),
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dx&continue={{one.metadata.continue}}"),
        GET(f"{MAPS}?limit=1&labelSelector=k%3Dnone"),
        GET(f"{MAPS}?limit=1&fieldSelector=metadata.name%3Da"),
    ),
    Case(
        "terms of a field selector are read in the order of their texts",
        GET(f"{MAPS}?fieldSelector={quote('metadata.name in (a,b)')}"),
        GET(f"{MAPS}?fieldSelector={quote('z,a')}"),
    ),
    Case(
        "a watch of one object is held to its name",
        GET("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1&fieldSelector=metadata.name%3Db"),
        GET("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1&fieldSelector=metadata.name!%3Db"),
        GET("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1&fieldSelector=metadata.name%3Da"),
    ),
    Case(
        "what is looked up by its name has one page",
        CRD(scope="Cluster"),
        POST("/apis/{group}/v1/widgets", widget("a")),
        POST("/apis/{group}/v1/widgets", widget("b")),
        GET("/apis/{group}/v1/widgets?limit=1&fieldSelector=metadata.name%3Da"),
        maps("a", "b"),
        GET(f"{MAPS}?limit=1&fieldSelector=metadata.name%3Da"),
        GET("/api/v1/configmaps?limit=1&fieldSelector=metadata.name%3Da,metadata.namespace%3D{ns}"),
    ),
    Case("a page of any version is the whole list", maps("a", "b"), GET(f"{MAPS}?limit=1&resourceVersion=0")),
    Case(
        "a page that goes on after its last object was deleted",
        maps("a", "b", "c"),
        GET(f"{MAPS}?limit=2", name="one"),
        DELETE(f"{MAPS}/b"),
        DELETE(f"{MAPS}/c"),
        GET(f"{MAPS}?limit=2&continue={{one.metadata.continue}}"),
    ),
]

LABEL_QUERIES = [
    "k",
    "!k",
    "k=x",
    "k==x",
    "k!=x",
    "k in (x)",
    "k in (x,y)",
    "k notin (x)",
    "k in (x), other",
    "k=x,other=1",
    "k,!other",
    "k=",
    "k in ()",
    "k in (x,,y)",
    "n>1",
    "n<2",
    "n>1,n<5",
    "x.io/y=z",
    " k = x ",
    "k in ( x , y )",
    "!other,k notin(x,y)",
    "k!=",
    "k=x,k=y",
    "missing!=a",
    "missing notin (a)",
    "n gt 1",
]
WRONG_LABELS = [
    "k in",
    "k in x",
    "k in (x",
    "k=(x)",
    "=x",
    "k=x=y",
    "k,,x",
    ",",
    "k,",
    "k !x",
    "!k=x",
    "k notin",
    "!",
    "k=a b",
    "k b",
    "a/b/c=d",
    "k=ü",
    "k>x",
    "k>1.5",
    "k=-a",
    "a b=c",
    "k in (a b)",
    "-k",
    "k in (x))",
    "k=x,=y",
    "(",
    "k<",
    "x" * 64,
    f"k={'x' * 64}",
    "k in (-a)",
    "K/=x",
    "k ! = x",
    "k=='x'",
]
LABELS = [
    Case(
        "label selectors",
        POST(MAPS, meta("a", labels={"k": "x", "n": "1"})),
        POST(MAPS, meta("b", labels={"k": "y", "n": "2", "other": "1"})),
        POST(MAPS, meta("c", labels={"k": "", "n": "3", "x.io/y": "z"})),
        POST(MAPS, meta("d", labels={"n": "x"})),
        POST(MAPS, meta("e")),
        *[
            GET(
                f"{MAPS}?labelSelector={quote(query)}",
                accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            )
            for query in LABEL_QUERIES
        ],
    ),
    Case(
        "label selectors that cannot be read", *[GET(f"{MAPS}?labelSelector={quote(query)}") for query in WRONG_LABELS]
    ),
    Case(
        "a custom resource's label selectors that cannot be read",
        CRD(),
        *[GET(f"{WIDGETS}?labelSelector={quote(query)}") for query in ("k in", "k=a b")],
    ),
    Case("an empty label selector", maps("a"), GET(f"{MAPS}?labelSelector="), GET(f"{MAPS}?labelSelector=%20")),
]

FIELD_QUERIES = [
    "metadata.name=a",
    "metadata.name!=a",
    "metadata.name==a",
    "metadata.namespace={ns}",
    "metadata.namespace=other",
    "metadata.name=a,metadata.namespace={ns}",
    "metadata.name=",
    "metadata.name=a,",
    "",
]
WRONG_FIELDS = [
    "x=y",
    "metadata.uid=1",
    "data.k=v",
    "metadata.name",
    "metadata.name>a",
    "=a",
    "metadata.name=a=b",
    "metadata.name in (a)",
    "metadata.labels=x",
    ".metadata.name=a",
    "metadata.name=a\\",
    "metadata.name=a\\x",
    "metadata.name=a\\,b",
]
#: The fields that a type can be selected by beside its name and namespace, and some that it cannot.
TYPE_FIELDS = {
    "/api/v1/namespaces/{ns}/pods": (
        "spec.nodeName=",
        "spec.nodeName=n",
        "status.phase=Pending",
        "status.phase!=Pending",
        "spec.restartPolicy=Always",
        "spec.schedulerName=default-scheduler",
        "spec.serviceAccountName=",
        "spec.hostNetwork=false",
        "status.podIP=",
        "status.podIPs=",
        "status.nominatedNodeName=",
        "spec.hostNetwork=true",
        "spec.containers=x",
        "status.hostIP=x",
    ),
    "/api/v1/nodes": ("spec.unschedulable=true", "spec.podCIDR=x", "metadata.namespace=a"),
    "/api/v1/namespaces": ("status.phase=Never", "name={ns}", "metadata.name={ns}", "spec.finalizers=x"),
    "/api/v1/namespaces/{ns}/secrets": ("type=Opaque", "type!=Opaque", "data=x"),
    "/api/v1/namespaces/{ns}/services": ("spec.clusterIP=None", "spec.type=ClusterIP", "spec.externalName=x"),
    "/api/v1/namespaces/{ns}/events": (
        "involvedObject.kind=Pod",
        "involvedObject.name=a",
        "involvedObject.namespace={ns}",
        "involvedObject.uid=x",
        "involvedObject.apiVersion=v1",
        "involvedObject.resourceVersion=1",
        "involvedObject.fieldPath=x",
        "reason=x",
        "reportingComponent=x",
        "source=x",
        "type=Normal",
        "message=x",
    ),
    "/apis/events.k8s.io/v1/namespaces/{ns}/events": (
        "regarding.name=a",
        "regarding.kind=Pod",
        "reason=x",
        "reportingController=x",
        "type=Normal",
        "involvedObject.name=a",
    ),
    "/api/v1/namespaces/{ns}/replicationcontrollers": ("status.replicas=0", "spec.replicas=1"),
    "/apis/apps/v1/namespaces/{ns}/replicasets": ("status.replicas=0", "spec.replicas=1"),
    "/apis/apps/v1/namespaces/{ns}/deployments": ("spec.replicas=1", "status.replicas=0"),
    "/apis/batch/v1/namespaces/{ns}/jobs": ("status.successful=0", "spec.parallelism=1"),
    "/apis/certificates.k8s.io/v1/certificatesigningrequests": ("spec.signerName=x.io/y", "spec.username=x"),
    "/apis/rbac.authorization.k8s.io/v1/clusterroles": ("metadata.name=none-{id}", "rules=x"),
    "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases": ("spec.holderIdentity=x",),
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": ("metadata.name=none-{id}", "spec.group=x"),
    "/apis/storage.k8s.io/v1/storageclasses": ("metadata.name=none-{id}", "provisioner=x"),
    "/apis/resource.k8s.io/v1/resourceslices": ("spec.nodeName=x", "spec.driver=y", "spec.pool.name=x"),
    "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices": ("addressType=IPv4",),
    "/api/v1/namespaces/{ns}/persistentvolumeclaims": ("spec.volumeName=x", "status.phase=Bound"),
    "/api/v1/persistentvolumes": ("name=none-{id}", "spec.claimRef.name=x"),
}
FIELDS = [
    Case(
        "field selectors",
        maps("a", "b"),
        *[
            GET(
                f"{MAPS}?fieldSelector={quote(query, safe='{}')}",
                accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            )
            for query in FIELD_QUERIES
        ],
    ),
    Case("field selectors that are refused", *[GET(f"{MAPS}?fieldSelector={quote(query)}") for query in WRONG_FIELDS]),
    Case(
        "field selectors of custom objects",
        CRD(),
        POST(WIDGETS, widget()),
        *[
            GET(f"{WIDGETS}?fieldSelector={quote(query, safe='{}')}")
            for query in (
                "metadata.name=a",
                "metadata.namespace={ns}",
                "metadata.name!=a",
                "spec.x=y",
                "metadata.uid=x",
            )
        ],
    ),
    Case(
        "a CRD's selectable fields",
        CRD(
            {
                "type": "object",
                "properties": {
                    "spec": {
                        "type": "object",
                        "properties": {
                            "color": {"type": "string"},
                            "size": {"type": "integer"},
                            "on": {"type": "boolean"},
                        },
                    }
                },
            },
            version={
                "selectableFields": [{"jsonPath": ".spec.color"}, {"jsonPath": ".spec.size"}, {"jsonPath": ".spec.on"}]
            },
        ),
        POST(WIDGETS, widget("a", spec={"color": "red", "size": 1, "on": True})),
        POST(WIDGETS, widget("b", spec={"color": "blue"})),
        POST(WIDGETS, widget("c")),
        *[
            GET(
                f"{WIDGETS}?fieldSelector={quote(query)}",
                accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            )
            for query in (
                "spec.color=red",
                "spec.color!=red",
                "spec.color=",
                "spec.size=1",
                "spec.on=true",
                "spec.on=false",
                "spec.color=red,metadata.name=a",
                "spec.other=x",
                "spec.size=x",
            )
        ],
    ),
    *[
        Case(
            f"fields to select {path.rpartition('/')[2]} of {path.split('/')[2] if path.startswith('/apis') else 'core'} by",
            *[
                GET(
                    f"{path}?fieldSelector={quote(query, safe='{}')}",
                    accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                )
                for query in queries
            ],
        )
        for path, queries in TYPE_FIELDS.items()
    ],
    Case(
        "pods by their fields",
        POST("/api/v1/nodes", {"metadata": {"name": "{id}"}}),
        POST(PODS, pod("a")),
        POST(PODS, pod("b", nodeName="{id}", restartPolicy="Never", serviceAccountName="me", hostNetwork=True)),
        PATCH(
            f"{PODS}/b/status",
            {
                "status": {
                    "phase": "Running",
                    "podIP": "10.1.2.3",
                    "podIPs": [{"ip": "10.1.2.3"}],
                    "hostIP": "10.9.9.9",
                    "hostIPs": [{"ip": "10.9.9.9"}],
                }
            },
        ),
        *[
            GET(
                f"{PODS}?fieldSelector={quote(query, safe='{}')}",
                accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            )
            for query in (
                "spec.nodeName={id}",
                "spec.nodeName!={id}",
                "spec.nodeName=",
                "status.phase=Running",
                "status.phase=Pending",
                "spec.restartPolicy=Never",
                "spec.serviceAccountName=me",
                "status.podIP=10.1.2.3",
                "spec.hostNetwork=true",
                "spec.hostNetwork=false",
                "spec.nodeName={id},status.phase=Running",
                "spec.schedulerName!=x",
            )
        ],
    ),
    Case(
        "secrets by their type",
        POST("/api/v1/namespaces/{ns}/secrets", meta("a")),
        POST("/api/v1/namespaces/{ns}/secrets", {**meta("b"), "type": "x.io/y"}),
        GET("/api/v1/namespaces/{ns}/secrets?fieldSelector=type%3DOpaque"),
        GET("/api/v1/namespaces/{ns}/secrets?fieldSelector=type%21%3DOpaque"),
    ),
]

GZIP = [
    Case(
        "small answers are not compressed",
        maps("a"),
        GET(MAPS, accept_encoding="gzip"),
        GET(f"{MAPS}/a", accept_encoding="gzip"),
    ),
    Case(
        "large answers are compressed when asked",
        POST(MAPS, {**meta(), "data": {"k": "x" * 140_000}}),
        GET(MAPS, accept_encoding="gzip"),
        GET(MAPS, accept_encoding="gzip, deflate, br"),
        GET(MAPS, accept_encoding="identity"),
        GET(MAPS, accept_encoding="gzip;q=0"),
        GET(MAPS),
        GET(f"{MAPS}/a", accept_encoding="gzip"),
        GET(MAPS, accept_encoding="*"),
        GET(MAPS, accept_encoding="deflate"),
    ),
]

#: Of custom objects: what was asked for before their watch cache began is read from etcd, which has forgotten it.
EXPIRED = [
    Case(
        "a page that is too old can be gone on with",
        CRD(),
        *[POST(WIDGETS, widget(name)) for name in "abc"],
        GET(f"{WIDGETS}?limit=1&continue={token(v='meta.k8s.io/v1', rv=1, start='a' + chr(0))}", name="gone"),
        GET(f"{WIDGETS}?limit=1&continue={{gone.metadata.continue}}", name="rest"),
        GET(f"{WIDGETS}?continue={{rest.metadata.continue}}&labelSelector=x"),
    ),
    Case(
        "versions that are too old",
        CRD(),
        POST(WIDGETS, widget()),
        GET(f"{WIDGETS}?resourceVersion=1&resourceVersionMatch=Exact"),
        GET(f"{WIDGETS}?resourceVersion=1&resourceVersionMatch=Exact&limit=1"),
        GET(f"{WIDGETS}?resourceVersion=1&limit=1"),
        GET(WIDGETS),
        GET(f"{WIDGETS}/a?resourceVersion=1"),
        GET(f"{WIDGETS}?resourceVersion=1"),
        GET(f"{WIDGETS}?resourceVersion=1&resourceVersionMatch=NotOlderThan"),
    ),
]

CASES = [*VERSIONS, *PAGES, *LABELS, *FIELDS, *GZIP, *EXPIRED]
