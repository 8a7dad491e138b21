"""What is wrong with the schemas and levels of API priority and fairness.

https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    forbidden,
    in_range,
    invalid,
    items_of,
    named,
    not_supported,
    not_supported_as,
    required,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain

__all__ = ["flow_schema", "priority_level"]

_LOWEST, _MOST_QUEUES, _HASH_BITS = 10000, 10_000_000, 60
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_KINDS = {"User": "user", "Group": "group", "ServiceAccount": "serviceAccount"}
_NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "


def flow_schema(new: Document, old: Document | None) -> Iterator[Cause]:
    """A FlowSchema."""
    del old
    spec, own = part(new, "spec"), part(new, "metadata").get("name")
    precedence, at = spec.get("matchingPrecedence") or 0, "spec.matchingPrecedence"
    if precedence <= 0:
        yield invalid(at, precedence, "must be a positive value")
    if precedence > _LOWEST:
        yield invalid(at, precedence, f"must not be greater than {_LOWEST}")
    if precedence == 1 and own != "exempt":
        yield invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
    method = part(spec, "distinguisherMethod")
    if "distinguisherMethod" in spec and method.get("type") not in {"ByNamespace", "ByUser"}:
        shown = f'{{"Type":"{method.get("type") or ""}"}}'
        yield not_supported_as("spec.distinguisherMethod.type", shown, ("ByNamespace", "ByUser"))
    level = part(spec, "priorityLevelConfiguration").get("name") or ""
    if level:
        yield from named(dns1123_subdomain, level, "spec.priorityLevelConfiguration.name")
    else:
        yield required("spec.priorityLevelConfiguration.name", "must reference a priority level")
    for place, rule in children(spec, "spec", "rules"):
        yield from _rule(rule, place)


def _rule(rule: Document, path: str) -> Iterator[Cause]:
    if not parts(rule, "subjects"):
        yield required(f"{path}.subjects", "subjects must contain at least one value")
    for at, subject in children(rule, path, "subjects"):
        yield from _subject(subject, at)
    if not parts(rule, "resourceRules") and not parts(rule, "nonResourceRules"):
        text = "at least one of resourceRules and nonResourceRules has to be non-empty"
        yield required(path, text)
    for at, resources in children(rule, path, "resourceRules"):
        yield from _verbs(resources, at)
        yield from _resources(resources, at)
    for at, others in children(rule, path, "nonResourceRules"):
        yield from _verbs(others, at)
        yield from _paths(items_of(others, "nonResourceURLs"), f"{at}.nonResourceURLs")


def _subject(subject: Document, path: str) -> Iterator[Cause]:
    kind = subject.get("kind") or ""
    field = _KINDS.get(kind)
    if field is None:
        yield not_supported(f"{path}.kind", kind, sorted(_KINDS))
        return
    found, at = subject.get(field), f"{path}.{field}"
    if not isinstance(found, dict):
        yield required(at, f"{field} is required when subject kind is '{kind}'")
    else:
        holder = part(subject, field)
        if not holder.get("name"):
            yield required(f"{at}.name")
        if field == "serviceAccount":
            yield from _account(holder, at)
    for other, name in _KINDS.items():
        if name != field and subject.get(name) is not None:
            yield forbidden(f"{path}.{name}", f"{name} is forbidden when subject kind is not '{other}'")


def _account(account: Document, path: str) -> Iterator[Cause]:
    name, namespace = account.get("name") or "", account.get("namespace") or ""
    if name and name != "*":
        yield from named(dns1123_subdomain, name, f"{path}.name")
    if namespace:
        yield from named(dns1123_label, namespace, f"{path}.namespace")
    else:
        yield required(f"{path}.namespace", "must specify namespace for service account")


def _verbs(rule: Document, path: str) -> Iterator[Cause]:
    verbs, at = items_of(rule, "verbs"), f"{path}.verbs"
    if not verbs:
        yield required(at, "verbs must contain at least one value")
    elif "*" in verbs:
        if len(verbs) > 1:
            yield invalid(at, verbs, "if '*' is present, must not specify other verbs")
    elif not set(verbs) <= set(_VERBS):
        listed = ",".join(f'"{verb}"' for verb in verbs)
        yield not_supported_as(at, f"[{listed}]", _VERBS)


def _resources(rule: Document, path: str) -> Iterator[Cause]:
    for name, one, others in (("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")):
        found = items_of(rule, name)
        if not found:
            yield required(f"{path}.{name}", f"resource rules must supply at least one {one}")
        elif len(found) > 1 and "*" in found:
            yield invalid(f"{path}.{name}", found, f"if '*' is present, must not specify other {others}")
    spaces, at = items_of(rule, "namespaces"), f"{path}.namespaces"
    if not spaces and not rule.get("clusterScope"):
        yield required(at, "resource rules that are not cluster scoped must supply at least one namespace")
    elif "*" in spaces:
        if len(spaces) > 1:
            yield invalid(at, spaces, "if '*' is present, must not specify other namespaces")
    else:
        for index, name in enumerate(spaces):
            for text in dns1123_label(name):
                yield invalid(f"{at}[{index}]", name, _NAMESPACE + text)


def _paths(found: list[str], path: str) -> Iterator[Cause]:
    if not found:
        yield required(path, "nonResourceURLs must contain at least one value")
    elif "*" in found:
        if len(found) > 1:
            yield invalid(path, found, "if '*' is present, must not specify other non-resource URLs")
    else:
        for index, each in enumerate(found):
            fault = _path_fault(each)
            if fault:
                yield invalid(f"{path}[{index}]", each, fault)


def _path_fault(path: str) -> str:
    if not path:
        return "must not be empty"
    if not path.startswith("/"):
        return "must start with slash"
    if " " in path:
        return "must not contain white-space"
    if "//" in path:
        return "must not contain double slash"
    wild = path.count("*")
    return "wildcard can only do suffix matching" if wild > 1 or (wild and not path.endswith("/*")) else ""


def priority_level(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PriorityLevelConfiguration."""
    del old
    spec, exempt = part(new, "spec"), part(new, "metadata").get("name") == "exempt"
    kind, limited = spec.get("type") or "", isinstance(spec.get("limited"), dict)
    known = kind in {"Exempt", "Limited"}
    if kind and not known:
        yield not_supported("spec.type", kind, ("Exempt", "Limited"))
    elif known and exempt != (kind == "Exempt"):
        yield invalid("spec.type", kind, "must be 'Exempt' if and only if `name` is 'exempt'")
    if kind == "Exempt" and isinstance(spec.get("exempt"), dict):
        yield from in_range(part(spec, "exempt").get("lendablePercent"), 0, 100, "spec.exempt.lendablePercent")
    if kind == "Limited" and limited:
        yield from _limited(part(spec, "limited"), "spec.limited")
    # What follows is declared in the API, and looked at last.
    if kind != "Exempt" and spec.get("exempt") is not None:
        yield forbidden("spec.exempt", "")
    if kind == "Limited" and not limited:
        yield required("spec.limited")
    elif kind != "Limited" and limited:
        yield forbidden("spec.limited", "")
    if not kind:
        yield required("spec.type")
    if limited:
        yield from _limited_shape(part(spec, "limited", "limitResponse"), "spec.limited.limitResponse")


