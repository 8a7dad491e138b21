"""Kubernetes objects: typed parts that are decoded from bytes when they are first touched, and written back losslessly.

A resource that was read holds its JSON. A part (`metadata`, `spec`, `data` …) is decoded when it is first touched; what was
not touched is written back byte for byte, and what was touched is merged over its original, so that fields this program
does not know survive. Every resource is private to whoever got it, and mutable.

https://kubernetes.io/docs/concepts/overview/working-with-objects/
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, cast, dataclass_transform

import msgspec

from fairlead.errors import InvalidObject
from fairlead.machinery.cuts import cutter
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.names import ObjectKey, ResourceType, default_plural, split_api_version
from fairlead.machinery.parts import Part, part
from fairlead.machinery.shapes.base import Shape
from fairlead.machinery.shapes.containers import JsonShape
from fairlead.machinery.structs import JSON, IntOrString, MicroTime, Quantity, Struct, Time, field

if TYPE_CHECKING:
    from fairlead.machinery.dynamic import DynamicResource

__all__ = [
    "JSON",
    "IntOrString",
    "MicroTime",
    "ObjectMeta",
    "Part",
    "Quantity",
    "Resource",
    "Struct",
    "Time",
    "check_parts",
    "field",
    "metadata_of",
    "part",
]


_decode_top = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder[Any]().decode
_encode = msgspec.json.Encoder().encode
_ANY = JsonShape()
_NO_PARTS: dict[str, Any] = {}


class Head(Protocol):
    """What a cache knows of an object without decoding it."""

    @property
    def name(self) -> str:
        """`metadata.name`."""
        ...

    @property
    def namespace(self) -> str:
        """`metadata.namespace`, empty for none."""
        ...

    @property
    def uid(self) -> str:
        """`metadata.uid`, empty for none."""
        ...

    @property
    def data(self) -> Any:
        """Its JSON as bytes, or what has an `unpack` that gives it."""
        ...


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(part,))
class Declared:
    """Tells type checkers that annotated parts are constructor arguments; one level above Resource so that it has some."""

    __slots__ = ()

    # Declared here, where type checkers do not take annotations for constructor arguments. What has a value here need not
    # be set on each of the many objects that caches hand out.
    _raw: bytes
    _cut: Any = None
    _top: dict[str, msgspec.Raw] | None = None
    _loaded: dict[str, Any] | None = None
    _origin: str = "read"
    _head: Head | None


class Resource(Declared):
    """An object of a Kubernetes API type: subclass it to declare your own.

    ```python
    class CronTab(Resource, api_version="stable.example.com/v1", kind="CronTab"):
        spec: CronTabSpec = part(default_factory=CronTabSpec)
    ```
    `plural` defaults to the kind's usual plural, `scope` to `Namespaced` (else `Cluster`).
    """

    # _raw: the JSON this object was read from; empty for one made here. _cut: its parts, made when one is first touched: each
    # as JSON until it is touched, then the very object handed out, so that assignment and mutation differ.
    # _top: its top level with what is no part, opened to write. _loaded: as _cut, for dynamic objects, whose parts are not known.
    # _origin: "" made here, "read" from a server or cache, or why it is not a whole object ("metadata-only", "transformed").
    # _head: what a cache has of the object that it handed out, if one did. Its names hold until metadata is touched; _raw is
    # not set before it is asked for, for many are handed out of which nothing is.
    __slots__ = ("__dict__", "__weakref__", "_head", "_raw")

    resource_type: ClassVar[ResourceType]
    api_version: ClassVar[str]
    kind: ClassVar[str]
    parts: ClassVar[Mapping[str, Part]] = _NO_PARTS
    short_names: ClassVar[tuple[str, ...]] = ()

    # What cuts an object of this class when the part of that name is touched first.
    _cutters: ClassVar[dict[str, Callable[[bytes], Any]]] = {}

    metadata: ObjectMeta = part(default_factory=ObjectMeta)

    def __init_subclass__(
        cls,
        *,
        api_version: str | None = None,
        kind: str | None = None,
        plural: str | None = None,
        scope: str = "Namespaced",
        short_names: tuple[str, ...] = (),
    ) -> None:
        """Read the class's parts and its place in the API. Raises InvalidObject for what cannot work."""
        super().__init_subclass__()
        frame = inspect.currentframe()
        caller = frame.f_back if frame is not None else None
        names = _names(cls, caller)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Part)}
        for attribute, declared in own.items():
            if attribute not in cls.__annotations__:
                raise InvalidObject(f"{cls.__name__}.{attribute}: a part needs a type annotation")
            declared.bind(cls, attribute, names)
        cls.parts, cls._cutters = {**cls.parts, **own}, {}
        _refuse_undeclared(cls)
        if api_version is not None or kind is not None:
            cls.resource_type = _resource_type(cls.__name__, api_version, kind, plural, scope)
            cls.api_version, cls.kind = cls.resource_type.api_version, cls.resource_type.kind
            cls.short_names = short_names
        # Generated models are many, and known to be right: theirs are resolved when a part is first touched.
        if not cls.__module__.startswith("fairlead.models."):
            for declared in own.values():
                declared.check()

    def __init__(self, **parts: Any) -> None:
        self._raw, self._origin, self._head = b"", "", None
        declared = type(self).parts
        for name, value in parts.items():
            if name not in declared:
                raise TypeError(f"{type(self).__name__} has no part {name!r}; it has {', '.join(declared)}")
            self.__dict__[name] = metadata_of(value) if name == "metadata" else value
        missing = [name for name, p in declared.items() if p.required and name not in parts]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")

    def _load(self, part: Part) -> Any:
        attribute = part.attribute
        cut = self._cut
        if cut is None:
            head = self._head
            raw = self._raw if head is None or type(head.data) is not bytes else head.data
            if not raw:
                value = self.__dict__[attribute] = part.absent()
                return value
            cut = self._cut = self._opened(part, raw)
        value = getattr(cut, attribute)
        if type(value) is msgspec.Raw:
            value = part.read(value)
        elif value is msgspec.UNSET:
            value = part.absent()
        setattr(cut, attribute, value)
        self.__dict__[attribute] = value
        return value

    def _opened(self, part: Part, raw: bytes) -> Any:
        try:
            return (self._cutters.get(part.attribute) or self._cutter(part))(raw)
        except msgspec.ValidationError:  # not as its type says: to be read leniently
            return (self._cutters.get("") or self._cutter(None))(raw)

    @classmethod
    def _cutter(cls, wanted: Part | None) -> Callable[[bytes], Any]:
        """What cuts objects of this class; it decodes one part, if it fits the type, and leaves the others as they are."""
        wires = {name: (each.wire, cast("Any", msgspec.Raw)) for name, each in cls.parts.items()}
        if wanted is not None:
            _ = wanted.decode  # raises where its annotation cannot be used
            wires[wanted.attribute] = (wanted.wire, wanted.annotation)
        made = cutter(wires)
        cls._cutters["" if wanted is None else wanted.attribute] = made
        return made

    def _handed_out(self, part: Part) -> Any:
        """The very object that was made of a part's JSON, if it was touched."""
        return None if self._cut is None else getattr(self._cut, part.attribute)

    if not TYPE_CHECKING:  # a checker would take any attribute for one of ours

        def __getattr__(self, name: str) -> Any:
            """The JSON of what a cache has handed out, unpacked; Python asks here only for what is not set."""
            if name != "_raw":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            data = self._head.data
            raw = self._raw = data if type(data) is bytes else data.unpack()
            return raw

    # Making and reading ------------------------------------------------------------------------------------------

    @classmethod
    def from_bytes(cls, data: bytes, *, origin: str = "read") -> Self:
        """An object over its JSON, decoded when touched. The caller has seen that `data` is a JSON object."""
        self = cls.__new__(cls)
        self._raw, self._head = data, None
        if origin != "read":
            self._origin = origin
        return self

    @classmethod
    def readers(cls) -> tuple[Callable[[Head], Resource], Callable[[Iterable[Head]], list[Resource]]]:
        """What makes an object of what a cache keeps of it, and many of many: `from_bytes` without its calls, names known."""
        new = cls.__new__

        def read(head: Head) -> Resource:
            made = new(cls)
            made._head = head  # noqa: SLF001 - its own
            return made

        def read_all(heads: Iterable[Head]) -> list[Resource]:
            everything: list[Resource] = []
            add = everything.append
            for head in heads:  # as above: a call for each would double what it costs
                made = new(cls)
                made._head = head  # noqa: SLF001 - its own
                add(made)
            return everything

        return read, read_all

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """An object from plain JSON values. Raises InvalidObject naming the field for a wrong type or kind."""
        self = cls.from_bytes(_to_json(cls.__name__, document), origin="")
        self._check(document)
        return self

    @classmethod
    def from_yaml(cls, text: str, *, source: str = "YAML") -> Self:
        """The one object in a YAML document, read by kubectl's rules. Raises InvalidObject naming `source` and the field."""
        from fairlead.machinery.yaml import loading  # noqa: PLC0415 - PyYAML is loaded by those who use it

        documents = loading.load_all(text, source=source)
        if len(documents) != 1 or not isinstance(documents[0], dict):
            raise InvalidObject(f"{source}: expected one {cls.__name__}, found {len(documents)} documents")
        try:
            return cls.from_dict(cast("dict[str, Any]", documents[0]))
        except InvalidObject as error:
            raise InvalidObject(f"{source}: {error}") from error

    def _check(self, document: Mapping[str, Any]) -> None:
        given = document.get("apiVersion"), document.get("kind")
        own = self.resource_type
        if given[0] not in (None, own.api_version) or given[1] not in (None, own.kind):
            raise InvalidObject(f"expected {own.api_version} {own.kind}, found {given[0]} {given[1]}")
        for declared in type(self).parts.values():
            if declared.wire not in document or document[declared.wire] is None:
                continue
            wrong = _misfits(declared, document[declared.wire])
            if wrong:
                raise InvalidObject(f"{own.kind} {_name_of(document)}: {'; '.join(wrong)}")

    @classmethod
    def crd(
        cls,
        *,
        categories: Sequence[str] = (),
        printer_columns: Sequence[Mapping[str, Any]] = (),
        scale: Mapping[str, str] | None = None,
    ) -> DynamicResource:
        """The CustomResourceDefinition that has a cluster serve this class, with a structural schema from its annotations.

        `printer_columns` and `scale` are as in the manifest (`additionalPrinterColumns`, `subresources.scale`). Raises
        InvalidObject for a built-in class, or an annotation that no structural schema can say.
        """
        from fairlead.machinery.crd import custom_resource_definition  # noqa: PLC0415 - few programs need it

        return custom_resource_definition(cls, categories=categories, printer_columns=printer_columns, scale=scale)

    # Writing -----------------------------------------------------------------------------------------------------

    def to_bytes(self, *, lost: Callable[[str], None] | None = None) -> bytes:
        """The object as JSON: untouched parts byte for byte, touched ones merged over their originals.

        `lost` hears the path of each list item whose unknown fields could not be kept.
        """
        changes = self._changes(lost or _unheard)
        if self._raw and not changes and self._complete():
            return self._raw
        return _encode(self._document(changes))

    def _complete(self) -> bool:
        top = self._top
        if top is None:
            top = self._top = _decode_top(self._raw)
        return "kind" in top and "apiVersion" in top

    def _document(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        own = self.resource_type
        document: dict[str, Any] = {"apiVersion": own.api_version, "kind": own.kind}
        if self._raw:
            document.update(self._top if self._top is not None else _decode_top(self._raw))
        for wire, value in changes.items():
            if value is None:
                document.pop(wire, None)
            else:
                document[wire] = value
        return document

    def _changes(self, lost: Callable[[str], None]) -> dict[str, Any]:
        """The wire fields that differ from what was read; None where one is to go."""
        changes: dict[str, Any] = {}
        mine = self.__dict__
        for name, declared in type(self).parts.items():
            if name in mine:
                self._change(declared, mine[name], changes, lost)
        return changes

    def _change(self, declared: Part, value: Any, changes: dict[str, Any], lost: Callable[[str], None]) -> None:
        wire = declared.wire
        if self._top is None and self._raw:
            self._top = _decode_top(self._raw)
        original = self._top.get(wire) if self._top is not None else None
        if original is None:
            encoded = declared.shape.fresh(value)
            if encoded not in (None, {}, []) or (declared.shape.optional and encoded is not None):
                changes[wire] = encoded
            return
        base = declared.read(original)
        in_place = self._handed_out(declared) is value
        whole = not in_place and isinstance(value, msgspec.Struct | dict | list)
        if not whole and declared.shape.equal(value, base):
            return
        if value is None:
            changes[wire] = None
        elif in_place:
            changes[wire] = declared.shape.changed(value, base, original, lost, wire)
        else:
            changes[wire] = declared.shape.fresh(value)

    def to_dict(self) -> dict[str, Any]:
        """The object as plain JSON values, as it would be written."""
        return cast("dict[str, Any]", _decode_any(self.to_bytes()))

    def to_yaml(self) -> str:
        """The object as YAML in kubectl's style."""
        from fairlead.machinery.yaml import writing  # noqa: PLC0415 - PyYAML is loaded by those who use it

        return writing.dump(self.to_dict())

    def copy(self) -> Self:
        """A private copy that keeps everything, unknown fields included."""
        return type(self).from_bytes(self.to_bytes(), origin=self._origin)

    @property
    def provenance(self) -> str:
        """Where this came from: empty for one made here, `read`, `metadata-only` or `transformed`."""
        return self._origin

    # Names -------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """`metadata.name`, empty when it has none yet."""
        head = self._head
        return self.metadata.name or "" if head is None or "metadata" in self.__dict__ else head.name

    @property
    def namespace(self) -> str:
        """`metadata.namespace`, empty for cluster-scoped objects."""
        head = self._head
        return self.metadata.namespace or "" if head is None or "metadata" in self.__dict__ else head.namespace

    @property
    def key(self) -> ObjectKey:
        """Name and namespace."""
        return ObjectKey(self.name, self.namespace)

    @property
    def uid(self) -> str:
        """`metadata.uid`, empty for an object that was not read from a server."""
        head = self._head
        return self.metadata.uid or "" if head is None or "metadata" in self.__dict__ else head.uid

    @property
    def resource_version(self) -> str:
        """`metadata.resourceVersion`, empty for an object that was not read from a server."""
        return self.metadata.resource_version or ""

    # Comparing and showing ---------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        """JSON equality; nulls, empty value structs and managedFields make no difference."""
        if not isinstance(other, Resource):
            return NotImplemented
        # A typed and a dynamic object of one type are both seen as the typed one sees them.
        declared = {**type(other).parts, **type(self).parts}
        shapes = {part.wire: part.shape for part in declared.values()}
        return self.resource_type == other.resource_type and self._canonical(shapes) == other._canonical(shapes)

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # mutable

    def _canonical(self, shapes: Mapping[str, Shape]) -> dict[str, Any]:
        document = self.to_dict()
        metadata = document.get("metadata")
        if isinstance(metadata, dict):
            cast("dict[str, Any]", metadata).pop("managedFields", None)
        seen = {key: shapes.get(key, _ANY).canonical(value) for key, value in document.items()}
        return {key: value for key, value in seen.items() if value is not None and value not in ({}, [])}

    def __repr__(self) -> str:
        document = self.to_dict()
        metadata = document.get("metadata")
        if isinstance(metadata, dict):
            cast("dict[str, Any]", metadata).pop("managedFields", None)
        rest = {key: value for key, value in document.items() if key not in ("apiVersion", "kind")}
        if self.resource_type.kind == "Secret":
            rest = _redacted(rest)
        return f"{self.resource_type.kind}({rest})"


def check_parts(obj: Resource, verb: str) -> None:
    """Refuse an object on which something was set that is no part and would not be written: a misspelt one, most likely.

    This is asked of what is written, and not of each assignment: caches hand out too many objects for that. What a class has
    of its own, such as a cached property, and names that begin with an underscore are left alone. Raises InvalidObject.
    """
    cls = type(obj)
    for name in vars(obj):
        if name not in cls.parts and not name.startswith("_") and not hasattr(cls, name):
            what = f"{verb} {obj.resource_type.kind} {obj.key}".rstrip()
            raise InvalidObject(f"{what}: {cls.__name__} has no part {name!r}; it has {', '.join(cls.parts)}")


def metadata_of(value: Any) -> ObjectMeta:
    """Metadata, given as such or as plain JSON values. Raises InvalidObject naming the field that is wrong."""
    if isinstance(value, ObjectMeta):
        return value
    try:
        return msgspec.convert(value, ObjectMeta)
    except msgspec.ValidationError as error:
        raise InvalidObject(f"metadata: {error}") from error


def _declare_metadata() -> None:
    """What `__init_subclass__` does for subclasses, for the one part of Resource itself."""
    declared = vars(Resource)["metadata"]
    declared.bind(Resource, "metadata", (globals(), {}))
    Resource.parts = {"metadata": declared}


_declare_metadata()


def _names(cls: type, caller: types.FrameType | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where the names in a class's annotations are looked up: the class itself, the function around it, its module."""
    if caller is None or caller.f_locals is caller.f_globals:
        return vars(sys.modules[cls.__module__]), {cls.__name__: cls}
    return caller.f_globals, {**caller.f_locals, cls.__name__: cls}


_REDACTED = "<redacted>"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def _redacted(document: dict[str, Any]) -> dict[str, Any]:
    for secret in ("data", "stringData"):
        values = document.get(secret)
        if isinstance(values, dict):
            document[secret] = dict.fromkeys(cast("dict[str, Any]", values), _REDACTED)
    metadata = document.get("metadata")
    annotations = cast("dict[str, Any]", metadata).get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict) and _LAST_APPLIED in annotations:
        annotations[_LAST_APPLIED] = _REDACTED
    return document


def _misfits(declared: Part, value: Any) -> list[str]:
    """What in a part's JSON is not as its type says; nulls are taken for absent."""
    wrong: list[str] = []

    def odd(path: str, value: Any, expected: str) -> None:
        if value is not None:
            wrong.append(f"{path}: expected {expected}, found {_shown(value)}")

    declared.shape.tolerate(value, odd, declared.wire)
    return wrong


def _unheard(path: str) -> None:
    del path


def _refuse_undeclared(cls: type[Resource]) -> None:
    for name, annotation in vars(cls).get("__annotations__", {}).items():
        written = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
        if name in cls.parts or "ClassVar" in str(written) or "ClassVar" in str(annotation) or name.startswith("_"):
            continue
        raise InvalidObject(
            f"{cls.__name__}.{name}: declare a part with `{name}: {written} = part(...)`; a bare annotation is not one"
        )


def _resource_type(
    name: str, api_version: str | None, kind: str | None, plural: str | None, scope: str
) -> ResourceType:
    if not api_version or not kind:
        raise InvalidObject(f"{name}: give both api_version= and kind=")
    if scope not in ("Namespaced", "Cluster"):
        raise InvalidObject(f"{name}: scope is Namespaced or Cluster, not {scope!r}")
    group, version = split_api_version(api_version)
    return ResourceType(group, version, kind, plural or default_plural(kind), scope == "Namespaced")


def _to_json(name: str, document: Mapping[str, Any]) -> bytes:
    if not isinstance(document, Mapping):
        raise InvalidObject(f"{name}: expected a mapping, found {_shown(document)}")
    try:
        return _encode(document)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidObject(f"{name}: cannot be written as JSON: {error}") from error


def _name_of(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    name = cast("dict[str, Any]", metadata).get("name") if isinstance(metadata, dict) else None
    return str(name or "without a name")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
