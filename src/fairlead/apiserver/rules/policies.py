"""What is wrong with roles, bindings, budgets, autoscalers, quotas, limits and priorities, and what may not change there."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.builtin.conversion_hpa import to_v2
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    amount,
    children,
    duplicate,
    forbidden,
    immutable,
    invalid,
    items_of,
    named,
    not_supported,
    one_of,
    percent_or_number,
    required,
    selector,
)
from fairlead.apiserver.rules.printed import internal
from fairlead.apiserver.rules.resources import (
    QUOTA,
    amounts,
    container_resource,
    overcommits,
    quota_resource,
    resource_name,
)
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, path_segment_name, qualified_name

__all__ = ["autoscaler", "binding", "budget", "limit_range", "priority_class", "quota", "role"]

_RBAC = "rbac.authorization.k8s.io"
_METRICS = ("ContainerResource", "External", "Object", "Pods", "Resource")
_FIELDS = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
_HIGHEST = 1_000_000_000
_SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_SCOPES = frozenset(
    {
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    }
)  # fmt: skip
_LIMITED = frozenset({"Pod", "Container", "PersistentVolumeClaim"})
_COUNTED = frozenset({"pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})


# -- RBAC


def role(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Role or ClusterRole."""
    del old
    for at, rule in children(new, "", "rules"):
        yield from _rule(rule, at.lstrip("."), namespaced=new.get("kind") == "Role")
    if "aggregationRule" in new:
        found = part(new, "aggregationRule")
        if not parts(found, "clusterRoleSelectors"):
            text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            yield required("aggregationRule.clusterRoleSelectors", text)
        for at, each in children(found, "aggregationRule", "clusterRoleSelectors"):
            wrong = list(selector(each, at))
            yield from wrong
            if wrong:
                yield invalid(at, None, "invalid label selector.")
    for at, rule in children(new, "", "rules"):
        if not items_of(rule, "verbs"):
            yield required(f"{at.lstrip('.')}.verbs")


def _rule(rule: Document, path: str, *, namespaced: bool) -> Iterator[Cause]:
    urls = items_of(rule, "nonResourceURLs")
    if urls:
        if namespaced:
            yield invalid(f"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs")
        if any(items_of(rule, name) for name in ("apiGroups", "resources", "resourceNames")):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, text)
        return
    if not items_of(rule, "apiGroups"):
        yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not items_of(rule, "resources"):
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


def binding(new: Document, old: Document | None) -> Iterator[Cause]:
    """A RoleBinding or ClusterRoleBinding."""
    found, namespaced = part(new, "roleRef"), new.get("kind") == "RoleBinding"
    if found.get("apiGroup") != _RBAC:
        yield not_supported("roleRef.apiGroup", found.get("apiGroup") or "", (_RBAC,))
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if found.get("kind") not in kinds:
        yield not_supported("roleRef.kind", found.get("kind") or "", kinds)
    if found.get("name"):
        yield from named(path_segment_name, found["name"], "roleRef.name")
    for at, subject in children(new, "", "subjects"):
        yield from _subject(subject, at.lstrip("."), namespaced=namespaced)
    for at, subject in children(new, "", "subjects"):
        if not subject.get("name"):
            yield required(f"{at.lstrip('.')}.name")
    if not found.get("name"):
        yield required("roleRef.name")
    if old is not None and found != part(old, "roleRef"):
        yield invalid("roleRef", internal("rbac.RoleRef", found), IMMUTABLE)


def _subject(subject: Document, path: str, *, namespaced: bool) -> Iterator[Cause]:
    kind, group = subject.get("kind") or "", subject.get("apiGroup") or ""
    if kind == "ServiceAccount":
        if subject.get("name"):
            yield from named(dns1123_subdomain, subject["name"], f"{path}.name")
        if group:
            yield not_supported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in {"User", "Group"}:
        if group != _RBAC:
            yield not_supported(f"{path}.apiGroup", group, (_RBAC,))
    else:
        yield not_supported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))


# -- budgets and autoscalers


