from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

import msgspec
import pytest

from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.objects import MicroTime, ObjectMeta, Resource, Struct, Time, field, part
from fairlead.models.apps.v1 import Deployment, DeploymentSpec
from fairlead.models.coordination.v1 import Lease
from fairlead.models.core.v1 import ConfigMap, Container, EnvVar, Pod, PodSpec, Secret, Toleration

POD = (
    b'{"kind":"Pod","apiVersion":"v1","topFuture":{"a":[1.0,null]},'
    b'"metadata":{"name":"web-0","namespace":"default","metaFuture":{"x":1e3},"labels":{"app":"web"},'
    b'"annotations":null,"ownerReferences":[{"apiVersion":"v1","kind":"K","name":"o","uid":"u","refFuture":true}]},'
    b'"spec":{"specFuture":[{"deep":1.50}],"containers":[{"name":"a","image":"i:1","containerFuture":{"k":null},'
    b'"env":[{"name":"E","value":"1","envFuture":7},{"name":"F","value":"2","envFuture":8}],"listFuture":[1,2.0]},'
    b'{"name":"b","image":"i:2","containerFuture":"second"}],"volumes":null,"nodeSelector":null,'
    b'"terminationGracePeriodSeconds":30},'
    b'"status":{"phase":"Running","statusFuture":"s","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"True",'
    b'"conditionFuture":1}]}}'
)
FUTURES = (
    b'"topFuture":{"a":[1.0,null]}',
    b'"metaFuture":{"x":1e3}',
    b'"refFuture":true',
    b'"specFuture":[{"deep":1.50}]',
    b'"containerFuture":{"k":null}',
    b'"containerFuture":"second"',
    b'"envFuture":7',
    b'"envFuture":8',
    b'"listFuture":[1,2.0]',
    b'"statusFuture":"s"',
    b'"conditionFuture":1',
)


class Port(Struct):
    port: int
    name: str | None = None
    protocol: str | None = None


class GadgetSpec(Struct):
    size: int = 1
    mode: Literal["a", "b"] = "a"
    anything: Any = None
    matrix: list[list[int]] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    at: MicroTime | None = None
    since: Time | None = None
    ratio: float | None = None
    limited: Annotated[int, msgspec.Meta(ge=0)] = 0


class Gadget(Resource, api_version="example.com/v1", kind="Gadget"):
    spec: GadgetSpec = part(default_factory=GadgetSpec)
    note: str | None = part(default=None)


def gadget(spec: str) -> Gadget:
    return Gadget.from_bytes(
        b'{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"g"},"spec":%b}' % spec.encode()
    )


# Writing back ----------------------------------------------------------------------------------------------------


def test_an_untouched_object_goes_out_byte_for_byte() -> None:
    assert Pod.from_bytes(POD).to_bytes() is POD


def test_an_object_that_was_only_read_goes_out_byte_for_byte() -> None:
    pod = Pod.from_bytes(POD)
    assert pod.metadata.annotations == {}
    assert pod.spec.volumes == []
    assert pod.spec.containers[0].env[1].name == "F"
    assert pod.status.pod_ip == "10.0.0.1"
    assert pod.to_bytes() is POD


def test_unknown_fields_survive_a_change_in_every_part() -> None:
    pod = Pod.from_bytes(POD)
    pod.metadata.labels["new"] = "1"
    pod.metadata.annotations["a"] = "b"
    pod.metadata.owner_references[0].controller = True
    pod.spec.containers[0].image = "i:3"
    pod.spec.containers[0].env[1].value = "3"
    pod.spec.containers[1].image = "i:4"
    pod.spec.termination_grace_period_seconds = 5
    pod.status.phase = "Failed"
    pod.status.conditions[0].status = "False"
    out = pod.to_bytes()
    for future in FUTURES:
        assert future in out, future
    expected = json.loads(POD)
    expected["metadata"]["labels"]["new"] = "1"
    expected["metadata"]["annotations"] = {"a": "b"}
    expected["metadata"]["ownerReferences"][0]["controller"] = True
    expected["spec"]["containers"][0]["image"] = "i:3"
    expected["spec"]["containers"][0]["env"][1]["value"] = "3"
    expected["spec"]["containers"][1]["image"] = "i:4"
    expected["spec"]["terminationGracePeriodSeconds"] = 5
    expected["status"]["phase"] = "Failed"
    expected["status"]["conditions"][0]["status"] = "False"
    assert json.loads(out) == expected


