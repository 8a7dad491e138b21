"""Objects that administrators and controllers decide about: requests for certificates, policies, volumes, addresses of Services."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import DELETE, GET, PATCH, POST, PUT, STRATEGIC, Case
from tests.conformance.making import CONTAINERS

CSRS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
POLICIES = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies"
BINDINGS = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings"
VOLUMES = "/api/v1/persistentvolumes"
CLAIMS = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
SERVICES = "/api/v1/namespaces/{ns}/services"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
_DEFAULT = "storageclass.kubernetes.io/is-default-class"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
SCALERS = "/apis/autoscaling/{}/namespaces/{{ns}}/horizontalpodautoscalers"

#: A request of an Ed25519 key, made for these cases.
REQUEST = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlHTE1EOENBUUF3RERFS01BZ0dBMVVFQXd3QllUQXFNQVVHQXl0bGNBTWhBUEQwY2Uzd2d6SXlXdjYyeXE2bQpRcWFjNSs5Ukw2Vm50anZCZHF3bTBKSTFvQUF3QlFZREsyVndBMEVBZHRtbGJ4OU9SbE1rVXNzTU9FUWRrUytFCk5Ea1E0VlFOWFRpQmY4TUYyQVhGRlFDRWZMRHRhQjYvaW1TaFpxYWlHejFOQ3djRnJTY0JFT0VQU2V5NkR3PT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
CSR: dict[str, Any] = {
    "metadata": {"name": "{id}"},
    "spec": {"request": REQUEST, "signerName": "example.com/x", "usages": ["client auth"], "username": "somebody"},
}
APPROVED: dict[str, Any] = {"type": "Approved", "status": "True", "reason": "KubectlApprove", "message": "m"}
DENIED: dict[str, Any] = {"type": "Denied", "status": "True", "reason": "r"}


def DECIDED(*conditions: dict[str, Any]) -> dict[str, Any]:
    """The request with these conditions."""
    return {**CSR, "status": {"conditions": list(conditions)}}


POLICY: dict[str, Any] = {
    "matchConstraints": {
        "resourceRules": [
            {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}
        ]
    },
    "mutations": [
        {
            "patchType": "ApplyConfiguration",
            "applyConfiguration": {"expression": "Object{spec: Object.spec{replicas: 3}}"},
        }
    ],
    "reinvocationPolicy": "Never",
}


def RULES(**rule: list[str]) -> dict[str, Any]:
    """Constraints of one rule, changed like this."""
    return {"resourceRules": [{**POLICY["matchConstraints"]["resourceRules"][0], **rule}]}


VOLUME: dict[str, Any] = {
    "capacity": {"storage": "1Gi"},
    "accessModes": ["ReadWriteOnce"],
    "csi": {"driver": "x.example.com", "volumeHandle": "h"},
}


def NODES(key: str) -> dict[str, Any]:
    """An affinity to nodes by a label."""
    return {
        "required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": "In", "values": ["a"]}]}]}
    }


CLAIM: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
_CLASS = "volume.beta.kubernetes.io/storage-class"


def JOB(**spec: Any) -> dict[str, Any]:
    """A job."""
    template = {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}}
    return {"metadata": {"name": "a"}, "spec": {"template": template, **spec}}


def SLICE(**fields: Any) -> dict[str, Any]:
    """An EndpointSlice."""
    return {"metadata": {"name": "a"}, "addressType": "IPv4", "endpoints": [], **fields}


def SCALER(**spec: Any) -> dict[str, Any]:
    """An autoscaler."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    return {"metadata": {"name": "a"}, "spec": {"scaleTargetRef": target, "maxReplicas": 3, **spec}}


