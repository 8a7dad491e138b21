"""What is wrong with the status that a kubelet or scheduler writes of a pod.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    MAX_INT32,
    children,
    duplicate,
    forbidden,
    in_range,
    invalid,
    items_of,
    named,
    not_supported,
    required,
    too_long,
)
from fairlead.apiserver.rules.ip_texts import family_of, ip_text
from fairlead.apiserver.rules.pod_annotations import annotations_kept
from fairlead.machinery import quantity
from fairlead.machinery.causes import INTERNAL, Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, qualified_name

__all__ = ["pod_status"]

_ONE_EACH = "may specify no more than one IP for each IP family"
#: Conditions of the server's own.
_OWN = frozenset({"PodScheduled", "Ready", "Initialized"})
#: Where a container's status stands, and where the container does.
_STATUSES: Mapping[str, str] = {
    "containerStatuses": "containers",
    "initContainerStatuses": "initContainers",
    "ephemeralContainerStatuses": "ephemeralContainers",
}
_MAX_UINT32 = 2**32 - 1
_HEALTHS = ("Healthy", "Unhealthy", "Unknown")
_LONGEST_MESSAGE = 1024


def pod_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """A pod of which the status is written."""
    status, before, spec = part(new, "status"), part(old, "status"), part(new, "spec")
    kept = part(old, "metadata", "annotations")
    yield from annotations_kept(part(new, "metadata", "annotations"), kept, "metadata.annotations")
    for at, condition in children(status, "status", "conditions"):
        yield from _not_negative(condition, at)
        if condition.get("type") not in _OWN:
            yield from named(qualified_name, condition.get("type") or "", f"{at}.Type")
    yield from _nomination(status, before, part(old, "spec"))
    yield from _not_negative(status, "status")
    quality = status.get("qosClass") or ""
    if old is not None and quality != (before.get("qosClass") or ""):
        yield invalid("status.qosClass", quality, IMMUTABLE)
    for name, kind in _STATUSES.items():
        yield from _transitions(status, before, name, part(old, "spec") if kind != "ephemeralContainers" else None)
    yield from _claims(status, spec)
    yield from _extended_claim(part(status, "extendedResourceClaimStatus"), status, spec)
    yield from _addresses(status, "podIPs")
    yield from _first_host(status)
    yield from _addresses(status, "hostIPs")
    for name in _STATUSES:
        yield from _users(status, name, part(spec, "os").get("name") or "linux")
    yield from _allocated(status, spec)


def _first_host(status: Document) -> Iterator[Cause]:
    for first in parts(status, "hostIPs")[:1]:
        if (first.get("ip") or "") != (status.get("hostIP") or ""):
            yield invalid("status.hostIPs[0].ip", first.get("ip") or "", "must be equal to `hostIP`")


def _not_negative(holder: Document, path: str) -> Iterator[Cause]:
    observed = holder.get("observedGeneration")
    if isinstance(observed, int) and observed < 0:
        yield invalid(f"{path}.observedGeneration", observed, "must be a non-negative integer")


def _nomination(status: Document, before: Document, spec: Document) -> Iterator[Cause]:
    nominated = status.get("nominatedNodeName")
    if not nominated or nominated == before.get("nominatedNodeName"):
        return
    yield from named(dns1123_subdomain, nominated, "status.nominatedNodeName")
    if spec.get("nodeName"):
        yield forbidden("status.nominatedNodeName", "may not be set on pods that are already bound to a node")


# -- containers


def _transitions(status: Document, before: Document, name: str, spec: Document | None) -> Iterator[Cause]:
    """Containers that have ended stay so, unless the pod starts them again; `spec` is None where it never does."""
    kind = _STATUSES[name]
    rules = [rule for each in ("initContainers", "containers") for rule in _all_rules(spec, each)]
    if any(rule.get("action") == "RestartAllContainers" for rule in rules):
        return
    for index, old in enumerate(parts(before, name)):
        ended = part(old, "state").get("terminated")
        found = next((each for each in parts(status, name) if each.get("name") == old.get("name")), None)
        if ended is None or found is None or part(found, "state").get("terminated") is not None:
            continue
        container = next((each for each in parts(spec, kind) if each.get("name") == old.get("name")), None)
        if spec is None or container is None or not _restarts(container, spec, ended.get("exitCode") or 0):
            yield forbidden(f"status.{name}[{index}].state", "may not be transitioned to non-terminated state")


def _all_rules(spec: Document | None, kind: str) -> Iterator[Document]:
    for container in parts(spec, kind):
        yield from parts(container, "restartPolicyRules")


def _restarts(container: Document, spec: Document, code: int) -> bool:
    """Whether a container that ended with this exit code is started again."""
    own = container.get("restartPolicy")
    rule = next((rule for rule in parts(container, "restartPolicyRules") if _concerns(rule, code)), None)
    if own is not None and rule is not None and rule.get("action") in {"Restart", "RestartAllContainers"}:
        return True
    policy = own or spec.get("restartPolicy") or "Always"
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _concerns(rule: Document, code: int) -> bool:
    codes = part(rule, "exitCodes")
    return (code in items_of(codes, "values")) == (codes.get("operator") == "In") and bool(codes)


def _users(status: Document, name: str, system: str) -> Iterator[Cause]:
    for at, found in children(status, "status", name):
        user, path = part(found, "user").get("linux"), f"{at}.user.linux"
        if user is None:
            continue
        if system == "windows":
            yield forbidden(path, "cannot be set for a windows pod")
        elif system == "linux":
            yield from in_range(user.get("uid"), 0, _MAX_UINT32, f"{path}.uid")
            yield from in_range(user.get("gid"), 0, MAX_INT32, f"{path}.gid")
            for index, group in enumerate(items_of(user, "supplementalGroups")):
                yield from in_range(group, 0, MAX_INT32, f"{path}.supplementalGroups[{index}]")


def _allocated(status: Document, spec: Document) -> Iterator[Cause]:
    for name, kind in _STATUSES.items():
        for at, found in children(status, "status", name):
            path = f"{at}.allocatedResourcesStatus"
            if kind == "ephemeralContainers":
                if parts(found, "allocatedResourcesStatus"):
                    yield forbidden(path, "must not be specified in container status")
                continue
            container = next((each for each in parts(spec, kind) if each.get("name") == found.get("name")), None)
            for place, resource in children(found, at, "allocatedResourcesStatus"):
                if container is not None:
                    yield from _asked_for(resource.get("name") or "", container, status, f"{place}.name")
                yield from _devices(resource, place)


def _asked_for(name: str, container: Document, status: Document, path: str) -> Iterator[Cause]:
    if not name.startswith("claim:"):
        if name not in part(container, "resources", "requests"):
            yield invalid(path, name, "must match one of the container's resource requests")
        return
    claims = parts(container, "resources", "claims")
    known = {f"claim:{each.get('name')}" + (f"/{each['request']}" if each.get("request") else "") for each in claims}
    if name not in known and not _extended(name, container, part(status, "extendedResourceClaimStatus")):
        text = "must match one of the container's resource claims as 'claim:<claimName>/<requestName>' when "
        text += "container.resources.claims[*].request is set or 'claim:<claimName>' when it is empty"
        yield invalid(path, name, text)


def _extended(name: str, container: Document, claim: Document) -> bool:
    which, _, request = name.removeprefix("claim:").partition("/")
    requests = part(container, "resources", "requests")
    return any(
        mapping.get("containerName") == container.get("name")
        and mapping.get("requestName") == request
        and quantity.parse(requests.get(mapping.get("resourceName") or "", "0")) != 0
        for mapping in (parts(claim, "requestMappings") if request and which == claim.get("resourceClaimName") else ())
    )


def _devices(resource: Document, path: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, device in children(resource, path, "resources"):
        health, message, key = device.get("health") or "", device.get("message"), device.get("resourceID") or ""
        if health not in _HEALTHS:
            yield not_supported(f"{at}.health", health, _HEALTHS)
        if message == "":
            yield required(f"{at}.message", "must be non-empty if specified")
        elif message is not None and len(message.encode()) > _LONGEST_MESSAGE:
            yield too_long(f"{at}.message", _LONGEST_MESSAGE)
        if key in seen:
            yield duplicate(f"{at}.resourceID", key)
        seen.add(key)


# -- claims


def _claims(status: Document, spec: Document) -> Iterator[Cause]:
    known = {claim.get("name") for claim in parts(spec, "resourceClaims")}
    seen: set[str] = set()
    for at, found in children(status, "status", "resourceClaimStatuses"):
        name, claim = str(found.get("name") or ""), found.get("resourceClaimName")
        if name not in known:
            yield invalid(f"{at}.name", name, "must match the name of an entry in `spec.resourceClaims`")
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        if claim is not None:
            yield from named(dns1123_subdomain, claim, f"{at}.resourceClaimName")


def _extended_claim(found: Document, status: Document, spec: Document) -> Iterator[Cause]:
    if status.get("extendedResourceClaimStatus") is None:
        return
    path, seen = "status.extendedResourceClaimStatus", list[tuple[Any, ...]]()
    if not parts(found, "requestMappings"):
        yield required(f"{path}.requestMappings", "at least one request mapping is required")
    containers = {each.get("name"): each for kind in ("initContainers", "containers") for each in parts(spec, kind)}
    for at, mapping in children(found, path, "requestMappings"):
        names = ("containerName", "resourceName", "requestName")
        one = container, resource, request = tuple(str(mapping.get(name) or "") for name in names)
        if container not in containers:
            text = "must match the name of an entry in spec.initContainers.name or spec.containers.name"
            yield invalid(f"{at}.containerName", container, text)
        elif resource not in part(containers[container], "resources", "requests"):
            where = "spec.initContainers.resources.requests or spec.containers.resources.requests"
            text = f"must match the extended resource name of an entry in {where}"
            yield invalid(f"{at}.resourceName", resource, text)
        # The server names the field beside the list here.
        yield from named(dns1123_label, request, f"{path}.requestName")
        for name, value in zip(names, one, strict=True) if one in seen else ():
            yield duplicate(f"{at}.{name}", value)
        seen.append(one)
    if not found.get("resourceClaimName"):
        yield required(f"{path}.resourceClaimName")
    else:
        yield from named(dns1123_subdomain, found["resourceClaimName"], f"{path}.resourceClaimName")


# -- addresses


def _addresses(status: Document, name: str) -> Iterator[Cause]:
    found, path = [each.get("ip") or "" for each in parts(status, name)], f"status.{name}"
    for index, each in enumerate(found):
        yield from ip_text(each, f"{path}[{index}]")
    families = [family_of(each) for each in found]
    if len(found) > 1 and 0 in families:
        first = families.index(0)
        text = f"failed to check for dual stack with error:invalid IP[{first}]: {found[first]}"
        yield Cause(INTERNAL, f"Internal error: {text}", path)
    if len(found) > 1 and sorted(families) != [4, 6]:
        yield invalid(path, [{"IP": each} for each in found], _ONE_EACH)
