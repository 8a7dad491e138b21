"""What a creator owns, said in one walk, is what comparing the object with nothing says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.machinery.apply.created import NotOfItsType, created_fields
from fairlead.machinery.apply.fieldsets import FieldSet, field_element
from fairlead.machinery.apply.types import MergeType, PathError, typed_view
from fairlead.machinery.apply.walks import compare
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import from_crd
from tests.support.schema_values import KINDS, builtin_schema, objects

CRD = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "port": {"x-kubernetes-int-or-string": True},
                "free": {"x-kubernetes-preserve-unknown-fields": True},
                "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "parts": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name", "kind"],
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string"},
                            "kind": {"type": "string", "default": "plain"},
                            "deep": {"type": "object", "properties": {"n": {"type": "number"}}},
                        },
                    },
                },
            },
        },
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


def _schema(kind: tuple[str, str, str] | None) -> Schema:
    if kind is None:
        return from_crd(CRD)
    return builtin_schema(kind)


def _plain(schema: Schema, value: dict[str, Any], reset: frozenset[str]) -> dict[str, Any]:
    change = compare(MergeType.of(schema), typed_view(schema, {}), typed_view(schema, value))
    away = FieldSet.of((field_element(name),) for name in reset)
    return change.added.union(change.modified).recursive_difference(away).to_fields_v1()


@pytest.mark.parametrize("kind", [None, *KINDS], ids=lambda kind: "custom" if kind is None else kind[2])
def test_one_walk_says_what_comparing_says(kind: tuple[str, str, str] | None) -> None:
    schema, told = _schema(kind), [0, 0]

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0), st.sampled_from([frozenset[str](), frozenset({"status"})]))
    def check(value: dict[str, Any], reset: frozenset[str]) -> None:
        try:
            found = created_fields(MergeType.of(schema), value, reset)
        except NotOfItsType:
            told[1] += 1
            return
        told[0] += 1
        assert _text(found) == _text(_plain(schema, value, reset))

    check()
    assert told[0]  # the way is taken; how often is chance


def _text(fields: dict[str, Any]) -> list[Any]:
    """With the order, which counts."""
    return [(name, _text(below)) for name, below in fields.items()]


def test_items_that_cannot_be_told_apart_are_left_to_the_plain_way() -> None:
    schema = _schema(("", "v1", "Pod"))
    twice = {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}
    with pytest.raises(NotOfItsType):
        created_fields(MergeType.of(schema), twice, frozenset())
    # What is empty counts as absent, and then has a default.
    empty: dict[str, Any] = {"spec": {"ports": [{"port": 1, "protocol": []}]}}
    with pytest.raises(NotOfItsType):
        created_fields(MergeType.of(_schema(("", "v1", "Service"))), empty, frozenset())
    nameless = {"spec": {"containers": [{"image": "a"}]}}
    with pytest.raises(NotOfItsType):
        created_fields(MergeType.of(schema), nameless, frozenset())
    with pytest.raises(PathError):
        _plain(schema, {"spec": {"containers": [{"image": "a"}, None]}}, frozenset())
