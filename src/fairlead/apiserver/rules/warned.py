"""What the server warns of when it takes an object all the same.

https://kubernetes.io/blog/2020/09/03/warnings/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairlead.apiserver.documents import listed, part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.rules import warned_network, warned_pods, warned_secrets, warned_storage
from fairlead.apiserver.rules.definitions import definition_warnings
from fairlead.apiserver.rules.faults import children, items_of
from fairlead.apiserver.rules.ip_texts import cidr_warnings
from fairlead.apiserver.rules.warned_labels import old_label
from fairlead.machinery import quantity
from fairlead.machinery.validation import STANDARD_FINALIZERS, dns1123_label, qualified_name, quote

__all__ = ["Warner", "status_warner", "warner"]

#: The warnings for a new object in place of an old one (None: it is created).
Warner = Callable[[dict[str, Any], dict[str, Any] | None], list[str]]
Check = Callable[[dict[str, Any]], Iterator[str]]

_SURPRISE = "which can result in surprising behavior; a DNS label is recommended"
_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"
_STATIC = ".static.k8s.io"
#: Never sent to webhooks, by group.
_EXCLUDED: Mapping[str, frozenset[str]] = {
    "authentication.k8s.io": frozenset({"selfsubjectreviews", "tokenreviews"}),
    "authorization.k8s.io": frozenset(
        {"localsubjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews"}
    ),
}
_MANY_INDEXES = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might "
    "not be able to track completedIndexes when a big number of indexes fail"
)
_ZONE = (
    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)
_HISTORY = "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"


def warner(info: ResourceInfo) -> Warner:
    """The warnings of a type."""
    if info.is_custom:
        return _finalizers
    return _BUILTIN.get((info.type.group, info.type.kind), _nothing)


def status_warner(info: ResourceInfo) -> Warner:
    """The warnings of a type's status."""
    return _STATUSES.get((info.type.group, info.type.kind), _nothing)