def _limited(limited: Document, path: str) -> Iterator[Cause]:
    shares, borrowed = limited.get("nominalConcurrencyShares"), limited.get("borrowingLimitPercent")
    if shares is not None and shares < 0:
        yield invalid(f"{path}.nominalConcurrencyShares", shares, "must be a non-negative integer")
    response, at = part(limited, "limitResponse"), f"{path}.limitResponse"
    kind, queuing = response.get("type") or "", isinstance(response.get("queuing"), dict)
    if kind == "Queue" and queuing:
        yield from _queuing(part(response, "queuing"), f"{at}.queuing")
    yield from in_range(limited.get("lendablePercent"), 0, 100, f"{path}.lendablePercent")
    if borrowed is not None and borrowed < 0:
        yield invalid(f"{path}.borrowingLimitPercent", borrowed, "if specified, must be a non-negative integer")
    if kind and kind not in {"Queue", "Reject"}:
        yield not_supported(f"{at}.type", kind, ("Queue", "Reject"))


def _limited_shape(response: Document, at: str) -> Iterator[Cause]:
    """What the API's declarations say of limits, whatever the level is of."""
    kind, queuing = response.get("type") or "", isinstance(response.get("queuing"), dict)
    if not kind:
        yield required(f"{at}.type")
    if kind == "Queue" and not queuing:
        yield required(f"{at}.queuing")
    elif kind != "Queue" and queuing:
        yield forbidden(f"{at}.queuing", "")


def _queuing(queuing: Document, path: str) -> Iterator[Cause]:
    queues, hand, length = (queuing.get(name) or 0 for name in ("queues", "handSize", "queueLengthLimit"))
    if length <= 0:
        yield invalid(f"{path}.queueLengthLimit", length, "must be positive")
    if queues <= 0:
        yield invalid(f"{path}.queues", queues, "must be positive")
    elif queues > _MOST_QUEUES:
        yield invalid(f"{path}.queues", queues, f"must not be greater than {_MOST_QUEUES}")
    if hand <= 0:
        yield invalid(f"{path}.handSize", hand, "must be positive")
    elif hand > queues:
        yield invalid(f"{path}.handSize", hand, f"should not be greater than queues ({queues})")
    elif math.ceil(sum(math.log2(queues - n) for n in range(hand))) > _HASH_BITS:
        text = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {_HASH_BITS}"
        yield invalid(f"{path}.handSize", hand, text)
