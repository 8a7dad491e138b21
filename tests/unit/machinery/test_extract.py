from __future__ import annotations

from typing import Any

import pytest

from fairlead.apiserver.server import ApiServer
from fairlead.client.client import Client
from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import DynamicResource, dynamic_type
from fairlead.machinery.extract import extract
from fairlead.machinery.objects import ObjectMeta
from fairlead.models.apps.v1 import Deployment
from fairlead.transport.in_process import InProcessTransport


def config(image: str, *, replicas: int | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {"name": "web", "image": image, "ports": [{"containerPort": 80, "protocol": "TCP"}]},
                ],
            },
        },
    }  # fmt: skip
    if replicas is not None:
        spec["replicas"] = replicas
    metadata = {"name": "web", "namespace": "default", "finalizers": ["example.com/a"], "labels": {"team": "x"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


async def test_what_was_applied_is_extracted_changed_and_applied_again() -> None:
    server = ApiServer()
    async with Client(transport=InProcessTransport(server)) as client:
        deployments = client.direct(Deployment)
        mine = Deployment.from_dict(config("i:1"))
        await deployments.apply(mine, field_manager="me")
        await deployments.patch(
            "web", "default", merge={"metadata": {"labels": {"other": "y"}}, "spec": {"replicas": 3}}
        )
        live = await deployments.get("web", "default")
        again = extract(live, "me")
        assert again == mine
        assert again.provenance == ""
        again.spec.template.spec.containers[0].image = "i:2"
        after = await deployments.apply(again, field_manager="me")
        assert (after.spec.replicas, after.metadata.labels) == (3, {"team": "x", "other": "y"})
        assert after.spec.template.spec.containers[0].image == "i:2"
        assert extract(live, "nobody").to_dict() == {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        }  # fmt: skip
    await server.close()


def test_sets_empty_maps_and_whole_values_are_told_apart() -> None:
    fields = {
        "f:metadata": {"f:finalizers": {".": {}, 'v:"b"': {}}, "f:labels": {".": {}}},
        "f:spec": {
            "f:atomic": {},
            "f:items": {'k:{"name":"x"}': {".": {}, "f:name": {}}, 'k:{"name":"gone"}': {".": {}}},
            "f:empty": {".": {}},
            "f:absent": {},
        },
    }
    entry = {"manager": "me", "operation": "Apply", "fieldsV1": fields}
    widget = DynamicResource(
        dynamic_type("example.com/v1", "Widget"),
        {
            "metadata": {"name": "w", "finalizers": ["a", "b"], "labels": {"a": "1"}, "managedFields": [entry]},
            "spec": {
                "atomic": {"a": [1, {"b": 2}]},
                "items": [{"name": "y", "z": 1}, {"name": "x", "z": 2}, "odd"],
                "empty": [1],
                "other": 1,
            },
        },
    )
    assert extract(widget, "me").to_dict() == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "finalizers": ["b"]},
        "spec": {"atomic": {"a": [1, {"b": 2}]}, "items": [{"name": "x"}], "empty": []},
    }
    assert "status" not in extract(widget, "me", subresource="status").to_dict()


def test_an_object_without_managed_fields_cannot_tell() -> None:
    with pytest.raises(InvalidObject, match="Deployment default/a: it has no managedFields"):
        extract(Deployment(metadata=ObjectMeta(name="a", namespace="default")), "me")
