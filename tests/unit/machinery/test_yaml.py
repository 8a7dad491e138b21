from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.errors import InvalidObject
from fairlead.machinery.yaml.loading import load, load_all
from fairlead.machinery.yaml.writing import dump

#: What `kubectl label --local -o json` (v1.37.2) made of each scalar as the value of a field.
KUBECTL: list[tuple[str, Any]] = [
    ("y", True),
    ("Y", True),
    ("yes", True),
    ("Yes", True),
    ("YES", True),
    ("n", False),
    ("no", False),
    ("on", True),
    ("On", True),
    ("off", False),
    ("OFF", False),
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("tRue", "tRue"),
    ("~", None),
    ("null", None),
    ("Null", None),
    ("NULL", None),
    ("nULL", "nULL"),
    ("", None),
    ("0o17", 15),
    ("017", 15),
    ("0O17", 15),
    ("08", 8),
    ("0x1F", 31),
    ("0X1f", 31),
    ("0b101", 5),
    ("-0x1F", -31),
    ("-017", -15),
    ("-0b11", -3),
    ("+12", 12),
    ("-12", -12),
    ("1_000", 1000),
    ("1__0", 10),
    ("_1", "_1"),
    ("1e3", 1000),
    ("1E3", 1000),
    ("1.5e3", 1500),
    ("1e+3", 1000),
    (".5", 0.5),
    ("5.", 5),
    ("+.5", 0.5),
    ("-1.", -1),
    ("inf", "inf"),
    ("nan", "nan"),
    ("Infinity", "Infinity"),
    ("1:30", "1:30"),
    ("190:20:30", "190:20:30"),
    ("1:30.5", "1:30.5"),
    ("2020-01-01", "2020-01-01"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43.10 -5"),
    ("9223372036854775807", 9223372036854775807),
    ("9223372036854775808", 9223372036854776000),
    ("18446744073709551615", 18446744073709552000),
    ("18446744073709551616", 18446744073709552000),
    ("-9223372036854775808", -9223372036854775808),
    ("-9223372036854775809", -9223372036854776000),
    ("0x8000000000000000", 9223372036854776000),
    ("0xffffffffffffffff", 18446744073709552000),
    ("0x10000000000000000", "0x10000000000000000"),
    ("1.0", 1),
    ("100.0", 100),
    ("1e400", "1e400"),
    ("1e21", 1e21),
    ("1.7976931348623157e308", 1.7976931348623157e308),
    ("12345678901234567890.5", 12345678901234567000),
    ("1,000", "1,000"),
    ("0.1", 0.1),
    ("1e-7", 1e-07),
    ("0.000001", 1e-06),
    ("-0", 0),
    ("-0.0", 0),
    ("+0", 0),
    ("00", 0),
    ("0", 0),
    ("0_1", 1),
    ("0x_1", 1),
    ("1_0.5", 10.5),
    ("0o8", "0o8"),
    ("0o", "0o"),
    ("0x", "0x"),
    ("1e", "1e"),
    ("e3", "e3"),
    (".", "."),
    ("+", "+"),
    (".e3", ".e3"),
    ("..", ".."),
    ("=", "="),
    ("<<", "<<"),
    ("!!binary aGVsbG8=", "hello"),
    ("!!str 5", "5"),
    ('!!int "5"', 5),
    ("!!float 5", 5),
    ('!!float "5"', 5),
    ("!!bool yes", True),
    ('!!bool "y"', True),
    ('!!null ""', None),
    ("!!timestamp 2020-01-01", "2020-01-01"),
    ("!!str", ""),
    ("!foo bar", "bar"),
    ('"y"', "y"),
    ("'5'", "5"),
    ("!!set {a, b}", {"a": None, "b": None}),
    ("!!omap [a: 1]", [{"a": 1}]),
    ("!!map {a: 1}", {"a": 1}),
    ("!!seq [1]", [1]),
    ("0.1_2", 0.12),
    ("1_0", 10),
    ("0b1_0", 2),
    ("1.5_0e1_0", 15000000000),
    ("0o1_7", 15),
    ("-0o17", -15),
    ("+0o17", 15),
    ("+0x1F", 31),
    ("+0b1", 1),
    ("+017", 15),
    ("0777777777777777777777", 9223372036854775807),
    ("01777777777777777777777", 18446744073709552000),
    ("0b1111111111111111111111111111111111111111111111111111111111111111", 18446744073709552000),
    ("685230.15", 685230.15),
    ("6.8523015e+5", 685230.15),
    ("685_230.15", 685230.15),
    ("1e03", 1000),
    ("1e0_3", 1000),
    ("1.e3", 1000),
]
REFUSED_BY_KUBECTL = [
    ".inf",
    "-.Inf",
    ".NAN",
    ".nan",
    "+.inf",
    "-",
    '!!timestamp "x"',
    '!!int "abc"',
    "!!float abc",
    "!!int 5.5",
    "@x",
    "`x",
    "%x",
]


@pytest.mark.parametrize(("text", "expected"), KUBECTL)
def test_scalars_read_as_in_kubectl(text: str, expected: Any) -> None:
    value = load(f"v: {text}\n")["v"]
    assert value == pytest.approx(expected, rel=1e-15) if isinstance(expected, int | float) else value == expected
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        assert type(value) is type(expected)


@pytest.mark.parametrize("text", REFUSED_BY_KUBECTL)
def test_scalars_that_kubectl_refuses_are_refused(text: str) -> None:
    with pytest.raises(InvalidObject, match=r"^web\.yaml, line 2: "):
        load(f"\nv: {text}\n", source="web.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", 2**63),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_integers_of_64_bits_keep_every_digit(text: str, expected: int) -> None:
    assert load(f"v: {text}") == {"v": expected}
    assert load(f'{{"v": {text}}}') == {"v": expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1: a", {"1": "a"}),
        ("true: a", {"true": "a"}),
        ("y: a", {"true": "a"}),
        ("1.5: a", {"1.5": "a"}),
        ("1e3: a", {"1000": "a"}),
        ("0x10: a", {"16": "a"}),
        ("2020-01-01: a", {"2020-01-01": "a"}),
        ("1:30: b", {"1:30": "b"}),
        (".inf: a", {".inf": "a"}),
        ("v: &a {x: 1}\nw: {<<: *a, z: 2}", {"v": {"x": 1}, "w": {"x": 1, "z": 2}}),
        ("v: &a {x: 1}\nw: {x: 5, <<: *a}", {"v": {"x": 1}, "w": {"x": 1}}),
        (
            "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nw: {<<: [*a, *b]}",
            {"a": {"x": 1}, "b": {"x": 2, "z": 3}, "w": {"x": 1, "z": 3}},
        ),
        ("w: {'<<': {a: 1}}", {"w": {"<<": {"a": 1}}}),
        ("v: >\n  a\n  b\n", {"v": "a b\n"}),
        ("v: !!binary //8=", {"v": "\ufffd\ufffd"}),
    ],
)
def test_keys_merges_and_blocks_read_as_in_kubectl(text: str, expected: Any) -> None:
    assert load(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' stands here for the second time, the first is in line 1"),
        ("'1': a\n1: b\n", "line 2: the key '1' stands here for the second time, the first is in line 1"),
        ('{"a": 1,\n"a": 2}', "line 2: the key 'a' stands here for the second time, the first is in line 1"),
        ("~: a", "line 1: a key is null"),
        ("? [a]\n: b", "line 1: a key is a mapping or a list"),
        ("w: {<<: 5}", "line 1: the value of a merge key"),
        ("v: &a [*a]", "line 1: the anchor's value contains itself"),
        ("v: *x", "line 1: this is not YAML: found undefined alias"),
        ("a: [1,\nb: }", "line 2: this is not YAML: "),
        ("a: b: c", "line 1: this is not YAML: "),
        ("a: \x01", "this is not YAML: "),
        ("a: \ud800", "half of a pair"),
        ("[" * 300 + "]" * 300, "levels of nesting"),
        ("v: !!binary x", "not base64"),
    ],
)
def test_what_cannot_be_read_is_named_with_source_and_line(text: str, said: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        load_all(text, source="web.yaml")
    assert str(caught.value).startswith("web.yaml")
    assert said in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    assert load(b"\xef\xbb\xbfa: b") == {"a": "b"}
    with pytest.raises(InvalidObject, match="byte 3 is not UTF-8"):
        load(b"a: \xff")


@pytest.mark.parametrize("deep", [True, False])
def test_alias_bombs_are_refused(deep: bool) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12 if deep else 6)]
    with pytest.raises(InvalidObject, match="aliases expand to more than"):
        load("\n".join(lines))


