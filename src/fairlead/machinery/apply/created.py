"""What the creator of an object owns of it, in one walk: what comparing the object with nothing comes to, for most objects.

The plain way (`walks.compare` of two typed views) says the same of every object; this one knows each type's fields
beforehand, and gives up on objects that are not of their type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from fairlead.machinery.apply.fieldsets import Element, write_element
from fairlead.machinery.apply.types import (
    ABSENT,
    DEDUCED,
    NULLS,
    ZEROS,
    Form,
    MergeType,
    PathError,
    is_omitted,
    item_element,
    typed_view,
)
from fairlead.machinery.apply.walks import everything, same
from fairlead.machinery.schema.nodes import Schema, is_list, is_map

__all__ = ["NotOfItsType", "created_fields"]


class NotOfItsType(Exception):
    """The object is none that this way can speak of; the plain one has to be asked."""


def created_fields(merge_type: MergeType, value: Mapping[str, Any], reset: Iterable[str]) -> dict[str, Any]:
    """The fieldsV1 of all that a new object has, without the fields at its top that are `reset`.

    The metadata that the server sets counts too: leaving it out is the caller's. Raises NotOfItsType.
    """
    found = _Node.of(merge_type).differences(value)
    for name in reset:
        found.pop(f"f:{name}", None)
    return found


@dataclass(slots=True, eq=False)
class _Field:
    """One field of a struct."""

    key: str
    node: _Node
    schema: Schema
    #: Nothing below it is ever owned by itself.
    leaf: bool
    #: What stands there in an object that does not set it; ABSENT: nothing.
    unset: Any
    #: As fieldsV1, what is below `unset`.
    below_unset: dict[str, Any]
    #: Written where it is empty, so its being empty can be seen.
    shows_empty: bool
    #: Go's zero value, as which an explicit null is read; None: a null stays.
    zero: Any


class _Node:
    """A merge type with what is known of its fields; made when a walk first comes to it, for types hold themselves."""

    def __init__(self, merge_type: MergeType) -> None:
        self.type = merge_type
        schema = merge_type.schema
        self.schema = schema
        #: An object whose Go struct decides what is there.
        self.typed: bool = schema is not None and not schema.structural
        self.map_atomic: bool = merge_type.atomic(Form.MAP)
        self.leaf: bool = all(form is Form.SCALAR or merge_type.atomic(form) for form in merge_type.forms)
        self.any: bool = len(merge_type.forms) > 1
        self._fields: dict[str, _Field] | None = None
        #: Those of them in which something stands that was not set.
        self._standing: list[_Field] = []
        #: What a map's values are, once one has been asked for.
        self._entry: _Node | None = None
        self._item: _Node | None = None

    @classmethod
    def of(cls, merge_type: MergeType) -> _Node:
        if merge_type.schema is None:
            return _DEDUCED if merge_type.deduced else _WHOLE
        views, key = merge_type.schema.views, (cls, merge_type.open)
        found: _Node | None = views.get(key)
        if found is None:
            found = views[key] = cls(merge_type)
        return found

    @property
    def fields(self) -> dict[str, _Field]:
        if self._fields is None:
            self._fields = _known_fields(self)
            self._standing = [field for field in self._fields.values() if field.unset is not ABSENT]
        return self._fields

    def other(self, name: str) -> _Node:
        """The node of a field that no struct names."""
        if self._entry is None:
            merge_type = self.type.field(name)
            if self.schema is None or merge_type.schema is not self.schema.additional_properties:
                return _Node.of(merge_type)
            self._entry = _Node.of(merge_type)
        return self._entry

    @property
    def item(self) -> _Node:
        if self._item is None:
            self._item = _Node.of(self.type.item())
        return self._item

    # -- what is new as a whole

    def below(self, value: Any) -> dict[str, Any]:
        """All that is below a value that was not there."""
        if value is None or self.leaf:
            return {}
        if is_map(value):
            return self._map(value)
        if is_list(value):
            return self._list(value)
        if self.any:
            return {}
        raise NotOfItsType

    def _map(self, value: dict[str, Any]) -> dict[str, Any]:
        if Form.MAP not in self.type.forms:
            raise NotOfItsType
        if self.map_atomic:
            return {}
        if self._entry is not None and self._entry.leaf and not self.fields:
            return {"f:" + name: {} for name in sorted(value)}
        found = self._said(value, beside_unset=False)
        if self.typed:
            for field in self._standing:
                if field.key not in found:
                    found[field.key] = _owned(field.below_unset)
        return _sorted(found)

    def _said(self, value: Mapping[str, Any], *, beside_unset: bool) -> dict[str, Any]:
        """What each member of a map says; with `beside_unset` only what differs from where nothing is set."""
        found: dict[str, Any] = {}
        fields = self.fields if self._fields is None else self._fields
        for name, item in value.items():
            field = fields.get(name)
            if field is None:
                node = self._entry or self.other(name)
                found["f:" + name] = {} if node.leaf else _owned(node.below(item))
                continue
            if not item and item in _EMPTY and self.typed and (item is None or not field.shows_empty):
                item = self._emptied(name, field, item)
                if item is ABSENT:
                    continue
            if not beside_unset or field.unset is ABSENT:
                found[field.key] = {} if field.leaf else _owned(field.node.below(item))
            elif (changed := self._changed(field, item)) is not None:
                found[field.key] = changed
        return found

    def _emptied(self, name: str, field: _Field, item: Any) -> Any:
        """What an empty value reads as; ABSENT where that is left out."""
        schema = cast(Schema, self.schema)
        if not field.shows_empty and is_omitted(schema, name, field.schema, item):
            return ABSENT
        return field.zero if item is None else item

    def _list(self, value: list[Any]) -> dict[str, Any]:
        if Form.LIST not in self.type.forms:
            raise NotOfItsType
        if self.type.atomic(Form.LIST) or not value:
            return {}
        keys, node = self.type.keys, self.item
        found: dict[Element, dict[str, Any]] = {}
        for item in value:
            if keys and not (is_map(item) and all(item.get(key) not in _EMPTY for key in keys)):
                raise NotOfItsType
            try:
                element = item_element(self.type, item, "")
            except PathError:
                raise NotOfItsType from None
            if element in found:
                raise NotOfItsType
            found[element] = node.below(item)
        return {write_element(element): _owned(found[element]) for element in sorted(found)}

    # -- what differs from an object that sets nothing

    def differences(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """What an object has that one of its type without any field has not."""
        return _sorted(self._said(value, beside_unset=True))

    def _changed(self, field: _Field, item: Any) -> dict[str, Any] | None:
        """What there is of a field that is always there; None: nothing."""
        unset = field.unset
        if isinstance(unset, dict):
            if not is_map(item):
                raise NotOfItsType
            if field.node.map_atomic:
                return None if same(cast("object", unset), typed_view(field.schema, item)) else {}
            return field.node.differences(item) or None
        if isinstance(unset, list) or (unset is not None and isinstance(item, dict | list)):
            raise NotOfItsType
        if same(unset, item):
            return None
        if field.leaf or item in _EMPTY:
            return {}
        return field.node.below(item)


def _owned(below: dict[str, Any]) -> dict[str, Any]:
    """A field with what is below it; one that has something below is a member itself too."""
    return {".": {}, **below} if below else {}


def _sorted(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in sorted(found)} if len(found) > 1 else found


_EMPTY: Final[tuple[Any, ...]] = (None, [], {})
_DEDUCED: Final = _Node(DEDUCED)
_WHOLE: Final = _Node(MergeType(None))


def _known_fields(node: _Node) -> dict[str, _Field]:
    schema = node.schema
    if schema is None:
        return {}
    codes: Mapping[str, str] = (
        schema.definitions.struct(schema.ref or str(schema.views.get("definition", ""))) if node.typed else {}
    )
    unset = cast("dict[str, Any]", typed_view(schema, {}))
    found: dict[str, _Field] = {}
    for name, child in schema.properties.items():
        below, code = _Node.of(node.type.field(name)), codes.get(name)
        stands = unset.get(name, ABSENT)
        found[name] = _Field(
            key="f:" + name,
            node=below,
            schema=child,
            leaf=below.leaf,
            unset=stands,
            below_unset={} if stands is ABSENT else everything(below.type, stands, ()).to_fields_v1(),
            shows_empty=code in NULLS,
            zero=ZEROS.get(child.type, "") if code == "S" else None,
        )
    return found
