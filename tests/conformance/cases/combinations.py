"""Every combination of the parameters of lists and watches, good and bad ones. https://kubernetes.io/docs/reference/using-api/api-concepts/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from tests.conformance.case import DELETE, EVENTS, GET, OPEN, PATCH, POST, PUT, REST, Case, Step

__all__ = ["CASES"]

MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
PARTIAL = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def named(name: str, **parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **parts}}


MAKE = [POST(MAPS, named("a", labels={"k": "x"})), POST(MAPS, named("b", labels={"k": "y"})), PUT(f"{MAPS}/a", {**named("a", labels={"k": "x"}), "data": {"c": "1"}})]  # fmt: skip
#: Of the first object, of the last write, of now.
VERSIONS = ("", "0", "{1.metadata.resourceVersion}", "{2.metadata.resourceVersion}", "x", "-1", "0x1", "18446744073709551615", "18446744073709551616")  # fmt: skip
MATCHES = ("", "Exact", "NotOlderThan", "exact", "X")
LIMITS = ("", "1", "0", "-1", "x")


def asked(path: str, **query: str) -> str:
    said = "&".join(f"{name}={value}" for name, value in query.items() if value)
    return f"{path}?{said}" if said else path


def lists(version: str, limit: str) -> Iterator[Step]:
    # A version that is yet to come takes three seconds to be refused.
    for match in MATCHES:
        yield GET(asked(MAPS, resourceVersion=version, resourceVersionMatch=match, limit=limit), accept=PARTIAL)


def tokens() -> Iterator[Step]:
    first = f"{MAPS}?limit=1"
    yield GET(first, accept=PARTIAL, name="page")
    for query in (
        "",
        "&resourceVersion=0",
        "&resourceVersion={2.metadata.resourceVersion}",
        "&resourceVersionMatch=Exact",
        "&resourceVersionMatch=NotOlderThan",
        "&resourceVersion=0&resourceVersionMatch=NotOlderThan",
        "&resourceVersion={2.metadata.resourceVersion}&resourceVersionMatch=Exact",
        "&resourceVersion=x",
        "&labelSelector=k%3Dy",
        "&fieldSelector=metadata.name%3Db",
    ):
        yield GET(f"{first}&continue={{page.metadata.continue}}{query}", accept=PARTIAL)
    yield GET(f"{MAPS}?continue={{page.metadata.continue}}", accept=PARTIAL)
    yield GET(f"{MAPS}?limit=0&continue={{page.metadata.continue}}", accept=PARTIAL)
    yield GET(f"{PODS}?limit=1&continue={{page.metadata.continue}}", accept=PARTIAL)
    for token in ("x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "e30", "%20"):
        yield GET(f"{MAPS}?limit=1&continue={token}", accept=PARTIAL)


INITIAL = ("", "true", "false", "x")
BOOKMARKS = ("", "true", "x")


def watches(queries: Sequence[str]) -> Iterator[Step]:
    at = len(MAKE)
    for query in queries:
        yield OPEN(f"{MAPS}?watch=1&timeoutSeconds=1{query}")
        # Whatever is not "false" or "0" is true.
        marked = "allowWatchBookmarks=" in query or "sendInitialEvents=" in query
        yield EVENTS(at, _certain(query)) if marked else REST(at)
        at += 2


def _certain(query: str) -> int:
    """How many events come at once; bookmarks beyond the one that ends the initial events come when the server has time."""
    if "sendInitialEvents=true" in query or "sendInitialEvents=x" in query:
        return 3
    from_now = "sendInitialEvents=false" in query or "metadata.resourceVersion}" in query
    return 0 if from_now else 2


def watched(version: str, match: str) -> list[str]:
    found: list[str] = []
    for initial, bookmarks in product(INITIAL, BOOKMARKS):
        said = (("resourceVersion", version), ("resourceVersionMatch", match), ("sendInitialEvents", initial), ("allowWatchBookmarks", bookmarks))  # fmt: skip
        found.append("".join(f"&{name}={value}" for name, value in said if value))
    return found


ODD = (
    "&limit=1",
    "&limit=x",
    "&continue=x",
    "&pretty=true",
    "&nonsense=1",
    "&labelSelector=k%3D%3D%3Dx",
    "&labelSelector=k+in",
    "&labelSelector=k+in+(x,y)",
    "&labelSelector=!k",
    "&labelSelector=k!%3Dx",
    "&labelSelector=k%3E1",
    "&fieldSelector=metadata.name%3Da",
    "&fieldSelector=metadata.name!%3Da",
    "&fieldSelector=metadata.namespace%3D{ns}",
    "&fieldSelector=metadata.uid%3Dx",
    "&fieldSelector=x",
    "&fieldSelector=metadata.name%3Da,metadata.name%3Db",
    "&fieldSelector=metadata.name%3Da%3Db",
    "&timeoutSeconds=2",
)
TIMES = ("timeoutSeconds=x", "timeoutSeconds=-1", "timeoutSeconds=1.5", "watch=x&timeoutSeconds=1", "watch=false", "watch=0&limit=1", "watch=&timeoutSeconds=1", "watch=T&timeoutSeconds=1", "watch=TRUE&timeoutSeconds=1")  # fmt: skip
#: Which fields each type can be selected by, and some that it cannot.
FIELDS = {
    "/api/v1/namespaces/{ns}/pods": ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName", "spec.x"),
    "/api/v1/namespaces/{ns}/events": ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type", "x"),
    "/apis/events.k8s.io/v1/namespaces/{ns}/events": ("regarding.kind", "involvedObject.kind", "reason", "reportingController", "type"),
    "/api/v1/namespaces/{ns}/secrets": ("type", "data"),
    "/api/v1/namespaces/{ns}/services": ("spec.clusterIP", "spec.type", "spec.x"),
    "/api/v1/namespaces/{ns}/replicationcontrollers": ("status.replicas", "spec.replicas"),
    "/api/v1/namespaces/{ns}/persistentvolumeclaims": ("status.phase", "spec.volumeName"),
    "/api/v1/persistentvolumes": ("status.phase", "name", "spec.x"),
    "/api/v1/namespaces": ("status.phase", "name", "spec.x"),
    "/api/v1/nodes": ("spec.unschedulable", "spec.podCIDR", "name"),
    "/apis/apps/v1/namespaces/{ns}/replicasets": ("status.replicas", "spec.replicas"),
    "/apis/apps/v1/namespaces/{ns}/deployments": ("status.replicas", "spec.replicas"),
    "/apis/apps/v1/namespaces/{ns}/statefulsets": ("status.successful",),
    "/apis/batch/v1/namespaces/{ns}/jobs": ("status.successful", "status.active"),
    "/apis/batch/v1/namespaces/{ns}/cronjobs": ("status.successful",),
    "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses": ("spec.ingressClassName",),
    "/apis/certificates.k8s.io/v1/certificatesigningrequests": ("spec.signerName", "spec.username"),
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles": ("rules",),
    "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases": ("spec.holderIdentity",),
    "/apis/storage.k8s.io/v1/storageclasses": ("provisioner",),
    "/apis/resource.k8s.io/v1/resourceslices": ("spec.nodeName", "spec.driver"),
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": ("spec.group",),
}  # fmt: skip
LABELS = ("k", "!k", "k=x", "k==x", "k!=x", "k in (x)", "k in (x,y)", "k notin (x)", "k in ()", "k in x", "k in (x", "k>1", "k<1", "k>x", "k=x,k=y", "k=x,!z", ",", "k=", "k=x y", "a b=x", "=x", "k in (x),", "in in (in)", "notin", "-k=x", "a/b/c=x", "A.b/c", "k=x=y", "()", "k x", "!k=x", "!!k", "k=-x", "x" * 64, "k=" + "x" * 64)  # fmt: skip


def quoted(text: str) -> str:
    return "".join(each if each.isalnum() else f"%{ord(each):02X}" for each in text)


CASES = [
    *(
        Case(f"lists at {version or 'no version'}, limited to {limit or 'nothing'}", *MAKE, *lists(version, limit))
        for version in (*VERSIONS[:3], *VERSIONS[4:-2])
        for limit in LIMITS
    ),
    Case(
        "lists of exactly the last write",
        *MAKE,
        *(
            GET(asked(MAPS, resourceVersion=VERSIONS[3], resourceVersionMatch="Exact", limit=limit), accept=PARTIAL)
            for limit in LIMITS
        ),
    ),
    Case("lists at versions that are too large", *MAKE, *lists(VERSIONS[-1], "")),
    Case("lists of a version of far ahead", *MAKE, GET(asked(MAPS, resourceVersion=VERSIONS[-2]), accept=PARTIAL)),
    Case("tokens and other parameters", *MAKE, *tokens()),
    *(
        Case(f"watches from {version or 'no version'}, matching {match or 'nothing'}", *MAKE, *watches(watched(version, match)))
        for version in ("", "0", "{2.metadata.resourceVersion}", "x", "-1")
        for match in ("", "NotOlderThan", "Exact", "X")
    ),
    Case("watches with odd parameters", *MAKE, *watches(ODD)),
    *(Case(f"asked with {query}", *MAKE, GET(f"{MAPS}?{query}")) for query in TIMES),
    *(
        Case(
            f"fields of {path.rpartition('/')[2]} of {path.split('/')[2]}",
            *(
                GET(f"{path}?fieldSelector={field}{quoted(operator)}none", accept=PARTIAL)
                for field in ("metadata.name", "metadata.namespace", "metadata.labels", *fields)
                for operator in ("=",)
            ),
        )
        for path, fields in FIELDS.items()
    ),
    Case("labels", *MAKE, *(GET(f"{MAPS}?labelSelector={quoted(text)}", accept=PARTIAL) for text in LABELS)),
    Case(
        "one object, asked with versions",
        *MAKE,
        *(
            GET(asked(f"{MAPS}/a", resourceVersion=version, resourceVersionMatch=match))
            for version in ("", "0", "{1.metadata.resourceVersion}", "x", "-1")
            for match in ("", "Exact", "X")
        ),
        GET(f"{MAPS}/a?labelSelector=k%3Dz&fieldSelector=x&limit=x"),
        GET(f"{MAPS}/a?watch=1&timeoutSeconds=1"),
        GET(f"{MAPS}/none?resourceVersion=0"),
    ),
    Case(
        "collections that are deleted",
        *MAKE,
        DELETE(f"{MAPS}?labelSelector=k%3D%3D%3Dx"),
        DELETE(f"{MAPS}?fieldSelector=x%3Dy"),
        DELETE(f"{MAPS}?labelSelector=k%3Dnone", accept=PARTIAL),
        DELETE(f"{MAPS}?fieldSelector=metadata.name%3Da&dryRun=All", accept=PARTIAL),
        DELETE(f"{MAPS}?resourceVersion=x"),
        DELETE(f"{MAPS}?resourceVersion=0&fieldSelector=metadata.name%3Dnone", accept=PARTIAL),
        DELETE(f"{MAPS}?limit=x"),
        DELETE(f"{MAPS}?limit=1&fieldSelector=metadata.name%3Dnone", accept=PARTIAL),
        DELETE(f"{MAPS}?gracePeriodSeconds=-1"),
        DELETE(f"{MAPS}?gracePeriodSeconds=x"),
        DELETE(f"{MAPS}?propagationPolicy=x"),
        DELETE(f"{MAPS}?orphanDependents=true&propagationPolicy=Foreground"),
        DELETE(f"{MAPS}?orphanDependents=x"),
        DELETE(MAPS, {"preconditions": {"uid": "x"}}),
        DELETE(MAPS, {"preconditions": {"resourceVersion": "1"}}),
        DELETE(f"{MAPS}?labelSelector=k+in+(x)", accept=PARTIAL),
        GET(MAPS, accept=PARTIAL),
        DELETE(MAPS, accept=PARTIAL),
        DELETE(MAPS, accept=PARTIAL),
    ),
    Case(
        "an object that comes and goes by its labels and fields",
        POST(PODS, {**named("a", labels={"k": "x"}), "spec": {"containers": [{"name": "c", "image": "i"}]}}),
        *(
            step
            for n, query in enumerate(
                ("labelSelector=k%3Dx", "labelSelector=k!%3Dx", "labelSelector=!k", "fieldSelector=status.phase%3DRunning", "fieldSelector=status.phase!%3DRunning", "fieldSelector=spec.nodeName%3D&labelSelector=k")
            )
            for step in [OPEN(f"{PODS}?watch=1&timeoutSeconds=4&resourceVersion={{0.metadata.resourceVersion}}&{query}", name=f"w{n}")]
        ),
        PATCH(f"{PODS}/a", {"metadata": {"labels": {"k": "y"}}}),
        PATCH(f"{PODS}/a/status", {"status": {"phase": "Running"}}),
        PATCH(f"{PODS}/a", {"metadata": {"labels": {"k": None}}}),
        PATCH(f"{PODS}/a/status", {"status": {"phase": "Failed"}}),
        PATCH(f"{PODS}/a", {"metadata": {"labels": {"k": "x"}}}),
        DELETE(f"{PODS}/a?gracePeriodSeconds=0"),
        *(REST(f"w{n}") for n in range(6)),
    ),
    Case(
        "watches of one object and of subresources",
        *MAKE,
        OPEN("/api/v1/watch/namespaces/{ns}/configmaps?timeoutSeconds=1"),
        REST(3),
        OPEN("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1"),
        REST(5),
        GET("/api/v1/watch/namespaces/{ns}/nothing"),
        POST("/api/v1/watch/namespaces/{ns}/configmaps", named("c")),
        GET(f"{PODS}/a/status?watch=1&timeoutSeconds=1"),
        GET(f"{PODS}/a/log?watch=1"),
        GET(f"{MAPS}/a/status"),
    ),
]  # fmt: skip
