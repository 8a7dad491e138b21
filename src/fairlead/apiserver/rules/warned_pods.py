"""What the server warns of in pods and templates of pods.

https://kubernetes.io/blog/2020/09/03/warnings/. The order of the warnings is the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fairlead.apiserver.builtin.armor import ARMOR, OLD_ARMOR, profile_of
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children, items_of
from fairlead.apiserver.rules.ip_texts import ip_warnings
from fairlead.apiserver.rules.warned_labels import old_label, old_labels_in_terms
from fairlead.apiserver.rules.warned_ports import port_warnings
from fairlead.apiserver.rules.warned_volumes import fractions, volume_warnings
from fairlead.machinery.validation import quote

__all__ = ["pod", "template"]

_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_NO_SELECTOR = "labelSelector: a null labelSelector results in matching no pod"
_ANNOTATIONS: Mapping[str, str] = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'v1.11+; use the "sysctls" field instead',
}
_POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_OLD_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_IN_BYTES = ("memory", "ephemeral-storage")
_KINDS = ("initContainers", "containers", "ephemeralContainers")


def pod(new: Document, old: Document | None) -> list[str]:
    """The warnings of a new pod; of changed ones there are none."""
    return list(_template(new, "")) if old is None else []


def template(*steps: str) -> Callable[[Document, Document | None], list[str]]:
    """The warnings of the template at this place of an object, when it changes."""

    def check(new: Document, old: Document | None) -> list[str]:
        if old is not None and _generation(new) == _generation(old):
            return []
        return list(_template(part(new, *steps), ".".join(steps)))

    return check


def _generation(document: Document) -> object:
    return part(document, "metadata").get("generation")


def _template(found: Document, path: str) -> Iterator[str]:
    spec, meta = part(found, "spec"), part(found, "metadata")
    at, notes = f"{path}.spec".lstrip("."), f"{path}.metadata.annotations".lstrip(".")
    annotations = part(meta, "annotations")
    yield from _placement(spec, at)
    for name, text in _ANNOTATIONS.items():
        if name in annotations:
            yield f"{notes}[{name}]: non-functional in {text}"
    yield from volume_warnings(spec, at)
    yield from _repeated(spec, at, "hostAliases", "ip")
    yield from _repeated(spec, at, "imagePullSecrets", "name")
    for place, reference in children(spec, at, "imagePullSecrets"):
        if not reference.get("name"):
            yield f'{place}.name: invalid empty name ""'
    yield from fractions(part(spec, "overhead"), f"{at}.overhead", _IN_BYTES)
    if _POD_SECCOMP in annotations and not part(spec, "securityContext").get("seccompProfile"):
        yield f"{notes}[{_POD_SECCOMP}]: {_OLD_SECCOMP}"
    for place, container in _containers(spec, at):
        yield from _container(container, place, spec, annotations, notes, is_template=bool(path))
    yield from port_warnings(list(_containers(spec, at)))
    grace = spec.get("terminationGracePeriodSeconds")
    if isinstance(grace, int) and grace < 0:
        yield f"{at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
    for name in ("podAffinity", "podAntiAffinity"):
        yield from _affinity(part(spec, "affinity", name), f"{at}.affinity.{name}")
    yield from _addresses(spec, at)


def _containers(spec: Document, path: str) -> Iterator[tuple[str, Document]]:
    for kind in _KINDS:
        yield from children(spec, path, kind)


def _placement(spec: Document, path: str) -> Iterator[str]:
    for label in part(spec, "nodeSelector"):
        text = old_label(label)
        if text:
            yield f"{path}.nodeSelector[{label}]: {text}"
    affinity, at = part(spec, "affinity", "nodeAffinity"), f"{path}.affinity.nodeAffinity"
    for place, term in children(part(affinity, _REQUIRED), f"{at}.{_REQUIRED}", "nodeSelectorTerms"):
        yield from old_labels_in_terms(term, place)
    for place, term in children(affinity, at, _PREFERRED):
        yield from old_labels_in_terms(part(term, "preference"), f"{place}.preference", values=True)
    for place, constraint in children(spec, path, "topologySpreadConstraints"):
        key = constraint.get("topologyKey") or ""
        if old_label(key):
            yield f"{place}.topologyKey: {key} is {old_label(key)}"
        if constraint.get("labelSelector") is None:
            yield f"{place}.{_NO_SELECTOR}"


def _repeated(spec: Document, path: str, name: str, field: str) -> Iterator[str]:
    seen: set[str] = set()
    for place, item in children(spec, path, name):
        value = item.get(field) or ""
        if value in seen:
            yield f"{place}.{field}: duplicate {field} {quote(value)}"
        seen.add(value)


def _container(
    container: Document, path: str, spec: Document, annotations: Document, notes: str, *, is_template: bool
) -> Iterator[str]:
    name, context = container.get("name") or "", part(container, "securityContext")
    if _SECCOMP + name in annotations and not context.get("seccompProfile"):
        yield f"{notes}[{_SECCOMP}{name}]: {_OLD_SECCOMP}"
    if is_template and ARMOR + name in annotations and not context.get("appArmorProfile"):
        profile = part(spec, "securityContext").get("appArmorProfile")
        if not profile or profile != profile_of(annotations[ARMOR + name]):
            yield f"{notes}[{ARMOR}{name}]: {OLD_ARMOR}"
    resources = part(container, "resources")
    for amount in _IN_BYTES:
        for kind in ("limits", "requests"):
            yield from fractions(part(resources, kind), f"{path}.resources.{kind}", (amount,))
    yield from _environment(container, path)


def _environment(container: Document, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for place, variable in children(container, path, "env"):
        name, value = variable.get("name") or "", variable.get("value") or ""
        reference = f"$({name})"
        adds = reference in value and value != reference and not variable.get("valueFrom")
        if name in seen and not adds:
            yield f"{place}: hides previous definition of {quote(name)}, which may be dropped when using apply"
        seen.add(name)


def _affinity(affinity: Document, path: str) -> Iterator[str]:
    for place, term in children(affinity, path, _REQUIRED):
        if term.get("labelSelector") is None:
            yield f"{place}.{_NO_SELECTOR}"
    for place, term in children(affinity, path, _PREFERRED):
        if part(term, "podAffinityTerm").get("labelSelector") is None:
            yield f"{place}.podAffinityTerm.{_NO_SELECTOR}"


def _addresses(spec: Document, path: str) -> Iterator[str]:
    for index, server in enumerate(items_of(part(spec, "dnsConfig"), "nameservers")):
        yield from ip_warnings(str(server), f"{path}.dnsConfig.nameservers[{index}]")
    for place, alias in children(spec, path, "hostAliases"):
        yield from ip_warnings(alias.get("ip") or "", f"{place}.ip")
