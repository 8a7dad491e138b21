"""Creating, reading, changing and deleting objects."""

from __future__ import annotations

import pytest

from fairlead.apiserver.server import ApiServer
from tests.unit.apiserver.core_client import (
    APPLY,
    CONFIGMAPS,
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    Caller,
    config_map,
    run,
)


def test_a_created_object_has_what_the_server_sets() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        made = await client.create(CONFIGMAPS, config_map("a", {"k": "v"}))
        assert made["kind"] == "ConfigMap"
        assert made["apiVersion"] == "v1"
        assert made.meta["namespace"] == "default"
        assert len(made.meta["uid"]) == 36
        assert made.meta["creationTimestamp"].endswith("Z")
        assert "generation" not in made.meta
        assert made.meta["managedFields"][0]["manager"] == "tester"
        assert (await client.send("GET", f"{CONFIGMAPS}/a")).body == made.body

    run(body())


def test_versions_rise_with_each_write_and_stand_still_without_one() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        first = await client.create(CONFIGMAPS, config_map("a", {"k": "v"}))
        second = await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"k": "w"}}, MERGE)
        same = await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"k": "w"}}, MERGE)
        assert second.rv == first.rv + 1
        assert same.rv == second.rv == int(client.server.resource_version)

    run(body())


def test_what_exists_is_not_created_again_and_what_is_missing_not_found() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await client.create(CONFIGMAPS, config_map("a"))
        again = await client.send("POST", CONFIGMAPS, config_map("a"))
        assert (again.code, again["reason"]) == (409, "AlreadyExists")
        assert again["message"] == 'configmaps "a" already exists'
        missing = await client.send("GET", f"{CONFIGMAPS}/b")
        assert (missing.code, missing["reason"]) == (404, "NotFound")
        assert missing["details"] == {"name": "b", "kind": "configmaps"}
        assert (await client.send("PUT", f"{CONFIGMAPS}/b", config_map("b"))).code == 404

    run(body())


def test_a_stale_update_conflicts_and_one_without_a_version_wins() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        made = await client.create(CONFIGMAPS, config_map("a"))
        await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"x": "1"}}, MERGE)
        stale = await client.send("PUT", f"{CONFIGMAPS}/a", {**made.body, "data": {"y": "1"}})
        assert (stale.code, stale["reason"]) == (409, "Conflict")
        assert "the object has been modified" in stale["message"]
        won = await client.send("PUT", f"{CONFIGMAPS}/a", config_map("a", {"y": "1"}))
        assert won.code == 200
        assert won["data"] == {"y": "1"}
        wrong = await client.send("PUT", f"{CONFIGMAPS}/a", config_map("a", uid="other"))
        assert wrong.code == 409

    run(body())


def test_generated_names_use_the_prefix_and_five_letters() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        names = {
            (await client.create(CONFIGMAPS, {"metadata": {"generateName": "x-"}})).meta["name"] for _ in range(20)
        }
        assert len(names) == 20
        assert all(name.startswith("x-") and len(name) == 7 for name in names)

    run(body())


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (config_map("B_"), 422, "metadata.name"),
        ({"metadata": {}}, 422, "metadata.name"),
        (config_map("a", labels={"x": "-"}), 422, "metadata.labels"),
        (config_map("a", resourceVersion="5"), 500, ""),
        (config_map("a", namespace="other"), 400, ""),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}, 400, ""),
        ({"metadata": {"name": 5}}, 400, ""),
        ({"metadata": {"name": "a"}, "data": {"a": 1}}, 400, ""),
    ],
)
def test_a_wrong_object_is_refused_with_its_field(document: dict[str, object], code: int, field: str) -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        before = client.server.resource_version
        answer = await client.send("POST", CONFIGMAPS, document)
        assert answer.code == code, answer.text
        if field:
            assert answer["details"]["causes"][0]["field"] == field
        assert client.server.resource_version == before

    run(body())


