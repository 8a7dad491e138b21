"""Which part of an old object a part of the new one replaces, and whether it is the same.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting: fields
are paired by name, items of lists of type map by their keys, other items not at all.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias

from fairlead.machinery.schema.nodes import Schema, is_list, is_map

__all__ = ["NO_OLD", "Old", "old_field", "old_item", "unchanged"]


class _NoOld(Enum):
    NO_OLD = "no old value"


NO_OLD: Final = _NoOld.NO_OLD
"""There is nothing that the value replaces."""
Old: TypeAlias = Any
"""The old value, or NO_OLD."""


def old_field(old: Old, name: str, *, at_root: bool = False) -> Old:
    """The old value of a field. The type of an object is never held against an old one."""
    if not is_map(old) or (at_root and name in {"apiVersion", "kind"}):
        return NO_OLD
    return old.get(name, NO_OLD)


def old_item(schema: Schema, old: Old, item: Any) -> Old:
    """The old item with the same keys, in a list of type map."""
    if schema.list_type != "map" or not is_list(old) or not is_map(item):
        return NO_OLD
    keys = [item.get(key, NO_OLD) for key in schema.map_keys]
    for one in old:
        if is_map(one) and [one.get(key, NO_OLD) for key in schema.map_keys] == keys:
            return one
    return NO_OLD


def unchanged(schema: Schema, old: Old, new: Any) -> bool:
    """Whether a part is as it was. A field that the schema does not state makes an object another."""
    if old is NO_OLD:
        return False
    if is_map(new) and is_map(old):
        return len(new) == len(old) and all(_same_field(schema, old, name, item) for name, item in new.items())
    if is_list(new) and is_list(old):
        return len(new) == len(old) and _same_items(schema, old, new)
    return type(new) is type(old) and bool(new == old)


def _same_field(schema: Schema, old: dict[str, Any], name: str, item: Any) -> bool:
    child = schema.field(name)
    return child is not None and name in old and unchanged(child, old[name], item)


def _same_items(schema: Schema, old: list[Any], new: list[Any]) -> bool:
    if schema.list_type != "map" or schema.items is None:
        return _same(old, new)
    return all(unchanged(schema.items, old_item(schema, old, item), item) for item in new)


def _same(one: Any, other: Any) -> bool:
    if is_map(one) and is_map(other):
        return one.keys() == other.keys() and all(_same(item, other[name]) for name, item in one.items())
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
