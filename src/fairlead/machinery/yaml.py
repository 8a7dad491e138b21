"""YAML as kubectl reads and writes it.

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
from datetime import date
from decimal import Decimal
from functools import cmp_to_key, partial
from typing import Any, Final, NoReturn, TypeAlias, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.scanner import ScannerError

from fairlead.errors import InvalidObject

__all__ = ["GoYamlError", "dump", "dump_as_server", "load", "load_all", "read_first"]

_Loader: Final = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_Dumper: Final = cast("type[yaml.SafeDumper]", getattr(yaml, "CSafeDumper", yaml.SafeDumper))

#: A plain scalar without a tag: what it means is decided here, not by the parser.
_PLAIN = "plain"
_TAG = "tag:yaml.org,2002:"
_STR, _SEQ, _MAP = _TAG + "str", _TAG + "seq", _TAG + "map"

#: Values that aliases may add to a text's own; a manifest has a few, a bomb has millions.
_ALIASED_LIMIT = 100_000
#: Characters that aliases of long texts may add: a text of a megabyte named a thousand times is small until it is written out.
_ALIASED_TEXT_LIMIT = 16_000_000
_LONG_TEXT = 1000
_DEPTH_LIMIT = 200

_WORDS: Final[dict[str, bool | None]] = {
    **{word: True for text in ("y", "yes", "on", "true") for word in (text, text.capitalize(), text.upper())},
    **{word: False for text in ("n", "no", "off", "false") for word in (text, text.capitalize(), text.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")

_Scalar: TypeAlias = "str | int | float | bool | None"


class _NotJson(ValueError):
    """A value that YAML knows and JSON does not."""


def _number(text: str) -> int | float | None:
    """The number that a plain scalar means, or None if it means a text."""
    digits = text.replace("_", "") if text[0] != "." else text
    match = _INTEGER.fullmatch(digits)
    if match:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        number = _int(hexadecimal, 16) or _int(binary, 2) or _int(octal, 8) or _int(decimal, 10)
        number = -number if sign == "-" else number
        if -(2**63) <= number < 2**63 or (not sign and number < 2**64):
            return number
    if not _FLOAT.fullmatch(digits):
        return None
    value = float(digits)
    return None if math.isinf(value) else _as_json(value)


def _int(digits: str | None, radix: int) -> int:
    # Longer ones are no integers of 64 bits; Python would refuse or take long for thousands of digits.
    return int(digits[:80], radix) if digits else 0


def _as_json(value: float) -> int | float:
    # Go writes whole floats without a point, so `1e3` and `1.0` reach the server as integers.
    return int(value) if value.is_integer() and abs(value) < 2**63 else value


def _plain(text: str) -> _Scalar:
    """What a plain scalar means; raises _NotJson for infinity and NaN."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INFINITE.fullmatch(text):
        raise _NotJson(f"{text} is a number that JSON cannot carry")
    number = _number(text)
    return text if number is None else number


