"""What is particular to a resource when its objects are written: facts in tables, rules as small functions.

Where a rule is not the generic one, it is that of the type's registry strategy in Kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.apiserver.builtin import defaults, pod_parts, prepared
from fairlead.apiserver.builtin.armor import adopt_armor
from fairlead.apiserver.builtin.canonical import as_written
from fairlead.apiserver.documents import part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.rules import objects as validations
from fairlead.apiserver.rules.warned import Warner, status_warner, warner
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import (
    NameRule,
    dns1123_label,
    dns1123_subdomain,
    path_segment_name,
)

__all__ = ["Strategy", "strategy_for"]

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"

#: Types whose objects have a generation, by group.
_GENERATIONS: Mapping[str, frozenset[str]] = {
    "": frozenset({"pods", "podtemplates", "replicationcontrollers"}),
    "apps": frozenset({"deployments", "replicasets", "statefulsets", "daemonsets"}),
    "batch": frozenset({"jobs", "cronjobs"}),
    "networking.k8s.io": frozenset({"ingresses", "ingressclasses", "networkpolicies"}),
    "discovery.k8s.io": frozenset({"endpointslices"}),
    "policy": frozenset({"poddisruptionbudgets"}),
    "scheduling.k8s.io": frozenset({"priorityclasses"}),
    "autoscaling": frozenset({"horizontalpodautoscalers"}),
    "resource.k8s.io": frozenset({"resourceslices", "deviceclasses", "devicetaintrules"}),
    "flowcontrol.apiserver.k8s.io": frozenset({"flowschemas", "prioritylevelconfigurations"}),
    "apiextensions.k8s.io": frozenset({"customresourcedefinitions"}),
    _ADMISSION: frozenset(
        {
            "validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings", "validatingwebhookconfigurations", "mutatingwebhookconfigurations",
        }
    ),
}  # fmt: skip
#: What of the metadata counts as wanted too: annotations are copied to replica sets, labels say whose endpoints they are.
_COUNTED_METADATA: Mapping[tuple[str, str], str] = {
    ("apps", "deployments"): "annotations",
    ("discovery.k8s.io", "endpointslices"): "labels",
}
#: Counted from the first change on; a new object has none of its own.
_COUNTED_LATE = frozenset({("storage.k8s.io", "csidrivers")})
#: Always the first.
_NEVER_COUNTED = frozenset({("scheduling.k8s.io", "priorityclasses")})
#: Of these Go compares specs in such a way that an empty list is another than none, which is what is stored of it.
_TELLS_EMPTY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("networking.k8s.io", "networkpolicies"): ("podSelector", "ingress", "egress"),
}
_ALL = ("*",)
#: What of the metadata a write of the status leaves alone. Of other types it may change labels, annotations and finalizers.
_STATUS_KEEPS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): ("deletionTimestamp", "ownerReferences"),
    ("apps", "deployments"): ("labels",),
    (_ADMISSION, "validatingadmissionpolicies"): _ALL,
    ("apiextensions.k8s.io", "customresourcedefinitions"): _ALL,
    ("apiregistration.k8s.io", "apiservices"): _ALL,
    ("certificates.k8s.io", "podcertificaterequests"): _ALL,
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): _ALL,
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): _ALL,
    ("internal.apiserver.k8s.io", "storageversions"): _ALL,
    ("networking.k8s.io", "servicecidrs"): _ALL,
    ("resource.k8s.io", "devicetaintrules"): _ALL,
    ("resource.k8s.io", "resourceclaims"): _ALL,
    ("scheduling.k8s.io", "podgroups"): _ALL,
    ("storage.k8s.io", "csinodes"): _ALL,
    ("storage.k8s.io", "volumeattachments"): _ALL,
    ("storagemigration.k8s.io", "storageversionmigrations"): _ALL,
}
#: By endpoint, what a write leaves alone where that is not as everywhere else.
_RESETS: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("certificates.k8s.io", "certificatesigningrequests"): {
        "": ("spec", "status"),
        "status": ("spec", "status.conditions"),
        "approval": ("spec", "status.certificate"),
    }
}
_CREATE_ON_UPDATE = frozenset(
    {
        ("node.k8s.io", "runtimeclasses"), (_RBAC, "roles"), (_RBAC, "rolebindings"), (_RBAC, "clusterroles"),
        (_RBAC, "clusterrolebindings"), ("coordination.k8s.io", "leases"), ("coordination.k8s.io", "leasecandidates"),
        ("", "limitranges"), ("", "events"), ("events.k8s.io", "events"), ("", "services"), ("", "endpoints"),
    }
)  # fmt: skip
_CONDITIONAL_UPDATE = frozenset(
    {
        ("certificates.k8s.io", "podcertificaterequests"), ("certificates.k8s.io", "clustertrustbundles"),
        ("node.k8s.io", "runtimeclasses"), ("policy", "poddisruptionbudgets"), ("storage.k8s.io", "csidrivers"),
        ("storage.k8s.io", "csistoragecapacities"), ("storage.k8s.io", "volumeattachments"),
        ("storage.k8s.io", "csinodes"), ("coordination.k8s.io", "leases"), ("coordination.k8s.io", "leasecandidates"),
        ("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices"),
        *((_ADMISSION, name) for name in _GENERATIONS[_ADMISSION]),
    }
)  # fmt: skip
_RETURNS_DELETED = frozenset(
    {
        ("", name)
        for name in (
            "resourcequotas", "persistentvolumes", "serviceaccounts", "persistentvolumeclaims", "namespaces", "pods",
            "services", "podtemplates",
        )
    }
    | {
        ("storage.k8s.io", name)
        for name in ("csidrivers", "storageclasses", "volumeattachments", "csinodes", "volumeattributesclasses")
    }
    | {
        ("resource.k8s.io", name)
        for name in ("resourceclaimtemplates", "resourceslices", "resourceclaims", "deviceclasses")
    }
)  # fmt: skip
_ORPHANS = frozenset({("batch", "jobs"), ("", "replicationcontrollers")})
_NAME_RULES: Mapping[tuple[str, str], NameRule] = {
    ("", "namespaces"): dns1123_label,
    ("", "services"): dns1123_label,
    ("apps", "statefulsets"): dns1123_label,
    # Of these the metadata is looked at by nobody but the generic registry.
    ("", "events"): path_segment_name,
    # Of these the name is another thing than a domain; their own rules say what.
    ("certificates.k8s.io", "certificatesigningrequests"): path_segment_name,
    ("certificates.k8s.io", "clustertrustbundles"): path_segment_name,
    ("networking.k8s.io", "ipaddresses"): path_segment_name,
    ("policy", "poddisruptionbudgets"): path_segment_name,
    (_RBAC, "roles"): path_segment_name,
    (_RBAC, "rolebindings"): path_segment_name,
    (_RBAC, "clusterroles"): path_segment_name,
    (_RBAC, "clusterrolebindings"): path_segment_name,
}


@dataclass(frozen=True, slots=True)
class Strategy:
    """How objects of one resource are written."""

    info: ResourceInfo
    has_status: bool
    has_generation: bool
    create_on_update: bool
    #: Whether an update without a resourceVersion overwrites whatever is there.
    unconditional_update: bool
    returns_deleted: bool
    #: Whether a delete that names no policy leaves dependents alone.
    orphans: bool
    name_rule: NameRule
    #: Fields of the spec in which a list or map that is given empty counts as a change.
    tells_empty: tuple[str, ...]
    default: Callable[[dict[str, Any]], None]
    validate: Callable[[dict[str, Any], dict[str, Any] | None], list[Cause]]
    validate_status: Callable[[dict[str, Any], dict[str, Any] | None], list[Cause]]
    #: What the server warns of in an object that it takes.
    warn: Warner
    #: And in a status.
    warn_status: Warner

    def reset_fields(self, subresource: str) -> tuple[str, ...]:
        """Fields that a write through this endpoint leaves alone, as dotted paths."""
        given = _RESETS.get((self.info.type.group, self.info.type.plural))
        if given is not None:
            return given.get(subresource, ())
        if subresource == "status":
            return ("spec", *("metadata" if name == "*" else f"metadata.{name}" for name in self._status_keeps))
        return ("status",) if self.has_status else ()

    def rules(self, subresource: str) -> Callable[[dict[str, Any], dict[str, Any] | None], list[Cause]]:
        """The rules for an object that is written through this endpoint."""
        if not subresource:
            return self.validate
        if subresource == "status":
            return self.validate_status
        return validations.of_part(subresource) or self.validate

    def prepare_part(self, new: dict[str, Any], old: dict[str, Any], subresource: str) -> None:
        """Keep of a pod only what its `resize` or `ephemeralcontainers` may change."""
        take = pod_parts.resized if subresource == "resize" else pod_parts.with_ephemeral
        spec, meta = take(new, old), new["metadata"]
        if spec is new.get("spec"):
            return
        kept = {**old["metadata"], "resourceVersion": meta.get("resourceVersion")}
        new.clear()
        new.update({**old, "metadata": kept, "spec": spec})
        kept.pop("managedFields", None)
        if meta.get("managedFields"):
            kept["managedFields"] = meta["managedFields"]
        self._count(new, old)

    def prepare_create(self, document: dict[str, Any]) -> list[str]:
        """Set what the server decides about a new object; what it warns of thereby."""
        if self.has_status and not self._keeps_status:
            document.pop("status", None)
        if self.has_generation:
            document["metadata"]["generation"] = 1
        if not self.info.is_custom:
            if self.has_status and not self._keeps_status:
                document["status"] = {}
            prepared.prepare(document)
            if self.has_status:
                document.setdefault("status", {})
                self._fill_status(document)
        return list(adopt_armor(document)) if (self.info.type.group, self.info.type.kind) == ("", "Pod") else []

    @property
    def _keeps_status(self) -> bool:
        """Nodes are made with their status: kubelets say all they know at once."""
        return self.info.type.plural == "nodes" and not self.info.type.group

    def _fill_status(self, document: dict[str, Any]) -> None:
        schema = self.info.schema.field("status")
        if schema is not None:
            as_written(schema, document["status"])

    def prepare_update(self, new: dict[str, Any], old: dict[str, Any], *, emptied: bool = False) -> None:
        """Carry over what an update may not change, and count a change of what is wanted; `emptied` is one."""
        if self.has_status:
            _carry(new, old, "status")
        if not self.info.is_custom:
            prepared.prepare_update(new, old)
        self._count(new, old, emptied=emptied)

    def prepare_approval(self, new: dict[str, Any], old: dict[str, Any], now: str) -> None:
        """Keep of `new` only the conditions, which say when they came."""
        conditions = part(new, "status").get("conditions")
        for name in [*new, *old]:
            if name != "metadata":
                _carry(new, old, name)
        status = {name: item for name, item in part(old, "status").items() if name != "conditions"}
        new["status"] = {**status, "conditions": conditions} if conditions else status
        prepared.date_conditions(new, old, now)

    def prepare_status(self, new: dict[str, Any], old: dict[str, Any], now: str) -> None:
        """Keep of `new` only what a status update may change."""
        if not self.info.is_custom:
            prepared.prepare_status(new, old, now)
        elif new.get("status") is old.get("status") is None and not self._may_be_null("status"):
            new.pop("status", None)  # where there was none, a null is none
        for name in [*new, *old]:
            if name not in {"status", "metadata"}:
                _carry(new, old, name)
        if "*" in self._status_keeps:
            managed = new["metadata"].get("managedFields")
            new["metadata"] = {**old["metadata"], "resourceVersion": new["metadata"].get("resourceVersion")}
            new["metadata"].pop("managedFields", None)
            if managed:
                new["metadata"]["managedFields"] = managed
        for name in self._status_keeps:
            if name != "*":
                _carry(new["metadata"], old["metadata"], name)
        _carry(new["metadata"], old["metadata"], "generation")

    def _may_be_null(self, name: str) -> bool:
        stated = self.info.schema.field(name)
        return stated is None or stated.nullable

    @property
    def _status_keeps(self) -> tuple[str, ...]:
        """What of the metadata a write of the status leaves alone; "*": all."""
        if self.info.is_custom:
            return ("*",)
        return _STATUS_KEEPS.get((self.info.type.group, self.info.type.plural), ())

    def _count(self, new: dict[str, Any], old: dict[str, Any], *, emptied: bool = False) -> None:
        _carry(new["metadata"], old["metadata"], "generation")
        if self._is_counted and (emptied or self._wanted(new) != self._wanted(old)):
            new["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1

    @property
    def _is_counted(self) -> bool:
        kind = (self.info.type.group, self.info.type.plural)
        return (self.has_generation or kind in _COUNTED_LATE) and kind not in _NEVER_COUNTED

    def _wanted(self, document: dict[str, Any]) -> dict[str, Any]:
        kind = self.info.type.kind
        if kind == "PriorityClass":
            return {name: document.get(name) for name in ("value", "preemptionPolicy")}
        if kind == "EndpointSlice":
            document = {**document, "labels": document["metadata"].get("labels")}
        left_out = {"metadata", "apiVersion", "kind", "status" if self.has_status else ""}
        wanted = {name: item for name, item in document.items() if name not in left_out}
        counted = _COUNTED_METADATA.get((self.info.type.group, self.info.type.plural))
        return {**wanted, "metadata": document["metadata"].get(counted) or {}} if counted else wanted


def _carry(new: dict[str, Any], old: Mapping[str, Any], name: str) -> None:
    if name in old:
        new[name] = old[name]
    else:
        new.pop(name, None)


def strategy_for(info: ResourceInfo) -> Strategy:
    """The strategy of a resource in the version asked for."""
    kind = (info.type.group, info.type.plural)
    return Strategy(
        info=info,
        has_status=info.subresource("status") is not None,
        has_generation=info.is_custom or info.type.plural in _GENERATIONS.get(info.type.group, ()),
        create_on_update=kind in _CREATE_ON_UPDATE,
        unconditional_update=not info.is_custom and kind not in _CONDITIONAL_UPDATE,
        returns_deleted=kind in _RETURNS_DELETED,
        orphans=kind in _ORPHANS,
        name_rule=_NAME_RULES.get(kind, dns1123_subdomain),
        tells_empty=_TELLS_EMPTY.get(kind, ()),
        default=_nothing if info.is_custom else defaults.defaulter(info.type),
        validate_status=validations.custom_status(info) if info.is_custom else validations.builtin_status(info),
        warn=warner(info),
        warn_status=status_warner(info),
        validate=validations.custom(info) if info.is_custom else validations.builtin(info),
    )


def _nothing(document: dict[str, Any]) -> None:
    del document
