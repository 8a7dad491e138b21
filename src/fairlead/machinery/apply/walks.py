"""The walks of server-side apply over values of one type: the set of a value's fields, comparison, merge and removal.

Behaviour of structured-merge-diff v6. Nothing is changed in place; what is returned may share parts with the arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairlead.machinery.apply.fieldsets import NOTHING, Element, FieldSet, Path, field_element, path_text
from fairlead.machinery.apply.types import ABSENT, Form, MergeType, PathError, item_element
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from fairlead.machinery.validation import quote

__all__ = [
    "Comparison",
    "compare",
    "config_faults",
    "field_set",
    "merge",
    "named_fields",
    "remove_items",
    "same",
    "unlike",
]

_encode = msgspec.json.Encoder().encode


def same(left: object, right: object) -> bool:
    """JSON equality: 1 equals 1.0, and True does not equal 1."""
    if left != right:
        return False
    # What is written with the same bytes is the same, and to see that needs no walk.
    return type(left) in _ALIKE or _encode(left) == _encode(right) or _alike(left, right)


def _alike(left: object, right: object) -> bool:
    """Whether values that are equal in Python, where True is 1, have booleans in the same places."""
    if is_map(left) and is_map(right):
        return all(type(item) in _ALIKE or _alike(item, right[name]) for name, item in left.items())
    if is_list(left) and is_list(right):
        return all(map(_alike, left, right))
    return isinstance(left, bool) == isinstance(right, bool)


#: Types of values that are equal to no boolean.
_ALIKE = frozenset({str, type(None)})


def unlike(
    schema: Schema | None, left: Mapping[str, Any], right: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both without the fields of structs that are the same in them, about which comparing them would say nothing.

    Entries of maps stay, for a map that is empty is another thing than a struct that is; so do the items of lists.
    """
    if schema is None or not schema.properties:
        return left, right
    olds, news = dict(left), dict(right)
    for name, child in schema.properties.items():
        if name not in news or name not in olds:
            continue
        old, new = olds[name], news[name]
        if same(old, new):
            del olds[name], news[name]
        elif is_map(old) and is_map(new):
            olds[name], news[name] = unlike(child, old, new)
    return olds, news


def _elements(merge_type: MergeType, items: list[Any], path: Path) -> list[Element]:
    found: list[Element] = []
    for index, item in enumerate(items):
        try:
            found.append(item_element(merge_type, item, path_text(path)))
        except PathError as error:
            raise PathError(error.path, f"element {index}: {error.reason}") from None
    return found


def config_faults(merge_type: MergeType, value: object, path: Path = ()) -> Iterator[PathError]:
    """What apply asks of a configuration: fields the schema knows, values of their types, no key twice."""
    form = merge_type.form(value)
    if value is None:
        return
    if form is Form.MAP:
        yield from _map_faults(merge_type, value, path)
    elif form is Form.LIST:
        if not is_list(value):
            yield PathError(path_text(path), f"expected list, got &{{{_plain(value)}}}")
        else:
            yield from _item_faults(merge_type, value, path)
    elif fault := _scalar_fault(merge_type, value):
        yield PathError(path_text(path), fault)


def _map_faults(merge_type: MergeType, value: object, path: Path) -> Iterator[PathError]:
    if not is_map(value):
        yield PathError(path_text(path), f"expected map, got &{{{_plain(value)}}}")
        return
    for name, item in value.items():
        place = (*path, field_element(name))
        if not merge_type.knows(name):
            yield PathError(path_text(place), "field not declared in schema")
            return
        yield from config_faults(merge_type.field(name), item, place)


def _item_faults(merge_type: MergeType, value: list[Any], path: Path) -> Iterator[PathError]:
    seen: set[Element] = set()
    for index, item in enumerate(value):
        element: Element = (3, index)
        if merge_type.associative:
            try:
                element = item_element(merge_type, item, path_text(path))
            except PathError as error:
                yield PathError(error.path, f"element {index}: {error.reason}")
                return
            if element in seen:
                yield PathError(path_text(path), f"duplicate entries for key {path_text((element,))}")
            seen.add(element)
        yield from config_faults(merge_type.item(), item, (*path, element))


