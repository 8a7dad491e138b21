from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, SupportsIndex

import pytest

from fairlead.api.caller import Caller
from fairlead.api.direct import Direct
from fairlead.api.endpoint import Endpoint
from fairlead.api.verbs import retry_on_conflict
from fairlead.errors import (
    ConditionNotMet,
    Conflict,
    Forbidden,
    Gone,
    Internal,
    InvalidObject,
    InvalidSelector,
    NotFound,
    TransportError,
)
from fairlead.machinery.dynamic import PartialObject
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Namespace, Secret
from tests.support import virtual
from tests.unit.api.canned import Answer, CannedTransport, Time, refusal, reply

Told = list[tuple[str, bytes | None, str, str]]


def stored(name: str = "a", version: str = "5", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": version}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}


def read(name: str = "a", **more: Any) -> ConfigMap:
    return ConfigMap.from_bytes(json.dumps(stored(name, **more)).encode())


def client(*answers: Answer, told: Told | None = None, namespace: str | None = None) -> tuple[Direct[ConfigMap], Any]:
    def written(resource_type: ResourceType, data: bytes | None, key: str, uid: str) -> None:
        assert told is not None
        told.append((resource_type.plural, data, key, uid))

    transport, time = CannedTransport(*answers), Time()
    caller = Caller(transport, sleep=time.sleep, clock=time.clock)
    end: Endpoint[ConfigMap] = Endpoint(
        caller, ConfigMap.resource_type, ConfigMap.from_bytes, ConfigMap.from_dict, namespace, "me",
        written if told is not None else None,
    )  # fmt: skip
    return Direct(end), transport


# Reading ---------------------------------------------------------------------------------------------------------


async def test_get_asks_for_one_object() -> None:
    configs, transport = client(reply(stored(data={"x": "1"})))
    found = await configs.get("a", "default")
    assert (found.data, found.provenance) == ({"x": "1"}, "read")
    assert str(transport.asked[0]) == "GET /api/v1/namespaces/default/configmaps/a"
    assert transport.asked[0].timeout is not None


async def test_an_error_says_what_was_tried() -> None:
    configs, _ = client(refusal(404, "NotFound", 'configmaps "a" not found'))
    with pytest.raises(NotFound, match=r'get configmaps/v1 default/a: configmaps "a" not found \(404 NotFound\)'):
        await configs.get("a", "default")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a%2fb"])
async def test_a_name_that_would_address_something_else_is_never_sent(name: str) -> None:
    configs, transport = client()
    with pytest.raises(InvalidObject, match="name"):
        await configs.get(name, "default")
    with pytest.raises(InvalidObject, match="name"):
        await configs.delete(name, "default")
    assert transport.asked == []


async def test_a_namespace_comes_from_the_call_the_object_or_the_client_and_else_is_missing() -> None:
    configs, transport = client()
    with pytest.raises(InvalidObject, match=r"ConfigMap a: which namespace\? Give namespace="):
        await configs.get("a")
    with pytest.raises(InvalidObject, match="Namespace"):
        await configs.list("a/b")
    assert transport.asked == []
    configs, transport = client(reply(stored()), namespace="mine")
    await configs.get("a")
    assert transport.asked[0].path == "/api/v1/namespaces/mine/configmaps/a"


async def test_an_answer_that_is_no_object_is_the_connection_s_fault() -> None:
    configs, _ = client(reply(b"<html>"), reply(b"[]"), reply(b"[]"), reply(b"{"))
    with pytest.raises(TransportError, match=r"get configmaps/v1 default/a: the answer is no .*is this an API server"):
        await configs.get("a", "default")
    with pytest.raises(TransportError, match="get configmaps/v1 default/a: the answer is not"):
        await configs.get("a", "default")
    with pytest.raises(TransportError, match="create"):
        await configs.create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")))
    with pytest.raises(TransportError, match="the answer is not a list"):
        await configs.list()


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"{}", b'{"metadata":{}}', b'{"metadata":{"name":"a"},"data":{"x":"\xff"}}',
     b'{"metadata":{"name":"a"},"data":' + b"1" * 5000 + b"}"],
)  # fmt: skip
async def test_a_write_whose_answer_is_no_object_may_have_been_done(body: bytes) -> None:
    mine = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))
    known = ConfigMap(metadata=ObjectMeta(name="a", namespace="default", resource_version="4"))
    told: Told = []
    configs, transport = client(*[reply(body)] * 6, told=told)
    writes: dict[str, Callable[[], Awaitable[Any]]] = {
        "create": lambda: configs.create(mine), "update": lambda: configs.update(known),
        "patch": lambda: configs.patch("a", "default", merge={}), "apply": lambda: configs.apply(mine),
    }  # fmt: skip
    for verb, write in writes.items():
        with pytest.raises(
            TransportError, match=f"^{verb} configmaps/v1 default/a, which may have taken effect .*: the answer"
        ):
            await write()
    with pytest.raises(TransportError, match=r"^create configmaps/v1 default/a: the answer"):
        await configs.create(mine, dry_run=True)
    with pytest.raises(TransportError, match=r"^get configmaps/v1 default/a: the answer"):
        await configs.get("a", "default")
    assert (transport.answers, told) == ([], [])


