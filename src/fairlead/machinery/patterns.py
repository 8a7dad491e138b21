r"""Regular expressions as Go reads them: what a CRD's `pattern` means, and what is wrong with one.

https://pkg.go.dev/regexp/syntax. The syntax is nearly Python's; what differs is translated (`$`, `\z`, `\Q…\E`, classes
such as `[[:alpha:]]`), and what Go does not have (look-around, back-references) is refused.
"""

from __future__ import annotations

import functools
import re
from typing import Final

__all__ = ["go_pattern", "pattern_fault"]

_PERL: Final = frozenset("dDsSwW")
_CONTROL: Final = frozenset("aftnrv")
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_POSIX: Final = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": "\\x00-\\x7f", "blank": "\\t ", "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ", "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_REPEAT: Final = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MOST_REPEATS: Final = 1000
#: Named classes of letters, by what Python's own classes can say of them.
_LETTERS: Final = {"L": "[^\\W\\d_]", "N": "\\d", "Nd": "\\d"}


class _Refused(ValueError):
    """Go does not take the pattern; the text is Go's."""


@functools.lru_cache(maxsize=1024)
def go_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, to be searched for. ValueError with Go's message when it is none."""
    try:
        return re.compile(_Reader(pattern).translate(), re.ASCII if pattern.isascii() else 0)
    except re.error as error:
        raise _Refused(f"error parsing regexp: {error}: `{pattern}`") from None
    except (OverflowError, RecursionError):
        raise _Refused("error parsing regexp: expression nests too deeply: `" + pattern + "`") from None


def pattern_fault(pattern: str) -> str:
    """What Go says is wrong with a pattern; empty when nothing is."""
    try:
        go_pattern(pattern)
    except ValueError as error:
        return str(error)
    return ""


