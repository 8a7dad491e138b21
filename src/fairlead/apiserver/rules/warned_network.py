"""What the server warns of in types that name addresses."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children, items_of
from fairlead.apiserver.rules.ip_texts import cidr_warnings, ip_warnings
from fairlead.machinery.validation import quote

__all__ = ["balanced", "endpoint_slice", "endpoints", "ingress", "network_policy", "pod_status", "service"]

_INGRESS_CLASS = "kubernetes.io/ingress.class"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_MANAGED = "endpointslice.kubernetes.io/managed-by"
_CONTROLLERS = frozenset({"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"})


def service(new: Document) -> Iterator[str]:
    """A Service."""
    spec = part(new, "spec")
    if _HINTS in part(new, "metadata", "annotations"):
        yield f"annotation {_HINTS} is deprecated, please use {_MODE} instead"
    if spec.get("clusterIP") not in {None, "", "None"}:
        for index, each in enumerate(items_of(spec, "clusterIPs")):
            yield from ip_warnings(str(each), f"spec.clusterIPs[{index}]")
    yield from _externals(spec)
    if spec.get("loadBalancerIP"):
        yield from ip_warnings(spec["loadBalancerIP"], "spec.loadBalancerIP")
    for index, each in enumerate(items_of(spec, "loadBalancerSourceRanges")):
        yield from cidr_warnings(str(each), f"spec.loadBalancerSourceRanges[{index}]")
    outside = spec.get("type") == "ExternalName"
    if outside and spec.get("externalIPs"):
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    if not outside and spec.get("externalName"):
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _externals(spec: Document) -> Iterator[str]:
    headless = spec.get("type") == "ClusterIP" and spec.get("clusterIP") == "None"
    if headless:
        if spec.get("loadBalancerIP"):
            yield "spec.loadBalancerIP is ignored for headless services"
        if spec.get("externalIPs"):
            yield "spec.externalIPs is ignored for headless services"
        if spec.get("sessionAffinity") != "None":
            yield "spec.SessionAffinity is ignored for headless services"
    for index, each in enumerate(items_of(spec, "externalIPs")):
        yield from ip_warnings(str(each), f"spec.externalIPs[{index}]")
    if spec.get("externalIPs") and not headless and spec.get("type") != "ExternalName":
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"


def balanced(new: Document) -> Iterator[str]:
    """The status of a Service or an Ingress."""
    for at, entry in children(part(new, "status", "loadBalancer"), "status.loadBalancer", "ingress"):
        if entry.get("ip"):
            yield from ip_warnings(entry["ip"], at)


def pod_status(new: Document) -> Iterator[str]:
    """The status of a Pod."""
    for name in ("podIPs", "hostIPs"):
        for at, entry in children(part(new, "status"), "status", name):
            yield from ip_warnings(entry.get("ip") or "", f"{at}.ip")


def ingress(new: Document) -> Iterator[str]:
    """A new Ingress."""
    if _INGRESS_CLASS in part(new, "metadata", "annotations") and part(new, "spec").get("ingressClassName") is None:
        yield f"annotation {quote(_INGRESS_CLASS)} is deprecated, please use 'spec.ingressClassName' instead"


def network_policy(new: Document) -> Iterator[str]:
    """A NetworkPolicy."""
    for rules, peers in (("ingress", "from"), ("egress", "to")):
        for at, rule in children(part(new, "spec"), "spec", rules):
            for place, peer in children(rule, at, peers):
                block = part(peer, "ipBlock")
                yield from cidr_warnings(block.get("cidr") or "", f"{place}.ipBlock.cidr")
                for index, each in enumerate(items_of(block, "except")):
                    yield from cidr_warnings(str(each), f"{place}.ipBlock.except[{index}]")


def endpoints(new: Document) -> Iterator[str]:
    """An Endpoints object; the server's own controller knows what it writes."""
    if part(new, "metadata", "labels").get("endpoints.kubernetes.io/managed-by") == "endpoint-controller":
        return
    for at, subset in children(new, "", "subsets"):
        for kind in ("addresses", "notReadyAddresses"):
            for place, address in children(subset, at.lstrip("."), kind):
                yield from ip_warnings(address.get("ip") or "", f"{place}.ip")


def endpoint_slice(new: Document, old: Document | None) -> list[str]:
    """An EndpointSlice; the server's own controllers know what they write."""
    found = (
        ["spec.addressType: FQDN endpoints are deprecated"] if new.get("addressType") == "FQDN" and old is None else []
    )
    if part(new, "metadata", "labels").get(_MANAGED) in _CONTROLLERS:
        return found
    for at, endpoint in children(new, "", "endpoints"):
        for index, each in enumerate(items_of(endpoint, "addresses")):
            found += ip_warnings(str(each), f"{at.lstrip('.')}.addresses[{index}]")
    return found
