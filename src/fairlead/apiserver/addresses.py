"""Addresses and node ports of Services, as kube-apiserver hands them out.

https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from fairlead.apiserver.storage import Collection

__all__ = ["assign"]

_NETWORK = IPv4Network("10.96.0.0/16")
_NODE_PORTS = range(30000, 32768)


def assign(services: Collection, document: dict[str, Any]) -> None:
    """Give a new Service what it needs and does not name itself."""
    spec = document["spec"]
    if spec.get("type") == "ExternalName":
        return
    # A headless Service without a selector may have endpoints of both families.
    dual = spec.get("clusterIP") == "None" and not spec.get("selector")
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if dual else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if dual else "SingleStack")
    if not spec.get("clusterIP"):
        listed = spec.get("clusterIPs") or [_free_address(services)]
        spec["clusterIP"] = listed[0]
    spec["clusterIPs"] = spec.get("clusterIPs") or [spec["clusterIP"]]
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        _assign_ports(services, spec)


def _free_address(services: Collection) -> str:
    taken = {entry.fields.get("spec.clusterIP") for entry in services.entries.values()}
    # The lower part of the range is left to addresses that people choose.
    start = 256 + len(taken)
    for offset in range(_NETWORK.num_addresses - 258):
        address = str(_NETWORK[256 + (start + offset) % (_NETWORK.num_addresses - 258)])
        if address not in taken:
            return address
    return ""


def _assign_ports(services: Collection, spec: dict[str, Any]) -> None:
    taken = {
        port.get("nodePort")
        for entry in services.entries.values()
        if entry.fields.get("spec.type") in {"NodePort", "LoadBalancer"}
        for port in entry.decode()["spec"].get("ports") or ()
    }
    free = (number for number in _NODE_PORTS if number not in taken)
    for port in spec.get("ports") or ():
        if not port.get("nodePort"):
            port["nodePort"] = next(free, None)
