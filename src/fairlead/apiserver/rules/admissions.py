"""What is wrong with policies of admission and their bindings; whether their expressions are CEL is not looked at.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    duplicate,
    forbidden,
    invalid,
    items_of,
    named,
    one_of,
    required,
    selector,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain, qualified_name

__all__ = ["binding", "match_conditions", "policy", "resource_rules"]

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_WILD = {"operations": "operations", "apiGroups": "API groups", "apiVersions": "API versions"}
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
_ACTIONS = ("Audit", "Deny", "Warn")
_BOTH = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)
_EITHER = "validations or auditAnnotations must contain at least one item"
_ONE_PARAMETER = "name and selector are mutually exclusive"


def resource_rules(holder: Document, path: str, field: str) -> Iterator[Cause]:
    """Which operations on which resources are meant."""
    for place, rule in children(holder, path, field):
        for name in ("operations", "apiGroups", "apiVersions", "resources"):
            found = items_of(rule, name)
            if not found:
                yield required(f"{place}.{name}")
            elif len(found) > 1 and "*" in found and name in _WILD:
                yield invalid(f"{place}.{name}", found, f"if '*' is present, must not specify other {_WILD[name]}")
        for index, name in enumerate(items_of(rule, "operations")):
            yield from one_of(name, _OPERATIONS, f"{place}.operations[{index}]")
        for index, version in enumerate(items_of(rule, "apiVersions")):
            if not version:
                yield required(f"{place}.apiVersions[{index}]")
        yield from _resources(items_of(rule, "resources"), f"{place}.resources")
        yield from one_of(rule.get("scope"), ("*", "Cluster", "Namespaced"), f"{place}.scope")


def _resources(found: list[str], path: str) -> Iterator[Cause]:
    plain = [name for name in found if "/" not in name]
    if "*/*" in found and len(found) > 1:
        yield invalid(path, found, "if '*/*' is present, must not specify other resources")
    if "*" in plain and len(plain) > 1:
        yield invalid(path, found, "if '*' is present, must not specify other resources without subresources")


def match_conditions(holder: Document, path: str) -> Iterator[Cause]:
    """Conditions that requests have to meet."""
    seen: set[str] = set()
    for at, condition in children(holder, path, "matchConditions"):
        name = condition.get("name") or ""
        if not condition.get("expression"):
            yield required(f"{at}.expression")
        if not name:
            yield required(f"{at}.name")
        else:
            yield from named(qualified_name, name, f"{at}.name")
            if name in seen:
                yield duplicate(f"{at}.name", name)
        seen.add(name)


def policy(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicy."""
    del old
    spec, own = part(new, "spec"), part(new, "metadata").get("name") or ""
    yield from one_of(spec.get("failurePolicy"), ("Fail", "Ignore"), "spec.failurePolicy")
    if isinstance(spec.get("paramKind"), dict):
        yield from _parameter_kind(part(spec, "paramKind"), "spec.paramKind")
    if isinstance(spec.get("matchConstraints"), dict):
        yield from _constraints(part(spec, "matchConstraints"), "spec.matchConstraints")
        if not parts(spec, "matchConstraints", "resourceRules"):
            yield required("spec.matchConstraints.resourceRules")
    else:
        yield required("spec.matchConstraints")
    yield from match_conditions(spec, "spec")
    for at, variable in children(spec, "spec", "variables"):
        yield from _variable(variable, at)
    if not parts(spec, "validations") and not parts(spec, "auditAnnotations"):
        yield required("spec.validations", _EITHER)
        yield required("spec.auditAnnotations", _EITHER)
    for at, validation in children(spec, "spec", "validations"):
        yield from _validation(validation, at)
    for at, annotation in children(spec, "spec", "auditAnnotations"):
        key = f"{own}/{annotation.get('key') or ''}"
        yield from named(qualified_name, key, f"{at}.key")
        if not annotation.get("valueExpression"):
            yield required(f"{at}.valueExpression", "valueExpression is not specified")


def _parameter_kind(kind: Document, path: str) -> Iterator[Cause]:
    version = kind.get("apiVersion") or ""
    if not version:
        yield required(f"{path}.apiVersion")
    elif version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    if not kind.get("kind"):
        yield required(f"{path}.kind")


def _constraints(found: Document, path: str) -> Iterator[Cause]:
    yield from one_of(found.get("matchPolicy"), ("Equivalent", "Exact"), f"{path}.matchPolicy")
    for name in ("namespaceSelector", "objectSelector"):
        yield from selector(found.get(name), f"{path}.{name}")
    for name in ("resourceRules", "excludeResourceRules"):
        yield from resource_rules(found, path, name)


def _variable(variable: Document, path: str) -> Iterator[Cause]:
    name = variable.get("name") or ""
    if not name:
        yield required(f"{path}.name", "name is not specified")
    elif not re.fullmatch("[_a-zA-Z][_a-zA-Z0-9]*", name):
        yield invalid(f"{path}.name", name, "must be a valid CEL identifier")
    if not (variable.get("expression") or "").strip():
        yield required(f"{path}.expression", "expression is not specified")


def _validation(validation: Document, path: str) -> Iterator[Cause]:
    message = validation.get("message") or ""
    if not (validation.get("expression") or "").strip():
        yield required(f"{path}.expression", "expression is not specified")
    if "\n" in message.strip():
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    yield from one_of(validation.get("reason"), _REASONS[:3], f"{path}.reason")


def binding(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicyBinding."""
    del old
    spec = part(new, "spec")
    name, actions = spec.get("policyName") or "", items_of(spec, "validationActions")
    if name:
        yield from named(dns1123_subdomain, name, "spec.policyName")
    else:
        yield required("spec.policyName")
    if isinstance(spec.get("paramRef"), dict):
        yield from _parameter(part(spec, "paramRef"), "spec.paramRef")
    yield from _constraints(part(spec, "matchResources"), "spec.matchResources")
    if not actions:
        yield required("spec.validationActions")
    for index, action in enumerate(actions):
        yield from one_of(action, _ACTIONS, f"spec.validationActions[{index}]")
        if action in actions[:index]:
            yield duplicate(f"spec.validationActions[{index}]", action)
    if {"Deny", "Warn"} <= set(actions):
        yield invalid("spec.validationActions", actions, _BOTH)


def _parameter(reference: Document, path: str) -> Iterator[Cause]:
    if reference.get("name") and reference.get("selector") is not None:
        yield forbidden(f"{path}.name", _ONE_PARAMETER)
        yield forbidden(f"{path}.selector", _ONE_PARAMETER)
    elif not reference.get("name") and reference.get("selector") is None:
        yield required(path, "one of name or selector must be specified")
    if not reference.get("parameterNotFoundAction"):
        yield required(f"{path}.parameterNotFoundAction")
