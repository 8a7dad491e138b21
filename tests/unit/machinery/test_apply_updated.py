"""What an update does to its owners does not depend on what stood in managedFields, if the client sends none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.machinery.apply import ownership
from fairlead.machinery.schema.nodes import Schema
from tests.support.schema_values import KINDS, builtin_schema, objects

ENTRIES: list[dict[str, Any]] = [
    {"manager": "a", "operation": "Update", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1",
     "fieldsV1": {"f:metadata": {"f:labels": {}, "f:managedFields": {}, "f:uid": {}}, "f:spec": {}}},
    {"manager": "b", "operation": "Apply", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1",
     "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:x": {}}, "f:managedFields": {"i:0": {}}}}},
]  # fmt: skip


def _with_entries(value: dict[str, Any], **entries: Any) -> dict[str, Any]:
    """The object with these managedFields in place of what was drawn for them; what is no metadata is refused before."""
    metadata = value.get("metadata")
    kept = (
        {name: item for name, item in metadata.items() if name != "managedFields"} if isinstance(metadata, dict) else {}
    )
    return {**value, "metadata": {**kept, **entries}}


def _owned(schema: Schema, old: dict[str, Any], new: dict[str, Any]) -> Any:
    found = ownership.track_update(old, new, "me", schema=schema, api_version="v1", now="2026-02-02T00:00:00Z")
    return found.get("metadata", {}).get("managedFields")


def _untouched(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    del new
    return old


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[2])
def test_leaving_out_the_old_entries_changes_no_owner(kind: tuple[str, str, str]) -> None:
    schema = builtin_schema(kind)

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0), objects(schema, 0), st.booleans())
    def check(old: dict[str, Any], new: dict[str, Any], keep: bool) -> None:
        stored = _with_entries(old, managedFields=ENTRIES)
        sent = _with_entries({**old, **new} if keep else new)
        quick = _owned(schema, stored, sent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ownership, "_without_entries", _untouched)
            assert quick == _owned(schema, stored, sent)

    check()