async def test_a_deletion_and_a_scale_whose_answers_are_none_may_have_been_done() -> None:
    told: Told = []
    configs, _ = client(*[reply(b"[]")] * 4, reply({"metadata": {"deletionTimestamp": "now"}}), told=told)
    asks = {
        "delete": lambda: configs.delete("a", "default"),
        "patch": lambda: configs.scale("a", "default", replicas=1),
    }
    for verb, ask in asks.items():
        with pytest.raises(TransportError, match=f"{verb} configmaps.* default/a, which may have taken effect"):
            await ask()
    for ask in (lambda: configs.delete("a", "default", dry_run=True), lambda: configs.scale("a", "default")):
        with pytest.raises(TransportError, match=r"configmaps.* default/a: the answer"):
            await ask()
    with pytest.raises(TransportError, match=r"delete .*may have taken effect.*without metadata\.name"):
        await configs.delete("a", "default")
    assert told == []


def page(*names: str, token: str = "", version: str = "9") -> Any:
    items = [{"metadata": {"name": name, "namespace": "default"}} for name in names]
    return reply({"kind": "ConfigMapList", "metadata": {"resourceVersion": version, "continue": token}, "items": items})


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
async def test_an_answer_without_end_to_its_nesting_is_the_connection_s_fault_and_an_error_stays_the_error(
    opening: bytes,
) -> None:
    deep = opening * 100_000
    configs, _ = client(reply(deep), reply(deep), reply(deep, 403), reply(deep), told=[])
    for call in (
        configs.list("default"),
        configs.create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))),
    ):
        with pytest.raises(TransportError):
            await call
    with pytest.raises(Forbidden):
        await configs.get("a", "default")
    with pytest.raises(TransportError):
        await configs.scale("a", "default")


async def test_a_list_is_read_page_by_page() -> None:
    configs, transport = client(page("a", "b", token="t/1"), page("c"))
    found = await configs.list("default", labels={"app": "web"}, fields="metadata.name!=x", page_size=2)
    assert [item.name for item in found] == ["a", "b", "c"]
    assert found.resource_version == "9"
    assert found[0].to_dict()["kind"] == "ConfigMap"
    assert transport.asked[0].query == (
        ("labelSelector", "app=web"), ("fieldSelector", "metadata.name!=x"), ("limit", "2"),
    )  # fmt: skip
    assert transport.asked[1].query[-1] == ("continue", "t/1")


async def test_a_list_at_a_version_says_so_on_its_first_page_only() -> None:
    configs, transport = client(page("a", token="t"), page("b"))
    await configs.list(resource_version="7", resource_version_match="Exact")
    assert transport.asked[0].query == (("limit", "500"), ("resourceVersion", "7"), ("resourceVersionMatch", "Exact"))
    assert transport.asked[1].query == (("limit", "500"), ("continue", "t"))


async def test_a_continue_token_that_expired_raises_gone_after_what_was_read() -> None:
    configs, _ = client(page("a", token="t"), refusal(410, "Expired", "The provided continue parameter is too old"))
    pages = configs.iterate(page_size=1)
    assert (await anext(pages)).name == "a"
    with pytest.raises(Gone, match=r"list configmaps/v1: .*too old"):
        await anext(pages)


