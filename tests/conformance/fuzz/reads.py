"""Lists, watches, forms of answers, and requests that are wrong before anything is read: paths, methods, queries, media types."""

from __future__ import annotations

import random
from typing import Any

from tests.conformance.builtins import collection, listable
from tests.conformance.case import EVENTS, GET, OPEN, PATCH, POST, REST, SEND, Case, Step
from tests.conformance.samples import SAMPLES, sample

__all__ = ["errors", "forms", "watches"]

MAPS = "/api/v1/namespaces/{ns}/configmaps"
_ACCEPTS = (
    "application/json", "*/*", "", "application/yaml", "text/html", "application/*", "text/*", "application/json;q=0.5, application/yaml", "application/json;as=Table;g=meta.k8s.io;v=v1", "application/json;as=Table;g=meta.k8s.io;v=v1beta1",
    "application/json;as=Table;g=meta.k8s.io;v=v1,application/json", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/json;as=Nothing;g=meta.k8s.io;v=v1", "application/json;as=Table;g=x;v=v1", "application/json;as=Table", "application/json;stream=watch",
    "application/json;pretty=1", "application/json; charset=utf-8", "application/cbor", "nonsense", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json;q=0.1",
    "application/yaml, application/json", "application/json;version=2", "application/json;v=v1",
)  # fmt: skip
_PATHS = (
    "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/apis/none.io", "/apis/apps/v9", "/api/v2", "/version", "/healthz", "/livez", "/readyz", "/nothing", "/api/v1/nothing",
    "/api/v1/namespaces/{ns}", "/api/v1/namespaces/{ns}/", "/api/v1/namespaces/{ns}/nothing", f"{MAPS}/", f"{MAPS}/a", f"{MAPS}/none", MAPS, "/api/v1/configmaps", "/api/v1/configmaps/a", "/api/v1/nodes/none", "/api/v1/watch/namespaces",
    f"{MAPS}/a/status", f"{MAPS}/a/scale", "/api/v1/namespaces/{ns}/pods/none/log", "/api/v1/namespaces/{ns}/pods/none/nothing", "/apis/apps/v1/namespaces/{ns}/deployments/none/scale", "/apis/apps/v1/deployments", "/metrics/none",
    "/api/v1/watch/namespaces/{ns}/configmaps/none?timeoutSeconds=1", "/api/v1/namespaces/{ns}/serviceaccounts/none/token", "/api/v1/namespaces/{ns}/bindings", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "/logs", "/debug/none",
)  # fmt: skip
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
_MEDIA = (
    "application/json", "application/yaml", "text/plain", "", "application/merge-patch+json", "application/json; charset=utf-8", "application/strategic-merge-patch+json", "application/json-patch+json",
    "application/apply-patch+yaml", "application/apply-patch+json", "application/vnd.kubernetes.protobuf", "application/cbor", "application/x-www-form-urlencoded", "*/*", "application/apply-patch+yaml; charset=utf-8", "multipart/form-data", "application/json;stream=watch",
)  # fmt: skip
_BODIES: tuple[Any, ...] = (
    "", "{", "[]", "null", "1", '"x"', "{}", "kind: ConfigMap", "a: b: c", '{"metadata":{"name":"a"}} x', '{"metadata":{"name":"a"},"metadata":{"name":"b"}}', '{"kind":"ConfigMap","apiVersion":"v1"}', "\t{}", "{'a':1}",
    '{"kind":"Status","apiVersion":"v1"}', '{"kind":"List","apiVersion":"v1","items":[]}', '{"kind":"ConfigMapList","apiVersion":"v1","items":[]}', '{"kind":"DeleteOptions","apiVersion":"v1"}', "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  a: 1\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\n---\napiVersion: v1\nkind: ConfigMap\n", '{"metadata":{"name":"a","labels":{"a":1}}}', '{"metadata":{"name":5}}', '{"metadata":"x"}', '{"metadata":{"name":"a"},"data":["x"]}', '{"metadata":{"name":"a"},"data":{"k":null}}', '{"metadata":{"name":"' + "n" * 260 + '"}}',
    '{"metadata":{"name":"a"},"data":{"k":"\\ud800"}}', '{"apiVersion":1,"kind":"ConfigMap"}', '{"apiVersion":"v1","kind":["ConfigMap"]}', '{"KIND":"ConfigMap","apiversion":"v1","metadata":{"name":"u"}}', '{"metadata":{"Name":"cased"}}', '{"metadata":{"name":"a","creationTimestamp":"x"}}', '{"metadata":{"name":"a","finalizers":"x"}}', '{"metadata":{"name":"a","ownerReferences":[{}]}}', '{"metadata":{"name":"a","managedFields":[{"manager":5}]}}',
)  # fmt: skip
_QUERIES = (
    "limit=x", "limit=-1", "limit=1", "continue=x", "continue=e30", "resourceVersion=x", "resourceVersion=-1", "resourceVersion=0", "resourceVersion=1", "resourceVersionMatch=Exact", "resourceVersionMatch=x&resourceVersion=1", "watch=x&timeoutSeconds=1", "watch=false", "watch=0", "watch=true&timeoutSeconds=1&resourceVersion=x", "timeoutSeconds=x", "timeoutSeconds=-5",
    "labelSelector=a%3D", "labelSelector=%3D", "labelSelector=a+in+(b)", "labelSelector=a+in+()", "labelSelector=a+in+(b,", "labelSelector=!a", "labelSelector=a,b", "labelSelector=a%3Db,c!%3Dd", "labelSelector=a+notin+(b)", "labelSelector=a>1", "labelSelector=a>x", "labelSelector=a%3D%3Db", "labelSelector=A%20b", "labelSelector=a%3Db%20c", "labelSelector=" + "a" * 70, "labelSelector=%2Fx", "labelSelector=x%2F",
    "fieldSelector=metadata.name%3Da", "fieldSelector=metadata.name!%3Da", "fieldSelector=metadata.name%3D%3Da", "fieldSelector=metadata.name", "fieldSelector=x%3Dy", "fieldSelector=metadata.name%3Da,metadata.namespace%3D{ns}", "fieldSelector=%3D", "fieldSelector=metadata.name%3D", "fieldSelector=metadata.name%3D%5C%5Ca", "fieldSelector=metadata.labels%3Da", "fieldSelector=metadata.name%20in%20(a)",
    "dryRun=All", "dryRun=x", "dryRun=All&dryRun=All", "dryRun=", "fieldManager=" + "m" * 129, "fieldManager=a%0Ab", "fieldValidation=x", "fieldValidation=Strict", "fieldValidation=Warn", "fieldValidation=Ignore", "pretty=true", "pretty=false", "pretty=x", "force=true", "force=x", "gracePeriodSeconds=x", "gracePeriodSeconds=-1", "gracePeriodSeconds=0", "propagationPolicy=x", "propagationPolicy=Orphan", "propagationPolicy=Foreground", "orphanDependents=true", "orphanDependents=x", "nonsense=1",
    "allowWatchBookmarks=x", "sendInitialEvents=true", "sendInitialEvents=true&watch=1&timeoutSeconds=1", "sendInitialEvents=x&watch=1&timeoutSeconds=1&resourceVersionMatch=NotOlderThan", "includeObject=None", "includeObject=Object", "includeObject=x", "exact=true", "export=true", "ignoreStoreReadErrorWithClusterBreakingPotential=true", "ignoreStoreReadErrorWithClusterBreakingPotential=x", "limit=1&resourceVersion=1&resourceVersionMatch=Exact", "resourceVersion=0&resourceVersionMatch=NotOlderThan", "limit=99999999999999999999",
)  # fmt: skip


