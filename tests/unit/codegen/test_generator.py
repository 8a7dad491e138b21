from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.codegen import __main__ as command
from fairlead.codegen.classes import Class, classes
from fairlead.codegen.discovery import records
from fairlead.codegen.layout import Home, homes
from fairlead.codegen.openapi import load, node
from fairlead.codegen.outputs import differing, write
from fairlead.codegen.protobuf import parse
from fairlead.codegen.python import module_text
from fairlead.codegen.release import ReleaseMissingError

DEMO = Home("demo.example.com", "v1")
REF = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def definitions(**schemas: dict[str, Any]) -> dict[str, Any]:
    made = {f"io.example.demo.v1.{name}": node(schema) for name, schema in schemas.items()}
    kind = {"group": "demo.example.com", "version": "v1", "kind": "Boat"}
    made["io.example.demo.v1.Boat"]["x-kubernetes-group-version-kind"] = [kind]
    return {**made, META: node({"type": "object", "properties": {}})}


def boat(**properties: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"default": {}, "allOf": [{"$ref": REF + META}]}
    return {"type": "object", "properties": {"apiVersion": {"type": "string"}, "metadata": metadata, **properties}}


def written(made: dict[str, Any]) -> str:
    return module_text(DEMO, classes(made, {DEMO: [{"kind": "Boat", "name": "boats", "namespaced": False}]}), made)


def spec(**properties: Any) -> str:
    return written(
        definitions(Boat=boat(), BoatSpec={"type": "object", "required": ["must"], "properties": properties})
    )


def test_a_schemas_normal_form_has_plain_references_and_no_descriptions() -> None:
    schema: dict[str, Any] = {
        "description": "prose",
        "type": "object",
        "properties": {"a": {"default": {}, "description": "x", "allOf": [{"$ref": f"{REF}io.A"}]}},
    }
    assert node(schema) == {"type": "object", "properties": {"a": {"$ref": "io.A", "default": {}}}}


def test_a_property_called_ref_is_no_reference() -> None:
    assert node({"properties": {"$ref": {"type": "string"}}}) == {"properties": {"$ref": {"type": "string"}}}


def test_an_unknown_choice_of_schemas_is_refused() -> None:
    with pytest.raises(ValueError, match="choice"):
        node({"oneOf": [{"type": "string"}, {"type": "boolean"}]})


def test_documents_that_disagree_are_refused(tmp_path: Path) -> None:
    for name, kind in (("a", "string"), ("b", "integer")):
        (tmp_path / name).write_text(json.dumps({"components": {"schemas": {"io.x.v1.A": {"type": kind}}}}))
    with pytest.raises(ValueError, match=r"io\.x\.v1\.A differs"):
        load([tmp_path / "a", tmp_path / "b"])


def test_a_package_without_a_kind_has_no_home() -> None:
    with pytest.raises(ValueError, match=r"io\.x\.v1"):
        homes({"io.x.v1.A": {"type": "string"}})


def test_a_kind_becomes_a_resource_with_its_place_in_the_api() -> None:
    text = written(definitions(Boat=boat(hulls={"type": "array", "items": {"type": "string"}})))
    assert (
        'class Boat(Resource, api_version="demo.example.com/v1", kind="Boat", plural="boats", scope="Cluster"):' in text
    )
    assert "    hulls: list[str] = part(default_factory=list[str])\n" in text
    assert "metadata" not in text


@pytest.mark.parametrize(
    ("name", "schema", "line"),
    [
        ("must", {"type": "string"}, 'must: str = ""'),
        ("must", {"type": "integer", "format": "int64"}, "must: int = 0"),
        ("must", {"type": "boolean"}, "must: bool = False"),
        ("may", {"type": "number"}, "may: float | None = None"),
        ("podIP", {"type": "string"}, 'pod_ip: str | None = field(name="podIP", default=None)'),
        ("from", {"type": "array", "items": {"type": "integer"}}, 'from_: list[int] = field(name="from", default=[])'),
        ("all", {"type": "object", "additionalProperties": {"type": "string"}}, "all: dict[str, str] = {}"),
        ("raw", {"type": "object"}, "raw: JSON = None"),
        ("key", {"type": "string", "format": "byte"}, "key: str | None = None"),
        ("self", {"$ref": f"{REF}io.example.demo.v1.BoatSpec"}, "self: BoatSpec | None = None"),
    ],
)
def test_each_form_of_property_has_its_python_field(name: str, schema: dict[str, Any], line: str) -> None:
    assert f"    {line}\n" in spec(**{name: schema})


