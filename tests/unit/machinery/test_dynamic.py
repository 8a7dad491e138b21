from __future__ import annotations

import pytest

from fairlead.errors import InvalidObject
from fairlead.machinery.dynamic import (
    DynamicResource,
    JSONObject,
    PartialObject,
    dynamic_type,
    partial_reader,
    reader,
)
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import ObjectMeta

WIDGETS = ResourceType("example.com", "v1", "Widget", "widgets")
READ = (
    b'{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a","namespace":"n","future":[1.0]},'
    b'"spec":{"size":1,"ratio":1.0,"big":1e3,"nothing":null,"podIP":"10.0.0.1","parts":[{"x":1,"y":2.0},{"x":2}]},'
    b'"status":{"ok":true},"extra":{"deep":{"er":1.50}}}'
)


def widget() -> DynamicResource:
    return DynamicResource.from_bytes(READ, resource_type=WIDGETS)


def test_untouched_and_read_objects_go_out_byte_for_byte() -> None:
    obj = widget()
    assert obj.to_bytes() == READ
    assert (obj.spec.size, obj.status.ok, obj.extra.deep.er, obj.name) == (1, True, 1.5, "a")
    assert obj.to_bytes() == READ


def test_attributes_and_items_read_and_write_the_same_fields() -> None:
    obj = widget()
    obj.spec.size = 3
    assert obj["spec"]["size"] == 3
    obj["spec"]["size"] = 4
    assert obj.spec.size == 4
    obj.spec.min_replicas = 2
    assert obj.spec["minReplicas"] == 2
    assert obj.spec.pod_ip == "10.0.0.1"
    obj.spec.pod_ip = "10.0.0.2"
    assert obj.spec["podIP"] == "10.0.0.2"


def test_a_change_keeps_the_spelling_of_everything_else() -> None:
    obj = widget()
    obj.spec.parts[0].x = 9
    obj.metadata.labels["new"] = "1"
    out = obj.to_bytes()
    for kept in (b'"ratio":1.0', b'"big":1e3', b'"nothing":null', b'"y":2.0', b'"er":1.50', b'"future":[1.0]'):
        assert kept in out
    assert b'"x":9' in out
    assert b'"labels":{"new":"1"}' in out


def test_absent_attributes_are_none_and_absent_items_are_key_errors() -> None:
    obj = DynamicResource(WIDGETS, {"metadata": {"name": "a"}})
    assert obj.spec.size is None
    assert obj.data is None
    assert obj.get("spec") is None
    assert obj.get("spec", 7) == 7
    with pytest.raises(KeyError):
        obj["spec"]
    with pytest.raises(KeyError):
        obj.spec["size"]
    assert obj.to_dict() == {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}}


def test_an_absent_spec_that_is_filled_is_written_and_an_assigned_empty_one_too() -> None:
    obj = DynamicResource(WIDGETS)
    obj.spec.size = 1
    assert obj.to_dict()["spec"] == {"size": 1}
    empty = DynamicResource(WIDGETS)
    empty.spec = {}
    assert empty.to_dict()["spec"] == {}


def test_none_and_del_remove_a_top_level_field() -> None:
    obj = widget()
    obj.extra = None
    del obj["status"]
    assert set(obj) == {"apiVersion", "kind", "metadata", "spec"}
    assert "extra" not in obj
    with pytest.raises(KeyError):
        del obj["extra"]


def test_assigning_a_whole_field_replaces_it() -> None:
    obj = widget()
    obj.spec = {"size": 2}
    assert obj.to_dict()["spec"] == {"size": 2}
    assert obj.spec.size == 2


def test_true_is_not_one() -> None:
    obj = widget()
    obj.status.ok = 1
    assert b'"status":{"ok":1}' in obj.to_bytes()


def test_metadata_is_typed_and_readable_as_an_item() -> None:
    obj = widget()
    assert isinstance(obj.metadata, ObjectMeta)
    obj.metadata.labels["a"] = "b"
    assert obj["metadata"]["labels"]["a"] == "b"
    assert obj["metadata"]["future"] == (1.0,)
    obj.metadata = {"name": "z"}
    assert obj.name == "z"
    assert obj.to_dict()["metadata"] == {"name": "z"}


def test_an_object_cannot_change_its_type() -> None:
    with pytest.raises(InvalidObject, match="cannot change its type"):
        widget()["kind"] = "Gadget"
    with pytest.raises(InvalidObject, match="Widget"):
        DynamicResource(WIDGETS, {"kind": "Gadget"})


def test_fields_named_like_members_are_items() -> None:
    obj = DynamicResource.from_dict({"apiVersion": "v1", "kind": "Odd", "key": 5, "copy": 6})
    assert obj["key"] == 5
    with pytest.raises(AttributeError, match=r"obj\['copy'\]"):
        obj.copy = 7


def test_the_type_comes_from_the_document_where_none_is_given() -> None:
    obj = DynamicResource.from_dict({"apiVersion": "example.com/v1", "kind": "Policy", "metadata": {"name": "p"}})
    assert obj.resource_type == ResourceType("example.com", "v1", "Policy", "policies")
    assert (obj.api_version, obj.kind) == ("example.com/v1", "Policy")
    with pytest.raises(InvalidObject, match="apiVersion and a kind"):
        DynamicResource.from_dict({"kind": "Policy"})


def test_metadata_of_a_wrong_type_is_refused() -> None:
    with pytest.raises(InvalidObject, match=r"metadata\.labels"):
        DynamicResource.from_dict({"apiVersion": "v1", "kind": "Odd", "metadata": {"labels": 3}})
    with pytest.raises(InvalidObject, match="metadata"):
        DynamicResource(WIDGETS, {"metadata": {"labels": 3}})


def test_copies_share_nothing() -> None:
    obj = widget()
    obj.spec.size = 7
    other = obj.copy()
    other.spec.size = 8
    assert (obj.spec.size, other.spec.size, other.resource_type) == (7, 8, WIDGETS)


def test_json_objects_take_over_what_is_assigned() -> None:
    box = JSONObject({"a": {"b": [{"c": 1}]}})
    assert box.a.b[0].c == 1
    box.update({"d": {"e": 1}}, f={"g": 2})
    assert (box.d.e, box.f.g) == (1, 2)
    assert box.setdefault("h", {"i": 3}).i == 3
    del box.h
    assert box.h is None
    other = box.copy()
    other.a.b[0].c = 2
    assert box.a.b[0].c == 1


def test_equality_is_of_json_without_nulls() -> None:
    left, right = widget(), widget()
    right.spec.nothing = "x"
    assert left != right
    del right.spec["nothing"]
    assert left == right


def test_readers_make_objects_of_their_type() -> None:
    obj = reader(dynamic_type("example.com/v1", "Widget"))(READ)
    assert obj.resource_type == WIDGETS
    partial = partial_reader(WIDGETS)(READ)
    assert isinstance(partial, PartialObject)
    assert (partial.key.name, partial.resource_type, partial.provenance) == ("a", WIDGETS, "metadata-only")
    assert PartialObject(WIDGETS, ObjectMeta(name="q")).name == "q"


def test_a_type_needs_both_names() -> None:
    with pytest.raises(InvalidObject, match="apiVersion"):
        dynamic_type("", "Widget")
