"""What is wrong with a JSON text, in the words of Go's encoding/json, which clients of an API server see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, cast

from fairlead.apiserver.wire.json_values import refuse_depth

__all__ = ["duplicate_fields", "json_error", "kind_of"]

_END = "unexpected end of JSON input"
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
#: Python's message, by its beginning → where in Go's grammar the character stands.
_PLACES = {
    "Expecting property name": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':'": "after object key",
    "Extra data": "after top-level value",
    "Invalid control character": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def json_error(body: bytes) -> str:
    """The fault of a text that is not JSON; empty if it is."""
    text = body.decode("utf-8", "replace")
    if text.startswith("\ufeff"):
        return f"invalid character {_character(text[0])} looking for beginning of value"
    try:
        refuse_depth(text.count("{") + text.count("["), json.loads(text, parse_constant=_constant))
    except json.JSONDecodeError as error:
        return _say(text, error)
    except RecursionError:
        return f"invalid character {_character(text.lstrip()[0])} exceeded max depth"
    except ValueError as error:
        return str(error)
    return ""


def _constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON does not have.
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _say(text: str, error: json.JSONDecodeError) -> str:
    position = error.pos
    if error.msg.startswith("Illegal trailing comma"):
        position += 1
    position += len(text[position:]) - len(text[position:].lstrip(" \t\r\n")) if "control" not in error.msg else 0
    if position >= len(text) or error.msg.startswith("Unterminated string"):
        return _END
    if error.msg.startswith("Expecting value"):
        return _no_value(text, position)
    if error.msg.startswith("Expecting ',") and text[position] in "eE.":
        return _in_number(text, position)
    if error.msg.startswith("Expecting ','"):
        place = "after object key:value pair" if _in_object(text[:position]) else "after array element"
    else:
        place = next((place for start, place in _PLACES.items() if error.msg.startswith(start)), error.msg)
    if error.msg.startswith("Invalid \\escape"):
        position += 1
    if error.msg.startswith("Invalid \\uXXXX"):
        position = next((at for at in range(position + 1, len(text)) if text[at] not in _HEXADECIMAL), len(text) - 1)
    return f"invalid character {_character(text[position])} {place}"


def _no_value(text: str, position: int) -> str:
    if text[position] == "-":
        return _in_number(text, position)
    literal = {"t": "true", "f": "false", "n": "null"}.get(text[position])
    for index, expected in enumerate(literal or ""):
        if position + index >= len(text):
            return _END
        if text[position + index] != expected:
            wrong = _character(text[position + index])
            return f"invalid character {wrong} in literal {literal} (expecting '{expected}')"
    return f"invalid character {_character(text[position])} looking for beginning of value"


def _in_number(text: str, position: int) -> str:
    """A number that ends after its point or exponent, or a minus without a digit."""
    place = {".": "after decimal point in numeric literal", "-": "in numeric literal"}
    found = place.get(text[position], "in exponent of numeric literal")
    position += 1
    if text[position : position + 1] in {"+", "-"}:
        position += 1
    return f"invalid character {_character(text[position])} {found}" if position < len(text) else _END


def _in_object(before: str) -> bool:
    """Whether the innermost bracket that is still open is that of an object."""
    opened: list[str] = []
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", before)):
        if bracket in "[{":
            opened.append(bracket)
        elif opened:
            opened.pop()
    return bool(opened) and opened[-1] == "{"


def _character(character: str) -> str:
    """A byte as Go quotes it: of a character beyond ASCII the first one, read as Latin-1."""
    character = chr(character.encode("utf-8", "surrogatepass")[0])
    if character == "'":
        return r"'\''"
    if character == '"':
        return "'\"'"
    if character < " ":
        escaped = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(character)
        return "'" + (escaped or f"\\x{ord(character):02x}") + "'"
    return f"'{character}'"


def kind_of(value: object) -> str:
    """What Go calls a JSON value: array, bool, number, object, string, null."""
    if value is None:
        return "null"
    names = ((bool, "bool"), (int | float, "number"), (str, "string"), (list, "array"))
    return next((name for python, name in names if isinstance(value, python)), "object")


_TWICE = object()


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all that was said of it, duplicates too."""


def duplicate_fields(body: bytes) -> list[str]:
    """The paths of fields that a JSON text says twice, as strict decoding names them; none for a text that is no JSON."""
    try:
        tree = json.loads(body.decode("utf-8", "replace"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return []
    return list(dict.fromkeys(_duplicates(tree)))


def _duplicates(tree: Any) -> Iterator[str]:
    """Depth first, without recursion: how deep Python's own reader goes differs between its versions."""
    open_: list[Iterator[tuple[str, Any]]] = [_members(tree, "")]
    while open_:
        for place, item in open_[-1]:
            if item is _TWICE:
                yield place
                continue
            open_.append(_members(item, place))
            break
        else:
            open_.pop()


def _members(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What is within a value, with its path; before what is said again, its path with a mark."""
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, item in value:
            place = f"{path}.{name}" if path else name
            if name in seen:
                yield place, _TWICE
            seen.add(name)
            yield place, item
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield f"{path}[{index}]", item