def _scalar_fault(merge_type: MergeType, value: object) -> str:
    schema = merge_type.schema
    if schema is None:
        return ""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if schema.int_or_string or (schema.structural and schema.type is None):
        return ""
    if schema.type is None or (schema.type == "string" and schema.format not in _TEXT_FORMATS):
        return f"expected any scalar, got &{{{_plain(value)}}}" if is_map(value) or is_list(value) else ""
    if schema.type in {"integer", "number"} and not number:
        return f"expected numeric (int or float), got {_go_type(value)}"
    if schema.type == "string" and not isinstance(value, str):
        return f"expected string, got &value.valueUnstructured{{Value:{_syntax(value)}}}"
    if schema.type == "boolean" and not isinstance(value, bool):
        return f"expected boolean, got &{{{_plain(value)}}}"
    return ""


#: Formats of texts that have to be texts; what has any other may be written as another scalar.
_TEXT_FORMATS = frozenset({None, "", "byte"})


def _go_type(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "string" if isinstance(value, str) else "map[string]interface {}" if is_map(value) else "[]interface {}"


def _plain(value: object) -> str:
    """As Go's %v prints a value."""
    if is_map(value):
        return f"map[{' '.join(f'{name}:{_plain(value[name])}' for name in sorted(value))}]"
    if is_list(value):
        return f"[{' '.join(map(_plain, value))}]"
    return "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _syntax(value: object) -> str:
    """As Go's %#v prints a value."""
    if is_map(value):
        fields = ", ".join(f"{quote(name)}:{_syntax(value[name])}" for name in sorted(value))
        return f"map[string]interface {{}}{{{fields}}}"
    if is_list(value):
        return f"[]interface {{}}{{{', '.join(map(_syntax, value))}}}"
    return quote(value) if isinstance(value, str) else "interface {}(nil)" if value is None else _plain(value)


def field_set(merge_type: MergeType, value: object) -> FieldSet:
    """The fields that a value has, of which whoever applies it becomes an owner."""
    return FieldSet.of(_fields(merge_type, value, ()))


def _fields(merge_type: MergeType, value: object, path: Path) -> Iterator[Path]:
    form = merge_type.form(value)
    if form is Form.SCALAR or merge_type.atomic(form):
        yield path
    elif is_map(value):
        for name, item in value.items():
            place = (*path, field_element(name))
            yield from _fields(merge_type.field(name), item, place)
            if item is None or item == {} or not merge_type.states(name):
                yield place
    elif is_list(value):
        elements = _elements(merge_type, value, path)
        for element, item in zip(elements, value, strict=True):
            yield (*path, element)
            if elements.count(element) == 1:
                yield from _fields(merge_type.item(), item, (*path, element))


@dataclass
class Comparison:
    """What changed from one value to another; no path is in more than one set."""

    added: FieldSet = NOTHING
    modified: FieldSet = NOTHING
    removed: FieldSet = NOTHING

    @property
    def gone(self) -> FieldSet:
        """What is no longer as it was, or new."""
        return self.modified.union(self.added).union(self.removed)

    def without(self, reset: FieldSet) -> Comparison:
        """The comparison with the reset fields, and all below them, left out."""
        return Comparison(
            self.added.recursive_difference(reset),
            self.modified.recursive_difference(reset),
            self.removed.recursive_difference(reset),
        )


def compare(merge_type: MergeType, left: object, right: object) -> Comparison:
    """What is added, modified and removed from `left` to `right`."""
    walk = _CompareWalk()
    walk.visit(merge_type, left, right, ())
    return Comparison(walk.added.build(), FieldSet.of(walk.modified), FieldSet.of(walk.removed))


def everything(merge_type: MergeType, value: object, path: Path) -> FieldSet:
    """All that is below a value that was not there: what comparing with nothing says is added."""
    form = merge_type.form(value)
    if form is Form.SCALAR or merge_type.atomic(form) or not value:
        return NOTHING
    if is_map(value):
        return _below([(field_element(name), merge_type.field(name), item) for name, item in value.items()], path)
    if not is_list(value):
        return NOTHING
    elements, item_type = _elements(merge_type, value, path), merge_type.item()
    # Several items of one key count as one leaf.
    twice = (
        {element for element in elements if elements.count(element) > 1} if len(set(elements)) < len(elements) else ()
    )
    items = zip(elements, value, strict=True)
    return _below([(element, item_type, ABSENT if element in twice else item) for element, item in items], path)


def _below(parts: Iterable[tuple[Element, MergeType, object]], path: Path) -> FieldSet:
    members: list[Element] = []
    children: dict[Element, FieldSet] = {}
    for element, merge_type, item in parts:
        members.append(element)
        if item is not ABSENT and (found := everything(merge_type, item, (*path, element))) is not NOTHING:
            children[element] = found
    return FieldSet(frozenset(members), children)


class _Added:
    """Paths that are new, and with each all that is below it."""

    def __init__(self) -> None:
        self._members: list[Path] = []
        self._whole: list[tuple[Path, FieldSet]] = []

    def append(self, path: Path, below: FieldSet = NOTHING) -> None:
        self._members.append(path)
        if below is not NOTHING:
            self._whole.append((path, below))

    def build(self) -> FieldSet:
        found = FieldSet.of(self._members)
        for path, below in self._whole:
            found = found.union(FieldSet.at(path, below))
        return found


@dataclass
class _CompareWalk:
    added: _Added = field(default_factory=_Added)
    modified: list[Path] = field(default_factory=list[Path])
    removed: list[Path] = field(default_factory=list[Path])

    def visit(self, merge_type: MergeType, left: object, right: object, path: Path) -> None:
        if left is ABSENT:
            self.added.append(path, everything(merge_type, right, path))
            return
        left_form, right_form = merge_type.form(left), merge_type.form(right)
        form = left_form if right is ABSENT or right is None else right_form
        if right is not ABSENT and left is not None and right is not None and left_form is not right_form:
            self._replaced(merge_type, left, right, path)
        elif form is Form.SCALAR or merge_type.atomic(form) or not (_filled(left) or _filled(right)):
            self._note(left, right, path)
        else:
            self._walk(form, merge_type, left, right, path)
            if right is ABSENT:
                self.removed.append(path)

    def _walk(self, form: Form, merge_type: MergeType, left: object, right: object, path: Path) -> None:
        walk = self._maps if form is Form.MAP else self._lists
        walk(merge_type, left, right, path)

    def _replaced(self, merge_type: MergeType, left: object, right: object, path: Path) -> None:
        """A value of another form: what was below the old one goes, and what is below the new one comes."""
        self.modified.append(path)
        for form in (merge_type.form(left), merge_type.form(right)):
            if form is not Form.SCALAR and not merge_type.atomic(form):
                self._walk(form, merge_type, left, right, path)

    def _note(self, left: object, right: object, path: Path) -> None:
        if right is ABSENT:
            self.removed.append(path)
        elif not same(left, right):
            self.modified.append(path)

    def _maps(self, merge_type: MergeType, left: object, right: object, path: Path) -> None:
        olds = left if is_map(left) else {}
        news = right if is_map(right) else {}
        for name in dict.fromkeys([*olds, *news]):
            old, new = olds.get(name, ABSENT), news.get(name, ABSENT)
            if type(old) in _ALIKE and old == new:
                continue  # of equal texts there is nothing to say, whatever their type is
            self.visit(merge_type.field(name), old, new, (*path, field_element(name)))

    def _lists(self, merge_type: MergeType, left: object, right: object, path: Path) -> None:
        olds = _grouped(merge_type, left, path)
        news = _grouped(merge_type, right, path)
        for element in dict.fromkeys([*olds, *news]):
            self._items(merge_type.item(), olds.get(element, []), news.get(element, []), (*path, element))

    def _items(self, merge_type: MergeType, olds: list[Any], news: list[Any], path: Path) -> None:
        """Items of one key; several of one key count as one leaf."""
        if len(olds) <= 1 and len(news) <= 1:
            self.visit(merge_type, olds[0] if olds else ABSENT, news[0] if news else ABSENT, path)
        elif len(olds) > 1 and len(news) > 1:
            if not same(olds, news):
                self.modified.append(path)
        elif len(olds) > 1:
            if news:
                self.visit(merge_type, ABSENT, news[0], path)
            self.removed.append(path)
        else:
            if olds:
                self.visit(merge_type, olds[0], ABSENT, path)
            self.added.append(path)


def _filled(value: object) -> bool:
    return value is not ABSENT and value is not None and value not in ({}, [])


def _grouped(merge_type: MergeType, value: object, path: Path) -> dict[Element, list[Any]]:
    out: dict[Element, list[Any]] = {}
    if is_list(value):
        for element, item in zip(_elements(merge_type, value, path), value, strict=True):
            out.setdefault(element, []).append(item)
    return out


def merge(merge_type: MergeType, left: object, right: object, path: Path = ()) -> object:
    """`right` merged over `left`; ABSENT when nothing is left of either."""
    decider = left if right is ABSENT or (right is None and left is not ABSENT) else right
    form = merge_type.form(decider)
    leaf = form is Form.SCALAR or merge_type.atomic(form) or not (_filled(left) or _filled(right))
    # In a value of another form there is nothing to merge, not even with one that is empty.
    if leaf or (_filled(left) and merge_type.form(left) is not form):
        return left if right is ABSENT else right
    if form is Form.MAP:
        return _merge_maps(merge_type, left, right, path)
    return _merge_lists(merge_type, left, right, path)


def _merge_maps(merge_type: MergeType, left: object, right: object, path: Path) -> object:
    olds = left if is_map(left) else {}
    news = right if is_map(right) else {}
    out: dict[str, Any] = {}
    for name in dict.fromkeys([*olds, *news]):
        place = (*path, field_element(name))
        merged = merge(merge_type.field(name), olds.get(name, ABSENT), news.get(name, ABSENT), place)
        if merged is not ABSENT:
            out[name] = merged
    return out or ABSENT


def _merge_lists(merge_type: MergeType, left: object, right: object, path: Path) -> object:
    """Items of `right` keep their order among each other; items only in `left` stay where they stood between them."""
    olds = left if is_list(left) else []
    news = right if is_list(right) else []
    old_elements = _elements(merge_type, olds, path)
    new_elements = _elements(merge_type, news, path)
    old_items: dict[Element, object] = {}
    for element, item in zip(old_elements, olds, strict=True):
        # Of several old items with one key none is merged with the new one.
        old_items[element] = None if element in old_items else item
    new_items = dict(zip(new_elements, news, strict=True))
    out: list[object] = []
    for element, item in _interleaved(old_elements, olds, new_elements, set(old_items)):
        old = old_items.get(element, ABSENT) if item is ABSENT else item
        merged = merge(merge_type.item(), old, new_items.get(element, ABSENT), (*path, element))
        if merged is not ABSENT:
            out.append(merged)
    return out or ABSENT


def _interleaved(
    olds: list[Element], old_items: list[Any], news: list[Element], known: set[Element]
) -> Iterator[tuple[Element, object]]:
    """The order of a merged list: (element, ABSENT) for an item of the new list, (element, item) for one that only the old has."""
    in_new = set(news)
    shared = [element for element in news if element in known]
    merged: set[Element] = set()
    i = j = 0
    while i < len(olds) or j < len(news):
        if i < len(olds) and j < len(news):
            if olds[i] == news[j]:
                merged.add(olds[i])
                yield news[j], ABSENT
                i, j, shared = i + 1, j + 1, shared[1:]
                continue
            if olds[i] in in_new and shared and shared[0] != olds[i]:
                i += 1
                continue
        if i < len(olds):
            if olds[i] not in in_new:
                yield olds[i], old_items[i]
                i += 1
                continue
            if olds[i] in merged:
                i += 1
        if j < len(news):
            merged.add(news[j])
            yield news[j], ABSENT
            if shared and shared[0] == news[j]:
                shared = shared[1:]
            j += 1


def remove_items(merge_type: MergeType, value: object, fields: FieldSet) -> Any:
    """The value without these fields and items; None when nothing is left of it."""
    form = merge_type.form(value)
    if form is Form.MAP:
        return _remove_fields(merge_type, value, fields) if is_map(value) and not merge_type.atomic(form) else None
    if form is Form.LIST:
        if not is_list(value) or merge_type.atomic(form):
            return None
        out = [
            remove_items(merge_type.item(), item, fields.below(element)) if not fields.below(element).empty else item
            for element, item in zip(_elements(merge_type, value, ()), value, strict=True)
            if (element,) not in fields
        ]
        return out or None
    return value


def _remove_fields(merge_type: MergeType, value: dict[str, Any], fields: FieldSet) -> dict[str, Any] | None:
    out: dict[str, Any] = {}
    for name, item in value.items():
        element = field_element(name)
        if (element,) in fields:
            continue
        below = fields.below(element)
        out[name] = item if below.empty else remove_items(merge_type.field(name), item, below)
    return out or None


def named_fields(merge_type: MergeType, fields: FieldSet) -> FieldSet:
    """The set with every stated field that something is below of made a member, so that it goes when all below it goes."""
    members = set(fields.members)
    children: dict[Element, FieldSet] = {}
    for element, child in fields.children.items():
        rank, name = element
        below = MergeType(None)
        if rank == 0:
            if merge_type.states(name):
                members.add(element)
            below = merge_type.field(name)
        elif rank == 1:
            below = merge_type.item()
        children[element] = named_fields(below, child)
    return FieldSet(frozenset(members), children)