def test_null_lists_and_odd_scalars_survive_a_change_beside_them() -> None:
    raw = POD.replace(b'"terminationGracePeriodSeconds":30', b'"terminationGracePeriodSeconds":"30","priority":1e3')
    raw = raw.replace(b'"containers":[', b'"tolerations":[null,{"key":"k","tolerationSeconds":1.0}],"containers":[')
    pod = Pod.from_bytes(raw)
    assert pod.spec.termination_grace_period_seconds == "30"
    assert pod.spec.priority == 1000
    pod.spec.containers[0].image = "i:9"
    out = pod.to_bytes()
    for kept in (
        *FUTURES,
        b'"terminationGracePeriodSeconds":"30"',
        b'"priority":1e3',
        b'"tolerations":[null,{"key":"k","tolerationSeconds":1.0}]',
        b'"volumes":null',
        b'"annotations":null',
        b'"nodeSelector":null',
    ):
        assert kept in out, kept
    assert b'"image":"i:9"' in out


def test_a_null_list_that_is_filled_is_written() -> None:
    pod = Pod.from_bytes(POD)
    pod.spec.node_selector["disk"] = "ssd"
    pod.spec.volumes.extend([])
    document = json.loads(pod.to_bytes())
    assert document["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert document["spec"]["volumes"] is None


def test_a_null_part_reads_as_empty_and_is_written_once_filled() -> None:
    pod = Pod.from_bytes(b'{"apiVersion":"v1","kind":"Pod","metadata":null,"spec":null,"status":null}')
    assert (pod.name, pod.spec.containers, pod.status.phase) == ("", [], None)
    assert json.loads(pod.to_bytes())["status"] is None
    pod.status.phase = "Running"
    assert json.loads(pod.to_bytes())["status"] == {"phase": "Running"}


def test_assigning_a_whole_part_replaces_it() -> None:
    pod = Pod.from_bytes(POD)
    pod.spec = PodSpec(containers=[Container(name="a", image="x")])
    assert json.loads(pod.to_bytes())["spec"] == {"containers": [{"name": "a", "image": "x"}]}


def test_assigning_an_equal_part_still_replaces_it() -> None:
    config = ConfigMap.from_bytes(b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","future":1}}')
    config.metadata = ObjectMeta(name="c")
    assert json.loads(config.to_bytes())["metadata"] == {"name": "c"}


def test_none_removes_a_field_and_a_part() -> None:
    pod = Pod.from_bytes(POD)
    pod.status.pod_ip = None
    assert "podIP" not in json.loads(pod.to_bytes())["status"]
    secret = Secret.from_dict({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": True})
    secret.type = None
    assert json.loads(secret.to_bytes()) == {"apiVersion": "v1", "kind": "Secret", "immutable": True}


def test_emptying_a_map_or_list_that_was_there_is_written() -> None:
    config = ConfigMap.from_dict({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}})
    config.data.clear()
    assert json.loads(config.to_bytes())["data"] == {}
    pod = Pod.from_bytes(POD)
    pod.metadata.labels.clear()
    pod.spec.containers[0].env.clear()
    document = json.loads(pod.to_bytes())
    assert document["metadata"]["labels"] == {}
    assert document["spec"]["containers"][0]["env"] == []


def test_objects_from_lists_get_their_type_when_they_are_written() -> None:
    config = ConfigMap.from_bytes(b'{"metadata":{"name":"c"},"data":{"a":"1"}}')
    assert json.loads(config.to_bytes()) == {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"},
    }  # fmt: skip


def test_a_new_object_is_written_without_what_is_empty() -> None:
    pod = Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(containers=[Container(name="c", image="i")]))
    assert pod.to_dict() == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }


def test_required_fields_of_new_objects_are_written_even_when_zero() -> None:
    made = Gadget(spec=GadgetSpec(ports=[Port(port=0)]))
    assert made.to_dict()["spec"] == {"ports": [{"port": 0}]}


def test_an_explicit_zero_of_an_optional_field_is_written() -> None:
    deployment = Deployment(spec=DeploymentSpec(replicas=0))
    assert deployment.to_dict()["spec"]["replicas"] == 0


# Lists -----------------------------------------------------------------------------------------------------------


def test_items_pair_by_merge_keys_when_the_list_is_reordered_or_grows() -> None:
    pod = Pod.from_bytes(POD)
    pod.spec.containers.reverse()
    pod.spec.containers.insert(0, Container(name="new", image="n"))
    pod.spec.containers[2].image = "i:9"
    lost: list[str] = []
    containers = json.loads(pod.to_bytes(lost=lost.append))["spec"]["containers"]
    assert containers[0] == {"name": "new", "image": "n"}
    assert containers[1]["containerFuture"] == "second"
    assert containers[2]["containerFuture"] == {"k": None}
    assert lost == []


def test_items_without_keys_pair_by_equality_then_by_position() -> None:
    raw = b'{"apiVersion":"v1","kind":"Pod","spec":{"tolerations":[{"key":"a","f":1},{"key":"b","f":2},{"key":"b","f":3}]}}'
    pod = Pod.from_bytes(raw)
    pod.spec.tolerations[1].value = "changed"
    assert [item["f"] for item in json.loads(pod.to_bytes())["spec"]["tolerations"]] == [1, 2, 3]
    pod = Pod.from_bytes(raw)
    del pod.spec.tolerations[0]
    assert [item["f"] for item in json.loads(pod.to_bytes())["spec"]["tolerations"]] == [2, 3]


def test_an_item_that_pairs_with_nothing_is_reported_with_its_path() -> None:
    raw = b'{"apiVersion":"v1","kind":"Pod","spec":{"tolerations":[{"key":"a","f":1},{"key":"a","f":2}]}}'
    pod = Pod.from_bytes(raw)
    pod.spec.tolerations = [Toleration(key="z")]
    lost: list[str] = []
    assert json.loads(pod.to_bytes(lost=lost.append))["spec"]["tolerations"] == [{"key": "z"}]
    assert lost == ["spec.tolerations[0]"]


def test_scalars_and_lists_of_lists_keep_their_spelling() -> None:
    obj = gadget('{"matrix":[[1,2],[3,4.0]],"anything":{"a":[1.0,{"b":null}],"c":true}}')
    obj.spec.matrix[0][0] = 9
    obj.spec.anything["c"] = 1
    out = obj.to_bytes()
    assert b'"matrix":[[9,2],[3,4.0]]' in out
    assert b'"a":[1.0,{"b":null}]' in out
    assert b'"c":1' in out


def test_true_is_not_one_where_json_is_free() -> None:
    obj = gadget('{"anything":{"c":true,"d":[true]},"size":1}')
    obj.spec.anything["c"] = 1
    assert b'"anything":{"c":1,"d":[true]}' in obj.to_bytes()


def test_odd_keys_never_fail_a_write() -> None:
    raw = b'{"spec":{"containers":[{"name":["odd"],"f":1},{"name":"b","f":2},7]}}'
    pod = Pod.from_bytes(raw)
    pod.spec.containers[1].image = "i"
    containers = json.loads(pod.to_bytes())["spec"]["containers"]
    assert containers == [{"name": ["odd"], "f": 1}, {"name": "b", "f": 2, "image": "i"}, 7]


def test_a_dict_in_place_of_a_struct_is_written_as_it_is() -> None:
    obj = Gadget()
    obj.spec.ports.append({"port": 1, "future": 2})  # type: ignore[arg-type]
    assert obj.to_dict()["spec"]["ports"] == [{"port": 1, "future": 2}]


# Tolerance -------------------------------------------------------------------------------------------------------


def test_wrong_data_never_raises_on_access_and_is_counted() -> None:
    obj = gadget('{"size":"big","ports":{"not":"a list"},"mode":"z","future":1}')
    assert obj.spec.size == "big"
    assert obj.spec.ports == {"not": "a list"}
    assert obj.spec.mode == "z"
    assert Gadget.parts["spec"].odd_paths["spec.size"] >= 1
    obj.note = "n"
    obj.spec.ratio = 1.5
    spec = json.loads(obj.to_bytes())["spec"]
    assert spec == {"size": "big", "ports": {"not": "a list"}, "mode": "z", "future": 1, "ratio": 1.5}


def test_items_that_lack_a_required_field_read_with_its_zero() -> None:
    obj = gadget('{"ports":[{"name":"x"}]}')
    assert obj.spec.ports[0].port == 0
    obj.spec.ports[0].protocol = "UDP"
    assert json.loads(obj.to_bytes())["spec"] == {"ports": [{"name": "x", "protocol": "UDP"}]}


def test_a_part_of_a_wrong_kind_reads_as_it_is() -> None:
    assert Pod.from_bytes(b'{"apiVersion":"v1","kind":"Pod","spec":7}').spec == 7


# Times -----------------------------------------------------------------------------------------------------------


def test_micro_times_have_six_digits_and_times_none() -> None:
    at = dt.datetime(2026, 1, 31, 12, 0, 0, tzinfo=dt.UTC)
    lease = Lease()
    lease.spec.renew_time = at
    lease.metadata.creation_timestamp = at
    document = lease.to_dict()
    assert document["spec"]["renewTime"] == "2026-01-31T12:00:00.000000Z"
    assert document["metadata"]["creationTimestamp"] == "2026-01-31T12:00:00Z"
    assert Gadget(spec=GadgetSpec(at=at, since=at)).to_dict()["spec"] == {
        "at": "2026-01-31T12:00:00.000000Z",
        "since": "2026-01-31T12:00:00Z",
    }


def test_unchanged_times_keep_their_text_and_zones_become_utc() -> None:
    obj = gadget('{"since":"2026-01-31T12:00:00+00:00","at":"2026-01-31T12:00:00.5Z"}')
    assert obj.spec.since == dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
    obj.spec.at = dt.datetime(2026, 1, 31, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert json.loads(obj.to_bytes())["spec"] == {
        "since": "2026-01-31T12:00:00+00:00",
        "at": "2026-01-31T12:00:00.000000Z",
    }


# Equality and showing --------------------------------------------------------------------------------------------


def test_equality_drops_nulls_empty_structs_and_managed_fields() -> None:
    one = Pod.from_dict({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c"}]}, "status": {}})
    other = Pod.from_dict(
        {
            "metadata": {"name": "a", "managedFields": [{"manager": "m"}], "labels": None},
            "spec": {"containers": [{"name": "c", "resources": {}, "image": None}], "volumes": []},
        }
    )
    assert one == other
    other.spec.containers[0].image = "i"
    assert one != other


def test_an_empty_optional_struct_is_not_the_same_as_none() -> None:
    one = Pod.from_dict({"spec": {"securityContext": {}}})
    assert one != Pod.from_dict({"spec": {}})


def test_types_differ_and_objects_are_unhashable() -> None:
    assert ConfigMap(metadata=ObjectMeta(name="a")) != Secret(metadata=ObjectMeta(name="a"))
    assert ConfigMap() != 1
    with pytest.raises(TypeError):
        hash(ConfigMap())


def test_a_typed_and_a_dynamic_object_of_one_type_can_be_equal() -> None:
    document = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "resources": {}}]}}
    assert Pod.from_dict(document) == DynamicResource.from_dict(document)
    assert DynamicResource.from_dict(document) == Pod.from_dict({"spec": {"containers": [{"name": "c"}]}})


