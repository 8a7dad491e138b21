"""Lists and watches: versions, pages, selectors, bookmarks, history."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.apiserver.server import ApiServer
from tests.unit.apiserver.core_client import CONFIGMAPS, MERGE, Caller, config_map, run

END = "k8s.io/initial-events-end"


async def _three(client: Caller) -> None:
    for name in "abc":
        await client.create(CONFIGMAPS, config_map(name, labels={"n": name}))


def _names(body: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


def test_a_list_has_the_present_version_and_items_without_type() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        listed = await client.send("GET", CONFIGMAPS)
        assert listed["kind"] == "ConfigMapList"
        assert listed.rv == int(client.server.resource_version)
        assert _names(listed.body) == ["a", "b", "c"]
        assert "kind" not in listed["items"][0]
        assert "continue" not in listed.meta

    run(body())


def test_pages_show_one_version_of_the_world() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        first = await client.send("GET", f"{CONFIGMAPS}?limit=2")
        assert _names(first.body) == ["a", "b"]
        assert first.meta["remainingItemCount"] == 1
        await client.send("DELETE", f"{CONFIGMAPS}/c")
        await client.create(CONFIGMAPS, config_map("d"))
        second = await client.send("GET", f"{CONFIGMAPS}?limit=2&continue={first.meta['continue']}")
        assert _names(second.body) == ["c"]
        assert second.rv == first.rv

    run(body())


def test_a_page_beyond_the_history_expires_with_a_token_to_go_on() -> None:
    async def body() -> None:
        client = Caller(ApiServer(history=2))
        await _three(client)
        first = await client.send("GET", f"{CONFIGMAPS}?limit=1")
        await _three_changes(client)
        gone = await client.send("GET", f"{CONFIGMAPS}?limit=1&continue={first.meta['continue']}")
        assert (gone.code, gone["reason"]) == (410, "Expired")
        on = await client.send("GET", f"{CONFIGMAPS}?continue={gone.meta['continue']}")
        assert _names(on.body) == ["b", "c"]

    run(body())


async def _three_changes(client: Caller) -> None:
    for value in "123":
        await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"k": value}}, MERGE)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("resourceVersion=x", 400),
        ("resourceVersionMatch=Exact", 422),
        ("resourceVersion=0&resourceVersionMatch=Exact", 422),
        ("sendInitialEvents=true", 422),
        ("labelSelector=a+in+(", 400),
        ("fieldSelector=data.x%3Dy", 400),
        ("continue=abc", 400),
        ("limit=x", 400),
        ("limit=-1", 200),
        ("watch=1&resourceVersion=x", 500),
        ("watch=1&sendInitialEvents=true", 422),
    ],
)
def test_wrong_options_are_refused(query: str, code: int) -> None:
    async def body() -> None:
        assert (await Caller(ApiServer()).send("GET", f"{CONFIGMAPS}?{query}")).code == code

    run(body())


def test_a_list_at_an_exact_version_shows_what_was_then() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        then = client.server.resource_version
        await client.send("DELETE", f"{CONFIGMAPS}/a")
        exact = await client.send("GET", f"{CONFIGMAPS}?resourceVersion={then}&resourceVersionMatch=Exact")
        assert _names(exact.body) == ["a", "b", "c"]
        assert str(exact.rv) == then

    run(body())


def test_a_watch_without_a_version_begins_with_what_is_there() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        watch = await client.watch(CONFIGMAPS)
        assert await watch.take(3) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]
        await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"k": "v"}}, MERGE)
        await client.send("DELETE", f"{CONFIGMAPS}/b")
        assert await watch.take(2) == [("MODIFIED", "a"), ("DELETED", "b")]
        await watch.close()

    run(body())


def test_a_watch_from_a_version_sends_what_came_after_it() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        then = client.server.resource_version
        await client.send("DELETE", f"{CONFIGMAPS}/a")
        watch = await client.watch(f"{CONFIGMAPS}?resourceVersion={then}")
        event = await watch.next()
        assert event["type"] == "DELETED"
        assert int(event["object"]["metadata"]["resourceVersion"]) == int(then) + 1
        await watch.close()

    run(body())


def test_a_watch_from_before_the_history_gets_an_error_and_the_end() -> None:
    async def body() -> None:
        client = Caller(ApiServer(history=2))
        await _three(client)
        await _three_changes(client)
        watch = await client.watch(f"{CONFIGMAPS}?resourceVersion=1")
        (error,) = await watch.rest()
        assert error["type"] == "ERROR"
        assert error["object"]["code"] == 410
        assert error["object"]["message"].startswith("too old resource version: 1 (")

    run(body())


def test_a_watch_from_the_future_is_silent_until_then() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        future = int(client.server.resource_version) + 2
        watch = await client.watch(f"{CONFIGMAPS}?resourceVersion={future}")
        await _three(client)
        assert await watch.take(1) == [("ADDED", "c")]
        await watch.close()

    run(body())


def test_objects_come_and_go_with_a_selector() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        watch = await client.watch(f"{CONFIGMAPS}?labelSelector=n%3Da")
        assert await watch.take(1) == [("ADDED", "a")]
        left = await client.send("PATCH", f"{CONFIGMAPS}/a", {"metadata": {"labels": {"n": "z"}}}, MERGE)
        event = await watch.next()
        assert event["type"] == "DELETED"
        assert event["object"]["metadata"]["labels"] == {"n": "a"}
        assert event["object"]["metadata"]["resourceVersion"] == left.meta["resourceVersion"]
        await client.send("PATCH", f"{CONFIGMAPS}/a", {"metadata": {"labels": {"n": "a"}}}, MERGE)
        assert await watch.take(1) == [("ADDED", "a")]
        await watch.close()

    run(body())


def test_a_field_selector_narrows_lists_and_watches() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        listed = await client.send("GET", "/api/v1/configmaps?fieldSelector=metadata.name%3Db")
        assert _names(listed.body) == ["b"]
        watch = await client.watch(f"{CONFIGMAPS}?fieldSelector=metadata.name%3Dc")
        assert await watch.take(1) == [("ADDED", "c")]
        await watch.close()

    run(body())


def test_a_watch_list_ends_its_initial_events_with_a_bookmark() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await _three(client)
        query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        watch = await client.watch(f"{CONFIGMAPS}?{query}")
        assert await watch.take(3) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]
        mark = await watch.next()
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["kind"] == "ConfigMap"
        assert mark["object"]["metadata"] == {
            "resourceVersion": client.server.resource_version,
            "annotations": {END: "true"},
        }
        await watch.close()

    run(body())


def test_bookmarks_on_demand_go_to_those_who_take_them_and_are_behind() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        takes = await client.watch(f"{CONFIGMAPS}?allowWatchBookmarks=true")
        plain = await client.watch(CONFIGMAPS)
        assert (await takes.next())["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        await client.create("/api/v1/namespaces", {"metadata": {"name": "other"}})
        client.server.bookmark_now()
        client.server.bookmark_now()
        mark = await takes.next()
        assert mark["object"]["metadata"]["resourceVersion"] == client.server.resource_version
        await client.server.close()
        assert await takes.rest() == []
        assert await plain.rest() == []

    run(body())


def test_a_watch_ends_after_its_timeout() -> None:
    async def body() -> None:
        watch = await Caller(ApiServer()).watch(f"{CONFIGMAPS}?timeoutSeconds=1")
        assert await watch.rest() == []

    run(body())


def test_a_reader_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.apiserver.watchcache._BUFFER", 3)

    async def body() -> None:
        client = Caller(ApiServer())
        watch = await client.watch(CONFIGMAPS)
        await client.create(CONFIGMAPS, config_map("a"))
        await _three_changes(client)
        assert await watch.rest() == []

    run(body())


def test_settle_waits_for_readers() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        watch = await client.watch(CONFIGMAPS)
        await _three(client)
        seen: list[str] = []

        async def read() -> None:
            seen.extend(name for _, name in await watch.take(3))

        reader = asyncio.create_task(read())
        await client.server.settle()
        await reader
        assert seen == ["a", "b", "c"]
        await watch.close()

    run(body())
