from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from fairlead.errors import InvalidObject
from fairlead.machinery.crd import custom_resource_definition, openapi_schema
from fairlead.machinery.objects import IntOrString, MicroTime, Resource, Struct, Time, field, part
from fairlead.machinery.schema.fields import apply_defaults, prune
from fairlead.machinery.schema.registry import from_crd
from fairlead.machinery.schema.rules import validate
from fairlead.models.core.v1 import ConfigMap


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Schedule(Struct):
    """When a thing runs.

    More of it.
    """

    __list_keys__ = ("name", "day_number")

    name: str
    day_number: int = 1
    at: Time | None = None


class CronTabSpec(Struct):
    """What a CronTab
    should do."""

    schedule: str
    image: Annotated[str, msgspec.Meta(pattern="^[a-z]", min_length=1, max_length=9, description="Which one")] = ""
    replicas: Annotated[int, msgspec.Meta(ge=0, lt=10)] = 1
    mode: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    port: IntOrString = 80
    ratio: float | None = None
    labels: dict[str, str] = field(default_factory=dict)
    anything: Any = None
    bag: dict[str, Any] = field(default_factory=dict)
    runs: list[Schedule] = field(default_factory=list)
    words: Annotated[list[str], msgspec.Meta(max_length=3, extra_json_schema={"x-kubernetes-list-type": "set"})] = (
        field(default_factory=list)
    )
    moment: MicroTime | None = None
    pod_ip: str | None = field(name="podIP", default=None)
    on: bool = False


class CronTabStatus(Struct):
    ready: int | None = None


class CronTab(Resource, api_version="stable.example.com/v1", kind="CronTab", short_names=("ct",)):
    """A job by the clock.

    And more.
    """

    spec: CronTabSpec = part()
    status: CronTabStatus = part(default_factory=CronTabStatus)


def test_the_manifest_names_the_type_and_its_subresources() -> None:
    crd = CronTab.crd(
        categories=["all"],
        printer_columns=[{"name": "Ready", "type": "integer", "jsonPath": ".status.ready"}],
        scale={"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.ready"},
    ).to_dict()
    assert (crd["apiVersion"], crd["kind"]) == ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert crd["metadata"] == {"name": "crontabs.stable.example.com"}
    assert crd["spec"]["names"] == {
        "kind": "CronTab", "listKind": "CronTabList", "plural": "crontabs", "singular": "crontab",
        "shortNames": ["ct"], "categories": ["all"],
    }  # fmt: skip
    assert (crd["spec"]["group"], crd["spec"]["scope"]) == ("stable.example.com", "Namespaced")
    version = crd["spec"]["versions"][0]
    assert (version["name"], version["served"], version["storage"]) == ("v1", True, True)
    assert version["subresources"] == {
        "status": {},
        "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.ready"},
    }
    assert version["additionalPrinterColumns"] == [{"name": "Ready", "type": "integer", "jsonPath": ".status.ready"}]


def test_the_schema_says_what_the_annotations_say() -> None:
    found = openapi_schema(CronTab)
    assert found["description"] == "A job by the clock."
    assert found["required"] == ["spec"]
    assert found["properties"]["metadata"] == {"type": "object"}
    spec = found["properties"]["spec"]
    assert spec["description"] == "What a CronTab should do."
    assert spec["required"] == ["schedule"]
    assert spec["properties"] == {
        "schedule": {"type": "string"},
        "image": {"type": "string", "pattern": "^[a-z]", "minLength": 1, "maxLength": 9, "description": "Which one"},
        "replicas": {
            "type": "integer", "format": "int64", "minimum": 0, "maximum": 10, "exclusiveMaximum": True, "default": 1,
        },
        "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "port": {"x-kubernetes-int-or-string": True, "default": 80},
        "ratio": {"type": "number"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {"x-kubernetes-preserve-unknown-fields": True},
        "bag": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "description": "When a thing runs.",
                "properties": {
                    "name": {"type": "string"},
                    "dayNumber": {"type": "integer", "format": "int64", "default": 1},
                    "at": {"type": "string", "format": "date-time"},
                },
                "required": ["name"],
            },
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name", "dayNumber"],
        },
        "words": {"type": "array", "items": {"type": "string"}, "maxItems": 3, "x-kubernetes-list-type": "set"},
        "moment": {"type": "string", "format": "date-time"},
        "podIP": {"type": "string"},
        "on": {"type": "boolean", "default": False},
    }  # fmt: skip


def test_the_schema_prunes_defaults_and_validates_as_the_class_means_it() -> None:
    node = from_crd(openapi_schema(CronTab))
    document: dict[str, Any] = {
        "spec": {"schedule": "x", "future": 1, "bag": {"any": 1}, "runs": [{"name": "a"}], "port": "http"}
    }
    assert prune(node, document) == ["spec.future"]
    apply_defaults(node, document)
    assert document["spec"]["replicas"] == 1
    assert document["spec"]["runs"] == [{"name": "a", "dayNumber": 1}]
    assert validate(node, document) == []
    document["spec"]["mode"] = "z"
    assert [cause.field for cause in validate(node, document)] == ["spec.mode"]


def test_a_class_without_a_status_has_no_subresource() -> None:
    class Plain(Resource, api_version="example.com/v1", kind="Plain", plural="plain", scope="Cluster"):
        level: int = part(default=3)

    crd = Plain.crd().to_dict()
    assert crd["spec"]["scope"] == "Cluster"
    assert crd["metadata"]["name"] == "plain.example.com"
    version = crd["spec"]["versions"][0]
    assert "subresources" not in version
    assert version["schema"]["openAPIV3Schema"]["properties"]["level"]["default"] == 3


class Knot(Struct):
    below: list[Knot] = field(default_factory=list)


class Rope(Resource, api_version="example.com/v1", kind="Rope"):
    spec: Knot = part(default_factory=Knot)


def test_what_a_structural_schema_cannot_say_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidObject, match=r"Rope\.spec: Knot\.below: Knot contains itself"):
        Rope.crd()
    with pytest.raises(InvalidObject, match="ConfigMap is built in"):
        custom_resource_definition(ConfigMap)

    class Groupless(Resource, api_version="v1", kind="Groupless"): ...

    with pytest.raises(InvalidObject, match="Groupless: a custom resource needs a group"):
        Groupless.crd()


def test_list_keys_must_be_fields_that_every_item_has() -> None:
    class Named(Struct):
        __list_keys__ = ("nmae",)

        name: str = ""

    class Wrong(Resource, api_version="example.com/v1", kind="Wrong"):
        items: list[Named] = part(default_factory=list)

    with pytest.raises(InvalidObject, match="__list_keys__ names nmae"):
        Wrong.crd()

    class Optional(Struct):
        __list_keys__ = ("name",)

        name: str = ""

    class Right(Resource, api_version="example.com/v1", kind="Right"):
        items: list[Optional] = part(default_factory=list)

    node = openapi_schema(Right)["properties"]["items"]
    assert node["items"]["required"] == ["name"]


def test_a_type_may_hold_built_in_ones() -> None:
    from fairlead.models.core.v1 import PodTemplateSpec

    class WorkSpec(Struct):
        template: PodTemplateSpec = field(default_factory=PodTemplateSpec)

    class Work(Resource, api_version="example.com/v1", kind="Work"):
        spec: WorkSpec = part(default_factory=WorkSpec)

    template = openapi_schema(Work)["properties"]["spec"]["properties"]["template"]["properties"]
    assert template["spec"]["properties"]["containers"]["x-kubernetes-list-map-keys"] == ["name"]
    assert "labels" in template["metadata"]["properties"]
