"""Addresses and node ports of Services, as kube-apiserver hands them out, keeps them and takes them back.

https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import count
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.documents import Document, listed, part, parts
from fairlead.apiserver.rules.cluster_ips import cluster_ips
from fairlead.apiserver.rules.faults import invalid
from fairlead.apiserver.rules.ip_texts import address_of
from fairlead.apiserver.storage import Collection
from fairlead.machinery.causes import Cause

__all__ = ["allocate", "reallocate", "settle"]

#: That of a server which is told nothing of it. When it is full, addresses beyond are handed out, where that one gives up.
_NETWORK, _BEYOND = IPv4Network("10.0.0.0/24"), IPv4Network("10.0.0.0/16")
#: Addresses below are left to people who choose one themselves.
_DYNAMIC = 16
_NODE_PORTS = range(30000, 32768)
_UNKNOWN_FAMILY = "not configured on this cluster"


def allocate(services: Collection, document: Document, *, dry_run: bool = False) -> None:
    """Give a new Service what it needs and does not name itself; in a dry run, placeholders. Raises Refusal (422)."""
    spec = part(document, "spec")
    _align(spec, {})
    _assign(services, document, {}, dry_run=dry_run)


def reallocate(services: Collection, new: Document, old: Document, *, dry_run: bool = False) -> None:
    """Keep what an update does not name, and give out what its type needs now. Raises Refusal (422)."""
    spec, before = part(new, "spec"), part(old, "spec")
    if _needs_address(before) and _needs_address(spec):
        for name in ("clusterIP", "clusterIPs"):
            if not spec.get(name) and before.get(name):
                spec[name] = before[name]
    if _needs_node_ports(before) and _needs_node_ports(spec):
        _keep_node_ports(spec, before)
    if _needs_health_port(before) and _needs_health_port(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before.get("healthCheckNodePort")
    _align(spec, before)
    if "ipFamilyPolicy" not in spec and before.get("ipFamilyPolicy") and _needs_address(spec):
        spec["ipFamilyPolicy"] = before["ipFamilyPolicy"]
    _assign(services, new, before, dry_run=dry_run)


def settle(new: Document, old: Document) -> None:
    """Take out what the new type of a Service has no use for, where the update has left it as it was."""
    spec, before = part(new, "spec"), part(old, "spec")
    if _needs_address(before) and not _needs_address(spec):
        _drop_same(spec, before, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    types = {"NodePort", "LoadBalancer"}
    if before.get("type") in types and spec.get("type") not in types:
        kept = [port.get("nodePort") for port in parts(before, "ports")]
        if [port.get("nodePort") for port in parts(spec, "ports")] == kept:
            for port in parts(spec, "ports"):
                port.pop("nodePort", None)
    if _needs_health_port(before) and not _needs_health_port(spec):
        _drop_same(spec, before, "healthCheckNodePort")
    if before.get("type") == "LoadBalancer" != spec.get("type"):
        _drop_same(spec, before, "allocateLoadBalancerNodePorts", "loadBalancerClass")
    if _reachable(before) and not _reachable(spec):
        _drop_same(spec, before, "externalTrafficPolicy")
    if spec.get("type") != "LoadBalancer":
        part(new, "status")["loadBalancer"] = {}


def _drop_same(spec: Document, before: Document, *names: str) -> None:
    for name in names:
        if spec.get(name) == before.get(name):
            spec.pop(name, None)


def _needs_address(spec: Document) -> bool:
    return spec.get("type") in {"ClusterIP", "NodePort", "LoadBalancer"}


def _needs_node_ports(spec: Document) -> bool:
    if spec.get("type") == "NodePort":
        return True
    return spec.get("type") == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False


def _needs_health_port(spec: Document) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _reachable(spec: Document) -> bool:
    return spec.get("type") in {"NodePort", "LoadBalancer"} or bool(
        spec.get("type") == "ClusterIP" and spec.get("externalIPs")
    )


def _align(spec: Document, before: Document) -> None:
    """Bring clusterIP and clusterIPs in line where only one of them was given or changed."""
    first, all_ = spec.get("clusterIP") or "", listed(spec, "clusterIPs")
    if not before:
        if first and not all_:
            spec["clusterIPs"] = [first]
        return
    if first == (before.get("clusterIP") or ""):
        return
    if not first and all_ == listed(before, "clusterIPs"):
        spec.pop("clusterIPs", None)
    elif first and all_ == listed(before, "clusterIPs"):
        spec["clusterIPs"] = [first]


def _assign(services: Collection, document: Document, before: Document, *, dry_run: bool) -> None:
    spec = part(document, "spec")
    if spec.get("type") != "ExternalName":
        _families(spec, document, before)
    if _needs_address(spec) and spec.get("clusterIP") != "None":
        _assign_address(services, document, before, dry_run=dry_run)
    if _needs_node_ports(spec):
        _assign_ports(services, document, before, dry_run=dry_run)
    if _needs_health_port(spec) and not spec.get("healthCheckNodePort"):
        taken = {port.get("nodePort") for port in parts(spec, "ports")}
        spec["healthCheckNodePort"] = next(_free_ports(services, taken, dry_run=dry_run))


def _refuse(document: Document, causes: list[Cause]) -> None:
    if causes:
        raise statuses.invalid("", "Service", part(document, "metadata").get("name", ""), causes)


def _families(spec: Document, document: Document, before: Document) -> None:
    """Fill in the families of addresses. Raises Refusal (422)."""
    # A headless Service without a selector may have endpoints of both families.
    bare = spec.get("clusterIP") == "None" and not spec.get("selector")
    policy = spec.setdefault("ipFamilyPolicy", "RequireDualStack" if bare else "SingleStack")
    _refuse(document, list(cluster_ips(spec)))
    _refuse(document, [*_fewer_families(spec, before), *_too_many_families(spec), *_inferred_families(spec)])
    if bare:
        families = spec.setdefault("ipFamilies", ["IPv4"])
        if len(families) == 1 and policy != "SingleStack":
            spec["ipFamilies"] = [*families, "IPv6" if families == ["IPv4"] else "IPv4"]
        return
    wrong = list[Cause]()
    if policy == "RequireDualStack":
        wrong.append(invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services"))
    for index, family in enumerate(listed(spec, "ipFamilies")):
        if family == "IPv6":
            wrong.append(invalid(f"spec.ipFamilies[{index}]", family, _UNKNOWN_FAMILY))
    _refuse(document, wrong)
    spec.setdefault("ipFamilies", ["IPv4"])


def _fewer_families(spec: Document, before: Document) -> Iterator[Cause]:
    """An update lets go of its second family by asking for one."""
    for name, what in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        old, new = listed(before, name), listed(spec, name)
        if spec["ipFamilyPolicy"] == "SingleStack":
            if old and old == new:
                spec[name] = new[:1]
        elif new and len(new) < len(old):
            text = f"must be 'SingleStack' to release the secondary {what}"
            yield invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], text)


def _too_many_families(spec: Document) -> Iterator[Cause]:
    for name, what in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")):
        if spec["ipFamilyPolicy"] == "SingleStack" and len(listed(spec, name)) == 2:
            text = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            yield invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], text)


def _inferred_families(spec: Document) -> Iterator[Cause]:
    """The families of the addresses that are given."""
    given = listed(spec, "clusterIPs")
    for index, each in enumerate(given):
        address = address_of(str(each))
        if address is None or index < len(listed(spec, "ipFamilies")):
            continue
        if address.version == 6:
            yield invalid(f"spec.clusterIPs[{index}]", given, f"IPv6 is {_UNKNOWN_FAMILY}")
        else:
            spec["ipFamilies"] = [*listed(spec, "ipFamilies"), "IPv4"]


def _assign_address(services: Collection, document: Document, before: Document, *, dry_run: bool) -> None:
    spec = part(document, "spec")
    wanted = spec.get("clusterIP") or ""
    if not wanted:
        spec["clusterIP"] = str(_NETWORK.network_address) if dry_run else _free_address(services)
        spec["clusterIPs"] = [spec["clusterIP"]]
        return
    if before.get("clusterIP"):
        # It may not change; the rules of services say so.
        return
    try:
        address = IPv4Address(wanted)
    except ValueError:
        return
    why = ""
    if address not in _NETWORK:
        why = f"the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {_NETWORK}"
        why = why if dry_run else "the provided network does not match the current range"
    elif not dry_run and wanted in _addresses(services):
        why = "provided IP is already allocated"
    if why:
        text = f"failed to allocate IP {wanted}: {why}"
        _refuse(document, [invalid("spec.clusterIPs", listed(spec, "clusterIPs"), text)])


def _addresses(services: Collection) -> set[str | None]:
    return {entry.fields.get("spec.clusterIP") for entry in services.entries.values()}


def _free_address(services: Collection) -> str:
    taken = _addresses(services)
    # As good as random, and the same every time: the next one that was not handed out lately.
    for network in (_NETWORK, _BEYOND):
        usable = network.num_addresses - _DYNAMIC - 2
        for offset in range(usable):
            address = str(network[_DYNAMIC + 1 + (len(taken) + offset) % usable])
            if address not in taken:
                return address
    raise statuses.internal("failed to allocate a serviceIP: range is full")


# -- ports


def _used_ports(services: Collection) -> set[Any]:
    found: set[Any] = set()
    for entry in services.entries.values():
        if entry.fields.get("spec.type") in {"NodePort", "LoadBalancer"}:
            spec = entry.decode()["spec"]
            found.update(port.get("nodePort") for port in parts(spec, "ports"))
            found.add(spec.get("healthCheckNodePort"))
    return found - {None}


def _free_ports(services: Collection, given: set[Any], *, dry_run: bool) -> Iterator[int]:
    if dry_run:
        # None that anybody has: the next after the largest that is there.
        return count(max([_NODE_PORTS[-1], *(given - {None})]) + 1)
    taken = _used_ports(services) | given
    return (number for number in _NODE_PORTS if number not in taken)


def _keep_node_ports(spec: Document, before: Document) -> None:
    old = {port.get("name", ""): port.get("nodePort") for port in parts(before, "ports")}
    kept = {port.get("nodePort") for port in parts(spec, "ports")} & set(old.values())
    for port in parts(spec, "ports"):
        number = old.get(port.get("name", ""))
        if not port.get("nodePort") and number and number not in kept:
            port["nodePort"] = number


def _assign_ports(services: Collection, document: Document, before: Document, *, dry_run: bool) -> None:
    ports = parts(document, "spec", "ports")
    own = {port.get("nodePort") for port in parts(before, "ports")}
    given = {port.get("nodePort") for port in ports if port.get("nodePort")}
    taken = _used_ports(services) - own
    free = _free_ports(services, given | own, dry_run=dry_run)
    by_number: dict[int, int] = {}
    for index, port in enumerate(ports):
        # The same port over two protocols gets one number, that of whichever names one.
        served, wanted = port.get("port", 0), port.get("nodePort") or 0
        number = wanted or by_number.get(served) or _named_for(served, ports)
        fresh = number not in own and (number not in given or number not in by_number.values())
        if number and by_number.get(served) != number and (fresh or not before):
            why = _refusal_of(number, taken, dry_run=dry_run)
            if why:
                _refuse(document, [invalid(f"spec.ports[{index}].nodePort", number, why)])
            taken.add(number)
        port["nodePort"] = number or next(free)
        by_number.setdefault(served, port["nodePort"])


def _named_for(served: int, ports: list[Document]) -> int:
    return next((port["nodePort"] for port in ports if port.get("port") == served and port.get("nodePort")), 0)


def _refusal_of(number: int, taken: set[Any], *, dry_run: bool) -> str:
    """Why a node port cannot be had; empty where it can."""
    if number not in _NODE_PORTS and not dry_run:
        return "provided port is not in the valid range. The range of valid ports is 30000-32767"
    return "provided port is already allocated" if number in taken else ""
