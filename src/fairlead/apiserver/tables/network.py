"""The cells of services, ingresses and what stands behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fairlead.apiserver.tables.cells import (
    age,
    dig,
    items,
    label_selector,
    labels,
    mapping,
    number,
    shortened,
    text,
)

__all__ = [
    "endpoint_slice",
    "endpoints",
    "ingress",
    "ingress_class",
    "ip_address",
    "network_policy",
    "service",
    "service_cidr",
]


def _balancer(obj: dict[str, Any]) -> str:
    entries = items(obj, "status.loadBalancer.ingress")
    return ",".join(sorted({text(entry, "ip") or text(entry, "hostname") for entry in entries} - {""}))


def _external_ip(obj: dict[str, Any]) -> str:
    kind, own = text(obj, "spec.type"), list(dig(obj, "spec.externalIPs") or ())
    if kind == "ExternalName":
        return text(obj, "spec.externalName")
    if kind == "LoadBalancer":
        return ",".join([*filter(None, [_balancer(obj)]), *own]) or "<pending>"
    return ",".join(own) or "<none>" if kind in {"ClusterIP", "NodePort"} else "<unknown>"


def _port(entry: dict[str, Any]) -> str:
    node = number(entry, "nodePort")
    return f"{number(entry, 'port')}{f':{node}' if node else ''}/{text(entry, 'protocol')}"


def service(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Type to Age, and the selector."""
    ports = [_port(entry) for entry in items(obj, "spec.ports")]
    return [
        text(obj, "spec.type"),
        next(iter(dig(obj, "spec.clusterIPs") or ()), "<none>"),
        _external_ip(obj),
        ",".join(ports) or "<none>",
        age(obj, now),
        labels(mapping(obj, "spec.selector")),
    ]


def ingress(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Class to Age."""
    rules = items(obj, "spec.rules")
    hosts = ",".join(text(rule, "host") for rule in rules[:3] if rule.get("host"))
    more = f" + {len(rules) - 3} more..." if hosts and len(rules) > 3 else ""
    ports = "80, 443" if items(obj, "spec.tls") else "80"
    return [text(obj, "spec.ingressClassName", "<none>"), (hosts or "*") + more, _balancer(obj), ports, age(obj, now)]


def ingress_class(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Name (the default class is marked) to Age."""
    default = mapping(obj, "metadata.annotations").get("ingressclass.kubernetes.io/is-default-class") == "true"
    parameters = mapping(obj, "spec.parameters")
    group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") is not None else ""
    written = f"{text(parameters, 'kind')}{group}/{text(parameters, 'name')}" if parameters else "<none>"
    name = text(obj, "metadata.name") + (" (default)" if default else "")
    return [name, text(obj, "spec.controller"), written, age(obj, now)]


def endpoints(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The first three addresses, and the age."""
    shown: list[str] = []
    for subset in items(obj, "subsets"):
        addresses = [text(address, "ip") for address in items(subset, "addresses")]
        ports = [f":{number(port, 'port')}" for port in items(subset, "ports")] or [""]
        shown += [
            f"[{address}]{port}" if port and ":" in address else address + port
            for port in ports
            for address in addresses
        ]
    return [shortened(shown, 3, empty="" if items(obj, "subsets") else "<none>"), age(obj, now)]


def endpoint_slice(obj: dict[str, Any], now: datetime) -> list[Any]:
    """AddressType to Age."""
    ports = [str(dig(port, "port") or dig(port, "name") or "*") for port in items(obj, "ports")]
    addresses = [str(address) for entry in items(obj, "endpoints") for address in dig(entry, "addresses") or ()]
    return [text(obj, "addressType"), shortened(ports, 3), shortened(addresses, 3), age(obj, now)]


def service_cidr(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The ranges, and the age."""
    return [",".join(dig(obj, "spec.cidrs") or ()), age(obj, now)]


def network_policy(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The pod selector, and the age."""
    return [label_selector(mapping(obj, "spec.podSelector")), age(obj, now)]


def ip_address(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The object it was given to, and the age, for which the server has no column."""
    parent = mapping(obj, "spec.parentRef")
    group = f".{text(parent, 'group')}" if text(parent, "group") else ""
    path = [text(parent, "resource") + group, text(parent, "namespace"), text(parent, "name")]
    return ["/".join(filter(None, path)) if parent else "<none>", age(obj, now)]
