"""Field numbers, names and types from Kubernetes' `generated.proto` files.

Names are those of the JSON form. An embedded Go struct has none there (its fields are the outer object's own): it is
written as the empty name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fairlead.codegen.openapi import Definitions

__all__ = ["Field", "Messages", "messages", "parse"]

#: Number, JSON name, type (scalar, message's full name, or `map<k,v>`), whether repeated.
Field = tuple[int, str, str, bool]
Messages = dict[str, list[Field]]

_SCALARS = frozenset({"string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float"})
_PACKAGE = re.compile(r"^package ([\w.]+);", re.MULTILINE)
_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (?:(optional|repeated|required) )?(map<\w+, [\w.]+>|[\w.]+) (\w+) = (\d+);", re.MULTILINE)
_MAP = re.compile(r"map<(\w+), ([\w.]+)>")


def parse(text: str) -> Messages:
    """The messages of one proto file, with full names and the names of proto fields."""
    said = _PACKAGE.search(text)
    if said is None:
        raise ValueError("a proto file without a package")
    where = said[1]
    return {
        f"{where}.{message[1]}": [
            (int(number), name, _type(kind, where), label == "repeated")
            for label, kind, name, number in _FIELD.findall(message[2])
        ]
        for message in _MESSAGE.finditer(text)
    }


def _type(kind: str, where: str) -> str:
    pair = _MAP.fullmatch(kind)
    if pair:
        return f"map<{pair[1]},{_type(pair[2], where)}>"
    if kind in _SCALARS:
        return kind
    return kind.lstrip(".") if "." in kind else f"{where}.{kind}"


def messages(files: Iterable[Path], definitions: Definitions) -> Messages:
    """The messages of every package that has OpenAPI definitions, with JSON names, sorted by full name."""
    packages = {name.rpartition(".")[0] for name in definitions}
    found: Messages = {}
    for file in files:
        parsed = parse(file.read_text())
        for name, fields in parsed.items():
            definition = _definition(name)
            if definition.rpartition(".")[0] in packages:
                known = definitions.get(definition, {}).get("properties")
                found[name] = [_json_named(field, known) for field in fields]
    return dict(sorted(found.items()))


def _definition(message: str) -> str:
    # Go's import path k8s.io/kube-aggregator/… is written with an underscore in proto.
    first, dash, rest = message.partition(".pkg.")
    return "io.k8s." + first.removeprefix("k8s.io.").replace("_", "-") + dash + rest


def _json_named(field: Field, known: dict[str, object] | None) -> Field:
    number, name, kind, repeated = field
    if known is None or name in known:
        return field
    by_letters = {re.sub(r"\W", "", wire).lower(): wire for wire in known}
    wire = by_letters.get(name.lower())
    if wire is not None:
        return number, wire, kind, repeated
    return (number, "", kind, repeated) if "." in kind and not repeated and not kind.startswith("map<") else field
