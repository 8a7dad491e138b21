from __future__ import annotations

import importlib
import typing
from importlib.resources import files
from typing import Any, cast

import msgspec
import pytest

from fairlead.machinery.objects import Resource
from fairlead.machinery.schema.registry import group_versions
from fairlead.machinery.structs import Struct


def modules() -> list[str]:
    return [f"fairlead.models.{group.partition('.')[0] or 'core'}.{version}" for group, version in group_versions()]


@pytest.mark.parametrize("name", ["fairlead.machinery.meta", *modules()])
def test_every_class_of_a_module_is_made_read_and_written(name: str) -> None:
    module = importlib.import_module(name)
    for exported in module.__all__:
        made: Any = getattr(module, exported)
        empty: Any = made()
        if isinstance(empty, Resource):
            assert made.from_bytes(empty.to_bytes()) == empty
            for declared in made.parts.values():
                assert declared.decode is not None
                getattr(empty, declared.attribute)
        else:
            assert issubclass(made, Struct)
            typing.get_type_hints(made)
            assert msgspec.json.decode(msgspec.json.encode(empty), type=made) == empty


def test_the_models_are_those_of_the_schemas_and_nothing_else() -> None:
    there = {
        f"fairlead.models.{group.name}.{file.name.removesuffix('.py')}"
        for group in files("fairlead.models").iterdir()
        if group.is_dir() and not group.name.startswith("__")
        for file in group.iterdir()
        if file.name.startswith("v") and file.name.endswith(".py")
    }
    assert there == {*modules(), "fairlead.models.meta.v1"}


def test_a_pod_is_written_with_wire_names_only() -> None:
    from fairlead.models.core.v1 import Container, ContainerPort, Pod, PodSpec

    ports = [ContainerPort(container_port=80, host_ip="10.0.0.1")]
    pod = Pod(spec=PodSpec(containers=[Container(name="c", image="i", ports=ports)]))
    assert pod.to_dict()["spec"]["containers"] == [
        {"name": "c", "image": "i", "ports": [{"containerPort": 80, "hostIP": "10.0.0.1"}]}
    ]
    assert pod.status.pod_ip is None
    assert pod.spec.volumes == []


def test_fields_called_like_built_in_types_keep_their_types() -> None:
    from fairlead.models.resource.v1 import DeviceAttribute

    hints = typing.get_type_hints(DeviceAttribute)
    assert hints["int"] == int | None
    assert msgspec.json.decode(b'{"int":1,"bool":true}', type=DeviceAttribute) == DeviceAttribute(int=1, bool=True)


def test_schemas_may_contain_themselves() -> None:
    from fairlead.models.apiextensions.v1 import JSONSchemaProps

    inner = JSONSchemaProps(type="string", ref="#/x")
    encoded = msgspec.json.encode(JSONSchemaProps(type="object", properties={"a": inner}))
    assert encoded == b'{"type":"object","properties":{"a":{"$ref":"#/x","type":"string"}}}'
    assert msgspec.json.decode(encoded, type=JSONSchemaProps).properties["a"] == inner


def test_a_stateful_sets_claims_are_whole_objects_with_all_their_fields() -> None:
    from fairlead.models.apps.v1 import StatefulSet

    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d"}}
    read = StatefulSet.from_dict({"spec": {"volumeClaimTemplates": [claim]}})
    assert read.spec.volume_claim_templates[0].metadata.name == "d"
    assert read.spec.volume_claim_templates[0].kind == "PersistentVolumeClaim"


def test_structs_take_keywords_only_and_leave_defaults_out() -> None:
    from fairlead.models.core.v1 import Container

    with pytest.raises(TypeError):
        cast("Any", Container)("a")
    assert msgspec.json.encode(Container(name="a", command=[])) == b'{"name":"a","resources":{}}'
    assert Container().env is not Container().env
