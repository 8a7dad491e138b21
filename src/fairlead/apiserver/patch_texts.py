"""How refusals show an object that came out of a patch: as the server's patch libraries leave its text.

https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from fairlead.apiserver.wire.decoding import go_value
from fairlead.apiserver.wire.json_values import plain_numbers
from fairlead.machinery.patch.json import json_patch
from fairlead.machinery.patch.merge import merge_patch
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from fairlead.machinery.written_order import as_written

__all__ = ["PatchText", "go_json"]

#: Paths of the objects that applying a JSON patch opens.
_Opened: TypeAlias = "frozenset[tuple[str, ...]]"


@dataclass(frozen=True, slots=True)
class PatchText:
    """What refusals say of a patch of `live`: what strict decoding found in it, and how they show what it led to."""

    live: Mapping[str, Any]
    patch: Any
    schema: Schema
    strategic: bool = False
    #: Whether the object is a custom one, which is written with all fields sorted.
    custom: bool = False
    #: Whether this is a server-side apply, after which nothing is decoded any more.
    applied: bool = False
    faults: Sequence[str] = field(default_factory=tuple)

    def shown(self, document: Mapping[str, Any]) -> str:
        """The patched object; for a strategic merge patch the server shows the patch instead.

        Objects that the patch reaches into are written with their fields sorted, all others as they were.
        """
        if self.strategic:
            return go_value(self.patch)
        if self.custom:
            return go_json(document, sort_keys=True)
        live: dict[str, Any] = as_written(self.schema, self.live)
        if is_list(self.patch):
            operations = self.patch
            return go_json(_sorted_at(plain_numbers(json_patch(live, operations)), _opened(operations), ()))
        return go_json(_sorted_with(merge_patch(live, self.patch), live, self.patch))


def go_json(value: Any, *, sort_keys: bool = False) -> str:
    """A JSON text as Go writes it, with what means something in HTML escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _opened(operations: Sequence[Mapping[str, Any] | None]) -> _Opened:
    found: set[tuple[str, ...]] = {()}
    for operation in operations:
        fields = operation or {}
        path, source = _steps(fields.get("path")), _steps(fields.get("from"))
        found.update(steps[:depth] for steps in (path, source) for depth in range(1, len(steps)))
        if fields.get("op") == "test":
            found.update((*path, *below) for below in _containers(fields.get("value"), ()))
        elif source:
            # What is copied is written as far as it was opened where it came from.
            found.update((*path, *each[len(source) :]) for each in list(found) if each[: len(source)] == source)
    return frozenset(found)


def _steps(pointer: object) -> tuple[str, ...]:
    if not isinstance(pointer, str):
        return ()
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _containers(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of the objects and lists in a value, which a test opens to compare them."""
    if is_map(value):
        yield path
        for name, item in value.items():
            yield from _containers(item, (*path, name))
    elif is_list(value):
        yield path
        for place, item in enumerate(value):
            yield from _containers(item, (*path, str(place)))


def _sorted_at(value: Any, opened: _Opened, path: tuple[str, ...]) -> Any:
    if path not in opened:
        return value
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return {name: _sorted_at(fields[name], opened, (*path, name)) for name in sorted(fields)}
    if isinstance(value, list):
        return [_sorted_at(item, opened, (*path, str(i))) for i, item in enumerate(cast("list[Any]", value))]
    return value


def _sorted_with(value: Any, live: Any, patch: Any) -> Any:
    """Sorted where the merge patch merged, and in all that it brought."""
    if is_list(value):
        return [_sorted_with(item, None, item) for item in value]
    if not is_map(value) or not is_map(patch):
        return value
    before: Mapping[str, Any] = live if is_map(live) else {}
    return {
        name: _sorted_with(value[name], before.get(name), patch[name]) if name in patch else value[name]
        for name in sorted(value)
    }