@pytest.mark.parametrize("use", ["*a", "{x: *a}", "{*a : x}", "{<<: *m}"])
def test_a_long_text_that_aliases_repeat_without_end_is_refused(use: str) -> None:
    text = "t" * 100_000
    fine, bomb = (f"a: &a {text}\nm: &m {{b: *a}}\nl: [{', '.join([use] * times)}]" for times in (100, 1000))
    assert text in str(load(fine)["l"][-1])
    with pytest.raises(InvalidObject, match="aliases expand to more than 16000000 characters of text"):
        load(bomb)


def test_aliases_give_values_that_do_not_share() -> None:
    value = load("a: &a {x: [1]}\nb: *a\n")
    value["a"]["x"].append(2)
    assert value["b"] == {"x": [1]}


def test_several_documents_are_read_without_the_empty_ones() -> None:
    assert load_all("---\na: 1\n---\n---\n# only a comment\n---\nb: 2\n...\n") == [{"a": 1}, {"b": 2}]
    assert load_all("") == []
    assert load_all('{"a": 1}\n\n{"b": "\\ud83d\\ude00"}') == [{"a": 1}, {"b": "😀"}]
    assert load_all("{a: 1}") == [{"a": 1}]
    with pytest.raises(InvalidObject, match="one document is wanted, there are 2"):
        load("--- 1\n--- 2\n")


def test_json_numbers_read_as_the_same_numbers_in_yaml() -> None:
    assert load('{"a": [1e3, 1.0, 1.5, -0.0]}') == {"a": [1000, 1, 1.5, 0]}
    assert isinstance(load('{"a": 1.0}')["a"], int)


def test_the_style_is_kubectls() -> None:
    value = {"spec": {"list": [{"name": "a", "args": ["1", "y", "x: y"]}], "text": "a\nb\n", "none": {}}, "kind": "K"}
    assert dump(value) == (
        'kind: K\nspec:\n  list:\n  - args:\n    - "1"\n    - "y"\n    - \'x: y\'\n    name: a\n'
        "  none: {}\n  text: |\n    a\n    b\n"
    )
    shared = [1]
    assert dump({"a": shared, "b": shared}) == "a:\n- 1\nb:\n- 1\n"
    assert dump("a") == "a\n"


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {1, 2}}, {"a": b"x"}, {"a": float("nan")}, {"a": "\ud800"}])
def test_what_json_does_not_know_is_not_written(value: Any) -> None:
    with pytest.raises(InvalidObject, match="cannot be written as YAML"):
        dump(value)


TEXTS = st.one_of(
    st.sampled_from([text for text, _ in KUBECTL]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("a \n\t#:-|'\"", max_size=12),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert load_all(f"---\n{dump({'v': value})}") == [{"v": value}]
    assert load_all(json.dumps({"v": value})) == [{"v": value}]
