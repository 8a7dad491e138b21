"""Pods as schedulers, kubelets and autoscalers change them, and what of a pod is filled in when it is made."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import DELETE, POST, PUT, Case, Send
from tests.conformance.making import CONTAINERS, MADE, SELECTOR, TEMPLATE

PODS = "/api/v1/namespaces/{ns}/pods"


def POD(spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The pod `a`."""
    status = {"status": more.pop("status")} if "status" in more else {}
    meta = {"name": "a", "labels": {"app": "x", "tier": "web"}, **more}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": CONTAINERS, **(spec or {})}}
    return {**body, **status}


def TOLD(status: dict[str, Any]) -> Send:
    """Write the status of `a`."""
    return PUT(f"{PODS}/a/status", POD(status=status))


def TERM(*values: str) -> dict[str, Any]:
    """An affinity to nodes of these zones."""
    terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": [value]} for value in values]}]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}


ENDED = {"terminated": {"exitCode": 1, "startedAt": None, "finishedAt": None}}
RUNS = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
_COUNTED = {"ready": False, "restartCount": 0, "image": "x", "imageID": "x"}
MATCHED = {"labelSelector": {"matchLabels": {"x": "y"}}, "topologyKey": "zone"}
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
CERTIFICATE = {"signerName": "example.com/foo", "keyType": "ED25519", "credentialBundlePath": "c.pem"}


def STATE(state: dict[str, Any], name: str = "c") -> dict[str, Any]:
    """The status of a container."""
    return {"name": name, "state": state, "lastState": {}, **_COUNTED}


def RESOURCES(**amounts: Any) -> list[dict[str, Any]]:
    """The container with these requests and limits."""
    return [{"name": "c", "image": "x", "resources": amounts}]