def budget(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PodDisruptionBudget."""
    del old
    spec = part(new, "spec")
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        shown = {
            "MinAvailable": spec["minAvailable"],
            "Selector": spec.get("selector"),
            "MaxUnavailable": spec["maxUnavailable"],
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        yield invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        value = spec.get(name)
        wrong = list(percent_or_number(value, f"spec.{name}"))
        yield from wrong
        if not wrong and isinstance(value, str) and int(value[:-1]) > 100:
            yield invalid(f"spec.{name}", value, "must not be greater than 100%")
    yield from selector(spec.get("selector"), "spec.selector")
    policies = ("AlwaysAllow", "IfHealthyBudget")
    yield from one_of(spec.get("unhealthyPodEvictionPolicy"), policies, "spec.unhealthyPodEvictionPolicy")


def autoscaler(new: Document, old: Document | None) -> Iterator[Cause]:
    """A HorizontalPodAutoscaler, as v2."""
    del old
    new = to_v2(new) if new.get("apiVersion") == "autoscaling/v1" else new
    spec = part(new, "spec")
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    yield from _target_ref(part(spec, "scaleTargetRef"), "spec.scaleTargetRef")
    for at, metric in children(spec, "spec", "metrics"):
        yield from _metric(metric, at)
    if least == 0 and not {"Object", "External"} & {m.get("type") for m in parts(spec, "metrics")}:
        text = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden("spec.metrics", text)
    for name in ("scaleUp", "scaleDown"):
        if isinstance(part(spec, "behavior").get(name), dict):
            yield from _scaling(part(spec, "behavior", name), f"spec.behavior.{name}")
    yield from _replicas(least, most)


def _replicas(least: int | None, most: int) -> Iterator[Cause]:
    if least is not None and least < 0:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 0")
    if most == 0:
        yield required("spec.maxReplicas")
    elif most < 0:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to 1")


def _target_ref(found: Document, path: str, *, grouped: bool = True) -> Iterator[Cause]:
    for name in ("kind", "name"):
        if found.get(name):
            yield from named(path_segment_name, found[name], f"{path}.{name}")
        else:
            yield required(f"{path}.{name}")
    version = found.get("apiVersion") or ""
    if version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    elif grouped and "/" not in version and found.get("kind") != "ReplicationController":
        yield invalid(f"{path}.apiVersion", version, "apiVersion must specify API group")


def _metric(metric: Document, path: str) -> Iterator[Cause]:
    kind = metric.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in _METRICS:
        yield not_supported(f"{path}.type", kind, _METRICS)
    present = [name for name in _FIELDS.values() if isinstance(metric.get(name), dict)]
    if present:
        yield from _metric_source(present[0], part(metric, present[0]), f"{path}.{present[0]}")
    expected = _FIELDS.get(kind)
    if expected is not None and expected not in present:
        yield required(f"{path}.{expected}", "must populate information for the given metric source")
    if len(present) != 1:
        for name in present:
            if name != expected:
                yield forbidden(f"{path}.{name}", "must populate the given metric source only")


def _metric_source(kind: str, source: Document, path: str) -> Iterator[Cause]:
    if kind == "object":
        yield from _target_ref(part(source, "describedObject"), f"{path}.describedObject", grouped=False)
    if kind not in {"resource", "containerResource"}:
        name = part(source, "metric").get("name")
        if not name:
            yield required(f"{path}.metric.name", "must specify a metric name")
        else:
            yield from named(path_segment_name, name, f"{path}.metric.name")
    elif not source.get("name"):
        yield required(f"{path}.name", "must specify a resource name")
    elif kind == "containerResource":
        yield from container_resource(source["name"], f"{path}.name")
    if kind == "containerResource":
        if not source.get("container"):
            yield required(f"{path}.container", "must specify a container")
        else:
            yield from named(dns1123_label, source["container"], f"{path}.container")
    target, at = part(source, "target"), f"{path}.target"
    yield from _metric_target(target, at)
    yield from (_resource_target if kind in {"resource", "containerResource"} else _other_target)(target, kind, at)


def _resource_target(target: Document, kind: str, path: str) -> Iterator[Cause]:
    del kind
    utilization, average = target.get("averageUtilization"), target.get("averageValue")
    if utilization is None and average is None:
        yield required(f"{path}.averageUtilization", "must set either a target raw value or a target utilization")
    elif utilization is not None and average is not None:
        yield forbidden(f"{path}.averageValue", "may not set both a target raw value and a target utilization")


def _other_target(target: Document, kind: str, path: str) -> Iterator[Cause]:
    average, value = target.get("averageValue"), target.get("value")
    if average is None and kind == "pods":
        yield required(f"{path}.averageValue", "must specify a positive target averageValue")
    elif average is None and value is None:
        which = "or averageValue" if kind == "object" else "for metric or a per-pod target"
        yield required(f"{path}.averageValue", f"must set either a target value {which}")
    elif kind == "external" and average is not None and value is not None:
        yield forbidden(f"{path}.value", "may not set both a target value for metric and a per-pod target")


def _metric_target(target: Document, path: str) -> Iterator[Cause]:
    kind, utilization = target.get("type") or "", target.get("averageUtilization")
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in {"Utilization", "Value", "AverageValue"}:
        yield invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        if target.get(name) is not None and quantity.parse(target[name]) <= 0:
            yield invalid(f"{path}.{name}", quantity.canonical(target[name]), "must be positive")
    if utilization is not None and utilization < 1:
        yield invalid(f"{path}.averageUtilization", utilization, "must be greater than 0")


def _scaling(rules: Document, path: str) -> Iterator[Cause]:
    window = rules.get("stabilizationWindowSeconds")
    if window is not None and window < 0:
        yield invalid(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window is not None and window > 3600:
        yield invalid(f"{path}.stabilizationWindowSeconds", window, "must be less than or equal to 3600")
    yield from one_of(rules.get("selectPolicy"), ("Disabled", "Max", "Min"), f"{path}.selectPolicy")
    if not parts(rules, "policies"):
        yield required(f"{path}.policies", "must specify at least one Policy")
    for at, policy in children(rules, path, "policies"):
        yield from one_of(policy.get("type") or "", ("Percent", "Pods"), f"{at}.type")
        for name in ("value", "periodSeconds"):
            if (policy.get(name) or 0) <= 0:
                yield invalid(f"{at}.{name}", policy.get(name) or 0, "must be greater than zero")
        if (policy.get("periodSeconds") or 0) > 1800:
            yield invalid(f"{at}.periodSeconds", policy["periodSeconds"], "must be less than or equal to 1800")
    if rules.get("tolerance") is not None:
        yield from amount(rules["tolerance"], f"{path}.tolerance")


# -- quotas, limits, priorities


def quota(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ResourceQuota."""
    spec = part(new, "spec")
    for name, value in part(spec, "hard").items():
        at = f"spec.hard[{name}]"
        yield from quota_resource(name, at)
        yield from amounts(name, value, at)
    scopes = items_of(spec, "scopes")
    yield from _scopes(scopes, part(spec, "hard"))
    if isinstance(spec.get("scopeSelector"), dict):
        yield from _scope_selector(part(spec, "scopeSelector"), part(spec, "hard"))
    if old is not None and set(scopes) != set(items_of(part(old, "spec"), "scopes")):
        yield invalid("spec.scopes", scopes or None, IMMUTABLE)


def _scopes(scopes: list[str], hard: Document) -> Iterator[Cause]:
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid("spec.scopes", scopes, "unsupported scope")
        for name in sorted(hard):
            if name in QUOTA and not _in_scope(scope, name):
                yield invalid("spec.scopes", scopes, _WRONG_SCOPE)
    for pair in _CONFLICTING:
        if pair <= set(scopes):
            yield invalid("spec.scopes", scopes, "conflicting scopes")


def _scope_selector(found: Document, hard: Document) -> Iterator[Cause]:
    # The server leaves the index out of all of these.
    at = "spec.scopeSelector.matchExpressions"
    requirements = parts(found, "matchExpressions")
    for requirement in requirements:
        scope, operator = requirement.get("scopeName") or "", requirement.get("operator") or ""
        if scope not in _SCOPES:
            yield invalid(f"{at}.scopeName", scope, "unsupported scope")
        for name in sorted(hard):
            if name in QUOTA and not _in_scope(scope, name):
                yield invalid(at, {"MatchExpressions": list(map(_shown_scope, requirements))}, _WRONG_SCOPE)
        if scope in _EXISTING and operator != "Exists":
            yield invalid(f"{at}.operator", operator, _ONLY_EXISTS)
        yield from _scope_values(items_of(requirement, "values"), operator, at)
    names = {requirement.get("scopeName") for requirement in requirements}
    for pair in _CONFLICTING:
        if pair <= names:
            yield invalid(at, None, "conflicting scopes")


def _scope_values(values: list[str], operator: str, path: str) -> Iterator[Cause]:
    if operator in {"In", "NotIn"}:
        if not values:
            text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            yield required(f"{path}.values", text)
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            yield invalid(f"{path}.values", values, text)
    else:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")


def _shown_scope(requirement: Document) -> Document:
    values = items_of(requirement, "values") or None
    names = {"ScopeName": requirement.get("scopeName") or "", "Operator": requirement.get("operator") or ""}
    return {**names, "Values": values}


_WRONG_SCOPE = "unsupported scope applied to resource"
_EXISTING = frozenset({"BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"})
_ONLY_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_CONFLICTING = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})


