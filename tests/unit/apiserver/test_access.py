"""Who asks, and what admission functions do with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apiserver.access.who import User, user_of_certificate
from fairlead.apiserver.server import ApiServer
from fairlead.apiserver.webhooks import AdmissionDenied, AdmissionRequest
from fairlead.machinery.wire import Request, Response
from tests.unit.apiserver.core_client import APPLY, CONFIGMAPS, MERGE, Caller, config_map

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
TOKEN_REVIEW = "/apis/authentication.k8s.io/v1/tokenreviews"
ALICE = User("alice", ("team",), "u-1", {"scope": ("a", "b")})


async def _who(server: ApiServer, peer: User | None = None, **headers: str) -> dict[str, Any]:
    fields = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    answer = await server.handle(Request("POST", REVIEW, (), fields, b"{}"), peer=peer)
    assert isinstance(answer, Response)
    document = json.loads(answer.body)
    return document if answer.status >= 400 else document["status"]["userInfo"]


async def test_a_token_is_somebodys() -> None:
    server = ApiServer(tokens={"t1": "root", "t2": ALICE})
    assert (await _who(server))["code"] == 401
    assert (await _who(server, authorization="Bearer t3"))["code"] == 401
    assert (await _who(server, authorization="Basic t1"))["code"] == 401
    root = await _who(server, authorization="Bearer t1")
    assert (root["username"], root["groups"]) == ("root", ["system:masters", "system:authenticated"])
    assert await _who(server, authorization="bearer t2") == {
        "username": "alice",
        "uid": "u-1",
        "groups": ["team", "system:authenticated"],
        "extra": {"scope": ["a", "b"]},
    }


async def test_without_tokens_everybody_is_trusted() -> None:
    assert (await _who(ApiServer()))["username"] == "system:admin"


async def test_a_client_certificate_names_user_and_groups() -> None:
    subject = ((("organizationName", "g1"),), (("organizationName", "g2"),), (("commonName", "bob"),))
    peer = user_of_certificate({"subject": subject})
    assert peer == User("bob", ("g1", "g2"))
    assert (user_of_certificate(None), user_of_certificate({}), user_of_certificate({"subject": subject[:2]})) == (
        None,
    ) * 3
    assert (await _who(ApiServer(tokens={"t": "root"}), peer))["groups"] == ["g1", "g2", "system:authenticated"]


async def test_impersonation_changes_who_asks() -> None:
    server = ApiServer()
    headers = {
        "impersonate_user": "carol",
        "impersonate_group": "g1\ng2",
        "impersonate_uid": "u",
        "impersonate_extra_a%2fB": "x",
    }
    assert await _who(server, **headers) == {
        "username": "carol",
        "uid": "u",
        "groups": ["g1", "g2", "system:authenticated"],
        "extra": {"a/b": ["x"]},
    }
    account = await _who(server, impersonate_user="system:serviceaccount:ns:sa")
    assert account["groups"] == ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"]
    nobody = await _who(server, impersonate_group="g1\ng2", impersonate_extra_foo="u1")
    assert (nobody["code"], nobody["reason"]) == (400, "BadRequest")
    value = '&user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g1", "g2"}, Extra:map[string][]string{"foo":[]string{"u1"}}}'
    assert nobody["message"] == f"requested {value} without impersonating a user name"


async def test_a_service_accounts_token_is_its_own() -> None:
    server = ApiServer(tokens={"t": "root"})
    server.load([{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa", "namespace": "default"}}])
    caller, root = Caller(server), {"authorization": "Bearer t"}
    made = await caller.send("POST", "/api/v1/namespaces/default/serviceaccounts/sa/token", {}, **root)
    token = made["status"]["token"]
    assert (await _who(server, authorization=f"Bearer {token}"))["username"] == "system:serviceaccount:default:sa"
    review = await caller.send("POST", TOKEN_REVIEW, {"spec": {"token": token}}, **root)
    assert review["status"]["authenticated"] is True
    assert review["status"]["user"]["username"] == "system:serviceaccount:default:sa"
    other = await caller.send("POST", TOKEN_REVIEW, {"spec": {"token": "none"}}, **root)
    assert other["status"] == {"user": {}, "error": "invalid bearer token"}
    assert (await caller.send("POST", TOKEN_REVIEW, {"spec": {}}, **root)).code == 400


async def test_a_mutating_function_changes_what_is_stored_and_gets_defaults() -> None:
    server = ApiServer()
    caller = Caller(server)

    def mark(request: AdmissionRequest) -> None:
        assert request.object is not None
        request.object["metadata"].setdefault("labels", {})["by"] = request.user.name.replace(":", "-")
        if request.type.kind == "Service":
            request.object["spec"]["ports"] = [{"port": 80}]

    server.mutating("mark.example.com", mark, kinds=("ConfigMap", "Service"))
    await caller.create(CONFIGMAPS, config_map("a"))
    assert (await caller.send("GET", f"{CONFIGMAPS}/a")).meta["labels"] == {"by": "system-admin"}
    service = await caller.create("/api/v1/namespaces/default/services", {"metadata": {"name": "s"}, "spec": {}})
    assert service["spec"]["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 80}]
    patched = await caller.send("PATCH", f"{CONFIGMAPS}/a", {"metadata": {"labels": None}}, MERGE)
    assert patched.meta["labels"] == {"by": "system-admin"}
    secret = await caller.create("/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}})
    assert "labels" not in secret.meta


async def test_a_mutating_function_may_return_another_object() -> None:
    server = ApiServer()
    server.mutating("swap.example.com", lambda request: {**(request.object or {}), "data": {"x": "y"}})
    assert (await Caller(server).create(CONFIGMAPS, config_map("a")))["data"] == {"x": "y"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "APPLY", "DELETE"])
async def test_a_validating_function_refuses_every_kind_of_write(method: str) -> None:
    server = ApiServer()
    caller, seen = Caller(server), list[tuple[str, bool, bool]]()
    await caller.create(CONFIGMAPS, config_map("a"))

    def refuse(request: AdmissionRequest) -> None:
        seen.append((request.operation, request.object is not None, request.old_object is not None))
        raise AdmissionDenied("not today")

    server.validating("no.example.com", refuse, kinds=("ConfigMap",), operations=("CREATE", "UPDATE", "DELETE"))
    before = server.resource_version
    answer = {
        "POST": lambda: caller.send("POST", CONFIGMAPS, config_map("b")),
        "PUT": lambda: caller.send("PUT", f"{CONFIGMAPS}/a", config_map("a", {"x": "y"})),
        "PATCH": lambda: caller.send("PATCH", f"{CONFIGMAPS}/a", {"data": {"x": "y"}}, MERGE),
        "APPLY": lambda: caller.send(
            "PATCH",
            f"{CONFIGMAPS}/a?fieldManager=m",
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "y"}},
            APPLY,
        ),
        "DELETE": lambda: caller.send("DELETE", f"{CONFIGMAPS}/a"),
    }[method]()
    found = await answer
    assert (found.code, found["reason"]) == (403, "Forbidden")
    assert found["message"] == 'admission webhook "no.example.com" denied the request: not today'
    assert server.resource_version == before
    assert seen == [
        {"POST": ("CREATE", True, False), "DELETE": ("DELETE", False, True)}.get(method, ("UPDATE", True, True))
    ]


async def test_a_function_that_fails_is_named_and_nothing_is_stored() -> None:
    server = ApiServer()
    server.validating("broken.example.com", lambda request: 1 / 0)
    answer = await Caller(server).send("POST", CONFIGMAPS, config_map("a"))
    assert answer.code == 500
    assert 'failed calling webhook "broken.example.com": ZeroDivisionError' in answer["message"]
    assert (await Caller(server).send("GET", f"{CONFIGMAPS}/a")).code == 404


async def test_a_validating_function_cannot_change_the_object_and_may_warn() -> None:
    server = ApiServer()

    def look(request: AdmissionRequest) -> None:
        assert request.object is not None
        request.object["data"] = {"x": "y"}
        request.warnings.append("think again")

    server.validating("look.example.com", look)
    made = await Caller(server).create(CONFIGMAPS, config_map("a"))
    assert ("data" in made.body, made.headers["warning"]) == (False, '299 - "think again"')


async def test_subresources_are_asked_about_only_on_demand() -> None:
    server = ApiServer()
    caller, asked = Caller(server), list[str]()
    server.validating("all.example.com", lambda request: asked.append(request.subresource), subresources=True)
    server.validating("main.example.com", lambda request: asked.append("main"))
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    await caller.create("/api/v1/namespaces", body)
    await caller.send("PATCH", "/api/v1/namespaces/n/status", {"status": {"phase": "Active"}}, MERGE)
    assert asked == ["", "main", "status"]
