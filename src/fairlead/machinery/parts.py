"""Parts: the top-level fields of a resource class, each decoded from its JSON when it is first touched."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.annotations import check_fields, shape_of
from fairlead.machinery.shapes.base import Shape

if TYPE_CHECKING:
    from fairlead.machinery.objects import Resource

__all__ = ["Part", "part"]

T = TypeVar("T")

_decode_any = msgspec.json.Decoder[Any]().decode


class Part:
    """One top-level field of a resource class. A non-data descriptor: once read, the instance's own value hides it."""

    __slots__ = ("_decode", "_namespaces", "_shape", "attribute", "default", "odd_paths", "owner", "required", "wire")

    def __init__(self, wire: str | None, default: Callable[[], Any] | None) -> None:
        self.wire: str = wire or ""
        self.attribute: str = ""
        self.owner: type[Resource] | None = None
        self.required: bool = default is None
        self.default: Callable[[], Any] | None = default
        #: Paths at which data was not as the type says, with how often: what a strict reader would have failed on.
        self.odd_paths: dict[str, int] = {}
        self._shape: Shape | None = None
        self._decode: Callable[[Any], Any] | None = None
        self._namespaces: tuple[dict[str, Any], dict[str, Any]] = ({}, {})

    def bind(self, owner: type[Resource], attribute: str, names: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Tell the part where it is declared; `names` are the namespaces its annotation is read in."""
        self.owner, self.attribute, self._namespaces = owner, attribute, names
        if not self.wire:
            from fairlead.machinery.snake import wire_name  # noqa: PLC0415 - only for users' classes

            self.wire = wire_name(attribute)

    @property
    def annotation(self) -> Any:
        """The part's type, with names resolved. Raises InvalidObject when a name is unknown or the type has no JSON form."""
        owner = cast("type[Resource]", self.owner)
        written = owner.__annotations__[self.attribute]
        if not isinstance(written, str):
            return written
        try:
            # An annotation is the class author's own code, as in typing.get_type_hints.
            return eval(written, *self._namespaces)  # noqa: S307
        except Exception as error:
            raise InvalidObject(
                f"{owner.__name__}.{self.attribute}: the annotation {written!r} cannot be read: {error}"
            ) from error

    @property
    def shape(self) -> Shape:
        """What is known of the part's type."""
        if self._shape is None:
            owner = cast("type[Resource]", self.owner)
            try:
                self._shape = shape_of(self.annotation)
            except InvalidObject as error:
                if str(error).startswith(f"{owner.__name__}."):
                    raise
                raise InvalidObject(f"{owner.__name__}.{self.attribute}: {error}") from error
        return self._shape

    def check(self) -> None:
        """Resolve everything below the part now. Raises InvalidObject naming the field that cannot be used."""
        owner = cast("type[Resource]", self.owner)
        try:
            check_fields(self.shape, self._namespaces)
        except InvalidObject as error:
            if str(error).startswith(f"{owner.__name__}."):
                raise
            raise InvalidObject(f"{owner.__name__}.{self.attribute}: {error}") from error
        _ = self.decode

    @property
    def decode(self) -> Callable[[Any], Any]:
        """The strict decoder, made when first needed."""
        if self._decode is None:
            try:
                self._decode = msgspec.json.Decoder(self.annotation).decode
            except TypeError as error:
                owner = cast("type[Resource]", self.owner)
                raise InvalidObject(f"{owner.__name__}.{self.attribute}: {error}") from error
        return self._decode

    def absent(self) -> Any:
        """What reads where the object has no such field."""
        return self.default() if self.default is not None else self.shape.zero()

    def read(self, raw: msgspec.Raw | None) -> Any:
        """Decode the part, strictly if possible, else leniently; never fails because of data."""
        if raw is None:
            return self.absent()
        try:
            return (self._decode or self.decode)(raw)
        except msgspec.ValidationError:
            value = _decode_any(raw)
            if value is None:
                return self.absent()
            return self.shape.tolerate(value, self._odd, self.wire)

    def _odd(self, path: str, value: Any, expected: str) -> None:
        del value, expected
        self.odd_paths[path] = self.odd_paths.get(path, 0) + 1

    @typing.overload
    def __get__(self, instance: None, owner: type[Resource]) -> Part: ...
    @typing.overload
    def __get__(self, instance: Resource, owner: type[Resource]) -> Any: ...
    def __get__(self, instance: Resource | None, owner: type[Resource]) -> Any:
        """Decode the part of this object and remember it there."""
        if instance is None:
            return self
        return instance._load(self)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - one mechanism, two classes


@typing.overload
def part(*, default: T, name: str | None = None) -> T: ...
@typing.overload
def part(*, default_factory: Callable[[], T], name: str | None = None) -> T: ...
@typing.overload
def part(*, name: str | None = None) -> Any: ...
def part(*, default: Any = msgspec.NODEFAULT, default_factory: Any = msgspec.NODEFAULT, name: str | None = None) -> Any:
    """Declare a top-level field of a resource class.

    Without a default the constructor requires it. `name` is the wire name where the camel-case rule does not give it.
    """
    if default_factory is not msgspec.NODEFAULT:
        return Part(name, default_factory)
    if default is not msgspec.NODEFAULT:
        return Part(name, lambda: default)
    return Part(name, None)
