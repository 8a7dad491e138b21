"""What is wrong with claims of devices. Whether their expressions are CEL is not looked at.

https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    children,
    duplicate,
    fixed,
    forbidden,
    invalid,
    items_of,
    named,
    one_of,
    required,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain

__all__ = ["claim_status", "resource_claim", "resource_claim_template"]

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
    yield from _devices(part(new, "spec", "spec", "devices"), "spec.spec.devices")


def claim_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a ResourceClaim."""
    del old
    status = part(new, "status")
    if status.get("reservedFor") and status.get("allocation") is None:
        yield forbidden("status.reservedFor", "may not be specified when `allocated` is not set")


def _devices(devices: Document, path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for at, request in children(devices, path, "requests"):
        name = request.get("name") or ""
        yield from named(dns1123_label, name, f"{at}.name")
        yield from _request(request, at)
        if name in names:
            yield duplicate(at, request)
        names.add(name)
    for at, constraint in children(devices, path, "constraints"):
        yield from _constraint(constraint, names, at)
    for at, config in children(devices, path, "config"):
        if not isinstance(config.get("opaque"), dict):
            yield required(f"{at}.opaque")


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
    for at, selector in children(wanted, path, "selectors"):
        if not isinstance(selector.get("cel"), dict):
            yield required(f"{at}.cel")
    if mode == "All" and count:
        yield invalid(f"{path}.count", count, "must not be specified when allocationMode is 'All'")
    elif mode == "ExactCount" and count <= 0:
        yield invalid(f"{path}.count", count, "must be greater than zero")
    yield from one_of(mode, _MODES, f"{path}.allocationMode")


def _constraint(constraint: Document, names: set[str], path: str) -> Iterator[Cause]:
    for index, name in enumerate(items_of(constraint, "requests")):
        if str(name).partition("/")[0] not in names:
            yield invalid(f"{path}.requests[{index}]", name, _UNKNOWN)
    attribute = constraint.get("matchAttribute")
    if attribute is None and constraint.get("distinctAttribute") is None:
        text = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
        yield required(path, text)
    elif attribute is not None and "/" not in attribute:
        text = "a fully qualified name must be a domain and a name separated by a slash"
        yield invalid(f"{path}.matchAttribute", attribute, text)
