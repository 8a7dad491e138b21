"""Which permission a request needs, and the smallest roles that grant what was seen."""

from __future__ import annotations

import pytest

from fairlead.machinery.rbac import Permission, PermissionRecorder, permission, roles
from fairlead.machinery.wire import Request

WATCH = (("watch", "true"),)


@pytest.mark.parametrize(
    ("request_", "needed"),
    [
        (Request("GET", "/api/v1/pods"), ("", "", "pods", "list")),
        (Request("GET", "/api/v1/pods", WATCH), ("", "", "pods", "watch")),
        (Request("GET", "/api/v1/pods", (("watch", "0"),)), ("", "", "pods", "list")),
        (Request("GET", "/api/v1/watch/namespaces/a/pods"), ("a", "", "pods", "watch")),
        (Request("GET", "/api/v1/namespaces/a/pods/x"), ("a", "", "pods", "get")),
        (Request("GET", "/api/v1/namespaces/a/pods/x/log"), ("a", "", "pods/log", "get")),
        (Request("POST", "/api/v1/namespaces/a/pods/x/exec"), ("a", "", "pods/exec", "create")),
        (Request("POST", "/api/v1/namespaces/a/pods/x/eviction"), ("a", "", "pods/eviction", "create")),
        (Request("POST", "/apis/apps/v1/namespaces/a/deployments"), ("a", "apps", "deployments", "create")),
        (Request("PUT", "/apis/apps/v1/namespaces/a/deployments/x"), ("a", "apps", "deployments", "update")),
        (
            Request("PATCH", "/apis/apps/v1/namespaces/a/deployments/x/status"),
            ("a", "apps", "deployments/status", "patch"),
        ),
        (Request("DELETE", "/apis/apps/v1/namespaces/a/deployments/x"), ("a", "apps", "deployments", "delete")),
        (Request("DELETE", "/apis/apps/v1/namespaces/a/deployments"), ("a", "apps", "deployments", "deletecollection")),
        (Request("GET", "/api/v1/namespaces"), ("", "", "namespaces", "list")),
        (Request("GET", "/api/v1/namespaces/a"), ("", "", "namespaces", "get")),
        (Request("PUT", "/api/v1/namespaces/a/finalize"), ("", "", "namespaces/finalize", "update")),
        (Request("GET", "/apis/example.com/v1/things/x%2Fy"), ("", "example.com", "things", "get")),
    ],
)
def test_a_request_needs_what_the_server_would_ask_for(request_: Request, needed: tuple[str, str, str, str]) -> None:
    assert permission(request_) == Permission(*needed)


@pytest.mark.parametrize("subresource", ["exec", "attach", "portforward"])
def test_connections_into_pods_need_create_whatever_they_are_asked_with(subresource: str) -> None:
    path = f"/api/v1/namespaces/a/pods/x/{subresource}"
    recorder = PermissionRecorder()
    recorder.note(Request("GET", path), 101)
    assert recorder.permissions() == [
        Permission("a", "", f"pods/{subresource}", "create"),
        Permission("a", "", f"pods/{subresource}", "get"),
    ]
    recorder = PermissionRecorder()
    recorder.note(Request("POST", path), 101)
    assert recorder.permissions() == [Permission("a", "", f"pods/{subresource}", "create")]


def test_a_log_needs_no_more_than_to_be_read() -> None:
    recorder = PermissionRecorder()
    recorder.note(Request("GET", "/api/v1/namespaces/a/pods/x/log", (("follow", "true"),)), 200)
    assert recorder.permissions() == [Permission("a", "", "pods/log", "get")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/apis",
        "/api/v1",
        "/apis/apps",
        "/apis/apps/v1",
        "/version",
        "/openapi/v3",
        "/healthz",
        "//",
        "/api/v1/",
    ],
)
def test_what_is_no_resource_needs_none(path: str) -> None:
    assert permission(Request("GET", path)) is None


def test_what_everybody_may_ask_needs_none() -> None:
    for name in ("selfsubjectaccessreviews", "selfsubjectrulesreviews"):
        assert permission(Request("POST", f"/apis/authorization.k8s.io/v1/{name}")) is None


def test_a_write_that_makes_the_object_needs_create_too() -> None:
    recorder = PermissionRecorder()
    apply = Request("PATCH", "/api/v1/namespaces/a/configmaps/x")
    recorder.note(apply, 200)
    assert [each.verb for each in recorder.permissions()] == ["patch"]
    recorder.note(apply, 201)
    assert [each.verb for each in recorder.permissions()] == ["create", "patch"]


def test_a_streamed_list_needs_list_too() -> None:
    recorder = PermissionRecorder()
    recorder.note(Request("GET", "/api/v1/pods", (*WATCH, ("sendInitialEvents", "true"))), 200)
    assert [each.verb for each in recorder.permissions()] == ["list", "watch"]


def test_a_refused_request_is_one_that_was_needed() -> None:
    recorder = PermissionRecorder()
    recorder.note(Request("GET", "/api/v1/nodes"), 403)
    assert recorder.roles("x")[0]["rules"] == [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]


def test_roles_are_one_per_place_and_say_nothing_twice() -> None:
    needed = [
        Permission("", "", "pods", "list"),
        Permission("", "", "pods", "watch"),
        Permission("", "", "nodes", "watch"),
        Permission("", "", "nodes", "list"),
        Permission("a", "", "pods", "list"),
        Permission("a", "apps", "deployments", "patch"),
        Permission("a", "apps", "deployments/status", "patch"),
        Permission("a", "apps", "deployments", "create"),
        Permission("b", "", "pods", "watch"),
    ]
    cluster, role = roles(needed, "web")
    assert cluster == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "web"},
        "rules": [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list", "watch"]}],
    }
    assert (role["kind"], role["metadata"]) == ("Role", {"name": "web", "namespace": "a"})
    assert role["rules"] == [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "patch"]},
        {"apiGroups": ["apps"], "resources": ["deployments/status"], "verbs": ["patch"]},
    ]


def test_nothing_needed_is_no_role() -> None:
    assert roles([], "x") == []
