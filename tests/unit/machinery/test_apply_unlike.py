"""Leaving out what is the same in two objects leaves the same owners as comparing them whole."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fairlead.machinery.apply import ownership
from fairlead.machinery.apply.types import MergeType, PathError, may_lack_keys, typed_view
from fairlead.machinery.apply.walks import compare
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import from_crd
from tests.support.schema_values import KINDS, builtin_schema, objects
from tests.unit.machinery.test_apply_created import CRD

ACCOUNT = ("", "v1", "ServiceAccount")


def _schema(kind: tuple[str, str, str] | None) -> Schema:
    return from_crd(CRD) if kind is None else builtin_schema(kind)


def _track(
    schema: Schema, old: dict[str, Any] | None, new: dict[str, Any], manager: str, second: int
) -> dict[str, Any]:
    return ownership.track_update(
        old, new, manager, schema=schema, api_version="v1", now=f"2026-02-02T00:00:{second:02}Z"
    )


def _tracked_whole(
    schema: Schema, old: dict[str, Any], new: dict[str, Any], manager: str, second: int
) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ownership, "changed_values", lambda *_: None)
        patch.setattr(ownership, "unlike", lambda _, left, right: (left, right))
        return _track(schema, old, new, manager, second)


def _changed(value: Any, other: Any, drawn: random.Random) -> Any:
    """The value with some fields gone, emptied, or as another object has them."""
    if isinstance(value, list):
        items = [_changed(item, item, drawn) for item in value if drawn.random() < 0.9]
        return items[::-1] if drawn.random() < 0.1 else items
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, item in value.items():
        chance = drawn.random()
        if chance < 0.1 or (chance < 0.2 and not isinstance(item, dict | list)):
            continue
        there = other.get(name, item) if isinstance(other, dict) else item
        empty = type(item)() if isinstance(item, dict | list | str) else item
        found[name] = empty if chance > 0.95 else there if chance > 0.85 else _changed(item, there, drawn)
    return found


def _is_named(schema: Schema, old: Any, new: Any) -> bool:
    """Whether every item of a list has its keys, as the server asks of what it stores."""
    try:
        compare(MergeType.of(schema), typed_view(schema, old), typed_view(schema, new))
    except PathError:
        return False
    return True


@pytest.mark.parametrize("kind", [None, ACCOUNT, *KINDS], ids=lambda kind: "custom" if kind is None else kind[2])
def test_owners_are_the_same_without_looking_at_what_is_the_same(kind: tuple[str, str, str] | None) -> None:
    schema = _schema(kind)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0), objects(schema, 0), st.randoms(use_true_random=False))
    def check(value: dict[str, Any], other: dict[str, Any], drawn: random.Random) -> None:
        for each in (value, other):
            each["metadata"] = {"name": "a", "uid": "u", "labels": {"a": "b"}}
        stored = _track(schema, None, value, "me", 1)
        for second in (2, 3):
            sent = _changed(stored, other, drawn)
            sent["metadata"] = copy.deepcopy(stored["metadata"])
            assume(may_lack_keys(schema) or _is_named(schema, stored, sent))
            manager = drawn.choice(("me", "other"))
            quick = _track(schema, stored, sent, manager, second)
            assert quick == _tracked_whole(schema, stored, sent, manager, second)
            stored = quick

    check()


def test_an_item_without_its_keys_leaves_ownership_as_it_was() -> None:
    """What the real server does, wherever else the object changes."""
    schema = _schema(ACCOUNT)
    old = {"metadata": {"name": "s", "uid": "u"}, "secrets": [{"name": "a"}]}
    stored = _track(schema, None, old, "me", 1)
    for sent in ({**stored, "secrets": [{}]}, {**stored, "secrets": [{}], "automountServiceAccountToken": True}):
        found = _track(schema, stored, sent, "other", 2)
        assert found["metadata"]["managedFields"] == stored["metadata"]["managedFields"]
    keyless = {**stored, "secrets": [{}]}
    found = _track(schema, keyless, {**keyless, "automountServiceAccountToken": True}, "other", 2)
    assert found["metadata"]["managedFields"] == stored["metadata"]["managedFields"]
    assert may_lack_keys(schema)
    assert not may_lack_keys(_schema(KINDS[0]))


def test_what_differs_as_json_alone_is_no_change_of_a_whole_list() -> None:
    schema = _schema(("batch", "v1", "CronJob"))
    meta = {"name": "a", "uid": "u"}
    job = {"kind": "Job", "name": "a"}
    stored = _track(schema, None, {"metadata": meta, "status": {"active": [job]}}, "me", 1)
    for item in ({**job, "uid": None}, {**job, "name": "b"}):
        sent = {**stored, "status": {"active": [item]}}
        quick = _track(schema, stored, sent, "other", 2)
        assert quick == _tracked_whole(schema, stored, sent, "other", 2)
        owners = [entry["manager"] for entry in quick["metadata"]["managedFields"]]
        assert owners == ["other" if item["name"] == "b" else "me"]
