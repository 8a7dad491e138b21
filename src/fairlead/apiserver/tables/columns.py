"""The columns of built-in types' tables and what stands in their cells.

kubectl prints what the server sends, so names and texts follow the API server's printers. A column is written as
`NAME[:TYPE][@FORMAT][*]`: type string unless said, `*` for those of `-o wide`. Column `Name` is always the first, unless the
type says otherwise; descriptions are left empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fairlead.apiserver.tables.autoscaling import metrics
from fairlead.apiserver.tables.cells import (
    age,
    containers,
    dig,
    human_duration,
    items,
    labels,
    mapping,
    number,
    since,
    text,
)
from fairlead.apiserver.tables.network import (
    endpoint_slice,
    endpoints,
    ingress,
    ingress_class,
    ip_address,
    network_policy,
    service,
    service_cidr,
)
from fairlead.apiserver.tables.pods import pod, pod_conditions
from fairlead.apiserver.tables.storage import (
    csi_driver,
    persistent_volume,
    persistent_volume_claim,
    storage_class,
    volume_attachment,
)
from fairlead.apiserver.tables.workloads import (
    controller_revision,
    cron_job,
    daemon_set,
    deployment,
    job,
    replica_set,
    replication_controller,
    stateful_set,
)

__all__ = ["Printer", "printer"]

Cells = Callable[[dict[str, Any], datetime], list[Any]]

_ACCESS = "Access Modes"
_WORKLOAD = ("Containers*", "Images*", "Selector*")


@dataclass(frozen=True, slots=True)
class Printer:
    """How one type is shown: its columns, and a function from an object and the present time to its cells."""

    columns: tuple[str, ...]
    cells: Cells
    #: Whether the object's name goes before `cells`.
    named: bool = True
    #: The conditions of an object's row; most types have none.
    conditions: Callable[[dict[str, Any]], list[dict[str, Any]]] = field(default=lambda _: [])
    #: Whether a table without rows has null for them: Go writes so a slice that nothing was added to.
    null_rows: bool = False

    def definitions(self) -> list[dict[str, Any]]:
        """The table's `columnDefinitions`."""
        return [_definition(column) for column in (("Name",) if self.named else ()) + self.columns]

    def row(self, obj: dict[str, Any], now: datetime) -> list[Any]:
        """The cells of one object, one for each column."""
        cells = self.cells(obj, now)
        return [text(obj, "metadata.name"), *cells] if self.named else cells


def _definition(column: str) -> dict[str, Any]:
    written, _, form = column.removesuffix("*").partition("@")
    name, _, kind = written.partition(":")
    return {
        "name": name,
        "type": kind or "string",
        "format": "name" if written == "Name" else form,
        "description": "",
        "priority": int(column.endswith("*")),
    }


def printer(group: str, plural: str) -> Printer:
    """The printer of a built-in type; the plain one, Name and Created At, for types that have none of their own."""
    return _PRINTERS.get((group, plural), _PLAIN)


