"""A small program on lightkube: typed calls, apply, patches, watches, a generic resource.

Against the server in $KUBECONFIG; prints "ok" and exits 0 when everything was as it should be.
"""

import sys

from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import ConfigMap
from lightkube.types import PatchType

LABELS = {"by": "lightkube"}


def config_map(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default", labels=LABELS), data=data)


def definition() -> CustomResourceDefinition:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    spec = {"group": "light.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    return CustomResourceDefinition.from_dict({"metadata": {"name": "things.light.example.com"}, "spec": spec})


def main() -> None:
    client = Client(field_manager="lightkube")
    for name in ("l-0", "l-1"):
        client.create(config_map(name))
    found = list(client.list(ConfigMap, namespace="default", labels=LABELS, chunk_size=1))
    assert [item.metadata.name for item in found] == ["l-0", "l-1"]
    applied = client.apply(config_map("l-2", a="b"))
    assert applied.data == {"a": "b"}
    assert applied.metadata.managedFields[0].operation == "Apply"
    patched = client.patch(ConfigMap, "l-0", {"data": {"x": "1"}}, patch_type=PatchType.MERGE)
    assert patched.data == {"x": "1"}
    client.delete(ConfigMap, "l-1")
    reason = ""
    try:
        client.get(ConfigMap, "l-1")
    except ApiError as error:
        reason = error.status.reason
    assert reason == "NotFound", "a deleted object is there"
    for operation, item in client.watch(ConfigMap, namespace="default", labels=LABELS):
        assert (operation, item.metadata.name) == ("ADDED", "l-0")
        break
    client.create(definition())
    for _, item in client.watch(CustomResourceDefinition, fields={"metadata.name": "things.light.example.com"}):
        conditions = (item.status.conditions if item.status else None) or []
        if any(each.type == "Established" and each.status == "True" for each in conditions):
            break
    thing = create_namespaced_resource("light.example.com", "v1", "Thing", "things")
    client.create(thing(metadata=ObjectMeta(name="t", namespace="default"), spec={"deep": {"er": [1, 2]}}))
    assert client.get(thing, "t").spec == {"deep": {"er": [1, 2]}}
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
