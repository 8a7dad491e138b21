"""The short ways that most views go, held against the long ones: the same told, the same shown."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.store.deltas import Delta, Deltas
from fairlead.store.entry import LEFT_OUT, Entry
from fairlead.store.store import Rebuild, Store

KEYS = ("ns/a", "ns/b", "other/a", "c")


def entry(key: str, uid: int, version: int, *, left_out: bool) -> Entry:
    namespace, _, name = key.rpartition("/")
    return Entry(key, name, namespace, str(uid), version, {}, LEFT_OUT if left_out else b"{}")


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
    everything.sinks[plain] = filtered.sinks[asked] = None
    lists = Lists(store)
    for kind, given_ in steps:
        if kind == "list":
            lists.begin(given_)  # type: ignore[arg-type]
        elif kind == "prepare":
            lists.go_on(given_)  # type: ignore[arg-type]
        else:
            getattr(store, kind)(given_)
        assert everything.showing.content.entries == filtered.showing.content.entries
        assert everything.showing.content.namespaces == filtered.showing.content.namespaces
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
