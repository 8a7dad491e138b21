"""An update that only changes values leaves the same owners, however it is found out what it changed."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.machinery.apply import ownership
from fairlead.machinery.apply.types import MergeType
from fairlead.machinery.apply.values import changed_values
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import from_crd
from tests.support.schema_values import KINDS, builtin_schema, objects
from tests.unit.machinery.test_apply_created import CRD

MANAGERS = ("me", "other")


def _schema(kind: tuple[str, str, str] | None) -> Schema:
    return from_crd(CRD) if kind is None else builtin_schema(kind)


def _values(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where scalars stand: containers, each with a key or an index."""
    places = value.items() if isinstance(value, dict) else enumerate(value)
    for place, item in places:
        if isinstance(item, dict | list):
            yield from _values(item)
        else:
            yield value, place


def _changed(value: dict[str, Any], drawn: random.Random) -> dict[str, Any]:
    """The same with some other values, as a client that sends back the owners, or none."""
    out = copy.deepcopy(value)
    owners = out["metadata"].pop("managedFields", None)
    found = list(_values(out))
    for holder, place in drawn.sample(found, min(len(found), drawn.randint(1, 3))):
        item = holder[place]
        if isinstance(item, bool):
            holder[place] = not item
        elif isinstance(item, int | float):
            holder[place] = drawn.choice([0, item + 1])
        elif isinstance(item, str):
            holder[place] = drawn.choice(["", item + "x"])
    if owners is not None and drawn.random() < 0.3:
        out["metadata"]["managedFields"] = owners
    return out


def _track(
    schema: Schema, old: dict[str, Any] | None, new: dict[str, Any], manager: str, second: int
) -> dict[str, Any]:
    return ownership.track_update(
        old, new, manager, schema=schema, api_version="v1", now=f"2026-02-02T00:00:{second:02}Z"
    )


@pytest.mark.parametrize("kind", [None, *KINDS], ids=lambda kind: "custom" if kind is None else kind[2])
def test_changed_values_leave_the_owners_that_comparing_leaves(kind: tuple[str, str, str] | None) -> None:
    schema, taken = _schema(kind), [0]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0), st.randoms(use_true_random=False))
    def check(value: dict[str, Any], drawn: random.Random) -> None:
        metadata = value.get("metadata")
        if not isinstance(metadata, dict):
            metadata = {}
        value["metadata"] = {name: item for name, item in metadata.items() if name != "managedFields"}
        stored = _track(schema, None, value, "me", 1)
        for second in (2, 3, 4):
            sent = _changed(stored, drawn)
            manager = drawn.choice(MANAGERS)
            quick = _track(schema, stored, sent, manager, second)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(ownership, "changed_values", lambda *_: None)
                plain = _track(schema, stored, sent, manager, second)
            assert quick == plain
            taken[0] += changed_values(MergeType.of(schema), stored, sent, {}) is not None
            stored = quick

    check()
    assert taken[0]  # the way is taken; how often is chance


def test_what_comes_or_goes_is_left_to_the_plain_way() -> None:
    merge_type = MergeType.of(_schema(None))
    for old, new in (
        ({"spec": {"size": 1}}, {"spec": {"size": 2, "port": 1}}),
        ({"spec": {"tags": {"a": "b"}}}, {"spec": {"tags": {}}}),
        ({"spec": {"set": ["a"]}}, {"spec": {"set": ["b"]}}),
        ({"spec": {"parts": [{"name": "a", "kind": "k"}]}}, {"spec": {"parts": [{"name": "b", "kind": "k"}]}}),
        (
            {"spec": {"parts": [{"name": "a", "deep": {"n": 1}}]}},
            {"spec": {"parts": [{"name": "a", "deep": {"n": 2}}]}},
        ),
        ({"spec": {"port": 1}}, {"spec": {"port": "1"}}),
    ):
        assert changed_values(merge_type, old, new, {}) is None


def test_the_paths_of_values_that_differ() -> None:
    merge_type = MergeType.of(_schema(None))
    part = {"name": "a", "kind": "k"}
    old = {"metadata": {"uid": "1"}, "spec": {"size": 1, "tags": {"a": "b"}, "parts": [{**part, "deep": {"n": 1}}]}}
    new = {"metadata": {}, "spec": {"size": 2, "tags": {"a": "c"}, "parts": [{**part, "deep": {"n": 1.5}}]}}
    found = changed_values(merge_type, old, new, {"uid": (0, "uid")})
    assert found is not None
    assert found.to_fields_v1() == {
        "f:metadata": {"f:uid": {}},
        "f:spec": {
            "f:parts": {'k:{"kind":"k","name":"a"}': {"f:deep": {"f:n": {}}}},
            "f:size": {},
            "f:tags": {"f:a": {}},
        },
    }
