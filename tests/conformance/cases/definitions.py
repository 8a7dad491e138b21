"""Rules of CustomResourceDefinitions: schemas, names, versions; and what becomes of their status.

https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
"""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, PATCH, POST, PUT, Case

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ANYTHING: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
OBJECT: dict[str, Any] = {"type": "object"}


def version(name: str, schema: Any = None, *, storage: bool = False, **more: Any) -> dict[str, Any]:
    whole = {"openAPIV3Schema": ANYTHING if schema is None else schema}
    return {"name": name, "served": True, "storage": storage, "schema": whole, **more}


def given(said: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that are left out with `...`."""
    return {name: value for name, value in said.items() if value is not ...}


def definition(
    schema: Any = None,
    *,
    one: Any = None,
    versions: Any = None,
    names: Any = None,
    meta: Any = None,
    group: str = "{group}",
    **spec: Any,
) -> dict[str, Any]:
    """A definition of widgets; `one` changes its one version, `...` leaves a field out."""
    said = {"plural": "widgets", "kind": "Widget", "singular": "widget", "listKind": "WidgetList", **(names or {})}
    only = {**version("v1", schema, storage=True), **(one or {})}
    whole = {
        "group": group,
        "scope": "Namespaced",
        "names": given(said),
        "versions": [given(only)] if versions is None else versions,
        **spec,
    }
    return {"metadata": {"name": f"widgets.{group}", **(meta or {})}, "spec": given(whole)}


def fields(**properties: Any) -> dict[str, Any]:
    """The schema of an object with these fields."""
    return {"type": "object", "properties": properties}


#: Definitions that are made, dry: what the server says of them.
DEFINITIONS: dict[str, dict[str, Any]] = {
    "ok": definition(),
    "no schema": definition(one={"schema": ...}),
    "empty schema obj": definition(one={"schema": {}}),
    "no type": definition({}),
    "root string": definition({"type": "string"}),
    "root nullable": definition({"type": "object", "nullable": True}),
    "root additionalProperties": definition({"type": "object", "additionalProperties": {"type": "string"}}),
    "prop no type": definition(fields(a={})),
    "array no items": definition(fields(a={"type": "array"})),
    "items no type": definition(fields(a={"type": "array", "items": {}})),
    "unknown type": definition(fields(a={"type": "foo"})),
    "type null": definition(fields(a={"type": "null"})),
    "ref": definition(fields(a={"type": "object", "$ref": "#/x"})),
    "definitions": definition({"type": "object", "definitions": {"a": {"type": "string"}}}),
    "patternProperties": definition(fields(a={"type": "object", "patternProperties": {"a": {"type": "string"}}})),
    "dependencies": definition(fields(a={"type": "object", "dependencies": {"a": ["b"]}})),
    "additionalItems": definition(fields(a={"type": "array", "items": {"type": "string"}, "additionalItems": True})),
    "id": definition(fields(a={"type": "object", "id": "x"})),
    "$schema": definition(fields(a={"type": "object", "$schema": "x"})),
    "items array": definition(fields(a={"type": "array", "items": [{"type": "string"}]})),
    "uniqueItems": definition(fields(a={"type": "array", "items": {"type": "string"}, "uniqueItems": True})),
    "additionalProperties and properties": definition(
        fields(
            a={"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": {"type": "string"}}
        )
    ),
    "additionalProperties false and properties": definition(
        fields(a={"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": False})
    ),
    "additionalProperties true and properties": definition(
        fields(a={"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": True})
    ),
    "preserve false": definition(fields(a={"type": "object", "x-kubernetes-preserve-unknown-fields": False})),
    "anyOf type": definition(fields(a={"type": "object", "anyOf": [{"properties": {"b": {"type": "string"}}}]})),
    "anyOf all": definition(
        fields(
            a={
                "type": "object",
                "properties": {"b": {"type": "string"}},
                "anyOf": [
                    {
                        "type": "object",
                        "description": "d",
                        "title": "t",
                        "default": {},
                        "nullable": True,
                        "additionalProperties": {"type": "string"},
                        "x-kubernetes-preserve-unknown-fields": True,
                        "x-kubernetes-int-or-string": True,
                        "x-kubernetes-embedded-resource": True,
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-map-type": "atomic",
                        "x-kubernetes-list-map-keys": ["a"],
                    }
                ],
            }
        )
    ),
    "root anyOf required": definition(
        {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "anyOf": [{"properties": {"spec": {"properties": {"z": {"minLength": 1}}}}}, {"required": ["spec"]}],
        }
    ),
    "root oneOf ok": definition(
        {
            "type": "object",
            "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "oneOf": [{"properties": {"spec": {"properties": {"a": {"minLength": 1}}}}}, {"required": ["spec"]}],
        }
    ),
    "nested items": definition(
        {
            "type": "object",
            "properties": {"l": {"type": "array", "items": {"type": "string"}}},
            "allOf": [{"properties": {"l": {"items": {"minLength": 3}}, "m": {"items": {"minLength": 1}}}}],
        }
    ),
    "not metadata": definition({"type": "object", "not": {"properties": {"metadata": {"required": ["labels"]}}}}),
    "int-or-string anyOf": definition(
        fields(a={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]})
    ),
    "int-or-string anyOf reversed": definition(
        fields(a={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "string"}, {"type": "integer"}]})
    ),
    "int-or-string allOf": definition(
        fields(
            a={
                "x-kubernetes-int-or-string": True,
                "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "a"}],
            }
        )
    ),
    "int-or-string type": definition(fields(a={"type": "string", "x-kubernetes-int-or-string": True})),
    "int-or-string preserve": definition(
        fields(a={"x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-int-or-string": True})
    ),
    "int-or-string embedded": definition(
        fields(a={"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-int-or-string": True})
    ),
    "embedded no properties": definition(fields(a={"type": "object", "x-kubernetes-embedded-resource": True})),
    "embedded no type": definition(
        fields(a={"x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True})
    ),
    "embedded string": definition(
        fields(
            a={"type": "string", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
        )
    ),
    "embedded additionalProperties": definition(
        fields(
            a={
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "x-kubernetes-preserve-unknown-fields": True,
                "additionalProperties": {"type": "string"},
            }
        )
    ),
    "embedded metadata wrong": definition(
        fields(
            a={
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "properties": {
                    "kind": {"type": "integer"},
                    "apiVersion": {"type": "boolean"},
                    "metadata": {"type": "string"},
                },
            }
        )
    ),
    "embedded in metadata": definition(
        fields(
            a={
                "type": "object",
                "x-kubernetes-embedded-resource": True,
                "properties": {
                    "metadata": {
                        "type": "object",
                        "properties": {
                            "x": {
                                "type": "object",
                                "x-kubernetes-embedded-resource": True,
                                "x-kubernetes-preserve-unknown-fields": True,
                            }
                        },
                    }
                },
            }
        )
    ),
    "metadata labels": definition(fields(metadata={"type": "object", "properties": {"labels": {"type": "object"}}})),
    "metadata name ok": definition(
        fields(metadata={"type": "object", "properties": {"name": {"type": "string", "pattern": "^a"}}})
    ),
    "metadata name default": definition(
        fields(metadata={"type": "object", "properties": {"name": {"type": "string", "default": "x"}}})
    ),
    "metadata default": definition(fields(metadata={"type": "object", "default": {}})),
    "metadata string": definition(fields(metadata={"type": "string"})),
    "metadata description": definition(fields(metadata={"type": "object", "description": "x"})),
    "kind int": definition(fields(kind={"type": "integer"}, apiVersion={"type": "object"})),
    "kind default": definition(fields(kind={"type": "string", "default": "x"})),
    "list set ok": definition(
        fields(a={"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"})
    ),
    "list set obj": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "properties": {"x": {"type": "string"}}},
                "x-kubernetes-list-type": "set",
            }
        )
    ),
    "list set obj atomic": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"x": {"type": "string"}}},
                "x-kubernetes-list-type": "set",
            }
        )
    ),
    "list set list": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "x-kubernetes-list-type": "set",
            }
        )
    ),
    "list set nullable": definition(
        fields(a={"type": "array", "items": {"type": "string", "nullable": True}, "x-kubernetes-list-type": "set"})
    ),
    "list type on string": definition(fields(a={"type": "string", "x-kubernetes-list-type": "set"})),
    "list type no type": definition(
        fields(a={"x-kubernetes-list-type": "set", "x-kubernetes-preserve-unknown-fields": True})
    ),
    "list type unknown": definition(
        fields(a={"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "foo"})
    ),
    "list map no keys": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
            }
        )
    ),
    "list map keys missing": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["z"],
            }
        )
    ),
    "list map keys optional": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "list map keys dup": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k", "k"],
            }
        )
    ),
    "list map keys object": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "object"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "list map keys nullable": definition(
        fields(
            a={
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["k"],
                    "properties": {"k": {"type": "string", "nullable": True}},
                },
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "list map items string": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "string"},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "list map no items": definition(
        fields(a={"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]})
    ),
    "list keys no map": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "object", "properties": {"k": {"type": "string"}}},
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "list keys set": definition(
        fields(
            a={
                "type": "array",
                "items": {"type": "string"},
                "x-kubernetes-list-type": "set",
                "x-kubernetes-list-map-keys": ["k"],
            }
        )
    ),
    "map type": definition(fields(a={"type": "object", "x-kubernetes-map-type": "foo"})),
    "map type on string": definition(fields(a={"type": "string", "x-kubernetes-map-type": "atomic"})),
    "map type no type": definition(
        fields(a={"x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": True})
    ),
    "default ok": definition(fields(a={"type": "string", "default": "x"})),
    "default wrong type": definition(fields(a={"type": "string", "default": 5})),
    "default enum": definition(fields(a={"type": "string", "enum": ["a"], "default": "b"})),
    "default unknown field": definition(
        fields(a={"type": "object", "properties": {"x": {"type": "string"}}, "default": {"y": 1}})
    ),
    "default min": definition(fields(a={"type": "integer", "minimum": 5, "default": 1})),
    "default required": definition(
        fields(a={"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "default": {}})
    ),
    "default null": definition(fields(a={"type": "string", "default": None})),
    "default null nullable": definition(fields(a={"type": "string", "nullable": True, "default": None})),
    "default nested anyOf": definition(fields(a={"type": "string", "anyOf": [{"default": "x"}]})),
    "default in additionalProperties": definition(
        fields(a={"type": "object", "additionalProperties": {"type": "string", "default": "x"}})
    ),
    "pattern bad": definition(fields(a={"type": "string", "pattern": "a["})),
    "pattern lookahead": definition(fields(a={"type": "string", "pattern": "(?=a)"})),
    "format unknown": definition(fields(a={"type": "string", "format": "foo"})),
    "format of an object": definition(fields(b={"type": "object", "format": "date"})),
    "many errors": definition(fields(a={"type": "foo"}, b={}, c={"type": "array"})),
    "enum wrong": definition(fields(a={"type": "string", "enum": [1, 2]})),
    "enum string": definition(fields(a={"type": "string", "enum": "x"})),
    "minimum string": definition(fields(a={"type": "integer", "minimum": "x"})),
    "maxLength frac": definition(fields(a={"type": "string", "maxLength": 1.5})),
    "required string": definition({"type": "object", "required": "x"}),
    "unknown keyword": definition(fields(a={"type": "string", "foo": "bar"})),
    "properties list": definition({"type": "object", "properties": []}),
    "cel empty": definition(fields(a={"type": "string", "x-kubernetes-validations": [{"rule": ""}]})),
    "cel message nl": definition(
        fields(a={"type": "string", "x-kubernetes-validations": [{"rule": "self == 'a'", "message": "a\nb"}]})
    ),
    "cel reason": definition(
        fields(a={"type": "string", "x-kubernetes-validations": [{"rule": "self == 'a'", "reason": "Foo"}]})
    ),
    "group none": definition(group=""),
    "group no dot": definition(group="foo"),
    "group upper": definition(group="Foo.com"),
    "scope none": definition(scope=...),
    "scope bad": definition(scope="Foo"),
    "name mismatch": definition(meta={"name": "foo.bar"}),
    "no name": definition(meta={"name": ""}),
    "no storage": definition(one={"storage": False}),
    "two storage": definition(versions=[version("v1", storage=True), version("v2", storage=True)]),
    "two storage schema": definition(
        versions=[version("v1", fields(a={"type": "string"}), storage=True), version("v2", storage=True)]
    ),
    "dup versions": definition(versions=[version("v1", storage=True), version("v1")]),
    "version name": definition(one={"name": "V1"}),
    "version name empty": definition(one={"name": ""}),
    "version name dot": definition(one={"name": "v1.0"}),
    "not served": definition(one={"served": False}),
    "two versions bad schema": definition(
        versions=[version("v1", fields(a={}), storage=True), version("v2", fields(b={"type": "array"}))]
    ),
    "two versions same bad schema": definition(
        versions=[version("v1", fields(a={}), storage=True), version("v2", fields(a={}))]
    ),
    "names none": definition(names={"plural": ..., "kind": ..., "singular": ..., "listKind": ...}),
    "names upper": definition(names={"plural": "Widgets", "singular": "Widget"}),
    "names bad": definition(
        names={"kind": "wid_get", "listKind": "wid get", "shortNames": ["A", "b c"], "categories": ["all", "X"]}
    ),
    "kind listkind same": definition(names={"kind": "Widget", "listKind": "Widget"}),
    "names plural digits": definition(names={"plural": "1widgets"}),
    "names defaults": definition(names={"singular": ..., "listKind": ...}),
    "deprecated": definition(one={"deprecationWarning": "x"}),
    "deprecated ok": definition(one={"deprecated": True, "deprecationWarning": "x"}),
    "deprecated long": definition(one={"deprecated": True, "deprecationWarning": "x" * 257}),
    "deprecated empty": definition(one={"deprecated": True, "deprecationWarning": ""}),
    "deprecated nl": definition(one={"deprecated": True, "deprecationWarning": "a\nb"}),
    "columns": definition(
        one={
            "additionalPrinterColumns": [
                {"name": "", "type": "foo", "jsonPath": "x", "format": "bar"},
                {"name": "a", "type": "", "jsonPath": ""},
                {"name": "ok", "type": "string", "jsonPath": ".spec"},
            ]
        }
    ),
    "scale empty": definition(one={"subresources": {"scale": {}}}),
    "scale wrong": definition(
        one={
            "subresources": {
                "scale": {"specReplicasPath": "spec.x", "statusReplicasPath": ".spec.x", "labelSelectorPath": ".foo"}
            }
        }
    ),
    "scale wrong2": definition(
        one={
            "subresources": {
                "scale": {"specReplicasPath": ".status.x", "statusReplicasPath": "x", "labelSelectorPath": "foo"}
            }
        }
    ),
    "status root": definition({"type": "object", "minProperties": 1}, one={"subresources": {"status": {}}}),
    "status root type": definition({"type": "string"}, one={"subresources": {"status": {}}}),
    "status root oneOf": definition(
        {"type": "object", "properties": {"spec": OBJECT}, "oneOf": [{"required": ["spec"]}]},
        one={"subresources": {"status": {}}},
    ),
    "selectable": definition(
        fields(
            spec={
                "type": "object",
                "properties": {
                    "a": {"type": "string"},
                    "l": {"type": "array", "items": {"type": "string"}},
                    "m": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            }
        ),
        one={
            "selectableFields": [
                {"jsonPath": ".spec.a"},
                {"jsonPath": ".spec.a"},
                {"jsonPath": ".spec.z"},
                {"jsonPath": ".spec.l"},
                {"jsonPath": "spec.a"},
                {"jsonPath": ".metadata.name"},
                {"jsonPath": ""},
                {"jsonPath": ".spec.l[0]"},
                {"jsonPath": ".spec.m.q"},
                {"jsonPath": ".spec."},
            ]
        },
    ),
    "selectable many": definition(
        fields(spec={"type": "object", "properties": {f"a{i}": {"type": "string"} for i in range(9)}}),
        one={"selectableFields": [{"jsonPath": f".spec.a{i}"} for i in range(9)]},
    ),
    "conversion": definition(conversion={"strategy": "Foo"}),
    "conversion empty": definition(conversion={"strategy": ""}),
    "conversion webhook none": definition(conversion={"strategy": "Webhook"}),
    "conversion webhook empty": definition(
        conversion={"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {}}}
    ),
    "conversion webhook url": definition(
        conversion={
            "strategy": "Webhook",
            "webhook": {
                "conversionReviewVersions": ["v2", "v2", "V!"],
                "clientConfig": {"url": "http://u:p@x/y?z=1#f"},
            },
        }
    ),
    "conversion webhook service": definition(
        conversion={
            "strategy": "Webhook",
            "webhook": {
                "conversionReviewVersions": ["v1"],
                "clientConfig": {"service": {"name": "", "namespace": "", "path": "x", "port": 70000}},
            },
        }
    ),
    "conversion none with webhook": definition(
        conversion={
            "strategy": "None",
            "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://x"}},
        }
    ),
    "preserve true": definition(preserveUnknownFields=True),
    "preserve true default": definition(fields(a={"type": "string", "default": "x"}), preserveUnknownFields=True),
    "preserve true webhook": definition(
        preserveUnknownFields=True,
        conversion={
            "strategy": "Webhook",
            "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://x"}},
        },
    ),
    "approval": definition(group="{id}.k8s.io"),
    "approval ok": definition(
        group="{id}.k8s.io", meta={"annotations": {"api-approved.kubernetes.io": "https://github.com/x"}}
    ),
    "approval bad": definition(group="{id}.k8s.io", meta={"annotations": {"api-approved.kubernetes.io": "foo"}}),
    "approval unapproved": definition(
        group="{id}.kubernetes.io", meta={"annotations": {"api-approved.kubernetes.io": "unapproved, x"}}
    ),
    "wrong types": definition(names={"plural": 5}),
}

WIDGET = "/widgets.{group}"

CASES = [
    *(
        Case(f"definition: {name}", POST(f"{CRDS}?dryRun=All", body), namespace=False)
        for name, body in DEFINITIONS.items()
    ),
    Case("definition without a spec", POST(f"{CRDS}?dryRun=All", {"metadata": {"name": "a.b"}}), namespace=False),
    Case(
        "definition whose schema is a string",
        POST(f"{CRDS}?dryRun=All", definition(one={"schema": {"openAPIV3Schema": "x"}})),
        namespace=False,
    ),
    Case(
        "what may not change of an established definition",
        CRD(),
        PATCH(f"{CRDS}{WIDGET}", {"spec": {"scope": "Cluster"}}),
        PATCH(f"{CRDS}{WIDGET}", {"spec": {"names": {"kind": "Foo"}}}),
        PATCH(f"{CRDS}{WIDGET}", {"spec": {"names": {"plural": "foos"}}}),
        PATCH(f"{CRDS}{WIDGET}", {"spec": {"group": "x.y"}}),
        namespace=False,
    ),
    Case(
        "a version that was stored must stay",
        CRD(),
        PATCH(f"{CRDS}{WIDGET}", {"spec": {"versions": [version("v2", storage=True)]}}),
        PATCH(f"{CRDS}{WIDGET}?dryRun=All", {"spec": {"versions": [version("v1"), version("v2", storage=True)]}}),
        namespace=False,
    ),
    Case("an update of a definition without a version", CRD(), PUT(f"{CRDS}{WIDGET}", definition()), namespace=False),
]