def _binary(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise _NotJson("the value of !!binary is not base64") from None


def _tagged(kind: str, expected: Callable[[object], bool]) -> Callable[[str], _Scalar]:
    def read(text: str) -> _Scalar:
        value = _plain(text)
        if not expected(value):
            raise _NotJson(f"{text!r} is no !!{kind}")
        return value

    return read


def _timestamp(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise _NotJson(f"{text!r} is no !!timestamp")
    return text


_SCALARS: Final[dict[str, Callable[[str], _Scalar]]] = {
    _PLAIN: _plain,
    _TAG + "binary": _binary,
    _TAG + "bool": _tagged("bool", lambda value: isinstance(value, bool)),
    _TAG + "float": _tagged("float", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    _TAG + "int": _tagged("int", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    _TAG + "null": _tagged("null", lambda value: value is None),
    _TAG + "timestamp": _timestamp,
}


class _Nodes(_Loader):  # type: ignore[misc,valid-type]
    """A loader of which only the parsing into nodes is used."""

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> str:  # noqa: ARG002  # PyYAML's signature
        """The tag of a node without one."""
        if kind is ScalarNode:
            return _PLAIN if implicit[0] else _STR
        return _SEQ if kind is SequenceNode else _MAP


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

    def _scalar(self, node: ScalarNode) -> _Scalar:
        if len(node.value) > _LONG_TEXT:
            self._count_text(node)
        read = _SCALARS.get(node.tag)
        if read is None:
            return cast(str, node.value)
        try:
            return read(node.value)
        except _NotJson as error:
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
        if node.tag == _PLAIN and _INFINITE.fullmatch(node.value):
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
        raise _NotJson("a key stands twice")
    return found


def _json_int(text: str) -> int | float:
    number = int(text) if len(text) < 80 else None
    return number if number is not None and -(2**63) <= number < 2**64 else _json_float(text)


def _json_float(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise _NotJson("a number is too large")
    return _as_json(value)


def _not_json(text: str) -> NoReturn:
    raise _NotJson(text)


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


#: Looks like something else to readers with the rules of YAML 1.1 or 1.2, whatever kubectl makes of it.
_AMBIGUOUS = re.compile(r"<<|=|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|(?!\.$)[-+]?[0-9_.,]+|0o[0-9]+")


def _misread(text: str) -> bool:
    if text[:1] in "+-.0123456789" and (_INFINITE.fullmatch(text) or _DATE.fullmatch(text)):
        return True
    return _AMBIGUOUS.fullmatch(text) is not None or not isinstance(_plain(text), str)


#: The layouts of times that Go's YAML knows, as parts of a pattern; whether there is such a day is asked separately.
_GO_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?"
)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")


def _is_time(text: str) -> bool:
    found = _GO_TIME.fullmatch(text)
    if found is None:
        return False
    try:
        date(*(int(part) for part in found.groups()))
    except ValueError:
        return False
    return True


def _go_style(text: str) -> str | None:
    """How Go writes a text: plainly, as lines, or quoted; what cannot be written so is quoted by the emitter."""
    if "\n" in text:
        return "|"
    misread = _INFINITE.fullmatch(text) or _BASE_60.fullmatch(text) or _is_time(text)
    return '"' if misread or not isinstance(_plain(text), str) else None


def _go_number(value: float) -> tuple[str, str]:
    """A number as Go writes it: with an exponent from a million on where it is no integer of 64 bits."""
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        return "int", str(int(value))
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    power = len(digits) + int(exponent) - 1
    if -5 < power < 6:
        return "float", repr(float(value)).removesuffix(".0")
    first, *others = map(str, digits)
    fraction = "." + "".join(others) if others else ""
    return "float", f"{'-' if sign else ''}{first}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _style(text: str) -> str | None:
    if "\n" in text and text[0] not in " \t\n" and not re.search(r"[ \t](?:\n|$)|[^\x20-\x7e\n\u00a1-\ud7ff]", text):
        return "|"
    return '"' if _misread(text) or "\n" in text else None


def _go_order(pair: tuple[object, object], other: tuple[object, object]) -> int:
    """The order in which Go writes keys: as people sort them, `a2` before `a10`; signs before digits and letters."""
    left, right = str(pair[0]), str(other[0])
    at = next((at for at, (one, two) in enumerate(zip(left, right, strict=False)) if one != two), None)
    if at is None:
        return len(left) - len(right)
    letters = left[at].isalpha(), right[at].isalpha()
    if any(letters):
        return ord(left[at]) - ord(right[at]) if all(letters) else letters[0] - letters[1]
    numbers = _run(left, at), _run(right, at)
    if "0" in {left[at], right[at]} and _follows_digits(left, at):
        numbers = "1" + numbers[0], "1" + numbers[1]
    values = int(numbers[0] or "0"), int(numbers[1] or "0")
    return values[0] - values[1] or len(numbers[0]) - len(numbers[1]) or ord(left[at]) - ord(right[at])


def _run(text: str, at: int) -> str:
    """The digits that begin at a place."""
    found = _DIGITS.match(text, at)
    return found[0] if found is not None else ""


def _follows_digits(text: str, at: int) -> bool:
    """Whether the digits before a place are more than zeros."""
    before = text[:at]
    return bool(before[len(before.rstrip("0123456789")) :].strip("0"))


_DIGITS = re.compile(r"[0-9]*")


class _GoDumper(_Dumper):  # type: ignore[misc,valid-type]
    """Takes every scalar as it is given: what has to be quoted is decided here, not by PyYAML's own rules."""

    def resolve(self, kind: type[Node], value: str, implicit: Any) -> str:  # noqa: ARG002  # PyYAML's signature
        """The tag of every node of a kind."""
        if kind is ScalarNode:
            return _STR
        return _SEQ if kind is SequenceNode else _MAP


def _node(value: object, style: Callable[[str], str | None], *, go: bool = False) -> Node:
    """The nodes of a JSON value; raises _NotJson."""
    if isinstance(value, str):
        return ScalarNode(_STR, value, style=style(value))
    if isinstance(value, dict):
        pairs = sorted(cast("dict[object, object]", value).items(), key=_sort_key)
        if go:
            pairs.sort(key=cmp_to_key(_go_order))
        nodes = [(_node(key, style, go=go), _node(item, style, go=go)) for key, item in pairs]
        return MappingNode(_MAP, nodes, flow_style=not pairs)
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return SequenceNode(_SEQ, [_node(item, style, go=go) for item in items], flow_style=not items)
    if go and isinstance(value, int | float) and not isinstance(value, bool):
        kind, text = _go_number(value)
    else:
        kind, text = _plain_form(value)
    return ScalarNode(_STR if go else _TAG + kind, text)


def _sort_key(pair: tuple[object, object]) -> str:
    key = pair[0]
    if not isinstance(key, str):
        raise _NotJson(f"the key {key!r} is not a string")
    return key


def _plain_form(value: object) -> tuple[str, str]:
    if value is None:
        return "null", "null"
    if isinstance(value, bool):
        return "bool", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(int(value))
    if not isinstance(value, float):
        raise _NotJson(f"{value!r} is a {type(value).__name__}, which JSON does not know")
    if not math.isfinite(value):
        raise _NotJson(f"{value} is a number that JSON cannot carry")
    text = repr(float(value))
    # YAML 1.1 knows an exponent only after a point.
    return "float", text if "." in text else text.replace("e", ".0e", 1)


def dump(value: Any) -> str:
    """A JSON value as a YAML document in kubectl's style: keys sorted, blocks, no aliases, lines never broken.

    Strings that some reader would take for something else are quoted; those of several lines are written as `|`
    where YAML can keep every character. Raises InvalidObject for values that JSON does not know.
    """
    return _dumped(partial(_node, style=_style), value, _Dumper, 1 << 30)


def dump_as_server(value: Any) -> str:
    """A JSON value as an API server writes it as YAML: by Go's rules of what has to be quoted, lines broken at 80.

    Raises InvalidObject for values that JSON does not know.
    """
    return _dumped(partial(_node, style=_go_style, go=True), value, _GoDumper, 80)


def _dumped(make: Callable[[Any], Node], value: Any, dumper: type[yaml.SafeDumper], width: int) -> str:
    try:
        text: str = cast(Any, yaml).serialize(make(value), Dumper=dumper, allow_unicode=True, width=width)
    except (_NotJson, yaml.YAMLError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidObject(f"this cannot be written as YAML: {error}") from None
    # The end marker that PyYAML puts after a lone scalar says nothing.
    return text.removesuffix("...\n")
