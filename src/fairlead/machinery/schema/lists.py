"""What lists of type set and map may not hold twice, in the API server's words.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.machinery.causes import DUPLICATE, INVALID, Cause
from fairlead.machinery.schema.nodes import Schema, child_path, is_list, is_map
from fairlead.machinery.shown import go_value

__all__ = ["list_faults"]


def list_faults(schema: Schema, value: Any, path: str = "") -> Iterator[Cause]:
    """Items that stand twice in a set or, by their keys, in a map; anywhere in the value."""
    if not schema.structural:
        return
    if is_map(value):
        for name, item in value.items():
            child = schema.field(name)
            if child is not None:
                keyed = name not in schema.properties
                yield from list_faults(child, item, f"{path}[{name}]" if keyed else child_path(path, name))
    elif is_list(value):
        yield from _items(schema, value, path)
        if schema.items is not None:
            for index, item in enumerate(value):
                yield from list_faults(schema.items, item, child_path(path, index))


def _items(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    if schema.list_type == "set":
        yield from _twice([(item, item) for item in value], path)
    elif schema.list_type == "map":
        odd = next((index for index, item in enumerate(value) if item is not None and not is_map(item)), None)
        if odd is not None:
            why = "must be an object for an array of list-type map"
            yield Cause(INVALID, f"Invalid value: {go_value(value[odd])}: {why}", child_path(path, odd))
            return
        keys = [{key: item[key] for key in schema.map_keys if key in item} if is_map(item) else {} for item in value]
        yield from _twice([(key, key) for key in keys], path)


def _twice(items: Sequence[tuple[Any, Any]], path: str) -> Iterator[Cause]:
    seen: dict[str, int] = {}
    for index, (item, shown) in enumerate(items):
        # Go tells 1 from 1.0, and both from true.
        text = f"{type(item).__name__} {go_value(item)}"
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield Cause(DUPLICATE, f"Duplicate value: {go_value(shown)}", child_path(path, index))