def test_a_value_struct_is_never_none_and_its_class_comes_first() -> None:
    value: dict[str, Any] = {"default": {}, "allOf": [{"$ref": f"{REF}io.example.demo.v1.Zeta"}]}
    text = written(
        definitions(Boat=boat(), Alpha={"type": "object", "properties": {"z": value}}, Zeta={"type": "object"})
    )
    assert "z: Zeta = field(default_factory=Zeta)" in text
    assert text.index("class Zeta") < text.index("class Alpha")


def test_a_field_called_like_a_built_in_type_does_not_hide_it() -> None:
    assert "int: builtins.int | None = None" in spec(int={"type": "integer"})


def test_a_field_that_would_hide_a_resources_own_name_is_reported() -> None:
    with pytest.raises(ValueError, match=r"\['name'\] hide"):
        written(definitions(Boat=boat(name={"type": "string"})))


def test_a_field_that_would_hide_the_field_specifier_is_reported() -> None:
    with pytest.raises(ValueError, match="called `field`"):
        spec(field={"type": "string"}, hostIP={"type": "string"})


def test_items_of_a_map_list_say_their_keys() -> None:
    crew = {"type": "array", "items": {"$ref": f"{REF}io.example.demo.v1.Sailor"}, "x-kubernetes-list-map-keys": ["id"]}
    made = definitions(Boat=boat(crew=crew), Sailor={"type": "object", "properties": {"id": {"type": "string"}}})
    found = {c.name: c for c in classes(made, {})}
    assert found["Sailor"].list_keys == ("id",)
    assert isinstance(found["Boat"], Class)
    assert found["Boat"].plural == "boats"


def test_subresources_are_listed_below_their_resource() -> None:
    listed = {
        "resources": [
            {"name": "boats/scale", "kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": ["get"]},
            {"name": "boats", "kind": "Boat", "namespaced": True, "verbs": ["list"], "singularName": "boat"},
        ]
    }
    (record,) = records(listed, DEMO, definitions(Boat=boat()))
    assert record["schema"] == "io.example.demo.v1.Boat"
    assert record["subresources"][0]["group"] == "autoscaling"


def test_proto_fields_have_numbers_and_full_type_names() -> None:
    text = (
        "package a.b.v1;\n\nmessage M {\n  // optional string no = 9;\n  optional string x = 1;\n  repeated N ns = 2;\n"
        "  map<string, .c.d.Q> qs = 3;\n}\n\nmessage N {\n}\n"
    )
    assert parse(text) == {
        "a.b.v1.M": [(1, "x", "string", False), (2, "ns", "a.b.v1.N", True), (3, "qs", "map<string,c.d.Q>", False)],
        "a.b.v1.N": [],
    }


def test_only_what_differs_is_written_and_what_is_stale_goes(tmp_path: Path) -> None:
    outputs = {"schemas/a.json": "{}\n", "models/core/v1.py": "x = 1\n"}
    assert write(tmp_path, outputs) == ["models/core/v1.py", "schemas/a.json"]
    assert differing(tmp_path, outputs) == []
    (tmp_path / "schemas" / "old.json").write_text("{}")
    (tmp_path / "schemas" / "a.json").write_text("[]")
    assert differing(tmp_path, outputs) == ["schemas/a.json", "schemas/old.json"]
    write(tmp_path, outputs)
    assert not (tmp_path / "schemas" / "old.json").exists()


def test_a_check_without_go_says_so_in_one_line_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: Path | None) -> None:
        raise ReleaseMissingError("Go is not installed")

    monkeypatch.setattr(command, "find", missing)
    assert command.main(["--check"]) == 0
    assert command.main([]) == 1
    assert (
        capsys.readouterr().err.splitlines()[0].endswith("only fairlead.sync compared or written: Go is not installed")
    )
