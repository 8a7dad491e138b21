"""What is wrong with Services, Endpoints and EndpointSlices, and what may not change in them.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.cluster_ips import cluster_ips
from fairlead.apiserver.rules.containers import PROTOCOLS
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    children,
    chosen,
    duplicate,
    fixed,
    forbidden,
    invalid,
    items_of,
    labels,
    named,
    one_of,
    port_number,
    port_number_or_name,
    required,
    too_many,
)
from fairlead.apiserver.rules.ip_texts import address_of, cidr_text, ip_text, shortest_ip_text
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, label_value, qualified_name

__all__ = ["endpoint_slice", "endpoints", "service"]

_MULTICAST = {4: ip_network("224.0.0.0/24"), 6: ip_network("ff02::/16")}
_MOST, _MOST_ENDPOINTS, _MOST_PORTS, _MOST_HINTS = 100, 1000, 20_000, 8
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_MODE, _HINTS = "service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"
_TRAFFIC = ("Cluster", "Local")
_LONGEST_AFFINITY = 86400


def service(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Service."""
    spec, before = part(new, "spec"), part(old, "spec")
    kind, headless = spec.get("type"), items_of(spec, "clusterIPs")[:1] == ["None"]
    if old is not None:
        yield from _addresses_kept(spec, before)
    yield from _topology(part(new, "metadata", "annotations"))
    if not parts(spec, "ports") and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if headless and kind in {"LoadBalancer", "NodePort"}:
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        yield from _external_name(spec)
    yield from _ports(spec)
    yield from labels(spec.get("selector"), "spec.selector")
    yield from _affinity(spec)
    if kind != "ExternalName":
        yield from cluster_ips(spec)
    for index, address in enumerate(items_of(spec, "externalIPs")):
        yield from _external_ip(str(address), f"spec.externalIPs[{index}]")
    yield from chosen(kind, _TYPES, "spec.type")
    yield from _port_numbers(spec, kind)
    yield from _balancer(new, kind)
    yield from _traffic(spec, kind)


def _topology(annotations: Document) -> Iterator[Cause]:
    """The two names of one annotation."""
    mode, hints = annotations.get(_MODE), annotations.get(_HINTS)
    if mode is not None and hints is not None and mode != hints:
        text = f"must match annotations[{_HINTS}] when both are specified"
        yield invalid(f"metadata.annotations[{_MODE}]", mode, text)


def _external_name(spec: Document) -> Iterator[Cause]:
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(name):
            yield forbidden(f"spec.{name}", "may not be set for ExternalName services")
    name = (spec.get("externalName") or "").removesuffix(".")
    if name:
        yield from named(dns1123_subdomain, name, "spec.externalName")
    else:
        yield required("spec.externalName")


def _ports(spec: Document) -> Iterator[Cause]:
    several, seen = len(parts(spec, "ports")) > 1, set[str]()
    for at, port in children(spec, "spec", "ports"):
        name = port.get("name") or ""
        if name:
            yield from named(dns1123_label, name, f"{at}.name")
            if name in seen:
                yield duplicate(f"{at}.name", name)
            seen.add(name)
        elif several:
            yield required(f"{at}.name")
        yield from port_number(port.get("port"), f"{at}.port")
        yield from chosen(port.get("protocol"), PROTOCOLS, f"{at}.protocol")
        yield from port_number_or_name(port.get("targetPort", 0), f"{at}.targetPort")
        if port.get("appProtocol") is not None:
            yield from named(qualified_name, port["appProtocol"], f"{at}.appProtocol")


