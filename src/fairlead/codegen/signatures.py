"""Signatures as text: what a method takes and gives, and how another is called with what it was given."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "WIDTH",
    "Function",
    "Wording",
    "argument_texts",
    "call_lines",
    "docstring_lines",
    "import_order",
    "names_in",
    "parameter_texts",
    "returned_text",
    "text_of",
    "without",
]

WIDTH = 120
Function = ast.FunctionDef | ast.AsyncFunctionDef


def names_in(nodes: Iterable[ast.AST | None]) -> Iterator[str]:
    """The names that expressions use."""
    for node in nodes:
        if node is not None:
            yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def text_of(node: ast.AST) -> str:
    """An expression as it is written."""
    return ast.unparse(node).replace("'", '"')


def without(function: Function, name: str) -> None:
    """Leave out a keyword-only parameter."""
    arguments = function.args
    kept = [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if a.arg != name]
    arguments.kwonlyargs, arguments.kw_defaults = [a for a, _ in kept], [d for _, d in kept]


def returned_text(function: Function) -> str:
    """What a call gives once it has been waited for."""
    said = text_of(function.returns) if function.returns is not None else "None"
    if not isinstance(function, ast.AsyncFunctionDef):
        return said
    return re.sub(r"^AsyncGenerator\[(.*), None\]$", r"Generator[\1, None, None]", said)


def parameter_texts(arguments: ast.arguments) -> list[str]:
    """Each parameter as text, separators included."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    out: list[str] = []
    for place, (argument, default) in enumerate(zip(positional, defaults, strict=True), start=1):
        out.append(_parameter(argument, default))
        if place == len(arguments.posonlyargs):
            out.append("/")
    if arguments.vararg is not None:
        out.append(f"*{_parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        out.append("*")
    out += [_parameter(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg is not None:
        out.append(f"**{_parameter(arguments.kwarg, None)}")
    return out


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    if argument.annotation is None:
        return argument.arg
    text = f"{argument.arg}: {text_of(argument.annotation)}"
    return text if default is None else f"{text} = {text_of(default)}"


def argument_texts(function: Function) -> list[str]:
    """The call's arguments: what the method was given."""
    arguments = function.args
    given = [a.arg for a in [*arguments.posonlyargs, *arguments.args][1:]]
    if arguments.vararg is not None:
        given.append(f"*{arguments.vararg.arg}")
    given += [f"{a.arg}={a.arg}" for a in arguments.kwonlyargs]
    if arguments.kwarg is not None:
        given.append(f"**{arguments.kwarg.arg}")
    return given


def call_lines(function: str, arguments: list[str], start: str) -> list[str]:
    """A call as a statement, on one line or many."""
    line = f"{start}{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return [line]
    return [f"{start}{function}(", *(f"            {argument}," for argument in arguments), "        )"]


class Wording:
    """Says some words of docstrings otherwise, wherever their lines end, and fills the lines of what it changed anew."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = [(old, re.compile(r"\s+".join(map(re.escape, old.split()))), new) for old, new in words.items()]
        #: What was found nowhere so far.
        self.unused: set[str] = set(words)

    def said(self, text: str, width: int) -> str:
        """A text of paragraphs, with the words said otherwise."""
        return "\n\n".join(self._paragraph(each, width) for each in text.split("\n\n"))

    def _paragraph(self, text: str, width: int) -> str:
        said = text
        for old, pattern, new in self._words:
            said, found = pattern.subn(new, said)
            if found:
                self.unused.discard(old)
        return text if said == text else textwrap.fill(" ".join(said.split()), width, break_on_hyphens=False)


def docstring_lines(node: ast.ClassDef | Function, indent: int, wording: Wording) -> list[str]:
    """A docstring, with some of its words said otherwise."""
    text = wording.said(ast.get_docstring(node) or "", WIDTH - indent)
    pad = " " * indent
    lines = text.splitlines()
    if len(lines) < 2:
        return [f'{pad}"""{text}"""'] if lines else []
    return [f'{pad}"""{lines[0]}', *(f"{pad}{line}" if line else "" for line in lines[1:]), f'{pad}"""']


def import_order(name: str) -> tuple[int, str]:
    """As ruff sorts them: constants, classes, functions."""
    first = name.split(" ", maxsplit=1)[0]
    return (0 if first.isupper() and len(first) > 1 else 1 if first[:1].isupper() else 2, name)
