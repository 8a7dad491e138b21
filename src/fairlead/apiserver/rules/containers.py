"""What is wrong with containers.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.env import environment
from fairlead.apiserver.rules.faults import (
    children,
    chosen,
    duplicate,
    forbidden,
    invalid,
    items_of,
    named,
    no_spaces,
    not_found,
    not_supported,
    port_name,
    port_number,
    port_number_or_name,
    required,
    unsigned,
)
from fairlead.apiserver.rules.pod_claims import claim_names, resize_policies, restart_rules, used_claims
from fairlead.apiserver.rules.resources import requirements
from fairlead.apiserver.rules.security import container_security
from fairlead.apiserver.rules.volumes import devices, mounts
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label

__all__ = ["PROTOCOLS", "containers"]

PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULLS = ("Always", "IfNotPresent", "Never")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_EPHEMERAL_LACKS = (
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
)
_NOT_LATER = "cannot be set for an Ephemeral Container"
_NOT_ALWAYS = "may not be set for init containers without restartPolicy=Always"

_Volumes = Mapping[str, Document]


def containers(spec: Document, path: str, volumes: _Volumes) -> Iterator[Cause]:
    """All containers of a pod: the usual ones, those that go before, and those that are added later."""
    if not parts(spec, "containers"):
        yield required(f"{path}.containers")
    yield from _usual(spec, path, volumes)
    yield from _initial(spec, path, volumes)
    yield from _ephemeral(spec, path, volumes)


def _usual(spec: Document, path: str, volumes: _Volumes) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, container in children(spec, path, "containers"):
        yield from _container(container, at, volumes, spec)
        name = container.get("name") or ""
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        yield from _running(container, at, spec)
        yield from restart_rules(container, at)
    yield from _host_ports(parts(spec, "containers"), f"{path}.containers")


def _running(container: Document, path: str, spec: Document) -> Iterator[Cause]:
    """What only a container has that goes on running."""
    for name in ("postStart", "preStop"):
        handler = part(container, "lifecycle").get(name)
        if isinstance(handler, dict):
            yield from _handler(part(container, "lifecycle", name), f"{path}.lifecycle.{name}", spec)
    for name in _PROBES:
        if isinstance(container.get(name), dict):
            yield from _probe(part(container, name), f"{path}.{name}", spec, readiness=name == "readinessProbe")


def _initial(spec: Document, path: str, volumes: _Volumes) -> Iterator[Cause]:
    seen = {container.get("name") or "" for container in parts(spec, "containers")}
    for at, container in children(spec, path, "initContainers"):
        yield from _container(container, at, volumes, spec)
        yield from restart_rules(container, at)
        name = container.get("name") or ""
        if name in seen:
            yield duplicate(f"{at}.name", name)
        elif name:
            seen.add(name)
        yield from _host_ports([container], f"{path}.initContainers")
        if container.get("restartPolicy") == "Always":
            yield from _running(container, at, spec)
            continue
        for place, policy in children(container, at, "resizePolicy"):
            if policy.get("restartPolicy") == "RestartContainer":
                text = "must not be set to 'RestartContainer' for non-sidecar initContainers"
                yield invalid(f"{place}.restartPolicy", "RestartContainer", text)
        for field in ("lifecycle", *_PROBES):
            if container.get(field) is not None:
                yield forbidden(f"{at}.{field}", _NOT_ALWAYS)


def _ephemeral(spec: Document, path: str, volumes: _Volumes) -> Iterator[Cause]:
    others = {c.get("name") or "" for name in ("containers", "initContainers") for c in parts(spec, name)}
    seen = set(others)
    for at, container in children(spec, path, "ephemeralContainers"):
        yield from _container(container, at, volumes, spec)
        yield from no_spaces(container.get("image"), f"{at}.image")
        name, target = container.get("name") or "", container.get("targetContainerName")
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        if target and target not in others:
            yield not_found(f"{at}.targetContainerName", target)
        for field in _EPHEMERAL_LACKS:
            if container.get(field):
                yield forbidden(f"{at}.{field}", _NOT_LATER)
        for place, mount in children(container, at, "volumeMounts"):
            for field in ("subPath", "subPathExpr"):
                if mount.get(field):
                    yield forbidden(f"{place}.{field}", _NOT_LATER)


def _container(container: Document, path: str, volumes: _Volumes, spec: Document) -> Iterator[Cause]:
    name = container.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    else:
        yield from named(dns1123_label, name, f"{path}.name")
    if not container.get("image"):
        yield required(f"{path}.image")
    policy = container.get("terminationMessagePolicy")
    yield from chosen(policy, ("File", "FallbackToLogsOnError"), f"{path}.terminationMessagePolicy")
    yield from _ports(container, path)
    yield from environment(container, path)
    yield from mounts(container, path, volumes)
    yield from devices(container, path, volumes)
    yield from chosen(container.get("imagePullPolicy"), _PULLS, f"{path}.imagePullPolicy")
    resources = part(container, "resources")
    yield from requirements(resources, f"{path}.resources")
    yield from used_claims(resources, f"{path}.resources", claim_names(spec))
    yield from resize_policies(container, path, spec.get("restartPolicy"))
    host_users = spec.get("hostUsers") is not False
    yield from container_security(container, f"{path}.securityContext", host_users=host_users)


def _ports(container: Document, path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for at, port in children(container, path, "ports"):
        name = port.get("name") or ""
        wrong = list(named(port_name, name, f"{at}.name")) if name else []
        yield from wrong
        if name and not wrong:
            if name in names:
                yield duplicate(f"{at}.name", name)
            names.add(name)
        if not port.get("containerPort"):
            yield required(f"{at}.containerPort")
        else:
            yield from port_number(port["containerPort"], f"{at}.containerPort")
        if port.get("hostPort"):
            yield from port_number(port["hostPort"], f"{at}.hostPort")
        yield from chosen(port.get("protocol"), PROTOCOLS, f"{at}.protocol")


def _host_ports(found: list[Document], path: str) -> Iterator[Cause]:
    taken: set[str] = set()
    for index, container in enumerate(found):
        for at, port in children(container, f"{path}[{index}]", "ports"):
            number = port.get("hostPort")
            if not number:
                continue
            shown = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{number}"
            if shown in taken:
                yield duplicate(f"{at}.hostPort", shown)
            taken.add(shown)


# -- probes and hooks


def _probe(probe: Document, path: str, spec: Document, *, readiness: bool) -> Iterator[Cause]:
    yield from _handler(probe, path, spec)
    for name in _COUNTS:
        yield from unsigned(probe.get(name), f"{path}.{name}")
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if readiness:
        if grace is not None:
            yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes")
    elif probe.get("successThreshold") != 1:
        yield invalid(f"{path}.successThreshold", probe.get("successThreshold") or 0, "must be 1")


def _handler(holder: Document, path: str, spec: Document) -> Iterator[Cause]:
    kinds = [kind for kind in _HANDLERS if isinstance(holder.get(kind), dict)]
    for kind in kinds[:1]:
        yield from _action(kind, part(holder, kind), f"{path}.{kind}", spec)
    for kind in kinds[1:]:
        yield forbidden(f"{path}.{kind}", "may not specify more than 1 handler type")
    if not kinds:
        yield required(path, "must specify a handler type")


def _action(kind: str, action: Document, path: str, spec: Document) -> Iterator[Cause]:
    match kind:
        case "exec":
            if not items_of(action, "command"):
                yield required(f"{path}.command")
        case "httpGet":
            if not action.get("path"):
                yield required(f"{path}.path")
            yield from port_number_or_name(action.get("port", 0), f"{path}.port")
            if action.get("scheme") not in {"HTTP", "HTTPS"}:
                yield not_supported(f"{path}.scheme", action.get("scheme") or "", ("HTTP", "HTTPS"))
            for header in parts(action, "httpHeaders"):
                yield from named(_header, header.get("name") or "", f"{path}.httpHeaders")
        case "sleep":
            seconds, grace = action.get("seconds") or 0, spec.get("terminationGracePeriodSeconds") or 0
            if not 0 <= seconds <= grace:
                text = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
                yield invalid(path, seconds, text)
        case _:
            yield from port_number_or_name(action.get("port", 0), f"{path}.port")


def _header(name: str) -> list[str]:
    if re.fullmatch("[-A-Za-z0-9]+", name):
        return []
    text = "a valid HTTP header must consist of alphanumeric characters or '-' "
    return [f"{text}(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"]
