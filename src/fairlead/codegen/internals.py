"""How kube-apiserver's own forms of some types look when it prints them in a message: fields by their Go names.

What may not change in a pod, a claim or a job's template is told with the whole value, or the difference of two, as the
server holds them. These are facts about the structs in `pkg/apis`: their fields in order, and how each is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairlead.codegen.structs import FIELD, Package, read, resolve

__all__ = ["Internals", "internals"]

#: Struct (`core.PodSpec`) → its fields: Go name, JSON name in v1, and the type: `s` `i` `b` (text, number, truth),
#: `?` (pointer to one of them, or anything printed as null when absent), `l` (list or map of such), `q` (quantity),
#: `m` (metadata), or another struct: `core.X`, `*core.X`, `[]core.X`.
Internals = dict[str, list[tuple[str, str, str]]]

_ROOT = "k8s.io/kubernetes/pkg/apis/"
_PACKAGES = ("core", "rbac", "batch", "apps")
_VERSIONED = {"core": "core/v1", "rbac": "rbac/v1", "batch": "batch/v1", "apps": "apps/v1"}
_WANTED = (
    "core.PodTemplateSpec",
    "core.PersistentVolumeClaim",
    "core.PersistentVolumeSource",
    "core.SecurityContext",
    "core.VolumeNodeAffinity",
    "apps.DaemonSetUpdateStrategy",
    "apps.DeploymentStrategy",
    "apps.StatefulSetUpdateStrategy",
    "batch.PodFailurePolicy",
    "rbac.RoleRef",
)
_EXTERNAL = {"LabelSelector": "?", "Time": "?", "IntOrString": "?", "Quantity": "q"}
_SCALARS = {"string": "s", "bool": "b"}


def internals(kubernetes: Path, api: Path) -> Internals:
    """The structs that are wanted, and all that they hold."""
    own = {f"{_ROOT}{name}": read(kubernetes / "pkg" / "apis" / name) for name in _PACKAGES}
    versioned = {name: read(api / place) for name, place in _VERSIONED.items()}
    found: Internals = {}
    waiting = list(_WANTED)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _fields(name, own, versioned)
            waiting += [kind.lstrip("*[]") for _, _, kind in found[name] if "." in kind]
    return dict(sorted(found.items()))


def _fields(name: str, own: Mapping[str, Package], versioned: Mapping[str, Package]) -> list[tuple[str, str, str]]:
    package, _, struct = name.partition(".")
    path = f"{_ROOT}{package}"
    wires = _wire_names(struct, versioned[package])
    found: list[tuple[str, str, str]] = []
    for go, kind, _ in FIELD.findall(own[path].structs[struct]):
        if go:
            wire = wires.get(go.lower()) or go[0].lower() + go[1:]
            found.append((go, wire, _kind(kind, path, own)))
            continue
        last, where = resolve(kind, path, own)
        if last == "ObjectMeta":
            found.append(("", "metadata", "m"))
        elif where in own:
            found += _fields(f"{where.rpartition('/')[2]}.{last}", own, versioned)
    return found


def _wire_names(struct: str, package: Package) -> dict[str, str]:
    """Go name in lower case → JSON name, embedded structs included."""
    found: dict[str, str] = {}
    for go, kind, tag in FIELD.findall(package.structs.get(struct, "")):
        wire = tag.split(",")[0]
        if go and wire:
            found[go.lower()] = wire
        elif not go and kind in package.structs:
            found |= _wire_names(kind, package)
    return found


def _kind(kind: str, path: str, own: Mapping[str, Package]) -> str:
    if kind.startswith("map["):
        return "l"
    if kind.startswith("[]"):
        inner = _kind(kind[2:], path, own)
        return f"[]{inner}" if "." in inner else "l"
    if kind.startswith("*"):
        inner = _kind(kind[1:], path, own)
        return f"*{inner}" if "." in inner else "?"
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind.startswith(("int", "uint", "float")):
        return "i"
    last, where = resolve(kind, path, own)
    if last in _EXTERNAL or where not in own:
        return _EXTERNAL.get(last, "s")
    package = own[where]
    return f"{where.rpartition('/')[2]}.{last}" if last in package.structs else _kind(package.named[last], where, own)
