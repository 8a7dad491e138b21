"""The rules of objects that people meet, with the server's texts; schemas say the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from fairlead.apiserver.builtin import pod_parts
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.rules import admissions as valid_admissions
from fairlead.apiserver.rules import attachments as valid_attachments
from fairlead.apiserver.rules import batch as valid_batch
from fairlead.apiserver.rules import cluster as valid_cluster
from fairlead.apiserver.rules import device_claims as valid_claims
from fairlead.apiserver.rules import extensions as valid_extensions
from fairlead.apiserver.rules import flows as valid_flows
from fairlead.apiserver.rules import networking as valid_networking
from fairlead.apiserver.rules import pods as valid_pods
from fairlead.apiserver.rules import policies as valid_policies
from fairlead.apiserver.rules import services as valid_services
from fairlead.apiserver.rules import signing_requests as valid_signing
from fairlead.apiserver.rules import storage as valid_storage
from fairlead.apiserver.rules import trust as valid_trust
from fairlead.apiserver.rules import workloads as valid_workloads
from fairlead.apiserver.rules.definitions import definition
from fairlead.apiserver.rules.written_statuses import STATUS_RULES
from fairlead.apiserver.wire.decoding import go_value
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.schema.checks import under
from fairlead.machinery.schema.embedded import embedded_faults
from fairlead.machinery.schema.lists import list_faults
from fairlead.machinery.schema.ratchet import NO_OLD
from fairlead.machinery.schema.rules import validate
from fairlead.machinery.validation import invalid

__all__ = ["builtin", "builtin_status", "custom", "custom_status", "of_part"]

Document = dict[str, Any]
Rule = Callable[[Document, Document | None], Iterator[Cause]]


def custom(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a custom resource: those of its schema."""

    def check(new: Document, old: Document | None) -> list[Cause]:
        found = list(_type_faults(info, new)) or [
            *validate(info.schema, new, NO_OLD if old is None else old),
            *_spec_scale_faults(info, new),
            *_status_scale_faults(info, new),
            *embedded_faults(info.schema, new),
            *_list_faults(info, new, old),
        ]
        return [*found, *_unchecked(info, found)]

    return check


