"""One node of a schema, as the OpenAPI document of a built-in type or the structural schema of a CRD states it.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, TypeGuard, cast

__all__ = ["Definitions", "Schema", "child_path", "is_list", "is_map"]

RESOURCE_FIELDS = ("apiVersion", "kind", "metadata")
"""What every embedded resource has without its schema saying so."""


class Definitions(Protocol):
    """Finds the schema that a `$ref` names."""

    def definition(self, name: str) -> Schema:
        """The schema called `name`, such as `io.k8s.api.core.v1.PodSpec`; KeyError when there is none."""
        ...

    def go_field(self, name: str, field: str) -> tuple[str, str]:
        """The embedded structs that a field of a definition is in, and its Go type; empty where the schema says it."""
        ...

    def struct(self, name: str) -> Mapping[str, str]:
        """How the Go struct of a definition writes its fields, as `codegen.structs` explains it; empty when not known."""
        ...


def is_map(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether `value` is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether `value` is a JSON array."""
    return isinstance(value, list)


def child_path(path: str, key: str | int) -> str:
    """`spec.containers` and 0 → `spec.containers[0]`; and `image` → `spec.containers[0].image`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


#: Definitions of objects that may hold anything, though the document says nothing of it.
_ANY_OBJECT = (".FieldsV1", ".Patch", ".RawExtension")


@dataclass(frozen=True, eq=False)
class Schema:
    """An immutable node. A `$ref` is followed when something is first asked of the node; keys beside it win over its target's.

    `structural` nodes are a CRD's: there only what is written down is allowed, while an object without properties is free-form in
    a built-in type.
    """

    node: Mapping[str, Any]
    definitions: Definitions
    structural: bool = False

    @cached_property
    def views(self) -> dict[object, Any]:
        """What other modules derive from the node and want to derive once; the keys are theirs."""
        return {}

    @cached_property
    def _target(self) -> Schema | None:
        name = self.node.get("$ref")
        return None if name is None else self.definitions.definition(name)

    def get(self, keyword: str, default: Any = None) -> Any:
        """What the schema says for `keyword` (OpenAPI's spelling), here or behind the `$ref`."""
        if keyword in self.node:
            return self.node[keyword]
        return default if self._target is None else self._target.get(keyword, default)

    def has(self, keyword: str) -> bool:
        """Whether the schema says anything for `keyword`, here or behind the `$ref`."""
        return keyword in self.node or (self._target is not None and self._target.has(keyword))

    def _schema(self, node: Any) -> Schema:
        return Schema(node, self.definitions, self.structural)

    def branches(self, keyword: str) -> list[Schema]:
        """The schemas listed under `allOf`, `anyOf` or `oneOf`."""
        return [self._schema(node) for node in self.get(keyword) or ()]

    @cached_property
    def negated(self) -> Schema | None:
        """The schema under `not`."""
        node = self.get("not")
        return None if node is None else self._schema(node)

    @cached_property
    def ref(self) -> str | None:
        """The name of the definition this node stands for."""
        return cast("str | None", self.node.get("$ref"))

    @cached_property
    def type(self) -> str | None:
        """object, array, string, integer, number or boolean; None means anything."""
        return cast("str | None", self.get("type"))

    @cached_property
    def format(self) -> str | None:
        """Such as int32, date-time, byte, quantity."""
        return cast("str | None", self.get("format"))

    @cached_property
    def properties(self) -> Mapping[str, Schema]:
        """The named fields of an object."""
        nodes = cast("dict[str, Any]", self.node.get("properties") or {})
        own = {name: self._schema(node) for name, node in nodes.items()}
        if self._target is not None:
            own = {**self._target.properties, **own}
        return MappingProxyType(own)

    @cached_property
    def items(self) -> Schema | None:
        """The schema of an array's items."""
        if "items" in self.node:
            return self._schema(self.node["items"])
        return None if self._target is None else self._target.items

    @cached_property
    def additional_properties(self) -> Schema | bool | None:
        """The schema of a map's values; True or False where the document says so; None where it says nothing."""
        if "additionalProperties" not in self.node:
            return None if self._target is None else self._target.additional_properties
        node = self.node["additionalProperties"]
        return node if node is None or isinstance(node, bool) else self._schema(node)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that an object must have."""
        return tuple(self.get("required") or ())

    @property
    def enum(self) -> list[Any] | None:
        """The only values allowed, or None."""
        return cast("list[Any] | None", self.get("enum"))

    @cached_property
    def has_default(self) -> bool:
        """Whether there is a default (which may be null)."""
        return self.has("default")

    @cached_property
    def default(self) -> Any:
        """The default, or None; not to be changed: copy it."""
        return self.get("default")

    @cached_property
    def nullable(self) -> bool:
        """Whether null is a value of its own."""
        return bool(self.get("nullable"))

    @cached_property
    def list_type(self) -> str:
        """Atomic (also when not said), set or map."""
        return cast("str", self.get("x-kubernetes-list-type") or "atomic")

    @cached_property
    def map_keys(self) -> tuple[str, ...]:
        """The fields that identify an item of a list of type map."""
        return tuple(self.get("x-kubernetes-list-map-keys") or ())

    @cached_property
    def map_type(self) -> str:
        """Granular (also when not said) or atomic."""
        return cast("str", self.get("x-kubernetes-map-type") or "granular")

    @property
    def patch_strategy(self) -> tuple[str, ...]:
        """How a strategic merge patch treats the field: merge, replace, retainKeys; several are possible."""
        return tuple(part for part in str(self.get("x-kubernetes-patch-strategy") or "").split(",") if part)

    @property
    def patch_merge_key(self) -> str | None:
        """The field that pairs list items in a strategic merge patch."""
        return cast("str | None", self.get("x-kubernetes-patch-merge-key"))

    @cached_property
    def int_or_string(self) -> bool:
        """Whether both integers and strings are values."""
        return bool(self.get("x-kubernetes-int-or-string"))

    @cached_property
    def preserve_unknown_fields(self) -> bool:
        """Whether fields that are not named are kept."""
        return bool(self.get("x-kubernetes-preserve-unknown-fields"))

    @cached_property
    def embedded_resource(self) -> bool:
        """Whether the value is an object with apiVersion, kind and metadata of its own."""
        return bool(self.get("x-kubernetes-embedded-resource"))

    @cached_property
    def keeps_unknown(self) -> bool:
        """Whether a field that is neither named nor covered by additional_properties is kept."""
        if self.preserve_unknown_fields or self.additional_properties is True:
            return True
        if self.structural or self.additional_properties is not None or self.properties:
            return False
        # A built-in object without fields is an empty struct, but for the few whose types read any JSON.
        return self.type != "object" or self.ref is None or self.ref.endswith(_ANY_OBJECT)

    def field(self, name: str) -> Schema | None:
        """The schema of the field or map entry called `name`; None where the schema does not state one."""
        found = self.properties.get(name)
        if found is None and isinstance(self.additional_properties, Schema):
            return self.additional_properties
        return found

    def knows(self, name: str) -> bool:
        """Whether a field called `name` belongs to the value (pruning drops it otherwise)."""
        if self.keeps_unknown or self.field(name) is not None:
            return True
        return self.embedded_resource and name in RESOURCE_FIELDS
