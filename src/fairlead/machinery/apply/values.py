"""Which fields an update changed where it only put other values in the places of old ones, as most updates do.

Then there is no need to see both objects as their Go structs, which adds to each what is the same in both. The plain way
(`walks.compare` of two typed views) says the same of every pair of objects; this one gives up on all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fairlead.machinery.apply.fieldsets import Element, FieldSet, field_element
from fairlead.machinery.apply.types import Form, MergeType, PathError, item_element, typed_view
from fairlead.machinery.apply.walks import same
from fairlead.machinery.schema.nodes import is_map

__all__ = ["changed_values"]

_METADATA = field_element("metadata")


class _OtherPlaces(Exception):
    """More than values differ, or it depends on the type whether they do."""


def changed_values(
    merge_type: MergeType, old: Mapping[str, Any], new: Mapping[str, Any], unowned: Mapping[str, Element]
) -> FieldSet | None:
    """The paths of the values that differ; None where the plain way has to be gone.

    Of metadata the fields `unowned`, by name, are the server's: they may also come and go.
    """
    if merge_type.schema is None:
        return None
    olds, news = dict(old), dict(new)
    old_meta, new_meta = olds.pop("metadata", None), news.pop("metadata", None)
    try:
        found = _maps(merge_type, olds, news)
        if old_meta is None and new_meta is None:
            return found
        if not (is_map(old_meta) and is_map(new_meta)):
            return None
        return _with_metadata(found, _metadata(merge_type.field("metadata"), old_meta, new_meta, unowned))
    except (_OtherPlaces, PathError):
        return None


def _with_metadata(found: FieldSet, below: FieldSet) -> FieldSet:
    return found if below.empty else FieldSet(found.members, {**found.children, _METADATA: below})


def _metadata(
    merge_type: MergeType, old: Mapping[str, Any], new: Mapping[str, Any], unowned: Mapping[str, Element]
) -> FieldSet:
    gone = [element for name, element in unowned.items() if not same(old.get(name), new.get(name))]
    olds = {name: item for name, item in old.items() if name not in unowned}
    news = {name: item for name, item in new.items() if name not in unowned}
    found = _maps(merge_type, olds, news)
    return FieldSet(found.members.union(gone), found.children) if gone else found


def _maps(merge_type: MergeType, olds: Mapping[str, Any], news: Mapping[str, Any]) -> FieldSet:
    if olds.keys() != news.keys():
        raise _OtherPlaces
    members: list[Element] = []
    children: dict[Element, FieldSet] = {}
    for name, new in news.items():
        old = olds[name]
        if not same(old, new):
            _differ(merge_type.field(name), old, new, field_element(name), members, children)
    return FieldSet(frozenset(members), children)


def _differ(
    merge_type: MergeType, old: Any, new: Any, element: Element,
    members: list[Element], children: dict[Element, FieldSet],
) -> None:  # fmt: skip
    """Note what differs in two values of one place."""
    # What is empty may count as absent.
    if old is None or new is None or old in _CONTAINERS or new in _CONTAINERS:
        raise _OtherPlaces
    form, kind = merge_type.form(new), _kind(new)
    if merge_type.form(old) is not form or _kind(old) is not kind or form is not _FORMS.get(kind, Form.SCALAR):
        raise _OtherPlaces
    if form is Form.SCALAR:
        members.append(element)
        return
    if merge_type.atomic(form):
        # What differs as JSON, by a null, may be the same as structs.
        schema = merge_type.schema
        if schema is None or not same(typed_view(schema, old), typed_view(schema, new)):
            members.append(element)
        return
    below = (
        _maps(merge_type, cast("dict[str, Any]", old), cast("dict[str, Any]", new))
        if form is Form.MAP
        else _lists(merge_type, cast("list[Any]", old), cast("list[Any]", new))
    )
    if not below.empty:
        children[element] = below


_CONTAINERS: tuple[Any, ...] = ({}, [])
_FORMS: dict[type[Any], Form] = {dict: Form.MAP, list: Form.LIST}


def _kind(value: Any) -> type[Any]:
    """The JSON type of a value."""
    return float if type(value) is int else cast("type[Any]", type(value))


def _lists(merge_type: MergeType, olds: list[Any], news: list[Any]) -> FieldSet:
    """Lists of the same items in the same order, each named by keys that it has."""
    if not merge_type.keys or len(olds) != len(news):
        raise _OtherPlaces
    members: list[Element] = []
    children: dict[Element, FieldSet] = {}
    seen: set[Element] = set()
    for old, new in zip(olds, news, strict=True):
        element = _item(merge_type, new)
        if element in seen or element != _item(merge_type, old):
            raise _OtherPlaces
        seen.add(element)
        if not same(old, new):
            _differ(merge_type.item(), old, new, element, members, children)
    return FieldSet(frozenset(members), children)


def _item(merge_type: MergeType, item: Any) -> Element:
    if not is_map(item) or not all(item.get(key) for key in merge_type.keys):
        raise _OtherPlaces
    return item_element(merge_type, item, "")