def custom_status(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a custom resource's status, when that alone is written."""

    def check(new: Document, old: Document | None) -> list[Cause]:
        schema = info.schema.field("status")
        before = NO_OLD if old is None else old.get("status", NO_OLD)
        found = validate(schema, new["status"], before) if schema is not None and "status" in new else []
        under_status = [under(cause, "status") for cause in found]
        found = [*under_status, *_status_scale_faults(info, new), *_list_faults(info, new, old)]
        return [*found, *_unchecked(info, found)]

    return check


#: An object with such a fault is not put to CEL rules, which are written for one that fits its schema.
_BLOCKING = frozenset({causes.NOT_SUPPORTED, causes.REQUIRED, causes.TOO_LONG, causes.TOO_MANY, causes.TYPE_INVALID})
_UNCHECKED = (
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors "
    "to complete validation"
)


def _unchecked(info: ResourceInfo, found: list[Cause]) -> Iterator[Cause]:
    if info.has_rules and any(cause.reason in _BLOCKING for cause in found):
        yield Cause(causes.INVALID, _UNCHECKED, "<nil>")


def _type_faults(info: ResourceInfo, document: Document) -> Iterator[Cause]:
    for name, wanted in (("kind", info.type.kind), ("apiVersion", info.type.api_version)):
        if document.get(name) != wanted:
            yield invalid(name, document.get(name) or "", f"must be {wanted}")


def _list_faults(info: ResourceInfo, new: Document, old: Document | None) -> list[Cause]:
    """Nothing is held against lists of an object that was wrong before."""
    found = list(list_faults(info.schema, new))
    return [] if found and old is not None and any(list_faults(info.schema, old)) else found


def _spec_scale_faults(info: ResourceInfo, document: Document) -> Iterator[Cause]:
    if info.scale_paths[0]:
        yield from _replicas_faults(document, info.scale_paths[0])


def _status_scale_faults(info: ResourceInfo, document: Document) -> Iterator[Cause]:
    _, replicas, selector = info.scale_paths
    if replicas:
        yield from _replicas_faults(document, replicas)
    value, fault = _nested(document, selector, str, "string") if selector else (None, "")
    del value
    if fault:
        yield Cause(causes.INVALID, f'Invalid value: "": {fault}', selector)


def _replicas_faults(document: Document, path: str) -> Iterator[Cause]:
    value, fault = _nested(document, path, int, "int64")
    if fault:
        yield Cause(causes.INVALID, f"Invalid value: 0: {fault}", path)
    elif value is not None and value < 0:
        yield Cause(causes.INVALID, f"Invalid value: {value}: should be a non-negative integer", path)
    elif value is not None and value > _MOST_REPLICAS:
        text = f"should be less than or equal to {_MOST_REPLICAS}"
        yield Cause(causes.INVALID, f"Invalid value: {value}: {text}", path)


_MOST_REPLICAS = 2**31 - 1


def _nested(document: Document, path: str, wanted: type, name: str) -> tuple[Any, str]:
    """The value at a simple path, and what is wrong with it; None when it is absent."""
    value: Any = document
    for step in path.lstrip(".").split("."):
        if value is None:
            return None, ""
        if not isinstance(value, dict):
            shown = f"{go_value(value)} is of the type {_go_name(value)}, expected map[string]interface{{}}"
            return None, f"{path} accessor error: {shown}"
        if step not in value:
            return None, ""
        value = cast("Document", value)[step]
    if isinstance(value, wanted) and not isinstance(value, bool):
        return value, ""
    return None, f"{path} accessor error: {go_value(value)} is of the type {_go_name(value)}, expected {name}"


def _go_name(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return "float64"
    if value is None:
        return "<nil>"
    names = {str: "string", int: "int64", list: "[]interface {}"}
    return names.get(cast("type[Any]", type(value)), "map[string]interface {}")


def builtin(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a built-in type."""
    return _all_of(_RULES.get((info.type.group, info.type.kind)))


def builtin_status(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a built-in type's status, when that alone is written."""
    return _all_of(STATUS_RULES.get((info.type.group, info.type.kind)))


def of_part(subresource: str) -> Callable[[Document, Document | None], list[Cause]] | None:
    """The rules of a subresource that shows the whole object and takes a part of it; None: it has no rules of its own."""
    rule = _PARTS.get(subresource)
    return _all_of(rule) if rule is not None else None


_PARTS: Mapping[str, Rule] = {
    "resize": pod_parts.resize_rules,
    "ephemeralcontainers": pod_parts.ephemeral_rules,
    "approval": valid_signing.signing_approval,
    "finalize": valid_cluster.finalized_namespace,
}


def _all_of(rule: Rule | None) -> Callable[[Document, Document | None], list[Cause]]:
    if rule is None:
        return _no_faults

    def check(new: Document, old: Document | None) -> list[Cause]:
        return list(rule(new, old))

    return check


def _no_faults(new: Document, old: Document | None) -> list[Cause]:
    del new, old
    return []


_RULES: Mapping[tuple[str, str], Rule] = {
    ("", "ConfigMap"): valid_cluster.config_map,
    ("", "Secret"): valid_cluster.secret,
    ("", "Namespace"): valid_cluster.namespace,
    ("", "Node"): valid_cluster.node,
    ("", "Event"): valid_cluster.event,
    ("events.k8s.io", "Event"): valid_cluster.event,
    ("coordination.k8s.io", "Lease"): valid_cluster.lease,
    ("", "Pod"): valid_pods.pod,
    ("", "Service"): valid_services.service,
    ("", "Endpoints"): valid_services.endpoints,
    ("discovery.k8s.io", "EndpointSlice"): valid_services.endpoint_slice,
    ("", "PodTemplate"): valid_workloads.pod_template_object,
    ("", "ReplicationController"): valid_workloads.replication_controller,
    ("", "PersistentVolumeClaim"): valid_storage.claim,
    ("", "PersistentVolume"): valid_storage.volume,
    ("storage.k8s.io", "StorageClass"): valid_storage.storage_class,
    ("storage.k8s.io", "CSIDriver"): valid_storage.csi_driver,
    ("node.k8s.io", "RuntimeClass"): valid_cluster.runtime_class,
    ("", "ResourceQuota"): valid_policies.quota,
    ("", "LimitRange"): valid_policies.limit_range,
    ("apps", "Deployment"): valid_workloads.deployment,
    ("apps", "ReplicaSet"): valid_workloads.replica_set,
    ("apps", "StatefulSet"): valid_workloads.stateful_set,
    ("apps", "DaemonSet"): valid_workloads.daemon_set,
    ("apps", "ControllerRevision"): valid_workloads.controller_revision,
    ("batch", "Job"): valid_batch.job,
    ("batch", "CronJob"): valid_batch.cron_job,
    ("networking.k8s.io", "Ingress"): valid_networking.ingress,
    ("networking.k8s.io", "IngressClass"): valid_networking.ingress_class,
    ("networking.k8s.io", "NetworkPolicy"): valid_networking.network_policy,
    ("policy", "PodDisruptionBudget"): valid_policies.budget,
    ("autoscaling", "HorizontalPodAutoscaler"): valid_policies.autoscaler,
    ("scheduling.k8s.io", "PriorityClass"): valid_policies.priority_class,
    ("rbac.authorization.k8s.io", "Role"): valid_policies.role,
    ("rbac.authorization.k8s.io", "ClusterRole"): valid_policies.role,
    ("rbac.authorization.k8s.io", "RoleBinding"): valid_policies.binding,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): valid_policies.binding,
    ("certificates.k8s.io", "CertificateSigningRequest"): valid_signing.signing_request,
    ("certificates.k8s.io", "ClusterTrustBundle"): valid_trust.trust_bundle,
    ("certificates.k8s.io", "PodCertificateRequest"): valid_trust.certificate_request,
    ("storagemigration.k8s.io", "StorageVersionMigration"): valid_extensions.version_migration,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): valid_flows.priority_level,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): valid_flows.flow_schema,
    ("storage.k8s.io", "VolumeAttachment"): valid_attachments.attachment,
    ("storage.k8s.io", "CSINode"): valid_attachments.csi_node,
    ("storage.k8s.io", "CSIStorageCapacity"): valid_attachments.capacity,
    ("storage.k8s.io", "VolumeAttributesClass"): valid_attachments.attributes_class,
    ("networking.k8s.io", "IPAddress"): valid_extensions.ip_address,
    ("networking.k8s.io", "ServiceCIDR"): valid_extensions.service_cidr,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): valid_admissions.policy,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): valid_admissions.binding,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): valid_admissions.mutating_policy,
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"): valid_admissions.mutating_binding,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): valid_extensions.webhooks,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): valid_extensions.webhooks,
    ("resource.k8s.io", "DeviceClass"): valid_claims.device_class,
    ("resource.k8s.io", "DeviceTaintRule"): valid_claims.taint_rule,
    ("resource.k8s.io", "ResourceClaim"): valid_claims.resource_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): valid_claims.resource_claim_template,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition,
}
