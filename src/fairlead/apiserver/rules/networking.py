"""What is wrong with Ingresses and NetworkPolicies.

https://kubernetes.io/docs/concepts/services-networking/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    domain_path,
    forbidden,
    immutable,
    invalid,
    items_of,
    named,
    not_supported,
    port_name,
    port_number,
    required,
    selector,
    too_long,
)
from fairlead.apiserver.rules.ip_texts import address_of, cidr_text, range_of
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, path_segment_name

__all__ = ["ingress", "ingress_class", "network_policy"]

_LONGEST_CONTROLLER = 250
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_SUFFIXES = ("/..", "/.")
_WILDCARD = r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower "
    "case alphanumeric characters, '-' or '.' and end with an alphanumeric character "
    f"(e.g. '*.example.com', regex used for validation is '{_WILDCARD}')"
)
_ANNOTATION = "kubernetes.io/ingress.class"


def ingress(new: Document, old: Document | None) -> Iterator[Cause]:
    """An Ingress."""
    spec = part(new, "spec")
    if not parts(spec, "rules") and "defaultBackend" not in spec:
        yield invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    if "defaultBackend" in spec:
        yield from _backend(part(spec, "defaultBackend"), "spec.defaultBackend")
    for at, rule in children(spec, "spec", "rules"):
        yield from _host(rule.get("host") or "", f"{at}.host", plain=True)
        if isinstance(rule.get("http"), dict):
            yield from _paths(part(rule, "http"), f"{at}.http")
    for at, secured in children(spec, "spec", "tls"):
        for index, host in enumerate(items_of(secured, "hosts")):
            yield from _host(str(host), f"{at}.hosts[{index}]", plain=False)
        if secured.get("secretName"):
            yield from named(dns1123_subdomain, secured["secretName"], f"{at}.secretName")
    name = spec.get("ingressClassName")
    if name is not None:
        yield from named(dns1123_subdomain, name, "spec.ingressClassName")
    annotated = part(new, "metadata", "annotations").get(_ANNOTATION)
    if old is None and annotated is not None and name is not None and annotated != name:
        text = "must match `ingressClassName` when both are specified"
        yield invalid(f"annotations.{_ANNOTATION}", annotated, text)


def _host(host: str, path: str, *, plain: bool) -> Iterator[Cause]:
    import re  # noqa: PLC0415 - only ingresses need it

    if not host and plain:
        return
    if plain and address_of(host) is not None:
        yield invalid(path, host, "must be a DNS name, not an IP address")
    if "*" in host:
        if not re.fullmatch(_WILDCARD, host):
            yield invalid(path, host, _WILDCARD_TEXT)
    else:
        yield from named(dns1123_subdomain, host, path)


def _paths(http: Document, path: str) -> Iterator[Cause]:
    if not parts(http, "paths"):
        yield required(f"{path}.paths")
    for at, found in children(http, path, "paths"):
        kind, written = found.get("pathType"), found.get("path") or ""
        if kind is None:
            yield required(f"{at}.pathType", "pathType must be specified")
            continue
        if kind not in _PATH_TYPES:
            yield not_supported(f"{at}.pathType", kind, _PATH_TYPES)
        elif not written.startswith("/") and (written or kind != "ImplementationSpecific"):
            yield invalid(f"{at}.path", written, "must be an absolute path")
        if kind in {"Exact", "Prefix"}:
            for sequence in (each for each in _SEQUENCES if each in written):
                yield invalid(f"{at}.path", written, f"must not contain '{sequence}'")
            for suffix in (each for each in _SUFFIXES if written.endswith(each)):
                yield invalid(f"{at}.path", written, f"cannot end with '{suffix}'")
        yield from _backend(part(found, "backend"), f"{at}.backend")


def _backend(backend: Document, path: str) -> Iterator[Cause]:
    if "resource" in backend and "service" in backend:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif "resource" in backend:
        yield from _typed_reference(part(backend, "resource"), f"{path}.resource")
    elif "service" in backend:
        yield from _service(part(backend, "service"), path)
    else:
        yield invalid(path, "", "resource or service backend is required")


def _service(service: Document, path: str) -> Iterator[Cause]:
    if not service.get("name"):
        yield required(f"{path}.service.name")
    else:
        yield from named(dns1123_label, service["name"], f"{path}.service.name")
    name, number = part(service, "port").get("name"), part(service, "port").get("number")
    if name and number:
        yield invalid(path, "", "cannot set both port name & port number")
    elif name:
        yield from named(port_name, name, f"{path}.service.port.name")
    elif number:
        yield from port_number(number, f"{path}.service.port.number")
    else:
        yield required(path, "port name or number is required")


def ingress_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """An IngressClass."""
    controller = part(new, "spec").get("controller") or ""
    if old is not None:
        yield from immutable(controller, part(old, "spec").get("controller"), "spec.controller")
    if len(controller) > _LONGEST_CONTROLLER:
        yield too_long("spec.controller", _LONGEST_CONTROLLER)
    yield from domain_path(controller, "spec.controller")
    parameters = part(new, "spec").get("parameters")
    if isinstance(parameters, dict):
        yield from _parameters(part(new, "spec", "parameters"), "spec.parameters")


def _typed_reference(reference: Document, path: str) -> Iterator[Cause]:
    """A reference to an object of any type: group, kind and name."""
    if reference.get("apiGroup") is not None:
        yield from named(dns1123_subdomain, reference["apiGroup"], f"{path}.apiGroup")
    for name in ("kind", "name"):
        if not reference.get(name):
            yield required(f"{path}.{name}")
        else:
            yield from named(path_segment_name, reference[name], f"{path}.{name}")


def _parameters(reference: Document, path: str) -> Iterator[Cause]:
    yield from _typed_reference(reference, path)
    scope, namespace = reference.get("scope"), reference.get("namespace")
    if scope not in {"Cluster", "Namespace"}:
        yield not_supported(f"{path}.scope", scope or "", ("Cluster", "Namespace"))
    elif scope == "Namespace" and namespace is None:
        yield required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        yield from named(dns1123_label, str(namespace), f"{path}.namespace")
    elif namespace is not None:
        yield forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'")


def network_policy(new: Document, old: Document | None) -> Iterator[Cause]:
    """A NetworkPolicy."""
    del old
    spec = part(new, "spec")
    yield from selector(spec.get("podSelector"), "spec.podSelector")
    for rules, peers in (("ingress", "from"), ("egress", "to")):
        for at, rule in children(spec, "spec", rules):
            for place, port in children(rule, at, "ports"):
                yield from _port(port, place)
            for place, peer in children(rule, at, peers):
                yield from _peer(peer, place)
    kinds = items_of(spec, "policyTypes")
    if len(kinds) > 2:
        yield invalid("spec.policyTypes", kinds, "may not specify more than two policyTypes")
        return
    for index, kind in enumerate(kinds):
        if kind not in {"Ingress", "Egress"}:
            yield not_supported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))


def _port(port: Document, path: str) -> Iterator[Cause]:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol not in {None, "TCP", "UDP", "SCTP"}:
        yield not_supported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    if isinstance(number, str):
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        yield from named(port_name, number, f"{path}.port")
    elif number is not None:
        yield from port_number(number, f"{path}.port")
        if end is not None:
            if end < number:
                yield invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")
            yield from port_number(end, f"{path}.endPort")
    elif end is not None:
        yield invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")


def _peer(peer: Document, path: str) -> Iterator[Cause]:
    for name in ("podSelector", "namespaceSelector"):
        yield from selector(peer.get(name), f"{path}.{name}")
    block = peer.get("ipBlock")
    if isinstance(block, dict):
        yield from _block(part(peer, "ipBlock"), f"{path}.ipBlock")
    kinds = [name for name in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(name) is not None]
    if not kinds:
        yield required(path, "must specify a peer")
    elif len(kinds) > 1 and block is not None:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block(block: Document, path: str) -> Iterator[Cause]:
    whole = block.get("cidr") or ""
    if not whole:
        yield required(f"{path}.cidr")
        return
    yield from cidr_text(whole, f"{path}.cidr")
    outer = range_of(whole)
    if outer is None:
        return
    for index, found in enumerate(items_of(block, "except")):
        at = f"{path}.except[{index}]"
        yield from cidr_text(str(found), at)
        inner = range_of(str(found))
        if inner is None:
            continue
        if inner.version != outer.version or inner == outer or not inner.subnet_of(outer):  # type: ignore[arg-type]
            yield invalid(at, found, "must be a strict subset of `cidr`")
