"""The synchronous client does what the asynchronous one does, against the in-memory server."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from fairlead import NotFound, NotSynced
from fairlead.errors import ClosedError, Conflict, InvalidObject
from fairlead.machinery.objects import ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.sync import DynamicFilter, NamespaceFilter, retry_on_conflict
from fairlead.sync.life import view_ways
from fairlead.sync.testing import FakeClient, wrap


def config_map(name, namespace="default", labels=None, **data):
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels or {}), data=data)


def names(objects):
    return sorted(obj.name for obj in objects)


def test_a_cached_view_reads_writes_and_tells_in_a_thread_of_its_own():
    seen = []
    with FakeClient(config_map("a", x="1")) as client:
        maps = client.cached(ConfigMap, namespace="default")
        registration = maps.add_handler(
            on_add=lambda new: seen.append(("add", new.name, threading.current_thread().name)),
            on_update=lambda old, new: seen.append(("update", old.data["x"], new.data["x"])),
            on_delete=lambda old: seen.append(("delete", old.name)),
        )
        client.run_and_wait(10)
        assert client.has_synced()
        assert registration.has_synced()
        assert maps.has_synced()
        assert len(maps) >= 1
        a = maps.get("a", "default")
        a.data["x"] = "2"
        assert maps.update(a).data["x"] == "2"
        client.settle()
        maps.delete("a", "default")
        client.settle()
        assert maps.get("a", "default") is None
        assert registration.statistics().failed == 0
    mine = [event for event in seen if event[1] != "kube-root-ca.crt"]
    assert mine[0][:2] == ("add", "a")
    assert mine[0][2].startswith("fairlead handler")
    assert mine[1:] == [("update", "1", "2"), ("delete", "a")]


def test_a_handler_may_call_the_client_and_close_its_own_registration():
    with FakeClient(config_map("a", x="1")) as client:
        maps = client.cached(ConfigMap, namespace="default", labels="!made")
        done, known = threading.Event(), threading.Event()

        def on_add(new):
            if new.name == "a":
                known.wait(10)
                client.direct(ConfigMap).create(config_map("b", labels={"made": "yes"}, of=new.name))
                registration.close()
                done.set()

        client.run_and_wait(10)
        registration = maps.add_handler(on_add=on_add)
        known.set()
        assert done.wait(10)
        assert client.direct(ConfigMap).get("b", "default").data == {"of": "a"}
        registration.close()
        assert registration.closed


def test_closing_ends_every_thread():
    before = set(threading.enumerate())
    with FakeClient(config_map("a")) as client:
        client.cached(ConfigMap).add_handler(on_event=lambda event: None)
        client.run_and_wait(10)
        assert set(threading.enumerate()) - before
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before
    client.close()
    with pytest.raises(ClosedError):
        client.cached(ConfigMap)


def test_a_handler_s_error_fails_the_test():
    def fail(new):
        raise LookupError(new.name)

    def failing():
        with FakeClient(config_map("a")) as client:
            client.cached(ConfigMap, namespace="default", filter=lambda c: c.name == "a").add_handler(on_add=fail)
            client.run_and_wait(10)
            client.settle()

    with pytest.raises(ExceptionGroup, match="LookupError"):
        failing()


def test_coroutine_functions_are_refused_as_handlers():
    async def handler(new):
        pass

    with FakeClient() as client, pytest.raises(InvalidObject, match="plain functions"):
        client.cached(ConfigMap).add_handler(on_add=handler)


@pytest.mark.parametrize("how", ["filter", "transform", "index"])
def test_calls_from_functions_on_the_loop_are_refused_instead_of_standing_still(how):
    refused = []
    with FakeClient(config_map("a")) as client:

        def function(obj):
            try:
                client.direct(ConfigMap)
            except RuntimeError as error:
                refused.append(str(error))
            return {"filter": True, "transform": obj, "index": [obj.name]}[how]

        options = {} if how == "index" else {how: function}
        maps = client.cached(ConfigMap, **options)
        if how == "index":
            assert maps.index("by-name", function).name == "by-name"
        client.run_and_wait(10)
        assert maps.get("a", "default") is not None
    assert "would wait for itself" in refused[0]


def test_indexes_and_lists():
    with FakeClient(config_map("a", kind="x"), config_map("b", kind="x")) as client:
        maps = client.cached(ConfigMap, filter=lambda c: "kind" in c.data)
        by_kind = maps.index("by-kind", lambda c: [c.data["kind"]])
        client.run_and_wait(10)
        assert names(by_kind.lookup("x")) == ["a", "b"]
        assert by_kind.keys() == ["x"]
        assert names(maps.list("default")) == ["a", "b"]
        assert set(names(maps.list("default"))) <= set(names(maps.list_unfiltered("default")))
        assert maps.statistics().visible == 2
        assert "configmaps" in repr(maps).lower()


def test_direct_reads_watches_and_iterates():
    with FakeClient(*(config_map(f"m{i}", labels={"mine": "yes"}) for i in range(5))) as client:
        direct = client.direct(ConfigMap)
        listed = direct.list("default", labels="mine=yes", page_size=2)
        assert names(listed) == [f"m{i}" for i in range(5)]
        assert names(direct.iterate("default", labels="mine=yes", page_size=2)) == names(listed)
        assert [len(page) for page in direct.pages("default", labels="mine=yes", page_size=2)] == [2, 2, 1]
        watch = direct.watch("default", resource_version=listed.resource_version)
        direct.create(config_map("new"))
        event = next(watch)
        watch.close()
        assert (event.type, event.object.name) == ("ADDED", "new")
        with pytest.raises(NotFound):
            direct.get("none", "default")


def test_wrapped_writes_fail_the_test_with_what_was_tried():
    with FakeClient() as client:
        maps = wrap(client.cached(ConfigMap))
        assert maps.create(config_map("a")).name == "a"
        with pytest.raises(AssertionError, match="create ConfigMap default/a failed"):
            maps.create(config_map("a"))


def test_a_conflict_is_tried_again():
    with FakeClient(config_map("a", n="0")) as client:
        direct = client.direct(ConfigMap)
        old = direct.get("a", "default")
        stale = [old.copy()]
        direct.patch("a", "default", merge={"data": {"n": "1"}})

        def attempt():
            obj = stale.pop() if stale else direct.get("a", "default")
            obj.data["n"] += "!"
            return direct.update(obj)

        assert retry_on_conflict(attempt).data == {"n": "1!"}
        with pytest.raises(Conflict):
            retry_on_conflict(lambda: direct.update(old), attempts=2)


def test_a_missing_type_is_named():
    with FakeClient() as client:
        client.cached("example.com/v1", "Widget")
        with pytest.raises(NotSynced, match="widgets"):
            client.run_and_wait(0.2)


def test_a_filter_may_change_from_any_thread():
    with FakeClient(config_map("a"), config_map("b")) as client:
        shown = {"a"}
        chosen = DynamicFilter(lambda c: c.name in shown)
        maps = client.cached(ConfigMap, filter=chosen)
        client.run_and_wait(10)
        assert names(maps.list()) == ["a"]
        shown.add("b")
        chosen.changed()
        client.settle()
        assert names(maps.list()) == ["a", "b"]


def test_a_namespace_filter_follows_labels():
    def namespace(name, **labels):
        return Namespace(metadata=ObjectMeta(name=name, labels=labels))

    with FakeClient(
        namespace("one", team="x"), namespace("two"), config_map("a", "one"), config_map("b", "two")
    ) as client:
        chosen = NamespaceFilter(client, "team=x")
        maps = client.cached(ConfigMap, filter=chosen, labels="!root")
        client.run_and_wait(10)
        assert chosen.ready
        assert chosen.selected == {"one"}
        assert "a" in names(maps.list())
        assert "b" not in names(maps.list())
        client.direct(Namespace).patch("two", merge={"metadata": {"labels": {"team": "x"}}})
        client.settle()
        assert {"a", "b"} <= set(names(maps.list()))
        chosen.select("team=none")
        client.settle()
        assert maps.list() == []
        chosen.close()


def test_reads_from_many_threads_see_whole_states():
    with FakeClient() as client:
        maps = client.cached(ConfigMap, filter=lambda c: c.name == "moving")
        by_value = maps.index("by-value", lambda c: [c.data["v"]])
        client.run_and_wait(10)
        direct = client.direct(ConfigMap)
        direct.create(config_map("moving", v="0"))
        client.settle()
        wrong, stop = [], threading.Event()

        def read():
            while not stop.is_set():
                filed = by_value.keys()
                if len(filed) != 1 or len(maps.list("default")) != 1:
                    wrong.append(filed)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        try:
            for n in range(30):
                direct.patch("moving", "default", merge={"data": {"v": str(n)}})
            client.settle()
        finally:
            stop.set()
            for reader in readers:
                reader.join(10)
        assert wrong == []


class Handler:
    """Something that can be looked for in memory."""

    def __call__(self, _: object) -> None:
        pass


def left_of(*things):
    """Weak references, to be looked at once these names are gone."""
    return [weakref.ref(each) for each in things]


def alive(references):
    gc.collect()
    return [each() for each in references if each() is not None]


def test_closed_views_and_given_up_waits_leave_nothing_behind():
    with FakeClient(config_map("a")) as client:
        chosen, spaces = DynamicFilter(lambda _: True), NamespaceFilter(client)
        client.run_and_wait(10)

        def use():
            handler = Handler()
            view = client.cached(ConfigMap, namespace="default", filter=chosen & spaces)
            registration = view.add_handler(on_event=handler)
            index = view.index("names", lambda each: [each.name])
            view.wait_synced(10)
            assert len(index.lookup("a")) == 1
            view.close()
            absent = client.cached("absent.example.com/v1", "Absent")
            with pytest.raises(NotSynced):
                absent.wait_synced(timeout=0.001)
            absent.close()
            return left_of(handler, view, registration, index, absent, engine_of(view), engine_of(absent))

        left = [reference for _ in range(10) for reference in use()]
        client.settle()
        assert alive(left) == []
        assert (client.statistics().views, client.statistics().handlers) == (1, 0)


def engine_of(view):
    """The asynchronous view behind one of the façade."""
    return view_ways(view)[1]


def test_a_closed_client_leaves_nothing_behind():
    def use():
        with FakeClient(config_map("a")) as client:
            handler = Handler()
            view = client.cached(ConfigMap, filter=NamespaceFilter(client))
            view.add_handler(on_event=handler)
            client.run_and_wait(10)
        return left_of(client, view, handler, engine_of(view))

    assert alive(use()) == []
