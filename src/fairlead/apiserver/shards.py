"""Shard selectors (KEP-5866): which part of a resource's objects a list or watch is about, by the hash of one field.

A selector is a CEL expression that is parsed and never evaluated: `shardRange(FIELD, 'START', 'END')`, joined by `||`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.apiserver import statuses
from fairlead.apiserver.statuses import quoted

__all__ = ["ShardRange", "ShardSelector", "fnv1a"]

_FIELDS = ("object.metadata.uid", "object.metadata.namespace")
_END = "0x10000000000000000"
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d[\w.]*)|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<symbol>\|\||&&|[().,!])|(?P<end>$))"""
)
#: How CEL numbers the kinds of its expressions.
_IDENTIFIER, _LITERAL, _SELECTION = 3, 5, 7


def fnv1a(text: str) -> int:
    """The 64-bit FNV-1a hash of a text's UTF-8 bytes."""
    found = 0xCBF29CE484222325
    for byte in text.encode():
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found


class ShardRange(NamedTuple):
    """Objects whose hash is at least `start` and less than `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShardSelector:
    """Hash ranges of one field, and the selector's text as the server echoes it."""

    by_namespace: bool
    ranges: tuple[ShardRange, ...]
    text: str

    @classmethod
    def parse(cls, text: str) -> ShardSelector:
        """Read a selector. Raises Refusal (500, as kube-apiserver does)."""
        try:
            found = _checked(list(_requirements(_Parser(text).whole())))
        except _WrongSelector as error:
            raise statuses.failure(500, "", f"invalid shard selector: {error}") from None
        ranges = tuple(ShardRange(int(start, 16), int(end, 16)) for _, start, end in found)
        shown = " || ".join(f"shardRange({key}, '{start}', '{end}')" for key, start, end in found)
        return cls(found[0][0] == _FIELDS[1], ranges, shown)

    def matches(self, uid: str, namespace: str) -> bool:
        """Whether an object is in the shard."""
        place = fnv1a(namespace if self.by_namespace else uid)
        return any(start <= place < end for start, end in self.ranges)


class _WrongSelector(ValueError):
    """The message is the server's, without its beginning."""


class _Expression(NamedTuple):
    kind: int
    #: A call's function, an identifier, the path of a selection.
    name: str = ""
    arguments: tuple[_Expression, ...] = ()
    value: str | int | bool = ""


class _Parser:
    """As much of CEL as a selector can be, and what people write instead of one."""

    def __init__(self, text: str) -> None:
        text = text.strip()
        if not text:
            raise _WrongSelector("empty shard selector is not allowed; omit the parameter for unfiltered lists")
        self._text = text
        self._place = 0
        self._kind, self._ahead = "", ""
        self._advance()

    def whole(self) -> _Expression:
        found = self._joined("||", "_||_", lambda: self._joined("&&", "_&&_", self._one))
        if self._kind != "end":
            self._unexpected()
        return found

    def _joined(self, symbol: str, function: str, operand: Callable[[], _Expression]) -> _Expression:
        found = operand()
        while self._ahead == symbol:
            self._advance()
            found = _Expression(1, function, (found, operand()))
        return found

    def _one(self) -> _Expression:
        if self._ahead == "!":
            self._advance()
            return _Expression(1, "!_", (self._one(),))
        kind, text = self._kind, self._ahead
        self._advance()
        match kind:
            case "string":
                return _Expression(_LITERAL, value=re.sub(r"\\(.)", r"\1", text[1:-1]))
            case "number":
                return _Expression(_LITERAL, value=int(text) if text.isdecimal() else text)
            case "word" if text in {"true", "false"}:
                return _Expression(_LITERAL, value=text == "true")
            case "word":
                return self._call(text) if self._ahead == "(" else self._path(text)
            case _:
                raise self._syntax(text)

    def _path(self, name: str) -> _Expression:
        kind = _IDENTIFIER
        while self._ahead == ".":
            self._advance()
            name, kind = f"{name}.{self._ahead}", _SELECTION
            self._advance()
        return _Expression(kind, name)

    def _call(self, function: str) -> _Expression:
        self._advance()
        arguments: list[_Expression] = []
        while self._ahead != ")":
            arguments.append(self._one())
            if self._ahead == ",":
                self._advance()
            elif self._ahead != ")":
                self._unexpected()
        self._advance()
        return _Expression(1, function, tuple(arguments))

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._place)
        if match is None:
            raise self._syntax(self._text[self._place :].lstrip()[:1])
        self._kind = match.lastgroup or "end"
        self._ahead = match[self._kind]
        self._place = match.end()

    def _unexpected(self) -> None:
        raise self._syntax(self._ahead)

    @staticmethod
    def _syntax(token: str) -> _WrongSelector:
        return _WrongSelector(f"CEL parse error: Syntax error: extraneous input '{token or '<EOF>'}'")


