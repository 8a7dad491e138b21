"""Informers on a source of the test's own: what a store holds when types come and go, and lists lag."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from fairlead.api.watchstream import WatchLine
from fairlead.errors import Status, from_status
from fairlead.informer import registration, slices
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer
from fairlead.informer.registration import BATCH, Handler, Registration
from fairlead.informer.source import Page, Selection, WatchBatch
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machines.delayed import Presence, TypeState
from fairlead.store import view as view_module
from fairlead.store.deltas import Change, Delta, Deltas
from fairlead.store.entry import entry_from_json

TYPE = ResourceType("example.com", "v1", "Widget", "widgets", True)


class Widget(Resource, api_version="example.com/v1", kind="Widget"):
    pass


def raw(name: str, version: int, uid: str = "u") -> msgspec.Raw:
    metadata = {"name": name, "namespace": "ns", "uid": f"{uid}-{name}", "resourceVersion": str(version)}
    return msgspec.Raw(msgspec.json.encode({"metadata": metadata}))


class Lists:
    """Lists what the test says, refuses streaming lists, and watches without ever an event."""

    def __init__(self, names: list[str], version: int = 100) -> None:
        self.names = names
        self.version = version
        self.lists: list[int] = []
        self.uid = "u"
        self.watched: list[str] = []

    async def list_page(self, token: str, limit: int) -> Page:
        self.lists.append(self.version)
        return Page([raw(name, self.version, self.uid) for name in self.names], str(self.version), "")

    async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        if initial:
            raise from_status(Status(code=422, reason="Invalid", message="sendInitialEvents"))
        self.watched.append(version)
        while True:
            self.said = asyncio.get_running_loop().create_future()
            yield await self.said


class Watcher:
    """Lets a test wait for what it describes; looked at after each change the informer tells of."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def changed(self) -> None:
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()


def informer(source: Lists, watcher: Watcher, *, optional: bool) -> Informer:
    identity = Identity(Selection(TYPE, TYPE.gvk))
    one = Informer(identity, source, Widget.from_bytes, on_change=watcher.changed)
    if optional:
        one.allow_absence(wait=True)
    return one


async def test_a_type_that_comes_back_while_it_is_taken_out_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "SLICE", 1)
    source, watcher = Lists([f"w{index}" for index in range(200)]), Watcher()
    one = informer(source, watcher, optional=True)
    one.store.add_view(None)
    one.start()
    one.learn(Presence.SERVED)
    await watcher.until(one.synced.is_set)
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    one.learn(Presence.MISSING)
    assert not one.quiet
    one.learn(Presence.SERVED)
    source.version = 200
    await watcher.until(lambda: one.quiet and one.store.progress == 200)
    assert one.delayed is not None
    assert len(one.store.content.entries) == 200
    assert one.delayed.state is TypeState.LIVE
    assert source.lists == [100, 200]
    await one.close()


async def test_a_type_that_comes_back_is_listed_and_not_resumed() -> None:
    source, watcher = Lists(["a"]), Watcher()
    one = informer(source, watcher, optional=True)
    one.start()
    one.learn(Presence.SERVED)
    await watcher.until(one.synced.is_set)
    one.learn(Presence.MISSING)
    assert one.store.content.entries == {}
    source.names, source.version = ["b"], 300
    one.learn(Presence.SERVED)
    await watcher.until(lambda: one.store.progress == 300)
    assert set(one.store.content.entries) == {"ns/b"}
    assert source.lists == [100, 300]
    assert "0" not in source.watched
    await one.close()
    await one.close()
    assert not one.running


async def test_an_informer_that_is_closed_does_not_start() -> None:
    source, watcher = Lists(["a"]), Watcher()
    one = informer(source, watcher, optional=False)
    await one.close()
    one.start()
    assert (one.running, source.lists) == (False, [])