def test_repr_says_what_there_is_and_hides_secrets() -> None:
    secret = Secret.from_dict(
        {
            "metadata": {
                "name": "s",
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "aHVudGVyMg=="},
                "managedFields": [{"manager": "m"}],
            },
            "data": {"password": "aHVudGVyMg=="},
            "stringData": {"other": "aHVudGVyMg=="},
        }
    )
    shown = repr(secret)
    assert "aHVudGVyMg" not in shown
    assert "managedFields" not in shown
    assert "password" in shown
    assert shown.startswith("Secret(")
    assert "aHVudGVyMg" not in repr(
        DynamicResource.from_dict({"apiVersion": "v1", "kind": "Secret", **secret.to_dict()})
    )


# Reading dicts and YAML ------------------------------------------------------------------------------------------


def test_from_yaml_names_the_file_the_field_and_the_value() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web-0}\nspec:\n  containers:\n  - name: a\n    image: 5\n"
    with pytest.raises(InvalidObject) as caught:
        Pod.from_yaml(text, source="pod.yaml")
    assert str(caught.value) == "pod.yaml: Pod web-0: spec.containers[0].image: expected a string, found 5"


def test_from_yaml_refuses_another_kind_and_several_documents() -> None:
    with pytest.raises(InvalidObject, match=r"x\.yaml: expected v1 Pod, found v1 Service"):
        Pod.from_yaml("apiVersion: v1\nkind: Service\n", source="x.yaml")
    with pytest.raises(InvalidObject, match="2 documents"):
        Pod.from_yaml("kind: Pod\n---\nkind: Pod\n")
    with pytest.raises(InvalidObject, match="expected one Pod"):
        Pod.from_yaml("- 1\n")


