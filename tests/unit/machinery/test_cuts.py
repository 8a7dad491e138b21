"""The part that is touched first is decoded while its object is cut: it reads as one that is decoded by itself."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.machinery.objects import Part
from fairlead.models.core.v1 import Pod

PARTS = ("metadata", "spec", "status")
#: Parts that fit their types, that do not, that are null; each may also be absent.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "metadata": st.sampled_from(({"name": "a", "labels": {"é": "x"}}, {"name": 5}, {"labels": None}, {}, None, [])),
    "spec": st.sampled_from(
        ({"containers": [{"name": "c", "later": {"a": 1}}], "nodeName": "n"}, {"containers": "x"}, {}, None, 7)
    ),
    "status": st.sampled_from(({"phase": "Running", "conditions": [{"type": "Ready"}]}, {"phase": []}, {}, None, "s")),
    "later": st.sampled_from(({"spec": {"nodeName": "other"}}, None, 1)),
    "kind": st.just("Pod"),
    "apiVersion": st.just("v1"),
}


@given(
    document=st.fixed_dictionaries({}, optional=VALUES).flatmap(
        lambda made: st.permutations(list(made.items())).map(dict)
    ),
    order=st.permutations(PARTS),
    touched=st.integers(0, 3),
)
@example(document={"spec": {"containers": "x"}, "status": None}, order=["spec", "status", "metadata"], touched=3)
def test_parts_read_the_same_whichever_is_touched_first(
    document: dict[str, Any], order: list[str], touched: int
) -> None:
    data = json.dumps(document).encode()
    pod = Pod.from_bytes(data)
    top = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    for name in order[:touched]:
        declared: Part = Pod.parts[name]
        assert getattr(pod, name) == declared.read(top.get(declared.wire))
        assert getattr(pod, name) is getattr(pod, name)
    if "kind" in document and "apiVersion" in document:
        assert pod.to_bytes() == data
    assert pod.to_dict() == {"kind": "Pod", "apiVersion": "v1", **document}


@given(order=st.permutations(PARTS))
def test_what_is_changed_is_written_whichever_part_was_touched_first(order: list[str]) -> None:
    pod = Pod.from_bytes(b'{"metadata":{"name":"a"},"later":1,"spec":{"later":2,"nodeName":"n"},"status":{"later":3}}')
    for name in order:
        _ = getattr(pod, name)
    pod.spec.node_name = "m"
    pod.status.phase = "Running"
    assert pod.to_dict() == {
        "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "later": 1,
        "spec": {"later": 2, "nodeName": "m"}, "status": {"later": 3, "phase": "Running"},
    }  # fmt: skip
