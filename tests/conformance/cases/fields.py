"""Objects with fields set that few requests set. See `mistakes` for how their faults are told."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import DELETE, PATCH, POST, PUT, Case, Send
from tests.conformance.cases.extensions import ADMISSION, BINDING
from tests.conformance.cases.extensions import POLICY as VALIDATING
from tests.conformance.cases.mistakes import GONE, named, steps_of

__all__ = ["CASES"]

Document = dict[str, Any]
AUTHENTICATION = "/apis/authentication.k8s.io/v1"
AUTHORIZATION = "/apis/authorization.k8s.io/v1"
CERTIFICATES = "/apis/certificates.k8s.io/v1"
SYSTEM = {
    "name": "a",
    "uid": "u",
    "selfLink": "s",
    "resourceVersion": "v",
    "generation": 7,
    "creationTimestamp": "2020-01-01T00:00:00Z",
    "deletionTimestamp": "2020-01-01T00:00:00Z",
    "deletionGracePeriodSeconds": 9,
    "labels": {"a": "b"},
    "annotations": {"a": "b"},
}
USER = {"username": "u", "groups": ["g"], "uid": "i", "extra": {"e": ["x"]}}
PODS = {"verb": "get", "resource": "pods"}
POLICY = named(
    "{id}",
    spec={
        "matchConstraints": VALIDATING["spec"]["matchConstraints"],
        "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{}"}},
        ],
        "reinvocationPolicy": "Never",
    },
)
CLAIM = named(spec={"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "c"}}]}})
CONFIG, CONSTRAINTS = "spec.devices.config", "spec.devices.constraints"
TOLERATIONS = "spec.devices.requests[0].exactly.tolerations"
RULES = "spec.matchConstraints.resourceRules[0]"
MUTATION = "spec.mutations[0]"
REQUEST = named(
    spec={
        "signerName": "a.example.com/b",
        "podName": "p",
        "podUID": "u",
        "serviceAccountName": "s",
        "serviceAccountUID": "u",
        "nodeName": "n",
        "nodeUID": "u",
        "maxExpirationSeconds": 3600,
        "stubPKCS10Request": "AQ==",
    }
)
NODE = named("{id}", status={"declaredFeatures": ["A"]})
VOLUME = named(
    "{id}",
    spec={"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/a"}},
)
SERVICE = named(spec={"ports": [{"port": 1}]})
LEVEL = named("{id}", spec={"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}})
SCALER = named(
    spec={
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
        "maxReplicas": 2,
        "metrics": [
            {
                "type": "Object",
                "object": {
                    "describedObject": {"kind": "Service", "name": "s", "apiVersion": "v1"},
                    "metric": {"name": "m"},
                    "target": {"type": "Value", "value": "1"},
                },
            }
        ],
    }
)


def review(kind: str, spec: Document | None = None, **fields: Any) -> Document:
    group = AUTHENTICATION if kind in {"SelfSubjectReview", "TokenReview"} else AUTHORIZATION
    found = {"apiVersion": group.removeprefix("/apis/"), "kind": kind, **fields}
    return {**found, "spec": spec} if spec is not None else found


def asked(resource: Document) -> Send:
    return POST(AUTHORIZATION + "/selfsubjectaccessreviews", review("SelfSubjectAccessReview", resource))


CASES = [
    Case(
        "what is kept of a question's metadata",
        POST(
            AUTHENTICATION + "/tokenreviews",
            review(
                "TokenReview",
                {"token": "nobody's", "audiences": ["x"]},
                metadata={**SYSTEM, "namespace": "n"},
                status={"authenticated": True, "error": "e", "user": USER, "audiences": ["y"]},
            ),
        ),
        POST(
            AUTHORIZATION + "/subjectaccessreviews",
            review("SubjectAccessReview", {"user": "u", "resourceAttributes": PODS}, metadata=SYSTEM),
        ),
        POST(
            AUTHORIZATION + "/namespaces/{ns}/localsubjectaccessreviews",
            review("LocalSubjectAccessReview", {"user": "u", "resourceAttributes": PODS}, metadata=SYSTEM),
        ),
    ),
    Case(
        "selectors in questions",
        *(
            asked({"resourceAttributes": {**PODS, name: found}})
            for name, key in (("fieldSelector", "metadata.name"), ("labelSelector", "a"))
            for found in (
                {},
                {"rawSelector": "a=b"},
                {"requirements": [{"key": key, "operator": "In", "values": ["x"]}]},
                {"rawSelector": "a=b", "requirements": [{"key": key, "operator": "Exists"}]},
                {"requirements": [{"operator": "In"}, {"key": "A b", "operator": "Exists", "values": ["-"]}]},
                {"requirements": [{"key": key, "operator": "Near"}]},
                {"rawSelector": "a=b,,=,("},
                {
                    "requirements": [
                        {"key": key, "operator": "Exists"},
                        {"key": key, "operator": "NotIn", "values": ["x"]},
                        {"key": key, "operator": "In", "values": ["x", "y"]},
                    ]
                },
            )
        ),
    ),
    Case(
        "mutating policies",
        POST(ADMISSION + "/mutatingadmissionpolicies?dryRun=All", POLICY),
        *steps_of(
            ADMISSION + "/mutatingadmissionpolicies",
            POLICY,
            [
                ("spec", {}),
                ("spec.failurePolicy", "X"),
                ("spec.paramKind", {"apiVersion": "a b/v1", "kind": "A b"}),
                ("spec.paramKind", {"apiVersion": "/", "kind": "K"}),
                ("spec.matchConstraints", {}),
                (RULES + ".operations", ["DELETE"]),
                (RULES + ".operations", ["X"]),
                (RULES + ".resourceNames", ["a", "a", "a/b"]),
                ("spec.mutations", []),
                (MUTATION, {}),
                (MUTATION + ".patchType", "X"),
                (MUTATION, {"patchType": "JSONPatch"}),
                (MUTATION + ".patchType", "JSONPatch"),
                (MUTATION + ".applyConfiguration.expression", " "),
                (MUTATION + ".jsonPatch", {"expression": "[]"}),
                ("spec.reinvocationPolicy", GONE),
                ("spec.reinvocationPolicy", "X"),
                ("spec.variables", [{"name": "1", "expression": ""}]),
            ],
        ),
    ),
    Case(
        "bindings of policies",
        *(
            step
            for kind in ("mutating", "validating")
            for step in steps_of(
                f"{ADMISSION}/{kind}admissionpolicybindings",
                BINDING if kind == "validating" else named("{id}", spec={"policyName": "p"}),
                [
                    ("spec.policyName", ""),
                    ("spec.paramRef", {}),
                    ("spec.paramRef", {"name": "a/b", "parameterNotFoundAction": "Maybe"}),
                    ("spec.paramRef", {"name": "a", "selector": {}, "parameterNotFoundAction": "Deny"}),
                    ("spec.paramRef", {"selector": {"matchExpressions": [{"key": "a", "operator": "X"}]}}),
                    ("spec.matchResources", {"matchPolicy": "X", "resourceRules": [{"operations": ["DELETE"]}]}),
                ],
            )
        ),
    ),
    Case(
        "bundles of trust",
        *steps_of(
            CERTIFICATES + "/clustertrustbundles",
            named("{id}", spec={"trustBundle": ""}),
            [
                ("spec.signerName", "a"),
                ("spec.signerName", "a.example.com/b"),
                ("spec.trustBundle", "-----BEGIN CERTIFICATE-----\nAQ==\n-----END CERTIFICATE-----\n"),
                ("spec.trustBundle", "-----BEGIN KEY-----\nAQ==\n-----END KEY-----\n"),
                ("metadata.name", "a:b"),
            ],
        ),
    ),
    Case(
        "requests for the certificates of pods",
        *steps_of(
            CERTIFICATES + "/namespaces/{ns}/podcertificaterequests",
            REQUEST,
            [
                ("spec.signerName", "a"),
                ("spec.podName", "A b"),
                ("spec.podUID", ""),
                ("spec.nodeUID", "x" * 129),
                ("spec.maxExpirationSeconds", 1),
                ("spec.maxExpirationSeconds", GONE),
                ("spec.stubPKCS10Request", GONE),
                ("spec.unverifiedUserAnnotations", {"A": "b"}),
            ],
        ),
    ),
    Case(
        "migrations of stored versions",
        *steps_of(
            "/apis/storagemigration.k8s.io/v1/storageversionmigrations",
            named("{id}", spec={"resource": {"resource": "pods"}}),
            [
                ("spec.resource.resource", ""),
                ("spec.resource.resource", "A"),
                ("spec.resource.group", "A b"),
            ],
        ),
    ),
    Case(
        "names that are no domains",
        POST(CERTIFICATES + "/certificatesigningrequests?dryRun=All", named("A b")),
        POST("/apis/networking.k8s.io/v1/ipaddresses?dryRun=All", {"metadata": {"name": "A b", "generateName": "A b"}}),
    ),
    Case(
        "what nodes say that they can do",
        *steps_of(
            "/api/v1/nodes",
            NODE,
            [
                ("status.declaredFeatures", ["a"]),
                ("status.declaredFeatures", ["B", "A"]),
                ("status.declaredFeatures", ["A", "A"]),
                ("status.declaredFeatures", ["A/b", "X" * 254]),
            ],
        ),
    ),
    Case(
        "volumes of several kinds",
        *steps_of(
            "/api/v1/persistentvolumes",
            VOLUME,
            [
                ("spec.cephfs", {"monitors": ["a"]}),
                ("spec.flexVolume", {"driver": "a/b"}),
                ("spec.volumeAttributesClassName", "A b"),
                ("spec.volumeAttributesClassName", ""),
            ],
        ),
    ),
    Case(
        "addresses of services",
        *steps_of(
            "/api/v1/namespaces/{ns}/services",
            SERVICE,
            [
                [("spec.type", "X"), ("spec.ipFamilyPolicy", "X")],
                ("spec.clusterIPs", ["10.0.0.9"]),
                [("spec.clusterIP", "10.0.0.9"), ("spec.clusterIPs", ["10.0.0.9", "fd00::1"])],
                [("spec.clusterIP", "fd00::1"), ("spec.clusterIPs", ["fd00::1"])],
                [("spec.clusterIP", "None"), ("spec.ipFamilies", ["IPv6"])],
                [("spec.clusterIP", "None"), ("spec.ipFamilies", ["X"])],
                [("spec.clusterIP", "None"), ("spec.ipFamilyPolicy", "PreferDualStack")],
                [
                    ("spec.clusterIP", "None"),
                    ("spec.ipFamilies", ["IPv4", "IPv6"]),
                    ("spec.ipFamilyPolicy", "SingleStack"),
                ],
            ],
        ),
        POST("/api/v1/namespaces/{ns}/services", named(spec={"clusterIP": "None", "ports": [{"port": 1}]})),
        PUT(
            "/api/v1/namespaces/{ns}/services/a",
            named(spec={"clusterIP": "None", "ports": [{"port": 1}], "ipFamilies": ["IPv4"]}),
        ),
        PUT(
            "/api/v1/namespaces/{ns}/services/a",
            named(spec={"clusterIP": "None", "ports": [{"port": 1}], "ipFamilyPolicy": "SingleStack"}),
        ),
    ),
    Case(
        "what an account says of its secrets",
        POST(
            "/api/v1/namespaces/{ns}/serviceaccounts",
            named(secrets=[{"name": "s", "kind": "Secret", "namespace": "n", "uid": "u"}, {"uid": "u"}]),
        ),
        PUT(
            "/api/v1/namespaces/{ns}/serviceaccounts/a",
            named(secrets=[{"name": "t", "kind": "Secret", "namespace": "n"}]),
        ),
        DELETE("/api/v1/namespaces/{ns}/serviceaccounts/a"),
    ),
    Case(
        "levels of an unknown kind",
        *steps_of(
            "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
            LEVEL,
            [
                [("spec.type", "X"), ("spec.exempt", {})],
                [("spec.type", "X"), ("spec.limited.limitResponse", {"type": "X", "queuing": {}})],
                [("spec.type", "X"), ("spec.limited.limitResponse", {"type": "Queue"})],
                ("spec.limited.limitResponse", {"type": "X", "queuing": {}}),
            ],
        ),
    ),
    Case(
        "what an autoscaler measures",
        *steps_of(
            "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
            SCALER,
            [
                ("spec.metrics[0].object.describedObject.apiVersion", "a/b/c"),
                ("spec.metrics[0].object.describedObject.apiVersion", GONE),
            ],
        ),
    ),
    Case(
        "a binding to another namespace",
        POST(
            "/api/v1/namespaces/{ns}/bindings",
            {"metadata": {"name": "a", "namespace": "other"}, "target": {"kind": "X", "name": "n"}},
        ),
    ),
    Case(
        "changes that few make",
        POST("/api/v1/nodes", named("{id}")),
        PUT("/api/v1/nodes/{id}", named("{id}", spec={"externalID": "x"})),
        PATCH("/api/v1/nodes/{id}/status", {"status": {"declaredFeatures": ["B", "A", "a"]}}),
        DELETE("/api/v1/nodes/{id}"),
        POST("/apis/storage.k8s.io/v1/csinodes", named("{id}", spec={"drivers": []})),
        PATCH(
            "/apis/storage.k8s.io/v1/csinodes/{id}",
            {"status": {"storageHealth": [{"name": "d", "healthConditions": [{"status": "x"}]}]}},
        ),
        DELETE("/apis/storage.k8s.io/v1/csinodes/{id}"),
        POST("/apis/storage.k8s.io/v1/storageclasses", named("{id}", provisioner="a.b/c")),
        PATCH(
            "/apis/storage.k8s.io/v1/storageclasses/{id}",
            {"reclaimPolicy": "X", "volumeBindingMode": "Y", "provisioner": "d"},
        ),
        DELETE("/apis/storage.k8s.io/v1/storageclasses/{id}"),
        POST("/apis/storage.k8s.io/v1/namespaces/{ns}/csistoragecapacities", named(storageClassName="s")),
        PATCH(
            "/apis/storage.k8s.io/v1/namespaces/{ns}/csistoragecapacities/a",
            {"nodeTopology": {"matchExpressions": [{"key": "a", "operator": "X"}]}, "storageClassName": "t"},
        ),
        POST(ADMISSION + "/validatingadmissionpolicies", VALIDATING),
        *(
            PATCH(ADMISSION + "/validatingadmissionpolicies/{id}/status?dryRun=All", {"status": status})
            for status in (
                {"conditions": [{"type": "A b", "status": "X"}]},
                {"conditions": [{"type": "A", "status": "True", "reason": "r", "lastTransitionTime": None}]},
                {"typeChecking": {"expressionWarnings": [{"fieldRef": "x", "warning": ""}]}},
            )
        ),
        DELETE(ADMISSION + "/validatingadmissionpolicies/{id}"),
    ),
    Case(
        "tolerations, constraints and configuration of claims",
        *steps_of(
            "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims",
            CLAIM,
            [
                (CONFIG, [{"requests": ["A", "r/s/t", "r/s"], "opaque": {"driver": "a.b", "parameters": {}}}]),
                (CONFIG, [{"requests": ["r"], "opaque": {"driver": "A_b", "parameters": {}}}]),
                (CONSTRAINTS, [{"requests": ["r", "q"], "distinctAttribute": "x"}]),
                (TOLERATIONS, [{"key": "A b", "operator": "Exists", "value": "x"}]),
                (TOLERATIONS, [{"operator": "Near"}]),
                (TOLERATIONS, [{"operator": "Equal", "value": "-"}]),
                (TOLERATIONS, [{"key": "a", "operator": "Exists", "effect": "X"}]),
            ],
        ),
        *(
            POST(
                "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaimtemplates?dryRun=All",
                named(spec={"metadata": meta, "spec": CLAIM["spec"]}),
            )
            for meta in (
                {"name": "x", "labels": {"A b": "-"}, "finalizers": ["a/b"]},
                {**SYSTEM, "annotations": {"A b": "c"}},
            )
        ),
    ),
    Case(
        "rules that taint devices",
        *steps_of(
            "/apis/resource.k8s.io/v1/devicetaintrules",
            named("{id}", spec={"taint": {"key": "a", "effect": "NoSchedule"}}),
            [
                ("spec.deviceSelector", {"driver": "A_b", "pool": "A/b", "device": "C"}),
                ("spec.taint", {}),
                ("spec.taint", {"key": "A b", "value": "-", "effect": "X"}),
            ],
        ),
        POST(
            "/apis/resource.k8s.io/v1/deviceclasses?dryRun=All",
            named("{id}", spec={"config": [{"opaque": {"driver": "A_b", "parameters": {}}}, {}]}),
        ),
        *(
            POST(
                "/apis/resource.k8s.io/v1/deviceclasses?dryRun=All", named("{id}", spec={"extendedResourceName": name})
            )
            for name in ("a", "a.kubernetes.io/b", "requests.a/b", "A b/c", "example.com/a")
        ),
    ),
]