def test_yaml_goes_round() -> None:
    pod = Pod.from_bytes(POD)
    assert Pod.from_yaml(pod.to_yaml()) == pod


def test_from_dict_refuses_what_json_cannot_say() -> None:
    with pytest.raises(InvalidObject, match="cannot be written as JSON"):
        ConfigMap.from_dict({"data": {"a": object()}})
    with pytest.raises(InvalidObject, match="expected a mapping"):
        ConfigMap.from_dict([])  # type: ignore[arg-type]


def test_copies_share_nothing_and_keep_everything() -> None:
    pod = Pod.from_bytes(POD)
    pod.metadata.labels["x"] = "1"
    other = pod.copy()
    other.metadata.labels["x"] = "2"
    other.spec.containers[0].image = "other"
    assert pod.metadata.labels["x"] == "1"
    assert pod.spec.containers[0].image == "i:1"
    assert other.provenance == "read"
    for future in FUTURES:
        assert future in other.to_bytes()


def test_defaults_are_not_shared_between_objects() -> None:
    one, other = Pod(), Pod()
    one.metadata.labels["a"] = "b"
    one.spec.containers.append(Container(name="c", env=[EnvVar(name="e")]))
    assert other.metadata.labels == {}
    assert other.spec.containers == []


def test_names_and_versions_read_as_text() -> None:
    pod = Pod.from_bytes(POD)
    assert (pod.name, pod.namespace, str(pod.key), pod.uid, pod.resource_version) == (
        "web-0", "default", "default/web-0", "", "",
    )  # fmt: skip
    assert Pod().name == ""


