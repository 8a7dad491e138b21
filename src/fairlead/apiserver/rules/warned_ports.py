"""Ports of a pod's containers that are in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.apiserver.documents import Document
from fairlead.apiserver.rules.faults import children
from fairlead.machinery.validation import quote

__all__ = ["port_warnings"]

Ports = list[tuple[str, Document]]


def port_warnings(containers: Sequence[tuple[str, Document]]) -> Iterator[str]:
    """What is said of the ports of a pod's containers, which are given with their paths."""
    ports = [found for path, container in containers for found in children(container, path, "ports")]
    yield from _overlapping(ports)
    yield from _names(ports)


def _overlapping(ports: Ports) -> Iterator[str]:
    seen: dict[tuple[object, object], Ports] = {}
    for place, port in ports:
        if port.get("hostIP") and not port.get("hostPort"):
            yield f"{place}: hostIP set without hostPort: {_shown(port)}"
        others = seen.setdefault((port.get("containerPort"), port.get("protocol")), [])
        for at, other in others:
            kind = _conflict(port, other)
            if kind:
                yield f"{place}: {kind} port definition with {at}"
        others.append((place, port))


def _conflict(port: Document, other: Document) -> str:
    (here, address), (there, other_address) = (
        (each.get("hostPort") or 0, each.get("hostIP") or "") for each in (port, other)
    )
    if (here, address) == (there, other_address):
        return "duplicate"
    if not here or not there:
        return "overlapping"
    return "dangerously ambiguous" if here == there and (not address or not other_address) else ""


def _shown(port: Document) -> str:
    """A port as Go prints its struct."""
    names = {"name": "Name", "hostPort": "HostPort", "containerPort": "ContainerPort", "protocol": "Protocol"}
    said = [f"{name}:{port.get(key) or ('' if key == 'name' else 0)}" for key, name in names.items()]
    return f"{{{' '.join(said)} HostIP:{port.get('hostIP') or ''}}}"


def _names(ports: Ports) -> Iterator[str]:
    seen: dict[str, str] = {}
    for place, port in ports:
        name = port.get("name") or ""
        first = seen.get(name) if name else None
        if first is not None:
            yield (
                f"{place}: duplicate port name {quote(name)} with {first}, services and probes that select ports by "
                f"name will use {first}"
            )
        seen.setdefault(name, place)