def _plain(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - all cell functions take the time
    return [_created(obj)]


def _created(obj: dict[str, Any]) -> str:
    # What was never created, as in a bookmark, has Go's first moment.
    return text(obj, "metadata.creationTimestamp", "0001-01-01T00:00:00Z")


def _scale(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [text(obj, "metadata.name"), number(obj, "spec.replicas"), number(obj, "status.replicas"), age(obj, now)]


def _definition_of(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    served = [entry for entry in items(obj, "spec.versions") if entry.get("served") is True]
    versions = [text(entry, "name") + ("(storage)" if entry.get("storage") is True else "") for entry in served]
    conditions = items(obj, "status.conditions")
    return [
        text(obj, "spec.scope"),
        ",".join(sorted(versions)),
        _created(obj),
        text(obj, "spec.group"),
        text(obj, "spec.names.kind"),
        ",".join(dig(obj, "spec.names.shortNames") or ()),
        any(entry.get("type") == "Established" and entry.get("status") == "True" for entry in conditions),
    ]


def _device_taint(obj: dict[str, Any], now: datetime) -> list[Any]:
    cells = [text(obj, f"spec.taint.{key}") for key in ("key", "value", "effect")]
    return [*cells, since(dig(obj, "spec.taint.timeAdded"), now, ""), age(obj, now)]


def _component_status(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    healthy = next((entry for entry in items(obj, "conditions") if entry.get("type") == "Healthy"), None)
    state = "Unknown" if healthy is None else "Healthy" if healthy.get("status") == "True" else "Unhealthy"
    return [state, text(healthy, "message"), text(healthy, "error")]


def _pod_template(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    return [*containers(dig(obj, "template.spec")), labels(mapping(obj, "template.metadata.labels"))]


def _api_service(obj: dict[str, Any], now: datetime) -> list[Any]:
    service = mapping(obj, "spec.service")
    available = next((e for e in items(obj, "status.conditions") if e.get("type") == "Available"), None)
    status = text(available, "status", "Unknown")
    reason = text(available, "reason")
    shown = status if status == "True" or not reason else f"{status} ({reason})"
    return [f"{text(service, 'namespace')}/{text(service, 'name')}" if service else "Local", shown, age(obj, now)]


def _pod_certificate(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    known = [e.get("type") for e in items(obj, "status.conditions") if e.get("type") in {"Issued", "Denied", "Failed"}]
    paths = ("spec.podName", "spec.serviceAccountName", "spec.nodeName", "spec.signerName")
    annotations = labels(mapping(obj, "spec.unverifiedUserAnnotations"))
    return [*(text(obj, path) for path in paths), known[-1] if known else "Pending", annotations]


def _trust_bundle(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    return [text(obj, "spec.signerName", "<none>")]


def _migration(obj: dict[str, Any], now: datetime) -> list[Any]:  # noqa: ARG001 - see _plain
    true = [e.get("type") for e in items(obj, "status.conditions") if e.get("status") == "True"]
    states = [state for state in true if state in {"Running", "Failed", "Succeeded"}]
    group = text(obj, "spec.resource.group")
    resource = text(obj, "spec.resource.resource") + (f".{group}" if group else "")
    return [text(obj, "metadata.name"), resource, states[-1] if states else "Unknown"]


def _only_age(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [age(obj, now)]


def _texts(*paths: str) -> Cells:
    """Cells that are just the strings at these paths, and then the age."""

    def cells(obj: dict[str, Any], now: datetime) -> list[Any]:
        return [*(text(obj, path) for path in paths), age(obj, now)]

    return cells


def _count(path: str) -> Cells:
    """How many entries the list at the path has, and then the age."""

    def cells(obj: dict[str, Any], now: datetime) -> list[Any]:
        return [len(dig(obj, path) or ()), age(obj, now)]

    return cells


def _config_map(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [len(mapping(obj, "data")) + len(mapping(obj, "binaryData")), age(obj, now)]


def _secret(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [text(obj, "type"), len(mapping(obj, "data")), age(obj, now)]


def _node(obj: dict[str, Any], now: datetime) -> list[Any]:
    ready = next((e.get("status") for e in items(obj, "status.conditions") if e.get("type") == "Ready"), None)
    status = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    info = mapping(obj, "status.nodeInfo")
    kernel = text(info, "kernelVersion", "<unknown>")
    architecture = text(info, "architecture")
    return [
        status + (",SchedulingDisabled" if dig(obj, "spec.unschedulable") else ""),
        _roles(mapping(obj, "metadata.labels")),
        age(obj, now),
        text(info, "kubeletVersion"),
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        text(info, "osImage", "<unknown>"),
        f"{kernel} ({architecture})" if architecture else kernel,
        text(info, "containerRuntimeVersion", "<unknown>"),
    ]


def _roles(found: dict[str, Any]) -> str:
    roles = {
        key.removeprefix("node-role.kubernetes.io/") for key in found if key.startswith("node-role.kubernetes.io/")
    }
    roles.add(found.get("kubernetes.io/role", ""))
    return ",".join(sorted(roles - {""})) or "<none>"


def _address(obj: dict[str, Any], kind: str) -> str:
    return next((text(a, "address") for a in items(obj, "status.addresses") if a.get("type") == kind), "<none>")


def _event(obj: dict[str, Any], now: datetime) -> list[Any]:
    # core/v1 and events.k8s.io/v1 are one type under two sets of names.
    target = mapping(obj, "involvedObject") or mapping(obj, "regarding")
    first = since(dig(obj, "firstTimestamp") or dig(obj, "deprecatedFirstTimestamp") or dig(obj, "eventTime"), now)
    last = since(dig(obj, "lastTimestamp") or dig(obj, "deprecatedLastTimestamp"), now, first)
    count = number(obj, "count") or number(obj, "deprecatedCount") or 1
    if mapping(obj, "series"):
        last, count = since(dig(obj, "series.lastObservedTime"), now), number(obj, "series.count")
    name = text(target, "name")
    return [
        last,
        text(obj, "type"),
        text(obj, "reason"),
        text(target, "kind").lower() + (f"/{name}" if name else ""),
        text(target, "fieldPath"),
        _event_source(obj),
        (text(obj, "message") or text(obj, "note")).strip(),
        first,
        count,
        text(obj, "metadata.name"),
    ]


def _event_source(obj: dict[str, Any]) -> str:
    source = mapping(obj, "source") or mapping(obj, "deprecatedSource")
    controller = text(obj, "reportingComponent") or text(obj, "reportingController")
    parts = (text(source, "component") or controller, text(source, "host") or text(obj, "reportingInstance"))
    return ", ".join(parts) if parts[1] else parts[0]


def _binding(obj: dict[str, Any], now: datetime) -> list[Any]:
    subjects = items(obj, "subjects")
    of_kind = {kind: [text(s, "name") for s in subjects if s.get("kind") == kind] for kind in ("User", "Group")}
    accounts = [f"{text(s, 'namespace')}/{text(s, 'name')}" for s in subjects if s.get("kind") == "ServiceAccount"]
    role = f"{text(obj, 'roleRef.kind')}/{text(obj, 'roleRef.name')}"
    return [role, age(obj, now), *(", ".join(names) for names in (of_kind["User"], of_kind["Group"], accounts))]


def _disruption_budget(obj: dict[str, Any], now: datetime) -> list[Any]:
    limits = [dig(obj, path) for path in ("spec.minAvailable", "spec.maxUnavailable")]
    shown = ["N/A" if limit is None else str(limit) for limit in limits]
    return [*shown, number(obj, "status.disruptionsAllowed"), age(obj, now)]


def _autoscaler(obj: dict[str, Any], now: datetime) -> list[Any]:
    smallest = dig(obj, "spec.minReplicas")
    return [
        f"{text(obj, 'spec.scaleTargetRef.kind')}/{text(obj, 'spec.scaleTargetRef.name')}",
        metrics(obj),
        "<unset>" if smallest is None else str(smallest),
        number(obj, "spec.maxReplicas"),
        number(obj, "status.currentReplicas"),
        age(obj, now),
    ]


def _quota(obj: dict[str, Any], now: datetime) -> list[Any]:
    hard, used = mapping(obj, "status.hard"), mapping(obj, "status.used")
    written = {name: f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard)}
    limits = [line for name, line in written.items() if name.startswith("limits.")]
    requests = [line for name, line in written.items() if not name.startswith("limits.")]
    return [", ".join(requests), ", ".join(limits), age(obj, now)]


def _priority_class(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [number(obj, "value"), obj.get("globalDefault") is True, age(obj, now), text(obj, "preemptionPolicy")]


def _signing_request(obj: dict[str, Any], now: datetime) -> list[Any]:
    conditions = {entry.get("type") for entry in items(obj, "status.conditions")}
    state = next((name for name in ("Denied", "Approved") if name in conditions), "Pending")
    state += (",Failed" if "Failed" in conditions else "") + (",Issued" if dig(obj, "status.certificate") else "")
    seconds = dig(obj, "spec.expirationSeconds")
    return [
        age(obj, now),
        text(obj, "spec.signerName", "<none>"),
        text(obj, "spec.username"),
        "<none>" if seconds is None else human_duration(timedelta(seconds=seconds)),
        state,
    ]


def _flow_schema(obj: dict[str, Any], now: datetime) -> list[Any]:
    dangling = (e for e in items(obj, "status.conditions") if e.get("type") == "Dangling")
    return [
        text(obj, "spec.priorityLevelConfiguration.name"),
        number(obj, "spec.matchingPrecedence"),
        text(obj, "spec.distinguisherMethod.type", "<none>"),
        age(obj, now),
        next((text(entry, "status") for entry in dangling), "?"),
    ]


def _priority_level(obj: dict[str, Any], now: datetime) -> list[Any]:
    limited = mapping(obj, "spec.limited")
    queuing = mapping(limited, "limitResponse.queuing")
    shares = number(limited, "nominalConcurrencyShares") if limited else "<none>"
    queues = [number(queuing, key) if queuing else "<none>" for key in ("queues", "handSize", "queueLengthLimit")]
    return [text(obj, "spec.type"), shares, *queues, age(obj, now)]


def _admission_policy(path: str) -> Cells:
    def cells(obj: dict[str, Any], now: datetime) -> list[Any]:
        kind = mapping(obj, "spec.paramKind")
        parameter = f"{text(kind, 'apiVersion')}/{text(kind, 'kind')}" if kind else "<unset>"
        return [len(dig(obj, path) or ()), parameter, age(obj, now)]

    return cells


def _policy_binding(obj: dict[str, Any], now: datetime) -> list[Any]:
    reference, parameter = mapping(obj, "spec.paramRef"), "<unset>"
    if text(reference, "name"):
        parameter = f"{text(reference, 'namespace', '*')}/{text(reference, 'name')}"
    return [text(obj, "spec.policyName"), parameter, age(obj, now)]


def _resource_claim(obj: dict[str, Any], now: datetime) -> list[Any]:
    deleted = dig(obj, "metadata.deletionTimestamp") is not None
    states = ["deleted"] if deleted else []
    if dig(obj, "status.allocation") is not None:
        states += ["allocated", *(["reserved"] if items(obj, "status.reservedFor") else [])]
    elif not deleted:
        states.append("pending")
    return [",".join(states), age(obj, now)]


_EVENTS = Printer(
    (
        "Last Seen",
        "Type",
        "Reason",
        "Object",
        "Subobject*",
        "Source*",
        "Message",
        "First Seen*",
        "Count*",
        "Name*",
    ),
    _event,
    named=False,
)
_BINDINGS = Printer(("Role", "Age", "Users*", "Groups*", "ServiceAccounts*"), _binding)
_WEBHOOKS = Printer(("Webhooks:integer", "Age"), _count("webhooks"))
_ADMISSION_BINDINGS = Printer(("PolicyName", "ParamRef", "Age"), _policy_binding)
_AGE = Printer(("Age",), _only_age)
_PLAIN = Printer(("Created At:date",), _plain, null_rows=True)
_COUNTS = ("Desired:integer", "Current:integer", "Ready:integer")

_PRINTERS: dict[tuple[str, str], Printer] = {
    ("", "componentstatuses"): Printer(("Status", "Message", "Error"), _component_status),
    ("", "podtemplates"): Printer(("Containers", "Images", "Pod Labels"), _pod_template),
    ("apiextensions.k8s.io", "customresourcedefinitions"): Printer(
        ("Scope", "Versions", "Created At:date", "Group*", "Kind*", "ShortNames*", "Established:boolean*"),
        _definition_of,
        null_rows=True,
    ),
    # All `scale` subresources give one.
    ("autoscaling", "scales"): Printer(
        ("Name:string", "Desired:integer", "Available:integer", "Age"), _scale, named=False
    ),
    ("resource.k8s.io", "devicetaintrules"): Printer(("Key", "Value", "Effect", "TimeAdded", "Age"), _device_taint),
    ("apiregistration.k8s.io", "apiservices"): Printer(("Service", "Available", "Age"), _api_service),
    ("networking.k8s.io", "ipaddresses"): Printer(("ParentRef",), ip_address),
    ("certificates.k8s.io", "clustertrustbundles"): Printer(("SignerName",), _trust_bundle),
    ("certificates.k8s.io", "podcertificaterequests"): Printer(
        ("PodName", "ServiceAccountName", "NodeName", "SignerName", "State", "UnverifiedUserAnnotations"),
        _pod_certificate,
    ),
    ("storagemigration.k8s.io", "storageversionmigrations"): Printer(
        ("Name:string", "Resource", "Status"), _migration, named=False
    ),
    ("", "configmaps"): Printer(("Data", "Age"), _config_map),
    ("", "endpoints"): Printer(("Endpoints", "Age"), endpoints),
    ("", "events"): _EVENTS,
    ("", "namespaces"): Printer(("Status", "Age"), _texts("status.phase")),
    ("", "nodes"): Printer(
        (
            "Status",
            "Roles",
            "Age",
            "Version",
            "Internal-IP*",
            "External-IP*",
            "OS-Image*",
            "Kernel-Version*",
            "Container-Runtime*",
        ),
        _node,
    ),
    ("", "persistentvolumeclaims"): Printer(
        ("Status", "Volume", "Capacity", _ACCESS, "StorageClass", "VolumeAttributesClass", "Age", "VolumeMode*"),
        persistent_volume_claim,
    ),
    ("", "persistentvolumes"): Printer(
        (
            "Capacity",
            _ACCESS,
            "Reclaim Policy",
            "Status",
            "Claim",
            "StorageClass",
            "VolumeAttributesClass",
            "Reason",
            "Age",
            "VolumeMode*",
        ),
        persistent_volume,
    ),
    ("", "pods"): Printer(
        ("Ready", "Status", "Restarts", "Age", "IP*", "Node*", "Nominated Node*", "Readiness Gates*"),
        pod,
        conditions=pod_conditions,
    ),
    ("", "replicationcontrollers"): Printer((*_COUNTS, "Age", *_WORKLOAD), replication_controller),
    ("", "resourcequotas"): Printer(("Request", "Limit", "Age"), _quota),
    ("", "secrets"): Printer(("Type", "Data", "Age"), _secret),
    ("", "serviceaccounts"): _AGE,
    ("", "services"): Printer(("Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector*"), service),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): Printer(
        ("Mutations:integer", "ParamKind", "Age"), _admission_policy("spec.mutations")
    ),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): _ADMISSION_BINDINGS,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _WEBHOOKS,
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): Printer(
        ("Validations:integer", "ParamKind", "Age"), _admission_policy("spec.validations")
    ),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _ADMISSION_BINDINGS,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _WEBHOOKS,
    ("apps", "controllerrevisions"): Printer(("Controller", "Revision", "Age"), controller_revision),
    ("apps", "daemonsets"): Printer(
        (*_COUNTS, "Up-to-date:integer", "Available:integer", "Node Selector", "Age", *_WORKLOAD), daemon_set
    ),
    ("apps", "deployments"): Printer(("Ready", "Up-to-date", "Available", "Age", *_WORKLOAD), deployment),
    ("apps", "replicasets"): Printer((*_COUNTS, "Age", *_WORKLOAD), replica_set),
    ("apps", "statefulsets"): Printer(("Ready", "Age", "Containers*", "Images*"), stateful_set),
    ("autoscaling", "horizontalpodautoscalers"): Printer(
        ("Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"), _autoscaler
    ),
    ("batch", "cronjobs"): Printer(
        ("Schedule", "Timezone", "Suspend:boolean", "Active:integer", "Last Schedule", "Age", *_WORKLOAD), cron_job
    ),
    ("batch", "jobs"): Printer(("Status", "Completions", "Duration", "Age", *_WORKLOAD), job),
    ("certificates.k8s.io", "certificatesigningrequests"): Printer(
        ("Age", "SignerName", "Requestor", "RequestedDuration", "Condition"), _signing_request
    ),
    ("coordination.k8s.io", "leases"): Printer(("Holder", "Age"), _texts("spec.holderIdentity")),
    ("discovery.k8s.io", "endpointslices"): Printer(("AddressType", "Ports", "Endpoints", "Age"), endpoint_slice),
    ("events.k8s.io", "events"): _EVENTS,
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): Printer(
        ("PriorityLevel", "MatchingPrecedence", "DistinguisherMethod", "Age", "MissingPL"), _flow_schema
    ),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): Printer(
        ("Type", "NominalConcurrencyShares", "Queues", "HandSize", "QueueLengthLimit", "Age"), _priority_level
    ),
    ("networking.k8s.io", "ingressclasses"): Printer(
        ("Name", "Controller", "Parameters", "Age"), ingress_class, named=False
    ),
    ("networking.k8s.io", "ingresses"): Printer(("Class", "Hosts", "Address", "Ports", "Age"), ingress),
    ("networking.k8s.io", "networkpolicies"): Printer(("Pod-Selector", "Age"), network_policy),
    ("networking.k8s.io", "servicecidrs"): Printer(("CIDRs", "Age"), service_cidr),
    ("node.k8s.io", "runtimeclasses"): Printer(("Handler", "Age"), _texts("handler")),
    ("policy", "poddisruptionbudgets"): Printer(
        ("Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"), _disruption_budget
    ),
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _BINDINGS,
    ("rbac.authorization.k8s.io", "rolebindings"): _BINDINGS,
    ("resource.k8s.io", "deviceclasses"): _AGE,
    ("resource.k8s.io", "resourceclaims"): Printer(("State", "Age"), _resource_claim),
    ("resource.k8s.io", "resourceclaimtemplates"): _AGE,
    ("resource.k8s.io", "resourceslices"): Printer(
        ("Node", "Driver", "Pool", "Age"), _texts("spec.nodeName", "spec.driver", "spec.pool.name")
    ),
    ("scheduling.k8s.io", "priorityclasses"): Printer(
        ("Value:integer", "Global-Default:boolean", "Age", "PreemptionPolicy"), _priority_class
    ),
    ("storage.k8s.io", "csidrivers"): Printer(
        (
            "AttachRequired:boolean",
            "PodInfoOnMount:boolean",
            "StorageCapacity:boolean",
            "TokenRequests",
            "RequiresRepublish:boolean",
            "Modes",
            "Age",
        ),
        csi_driver,
    ),
    ("storage.k8s.io", "csinodes"): Printer(("Drivers:integer", "Age"), _count("spec.drivers")),
    ("storage.k8s.io", "storageclasses"): Printer(
        ("Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"),
        storage_class,
        named=False,
    ),
    ("storage.k8s.io", "volumeattachments"): Printer(
        ("Attacher@name", "PV", "Node", "Attached:boolean", "Age"), volume_attachment
    ),
    ("storage.k8s.io", "volumeattributesclasses"): Printer(("DriverName", "Age"), _texts("driverName")),
}
