"""Schemas: what is pruned, defaulted, refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.machinery.schema.checks import check_structural
from fairlead.machinery.schema.fields import apply_defaults, prune, type_errors, unknown_fields
from fairlead.machinery.schema.lists import list_faults
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import Registry, builtin, group_versions
from fairlead.machinery.schema.rules import validate

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
DOCUMENT = {
    "group": "",
    "version": "v1",
    "resources": [
        {"name": "things", "kind": "Thing", "namespaced": True, "schema": "a.v1.Thing", "shortNames": ["th"]}
    ],
    "schemas": {
        "a.v1.Thing": {
            "type": "object",
            "properties": {
                "metadata": {"$ref": f"{META}.ObjectMeta", "default": {}},
                "parts": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "x-kubernetes-patch-strategy": "merge,retainKeys",
                    "x-kubernetes-patch-merge-key": "name",
                    "items": {"$ref": "a.v1.Part"},
                },
                "raw": {"type": "object"},
            },
        },
        "a.v1.Part": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "default": ""},
                "count": {"type": "integer", "format": "int32"},
                "protocol": {"type": "string", "default": "TCP"},
                "port": {"x-kubernetes-int-or-string": True},
                "amount": {"type": "string", "format": "quantity"},
                "part": {"$ref": "a.v1.Part"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        f"{META}.ObjectMeta": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    directory: Path = tmp_path_factory.mktemp("schemas")
    index = {
        "kubernetes": "v1.37.2",
        "groupVersions": [{"group": "", "version": "v1", "file": "v1.json"}],
        "definitions": {"a.v1": "v1.json", META: "v1.json"},
    }
    (directory / "index.json").write_text(json.dumps(index))
    (directory / "v1.json").write_text(json.dumps(DOCUMENT))
    return Registry(directory)


@pytest.fixture
def thing(registry: Registry) -> Schema:
    group_version = registry.builtin("", "v1")
    assert group_version is not None
    return group_version.schema("Thing")


def crd(registry: Registry, **spec: Any) -> Schema:
    return registry.from_crd({"type": "object", "properties": {"spec": {"type": "object", **spec}}})


def test_a_group_version_that_is_not_built_in_is_none(registry: Registry) -> None:
    assert registry.builtin("example.com", "v1") is None
    assert registry.group_versions() == [("", "v1")]


def test_a_reference_is_followed_and_what_stands_beside_it_wins(thing: Schema) -> None:
    metadata = thing.properties["metadata"]
    assert metadata.type == "object"
    assert metadata.has_default
    assert metadata.default == {}
    parts = thing.properties["parts"]
    assert (parts.list_type, parts.map_keys) == ("map", ("name",))
    assert (parts.patch_strategy, parts.patch_merge_key) == (("merge", "retainKeys"), "name")
    assert parts.items is not None
    assert parts.items.properties["part"].properties["part"].properties["name"].type == "string"


def test_unknown_fields_are_named_as_the_server_names_them_and_pruned_in_place(thing: Schema) -> None:
    value = {
        "parts": [{"name": "a"}, {"name": "b", "x": 1}],
        "y": 2,
        "metadata": {"labels": {"k": "v"}, "z": 3},
        "raw": {"q": 1},
    }
    assert unknown_fields(thing, value) == ["parts[1].x", "y", "metadata.z"]
    assert prune(thing, value) == ["parts[1].x", "y", "metadata.z"]
    assert value == {"parts": [{"name": "a"}, {"name": "b"}], "metadata": {"labels": {"k": "v"}}, "raw": {"q": 1}}


def test_a_custom_type_keeps_only_what_its_schema_states(registry: Registry) -> None:
    schema = crd(
        registry,
        properties={
            "empty": {"type": "object"},
            "open": {
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": True,
                "properties": {"in": {"type": "object"}},
            },
            "map": {
                "type": "object",
                "additionalProperties": {"type": "object", "properties": {"a": {"type": "string"}}},
            },
            "embedded": {
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "properties": {"spec": {"type": "string"}},
            },
        },
    )
    value: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "T",
        "metadata": {"name": "x", "bad": 1},
        "spec": {
            "map": {"k": {"a": "1", "b": 2}},
            "open": {"x": {"y": 1}, "in": {"z": 1}},
            "empty": {"a": 1},
            "embedded": {"apiVersion": "v1", "kind": "P", "metadata": {"any": 1}, "spec": "s", "x": 1},
        },
    }
    assert prune(schema, value) == ["metadata.bad", "spec.embedded.x", "spec.empty.a", "spec.map.k.b", "spec.open.in.z"]
    assert value["spec"]["open"] == {"x": {"y": 1}, "in": {}}
    assert value["spec"]["embedded"]["metadata"] == {"any": 1}


def test_defaults_are_filled_into_defaults_nulls_maps_and_lists(registry: Registry) -> None:
    leaf = {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}
    schema = crd(
        registry,
        default={},
        properties={
            "one": {**leaf, "default": {}},
            "absent": leaf,
            "list": {"type": "array", "items": leaf},
            "map": {"type": "object", "additionalProperties": leaf},
            "null": {"type": "string", "nullable": True, "default": "x"},
            "gone": {"type": "string"},
        },
    )
    empty: dict[str, Any] = {}
    apply_defaults(schema, empty)
    assert empty == {"spec": {"one": {"a": 1}, "null": "x"}}
    value: dict[str, Any] = {
        "spec": {"one": None, "list": [{}, {"a": 2}], "map": {"k": {}}, "null": None, "gone": None}
    }
    apply_defaults(schema, value)
    assert value == {"spec": {"one": {"a": 1}, "list": [{"a": 1}, {"a": 2}], "map": {"k": {"a": 1}}, "null": None}}
    again: dict[str, Any] = {}
    apply_defaults(schema, again)
    again["spec"]["one"]["a"] = 5
    apply_defaults(schema, empty)
    assert empty["spec"]["one"] == {"a": 1}


def test_a_built_in_zero_default_only_marks_a_value_and_is_not_filled_in(thing: Schema) -> None:
    value: dict[str, Any] = {"parts": [{"count": None}]}
    apply_defaults(thing, value)
    assert value == {"parts": [{"count": None, "protocol": "TCP"}]}


def test_wrong_types_are_found_with_their_places(thing: Schema) -> None:
    value = {"parts": [{"count": "x", "port": True, "amount": 5, "labels": {"a": 1}, "name": None}], "raw": []}
    assert [fault[:3] for fault in type_errors(thing, value)] == [
        ("parts[0].count", "integer", "string"),
        ("parts[0].port", "integer or string", "bool"),
        ("parts[0].labels.a", "string", "number"),
        ("raw", "object", "array"),
    ]


BREACHES = [
    (
        {"type": "integer"},
        "x",
        'Invalid value: "string": spec.f in body must be of type integer: "string"',
        "FieldValueTypeInvalid",
    ),
    (
        {"type": "integer"},
        None,
        'Invalid value: "null": spec.f in body must be of type integer: "null"',
        "FieldValueTypeInvalid",
    ),
    (
        {"x-kubernetes-int-or-string": True},
        True,
        'Invalid value: "boolean": spec.f in body must be of type integer,string: "boolean"',
        "FieldValueTypeInvalid",
    ),
    (
        {"type": "string", "enum": ["a", "b"]},
        "x",
        'Unsupported value: "x": supported values: "a", "b"',
        "FieldValueNotSupported",
    ),
    (
        {"type": "integer", "enum": [1, 2]},
        3,
        'Unsupported value: 3: supported values: "1", "2"',
        "FieldValueNotSupported",
    ),
    (
        {"type": "integer", "minimum": 1},
        0,
        "Invalid value: 0: spec.f in body should be greater than or equal to 1",
        "FieldValueInvalid",
    ),
    (
        {"type": "number", "maximum": 1.5, "exclusiveMaximum": True},
        1.5,
        "Invalid value: 1.5: spec.f in body should be less than 1.5",
        "FieldValueInvalid",
    ),
    (
        {"type": "integer", "multipleOf": 5},
        7,
        "Invalid value: 7: spec.f in body should be a multiple of 5",
        "FieldValueInvalid",
    ),
    (
        {"type": "string", "minLength": 1},
        "",
        'Invalid value: "": spec.f in body should be at least 1 chars long',
        "FieldValueInvalid",
    ),
    ({"type": "string", "maxLength": 1}, "ab", "Too long: may not be more than 1 byte", "FieldValueTooLong"),
    (
        {"type": "string", "pattern": "^a$"},
        "b",
        "Invalid value: \"b\": spec.f in body should match '^a$'",
        "FieldValueInvalid",
    ),
    (
        {"type": "string", "format": "date-time"},
        "today",
        'Invalid value: "today": spec.f in body must be of type date-time: "today"',
        "FieldValueTypeInvalid",
    ),
    (
        {"type": "array", "minItems": 1, "items": {"type": "string"}},
        [],
        "Invalid value: 0: spec.f in body should have at least 1 items",
        "FieldValueInvalid",
    ),
    (
        {"type": "array", "maxItems": 1, "items": {"type": "string"}},
        ["a", "b"],
        "Too many: 2: must have at most 1 item",
        "FieldValueTooMany",
    ),
]


@pytest.mark.parametrize(("node", "value", "message", "reason"), BREACHES)
def test_a_breach_is_told_in_the_servers_words(
    registry: Registry, node: Any, value: Any, message: str, reason: str
) -> None:
    causes = validate(crd(registry, properties={"f": node}), {"spec": {"f": value}})
    assert causes == [(reason, message, "spec.f")]


def test_a_missing_required_field_is_named(registry: Registry) -> None:
    causes = validate(crd(registry, required=["a"]), {"spec": {}})
    assert [str(cause) for cause in causes] == ["spec.a: Required value"]
    assert causes[0].reason == "FieldValueRequired"


def test_a_fraction_is_neither_of_integer_type_nor_in_its_range(registry: Registry) -> None:
    causes = validate(crd(registry, properties={"f": {"type": "integer"}}), {"spec": {"f": 1.5}})
    assert [str(cause) for cause in causes] == [
        'spec.f: Invalid value: "number": spec.f in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.f',
    ]


def test_an_integer_is_held_against_the_whole_part_of_a_bound(registry: Registry) -> None:
    schema = crd(registry, properties={"f": {"type": "number", "maximum": 1.5, "exclusiveMaximum": True}})
    assert [c.message for c in validate(schema, {"spec": {"f": 2}})] == [
        "Invalid value: 2: spec.f in body should be less than 1"
    ]


FORMATS = [
    ("date-time", "2020-01-01T00:00:00Z", True),
    ("date-time", "2020-01-01T00:00:00.5+02:00", True),
    ("date-time", "2020-01-01 00:00:00", False),
    ("byte", "YQ==", True),
    ("byte", "!!", False),
    ("ipv4", "1.2.3", False),
    ("cidr", "10.0.0.0/8", True),
    ("cidr", "1.2.3.4", False),
    ("uri", "http://x", True),
    ("uri", "nope", False),
    ("uuid", "x", False),
    ("date", "2020-13-01", False),
    ("duration", "3 s", True),
    ("duration", "x", False),
    ("hostname", "a_b", False),
    ("email", "a@b", True),
    ("email", "x", False),
    ("no-such-format", "anything", True),
]


@pytest.mark.parametrize(("name", "text", "right"), FORMATS)
def test_formats_are_judged_as_a_real_server_judged_them(registry: Registry, name: str, text: str, right: bool) -> None:
    schema = crd(registry, properties={"f": {"type": "string", "format": name}})
    assert (validate(schema, {"spec": {"f": text}}) == []) is right


def test_an_int32_out_of_range_is_about_no_field_in_particular(registry: Registry) -> None:
    causes = validate(crd(registry, properties={"f": {"type": "integer", "format": "int32"}}), {"spec": {"f": 2**40}})
    assert [str(c) for c in causes] == [
        '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.f'
    ]


@pytest.mark.parametrize(
    ("combination", "messages"),
    [
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            ['<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)', "spec.a: Required value"],
        ),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            [
                '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
                "spec.a: Required value",
            ],
        ),
        (
            {"oneOf": [{}, {}]},
            [
                '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'
            ],
        ),
        (
            {"allOf": [{"required": ["a"]}]},
            [
                "spec.a: Required value",
                '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated',
            ],
        ),
        ({"not": {}}, ['<nil>: Invalid value: "": "spec" must not validate the schema (not)']),
    ],
)
def test_combinations_explain_themselves(registry: Registry, combination: Any, messages: list[str]) -> None:
    assert [str(cause) for cause in validate(crd(registry, **combination), {"spec": {}})] == messages


def test_sets_and_maps_have_no_duplicates(registry: Registry) -> None:
    item = {"type": "object", "properties": {"k": {"type": "string"}, "n": {"type": "integer"}}}
    schema = crd(
        registry,
        properties={
            "s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "m": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": item},
        },
    )
    causes = list_faults(schema, {"spec": {"s": ["a", "b", "a", "a"], "m": [{"k": "x"}, {"k": "x", "n": 1}]}})
    assert list(causes) == [
        ("FieldValueDuplicate", 'Duplicate value: "a"', "spec.s[2]"),
        ("FieldValueDuplicate", 'Duplicate value: {"k":"x"}', "spec.m[1]"),
    ]


def test_a_valid_value_has_no_causes_and_metadata_is_not_held_against_it(registry: Registry) -> None:
    schema = crd(registry, properties={"f": {"type": "number"}, "n": {"type": "string", "nullable": True}})
    assert validate(schema, {"metadata": {"name": "x", "labels": None}, "spec": {"f": 1, "n": None}}) == []


def test_every_built_in_reference_leads_somewhere() -> None:
    seen: set[str] = set()

    def walk(schema: Schema | bool | None) -> None:
        if not isinstance(schema, Schema) or (schema.ref in seen and schema.ref is not None):
            return
        seen.update(filter(None, [schema.ref]))
        for child in [*schema.properties.values(), schema.items, schema.additional_properties]:
            walk(child)

    for group, version in group_versions():
        found = builtin(group, version)
        assert found is not None
        for resource in found.resources:
            walk(found.schema(resource.kind))
    assert len(seen) > 500


def test_a_deployments_unknown_fields_are_told_as_a_real_server_told_them() -> None:
    apps = builtin("apps", "v1")
    assert apps is not None
    value = {
        "zz": 1,
        "metadata": {"name": "s", "foo": 1},
        "spec": {"b": 1, "template": {"spec": {"containers": [{"name": "c", "foo": 1}], "volumes": [{"q": 1}]}}},
    }
    assert unknown_fields(apps.schema("Deployment"), value) == [
        "zz",
        "metadata.foo",
        "spec.b",
        "spec.template.spec.containers[0].foo",
        "spec.template.spec.volumes[0].q",
    ]


@pytest.mark.parametrize(
    ("node", "messages"),
    [
        ({"type": "object", "properties": {"spec": {"type": "object"}}}, []),
        ({}, ["s.type: Required value: must not be empty at the root"]),
        ({"type": "string"}, ['s.type: Invalid value: "string": must be object at the root']),
        (
            {"type": "object", "properties": {"a": {}, "b": {"type": "array"}}},
            [
                "s.properties[a].type: Required value: must not be empty for specified object fields",
                "s.properties[b].items: Required value: must be specified",
            ],
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object", "anyOf": [{"properties": {"b": {"type": "string"}}}]}},
            },
            [
                "s.properties[a].anyOf[0].properties[b].type: Forbidden: must be empty to be structural",
            ],
        ),
        (
            {
                "type": "object",
                "properties": {
                    "a": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["k"],
                        "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                    }
                },
            },
            [
                (
                    "s.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, "
                    "so it must have a default or be a required property"
                )
            ],
        ),
        (
            {
                "type": "object",
                "properties": {"metadata": {"type": "object", "properties": {"labels": {"type": "object"}}}},
            },
            [
                (
                    "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, "
                    "but metadata is implicitly specified"
                )
            ],
        ),
        (
            {
                "type": "object",
                "properties": {
                    "p": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
                },
            },
            [],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "object", "$ref": "#/x"}}},
            ["s.properties[a].$ref: Forbidden: $ref is not supported"],
        ),
    ],
)
def test_a_schema_that_is_not_structural_says_why(node: Any, messages: list[str]) -> None:
    assert [str(cause) for cause in check_structural(node, "s")] == messages


@pytest.mark.parametrize("keyword", ["items", "additionalProperties", "additionalItems"])
def test_a_schema_inside_another_is_held_to_its_types_too(keyword):
    schema = builtin("apiextensions.k8s.io", "v1").schema("JSONSchemaProps")
    wrong = {"properties": {"a": {keyword: {"x-kubernetes-validations": "x"}}}}
    [fault] = type_errors(schema, wrong)
    assert (fault.expected, fault.actual, fault.steps[-1]) == ("array", "string", "x-kubernetes-validations")
    assert type_errors(schema, {keyword: {"type": "object"}}) == []
    [other] = type_errors(schema, {"additionalProperties": 5})
    assert other.detail == "boolean or JSON schema expected"
