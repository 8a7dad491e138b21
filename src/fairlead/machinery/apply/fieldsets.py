"""Sets of field paths, as `metadata.managedFields[].fieldsV1` keeps them.

https://kubernetes.io/docs/reference/using-api/server-side-apply/ and KEP-555. The order of path elements and the JSON are
those of structured-merge-diff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import msgspec

from fairlead.machinery.schema.nodes import is_list, is_map
from fairlead.machinery.shown import go_number

__all__ = ["Element", "FieldSet", "Path", "field_element", "key_element", "path_text", "value_element", "write_element"]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

Scalar: TypeAlias = tuple[int, Any]
"""A JSON scalar that sorts and hashes as in Go: numbers before strings before booleans, and True is not 1."""

Element: TypeAlias = tuple[int, Any]
"""One step of a path: (0, field name), (1, key fields and their values), (2, value of a set), (3, index). They sort in this order."""

Path: TypeAlias = tuple[Element, ...]

_FIELD, _KEY, _VALUE, _INDEX = range(4)
_LETTERS = "fkvi"
_EMPTY_CHILDREN: Mapping[Element, FieldSet] = MappingProxyType({})


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return (6, None) if value is None else (5, _json(value))


def _json(value: object) -> str:
    if isinstance(value, float):
        return go_number(value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _number(text: str) -> float | int:
    """A number as it comes back out of fieldsV1, where the server reads all of them as floats."""
    number = float(text)
    return int(number) if number.is_integer() else number


_decode_key = json.JSONDecoder(parse_int=_number, parse_float=_number).decode


def _plain(scalar: Scalar) -> Any:
    return json.loads(scalar[1]) if scalar[0] == 5 else scalar[1]


def field_element(name: str) -> Element:
    """The field or map entry called `name`."""
    return _FIELD, name


def key_element(fields: Mapping[str, Any]) -> Element:
    """The item of a list of type map whose key fields have these values."""
    return _KEY, tuple((name, _scalar(fields[name])) for name in sorted(fields))


def value_element(value: object) -> Element:
    """The item of a set."""
    return _VALUE, _scalar(value)


@lru_cache(maxsize=4096)
def write_element(element: Element) -> str:
    """The element as fieldsV1 writes it: `f:spec`, `k:{"name":"app"}`."""
    rank, content = element
    if rank == _KEY:
        text = "{" + ",".join(f"{_json(name)}:{_json(_plain(value))}" for name, value in content) + "}"
    else:
        text = _json(_plain(content)) if rank == _VALUE else str(content)
    return f"{_LETTERS[rank]}:{text}"


def _read(text: str) -> Element | None:
    """The element, or None for a kind of element that is not known. ValueError when it does not parse."""
    letter, colon, content = text[:1], text[1:2], text[2:]
    if colon != ":":
        raise ValueError(f"path element {text!r} of fieldsV1 has no colon in second place")
    if letter == "f":
        return field_element(content)
    if letter == "k":
        return key_element(_decode_key(content))
    if letter == "v":
        return value_element(_decode_key(content))
    return (_INDEX, int(content)) if letter == "i" else None


def _element_text(element: Element) -> str:
    rank, content = element
    if rank == _FIELD:
        return f".{content}"
    if rank == _KEY:
        return "[" + ",".join(f"{name}={_json_text(value)}" for name, value in content) + "]"
    return f"[={_json_text(content)}]" if rank == _VALUE else f"[{content}]"


def _json_text(scalar: Scalar) -> str:
    return _value_text(_plain(scalar))


def _value_text(value: object) -> str:
    if is_map(value):
        return "".join(f"{name}={_value_text(value[name])}" for name in sorted(value))
    if is_list(value):
        return f"[{','.join(map(_value_text, value))}]"
    return go_number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def path_text(path: Path) -> str:
    """A path as conflicts name it: `.spec.template.spec.containers[name="app"].image`."""
    return "".join(_element_text(element) for element in path)


@dataclass(frozen=True, slots=True)
class FieldSet:
    """An immutable trie: `members` are in the set, `children` hold the paths that go on below an element (which need not be a member)."""

    members: frozenset[Element] = frozenset()
    children: Mapping[Element, FieldSet] = field(default_factory=lambda: _EMPTY_CHILDREN)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> FieldSet:
        """The set of these paths; the empty path is no field and is left out."""
        members: set[Element] = set()
        below: dict[Element, list[Path]] = {}
        for path in paths:
            if len(path) == 1:
                members.add(path[0])
            elif path:
                below.setdefault(path[0], []).append(path[1:])
        return cls(frozenset(members), {element: cls.of(rest) for element, rest in below.items()})

    @classmethod
    def at(cls, path: Path, below: FieldSet) -> FieldSet:
        """What is in `below`, at this path."""
        for element in reversed(path):
            below = cls(children={element: below})
        return below

    @classmethod
    def from_fields_v1(cls, fields: Mapping[str, Any]) -> FieldSet:
        """From the JSON of `fieldsV1`; elements of unknown kinds are dropped. ValueError when an element does not parse."""
        return _read_text(_encode(fields))[0]

    @classmethod
    def as_written(cls, fields: Mapping[str, Any]) -> tuple[FieldSet, bool]:
        """As `from_fields_v1`, and whether `to_fields_v1` would write the very same."""
        return _read_text(_encode(fields))

    def to_fields_v1(self) -> dict[str, Any]:
        """The JSON of `fieldsV1`, in the API server's order."""
        out: dict[str, Any] = {}
        for element in sorted(self.members | self.children.keys()):
            child = self.children.get(element)
            below = {} if child is None else child.to_fields_v1()
            out[write_element(element)] = {".": {}, **below} if below and element in self.members else below
        return out

    @property
    def empty(self) -> bool:
        """Whether no path is in the set."""
        return not self.members and all(child.empty for child in self.children.values())

    def __contains__(self, path: Path) -> bool:
        node = self
        for element in path[:-1]:
            node = node.below(element)
        return bool(path) and path[-1] in node.members

    def below(self, element: Element) -> FieldSet:
        """What is in the set below one element."""
        return self.children.get(element, NOTHING)

    def paths(self, prefix: Path = ()) -> Iterator[Path]:
        """Every path, members before what is below them, in the API server's order."""
        for element in sorted(self.members):
            yield (*prefix, element)
        for element in sorted(self.children):
            yield from self.children[element].paths((*prefix, element))

    def union(self, other: FieldSet) -> FieldSet:
        """The paths in either."""
        if not (other.members or other.children):
            return self
        children = dict(self.children)
        for element, child in other.children.items():
            mine = children.get(element)
            children[element] = child if mine is None else mine.union(child)
        return FieldSet(self.members | other.members, children)

    def intersection(self, other: FieldSet) -> FieldSet:
        """The paths in both."""
        shared = {e: child.intersection(other.children[e]) for e, child in self.children.items() if e in other.children}
        return FieldSet(self.members & other.members, _not_empty(shared))

    def difference(self, other: FieldSet) -> FieldSet:
        """The paths that are not in `other`; what is below a path of `other` stays. The set itself if that is all of it."""
        if not (other.members or other.children):
            return self
        gone = other.children
        left = {e: child.difference(gone[e]) if e in gone else child for e, child in self.children.items()}
        if self.members.isdisjoint(other.members) and all(left[e] is child for e, child in self.children.items()):
            return self
        return FieldSet(self.members - other.members, _not_empty(left))

    def recursive_difference(self, other: FieldSet) -> FieldSet:
        """The paths that are neither in `other` nor below a path of it."""
        if not (other.members or other.children):
            return self
        left = {
            element: child.recursive_difference(other.below(element))
            for element, child in self.children.items()
            if element not in other.members
        }
        return FieldSet(self.members - other.members, _not_empty(left))


@lru_cache(maxsize=512)
def _read_text(text: bytes) -> tuple[FieldSet, bool]:
    """A set from its JSON, and whether that is how it is written. Objects of one template have the same few sets: each is read once."""
    found, _ = _read_set(_decode(text))
    return found, _encode(found.to_fields_v1()) == text


def _not_empty(children: dict[Element, FieldSet]) -> dict[Element, FieldSet]:
    return {element: child for element, child in children.items() if not child.empty}


def _read_set(fields: Mapping[str, Any]) -> tuple[FieldSet, bool]:
    """The paths below, and whether the place itself is in the set: if it says so, or if nothing is below it."""
    members: set[Element] = set()
    children: dict[Element, FieldSet] = {}
    for text, below in fields.items():
        element = None if text == "." else _read(text)
        if element is None:
            continue
        child, is_member = _read_set(cast("Mapping[str, Any]", below or {}))
        if is_member:
            members.add(element)
        if child.members or child.children:
            children[element] = child
    found = FieldSet(frozenset(members), children)
    return found, "." in fields or not (members or children)


NOTHING = FieldSet()
