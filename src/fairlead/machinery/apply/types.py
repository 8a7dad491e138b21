"""How a schema looks to server-side apply: which values are merged field by field, item by item, or only as a whole.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final, NamedTuple, cast

from fairlead.machinery.apply.fieldsets import Element, key_element, value_element
from fairlead.machinery.schema.nodes import RESOURCE_FIELDS, Schema, is_list, is_map
from fairlead.machinery.schema.registry import OBJECT_META

__all__ = [
    "ABSENT",
    "DEDUCED",
    "NULLS",
    "ZEROS",
    "Form",
    "MergeType",
    "PathError",
    "is_omitted",
    "item_element",
    "may_lack_keys",
    "typed_view",
]

_RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension"


class _Absent(Enum):
    """The value that is not there, which JSON's null is not."""

    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT


class Form(Enum):
    """What a value is taken for."""

    MAP = "map"
    SCALAR = "scalar"
    LIST = "list"


class PathError(ValueError):
    """A value that cannot be merged: `path` says where (`.spec.ports`), `reason` why."""

    def __init__(self, path: str, reason: str) -> None:
        """As the API server prints it: `.spec.ports: element 0: …`."""
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True, eq=False)
class MergeType:
    """A schema node, or none for values of unknown type: those merge field by field (`deduced`), or only as a whole.

    `open`: below a node that preserves unknown fields, where fields that are not stated are deduced.
    """

    schema: Schema | None
    deduced: bool = False
    open: bool = False

    @classmethod
    def of(cls, schema: Schema, *, open: bool = False) -> MergeType:
        """The merge type of a schema node, derived once."""
        key = (cls, open)
        found: MergeType | None = schema.views.get(key)
        if found is None:
            whole = schema.ref == _RAW_EXTENSION
            found = WHOLE if whole else cls(schema, open=open or schema.preserve_unknown_fields)
            schema.views[key] = found
        return found

    def form(self, value: object) -> Form:
        """What the value is taken for: what it is where the schema allows it, else the first thing the schema allows."""
        forms = self.forms
        found = Form.MAP if is_map(value) else Form.LIST if is_list(value) else Form.SCALAR
        if value is None or value is ABSENT or found not in forms:
            return forms[0]
        return found

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """What the schema allows a value to be taken for."""
        schema = self.schema
        if schema is None:
            return Form.MAP, Form.SCALAR, Form.LIST
        if schema.int_or_string or schema.format == "quantity":
            return (Form.SCALAR,)
        if schema.type == "object":
            return (Form.MAP,)
        if schema.type == "array":
            return (Form.LIST,)
        return (Form.MAP, Form.SCALAR, Form.LIST) if schema.type is None else (Form.SCALAR,)

    def atomic(self, form: Form) -> bool:
        """Whether a map or list is one leaf."""
        return self._atomic_map if form is Form.MAP else self._atomic_list

    @cached_property
    def _atomic_map(self) -> bool:
        return not self.deduced if self.schema is None else self.schema.map_type == "atomic"

    @cached_property
    def _atomic_list(self) -> bool:
        return not self.associative

    @cached_property
    def associative(self) -> bool:
        """Whether list items are merged: a set, or a map by keys; a strategic merge key counts where no list type is stated."""
        schema = self.schema
        if schema is None:
            return False
        if schema.has("x-kubernetes-list-type"):
            return schema.list_type in {"map", "set"}
        return "merge" in schema.patch_strategy

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The key fields of a list's items; empty for a set."""
        schema = self.schema
        if schema is None:
            return ()
        if schema.has("x-kubernetes-list-type"):
            return schema.map_keys if schema.list_type == "map" else ()
        return (schema.patch_merge_key,) if schema.patch_merge_key else ()

    def states(self, name: str) -> bool:
        """Whether the schema names this field (entries of maps are not named)."""
        if self.schema is None:
            return False
        if name in self.schema.properties:
            return True
        return self.schema.embedded_resource and name in RESOURCE_FIELDS

    def knows(self, name: str) -> bool:
        """Whether a field of this name may be there at all."""
        return (
            self.schema is None
            or self.open
            or self.schema.keeps_unknown
            or self.states(name)
            or self._entries is not None
        )

    @cached_property
    def _entries(self) -> Schema | None:
        extra = None if self.schema is None else self.schema.additional_properties
        return extra if isinstance(extra, Schema) else None

    def field(self, name: str) -> MergeType:
        """The type of a field or map entry."""
        known = self._fields.get(name)
        return self._field(name) if known is None else known

    @cached_property
    def _fields(self) -> dict[str, MergeType]:
        return {} if self.schema is None else {name: self._field(name) for name in self.schema.properties}

    def _field(self, name: str) -> MergeType:
        schema = self.schema
        if schema is None:
            return self
        found = schema.properties.get(name) or self._entries
        if found is not None:
            return MergeType.of(found, open=self.open)
        if schema.embedded_resource and name == "metadata":
            return MergeType.of(schema.definitions.definition(OBJECT_META))
        return DEDUCED

    def item(self) -> MergeType:
        """The type of a list's items."""
        if self.schema is None or self.schema.items is None:
            return WHOLE
        return MergeType.of(self.schema.items, open=self.open)

    def key_default(self, name: str) -> object:
        """What a key field counts as where an item does not have it, or None."""
        found = None if self.schema is None or self.schema.items is None else self.schema.items.field(name)
        return None if found is None else found.default


