"""How OpenAPI 2 and 3 write the same operations and references down.

https://spec.openapis.org/oas/v3.0.0 and https://spec.openapis.org/oas/v2.0; which form each part has is kube-apiserver's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["OPENAPI_V2", "OPENAPI_V3", "Body", "Dialect", "Operation", "Parameter"]

Node = dict[str, Any]
_SAID = {"200": "OK", "201": "Created", "202": "Accepted", "401": "Unauthorized"}


class Parameter(NamedTuple):
    """A parameter of a path (place `path`) or a query, sorted as documents list them."""

    name: str
    place: str
    kind: str


class Body(NamedTuple):
    """What a request carries."""

    schema: Node
    media_types: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, in no version's words yet."""

    name: str
    tag: str
    #: x-kubernetes-action, and group, version and kind; operations on no object have neither.
    action: str = ""
    kind: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: frozenset[Parameter] = frozenset()
    body: Body | None = None
    consumes: tuple[str, ...] = ("*/*",)
    produces: tuple[str, ...] = ()
    #: Status → schema of its body, for those that carry one.
    answers: Mapping[str, Node] = field(default_factory=dict[str, Node])

    def without(self, shared: frozenset[Parameter]) -> list[Parameter]:
        """The parameters that the path does not name for all its operations."""
        return sorted(self.parameters - shared)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a version of OpenAPI writes things down."""

    refs: str
    quantity: Node
    int_or_string: Node
    #: A `$ref` and what stands beside it.
    reference: Callable[[str, Node], Node]
    parameter: Callable[[Parameter], Node]
    #: An operation, but for the parameters that its path names.
    operation: Callable[[Operation, frozenset[Parameter]], Node]
    #: Whether a property's reference is wrapped, so that a description may stand beside it.
    wraps: bool = False
    #: Keywords of schemas that this version does not have.
    dropped: frozenset[str] = frozenset()


def _reference_v3(ref: str, beside: Node) -> Node:
    return {**beside, "allOf": [{"$ref": ref}]} if beside else {"$ref": ref}


def _reference_v2(ref: str, beside: Node) -> Node:
    return {**{key: value for key, value in beside.items() if key != "default"}, "$ref": ref}


def _parameter_v3(parameter: Parameter) -> Node:
    name, place, kind = parameter
    found: Node = {"name": name, "in": place, "schema": {"type": kind, "uniqueItems": True}}
    return {**found, "required": True} if place == "path" else found


def _parameter_v2(parameter: Parameter) -> Node:
    name, place, kind = parameter
    found: Node = {"name": name, "in": place, "type": kind, "uniqueItems": True}
    return {**found, "required": True} if place == "path" else found


def _frame(operation: Operation, parameters: list[Node], **parts: Any) -> Node:
    frame: Node = {"tags": [operation.tag], "operationId": operation.name, **parts}
    if parameters:
        frame["parameters"] = parameters
    if operation.action:
        frame["x-kubernetes-action"] = operation.action
        frame["x-kubernetes-group-version-kind"] = dict(operation.kind)
    return frame


def _operation_v3(operation: Operation, shared: frozenset[Parameter]) -> Node:
    responses: Node = {
        code: {"description": _SAID[code], "content": {media: {"schema": schema} for media in operation.produces}}
        for code, schema in operation.answers.items()
    }
    responses["401"] = {"description": _SAID["401"]}
    parts: Node = {"responses": responses}
    if operation.body is not None:
        schema, media_types, required = operation.body
        body: Node = {"content": {media: {"schema": schema} for media in media_types}}
        parts["requestBody"] = {**body, "required": True} if required else body
    return _frame(operation, [_parameter_v3(each) for each in operation.without(shared)], **parts)


def _operation_v2(operation: Operation, shared: frozenset[Parameter]) -> Node:
    parameters = [_parameter_v2(each) for each in operation.without(shared)]
    consumes = operation.consumes
    if operation.body is not None:
        schema, consumes, required = operation.body
        body: Node = {"name": "body", "in": "body", "schema": schema}
        parameters = sorted(
            [{**body, "required": True} if required else body, *parameters], key=lambda each: (each["name"], each["in"])
        )
    responses: Node = {
        code: {"description": _SAID[code], "schema": schema} for code, schema in operation.answers.items()
    }
    responses["401"] = {"description": _SAID["401"]}
    parts: Node = {"produces": list(operation.produces), "schemes": ["https"], "responses": responses}
    if consumes:
        parts["consumes"] = list(consumes)
    return _frame(operation, parameters, **parts)


OPENAPI_V3 = Dialect(
    "#/components/schemas/",
    {"oneOf": [{"type": "string"}, {"type": "number"}]},
    {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    _reference_v3,
    _parameter_v3,
    _operation_v3,
    wraps=True,
)
OPENAPI_V2 = Dialect(
    "#/definitions/",
    {"type": "string"},
    {"type": "string", "format": "int-or-string"},
    _reference_v2,
    _parameter_v2,
    _operation_v2,
    dropped=frozenset({"default", "nullable", "oneOf", "anyOf", "not"}),
)
