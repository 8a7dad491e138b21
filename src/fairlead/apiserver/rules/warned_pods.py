"""What the server warns of in pods and templates of pods."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children

__all__ = ["pod", "template"]

_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}
_TERMS = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"


def pod(new: Document, old: Document | None) -> list[str]:
    """The warnings of a pod."""
    return template()(new, old)


def template(*steps: str) -> Callable[[Document, Document | None], list[str]]:
    """The warnings of what is at this place of an object, when it changes."""

    def check(new: Document, old: Document | None) -> list[str]:
        if old is not None and _generation(new) == _generation(old):
            return []
        return list(_pod_spec(part(new, *steps, "spec"), ".".join((*steps, "spec"))))

    return check


def _generation(document: Document) -> object:
    return part(document, "metadata").get("generation")


def _pod_spec(spec: Document, path: str) -> Iterator[str]:
    for label in part(spec, "nodeSelector"):
        if label in _LABELS:
            yield f"{path}.nodeSelector[{label}]: {_LABELS[label]}"
    for place, constraint in children(spec, path, "topologySpreadConstraints"):
        if constraint.get("labelSelector") is None:
            yield f"{place}.labelSelector: a null labelSelector results in matching no pod"
    for place, reference in children(spec, path, "imagePullSecrets"):
        if not reference.get("name"):
            yield f'{place}.name: invalid empty name ""'
    for kind in ("initContainers", "containers"):
        for place, container in children(spec, path, kind):
            yield from _environment(container, place)
            yield from _ports(container, place)
    for name in ("podAffinity", "podAntiAffinity"):
        yield from _affinity(part(spec, "affinity", name), f"{path}.affinity.{name}")


def _affinity(affinity: Document, path: str) -> Iterator[str]:
    for when in _TERMS:
        for place, term in children(affinity, path, when):
            weighted = when.startswith("preferred")
            inner = part(term, "podAffinityTerm") if weighted else term
            if inner.get("labelSelector") is None:
                under = f"{place}.podAffinityTerm" if weighted else place
                yield f"{under}.labelSelector: a null labelSelector results in matching no pod"


def _environment(container: Document, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for place, variable in children(container, path, "env"):
        name = variable.get("name") or ""
        if name in seen:
            yield f'{place}: hides previous definition of "{name}", which may be dropped when using apply'
        seen.add(name)


def _ports(container: Document, path: str) -> Iterator[str]:
    seen: dict[tuple[object, ...], str] = {}
    for place, port in children(container, path, "ports"):
        key = tuple(port.get(name) for name in ("protocol", "containerPort", "hostPort", "hostIP"))
        if key in seen:
            yield f"{place}: duplicate port definition with {seen[key]}"
        seen.setdefault(key, place)
