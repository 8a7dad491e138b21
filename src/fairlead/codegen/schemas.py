"""The text of the schema files: compact JSON, one definition or resource per line so that differences are readable."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fairlead.codegen.discovery import Record
from fairlead.codegen.enums import Enums
from fairlead.codegen.gotypes import GoTypes
from fairlead.codegen.internals import Internals
from fairlead.codegen.layout import Home, package
from fairlead.codegen.openapi import Definitions
from fairlead.codegen.protobuf import Messages
from fairlead.codegen.structs import Structs

__all__ = [
    "enums_text",
    "gotypes_text",
    "index_text",
    "internals_text",
    "of_home",
    "protobuf_text",
    "schema_text",
    "structs_text",
]


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _object(values: Iterable[tuple[str, Any]]) -> str:
    lines = ",\n".join(f"{_compact(key)}:{_compact(value)}" for key, value in values)
    return f"{{\n{lines}\n}}" if lines else "{}"


def _array(values: Iterable[Any]) -> str:
    lines = ",\n".join(map(_compact, values))
    return f"[\n{lines}\n]" if lines else "[]"


def schema_text(home: Home, resources: list[Record], definitions: Definitions) -> str:
    """One group and version's file."""
    head = f'{{"group":{_compact(home.group)},"version":{_compact(home.version)}'
    return f'{head},\n"resources":{_array(resources)},\n"schemas":{_object(definitions.items())}}}\n'


def index_text(release: str, preferred: list[Home], homes: dict[str, Home]) -> str:
    """Which file holds which group and version, and which holds which package of definitions."""
    served = _array({"group": home.group, "version": home.version, "file": home.file} for home in preferred)
    packages = _object((name, home.file) for name, home in homes.items())
    return f'{{"kubernetes":{_compact(release)},\n"groupVersions":{served},\n"definitions":{packages}}}\n'


def protobuf_text(messages: Messages) -> str:
    """Message full name → fields."""
    return _object(messages.items()) + "\n"


def internals_text(found: Internals) -> str:
    """Struct → its fields as the server prints them."""
    return _object(found.items()) + "\n"


def enums_text(found: Enums) -> str:
    """Definition → which values its fields may have."""
    return _object(found.items()) + "\n"


def gotypes_text(found: GoTypes) -> str:
    """Definition → how Go names its fields and their types."""
    return _object(found.items()) + "\n"


def structs_text(found: Structs) -> str:
    """Definition → how its Go struct writes its fields."""
    return _object(found.items()) + "\n"


def of_home(definitions: Definitions, homes: dict[str, Home], home: Home) -> Definitions:
    """The definitions of one group and version."""
    return {name: schema for name, schema in definitions.items() if homes[package(name)] == home}
