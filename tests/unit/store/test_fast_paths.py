"""The short ways that most views go, held against the long ones: the same told, the same shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.machinery.wire import Within
from fairlead.store.deltas import Delta, Deltas
from fairlead.store.entry import LEFT_OUT, BrokenObject, Entry, entry_from_json
from fairlead.store.store import Rebuild, Store

KEYS = ("ns/a", "ns/b", "other/a", "c")


def entry(key: str, uid: int, version: int, *, left_out: bool) -> Entry:
    namespace = key.rpartition("/")[0]
    return Entry(key, namespace, str(uid), version, {}, LEFT_OUT if left_out else b"{}")


ENTRIES = st.builds(
    entry, st.sampled_from(KEYS), st.integers(1, 2), st.integers(0, 9), left_out=st.sampled_from((False, False, True))
)
#: A step; or a list, with how far it gets in its preparation before each further step comes.
STEPS = st.one_of(
    st.tuples(st.just("apply"), ENTRIES),
    st.tuples(st.just("remove"), ENTRIES),
    st.tuples(st.just("list"), st.lists(ENTRIES, max_size=5)),
    st.tuples(st.just("prepare"), st.integers(1, 4)),
)


class Told(list[Delta]):
    __hash__ = object.__hash__  # type: ignore[assignment]

    def tell(self, deltas: Deltas) -> None:
        self.extend(deltas)


class Lists:
    """A list that is being put in place, bit by bit, one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._finishing: Iterator[None] = iter(())

    def begin(self, entries: list[Entry]) -> None:
        self.go_on(1000)
        rebuild: Rebuild = self._store.rebuild()
        for each in entries:
            rebuild.add(each)
        self._finishing = rebuild.finish(10)

    def go_on(self, times: int) -> None:
        for _ in range(times):
            if next(self._finishing, self) is self:
                return


def some(version: int, *keys: str) -> list[Entry]:
    return [entry(key, 1, version, left_out=False) for key in keys]


@given(st.lists(STEPS, max_size=12))
# A step comes while the first list is being prepared: then not all of the list is new.
@example([("list", some(3, *KEYS)), ("prepare", 1), ("apply", *some(5, "ns/a")), ("remove", *some(6, "ns/b"))])
def test_a_view_of_everything_is_told_as_one_whose_filter_says_yes(steps: list[tuple[str, object]]) -> None:
    store, plain, asked = Store(), Told(), Told()
    everything, filtered = store.add_view(None), store.add_view(lambda _: True)
    everything.attach(plain)
    filtered.attach(asked)
    lists = Lists(store)
    for kind, given_ in steps:
        if kind == "list":
            lists.begin(given_)  # type: ignore[arg-type]
        elif kind == "prepare":
            lists.go_on(given_)  # type: ignore[arg-type]
        else:
            getattr(store, kind)(given_)
        assert everything.showing.content.entries == filtered.showing.content.entries
        for namespace in ("ns", "other", ""):
            assert everything.showing.content.within(namespace) == filtered.showing.content.within(namespace)
    lists.go_on(1000)
    assert everything.showing.content.entries == filtered.showing.content.entries
    # Bulk changes are told in the order of each view's own preparation: what is told of one key is the same.
    assert by_key(plain) == by_key(asked)


def by_key(told: list[Delta]) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    for delta in told:
        each = delta.new or delta.old
        assert each is not None
        found.setdefault(each.key, []).append(msgspec.structs.astuple(delta))
    return found


#: Text that looks like what the cut of managedFields goes by, in strings and as keys.
LIKENESS = st.sampled_from(
    (
        "a",
        "]",
        "]}",
        "]},",
        ']},"',
        '"',
        "\\",
        "\\]},",
        ',"managedFields":[',
        "managedFields",
        "metadata",
        "v:[1]",
        "é",
        "{",
        "]}}",
    )
)
JSON = st.recursive(
    st.one_of(st.none(), st.integers(0, 9), LIKENESS, st.lists(LIKENESS, max_size=3).map("".join)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(LIKENESS, inner, max_size=3)),
    max_leaves=8,
)
OWNED = st.one_of(st.lists(st.dictionaries(LIKENESS, JSON, max_size=2), max_size=2), JSON)


