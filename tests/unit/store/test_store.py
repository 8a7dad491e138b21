"""Single steps of a store, and the own writes laid over it."""

from __future__ import annotations

import pytest

from fairlead.store.content import Index
from fairlead.store.deltas import Change, Delta, difference
from fairlead.store.entry import BrokenObject, Entry, entry_from_json, entry_key, version_number
from fairlead.store.overlay import Overlay
from fairlead.store.store import Store


def entry(key: str = "ns/a", uid: str = "1", version: int = 1) -> Entry:
    namespace, _, name = key.rpartition("/")
    return Entry(key, name, namespace, uid, version, {}, b"{}")


class Told(list[tuple[str, str, int]]):
    def tell(self, deltas: list[Delta]) -> None:
        for delta in deltas:
            latest = delta.new or delta.old
            assert latest is not None
            self.append((delta.change.value, latest.uid, latest.version))


def test_another_uid_is_a_delete_and_an_add() -> None:
    first, second = entry(), entry(uid="2", version=2)
    one, two = difference(first, second)
    assert (one.change, one.old, one.final_state_unknown) == (Change.DELETE, first, True)
    assert (two.change, two.new) == (Change.ADD, second)


def test_a_step_tells_the_difference_and_stale_events_tell_nothing() -> None:
    store, told = Store(), Told()
    store.add_view(None).sinks.append(told)
    assert store.apply(entry(version=5))
    assert not store.apply(entry(version=4))
    assert store.apply(entry(version=7))
    assert not store.remove(entry(uid="0", version=6))
    assert store.remove(entry(version=8))
    assert not store.remove(entry(version=8))
    assert told == [("add", "1", 5), ("update", "1", 7), ("delete", "1", 8)]
    assert store.progress == 8


def test_a_relist_keeps_what_is_newer_and_marks_unseen_ends() -> None:
    store, told = Store(), Told()
    view = store.add_view(None)
    view.sinks.append(told)
    kept = entry("ns/kept", version=9)
    for each in (kept, entry("ns/gone", version=2), entry("ns/other", version=3)):
        store.apply(each)
    told.clear()
    rebuild = store.rebuild()
    for each in (entry("ns/kept", version=4), entry("ns/other", uid="2", version=10), entry("ns/brief", version=10)):
        rebuild.add(each)
    rebuild.remove(entry("ns/brief", version=11))
    for _ in rebuild.finish(12):
        pass
    assert store.content.entries["ns/kept"] is kept
    assert told == [("delete", "1", 2), ("delete", "1", 3), ("add", "2", 10)]
    assert (store.progress, sorted(view.showing.content.entries)) == (12, ["ns/kept", "ns/other"])


def test_a_reset_history_takes_older_versions() -> None:
    store, told = Store(), Told()
    store.add_view(None).sinks.append(told)
    store.apply(entry(version=90))
    rebuild = store.rebuild(epoch_reset=True)
    rebuild.add(entry(version=3))
    for _ in rebuild.finish(4):
        pass
    assert (told[1:], store.progress) == ([("update", "1", 3)], 4)


def test_a_newer_change_of_mind_replaces_one_that_is_prepared() -> None:
    store = Store()
    wanted = {"ns/a"}
    view = store.add_view(lambda each: each.key in wanted)
    for key in ("ns/a", "ns/b"):
        store.apply(entry(key))
    first = store.refilter_all(view)
    wanted.clear()
    second = store.refilter_all(view)
    assert next(second, None) is None
    assert view.showing.content.entries == {}
    wanted.add("ns/b")
    assert next(first, None) is None
    assert set(view.showing.content.entries) == {"ns/b"}


def test_an_index_files_under_several_keys_once_each() -> None:
    index = Index(lambda each: ["x", each.version, "x"])
    index.put(entry(version=1))
    index.put(entry(version=2))
    assert ([e.version for e in index.lookup("x")], index.lookup(1), index.keys()) == ([2], [], ["x", 2])
    index.drop("ns/a")
    index.drop("ns/a")
    assert (index.lookup("x"), index.keys()) == ([], [])


def test_own_writes_are_seen_until_the_watch_has_them() -> None:
    overlay = Overlay()
    overlay.write(entry(version=5), None, 3, selected=True)
    assert overlay.seen("ns/a", None) is not None
    overlay.progressed(4)
    assert len(overlay) == 1
    overlay.observed("ns/a", entry(version=5))
    assert len(overlay) == 0
    overlay.write(entry(version=6), entry(version=7), 3, selected=True)
    overlay.write(entry(version=6), None, 6, selected=True)
    assert len(overlay) == 0


def test_an_own_write_that_leaves_the_selection_hides_the_stored_object() -> None:
    overlay, stored = Overlay(), entry(version=1)
    overlay.write(entry(version=2), stored, 1, selected=False)
    assert overlay.seen("ns/a", stored) is None
    overlay.observed("ns/a", None)
    overlay.progressed(2)
    assert (len(overlay), overlay.seen("ns/a", None)) == (0, None)


def test_a_deleted_object_is_not_seen_again_even_if_its_creation_is_still_to_come() -> None:
    overlay, made = Overlay(), entry(version=5)
    overlay.write(made, None, 3, selected=True)
    overlay.delete("ns/a", "1", None)
    assert overlay.seen("ns/a", None) is None
    overlay.observed("ns/a", made)
    assert overlay.seen("ns/a", made) is None
    overlay.observed("ns/a", None)
    assert len(overlay) == 0


def test_a_new_life_is_seen_in_spite_of_a_deletion() -> None:
    overlay, stored, again = Overlay(), entry(version=1), entry(uid="2", version=4)
    overlay.delete("ns/a", "1", stored)
    assert overlay.seen("ns/a", stored) is None
    overlay.write(again, stored, 1, selected=True)
    assert overlay.seen("ns/a", stored) is again
    overlay.observed("ns/a", None)
    assert overlay.seen("ns/a", None) is again
    overlay.progressed(4)
    assert overlay.seen("ns/a", again) is again


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"{", "decoded"), (b"[]", "metadata"), (b'{"metadata":{}}', "name"), (b'{"metadata":{"name":7}}', "name")],
)
def test_json_that_cannot_be_an_object_says_why(data: bytes, message: str) -> None:
    with pytest.raises(BrokenObject, match=message):
        entry_from_json(data)


def test_managed_fields_are_cut_and_nothing_else() -> None:
    for data, left in (
        (b'{"metadata":{"name":"a","managedFields":[{"x":1}]},"z":1}', b'{"metadata":{"name":"a"},"z":1}'),
        (b'{"metadata":{"managedFields":[],"name":"a"}}', b'{"metadata":{"name":"a"}}'),
        (
            b'{"spec":{"managedFields":[]},"metadata":{"name":"a"}}',
            b'{"spec":{"managedFields":[]},"metadata":{"name":"a"}}',
        ),
        (
            b'{"metadata":{"name":"a","labels":{"n":1},"managedFields":[]}}',
            b'{"metadata":{"name":"a","labels":{"n":1}}}',
        ),
    ):
        assert entry_from_json(data).data == left
        assert entry_from_json(data, keep_managed_fields=True).data == data


def test_keys_and_versions() -> None:
    assert (entry_key("a", "ns"), entry_key("a", "")) == ("ns/a", "a")
    assert [version_number(v) for v in ("12", "", None, "x1", "-1")] == [12, 0, 0, 0, 0]
