"""The part of kubectl's JSONPath that CRDs may use in `additionalPrinterColumns`.

https://kubernetes.io/docs/reference/kubectl/jsonpath/: fields, indexes, slices, `[*]`, `..` and filters on a field.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, cast

__all__ = ["find"]

Step = Callable[[Any], Iterable[Any]]

_STEP = re.compile(
    r"""\.(?P<deep>(?=\.))
      | \.(?P<field>(?:[^.\[\\]|\\.)+)
      | \[(?P<all>\*)\]
      | \[(?P<slice>(?:-?\d*:-?\d*(?::\d+)?)?)\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]
      | \[\?\((?P<filter>(?:"[^"]*"|'[^']*'|[^()])*)\)\]
    """,
    re.VERBOSE,
)
_FILTER = re.compile(r"\s*@(?P<path>[^\s=!<>]*)\s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?)\s*)?")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def find(document: dict[str, Any], path: str) -> list[Any]:
    """All values at a JSONPath such as `.status.conditions[?(@.type=="Ready")].status`; none if it does not parse."""
    values: list[Any] = [document]
    for step in _steps(path):
        values = [found for value in values for found in step(value)]
    return values


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return (_nothing,)
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def _nothing(_: Any) -> Iterable[Any]:
    return ()


def _step(match: re.Match[str]) -> Step:
    kind, written = cast("tuple[str, str]", (match.lastgroup, match[match.lastgroup or 0]))
    if kind == "field":
        return _every if written == "*" else _field(re.sub(r"\\(.)", r"\1", written))
    if kind == "deep":
        return _deep
    if kind == "quoted":
        return _field(re.sub(r"\\(.)", r"\1", written[1:-1]))
    if kind == "all":
        return _every
    if kind == "index":
        return _slice(slice(int(written), int(written) + 1 or None))
    if kind == "slice":
        return _slice(slice(*(int(part) if part else None for part in written.split(":"))))
    return _where(written)


def _field(name: str) -> Step:
    def step(value: Any) -> Iterable[Any]:
        return (cast("dict[str, Any]", value)[name],) if isinstance(value, dict) and name in value else ()

    return step


def _every(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()


def _deep(value: Any) -> Iterable[Any]:
    """The value and all objects and lists within it that are not empty."""
    if isinstance(value, dict | list) and value:
        yield cast("Any", value)
        for item in _every(cast("Any", value)):
            yield from _deep(item)


def _slice(part: slice) -> Step:
    def step(value: Any) -> Iterable[Any]:
        return cast("list[Any]", value)[part] if isinstance(value, list) else ()

    return step


def _where(condition: str) -> Step:
    match = _FILTER.fullmatch(condition)
    if match is None:
        return _nothing
    path, compare = match["path"], _OPERATORS.get(match["operator"] or "")
    wanted = _literal(match["value"]) if compare else None

    def holds(entry: Any) -> bool:
        found = find(entry, path)
        if compare is None or not found:
            return compare is None and bool(found)
        try:
            return compare(found[0], wanted)
        except TypeError:
            return False

    def step(value: Any) -> Iterable[Any]:
        return [entry for entry in cast("list[Any]", value) if holds(entry)] if isinstance(value, list) else ()

    return step


def _literal(written: str) -> Any:
    if written[:1] == "'" and written[-1:] == "'":
        return written[1:-1]
    try:
        return json.loads(written)
    except ValueError:
        return written
