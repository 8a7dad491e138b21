"""Which values a field of a built-in type may have, from the Go definitions that the server publishes its schemas from.

The OpenAPI documents of a release are written without them; a server tells them (feature gate OpenAPIEnums, on by default).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fairlead.codegen.openapi import Definitions
from fairlead.codegen.structs import definition_home

__all__ = ["Enums", "enums"]

#: Definition → field → what its schema says beside the rest: an enum, or items with one.
Enums = dict[str, dict[str, dict[str, Any]]]

_IMPORT = re.compile(r'^\t(\w+) +"(k8s\.io/[^"]+)"$', re.MULTILINE)
_ENTRY = re.compile(r"^\t\t(\w+)\.(\w+)\{\}\.OpenAPIModelName\(\): +(schema_\w+)\(ref\)", re.MULTILINE)
_FUNCTION = re.compile(r"^func (schema_\w+)\(.*?^\}$", re.MULTILINE | re.DOTALL)
_PROPERTY = re.compile(r'^\t{5}"([^"]+)": \{$')
_NESTED = re.compile(r"^\t+(Items|AdditionalProperties): ")
_ENUM = re.compile(r"^(\t+)Enum: +\[\]interface\{\}\{(.*)\},$")
_OF_FIELD = 7


def enums(source: Path, definitions: Definitions) -> Enums:
    """Of all definitions; `source` is the Go file of the server's OpenAPI definitions."""
    text = source.read_text(encoding="utf-8")
    homes = {alias: definition_home(path) for alias, path in _IMPORT.findall(text)}
    names = {function: f"{homes.get(alias, '')}.{kind}" for alias, kind, function in _ENTRY.findall(text)}
    found: Enums = {}
    for match in _FUNCTION.finditer(text):
        name = names.get(match[1], "")
        if name in definitions and (fields := dict(_fields(match[0].splitlines()))):
            found[name] = dict(sorted(fields.items()))
    return dict(sorted(found.items()))


def _fields(lines: Iterable[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    field = nested = ""
    for line in lines:
        if named := _PROPERTY.match(line):
            field, nested = named[1], ""
        elif within := _NESTED.match(line):
            nested = within[1][0].lower() + within[1][1:]
        elif listed := _ENUM.match(line):
            values = {"enum": json.loads(f"[{listed[2]}]")}
            yield field, values if len(listed[1]) == _OF_FIELD else {nested: values}