def test_unknown_fields_are_dropped_warned_of_or_refused() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        odd = {**config_map("a"), "foo": 1}
        strict = await client.send("POST", f"{CONFIGMAPS}?fieldValidation=Strict", odd)
        assert strict.code == 400
        assert 'strict decoding error: unknown field "foo"' in strict["message"]
        quiet = await client.send("POST", f"{CONFIGMAPS}?fieldValidation=Ignore", odd)
        assert "warning" not in quiet.headers
        warned = await client.send("PUT", f"{CONFIGMAPS}/a", odd)
        assert warned.headers["warning"] == '299 - "unknown field \\"foo\\""'
        assert "foo" not in warned.body

    run(body())


def test_every_kind_of_patch() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await client.create(CONFIGMAPS, config_map("a", {"k": "v"}))
        path = f"{CONFIGMAPS}/a"
        assert (await client.send("PATCH", path, {"data": {"m": "1"}}, MERGE))["data"] == {"k": "v", "m": "1"}
        assert (await client.send("PATCH", path, {"data": {"m": None}}, STRATEGIC))["data"] == {"k": "v"}
        patch = [{"op": "test", "path": "/data/k", "value": "v"}, {"op": "add", "path": "/data/j", "value": "2"}]
        assert (await client.send("PATCH", path, patch, JSON_PATCH))["data"] == {"k": "v", "j": "2"}
        failed = await client.send("PATCH", path, [{"op": "test", "path": "/data/k", "value": "x"}], JSON_PATCH)
        assert (failed.code, failed["reason"]) == (422, "Invalid")
        assert (await client.send("PATCH", path, {}, "application/json")).code == 415
        assert (await client.send("PATCH", path, b"{", MERGE)).code == 400

    run(body())


def test_apply_creates_conflicts_and_takes_over_with_force() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "1"}}
        path = f"{CONFIGMAPS}/a"
        assert (await client.send("PATCH", path, config, APPLY)).code == 422
        assert (await client.send("PATCH", f"{path}?fieldManager=one", config, APPLY)).code == 201
        other = {**config, "data": {"k": "2"}}
        refused = await client.send("PATCH", f"{path}?fieldManager=two", other, APPLY)
        assert refused.code == 409
        assert refused["details"]["causes"][0] == {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "one"',
            "field": ".data.k",
        }
        forced = await client.send("PATCH", f"{path}?fieldManager=two&force=true", other, APPLY)
        assert forced["data"] == {"k": "2"}
        assert [entry["manager"] for entry in forced.meta["managedFields"]] == ["two"]

    run(body())


def test_a_dry_run_answers_as_if_and_changes_nothing() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        before = client.server.resource_version
        made = await client.send("POST", f"{CONFIGMAPS}?dryRun=All", config_map("a"))
        assert made.code == 201
        assert "resourceVersion" not in made.meta
        assert (await client.send("POST", f"{CONFIGMAPS}?dryRun=x", config_map("a"))).code == 422
        assert client.server.resource_version == before

    run(body())


