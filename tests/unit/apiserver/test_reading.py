"""An object read in one pass is the object that the plain ways read, and one that they refuse is read by none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fairlead.apiserver.builtin.canonical import as_read
from fairlead.apiserver.builtin.reading import read_whole
from fairlead.apiserver.wire.decoding import type_fault
from fairlead.machinery.schema.fields import unknown_fields
from fairlead.machinery.schema.nodes import is_list, is_map
from tests.support.schema_values import KINDS, builtin_schema, objects


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[2])
def test_one_pass_reads_what_the_plain_ways_read(kind: tuple[str, str, str]) -> None:
    schema, told = builtin_schema(kind), [0, 0]

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0))
    def check(value: dict[str, Any]) -> None:
        before = copy.deepcopy(value)
        found = read_whole(schema, value)
        assert value == before  # what may be wrong is still there to be told
        told[found is not None] += 1
        if found is None:
            return
        assert not unknown_fields(schema, value)
        assert type_fault(schema, kind[2], value) == ""
        as_read(schema, value)
        assert _ordered(found) == _ordered(value)

    check()
    assert told[1]  # the way is taken


def _ordered(value: Any) -> Any:
    """With the order of fields, and with what kind of number a number is, both of which count."""
    if is_map(value):
        return [(name, _ordered(item)) for name, item in value.items()]
    return [_ordered(item) for item in value] if is_list(value) else (type(value), value)


def test_what_is_unknown_or_of_a_wrong_type_is_left_to_the_plain_ways() -> None:
    schema = builtin_schema(("", "v1", "ConfigMap"))
    assert read_whole(schema, {"data": {"a": "b"}, "immutable": False}) == {"data": {"a": "b"}, "immutable": False}
    wrongs: tuple[dict[str, Any], ...] = (
        {"date": {}},
        {"data": {"a": 1}},
        {"data": {"a": None}},
        {"immutable": "no"},
        {"data": []},
    )
    for wrong in (*wrongs, {"binaryData": {"a": "x"}}):
        assert read_whole(schema, wrong) is None
    lease = builtin_schema(("coordination.k8s.io", "v1", "Lease"))
    assert read_whole(lease, {"spec": {"renewTime": "2026-01-02T05:04:05.000000+02:00"}}) == {
        "spec": {"renewTime": "2026-01-02T03:04:05.000000Z"}
    }
    assert read_whole(lease, {"spec": {"renewTime": "2026-01-02T05:04:05Z"}}) is None
