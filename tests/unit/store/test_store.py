"""Single steps of a store, and the own writes laid over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fairlead.store import overlay as overlay_module
from fairlead.store.content import SLICE, Index
from fairlead.store.deltas import Change, Delta, Deltas, difference
from fairlead.store.entry import LEFT_OUT, BrokenObject, Entry, entry_from_json, entry_key, version_number
from fairlead.store.overlay import Overlay
from fairlead.store.store import Rebuild, Store
from fairlead.store.view import View


def entry(key: str = "ns/a", uid: str = "1", version: int = 1) -> Entry:
    namespace = key.rpartition("/")[0]
    return Entry(key, namespace, uid, version, {}, b"{}")


class Told(list[tuple[str, str, int]]):
    __hash__ = object.__hash__  # type: ignore[assignment]

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
    store.add_view(None).attach(told)
    assert store.apply(entry(version=5))
    assert not store.apply(entry(version=4))
    assert store.apply(entry(version=7))
    assert not store.remove(entry(uid="0", version=6))
    assert store.remove(entry(version=8))
    assert not store.remove(entry(version=8))
    assert told == [("add", "1", 5), ("update", "1", 7), ("delete", "1", 8)]
    assert store.progress == 8


def test_what_a_relist_takes_out_of_place_is_freed_but_for_what_a_removed_view_shows() -> None:
    store = Store()
    everything, filtered = store.add_view(None), store.add_view(lambda _: True)
    keys = [f"ns/{number}" for number in range(1000)]
    finish(filled(store, *keys).finish(1))
    first, chosen = everything.showing.content, filtered.showing.content
    store.remove_view(everything)
    steps = finish(filled(store, "ns/1").finish(2))
    # The removed view shows the store's content of then, which stays; what the filtered one showed goes in slices.
    assert (sorted(first.entries), everything.visible("ns/999")) == (sorted(keys), first.entries["ns/999"])
    assert (len(first.within("ns")), chosen.entries, len(chosen.within("ns")), steps > 4) == (1000, {}, 0, True)
    assert list(filtered.showing.content.entries) == ["ns/1"]
    store.remove_view(filtered)
    second = store.content
    finish(filled(store, "ns/2").finish(3))
    assert (second.entries, list(filtered.showing.content.entries)) == ({}, ["ns/1"])


def test_a_bulk_change_is_let_go_of_while_it_is_told() -> None:
    store, kept = Store(), Kept()
    store.add_view(None).attach(kept)
    finish(filled(store, "ns/1", "ns/2", "ns/3").finish(1))
    finish(filled(store, "ns/2", version=2).finish(2))
    (bulk,) = kept[1:]
    told, again = iter(bulk), [delta.change for delta in bulk]
    assert again == [delta.change for delta in bulk], "as often as it is asked for"
    kept.clear()
    del bulk
    assert [delta.change for delta in told] == again


class Kept(list[Deltas]):
    __hash__ = object.__hash__  # type: ignore[assignment]

    def tell(self, deltas: Deltas) -> None:
        self.append(deltas)


def filled(store: Store, *keys: str, version: int = 1) -> Rebuild:
    rebuild = store.rebuild()
    for key in keys:
        rebuild.add(entry(key, version=version))
    return rebuild


def test_a_relist_keeps_what_is_newer_and_marks_unseen_ends() -> None:
    store, told = Store(), Told()
    view = store.add_view(None)
    view.attach(told)
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
    store.add_view(None).attach(told)
    store.apply(entry(version=90))
    rebuild = store.rebuild(epoch_reset=True)
    rebuild.add(entry(version=3))
    for _ in rebuild.finish(4):
        pass
    assert (told[1:], store.progress) == ([("update", "1", 3)], 4)


def finish(steps: Iterator[None], *, limit: int = 100_000) -> int:
    """Prepare to the end; returns after how many slices."""
    for count in range(limit):
        if next(steps, "ended") == "ended":
            return count
    raise AssertionError(f"not prepared after {limit} slices")


def test_a_change_of_mind_during_another_joins_it() -> None:
    store = Store()
    wanted = {"ns/a"}
    view = store.add_view(lambda each: each.key in wanted)
    for key in ("ns/a", "ns/b"):
        store.apply(entry(key))
    first = store.refilter_all(view)
    next(first)
    wanted ^= {"ns/a", "ns/b"}
    assert finish(store.refilter_all(view)) == 0
    assert set(view.showing.content.entries) == {"ns/a"}
    finish(first)
    assert set(view.showing.content.entries) == {"ns/b"}


def fickle(store: Store, told: Told) -> View:
    """A view whose filter changes its mind about everything each time it is asked about anything."""

    def accepts(each: Entry) -> bool:
        # Inside the filter itself, which is as often as it can be.
        if view.shadow is not None:
            view.shadow.doubt(None)
        return each.version % 2 == 0

    view = store.add_view(accepts)
    view.attach(told)
    return view


def test_a_filter_that_never_rests_does_not_keep_a_relist_from_being_put_in_place() -> None:
    store, told, fresh = Store(), Told(), []
    view = fickle(store, told)
    view.on_bulk = fresh.append
    other = store.add_view(None)
    rebuild = store.rebuild()
    for index in range(50):
        rebuild.add(entry(f"ns/{index}", uid=str(index), version=index + 1))
    assert finish(rebuild.finish(50)) <= 50 * 5
    assert (len(other.showing.content.entries), store.progress) == (50, 50)
    assert len(told) == len(view.showing.content.entries) == 25
    # It is said that there is more to do.
    assert fresh == [False]


def test_a_filter_that_never_rests_is_followed_all_the_same() -> None:
    store, told = Store(), Told()
    view = fickle(store, told)
    for index in range(20):
        store.apply(entry(f"ns/{index}", uid=str(index), version=index + 1))
    view.attach(told)
    steps = store.refilter_all(view)
    for _ in range(20 * 4):
        next(steps)
    assert len(view.showing.content.entries) == 10


def test_views_that_never_stop_coming_do_not_keep_a_relist_from_being_put_in_place() -> None:
    store = Store()
    rebuild = store.rebuild()
    for index in range(5):
        rebuild.add(entry(f"ns/{index}", uid=str(index)))
    store.add_view(lambda _: True)
    for count, _ in enumerate(rebuild.finish(1)):
        store.add_view(lambda _: True)
        assert count < 10_000
        if count > 500:
            break
    else:
        assert len(store.content.entries) == 5
        assert all(len(view.showing.content.entries) == 5 for view in store.views)
        return
    raise AssertionError("the relist was not put in place")


def test_a_few_doubts_during_a_sweep_are_decided_at_once_and_stay() -> None:
    store, told = Store(), Told()
    wanted = {f"ns/{index}" for index in range(10)}
    view = store.add_view(lambda each: each.key in wanted)
    for index in range(10):
        store.apply(entry(f"ns/{index}", uid=str(index)))
    view.attach(told)
    sweep = store.refilter_all(view)
    for _ in range(6):
        next(sweep)
    wanted -= {"ns/1", "ns/8"}
    finish(store.refilter(view, keys=["ns/1", "ns/8"]))
    assert told == [("delete", "1", 1), ("delete", "8", 1)]
    finish(sweep)
    assert len(told) == 2
    assert set(view.showing.content.entries) == wanted


def test_many_keys_are_prepared_and_nothing_else_is_asked() -> None:
    store, told, asked = Store(), Told(), []
    off: set[str] = set()

    def accepts(each: Entry) -> bool:
        asked.append(each.key)
        return each.namespace not in off

    view = store.add_view(accepts)
    finish(store.add_index(view, "namespace", lambda each: [each.namespace]))
    view.attach(told)
    for index in range(300):
        store.apply(entry(f"ns{index % 3}/{index}", uid=str(index)))
    told.clear()
    asked.clear()
    off.add("ns1")
    steps = store.refilter(view, namespaces=["ns1"])
    next(steps)
    assert (told, len(view.showing.content.entries)) == ([], 300)
    store.apply(entry("ns1/late", uid="late"))
    store.remove(entry("ns0/0", uid="0", version=2))
    finish(steps)
    assert len(asked) < 110
    assert {each.namespace for each in view.showing.content.entries.values()} == {"ns0", "ns2"}
    assert len(view.showing.content.entries) == 199
    assert [len(view.showing.indexes["namespace"].lookup(f"ns{n}")) for n in range(3)] == [99, 0, 100]
    assert len(told) == 101
    assert view.showing.content.snapshot("ns1") == []


def test_an_index_over_many_answers_before_it_is_filled() -> None:
    store = Store()
    view = store.add_view(None)
    for index in range(10):
        store.apply(entry(f"ns/{index}", uid=str(index)))
    filling = store.add_index(view, "parity", lambda each: [int(each.name) % 2])
    next(filling)
    store.remove(entry("ns/4", uid="4", version=2))
    store.apply(entry("ns/11", uid="11"))
    assert [each.name for each in view.showing.indexes["parity"].lookup(0)] == ["0", "2", "6", "8"]
    assert finish(filling) == 0
    assert {each.name for each in view.showing.indexes["parity"].lookup(1)} == {"1", "3", "5", "7", "9", "11"}
    assert view.showing.indexes["parity"].keys({"ns/0", "ns/2", "ns/6", "ns/8"}) == [1]


def test_an_object_that_is_put_again_while_an_index_is_filled_is_filed_once_and_as_it_is_now() -> None:
    store = Store()
    view = store.add_view(None)
    for index in range(6):
        store.apply(entry(f"ns/{index}", uid=str(index)))
    filling = store.add_index(view, "version", lambda each: [each.version])
    next(filling)
    store.apply(entry("ns/3", uid="3", version=9))
    store.remove(entry("ns/4", uid="4", version=10))
    store.apply(entry("ns/4", uid="again", version=11))
    finish(filling)
    index_now = view.showing.indexes["version"]
    assert {key: [each.name for each in index_now.lookup(key)] for key in index_now.keys()} == {  # noqa: SIM118
        1: ["0", "1", "2", "5"], 9: ["3"], 11: ["4"],
    }  # fmt: skip


def test_what_the_last_generation_held_is_freed_in_slices() -> None:
    store, objects = Store(), 400
    views = [store.add_view(None), store.add_view(lambda _: True)]
    finish(store.refilter_all(views[1]))
    for view in views:
        finish(store.add_index(view, "uid", lambda each: [each.uid, "all"]))
    for index in range(objects):
        store.apply(entry(f"ns/{index}", uid=str(index)))
    held = [*(view.showing.content for view in views), *(view.showing.indexes["uid"] for view in views)]
    rebuild = store.rebuild()
    for index in range(objects):
        rebuild.add(entry(f"ns/{index}", uid=str(index), version=2))
    content = store.content
    steps = rebuild.finish(2)
    while store.content is content:
        next(steps)
    # Both contents by key and by namespace, both indexes by key and by object, and both views' untold differences.
    assert finish(steps) >= (4 + 6 + 2) * objects // SLICE - 1
    assert not any(any(dict(each) for each in one.holders()) for one in held)
    assert all(len(view.showing.indexes["uid"].lookup("all")) == objects for view in views)


def test_a_step_before_the_first_generation_of_a_filtered_view_is_told_once() -> None:
    store, told = Store(), Told()
    for index in range(6):
        store.apply(entry(f"ns/{index}", uid=str(index)))
    view = store.add_view(lambda each: each.uid != "2")
    view.attach(told)
    steps = store.refilter_all(view)
    for _ in range(4):
        next(steps)
    store.apply(entry("ns/1", uid="1", version=7))
    store.apply(entry("ns/5", uid="5", version=8))
    store.remove(entry("ns/0", uid="0", version=9))
    finish(steps)
    added = {(uid, version) for change, uid, version in told if change == "add"}
    assert added == {("1", 7), ("5", 8), ("3", 1), ("4", 1)}
    assert len(told) == len(added)


def test_an_index_added_during_a_relist_covers_what_is_put_in_place() -> None:
    store = Store()
    view = store.add_view(lambda _: True)
    rebuild = store.rebuild()
    for index in range(600):
        rebuild.add(entry(f"ns/{index}", uid=str(index)))
    steps = rebuild.finish(1)
    next(steps)
    filling = store.add_index(view, "all", lambda _: ["x"])
    finish(steps)
    assert finish(filling) == 600
    assert len(view.showing.indexes["all"].lookup("x")) == 600


def test_an_event_that_is_older_than_what_is_here_changes_nothing() -> None:
    store = Store()
    store.apply(entry(version=9))
    assert not store.remove(entry(version=8))
    assert not store.apply(entry(version=3))
    assert store.content.entries["ns/a"].version == 9


def test_what_a_transform_refuses_goes_and_its_end_is_no_news() -> None:
    store, told = Store(), Told()
    view = store.add_view(None)
    view.attach(told)
    store.apply(entry(version=1))
    store.apply(entry(version=2).with_data(LEFT_OUT))
    assert (told, store.left_out, view.showing.content.entries) == ([("add", "1", 1), ("delete", "1", 1)], {"ns/a"}, {})
    store.apply(entry(version=3))
    assert (told[2:], store.left_out) == ([("add", "1", 3)], set())
    store.remove(entry(version=4).with_data(LEFT_OUT))
    assert told[3:] == [("delete", "1", 3)]
    rebuild = store.rebuild()
    rebuild.add(entry("ns/b").with_data(LEFT_OUT))
    finish(rebuild.finish(5))
    assert (store.content.entries, store.left_out) == ({}, {"ns/b"})


def test_two_histories_may_give_one_version_to_two_states() -> None:
    store, told = Store(), Told()
    store.add_view(None).attach(told)
    store.apply(entry(version=5))
    store.apply(entry("ns/b", uid="2", version=6))
    rebuild = store.rebuild(epoch_reset=True)
    rebuild.add(entry(version=5).with_data(b'{"other":1}'))
    rebuild.add(entry("ns/b", uid="2", version=6))
    finish(rebuild.finish(7))
    assert told[2:] == [("update", "1", 5)]


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
    overlay.progressed(4, {})
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
    overlay.progressed(2, {})
    assert (len(overlay), overlay.seen("ns/a", None)) == (0, None)


def test_an_own_write_that_leaves_the_selection_hides_states_that_are_still_to_come() -> None:
    store = Store()
    store.overlay.write(entry(version=5), None, 0, selected=False)
    assert len(store.overlay) == 0
    store.apply(entry(version=4))
    assert store.overlay.seen("ns/a", store.content.entries["ns/a"]) is None
    store.remove(entry(version=5))
    assert len(store.overlay) == 0
    store.overlay.write(entry(version=6), None, 5, selected=True)
    store.overlay.write(entry(version=7), None, 5, selected=False)
    assert store.overlay.seen("ns/a", None) is None
    store.apply(entry(version=6))
    assert store.overlay.seen("ns/a", store.content.entries["ns/a"]) is None
    store.remove(entry(version=7))
    assert (len(store.overlay), store.progress) == (0, 7)


def test_a_deleted_object_is_not_seen_again_even_if_its_creation_is_still_to_come() -> None:
    store, made = Store(), entry(version=5)
    store.overlay.write(made, None, 3, selected=True)
    store.overlay.delete("ns/a", "1", None)
    assert store.overlay.seen("ns/a", None) is None
    store.apply(made)
    assert store.overlay.seen("ns/a", made) is None
    store.remove(entry(version=6))
    assert len(store.overlay) == 0


def test_a_tombstone_goes_when_progress_shows_that_nothing_is_to_come() -> None:
    store = Store()
    store.overlay.write(entry(version=5), None, 3, selected=True)
    store.overlay.delete("ns/a", "1", None)
    store.advance(4)
    assert len(store.overlay) == 1
    store.advance(6)
    assert len(store.overlay) == 0


def test_lives_that_came_and_went_hide_the_one_before_them() -> None:
    store, first = Store(), entry(version=1)
    store.apply(first)
    store.overlay.delete("ns/a", "1", first)
    store.overlay.write(entry(uid="2", version=4), first, 1, selected=True)
    store.overlay.delete("ns/a", "2", first)
    assert store.overlay.seen("ns/a", first) is None
    store.remove(entry(version=3))
    assert store.overlay.seen("ns/a", None) is None
    store.apply(entry(uid="2", version=4))
    assert store.overlay.seen("ns/a", store.content.entries["ns/a"]) is None
    store.remove(entry(uid="2", version=5))
    assert len(store.overlay) == 0


def test_the_end_of_an_object_that_was_never_seen_is_known_when_it_comes() -> None:
    store = Store()
    store.overlay.delete("ns/a", "1", None)
    assert len(store.overlay) == 0
    store.apply(entry(version=5))
    assert store.overlay.seen("ns/a", store.content.entries["ns/a"]) is None
    store.remove(entry(version=6))
    assert len(store.overlay) == 0
    for index in range(5000):
        store.overlay.delete(f"ns/{index}", str(index), None)
    assert len(store.overlay._dead) == overlay_module.EXPECTED


def test_replies_that_overtake_one_another() -> None:
    overlay, stored = Overlay(), entry(version=1)
    overlay.write(entry(version=5), stored, 1, selected=True)
    overlay.write(entry(version=4), stored, 1, selected=True)
    seen = overlay.seen("ns/a", stored)
    assert seen is not None
    assert seen.version == 5
    overlay.delete("ns/a", "1", stored)
    overlay.write(entry(version=6), stored, 1, selected=True)
    assert overlay.seen("ns/a", stored) is None


def test_a_list_that_is_older_than_an_own_write_leaves_it() -> None:
    store = Store()
    store.overlay.write(entry(version=9), None, 0, selected=True)
    store.overlay.write(entry("ns/b", uid="2", version=9), None, 0, selected=True)
    store.overlay.delete("ns/b", "2", None)
    finish(store.rebuild().finish(5))
    assert store.overlay.seen("ns/a", None) is not None
    store.apply(entry("ns/b", uid="2", version=9))
    assert store.overlay.seen("ns/b", store.content.entries["ns/b"]) is None


def test_a_new_life_is_seen_in_spite_of_a_deletion() -> None:
    overlay, stored, again = Overlay(), entry(version=1), entry(uid="2", version=4)
    overlay.delete("ns/a", "1", stored)
    assert overlay.seen("ns/a", stored) is None
    overlay.write(again, stored, 1, selected=True)
    assert overlay.seen("ns/a", stored) is again
    overlay.observed("ns/a", None)
    assert overlay.seen("ns/a", None) is again
    overlay.progressed(4, {"ns/a": again})
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


def test_labels_that_cannot_be_read_are_none_for_a_read_does_not_fail() -> None:
    assert entry_from_json(b'{"metadata":{"name":"a","labels":{"n":1e9999}}}').labels == {}
    assert entry_from_json(b'{"metadata":{"name":"a","labels":{"n":1}}}').labels == {"n": "1"}


def test_keys_and_versions() -> None:
    assert (entry_key("a", "ns"), entry_key("a", "")) == ("ns/a", "a")
    assert [version_number(v) for v in ("12", "", None, "x1", "-1")] == [12, 0, 0, 0, 0]