# Classes ---------------------------------------------------------------------------------------------------------


def test_constructors_take_only_parts() -> None:
    with pytest.raises(TypeError, match="no part 'sepc'"):
        Gadget(sepc=GadgetSpec())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Gadget(GadgetSpec())  # type: ignore[misc]

    class Strict(Resource, api_version="example.com/v1", kind="Strict"):
        spec: GadgetSpec = part()

    with pytest.raises(TypeError, match="Strict needs spec"):
        Strict()  # type: ignore[call-arg]
    assert Strict.from_bytes(b"{}").spec.size == 1


def test_a_wrong_annotation_fails_where_the_class_is_made() -> None:
    with pytest.raises(InvalidObject, match=r"Bad\.spec.*Nowhere"):

        class Bad(Resource, api_version="example.com/v1", kind="Bad"):
            spec: Nowhere = part(default=None)  # type: ignore[name-defined] # noqa: F821

    with pytest.raises(InvalidObject, match=r"Worse\.spec.*cannot be written as JSON"):

        class Worse(Resource, api_version="example.com/v1", kind="Worse"):
            spec: complex = part(default=0)

    class Inner(Struct):
        value: complex = 0

    with pytest.raises(InvalidObject, match=r"Deep\.spec: Inner: value: .*complex"):

        class Deep(Resource, api_version="example.com/v1", kind="Deep"):
            spec: Inner = part(default_factory=Inner)


