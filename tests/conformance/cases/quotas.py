"""ResourceQuota and LimitRange at admission. Nobody keeps quotas' status on the real server, so the cases write it."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import DELETE, GET, PATCH, POST, PUT, UNTIL, Case, Send, Step

NS = "/api/v1/namespaces/{ns}"
PODS, QUOTAS, CLAIMS = f"{NS}/pods", f"{NS}/resourcequotas", f"{NS}/persistentvolumeclaims"


def quota(hard: dict[str, str], used: dict[str, str], *, name: str = "q", wait: bool = True, **spec: Any) -> list[Step]:
    """A quota that is enforced: its status is written as the controller would, and admission has seen it.

    Admission reads quotas from a cache: it has this one when a config map is refused that another quota, only for that,
    holds to zero.
    """
    zero = {"count/configmaps": "0"}
    status = {"status": {"hard": {**hard, **zero}, "used": {**used, **zero}}}
    steps: list[Step] = [
        POST(QUOTAS, {"metadata": {"name": name}, "spec": {"hard": {**hard, **zero}, **spec}}),
        PATCH(f"{QUOTAS}/{name}/status", status),
    ]
    probe = POST(f"{NS}/configmaps?dryRun=All", {"metadata": {"name": "probe"}})
    return [*steps, UNTIL(403, probe)] if wait and not spec else steps


def pod(name: str = "a", requests: Any = None, limits: Any = None, **more: Any) -> Send:
    resources = {key: value for key, value in (("requests", requests), ("limits", limits)) if value}
    spec = {"containers": [{"name": "c", "image": "x", "resources": resources}], **more}
    return POST(PODS, {"metadata": {"name": name}, "spec": spec})


def claim(name: str, size: str, **spec: Any) -> Send:
    resources = {"requests": {"storage": size}}
    return POST(
        CLAIMS, {"metadata": {"name": name}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec}}
    )


LOOK = GET(f"{QUOTAS}/q")

CASES = [
    Case(
        "a quota without a status holds nobody back",
        POST(QUOTAS, {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0", "count/secrets": "0"}}}),
        pod(),
        POST(f"{NS}/secrets", {"metadata": {"name": "a"}}),
        LOOK,
    ),
    Case(
        "counted objects",
        quota(
            {"count/secrets": "1", "secrets": "2", "count/deployments.apps": "0"},
            {"count/secrets": "0", "secrets": "0", "count/deployments.apps": "0"},
        ),
        POST(f"{NS}/secrets", {"metadata": {"name": "a"}}),
        LOOK,
        UNTIL(403, POST(f"{NS}/secrets", {"metadata": {"name": "b"}})),
        POST(f"{NS}/secrets?dryRun=All", {"metadata": {"name": "b"}}),
        PUT(f"{NS}/secrets/b", {"metadata": {"name": "b"}}),
        PATCH(f"{NS}/secrets/a", {"metadata": {"labels": {"x": "y"}}}),
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"a": "b"}},
                    "template": {
                        "metadata": {"labels": {"a": "b"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
        DELETE(f"{NS}/secrets/a"),
        LOOK,
    ),
    Case(
        "a dry run is held back, and counts nothing",
        quota({"count/secrets": "1"}, {"count/secrets": "0"}),
        POST(f"{NS}/secrets?dryRun=All", {"metadata": {"name": "a"}}),
        LOOK,
    ),
    Case(
        "pods are counted with what they ask for",
        quota(
            {"pods": "2", "requests.cpu": "1", "requests.memory": "1Gi", "limits.cpu": "2", "limits.memory": "2Gi"},
            {"pods": "0", "requests.cpu": "0", "requests.memory": "0", "limits.cpu": "0", "limits.memory": "0"},
        ),
        pod(),
        pod(requests={"cpu": "100m"}),
        pod(requests={"cpu": "100m", "memory": "100Mi"}, limits={"cpu": "200m", "memory": "0.5Gi"}),
        LOOK,
        pod("b", {"cpu": "1", "memory": "100Mi"}, {"cpu": "1", "memory": "200Mi"}),
        pod("b", {"cpu": "1", "memory": "2Gi"}, {"cpu": "3", "memory": "2Gi"}),
        pod("b", limits={"cpu": "500m", "memory": "100Mi"}),
        LOOK,
        UNTIL(403, pod("c", limits={"cpu": "1m", "memory": "1Mi"})),
        pod("c"),
    ),
    Case(
        "what is missing is named for every container",
        quota({"cpu": "1", "limits.memory": "1Gi"}, {"cpu": "0", "limits.memory": "0"}),
        POST(
            PODS,
            {
                "metadata": {"name": "a"},
                "spec": {
                    "initContainers": [{"name": "i", "image": "x", "resources": {"requests": {"cpu": "1m"}}}],
                    "containers": [{"name": "d", "image": "x"}, {"name": "c", "image": "x"}],
                },
            },
        ),
        POST(
            PODS,
            {
                "metadata": {"name": "a"},
                "spec": {
                    "initContainers": [
                        {"name": "i", "image": "x", "resources": {"limits": {"cpu": "800m", "memory": "100Mi"}}},
                        {
                            "name": "s",
                            "image": "x",
                            "restartPolicy": "Always",
                            "resources": {"limits": {"cpu": "100m", "memory": "10Mi"}},
                        },
                    ],
                    "containers": [
                        {"name": "d", "image": "x", "resources": {"limits": {"cpu": "100m", "memory": "10Mi"}}},
                        {"name": "c", "image": "x", "resources": {"limits": {"cpu": "200m", "memory": "20Mi"}}},
                    ],
                },
            },
        ),
        LOOK,
    ),
    Case(
        "other resources of pods",
        quota(
            {
                "requests.example.com/gpu": "1",
                "requests.ephemeral-storage": "1Gi",
                "hugepages-2Mi": "4Mi",
                "count/pods": "5",
            },
            {
                "requests.example.com/gpu": "0",
                "requests.ephemeral-storage": "0",
                "hugepages-2Mi": "0",
                "count/pods": "0",
            },
        ),
        pod(),
        pod("b", {"example.com/gpu": "1", "cpu": "1"}, {"example.com/gpu": "1"}),
        LOOK,
        UNTIL(403, pod("c", {"example.com/gpu": "1"}, {"example.com/gpu": "1"})),
        pod("c", {"hugepages-2Mi": "6Mi", "memory": "1Mi"}, {"hugepages-2Mi": "6Mi"}),
    ),
    Case(
        "scopes",
        quota({"pods": "0"}, {"pods": "0"}, name="best", scopes=["BestEffort"]),
        quota({"pods": "1"}, {"pods": "0"}, name="ending", scopes=["Terminating"]),
        quota(
            {"pods": "0"},
            {"pods": "0"},
            name="important",
            scopeSelector={
                "matchExpressions": [
                    {"scopeName": "PriorityClass", "operator": "In", "values": ["system-node-critical"]}
                ]
            },
        ),
        UNTIL(403, pod("first")),
        pod("a", {"cpu": "1"}),
        UNTIL(403, pod("b", {"cpu": "1"}, priorityClassName="system-node-critical")),
        pod("c", {"cpu": "1"}, activeDeadlineSeconds=5),
        UNTIL(403, pod("d", {"cpu": "1"}, activeDeadlineSeconds=5)),
        PATCH(f"{PODS}/a", {"spec": {"activeDeadlineSeconds": 7}}),
    ),
    Case(
        "services",
        quota(
            {"services": "2", "services.nodeports": "1", "services.loadbalancers": "0", "count/services": "3"},
            {"services": "0", "services.nodeports": "0", "services.loadbalancers": "0", "count/services": "0"},
        ),
        POST(f"{NS}/services", {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}}),
        LOOK,
        POST(f"{NS}/services", {"metadata": {"name": "b"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}),
        POST(
            f"{NS}/services",
            {
                "metadata": {"name": "b"},
                "spec": {"type": "NodePort", "ports": [{"name": "x", "port": 80}, {"name": "y", "port": 81}]},
            },
        ),
        PATCH(f"{NS}/services/a", {"spec": {"type": "NodePort"}}),
        LOOK,
        UNTIL(403, PATCH(f"{NS}/services/a", {"spec": {"type": "LoadBalancer"}})),
    ),
    Case(
        "claims",
        quota(
            {
                "persistentvolumeclaims": "3",
                "requests.storage": "10Gi",
                "gold.storageclass.storage.k8s.io/requests.storage": "5Gi",
                "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
            },
            {
                "persistentvolumeclaims": "0",
                "requests.storage": "0",
                "gold.storageclass.storage.k8s.io/requests.storage": "0",
                "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "0",
            },
        ),
        claim("a", "1Gi"),
        claim("b", "6Gi", storageClassName="gold"),
        claim("b", "2Gi", storageClassName="gold"),
        LOOK,
        UNTIL(403, claim("c", "1Gi", storageClassName="gold")),
        claim("c", "9Gi"),
        claim("c", "7Gi"),
        LOOK,
    ),
    Case(
        "a status that says only a part",
        POST(QUOTAS, {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "5", "count/secrets": "0"}}}),
        PATCH(
            f"{QUOTAS}/q/status",
            {"status": {"hard": {"pods": "5", "count/secrets": "0"}, "used": {"count/secrets": "0"}}},
        ),
        UNTIL(403, POST(f"{NS}/secrets", {"metadata": {"name": "a"}})),
        pod(),
    ),
    Case(
        "an object that exists is counted all the same",
        POST(f"{NS}/secrets", {"metadata": {"name": "a"}}),
        quota({"count/secrets": "5"}, {"count/secrets": "1"}),
        POST(f"{NS}/secrets", {"metadata": {"name": "a"}}),
        LOOK,
    ),
    Case(
        "several quotas",
        quota({"count/secrets": "5"}, {"count/secrets": "4"}),
        quota({"count/secrets": "2"}, {"count/secrets": "2"}, name="r", wait=False),
        UNTIL(403, POST(f"{NS}/secrets?dryRun=All", {"metadata": {"name": "a"}})),
        POST(f"{NS}/secrets", {"metadata": {"name": "a"}}),
        LOOK,
    ),
]