def inserted(into: dict[str, Any], place: int, key: str, value: Any) -> dict[str, Any]:
    items = [item for item in into.items() if item[0] != key]
    items.insert(place, (key, value))
    return dict(items)


@given(
    metadata=st.dictionaries(LIKENESS, JSON, max_size=3), rest=st.dictionaries(LIKENESS, JSON, max_size=3), owned=OWNED,
    places=st.tuples(*[st.integers(0, 4)] * 3), escaped=st.booleans(), spaces=st.booleans(),
)  # fmt: skip
@example(metadata={}, rest={"spec": [{}]}, owned=[{"v:[1]": {}}], places=(3, 3, 0), escaped=True, spaces=False)
@example(metadata={"a": [{}]}, rest={"spec": [{}]}, owned=[], places=(1, 1, 0), escaped=True, spaces=False)
@example(
    metadata={}, rest={"a": {"a": 1, "managedFields": [{}]}}, owned=None, places=(9, 9, 9), escaped=True, spaces=False
)
def test_what_is_cut_before_decoding_is_managed_fields_and_nothing_else(
    metadata: dict[str, Any],
    rest: dict[str, Any],
    owned: Any,
    places: tuple[int, int, int],
    escaped: bool,
    spaces: bool,
) -> None:
    named = inserted(metadata, places[0], "name", "a")
    kept = {key: value for key, value in named.items() if key != "managedFields"}
    document = inserted(rest, places[2], "metadata", inserted(kept, places[1], "managedFields", owned))
    data = json.dumps(document, ensure_ascii=escaped, separators=None if spaces else (",", ":")).encode()
    found = entry_from_json(data)
    assert json.loads(found.data) == {**document, "metadata": kept}
    line = b'{"type":"MODIFIED","object":%s}\n' % data
    within = entry_from_json(Within(line, line.index(data), len(line) - 2))
    assert msgspec.structs.astuple(within) == msgspec.structs.astuple(found)
    whole = entry_from_json(data, keep_managed_fields=True)
    assert json.loads(whole.data) == document
    assert found == whole or msgspec.structs.astuple(found)[:-1] == msgspec.structs.astuple(whole)[:-1]


@given(
    metadata=st.dictionaries(LIKENESS, JSON, max_size=2), rest=st.dictionaries(LIKENESS, JSON, max_size=2), owned=OWNED,
    lost=st.tuples(st.integers(0, 200), st.integers(1, 40)), put=st.sampled_from((b"", b'"', b"]}", b"]", b"\xff", b"\\")),
)  # fmt: skip
def test_what_is_kept_of_damaged_json_is_json(
    metadata: dict[str, Any], rest: dict[str, Any], owned: Any, lost: tuple[int, int], put: bytes
) -> None:
    document = {"kind": "A", "metadata": {**metadata, "name": "a", "managedFields": owned}, "spec": rest}
    data = json.dumps(document, separators=(",", ":")).encode()
    start = lost[0] % len(data)
    damaged = data[:start] + put + data[start + lost[1] :]
    line = b'{"type":"MODIFIED","object":%s}\n' % damaged
    try:
        found = entry_from_json(damaged)
    except BrokenObject:
        with pytest.raises(BrokenObject):
            entry_from_json(Within(line, len(line) - 2 - len(damaged), len(line) - 2))
        return
    within = entry_from_json(Within(line, len(line) - 2 - len(damaged), len(line) - 2))
    assert msgspec.structs.astuple(within) == msgspec.structs.astuple(found)
    assert isinstance(json.loads(found.data.decode()), dict)
