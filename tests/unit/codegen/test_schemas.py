"""Facts of the generated schema files that other rooms depend on."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

import pytest


def read(name: str) -> Any:
    return json.loads(files("fairlead.schemas").joinpath(name).read_text())


def resource(file: str, name: str) -> dict[str, Any]:
    records: list[dict[str, Any]] = read(file)["resources"]
    return next(r for r in records if r["name"] == name)


def prop(file: str, definition: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(file)["schemas"][definition]["properties"][name]
    return found


def test_core_is_preferred_and_newer_versions_come_before_older_ones() -> None:
    order = [(e["group"], e["version"]) for e in read("index.json")["groupVersions"]]
    assert order[0] == ("", "v1")
    assert order.index(("autoscaling", "v2")) < order.index(("autoscaling", "v1"))
    assert {("apiextensions.k8s.io", "v1"), ("apiregistration.k8s.io", "v1")} < set(order)


def test_every_reference_is_found_in_the_file_that_the_index_names() -> None:
    definitions = read("index.json")["definitions"]
    schemas = {name: read(name)["schemas"] for name in set(definitions.values())}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            node = cast("dict[str, Any]", value)
            reference = node.get("$ref")
            if isinstance(reference, str):
                assert reference in schemas[definitions[reference.rpartition(".")[0]]]
            assert "description" not in node or isinstance(node["description"], dict)
            assert "allOf" not in node or isinstance(node["allOf"], dict)
            for child in node.values():
                walk(child)

    for file in schemas.values():
        walk(file)


def test_containers_are_a_map_by_name_and_service_ports_by_port_and_protocol() -> None:
    containers = prop("core.v1.json", "io.k8s.api.core.v1.PodSpec", "containers")
    assert (containers["x-kubernetes-list-type"], containers["x-kubernetes-list-map-keys"]) == ("map", ["name"])
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    ports = prop("core.v1.json", "io.k8s.api.core.v1.ServiceSpec", "ports")
    assert ports["x-kubernetes-list-map-keys"] == ["port", "protocol"]


def test_value_structs_keep_their_default() -> None:
    spec = prop("apps.v1.json", "io.k8s.api.apps.v1.Deployment", "spec")
    assert spec == {"$ref": "io.k8s.api.apps.v1.DeploymentSpec", "default": {}}
    assert prop("core.v1.json", "io.k8s.api.core.v1.ContainerPort", "protocol")["default"] == "TCP"


def test_quantities_and_int_or_strings_are_marked() -> None:
    schemas = read("meta.v1.json")["schemas"]
    assert schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"] == {"format": "quantity"}
    assert schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]["x-kubernetes-int-or-string"] is True


def test_discovery_facts_are_those_of_the_server() -> None:
    deployments = resource("apps.v1.json", "deployments")
    assert deployments["shortNames"] == ["deploy"]
    assert deployments["categories"] == ["all"]
    assert deployments["namespaced"] is True
    assert deployments["singular"] == "deployment"
    assert deployments["storageVersionHash"] == "8aSe+NMegvE="
    scale = next(s for s in deployments["subresources"] if s["name"] == "scale")
    assert scale == {
        "name": "scale",
        "kind": "Scale",
        "group": "autoscaling",
        "version": "v1",
        "verbs": ["get", "patch", "update"],
    }
    assert resource("core.v1.json", "namespaces")["namespaced"] is False


@pytest.mark.parametrize(
    ("file", "name", "label", "selectable"),
    [
        ("core.v1.json", "pods", "spec.nodeName", True),
        ("core.v1.json", "pods", "spec.replicas", False),
        ("core.v1.json", "nodes", "metadata.namespace", False),
        ("core.v1.json", "configmaps", "metadata.namespace", True),
        ("core.v1.json", "events", "involvedObject.uid", True),
        ("events.v1.json", "events", "regarding.uid", True),
        ("apps.v1.json", "replicasets", "status.replicas", False),
        ("batch.v1.json", "jobs", "status.successful", True),
    ],
)
def test_fields_are_selectable_where_the_server_converts_their_labels(
    file: str, name: str, label: str, selectable: bool
) -> None:
    assert (label in resource(file, name)["fieldSelectors"]) is selectable


def test_protobuf_messages_have_json_names_and_embedded_structs_none() -> None:
    messages = read("protobuf.json")
    assert [1, "metadata", "k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta", False] in messages[
        "k8s.io.api.core.v1.Pod"
    ]
    assert [2, "data", "map<string,string>", False] in messages["k8s.io.api.core.v1.ConfigMap"]
    assert [2, "", "k8s.io.api.core.v1.VolumeSource", False] in messages["k8s.io.api.core.v1.Volume"]
    crd = messages["k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"]
    assert {"$ref", "$schema", "x-kubernetes-list-type"} <= {field[1] for field in crd}


def test_every_message_that_a_field_names_is_there() -> None:
    messages = read("protobuf.json")
    for fields in messages.values():
        for _, _, kind, _ in fields:
            inner = kind[4:-1].split(",")[1] if kind.startswith("map<") else kind
            assert "." not in inner or inner in messages