def errors(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """Requests of any method with any body, query and media types."""
    del only
    steps: list[Step] = [POST(MAPS, {"metadata": {"name": "a", "labels": {"a": "b"}}})]
    for _ in range(14):
        chance = rng.random()
        if chance < 0.3:
            target, method = rng.choice(_PATHS), rng.choice(_METHODS)
        else:
            target, method = rng.choice([MAPS, f"{MAPS}/a", f"{MAPS}/none"]), rng.choice(_METHODS[:5])
        if rng.random() < 0.5 and "?" not in target:
            target += "?" + "&".join(rng.sample(_QUERIES, rng.choice([1, 1, 2])))
        headers: dict[str, str] = {}
        if rng.random() < 0.2:
            headers["accept"] = rng.choice(_ACCEPTS)
        body = rng.choice(_BODIES) if method in {"POST", "PUT", "PATCH", "DELETE"} and rng.random() < 0.85 else None
        media = (
            rng.choice(_MEDIA)
            if rng.random() < 0.4
            else ("application/merge-patch+json" if method == "PATCH" else "application/json")
        )
        if media or body is not None:
            headers["content-type"] = media
        steps.append(SEND(method, target, body, **headers))
    return Case("requests", *steps), {
        n: f"{step} {getattr(step, 'headers', '')} {getattr(step, 'body', '')!r}"[:400] for n, step in enumerate(steps)
    }


def forms(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """An object of a type, and its collection, in every form."""
    infos = [
        info for info in listable() if (info.type.group, info.type.plural) in SAMPLES and only in {info.type.plural, ""}
    ]
    info = rng.choice(infos)
    path = collection(info)
    name = "a" if info.type.namespaced else "{id}"
    body = sample(info.type.group, info.type.plural, name)
    chosen = "fieldSelector=metadata.name%3D" + name
    steps: list[Step] = [POST(path, body, accept=rng.choice(_ACCEPTS))]
    for _ in range(10):
        target = rng.choice(
            [
                f"{path}/{name}",
                f"{path}?{chosen}",
                f"{path}/none-{{id}}",
                f"{path}/{name}?includeObject={rng.choice(['None', 'Object', 'Metadata', 'x'])}",
                f"{path}?{chosen}&limit=1",
            ]
        )
        headers = {"accept": rng.choice(_ACCEPTS)} if rng.random() < 0.95 else {}
        if rng.random() < 0.2:
            headers["accept-encoding"] = rng.choice(["gzip", "identity", "deflate", "gzip;q=0", "*"])
        steps.append(GET(target, **headers))
    steps.append(SEND("DELETE", f"{path}/{name}?gracePeriodSeconds=0", None, accept=rng.choice(_ACCEPTS)))
    return Case(f"forms of {info.type.plural}", *steps), {
        n: f"{step} {getattr(step, 'headers', '')}" for n, step in enumerate(steps)
    }


def watches(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """Watches with selectors over the same writes, and lists between them."""
    del only
    names, labels = ["a", "b", "c"], ["x", "y"]
    steps: list[Step] = [POST(MAPS, {"metadata": {"name": "a", "labels": {"l": "x"}}}, name="made")]
    selectors = (
        "",
        "&labelSelector=l%3Dx",
        "&labelSelector=l!%3Dx",
        "&labelSelector=l+in+(x,y)",
        "&labelSelector=!l",
        "&fieldSelector=metadata.name%3Da",
        "&fieldSelector=metadata.name!%3Da",
        "&labelSelector=l%3Dx&fieldSelector=metadata.name%3Db",
    )
    starts = (
        "",
        "&resourceVersion=0",
        "&resourceVersion={made.metadata.resourceVersion}",
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion={made.metadata.resourceVersion}",
        "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={made.metadata.resourceVersion}",
    )
    accepts = (
        "application/json",
        "application/json",
        "application/json;as=Table;g=meta.k8s.io;v=v1",
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        "application/yaml",
        "application/json;stream=watch",
    )
    opened: list[str] = []

    def write() -> Step:
        name = rng.choice(names)
        match rng.randint(0, 3):
            case 0:
                return POST(MAPS, {"metadata": {"name": name, "labels": {"l": rng.choice(labels)}}})
            case 1:
                return SEND("DELETE", f"{MAPS}/{name}")
            case 2:
                return PATCH(f"{MAPS}/{name}", {"metadata": {"labels": {"l": rng.choice([*labels, None])}}})
            case _:
                return PATCH(f"{MAPS}/{name}", {"data": {"k": rng.choice(labels)}})

    for n in range(3):
        steps += [write() for _ in range(rng.randint(0, 3))]
        if rng.random() < 0.4:
            steps.append(
                GET(
                    f"{MAPS}?limit={rng.choice([0, 1, 2])}{rng.choice(selectors)}{rng.choice(['', '&resourceVersion=0', '&resourceVersion={made.metadata.resourceVersion}', '&resourceVersion={made.metadata.resourceVersion}&resourceVersionMatch=Exact'])}"
                )
            )
        opened.append(f"w{n}")
        steps.append(
            OPEN(
                f"{MAPS}?watch=1&timeoutSeconds=4{rng.choice(selectors)}{rng.choice(starts)}",
                name=f"w{n}",
                accept=rng.choice(accepts),
            )
        )
    steps += [write() for _ in range(8)]
    steps += [REST(name) for name in opened]
    return Case("watches", *steps), {n: f"{step} {getattr(step, 'headers', '')}" for n, step in enumerate(steps)}


_ = EVENTS
