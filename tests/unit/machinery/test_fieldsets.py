"""Sets of fields and their JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.machinery.apply.fieldsets import FieldSet, field_element, key_element, path_text, value_element

SPEC, PORTS, A, B = (field_element(name) for name in ("spec", "ports", "a", "b"))
TCP = key_element({"protocol": "TCP", "port": 80})


def fields(*paths: tuple[Any, ...]) -> FieldSet:
    return FieldSet.of(paths)


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        '{"f:spec":{}}',
        '{"f:spec":{".":{},"f:a":{}}}',
        '{"f:spec":{"f:ports":{"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}}}}}',
        '{"f:tags":{"v:1":{},"v:2.5":{},"v:\\"x\\"":{},"v:true":{},"i:3":{}}}',
        '{"f:tags":{"v:\\"a\\\\u003cb\\"":{}}}',
    ],
)
def test_json_reads_and_writes_back_byte_for_byte(written: str) -> None:
    read = FieldSet.from_fields_v1(json.loads(written))
    assert json.dumps(read.to_fields_v1(), separators=(",", ":")) == written


def test_elements_are_written_in_the_servers_order() -> None:
    found = fields(
        (value_element(True),),
        (value_element("1"),),
        (value_element(2),),
        (key_element({"a": "x"}),),
        (B,),
        (A,),
        ((3, 0),),
    )
    assert list(found.to_fields_v1()) == ["f:a", "f:b", 'k:{"a":"x"}', "v:2", 'v:"1"', "v:true", "i:0"]


def test_keys_are_sorted_by_field_name() -> None:
    assert list(fields((TCP,)).to_fields_v1()) == ['k:{"port":80,"protocol":"TCP"}']


def test_a_number_and_a_boolean_that_python_takes_for_equal_are_two_elements() -> None:
    assert value_element(True) != value_element(1)
    assert value_element(1) == value_element(1.0)
    assert len({value_element(True), value_element(1)}) == 2


def test_elements_of_an_unknown_kind_are_dropped_and_broken_ones_are_errors() -> None:
    assert FieldSet.from_fields_v1({"f:a": {}, "x:b": {}}).to_fields_v1() == {"f:a": {}}
    with pytest.raises(ValueError, match="colon"):
        FieldSet.from_fields_v1({"nonsense": {}})
    with pytest.raises(ValueError, match="Expecting"):
        FieldSet.from_fields_v1({"v:{": {}})


def test_membership_is_of_the_path_not_of_what_is_below_it() -> None:
    found = fields((SPEC, A))
    assert (SPEC, A) in found
    assert (SPEC,) not in found
    assert () not in found


def test_union_intersection_and_difference_are_by_path() -> None:
    left, right = fields((SPEC,), (SPEC, A)), fields((SPEC, A), (SPEC, B))
    assert left.union(right) == fields((SPEC,), (SPEC, A), (SPEC, B))
    assert left.intersection(right) == fields((SPEC, A))
    assert left.difference(right) == fields((SPEC,))
    assert right.difference(left) == fields((SPEC, B))


def test_a_difference_keeps_what_is_below_and_a_recursive_one_does_not() -> None:
    found = fields((SPEC,), (SPEC, A), (B,))
    assert found.difference(fields((SPEC,))) == fields((SPEC, A), (B,))
    assert found.recursive_difference(fields((SPEC,))) == fields((B,))


def test_an_empty_set_is_empty_however_deep() -> None:
    assert FieldSet().empty
    assert FieldSet(children={SPEC: FieldSet()}).empty
    assert not fields((SPEC, A)).empty


def test_paths_are_told_members_first_and_as_conflicts_name_them() -> None:
    found = fields((SPEC, PORTS, TCP, A), (SPEC, B), (SPEC, A, value_element("x")), (SPEC, A, (3, 1)))
    assert [path_text(path) for path in found.paths()] == [
        ".spec.b",
        '.spec.a[="x"]',
        ".spec.a[1]",
        '.spec.ports[port=80,protocol="TCP"].a',
    ]
