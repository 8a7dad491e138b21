"""What is wrong with where a pod wants to run: tolerations, affinities, spreading.

https://kubernetes.io/docs/concepts/scheduling-eviction/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    duplicate,
    forbidden,
    invalid,
    items_of,
    named,
    not_supported,
    required,
    selector,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, label_key, label_value

__all__ = ["EFFECTS", "affinity", "node_selector", "spreading", "tolerations"]

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_BOTH = "exists in both matchLabelKeys and labelSelector"
_OPERATOR = "not a valid selector operator"


def tolerations(spec: Document, path: str) -> Iterator[Cause]:
    """The tolerations of a pod."""
    for at, toleration in children(spec, path, "tolerations"):
        key, operator = toleration.get("key") or "", toleration.get("operator") or ""
        value, effect = toleration.get("value") or "", toleration.get("effect") or ""
        if key:
            yield from named(label_key, key, f"{at}.key")
        elif operator != "Exists":
            text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid(f"{at}.operator", operator, text)
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid(f"{at}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        yield from _toleration_operator(operator, value, at)
        if effect and effect not in EFFECTS:
            yield not_supported(f"{at}.effect", effect, EFFECTS)


def _toleration_operator(operator: str, value: str, path: str) -> Iterator[Cause]:
    if operator in {"", "Equal"}:
        texts = label_value(value)
        if texts:
            yield invalid(f"{path}.operator", value, ";".join(texts))
    elif operator == "Exists":
        if value:
            yield invalid(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'")
    elif operator in {"Lt", "Gt"}:
        yield not_supported(f"{path}.operator", operator, ("Equal", "Exists", "Lt", "Gt"))
    else:
        yield not_supported(f"{path}.operator", operator, ("Equal", "Exists"))


def affinity(spec: Document, path: str) -> Iterator[Cause]:
    """The affinities of a pod."""
    found, at = part(spec, "affinity"), f"{path}.affinity"
    node = part(found, "nodeAffinity")
    if isinstance(node.get(_REQUIRED), dict):
        yield from node_selector(part(node, _REQUIRED), f"{at}.nodeAffinity.{_REQUIRED}")
    for place, term in children(node, f"{at}.nodeAffinity", _PREFERRED):
        yield from _weight(term, place)
        yield from _node_term(part(term, "preference"), f"{place}.preference", strict=False)
    for kind in ("podAffinity", "podAntiAffinity"):
        holder = part(found, kind)
        for place, term in children(holder, f"{at}.{kind}", _REQUIRED):
            yield from _pod_term(term, place)
        for place, term in children(holder, f"{at}.{kind}", _PREFERRED):
            yield from _weight(term, place)
            yield from _pod_term(part(term, "podAffinityTerm"), f"{place}.podAffinityTerm")


def _weight(term: Document, path: str) -> Iterator[Cause]:
    weight = term.get("weight") or 0
    if not 0 < weight <= 100:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100")


def node_selector(found: Document, path: str) -> Iterator[Cause]:
    """A selector of nodes that has to match."""
    if not items_of(found, "nodeSelectorTerms"):
        yield required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")
    for at, term in children(found, path, "nodeSelectorTerms"):
        yield from _node_term(term, at, strict=True)


def _node_term(term: Document, path: str, *, strict: bool) -> Iterator[Cause]:
    for at, requirement in children(term, path, "matchExpressions"):
        yield from _node_requirement(requirement, at, strict=strict)
    for at, requirement in children(term, path, "matchFields"):
        yield from _node_field(requirement, at)


def _node_requirement(requirement: Document, path: str, *, strict: bool) -> Iterator[Cause]:
    operator, values = requirement.get("operator") or "", items_of(requirement, "values")
    if operator in {"In", "NotIn"}:
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            yield forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    elif operator in {"Gt", "Lt"}:
        if len(values) != 1:
            yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield invalid(f"{path}.operator", operator, _OPERATOR)
    yield from named(label_key, requirement.get("key") or "", f"{path}.key")
    for index, value in enumerate(values if strict else ()):
        yield from named(label_value, str(value), f"{path}.values[{index}]")


def _node_field(requirement: Document, path: str) -> Iterator[Cause]:
    operator, values = requirement.get("operator") or "", items_of(requirement, "values")
    if operator not in {"In", "NotIn"}:
        yield invalid(f"{path}.operator", operator, _OPERATOR)
    elif len(values) != 1:
        text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{path}.values", text)
    if requirement.get("key") != "metadata.name":
        yield invalid(f"{path}.key", requirement.get("key") or "", "not a valid field selector key")
        return
    for index, value in enumerate(values):
        yield from named(dns1123_subdomain, str(value), f"{path}.values[{index}]")


def _pod_term(term: Document, path: str) -> Iterator[Cause]:
    yield from selector(term.get("labelSelector"), f"{path}.labelSelector")
    yield from selector(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in items_of(term, "namespaces"):
        yield from named(dns1123_label, str(name), f"{path}.namespace")
    key = term.get("topologyKey") or ""
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from named(label_key, key, f"{path}.topologyKey")
    for name in ("matchLabelKeys", "mismatchLabelKeys"):
        yield from _label_keys(term, name, path)
    yield from _twice(term, path)
    for index, shared in enumerate(items_of(term, "matchLabelKeys")):
        if shared in items_of(term, "mismatchLabelKeys"):
            text = "exists in both matchLabelKeys and mismatchLabelKeys"
            yield invalid(f"{path}.matchLabelKeys[{index}]", shared, text)


def _twice(term: Document, path: str) -> Iterator[Cause]:
    """Keys that the selector has beside what it got from `matchLabelKeys`."""
    places = {key: index for index, key in enumerate(items_of(term, "matchLabelKeys"))}
    seen = set(part(term, "labelSelector", "matchLabels"))
    for requirement in parts(term, "labelSelector", "matchExpressions"):
        key = requirement.get("key") or ""
        if key in places and key in seen:
            # The server leaves the field out here.
            yield invalid(f"{path}[{places[key]}]", key, _BOTH)
        seen.add(key)


def spreading(spec: Document, path: str) -> Iterator[Cause]:
    """How the pods are to be spread."""
    pairs: list[tuple[str, str]] = []
    for _, constraint in children(spec, path, "topologySpreadConstraints"):
        pairs.append((constraint.get("topologyKey") or "", constraint.get("whenUnsatisfiable") or ""))
    for index, (at, constraint) in enumerate(children(spec, path, "topologySpreadConstraints")):
        key, action = pairs[index]
        if (constraint.get("maxSkew") or 0) <= 0:
            yield invalid(f"{at}.maxSkew", constraint.get("maxSkew") or 0, "must be greater than zero")
        if not key:
            yield required(f"{at}.topologyKey", "can not be empty")
        if action not in _ACTIONS:
            yield not_supported(f"{at}.whenUnsatisfiable", action, _ACTIONS)
        if pairs[index] in pairs[index + 1 :]:
            yield duplicate(f"{at}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}")
        yield from _domains(constraint, action, at)
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if constraint.get(name) not in (None, "Honor", "Ignore"):
                yield not_supported(f"{at}.{name}", constraint[name], ("Honor", "Ignore"))
        yield from _label_keys(constraint, "matchLabelKeys", at)
        yield from _twice(constraint, at)
        yield from selector(constraint.get("labelSelector"), f"{at}.labelSelector")


def _label_keys(holder: Document, name: str, path: str) -> Iterator[Cause]:
    """Keys of labels whose values the pod's own are; they are added to a selector."""
    keys = items_of(holder, name)
    if keys and holder.get("labelSelector") is None:
        yield forbidden(f"{path}.{name}", "must not be specified when labelSelector is not set")
        return
    for index, key in enumerate(keys):
        yield from named(label_key, str(key), f"{path}.{name}[{index}]")


def _domains(constraint: Document, action: str, path: str) -> Iterator[Cause]:
    least = constraint.get("minDomains")
    if least is None:
        return
    if least <= 0:
        yield invalid(f"{path}.minDomains", least, "must be greater than zero")
    if action != "DoNotSchedule":
        text = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        yield invalid(f"{path}.minDomains", least, text)
