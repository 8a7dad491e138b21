"""The base of every typed JSON object that is not a whole resource, and the scalar types Kubernetes adds to JSON's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, TypeAlias, dataclass_transform

import msgspec
from msgspec import field

from fairlead.machinery.snake import wire_name

__all__ = ["JSON", "IntOrString", "MicroTime", "Quantity", "Struct", "StructMeta", "Time", "field"]

JSON: TypeAlias = Any
"""JSON of a shape the API does not state: CRD defaults, managed fields, raw extensions."""

Quantity: TypeAlias = int | str
"""An amount such as `500m` or `2Gi`; the API also accepts plain integers."""

IntOrString: TypeAlias = int | str
"""A number, or a name or percentage, such as `8080`, `http` or `25%`."""

Time: TypeAlias = dt.datetime
"""An aware moment, in whole seconds on the wire."""

MicroTime: TypeAlias = Annotated[dt.datetime, msgspec.Meta(extra={"format": "micro"})]
"""An aware moment; the API server reads it only with exactly six digits of seconds' fraction."""


class StructMeta(msgspec.StructMeta):
    """Makes every subclass keyword-only, which msgspec does not inherit."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **config: Any) -> StructMeta:
        """Make the class, keyword-only unless `kw_only=False` is given."""
        config.setdefault("kw_only", True)
        return super().__new__(mcls, name, bases, namespace, **config)


@dataclass_transform(kw_only_default=True, field_specifiers=(msgspec.field,))
class Struct(msgspec.Struct, metaclass=StructMeta, omit_defaults=True, rename=wire_name, gc=False):
    """A typed JSON object: keyword-only, snake_case in Python, camelCase on the wire, defaults left out.

    JSON has no cycles, so the cyclic collector is not told of these (decoding takes a sixth less): a class whose values shall
    refer back to themselves through a field of any type says `gc=True`.
    """
