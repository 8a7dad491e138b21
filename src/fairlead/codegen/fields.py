"""The Python field of each property of a definition: name, type and default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fairlead.codegen.openapi import Definitions, Node
from fairlead.machinery.snake import snake_name

__all__ = ["SPECIAL", "PythonField", "fields"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."

#: Definitions that are no classes here: their JSON is a scalar, or of a shape the document does not state.
SPECIAL: dict[str, str] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "JSON",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
    f"{_META}FieldsV1": "JSON",
    f"{_META}MicroTime": "MicroTime",
    f"{_META}Patch": "JSON",
    f"{_META}Time": "Time",
    f"{_CRD}JSON": "JSON",
    f"{_CRD}JSONSchemaPropsOrArray": "JSON",
    f"{_CRD}JSONSchemaPropsOrBool": "JSON",
    f"{_CRD}JSONSchemaPropsOrStringArray": "JSON",
}

_SCALARS = {"string": "str", "boolean": "bool", "integer": "int", "number": "float"}
_ZEROS = {"str": '""', "bool": "False", "int": "0", "float": "0.0"}


@dataclass(frozen=True)
class PythonField:
    """One field. `factory` is called for the default; where it is empty, `default` is the default's text."""

    wire: str
    name: str
    annotation: str
    default: str
    factory: str
    #: The classes that have to be there before the class body runs.
    needs: tuple[str, ...]


class Types:
    """Type expressions for nodes. `spell` gives the text by which a definition's class is known in the module."""

    def __init__(self, definitions: Definitions, spelling: dict[str, str], builtin: str) -> None:
        self._definitions = definitions
        self._spelling = spelling
        #: What stands before `str`, `int` …: empty, or `builtins.` where a field of that name hides it.
        self._builtin = builtin

    def of(self, node: Node) -> str:
        """The type of a value that is there."""
        reference = node.get("$ref", "")
        if reference:
            return SPECIAL.get(reference) or self._spelling[reference]
        kind = node.get("type")
        if kind == "array":
            return f"{self._builtin}list[{self.of(node['items'])}]"
        if kind == "object" and isinstance(node.get("additionalProperties"), dict):
            return f"{self._builtin}dict[{self._builtin}str, {self.of(node['additionalProperties'])}]"
        return f"{self._builtin}{_SCALARS[kind]}" if kind in _SCALARS and node.get("format") != "date-time" else "JSON"


def fields(schema: Node, types: Types) -> list[PythonField]:
    """The fields of a definition, in the order of its properties. Raises ValueError where two have one Python name."""
    required = set(schema.get("required", ()))
    found: dict[str, PythonField] = {}
    for wire, node in schema.get("properties", {}).items():
        made = _field(wire, node, types, required=wire in required)
        if made.name in found:
            raise ValueError(f"{wire} and {found[made.name].wire} are both called {made.name}")
        found[made.name] = made
    return list(found.values())


def _field(wire: str, node: Node, types: Types, *, required: bool) -> PythonField:
    kind = types.of(node)
    uses = tuple(_classes(node))
    reference = node.get("$ref", "")
    name = snake_name(wire)
    if reference and reference not in SPECIAL and node.get("default") == {}:
        return PythonField(wire, name, kind, "", kind, (reference,))
    if kind.removeprefix("builtins.").startswith(("list[", "dict[")):
        return PythonField(wire, name, kind, "[]" if node["type"] == "array" else "{}", kind, uses)
    zero = _ZEROS.get(kind.removeprefix("builtins."))
    if required and zero is not None:
        return PythonField(wire, name, kind, zero, "", ())
    optional = kind if kind == "JSON" else f"{kind} | None"
    return PythonField(wire, name, optional, "None", "", ())


def _classes(node: Node) -> list[str]:
    reference = node.get("$ref", "")
    if reference:
        return [] if reference in SPECIAL else [reference]
    inner = node.get("items") or node.get("additionalProperties")
    return _classes(cast("Node", inner)) if isinstance(inner, dict) else []
