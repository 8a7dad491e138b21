"""Objects packed by lz4: nothing is lost, and what is equal stays equal, whatever it was packed with."""

from __future__ import annotations

import asyncio
import copy
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead import CacheOptions, ConfigError
from fairlead.models.core.v1 import ConfigMap
from fairlead.store.entry import LEFT_OUT, Entry, entry_from_json
from fairlead.store.packed import DICTIONARY_BYTES, Packed, Packer, held, unpacked
from fairlead.store.store import Store
from fairlead.testing import FakeClient

texts = st.one_of(st.text(max_size=300), st.integers(1, 400).map(lambda n: "the same words " * n))
objects = st.dictionaries(st.text(max_size=12), texts, max_size=8).map(msgspec.json.encode)


def document(name: str, version: int = 1, text: str = "the same words, " * 30) -> bytes:
    metadata = {"name": name, "namespace": "n", "uid": f"u-{name}", "resourceVersion": str(version)}
    return msgspec.json.encode({"metadata": metadata, "data": {"text": text}})


@given(st.lists(objects, max_size=30))
def test_everything_is_unpacked_as_it_was(documents: list[bytes]) -> None:
    packer = Packer()
    packed = [packer.pack(each) for each in documents]
    assert [unpacked(each) for each in packed] == documents
    assert all(held(each) <= len(whole) for each, whole in zip(packed, documents, strict=True))
    assert len(packer.dictionary) <= DICTIONARY_BYTES


@given(st.lists(objects, min_size=1, max_size=12), objects)
def test_equality_is_that_of_the_bytes(documents: list[bytes], other: bytes) -> None:
    one, another = Packer(), Packer()
    another.pack(other)
    for each in documents:
        a, b = one.pack(each), another.pack(each)
        assert a == b
        assert (a == other, other == a, b == one.pack(other)) == (each == other,) * 3


def test_the_dictionary_takes_in_what_it_does_not_halve() -> None:
    packer = Packer()
    first = document("a")
    packer.pack(first)
    assert packer.dictionary in (b"", first)  # lz4 alone may halve it
    steps = []
    for number in range(200):
        packer.pack(document(f"c{number}", text=f"{number} other words, " * (1 + number % 5)))
        steps.append(packer.dictionary)
    assert len(set(steps)) < 20
    assert len(steps[-1]) <= DICTIONARY_BYTES


def test_what_does_not_shrink_stays_plain() -> None:
    import random

    noise = random.Random(1).randbytes(3000)
    packer = Packer()
    assert packer.pack(noise) is noise
    assert isinstance(packer.pack(document("a")), Packed)


def test_values_of_transforms_and_marks_stay_as_they_are() -> None:
    packer = Packer()
    for value in (5, None, "text", LEFT_OUT):
        entry = Entry("a", "", "u", 1, {}, value)
        assert packer.packed(entry) is entry
        assert (unpacked(value), held(value)) == (value, 0)


def test_a_relist_keeps_what_has_not_changed() -> None:
    packer, store = Packer(), Store()
    store.apply(packer.packed(entry_from_json(document("a"))))
    store.apply(packer.packed(entry_from_json(document("b"))))
    before = dict(store.content.entries)
    for mode in ({}, {"recheck": True}, {"epoch_reset": True}):
        rebuild = store.rebuild(**mode)
        rebuild.add(packer.packed(entry_from_json(document("a"))))
        rebuild.add(packer.packed(entry_from_json(document("b", text="changed " * 50))))
        for _ in rebuild.finish(9):
            pass
        assert store.content.entries["n/a"] is before["n/a"]
        assert (store.content.entries["n/b"] is before["n/b"]) == (not mode)


async def _one_of_many(unpacked_so_far: list[Packed]) -> None:
    documents = [
        {"metadata": {"name": f"c{n}", "namespace": "default"}, "kind": "ConfigMap", "data": {"text": "words " * 200}}
        for n in range(4)
    ]
    options = {ConfigMap: CacheOptions(compact=True)}
    async with FakeClient(*map(ConfigMap.from_dict, documents), cache_options=options) as client:
        view = client.cached(ConfigMap)
        await client.run_and_wait(timeout=10)
        found = {each.name: each for each in view.list()}
        last = found["c3"]
        assert unpacked_so_far == []  # names are known
        assert (last.data["text"][:5], last.metadata.name, len(unpacked_so_far)) == ("words", "c3", 1)
        assert not hasattr(last, "labels")
        with pytest.raises(AttributeError, match="'ConfigMap' object has no attribute '_what'"):
            _ = last._what  # type: ignore[attr-defined]
        assert last.data["text"] == documents[3]["data"]["text"]
        assert last.to_bytes() == found["c3"].copy().to_bytes()
        assert copy.deepcopy(view.get("c2", "default")) == found["c2"]
        changed = view.get("c1", "default")
        assert changed is not None
        changed.metadata.labels["a"] = "b"
        assert dict(changed.data) == documents[1]["data"]
        assert [each.metadata.labels for each in view.list()] == [{}] * 4


def test_objects_are_unpacked_when_they_are_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    so_far: list[Packed] = []
    unpack = Packed.unpack

    def noted(packed: Packed) -> bytes:
        so_far.append(packed)
        return unpack(packed)

    monkeypatch.setattr(Packed, "unpack", noted)
    asyncio.run(_one_of_many(so_far))


def test_without_lz4_a_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lz4", None)
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    with pytest.raises(ConfigError, match=r"fairlead\[compact\]"):
        FakeClient(cache_options={ConfigMap: CacheOptions(compact=True)})