def _in_scope(scope: str, name: str) -> bool:
    if scope == "BestEffort":
        return name == "pods"
    if scope in {"Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"}:
        return name in _COUNTED
    return True


def limit_range(new: Document, old: Document | None) -> Iterator[Cause]:
    """A LimitRange."""
    del old
    seen: set[str] = set()
    for at, item in children(part(new, "spec"), "spec", "limits"):
        kind = item.get("type") or ""
        wrong = list(named(qualified_name, kind, f"{at}.type"))
        yield from wrong
        if not wrong and "/" not in kind and kind not in _LIMITED:
            yield invalid(f"{at}.type", kind, "must be a standard limit type or fully qualified")
        if kind in seen:
            yield duplicate(f"{at}.type", kind)
        seen.add(kind)
        yield from _limits(item, kind, at)


def _limits(item: Document, kind: str, path: str) -> Iterator[Cause]:
    found = {name: part(item, name) for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")}
    rule = container_resource if kind in {"Pod", "Container"} else resource_name
    defaults = ("default", "defaultRequest")
    for name in ("max", "min", *(() if kind == "Pod" else defaults)):
        for resource in found[name]:
            yield from rule(resource, f"{path}.{name}[{resource}]")
    for name in defaults if kind == "Pod" else ():
        if found[name]:
            yield forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'")
    if kind == "PersistentVolumeClaim" and not {"storage"} & {*found["min"], *found["max"]}:
        yield required(
            f"{path}.limits", "either minimum or maximum storage value is required, but neither was provided"
        )
    for resource in found["maxLimitRequestRatio"]:
        yield from rule(resource, f"{path}.maxLimitRequestRatio[{resource}]")
    names = dict.fromkeys(name for each in found.values() for name in each)
    for resource in names:
        yield from _ordered_limits(found, resource, path)
        yield from _ratio(found, resource, path)


def _ratio(found: dict[str, Document], name: str, path: str) -> Iterator[Cause]:
    if name in found["maxLimitRequestRatio"]:
        ratio, at = found["maxLimitRequestRatio"][name], f"{path}.maxLimitRequestRatio[{name}]"
        shown = quantity.canonical(ratio)
        if quantity.parse(ratio) < 1:
            yield invalid(at, shown, f"ratio {shown} is less than 1")
        if name in found["min"] and name in found["max"]:
            least, most = (quantity.parse(found[kind][name]) for kind in ("min", "max"))
            limit = float(most / least) if least else float("inf")
            if float(quantity.parse(ratio)) > limit:
                yield invalid(at, shown, f"ratio {shown} is greater than max/min = {limit:f}")
    if not overcommits(name) and name in found["default"] and name in found["defaultRequest"]:
        limit_text, request = (quantity.canonical(found[kind][name]) for kind in ("default", "defaultRequest"))
        if not quantity.equal(limit_text, request):
            text = f"default value {limit_text} must equal to defaultRequest value {request} in {name}"
            yield invalid(f"{path}.defaultRequest[{name}]", request, text)


#: What may not be above what, in the server's words, whose field is blamed, and which of the two values is shown.
_LIMITS_IN_ORDER = (
    ("min", "min value", "max", "max value", "min", "min"),
    ("min", "min value", "defaultRequest", "default request value", "defaultRequest", "defaultRequest"),
    ("defaultRequest", "default request value", "max", "max value", "defaultRequest", "defaultRequest"),
    ("defaultRequest", "default request value", "default", "default limit value", "defaultRequest", "defaultRequest"),
    ("min", "min value", "default", "default value", "default", "min"),
    ("default", "default value", "max", "max value", "default", "max"),
)


def _ordered_limits(found: dict[str, Document], name: str, path: str) -> Iterator[Cause]:
    for one, one_words, other, other_words, blamed, shown in _LIMITS_IN_ORDER:
        if name not in found[one] or name not in found[other]:
            continue
        if quantity.parse(found[one][name]) > quantity.parse(found[other][name]):
            texts = {kind: quantity.canonical(found[kind][name]) for kind in (one, other)}
            words = f"{one_words} {texts[one]} is greater than {other_words} {texts[other]}"
            yield invalid(f"{path}.{blamed}[{name}]", texts[shown], words)


def priority_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PriorityClass."""
    name, value = part(new, "metadata").get("name") or "", new.get("value") or 0
    if old is not None:
        if value != (old.get("value") or 0):
            yield forbidden("value", "may not be changed in an update.")
        yield from immutable(new.get("preemptionPolicy"), old.get("preemptionPolicy"), "preemptionPolicy")
        return
    if name.startswith("system-"):
        if _SYSTEM.get(name) != value:
            text = "priority class names with 'system-' prefix are reserved for system use only. error: "
            yield forbidden("metadata.name", f"{text}{name} is not a known system priority class")
    elif value > _HIGHEST:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST}")
    yield from one_of(new.get("preemptionPolicy"), ("PreemptLowerPriority", "Never"), "preemptionPolicy")
