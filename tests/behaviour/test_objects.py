"""What objects keep and what they hide."""

from __future__ import annotations

import base64
import functools
from typing import Any

import pytest

from fairlead import InvalidObject, ObjectMeta, Resource, Struct, field, part
from fairlead.models.core.v1 import ConfigMap, Secret
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


@requirement("direct:objects:misspelt-parts")
async def test_a_misspelt_part_is_not_lost(cluster: Cluster):
    configs = cluster.client.cached(ConfigMap, namespace=cluster.namespace)
    await cluster.client.run_and_wait(timeout=20)
    made = await configs.create(cluster.config("a", x="1"))
    for obj in (configs.get("a"), made, cluster.config("a")):
        assert obj is not None
        obj.dta = {"x": "2"}
        for verb in ("create", "update", "update_status", "apply", "create_or_update", "get_or_create"):
            with pytest.raises(
                InvalidObject, match=rf"{cluster.namespace}/a: ConfigMap has no part 'dta'; it has .*data"
            ):
                await getattr(configs, verb)(obj)


class Counted(ConfigMap):
    """With something of its own, which is no part and not written."""

    note = ""

    @functools.cached_property
    def size(self) -> int:
        return len(self.data)


@requirement("direct:objects:misspelt-parts")
async def test_what_a_class_has_of_its_own_is_no_misspelt_part(cluster: Cluster):
    mine = Counted(metadata=ObjectMeta(name="a", namespace=cluster.namespace), data={"x": "1"})
    mine.note = "mine"
    mine._remembered = 1  # type: ignore[attr-defined]
    assert mine.size == 1
    assert (await cluster.client.direct(ConfigMap).create(mine)).data == {"x": "1"}
    dynamic = cluster.client.direct("v1", "ConfigMap")
    read = await dynamic.get("a", cluster.namespace)
    read.data = {"x": "2"}
    assert (await dynamic.update(read)).data == {"x": "2"}


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