CASES = [
    Case(
        "labels that selectors speak of by their keys",
        POST(
            PODS,
            POD(
                {
                    "affinity": {
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                {**MATCHED, "matchLabelKeys": ["app", "none"], "mismatchLabelKeys": ["tier"]}
                            ]
                        }
                    },
                    "topologySpreadConstraints": [
                        {**SPREAD, "matchLabelKeys": ["app"], "labelSelector": {"matchLabels": {"x": "y"}}}
                    ],
                }
            ),
        ),
        POST(
            PODS,
            POD(
                {
                    "topologySpreadConstraints": [
                        {**SPREAD, "matchLabelKeys": ["app"], "labelSelector": {"matchLabels": {"app": "y"}}}
                    ]
                },
                name="b",
            ),
        ),
    ),
    Case(
        "a pod that waits at a gate",
        POST(PODS, POD({"schedulingGates": [{"name": "x.io/g"}], "nodeSelector": {"a": "b"}, "affinity": TERM("1")})),
        *(
            PUT(f"{PODS}/a?dryRun=All", POD({"schedulingGates": [{"name": "x.io/g"}], **spec}))
            for spec in (
                {"nodeSelector": {"a": "b", "c": "d"}, "affinity": TERM("1", "2")},
                {"nodeSelector": {"a": "c"}, "affinity": TERM("1")},
                {"nodeSelector": {"a": "b"}, "affinity": TERM("2")},
                {"nodeSelector": {"a": "b"}},
            )
        ),
    ),
    Case(
        "changes of a pod that are none",
        POST(PODS, POD({"activeDeadlineSeconds": 9})),
        PUT(f"{PODS}/a", POD({"activeDeadlineSeconds": -1})),
        PUT(f"{PODS}/a", POD({"activeDeadlineSeconds": 9, "containers": [{"name": "c", "image": ""}]})),
        PUT(f"{PODS}/a", POD({"activeDeadlineSeconds": 9, "containers": [{"name": "c", "image": " x"}]})),
        PUT(f"{PODS}/a", POD({"activeDeadlineSeconds": 9, "ephemeralContainers": [{"name": "e", "image": "x"}]})),
    ),
    Case(
        "containers that have ended",
        POST(PODS, POD({"restartPolicy": "Never"})),
        TOLD({"phase": "Failed", "containerStatuses": [STATE(ENDED)]}),
        TOLD({"phase": "Running", "containerStatuses": [STATE(RUNS)]}),
        DELETE(f"{PODS}/a?gracePeriodSeconds=0"),
        POST(PODS, POD({"restartPolicy": "OnFailure"})),
        TOLD({"phase": "Failed", "containerStatuses": [STATE(ENDED), STATE(ENDED, "other")]}),
        TOLD({"phase": "Running", "containerStatuses": [STATE(RUNS), STATE(RUNS, "other")]}),
    ),
    Case(
        "what a kubelet tells of a pod and must not",
        POST(PODS, POD({"nodeName": "n"})),
        TOLD({"nominatedNodeName": "m"}),
        TOLD({"conditions": [{"type": "Ready", "status": "True", "observedGeneration": -1}]}),
        TOLD({"resourceClaimStatuses": [{"name": "none"}, {"name": "none", "resourceClaimName": "A_"}]}),
        TOLD({"containerStatuses": [{**STATE(RUNS), "user": {"linux": {"uid": -1, "gid": 2**31}}}]}),
        TOLD(
            {
                "containerStatuses": [
                    {
                        **STATE(RUNS),
                        "allocatedResourcesStatus": [
                            {"name": "x", "resources": [{"resourceID": "i", "health": "Odd"}]}
                        ],
                    }
                ]
            }
        ),
        TOLD({"extendedResourceClaimStatus": {"requestMappings": [], "resourceClaimName": ""}}),
    ),
    Case(
        "generations that conditions are about",
        POST(PODS, POD()),
        TOLD({"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "False", "observedGeneration": 1}]}),
        TOLD({"conditions": [{"type": "Ready", "status": "True"}, {"type": "x.io/y", "status": "True"}]}),
    ),
    Case(
        "what a pod asks for as a whole",
        POST(
            PODS,
            POD(
                {"resources": {"requests": {"cpu": "1"}}, "containers": RESOURCES(limits={"cpu": "2", "memory": "1Gi"})}
            ),
        ),
        POST(
            PODS,
            POD(
                {
                    "resources": {"limits": {"hugepages-2Mi": "2Mi"}},
                    "containers": RESOURCES(limits={"cpu": "2", "hugepages-2Mi": "4Mi"}),
                }
            ),
        ),
        POST(PODS, POD({"resources": {"requests": {"cpu": "1"}}, "os": {"name": "windows"}})),
        POST(PODS, POD({"resources": {"requests": {"cpu": "1"}, "claims": [{"name": "x"}]}})),
    ),
    Case(
        "resizes that are refused",
        POST(
            PODS,
            POD(
                {
                    "containers": RESOURCES(requests={"cpu": "1", "ephemeral-storage": "1Gi"}),
                    "initContainers": [{"name": "i", "image": "x", "resources": {"requests": {"memory": "1Gi"}}}],
                }
            ),
        ),
        PUT(
            f"{PODS}/a/resize",
            POD(
                {
                    "containers": [*CONTAINERS, {"name": "d", "image": "x"}],
                    "initContainers": [{"name": "i", "image": "x"}],
                }
            ),
        ),
        PUT(
            f"{PODS}/a/resize",
            POD({"containers": [{"name": "d", "image": "x"}], "initContainers": [{"name": "i", "image": "x"}]}),
        ),
        PUT(
            f"{PODS}/a/resize",
            POD(
                {
                    "containers": RESOURCES(requests={"cpu": "2", "ephemeral-storage": "2Gi"}),
                    "initContainers": [{"name": "i", "image": "x"}],
                }
            ),
        ),
        PUT(
            f"{PODS}/a/resize",
            POD(
                {
                    "containers": RESOURCES(requests={"cpu": "2", "ephemeral-storage": "1Gi"}),
                    "initContainers": [{"name": "i", "image": "x", "resources": {"requests": {"memory": "2Gi"}}}],
                }
            ),
        ),
    ),
    Case(
        "pods that are never resized",
        POST(PODS, POD({"os": {"name": "windows"}})),
        PUT(f"{PODS}/a/resize", POD({"os": {"name": "windows"}, "containers": RESOURCES(requests={"cpu": "1"})})),
        POST(PODS, POD({"nodeName": "n"}, name="b", annotations={"kubernetes.io/config.mirror": "x"})),
        PUT(
            f"{PODS}/b/ephemeralcontainers",
            POD({"nodeName": "n", "ephemeralContainers": [{"name": "e", "image": "x"}]}, name="b"),
        ),
    ),
    Case(
        "certificates in volumes",
        *(
            POST(
                f"{PODS}?dryRun=All",
                POD({"volumes": [{"name": "v", "projected": {"sources": [{"podCertificate": source}]}}]}),
            )
            for source in (
                CERTIFICATE,
                {**CERTIFICATE, "signerName": "x", "keyType": "DSA", "maxExpirationSeconds": 60},
                {**CERTIFICATE, "credentialBundlePath": "", "userAnnotations": {"a b/c": "d", "e": "f"}},
                {**CERTIFICATE, "keyPath": "c.pem", "certificateChainPath": "/abs"},
            )
        ),
    ),
    Case(
        "a claim that a pod makes itself",
        POST(
            PODS,
            POD(
                {
                    "volumes": [
                        {"name": "p", "persistentVolumeClaim": {"claimName": "a-e"}},
                        {
                            "name": "e",
                            "ephemeral": {
                                "volumeClaimTemplate": {
                                    "metadata": {"name": "x", "uid": "y", "labels": {"a": "b c"}},
                                    "spec": {
                                        "accessModes": ["ReadWriteOnce"],
                                        "resources": {"requests": {"storage": "1Gi"}},
                                    },
                                }
                            },
                        },
                    ]
                }
            ),
        ),
    ),
    Case(
        "seccomp profiles that are said twice",
        POST(
            PODS,
            POD(
                {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
                annotations={"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
            ),
        ),
        POST(
            PODS,
            POD(
                {
                    "containers": [
                        {
                            **CONTAINERS[0],
                            "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "a"}},
                        }
                    ]
                },
                annotations={"container.seccomp.security.alpha.kubernetes.io/c": "localhost/b"},
            ),
        ),
    ),
    Case(
        "files of volumes for users of their own",
        POST(
            PODS,
            POD(
                {
                    "volumes": [
                        {
                            "name": "v",
                            "secret": {
                                "secretName": "s",
                                "defaultUser": 1,
                                "items": [{"key": "k", "path": "p", "user": 1}],
                            },
                        },
                        {"name": "z", "azureDisk": {"diskName": "d", "diskURI": "https://x/y.vhd"}},
                    ]
                }
            ),
        ),
    ),
    Case(
        "sidecars and others that are started again when they are resized",
        POST(
            f"{PODS}?dryRun=All",
            POD(
                {
                    "initContainers": [
                        {
                            "name": "i",
                            "image": "x",
                            "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}],
                        }
                    ]
                }
            ),
        ),
    ),
    Case(
        "strategies that are named and no more",
        MADE(
            "apps/v1 StatefulSet",
            {
                "spec": {
                    "selector": SELECTOR,
                    "updateStrategy": {"type": "RollingUpdate"},
                    "template": TEMPLATE,
                }
            },
        ),
        MADE(
            "apps/v1 StatefulSet",
            {
                "spec": {
                    "selector": SELECTOR,
                    "updateStrategy": {"type": "Recreate", "rollingUpdate": {"partition": 2}},
                    "template": TEMPLATE,
                }
            },
        ),
        MADE(
            "apps/v1 Deployment",
            {
                "spec": {
                    "selector": SELECTOR,
                    "strategy": {"type": "Odd", "rollingUpdate": {"maxSurge": 1}},
                    "template": TEMPLATE,
                }
            },
        ),
        MADE(
            "apps/v1 DaemonSet",
            {
                "metadata": {"name": "a", "annotations": {"deprecated.daemonset.template.generation": "5"}},
                "spec": {
                    "selector": SELECTOR,
                    "template": TEMPLATE,
                },
            },
        ),
        MADE(
            "apps/v1 Deployment",
            {
                "metadata": {"name": "a", "annotations": {"deprecated.deployment.rollback.to": "-3"}},
                "spec": {
                    "selector": SELECTOR,
                    "template": TEMPLATE,
                },
            },
        ),
    ),
    Case(
        "labels of a job's pods that are the server's",
        MADE(
            "batch/v1 Job",
            {
                "spec": {
                    "template": {
                        "metadata": {"labels": {"job-name": "other", "controller-uid": "x"}},
                        "spec": {"restartPolicy": "Never", "containers": CONTAINERS},
                    }
                }
            },
        ),
        MADE(
            "batch/v1 CronJob",
            {
                "spec": {
                    "schedule": "@daily",
                    "timeZone": "LOCAL",
                    "jobTemplate": {
                        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}}}
                    },
                }
            },
        ),
    ),
]
