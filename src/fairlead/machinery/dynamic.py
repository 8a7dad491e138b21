"""Objects of types that no class describes: attribute and item access over plain JSON, written back as losslessly as typed ones.

```python
widget = DynamicResource(dynamic_type("example.com/v1", "Widget"), {"metadata": {"name": "a"}})
widget.spec.size = 3
widget["spec"]["size"]  # 3
```
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.names import ResourceType, default_plural, split_api_version
from fairlead.machinery.objects import Part, Resource, metadata_of
from fairlead.machinery.shapes.base import Lost, Shape, same
from fairlead.machinery.shapes.containers import JsonShape
from fairlead.machinery.snake import snake_name, wire_name

__all__ = [
    "DynamicResource",
    "JSONObject",
    "PartialObject",
    "dynamic_type",
    "partial_reader",
    "reader",
]

_decode = msgspec.json.Decoder[Any]().decode
_encode = msgspec.json.Encoder().encode
_decode_top = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_SHAPE = JsonShape()
#: Top-level fields that read as an empty object where they are absent, as value structs do in typed classes.
_VALUE_FIELDS = frozenset({"spec", "status"})


def dynamic_type(api_version: str, kind: str, *, plural: str | None = None, namespaced: bool = True) -> ResourceType:
    """The place in the API of a type that has no class; `plural` defaults to the kind's usual plural."""
    if not api_version or not kind:
        raise InvalidObject(f"a type needs an apiVersion and a kind, got {api_version!r} and {kind!r}")
    group, version = split_api_version(api_version)
    return ResourceType(group, version, kind, plural or default_plural(kind), namespaced)


class JSONObject(dict[str, Any]):
    """A JSON object whose members can also be reached as attributes, by wire name or in snake_case.

    An absent attribute is None, an absent item a KeyError. Members named as dict's own methods (`items`, `values`,
    `get`, …) are reached as items. Mappings and lists are taken over as copies when they are assigned.
    """

    __slots__ = ()

    def __init__(self, members: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **more: Any) -> None:
        super().__init__()
        self.update(members, **more)

    def update(self, members: Any = (), /, **more: Any) -> None:
        """As dict.update; nested mappings become JSONObjects."""
        for key, value in dict(members, **more).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None, /) -> Any:
        """As dict.setdefault; a nested mapping becomes a JSONObject."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> JSONObject:
        """A copy that shares nothing with this one."""
        return JSONObject(self)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, _adopted(value))

    def __getattr__(self, name: str) -> Any:
        return self.get(_member(self, name)) if not name.startswith("__") else _no_attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[_member(self, name)] = value

    def __delattr__(self, name: str) -> None:
        self.pop(_member(self, name), None)


def _no_attribute(owner: object, name: str) -> Any:
    raise AttributeError(f"{type(owner).__name__} has no attribute {name!r}")


def _member(members: Collection[str], name: str) -> str:
    """The key that an attribute name stands for: itself, its camel case, or the key whose snake case it is."""
    if name in members:
        return name
    camel = wire_name(name)
    if camel in members:
        return camel
    return next((key for key in members if snake_name(key) == name), camel)


def _adopted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return JSONObject(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        return [_adopted(item) for item in cast("list[Any]", value)]
    return value


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in cast("dict[str, Any]", value).items()})
    if isinstance(value, list):
        return tuple(_frozen(item) for item in cast("list[Any]", value))
    return value


class _Untyped(Resource):
    """A resource whose type is the instance's, not the class's."""

    __slots__ = ("_type",)

    def __init__(self, resource_type: ResourceType, **parts: Any) -> None:
        super().__init__(**parts)
        # Declared here: an annotation in the class body would be taken for a part by type checkers.
        self._type: ResourceType = resource_type

    @property
    def resource_type(self) -> ResourceType:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride] - per instance here
        """This object's place in the API."""
        return self._type

    @property
    def api_version(self) -> str:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride]
        """The type's `apiVersion`."""
        return self._type.api_version

    @property
    def kind(self) -> str:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride]
        """The type's kind."""
        return self._type.kind

    @classmethod
    def from_bytes(cls, data: bytes, *, origin: str = "read", resource_type: ResourceType | None = None) -> Self:
        """An object over its JSON, decoded when touched.

        Without `resource_type` the type is what the JSON says, with the kind's usual plural; raises InvalidObject if
        it says nothing.
        """
        self = super().from_bytes(data, origin=origin)
        object.__setattr__(self, "_type", resource_type or _type_in(data))
        return self

    def copy(self) -> Self:
        """A private copy that keeps everything."""
        return type(self).from_bytes(self.to_bytes(), origin=self._origin, resource_type=self._type)


