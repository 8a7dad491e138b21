"""YAML as kubectl reads it.

kubectl turns YAML into JSON with Go's rules for plain scalars, which are neither YAML 1.1's nor 1.2's: `y`, `yes` and
`on` are true, `0o17` and `017` are 15, `1e3` is 1000, and dates, times and `1:30` stay strings. Only values that JSON
knows come out: dict with string keys, list, str, int, float, bool and None.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.scanner import ScannerError

from fairlead.errors import InvalidObject
from fairlead.machinery.yaml.scalars import DATE, INFINITE, MAP, SEQ, STR, TAG, NotJson, Scalar, as_json, plain

__all__ = ["GoYamlError", "load", "load_all", "read_first"]

_Loader: Final = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))

#: A plain scalar without a tag: what it means is decided here, not by the parser.
_PLAIN = "plain"

#: Values that aliases may add to a text's own; a manifest has a few, a bomb has millions.
_ALIASED_LIMIT = 100_000
#: Characters that aliases of long texts may add: a text of a megabyte named a thousand times is small until it is written out.
_ALIASED_TEXT_LIMIT = 16_000_000
_LONG_TEXT = 1000
_DEPTH_LIMIT = 200


def _binary(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise NotJson("the value of !!binary is not base64") from None


def _tagged(kind: str, expected: Callable[[object], bool]) -> Callable[[str], Scalar]:
    def read(text: str) -> Scalar:
        value = plain(text)
        if not expected(value):
            raise NotJson(f"{text!r} is no !!{kind}")
        return value

    return read


def _timestamp(text: str) -> str:
    if not DATE.fullmatch(text):
        raise NotJson(f"{text!r} is no !!timestamp")
    return text


_SCALARS: Final[dict[str, Callable[[str], Scalar]]] = {
    _PLAIN: plain,
    TAG + "binary": _binary,
    TAG + "bool": _tagged("bool", lambda value: isinstance(value, bool)),
    TAG + "float": _tagged("float", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    TAG + "int": _tagged("int", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    TAG + "null": _tagged("null", lambda value: value is None),
    TAG + "timestamp": _timestamp,
}


class _Nodes(_Loader):  # type: ignore[misc,valid-type]
    """A loader of which only the parsing into nodes is used."""

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> str:  # noqa: ARG002  # PyYAML's signature
        """The tag of a node without one."""
        if kind is ScalarNode:
            return _PLAIN if implicit[0] else STR
        return SEQ if kind is SequenceNode else MAP


class GoYamlError(ValueError):
    """A text is not YAML; the message is that of the API server's YAML library."""


