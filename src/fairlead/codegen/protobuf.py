"""Field numbers, names and types from Kubernetes' `generated.proto` files.

Names are those of the JSON form. An embedded Go struct has none there (its fields are the outer object's own): it is
written as the empty name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fairlead.codegen.openapi import Definitions, Node

__all__ = ["Field", "Messages", "in_written_order", "messages", "parse"]

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


def in_written_order(definitions: Definitions, found: Messages) -> Definitions:
    """The definitions with their properties in the order in which servers write them, which is that of the Go fields.

    A decoder looks for a field first where it is next by that order. OpenAPI documents are sorted by name.
    """
    orders = {_definition(message): list(_written(message, found)) for message in found}
    return {
        name: {**schema, "properties": _ordered(schema["properties"], orders.get(name, []))}
        if "properties" in schema
        else schema
        for name, schema in definitions.items()
    }


def _written(message: str, found: Messages) -> Iterator[str]:
    """The JSON names of a message's fields, those of embedded structs in their place."""
    for _, wire, kind, _ in found.get(message, ()):
        if wire:
            yield wire
        else:
            yield from _written(kind, found)


def _ordered(properties: Node, names: list[str]) -> Node:
    # kind and apiVersion are no fields of messages, and come first; a sort leaves what is alike as it was.
    places = {"kind": -2, "apiVersion": -1, **{name: place for place, name in enumerate(names)}}
    return dict(sorted(properties.items(), key=lambda each: places.get(each[0], len(names))))
