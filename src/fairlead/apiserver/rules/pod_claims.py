"""What is wrong with the claims of devices in pods, and with how containers are resized and started again.

https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.apiserver.documents import Document, parts
from fairlead.apiserver.rules.faults import (
    children,
    duplicate,
    invalid,
    items_of,
    named,
    not_found,
    not_supported,
    one_of,
    required,
    too_many,
)
from fairlead.apiserver.rules.printed import internal
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain

__all__ = ["claim_names", "resize_policies", "resource_claims", "restart_rules", "used_claims"]

_RESIZED, _RESTARTS = ("cpu", "memory"), ("NotRequired", "RestartContainer")
_POLICIES = ("Always", "Never", "OnFailure")
_ACTIONS, _OPERATORS = ("Restart", "RestartAllContainers"), ("In", "NotIn")
_MOST_RULES, _MOST_CODES = 20, 255


def resource_claims(spec: Document, path: str) -> Iterator[Cause]:
    """The `resourceClaims` of a pod's spec."""
    seen: set[str] = set()
    for at, claim in children(spec, path, "resourceClaims"):
        name, single, template = (claim.get(key) for key in ("name", "resourceClaimName", "resourceClaimTemplateName"))
        if not name:
            yield required(f"{at}.name")
        elif name in seen:
            yield duplicate(f"{at}.name", name)
        else:
            yield from named(dns1123_label, name, f"{at}.name")
            seen.add(name)
        shown = internal("core.PodResourceClaim", claim)
        if single is not None and template is not None:
            text = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            yield invalid(at, shown, text)
        if single is None and template is None:
            yield invalid(at, shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
        for key, value in (("resourceClaimName", single), ("resourceClaimTemplateName", template)):
            if value is not None:
                yield from named(dns1123_subdomain, value, f"{at}.{key}")


def claim_names(spec: Document) -> list[str]:
    """What the pod calls its claims."""
    return sorted({claim["name"] for claim in parts(spec, "resourceClaims") if claim.get("name")})


def used_claims(resources: Document, path: str, known: Sequence[str]) -> Iterator[Cause]:
    """The claims that a container uses, of those that the pod has."""
    seen: set[str] = set()
    for at, claim in children(resources, path, "claims"):
        name, request = claim.get("name") or "", claim.get("request") or ""
        if not name:
            yield required(at)
            continue
        key = f"{name}/{request}" if request else name
        if request and name not in seen:
            yield from named(dns1123_label, request, f"{at}.request")
        if name in seen or key in seen:
            yield duplicate(at, name if name in seen else key)
        elif not request:
            yield from (duplicate(at, name) for other in seen if other.startswith(f"{name}/"))
        seen.add(key)
        if name not in known:
            which = f": {', '.join(known)}" if known else " which is empty"
            yield not_found(at, name, f"must be one of the names in pod.spec.resourceClaims{which}")


def resize_policies(container: Document, path: str, restarts: str | None) -> Iterator[Cause]:
    """The `resizePolicy` of a container, in a pod that restarts so."""
    seen: set[str] = set()
    at = f"{path}.resizePolicy"
    for place, policy in children(container, path, "resizePolicy"):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            yield duplicate(place, name)
        seen.add(name)
        for value, known in ((name, _RESIZED), (restart, _RESTARTS)):
            if not value:
                yield required(at)
            elif value not in known:
                yield not_supported(at, value, known)
        if restarts == "Never" and restart != "NotRequired":
            yield invalid(at, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")


def restart_rules(container: Document, path: str) -> Iterator[Cause]:
    """How a container is started again, where it says so itself."""
    policy, rules = container.get("restartPolicy"), parts(container, "restartPolicyRules")
    if policy is None and rules:
        yield required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")
    yield from one_of(policy, _POLICIES, f"{path}.restartPolicy")
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.restartPolicyRules", len(rules), _MOST_RULES)
    for at, rule in children(container, path, "restartPolicyRules"):
        yield from one_of(rule.get("action") or "", _ACTIONS, f"{at}.action")
        codes = rule.get("exitCodes")
        if not isinstance(codes, dict):
            yield required(f"{at}.exitCodes", "must be specified")
            continue
        yield from one_of(rule["exitCodes"].get("operator") or "", _OPERATORS, f"{at}.exitCodes.operator")
        count = len(items_of(rule["exitCodes"], "values"))
        if count > _MOST_CODES:
            yield too_many(f"{at}.exitCodes.values", count, _MOST_CODES)