async def test_a_null_list_is_an_empty_one() -> None:
    configs, _ = client(reply({"kind": "ConfigMapList", "metadata": {}, "items": None}))
    assert await configs.list() == []


async def test_a_selector_that_does_not_parse_is_never_sent() -> None:
    configs, transport = client()
    with pytest.raises(InvalidSelector):
        await configs.list(labels="a=b,,")
    with pytest.raises(InvalidSelector):
        await configs.delete_collection("default", labels="a in b")
    assert transport.asked == []


# Watching --------------------------------------------------------------------------------------------------------


def stream(*events: tuple[str, Any]) -> Any:
    return reply(b"".join(json.dumps({"type": kind, "object": obj}).encode() + b"\n" for kind, obj in events))


async def test_a_watch_gives_events_until_the_stream_ends() -> None:
    configs, transport = client(stream(("ADDED", stored()), ("BOOKMARK", {"metadata": {"resourceVersion": "12"}})))
    events = [
        event
        async for event in configs.watch("default", resource_version="3", timeout=60, bookmarks=True, labels="a=b")
    ]
    assert [(event.type, event.object.resource_version) for event in events] == [("ADDED", "5"), ("BOOKMARK", "12")]
    assert transport.asked[0].query == (
        ("labelSelector", "a=b"), ("watch", "true"), ("resourceVersion", "3"), ("timeoutSeconds", "60"),
        ("allowWatchBookmarks", "true"),
    )  # fmt: skip
    assert transport.streams[0].closed


async def test_an_error_event_is_raised_and_the_stream_closed() -> None:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (253)"}
    configs, transport = client(stream(("ADDED", stored()), ("ERROR", status)))
    events = configs.watch(send_initial_events=True)
    assert (await anext(events)).type == "ADDED"
    with pytest.raises(Gone, match="watch configmaps/v1: too old resource version"):
        await anext(events)
    assert transport.streams[0].closed
    assert ("resourceVersionMatch", "NotOlderThan") in transport.asked[0].query


async def test_a_broken_line_is_the_connection_s_fault() -> None:
    configs, _ = client(reply(b'{"type":"ADDED","obj'))
    with pytest.raises(TransportError, match="a line of the stream is no event"):
        async for _event in configs.watch():
            pass


# Writing ---------------------------------------------------------------------------------------------------------


async def test_writes_return_a_new_object_and_tell_of_it() -> None:
    told: Told = []
    configs, transport = client(reply(stored(data={"x": "1"}), 201), told=told)
    mine = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"), data={"x": "1"})
    before = mine.to_bytes()
    made = await configs.create(mine, validation="Strict")
    assert (made.uid, mine.to_bytes()) == ("uid-a", before)
    (request,) = transport.asked
    assert (request.method, request.path) == ("POST", "/api/v1/namespaces/default/configmaps")
    assert request.query == (("fieldManager", "me"), ("fieldValidation", "Strict"))
    assert request.headers["content-type"] == "application/json"
    assert told == [("configmaps", made.to_bytes(), "default/a", "uid-a")]


async def test_a_dry_run_tells_nobody() -> None:
    told: Told = []
    configs, transport = client(reply(stored()), reply(stored()), reply({"kind": "Status"}), told=told)
    await configs.create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")), dry_run=True)
    await configs.update(read(), dry_run=True, field_manager="you")
    assert await configs.delete("a", "default", dry_run=True) is None
    assert told == []
    assert transport.asked[1].query == (("fieldManager", "you"), ("dryRun", "All"))
    assert json.loads(transport.asked[2].body)["dryRun"] == ["All"]


async def test_a_create_needs_a_name_or_a_prefix_and_no_version() -> None:
    configs, transport = client(reply(stored("made-x")))
    with pytest.raises(InvalidObject, match=r"set metadata\.name or metadata\.generate_name"):
        await configs.create(ConfigMap())
    with pytest.raises(InvalidObject, match="create configmaps/v1 default/a: it has a resourceVersion"):
        await configs.create(read())
    made = await configs.create(ConfigMap(metadata=ObjectMeta(generate_name="made-", namespace="default")))
    assert made.name == "made-x"
    assert len(transport.asked) == 1


