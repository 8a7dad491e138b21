"""What objects keep and what they hide."""

from __future__ import annotations

import base64
from typing import Any

from fairlead import ObjectMeta, Resource, Struct, field, part
from fairlead.models.core.v1 import Secret
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


class Wheel(Struct):
    name: str
    size: int = 0


class CarSpec(Struct):
    doors: int = 0
    wheels: list[Wheel] = field(default_factory=list)


def car_class(cluster: Cluster) -> Any:
    class Car(Resource, api_version=f"c{cluster.unique}.example.com/v1", kind="Car"):
        spec: CarSpec = part(default_factory=CarSpec)

    return Car


@requirement("direct:objects:unknown-fields-survive")
async def test_unknown_fields_survive_an_update(cluster: Cluster):
    cls = car_class(cluster)
    await cluster.serve(cls, keep_unknown=True)
    direct = cluster.client.direct(cls)
    wheels = [{"name": "left", "size": 1, "rim": {"bolts": [4, 5]}}, {"name": "right", "size": 2, "maker": "acme"}]
    document = {
        "apiVersion": cls.api_version,
        "kind": "Car",
        "metadata": {"name": "a", "namespace": cluster.namespace},
        "spec": {"doors": 2, "paint": {"colour": "red"}, "wheels": wheels},
        "owner": {"name": "somebody"},
    }
    await direct.create(cls.from_dict(document))
    view = cluster.client.cached(cls)
    await cluster.client.run_and_wait(timeout=20)
    read = view.get("a", cluster.namespace)
    read.spec.doors = 4
    read.spec.wheels[0].size = 9
    read.metadata.labels["new"] = "yes"
    await view.update(read)
    stored = (await direct.get("a", cluster.namespace)).to_dict()
    wheels[0]["size"] = 9
    assert stored["spec"] == {"doors": 4, "paint": {"colour": "red"}, "wheels": wheels}
    assert (stored["owner"], stored["metadata"]["labels"]) == ({"name": "somebody"}, {"new": "yes"})
    await cluster.unserve(cls)


@requirement("direct:objects:secrets-redacted")
async def test_no_secret_is_shown(cluster: Cluster):
    value = base64.b64encode(b"hunter2").decode()
    metadata = ObjectMeta(name="a", namespace=cluster.namespace)
    secrets = cluster.client.cached(Secret, namespace=cluster.namespace)
    dynamic = cluster.client.cached("v1", "Secret", namespace=cluster.namespace)
    made = await secrets.create(Secret(metadata=metadata, data={"password": value}))
    await cluster.client.run_and_wait(timeout=20)
    for shown in (made, secrets.get("a"), dynamic.get("a")):
        assert "password" in repr(shown)
        assert value not in repr(shown)
    assert value in made.to_yaml()
