"""Types that few controllers write: what is wrong with them, and what may not change. See `mistakes` for how they are told."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.conformance.case import DELETE, GET, PATCH, POST, PUT, Case, Step
from tests.conformance.cases.mistakes import GONE, changed, named, steps_of

__all__ = ["CASES"]

Document = dict[str, Any]
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


def life(path: str, good: Document, changes: Sequence[Any], statuses: Sequence[Document] = ()) -> list[Step]:
    """Made, changed in dry runs, looked at and deleted."""
    at = f"{path}/{good['metadata']['name']}"
    found: list[Step] = [POST(path, good)]
    for change in changes:
        whole = changed(good, *([change] if isinstance(change[0], str) else change))
        whole["metadata"] = {"resourceVersion": "{0.metadata.resourceVersion}", **whole["metadata"]}
        found.append(PUT(f"{at}?dryRun=All", whole))
    found += [PATCH(f"{at}/status?dryRun=All", {"status": status}) for status in statuses]
    return [*found, GET(at, accept=TABLE), DELETE(at)]


FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1"
SCHEMA = named(
    "{id}",
    spec={
        "priorityLevelConfiguration": {"name": "x"},
        "rules": [
            {
                "subjects": [{"kind": "User", "user": {"name": "u"}}],
                "resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["*"]}],
            }
        ],
    },
)
LEVEL = named(
    "{id}",
    spec={
        "type": "Limited",
        "limited": {
            "nominalConcurrencyShares": 5,
            "limitResponse": {"type": "Queue", "queuing": {"queues": 8, "handSize": 4, "queueLengthLimit": 5}},
        },
    },
)
STORAGE = "/apis/storage.k8s.io/v1"
ATTACHMENT = named("{id}", spec={"attacher": "a.b", "nodeName": "n", "source": {"persistentVolumeName": "v"}})
CSI_NODE = named("{id}", spec={"drivers": [{"name": "a.b", "nodeID": "n"}]})
CSI_DRIVER = named("{id}", spec={})
CAPACITY = named("a", storageClassName="s", capacity="1Gi")
ATTRIBUTES = named("{id}", driverName="a.b", parameters={"a": "b"})
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
POLICY = named(
    "{id}",
    spec={
        "matchConstraints": {
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
            ]
        },
        "validations": [{"expression": "true"}],
    },
)
BINDING = named("{id}", spec={"policyName": "p", "validationActions": ["Deny"]})
HOOK = {
    "name": "a.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/none"},
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    "namespaceSelector": {"matchLabels": {"none": "x"}},
    "rules": [{"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}],
}
HOOKS = named("{id}", webhooks=[HOOK])
FIRST = "webhooks[0]"
RULE = "spec.rules[0]"
CASES = [
    Case(
        "flow schemas",
        *steps_of(
            FLOWS + "/flowschemas",
            SCHEMA,
            [
                ("spec.priorityLevelConfiguration.name", ""),
                ("spec.priorityLevelConfiguration.name", "A b"),
                ("spec.matchingPrecedence", 0),
                ("spec.matchingPrecedence", 10001),
                ("spec.matchingPrecedence", 1),
                ("spec.distinguisherMethod", {"type": "X"}),
                ("spec.distinguisherMethod", {"type": "ByUser"}),
                (RULE, {}),
                (RULE + ".subjects", []),
                (RULE + ".subjects", [{"kind": "X"}]),
                (RULE + ".subjects", [{"kind": "User"}]),
                (RULE + ".subjects", [{"kind": "Group", "group": {"name": ""}}]),
                (RULE + ".subjects", [{"kind": "ServiceAccount", "serviceAccount": {"name": "a"}}]),
                (
                    RULE + ".subjects",
                    [{"kind": "ServiceAccount", "serviceAccount": {"name": "a b", "namespace": "c d"}}],
                ),
                (RULE + ".subjects", [{"kind": "ServiceAccount", "serviceAccount": {"name": "*", "namespace": "*"}}]),
                (RULE + ".resourceRules", []),
                (RULE + ".resourceRules", [{"verbs": [], "apiGroups": [], "resources": []}]),
                (RULE + ".resourceRules[0].verbs", ["x"]),
                (RULE + ".resourceRules[0].verbs", ["*", "get"]),
                (RULE + ".resourceRules[0].namespaces", ["A b"]),
                (RULE + ".resourceRules[0].namespaces", []),
                (RULE + ".resourceRules[0].clusterScope", True),
                (RULE + ".nonResourceRules", [{"verbs": ["get"], "nonResourceURLs": ["x"]}]),
                ("spec.rules", []),
            ],
        ),
    ),
    Case(
        "priority levels",
        *life(FLOWS + "/prioritylevelconfigurations", LEVEL, [("spec.limited.nominalConcurrencyShares", 6)]),
        *steps_of(
            FLOWS + "/prioritylevelconfigurations",
            LEVEL,
            [
                ("spec.type", "X"),
                ("spec.type", ""),
                ("spec.type", "Exempt"),
                ("spec.limited", GONE),
                ("spec.limited.nominalConcurrencyShares", -1),
                ("spec.limited.nominalConcurrencyShares", 0),
                ("spec.limited.lendablePercent", 101),
                ("spec.limited.borrowingLimitPercent", -1),
                ("spec.limited.limitResponse", {}),
                ("spec.limited.limitResponse", {"type": "Queue"}),
                ("spec.limited.limitResponse", {"type": "Reject", "queuing": {"queues": 1}}),
                ("spec.limited.limitResponse.queuing.queues", 0),
                ("spec.limited.limitResponse.queuing.queues", 10000001),
                ("spec.limited.limitResponse.queuing.handSize", 0),
                ("spec.limited.limitResponse.queuing.handSize", 9),
                ("spec.limited.limitResponse.queuing.queueLengthLimit", 0),
                [("spec.type", "Exempt"), ("spec.limited", GONE), ("spec.exempt", {"lendablePercent": 101})],
            ],
        ),
    ),
    Case(
        "attachments",
        *life(
            STORAGE + "/volumeattachments",
            ATTACHMENT,
            [("spec.attacher", "c.d"), ("spec.nodeName", "m"), ("spec.source.persistentVolumeName", "w")],
            [
                {"attached": True},
                {"attached": True, "attachmentMetadata": {"a": "b"}},
                {"attached": False, "attachError": {"message": "m", "time": "2020-01-01T00:00:00Z"}},
                {"attached": False, "attachError": {"message": "x" * 1025}},
            ],
        ),
        *steps_of(
            STORAGE + "/volumeattachments",
            ATTACHMENT,
            [
                ("spec.attacher", ""),
                ("spec.attacher", "A b"),
                ("spec.nodeName", ""),
                ("spec.nodeName", "A b"),
                ("spec.source", {}),
                ("spec.source.persistentVolumeName", ""),
                ("spec.source.inlineVolumeSpec", {"accessModes": ["ReadWriteOnce"]}),
                [
                    (
                        "spec.source",
                        {
                            "inlineVolumeSpec": {
                                "accessModes": ["ReadWriteOnce"],
                                "csi": {"driver": "d", "volumeHandle": "h"},
                            }
                        },
                    )
                ],
            ],
        ),
    ),
    Case(
        "csi nodes",
        *life(
            STORAGE + "/csinodes",
            CSI_NODE,
            [
                ("spec.drivers[0].nodeID", "m"),
                ("spec.drivers", []),
                ("spec.drivers[1]", {"name": "c.d", "nodeID": "m"}),
            ],
        ),
        *steps_of(
            STORAGE + "/csinodes",
            CSI_NODE,
            [
                ("spec.drivers", []),
                ("spec.drivers[0].name", ""),
                ("spec.drivers[0].name", "A b"),
                ("spec.drivers[0].nodeID", ""),
                ("spec.drivers[0].nodeID", "x" * 257),
                ("spec.drivers[1]", {"name": "a.b", "nodeID": "m"}),
                ("spec.drivers[0].topologyKeys", ["a b"]),
                ("spec.drivers[0].topologyKeys", ["a", "a"]),
                ("spec.drivers[0].allocatable", {"count": -1}),
            ],
        ),
    ),
    Case(
        "csi drivers",
        *life(
            STORAGE + "/csidrivers",
            CSI_DRIVER,
            [
                ("spec.attachRequired", False),
                ("spec.podInfoOnMount", True),
                ("spec.storageCapacity", True),
                ("spec.fsGroupPolicy", "File"),
                ("spec.requiresRepublish", True),
                ("spec.volumeLifecycleModes", ["Ephemeral"]),
            ],
        ),
        *steps_of(
            STORAGE + "/csidrivers",
            CSI_DRIVER,
            [
                ("metadata.name", "A b"),
                ("metadata.name", "a" * 64),
                ("spec.attachRequired", False),
                ("spec.fsGroupPolicy", "X"),
                ("spec.volumeLifecycleModes", ["X"]),
                ("spec.tokenRequests", [{"audience": "a"}, {"audience": "a"}]),
                ("spec.tokenRequests", [{"audience": "a", "expirationSeconds": 1}]),
                ("spec.tokenRequests", [{"audience": "a", "expirationSeconds": 4294967297}]),
                ("spec.nodeAllocatableUpdatePeriodSeconds", 1),
                ("spec.seLinuxMount", True),
                ("spec.podInfoOnMount", True),
                ("spec.storageCapacity", True),
            ],
        ),
    ),
    Case(
        "csi capacities",
        *life(
            STORAGE + "/namespaces/{ns}/csistoragecapacities",
            CAPACITY,
            [("storageClassName", "t"), ("nodeTopology", {}), ("capacity", "2Gi")],
        ),
        *steps_of(
            STORAGE + "/namespaces/{ns}/csistoragecapacities",
            CAPACITY,
            [
                ("storageClassName", ""),
                ("storageClassName", "A b"),
                ("capacity", "-1"),
                ("maximumVolumeSize", "-1"),
                ("nodeTopology", {"matchLabels": {"a b": "x"}}),
            ],
        ),
    ),
    Case(
        "volume attributes classes",
        *life(STORAGE + "/volumeattributesclasses", ATTRIBUTES, [("driverName", "c.d"), ("parameters", {"a": "c"})]),
        *steps_of(
            STORAGE + "/volumeattributesclasses",
            ATTRIBUTES,
            [
                ("driverName", ""),
                ("driverName", "A b"),
                ("parameters", {}),
                ("parameters", {"": "x"}),
                ("parameters", GONE),
            ],
        ),
    ),
    Case(
        "admission policies",
        *life(ADMISSION + "/validatingadmissionpolicies", POLICY, [("spec.failurePolicy", "Ignore")]),
        *steps_of(
            ADMISSION + "/validatingadmissionpolicies",
            POLICY,
            [
                ("spec.validations", []),
                ("spec.validations[0].expression", ""),
                ("spec.failurePolicy", "X"),
                ("spec.matchConstraints", GONE),
                ("spec.matchConstraints.resourceRules[0].operations", ["X"]),
                ("spec.matchConstraints.resourceRules[0].operations", []),
                ("spec.matchConstraints.resourceRules[0].apiGroups", []),
                ("spec.matchConstraints.resourceRules[0].resources", []),
                ("spec.matchConstraints.matchPolicy", "X"),
                ("spec.validations[0].reason", "X"),
                ("spec.validations[0].message", "a\nb"),
                ("spec.paramKind", {}),
                ("spec.paramKind", {"apiVersion": "a/b/c", "kind": "K"}),
                ("spec.auditAnnotations", [{"key": "a b", "valueExpression": "'x'"}]),
                ("spec.matchConditions", [{"name": "", "expression": "true"}]),
                ("spec.matchConditions", [{"name": "a", "expression": "true"}, {"name": "a", "expression": "true"}]),
                ("spec.variables", [{"name": "1", "expression": "1"}]),
            ],
        ),
    ),
    Case(
        "admission bindings",
        *steps_of(
            ADMISSION + "/validatingadmissionpolicybindings",
            BINDING,
            [
                ("spec.policyName", ""),
                ("spec.policyName", "A b"),
                ("spec.validationActions", []),
                ("spec.validationActions", ["X"]),
                ("spec.validationActions", ["Deny", "Warn"]),
                ("spec.validationActions", ["Audit", "Audit"]),
                ("spec.paramRef", {}),
                ("spec.paramRef", {"name": "a", "selector": {}, "parameterNotFoundAction": "Deny"}),
                ("spec.paramRef", {"name": "a"}),
                ("spec.matchResources", {"namespaceSelector": {"matchLabels": {"a b": "x"}}}),
            ],
        ),
    ),
    Case(
        "webhooks",
        *steps_of(
            ADMISSION + "/validatingwebhookconfigurations",
            HOOKS,
            [
                (FIRST + ".name", ""),
                (FIRST + ".name", "a"),
                (FIRST + ".name", "A.b.c"),
                ("webhooks[1]", HOOK),
                (FIRST + ".clientConfig", {}),
                (FIRST + ".clientConfig", {"url": "https://x", "service": {"name": "a", "namespace": "b"}}),
                (FIRST + ".clientConfig", {"service": {"name": "", "namespace": ""}}),
                (FIRST + ".clientConfig", {"service": {"name": "a"}}),
                (FIRST + ".clientConfig", {"service": {"namespace": "a"}}),
                (FIRST + ".clientConfig", {"service": {"name": "a", "namespace": "b", "port": 0}}),
                (FIRST + ".clientConfig", {"service": {"name": "a", "namespace": "b", "path": "x"}}),
                (FIRST + ".clientConfig", {"service": {"name": "a", "namespace": "b", "path": "/a//b"}}),
                (FIRST + ".clientConfig", {"url": "https://u@x/p?q#f"}),
                (FIRST + ".clientConfig", {"url": "https://"}),
                (FIRST + ".clientConfig.caBundle", "eA=="),
                (FIRST + ".admissionReviewVersions", []),
                (FIRST + ".admissionReviewVersions", ["v2"]),
                (FIRST + ".admissionReviewVersions", ["v1", "v1"]),
                (FIRST + ".admissionReviewVersions", ["A b"]),
                (FIRST + ".sideEffects", GONE),
                (FIRST + ".sideEffects", "Some"),
                (FIRST + ".sideEffects", "X"),
                (FIRST + ".failurePolicy", "X"),
                (FIRST + ".matchPolicy", "X"),
                (FIRST + ".timeoutSeconds", 0),
                (FIRST + ".timeoutSeconds", 31),
                (FIRST + ".rules[0].operations", ["X"]),
                (FIRST + ".rules[0].operations", ["*", "CREATE"]),
                (FIRST + ".rules[0].operations", []),
                (FIRST + ".rules[0].apiGroups", []),
                (FIRST + ".rules[0].apiGroups", ["*", "a"]),
                (FIRST + ".rules[0].apiVersions", [""]),
                (FIRST + ".rules[0].resources", []),
                (FIRST + ".rules[0].resources", ["*", "pods"]),
                (FIRST + ".rules[0].resources", ["pods", "pods/*"]),
                (FIRST + ".rules[0].resources", ["*/*", "pods"]),
                (FIRST + ".rules[0].scope", "X"),
                (FIRST + ".objectSelector", {"matchExpressions": [{"key": "a", "operator": "X"}]}),
                (FIRST + ".matchConditions", [{"name": "a b", "expression": "true"}]),
                (FIRST + ".matchConditions", [{"name": "a", "expression": ""}]),
                ("webhooks", []),
            ],
        ),
    ),
]
REQUEST_SPEC = {"spec": {"request": base64.b64encode(b"x").decode(), "signerName": "a.b/c", "usages": ["client auth"]}}
REQUEST = named("{id}", **REQUEST_SPEC)
CASES.append(
    Case(
        "signing requests",
        *steps_of(
            "/apis/certificates.k8s.io/v1/certificatesigningrequests",
            REQUEST,
            [
                ("spec.signerName", ""),
                ("spec.signerName", "x"),
                ("spec.signerName", "A/b"),
                ("spec.signerName", "a.b/C d"),
                ("spec.usages", []),
                ("spec.usages", ["x"]),
                ("spec.usages", ["client auth", "client auth"]),
                ("spec.expirationSeconds", 1),
                ("spec.request", GONE),
                ("spec.username", "u"),
            ],
        ),
    )
)
ADDRESS = named("10.9.9.9", spec={"parentRef": {"group": "", "resource": "services", "namespace": "n", "name": "s"}})
CASES.append(
    Case(
        "ip addresses",
        *steps_of(
            "/apis/networking.k8s.io/v1/ipaddresses",
            ADDRESS,
            [
                ("metadata.name", "x"),
                ("metadata.name", "010.1.1.1"),
                ("spec.parentRef", GONE),
                ("spec.parentRef.resource", ""),
                ("spec.parentRef.name", ""),
                ("spec.parentRef.group", "A b"),
            ],
        ),
    )
)
RANGE = named("{id}", spec={"cidrs": ["10.200.0.0/24"]})
CASES.append(
    Case(
        "service cidrs",
        *steps_of(
            "/apis/networking.k8s.io/v1/servicecidrs",
            RANGE,
            [
                ("spec.cidrs", []),
                ("spec.cidrs", ["x"]),
                ("spec.cidrs", ["10.0.0.1/24"]),
                ("spec.cidrs", ["10.0.0.0/24", "10.1.0.0/24"]),
                ("spec.cidrs", ["10.0.0.0/31"]),
                ("spec.cidrs", ["10.0.0.0/8", "fd00::/64", "x"]),
            ],
        ),
    )
)
DEVICES = "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims"
CLAIM = named(spec={"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "x"}}]}})
FIRST_REQUEST = "spec.devices.requests[0]"
CASES.append(
    Case(
        "claims of devices",
        *life(
            DEVICES,
            CLAIM,
            [(f"{FIRST_REQUEST}.name", "s")],
            [{"reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}]}],
        ),
        *steps_of(
            DEVICES,
            CLAIM,
            [
                (f"{FIRST_REQUEST}.name", "A b"),
                (f"{FIRST_REQUEST}.name", ""),
                ("spec.devices.config", [{"opaque": {"driver": "a.b"}}]),
                ("spec.devices.config", [{"requests": ["x", "x"], "opaque": {"driver": "a.b", "parameters": {}}}]),
                (f"{FIRST_REQUEST}.exactly.deviceClassName", ""),
                (f"{FIRST_REQUEST}.exactly.deviceClassName", "A b"),
                (f"{FIRST_REQUEST}.exactly.count", 0),
                (f"{FIRST_REQUEST}.exactly.count", -1),
                (f"{FIRST_REQUEST}.exactly.allocationMode", "X"),
                [(f"{FIRST_REQUEST}.exactly.allocationMode", "All"), (f"{FIRST_REQUEST}.exactly.count", 2)],
                (f"{FIRST_REQUEST}.exactly.selectors", [{}]),
                (f"{FIRST_REQUEST}.exactly", GONE),
                (f"{FIRST_REQUEST}.firstAvailable", [{"name": "s", "deviceClassName": "c"}]),
                ("spec.devices.requests[1]", {"name": "r", "exactly": {"deviceClassName": "x"}}),
                ("spec.devices.constraints", [{}]),
                ("spec.devices.constraints", [{"requests": ["q"], "matchAttribute": "a.b/c"}]),
                ("spec.devices.constraints", [{"matchAttribute": "x"}]),
                ("spec.devices.config", [{}]),
                ("spec", {}),
            ],
        ),
    )
)
#: What is known to differ; see `known`.
CASES += [
    Case("a binding of a policy", POST(f"{ADMISSION}/validatingadmissionpolicybindings", BINDING)),
    Case(
        "slices and classes of devices",
        POST(
            "/apis/resource.k8s.io/v1/resourceslices?dryRun=All",
            named("{id}", spec={"driver": "a.b", "nodeName": "n", "pool": {"name": "", "resourceSliceCount": 0}}),
        ),
        POST("/apis/resource.k8s.io/v1/deviceclasses?dryRun=All", named("{id}", spec={"selectors": [{}]})),
    ),
    Case(
        "a watch that is asked as a list",
        POST("/api/v1/namespaces/{ns}/configmaps", named()),
        GET(
            "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "an empty list in a refusal",
        POST("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses?dryRun=All", named(spec={"rules": []})),
    ),
]
