"""What the server takes all the same, and warns of. https://kubernetes.io/blog/2020/09/03/warnings/"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.case import MERGE, PATCH, POST, PUT, Case, Send

__all__ = ["CASES"]

CORE = "/api/v1/namespaces/{ns}"
APPS = "/apis/apps/v1/namespaces/{ns}"
BATCH = "/apis/batch/v1/namespaces/{ns}"
Document = dict[str, Any]


def named(name: str = "a", /, *, meta: Document | None = None, **parts: Any) -> Document:
    return {"metadata": {"name": name, **(meta or {})}, **parts}


def container(**fields: Any) -> Document:
    return {"name": "c", "image": "i", **fields}


def pod_spec(*containers: Document, **fields: Any) -> Document:
    return {"containers": list(containers) or [container()], **fields}


def ports(*found: Document) -> Document:
    return pod_spec(container(ports=list(found)))


def port(number: int = 80, **fields: Any) -> Document:
    return {"containerPort": number, **fields}


def env(*variables: Document) -> Document:
    return pod_spec(container(env=list(variables)))


def volume(**source: Any) -> Document:
    return pod_spec(volumes=[{"name": "v", **source}])


def projected(*sources: Document) -> Document:
    return volume(projected={"sources": list(sources)})


def items(*paths: str) -> Document:
    return {"items": [{"key": f"k{n}", "path": path} for n, path in enumerate(paths)]}


def files(*paths: str) -> Document:
    return {"items": [{"path": path, "fieldRef": {"fieldPath": "metadata.labels"}} for path in paths]}


def near(**term: Any) -> Document:
    return {"topologyKey": "kubernetes.io/hostname", **term}


def required(*expressions: Document) -> Document:
    terms = {"nodeSelectorTerms": [{"matchExpressions": list(expressions)}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


def preferred(*expressions: Document) -> Document:
    terms = [{"weight": 1, "preference": {"matchExpressions": list(expressions)}}]
    return {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": terms}}}


def resources(**amounts: str) -> Document:
    return pod_spec(container(resources={"limits": dict(amounts), "requests": dict(amounts)}))


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
FRACTION = {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "1500m"}, "limits": {"storage": "2500m"}},
}
SPREAD = {"maxSkew": 1, "topologyKey": "failure-domain.beta.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
OLD_LABELS = (
    "beta.kubernetes.io/arch",
    "failure-domain.beta.kubernetes.io/region",
    "app.kubernetes.io/created-by",
    "scheduler.alpha.kubernetes.io/preferAvoidPods",
    "node-role.kubernetes.io/master",
)
#: By the name of the case: specs of pods that are warned of.
PODS: Mapping[str, Sequence[Document]] = {
    "old labels of nodes in a selector": [pod_spec(nodeSelector={label: "x"}) for label in OLD_LABELS],
    "old labels of nodes in required terms": [
        pod_spec(**required(*({"key": label, "operator": "Exists"} for label in OLD_LABELS)))
    ],
    "old labels of nodes, and values, in preferred terms": [
        pod_spec(**preferred({"key": OLD_LABELS[0], "operator": "Exists"})),
        pod_spec(**preferred({"key": "k", "operator": "In", "values": ["a b", "-x", "ok"]})),
    ],
    "spread": [
        pod_spec(topologySpreadConstraints=[SPREAD]),
        pod_spec(topologySpreadConstraints=[{**SPREAD, "topologyKey": "zone", "labelSelector": {}}]),
    ],
    "affinity without selectors": [
        pod_spec(affinity={"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [near()]}}),
        pod_spec(
            affinity={
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": near()}]
                }
            }
        ),
        pod_spec(affinity={"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [near(labelSelector={})]}}),
    ],
    "volumes that work no more": [
        volume(photonPersistentDisk={"pdID": "p"}),
        volume(gitRepo={"repository": "https://example.com/x.git"}),
        volume(scaleIO={"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}}),
        volume(flocker={"datasetName": "d"}),
        volume(storageos={"volumeName": "v"}),
        volume(quobyte={"registry": "r:1", "volume": "v"}),
        volume(glusterfs={"endpoints": "e", "path": "p"}),
        volume(cephfs={"monitors": ["m"]}),
        volume(rbd={"monitors": ["m"], "image": "i"}),
    ],
    "claims of a part of a byte": [volume(ephemeral={"volumeClaimTemplate": {"spec": FRACTION}})],
    "paths of one volume that overlap": [
        volume(configMap={"name": "m", **items("a", "a/b", "c")}),
        volume(configMap={"name": "m", **items("a", "a")}),
        volume(secret={"secretName": "s", **items("a/b/", "a")}),
        volume(downwardAPI=files("l", "l/m")),
        volume(configMap={"name": "m", **items("ab", "a")}),
    ],
    "paths of projected volumes that overlap": [
        projected({"configMap": {"name": "m", **items("a")}}, {"secret": {"name": "s", **items("a/b")}}),
        projected({"serviceAccountToken": {"path": "t"}}, {"downwardAPI": files("t")}),
        projected({"configMap": {"name": "m", **items("a")}}, {"configMap": {"name": "n", **items("a")}}),
        projected({"configMap": {"name": "m"}}, {"secret": {"name": "s"}}),
        projected(
            {"clusterTrustBundle": {"name": "b", "path": "x"}},
            {"clusterTrustBundle": {"signerName": "example.com/s", "labelSelector": {}, "path": "x/y"}},
        ),
        projected({}),
    ],
    "aliases of hosts": [
        pod_spec(hostAliases=[{"ip": "1.2.3.4", "hostnames": ["a"]}, {"ip": "1.2.3.4", "hostnames": ["b"]}]),
        pod_spec(hostAliases=[{"ip": "::0001", "hostnames": ["a"]}]),
    ],
    "secrets to pull images with": [
        pod_spec(imagePullSecrets=[{"name": "s"}, {"name": "s"}]),
        pod_spec(imagePullSecrets=[{"name": ""}, {}]),
    ],
    "profiles of AppArmor in fields": [
        pod_spec(container(securityContext={"appArmorProfile": {"type": kind, **more}}))
        for kind, more in (("Unconfined", {}), ("RuntimeDefault", {}), ("Localhost", {"localhostProfile": "p"}), ("Localhost", {}), ("X", {}), ("Unconfined", {"localhostProfile": "p"}), ("Localhost", {"localhostProfile": " p"}))
    ],
    "parts of a byte": [
        resources(memory="1500m"),
        resources(**{"ephemeral-storage": "1.0005"}),
        resources(memory="1Gi", cpu="100m"),
    ],
    "variables that hide others": [
        env({"name": "A", "value": "1"}, {"name": "A", "value": "2"}),
        env({"name": "A", "value": "1"}, {"name": "A", "value": "$(A)2"}),
        env({"name": "A", "value": "1"}, {"name": "A", "value": "$(A)"}),
        env({"name": "A", "value": "1"}, {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
        env({"name": "A", "value": "1"}, {"name": "A"}, {"name": "A"}),
    ],
    "ports of one container": [
        ports(port(), port()),
        ports(port(), port(protocol="UDP")),
        ports(port(), port(hostPort=8080)),
        ports(port(hostPort=8080), port(hostPort=8081)),
        ports(port(hostPort=8080), port(hostPort=8080, hostIP="1.2.3.4")),
        ports(port(hostIP="1.2.3.4")),
        ports(port(hostIP="1.2.3.4", name="web", protocol="UDP")),
    ],
    "ports of several containers": [
        pod_spec(container(ports=[port()]), container(name="d", ports=[port()])),
        pod_spec(container(ports=[port(name="web")]), container(name="d", ports=[port(81, name="web")])),
        pod_spec(initContainers=[container(name="i", ports=[port(name="web")])], containers=[container(ports=[port(name="web")])]),
        pod_spec(
            initContainers=[container(name="i", restartPolicy="Always", ports=[port(82, name="web")])],
            containers=[container(ports=[port(name="web")])],
        ),
        pod_spec(container(ports=[port(), port(81)]), container(name="d", ports=[port(81), port()])),
    ],
    "no time to end": [pod_spec(terminationGracePeriodSeconds=-1), pod_spec(terminationGracePeriodSeconds=0)],
    "addresses of name servers": [
        pod_spec(dnsPolicy="None", dnsConfig={"nameservers": ["0:0::1", "1.2.3.4"]}),
        pod_spec(dnsPolicy="None", dnsConfig={"nameservers": ["010.002.003.004"]}),
        pod_spec(dnsPolicy="None", dnsConfig={"nameservers": ["::ffff:1.2.3.4"]}),
    ],
    "several at once": [
        pod_spec(
            container(env=[{"name": "A"}, {"name": "A"}], ports=[port(), port()], resources={"limits": {"memory": "1m"}}),
            nodeSelector={OLD_LABELS[0]: "x"},
            imagePullSecrets=[{}],
            terminationGracePeriodSeconds=-1,
        )
    ],
}  # fmt: skip
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
ARMOR = "container.apparmor.security.beta.kubernetes.io/c"
#: Annotations of pods and templates.
NOTES: Sequence[Document] = [
    {"scheduler.alpha.kubernetes.io/critical-pod": ""},
    {"security.alpha.kubernetes.io/sysctls": "a=b", "security.alpha.kubernetes.io/unsafe-sysctls": "a=b"},
    {SECCOMP: "runtime/default"},
    {"container.seccomp.security.alpha.kubernetes.io/c": "runtime/default"},
    {"container.seccomp.security.alpha.kubernetes.io/d": "runtime/default"},
    {ARMOR: "runtime/default"},
    {ARMOR: "localhost/p"},
    {ARMOR: "unconfined"},
    {ARMOR: "nonsense"},
    {ARMOR: "localhost/"},
    {f"{ARMOR}x": "unconfined"},
    {SECCOMP: "nonsense"},
    {SECCOMP: "localhost/../x"},
    {"container.seccomp.security.alpha.kubernetes.io/c": "nonsense"},
    {"kubernetes.io/config.mirror": "x"},
    {"controller.kubernetes.io/pod-deletion-cost": "-5"},
    {"controller.kubernetes.io/pod-deletion-cost": "+5"},
    {"controller.kubernetes.io/pod-deletion-cost": "3000000000"},
]
LABELS = {"app": "x"}


def template(spec: Document, **meta: Any) -> Document:
    return {"metadata": {"labels": LABELS, **meta}, "spec": spec}


def deployment(spec: Document, name: str = "a", **more: Any) -> Document:
    return named(name, spec={"selector": {"matchLabels": LABELS}, "template": template(spec), **more})


def job(spec: Document, **more: Any) -> Document:
    return {"template": template({**spec, "restartPolicy": "Never"}), **more}


def dry(path: str, *bodies: Document) -> list[Send]:
    return [POST(f"{path}?dryRun=All", body) for body in bodies]


BAD = pod_spec(container(ports=[port(), port()]), imagePullSecrets=[{}])
OFTEN = env({"name": "A"}, {"name": "A"})
MAKERS: Mapping[str, tuple[str, Document, Document]] = {
    "deployments": (f"{APPS}/deployments", deployment(BAD), deployment(OFTEN)),
    "replica sets": (f"{APPS}/replicasets", deployment(BAD), deployment(OFTEN)),
    "stateful sets": (f"{APPS}/statefulsets", deployment(BAD, serviceName="s"), deployment(OFTEN, serviceName="s")),
    "daemon sets": (f"{APPS}/daemonsets", deployment(BAD), deployment(OFTEN)),
    "replication controllers": (
        f"{CORE}/replicationcontrollers",
        named(spec={"template": template(BAD)}),
        named(spec={"template": template(OFTEN)}),
    ),
    "pod templates": (f"{CORE}/podtemplates", named(template=template(BAD)), named(template=template(OFTEN))),
    "cron jobs": (
        f"{BATCH}/cronjobs",
        named(spec={"schedule": "* * * * *", "jobTemplate": {"spec": job(BAD)}}),
        named(spec={"schedule": "* * * * *", "jobTemplate": {"spec": job(OFTEN)}}),
    ),
}  # fmt: skip


def service(**spec: Any) -> Document:
    return named(spec={"ports": [{"port": 80}], **spec})


def slices(kind: str, *addresses: str, **meta: Any) -> Document:
    return named(meta=meta, addressType=kind, endpoints=[{"addresses": [each]} for each in addresses], ports=[])


def block(cidr: str, *but: str) -> Document:
    return {"ipBlock": {"cidr": cidr, "except": list(but)}}


def persistent(meta: Document | None = None, **spec: Any) -> Document:
    amount = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    source = {} if set(spec) - {"nodeAffinity", "persistentVolumeReclaimPolicy"} else {"hostPath": {"path": "/x"}}
    return named("{id}", meta=meta, spec={**amount, **source, **spec})


def hook(*rules: tuple[list[str], list[str]]) -> Document:
    made = [
        {"apiGroups": groups, "apiVersions": ["*"], "operations": ["CREATE"], "resources": names}
        for groups, names in rules
    ]
    return named(
        "{id}",
        webhooks=[
            {
                "name": "a.example.com",
                "clientConfig": {"url": "https://127.0.0.1:1/none"},
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "namespaceSelector": {"matchLabels": {"none": "x"}},
                "rules": made,
            }
        ],
    )


def hard(**amounts: str) -> Document:
    return named(spec={"hard": {name.replace("__", "."): value for name, value in amounts.items()}})


def pem(kind: str) -> str:
    return f"-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n"


CLASSES = "/apis/storage.k8s.io/v1"
TLS: Document = {"type": "kubernetes.io/tls"}
#: By the name of the case: where, and what is created there.
OTHERS: Mapping[str, tuple[str, Sequence[Document]]] = {
    "services": (
        f"{CORE}/services",
        [
            named(meta={"annotations": {"service.kubernetes.io/topology-aware-hints": "auto"}}, spec={"ports": [{"port": 80}]}),
            service(type="LoadBalancer", loadBalancerIP="1.2.3.4"),
            service(type="LoadBalancer", loadBalancerIP="::0001"),
            service(type="LoadBalancer", loadBalancerIP="01.2.3.4"),
            service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.0/8", "::0/0"]),
            service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.1/8"]),
            service(type="LoadBalancer", loadBalancerSourceRanges=["010.0.0.0/8"]),
            service(externalIPs=["1.2.3.4", "2001:DB8::1"]),
            service(externalIPs=["01.2.3.4"]),
            service(clusterIP="None", externalIPs=["1.2.3.4"], sessionAffinity="ClientIP"),
            service(clusterIP="None", loadBalancerIP="1.2.3.4"),
            service(type="ExternalName", externalName="a.b", externalIPs=["1.2.3.4"]),
            service(externalName="a.b"),
            service(trafficDistribution="PreferClose"),
            service(trafficDistribution="PreferSameZone"),
            service(ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "a"}]),
        ],
    ),
    "ingresses": (
        "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
        [
            named(
                meta={"annotations": {"kubernetes.io/ingress.class": "x"}},
                spec={"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}, **more},
            )
            for more in ({}, {"ingressClassName": "y"})
        ],
    ),
    "network policies": (
        "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
        [
            named(spec={"podSelector": {}, "ingress": [{"from": [block("10.0.0.0/8", "10.1.0.0/16")]}]}),
            named(spec={"podSelector": {}, "ingress": [{"from": [block("2001:DB8::/32", "2001:db8:0::/48")]}]}),
            named(spec={"podSelector": {}, "egress": [{"to": [block("2001:DB8::/32")]}]}),
            named(spec={"podSelector": {}, "ingress": [{"from": [block("10.0.0.1/8")]}]}),
            named(spec={"podSelector": {}, "egress": [{"to": [block("010.0.0.0/8")]}]}),
        ],
    ),
    "slices of endpoints": (
        "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
        [
            slices("FQDN", "a.b"),
            slices("IPv6", "2001:DB8::1", "2001:db8::1"),
            slices("IPv4", "01.2.3.4"),
            slices("IPv6", "::ffff:1.2.3.4"),
            slices("IPv6", "2001:DB8::1", labels={"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}),
        ],
    ),
    "endpoints": (
        f"{CORE}/endpoints",
        [
            named(subsets=[{"addresses": [{"ip": "2001:DB8::1"}], "notReadyAddresses": [{"ip": "::0001"}], "ports": [{"port": 1}]}]),
            named(subsets=[{"addresses": [{"ip": "01.2.3.4"}], "ports": [{"port": 1}]}]),
            named(meta={"labels": {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}}, subsets=[{"addresses": [{"ip": "2001:DB8::1"}], "ports": [{"port": 1}]}]),
        ],
    ),
    "claims": (
        f"{CORE}/persistentvolumeclaims",
        [
            named(spec=FRACTION),
            named(meta={"annotations": {"volume.beta.kubernetes.io/storage-class": "x"}}, spec=CLAIM),
        ],
    ),
    "volumes": (
        "/api/v1/persistentvolumes",
        [
            persistent({"annotations": {"volume.beta.kubernetes.io/storage-class": "x", "volume.beta.kubernetes.io/mount-options": "ro"}}),
            persistent(persistentVolumeReclaimPolicy="Recycle"),
            persistent(nodeAffinity={"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": OLD_LABELS[1], "operator": "Exists"}]}]}}),
            persistent(cephfs={"monitors": ["m"]}),
            persistent(photonPersistentDisk={"pdID": "p"}),
            persistent(scaleIO={"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s", "namespace": "n"}}),
            persistent(storageos={"volumeName": "v"}),
            persistent(glusterfs={"endpoints": "e", "path": "p"}),
            persistent(rbd={"monitors": ["m"], "image": "i"}),
        ],
    ),
    "storage classes": (
        f"{CLASSES}/storageclasses",
        [
            named("{id}", provisioner="example.com/x", allowedTopologies=[{"matchLabelExpressions": [{"key": label, "values": ["x"]} for label in OLD_LABELS[:2]]}])
        ],
    ),
    "capacities": (
        f"{CLASSES}/namespaces/{{ns}}/csistoragecapacities",
        [
            named(storageClassName="s", nodeTopology={"matchLabels": {OLD_LABELS[0]: "x"}}),
            named(storageClassName="s", nodeTopology={"matchExpressions": [{"key": OLD_LABELS[1], "operator": "Exists"}]}),
        ],
    ),
    "runtime classes": (
        "/apis/node.k8s.io/v1/runtimeclasses",
        [named("{id}", handler="h", scheduling={"nodeSelector": {OLD_LABELS[0]: "x", "ok": "x"}})],
    ),
    "nodes": (
        "/api/v1/nodes",
        [
            named("{id}", spec={"externalID": "x"}),
            named("{id}", spec={"configSource": {"configMap": {"name": "a", "namespace": "b", "kubeletConfigKey": "c"}}}),
            named("{id}", spec={"podCIDR": "2001:DB8::/32", "podCIDRs": ["2001:DB8::/32"]}),
            named("{id}", spec={"podCIDRs": ["010.0.0.0/24"], "podCIDR": "010.0.0.0/24"}),
        ],
    ),
    "service accounts": (
        f"{CORE}/serviceaccounts",
        [named(meta={"annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}})],
    ),
    "webhooks": (
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        [
            hook((["authentication.k8s.io"], ["tokenreviews"])),
            hook((["authorization.k8s.io", "authentication.k8s.io"], ["subjectaccessreviews", "selfsubjectreviews", "pods"])),
            hook((["authentication.k8s.io"], ["tokenreviews/x", "tokenreviews/*", "*/x"])),
            hook((["*"], ["tokenreviews"])),
            hook((["authentication.k8s.io"], ["*"])),
        ],
    ),
    "mutating webhooks": (
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        [hook(([""], ["pods"]), (["authorization.k8s.io"], ["localsubjectaccessreviews", "localsubjectaccessreviews"]))],
    ),
    "quotas": (
        f"{CORE}/resourcequotas",
        [
            hard(cpu="2", limits__cpu="1"),
            hard(requests__memory="2Gi", limits__memory="1Gi", requests__cpu="1", limits__cpu="1"),
            hard(cpu="1", requests__cpu="3", limits__cpu="2"),
        ],
    ),
    "drivers": (
        f"{CLASSES}/csidrivers",
        [
            named("{id}", spec={"tokenRequests": [{"audience": "a"}]}),
            named("{id}", spec={"tokenRequests": [{"audience": "a"}], "serviceAccountTokenInSecrets": False}),
        ],
    ),
    "jobs of very many": (
        f"{BATCH}/jobs",
        [
            named(spec=job(pod_spec(), completionMode="Indexed", completions=100_001, parallelism=10_001)),
            named(spec=job(pod_spec(), completionMode="Indexed", completions=100_000, parallelism=10_001)),
            named(spec=job(BAD)),
        ],
    ),
    "schedules with a zone": (
        f"{BATCH}/cronjobs",
        [named(spec={"schedule": "TZ=UTC 0 * * * *", "jobTemplate": {"spec": job(pod_spec())}})],
    ),
    "sets of claims": (
        f"{APPS}/statefulsets",
        [
            deployment(pod_spec(), serviceName="s", volumeClaimTemplates=[named("v", spec=FRACTION)]),
            deployment(pod_spec(), serviceName="s", revisionHistoryLimit=-1),
        ],
    ),
    "secrets for TLS": (
        f"{CORE}/secrets",
        [
            named(**TLS, stringData={"tls.crt": "x", "tls.key": "y"}),
            named(**TLS, stringData={"tls.crt": "", "tls.key": ""}),
            named(**TLS, stringData={"tls.crt": pem("PRIVATE KEY"), "tls.key": pem("CERTIFICATE")}),
            named(**TLS, stringData={"tls.crt": pem("X") + pem("Y"), "tls.key": ""}),
        ],
    ),
    "slices of devices": (
        "/apis/resource.k8s.io/v1/resourceslices",
        [named("{id}", spec={"driver": "Example.com", "nodeName": "n", "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1}})],
    ),
}  # fmt: skip
NAMES = ("a.b", "a.b.c")
INGRESS = {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}}


def balanced(*addresses: str) -> Document:
    return {"status": {"loadBalancer": {"ingress": [{"ip": each} for each in addresses]}}}


CASES = [
    *(
        Case(f"pods: {name}", *dry(f"{CORE}/pods", *(named(spec=spec) for spec in specs)))
        for name, specs in PODS.items()
    ),
    Case("pods: annotations", *dry(f"{CORE}/pods", *(named(meta={"annotations": n}, spec=pod_spec()) for n in NOTES))),
    Case(
        "templates: annotations",
        *dry(
            f"{APPS}/deployments",
            *(
                named(spec={"selector": {"matchLabels": LABELS}, "template": template(pod_spec(), annotations=notes)})
                for notes in NOTES
            ),
        ),
    ),
    *(
        Case(
            f"templates: {name}",
            POST(path, bad),
            PATCH(f"{path}/a", {"metadata": {"labels": {"x": "y"}}}, media=MERGE),
            PUT(f"{path}/a", often),
        )
        for name, (path, bad, often) in MAKERS.items()
    ),
    *(Case(name, *dry(path, *bodies)) for name, (path, bodies) in OTHERS.items()),
    Case(
        "names that are used as hostnames",
        *dry(f"{CORE}/pods", *(named(name, spec=pod_spec()) for name in NAMES)),
        *dry(f"{APPS}/deployments", deployment(pod_spec(), "a.b")),
        *dry(f"{APPS}/replicasets", deployment(pod_spec(), "a.b")),
        *dry(f"{APPS}/daemonsets", deployment(pod_spec(), "a.b")),
        *dry(f"{CORE}/replicationcontrollers", named("a.b", spec={"template": template(pod_spec())})),
        *dry(f"{BATCH}/jobs", named("a.b", spec=job(pod_spec()))),
        *dry(
            f"{BATCH}/cronjobs",
            named("a.b", spec={"schedule": "* * * * *", "jobTemplate": {"spec": job(pod_spec())}}),
        ),
    ),
    Case(
        "pods: annotations and fields",
        *dry(
            f"{CORE}/pods",
            *(
                named(meta={"annotations": {ARMOR: said}}, spec=pod_spec(container(securityContext={"appArmorProfile": field})))
                for said in ("unconfined", "localhost/p")
                for field in ({"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "p"}, {"type": "Localhost", "localhostProfile": "q"})
            ),
        ),
        POST(f"{CORE}/pods", named(meta={"annotations": {ARMOR: "unconfined"}}, spec=pod_spec())),
        PATCH(f"{CORE}/pods/a", {"metadata": {"annotations": {ARMOR: "runtime/default"}}}),
        PATCH(f"{CORE}/pods/a", {"metadata": {"annotations": {ARMOR: None, f"{ARMOR}d": "unconfined"}}}),
        PATCH(f"{CORE}/pods/a", {"metadata": {"annotations": {"x": "y"}}}),
    ),
    Case(
        "pods: nothing is said of updates",
        POST(f"{CORE}/pods", named(spec=BAD)),
        PATCH(f"{CORE}/pods/a", {"spec": {"activeDeadlineSeconds": 5}}),
    ),
    Case(
        "pods: addresses in the status",
        POST(f"{CORE}/pods", named(spec=pod_spec())),
        PATCH(
            f"{CORE}/pods/a/status",
            {"status": {"podIPs": [{"ip": "2001:DB8::1"}], "hostIP": "::0001", "hostIPs": [{"ip": "::0001"}]}},
        ),
    ),
    Case(
        "services: addresses in the status",
        POST(f"{CORE}/services", service(type="LoadBalancer")),
        PATCH(f"{CORE}/services/a/status", balanced("2001:DB8::1", "1.2.3.4")),
        PATCH(f"{CORE}/services/a/status", balanced("01.2.3.4")),
        PATCH(f"{CORE}/services/a", {"metadata": {"labels": {"x": "y"}}}),
    ),
    Case(
        "services: updates",
        POST(f"{CORE}/services", service(externalIPs=["2001:DB8::1"])),
        PATCH(f"{CORE}/services/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{CORE}/services/a", {"spec": {"externalIPs": ["1.2.3.4", "01.2.3.4"]}}),
        PATCH(f"{CORE}/services/a", {"spec": {"trafficDistribution": "PreferClose", "externalIPs": None}}),
    ),
    Case(
        "ingresses: addresses in the status, and nothing of updates",
        POST(
            "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
            named(meta={"annotations": {"kubernetes.io/ingress.class": "x"}}, **INGRESS),
        ),
        PATCH("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/a/status", balanced("2001:DB8::1")),
    ),
    Case(
        "service accounts: only what is new",
        POST(f"{CORE}/serviceaccounts", named(meta={"annotations": {"kubernetes.io/enforce-mountable-secrets": "x"}})),
        PATCH(f"{CORE}/serviceaccounts/a", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{CORE}/serviceaccounts/a", {"metadata": {"annotations": None}}),
        PATCH(f"{CORE}/serviceaccounts/a", {"metadata": {"annotations": {"kubernetes.io/enforce-mountable-secrets": "x"}}}),
    ),
    Case(
        "drivers: only what changes",
        POST(f"{CLASSES}/csidrivers", named("{id}", spec={"tokenRequests": [{"audience": "a"}]})),
        PATCH(f"{CLASSES}/csidrivers/{{id}}", {"metadata": {"labels": {"x": "y"}}}),
        PATCH(f"{CLASSES}/csidrivers/{{id}}", {"spec": {"tokenRequests": [{"audience": "b"}]}}),
    ),
    Case(
        "sets of claims: updates",
        POST(f"{APPS}/statefulsets", deployment(pod_spec(), serviceName="s", volumeClaimTemplates=[named("v", spec=FRACTION)])),
        PATCH(f"{APPS}/statefulsets/a", {"spec": {"revisionHistoryLimit": -1}}),
    ),
    Case(
        "schedules with a zone: updates",
        POST(f"{BATCH}/cronjobs", named(spec={"schedule": "0 * * * *", "jobTemplate": {"spec": job(pod_spec())}})),
        PATCH(f"{BATCH}/cronjobs/a", {"spec": {"schedule": "TZ=UTC 0 * * * *"}}),
        PATCH(f"{BATCH}/cronjobs/a", {"spec": {"schedule": "0 * * * *"}}),
    ),
    Case(
        "quotas: nothing of updates",
        POST(f"{CORE}/resourcequotas", hard(cpu="1", limits__cpu="1")),
        PATCH(f"{CORE}/resourcequotas/a", {"spec": {"hard": {"cpu": "2"}}}),
    ),
]  # fmt: skip
