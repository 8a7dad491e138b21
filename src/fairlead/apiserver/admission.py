"""What a body must be before anything is written: readable, of the right type, with its defaults."""

from __future__ import annotations

import copy
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.canonical import canonical
from fairlead.apiserver.documents import part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.strategies import Strategy
from fairlead.machinery.schema import Schema, apply_defaults, prune, type_errors

__all__ = ["admit", "metadata_of"]

_GO_TYPES = {"integer": "int32", "boolean": "bool", "string": "string", "number": "float64"}


def metadata_of(document: dict[str, Any]) -> dict[str, Any]:
    """The document's metadata, made if it has none."""
    if not isinstance(document.get("metadata"), dict):
        document["metadata"] = {}
    return part(document, "metadata")


def admit(document: dict[str, Any], strategy: Strategy, options: WriteOptions, warnings: list[str]) -> None:
    """Make the object fit its type, in place: unknown fields go (or are refused), defaults come.

    Raises Refusal (400). Fields that were dropped are added to `warnings` when the request wants to know.
    """
    info = strategy.info
    schema = info.schema
    if not info.is_custom:
        _refuse_wrong_types(info, schema, document)
    dropped = prune(schema, document)
    if dropped and options.validation != "Ignore":
        texts = [f'unknown field "{path}"' for path in dropped]
        if options.validation == "Strict":
            raise _unreadable(info, f"strict decoding error: {', '.join(texts)}")
        warnings.extend(texts)
    metadata_of(document)
    strategy.default(document)
    apply_defaults(schema, document)
    if not info.is_custom:
        canonical(schema, document)
        tidy_metadata(document["metadata"])


def tidy_metadata(meta: dict[str, Any]) -> None:
    """Drop what Go would not write: nulls, empty lists, maps and texts."""
    for name in [name for name, item in meta.items() if item in (None, "", [], {}) or item is None]:
        del meta[name]


def _refuse_wrong_types(info: ResourceInfo, schema: Schema, document: dict[str, Any]) -> None:
    found = type_errors(schema, document)
    if not found:
        return
    first = found[0]
    expected = _GO_TYPES.get(first.expected.partition(" ")[0], first.expected)
    text = (
        f"json: cannot unmarshal {first.actual} into Go struct field {info.type.kind}.{first.path} of type {expected}"
    )
    raise _unreadable(info, text)


def _unreadable(info: ResourceInfo, why: str) -> statuses.Refusal:
    kind, version = info.type.kind, info.type.version
    return statuses.bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def same_object(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether a write changes nothing but the resourceVersion that it named."""
    return _unversioned(new) == _unversioned(old)


def _unversioned(document: dict[str, Any]) -> dict[str, Any]:
    meta = {name: item for name, item in document["metadata"].items() if name != "resourceVersion"}
    return {**document, "metadata": meta}


def private(document: dict[str, Any]) -> dict[str, Any]:
    """A deep copy."""
    return copy.deepcopy(document)