async def test_a_handler_that_does_not_keep_up_is_named_ever_more_rarely(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.informer.registration.DEEP_QUEUE", 10)
    go_on = asyncio.Event()

    async def sluggish(event: object) -> None:
        await go_on.wait()

    registration = Registration(
        Handler(on_event=sluggish), lambda entry: entry, what="widgets", detach=lambda _: None, on_end=lambda _: None,
        on_error=lambda *_: None, on_change=lambda: None,
    )  # fmt: skip
    entry = entry_from_json(raw("w", 1))
    many = [Delta(Change.ADD, None, entry)] * 100
    registration.tell(many)
    assert caplog.records == [], "a first list may be long"
    for _ in range(400):
        registration.tell((Delta(Change.ADD, None, entry),))
    said = [record for record in caplog.records if "does not keep up" in record.message]
    assert [vars(record)["waiting"] for record in said] == [200, 400]
    assert vars(said[0])["handler"].endswith("sluggish")
    assert registration.statistics().high_water == 500
    go_on.set()
    await registration.close()


async def test_a_handler_that_something_else_cancelled_goes_on_with_the_next_change_and_loses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []
    entered, watcher = asyncio.Event(), Watcher()

    async def once_for_ever(new: Any) -> None:
        told.append(new.name)
        if len(told) == 1:
            entered.set()
            await asyncio.Event().wait()

    registration = Registration(
        Handler(on_add=once_for_ever), lambda entry: entry, what="widgets", detach=lambda _: None,
        on_error=lambda *_: None, on_change=watcher.changed, on_end=lambda _: None,
    )  # fmt: skip
    deltas = [Delta(Change.ADD, None, entry_from_json(raw(f"w{number}", number))) for number in range(1, 6)]
    registration.tell(deltas[:3])
    registration.tell(deltas[3:4])
    await entered.wait()
    (task,) = (each for each in asyncio.all_tasks() if each.get_name().startswith("handler "))
    task.cancel()
    await asyncio.wait({task})
    said = registration.statistics()
    assert (said.depth, said.delivered, said.failed, registration.idle) == (3, 0, 1, False)
    assert [vars(record)["waiting"] for record in caplog.records if "cancelled from outside" in record.message] == [3]
    registration.tell(deltas[4:])
    await watcher.until(lambda: registration.idle)
    assert told == ["w1", "w2", "w3", "w4", "w5"]
    said = registration.statistics()
    assert (said.depth, said.delivered, said.failed) == (0, 4, 1)
    await registration.close()


def handling(function: Any, watcher: Watcher, ended: list[Registration] | None = None) -> Registration:
    return Registration(
        Handler(on_add=function), lambda entry: entry, what="widgets", detach=lambda _: None, on_error=lambda *_: None,
        on_change=watcher.changed, on_end=lambda each: None if ended is None else ended.append(each),
    )  # fmt: skip


def delivering() -> asyncio.Task[Any]:
    (task,) = (each for each in asyncio.all_tasks() if each.get_name().startswith("handler "))
    return task


async def test_a_delivery_that_something_else_cancelled_before_it_began_goes_on_with_the_next_change() -> None:
    told: list[str] = []
    watcher, ended = Watcher(), list[Registration]()
    registration = handling(lambda new: told.append(new.name), watcher, ended)
    one, two, three = (Delta(Change.ADD, None, entry_from_json(raw(f"w{number}", number))) for number in (1, 2, 3))
    registration.tell((one,))
    delivering().cancel()
    await watcher.until(lambda: registration.statistics().failed == 1)
    registration.tell((two,))
    await watcher.until(lambda: registration.idle)
    assert told == ["w1", "w2"]
    registration.tell((three,))
    delivering().cancel()
    await registration.close()
    assert (registration.idle, ended) == (True, [registration])


async def test_a_handler_that_something_else_cancelled_at_the_last_change_has_nothing_left_to_do() -> None:
    entered, watcher = asyncio.Event(), Watcher()

    async def for_ever(_: Any) -> None:
        entered.set()
        await asyncio.Event().wait()

    registration = handling(for_ever, watcher)
    registration.tell((Delta(Change.ADD, None, entry_from_json(raw("w1", 1))),))
    registration.whole()
    await entered.wait()
    delivering().cancel()
    await watcher.until(lambda: registration.idle)
    assert (registration.has_synced(), registration.statistics().depth) == (True, 0)
    await registration.close()


async def test_no_task_factory_has_a_handler_called_inside_the_step_that_tells_it() -> None:
    told: list[str] = []
    watcher, loop = Watcher(), asyncio.get_running_loop()
    registration = handling(lambda new: told.append(new.name), watcher)

    def eager(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        raise AssertionError("asked for a task")

    loop.set_task_factory(eager)
    try:
        registration.tell((Delta(Change.ADD, None, entry_from_json(raw("w1", 1))),))
    finally:
        loop.set_task_factory(None)
    assert told == []
    await watcher.until(lambda: registration.idle)
    assert told == ["w1"]
    await registration.close()


async def test_what_comes_after_the_first_list_is_not_waited_for_though_it_is_noted_with_it() -> None:
    told: list[tuple[str, bool]] = []
    synced: list[int] = []
    watcher = Watcher()

    def changed() -> None:
        watcher.changed()
        if registration.has_synced():
            synced.append(len(told))

    registration = Registration(
        Handler(on_event=lambda event: told.append((event.key.name, event.initial))), lambda entry: entry, what="widgets",
        detach=lambda _: None, on_end=lambda _: None, on_error=lambda *_: None, on_change=changed,
    )  # fmt: skip
    deltas = [Delta(Change.ADD, None, entry_from_json(raw(f"w{number}", number))) for number in range(1, 8)]
    registration.tell((deltas[0],))
    registration.tell((deltas[1], deltas[2]))
    registration.whole()
    registration.tell((deltas[3],))
    registration.tell(deltas[4:6])  # as a list's are: a batch of its own, in its place
    registration.tell((deltas[6],))
    assert registration.statistics().depth == 7
    await watcher.until(lambda: registration.idle)
    assert told == [(f"w{number}", number <= 3) for number in range(1, 8)]
    assert synced[0] == 3, "synced when what was there has been told, and no later"
    assert (registration.statistics().depth, registration.statistics().delivered) == (0, 7)
    await registration.close()


async def test_a_slow_handler_keeps_what_it_has_been_told_for_one_batch_at_most() -> None:
    told, watcher = [0], Watcher()
    held = asyncio.Event()

    async def at_last(_: object) -> None:
        told[0] += 1
        if told[0] > BATCH:
            watcher.changed()
            await held.wait()

    registration = Registration(
        Handler(on_add=at_last), lambda entry: entry, what="widgets", detach=lambda _: None, on_end=lambda _: None,
        on_error=lambda *_: None, on_change=watcher.changed,
    )  # fmt: skip
    entries = [entry_from_json(raw(f"w{number}", number)) for number in range(1, BATCH + 3)]
    alone = [sys.getrefcount(entry) for entry in entries]
    for entry in entries:
        registration.tell((Delta(Change.ADD, None, entry),))
    await watcher.until(lambda: told[0] > BATCH)
    now = [sys.getrefcount(entry) for entry in entries]
    kept = [number for number, count in enumerate(now) if count > alone[number]]
    assert kept == [BATCH, BATCH + 1], "of the first batch nothing, when the second has begun"
    held.set()
    await watcher.until(lambda: registration.idle)
    await registration.close()
    assert told == [BATCH + 2]


def line(kind: str, document: dict[str, Any]) -> WatchLine:
    return WatchLine(kind, msgspec.Raw(msgspec.json.encode(document)))


@pytest.mark.parametrize("how", ["410", "bookmark"])
async def test_a_history_that_was_reset_is_taken_as_it_is_and_said_once(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, watcher = Lists(["a", "b"], 500), Watcher()
    one = informer(source, watcher, optional=False)
    told: list[str] = []

    class Sink:
        def tell(self, deltas: Deltas) -> None:
            told.extend(f"{each.change.value}/{(each.new or each.old).name}" for each in deltas)  # type: ignore[union-attr]

    view = one.store.add_view(None)
    view.attach(Sink())
    one.start()
    await watcher.until(lambda: bool(source.watched))
    await asyncio.sleep(0)
    one.store.overlay.write(entry_from_json(raw("own", 600)), None, 500, selected=True)
    # The server begins anew, with other objects, one under an old name.
    source.version, source.names, source.uid = 90, ["b", "c"], "new"
    status = {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"}
    source.said.set_result(
        [line("ERROR", status)] if how == "410" else [line("BOOKMARK", {"metadata": {"resourceVersion": "80"}})]
    )
    await watcher.until(lambda: one.store.progress == 90)
    # One list that is older may be a server's that lags; the second one says that it is not, and the third is taken.
    assert source.lists == [500, 90, 90, 90]
    assert told == ["add/a", "add/b", "delete/a", "delete/b", "add/b", "add/c"]
    assert len(one.store.overlay) == 0
    assert sum("history was reset" in record.message for record in caplog.records) == 1
    await one.close()


async def test_closing_says_that_the_thread_of_a_blocking_handler_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registration, "CLOSE_GRACE", 0.01)
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()

    def stubborn(_: object) -> None:
        begun.set()
        go.wait()
        ended.set()

    one = Registration(
        Handler(on_add=stubborn, blocking=True), lambda entry: entry, what="widgets", detach=lambda _: None,
        on_end=lambda _: None, on_error=lambda *_: None, on_change=lambda: None,
    )  # fmt: skip
    try:
        one.tell((Delta(Change.ADD, None, entry_from_json(raw("a", 1))),))
        await asyncio.to_thread(begun.wait)
        await one.close()
        assert (one.idle, ended.is_set()) == (True, False)
        assert "did not end in time and is cancelled; its thread cannot be, and goes on" in caplog.text
    finally:
        go.set()
        await asyncio.to_thread(ended.wait)


async def test_a_blocking_handler_fails_with_what_no_future_carries() -> None:
    failed: list[tuple[type, type]] = []

    def exhausted(_: object) -> None:
        next(iter(()))

    one = Registration(
        Handler(on_add=exhausted, blocking=True), lambda entry: entry, what="widgets", detach=lambda _: None,
        on_end=lambda _: None, on_error=lambda error, *_: failed.append((type(error), type(error.__cause__))),
        on_change=lambda: None,
    )  # fmt: skip
    one.tell((Delta(Change.ADD, None, entry_from_json(raw("a", 1))),))
    one.whole()
    async with asyncio.timeout(5):
        await one.wait_synced()
    assert failed == [(RuntimeError, StopIteration)]
    await one.close()
