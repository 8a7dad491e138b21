"""Objects within custom objects: their type and metadata must be right, wherever `x-kubernetes-embedded-resource` puts them.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#rawextension
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fairlead.machinery.causes import INVALID, REQUIRED, Cause
from fairlead.machinery.schema.nodes import Schema, child_path, is_list, is_map
from fairlead.machinery.shown import go_value
from fairlead.machinery.validation import dns1035_label, path_segment_name, validate_object_meta

__all__ = ["embedded_faults"]


def embedded_faults(schema: Schema, value: Any, path: str = "") -> Iterator[Cause]:
    """What is wrong with the embedded resources of a value, anywhere in it."""
    if not schema.structural:
        return
    if is_map(value):
        if schema.embedded_resource:
            yield from _resource(value, path)
        for name, item in value.items():
            child = schema.field(name)
            if child is not None:
                place = child_path(path, name) if name in schema.properties else f"{path}[{name}]"
                yield from embedded_faults(child, item, place)
    elif is_list(value) and schema.items is not None:
        for index, item in enumerate(value):
            yield from embedded_faults(schema.items, item, child_path(path, index))


def _resource(value: dict[str, Any], path: str) -> Iterator[Cause]:
    for name in ("apiVersion", "kind"):
        if name not in value:
            yield Cause(REQUIRED, "Required value", child_path(path, name))
    yield from _text(value.get("apiVersion", ...), child_path(path, "apiVersion"), _no_api_version)
    yield from _text(value.get("kind", ...), child_path(path, "kind"), _no_kind)
    meta = value.get("metadata")
    if is_map(meta):
        named = {**meta, "name": meta.get("name") or "fakename"}
        at = child_path(path, "metadata")
        namespaced = bool(meta.get("namespace"))
        for cause in validate_object_meta(named, namespaced=namespaced, name_rule=path_segment_name):
            yield cause._replace(field=at + cause.field.removeprefix("metadata"))


def _invalid(path: str, value: Any, why: str) -> Cause:
    return Cause(INVALID, f"Invalid value: {go_value(value)}: {why}", path)


def _text(value: Any, path: str, wrong: Callable[[str], str]) -> Iterator[Cause]:
    """What is wrong with a text that may be left out, but not be empty; `wrong` says it of one that is there."""
    if value is ...:
        return
    if not isinstance(value, str):
        yield _invalid(path, value, "must be a string")
    elif not value:
        yield _invalid(path, value, "must not be empty")
    elif said := wrong(value):
        yield _invalid(path, value, said)


def _no_api_version(value: str) -> str:
    return f"unexpected GroupVersion string: {value}" if value.count("/") > 1 else ""


def _no_kind(value: str) -> str:
    found = dns1035_label(value.lower())
    return "may have mixed case, but should otherwise match: " + ",".join(found) if found else ""
