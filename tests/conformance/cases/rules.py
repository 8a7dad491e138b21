"""Built-in types: what is refused, and in which words. https://kubernetes.io/docs/reference/kubernetes-api/"""

from __future__ import annotations

from tests.conformance.case import DELETE, GET, PATCH, POST, PUT, Case

__all__ = ["CASES"]

CLAIMS = "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims"
CLAIM = {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "x"}}]}}

CASES = [
    Case(
        "pod nocontainers",
        POST(
            "/api/v1/namespaces/{ns}/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}
        ),
    ),
    Case(
        "pod empty containers",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}},
        ),
    ),
    Case(
        "pod noname",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"image": "x"}]}},
        ),
    ),
    Case(
        "pod badname",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "A_b", "image": "x"}]},
            },
        ),
    ),
    Case(
        "pod noimage",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}},
        ),
    ),
    Case(
        "pod imgspace",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "a", "image": " x"}]},
            },
        ),
    ),
    Case(
        "pod dup",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}]},
            },
        ),
    ),
    Case(
        "pod dupinit",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"initContainers": [{"name": "a", "image": "x"}], "containers": [{"name": "a", "image": "x"}]},
            },
        ),
    ),
    Case(
        "pod pull",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "a", "image": "x", "imagePullPolicy": "Foo"}]},
            },
        ),
    ),
    Case(
        "pod restart",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"restartPolicy": "Foo", "dnsPolicy": "Bar", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod ports",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "ports": [
                                {"containerPort": 0},
                                {"containerPort": 70000, "protocol": "FOO", "name": "UPPER"},
                                {"containerPort": 80, "name": "a"},
                                {"containerPort": 81, "name": "a"},
                                {"containerPort": 1, "hostPort": 5},
                                {"containerPort": 2, "hostPort": 5},
                            ],
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "pod env",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "env": [
                                {"name": ""},
                                {"name": "a=b", "value": "x"},
                                {"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                                {"name": "B", "valueFrom": {}},
                                {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "foo.bar"}}},
                                {"name": "D", "valueFrom": {"configMapKeyRef": {"name": "x"}}},
                            ],
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "pod mounts",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "volumeMounts": [
                                {"name": "nope", "mountPath": "/a"},
                                {"name": "v", "mountPath": ""},
                                {"name": "v", "mountPath": "/x"},
                                {"name": "v", "mountPath": "/x"},
                                {"name": "v", "mountPath": "/z", "subPath": "../x"},
                            ],
                        }
                    ],
                    "volumes": [{"name": "v", "emptyDir": {}}],
                },
            },
        ),
    ),
    Case(
        "pod volumes",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [{"name": "c", "image": "nginx"}],
                    "volumes": [
                        {"name": "A_"},
                        {"name": "v", "emptyDir": {}},
                        {"name": "v", "secret": {"secretName": "x"}},
                        {"name": "two", "emptyDir": {}, "hostPath": {"path": "/a"}},
                        {"name": "s", "secret": {}},
                        {"name": "c", "configMap": {}},
                        {"name": "h", "hostPath": {"path": ""}},
                        {"name": "p", "persistentVolumeClaim": {"claimName": ""}},
                        {"emptyDir": {}},
                    ],
                },
            },
        ),
    ),
    Case(
        "pod res",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "resources": {"limits": {"cpu": 1}, "requests": {"cpu": 2, "memory": -1}},
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "pod probe",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "livenessProbe": {},
                            "readinessProbe": {"httpGet": {"port": 0}, "timeoutSeconds": -1},
                            "startupProbe": {"tcpSocket": {"port": "x_"}, "exec": {"command": ["a"]}},
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "pod probe2",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "x",
                            "livenessProbe": {"exec": {}, "successThreshold": 2},
                            "readinessProbe": {"httpGet": {"port": "nope", "scheme": "X", "path": ""}},
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "pod lifecycle",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "a", "image": "x", "lifecycle": {"preStop": {}}}]},
            },
        ),
    ),
    Case(
        "pod grace",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "terminationGracePeriodSeconds": -3,
                    "activeDeadlineSeconds": 0,
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod sa",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"serviceAccountName": "A_", "nodeName": "B_", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod host",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"hostname": "A_", "subdomain": "B_", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod pullsecrets",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"imagePullSecrets": [{}], "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod tol",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "tolerations": [
                        {"key": "a", "operator": "Foo"},
                        {"operator": "Equal"},
                        {"key": "b", "operator": "Exists", "value": "c"},
                        {"key": "c", "effect": "X"},
                        {"key": "d", "effect": "NoSchedule", "tolerationSeconds": 3},
                    ],
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod nodesel",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"nodeSelector": {"a b": "c", "d": "e f"}, "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod affinity",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "affinity": {
                        "nodeAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []},
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                {"weight": 0, "preference": {"matchExpressions": [{"key": "a", "operator": "Foo"}]}}
                            ],
                        },
                        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"labelSelector": {}}]},
                    },
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod topo",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "topologySpreadConstraints": [{"maxSkew": 0, "whenUnsatisfiable": "X"}],
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod ephemeral",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "ephemeralContainers": [{"name": "e", "image": "x"}],
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod hostnet",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "hostNetwork": True,
                    "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80, "hostPort": 81}]}],
                },
            },
        ),
    ),
    Case(
        "pod hostaliases",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "hostAliases": [{"ip": "x", "hostnames": ["A_"]}],
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod dnsconfig",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"dnsPolicy": "None", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod gates",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "schedulingGates": [{"name": "a b"}, {"name": "x"}, {"name": "x"}],
                    "readinessGates": [{"conditionType": "a b"}],
                    "nodeName": "n",
                    "containers": [{"name": "c", "image": "nginx"}],
                },
            },
        ),
    ),
    Case(
        "pod overhead",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"overhead": {"cpu": 1}, "priority": 5, "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod labels",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a", "labels": {"a b": "c d"}, "annotations": {"x y": "z"}},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod name",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "A_b"},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod nameless",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
    ),
    Case(
        "pod updates",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"containers": [{"name": "c", "image": "busybox"}]}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"containers": [{"name": "d", "image": "busybox"}]}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"restartPolicy": "Never"}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"nodeName": "x"}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"activeDeadlineSeconds": 5}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"activeDeadlineSeconds": 15}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"tolerations": []}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"metadata": {"labels": {"a": "b"}}}),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"status": {"phase": "Running"}}),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/status",
            {
                "status": {
                    "phase": "Running",
                    "podIP": "1.2.3.4",
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "containerStatuses": [
                        {
                            "name": "c",
                            "ready": True,
                            "restartCount": 1,
                            "image": "x",
                            "imageID": "y",
                            "state": {"running": {"startedAt": "2020-01-01T00:00:00Z"}},
                        }
                    ],
                }
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        PATCH("/api/v1/namespaces/{ns}/pods/a", {"spec": {"containers": [{"name": "c", "image": ""}]}}),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a",
            {"spec": {"containers": [{"name": "c", "image": "busybox", "resources": {"limits": {"cpu": 1}}}]}},
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/ephemeralcontainers",
            {"spec": {"ephemeralContainers": [{"name": "dbg", "image": "busybox"}]}},
        ),
        PATCH("/api/v1/namespaces/{ns}/pods/a/ephemeralcontainers", {"spec": {"ephemeralContainers": []}}),
        GET("/api/v1/namespaces/{ns}/pods/a/ephemeralcontainers"),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/resize",
            {"spec": {"containers": [{"name": "c", "image": "busybox", "resources": {"limits": {"cpu": "1"}}}]}},
        ),
        GET("/api/v1/namespaces/{ns}/pods/a/log"),
        GET("/api/v1/namespaces/{ns}/pods/a/log?container=zz"),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/binding",
            {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": "a"},
                "target": {"kind": "Node", "name": "n1"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/binding",
            {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": "a"},
                "target": {"kind": "Node", "name": "n1"},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/zz/binding",
            {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": "zz"},
                "target": {"kind": "Node", "name": "n1"},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/binding",
            {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": "b"},
                "target": {"kind": "Node", "name": "n1"},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/bindings",
            {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "a"}, "target": {"kind": "Foo", "name": "n1"}},
        ),
        GET("/api/v1/namespaces/{ns}/pods/a/log"),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}},
        ),
        DELETE("/api/v1/namespaces/{ns}/pods/a"),
        DELETE("/api/v1/namespaces/{ns}/pods/a?gracePeriodSeconds=0"),
    ),
    Case(
        "pod resize",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "c",
                            "image": "nginx",
                            "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}},
                        }
                    ]
                },
            },
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/resize",
            {
                "spec": {
                    "containers": [
                        {
                            "name": "c",
                            "image": "nginx",
                            "resources": {"requests": {"cpu": "150m"}, "limits": {"cpu": "300m"}},
                        }
                    ]
                }
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a/resize"),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/resize",
            {
                "spec": {
                    "containers": [
                        {
                            "name": "c",
                            "image": "other",
                            "resources": {"requests": {"cpu": "150m"}, "limits": {"cpu": "300m"}},
                        }
                    ]
                }
            },
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/resize",
            {"spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "100m"}}}]}},
        ),
    ),
    Case(
        "pod pdb",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a", "labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
        POST(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
            {"metadata": {"name": "p"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}},
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/pods/a/status",
            {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}},
        ),
        PATCH(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/p/status",
            {
                "status": {
                    "disruptionsAllowed": 0,
                    "currentHealthy": 1,
                    "desiredHealthy": 1,
                    "expectedPods": 1,
                    "observedGeneration": 1,
                }
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}},
        ),
        PATCH(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/p/status",
            {
                "status": {
                    "disruptionsAllowed": 1,
                    "currentHealthy": 2,
                    "desiredHealthy": 1,
                    "expectedPods": 1,
                    "observedGeneration": 1,
                }
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction?dryRun=All",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}},
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}},
        ),
        GET("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/p"),
        POST(
            "/api/v1/namespaces/{ns}/pods/zz/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "zz"}},
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods/a/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "b"}},
        ),
    ),
    Case(
        "deployments empty",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {}},
        ),
    ),
    Case(
        "deployments nosel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    }
                },
            },
        ),
    ),
    Case(
        "deployments emptysel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments mismatch",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "b"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments notemplate",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {"selector": {"matchLabels": {"app": "b"}}},
            },
        ),
    ),
    Case(
        "deployments restart",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {
                            "restartPolicy": "Never",
                            "activeDeadlineSeconds": 5,
                            "containers": [{"name": "c", "image": "x"}],
                        },
                    },
                },
            },
        ),
    ),
    Case(
        "deployments neg",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "replicas": -1,
                    "minReadySeconds": -1,
                    "revisionHistoryLimit": -1,
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments badsel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {
                        "matchLabels": {"a b": "c d"},
                        "matchExpressions": [
                            {"key": "x", "operator": "Foo"},
                            {"key": "y", "operator": "In"},
                            {"key": "z", "operator": "Exists", "values": ["a"]},
                        ],
                    },
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments tplbad",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a", "x y": "z"}},
                        "spec": {"containers": [{"name": "C_", "image": ""}]},
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets empty",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "a"}, "spec": {}},
        ),
    ),
    Case(
        "replicasets nosel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    }
                },
            },
        ),
    ),
    Case(
        "replicasets emptysel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets mismatch",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "b"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets notemplate",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {"selector": {"matchLabels": {"app": "b"}}},
            },
        ),
    ),
    Case(
        "replicasets restart",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {
                            "restartPolicy": "Never",
                            "activeDeadlineSeconds": 5,
                            "containers": [{"name": "c", "image": "x"}],
                        },
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets neg",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "replicas": -1,
                    "minReadySeconds": -1,
                    "revisionHistoryLimit": -1,
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets badsel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {
                        "matchLabels": {"a b": "c d"},
                        "matchExpressions": [
                            {"key": "x", "operator": "Foo"},
                            {"key": "y", "operator": "In"},
                            {"key": "z", "operator": "Exists", "values": ["a"]},
                        ],
                    },
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "replicasets tplbad",
        POST(
            "/apis/apps/v1/namespaces/{ns}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a", "x y": "z"}},
                        "spec": {"containers": [{"name": "C_", "image": ""}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets empty",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}, "spec": {}},
        ),
    ),
    Case(
        "statefulsets nosel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    }
                },
            },
        ),
    ),
    Case(
        "statefulsets emptysel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets mismatch",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "b"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets notemplate",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {"selector": {"matchLabels": {"app": "b"}}},
            },
        ),
    ),
    Case(
        "statefulsets restart",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {
                            "restartPolicy": "Never",
                            "activeDeadlineSeconds": 5,
                            "containers": [{"name": "c", "image": "x"}],
                        },
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets neg",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "replicas": -1,
                    "minReadySeconds": -1,
                    "revisionHistoryLimit": -1,
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets badsel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {
                        "matchLabels": {"a b": "c d"},
                        "matchExpressions": [
                            {"key": "x", "operator": "Foo"},
                            {"key": "y", "operator": "In"},
                            {"key": "z", "operator": "Exists", "values": ["a"]},
                        ],
                    },
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets tplbad",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a", "x y": "z"}},
                        "spec": {"containers": [{"name": "C_", "image": ""}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets empty",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a"}, "spec": {}},
        ),
    ),
    Case(
        "daemonsets nosel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    }
                },
            },
        ),
    ),
    Case(
        "daemonsets emptysel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets mismatch",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "b"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets notemplate",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {"selector": {"matchLabels": {"app": "b"}}},
            },
        ),
    ),
    Case(
        "daemonsets restart",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {
                            "restartPolicy": "Never",
                            "activeDeadlineSeconds": 5,
                            "containers": [{"name": "c", "image": "x"}],
                        },
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets neg",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "replicas": -1,
                    "minReadySeconds": -1,
                    "revisionHistoryLimit": -1,
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets badsel",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {
                        "matchLabels": {"a b": "c d"},
                        "matchExpressions": [
                            {"key": "x", "operator": "Foo"},
                            {"key": "y", "operator": "In"},
                            {"key": "z", "operator": "Exists", "values": ["a"]},
                        ],
                    },
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets tplbad",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a", "x y": "z"}},
                        "spec": {"containers": [{"name": "C_", "image": ""}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments strategy",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "strategy": {"type": "Foo"},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments strategy2",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments strategy3",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "strategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"maxSurge": "x%", "maxUnavailable": "200%"},
                    },
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "deployments strategy4",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}},
                    "progressDeadlineSeconds": 5,
                    "minReadySeconds": 10,
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets us",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "updateStrategy": {"type": "Foo"},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "daemonsets us2",
        POST(
            "/apis/apps/v1/namespaces/{ns}/daemonsets",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "a"},
                "spec": {
                    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets us",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "updateStrategy": {"type": "Foo"},
                    "podManagementPolicy": "X",
                    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "X"},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "statefulsets us2",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "updateStrategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"partition": -1, "maxUnavailable": 0},
                    },
                    "ordinals": {"start": -1},
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "x"}]},
                    },
                },
            },
        ),
    ),
    Case(
        "job empty",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": {}},
        ),
    ),
    Case(
        "job neg",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "parallelism": -1,
                    "completions": -1,
                    "backoffLimit": -1,
                    "activeDeadlineSeconds": -1,
                    "ttlSecondsAfterFinished": -1,
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "job mode",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "completionMode": "X",
                    "podReplacementPolicy": "Y",
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "job indexed",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "completionMode": "Indexed",
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "job selector",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "selector": {"matchLabels": {"a": "b"}},
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "job manual",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "manualSelector": True,
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "job long",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "backoffLimitPerIndex": 3,
                    "maxFailedIndexes": 2,
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}},
                },
            },
        ),
    ),
    Case(
        "cronjob longname",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                "spec": {
                    "schedule": "61 * * * *",
                    "startingDeadlineSeconds": -1,
                    "failedJobsHistoryLimit": -1,
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "* * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched a * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "a * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched @daily",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "@daily",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched @foo",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "@foo",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched 1 70 * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "1-70 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched */0 * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "*/0 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched * * * * MON FRI",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "* * * * MON-FRI",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched 0 0 31 2 *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "0 0 31 2 *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched @every 5m",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "@every 5m",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched * * * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "* * * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "cronjob sched 5 1 * * * *",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "5-1 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
                            }
                        }
                    },
                },
            },
        ),
    ),
    Case(
        "warn labels",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "nodeSelector": {"beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux"},
                    "containers": [{"name": "c", "image": "x"}],
                },
            },
        ),
    ),
    Case(
        "warn env",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "containers": [
                        {
                            "name": "c",
                            "image": "x",
                            "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
                            "ports": [{"containerPort": 80}, {"containerPort": 80}],
                        }
                    ]
                },
            },
        ),
    ),
    Case(
        "warn spread",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "a"},
                "spec": {
                    "topologySpreadConstraints": [
                        {"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "ScheduleAnyway"}
                    ],
                    "affinity": {
                        "podAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "x"}],
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                {"weight": 1, "podAffinityTerm": {"topologyKey": "x"}}
                            ],
                        }
                    },
                    "containers": [{"name": "c", "image": "x"}],
                },
            },
        ),
    ),
    Case(
        "warn template",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "metadata": {"name": "a.b"},
                "spec": {
                    "selector": {"matchLabels": {"a": "b"}},
                    "template": {
                        "metadata": {"labels": {"a": "b"}},
                        "spec": {
                            "nodeSelector": {"beta.kubernetes.io/os": "linux"},
                            "imagePullSecrets": [{}],
                            "containers": [{"name": "c", "image": "x"}],
                        },
                    },
                },
            },
        ),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a.b", {"spec": {"replicas": 2}}),
        PATCH(
            "/apis/apps/v1/namespaces/{ns}/deployments/a.b",
            {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 3}}}},
        ),
    ),
    Case(
        "warn services",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "metadata": {"name": "a"},
                "spec": {"clusterIP": "None", "externalIPs": ["1.2.3.4"], "sessionAffinity": "ClientIP"},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "metadata": {"name": "b"},
                "spec": {"type": "ExternalName", "externalName": "a.b", "ports": [{"port": 1}]},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "metadata": {"name": "c"},
                "spec": {"externalIPs": ["::1"], "loadBalancerIP": "1.2.3.4", "ports": [{"port": 1}]},
            },
        ),
    ),
    Case(
        "a resource claim's spec may not change",
        POST(CLAIMS, {"metadata": {"name": "a"}, "spec": CLAIM}),
        PUT(f"{CLAIMS}/a", {"metadata": {"name": "a", "labels": {"a": "b"}}, "spec": CLAIM}),
        PUT(f"{CLAIMS}/a", {"metadata": {"name": "a"}, "spec": {}}),
        PATCH(f"{CLAIMS}/a", {"spec": {"devices": None}}),
    ),
]