def test_finalizers_hold_an_object_until_the_last_one_goes() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        path = f"{CONFIGMAPS}/a"
        await client.create(CONFIGMAPS, config_map("a", finalizers=["x.y/z"]))
        marked = await client.send("DELETE", path)
        assert marked.meta["deletionTimestamp"]
        assert marked.meta["deletionGracePeriodSeconds"] == 0
        assert (await client.send("DELETE", path)).rv == marked.rv
        more = await client.send("PATCH", path, {"metadata": {"finalizers": ["x.y/z", "a.b/c"]}}, MERGE)
        assert "no new finalizers can be added if the object is being deleted" in more["message"]
        released = await client.send("PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
        assert released.rv == marked.rv
        assert int(client.server.resource_version) == marked.rv + 1
        assert (await client.send("GET", path)).code == 404

    run(body())


def test_preconditions_of_a_delete() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        made = await client.create(CONFIGMAPS, config_map("a"))
        path = f"{CONFIGMAPS}/a"
        assert (await client.send("DELETE", path, {"preconditions": {"uid": "x"}})).code == 409
        assert (await client.send("DELETE", path, {"preconditions": {"resourceVersion": "1"}})).code == 409
        gone = await client.send("DELETE", path, {"preconditions": {"uid": made.meta["uid"]}})
        assert gone["details"] == {"name": "a", "kind": "configmaps", "uid": made.meta["uid"]}

    run(body())


def test_a_collection_is_deleted_by_selector() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        for name in "abc":
            await client.create(CONFIGMAPS, config_map(name, labels={"n": name}))
        answer = await client.send("DELETE", f"{CONFIGMAPS}?labelSelector=n+in+(a,b)")
        assert [item["metadata"]["name"] for item in answer["items"]] == ["a", "b"]
        left = await client.send("GET", CONFIGMAPS)
        assert [item["metadata"]["name"] for item in left["items"]] == ["c"]

    run(body())


def test_immutable_config_maps_and_secrets_texts() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await client.create(CONFIGMAPS, {**config_map("a", {"k": "v"}), "immutable": True})
        refused = await client.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"k": "w"}}, MERGE)
        assert refused.code == 422
        assert refused["details"]["causes"][0]["field"] == "data"
        secrets = CONFIGMAPS.replace("configmaps", "secrets")
        made = await client.create(secrets, {"metadata": {"name": "s"}, "stringData": {"k": "v"}})
        assert made["data"] == {"k": "dg=="}
        assert made["type"] == "Opaque"
        assert "stringData" not in made.body

    run(body())


def test_generations_count_changes_of_what_is_wanted() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        path = "/apis/apps/v1/namespaces/default/deployments"
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
        spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        made = await client.create(path, {"metadata": {"name": "d"}, "spec": spec, "status": {"replicas": 5}})
        assert made.meta["generation"] == 1
        assert made["status"] == {}
        assert made["spec"]["replicas"] == 1
        assert made["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": "25%"}
        labelled = await client.send("PATCH", f"{path}/d", {"metadata": {"labels": {"x": "y"}}}, MERGE)
        assert labelled.meta["generation"] == 1
        scaled = await client.send("PATCH", f"{path}/d/scale", {"spec": {"replicas": 3}}, MERGE)
        assert scaled["spec"] == {"replicas": 3}
        change = {"status": {"replicas": 3}, "spec": {"replicas": 9}}
        status = await client.send("PATCH", f"{path}/d/status", change, MERGE)
        assert (status.meta["generation"], status["spec"]["replicas"]) == (2, 3)
        assert status["status"]["replicas"] == 3

    run(body())


def test_pods_bind_and_end_gracefully() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        pods = "/api/v1/namespaces/default/pods"
        pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        made = await client.create(pods, pod)
        assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
        assert made["spec"]["containers"][0]["imagePullPolicy"] == "Always"
        target = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"name": "n"}}
        assert (await client.send("POST", f"{pods}/p/binding", target)).code == 201
        ending = await client.send("DELETE", f"{pods}/p")
        assert ending.meta["deletionGracePeriodSeconds"] == 30
        assert (await client.send("GET", f"{pods}/p"))["spec"]["nodeName"] == "n"
        await client.send("DELETE", f"{pods}/p?gracePeriodSeconds=0")
        assert (await client.send("GET", f"{pods}/p")).code == 404

    run(body())


def test_what_is_not_served_is_said_as_the_real_server_does() -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        plain = await client.send("GET", "/apis/nope.example.com/v1/things")
        assert (plain.code, plain.text) == (404, "404 page not found\n")
        status = await client.send("GET", "/api/v1/things")
        assert status["message"] == "the server could not find the requested resource"
        assert (await client.send("PATCH", CONFIGMAPS, {}, MERGE)).code == 405
        assert (await client.send("POST", "/api/v1/configmaps", config_map("a"))).code == 405
        assert (await client.send("POST", CONFIGMAPS, b" " * (3 * 1024 * 1024 + 1))).code == 413

    run(body())