class _Reader:
    """Turns the nodes of one text into values."""

    def __init__(self, source: str, duplicates: list[tuple[int, str]] | None = None) -> None:
        self._source = source
        #: Keys that stand twice in a mapping are noted here, with their lines; None: they are refused.
        self._duplicates = duplicates
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._aliased = self._aliased_text = 0

    def fail(self, node: Node, text: str) -> NoReturn:
        raise InvalidObject(f"{self._source}, line {node.start_mark.line + 1}: {text}")

    def value(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._enter(node)
        if isinstance(node, SequenceNode):
            value: Any = [self.value(item) for item in cast("list[Node]", node.value)]
        else:
            value = self._mapping(cast(MappingNode, node))
        self._open.discard(id(node))
        return value

    def _count_text(self, node: ScalarNode) -> None:
        if id(node) in self._seen:
            self._aliased_text += len(node.value)
            if self._aliased_text > _ALIASED_TEXT_LIMIT:
                self.fail(node, f"aliases expand to more than {_ALIASED_TEXT_LIMIT} characters of text")
        self._seen.add(id(node))

    def _enter(self, node: Node) -> None:
        if id(node) in self._open:
            self.fail(node, "the anchor's value contains itself")
        if len(self._open) >= _DEPTH_LIMIT:
            self.fail(node, f"more than {_DEPTH_LIMIT} levels of nesting")
        if id(node) in self._seen:
            # Its scalars are counted with it: what is inside is in `_seen` too.
            self._aliased += 1 + len(node.value)
            if self._aliased > _ALIASED_LIMIT:
                self.fail(node, f"aliases expand to more than {_ALIASED_LIMIT} values")
        self._seen.add(id(node))
        self._open.add(id(node))

    def _scalar(self, node: ScalarNode) -> Scalar:
        if len(node.value) > _LONG_TEXT:
            self._count_text(node)
        read = _SCALARS.get(node.tag)
        if read is None:
            return cast(str, node.value)
        try:
            return read(node.value)
        except NotJson as error:
            self.fail(node, str(error))

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        own: dict[str, int] = {}
        for key_node, value_node in cast("list[tuple[Node, Node]]", node.value):
            if key_node.tag == _PLAIN and key_node.value == "<<":
                # As in kubectl, a merge overrides what stands before it and is overridden by what follows.
                found.update(self._merged(value_node))
                continue
            key = self._key(key_node)
            if key in own and self._duplicates is not None:
                self._duplicates.append((value_node.start_mark.line + 1, key))
            elif key in own:
                self.fail(key_node, f"the key {key!r} stands here for the second time, the first is in line {own[key]}")
            own[key] = key_node.start_mark.line + 1
            found[key] = self.value(value_node)
        return found

    def _key(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            self.fail(node, "a key is a mapping or a list; only scalars can be keys")
        if node.tag == _PLAIN and INFINITE.fullmatch(node.value):
            return cast(str, node.value)
        key = self._scalar(node)
        if key is None:
            self.fail(node, "a key is null")
        return key if isinstance(key, str) else json.dumps(key)

    def _merged(self, node: Node) -> dict[str, Any]:
        several = isinstance(node, SequenceNode)
        sources = cast("list[Node]", node.value) if several else [node]
        found: dict[str, Any] = {}
        for source in reversed(sources):
            if not isinstance(source, MappingNode):
                self.fail(source, "the value of a merge key << is neither a mapping nor a list of mappings")
            found.update(cast("dict[str, Any]", self.value(source)))
        return found


def _documents(text: str, source: str) -> Iterator[Any]:
    reader = _Reader(source)
    loader = _Nodes(text)
    try:
        while loader.check_node():
            # An alias reaches no further than its document; the budget is the whole text's.
            yield reader.value(cast(Node, loader.get_node()))
    finally:
        cast(Any, loader).dispose()


def _readable(error: yaml.YAMLError, source: str) -> InvalidObject:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    place = f", line {mark.line + 1}" if mark is not None else ""
    return InvalidObject(f"{source}{place}: this is not YAML: {problem}")


def read_first(text: str, duplicates: list[tuple[int, str]]) -> Any:
    """The first document as the API server reads it: of a key that stands twice the last value counts.

    Such keys are added to `duplicates`, with the lines of their values. Raises GoYamlError.
    """
    loader = _Nodes(text)
    try:
        node = loader.get_node() if loader.check_node() else None
        return None if node is None else _Reader("yaml", duplicates).value(node)
    except yaml.YAMLError as error:
        raise GoYamlError(f"yaml: {_in_go(error)}") from None
    except (InvalidObject, UnicodeEncodeError) as error:
        raise GoYamlError(f"yaml: {error}") from None
    finally:
        cast(Any, loader).dispose()


def _in_go(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    alias = re.fullmatch("found undefined alias '?(.*?)'?", problem)
    if alias:
        return f"unknown anchor '{alias[1]}' referenced"
    marks = (getattr(error, "context_mark", None), getattr(error, "problem_mark", None))
    # Lines count from zero there, and the first one is not told.
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    if line and isinstance(error, ScannerError):
        line += 1
    return f"line {line}: {problem}" if line else problem


def _json_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a key stands twice")
    return found


def _json_int(text: str) -> int | float:
    number = int(text) if len(text) < 80 else None
    return number if number is not None and -(2**63) <= number < 2**64 else _json_float(text)


def _json_float(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise NotJson("a number is too large")
    return as_json(value)


def _not_json(text: str) -> NoReturn:
    raise NotJson(text)


_JSON: Final = json.JSONDecoder(
    object_pairs_hook=_json_pairs, parse_int=_json_int, parse_float=_json_float, parse_constant=_not_json
)


def _json_documents(text: str) -> list[Any] | None:
    """The documents of a text that is JSON, one or several in a row; None if it is not, or has keys twice."""
    documents: list[Any] = []
    place = 0
    try:
        while place < len(text):
            document, place = _JSON.raw_decode(text, place)
            documents.append(document)
            place += len(text[place:]) - len(text[place:].lstrip())
    except (ValueError, RecursionError):
        return None
    return documents


def load_all(text: str | bytes, *, source: str = "YAML") -> list[Any]:
    """All documents of a YAML or JSON text, without the empty ones.

    `source` stands for the text in errors: a file's path. Raises InvalidObject, with the line, for what is not YAML,
    for a key that stands twice in a mapping, and for aliases that expand to more than 100,000 values or 16 million characters.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidObject(f"{source}: byte {error.start} is not UTF-8") from None
    stripped = text.strip()
    documents = _json_documents(stripped) if stripped[:1] == "{" else None
    if documents is None:
        try:
            documents = list(_documents(text, source))
        except yaml.YAMLError as error:
            raise _readable(error, source) from None
        except UnicodeEncodeError as error:
            raise InvalidObject(f"{source}: character {error.start} is half of a pair") from None
    return [document for document in documents if document is not None]


def load(text: str | bytes, *, source: str = "YAML") -> Any:
    """The one document of a text; raises InvalidObject as `load_all`, and if there is none or more than one."""
    documents = load_all(text, source=source)
    if len(documents) != 1:
        raise InvalidObject(f"{source}: one document is wanted, there are {len(documents)}")
    return documents[0]
