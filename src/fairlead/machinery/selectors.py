"""Label and field selectors: reading, matching, and one canonical form for all ways to write the same.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors and
https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from fairlead.machinery.selector_syntax import (
    Operator,
    Requirement,
    SelectorError,
    parse_label_selector,
    requirement,
    whole_number,
)
from fairlead.machinery.validation import quote

__all__ = [
    "FieldRequirement",
    "FieldSelector",
    "LabelSelector",
    "Operator",
    "Requirement",
    "SelectorError",
    "to_field_selector",
    "to_label_selector",
]

_Check: TypeAlias = Callable[[Mapping[str, str]], bool]
_META_OPERATORS: dict[str, Operator] = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def _check(wanted: Requirement) -> _Check:
    key, operator, values = wanted
    match operator:
        case "in" if len(values) == 1:
            (value,) = values
            return lambda labels: labels.get(key) == value
        case "in":
            among = frozenset(values)
            return lambda labels: labels.get(key) in among
        case "notin":
            # An absent key reads as None, which is in no set of texts: it matches.
            without = frozenset(values)
            return lambda labels: labels.get(key) not in without
        case "exists":
            return lambda labels: key in labels
        case "!":
            return lambda labels: key not in labels
        case _:
            return _comparison(key, greater=operator == ">", than=int(values[0]))


def _comparison(key: str, *, greater: bool, than: int) -> _Check:
    def check(labels: Mapping[str, str]) -> bool:
        number = whole_number(labels.get(key, ""))
        return number is not None and (number > than if greater else number < than)

    return check


class LabelSelector:
    """A condition on an object's labels: all its requirements hold. Immutable and hashable.

    Selectors that differ only in spelling or order are equal: `a=b,c=d` and `c==d, a in (b)`.
    """

    __slots__ = ("_checks", "requirements")

    #: Sorted by key, without doubles.
    requirements: tuple[Requirement, ...]

    def __init__(self, requirements: Iterable[Requirement] = ()) -> None:
        """Take requirements as they are; `parse`, `from_dict` and `from_meta` check them."""
        self.requirements = tuple(sorted(set(requirements)))
        self._checks = tuple(_check(each) for each in self.requirements)

    @classmethod
    def parse(cls, text: str) -> LabelSelector:
        """Read kubectl's syntax: `=`, `==`, `!=`, `in`, `notin`, `key`, `!key`, `>`, `<`; raises InvalidSelector."""
        return cls(parse_label_selector(text))

    @classmethod
    def from_dict(cls, labels: Mapping[str, str]) -> LabelSelector:
        """Each label must have just this value; raises InvalidSelector."""
        return cls(_equalities(labels, labels))

    @classmethod
    def from_meta(cls, selector: Mapping[str, Any] | None) -> LabelSelector:
        """Read a meta/v1 LabelSelector document: None selects nothing, an empty one everything.

        Raises InvalidSelector for operators and values that the API does not know.
        """
        if selector is None:
            return cls.nothing()
        labels = cast("Mapping[str, str]", selector.get("matchLabels") or {})
        expressions = cast("list[Mapping[str, Any]]", selector.get("matchExpressions") or [])
        return cls([*_equalities(labels, selector), *_expressions(expressions, selector)])

    @classmethod
    def everything(cls) -> LabelSelector:
        """Matches any labels."""
        return cls()

    @classmethod
    def nothing(cls) -> LabelSelector:
        """Matches no labels: a contradiction, which a server understands too."""
        return cls([Requirement("nothing", "exists"), Requirement("nothing", "!")])

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return not self.requirements

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether all requirements hold. An absent key meets `!=`, `notin` and `!key`."""
        for check in self._checks:  # noqa: SIM110  # a generator would double the time of the hottest loop
            if not check(labels):
                return False
        return True

    def as_query(self) -> str:
        """The value of the query parameter `labelSelector`, before percent-encoding; empty for everything."""
        return str(self)

    def __and__(self, other: LabelSelector) -> LabelSelector:
        return LabelSelector((*self.requirements, *other.requirements))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelSelector) and self.requirements == other.requirements

    def __hash__(self) -> int:
        return hash((LabelSelector, self.requirements))

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"LabelSelector({str(self)!r})"

    def __reduce__(self) -> tuple[type[LabelSelector], tuple[tuple[Requirement, ...]]]:
        return LabelSelector, (self.requirements,)


def _equalities(labels: Mapping[str, str], whole: object) -> Iterator[Requirement]:
    for key, value in labels.items():
        yield _checked(key, "in", [value], whole)


def _expressions(expressions: list[Mapping[str, Any]], whole: object) -> Iterator[Requirement]:
    for expression in expressions:
        operator = _META_OPERATORS.get(str(expression.get("operator")))
        if operator is None:
            wrong = quote(str(expression.get("operator", "")))
            raise SelectorError("label selector", whole, f"{wrong} is not a valid label selector operator")
        yield _checked(expression.get("key", ""), operator, expression.get("values") or [], whole)


def _checked(key: object, operator: Operator, values: Iterable[object], whole: object) -> Requirement:
    texts = list(values)
    if not isinstance(key, str) or not all(isinstance(text, str) for text in texts):
        raise SelectorError("label selector", whole, f"{key!r}: {texts!r}: labels and their values are strings")
    try:
        return requirement(key, operator, cast("list[str]", texts))
    except ValueError as error:
        raise SelectorError("label selector", whole, str(error)) from error


class FieldRequirement(NamedTuple):
    """One condition on a field, such as `metadata.name`."""

    field: str
    op: Literal["=", "!="]
    value: str

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")
        return f"{self.field}{self.op}{value}"


class FieldSelector:
    """A condition on fields of an object: all its requirements hold. Immutable and hashable.

    Which fields a type knows is for the server to say; here any name is taken.
    """

    __slots__ = ("requirements",)

    #: Sorted by field, without doubles.
    requirements: tuple[FieldRequirement, ...]

    def __init__(self, requirements: Iterable[FieldRequirement] = ()) -> None:
        self.requirements = tuple(sorted(set(requirements)))

    @classmethod
    def parse(cls, text: str) -> FieldSelector:
        r"""Read kubectl's syntax: `=`, `==`, `!=`, with `\,`, `\=` and `\\` in values; raises InvalidSelector."""
        # The server reads the terms in the order of their texts, and stops at the first that is wrong.
        terms = sorted(_field_terms(text), key=lambda each: each[1])
        return cls(_field_term(text, start, term) for start, term in terms if term)

    @classmethod
    def from_dict(cls, fields: Mapping[str, str]) -> FieldSelector:
        """Each field must have just this value; raises InvalidSelector."""
        for name, value in cast("Mapping[object, object]", fields).items():
            if not isinstance(name, str) or not isinstance(value, str):
                raise SelectorError("field selector", fields, f"{name!r}: {value!r}: fields and values are strings")
        return cls(FieldRequirement(name, "=", value) for name, value in fields.items())

    @classmethod
    def everything(cls) -> FieldSelector:
        """Matches any object."""
        return cls()

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return not self.requirements

    def exact(self, field: str) -> str | None:
        """The one value that a field must have, if it must."""
        return next((each.value for each in self.requirements if each.field == field and each.op == "="), None)

    def matches(self, get: Callable[[str], str]) -> bool:
        """Whether all requirements hold for what `get` returns for a field: its text, empty when absent."""
        return all((get(each.field) == each.value) == (each.op == "=") for each in self.requirements)

    def as_query(self) -> str:
        """The value of the query parameter `fieldSelector`, before percent-encoding; empty for everything."""
        return str(self)

    def __and__(self, other: FieldSelector) -> FieldSelector:
        return FieldSelector((*self.requirements, *other.requirements))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSelector) and self.requirements == other.requirements

    def __hash__(self) -> int:
        return hash((FieldSelector, self.requirements))

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"FieldSelector({str(self)!r})"


