"""Tables hold what those of a kube-apiserver 1.37 hold for the same objects (real_tables.json)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fairlead.apiserver.registry import PrinterColumn, Registry, ResourceInfo
from fairlead.apiserver.statuses import Refusal
from fairlead.apiserver.tables.cells import human_duration, label_selector, shortened
from fairlead.apiserver.tables.paths import find
from fairlead.apiserver.tables.table import partial, partial_list, table
from fairlead.machinery.names import ResourceType

RECORDED = json.loads(Path(__file__).with_name("real_tables.json").read_text())
NOW = datetime.fromisoformat(RECORDED["now"])
WIDGETS = ResourceType("example.com", "v1", "Widget", "widgets")


def ageless(cells: list[Any]) -> list[Any]:
    """Ages differ by the moments between two requests."""
    return [re.sub(r"\b\d+[smhd](\d+[smh])?\b", "AGE", cell) if isinstance(cell, str) else cell for cell in cells]


@pytest.mark.parametrize("resource", RECORDED["tables"])
def test_a_builtin_type_is_shown_as_the_real_server_shows_it(resource: str) -> None:
    info = Registry().find(*resource.split("/"))
    recorded = RECORDED["tables"][resource]
    assert info is not None
    shown = table(info, [row["object"] for row in recorded["rows"]], now=NOW)
    columns = [[c["name"], c["type"], c["format"], c["priority"]] for c in shown["columnDefinitions"]]
    assert columns == recorded["columns"]
    for row, expected in zip(shown["rows"] or (), recorded["rows"], strict=True):
        assert ageless(row["cells"]) == ageless(expected["cells"])
        assert [condition["type"] for condition in row.get("conditions", [])] == expected["conditions"]


def custom(*columns: PrinterColumn) -> ResourceInfo:
    return ResourceInfo(WIDGETS, "widget", is_custom=True, printer_columns=columns)


WIDGET = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {
        "name": "wa",
        "resourceVersion": "7",
        "creationTimestamp": "2026-11-24T00:20:57Z",
        "annotations": {"a.b/c": "hello"},
    },
    "spec": {
        "size": 3,
        "hosts": ["x.com", "y.com"],
        "when": "2026-11-20T00:00:00Z",
        "obj": {"b": 1, "a": [1, "z"]},
        "flag": True,
        "num": 1.5,
        "nothing": None,
    },
    "status": {"conditions": [{"type": "A", "status": "x"}, {"type": "Ready", "status": "True"}]},
}
AT = datetime(2026, 11, 24, 0, 20, 57, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "path", "cell"),
    [
        ("integer", ".spec.size", 3),
        ("integer", ".spec.num", 1),
        ("integer", ".spec.flag", None),
        ("integer", ".spec.when", None),
        ("number", ".spec.num", 1.5),
        ("boolean", ".spec.flag", True),
        ("boolean", ".spec.size", None),
        ("string", '.status.conditions[?(@.type=="Ready")].status', "True"),
        ("string", ".status.conditions[?(@.type=='Nope')].status", None),
        ("string", ".spec.hosts[*]", "x.com"),
        ("string", ".spec.hosts[0]", "x.com"),
        ("string", ".spec.hosts[-1]", "y.com"),
        ("string", ".spec.hosts[7]", None),
        ("string", ".spec.hosts", '["x.com","y.com"]'),
        ("string", ".spec.obj", '{"a":[1,"z"],"b":1}'),
        ("string", ".spec.size", "3"),
        ("string", ".spec.num", "1.5"),
        ("string", ".spec.flag", "true"),
        ("string", ".spec.nothing", None),
        ("string", r".metadata.annotations.a\.b/c", "hello"),
        ("string", ".metadata.annotations['a.b/c']", "hello"),
        ("string", ".spec.absent.deeper", None),
        ("string", "no path", None),
        ("date", ".spec.when", "4d"),
        ("date", ".metadata.creationTimestamp", "0s"),
        ("date", ".spec.hosts[0]", "<invalid>"),
        ("date", ".spec.size", None),
    ],
)
def test_a_crd_adds_columns(kind: str, path: str, cell: Any) -> None:
    shown = table(custom(PrinterColumn("Column", kind, path)), [WIDGET], now=AT, metadata=WIDGET["metadata"])
    assert shown["rows"][0]["cells"] == ["wa", cell]
    assert shown["metadata"] == {"resourceVersion": "7"}
    said = shown["columnDefinitions"][1]["description"]
    assert said == f"Custom resource definition column (in JSONPath format): {path}"


def test_a_crd_without_columns_shows_ages() -> None:
    shown = table(custom(), [WIDGET], now=AT)
    assert [column["name"] for column in shown["columnDefinitions"]] == ["Name", "Age"]
    assert shown["rows"][0]["cells"] == ["wa", "0s"]


def test_filters_compare() -> None:
    document = {"items": [{"n": 1}, {"n": 2}, {"m": "x"}]}
    assert find(document, ".items[?(@.n>=2)].n") == [2]
    assert find(document, ".items[?(@.n!=2)].n") == [1]
    assert find(document, ".items[?(@.m)].m") == ["x"]
    assert find(document, ".items[?(@.m<3)].m") == []
    assert find(document, ".items[0:2].n") == [1, 2]


def test_a_row_includes_what_was_asked_for() -> None:
    info = custom()
    assert table(info, [WIDGET], now=AT, include_object="None")["rows"][0]["object"] is None
    assert table(info, [WIDGET], now=AT, include_object="Object")["rows"][0]["object"] == WIDGET
    for include in ("", "Metadata"):
        found = table(info, [WIDGET], now=AT, include_object=include)["rows"][0]["object"]
        assert found == partial(WIDGET)
        assert set(found) == {"kind", "apiVersion", "metadata"}
    with pytest.raises(Refusal, match='includeObject: Invalid value: "Some": must be'):
        table(info, [WIDGET], now=AT, include_object="Some")


def test_only_the_first_event_of_a_watch_has_columns() -> None:
    assert table(custom(), [WIDGET], now=AT, headers=False)["columnDefinitions"] is None


def test_a_scale_has_columns_of_its_own() -> None:
    scale = {"metadata": {"name": "web"}, "spec": {"replicas": 2}, "status": {"replicas": 1}}
    shown = table(ResourceInfo(ResourceType("autoscaling", "v1", "Scale", "scales"), "scale"), [scale], now=AT)
    assert shown["rows"][0]["cells"] == ["web", 2, 1, "<unknown>"]


def test_partial_lists_keep_the_metadata_of_the_list() -> None:
    found = partial_list([WIDGET], {"resourceVersion": "9"}, version="v1beta1")
    assert found["kind"] == "PartialObjectMetadataList"
    assert found["metadata"] == {"resourceVersion": "9"}
    assert found["items"][0]["apiVersion"] == "meta.k8s.io/v1beta1"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (600, "10m"),
        (3 * 3600 - 1, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 300, "3h5m"),
        (8 * 3600 + 300, "8h"),
        (47 * 3600, "47h"),
        (48 * 3600, "2d"),
        (50 * 3600, "2d2h"),
        (8 * 86400, "8d"),
        (700 * 86400, "700d"),
        (2 * 365 * 86400, "2y"),
        (1000 * 86400, "2y270d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_durations_get_coarser(seconds: int, said: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == said


def test_selectors_are_written_as_kubectl_takes_them() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["b", "a"]},
        {"key": "x", "operator": "DoesNotExist"},
        {"key": "y", "operator": "Exists"},
        {"key": "z", "operator": "NotIn", "values": ["q"]},
    ]
    written = label_selector({"matchLabels": {"app": "web"}, "matchExpressions": expressions})
    assert written == "app=web,tier in (a,b),!x,y,z notin (q)"
    assert label_selector({}) == "<none>"


def test_long_lists_are_cut() -> None:
    assert shortened("abcd", 3) == "a,b,c + 1 more..."
    assert shortened([], 3) == "<unset>"


@pytest.mark.parametrize(
    "spoiled",
    [
        {},
        {"metadata": None, "spec": None, "status": None},
        {"metadata": {"name": 3}, "spec": {"containers": "x", "ports": [None]}, "status": {"conditions": {}}},
    ],
)
def test_a_table_shows_objects_however_incomplete(spoiled: dict[str, Any]) -> None:
    registry = Registry()
    for group, version in registry.group_versions():
        for info in registry.resources(group, version):
            assert len(table(info, [spoiled], now=AT)["rows"]) == 1
