"""Discovery has the shape that a kube-apiserver 1.37 gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apiserver.described.discovery import respond
from fairlead.apiserver.registry import Registry, ResourceInfo, Subresource
from fairlead.apiserver.statuses import Refusal
from fairlead.machinery.names import ResourceType
from fairlead.machinery.wire import Request, Response

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
WIDGET = ResourceInfo(
    ResourceType("example.com", "v1", "Widget", "widgets"),
    "widget",
    ("wd",),
    ("all", "toys"),
    VERBS,
    (
        Subresource("status", "Widget", "example.com", "v1", ("get", "patch", "update")),
        Subresource("scale", "Scale", "autoscaling", "v1", ("get", "patch", "update")),
    ),
    is_custom=True,
    storage_version_hash="gIwvi5rymmg=",
)


def registry() -> Registry:
    found = Registry()
    found.set_custom("widgets.example.com", [WIDGET])
    return found


def get(path: str, accept: str = "application/json", **query: str) -> Response:
    response = respond(Request("GET", path, tuple(query.items()), {"accept": accept}), registry())
    assert response is not None
    assert response.status == 200
    return response


def document(path: str, accept: str = "application/json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(path, accept).body)
    return found


def test_the_core_group_says_its_versions() -> None:
    found = document("/api")
    assert (found["kind"], found["versions"]) == ("APIVersions", ["v1"])
    assert found["serverAddressByClientCIDRs"][0]["clientCIDR"] == "0.0.0.0/0"


def test_groups_name_their_preferred_version_first() -> None:
    groups = {group["name"]: group for group in document("/apis")["groups"]}
    assert groups["autoscaling"] == {
        "name": "autoscaling",
        "versions": [
            {"groupVersion": "autoscaling/v2", "version": "v2"},
            {"groupVersion": "autoscaling/v1", "version": "v1"},
        ],
        "preferredVersion": {"groupVersion": "autoscaling/v2", "version": "v2"},
    }
    assert list(groups)[:3] == ["apiregistration.k8s.io", "apps", "events.k8s.io"]
    assert list(groups)[-1] == "example.com"
    assert "" not in groups


def test_a_group_is_told_alone() -> None:
    found = document("/apis/apps")
    assert (found["kind"], found["apiVersion"], found["name"]) == ("APIGroup", "v1", "apps")
    assert found["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}


def test_resources_and_subresources_are_listed() -> None:
    found = document("/apis/apps/v1")
    assert (found["kind"], found["apiVersion"], found["groupVersion"]) == ("APIResourceList", "v1", "apps/v1")
    entries = {entry["name"]: entry for entry in found["resources"]}
    verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    assert entries["deployments"] == {
        "name": "deployments",
        "singularName": "deployment",
        "namespaced": True,
        "kind": "Deployment",
        "verbs": verbs,
        "shortNames": ["deploy"],
        "categories": ["all"],
        "storageVersionHash": "8aSe+NMegvE=",
    }
    assert entries["deployments/scale"] == {
        "name": "deployments/scale",
        "singularName": "",
        "namespaced": True,
        "group": "autoscaling",
        "version": "v1",
        "kind": "Scale",
        "verbs": ["get", "patch", "update"],
    }
    assert "group" not in entries["deployments/status"]
    assert "shortNames" not in entries["controllerrevisions"]


def test_the_core_resources_do_not_say_an_api_version() -> None:
    found = document("/api/v1")
    assert (found["kind"], found["groupVersion"]) == ("APIResourceList", "v1")
    assert "apiVersion" not in found


def test_aggregated_discovery_is_given_to_those_who_want_it() -> None:
    response = get("/apis", AGGREGATED)
    assert response.headers["content-type"] == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert response.headers["vary"] == "Accept"
    found = json.loads(response.body)
    assert (found["kind"], found["apiVersion"]) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2")
    groups = {item["metadata"]["name"]: item for item in found["items"]}
    apps = {r["resource"]: r for r in groups["apps"]["versions"][0]["resources"]}
    assert groups["apps"]["versions"][0]["freshness"] == "Current"
    assert apps["deployments"]["responseKind"] == {"group": "", "version": "", "kind": "Deployment"}
    assert apps["deployments"]["scope"] == "Namespaced"
    assert apps["deployments"]["subresources"][0] == {
        "subresource": "scale",
        "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
        "verbs": ["get", "patch", "update"],
    }
    assert groups["example.com"]["versions"][0]["resources"] == [
        {
            "resource": "widgets",
            "responseKind": {"group": "example.com", "version": "v1", "kind": "Widget"},
            "scope": "Namespaced",
            "singularResource": "widget",
            "verbs": list(VERBS),
            "shortNames": ["wd"],
            "categories": ["all", "toys"],
            "subresources": [
                {
                    "subresource": "status",
                    "responseKind": {"group": "example.com", "version": "v1", "kind": "Widget"},
                    "verbs": ["get", "patch", "update"],
                },
                {
                    "subresource": "scale",
                    "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
                    "verbs": ["get", "patch", "update"],
                },
            ],
        }
    ]


def test_aggregated_discovery_of_the_core_group_has_no_name() -> None:
    (item,) = document("/api", AGGREGATED)["items"]
    assert item["metadata"] == {}
    assert [version["version"] for version in item["versions"]] == ["v1"]


def test_plain_discovery_goes_to_those_who_prefer_it() -> None:
    assert document("/apis", "application/json," + AGGREGATED)["kind"] == "APIGroupList"
    only_beta = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
    assert document("/apis", only_beta)["kind"] == "APIGroupList"


def test_unchanged_aggregated_discovery_is_not_sent_again() -> None:
    etag = get("/apis", AGGREGATED).headers["etag"]
    again = respond(Request("GET", "/apis", headers={"accept": AGGREGATED, "if-none-match": etag}), registry())
    assert again is not None
    assert (again.status, again.body) == (304, b"")


def test_the_version_is_the_release_that_is_followed() -> None:
    found = document("/version")
    assert (found["major"], found["minor"], found["gitVersion"]) == ("1", "37", "v1.37.2")
    with pytest.raises(Refusal) as caught:
        respond(Request("POST", "/version"), registry())
    assert caught.value.code == 405


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/etcd", "/healthz/ping"])
def test_the_server_is_well(path: str) -> None:
    response = get(path)
    assert (response.body, response.headers["content-type"]) == (b"ok", "text/plain; charset=utf-8")


def test_health_can_be_told_in_detail() -> None:
    lines = get("/readyz", verbose="", exclude="log").body.decode().splitlines()
    assert lines[:4] == ["[+]ping ok", "[+]log excluded: ok", "[+]etcd ok", "[+]etcd-readiness ok"]
    assert lines[-2:] == ["[+]shutdown ok", "readyz check passed"]
    assert "[+]loopback-serving-certificate ok" in get("/livez", verbose="").body.decode()
    told = get("/healthz", verbose="", exclude="nothing").body.decode()
    assert 'warn: some health checks cannot be excluded: no matches for "nothing"' in told
    assert get("/readyz/poststarthook/rbac/bootstrap-roles").body == b"ok"


def test_the_root_lists_what_there_is() -> None:
    paths = document("/")["paths"]
    assert paths == sorted(paths)
    assert {"/api/v1", "/apis/apps", "/apis/example.com/v1", "/openapi/v3", "/version", "/readyz"} <= set(paths)


@pytest.mark.parametrize(
    "path", ["/apis/nope", "/apis/apps/v9", "/api/v2", "/nope", "/healthz/nope", "/api/v1/pods", "/apis/apps/v1/x"]
)
def test_what_is_not_discovery_is_left_to_others(path: str) -> None:
    assert respond(Request("GET", path), registry()) is None