def _checked(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    first = found[0][0]
    odd = next((key for key, _, _ in found if key != first), None)
    if odd is not None:
        raise _WrongSelector(f"all shard ranges must use the same field, got {quoted(first)} and {quoted(odd)}")
    return found


def _requirements(expression: _Expression) -> Iterator[tuple[str, str, str]]:
    if expression.kind != 1:
        kind = expression.kind
        raise _WrongSelector(f"unexpected expression kind {kind}; expected shardRange() call or || operator")
    if expression.name == "_||_":
        for argument in expression.arguments:
            yield from _requirements(argument)
    elif expression.name == "shardRange":
        yield _range(expression.arguments)
    else:
        name = quoted(expression.name)
        raise _WrongSelector(f"unsupported function {name}; only shardRange() and || are allowed")


def _range(arguments: tuple[_Expression, ...]) -> tuple[str, str, str]:
    if len(arguments) != 3:
        raise _WrongSelector(f"shardRange() requires exactly 3 arguments, got {len(arguments)}")
    field = arguments[0]
    if field.kind not in {_IDENTIFIER, _SELECTION}:
        why = f"expected field path (e.g. object.metadata.uid), got expression kind {field.kind}"
        raise _WrongSelector(f"shardRange() first argument: {why}")
    if field.name not in _FIELDS:
        raise _WrongSelector(f"unsupported field path {quoted(field.name)}; supported: {', '.join(_FIELDS)}")
    start, end = _bound(arguments[1], "hexStart"), _bound(arguments[2], "hexEnd")
    if int(start, 16) >= int(end, 16):
        raise _WrongSelector(f"shard range start {start} must be less than end {end}")
    return field.name, start, end


def _bound(expression: _Expression, name: str) -> str:
    if expression.kind != _LITERAL:
        got = f"got expression kind {expression.kind}"
        raise _WrongSelector(f"{name} must be a string literal (e.g. '0xff'), {got}")
    text = expression.value
    if not isinstance(text, str):
        raise _WrongSelector(f"{name} must be a string literal, got {'bool' if isinstance(text, bool) else 'int64'}")
    if not text.startswith("0x"):
        raise _WrongSelector(f"{name} must have '0x' prefix, got {quoted(text)}")
    _check_digits(name, text, text[2:])
    return text


def _check_digits(name: str, text: str, digits: str) -> None:
    if not digits:
        raise _WrongSelector(f"{name}: hex value is required after '0x'")
    if len(digits) > 17:
        raise _WrongSelector(f"{name}: hex value too long ({len(digits)} chars, max 17): {quoted(digits)}")
    odd = next((letter for letter in digits if letter not in "0123456789abcdef"), None)
    if odd is not None:
        raise _WrongSelector(f"{name}: invalid hex character {quoted(odd)} in {quoted(text)}")
    if len(digits) == 17 and text != _END:
        raise _WrongSelector(f"{name}: 17-digit hex value must be '{_END}' (2^64), got {quoted(text)}")
    if len(digits) < 16:
        meant = quoted(f"0x{digits:0>16}")
        raise _WrongSelector(
            f"{name} must be a 0x-prefixed 16-digit hex value, got {quoted(text)} (did you mean {meant}?)"
        )
