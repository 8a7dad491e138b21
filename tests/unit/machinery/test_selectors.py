from __future__ import annotations

import contextlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.errors import InvalidSelector
from fairlead.machinery.selectors import (
    FieldSelector,
    LabelSelector,
    SelectorError,
    to_field_selector,
    to_label_selector,
)

SAMES = [
    ("a=b,c=d", "c=d, a in (b)"),
    ("a==b", "a=b"),
    ("a!=b", "a notin (b)"),
    ("a in (c,b,c)", "a in ( b , c )"),
    ("a=b,a=b", "a=b"),
    ("a=", "a in ()"),
    ("a in (,b)", "a in (b,)"),
    ("a in (,)", "a="),
    (" \t a \n", "a"),
    ("a>05", "a>5"),
    ("", "   "),
    ("!a", "! a"),
]


@pytest.mark.parametrize(("one", "other"), SAMES)
def test_spellings_of_the_same_selector_are_equal(one: str, other: str) -> None:
    assert LabelSelector.parse(one) == LabelSelector.parse(other)
    assert hash(LabelSelector.parse(one)) == hash(LabelSelector.parse(other))
    assert str(LabelSelector.parse(one)) == str(LabelSelector.parse(other))


CANONICAL = [
    ("c notin (z,y),b,!a,d==1,e!=2", "!a,b,c notin (y,z),d=1,e!=2"),
    ("a in (,b)", "a in (,b)"),
    ("x>1,x<9", "x<9,x>1"),
    ("in in (in,notin)", "in in (in,notin)"),
    ("notin=in", "notin=in"),
    ("example.com/a=b", "example.com/a=b"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_the_canonical_form_is_sorted(text: str, canonical: str) -> None:
    assert LabelSelector.parse(text).as_query() == canonical
    assert LabelSelector.parse(canonical) == LabelSelector.parse(text)


MATCHES = [
    ("a=b", {"a": "b"}, True),
    ("a=b", {"a": "c"}, False),
    ("a=b", {}, False),
    ("a=", {"a": ""}, True),
    ("a=", {}, False),
    ("a!=b", {}, True),
    ("a!=b", {"a": "b"}, False),
    ("a notin (b,c)", {}, True),
    ("a notin (b,c)", {"a": "c"}, False),
    ("a in (b,c)", {"a": "c"}, True),
    ("a in (b,c)", {}, False),
    ("a", {"a": ""}, True),
    ("a", {}, False),
    ("!a", {"a": "x"}, False),
    ("!a", {"b": "x"}, True),
    ("a>3", {"a": "4"}, True),
    ("a>3", {"a": "3"}, False),
    ("a<3", {"a": "x"}, False),
    ("a<3", {}, False),
    ("a<3", {"a": "2"}, True),
    ("a>3", {"a": "9223372036854775808"}, False),
    ("a=b,c", {"a": "b"}, False),
    ("", {"any": "thing"}, True),
]


@pytest.mark.parametrize(("text", "labels", "expected"), MATCHES)
def test_labels_match_as_in_the_server(text: str, labels: dict[str, str], expected: bool) -> None:
    assert LabelSelector.parse(text).matches(labels) is expected


KEY_SHAPE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
VALUE_SHAPE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
REFUSED = [
    ("!a=b", "found '=', expected: ',' or 'end of string'", 2),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt", 2),
    ("a in b", "unable to parse requirement: found 'b' expected: '('", 5),
    ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'", 7),
    ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'", 8),
    ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier", 6),
    ("a=b,", "found '', expected: identifier after ','", 4),
    (",a", "found ',', expected: !, identifier, or 'end of string'", 0),
    ("a=b c", "found 'c', expected: ',' or 'end of string'", 4),
    ("a===b", "unable to parse requirement: found '=', expected: identifier", 3),
    ("!=b", "found '!=', expected: !, identifier, or 'end of string'", 0),
    ("!!a", "unable to parse requirement: found '!', expected: identifier", 1),
    ("-a=b", f'unable to parse requirement: <nil>: Invalid value: "-a": {KEY_SHAPE}', 0),
    ("x,a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {VALUE_SHAPE}', 2),
    (
        "a>x",
        "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        0,
    ),
]


@pytest.mark.parametrize(("text", "detail", "position"), REFUSED)
def test_what_does_not_parse_is_refused_in_the_servers_words(text: str, detail: str, position: int) -> None:
    with pytest.raises(SelectorError) as caught:
        LabelSelector.parse(text)
    assert caught.value.detail == detail
    assert caught.value.position == position
    assert str(caught.value) == f'label selector "{text}": {detail} (at character {position})'


def test_a_dict_is_a_set_of_equalities() -> None:
    assert to_label_selector({"c": "d", "a": "b"}) == LabelSelector.parse("a=b,c=d")
    assert to_label_selector(None) == LabelSelector.everything()
    assert to_label_selector({}).empty
    assert to_label_selector("a") is not None
    selector = LabelSelector.parse("a")
    assert to_label_selector(selector) is selector


def test_wrong_dicts_and_types_are_refused() -> None:
    for wrong in ({"a": 1}, {"a": None}, {1: "a"}, {"a b": "c"}, 7, ["a=b"]):
        with pytest.raises(InvalidSelector, match="label selector"):
            to_label_selector(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidSelector, match="field selector"):
        to_field_selector({"metadata.name": 1})  # type: ignore[dict-item]
    with pytest.raises(InvalidSelector, match="field selector"):
        to_field_selector(7)  # type: ignore[arg-type]


def test_the_documents_form_reads_the_same() -> None:
    document = {
        "matchLabels": {"a": "b"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["d", "e"]},
            {"key": "f", "operator": "NotIn", "values": ["g"]},
            {"key": "h", "operator": "Exists"},
            {"key": "i", "operator": "DoesNotExist", "values": None},
        ],
    }
    assert LabelSelector.from_meta(document) == LabelSelector.parse("a=b,c in (d,e),f!=g,h,!i")
    assert LabelSelector.from_meta({}) == LabelSelector.everything()
    assert LabelSelector.from_meta(None) == LabelSelector.nothing()


@pytest.mark.parametrize(
    "expression",
    [
        {"key": "a", "operator": "Gt", "values": ["1"]},
        {"key": "a", "operator": "In", "values": []},
        {"key": "a", "operator": "Exists", "values": ["b"]},
        {"operator": "Exists"},
        {"key": "a", "operator": "In", "values": [1]},
    ],
)
def test_wrong_expressions_are_refused(expression: dict[str, object]) -> None:
    with pytest.raises(InvalidSelector):
        LabelSelector.from_meta({"matchExpressions": [expression]})


def test_nothing_matches_nothing_and_can_be_sent() -> None:
    nothing = LabelSelector.nothing()
    assert not nothing.matches({})
    assert not nothing.matches({"nothing": "x"})
    assert LabelSelector.parse(nothing.as_query()) == nothing


def test_selectors_combine_and_travel() -> None:
    both = LabelSelector.parse("a=b") & LabelSelector.parse("c")
    assert both == LabelSelector.parse("a=b,c")
    assert pickle.loads(pickle.dumps(both)).matches({"a": "b", "c": ""})
    assert repr(both) == "LabelSelector('a=b,c')"


KEYS = st.sampled_from(["a", "b", "c", "x.io/y", "in", "notin"])
VALUES = st.sampled_from(["", "1", "2", "17", "v", "in", "A_b.c"])
REQUIREMENTS = st.one_of(
    st.builds("{}{}{}".format, KEYS, st.sampled_from(["=", "==", "!=", " = "]), VALUES),
    st.builds("{}{}".format, st.sampled_from(["", "!"]), KEYS),
    st.builds("{}{}{}".format, KEYS, st.sampled_from("<>"), st.integers(0, 20)),
    st.builds(
        lambda key, op, values: f"{key} {op} ({','.join(values)})",
        KEYS,
        st.sampled_from(["in", "notin"]),
        st.lists(VALUES, max_size=3),
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(REQUIREMENTS, max_size=4), st.dictionaries(KEYS, VALUES), st.randoms(use_true_random=False))
def test_the_canonical_form_means_the_same(parts: list[str], labels: dict[str, str], random: object) -> None:
    selector = LabelSelector.parse(",".join(parts))
    again = LabelSelector.parse(str(selector))
    assert again == selector
    assert again.matches(labels) == selector.matches(labels)
    assert selector.matches(labels) == all(LabelSelector.parse(part).matches(labels) for part in parts)
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert LabelSelector.parse(",".join(parts)) == selector


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab=!(),<> in", max_size=12))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(InvalidSelector):
        selector = LabelSelector.parse(text)
        assert LabelSelector.parse(str(selector)) == selector


def test_field_selectors_read_operators_and_escapes() -> None:
    selector = FieldSelector.parse(r"metadata.name=x,status.phase!=Running,a==b\,c\=d\\,,z=")
    assert [tuple(each) for each in selector.requirements] == [
        ("a", "=", "b,c=d\\"),
        ("metadata.name", "=", "x"),
        ("status.phase", "!=", "Running"),
        ("z", "=", ""),
    ]
    assert str(selector) == r"a=b\,c\=d\\,metadata.name=x,status.phase!=Running,z="
    assert FieldSelector.parse(str(selector)) == selector
    assert selector.exact("metadata.name") == "x"
    assert selector.exact("status.phase") is None


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        ("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"),
        (r"a=b\x", r"invalid field selector: invalid escape sequence: \x"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ],
)
def test_field_selectors_that_do_not_parse(text: str, detail: str) -> None:
    with pytest.raises(SelectorError) as caught:
        FieldSelector.parse(text)
    assert caught.value.detail == detail
    assert str(caught.value).startswith("field selector ")


def test_field_selectors_match_through_a_function() -> None:
    fields = {"metadata.name": "x", "status.phase": "Pending"}
    get = lambda name: fields.get(name, "")  # noqa: E731
    assert FieldSelector.parse("metadata.name=x,status.phase!=Running").matches(get)
    assert not FieldSelector.parse("metadata.name!=x").matches(get)
    assert FieldSelector.parse("spec.nodeName=").matches(get)
    assert FieldSelector.everything().matches(get)
    assert to_field_selector({"a": "x,y"}) == FieldSelector.parse(r"a=x\,y")
    assert (FieldSelector.parse("a=b") & FieldSelector.parse("c=d")).as_query() == "a=b,c=d"


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "metadata.name"]), st.text(alphabet="a,=\\!é", max_size=8)))
def test_any_field_value_survives_the_query(fields: dict[str, str]) -> None:
    assert FieldSelector.parse(FieldSelector.from_dict(fields).as_query()) == FieldSelector.from_dict(fields)