CASES = [
    Case(
        "a request for a certificate is approved and signed",
        POST(CSRS, CSR),
        PUT(f"{CSRS}/{{id}}", {**CSR, "spec": {**CSR["spec"], "usages": ["server auth"]}}),
        PUT(f"{CSRS}/{{id}}/approval", DECIDED(APPROVED)),
        PUT(f"{CSRS}/{{id}}/approval", DECIDED(APPROVED, DENIED)),
        PATCH(f"{CSRS}/{{id}}/approval", {"status": {"conditions": []}}),
        PATCH(f"{CSRS}/{{id}}/approval", {"status": {"certificate": "Zm9v"}}),
        PATCH(f"{CSRS}/{{id}}/status", {"status": {"certificate": "Zm9v"}}),
        PATCH(
            f"{CSRS}/{{id}}/status", {"status": {"conditions": [{"type": "Failed", "status": "Odd"}]}}, media=STRATEGIC
        ),
        PATCH(f"{CSRS}/{{id}}/status", {"status": {"conditions": [DENIED]}}, media=STRATEGIC),
        GET(f"{CSRS}/{{id}}/approval"),
        GET(f"{CSRS}/{{id}}"),
        DELETE(f"{CSRS}/{{id}}"),
        namespace=False,
    ),
    Case(
        "requests for certificates that are none",
        *(
            POST(CSRS, {**CSR, "spec": {**CSR["spec"], **spec}})
            for spec in (
                {"signerName": "kubernetes.io/legacy-unknown"},
                {"usages": ["odd", "client auth", "client auth"]},
                {"expirationSeconds": 5, "signerName": "x"},
            )
        ),
        namespace=False,
    ),
    Case(
        "policies that change objects",
        *(
            POST(f"{POLICIES}?dryRun=All", {"metadata": {"name": "{id}"}, "spec": {**POLICY, **spec}})
            for spec in (
                {},
                {"mutations": [], "reinvocationPolicy": ""},
                {"mutations": [{"patchType": "JSONPatch", "applyConfiguration": {"expression": "Object{}"}}]},
                {"mutations": [{"patchType": "Odd"}], "reinvocationPolicy": "Odd"},
                {"matchConstraints": RULES(operations=["DELETE"])},
                {"matchConstraints": RULES(resources=["a/*", "a/x", "*/y", "z/y", ""])},
                {"matchConstraints": RULES(resourceNames=["a", "a", "b/c"])},
                {"matchConstraints": None, "paramKind": {"apiVersion": "x_y/v_1", "kind": "k_K"}},
            )
        ),
        POST(
            f"{BINDINGS}?dryRun=All",
            {"metadata": {"name": "{id}"}, "spec": {"policyName": "p", "matchResources": RULES()}},
        ),
        POST(
            f"{BINDINGS}?dryRun=All",
            {"metadata": {"name": "{id}"}, "spec": {"policyName": "", "matchResources": RULES(operations=["DELETE"])}},
        ),
        namespace=False,
    ),
    Case(
        "what may be said of a volume later",
        POST(
            VOLUMES,
            {"metadata": {"name": "{id}"}, "spec": {**VOLUME, "nodeAffinity": NODES("beta.kubernetes.io/arch")}},
        ),
        PUT(
            f"{VOLUMES}/{{id}}",
            {
                "metadata": {"name": "{id}"},
                "spec": {
                    **VOLUME,
                    "csi": {**VOLUME["csi"], "controllerExpandSecretRef": {"name": "s", "namespace": "n"}},
                    "nodeAffinity": NODES("kubernetes.io/arch"),
                    "volumeAttributesClassName": "gold",
                },
            },
        ),
        PUT(f"{VOLUMES}/{{id}}", {"metadata": {"name": "{id}"}, "spec": {**VOLUME, "nodeAffinity": NODES("zone")}}),
        POST(VOLUMES, {"metadata": {"name": "{id}-b"}, "spec": {**VOLUME, "volumeAttributesClassName": ""}}),
        namespace=False,
    ),
    Case(
        "a claim's class in an annotation",
        POST(CLAIMS, {"metadata": {"name": "a", "annotations": {_CLASS: "x"}}, "spec": CLAIM}),
        PUT(f"{CLAIMS}/a?dryRun=All", {"metadata": {"name": "a", "annotations": {_CLASS: "y"}}, "spec": CLAIM}),
        PUT(f"{CLAIMS}/a?dryRun=All", {"metadata": {"name": "a"}, "spec": CLAIM}),
        PUT(f"{CLAIMS}/a?dryRun=All", {"metadata": {"name": "a"}, "spec": {**CLAIM, "storageClassName": "x"}}),
        PUT(f"{CLAIMS}/a?dryRun=All", {"metadata": {"name": "a"}, "spec": {**CLAIM, "storageClassName": "y"}}),
        POST(
            CLAIMS,
            {
                "metadata": {"name": "b"},
                "spec": {**CLAIM, "dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "a", "namespace": ""}},
            },
        ),
    ),
    Case(
        "addresses and ports that a Service cannot have",
        *(
            POST(f"{SERVICES}?dryRun=All", {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], **spec}})
            for spec in (
                {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7", "2001::1"], "ipFamilyPolicy": "RequireDualStack"},
                {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7", "2001::1"], "ipFamilies": ["IPv4", "IPv6"]},
                {"clusterIPs": ["10.0.0.7", "2001::1", "10.0.0.8"], "clusterIP": "10.0.0.7"},
                {
                    "type": "NodePort",
                    "ports": [{"name": "a", "port": 1, "nodePort": 30123}, {"name": "b", "port": 2, "nodePort": 30123}],
                },
                {
                    "type": "NodePort",
                    "ports": [
                        {"name": "a", "port": 1, "nodePort": 30123},
                        {"name": "b", "port": 2, "nodePort": 30123, "protocol": "UDP"},
                    ],
                },
                {
                    "type": "NodePort",
                    "ports": [{"name": "a", "port": 1, "nodePort": 30123}, {"name": "b", "port": 1, "protocol": "UDP"}],
                },
            )
        ),
        POST(
            SERVICES,
            {
                "metadata": {
                    "name": "a",
                    "annotations": {
                        "service.kubernetes.io/topology-mode": "Auto",
                        "service.kubernetes.io/topology-aware-hints": "Disabled",
                    },
                },
                "spec": {"ports": [{"port": 80}]},
            },
        ),
    ),
    Case(
        "jobs that fail by rules",
        *(
            POST(f"{JOBS}?dryRun=All", JOB(**spec))
            for spec in (
                {"podFailurePolicy": {"rules": [{"action": "", "onExitCodes": {"operator": "", "values": [1]}}]}},
                {
                    "podFailurePolicy": {
                        "rules": [{"action": "Ignore", "onPodConditions": [{"type": f"T{n}"} for n in range(21)]}]
                    }
                },
                {"podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "T"}]}] * 21}},
                {"completionMode": "Indexed", "completions": 100_001, "parallelism": 20_000, "backoffLimitPerIndex": 1},
                {"selector": {"matchLabels": {"x": "y", "a": "b"}}},
            )
        ),
    ),
    Case(
        "too much in an EndpointSlice",
        POST(
            SLICES,
            SLICE(
                endpoints=[{"addresses": ["10.1.2.3"], "hints": {"forZones": [{"name": f"z{n}"} for n in range(9)]}}]
            ),
        ),
        POST(
            SLICES,
            SLICE(addressType="FQDN", endpoints=[{"addresses": ["a.example.com", "A.example.com", "plain", ""]}]),
        ),
    ),
    Case(
        "an autoscaler's behaviour in the older version",
        POST(
            SCALERS.format("v1"),
            {
                **SCALER(),
                "metadata": {
                    "name": "a",
                    "annotations": {
                        "autoscaling.alpha.kubernetes.io/behavior": '{"ScaleDown":{"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}'
                    },
                },
            },
        ),
        GET(SCALERS.format("v2") + "/a"),
        POST(
            SCALERS.format("v2"),
            SCALER(
                metrics=[
                    {
                        "type": "ContainerResource",
                        "containerResource": {
                            "name": "Odd",
                            "container": "A_",
                            "target": {"type": "Utilization", "averageUtilization": 5},
                        },
                    }
                ]
            ),
        ),
    ),
    Case(
        "a namespace's finalizers must be qualified",
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}"}}),
        PUT(
            "/api/v1/namespaces/{id}/finalize",
            {"metadata": {"name": "{id}"}, "spec": {"finalizers": ["Foo", "", "a.b/c"]}},
        ),
        namespace=False,
    ),
    Case(
        "names that are not made yet",
        POST("/api/v1/namespaces", {"metadata": {"name": "{id}", "finalizers": ["x.io/y"]}}),
        DELETE("/api/v1/namespaces/{id}"),
        POST(
            "/api/v1/namespaces/{id}/pods", {"metadata": {"generateName": "web-"}, "spec": {"containers": CONTAINERS}}
        ),
        POST("/api/v1/namespaces/{id}/configmaps", {"metadata": {}}),
        *(
            POST(
                "/api/v1/namespaces/{ns}/pods",
                {"metadata": {"generateName": "web-"}, "spec": {"containers": CONTAINERS, **spec}},
            )
            for spec in (
                {"priorityClassName": "none"},
                {"runtimeClassName": "none"},
                {"priority": 5},
                {"nodeName": "A_"},
            )
        ),
    ),
    Case(
        "the default class of several",
        *(
            POST(
                CLASSES,
                {
                    "metadata": {"name": f"{{id}}-{n}", "labels": {"of": "{id}"}, "annotations": {note: "true"}},
                    "provisioner": "x.io/y",
                },
            )
            for n, note in enumerate((f"{_DEFAULT}", "storageclass.beta.kubernetes.io/is-default-class"))
        ),
        GET(f"{CLASSES}/{{id}}-0", accept=TABLE),
        GET(f"{CLASSES}?labelSelector=of%3D{{id}}&fieldSelector=metadata.name%3D{{id}}-1", accept=TABLE),
        DELETE(f"{CLASSES}?labelSelector=of%3D{{id}}"),
        namespace=False,
    ),
]
