"""Annotations of pods and templates that mean something to the server.

https://kubernetes.io/docs/reference/labels-annotations-taints/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apiserver.builtin.armor import ARMOR, profile_of
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import children, descending_path, forbidden, invalid
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import quote

__all__ = ["annotated_profiles", "annotations_kept", "pod_annotations"]

_MIRROR = "kubernetes.io/config.mirror"
_COST = "controller.kubernetes.io/pod-deletion-cost"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_PROFILES = frozenset({"runtime/default", "docker/default", "unconfined"})
_LOCAL = "localhost/"
_COST_SHAPE = re.compile("0|-?[1-9][0-9]*|-0[0-9]*")
_KINDS = ("containers", "initContainers", "ephemeralContainers")


def pod_annotations(annotations: Document, spec: Document, path: str) -> Iterator[Cause]:
    """The annotations of a pod or template with this spec."""
    if _MIRROR in annotations and not spec.get("nodeName"):
        text = "must set spec.nodeName if mirror pod annotation is set"
        yield invalid(f"{path}[{_MIRROR}]", annotations[_MIRROR], text)
    cost = annotations.get(_COST)
    if cost is not None and not (_COST_SHAPE.fullmatch(cost) and -(2**31) <= int(cost) < 2**31):
        yield invalid(f"{path}[{_COST}]", cost, "must be a 32bit integer")
    for name, value in annotations.items():
        if name == _SECCOMP or name.startswith(_CONTAINER_SECCOMP):
            yield from _seccomp(value, f"{path}.{name}")
    names = {container.get("name") for kind in _KINDS for container in parts(spec, kind)}
    for name, value in annotations.items():
        if name.startswith(ARMOR):
            container = name.removeprefix(ARMOR)
            if container not in names:
                yield invalid(f"{path}[{name}]", container, "container not found")
            if value not in {"", "runtime/default", "unconfined"} and not value.startswith(_LOCAL):
                yield invalid(f"{path}[{name}]", value, f"invalid AppArmor profile name: {quote(value)}")


def _seccomp(value: str, path: str) -> Iterator[Cause]:
    if value.startswith(_LOCAL):
        yield from descending_path(value.removeprefix(_LOCAL), path)
    elif value not in _PROFILES:
        yield invalid(path, value, "must be a valid seccomp profile")


def annotations_kept(new: Document, old: Document, path: str) -> Iterator[Cause]:
    """Annotations of a pod that may not change."""
    for name in (each for each in old if new.get(each) != old[each]):
        if name.startswith(ARMOR):
            yield forbidden(f"{path}[{name}]", "may not remove or update AppArmor annotations")
        if name == _MIRROR:
            yield forbidden(f"{path}[{name}]", "may not remove or update mirror pod annotation")
    for name in (each for each in new if each not in old):
        if name.startswith(ARMOR):
            yield forbidden(f"{path}[{name}]", "may not add AppArmor annotations")
        if name == _MIRROR:
            yield forbidden(f"{path}[{name}]", "may not add mirror pod annotation")


def annotated_profiles(annotations: Document, spec: Document, path: str) -> Iterator[Cause]:
    """Profiles that are said in fields and in annotations, and differ."""
    yield from _annotated_seccomp(annotations, spec, path)
    if part(spec, "os").get("name") == "windows":
        return
    whole = part(spec, "securityContext").get("appArmorProfile")
    for kind in _KINDS:
        for at, container in children(spec, path, kind):
            said = annotations.get(f"{ARMOR}{container.get('name') or ''}")
            profile = part(container, "securityContext").get("appArmorProfile") or whole
            if said is not None and isinstance(profile, dict):
                yield from _matching(said, part({"it": profile}, "it"), f"{at}.securityContext.appArmorProfile")


def _annotated_seccomp(annotations: Document, spec: Document, path: str) -> Iterator[Cause]:
    holders = [(path, spec, _SECCOMP)]
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for at, container in children(spec, path, kind):
            holders.append((at, container, f"{_CONTAINER_SECCOMP}{container.get('name') or ''}"))
    for at, holder, name in holders:
        profile = part(holder, "securityContext").get("seccompProfile")
        if name in annotations and isinstance(profile, dict):
            place = f"{at}.securityContext.seccompProfile"
            yield from _matching_seccomp(annotations[name], part(holder, "securityContext", "seccompProfile"), place)


def _matching_seccomp(annotation: str, profile: Document, path: str) -> Iterator[Cause]:
    kinds = {"unconfined": "Unconfined", "runtime/default": "RuntimeDefault", "docker/default": "RuntimeDefault"}
    kind = "Localhost" if annotation.startswith(_LOCAL) else kinds.get(annotation)
    if profile.get("type") in {"Unconfined", "RuntimeDefault", "Localhost"} and profile["type"] != kind:
        yield forbidden(f"{path}.type", "seccomp type in annotation and field must match")
    elif kind == "Localhost" and profile.get("localhostProfile") != annotation.removeprefix(_LOCAL):
        yield forbidden(f"{path}.localhostProfile", "seccomp profile in annotation and field must match")


def _matching(annotation: str, profile: Document, path: str) -> Iterator[Cause]:
    kinds = {"unconfined": "Unconfined", "runtime/default": "RuntimeDefault"}
    kind = "Localhost" if annotation.startswith(_LOCAL) else kinds.get(annotation)
    if profile.get("type") in {"Unconfined", "RuntimeDefault", "Localhost"} and profile["type"] != kind:
        yield forbidden(f"{path}.type", "apparmor type in annotation and field must match")
    elif profile.get("type") == "Localhost" and profile != profile_of(annotation):
        yield forbidden(f"{path}.localhostProfile", "apparmor profile in annotation and field must match")
