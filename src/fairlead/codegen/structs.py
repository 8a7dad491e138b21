"""How Kubernetes' Go structs write their fields as JSON: what is written when empty, and what is taken for absent.

An OpenAPI document does not say which fields are pointers. The Go declarations do, and with them an object can be given
the form that an API server gives it. Each field of a struct that is not a pointer left out when nil gets a code:

- `s`, `l`, `o`: a scalar, a list or map, a struct: with its empty value taken for absent and left out
- `S`, `L`, `O`: the same, and always written: the scalar's zero, null, and `{}`
- `T`: written as null when empty (times that are no pointers, raw JSON, pointers that are never left out)
- `Q`: a quantity, written as `"0"` when empty
- `I`: an integer or text, written as 0 when empty
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairlead.codegen.openapi import Definitions

__all__ = ["FIELD", "Package", "Structs", "definition_home", "read", "resolve", "structs"]

#: Definition → field's JSON name → code.
Structs = dict[str, dict[str, str]]

_IMPORT = re.compile(r'^\s+(?:(\w+) )?"(k8s\.io/[\w./-]+)"', re.MULTILINE)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"^type (\w+) (string|bool|u?int\d*|float\d*|map\[.*|\[\].*|[\w.]+)$", re.MULTILINE)
#: A field: its name (none when embedded), its type, and its JSON tag if it has one.
FIELD = re.compile(
    r'^\t(?:(\w+) +)?(\*?(?:\[\]|map\[[\w.]+\])*\*?[\w.]+)(?:\s+`(?:[^`]*json:"([^"]*)")?[^`]*`)?(?:\s*//.*)?$',
    re.MULTILINE,
)
_SCALAR = re.compile(r"string|bool|u?int\d*|float\d*|byte")
#: Types whose JSON form is their own, by their last name.
_OWN_FORMS = {
    "Time": "T",
    "MicroTime": "T",
    "Quantity": "Q",
    "IntOrString": "I",
    "RawExtension": "T",
    "JSON": "T",
    "Duration": "s",
    "FieldsV1": "o",
}


@dataclass
class Package:
    """What one Go package declares: structs by name, named types by what they stand for, and its imports."""

    structs: dict[str, str] = field(default_factory=dict[str, str])
    named: dict[str, str] = field(default_factory=dict[str, str])
    imports: dict[str, str] = field(default_factory=dict[str, str])


def structs(folders: Iterable[tuple[str, Path]], definitions: Definitions) -> Structs:
    """The fields of all definitions that have a Go struct; `folders` are Go packages by import path."""
    packages = {path: read(folder) for path, folder in folders}
    found: Structs = {}
    for name, schema in sorted(definitions.items()):
        where, _, struct = name.rpartition(".")
        for path, package in packages.items():
            if definition_home(path) == where and struct in package.structs:
                fields = _fields(struct, path, packages)
                found[name] = {wire: _corrected(code, wire, schema) for wire, code in sorted(fields.items())}
    return {name: fields for name, fields in found.items() if fields}


def _corrected(code: str, wire: str, schema: Mapping[str, Any]) -> str:
    """Named scalars of packages that are not read (`types.UID`) look like structs; the document knows better."""
    kind = schema.get("properties", {}).get(wire, {}).get("type")
    if code in {"O", "o", "?"} and kind in {"string", "integer", "boolean"}:
        return "s" if code == "?" else "S"
    return "O" if code == "?" else code


def definition_home(path: str) -> str:
    """`io.k8s.api.core.v1` of `k8s.io/api/core/v1`."""
    return "io.k8s." + path.removeprefix("k8s.io/").replace("/", ".")


def read(folder: Path) -> Package:
    """The declarations of a Go package, without its tests and generated files."""
    package = Package()
    for file in sorted(folder.glob("*.go")):
        if file.name.startswith(("zz_", "generated.")) or file.name.endswith("_test.go"):
            continue
        text = file.read_text()
        package.structs.update(_STRUCT.findall(text))
        package.named.update((name, kind) for name, kind in _NAMED.findall(text) if name != "package")
        for alias, path in _IMPORT.findall(text):
            package.imports[alias or path.rpartition("/")[2]] = path
    return package


def _fields(struct: str, path: str, packages: Mapping[str, Package]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, kind, tag in FIELD.findall(packages[path].structs[struct]):
        wire, *options = tag.split(",")
        if wire == "-" or name == "TypeMeta" or (name and not tag):
            continue
        if not wire and (not name or "inline" in options):
            found.update(_embedded(kind, path, packages))
            continue
        code = _code(kind, path, packages, optional="omitempty" in options, left_out="omitzero" in options)
        if code:
            found[wire] = code
    return found


def _embedded(kind: str, path: str, packages: Mapping[str, Package]) -> dict[str, str]:
    name, where = resolve(kind.lstrip("*"), path, packages)
    if where not in packages or name not in packages[where].structs or name == "TypeMeta":
        return {}
    return _fields(name, where, packages)


def resolve(kind: str, path: str, packages: Mapping[str, Package]) -> tuple[str, str]:
    """A type's last name, and the package it is declared in."""
    alias, dot, name = kind.rpartition(".")
    return (name, packages[path].imports.get(alias, "")) if dot else (kind, path)


def _code(kind: str, path: str, packages: Mapping[str, Package], *, optional: bool, left_out: bool) -> str:
    if kind.startswith("*"):
        return "" if optional or left_out else "T"
    if kind.startswith(("[]", "map[")):
        return "l" if optional or left_out else "L"
    if _SCALAR.fullmatch(kind):
        return "s" if optional or left_out else "S"
    name, where = resolve(kind, path, packages)
    if name in _OWN_FORMS:
        code = _OWN_FORMS[name]
        return code.lower() if left_out else code
    package = packages.get(where)
    if package is not None and name in package.named and name not in package.structs:
        return _code(package.named[name], where, packages, optional=optional, left_out=left_out)
    if package is None and optional:
        return "?"
    return "o" if left_out else "O"
