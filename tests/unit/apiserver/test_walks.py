"""Walks over an object that leave out what they know beforehand do what walks that leave out nothing do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fairlead.apiserver import cluster as clusters
from fairlead.apiserver import router
from fairlead.apiserver.builtin.canonical import as_written, struct_codes
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.storage import Collection, Event, Storage
from fairlead.machinery.schema.fields import apply_defaults
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from fairlead.machinery.times import format_time
from fairlead.machinery.wire import Request
from tests.support.schema_values import KINDS, builtin_schema, objects

_ZEROS: dict[str | None, Any] = {"integer": 0, "number": 0, "boolean": False}
_ALWAYS: dict[str, Any] = {"L": None, "T": None, "Q": "0", "I": 0}


def _everywhere(schema: Schema, value: Any, change: Callable[[Schema, dict[str, Any]], None], *, but: str = "") -> None:
    """Change every object in a value that its schema says something of; none below fields of the name `but`."""
    if is_map(value):
        change(schema, value)
        for name, item in value.items():
            child = schema.field(name)
            if child is not None and name != but:
                _everywhere(child, item, change, but=but)
    elif is_list(value) and schema.items is not None:
        for item in value:
            _everywhere(schema.items, item, change, but=but)


def _filled(schema: Schema, fields: dict[str, Any]) -> None:
    for name, child in schema.properties.items():
        if child.default and name not in fields:
            fields[name] = copy.deepcopy(child.default)


def _written(schema: Schema, fields: dict[str, Any]) -> None:
    codes = struct_codes(schema)
    for name, item in list(fields.items()):
        if item in ([], {}) and codes.get(name) in {"l", "L"}:
            del fields[name]
    for name, code in codes.items():
        child = schema.properties.get(name)
        if code.isupper() and child is not None and fields.get(name) is None:
            fields[name] = {} if code == "O" else _ZEROS.get(child.type, "") if code == "S" else _ALWAYS.get(code)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[2])
def test_what_has_nothing_to_fill_in_is_left_out_without_a_difference(kind: tuple[str, str, str]) -> None:
    schema = builtin_schema(kind)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(objects(schema, 0))
    def check(drawn: dict[str, Any]) -> None:
        value, plain = copy.deepcopy(drawn), copy.deepcopy(drawn)  # what is drawn shares defaults with the schema
        _everywhere(schema, plain, _filled)
        apply_defaults(schema, value)
        assert value == plain
        _everywhere(schema, plain, _written, but="metadata")
        as_written(schema, value)
        assert value == plain

    check()


def test_the_time_in_metadata_is_that_of_the_clock_whichever_second_was_asked_for_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = Cluster(history=1)
    for moment in (1_700_000_000.0, 1_700_000_000.9, 1_700_000_001.0, 1_699_999_999.999, 1_700_000_000.5):
        monkeypatch.setattr(clusters.time, "time", lambda moment=moment: moment)
        assert cluster.timestamp() == format_time(datetime.fromtimestamp(moment, UTC))


def test_a_path_that_is_remembered_means_what_it_means_until_definitions_change() -> None:
    registry = Cluster(history=1).registry
    for path in ("/api/v1/namespaces/a/configmaps", "/api/v1/watch/pods", "/api/v1/nodes"):
        for method in ("GET", "DELETE"):
            request = Request(method, path)
            if "watch" in path and method != "GET":
                continue
            first = router.resolve(request, registry)
            assert path in registry.located
            assert router.resolve(request, registry) == first
    named = Request("GET", "/api/v1/namespaces/a/configmaps/b")
    assert router.resolve(named, registry) is not None
    assert named.path not in registry.located  # of names there are too many
    registry.set_custom("widgets.example.com", ())
    assert not registry.located


def test_listeners_are_told_of_what_they_asked_for() -> None:
    storage, told = Storage(start=1, history=10), list[tuple[str, str, str]]()

    def noting(name: str) -> Callable[[Collection, Event], None]:
        return lambda collection, event: told.append((name, collection.plural, event.type))

    one, other = (storage.add("", plural, lambda _document: {}) for plural in ("ones", "others"))
    storage.listen(noting("all"))
    entry = one.put({"metadata": {"name": "a"}})
    storage.listen(noting("ones"), of=["ones"])
    storage.listen(noting("gone"), of=["ones"], also=["DELETED"])
    one.put({"metadata": {"name": "a"}})
    one.remove(entry)
    other.remove(other.put({"metadata": {"name": "b"}}))
    assert told == [
        ("all", "ones", "ADDED"),
        *((name, "ones", "MODIFIED") for name in ("all", "ones", "gone")),
        *((name, "ones", "DELETED") for name in ("all", "ones", "gone")),
        ("all", "others", "ADDED"),
        *((name, "others", "DELETED") for name in ("all", "gone")),
    ]
