"""Reading label selectors: `a=b,c in (d,e),!f,g>3` into requirements, with the server's messages.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from fairlead.errors import InvalidSelector
from fairlead.machinery.validation import label_key, label_value, quote

__all__ = ["Operator", "Requirement", "SelectorError", "parse_label_selector", "requirement", "whole_number"]

#: `in` stands for `=` and `==` too, `notin` for `!=`; `!` is "does not exist".
Operator: TypeAlias = Literal["in", "notin", "exists", "!", ">", "<"]

_SYMBOLS: dict[str, Operator] = {
    "in": "in", "notin": "notin", "=": "in", "==": "in", "!=": "notin", ">": ">", "<": "<",
}  # fmt: skip
_TOKEN = re.compile(r"[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n]+)|$)")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt"


class SelectorError(InvalidSelector):
    """A selector does not parse. `detail` is what an API server says of it; `position` counts characters from 0."""

    def __init__(self, what: str, selector: object, detail: str, position: int | None = None) -> None:
        self.detail = detail
        self.position = position
        place = "" if position is None else f" (at character {position})"
        shown = quote(selector) if isinstance(selector, str) else repr(selector)
        super().__init__(f"{what} {shown}: {detail}{place}")


class Requirement(NamedTuple):
    """One condition on a label. `values` are sorted, without doubles; empty for `exists` and `!`."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case ">" | "<":
                return f"{self.key}{self.operator}{self.values[0]}"
            case _ if len(self.values) == 1:
                return f"{self.key}{'=' if self.operator == 'in' else '!='}{self.values[0]}"
            case _:
                return f"{self.key} {self.operator} ({','.join(self.values)})"


def whole_number(text: str) -> int | None:
    """The value of a label as `>` and `<` see it: a decimal number of 64 bits, else None."""
    if not _NUMBER.fullmatch(text) or len(text) > 64:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


def requirement(key: str, operator: Operator, values: Iterable[str] = ()) -> Requirement:
    """A checked requirement; raises ValueError with the server's message for an impossible one."""
    unique = tuple(sorted(set(values)))
    found = [f"key: Invalid value: {quote(key)}: {'; '.join(texts)}" for texts in [label_key(key)] if texts]
    found.extend(_wrong_values(operator, unique))
    for position, value in enumerate(unique):
        texts = label_value(value)
        if texts:
            found.append(f"values[{position}][{key}]: Invalid value: {quote(value)}: {'; '.join(texts)}")
    if found:
        raise ValueError(found[0] if len(found) == 1 else f"[{', '.join(found)}]")
    if operator in (">", "<"):
        unique = (str(int(unique[0])),)
    return Requirement(key, operator, unique)


def _wrong_values(operator: Operator, values: tuple[str, ...]) -> Iterator[str]:
    shown = f"[{','.join(quote(value) for value in values)}]"
    if operator in ("in", "notin"):
        if not values:
            yield f"values: Invalid value: {shown}: for 'in', 'notin' operators, values set can't be empty"
    elif operator in ("exists", "!"):
        if values:
            yield f"values: Invalid value: {shown}: values set must be empty for exists and does not exist"
    elif len(values) != 1:
        yield f"values: Invalid value: {shown}: for 'Gt', 'Lt' operators, exactly one value is required"
    elif whole_number(values[0]) is None:
        yield f"values[0]: Invalid value: {quote(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer"


class _Token(NamedTuple):
    #: A symbol; `word` for keys, values, `in` and `notin`; `end`.
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while (match := _TOKEN.match(text, place)) and match.lastindex:
        yield _Token(match[1] or "word", match[match.lastindex], match.start(match.lastindex))
        place = match.end()
    yield _Token("end", "", len(text))


class _Parser:
    """One pass over one selector's tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    @property
    def _ahead(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._ahead
        self._next += 1
        return token

    def _fail(self, detail: str, position: int) -> NoReturn:
        raise SelectorError("label selector", self._text, detail, position)

    def _unexpected(self, token: _Token, expected: str) -> NoReturn:
        self._fail(f"unable to parse requirement: found '{token.text}', expected: {expected}", token.position)

    def parse(self) -> Iterator[Requirement]:
        if self._ahead.kind not in ("word", "!", "end"):
            first = self._ahead
            self._fail(f"found '{first.text}', expected: !, identifier, or 'end of string'", first.position)
        while self._ahead.kind != "end":
            yield self._requirement()
            token = self._take()
            if token.kind == "end":
                return
            if token.kind != ",":
                self._fail(f"found '{token.text}', expected: ',' or 'end of string'", token.position)
            if self._ahead.kind not in ("word", "!"):
                self._fail(f"found '{self._ahead.text}', expected: identifier after ','", self._ahead.position)

    def _requirement(self) -> Requirement:
        start = self._ahead
        absent = start.kind == "!" and bool(self._take())
        key = self._take()
        if key.kind != "word":
            self._unexpected(key, "identifier")
        wrong = label_key(key.text)
        if wrong:
            # The server's path is empty here, which it prints so.
            detail = f"unable to parse requirement: <nil>: Invalid value: {quote(key.text)}: {'; '.join(wrong)}"
            self._fail(detail, key.position)
        if absent or self._ahead.kind in (",", "end"):
            return Requirement(key.text, "!" if absent else "exists")
        operator = self._operator()
        values = self._set() if self._tokens[self._next - 1].kind == "word" else self._exact()
        try:
            return requirement(key.text, operator, values)
        except ValueError as error:
            self._fail(f"unable to parse requirement: {error}", start.position)

    def _operator(self) -> Operator:
        token = self._take()
        operator = _SYMBOLS.get(token.text)
        if operator is None:
            self._unexpected(token, _EXPECTED_OPERATORS)
        return operator

    def _exact(self) -> list[str]:
        if self._ahead.kind in (",", "end"):
            return [""]
        token = self._take()
        if token.kind != "word":
            self._unexpected(token, "identifier")
        return [token.text]

    def _set(self) -> list[str]:
        opening = self._take()
        if opening.kind != "(":
            detail = f"unable to parse requirement: found '{opening.text}' expected: '('"
            self._fail(detail, opening.position)
        if self._ahead.kind not in ("word", ",", ")"):
            self._unexpected(self._ahead, "',', ')' or identifier")
        values = [self._element()]
        while (token := self._take()).kind == ",":
            values.append(self._element())
        if token.kind != ")":
            self._unexpected(token, "',' or ')'" if values[-1] else "',', or identifier")
        return values

    def _element(self) -> str:
        # Nothing between two commas, or between comma and parenthesis, is the empty value.
        return self._take().text if self._ahead.kind == "word" else ""


def parse_label_selector(text: str) -> tuple[Requirement, ...]:
    """The requirements of a label selector in kubectl's syntax, in its order; raises InvalidSelector."""
    return tuple(_Parser(text).parse())
