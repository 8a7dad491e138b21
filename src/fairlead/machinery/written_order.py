"""The order in which a server writes the fields of a built-in object, which texts that show a whole object hold.

A struct's fields stand in the order in which Go declares them, and in which `generated.proto` files list them; a map is sorted.
"""

from __future__ import annotations

from typing import Any

from fairlead.machinery.protobuf import written_names
from fairlead.machinery.schema.nodes import Schema, is_list, is_map

__all__ = ["as_written"]


def as_written(schema: Schema | None, value: Any) -> Any:
    """A copy of a value of this type with all fields in their order; what has no type stays as it is."""
    if schema is None:
        return value
    if is_list(value):
        return [as_written(schema.items, item) for item in value]
    if not is_map(value):
        return value
    if not schema.properties:
        free = schema.additional_properties is None
        return value if free else {name: as_written(schema.field(name), value[name]) for name in sorted(value)}
    names = written_names(str(schema.ref or schema.views.get("definition") or ""))
    # kind and apiVersion are no fields of messages, and come first.
    places = {name: place for place, name in enumerate(("kind", "apiVersion", *names))}
    return {
        name: as_written(schema.field(name), value[name])
        for name in sorted(value, key=lambda each: _place(places, each))
    }


def _place(places: dict[str, int], name: str) -> int:
    return places.get(name, len(places))
