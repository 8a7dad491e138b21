"""YAML as kubectl writes it, and as API servers do."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cmp_to_key, partial
from typing import Any, Final, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fairlead.errors import InvalidObject
from fairlead.machinery.yaml.scalars import DATE, INFINITE, MAP, SEQ, STR, TAG, NotJson, plain

__all__ = ["dump", "dump_as_server"]

_Dumper: Final = cast("type[yaml.SafeDumper]", getattr(yaml, "CSafeDumper", yaml.SafeDumper))

#: Looks like something else to readers with the rules of YAML 1.1 or 1.2, whatever kubectl makes of it.
_AMBIGUOUS = re.compile(r"<<|=|(?!\.$)[-+]?[0-9_.,]+|0o[0-9]+")
#: Numbers to the base of 60 in YAML 1.1, such as `12:30`.
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")


def _misread(text: str) -> bool:
    if text[:1] in "+-.0123456789" and any(each.fullmatch(text) for each in (INFINITE, DATE, _BASE_60)):
        return True
    return _AMBIGUOUS.fullmatch(text) is not None or not isinstance(plain(text), str)


#: The layouts of times that Go's YAML knows, as parts of a pattern; whether there is such a day is asked separately.
_GO_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?"
)


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
    misread = INFINITE.fullmatch(text) or _BASE_60.fullmatch(text) or _is_time(text)
    return '"' if misread or not isinstance(plain(text), str) else None


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
            return STR
        return SEQ if kind is SequenceNode else MAP


def _node(value: object, style: Callable[[str], str | None], *, go: bool = False) -> Node:
    """The nodes of a JSON value; raises NotJson."""
    if isinstance(value, str):
        return ScalarNode(STR, value, style=style(value))
    if isinstance(value, dict):
        pairs = sorted(cast("dict[object, object]", value).items(), key=_sort_key)
        if go:
            pairs.sort(key=cmp_to_key(_go_order))
        nodes = [(_node(key, style, go=go), _node(item, style, go=go)) for key, item in pairs]
        return MappingNode(MAP, nodes, flow_style=not pairs)
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return SequenceNode(SEQ, [_node(item, style, go=go) for item in items], flow_style=not items)
    if go and isinstance(value, int | float) and not isinstance(value, bool):
        kind, text = _go_number(value)
    else:
        kind, text = _plain_form(value)
    return ScalarNode(STR if go else TAG + kind, text)


def _sort_key(pair: tuple[object, object]) -> str:
    key = pair[0]
    if not isinstance(key, str):
        raise NotJson(f"the key {key!r} is not a string")
    return key


def _plain_form(value: object) -> tuple[str, str]:
    if value is None:
        return "null", "null"
    if isinstance(value, bool):
        return "bool", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(int(value))
    if not isinstance(value, float):
        raise NotJson(f"{value!r} is a {type(value).__name__}, which JSON does not know")
    if not math.isfinite(value):
        raise NotJson(f"{value} is a number that JSON cannot carry")
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
    except (NotJson, yaml.YAMLError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidObject(f"this cannot be written as YAML: {error}") from None
    # The end marker that PyYAML puts after a lone scalar says nothing.
    return text.removesuffix("...\n")