def test_a_part_must_be_declared_as_one() -> None:
    with pytest.raises(InvalidObject, match=r"Bare\.spec: declare a part"):

        class Bare(Resource, api_version="example.com/v1", kind="Bare"):
            spec: GadgetSpec

    with pytest.raises(InvalidObject, match=r"Naked\.spec: a part needs a type annotation"):

        class Naked(Resource, api_version="example.com/v1", kind="Naked"):
            spec = part(default=None)


def test_a_class_needs_its_whole_name_and_a_known_scope() -> None:
    with pytest.raises(InvalidObject, match="Half: give both"):

        class Half(Resource, kind="Half"): ...

    with pytest.raises(InvalidObject, match="scope is Namespaced or Cluster"):

        class Odd(Resource, api_version="example.com/v1", kind="Odd", scope="Global"): ...


def test_forward_references_inside_functions_are_resolved() -> None:
    class LocalSpec(Struct):
        size: int = 3

    class Local(Resource, api_version="example.com/v1", kind="Local", plural="locals", scope="Cluster"):
        spec: LocalSpec = part(default_factory=LocalSpec)
        others: list[LocalSpec] = part(default_factory=list)

    obj = Local.from_bytes(b'{"spec":{"size":4},"others":[{"size":5}]}')
    assert (obj.spec.size, obj.others[0].size) == (4, 5)
    assert Local.resource_type.path(name="x") == "/apis/example.com/v1/locals/x"


def test_structs_inside_functions_may_refer_to_each_other() -> None:
    class Leaf(Struct):
        size: int = 3

    class Branch(Struct):
        leaves: list[Leaf] = field(default_factory=list)

    class Tree(Resource, api_version="example.com/v1", kind="Tree"):
        spec: Branch = part(default_factory=Branch)

    tree = Tree.from_bytes(b'{"spec":{"leaves":[{"size":4,"future":1}]}}')
    tree.spec.leaves[0].size = 5
    assert tree.to_dict()["spec"] == {"leaves": [{"size": 5, "future": 1}]}


class Knot(Struct):
    name: str = ""
    below: list[Knot] = field(default_factory=list)


class Rope(Resource, api_version="example.com/v1", kind="Rope"):
    spec: Knot = part(default_factory=Knot)


def test_types_may_refer_to_themselves() -> None:
    rope = Rope.from_bytes(b'{"spec":{"below":[{"name":"a","below":[{"name":"b","f":1}]}]}}')
    rope.spec.below[0].below[0].below.append(Knot(name="c"))
    assert rope.to_dict()["spec"]["below"][0]["below"][0] == {"name": "b", "f": 1, "below": [{"name": "c"}]}


def test_parts_and_fields_may_have_wire_names_of_their_own() -> None:
    class OddSpec(Struct):
        pod_ip: str = field(name="podIP", default="")

    class OddNames(Resource, api_version="example.com/v1", kind="OddNames"):
        spec: OddSpec = part(default_factory=OddSpec)
        from_: str | None = part(default=None)
        other_url: str | None = part(name="otherURL", default=None)

    made = OddNames(spec=OddSpec(pod_ip="1"), from_="f", other_url="u")
    assert made.to_dict() == {
        "apiVersion": "example.com/v1", "kind": "OddNames", "spec": {"podIP": "1"}, "from": "f", "otherURL": "u",
    }  # fmt: skip


def test_subclasses_inherit_parts() -> None:
    class More(Gadget, api_version="example.com/v2", kind="Gadget"):
        extra: int | None = part(default=None)

    obj = More(note="n", extra=0)
    assert obj.to_dict() == {"apiVersion": "example.com/v2", "kind": "Gadget", "note": "n", "extra": 0}
