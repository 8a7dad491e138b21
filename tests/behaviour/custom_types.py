"""A custom type of a test's own, and what becomes of it: what tests of types that come and go begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead import ObjectMeta, Resource, Struct, field, part
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from tests.behaviour.clusters import Cluster


class WidgetSpec(Struct):
    size: int = 0
    tags: list[str] = field(default_factory=list)


class WidgetStatus(Struct):
    ready: bool = False


def widget_class(cluster: Cluster) -> Any:
    """A class whose group is the test's own, so that its CRD is."""

    class Widget(Resource, api_version=f"w{cluster.unique}.example.com/v1", kind="Widget"):
        spec: WidgetSpec = part(default_factory=WidgetSpec)
        status: WidgetStatus = part(default_factory=WidgetStatus)

    return Widget


def widget(cls: Any, cluster: Cluster, name: str, size: int = 1) -> Any:
    return cls(metadata=ObjectMeta(name=name, namespace=cluster.namespace), spec=WidgetSpec(size=size))


def gear_class(cluster: Cluster) -> Any:
    """A second type, with nothing in it."""

    class Gear(Resource, api_version=f"g{cluster.unique}.example.com/v1", kind="Gear"):
        pass

    return Gear


def informer_of(client: Any, cls: Any) -> Any:
    """The statistics of a type's one informer; there must be one."""
    (found,) = [each for each in client.statistics().informers if each.what.startswith(str(cls.resource_type))]
    return found


async def change_versions(cluster: Cluster, cls: Any, change: Callable[[list[Any]], None]) -> None:
    """Change what the CRD of a class says of its versions."""
    direct = cluster.client.direct(CustomResourceDefinition)
    versions = (await direct.get(cls.resource_type.crd_name)).to_dict()["spec"]["versions"]
    change(versions)
    await direct.patch(cls.resource_type.crd_name, merge={"spec": {"versions": versions}})


async def settled(client: Any, condition: Callable[[], bool]) -> None:
    """Settle until the condition holds; for states that no event of a view tells of. The test's own limit bounds it."""
    await client.settle()
    while not condition():
        await client.settle()
