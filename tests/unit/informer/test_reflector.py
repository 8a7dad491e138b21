"""A reflector in trouble, on a clock of the test's own: how often it asks, what it says, what it makes of damage."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec
import pytest

from fairlead.api.watchstream import BrokenLine, WatchLine, lines
from fairlead.errors import FairleadError, Status, TransportError, from_status
from fairlead.informer.gate import ListGate
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer
from fairlead.informer.salvage import salvage
from fairlead.informer.source import Page, Selection, WatchBatch
from fairlead.informer.stalls import Stalls
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from tests.support import virtual

TYPE = ResourceType("example.com", "v1", "Gadget", "gadgets", True)


class Gadget(Resource, api_version="example.com/v1", kind="Gadget"):
    pass


def raw(name: str, version: int, **more: Any) -> bytes:
    metadata = {"name": name, "namespace": "ns", "uid": f"u-{name}", "resourceVersion": str(version)}
    return json.dumps({"metadata": metadata, **more}).encode()


def event(kind: str, data: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), data)


def bookmark(version: int, *, end: bool = False) -> bytes:
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    return event("BOOKMARK", json.dumps({"metadata": metadata}).encode())


class Body:
    def __init__(self, *pieces: bytes, then: Callable[[], Awaitable[None]] | None = None) -> None:
        self._pieces = pieces
        self._then = then

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._then is not None:
            await self._then()

    async def aclose(self) -> None:
        pass


async def for_ever() -> None:
    await asyncio.Event().wait()


class Server:
    """Answers each stream with what `script` says: bytes that come and then silence, or an error."""

    def __init__(self, script: Callable[[int, str, bool], Sequence[bytes] | FairleadError]) -> None:
        self.script = script
        self.asked: list[tuple[float, str]] = []
        self.pages: list[Page | FairleadError] = []
        self.listed = 0

    async def list_page(self, token: str, limit: int) -> Page:
        self.listed += 1
        page = self.pages[min(self.listed, len(self.pages)) - 1]
        if isinstance(page, FairleadError):
            raise page
        return page

    async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        self.asked.append((asyncio.get_running_loop().time(), version))
        said = self.script(len(self.asked), version, initial)
        if isinstance(said, FairleadError):
            raise said
        async for batch in lines(Body(*said, then=for_ever)):
            yield batch


def informer(server: Server, **options: Any) -> Informer:
    return Informer(
        Identity(Selection(TYPE, TYPE.gvk)), server, Gadget.from_bytes, on_change=lambda: None,
        stalls=Stalls(options.pop("stall", 70.0)), **options,
    )  # fmt: skip


def play(server: Server, seconds: float, **options: Any) -> Informer:
    """Run an informer for so many seconds of the virtual clock."""

    async def work() -> Informer:
        one = informer(server, **options)
        one.start()
        await asyncio.sleep(seconds)
        await one.close()
        return one

    return virtual.run(work())


def names(one: Informer) -> list[str]:
    return sorted(entry.name for entry in one.store.content.snapshot(None))


INITIAL = (event("ADDED", raw("a", 1)), event("ADDED", raw("b", 2)), bookmark(5, end=True))


# Manners -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_an_outage_of_25_seconds_costs_a_dozen_requests_and_a_few_lines(
    seed: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(seed)
    monkeypatch.setattr("fairlead.machines.backoff.random.Random", lambda: source)

    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        return INITIAL if number == 1 else TransportError("refused")

    server = Server(script)
    with caplog.at_level(logging.INFO):
        play(server, 70.0 + 25.0)
    assert 5 <= len(server.asked) - 1 < 15, [round(at, 1) for at, _ in server.asked]
    assert len(caplog.records) < 20
    assert all("failed and is tried again: " in record.message for record in caplog.records)
    assert next(record.levelname for record in caplog.records) == "INFO", "a single cut is no warning"
    assert all(version == "5" for _, version in server.asked[1:]), "a resume works; nothing is listed again"


def test_waits_differ_between_informers_and_success_ends_them() -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        if number % 8 == 0:
            return (*INITIAL, event("ERROR", json.dumps({"code": 500, "reason": "InternalError"}).encode())) if number == 8 else [
                event("MODIFIED", raw("a", number)), event("ERROR", b'{"code":500}'),
            ]  # fmt: skip
        return TransportError("refused")

    servers = [Server(script) for _ in range(5)]
    for server in servers:
        play(server, 200.0)
    gaps = [[b - a for (a, _), (b, _) in zip(s.asked, s.asked[1:], strict=False)] for s in servers]
    assert len({tuple(gap) for gap in gaps}) == 5
    for gap in gaps:
        assert max(gap) > 8
        assert gap[7] < 0.3, "after a success the first wait is short again"
        assert all(after >= before * 0.99 for before, after in itertools.pairwise(gap[:7]))


def test_a_day_of_retry_after_is_a_mistake_and_two_minutes_are_kept() -> None:
    busy = from_status(Status(code=429, reason="TooManyRequests", retry_after=86400.0))
    server = Server(lambda number, version, initial: busy if number == 1 else INITIAL)
    assert names(play(server, 130.0)) == ["a", "b"]
    assert server.asked[1][0] == pytest.approx(120.0, abs=1.0)


def test_five_hundred_informers_list_a_few_at_a_time_and_all_of_them_get_there() -> None:
    async def work() -> None:
        gate, together, most = ListGate(32), 0, 0

        class Slow(Server):
            async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
                nonlocal together, most
                together += initial
                most = max(most, together)
                await asyncio.sleep(0.5)
                async for batch in lines(Body(INITIAL[0], INITIAL[1])):
                    yield batch
                if not initial:
                    await for_ever()
                together -= 1
                async for batch in lines(Body(INITIAL[2], then=for_ever)):
                    yield batch

        every = [informer(Slow(lambda *_: ()), gate=gate) for _ in range(500)]
        for one in every:
            one.start()
        await asyncio.gather(*(one.synced.wait() for one in every))
        assert most == gate.peak == 32
        assert gate.listing == 0
        assert asyncio.get_running_loop().time() < 500 / 32 * 0.5 + 1.0
        await asyncio.gather(*(one.close() for one in every))

    virtual.run(work())


def test_a_list_that_is_cancelled_or_fails_gives_its_place_back() -> None:
    gate = ListGate(1)
    first = play(Server(lambda number, version, initial: []), 30.0, gate=gate)  # silent; closed while it lists
    assert not first.synced.is_set()
    failing = Server(lambda number, version, initial: TransportError("no") if number < 4 else INITIAL)
    assert names(play(failing, 10.0, gate=gate)) == ["a", "b"]
    assert gate.listing == 0


# Silence -----------------------------------------------------------------------------------------------------------


def test_silence_of_a_server_that_sends_bookmarks_is_noticed_within_70_seconds() -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        return INITIAL if number == 1 else [event("ADDED", raw("c", 7))]

    server = Server(script)
    one = play(server, 71.0)
    assert names(one) == ["a", "b", "c"]
    assert 70.0 <= server.asked[1][0] < 70.5
    assert server.asked[1][1] == "5"
    # Also of a new connection that never had a bookmark: it is asked again from where it was.
    later = Server(script)
    play(later, 145.0)
    assert [version for _, version in later.asked] == ["", "5", "7"]


def test_silence_in_the_middle_of_a_list_is_noticed() -> None:
    server = Server(lambda number, version, initial: INITIAL[:1] if number == 1 else INITIAL)
    one = play(server, 75.0)
    assert names(one) == ["a", "b"]
    assert one.statistics().reflector.errors == 1


def test_a_server_without_bookmarks_is_asked_again_and_that_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        if initial:
            return from_status(Status(code=422, reason="Invalid", message="sendInitialEvents is forbidden"))
        return [event("ADDED", raw("c", 12))] if number == 3 else []

    server = Server(script)
    server.pages = [Page([msgspec.Raw(raw("a", 10))], "11", "")]
    with caplog.at_level(logging.INFO):
        one = play(server, 150.0)
    assert [version for _, version in server.asked] == ["", "11", "11", "12"]
    assert (names(one), server.listed, caplog.records) == (["a", "c"], 1, [])
    assert one.statistics().reflector.errors == 0


def test_statistics_say_how_a_reflector_stands() -> None:
    async def work() -> None:
        server = Server(lambda number, version, initial: INITIAL if number == 1 else TransportError("refused"))
        one = informer(server)
        assert one.statistics().reflector.silent is None
        one.start()
        await asyncio.sleep(1.0)
        said = one.statistics()
        assert said.running
        assert said.reflector.connected
        assert said.reflector.silent is not None
        await asyncio.sleep(70.0)
        said = one.statistics()
        assert not said.reflector.connected
        assert (said.reflector.failures > 1, said.reflector.last_error) == (True, "refused")
        await one.close()
        assert not one.statistics().running

    virtual.run(work())


def test_a_fault_of_the_library_is_shown_and_does_not_leave_a_cache_without_a_reflector(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        if number in (1, 3):
            raise ZeroDivisionError("a fault")
        return INITIAL if initial else []

    one = play(Server(script), 80.0)
    assert names(one) == ["a", "b"]
    assert one.statistics().crashes == 2
    shown = [record.message for record in caplog.records if record.exc_info]
    assert len(shown) == 2
    assert all(each.endswith("failed and begins anew") for each in shown)


# Damage ------------------------------------------------------------------------------------------------------------


def test_a_broken_line_is_asked_for_again_from_the_last_good_event() -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        if number == 2:
            return [event("ADDED", raw("c", 7)), b'{"type":"ADDED","obj\n', event("ADDED", raw("e", 9))]
        return INITIAL if number == 1 else [event("ADDED", raw("d", 8)), event("ADDED", raw("e", 9)), bookmark(9)]

    server = Server(script)
    one = play(server, 75.0)
    assert [version for _, version in server.asked] == ["", "5", "7"]
    assert names(one) == ["a", "b", "c", "d", "e"]
    assert one.statistics().reflector.broken == 0


@pytest.mark.parametrize(
    "broken",
    [
        b'{"type":"MODIFIED","object":{"metadata":{"name":"b","namespace":"ns"},"x":NaN}}\n',
        b'{"type":"MODIFIED","object":{"metadata":{}}}\n',
        b'{"type":"DELETED","object":{"metadata":{"name":"b","x":}}}\n',
        b'{"type":"DELETED","object":7}\n',
        b'{"type":"ADDED","object":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    ],
)
def test_a_change_that_stays_broken_leads_to_a_new_list_that_leaves_only_its_object_out(broken: bytes) -> None:
    """The server stores what cannot be read: every list and watch brings it, broken in the same way."""
    bad = event("ADDED", b'{"metadata":{"name":"b","namespace":"ns"},"x":NaN}')

    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        if number == 1:
            return INITIAL
        if initial:
            return [event("ADDED", raw("a", 1)), bad, event("ADDED", raw("c", 8)), bookmark(9, end=True)]
        return [broken, event("ADDED", raw("c", 8))] if version == "5" else []

    server = Server(script)
    one = play(server, 100.0)
    assert names(one) == ["a", "c"], "only the broken one is left out"
    assert [version for _, version in server.asked[:5]] == ["", "5", "5", "", ""]
    assert one.statistics().reflector.broken == 1
    assert one.synced.is_set()


def test_the_same_page_of_an_error_in_every_list_never_stands_for_objects() -> None:
    page = b"<html>502 Bad Gateway</html>\n"

    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        # In the place of an object, in each of the first lists; then in the place of a change.
        if number < 5:
            return (INITIAL[0], page, INITIAL[2])
        return INITIAL if initial else [page] if number == 6 else [event("ADDED", raw("c", 7))]

    one = play(Server(script), 150.0)
    assert names(one) == ["a", "b", "c"]
    assert one.statistics().reflector.broken == 0


def test_damage_on_the_way_of_a_list_loses_nothing() -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        return (INITIAL[0], INITIAL[1][:40] + b"\n", INITIAL[2]) if number == 1 else INITIAL

    server = Server(script)
    one = play(server, 10.0)
    assert (names(one), one.statistics().reflector.broken) == (["a", "b"], 0)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "odd",
    [
        b'{"type":"PING","object":{}}\n',
        b'{"type":"BOOKMARK","object":{"metadata":7}}\n',
        b'{"type":"BOOKMARK","object":[NaN]}\n',
        b'{"type":"ERROR","object":[NaN]}\n',
        b'{"type":"ERROR","object":"gone"}\n',
        b'{"type":7}\n',
        b"[]\n",
        b"\xff\xfe\n",
    ],
)
def test_what_is_no_event_leads_to_a_resume(odd: bytes) -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        return (
            (INITIAL if number == 1 else [odd, event("ADDED", raw("c", 7))])
            if number < 3
            else [event("ADDED", raw("c", 7))]
        )

    one = play(Server(script), 100.0)
    assert (names(one), one.crashes) == (["a", "b", "c"], 0)


def test_numbers_of_thousands_of_digits_and_odd_versions_harm_nothing() -> None:
    huge = raw("h", 1).replace(b'"resourceVersion": "1"', b'"resourceVersion": "' + b"9" * 10_000 + b'"')
    odd = raw("o", 1).replace(b'"resourceVersion": "1"', '"resourceVersion": "٣"'.encode())
    twice = (
        b'{"metadata":{"name":"x"},"metadata":{"name":"t","namespace":"ns","uid":"u","resourceVersion":"3"},"n":'
        + b"1" * 4000
        + b"}"
    )
    server = Server(
        lambda number, version, initial: [event("ADDED", each) for each in (huge, odd, twice)] + [INITIAL[2]]
    )
    one = play(server, 5.0)
    assert names(one) == ["h", "o", "t"]
    assert one.store.progress == 5


def test_a_page_with_an_object_that_does_not_decode_gives_all_the_others() -> None:
    items = [
        raw("a", 1),
        b'{"metadata":{"name":"b"},"x":NaN}',
        raw("c", 2, text='}]"[{\\'),
        b"7",
        b'{"deep":' + b"[" * 9999 + b"]" * 9999 + b"}",
    ]
    body = (
        b'{"kind":"List","metadata":{"resourceVersion":"9","continue":"t"},"items":['
        + b",".join(items)
        + b'],"x":[{"items":[{}]}]}'
    )
    metadata, found = salvage(body)
    assert json.loads(metadata) == {"resourceVersion": "9", "continue": "t"}
    assert [bytes(each) for each in found] == [each for each in items if each != b"7"]
    for bad in (b"", b"[]", b'{"items":[{]}', b'{"items":[{}', b"{}}"):
        with pytest.raises(ValueError, match=r"bracket|too early|no list"):
            salvage(bad)


def test_lines_that_are_no_lines_are_told_from_events() -> None:
    async def work() -> None:
        given = [b'{"type":"ADDED","object":{}}\n{"ty', b'pe":"ADDED","object":{}}\nx\n\n', b'{"type"']
        batches = [batch async for batch in lines(Body(*given))]
        kinds = [type(step) for batch in batches for step in batch]
        assert kinds == [WatchLine, WatchLine, BrokenLine, BrokenLine]

    virtual.run(work())


def test_an_object_of_50_megabytes_and_one_with_a_huge_annotation_arrive_beside_the_others() -> None:
    huge = raw("huge", 7, spec={"text": "x" * 50_000_000})
    noted = raw("noted", 8).replace(b'"uid"', b'"annotations": {"a": "' + b"y" * 1_000_000 + b'"}, "uid"')
    stream = b"".join((*INITIAL, event("ADDED", huge), event("ADDED", noted), event("MODIFIED", raw("a", 9))))
    pieces = [stream[at : at + 65536] for at in range(0, len(stream), 65536)]
    server = Server(lambda number, version, initial: pieces)
    one = play(server, 5.0)
    assert names(one) == ["a", "b", "huge", "noted"]
    assert one.store.content.entries["ns/a"].version == 9
    assert len(server.asked) == 1


# Haste -------------------------------------------------------------------------------------------------------------


EXPIRED = event("ERROR", b'{"code":410,"reason":"Expired"}')
INTERNAL = event("ERROR", b'{"code":500,"reason":"InternalError"}')


class Hasty(Server):
    """Ends each stream as soon as it has said what the script says; takes a hundredth of a second for it."""

    async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        self.asked.append((asyncio.get_running_loop().time(), "list" if initial else version))
        said = self.script(len(self.asked), version, initial)
        assert not isinstance(said, FairleadError)
        await asyncio.sleep(0.01)
        async for batch in lines(Body(*said)):
            yield batch


def _changed(number: int) -> bytes:
    return event("MODIFIED", raw("a", 5 + number))


@pytest.mark.parametrize(
    ("after_list", "watched", "lists"),
    [
        ((), lambda number: (), 1),
        ((), lambda number: (bookmark(5),), 1),
        ((), lambda number: (event("MODIFIED", raw("a", 5)),), 1),
        ((), lambda number: (_changed(number),), 1),
        ((), lambda number: (_changed(number), INTERNAL), 1),
        ((), lambda number: (_changed(number), b'{"type":"ADD'), 1),
        ((EXPIRED,), lambda number: (), 20),
        ((), lambda number: (EXPIRED,), 20),
        ((), lambda number: (bookmark(5), EXPIRED), 20),
        ((INTERNAL,), lambda number: (_changed(number), EXPIRED), 20),
    ],
    ids=[
        "nothing", "bookmark", "old event", "event", "event and 500", "event and cut", "410 after each list", "410",
        "bookmark and 410", "all of them",
    ],
)  # fmt: skip
def test_a_server_that_ends_each_watch_at_once_is_asked_ever_more_slowly_and_loses_nothing(
    after_list: Sequence[bytes], watched: Callable[[int], Sequence[bytes]], lists: int, caplog: pytest.LogCaptureFixture
) -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes]:
        end = bookmark(5 + number, end=True)
        return (*INITIAL[:2], end, *after_list) if initial else watched(number)

    server = Hasty(script)
    with caplog.at_level(logging.INFO):
        one = play(server, 300.0)
    assert names(one) == ["a", "b"]
    # 5 seconds at most between two watches, 30 between two lists, at random in the upper half.
    assert 15 <= len(server.asked) < 150, [round(at, 1) for at, _ in server.asked]
    assert len([1 for at, _ in server.asked if at < 25.0]) < 25
    assert 1 <= len([1 for _, version in server.asked if version == "list"]) <= lists + 15
    assert 1 <= len(caplog.records) < 20, [record.message for record in caplog.records]
    said = ("failed and is tried again", "ended as soon as it began", "works again")
    assert all(any(words in record.message for words in said) for record in caplog.records)


def test_one_watch_that_ended_early_is_asked_again_at_once() -> None:
    def script(number: int, version: str, initial: bool) -> Sequence[bytes] | FairleadError:
        return INITIAL if initial else [_changed(number)]

    class Restarted(Server):
        async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
            if len(self.asked) == 1:
                self.asked.append((asyncio.get_running_loop().time(), version))
                async for batch in lines(Body(_changed(1))):
                    yield batch
                return
            async for batch in super().watch(version, initial=initial, timeout=timeout):
                yield batch

    server = Restarted(script)
    play(server, 72.0)
    assert [version for _, version in server.asked[:3]] == ["", "5", "6"]
    assert server.asked[2][0] == server.asked[1][0]


class Pages(Server):
    """One that does not stream lists, whose pages come from a function of the token and the limit."""

    def __init__(
        self,
        page: Callable[[str, int], Page | FairleadError],
        watch: Callable[[str], Sequence[bytes] | FairleadError] = lambda version: (bookmark(int(version) + 1),),
        stream: Sequence[bytes] | FairleadError = from_status(Status(code=422, reason="Invalid")),  # noqa: B008
    ) -> None:
        super().__init__(lambda _, version, initial: stream if initial else watch(version))
        self.page = page

    async def list_page(self, token: str, limit: int) -> Page:
        self.listed += 1
        await asyncio.sleep(0.01)
        page = self.page(token, limit)
        if isinstance(page, FairleadError):
            raise page
        return page

    async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        async for batch in super().watch(version, initial=initial, timeout=timeout):
            yield ()  # the server has taken the request
            yield batch

    @property
    def watched_from(self) -> list[str]:
        return [version for _, version in self.asked if version]


def page(version: str, *items: bytes, then: str = "") -> Page:
    return Page([msgspec.Raw(item) for item in items], version, then)


GONE = from_status(Status(code=410, reason="Expired"))
A, B = raw("a", 1), raw("b", 2)


def test_pages_of_different_moments_are_watched_from_the_first() -> None:
    """What changed on the first page while the second was read would never be heard of."""
    for first, second in ((100, 105), (105, 100)):
        server = Pages(
            lambda token, _, v=(first, second): page(str(v[1]), B) if token else page(str(v[0]), A, then="2")
        )  # type: ignore[misc]
        one = play(server, 1.0)
        assert (names(one), server.watched_from) == (["a", "b"], ["100"])


def test_pages_that_expire_before_the_last_are_asked_for_as_one(caplog: pytest.LogCaptureFixture) -> None:
    def expiring(token: str, limit: int) -> Page | FairleadError:
        return GONE if token else page("5", A, then="2") if limit else page("6", A, B)

    server = Pages(expiring)
    assert names(play(server, 5.0)) == ["a", "b"]
    assert (server.listed, [record.levelno for record in caplog.records if record.levelno > logging.INFO]) == (3, [])


def test_pages_that_lead_nowhere_are_said_and_asked_for_as_one_and_let_others_list() -> None:
    server = Pages(lambda _, limit: page("5", A, then="again") if limit else page("6", A, B))
    gate = ListGate(1)
    one = play(server, 5.0, gate=gate)
    assert (names(one), server.listed, gate.listing, one.reflector.errors) == (["a", "b"], 3, 0, 1)


@pytest.mark.parametrize("said", [(event("ADDED", A), bookmark(7)), (event("ADDED", A),)])
def test_a_server_that_has_not_heard_of_streaming_lists_is_asked_for_pages(said: Sequence[bytes]) -> None:
    server = Pages(lambda *_: page("7", A, B), stream=said)
    assert names(play(server, 75.0)) == ["a", "b"]


def test_without_a_version_each_watch_is_followed_by_a_list() -> None:
    """A watch from nowhere tells what there is: what has been deleted meanwhile was never heard of."""
    here = [b'{"metadata":{"name":"%s","namespace":"ns","uid":"%s"}}' % (name, name) for name in (b"a", b"b")]

    async def work() -> None:
        server = Pages(lambda *_: page("", *here), lambda _: [event("ADDED", each) for each in here])
        one = informer(server)
        one.start()
        await one.synced.wait()
        del here[1]
        await asyncio.sleep(75.0)
        assert names(one) == ["a"]
        assert server.listed == 2
        await one.close()

    virtual.run(work())


@pytest.mark.parametrize("code", [200, 304, 400, 403, 405, 422, 500, 503])
@pytest.mark.parametrize("streaming", [False, True])
def test_a_cache_whose_watch_is_refused_for_ever_is_brought_up_to_date_by_lists(
    code: int, streaming: bool, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = from_status(Status(code=code))
    version = [0]

    def newer(*_: object) -> Page:
        version[0] += 1
        return page(str(version[0]), raw(f"n{version[0]}", version[0]))

    server = Pages(newer, lambda _: refusal, **({"stream": refusal} if streaming else {}))
    one = play(server, 3600.0)
    assert names(one) == [f"n{version[0]}"]
    assert 60 <= server.listed <= 200
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) < 15
    assert one.reflector.last_error is refusal


def test_a_timeout_of_somebody_elses_is_no_silence() -> None:
    """It was asked again and again, without a turn for anybody else."""

    def watch(_: str) -> Sequence[bytes]:
        raise TimeoutError("of the source's own")

    server = Pages(lambda *_: page("5", A, B), watch)
    one = play(server, 60.0)
    assert (names(one), one.crashes > 3, len(server.asked) < 20) == (["a", "b"], True, True)
