"""Built-in types: what is filled in, what of a status stays, and what generation counts. https://kubernetes.io/docs/reference/kubernetes-api/"""

from __future__ import annotations

from tests.conformance.case import DELETE, GET, PATCH, POST, PUT, Case

__all__ = ["CASES"]

CASES = [
    Case(
        "pod min",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
    ),
    Case(
        "pod rich",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a", "labels": {"x": "y"}, "annotations": {"k": "v"}},
                "spec": {
                    "restartPolicy": "Never",
                    "hostNetwork": True,
                    "serviceAccountName": "foo",
                    "nodeSelector": {"a": "b"},
                    "terminationGracePeriodSeconds": 5,
                    "initContainers": [
                        {
                            "name": "i",
                            "image": "busybox:1.2",
                            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                            "restartPolicy": "Always",
                        }
                    ],
                    "containers": [
                        {
                            "name": "c",
                            "image": "nginx:1.2",
                            "ports": [{"containerPort": 80}, {"containerPort": 81, "name": "http", "protocol": "UDP"}],
                            "env": [
                                {"name": "A", "value": "b"},
                                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                                {"name": "D", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                                {"name": "E"},
                            ],
                            "envFrom": [{"configMapRef": {"name": "x"}}],
                            "livenessProbe": {"httpGet": {"port": 80}},
                            "readinessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 3},
                            "startupProbe": {"grpc": {"port": 5}},
                            "lifecycle": {
                                "preStop": {"exec": {"command": ["a"]}},
                                "postStart": {"httpGet": {"port": 3, "host": "x"}},
                            },
                            "resources": {"limits": {"cpu": "1500m", "memory": "1024Mi"}, "requests": {"cpu": "0.5"}},
                            "securityContext": {"runAsUser": 5},
                            "volumeMounts": [
                                {"name": "e", "mountPath": "/e"},
                                {"name": "s", "mountPath": "/s", "readOnly": True},
                            ],
                        }
                    ],
                    "volumes": [
                        {"name": "e"},
                        {"name": "s", "secret": {"secretName": "x"}},
                        {"name": "cm", "configMap": {"name": "x", "items": [{"key": "a", "path": "b"}]}},
                        {
                            "name": "d",
                            "downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]},
                        },
                        {
                            "name": "p",
                            "projected": {
                                "sources": [{"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "x"}}]
                            },
                        },
                        {"name": "h", "hostPath": {"path": "/x"}},
                        {"name": "pvc", "persistentVolumeClaim": {"claimName": "x"}},
                        {
                            "name": "isc",
                            "iscsi": {
                                "targetPortal": "1.2.3.4",
                                "iqn": "iqn.2001-04.com.example:storage.kube.sys1.xyz",
                                "lun": 0,
                            },
                        },
                        {
                            "name": "eph",
                            "ephemeral": {
                                "volumeClaimTemplate": {
                                    "spec": {
                                        "accessModes": ["ReadWriteOnce"],
                                        "resources": {"requests": {"storage": "1Gi"}},
                                    }
                                }
                            },
                        },
                        {"name": "nfs", "nfs": {"server": "a", "path": "/b"}},
                        {"name": "img", "image": {"reference": "foo:latest"}},
                    ],
                    "tolerations": [{"key": "a", "operator": "Exists"}],
                    "topologySpreadConstraints": [
                        {
                            "maxSkew": 1,
                            "topologyKey": "z",
                            "whenUnsatisfiable": "DoNotSchedule",
                            "labelSelector": {"matchLabels": {"a": "b"}},
                        }
                    ],
                    "affinity": {
                        "podAntiAffinity": {
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                {
                                    "weight": 3,
                                    "podAffinityTerm": {
                                        "topologyKey": "z",
                                        "labelSelector": {"matchLabels": {"a": "b"}},
                                    },
                                }
                            ]
                        }
                    },
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
    ),
    Case(
        "pod prio",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"priorityClassName": "system-node-critical", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
    ),
    Case(
        "pod prio missing",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {"priorityClassName": "nope", "containers": [{"name": "c", "image": "nginx"}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
    ),
    Case(
        "pod guaranteed",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"generateName": "a-"},
                "spec": {
                    "containers": [
                        {"name": "c", "image": "nginx", "resources": {"limits": {"cpu": 1, "memory": "1e3"}}}
                    ]
                },
            },
        ),
    ),
    Case(
        "pod podres",
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "a"},
                "spec": {
                    "resources": {"requests": {"cpu": 1}},
                    "containers": [
                        {"name": "c", "image": "nginx", "resources": {"limits": {"cpu": 1, "memory": "1e3"}}}
                    ],
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/pods/a"),
    ),
    Case(
        "deploy min",
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
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a"),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a", {"spec": {"replicas": 3}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(
            "/apis/apps/v1/namespaces/{ns}/deployments/a/status",
            {"status": {"replicas": 3, "readyReplicas": 2, "conditions": [{"type": "Available", "status": "True"}]}},
        ),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a/scale"),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a/scale", {"spec": {"replicas": 7}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a", {"spec": {"selector": {"matchLabels": {"app": "b"}}}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a", {"spec": {"strategy": {"type": "Recreate"}}}),
        PATCH(
            "/apis/apps/v1/namespaces/{ns}/deployments/a",
            {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}},
        ),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        PATCH("/apis/apps/v1/namespaces/{ns}/deployments/a", {"spec": {"replicas": -1}}),
        DELETE("/apis/apps/v1/namespaces/{ns}/deployments/a"),
    ),
    Case(
        "deploy opts",
        POST(
            "/apis/apps/v1/namespaces/{ns}/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {
                    "replicas": 0,
                    "paused": True,
                    "minReadySeconds": 3,
                    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
                    "selector": {
                        "matchLabels": {"app": "a"},
                        "matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}],
                    },
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a"),
    ),
    Case(
        "rs",
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
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/replicasets/a"),
        PATCH("/apis/apps/v1/namespaces/{ns}/replicasets/a", {"spec": {"replicas": 3}}),
        PATCH(
            "/apis/apps/v1/namespaces/{ns}/replicasets/a/status", {"status": {"replicas": 3, "observedGeneration": 2}}
        ),
        GET("/apis/apps/v1/namespaces/{ns}/replicasets/a/scale"),
        PATCH("/apis/apps/v1/namespaces/{ns}/replicasets/a", {"spec": {"selector": {"matchLabels": {"app": "b"}}}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/replicasets/a/status", {"status": {"replicas": -3, "readyReplicas": 9}}),
    ),
    Case(
        "sts",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "serviceName": "x",
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                    "volumeClaimTemplates": [
                        {
                            "metadata": {"name": "d"},
                            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                        }
                    ],
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/statefulsets/a"),
        PATCH("/apis/apps/v1/namespaces/{ns}/statefulsets/a", {"spec": {"replicas": 3}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/statefulsets/a", {"spec": {"serviceName": "y"}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/statefulsets/a/status", {"status": {"replicas": 3}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/statefulsets/a", {"spec": {"podManagementPolicy": "Parallel"}}),
        GET("/apis/apps/v1/namespaces/{ns}/statefulsets/a/scale"),
        PATCH("/apis/apps/v1/namespaces/{ns}/statefulsets/a", {"spec": {"selector": {"matchLabels": {"app": "b"}}}}),
    ),
    Case(
        "sts ondelete",
        POST(
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "a"},
                "spec": {
                    "updateStrategy": {"type": "OnDelete"},
                    "podManagementPolicy": "Parallel",
                    "selector": {"matchLabels": {"app": "a"}},
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/statefulsets/a"),
    ),
    Case(
        "ds",
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
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/daemonsets/a"),
        PATCH("/apis/apps/v1/namespaces/{ns}/daemonsets/a", {"spec": {"minReadySeconds": 3}}),
        PATCH(
            "/apis/apps/v1/namespaces/{ns}/daemonsets/a", {"spec": {"template": {"metadata": {"labels": {"q": "r"}}}}}
        ),
        PATCH("/apis/apps/v1/namespaces/{ns}/daemonsets/a/status", {"status": {"currentNumberScheduled": 3}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/daemonsets/a", {"spec": {"selector": {"matchLabels": {"app": "b"}}}}),
    ),
    Case(
        "controllerrevision",
        POST(
            "/apis/apps/v1/namespaces/{ns}/controllerrevisions",
            {
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {"name": "a"},
                "revision": 1,
                "data": {"spec": {"a": "b"}},
            },
        ),
        GET("/apis/apps/v1/namespaces/{ns}/controllerrevisions/a"),
        PATCH("/apis/apps/v1/namespaces/{ns}/controllerrevisions/a", {"data": {"spec": {"a": "c"}}}),
        PATCH("/apis/apps/v1/namespaces/{ns}/controllerrevisions/a", {"revision": 2}),
    ),
    Case(
        "job",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]}}
                },
            },
        ),
        GET("/apis/batch/v1/namespaces/{ns}/jobs/a"),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"parallelism": 3}}),
        PATCH(
            "/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"template": {"spec": {"restartPolicy": "OnFailure"}}}}
        ),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"completions": 5}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"selector": {"matchLabels": {"x": "y"}}}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a/status", {"status": {"active": 1}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"suspend": True}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/jobs/a", {"spec": {"template": {"spec": {"nodeSelector": {"x": "y"}}}}}),
        DELETE("/apis/batch/v1/namespaces/{ns}/jobs/a"),
    ),
    Case(
        "job idx",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a", "labels": {"q": "r"}},
                "spec": {
                    "completionMode": "Indexed",
                    "completions": 3,
                    "backoffLimitPerIndex": 2,
                    "ttlSecondsAfterFinished": 4,
                    "podFailurePolicy": {
                        "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
                    },
                    "template": {
                        "metadata": {"labels": {"a": "b"}},
                        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/batch/v1/namespaces/{ns}/jobs/a"),
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
                    "selector": {"matchLabels": {"a": "b"}},
                    "template": {
                        "metadata": {"labels": {"a": "b"}},
                        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]},
                    },
                },
            },
        ),
        GET("/apis/batch/v1/namespaces/{ns}/jobs/a"),
    ),
    Case(
        "job always",
        POST(
            "/apis/batch/v1/namespaces/{ns}/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "a"},
                "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx"}]}}},
            },
        ),
        GET("/apis/batch/v1/namespaces/{ns}/jobs/a"),
    ),
    Case(
        "cronjob",
        POST(
            "/apis/batch/v1/namespaces/{ns}/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "a"},
                "spec": {
                    "schedule": "*/5 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]}
                            }
                        }
                    },
                },
            },
        ),
        GET("/apis/batch/v1/namespaces/{ns}/cronjobs/a"),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"suspend": True}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"schedule": "bad"}}),
        PATCH(
            "/apis/batch/v1/namespaces/{ns}/cronjobs/a/status", {"status": {"lastScheduleTime": "2020-01-01T00:00:00Z"}}
        ),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"timeZone": "Mars/X"}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"concurrencyPolicy": "X"}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"schedule": ""}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"timeZone": "Europe/Berlin"}}),
        PATCH("/apis/batch/v1/namespaces/{ns}/cronjobs/a", {"spec": {"schedule": "TZ=UTC 1 * * * *"}}),
    ),
    Case(
        "svc",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"type": "NodePort"}}),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"type": "LoadBalancer"}}),
        PATCH(
            "/api/v1/namespaces/{ns}/services/a/status", {"status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}
        ),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"type": "ClusterIP"}}),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"clusterIP": "10.0.0.99"}}),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"type": "ExternalName", "externalName": "x.y"}}),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"type": "ClusterIP"}}),
        DELETE("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc np",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {
                    "type": "NodePort",
                    "ports": [
                        {"port": 80, "name": "x"},
                        {"port": 81, "name": "y", "nodePort": 31234, "targetPort": "foo", "protocol": "UDP"},
                    ],
                    "selector": {"a": "b"},
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"ports": [{"port": 80, "name": "x"}]}}),
    ),
    Case(
        "svc lb",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {
                    "type": "LoadBalancer",
                    "externalTrafficPolicy": "Local",
                    "ports": [{"port": 80, "name": "x"}],
                    "selector": {"a": "b"},
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
        PATCH("/api/v1/namespaces/{ns}/services/a", {"spec": {"externalTrafficPolicy": "Cluster"}}),
    ),
    Case(
        "svc headless",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"clusterIP": "None", "selector": {"a": "b"}},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc headless nosel",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"clusterIP": "None", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc extname",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"type": "ExternalName", "externalName": "a.b.c"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
        PATCH(
            "/api/v1/namespaces/{ns}/services/a",
            {"spec": {"type": "ClusterIP", "externalName": None, "ports": [{"port": 1}]}},
        ),
    ),
    Case(
        "svc clientip",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"sessionAffinity": "ClientIP", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc dual",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ipFamilyPolicy": "PreferDualStack", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc reqdual",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ipFamilyPolicy": "RequireDualStack", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc v6",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ipFamilies": ["IPv6"], "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc noports",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}},
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc badports",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {
                    "type": "Foo",
                    "sessionAffinity": "X",
                    "ports": [
                        {"port": 0},
                        {"port": 70000, "protocol": "X", "name": "A_"},
                        {"port": 1, "name": "a"},
                        {"port": 1, "name": "a"},
                    ],
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc ipout",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"clusterIP": "1.2.3.4", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc ipbad",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"clusterIP": "foo", "ports": [{"port": 1}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc npout",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"type": "NodePort", "ports": [{"port": 1, "nodePort": 5}]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc extname bad",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"type": "ExternalName"}},
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "svc name",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "1a"},
                "spec": {"ports": [{"port": 1}], "selector": {"a": "b c"}},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/1a"),
    ),
    Case(
        "svc npclusterip",
        POST(
            "/api/v1/namespaces/{ns}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "a"},
                "spec": {"ports": [{"port": 1, "nodePort": 30001}], "externalTrafficPolicy": "Local"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/services/a"),
    ),
    Case(
        "ingress",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "a"},
                "spec": {
                    "ingressClassName": "x",
                    "tls": [{"hosts": ["a.b"], "secretName": "s"}],
                    "rules": [
                        {
                            "host": "a.b",
                            "http": {
                                "paths": [
                                    {
                                        "path": "/",
                                        "pathType": "Prefix",
                                        "backend": {"service": {"name": "x", "port": {"number": 80}}},
                                    }
                                ]
                            },
                        }
                    ],
                },
            },
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a"),
        PATCH("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a", {"spec": {"ingressClassName": "y"}}),
        PATCH(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a/status",
            {"status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}},
        ),
    ),
    Case(
        "ingress bad",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "a"},
                "spec": {
                    "rules": [
                        {
                            "host": "A_b",
                            "http": {
                                "paths": [
                                    {
                                        "path": "x",
                                        "pathType": "Prefix",
                                        "backend": {"service": {"name": "X", "port": {}}},
                                    },
                                    {"path": "/", "backend": {}},
                                ]
                            },
                        }
                    ]
                },
            },
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a"),
    ),
    Case(
        "ingress empty",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a"}, "spec": {}},
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a"),
    ),
    Case(
        "netpol",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "a"},
                "spec": {
                    "podSelector": {},
                    "ingress": [{"ports": [{"port": 80}], "from": [{"podSelector": {"matchLabels": {"a": "b"}}}]}],
                    "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}],
                },
            },
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/a"),
        PATCH("/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/a", {"spec": {"egress": None}}),
    ),
    Case(
        "netpol min",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "a"},
                "spec": {"podSelector": {}},
            },
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/a"),
    ),
    Case(
        "netpol bad",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "a"},
                "spec": {
                    "podSelector": {"matchExpressions": [{"key": "a", "operator": "Foo"}]},
                    "policyTypes": ["X"],
                    "ingress": [{"ports": [{"port": 0, "protocol": "x"}], "from": [{}]}],
                    "egress": [{"to": [{"ipBlock": {"cidr": "x", "except": ["10.1.0.0/16"]}}]}],
                },
            },
        ),
        GET("/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/a"),
    ),
    Case(
        "cm",
        POST(
            "/api/v1/namespaces/{ns}/configmaps",
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a"},
                "data": {"a": "b"},
                "binaryData": {"c": "aGk="},
            },
        ),
        GET("/api/v1/namespaces/{ns}/configmaps/a"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"immutable": True}),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"a": "c"}}),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"immutable": False}),
    ),
    Case(
        "cm bad",
        POST(
            "/api/v1/namespaces/{ns}/configmaps",
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a"},
                "data": {"a b": "b", "x": "y", "..": "z"},
                "binaryData": {"x": "aGk="},
            },
        ),
        GET("/api/v1/namespaces/{ns}/configmaps/a"),
    ),
    Case(
        "secret",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"a": "b"}},
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
        PATCH("/api/v1/namespaces/{ns}/secrets/a", {"type": "x"}),
    ),
    Case(
        "secret tls",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "type": "kubernetes.io/tls", "data": {}},
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret basic auth",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/basic-auth",
                "data": {},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret ssh auth",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/ssh-auth",
                "data": {},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret dockerconfigjson",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/dockerconfigjson",
                "data": {".dockerconfigjson": "aGk="},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret service account token",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/service-account-token",
                "data": {},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret token",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "bootstrap.kubernetes.io/token",
                "data": {},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret dockercfg",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/dockercfg",
                "data": {},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "secret tls ok",
        POST(
            "/api/v1/namespaces/{ns}/secrets",
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "a"},
                "type": "kubernetes.io/tls",
                "data": {"tls.crt": "", "tls.key": ""},
            },
        ),
        GET("/api/v1/namespaces/{ns}/secrets/a"),
    ),
    Case(
        "role",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "a:b"},
                "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
            },
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/a:b"),
    ),
    Case(
        "role bad",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "a"},
                "rules": [{"resources": ["pods"]}, {"verbs": ["get"]}, {"nonResourceURLs": ["/x"], "verbs": ["get"]}],
            },
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/a"),
    ),
    Case(
        "role norules",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a"}},
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/a"),
    ),
    Case(
        "rb",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "a"},
                "roleRef": {"kind": "Role", "name": "x"},
                "subjects": [{"kind": "ServiceAccount", "name": "b", "namespace": "c"}, {"kind": "User", "name": "u"}],
            },
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/a"),
        PATCH("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/a", {"roleRef": {"name": "y"}}),
        PATCH("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/a", {"subjects": None}),
    ),
    Case(
        "rb bad",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "a"},
                "roleRef": {"kind": "Foo", "name": ""},
                "subjects": [{"kind": "ServiceAccount", "name": "b"}, {"kind": "X", "name": "u"}, {"kind": "User"}],
            },
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/a"),
    ),
    Case(
        "cr agg",
        POST(
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "{ns}"},
                "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
            },
        ),
        GET("/apis/rbac.authorization.k8s.io/v1/clusterroles/{ns}{ns}"),
        DELETE("/apis/rbac.authorization.k8s.io/v1/clusterroles/{ns}"),
    ),
    Case(
        "lease",
        POST(
            "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": "a"},
                "spec": {
                    "holderIdentity": "x",
                    "leaseDurationSeconds": 15,
                    "acquireTime": "2020-01-01T00:00:00.000000Z",
                    "renewTime": "2020-01-01T00:00:00.5Z",
                },
            },
        ),
        GET("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a"),
        PATCH("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {"spec": {"leaseDurationSeconds": 0}}),
        PATCH("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a", {"spec": {"leaseTransitions": -1}}),
    ),
    Case(
        "lease empty",
        POST(
            "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}},
        ),
        GET("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a"),
    ),
    Case(
        "event",
        POST(
            "/api/v1/namespaces/{ns}/events",
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": "a"},
                "involvedObject": {"kind": "Pod", "name": "x", "namespace": "{ns}"},
                "reason": "R",
                "message": "m",
                "type": "Normal",
                "count": 1,
                "firstTimestamp": "2020-01-01T00:00:00Z",
                "lastTimestamp": "2020-01-01T00:00:00Z",
                "source": {"component": "c"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/events/a"),
        GET("/apis/events.k8s.io/v1/namespaces/{ns}/events/a"),
        PATCH("/api/v1/namespaces/{ns}/events/a", {"count": 2}),
        GET("/api/v1/namespaces/{ns}/events", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "event min",
        POST("/api/v1/namespaces/{ns}/events", {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "a"}}),
        GET("/api/v1/namespaces/{ns}/events/a"),
    ),
    Case(
        "event new",
        POST(
            "/apis/events.k8s.io/v1/namespaces/{ns}/events",
            {
                "apiVersion": "events.k8s.io/v1",
                "kind": "Event",
                "metadata": {"name": "a"},
                "regarding": {"kind": "Pod", "name": "x", "namespace": "{ns}"},
                "reason": "R",
                "action": "A",
                "note": "m",
                "type": "Normal",
                "eventTime": "2020-01-01T00:00:00.123456Z",
                "reportingController": "a.b/c",
                "reportingInstance": "i",
            },
        ),
        GET("/apis/events.k8s.io/v1/namespaces/{ns}/events/a"),
        GET("/api/v1/namespaces/{ns}/events/a"),
    ),
    Case(
        "event new bad",
        POST(
            "/apis/events.k8s.io/v1/namespaces/{ns}/events",
            {
                "apiVersion": "events.k8s.io/v1",
                "kind": "Event",
                "metadata": {"name": "a"},
                "regarding": {"kind": "Pod", "name": "x", "namespace": "other"},
                "reason": "R",
                "type": "Foo",
            },
        ),
        GET("/apis/events.k8s.io/v1/namespaces/{ns}/events/a"),
    ),
    Case(
        "pvc",
        POST(
            "/api/v1/namespaces/{ns}/persistentvolumeclaims",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "a"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            },
        ),
        GET("/api/v1/namespaces/{ns}/persistentvolumeclaims/a"),
        PATCH("/api/v1/namespaces/{ns}/persistentvolumeclaims/a", {"spec": {"accessModes": ["ReadWriteMany"]}}),
        PATCH(
            "/api/v1/namespaces/{ns}/persistentvolumeclaims/a",
            {"spec": {"resources": {"requests": {"storage": "2Gi"}}}},
        ),
        PATCH("/api/v1/namespaces/{ns}/persistentvolumeclaims/a/status", {"status": {"phase": "Bound"}}),
        PATCH("/api/v1/namespaces/{ns}/persistentvolumeclaims/a", {"spec": {"volumeName": "v"}}),
        PATCH("/api/v1/namespaces/{ns}/persistentvolumeclaims/a", {"spec": {"volumeName": "w"}}),
        DELETE("/api/v1/namespaces/{ns}/persistentvolumeclaims/a"),
    ),
    Case(
        "pvc bad",
        POST(
            "/api/v1/namespaces/{ns}/persistentvolumeclaims",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "a"},
                "spec": {"accessModes": ["Foo"], "storageClassName": "A_"},
            },
        ),
        GET("/api/v1/namespaces/{ns}/persistentvolumeclaims/a"),
    ),
    Case(
        "pvc empty",
        POST(
            "/api/v1/namespaces/{ns}/persistentvolumeclaims",
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}, "spec": {}},
        ),
        GET("/api/v1/namespaces/{ns}/persistentvolumeclaims/a"),
    ),
    Case(
        "pvc ds",
        POST(
            "/api/v1/namespaces/{ns}/persistentvolumeclaims",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "a"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "dataSource": {"kind": "PersistentVolumeClaim", "name": "x"},
                    "resources": {"requests": {"storage": "1073741824"}, "limits": {"storage": "0.5Gi"}},
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/persistentvolumeclaims/a"),
    ),
    Case(
        "pv",
        POST(
            "/api/v1/persistentvolumes",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": "{ns}"},
                "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}},
            },
        ),
        GET("/api/v1/persistentvolumes/{ns}{ns}"),
        PATCH("/api/v1/persistentvolumes/{ns}", {"spec": {"hostPath": {"path": "/y"}}}),
        PATCH("/api/v1/persistentvolumes/{ns}", {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}),
        PATCH("/api/v1/persistentvolumes/{ns}", {"spec": {"capacity": {"storage": "5Gi"}}}),
        PATCH("/api/v1/persistentvolumes/{ns}/status", {"status": {"phase": "Bound"}}),
        DELETE("/api/v1/persistentvolumes/{ns}"),
        PATCH("/api/v1/persistentvolumes/{ns}", {"metadata": {"finalizers": None}}),
    ),
    Case(
        "pv bad",
        POST(
            "/api/v1/persistentvolumes",
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "a-{id}"}, "spec": {}},
        ),
        GET("/api/v1/persistentvolumes/a-{id}"),
    ),
    Case(
        "pv two",
        POST(
            "/api/v1/persistentvolumes",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": "a-{id}"},
                "spec": {
                    "accessModes": ["X"],
                    "capacity": {"storage": 0, "cpu": 1},
                    "hostPath": {"path": "/x/.."},
                    "nfs": {"server": "a", "path": "b"},
                    "persistentVolumeReclaimPolicy": "Q",
                },
            },
        ),
        GET("/api/v1/persistentvolumes/a-{id}"),
    ),
    Case(
        "pv csi",
        POST(
            "/api/v1/persistentvolumes",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": "{ns}"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": {"storage": "1Gi"},
                    "csi": {"driver": "a.b", "volumeHandle": "x"},
                    "claimRef": {"name": "a", "namespace": "b"},
                    "nodeAffinity": {
                        "required": {
                            "nodeSelectorTerms": [
                                {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}
                            ]
                        }
                    },
                },
            },
        ),
        GET("/api/v1/persistentvolumes/{ns}{ns}"),
        PATCH("/api/v1/persistentvolumes/{ns}", {"metadata": {"finalizers": None}}),
        DELETE("/api/v1/persistentvolumes/{ns}"),
    ),
    Case(
        "hpa2",
        POST(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "a"},
                "spec": {
                    "maxReplicas": 3,
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
                },
            },
        ),
        GET("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
        PATCH(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a",
            {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 5}}}},
        ),
        PATCH(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a/status",
            {"status": {"currentReplicas": 2, "conditions": [{"type": "AbleToScale", "status": "True"}]}},
        ),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "hpa1",
        POST(
            "/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers",
            {
                "apiVersion": "autoscaling/v1",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "a"},
                "spec": {
                    "maxReplicas": 3,
                    "targetCPUUtilizationPercentage": 50,
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
                },
            },
        ),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a"),
    ),
    Case(
        "hpa bad",
        POST(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "a"},
                "spec": {
                    "minReplicas": 5,
                    "maxReplicas": 3,
                    "scaleTargetRef": {},
                    "metrics": [
                        {"type": "Foo"},
                        {"type": "Resource"},
                        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}},
                    ],
                },
            },
        ),
        GET("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a"),
    ),
    Case(
        "hpa metrics",
        POST(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "a"},
                "spec": {
                    "maxReplicas": 3,
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
                    "metrics": [
                        {
                            "type": "Pods",
                            "pods": {
                                "metric": {"name": "q"},
                                "target": {"type": "AverageValue", "averageValue": "1500m"},
                            },
                        },
                        {
                            "type": "External",
                            "external": {"metric": {"name": "e"}, "target": {"type": "Value", "value": 3}},
                        },
                        {
                            "type": "ContainerResource",
                            "containerResource": {
                                "name": "cpu",
                                "container": "c",
                                "target": {"type": "Utilization", "averageUtilization": 5},
                            },
                        },
                    ],
                },
            },
        ),
        GET("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers/a"),
        GET(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "pdb",
        POST(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": {"name": "a"},
                "spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}},
            },
        ),
        GET("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a"),
        PATCH("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {"spec": {"minAvailable": "50%"}}),
        PATCH("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {"spec": {"maxUnavailable": "50%"}}),
        PATCH(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a/status",
            {"status": {"disruptionsAllowed": 1, "currentHealthy": 2}},
        ),
        PATCH("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {"spec": {"minAvailable": "x"}}),
        PATCH("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {"spec": {"minAvailable": -1}}),
        PATCH("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a", {"spec": {"unhealthyPodEvictionPolicy": "X"}}),
    ),
    Case(
        "pdb empty",
        POST(
            "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
            {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {}},
        ),
        GET("/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/a"),
    ),
    Case(
        "eps",
        POST(
            "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": "a", "labels": {"kubernetes.io/service-name": "x"}},
                "addressType": "IPv4",
                "endpoints": [{"addresses": ["1.2.3.4"], "conditions": {"ready": True}}, {"addresses": ["1.2.3.5"]}],
                "ports": [{"port": 80}, {"name": "b", "port": 81, "protocol": "UDP"}],
            },
        ),
        GET("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a"),
        PATCH("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a", {"addressType": "IPv6"}),
        PATCH("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a", {"endpoints": []}),
        PATCH("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a", {"metadata": {"labels": {"a": "b"}}}),
    ),
    Case(
        "eps bad",
        POST(
            "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": "a"},
                "addressType": "Foo",
                "endpoints": [{"addresses": []}, {"addresses": ["a"]}],
                "ports": [{"port": 0, "protocol": "X"}],
            },
        ),
        GET("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a"),
    ),
    Case(
        "eps noaddr",
        POST(
            "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "a"}, "endpoints": []},
        ),
        GET("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/a"),
    ),
    Case(
        "endpoints",
        POST(
            "/api/v1/namespaces/{ns}/endpoints",
            {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": {"name": "a"},
                "subsets": [{"addresses": [{"ip": "1.2.3.4"}], "ports": [{"port": 80}]}],
            },
        ),
        GET("/api/v1/namespaces/{ns}/endpoints/a"),
        PUT(
            "/api/v1/namespaces/{ns}/endpoints/b", {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "b"}}
        ),
    ),
    Case(
        "endpoints bad",
        POST(
            "/api/v1/namespaces/{ns}/endpoints",
            {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": {"name": "a"},
                "subsets": [{"addresses": [{"ip": "x"}], "ports": [{"port": 0}]}, {}],
            },
        ),
        GET("/api/v1/namespaces/{ns}/endpoints/a"),
    ),
    Case(
        "ns",
        POST(
            "/api/v1/namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}-x", "labels": {"a": "b"}}},
        ),
        GET("/api/v1/namespaces/{ns}{ns}-x"),
        PATCH("/api/v1/namespaces/{ns}-x", {"metadata": {"labels": {"kubernetes.io/metadata.name": "q"}}}),
        PATCH("/api/v1/namespaces/{ns}-x", {"spec": {"finalizers": []}}),
        DELETE("/api/v1/namespaces/{ns}-x"),
        GET("/api/v1/namespaces/{ns}-x"),
        POST("/api/v1/namespaces/{ns}-x/configmaps", {"metadata": {"name": "a"}}),
        PUT(
            "/api/v1/namespaces/{ns}-x/finalize",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}-x"}, "spec": {}},
        ),
        GET("/api/v1/namespaces/{ns}-x"),
    ),
    Case(
        "ns bad",
        POST(
            "/api/v1/namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b-{id}"}, "spec": {"finalizers": ["x"]}},
        ),
        GET("/api/v1/namespaces/a.b"),
    ),
    Case(
        "node",
        POST(
            "/api/v1/nodes",
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "{ns}"}, "status": {"capacity": {"cpu": 4}}},
        ),
        GET("/api/v1/nodes/{ns}{ns}"),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"unschedulable": True}}),
        PATCH(
            "/api/v1/nodes/{ns}/status",
            {
                "status": {
                    "capacity": {"cpu": "4", "memory": "8Gi"},
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "addresses": [{"type": "InternalIP", "address": "1.2.3.4"}],
                }
            },
        ),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"podCIDR": "10.1.0.0/24"}}),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"podCIDR": "10.2.0.0/24"}}),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"providerID": "a"}}),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"providerID": "b"}}),
        PATCH("/api/v1/nodes/{ns}", {"spec": {"taints": [{"key": "a", "effect": "Foo"}]}}),
        GET("/api/v1/nodes/{ns}", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        DELETE("/api/v1/nodes/{ns}"),
    ),
    Case(
        "namespaces that stay",
        DELETE("/api/v1/namespaces/default"),
        DELETE("/api/v1/namespaces/kube-system"),
        namespace=False,
    ),
    Case(
        "sa",
        POST(
            "/api/v1/namespaces/{ns}/serviceaccounts",
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "a"},
                "secrets": [{"name": "x"}],
                "imagePullSecrets": [{"name": "y"}],
                "automountServiceAccountToken": False,
            },
        ),
        GET("/api/v1/namespaces/{ns}/serviceaccounts/a"),
        POST("/api/v1/namespaces/{ns}/serviceaccounts/a/token", {"spec": {}}),
        POST(
            "/api/v1/namespaces/{ns}/serviceaccounts/a/token", {"spec": {"audiences": ["x"], "expirationSeconds": 700}}
        ),
        POST("/api/v1/namespaces/{ns}/serviceaccounts/a/token", {"spec": {"expirationSeconds": 5}}),
        POST("/api/v1/namespaces/{ns}/serviceaccounts/zz/token", {"spec": {}}),
        POST(
            "/api/v1/namespaces/{ns}/serviceaccounts/a/token",
            {"spec": {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "nope"}}},
        ),
    ),
    Case(
        "rc",
        POST(
            "/api/v1/namespaces/{ns}/replicationcontrollers",
            {
                "apiVersion": "v1",
                "kind": "ReplicationController",
                "metadata": {"name": "a"},
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "a"}},
                        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                    }
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/replicationcontrollers/a"),
        GET("/api/v1/namespaces/{ns}/replicationcontrollers/a/scale"),
        PATCH("/api/v1/namespaces/{ns}/replicationcontrollers/a/scale", {"spec": {"replicas": 3}}),
        PATCH("/api/v1/namespaces/{ns}/replicationcontrollers/a", {"spec": {"selector": {"x": "y"}}}),
    ),
    Case(
        "quota",
        POST(
            "/api/v1/namespaces/{ns}/resourcequotas",
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "a"},
                "spec": {"hard": {"pods": 10, "requests.cpu": "1", "count/configmaps": 2}},
            },
        ),
        GET("/api/v1/namespaces/{ns}/resourcequotas/a"),
        PATCH(
            "/api/v1/namespaces/{ns}/resourcequotas/a/status",
            {"status": {"hard": {"pods": "10"}, "used": {"pods": "0"}}},
        ),
        PATCH("/api/v1/namespaces/{ns}/resourcequotas/a", {"spec": {"scopes": ["BestEffort"]}}),
    ),
    Case(
        "quota bad",
        POST(
            "/api/v1/namespaces/{ns}/resourcequotas",
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "a"},
                "spec": {"hard": {"pods": 10.5, "foo": 1, "cpu": -1}, "scopes": ["X", "BestEffort"]},
            },
        ),
        GET("/api/v1/namespaces/{ns}/resourcequotas/a"),
    ),
    Case(
        "limitrange",
        POST(
            "/api/v1/namespaces/{ns}/limitranges",
            {
                "apiVersion": "v1",
                "kind": "LimitRange",
                "metadata": {"name": "a"},
                "spec": {
                    "limits": [
                        {
                            "type": "Container",
                            "default": {"cpu": 1},
                            "defaultRequest": {"cpu": "500m"},
                            "max": {"memory": "1Gi"},
                        }
                    ]
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/limitranges/a"),
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "x"}]}},
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "b"},
                "spec": {"containers": [{"name": "c", "image": "x", "resources": {"limits": {"memory": "2Gi"}}}]},
            },
        ),
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "b"},
                "spec": {"containers": [{"name": "c", "image": "x", "resources": {"requests": {"memory": "2Gi"}}}]},
            },
        ),
    ),
    Case(
        "limitrange bad",
        POST(
            "/api/v1/namespaces/{ns}/limitranges",
            {
                "apiVersion": "v1",
                "kind": "LimitRange",
                "metadata": {"name": "a"},
                "spec": {
                    "limits": [
                        {
                            "type": "Container",
                            "default": {"cpu": 1},
                            "defaultRequest": {"cpu": 3},
                            "max": {"cpu": 1},
                            "min": {"cpu": 2},
                        },
                        {"type": "Pod", "default": {"cpu": 1}},
                        {"type": "Container"},
                    ]
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/limitranges/a"),
    ),
    Case(
        "sc",
        POST(
            "/apis/storage.k8s.io/v1/storageclasses",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "{ns}"},
                "provisioner": "x.y",
            },
        ),
        GET("/apis/storage.k8s.io/v1/storageclasses/{ns}{ns}"),
        PATCH("/apis/storage.k8s.io/v1/storageclasses/{ns}", {"provisioner": "z"}),
        PATCH("/apis/storage.k8s.io/v1/storageclasses/{ns}", {"reclaimPolicy": "Retain"}),
        PATCH("/apis/storage.k8s.io/v1/storageclasses/{ns}", {"parameters": {"a": "b"}}),
        PATCH("/apis/storage.k8s.io/v1/storageclasses/{ns}", {"volumeBindingMode": "WaitForFirstConsumer"}),
        PATCH("/apis/storage.k8s.io/v1/storageclasses/{ns}", {"allowVolumeExpansion": True}),
        DELETE("/apis/storage.k8s.io/v1/storageclasses/{ns}"),
    ),
    Case(
        "sc bad",
        POST(
            "/apis/storage.k8s.io/v1/storageclasses",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "{ns}"},
                "reclaimPolicy": "X",
                "volumeBindingMode": "Y",
            },
        ),
        GET("/apis/storage.k8s.io/v1/storageclasses/{ns}{ns}"),
    ),
    Case(
        "pc",
        POST(
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "{ns}"}, "value": 5},
        ),
        GET("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}{ns}"),
        PATCH("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", {"value": 6}),
        PATCH("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", {"description": "z"}),
        PATCH("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", {"preemptionPolicy": "Never"}),
        POST(
            "/api/v1/namespaces/{ns}/pods",
            {
                "metadata": {"name": "a"},
                "spec": {"priorityClassName": "{ns}", "containers": [{"name": "c", "image": "x"}]},
            },
        ),
        DELETE("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}"),
    ),
    Case(
        "pc bad",
        POST(
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {"name": "system-foo-{id}"},
                "value": 5000000000,
            },
        ),
        GET("/apis/scheduling.k8s.io/v1/priorityclasses/system-foo-{id}"),
    ),
    Case(
        "pc bad2",
        POST(
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {"name": "system-foo-{id}"},
                "value": 1500000000,
            },
        ),
        GET("/apis/scheduling.k8s.io/v1/priorityclasses/system-foo-{id}"),
    ),
    Case(
        "ingressclass",
        POST(
            "/apis/networking.k8s.io/v1/ingressclasses",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "IngressClass",
                "metadata": {"name": "{ns}"},
                "spec": {"controller": "a.b/c", "parameters": {"kind": "X", "name": "y"}},
            },
        ),
        GET("/apis/networking.k8s.io/v1/ingressclasses/{ns}{ns}"),
        PATCH("/apis/networking.k8s.io/v1/ingressclasses/{ns}", {"spec": {"controller": "d.e/f"}}),
        DELETE("/apis/networking.k8s.io/v1/ingressclasses/{ns}"),
    ),
    Case(
        "podtemplate",
        POST(
            "/api/v1/namespaces/{ns}/podtemplates",
            {
                "apiVersion": "v1",
                "kind": "PodTemplate",
                "metadata": {"name": "a"},
                "template": {
                    "metadata": {"labels": {"app": "a"}},
                    "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                },
            },
        ),
        GET("/api/v1/namespaces/{ns}/podtemplates/a"),
    ),
    Case(
        "runtimeclass",
        POST(
            "/apis/node.k8s.io/v1/runtimeclasses",
            {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "{ns}"}, "handler": "x"},
        ),
        GET("/apis/node.k8s.io/v1/runtimeclasses/{ns}{ns}"),
        DELETE("/apis/node.k8s.io/v1/runtimeclasses/{ns}"),
    ),
    Case(
        "csr",
        POST(
            "/apis/certificates.k8s.io/v1/certificatesigningrequests",
            {
                "apiVersion": "certificates.k8s.io/v1",
                "kind": "CertificateSigningRequest",
                "metadata": {"name": "{ns}"},
                "spec": {"request": "aGk=", "signerName": "a.b/c", "usages": ["client auth"]},
            },
        ),
        GET("/apis/certificates.k8s.io/v1/certificatesigningrequests/{ns}{ns}"),
    ),
    Case(
        "csidriver",
        POST(
            "/apis/storage.k8s.io/v1/csidrivers",
            {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "{ns}"}, "spec": {}},
        ),
        GET("/apis/storage.k8s.io/v1/csidrivers/{ns}{ns}"),
        DELETE("/apis/storage.k8s.io/v1/csidrivers/{ns}"),
    ),
    Case(
        "csinode",
        POST(
            "/apis/storage.k8s.io/v1/csinodes",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "CSINode",
                "metadata": {"name": "{ns}"},
                "spec": {"drivers": [{"name": "a", "nodeID": "b"}]},
            },
        ),
        GET("/apis/storage.k8s.io/v1/csinodes/{ns}{ns}"),
        DELETE("/apis/storage.k8s.io/v1/csinodes/{ns}"),
    ),
    Case(
        "va",
        POST(
            "/apis/storage.k8s.io/v1/volumeattachments",
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "VolumeAttachment",
                "metadata": {"name": "{ns}"},
                "spec": {"attacher": "a", "nodeName": "b", "source": {"persistentVolumeName": "c"}},
            },
        ),
        GET("/apis/storage.k8s.io/v1/volumeattachments/{ns}{ns}"),
        PATCH("/apis/storage.k8s.io/v1/volumeattachments/{ns}/status", {"status": {"attached": True}}),
        DELETE("/apis/storage.k8s.io/v1/volumeattachments/{ns}"),
    ),
    Case(
        "vwc",
        POST(
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": "{ns}"},
                "webhooks": [
                    {
                        "name": "a.b.c",
                        "clientConfig": {"service": {"name": "a", "namespace": "b"}},
                        "rules": [
                            {
                                "apiGroups": ["x.y"],
                                "apiVersions": ["v1"],
                                "operations": ["CREATE"],
                                "resources": ["foos"],
                            }
                        ],
                        "sideEffects": "None",
                        "admissionReviewVersions": ["v1"],
                    }
                ],
            },
        ),
        GET("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{ns}{ns}"),
        DELETE("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{ns}"),
    ),
    Case(
        "mwc bad",
        POST(
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "MutatingWebhookConfiguration",
                "metadata": {"name": "{ns}"},
                "webhooks": [
                    {"name": "a", "clientConfig": {}, "rules": [{"operations": ["CREATE"], "resources": ["foos"]}]}
                ],
            },
        ),
        GET("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{ns}{ns}"),
    ),
    Case(
        "vap",
        POST(
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicy",
                "metadata": {"name": "{ns}"},
                "spec": {
                    "matchConstraints": {
                        "resourceRules": [
                            {
                                "apiGroups": ["x.y"],
                                "apiVersions": ["v1"],
                                "operations": ["CREATE"],
                                "resources": ["foos"],
                            }
                        ]
                    },
                    "validations": [{"expression": "object.spec.a == 1"}],
                },
            },
        ),
        GET("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{ns}{ns}"),
        DELETE("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{ns}"),
    ),
    Case(
        "flowschema",
        POST(
            "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
            {
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
                "kind": "FlowSchema",
                "metadata": {"name": "{ns}"},
                "spec": {"priorityLevelConfiguration": {"name": "catch-all"}},
            },
        ),
        GET("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/{ns}{ns}"),
        DELETE("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/{ns}"),
    ),
    Case(
        "plc",
        POST(
            "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
            {
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
                "kind": "PriorityLevelConfiguration",
                "metadata": {"name": "{ns}"},
                "spec": {"type": "Limited", "limited": {}},
            },
        ),
        GET("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/{ns}{ns}"),
        DELETE("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/{ns}"),
    ),
]