DEDUCED: Final = MergeType(None, deduced=True)
"""Nothing is known: maps merge field by field, lists are replaced."""
WHOLE: Final = MergeType(None)
"""Nothing is known, and nothing is merged."""


def item_element(merge_type: MergeType, item: object, path: str) -> Element:
    """The path element of an associative list's item. PathError when it has none."""
    if not merge_type.keys:
        if item is None:
            raise PathError(path, "associative list without keys has an element that's an explicit null")
        if is_map(item):
            raise PathError(path, "associative list without keys has an element that's a map type")
        if is_list(item):
            raise PathError(path, "not supported: associative list with lists as elements")
        return value_element(item)
    if item is None:
        raise PathError(path, "associative list with keys may not have a null element")
    if not is_map(item):
        raise PathError(path, "associative list with keys may not have non-map elements")
    found: dict[str, Any] = {}
    for key in merge_type.keys:
        value = item[key] if key in item else merge_type.key_default(key)
        if key in item or value is not None:
            found[key] = value
    if not found:
        names = " ".join(f'"{key}"' for key in merge_type.keys)
        said = "(and doesn't have default values for any key fields)"
        raise PathError(path, f"associative list with keys has an element that omits all key fields [{names}] {said}")
    return key_element(found)


def may_lack_keys(schema: Schema) -> bool:
    """Whether an object of this type can be stored with items in a list that have none of its keys, as a ServiceAccount's `secrets`.

    Of such an object it cannot be said whose a field is, wherever else it changes.
    """
    found = schema.views.get(may_lack_keys)
    if found is None:
        found = schema.views[may_lack_keys] = _may_lack_keys(schema, set())
    return cast("bool", found)


def _may_lack_keys(schema: Schema, seen: set[int]) -> bool:
    if id(schema) in seen:
        return False
    seen.add(id(schema))
    merge_type = MergeType.of(schema)
    keys, items = merge_type.keys, schema.items
    if keys and items is not None:
        given = (key in items.required or merge_type.key_default(key) is not None for key in keys)
        if not any(given):
            return True
    below = [*schema.properties.values(), *([] if items is None else [items])]
    return any(_may_lack_keys(child, seen) for child in below)


def typed_view(schema: Schema, value: object) -> object:
    """A built-in object as its Go struct reads: value structs and required fields always there, nulls and empty optional lists and maps never.

    Ownership depends on it: a value struct is never added, so it is never owned itself. A custom object is taken as it is.
    """
    if schema.structural:
        return value
    if is_map(value):
        return _typed_fields(schema, value)
    if is_list(value) and schema.items is not None:
        items = schema.items
        return [typed_view(items, item) for item in value]
    return value


def _typed_fields(schema: Schema, value: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    view = schema.views.get(_View)
    if view is None:
        view = schema.views[_View] = _View.of(schema)
    codes, always = cast("_View", view)
    for name, item in value.items():
        child = schema.field(name)
        if child is None:
            out[name] = item
        elif codes.get(name) in NULLS or not is_omitted(schema, name, child, item):
            out[name] = item if type(item) is str else typed_view(child, item)
    for name, child in always:
        if name not in out:
            out[name] = typed_view(child, {}) if child.default == {} else child.default
    _write_always(schema, codes, out)
    return out


class _View(NamedTuple):
    """What there is to say of the fields of a struct; found out once."""

    #: The codes of `codegen.structs`.
    codes: Mapping[str, str]
    #: Fields that are there in every object: value structs, and what is required.
    always: tuple[tuple[str, Schema], ...]

    @classmethod
    def of(cls, schema: Schema) -> _View:
        codes = schema.definitions.struct(schema.ref or str(schema.views.get("definition", "")))
        fields = schema.properties.items()
        return cls(codes, tuple((name, c) for name, c in fields if c.default == {} or name in schema.required))


#: Lists and times, which are written as null where they are not set.
NULLS = ("L", "T")


def _write_always(schema: Schema, codes: Mapping[str, str], out: dict[str, Any]) -> None:
    for name, code in codes.items():
        if code in NULLS:
            out.setdefault(name, None)
        elif code == "S" and name in schema.properties and out.get(name) is None:
            out[name] = ZEROS.get(schema.properties[name].type, "")


#: What Go writes for a field that is not set, by its type; a text otherwise.
ZEROS: dict[str | None, Any] = {"integer": 0, "number": 0, "boolean": False}


def is_omitted(schema: Schema, name: str, child: Schema, item: object) -> bool:
    """Whether Go's `omitempty` leaves the field out of the JSON; a pointer to an empty struct stays."""
    if name not in schema.properties or name in schema.required:
        return False
    if item is None or item == []:
        return True
    return item == {} and not child.properties and isinstance(child.additional_properties, Schema)
