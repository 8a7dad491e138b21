"""How Go's JSON decoder names the fields and types of Kubernetes' structs where it cannot read a value into them.

A field of an embedded struct is called by that struct too (`VolumeSource.hostPath`), and a named scalar, list or map by its
name (`v1.PullPolicy`). An OpenAPI document says neither; the Go declarations do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairlead.codegen.openapi import Definitions
from fairlead.codegen.structs import FIELD, Package, definition_home, read, resolve

__all__ = ["GoTypes", "go_types"]

#: Definition → field's JSON name → (embedded structs that lead to it, its type), where either is not what a schema says.
GoTypes = dict[str, dict[str, tuple[str, str]]]

_PLAIN = re.compile(r"(?:\[\]|map\[string\])*(?:string|bool|u?int\d*|float\d*)")


def go_types(folders: Iterable[tuple[str, Path]], definitions: Definitions) -> GoTypes:
    """Of all definitions that have a Go struct; `folders` are Go packages by import path."""
    packages = {path: read(folder) for path, folder in folders}
    found: GoTypes = {}
    for name in sorted(definitions):
        where, _, struct = name.rpartition(".")
        for path, package in packages.items():
            if definition_home(path) == where and struct in package.structs:
                fields = dict(sorted(_fields(struct, path, packages, ()).items()))
                found[name] = {wire: said for wire, said in fields.items() if said != ("", "")}
    return {name: fields for name, fields in found.items() if fields}


def _fields(
    struct: str, path: str, packages: Mapping[str, Package], embedded: tuple[str, ...]
) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, kind, tag in FIELD.findall(packages[path].structs[struct]):
        wire, *options = tag.split(",")
        if wire == "-" or name == "TypeMeta" or (name and not tag):
            continue
        if wire or (name and "inline" not in options):
            found[wire] = (".".join(embedded), _type(kind, path, packages))
            continue
        inner, where = resolve(kind.lstrip("*"), path, packages)
        if where in packages and inner in packages[where].structs and inner != "TypeMeta":
            found.update(_fields(inner, where, packages, (*embedded, name or inner)))
    return found


def _type(kind: str, path: str, packages: Mapping[str, Package]) -> str:
    """The type as Go prints it, where it is a named scalar, list or map, or has one in it; else nothing."""
    kind = kind.lstrip("*")
    outer = re.match(r"(?:\[\]|map\[[\w.]+\])*", kind)
    head = outer[0] if outer is not None else ""
    inner = kind.removeprefix(head).lstrip("*")
    head = re.sub(r"map\[([\w.]+)\]", lambda key: f"map[{_shown(key[1], path, packages)}]", head)
    if inner == "byte":
        return f"{head}uint8"
    if _PLAIN.fullmatch(inner):
        return "" if _PLAIN.fullmatch(kind) else head + inner
    name, where = resolve(inner, path, packages)
    package = packages.get(where)
    if package is not None and name in package.structs:
        return ""
    return head + _shown(inner, path, packages)


def _shown(kind: str, path: str, packages: Mapping[str, Package]) -> str:
    if _PLAIN.fullmatch(kind):
        return kind
    name, where = resolve(kind, path, packages)
    return f"{where.rpartition('/')[2]}.{name}"
