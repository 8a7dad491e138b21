"""A list in which something does not decode, taken apart by its brackets, so that every other object can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

__all__ = ["salvage"]

#: Whole strings, so that brackets and quotes inside them do not count, and brackets.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def salvage(body: bytes) -> tuple[bytes, list[msgspec.Raw]]:
    """The JSON of a list's metadata (`{}` if there is none), and of each of its items.

    Raises:
        ValueError: the brackets do not pair, or there is no list of items.
    """
    metadata, items, found = b"{}", list[msgspec.Raw](), False
    for path, begin, end in _values(body):
        if path == (b'"metadata"',):
            metadata = body[begin:end]
        elif path == (b'"items"',):
            found = True
        elif path == (b'"items"', b"["):
            items.append(msgspec.Raw(body[begin:end]))
    if not found:
        raise ValueError("there is no list of items")
    return metadata, items


def _values(body: bytes) -> Iterator[tuple[tuple[bytes, ...], int, int]]:
    """Objects and arrays down to the items of an outermost list: where each stands, and its place in the text."""
    opened: list[tuple[bytes, int]] = []
    key = b""
    for token in _TOKENS.finditer(body):
        text = token[0]
        if text in (b"{", b"["):
            opened.append((text, token.start()))
        elif text in (b"}", b"]"):
            if not opened or opened[-1][0] != {b"}": b"{", b"]": b"["}[text]:
                raise ValueError("the brackets do not pair")
            begin = opened.pop()[1]
            if len(opened) == 1:
                yield (key,), begin, token.end()
            elif len(opened) == 2 and opened[1][0] == b"[":
                yield (key, b"["), begin, token.end()
        elif len(opened) == 1 and body[token.end() : token.end() + 20].lstrip()[:1] == b":":
            key = text
    if opened:
        raise ValueError("the text ends too early")
