from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.machinery.patch.json import json_patch
from fairlead.machinery.patch.merge import merge_patch
from fairlead.machinery.patch.strategic import strategic_merge_patch
from fairlead.machinery.patch.values import PatchError


@dataclass(frozen=True)
class Node:
    properties: Mapping[str, Node] = field(default_factory=dict)
    items: Node | None = None
    additional_properties: Node | bool | None = None
    patch_strategy: str = ""
    patch_merge_key: str | None = None


TEXT = Node()
TEXTS = Node(additional_properties=TEXT)


def merged_by(key: str, item: Node, strategy: str = "merge") -> Node:
    return Node(items=item, patch_strategy=strategy, patch_merge_key=key)


CONTAINER = Node(
    {
        "env": merged_by("name", Node({"name": TEXT, "value": TEXT})),
        "args": Node(items=TEXT),
        "ports": merged_by("containerPort", Node({"containerPort": TEXT})),
    }
)
VOLUME = Node({"name": TEXT, "hostPath": Node({"path": TEXT}), "emptyDir": Node()})
POD = Node(
    {
        "metadata": Node({"labels": TEXTS, "finalizers": Node(items=TEXT, patch_strategy="merge")}),
        "spec": Node(
            {
                "containers": merged_by("name", CONTAINER),
                "initContainers": merged_by("name", CONTAINER),
                "nodeSelector": TEXTS,
                "volumes": merged_by("name", VOLUME, "merge,retainKeys"),
                "tolerations": Node(items=Node({"key": TEXT})),
                "strategy": Node({"type": TEXT}, patch_strategy="retainKeys"),
                "atomic": Node({"a": TEXT}, patch_strategy="replace"),
            }
        ),
    }
)

#: What `kubectl patch --local` (v1.37.2) made of one Pod: kind of patch, patch, error or changed parts.
GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "kubectl_patches.json").read_text())
DOCUMENT: dict[str, Any] = GOLDEN["document"]
APPLY = {
    "json": json_patch,
    "merge": merge_patch,
    "strategic": lambda document, patch: strategic_merge_patch(document, patch, POD),
}


def changes(patched: dict[str, Any]) -> dict[str, Any]:
    """The parts of spec, metadata … that are not as in the document; None for those that are gone."""
    found: dict[str, Any] = {}
    for part in DOCUMENT.keys() | patched.keys():
        old, new = DOCUMENT.get(part), patched.get(part)
        if isinstance(old, dict) and isinstance(new, dict):
            names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            if names:
                found[part] = {name: new.get(name) for name in names}
        elif old != new:
            found[part] = new
    return found


@pytest.mark.parametrize(("kind", "patch", "error", "expected"), GOLDEN["cases"])
def test_patches_do_what_they_do_in_kubernetes(kind: str, patch: Any, error: str, expected: Any) -> None:
    document, given_patch = copy.deepcopy(DOCUMENT), copy.deepcopy(patch)
    if error:
        with pytest.raises(PatchError) as caught:
            APPLY[kind](document, given_patch)
        assert str(caught.value).strip() == error
    else:
        assert changes(APPLY[kind](document, given_patch)) == expected
    assert document == DOCUMENT
    assert given_patch == patch


def test_directives_at_the_top() -> None:
    assert strategic_merge_patch(DOCUMENT, {"$patch": "delete"}, POD) == {}
    assert strategic_merge_patch(DOCUMENT, {"$patch": "replace", "a": 1}, POD) == {"a": 1}


def test_a_replaced_index_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        PatchError, match=r"^replace operation does not apply: doc is missing key: /a/1: missing value$"
    ):
        json_patch({"a": [0]}, [{"op": "replace", "path": "/a/1", "value": 1}])


def test_malformed_patches_are_refused() -> None:
    for operations in ([1], [{"op": 1, "path": "/a"}], [{"op": "add", "path": 7}]):
        with pytest.raises(PatchError):
            json_patch({}, operations)  # type: ignore[arg-type]
    with pytest.raises(PatchError):
        json_patch("text", [])
    with pytest.raises(PatchError):
        strategic_merge_patch({}, [], POD)


