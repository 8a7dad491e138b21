"""What happens behind requests: CRDs, namespaces, the garbage collector; and loading."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.apiserver.server import Answering, ApiServer
from fairlead.errors import InvalidObject
from fairlead.machinery.wire import Request, Response, StreamResponse
from tests.unit.apiserver.core_client import (
    CONFIGMAPS,
    DEFINITIONS,
    MERGE,
    STRATEGIC,
    WEBS,
    Caller,
    config_map,
    definition,
    run,
    web,
)


async def _with_webs() -> Caller:
    client = Caller(ApiServer())
    await client.create(DEFINITIONS, definition())
    await client.server.settle()
    return client


def test_a_definition_is_served_soon_after_its_creation() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        made = await client.create(DEFINITIONS, definition())
        assert made["status"]["conditions"] is None
        assert (await client.send("GET", WEBS)).text == "404 page not found\n"
        await client.server.settle()
        found = await client.send("GET", f"{DEFINITIONS}/webs.example.com")
        assert {c["type"]: c["status"] for c in found["status"]["conditions"]} == {
            "NamesAccepted": "True",
            "Established": "True",
        }
        assert (await client.send("GET", WEBS)).meta["continue"] == ""

    run(body())


def test_custom_objects_are_defaulted_pruned_and_validated() -> None:
    async def body() -> None:
        client = await _with_webs()
        made = await client.create(WEBS, {**web("w", other=1), "status": {"ready": 1}})
        assert made["spec"] == {"count": 1, "color": "red"}
        assert "status" not in made.body
        assert made.headers["warning"] == '299 - "unknown field \\"spec.other\\""'
        bad = await client.send("POST", WEBS, web("v", count=0))
        assert bad["message"] == (
            'Web.example.com "v" is invalid: spec.count: Invalid value: 0: '
            "spec.count in body should be greater than or equal to 1"
        )
        assert (await client.send("PUT", f"{WEBS}/w", web("w"))).code == 422
        assert (await client.send("PATCH", f"{WEBS}/w", {}, STRATEGIC)).code == 415
        listed = await client.send("GET", f"{WEBS}?fieldSelector=spec.color%3Dred")
        assert len(listed["items"]) == 1

    run(body())


def test_custom_status_and_scale_are_written_apart() -> None:
    async def body() -> None:
        client = await _with_webs()
        await client.create(WEBS, web("w"))
        change = {"spec": {"count": 9}, "status": {"ready": 2}, "metadata": {"labels": {"a": "b"}}}
        status = await client.send("PATCH", f"{WEBS}/w/status", change, MERGE)
        assert (status["spec"]["count"], status["status"]) == (1, {"ready": 2})
        assert "labels" not in status.meta
        assert status.meta["generation"] == 1
        scaled = await client.send("PATCH", f"{WEBS}/w/scale", {"spec": {"replicas": 4}}, MERGE)
        assert (scaled["spec"]["replicas"], scaled["status"]["replicas"]) == (4, 2)
        assert (await client.send("GET", f"{WEBS}/w")).meta["generation"] == 2

    run(body())


def test_a_deleted_definition_takes_its_objects_and_watches_along() -> None:
    async def body() -> None:
        client = await _with_webs()
        await client.create(WEBS, web("w"))
        await client.create(WEBS, {**web("held"), "metadata": {"name": "held", "finalizers": ["a.b/c"]}})
        watch = await client.watch(f"{WEBS}?resourceVersion={client.server.resource_version}")
        await client.send("DELETE", f"{DEFINITIONS}/webs.example.com")
        client.server.cluster.work()
        assert sorted(await watch.take(2)) == [("DELETED", "w"), ("MODIFIED", "held")]
        refused = await client.send("POST", WEBS, web("x"))
        assert (refused.code, refused["reason"]) == (403, "Forbidden")
        await client.send("PATCH", f"{WEBS}/held", {"metadata": {"finalizers": None}}, MERGE)
        client.server.cluster.work()
        assert [event["type"] for event in await watch.rest()] == ["DELETED"]
        assert (await client.send("GET", WEBS)).text == "404 page not found\n"
        assert (await client.send("GET", f"{DEFINITIONS}/webs.example.com")).code == 404

    run(body())


def test_a_recreated_definition_has_no_history() -> None:
    async def body() -> None:
        client = await _with_webs()
        old = client.server.resource_version
        await client.send("DELETE", f"{DEFINITIONS}/webs.example.com")
        await client.server.settle()
        await client.create(DEFINITIONS, definition())
        await client.server.settle()
        watch = await client.watch(f"{WEBS}?resourceVersion={old}")
        (error,) = await watch.rest()
        assert error["object"]["reason"] == "Expired"

    run(body())


def test_a_changed_definition_ends_its_watches_unless_only_metadata_changes() -> None:
    async def body() -> None:
        client = await _with_webs()
        watch = await client.watch(WEBS)
        path = f"{DEFINITIONS}/webs.example.com"
        await client.send("PATCH", path, {"metadata": {"annotations": {"a": "b"}}}, MERGE)
        await client.server.settle()
        await client.create(WEBS, web("w"))
        assert await watch.take(1) == [("ADDED", "w")]
        await client.send("PATCH", path, {"spec": {"names": {"shortNames": ["wb"]}}}, MERGE)
        await client.server.settle()
        assert await watch.rest() == []

    run(body())


def test_a_namespace_goes_with_all_that_is_in_it() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await client.create("/api/v1/namespaces", {"metadata": {"name": "n"}})
        inside = "/api/v1/namespaces/n/configmaps"
        await client.create(inside, config_map("a"))
        await client.create(inside, config_map("b", finalizers=["x.y/z"]))
        ending = await client.send("DELETE", "/api/v1/namespaces/n")
        assert ending["status"]["phase"] == "Terminating"
        refused = await client.send("POST", inside, config_map("c"))
        assert refused.code == 403
        assert refused["details"]["causes"][0]["reason"] == "NamespaceTerminating"
        await client.server.settle()
        assert (await client.send("GET", f"{inside}/a")).code == 404
        assert (await client.send("GET", "/api/v1/namespaces/n")).code == 200
        await client.send("PATCH", f"{inside}/b", {"metadata": {"finalizers": None}}, MERGE)
        await client.server.settle()
        assert (await client.send("GET", "/api/v1/namespaces/n")).code == 404
        missing = await client.send("POST", inside, config_map("c"))
        assert (missing.code, missing["message"]) == (404, 'namespaces "n" not found')

    run(body())


def _owned(name: str, owner: dict[str, Any], **reference: Any) -> dict[str, Any]:
    ref = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["name"], "uid": owner["uid"], **reference}
    return config_map(name, ownerReferences=[ref])


async def _names(client: Caller) -> list[str]:
    listed = await client.send("GET", CONFIGMAPS)
    return [item["metadata"]["name"] for item in listed["items"]]


def test_dependents_go_after_their_owner() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        owner = await client.create(CONFIGMAPS, config_map("owner"))
        child = await client.create(CONFIGMAPS, _owned("child", owner.meta))
        await client.create(CONFIGMAPS, _owned("grandchild", child.meta))
        await client.send("DELETE", f"{CONFIGMAPS}/owner")
        await client.server.settle()
        assert await _names(client) == []

    run(body())


def test_dependents_go_before_their_owner_in_the_foreground() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        owner = await client.create(CONFIGMAPS, config_map("owner"))
        await client.create(CONFIGMAPS, _owned("child", owner.meta, blockOwnerDeletion=True))
        watch = await client.watch(f"{CONFIGMAPS}?resourceVersion={client.server.resource_version}")
        waiting = await client.send("DELETE", f"{CONFIGMAPS}/owner?propagationPolicy=Foreground")
        assert waiting.meta["finalizers"] == ["foregroundDeletion"]
        client.server.cluster.work()
        assert await watch.take(3) == [("MODIFIED", "owner"), ("DELETED", "child"), ("DELETED", "owner")]
        await watch.close()

    run(body())


def test_orphans_lose_their_reference_and_stay() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        owner = await client.create(CONFIGMAPS, config_map("owner"))
        await client.create(CONFIGMAPS, _owned("child", owner.meta))
        await client.send("DELETE", f"{CONFIGMAPS}/owner?propagationPolicy=Orphan")
        await client.server.settle()
        assert await _names(client) == ["child"]
        assert "ownerReferences" not in (await client.send("GET", f"{CONFIGMAPS}/child")).meta

    run(body())


def test_nothing_is_collected_when_the_collector_is_off_or_an_owner_is_left() -> None:
    async def body() -> None:
        for server, left in (
            (ApiServer(garbage_collection=False), ["child", "other"]),
            (ApiServer(), ["child", "other"]),
        ):
            client = Caller(server)
            owner = await client.create(CONFIGMAPS, config_map("owner"))
            other = await client.create(CONFIGMAPS, config_map("other"))
            child = _owned("child", owner.meta)
            child["metadata"]["ownerReferences"] += _owned("x", other.meta)["metadata"]["ownerReferences"]
            await client.create(CONFIGMAPS, child)
            await client.send("DELETE", f"{CONFIGMAPS}/owner")
            await client.server.settle()
            assert await _names(client) == left

    run(body())


def test_loading_takes_definitions_first_and_makes_namespaces() -> None:
    async def body() -> None:
        server = ApiServer()
        server.load(
            [
                {**web("w"), "metadata": {"name": "w", "namespace": "made", "uid": "u-1"}, "status": {"ready": 1}},
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Running"}},
                definition(),
            ]
        )
        client = Caller(server)
        found = await client.send("GET", "/apis/example.com/v1/namespaces/made/webs/w")
        assert (found.meta["uid"], found["status"], found["spec"]["color"]) == ("u-1", {"ready": 1}, "red")
        assert (await client.send("GET", "/api/v1/namespaces/default/pods/p"))["status"]["phase"] == "Running"
        assert (await client.send("GET", "/api/v1/namespaces/made")).code == 200

    run(body())


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"kind": "Pod", "metadata": {"name": "p"}}, "Pod p cannot be loaded: apiVersion is missing"),
        ({"apiVersion": "a.b/v1", "kind": "X", "metadata": {"name": "p"}}, "no type X in a.b/v1 is served"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "B_"}}, "metadata.name"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}, "data": 3}, "ConfigMap.data"),
    ],
)
def test_a_wrong_object_cannot_be_loaded_and_is_named(document: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        ApiServer().load([document])
    assert said in str(caught.value)


def test_observers_and_middleware_see_requests() -> None:
    async def body() -> None:
        from fairlead.apiserver.wire.answers import document_response

        client = Caller(ApiServer())
        seen: list[str] = []
        client.server.observers.append(lambda request, answer: seen.append(f"{request.method} {answer.status}"))
        await client.send("GET", CONFIGMAPS)

        async def refusing(request: Request, server: Answering) -> Response | StreamResponse:
            return document_response({}, 503) if request.method == "PUT" else await server(request)

        client.server.middleware.append(refusing)
        assert (await client.send("PUT", f"{CONFIGMAPS}/a", {})).code == 503
        assert (await client.send("GET", CONFIGMAPS)).code == 200
        assert seen == ["GET 200", "PUT 503", "GET 200"]

    run(body())


def test_tokens_are_required_when_there_are_any() -> None:
    async def body() -> None:
        client = Caller(ApiServer(tokens={"secret": "admin"}))
        assert (await client.send("GET", CONFIGMAPS)).code == 401
        assert (await client.send("GET", CONFIGMAPS, authorization="Bearer other")).code == 401
        assert (await client.send("GET", CONFIGMAPS, authorization="Bearer secret")).code == 200

    run(body())
