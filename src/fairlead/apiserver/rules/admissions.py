"""What is wrong with policies of admission and their bindings; whether their expressions are CEL is not looked at.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    chosen,
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
from fairlead.machinery.validation import dns1035_label, dns1123_subdomain, path_segment_name, qualified_name

__all__ = [
    "binding",
    "match_conditions",
    "mutating_binding",
    "mutating_policy",
    "policy",
    "resource_rules",
]

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_WILD = {"operations": "operations", "apiGroups": "API groups", "apiVersions": "API versions"}
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
_ACTIONS = ("Audit", "Deny", "Warn")
#: By the type of a patch, the field that has it.
_PATCHES = {"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}
_BOTH = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)
_EITHER = "validations or auditAnnotations must contain at least one item"
_ONE_PARAMETER = "name and selector are mutually exclusive"


def resource_rules(holder: Document, path: str, field: str) -> Iterator[Cause]:
    """Which operations on which resources are meant."""
    for place, rule in children(holder, path, field):
        names = items_of(rule, "resourceNames")
        for index, each in enumerate(names):
            yield from named(path_segment_name, str(each), f"{place}.resourceNames[{index}]")
            if each in names[:index]:
                yield duplicate(f"{place}.resourceNames[{index}]", each)
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
    every_part, everywhere = set[str](), set[str]()
    for index, name in enumerate(found):
        resource, slash, inner = name.partition("/")
        if not name:
            yield required(f"{path}[{index}]")
        if not slash:
            continue
        for wide, pattern in ((resource in every_part, f"{resource}/*"), (inner in everywhere, f"*/{inner}")):
            if wide:
                yield invalid(f"{path}[{index}]", name, f"if '{pattern}' is present, must not specify {name}")
        if inner == "*":
            every_part.add(resource)
        if resource == "*":
            everywhere.add(inner)
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
    yield from _policy(spec)
    if not parts(spec, "validations") and not parts(spec, "auditAnnotations"):
        yield required("spec.validations", _EITHER)
        yield required("spec.auditAnnotations", _EITHER)
    for at, validation in children(spec, "spec", "validations"):
        yield from _validation(validation, at)
    seen: set[str] = set()
    for at, annotation in children(spec, "spec", "auditAnnotations"):
        key = annotation.get("key") or ""
        yield from named(qualified_name, f"{own}/{key}", f"{at}.key")
        if not annotation.get("valueExpression"):
            yield required(f"{at}.valueExpression", "valueExpression is not specified")
        if key in seen:
            yield duplicate(f"{at}.key", key)
        seen.add(key)


def mutating_policy(new: Document, old: Document | None) -> Iterator[Cause]:
    """A MutatingAdmissionPolicy."""
    del old
    spec = part(new, "spec")
    yield from _policy(spec, mutates=True)
    if not parts(spec, "mutations"):
        yield required("spec.mutations", "mutations must contain at least one item")
    for at, mutation in children(spec, "spec", "mutations"):
        yield from _mutation(mutation, at)
    yield from chosen(spec.get("reinvocationPolicy"), ("IfNeeded", "Never"), "spec.reinvocationPolicy")


def _mutation(mutation: Document, path: str) -> Iterator[Cause]:
    kind = mutation.get("patchType")
    yield from chosen(kind, sorted(_PATCHES), f"{path}.patchType")
    for name, field in _PATCHES.items() if kind in _PATCHES else ():
        found = mutation.get(field)
        if name != kind:
            if found is not None:
                text = f"must not be specified when patchType is {kind}"
                yield invalid(f"{path}.{field}", f"{{{field}}}", text)
        elif found is None:
            yield required(f"{path}.{field}", f"must be specified when patchType is {kind}")
        elif not (part(mutation, field).get("expression") or "").strip():
            yield required(f"{path}.{field}.expression")


def _mutable(holder: Document, path: str) -> Iterator[Cause]:
    """Only what is made or changed can be mutated."""
    for rule in parts(holder, "resourceRules"):
        for operation in items_of(rule, "operations"):
            # The server leaves the indexes out here.
            yield from one_of(operation, ("*", "CONNECT", "CREATE", "UPDATE"), f"{path}.resourceRules.operations")


def _policy(spec: Document, *, mutates: bool = False) -> Iterator[Cause]:
    """What both kinds of policy have."""
    yield from one_of(spec.get("failurePolicy"), ("Fail", "Ignore"), "spec.failurePolicy")
    if isinstance(spec.get("paramKind"), dict):
        yield from _parameter_kind(part(spec, "paramKind"), "spec.paramKind")
    if isinstance(spec.get("matchConstraints"), dict):
        yield from _constraints(part(spec, "matchConstraints"), "spec.matchConstraints")
        if not parts(spec, "matchConstraints", "resourceRules"):
            yield required("spec.matchConstraints.resourceRules")
        if mutates:
            yield from _mutable(part(spec, "matchConstraints"), "spec.matchConstraints")
    else:
        yield required("spec.matchConstraints")
    yield from match_conditions(spec, "spec")
    for at, variable in children(spec, "spec", "variables"):
        yield from _variable(variable, at)


def _parameter_kind(kind: Document, path: str) -> Iterator[Cause]:
    version = kind.get("apiVersion") or ""
    if not version:
        yield required(f"{path}.apiVersion")
    elif version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    else:
        yield from _group_version(version, f"{path}.apiVersion")
    if not kind.get("kind"):
        yield required(f"{path}.kind")
    elif dns1035_label(kind["kind"].lower()):
        text = ",".join(dns1035_label(kind["kind"].lower()))
        yield invalid(f"{path}.kind", kind["kind"], f"may have mixed case, but should otherwise match: {text}")


def _group_version(text: str, path: str) -> Iterator[Cause]:
    group, _, version = text.rpartition("/")
    if group and (texts := dns1123_subdomain(group)):
        yield invalid(path, group, ",".join(texts))
    if not version:
        yield invalid(path, text, "version must be specified")
    elif texts := dns1035_label(version):
        yield invalid(path, version, ",".join(texts))


def _constraints(found: Document, path: str) -> Iterator[Cause]:
    yield from one_of(found.get("matchPolicy"), ("Equivalent", "Exact"), f"{path}.matchPolicy")
    for name in ("namespaceSelector", "objectSelector"):
        yield from selector(found.get(name), f"{path}.{name}")
    for name in ("resourceRules", "excludeResourceRules"):
        yield from resource_rules(found, path, name)


def _variable(variable: Document, path: str) -> Iterator[Cause]:
    name = variable.get("name") or ""
    if not name.strip():
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
    actions = items_of(spec, "validationActions")
    yield from _binding(spec)
    if not actions:
        yield required("spec.validationActions")
    for index, action in enumerate(actions):
        yield from one_of(action, _ACTIONS, f"spec.validationActions[{index}]")
        if action in actions[:index]:
            yield duplicate(f"spec.validationActions[{index}]", action)
    if {"Deny", "Warn"} <= set(actions):
        yield invalid("spec.validationActions", actions, _BOTH)


def mutating_binding(new: Document, old: Document | None) -> Iterator[Cause]:
    """A MutatingAdmissionPolicyBinding."""
    del old
    spec = part(new, "spec")
    yield from _binding(spec)
    yield from _mutable(part(spec, "matchResources"), "spec.matchResources")


def _binding(spec: Document) -> Iterator[Cause]:
    name = spec.get("policyName") or ""
    if name:
        yield from named(dns1123_subdomain, name, "spec.policyName")
    else:
        yield required("spec.policyName")
    if isinstance(spec.get("paramRef"), dict):
        yield from _parameter(part(spec, "paramRef"), "spec.paramRef")
    yield from _constraints(part(spec, "matchResources"), "spec.matchResources")


def _parameter(reference: Document, path: str) -> Iterator[Cause]:
    name, chooses = reference.get("name") or "", reference.get("selector") is not None
    yield from named(path_segment_name, name, f"{path}.name")
    if name and chooses:
        yield forbidden(f"{path}.name", _ONE_PARAMETER)
    yield from selector(reference.get("selector"), f"{path}.selector")
    if name and chooses:
        yield forbidden(f"{path}.selector", _ONE_PARAMETER)
    elif not name and not chooses:
        yield required(path, "one of name or selector must be specified")
    yield from chosen(reference.get("parameterNotFoundAction"), ("Deny", "Allow"), f"{path}.parameterNotFoundAction")
