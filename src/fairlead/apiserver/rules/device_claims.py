"""What is wrong with claims of devices. Whether their expressions are CEL is not looked at.

https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    children,
    chosen,
    duplicate,
    fixed,
    forbidden,
    invalid,
    items_of,
    named,
    one_of,
    required,
    template_metadata,
    too_long,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, label_key, label_value

__all__ = ["claim_status", "device_class", "resource_claim", "resource_claim_template", "taint_rule"]

_EFFECTS = ("NoExecute", "NoSchedule", "None")
_LONGEST_DRIVER = 63
_MODES = ("All", "ExactCount")
_ONE = "exactly one of `exactly` or `firstAvailable` is required"
_UNKNOWN = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"


def resource_claim(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ResourceClaim."""
    if old is not None:
        yield from fixed(new.get("spec"), old.get("spec"), "spec")
        return
    yield from _devices(part(new, "spec", "devices"), "spec.devices")


def resource_claim_template(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ResourceClaimTemplate."""
    if old is not None:
        yield from fixed(new.get("spec"), old.get("spec"), "spec")
        return
    yield from template_metadata(part(new, "spec", "metadata"), "spec.metadata")
    yield from _devices(part(new, "spec", "spec", "devices"), "spec.spec.devices")


def device_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A DeviceClass."""
    del old
    spec = part(new, "spec")
    yield from _selectors(spec, "spec")
    for at, config in children(spec, "spec", "config"):
        yield from _configured(config, at)
    yield from _drivers(spec, "spec")
    if spec.get("extendedResourceName") is not None:
        yield from _extended_name(spec["extendedResourceName"], "spec.extendedResourceName")


def _extended_name(name: str, path: str) -> Iterator[Cause]:
    if "/" not in name:
        yield invalid(path, name, "a name must be a domain-prefixed path, such as 'example.com/my-prop'")
    elif "kubernetes.io/" in name:
        yield invalid(path, name, 'must not have "kubernetes.io/" domain')
    if name.startswith("requests."):
        yield invalid(path, name, 'must not have "requests." prefix')
    for text in label_key(f"requests.{name}"):
        yield invalid(path, name, text)


def taint_rule(new: Document, old: Document | None) -> Iterator[Cause]:
    """A DeviceTaintRule."""
    spec = part(new, "spec")
    chosen_ones, taint = part(spec, "deviceSelector"), part(spec, "taint")
    if chosen_ones.get("driver") is not None:
        yield from _driver(chosen_ones["driver"], "spec.deviceSelector.driver", declared=False)
    if chosen_ones.get("pool") == "":
        yield required("spec.deviceSelector.pool")
    for each in (chosen_ones.get("pool") or "").split("/") if chosen_ones.get("pool") else ():
        yield from named(dns1123_subdomain, each, "spec.deviceSelector.pool")
    if chosen_ones.get("device") is not None:
        yield from named(dns1123_label, chosen_ones["device"], "spec.deviceSelector.device")
    yield from named(label_key, taint.get("key") or "", "spec.taint.key")
    yield from named(label_value, taint.get("value") or "", "spec.taint.value")
    if old is None or part(old, "spec", "taint").get("effect") != taint.get("effect"):
        yield from chosen(taint.get("effect"), _EFFECTS, "spec.taint.effect")


def claim_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a ResourceClaim."""
    del old
    status = part(new, "status")
    if status.get("reservedFor") and status.get("allocation") is None:
        yield forbidden("status.reservedFor", "may not be specified when `allocated` is not set")


def _devices(devices: Document, path: str) -> Iterator[Cause]:
    names = set(_names(devices))
    seen: set[str] = set()
    for at, request in children(devices, path, "requests"):
        name = request.get("name") or ""
        yield from named(dns1123_label, name, f"{at}.name")
        yield from _request(request, at)
        if name in seen:
            yield duplicate(at, request)
        seen.add(name)
    for at, constraint in children(devices, path, "constraints"):
        yield from _constraint(constraint, names, at)
    for at, config in children(devices, path, "config"):
        yield from _references(config, names, at)
        yield from _configured(config, at)
    yield from _drivers(devices, path)


def _names(devices: Document) -> Iterator[str]:
    """What requests, and the choices in them, can be called by."""
    for _, request in children(devices, "", "requests"):
        name = request.get("name") or ""
        yield name
        for _, choice in children(request, "", "firstAvailable"):
            yield f"{name}/{choice.get('name') or ''}"


def _references(holder: Document, names: set[str], path: str) -> Iterator[Cause]:
    found = items_of(holder, "requests")
    for index, name in enumerate(found):
        at, steps = f"{path}.requests[{index}]", str(name).split("/")
        for step in steps if len(steps) <= 2 else ():
            yield from named(dns1123_label, step, at)
        if name not in names:
            yield invalid(at, name, _UNKNOWN)
    for index, name in enumerate(found):
        if name in found[:index]:
            yield duplicate(f"{path}.requests[{index}]", name)


def _configured(config: Document, path: str) -> Iterator[Cause]:
    if not isinstance(config.get("opaque"), dict):
        yield required(f"{path}.opaque")
    elif part(config, "opaque").get("parameters") is None:
        yield required(f"{path}.opaque.parameters")


def _drivers(holder: Document, path: str) -> Iterator[Cause]:
    """Whose configurations these are, which the server looks at last."""
    for at, config in children(holder, path, "config"):
        if isinstance(config.get("opaque"), dict):
            yield from _driver(part(config, "opaque").get("driver") or "", f"{at}.opaque.driver")


def _driver(name: str, path: str, *, declared: bool = True) -> Iterator[Cause]:
    if not name:
        yield required(path)
    elif len(name) > _LONGEST_DRIVER:
        yield too_long(path, _LONGEST_DRIVER)
    else:
        # Upper case letters are fine here; what the API declares says so in its text.
        for text in dns1123_subdomain(name.lower()):
            said = text.replace("a lowercase RFC", "an RFC").replace("lower case alpha", "alpha").replace("'e", "'E")
            yield invalid(path, name, said if declared else text)


def _request(request: Document, path: str) -> Iterator[Cause]:
    exact, choices = isinstance(request.get("exactly"), dict), items_of(request, "firstAvailable")
    if exact and choices:
        yield invalid(path, None, f"{_ONE}, but multiple fields are set")
    elif exact:
        yield from _wanted(part(request, "exactly"), f"{path}.exactly")
    elif not choices:
        yield required(path, _ONE)
    for at, choice in children(request, path, "firstAvailable") if not exact else ():
        yield from named(dns1123_label, choice.get("name") or "", f"{at}.name")
        yield from _wanted(choice, at)


def _wanted(wanted: Document, path: str) -> Iterator[Cause]:
    name, count, mode = wanted.get("deviceClassName") or "", wanted.get("count") or 0, wanted.get("allocationMode")
    if name:
        yield from named(dns1123_subdomain, name, f"{path}.deviceClassName")
    else:
        yield required(f"{path}.deviceClassName")
    yield from _selectors(wanted, path)
    if mode == "All" and count:
        yield invalid(f"{path}.count", count, "must not be specified when allocationMode is 'All'")
    elif mode == "ExactCount" and count <= 0:
        yield invalid(f"{path}.count", count, "must be greater than zero")
    yield from one_of(mode, _MODES, f"{path}.allocationMode")
    for at, toleration in children(wanted, path, "tolerations"):
        yield from _toleration(toleration, at)


def _selectors(holder: Document, path: str) -> Iterator[Cause]:
    for at, selector in children(holder, path, "selectors"):
        if not isinstance(selector.get("cel"), dict):
            yield required(f"{at}.cel")


def _toleration(toleration: Document, path: str) -> Iterator[Cause]:
    operator, value = toleration.get("operator"), toleration.get("value") or ""
    if operator == "Exists" and value:
        yield invalid(f"{path}.value", value, "must be empty for operator `Exists`")
    elif operator == "Equal":
        yield from named(label_value, value, f"{path}.value")
    if toleration.get("key"):
        yield from named(label_key, toleration["key"], f"{path}.key")
    yield from chosen(operator, ("Equal", "Exists"), f"{path}.operator")
    yield from one_of(toleration.get("effect") or None, _EFFECTS, f"{path}.effect")


def _constraint(constraint: Document, names: set[str], path: str) -> Iterator[Cause]:
    yield from _references(constraint, names, path)
    kind = "matchAttribute" if constraint.get("matchAttribute") is not None else "distinctAttribute"
    attribute = constraint.get(kind)
    if attribute is None:
        text = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
        yield required(path, text)
    elif "/" not in attribute:
        text = "a fully qualified name must be a domain and a name separated by a slash"
        yield invalid(f"{path}.{kind}", attribute, text)