def test_numbers_and_booleans_are_not_the_same_to_a_test() -> None:
    for value in (True, "1", 2, None):
        with pytest.raises(PatchError, match="test failed"):
            json_patch({"a": 1}, [{"op": "test", "path": "/a", "value": value}])
    assert json_patch({"a": [1]}, [{"op": "test", "path": "", "value": {"a": [1]}}]) == {"a": [1]}


def test_nothing_is_shared_with_the_patch_or_the_document() -> None:
    value = {"x": [1]}
    patched = json_patch({}, [{"op": "add", "path": "/a", "value": value}, {"op": "copy", "from": "/a", "path": "/b"}])
    patched["a"]["x"].append(2)
    assert value == {"x": [1]}
    assert patched["b"] == {"x": [1]}
    document = {"k": {"x": [1]}, "l": {"m": {}}}
    merged = merge_patch(document, {"n": {"o": [value]}, "l": {"p": 1}})
    merged["k"]["x"].append(2)
    merged["n"]["o"][0]["x"].append(2)
    merged["l"]["m"]["q"] = 1
    assert document == {"k": {"x": [1]}, "l": {"m": {}}}
    assert value == {"x": [1]}


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7386(document: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(document, patch) == expected


def test_fields_that_the_schema_does_not_know_merge_as_plain_values() -> None:
    document = {"x": {"a": [1], "b": {"c": 1}}}
    assert strategic_merge_patch(document, {"x": {"a": [2], "b": {"d": 2}}}, POD) == {
        "x": {"a": [2], "b": {"c": 1, "d": 2}}
    }
    assert strategic_merge_patch(document, {"x": None}, None) == {}


def test_strategies_of_objects() -> None:
    document = {"spec": {"strategy": {"type": "A", "old": 1}, "atomic": {"a": 1}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "B"}, "atomic": {"b": 2}}}
    assert strategic_merge_patch(document, patch, POD) == {"spec": {"strategy": {"type": "B"}, "atomic": {"b": 2}}}


def test_items_are_paired_by_numbers_too() -> None:
    document = {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 1}, {"containerPort": 2}]}]}}
    patch = {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 2, "name": "x"}]}]}}
    assert strategic_merge_patch(document, patch, POD)["spec"]["containers"][0]["ports"] == [
        {"containerPort": 1},
        {"containerPort": 2, "name": "x"},
    ]


LEAVES = st.one_of(st.integers(-3, 3), st.text("ab/~", max_size=2), st.booleans())
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text("ab/~", max_size=2), JSON, max_size=3)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_what_another_library_finds_different_is_patched(source: Any, target: Any) -> None:
    operations = list(jsonpatch.make_patch(source, target))
    assert json_patch(source, operations) == target


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_a_merge_patch_applied_twice_changes_nothing_more(document: Any, patch: Any) -> None:
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once
    assert strategic_merge_patch(document, patch, None) == once


NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@settings(max_examples=100, deadline=None)
@given(NAMES, NAMES, st.randoms(use_true_random=False))
def test_an_order_that_the_patch_sets_is_kept(server: list[str], order: list[str], random: Any) -> None:
    changed = [name for name in order if random.random() < 0.5 or name not in server]
    patch = {"containers": [{"name": name, "image": "new"} for name in changed]}
    patch["$setElementOrder/containers"] = [{"name": name} for name in order]
    document = {"spec": {"containers": [{"name": name} for name in server]}}
    merged = strategic_merge_patch(document, {"spec": patch}, POD)["spec"]["containers"]
    names = [item["name"] for item in merged]
    assert sorted(names) == sorted({*server, *order})
    assert [name for name in names if name in order] == order
    assert [name for name in names if name not in order] == [name for name in server if name not in order]
    assert [item["name"] for item in merged if "image" in item] == changed
