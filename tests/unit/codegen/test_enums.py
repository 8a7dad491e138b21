"""Which values a field may have, out of Go."""

from __future__ import annotations

from pathlib import Path

from fairlead.codegen.enums import enums

GO = """package openapi

import (
\tappsv1 "k8s.io/api/apps/v1"
)

func GetOpenAPIDefinitions(ref common.ReferenceCallback) map[string]common.OpenAPIDefinition {
\treturn map[string]common.OpenAPIDefinition{
\t\tappsv1.Strategy{}.OpenAPIModelName():  schema_apps_v1_Strategy(ref),
\t\tappsv1.Unknown{}.OpenAPIModelName():  schema_apps_v1_Unknown(ref),
\t}
}

func schema_apps_v1_Strategy(ref common.ReferenceCallback) common.OpenAPIDefinition {
\treturn common.OpenAPIDefinition{
\t\tSchema: spec.Schema{
\t\t\tSchemaProps: spec.SchemaProps{
\t\t\t\tProperties: map[string]spec.Schema{
\t\t\t\t\t"modes": {
\t\t\t\t\t\tSchemaProps: spec.SchemaProps{
\t\t\t\t\t\t\tItems: &spec.SchemaOrArray{
\t\t\t\t\t\t\t\tSchema: &spec.Schema{
\t\t\t\t\t\t\t\t\tSchemaProps: spec.SchemaProps{
\t\t\t\t\t\t\t\t\t\tEnum:    []interface{}{"x"},
\t\t\t\t\t\t\t\t\t},
\t\t\t\t\t\t\t\t},
\t\t\t\t\t\t\t},
\t\t\t\t\t\t},
\t\t\t\t\t},
\t\t\t\t\t"kind": {
\t\t\t\t\t\tSchemaProps: spec.SchemaProps{
\t\t\t\t\t\t\tEnum:        []interface{}{"a", "b"},
\t\t\t\t\t\t},
\t\t\t\t\t},
\t\t\t\t},
\t\t\t},
\t\t},
\t}
}

func schema_apps_v1_Unknown(ref common.ReferenceCallback) common.OpenAPIDefinition {
\t\t\t\t\t"kind": {
\t\t\t\t\t\t\tEnum:        []interface{}{"a"},
}
"""


def test_enums_of_fields_and_of_items_are_read_for_the_definitions_that_there_are(tmp_path: Path) -> None:
    source = tmp_path / "zz_generated.openapi.go"
    source.write_text(GO)
    name = "io.k8s.api.apps.v1.Strategy"
    assert enums(source, {name: {}}) == {name: {"kind": {"enum": ["a", "b"]}, "modes": {"items": {"enum": ["x"]}}}}