def _type_in(data: bytes) -> ResourceType:
    top = _decode_top(data)
    api_version, kind = (_decode(top[key]) if key in top else "" for key in ("apiVersion", "kind"))
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        raise InvalidObject(f"an object needs an apiVersion and a kind, found {api_version!r} and {kind!r}")
    return dynamic_type(api_version, kind)


class _Field(Part):
    """A top-level field of a dynamic object."""

    __slots__ = ()

    @property
    def shape(self) -> Shape:
        return _SHAPE

    def absent(self) -> Any:
        return JSONObject() if self.wire in _VALUE_FIELDS else None

    def read(self, raw: msgspec.Raw | None) -> Any:
        value = None if raw is None else _adopted(_decode(raw))
        return self.absent() if value is None else value


class DynamicResource(_Untyped):
    """An object of a type that has no class. `metadata` is typed, everything else is plain JSON.

    Top-level fields are decoded when they are first touched, as attributes (`obj.spec.size`) or items
    (`obj["spec"]["size"]`); absent `spec` and `status` read as empty objects, other absent fields as None. A field that
    is named like a member of this class is reached as an item. `obj["metadata"]` is a read-only view; write through
    `obj.metadata`.
    """

    # _fields: the top-level fields decoded or assigned so far, by wire name; metadata is not among them.
    __slots__ = ("_fields",)

    _own: ClassVar[frozenset[str]] = frozenset({"_raw", "_top", "_loaded", "_origin", "_head", "_type", "_fields"})

    def __init__(self, resource_type: ResourceType, document: Mapping[str, Any] | None = None) -> None:
        super().__init__(resource_type)
        self._fields: dict[str, Any] = {}
        if document is not None:
            self._fill(document)

    def _fill(self, document: Mapping[str, Any]) -> None:
        for wire, value in document.items():
            if wire in ("apiVersion", "kind"):
                self._agree(wire, value)
            else:
                self[wire] = value

    def _agree(self, wire: str, value: Any) -> None:
        expected = self.api_version if wire == "apiVersion" else self.kind
        if value != expected:
            raise InvalidObject(f"expected {wire} {expected!r}, found {value!r}: an object cannot change its type")

    @classmethod
    def from_bytes(cls, data: bytes, *, origin: str = "read", resource_type: ResourceType | None = None) -> Self:
        """See `Resource.from_bytes`; without `resource_type` the type is what the JSON says."""
        self = super().from_bytes(data, origin=origin, resource_type=resource_type)
        object.__setattr__(self, "_fields", {})
        return self

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, resource_type: ResourceType | None = None) -> Self:
        """An object from plain JSON values. Raises InvalidObject for a wrong or missing type, or wrong metadata."""
        data = _json_of(document)
        self = cls.from_bytes(data, origin="", resource_type=resource_type)
        self._check(document)
        return self

    # Fields ------------------------------------------------------------------------------------------------------

    def _wire(self, name: str) -> str:
        return _member({*self._top_level(), *self._fields}, name)

    def _top_level(self) -> Mapping[str, msgspec.Raw]:
        if self._top is None:
            object.__setattr__(self, "_top", _decode_top(self._raw) if self._raw else {})
        return cast("dict[str, msgspec.Raw]", self._top)

    def _field(self, wire: str) -> Any:
        fields = self._fields
        if wire not in fields:
            fields[wire] = self._note(wire, _Field(wire, None).read(self._top_level().get(wire)))
        return fields[wire]

    def _load(self, part: Part) -> Any:
        value = part.read(self._top_level().get(part.wire))
        self.__dict__[part.attribute] = value
        return self._note(part.wire, value) if self._raw else value

    def _note(self, wire: str, value: Any) -> Any:
        if self._loaded is None:
            object.__setattr__(self, "_loaded", {})
        cast("dict[str, Any]", self._loaded)[wire] = value
        return value

    def _handed_out(self, part: Part) -> Any:
        return None if self._loaded is None else self._loaded.get(part.wire)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            return _no_attribute(self, name)
        return self._field(self._wire(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._own:
            object.__setattr__(self, name, value)
        elif name == "metadata":
            self["metadata"] = value
        elif hasattr(type(self), name):
            raise AttributeError(f"{name!r} is a member of {type(self).__name__}; write obj[{name!r}] for the field")
        else:
            self._fields[self._wire(name)] = _adopted(value)

    def __delattr__(self, name: str) -> None:
        self._fields[self._wire(name)] = None

    def __getitem__(self, wire: str) -> Any:
        if wire in ("apiVersion", "kind"):
            return self.api_version if wire == "apiVersion" else self.kind
        if wire == "metadata":
            return _frozen(_decode(self._metadata_bytes()))
        value = self._field(wire)
        if value is None or (not value and wire in _VALUE_FIELDS and wire not in self):
            raise KeyError(wire)
        return value

    def _metadata_bytes(self) -> msgspec.Raw | bytes:
        changes = super()._changes(_unheard)
        if "metadata" in changes:
            return _encode(changes["metadata"])
        return self._top_level().get("metadata", b"{}")

    def __setitem__(self, wire: str, value: Any) -> None:
        if wire in ("apiVersion", "kind"):
            self._agree(wire, value)
        elif wire == "metadata":
            self.__dict__["metadata"] = metadata_of(value)
        else:
            self._fields[wire] = _adopted(value)

    def __delitem__(self, wire: str) -> None:
        if wire not in self:
            raise KeyError(wire)
        self._fields[wire] = None

    def __contains__(self, wire: str) -> bool:
        return wire in self.to_dict()

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_dict())

    def get(self, wire: str, default: Any = None) -> Any:
        """A top-level field by its wire name, or `default` where it is absent."""
        try:
            return self[wire]
        except KeyError:
            return default

    # Writing -----------------------------------------------------------------------------------------------------

    def _changes(self, lost: Lost) -> dict[str, Any]:
        changes = super()._changes(lost)
        for wire, value in self._fields.items():
            self._field_change(wire, value, changes, lost)
        return changes

    def _field_change(self, wire: str, value: Any, changes: dict[str, Any], lost: Lost) -> None:
        original = self._top_level().get(wire)
        handed_out = self._loaded is not None and wire in self._loaded and self._loaded[wire] is value
        if original is None:
            if value is not None and (value != {} or not handed_out):
                changes[wire] = value
            return
        base = _Field(wire, None).read(original)
        if handed_out and same(value, base):
            return
        changes[wire] = _SHAPE.changed(value, base, original, lost, wire) if handed_out and value is not None else value


def _unheard(path: str) -> None:
    del path


def _json_of(document: Mapping[str, Any]) -> bytes:
    try:
        return _encode(document)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidObject(f"cannot be written as JSON: {error}") from error


class PartialObject(_Untyped):
    """Only an object's metadata, of any type: what a metadata-only view holds. It cannot be used for an update."""

    __slots__ = ()

    def __init__(self, resource_type: ResourceType, metadata: ObjectMeta | None = None) -> None:
        super().__init__(resource_type, **({"metadata": metadata} if metadata is not None else {}))
        self._origin = "metadata-only"

    @classmethod
    def from_bytes(
        cls, data: bytes, *, origin: str = "metadata-only", resource_type: ResourceType | None = None
    ) -> Self:
        """An object over the JSON of a PartialObjectMetadata, or of any object, of which only metadata is read."""
        return super().from_bytes(data, origin=origin, resource_type=resource_type)


def reader(resource_type: ResourceType) -> Callable[[bytes], DynamicResource]:
    """What makes dynamic objects of one type from their JSON."""

    def read(data: bytes) -> DynamicResource:
        return DynamicResource.from_bytes(data, resource_type=resource_type)

    return read


def partial_reader(resource_type: ResourceType) -> Callable[[bytes], PartialObject]:
    """What makes metadata-only objects of one type from their JSON."""

    def read(data: bytes) -> PartialObject:
        return PartialObject.from_bytes(data, resource_type=resource_type)

    return read
