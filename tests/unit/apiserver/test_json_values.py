"""Reading JSON quickly says what reading it plainly says, or leaves it to that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apiserver.wire.json_values import DEEPEST, ODD, NumberTooGreat, read_json, read_plain

NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "-0.0", "1.0", "1e3", "1E+20", "1e21", "1e400", "01", "9223372036854775808", "NaN", "1."]),
)
TEXTS = st.one_of(
    st.text(max_size=5).map(json.dumps),
    st.text(max_size=5).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(['"a"', '"b"', '""', '"\\ud800"', '"\x01"', '"{"', '":"', '"a", "a"', '"0000000000000000000"']),
)
SPACES = st.sampled_from(["", " ", "\n\t"])


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Few keys, so that many are said twice."""
    keys = st.one_of(st.sampled_from(['"a"', '"b"', '"\\u0061"']), TEXTS)
    pairs = [f"{draw(keys)}{draw(SPACES)}:{draw(SPACES)}{draw(values)}" for _ in range(draw(st.integers(0, 4)))]
    return "{" + f"{draw(SPACES)},{draw(SPACES)}".join(pairs) + "}"


JSON = st.recursive(
    st.one_of(NUMBERS, TEXTS, st.sampled_from(["null", "true", "false", "", "x"])),
    lambda values: st.one_of(st.lists(values, max_size=3).map(lambda items: f"[{','.join(items)}]"), objects(values)),
    max_leaves=12,
)


def plainly(body: bytes) -> tuple[str, bool]:
    """The value with its types, and whether an object has a key twice; what is refused has none."""
    twice = False

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        twice = twice or len(dict(pairs)) < len(pairs)
        return dict(pairs)

    try:
        return repr(read_json(body.decode("utf-8", "replace"), hook)), twice
    except (ValueError, RecursionError, NumberTooGreat):
        return "", False


@given(JSON.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_what_is_read_at_once_is_what_is_read_plainly(body: bytes) -> None:
    found = read_plain(body)
    if found is not ODD:
        assert (repr(found), False) == plainly(body)


@given(st.binary(max_size=12))
def test_bytes_that_are_no_json_are_left(body: bytes) -> None:
    found = read_plain(body)
    if found is not ODD:
        assert (repr(found), False) == plainly(body)


@pytest.mark.parametrize(
    "body",
    [b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'{"a":"x","a":"y"}', b'{"a" : {}, "a" : {}}', b"9223372036854775808",
     b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), b'"\xed\xa0\x80"', b"1e400", b"\xef\xbb\xbf{}", b""],
)  # fmt: skip
def test_what_is_not_plain_is_left(body: bytes) -> None:
    assert read_plain(body) is ODD


def test_ordinary_objects_are_read_at_once() -> None:
    document: dict[str, Any] = {
        "metadata": {"name": "a", "labels": {"a": "b"}},
        "spec": {"n": [1, 2.5, -3, True, None, "ü"], "a": {}},
    }
    assert read_plain(json.dumps(document, ensure_ascii=False).encode()) == document
    assert repr(read_plain(b'{"n": [1.0, 1e3, -0.0]}')) == "{'n': [1, 1000, 0]}"