def _port_numbers(spec: Document, kind: str | None) -> Iterator[Cause]:
    if kind == "ClusterIP":
        for at, port in children(spec, "spec", "ports"):
            if port.get("nodePort"):
                yield forbidden(f"{at}.nodePort", "may not be used when `type` is 'ClusterIP'")
    taken: set[tuple[str, int]] = set()
    for at, port in children(spec, "spec", "ports"):
        number = port.get("nodePort")
        if number:
            if (port.get("protocol", ""), number) in taken:
                yield duplicate(f"{at}.nodePort", number)
            taken.add((port.get("protocol", ""), number))
    served: set[tuple[str, int]] = set()
    for at, port in children(spec, "spec", "ports"):
        pair = (port.get("protocol") or "", port.get("port") or 0)
        if pair in served:
            shown = {
                "Name": "",
                "Protocol": pair[0],
                "AppProtocol": None,
                "Port": pair[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            yield duplicate(at, shown)
        served.add(pair)


def _affinity(spec: Document) -> Iterator[Cause]:
    kind = spec.get("sessionAffinity")
    yield from chosen(kind, ("ClientIP", "None"), "spec.sessionAffinity")
    config = spec.get("sessionAffinityConfig")
    if kind == "ClientIP":
        seconds = part(config, "clientIP").get("timeoutSeconds")
        if isinstance(seconds, int) and not 0 < seconds <= _LONGEST_AFFINITY:
            text = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            yield invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, text)
    elif kind == "None" and config is not None:
        yield forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")


def _addresses_kept(spec: Document, before: Document) -> Iterator[Cause]:
    if "ExternalName" in {spec.get("type"), before.get("type")}:
        return
    old, new = items_of(before, "clusterIPs"), items_of(spec, "clusterIPs")
    if old and new and old[0] != new[0]:
        yield invalid("spec.clusterIPs[0]", new, "may not change once set")
    elif old and not new:
        yield invalid("spec.clusterIPs[0]", new or None, "primary clusterIP can not be unset")
    families = items_of(before, "ipFamilies"), items_of(spec, "ipFamilies")
    if families[0] and families[1] and families[0][0] != families[1][0]:
        yield invalid("spec.ipFamilies[0]", families[1], "may not change once set")
    classes = before.get("loadBalancerClass"), spec.get("loadBalancerClass")
    if {spec.get("type"), before.get("type")} == {"LoadBalancer"} and classes[0] != classes[1]:
        yield invalid("spec.loadBalancerClass", classes[1], "may not change once set")
    ports = before.get("healthCheckNodePort"), spec.get("healthCheckNodePort")
    if all(ports) and ports[0] != ports[1]:
        yield forbidden("spec.healthCheckNodePort", IMMUTABLE)


def _balancer(new: Document, kind: str | None) -> Iterator[Cause]:
    at, spec = "spec.LoadBalancerSourceRanges", part(new, "spec")
    ranges = items_of(spec, "loadBalancerSourceRanges")
    if ranges and kind != "LoadBalancer":
        yield forbidden(at, "may only be used when `type` is 'LoadBalancer'")
    for index, found in enumerate(ranges):
        yield from cidr_text(str(found).strip(), f"{at}[{index}]")
    said = part(new, "metadata", "annotations").get(_RANGES)
    if not ranges and said is not None:
        yield from _annotated_ranges(said, kind, f"metadata.annotations[{_RANGES}]")
    if spec.get("allocateLoadBalancerNodePorts") is not None and kind != "LoadBalancer":
        yield forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'")
    if spec.get("loadBalancerClass") is not None and kind != "LoadBalancer":
        yield forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")
    elif spec.get("loadBalancerClass") is not None:
        yield from named(qualified_name, spec["loadBalancerClass"], "spec.loadBalancerClass")


def _annotated_ranges(said: str, kind: str | None, path: str) -> Iterator[Cause]:
    if kind != "LoadBalancer":
        yield forbidden(path, "may only be used when `type` is 'LoadBalancer'")
    for each in said.strip().split(",") if said.strip() else ():
        yield from cidr_text(each.strip(), path)


def _traffic(spec: Document, kind: str | None) -> Iterator[Cause]:
    outside = kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    policy, inner = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    if not outside:
        if policy:
            text = "may only be set for externally-accessible services"
            yield invalid("spec.externalTrafficPolicy", policy, text)
    else:
        yield from chosen(policy, _TRAFFIC, "spec.externalTrafficPolicy")
    port = spec.get("healthCheckNodePort")
    if kind == "LoadBalancer" and policy == "Local":
        if port:
            yield from port_number(port, "spec.healthCheckNodePort")
    elif port:
        text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid("spec.healthCheckNodePort", port, text)
    yield from one_of(inner, _TRAFFIC, "spec.internalTrafficPolicy")
    known = ("PreferClose", "PreferSameZone", "PreferSameNode")
    yield from one_of(spec.get("trafficDistribution"), known, "spec.trafficDistribution")


def _external_ip(value: str, path: str) -> Iterator[Cause]:
    yield from list(ip_text(value, path)) or _endpoint_ip(value, path)


def _endpoint_ip(value: str, path: str) -> Iterator[Cause]:
    """An address that traffic can be sent to."""
    address = address_of(value)
    if address is None:
        yield invalid(path, value, "must be a valid IP address")
        return
    if address.is_unspecified:
        yield invalid(path, value, f"may not be unspecified ({value})")
    if address.is_loopback:
        yield invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if address.is_link_local:
        yield invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if address in _MULTICAST[address.version]:
        yield invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


# -- endpoints


def endpoints(new: Document, old: Document | None) -> Iterator[Cause]:
    """An Endpoints object."""
    del old
    for at, subset in children(new, "", "subsets"):
        path = at.lstrip(".")
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield required(path, "must specify `addresses` or `notReadyAddresses`")
        for kind in ("addresses", "notReadyAddresses"):
            for place, address in children(subset, path, kind):
                yield from _endpoint_address(address, place)
        several = len(parts(subset, "ports")) > 1
        for place, port in children(subset, path, "ports"):
            yield from _endpoint_port(port, place, several=several)


def _endpoint_address(address: Document, path: str) -> Iterator[Cause]:
    found = address.get("ip") or ""
    yield from ip_text(found, f"{path}.ip")
    if address.get("hostname"):
        yield from named(dns1123_label, address["hostname"], f"{path}.hostname")
    if address.get("nodeName") is not None:
        yield from named(dns1123_subdomain, address["nodeName"], f"{path}.nodeName")
    yield from _endpoint_ip(found, f"{path}.ip")


def _endpoint_port(port: Document, path: str, *, several: bool) -> Iterator[Cause]:
    if port.get("name"):
        yield from named(dns1123_label, port["name"], f"{path}.name")
    elif several:
        yield required(f"{path}.name")
    yield from port_number(port.get("port"), f"{path}.port")
    yield from chosen(port.get("protocol"), PROTOCOLS, f"{path}.protocol")
    if port.get("appProtocol") is not None:
        yield from named(qualified_name, port["appProtocol"], f"{path}.appProtocol")


def endpoint_slice(new: Document, old: Document | None) -> Iterator[Cause]:
    """An EndpointSlice."""
    kind = new.get("addressType")
    yield from _slice_ports(new)
    many = len(parts(new, "endpoints"))
    if many > _MOST_ENDPOINTS:
        yield too_many("endpoints", many, _MOST_ENDPOINTS)
    elif old is None or new.get("endpoints") != old.get("endpoints"):
        for at, endpoint in children(new, "", "endpoints"):
            yield from _slice_addresses(endpoint, kind, at.lstrip("."))
    yield from chosen(kind, ("FQDN", "IPv4", "IPv6"), "addressType")
    for at, endpoint in children(new, "", "endpoints"):
        count = len(items_of(endpoint, "addresses"))
        if not count:
            yield required(f"{at.lstrip('.')}.addresses")
        elif count > _MOST:
            yield too_many(f"{at.lstrip('.')}.addresses", count, _MOST)
    if old is not None:
        yield from fixed(kind, old.get("addressType"), "addressType")


def _slice_ports(new: Document) -> Iterator[Cause]:
    names: set[str] = set()
    count = len(parts(new, "ports"))
    if count > _MOST_PORTS:
        yield too_many("ports", count, _MOST_PORTS)
        return
    for at, port in children(new, "", "ports"):
        path, name = at.lstrip("."), port.get("name") or ""
        if name:
            yield from named(dns1123_label, name, f"{path}.name")
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
        yield from chosen(port.get("protocol"), PROTOCOLS, f"{path}.protocol")
        if port.get("appProtocol") is not None:
            yield from named(qualified_name, port["appProtocol"], f"{path}.appProtocol")


def _slice_addresses(endpoint: Document, kind: str | None, path: str) -> Iterator[Cause]:
    for index, value in enumerate(items_of(endpoint, "addresses")):
        at = f"{path}.addresses[{index}]"
        if kind in {"IPv4", "IPv6"}:
            wrong = list((ip_text if kind == "IPv4" else shortest_ip_text)(str(value), at))
            yield from wrong
            address = address_of(value)
            if not wrong and address is not None:
                if address.version != int(kind[-1]):
                    yield invalid(f"{path}.addresses", value, f"must be an {kind} address")
                yield from _endpoint_ip(str(value), at)
        elif kind == "FQDN":
            yield from _full_name(str(value), at)
    if endpoint.get("nodeName") is not None:
        yield from named(dns1123_subdomain, endpoint["nodeName"], f"{path}.nodeName")
    if endpoint.get("hostname") is not None:
        yield from named(dns1123_label, endpoint["hostname"], f"{path}.hostname")
    yield from _hints(part(endpoint, "hints"), f"{path}.hints")


def _full_name(name: str, path: str) -> Iterator[Cause]:
    plain = name.removesuffix(".")
    if not name:
        yield required(path)
        return
    wrong = next((label for label in plain.split(".") if dns1123_label(label)), "")
    if dns1123_subdomain(plain):
        yield invalid(path, plain, ",".join(dns1123_subdomain(plain)))
    elif "." not in plain:
        yield invalid(path, plain, "should be a domain with at least two segments separated by dots")
    elif wrong:
        yield invalid(path, wrong, ",".join(dns1123_label(wrong)))


def _hints(hints: Document, path: str) -> Iterator[Cause]:
    for kind, rule in (("forZones", label_value), ("forNodes", dns1123_subdomain)):
        seen: set[str] = set()
        if len(parts(hints, kind)) > _MOST_HINTS:
            yield too_many(f"{path}.{kind}", len(parts(hints, kind)), _MOST_HINTS)
            continue
        for at, hint in children(hints, path, kind):
            name = hint.get("name") or ""
            if name in seen:
                yield duplicate(f"{at}.name", name)
            seen.add(name)
            yield from named(rule, name, f"{at}.name")