class _Reader:
    """Reads a pattern once, from left to right, and writes Python's form of it."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._out: list[str] = []
        self._open = 0
        #: Where the last repetition began; a second one right behind it is refused.
        self._repeated = -1

    def translate(self) -> str:
        while self._at < len(self._text):
            self._step()
        if self._open:
            raise self._fault("missing closing )", self._text)
        return "".join(self._out)

    def _fault(self, why: str, shown: str) -> _Refused:
        return _Refused(f"error parsing regexp: {why}: `{shown}`")

    def _write(self, text: str, width: int) -> None:
        self._out.append(text)
        self._at += width

    def _step(self) -> None:
        letter = self._text[self._at]
        if letter in "*+?":
            self._repeat(letter)
            return
        if letter == "{" and (found := _REPEAT.match(self._text, self._at)):
            self._count(found)
            return
        self._repeated = -1
        match letter:
            case "\\":
                self._escape()
            case "[":
                self._class()
            case "(":
                self._group()
            case ")":
                self._close()
            case "$":
                self._write("\\Z", 1)
            case "{":
                self._write("\\{", 1)
            case _:
                self._write(letter, 1)

    def _repeat(self, letter: str) -> None:
        self._check_repeat(letter)
        self._write(letter, 1)
        self._lazy()

    def _lazy(self) -> None:
        if self._text[self._at : self._at + 1] == "?":
            self._write("?", 1)

    def _check_repeat(self, shown: str) -> None:
        before = "".join(self._out)
        if self._repeated >= 0:
            raise self._fault("invalid nested repetition operator", self._text[self._repeated : self._at] + shown)
        if not before or (before.endswith(("(", "|", "(?:")) and not before.endswith(("\\(", "\\|"))):
            raise self._fault("missing argument to repetition operator", shown)
        self._repeated = self._at

    def _count(self, found: re.Match[str]) -> None:
        self._check_repeat(found[0])
        least, most = int(found[1]), int(found[3]) if found[3] else None
        if least > _MOST_REPEATS or (most is not None and (most > _MOST_REPEATS or most < least)):
            raise self._fault("invalid repeat count", found[0])
        self._write(found[0], len(found[0]))
        self._lazy()

    def _close(self) -> None:
        if not self._open:
            raise self._fault("unexpected )", self._text)
        self._open -= 1
        self._write(")", 1)

    def _group(self) -> None:
        rest = self._text[self._at :]
        self._open += 1
        if not rest.startswith("(?"):
            self._write("(", 1)
            return
        if rest.startswith(("(?P<", "(?<")) and not rest.startswith(("(?<=", "(?<!")):
            name = re.match(r"\(\?P?<([A-Za-z0-9_]+)>", rest)
            if name is None:
                raise self._fault("invalid named capture", rest.partition(">")[0] + ">" if ">" in rest else rest)
            self._write(f"(?P<{name[1]}>", len(name[0]))
            return
        self._flags(rest)

    def _flags(self, rest: str) -> None:
        flags = re.match(r"\(\?([imsU]*)(-[imsU]+)?([:)])", rest)
        if flags is None:
            shown = re.match(r"\(\?[imsU-]*.?", rest, re.DOTALL)
            text = rest if shown is None else shown[0]
            raise self._fault(
                "invalid or unsupported Perl syntax", text + ("!" if text == "(?<" and "!" in rest else "")
            )
        said, unsaid = flags[1].replace("U", ""), (flags[2] or "").replace("U", "")
        unsaid = "" if unsaid == "-" else unsaid
        if flags[3] == ":":
            self._write(f"(?{said}{unsaid}:", len(flags[0]))
            return
        self._open -= 1
        # Python knows flags only for a whole group: open one, and close it where this one ends.
        self._at += len(flags[0])
        inner = _Reader(self._text[self._at :])
        inner._open = self._open
        while inner._at < len(inner._text):
            if inner._text[inner._at] == ")" and inner._open == self._open:
                break
            inner._step()
        self._at += inner._at
        self._out.append(f"(?{said}{unsaid}:{''.join(inner._out)})")

    def _escape(self) -> None:
        rest = self._text[self._at :]
        if len(rest) == 1:
            raise self._fault("trailing backslash at end of expression", "")
        text, width = self._escaped(rest, in_class=False)
        self._write(text, width)

    def _escaped(self, rest: str, *, in_class: bool) -> tuple[str, int]:
        letter = rest[1]
        if letter in _PERL or letter in _CONTROL or letter in _PUNCTUATION:
            return rest[:2], 2
        if not in_class and letter in "AbBz":
            return ("\\Z" if letter == "z" else rest[:2]), 2
        if not in_class and letter == "Q":
            quoted, end, _ = rest[2:].partition("\\E")
            return re.escape(quoted), 2 + len(quoted) + len(end)
        if letter == "x" and (found := re.match(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})", rest)):
            code = int(found[1] or found[2], 16)
            return f"\\U{code:08x}", len(found[0])
        if letter in "01234567" and (found := re.match(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})", rest)):
            return f"\\x{int(found[1], 8) & 0xFF:02x}", len(found[0])
        if letter in "pP" and (found := re.match(r"\\[pP](?:\{(\^?\w+)\}|(\w))", rest)):
            return self._letters(letter, found[1] or found[2], in_class=in_class), len(found[0])
        raise self._fault("invalid escape sequence", rest[:2])

    def _letters(self, letter: str, name: str, *, in_class: bool) -> str:
        known = _LETTERS.get(name)
        if known is None or in_class or letter == "P":
            raise self._fault("invalid character class range", f"\\{letter}{{{name}}}")
        return known

    def _class(self) -> None:
        start = self._at
        out = ["["]
        at = start + 1
        if self._text[at : at + 1] == "^":
            out.append("^")
            at += 1
        first = True
        while first or self._text[at : at + 1] != "]":
            if at >= len(self._text):
                raise self._fault("missing closing ]", self._text[start:])
            text, width = self._class_part(at, start)
            out.append(text)
            at += width
            first = False
        self._check_ranges(start, at)
        self._write("".join(out) + "]", at + 1 - start)

    def _class_part(self, at: int, start: int) -> tuple[str, int]:
        rest = self._text[at:]
        if rest.startswith("[:") and (found := re.match(r"\[:(\^?)(\w+):\]", rest)):
            known = _POSIX.get(found[2])
            if known is None or found[1]:
                raise self._fault("invalid character class range", found[0])
            return known, len(found[0])
        if rest[0] == "\\":
            if len(rest) == 1:
                raise self._fault("missing closing ]", self._text[start:])
            return self._escaped(rest, in_class=True)
        # Python warns of these where they may mean set operations one day.
        return ("\\" + rest[0] if rest[0] in "[&~|" else rest[0]), 1

    def _check_ranges(self, start: int, end: int) -> None:
        for found in re.finditer(r"([^\\\[\]^])-([^\\\[\]])", self._text[start + 1 : end]):
            if found[1] > found[2]:
                raise self._fault("invalid character class range", found[0])
