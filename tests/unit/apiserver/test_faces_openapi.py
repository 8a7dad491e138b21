"""OpenAPI documents: what kubectl reads out of them before it sends something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apiserver.described.openapi import respond
from fairlead.apiserver.registry import Registry, ResourceInfo, Subresource
from fairlead.machinery.names import ResourceType
from fairlead.machinery.schema.registry import from_crd
from fairlead.machinery.wire import Request, Response

VERBS = ("create", "delete", "get", "list", "patch", "update", "watch")
STRATEGIC = "application/strategic-merge-patch+json"
DEPLOYMENT = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
WIDGET = "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"


def widgets(size: str = "integer") -> ResourceInfo:
    schema = from_crd(
        {
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "required": ["size"],
                    "properties": {
                        "size": {"type": size, "default": 3},
                        "port": {
                            "x-kubernetes-int-or-string": True,
                            "anyOf": [{"type": "integer"}, {"type": "string"}],
                        },
                    },
                }
            },
        }
    )
    scale = Subresource("scale", "Scale", "autoscaling", "v1", ("get", "patch", "update"))
    kind = ResourceType("example.com", "v1", "Widget", "widgets")
    return ResourceInfo(kind, "widget", verbs=VERBS, subresources=(scale,), is_custom=True, load_schema=lambda: schema)


def registry(info: ResourceInfo | None = None) -> Registry:
    found = Registry()
    found.set_custom("widgets.example.com", [info or widgets()])
    return found


def ask(path: str, served: Registry | None = None, **headers: str) -> Response:
    target, _, query = path.partition("?")
    pairs = tuple((key, value) for key, _, value in (pair.partition("=") for pair in query.split("&")) if key)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    response = respond(Request("GET", target, pairs, named), served or registry())
    assert response is not None
    return response


def document(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(path).body)
    return found


def refs(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(refs(value) for value in node.values()))
    return set[str]().union(*(refs(entry) for entry in node)) if isinstance(node, list) else set()


def test_the_index_names_every_group_version_with_its_hash() -> None:
    paths = document("/openapi/v3")["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/example.com/v1"} <= set(paths)
    url = paths["apis/apps/v1"]["serverRelativeURL"]
    assert url.startswith("/openapi/v3/apis/apps/v1?hash=")
    response = ask(url)
    assert (response.status, response.headers["cache-control"]) == (200, "public, immutable")


def test_an_old_hash_leads_to_the_present_document() -> None:
    response = ask("/openapi/v3/apis/apps/v1?hash=OLD")
    assert response.status == 301
    assert ask(response.headers["location"]).status == 200


def test_a_hash_changes_with_the_schema_alone() -> None:
    etags = [
        ask("/openapi/v3/apis/example.com/v1", registry(widgets(size))).headers["etag"]
        for size in ("integer", "integer", "number")
    ]
    assert etags[0] == etags[1] != etags[2]
    same = ask("/openapi/v3/apis/example.com/v1", if_none_match=etags[0])
    assert (same.status, same.body) == (304, b"")


@pytest.mark.parametrize("path", ["/openapi/v2/", "/openapi", "/nope"])
def test_other_paths_are_left_to_others(path: str) -> None:
    assert respond(Request("GET", path), registry()) is None


@pytest.mark.parametrize("path", ["/openapi/v3/apis/nope/v1", "/openapi/v3/api/v2", "/openapi/v3/apis/v1"])
def test_documents_that_there_are_not_are_not_found(path: str) -> None:
    assert ask(path).status == 404


def test_documents_of_the_third_version_are_json_only() -> None:
    accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
    refused = ask("/openapi/v3/api/v1", accept=accept)
    assert (refused.status, refused.body) == (406, b"")
    assert ask("/openapi/v3/api/v1", accept=f"{accept}, application/json").status == 200


@pytest.mark.parametrize("sign", ["@", "."])
def test_the_second_version_is_given_as_protobuf_too(sign: str) -> None:
    accept = f"application/com.github.proto-openapi.spec.v2{sign}v1.0+protobuf"
    found = ask("/openapi/v2", accept=accept)
    assert found.headers["content-type"] == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    assert found.body.startswith(b"\n\x032.0\x12")
    assert b"io.k8s.api.core.v1.ConfigMap" in found.body
    assert ask("/openapi/v2", accept=accept, if_none_match=found.headers["etag"]).status == 304
    assert ask("/openapi/v2", accept="text/html").status == 406


def test_kubectl_sees_what_a_patch_may_ask_for() -> None:
    patch = document("/openapi/v3/apis/apps/v1")["paths"][DEPLOYMENT]["patch"]
    assert {"dryRun", "fieldManager", "fieldValidation", "force"} == {p["name"] for p in patch["parameters"]}
    assert all(parameter["in"] == "query" for parameter in patch["parameters"])
    assert patch["x-kubernetes-action"] == "patch"
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert STRATEGIC in patch["requestBody"]["content"]


def test_custom_types_have_no_strategic_patch() -> None:
    patch = document("/openapi/v3/apis/example.com/v1")["paths"][WIDGET]["patch"]
    assert STRATEGIC not in patch["requestBody"]["content"]
    assert "application/apply-patch+yaml" in patch["requestBody"]["content"]
    assert "fieldValidation" in {parameter["name"] for parameter in patch["parameters"]}


def test_schemas_keep_what_merging_goes_by() -> None:
    schemas = document("/openapi/v3/api/v1")["components"]["schemas"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-patch-strategy"] == "merge"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]
    assert containers["items"] == {"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"}
    quantity = schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"]
    assert quantity == {"oneOf": [{"type": "string"}, {"type": "number"}]}


def test_a_custom_type_is_described_by_its_own_schema() -> None:
    found = document("/openapi/v3/apis/example.com/v1")
    widget = found["components"]["schemas"]["com.example.v1.Widget"]
    assert widget["x-kubernetes-group-version-kind"] == [{"group": "example.com", "version": "v1", "kind": "Widget"}]
    assert widget["properties"]["spec"]["properties"]["size"] == {"type": "integer", "default": 3}
    assert widget["properties"]["spec"]["properties"]["port"]["x-kubernetes-int-or-string"] is True
    assert widget["properties"]["metadata"] == {
        "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]
    }
    listed = found["components"]["schemas"]["com.example.v1.WidgetList"]["properties"]["items"]
    assert listed["items"] == {"$ref": "#/components/schemas/com.example.v1.Widget"}
    scale = found["paths"][f"{WIDGET}/scale"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert scale == {"$ref": "#/components/schemas/io.k8s.api.autoscaling.v1.Scale"}


def test_every_reference_leads_somewhere() -> None:
    for key in document("/openapi/v3")["paths"]:
        found = document(f"/openapi/v3/{key}")
        defined = {f"#/components/schemas/{name}" for name in found["components"].get("schemas", ())}
        assert refs(found) <= defined
    found = document("/openapi/v2")
    assert refs(found) <= {f"#/definitions/{name}" for name in found["definitions"]}


def test_the_older_document_holds_all_groups() -> None:
    found = document("/openapi/v2")
    assert found["swagger"] == "2.0"
    assert {"io.k8s.api.apps.v1.Deployment", "com.example.v1.Widget"} <= set(found["definitions"])
    patch = found["paths"][DEPLOYMENT]["patch"]
    assert STRATEGIC in patch["consumes"]
    assert {parameter["in"] for parameter in patch["parameters"]} == {"query", "body"}
    port = found["definitions"]["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]
    assert port == {"type": "string", "format": "int-or-string"}


def test_operations_are_called_as_clients_are_generated_from_them() -> None:
    paths = document("/openapi/v3/apis/apps/v1")["paths"]
    named = {item[method]["operationId"] for item in paths.values() for method in item if method != "parameters"}
    assert {
        "getAppsV1APIResources",
        "listAppsV1DeploymentForAllNamespaces",
        "listAppsV1NamespacedDeployment",
        "watchAppsV1NamespacedDeploymentList",
        "deleteAppsV1CollectionNamespacedDeployment",
        "replaceAppsV1NamespacedDeploymentScale",
    } <= named
    core = document("/openapi/v3/api/v1")["paths"]
    assert core["/api/v1/nodes/{name}/proxy/{path}"]["head"]["operationId"] == "connectCoreV1HeadNodeProxyWithPath"
    assert core["/api/v1/namespaces/{namespace}/pods/{name}/log"]["get"]["tags"] == ["core_v1"]


def test_parameters_of_all_operations_are_those_of_the_path() -> None:
    item = document("/openapi/v3/apis/apps/v1")["paths"]["/apis/apps/v1/deployments"]
    assert "parameters" not in item["get"]
    assert {"pretty", "watch", "shardSelector"} <= {parameter["name"] for parameter in item["parameters"]}


def test_answers_say_what_comes_back() -> None:
    deletion = document("/openapi/v3/api/v1")["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"]["delete"]
    assert set(deletion["responses"]) == {"200", "202", "401"}
    given = deletion["responses"]["200"]["content"]["application/vnd.kubernetes.protobuf"]["schema"]
    assert given == {"$ref": "#/components/schemas/io.k8s.api.core.v1.Pod"}
    assert "required" not in deletion["requestBody"]


def test_values_that_a_field_may_have_are_listed() -> None:
    schemas = document("/openapi/v3/apis/apps/v1")["components"]["schemas"]
    assert schemas["io.k8s.api.apps.v1.DeploymentStrategy"]["properties"]["type"] == {
        "type": "string",
        "enum": ["Recreate", "RollingUpdate"],
    }
    rules = document("/openapi/v3/apis/admissionregistration.k8s.io/v1")["components"]["schemas"]
    operations = rules["io.k8s.api.admissionregistration.v1.RuleWithOperations"]["properties"]["operations"]
    assert "CREATE" in operations["items"]["enum"]


def test_the_older_document_says_of_custom_types_what_it_can() -> None:
    widget = document("/openapi/v2")["definitions"]["com.example.v1.Widget"]["properties"]
    assert widget["metadata"] == {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    assert widget["spec"]["properties"] == {
        "size": {"type": "integer"},
        "port": {"x-kubernetes-int-or-string": True},
    }


def test_shared_kinds_are_told_for_the_documents_group() -> None:
    name = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
    kinds = document("/openapi/v3/apis/apps/v1")["components"]["schemas"][name]["x-kubernetes-group-version-kind"]
    assert [(kind["group"], kind["version"]) for kind in kinds] == [("", "v1"), ("apps", "v1")]