async def test_an_object_of_another_type_is_never_sent() -> None:
    configs, transport = client()
    with pytest.raises(InvalidObject, match="v1 Secret default/a given to a client of v1 ConfigMap"):
        await configs.create(Secret(metadata=ObjectMeta(name="a", namespace="default")))  # type: ignore[arg-type]
    assert transport.asked == []


async def test_an_update_needs_a_version_and_a_whole_object() -> None:
    configs, transport = client()
    with pytest.raises(InvalidObject, match="update configmaps/v1 default/a: no resourceVersion"):
        await configs.update(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")))
    for origin in ("metadata-only", "transformed"):
        partial = ConfigMap.from_bytes(read().to_bytes(), origin=origin)
        for verb in (configs.update, configs.update_status, configs.create_or_update):
            with pytest.raises(InvalidObject, match=f"this object is {origin}, and what it lacks would be deleted"):
                await verb(partial)
    with pytest.raises(InvalidObject, match="metadata-only"):
        await configs.update(PartialObject.from_bytes(read().to_bytes(), resource_type=ConfigMap.resource_type))  # type: ignore[arg-type]
    assert transport.asked == []


async def test_unknown_fields_are_in_the_body_of_an_update() -> None:
    configs, transport = client(reply(stored()))
    mine = read(future={"deep": [1, None]}, data={"x": "1"})
    mine.data["x"] = "2"
    await configs.update(mine)
    body = json.loads(transport.asked[0].body)
    assert (body["future"], body["data"]) == ({"deep": [1, None]}, {"x": "2"})
    assert transport.asked[0].method == "PUT"


async def test_a_status_is_written_to_its_subresource() -> None:
    configs, transport = client(reply(stored()), reply(stored()), reply(stored()))
    await configs.update_status(read())
    await configs.patch_status("a", "default", merge={"status": {}})
    await configs.apply_status(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")))
    assert [request.path.rpartition("/")[2] for request in transport.asked] == ["status"] * 3


@pytest.mark.parametrize(
    ("given", "content_type"),
    [
        ({"merge": {"data": {}}}, "application/merge-patch+json"),
        ({"strategic": {"data": {}}}, "application/strategic-merge-patch+json"),
        ({"json": [{"op": "remove", "path": "/data"}]}, "application/json-patch+json"),
    ],
)
async def test_patches_are_sent_in_their_format(given: Any, content_type: str) -> None:
    configs, transport = client(reply(stored()))
    await configs.patch("a", "default", **given)
    assert transport.asked[0].headers["content-type"] == content_type
    assert json.loads(transport.asked[0].body) == next(iter(given.values()))


async def test_an_object_in_place_of_a_name_is_one_of_the_type_and_nothing_else_is() -> None:
    configs, transport = client(reply(stored()), reply({"spec": {"replicas": 4}}))
    with pytest.raises(
        InvalidObject, match=r"default/a: give exactly one of .*update\(\) or apply\(\) write an object"
    ):
        await configs.patch(read())
    await configs.patch(read(), merge={})
    await configs.scale(read(), "other")
    path = "/api/v1/namespaces/default/configmaps/a"
    assert [request.path for request in transport.asked] == [path, f"{path}/scale"]
    asks: list[Callable[[Any], Awaitable[Any]]] = [
        configs.get, configs.live, configs.delete, configs.wait_for, configs.scale, lambda it: configs.patch(it, merge={}),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(InvalidObject, match=r"v1 Secret default/a given to a client of v1 ConfigMap"):
            await ask(Secret(metadata=ObjectMeta(name="a", namespace="default")))
        for wrong in (None, 3, stored()):
            with pytest.raises(InvalidObject, match=r"is no name: give a name and a namespace, an object, or its key"):
                await ask(wrong)


async def test_a_patch_is_of_exactly_one_format() -> None:
    configs, transport = client()
    for given in ({}, {"merge": {}, "json": []}):
        with pytest.raises(InvalidObject, match="give exactly one of merge=, strategic= and json="):
            await configs.patch("a", "default", **given)  # type: ignore[arg-type]
    merge: Any
    for merge in ({"data": object()}, read()):
        with pytest.raises(InvalidObject, match="patch configmaps/v1 default/a: cannot be written as JSON"):
            await configs.patch("a", "default", merge=merge)
    assert transport.asked == []


async def test_apply_sends_what_was_made_and_refuses_what_was_read() -> None:
    configs, transport = client(reply(stored()))
    with pytest.raises(InvalidObject, match="this object was read from the server"):
        await configs.apply(read())
    mine = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"), data={"x": "1"})
    await configs.apply(mine, field_manager="you", force=True, dry_run=True)
    (request,) = transport.asked
    assert request.headers["content-type"] == "application/apply-patch+yaml"
    assert request.query == (("fieldManager", "you"), ("dryRun", "All"), ("force", "true"))
    assert json.loads(request.body) == mine.to_dict()


BROKEN = refusal(500, "InternalError")
Verb = Callable[[Direct[ConfigMap]], Awaitable[object]]
NEW = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))


@pytest.mark.parametrize(
    ("verb", "attempts"),
    [
        (lambda c: c.get("a", "default"), 5),
        (lambda c: c.list(), 5),
        (lambda c: c.update(read()), 5),
        (lambda c: c.patch("a", "default", merge={"metadata": {"resourceVersion": "5"}}), 5),
        (
            lambda c: c.patch(
                "a", "default", json=[{"op": "test", "path": "/metadata/uid", "value": "u"}, {"op": "remove", "path": "/data"}]
            ),
            5,
        ),
        (lambda c: c.delete("a", "default", uid="u"), 5),
        (lambda c: c.delete(read()), 5),
        (lambda c: c.create(NEW), 1),
        (lambda c: c.patch("a", "default", merge={"data": {}}), 1),
        (lambda c: c.apply(NEW), 1),
        (lambda c: c.delete("a", "default"), 1),
        (lambda c: c.delete_collection("default"), 1),
        (lambda c: c.scale("a", "default", replicas=1), 1),
    ],
)  # fmt: skip
async def test_only_what_cannot_take_effect_twice_is_tried_again_after_a_server_error(
    verb: Verb, attempts: int
) -> None:
    configs, transport = client(*[BROKEN] * attempts)
    with pytest.raises(Internal):
        await verb(configs)
    assert len(transport.asked) == attempts


# Deleting --------------------------------------------------------------------------------------------------------


async def test_delete_sends_its_options_in_the_body() -> None:
    told: Told = []
    gone = {"kind": "Status", "status": "Success", "details": {"name": "a", "uid": "u"}}
    configs, transport = client(reply(gone), told=told)
    assert (
        await configs.delete("a", "default", uid="u", resource_version="5", propagation="Orphan", grace_period=0)
        is None
    )
    assert json.loads(transport.asked[0].body) == {
        "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0, "propagationPolicy": "Orphan",
        "preconditions": {"uid": "u", "resourceVersion": "5"},
    }  # fmt: skip
    assert told == [("configmaps", None, "default/a", "u")]


async def test_deleting_an_object_means_that_very_one() -> None:
    configs, transport = client(reply({"kind": "Status"}))
    await configs.delete(read())
    assert transport.asked[0].path == "/api/v1/namespaces/default/configmaps/a"
    assert json.loads(transport.asked[0].body)["preconditions"] == {"uid": "uid-a"}


async def test_delete_returns_an_object_that_finalizers_hold() -> None:
    told: Told = []
    held = stored()
    held["metadata"] |= {"deletionTimestamp": "2026-01-31T12:00:00Z", "finalizers": ["x/y"]}
    going = stored()
    configs, _ = client(reply(held), reply(going), told=told)
    found = await configs.delete("a", "default")
    assert found is not None
    assert found.metadata.finalizers == ["x/y"]
    assert await configs.delete("a", "default") is None
    assert [(data is None, uid) for _, data, _, uid in told] == [(False, "uid-a"), (True, "uid-a")]


async def test_delete_collection_selects() -> None:
    configs, transport = client(reply({"kind": "ConfigMapList"}))
    await configs.delete_collection("default", labels={"app": "web"}, fields="metadata.name=a")
    assert str(transport.asked[0]) == (
        "DELETE /api/v1/namespaces/default/configmaps?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Da"
    )


async def test_scale_reads_and_sets_replicas() -> None:
    configs, transport = client(reply({"spec": {"replicas": 3}}), reply({"spec": {"replicas": 4}}), reply(b"{"))
    assert await configs.scale("a", "default") == 3
    assert await configs.scale("a", "default", replicas=4) == 4
    assert [request.method for request in transport.asked] == ["GET", "PATCH"]
    assert json.loads(transport.asked[1].body) == {"spec": {"replicas": 4}}
    with pytest.raises(TransportError, match="get configmaps/v1/scale default/a"):
        await configs.scale("a", "default")


async def test_cluster_scoped_objects_need_no_namespace() -> None:
    transport = CannedTransport(reply({"kind": "Namespace", "metadata": {"name": "a"}}))
    namespaces: Direct[Namespace] = Direct(
        Endpoint(Caller(transport), Namespace.resource_type, Namespace.from_bytes, Namespace.from_dict)
    )
    await namespaces.create(Namespace(metadata=ObjectMeta(name="a")))
    assert transport.asked[0].path == "/api/v1/namespaces"


# Compositions ----------------------------------------------------------------------------------------------------

EXISTS = refusal(409, "AlreadyExists")
STALE = refusal(409, "Conflict")


async def test_create_or_update_puts_the_caller_s_object_at_the_live_version_until_it_fits() -> None:
    configs, transport = client(
        EXISTS, reply(stored(version="7")), STALE, reply(stored(version="8")), reply(stored(version="9"))
    )
    mine = read(version="1", data={"x": "1"})
    before = mine.to_bytes()
    assert (await configs.create_or_update(mine)).resource_version == "9"
    assert [request.method for request in transport.asked] == ["POST", "GET", "PUT", "GET", "PUT"]
    sent = [json.loads(request.body)["metadata"] for request in transport.asked if request.body]
    assert [metadata.get("resourceVersion") for metadata in sent] == [None, "7", "8"]
    assert all("uid" not in metadata for metadata in sent)
    assert mine.to_bytes() == before


async def test_create_or_update_creates_again_what_was_deleted_in_between() -> None:
    configs, transport = client(EXISTS, refusal(404, "NotFound"), reply(stored(), 201))
    assert (await configs.create_or_update(NEW)).uid == "uid-a"
    assert [request.method for request in transport.asked] == ["POST", "GET", "POST"]


async def test_create_or_update_status_writes_both() -> None:
    configs, transport = client(reply(stored()), reply(stored(version="6")), reply(stored(version="7")))
    assert (await configs.create_or_update_status(NEW)).resource_version == "7"
    assert transport.asked[-1].path.endswith("/configmaps/a/status")
    assert json.loads(transport.asked[-1].body)["metadata"]["resourceVersion"] == "6"


async def test_get_or_create_gives_the_live_object_whoever_made_it() -> None:
    configs, _ = client(reply(stored(version="3")))
    assert (await configs.get_or_create(NEW)).resource_version == "3"
    configs, _ = client(refusal(404, "NotFound"), EXISTS, reply(stored(version="4")))
    assert (await configs.get_or_create(NEW)).resource_version == "4"
    configs, _ = client(refusal(404, "NotFound"), refusal(404, "NotFound", 'namespaces "default" not found'))
    with pytest.raises(NotFound, match="namespaces"):
        await configs.get_or_create(NEW)


async def test_retry_on_conflict_gives_up_with_the_last_conflict() -> None:
    configs, transport = client(*[STALE] * 3)
    with pytest.raises(Conflict):
        await retry_on_conflict(lambda: configs.update(read()), attempts=3)
    assert len(transport.asked) == 3
    with pytest.raises(ValueError, match="at least 1"):
        await retry_on_conflict(lambda: configs.update(read()), attempts=0)


@pytest.mark.parametrize(
    "end", [b"", b'{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n'], ids=["end", "410"]
)
def test_waiting_at_a_server_that_ends_each_watch_at_once_asks_it_twice_a_second(end: bytes) -> None:
    async def work() -> int:
        configs, transport = client()

        class Endless(list[Answer]):
            def pop(self, _index: SupportsIndex = -1, /) -> Answer:
                return reply(end) if dict(transport.asked[-1].query).get("watch") else page("a")

        transport.answers = Endless()
        with pytest.raises(ConditionNotMet):
            await configs.wait_for("a", "default", lambda found: False, timeout=60.0)
        return len(transport.asked)

    assert 120 <= virtual.run(work()) <= 2 * 140