def _nothing(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    del new, old
    return []


def _always(check: Check) -> Warner:
    """Of new and of changed objects."""
    return lambda new, old: list(check(new))  # noqa: ARG005


def _created(check: Check) -> Warner:
    """Of new objects."""
    return lambda new, old: list(check(new)) if old is None else []


def _finalizers(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    """Finalizers that others might come to write, too."""
    before = listed(old, "metadata", "finalizers")
    found: list[str] = []
    for name in sorted(set(listed(new, "metadata", "finalizers")) - set(before)):
        found += [f"metadata.finalizers: {quote(name)}: {text}" for text in qualified_name(name)]
        if "/" in name or name in STANDARD_FINALIZERS:
            continue
        path = " including a path (/)" if "." in name else ""
        why = (
            f"prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers"
        )
        found.append(f"metadata.finalizers: {quote(name)}: {why}")
    return found


def _named(use: str) -> Warner:
    """Names of new objects that are used where only a DNS label works well."""

    def check(new: dict[str, Any]) -> Iterator[str]:
        faults = dns1123_label(part(new, "metadata").get("name", ""))
        if faults:
            yield f"metadata.name: this is used in {use}, {_SURPRISE}: [{' '.join(faults)}]"

    return _created(check)


def _job(*steps: str) -> Warner:
    """The job whose spec is at this place, when it changes."""
    of_template = warned_pods.template(*steps, "template")

    def warn(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
        if old is not None and part(new, "metadata").get("generation") == part(old, "metadata").get("generation"):
            return []
        spec = part(new, *steps)
        many = (spec.get("completions") or 0) > 10**5 and (spec.get("parallelism") or 0) > 10**4
        indexed = spec.get("completionMode") == "Indexed" and many
        return [*([f"{'.'.join(steps)}: {_MANY_INDEXES}"] if indexed else []), *of_template(new, old)]

    return warn


def _schedule(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    return [_ZONE] if old is not None and "TZ" in (part(new, "spec").get("schedule") or "") else []


def _history(new: dict[str, Any]) -> Iterator[str]:
    limit = part(new, "spec").get("revisionHistoryLimit")
    if isinstance(limit, int) and limit < 0:
        yield _HISTORY


def _replaced_template(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    """What is said of a replication controller: of a changed one, what there was to be said before."""
    spec_of = warned_pods.template("spec", "template")
    if old is None or part(new, "metadata").get("generation") == part(old, "metadata").get("generation"):
        return spec_of(new, old)
    return spec_of(old, None)


def _account(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    if _MOUNTABLE not in part(new, "metadata", "annotations") or _MOUNTABLE in part(old, "metadata", "annotations"):
        return []
    advice = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
    return [f"metadata.annotations[{_MOUNTABLE}]: {advice}"]


def _node(new: dict[str, Any]) -> Iterator[str]:
    spec = part(new, "spec")
    if spec.get("configSource") is not None:
        yield "spec.configSource: the feature is removed"
    if spec.get("externalID"):
        yield "spec.externalID: this field is deprecated, and is unused by Kubernetes"
    for index, each in enumerate(items_of(spec, "podCIDRs")):
        yield from cidr_warnings(str(each), f"spec.podCIDRs[{index}]")


def _runtime_class(new: dict[str, Any]) -> Iterator[str]:
    for label in part(new, "scheduling", "nodeSelector"):
        if old_label(label):
            yield f"scheduling.nodeSelector: {old_label(label)}"


def _quota(new: dict[str, Any]) -> Iterator[str]:
    """Requests that are allowed to be more than limits."""
    hard = part(new, "spec", "hard")
    for name in ("cpu", "memory", "storage", "ephemeral-storage"):
        request, limit = f"requests.{name}", f"limits.{name}"
        if request not in hard and name in {"cpu", "memory"}:
            request = name
        if request in hard and limit in hard and quantity.parse(hard[request]) > quantity.parse(hard[limit]):
            most, least = (quantity.canonical(hard[each]) for each in (request, limit))
            yield f"ResourceQuota {request} ({most}) should be less than {limit} ({least})"


def _hooks(new: dict[str, Any]) -> Iterator[str]:
    """Rules for what is never sent to webhooks."""
    for at, hook in children(new, "", "webhooks"):
        for place, rule in children(hook, at.lstrip("."), "rules"):
            groups, names = items_of(rule, "apiGroups"), items_of(rule, "resources")
            if "*" in groups or "*" in names:
                continue
            pairs = [(group, str(name)) for group in groups for name in names]
            for group, name in dict.fromkeys(pairs):
                if name in _EXCLUDED.get(group, ()):
                    why = "is excluded from admission webhooks; this rule will have no effect"
                    yield f"{place}: {name}.{group} {why}"


def _reserved(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    if old is None or not part(new, "metadata").get("name", "").endswith(_STATIC):
        return []
    why = "are reserved for static manifest-based configurations and cannot be managed via the API"
    return [f"metadata.name: names ending with {quote(_STATIC)} {why}"]


def _device_slice(new: dict[str, Any]) -> Iterator[str]:
    driver = part(new, "spec").get("driver") or ""
    if driver != driver.lower():
        yield f"spec.driver: driver names should be lowercase; {quote(driver)} contains uppercase characters"


def _both(*warners: Warner) -> Warner:
    return lambda new, old: [text for each in warners for text in each(new, old)]


_PODS = _named("Pod names and hostnames")
_TEMPLATE = warned_pods.template("spec", "template")
_HOOKS = _both(_reserved, _always(_hooks))
_BUILTIN: Mapping[tuple[str, str], Warner] = {
    ("", "Pod"): _both(_named("the Pod's hostname"), warned_pods.pod),
    ("", "PodTemplate"): warned_pods.template("template"),
    ("", "Service"): _always(warned_network.service),
    ("", "Endpoints"): _always(warned_network.endpoints),
    ("discovery.k8s.io", "EndpointSlice"): warned_network.endpoint_slice,
    ("networking.k8s.io", "NetworkPolicy"): _always(warned_network.network_policy),
    ("networking.k8s.io", "Ingress"): _created(warned_network.ingress),
    ("apps", "StatefulSet"): _both(_TEMPLATE, warned_storage.claim_templates, _always(_history)),
    ("apps", "DaemonSet"): _TEMPLATE,
    ("", "ReplicationController"): _both(_PODS, _replaced_template),
    ("", "Secret"): _always(warned_secrets.secret),
    ("", "ServiceAccount"): _account,
    ("", "Node"): _always(_node),
    ("", "ResourceQuota"): _created(_quota),
    ("", "PersistentVolume"): _always(warned_storage.volume),
    ("", "PersistentVolumeClaim"): _always(warned_storage.claim),
    ("apps", "Deployment"): _both(_PODS, _TEMPLATE),
    ("apps", "ReplicaSet"): _both(_PODS, _TEMPLATE),
    ("batch", "Job"): _both(_PODS, _job("spec")),
    ("batch", "CronJob"): _both(_PODS, _job("spec", "jobTemplate", "spec"), _schedule),
    ("node.k8s.io", "RuntimeClass"): _always(_runtime_class),
    ("storage.k8s.io", "StorageClass"): _always(warned_storage.storage_class),
    ("storage.k8s.io", "CSIStorageCapacity"): _always(warned_storage.capacity),
    ("storage.k8s.io", "CSIDriver"): warned_storage.csi_driver,
    ("resource.k8s.io", "ResourceSlice"): _always(_device_slice),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _HOOKS,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _HOOKS,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition_warnings,
}
_STATUSES: Mapping[tuple[str, str], Warner] = {
    ("", "Pod"): _always(warned_network.pod_status),
    ("", "Service"): _always(warned_network.balanced),
    ("networking.k8s.io", "Ingress"): _always(warned_network.balanced),
}