def _field_terms(text: str) -> Iterator[tuple[int, str]]:
    start, escaped = 0, False
    for position, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            yield start, text[start:position]
            start = position + 1
    yield start, text[start:]


def _field_term(whole: str, start: int, term: str) -> FieldRequirement:
    for position, char in enumerate(term):
        if char == "=" or term.startswith("!=", position):
            size = 2 if term.startswith(("!=", "=="), position) else 1
            value = _unescaped(whole, start + position + size, term[position + size :])
            return FieldRequirement(term[:position], "!=" if char == "!" else "=", value)
    raise SelectorError("field selector", whole, f"invalid selector: '{whole}'; can't understand '{term}'", start)


def _unescaped(whole: str, start: int, value: str) -> str:
    found: list[str] = []
    chars = enumerate(value, start)
    for position, char in chars:
        if char == "\\":
            _, char = next(chars, (0, ""))
            if not char or char not in "\\,=":
                detail = f"invalid field selector: invalid escape sequence: \\{char}"
                raise SelectorError("field selector", whole, detail, position)
        elif char == "=":
            # The server prints the character's number.
            detail = f"invalid field selector: unescaped character in value: {ord(char)}"
            raise SelectorError("field selector", whole, detail, position)
        found.append(char)
    return "".join(found)


def to_label_selector(selector: str | Mapping[str, str] | LabelSelector | None) -> LabelSelector:
    """A label selector from what callers give: kubectl's syntax, equalities, or none; raises InvalidSelector."""
    if selector is None:
        return LabelSelector.everything()
    if isinstance(selector, LabelSelector):
        return selector
    if isinstance(selector, str):
        return LabelSelector.parse(selector)
    if isinstance(cast(object, selector), Mapping):
        return LabelSelector.from_dict(selector)
    raise SelectorError("label selector", selector, "give a string, a mapping of labels to values, or None")


def to_field_selector(selector: str | Mapping[str, str] | FieldSelector | None) -> FieldSelector:
    """A field selector from what callers give: kubectl's syntax, equalities, or none; raises InvalidSelector."""
    if selector is None:
        return FieldSelector.everything()
    if isinstance(selector, FieldSelector):
        return selector
    if isinstance(selector, str):
        return FieldSelector.parse(selector)
    if isinstance(cast(object, selector), Mapping):
        return FieldSelector.from_dict(selector)
    raise SelectorError("field selector", selector, "give a string, a mapping of fields to values, or None")
