"""One stored object: its JSON as bytes, and the few facts that every cache question needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from fairlead.machinery.names import ObjectKey
from fairlead.machinery.wire import UNREADABLE, Json, Within

__all__ = ["LEFT_OUT", "BrokenObject", "Entry", "check_unread", "entry_from_json", "entry_key", "version_number"]

#: Digits of a resourceVersion that are still read; etcd's have at most 19, and Python reads no number of thousands.
VERSION_DIGITS = 100
#: Python reads no integer of more digits.
INTEGER_DIGITS = 4300
# Of places this far apart, one at least lies within a longer integer, and eight digits before it do too.
_STRIDE = INTEGER_DIGITS // 2 - 8
_NO_LABELS: Mapping[str, str] = {}
_MANAGED_LIST = b',"managedFields":['
#: What no server sends for managedFields.
_MARK = msgspec.Raw(b"-0.0e-0")
_MARKED = b',"managedFields":' + bytes(_MARK)


class BrokenObject(ValueError):
    """JSON that cannot be an object: it does not decode, or it has no name. Other objects are not affected."""


class _Head(msgspec.Struct, gc=False):
    name: str = ""
    namespace: str | None = None
    uid: str | None = None
    resourceVersion: str | None = None  # noqa: N815 - wire names, decoded without a rename table
    labels: msgspec.Raw = msgspec.Raw(b"")
    managedFields: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815


class _Envelope(msgspec.Struct, gc=False):
    metadata: _Head


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_any = msgspec.json.Decoder[Any]().decode
_decode_labels = msgspec.json.Decoder(dict[str, str] | None).decode
_encode = msgspec.json.encode


class _LeftOut:
    """The data of an object that is on the server and is not to be here: a transform refused it, or an own write left."""

    def __repr__(self) -> str:
        return "LEFT_OUT"


LEFT_OUT = _LeftOut()


class Entry(msgspec.Struct, gc=False, eq=False):
    """An object in a store. Never changed: a change makes a new entry.

    `data` is the object's JSON, or, where a transform returned something that is not a resource, that value. The garbage
    collector need not look at entries, which would hold the loop for longer than a slice: nothing here refers back to one.
    """

    #: The store puts the equal text here that it has already: one is kept, and found faster.
    key: str
    #: As `key`, shared with what is there already.
    namespace: str
    uid: str
    version: int
    #: As JSON until somebody asks for them: few are ever asked for, and a dict takes twice the memory.
    _labels: Mapping[str, str] | bytes
    data: Any

    @property
    def name(self) -> str:
        """`metadata.name`, which the key ends with."""
        return self.key[len(self.namespace) + 1 :] if self.namespace else self.key

    @property
    def object_key(self) -> ObjectKey:
        """The key as users see it."""
        return ObjectKey(self.name, self.namespace)

    @property
    def labels(self) -> Mapping[str, str]:
        """The object's labels."""
        labels = self._labels
        if type(labels) is bytes:
            labels = self._labels = _read_labels(labels)
        return cast("Mapping[str, str]", labels)

    def with_data(self, data: Any) -> Entry:
        """The same object with other contents (transforms): key, uid, version and labels stay the original's."""
        return Entry(self.key, self.namespace, self.uid, self.version, self.labels, data)

    def __repr__(self) -> str:
        return f"Entry({self.key}, uid={self.uid}, version={self.version})"


def entry_key(name: str, namespace: str) -> str:
    """The store's key: `namespace/name`, or the name alone."""
    return f"{namespace}/{name}" if namespace else name


def version_number(version: str | None) -> int:
    """A resourceVersion as a number; 0 for none, or for one that is not decimal (KEP-5504), which is never compared."""
    return int(version) if version and version.isdecimal() and len(version) <= VERSION_DIGITS else 0


def entry_from_json(raw: Json, *, keep_managed_fields: bool = False) -> Entry:
    """Read an object's key facts and keep its bytes, without managedFields unless asked for. Raises BrokenObject."""
    if not keep_managed_fields:
        if type(raw) is Within:  # what goes as soon as it is read is not copied: that leaves holes in the heap
            text, begin, end = raw.whole, raw.start, raw.end
        else:
            text = bytes(raw)
            begin, end = 0, len(text)
        start = text.find(_MANAGED_LIST, begin, end)
        if start > 0 and (entry := _without_looking(text, begin, start, end)) is not None:
            return entry
    return _plainly(bytes(raw), keep_managed_fields=keep_managed_fields)


def _without_looking(text: bytes, begin: int, start: int, end: int) -> Entry | None:
    """The entry of `text[begin:end]`, whose managedFields begin at `start`: they are cut out before it is decoded.

    None if unsure.

    Going through them costs more than all else of an object together. They are taken to end at the first bracket, and a mark
    is put in their place. What is left decodes only if that was their end: a bracket within them leaves more behind it to be
    closed than is open, and one in a string leaves a quote too many, or a backslash outside of strings. And the mark is found
    in metadata only if they were metadata's.
    """
    before, after = text[begin:start], text[text.find(b"]", start, end) + 1 : end]
    try:
        head = _decode(before + _MARKED + after).metadata
    except UNREADABLE:
        return None
    if head.managedFields != _MARK:
        return None
    return _entry(head, before + after)


def _plainly(data: bytes, *, keep_managed_fields: bool) -> Entry:
    try:
        head = _decode(data).metadata
    except msgspec.ValidationError:
        return _odd_entry(data, keep_managed_fields=keep_managed_fields)
    except UNREADABLE as error:
        raise BrokenObject(f"JSON that cannot be decoded: {error}") from error
    entry = _entry(head, data)
    return entry if keep_managed_fields or not bytes(head.managedFields) else entry.with_data(_cut(data))


def _entry(head: _Head, data: bytes) -> Entry:
    name, namespace, version = head.name, head.namespace or "", head.resourceVersion
    if not name:
        raise BrokenObject("an object without metadata.name")
    if len(data) > INTEGER_DIGITS or not data.isascii():
        check_unread(data)
    return Entry(
        f"{namespace}/{name}" if namespace else name, namespace, head.uid or "", version_number(version) if version else 0,
        bytes(head.labels) or _NO_LABELS, data,
    )  # fmt: skip


def _read_labels(text: bytes) -> Mapping[str, str]:
    try:
        return _decode_labels(text) or _NO_LABELS
    except msgspec.ValidationError:  # as no server gives them
        pass
    try:
        return _as_texts(_decode_any(text))
    except UNREADABLE:  # a number that is too large, say: a read does not fail
        return _NO_LABELS


def _as_texts(labels: object) -> Mapping[str, str]:
    return {k: str(v) for k, v in cast("dict[str, Any]", labels).items()} if isinstance(labels, dict) else _NO_LABELS


def check_unread(data: bytes) -> None:
    """Raises BrokenObject where what is passed over while the head of an object is read is what no reader could take."""
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise BrokenObject(f"JSON that is not UTF-8: {error.reason}") from error
    for place in range(_STRIDE, len(data), _STRIDE):
        if data[place - 8 : place].isdigit():
            try:
                _decode_any(data)
            except msgspec.ValidationError as error:
                raise BrokenObject(f"JSON that cannot be decoded: {error}") from error
            return


def _cut(data: bytes) -> bytes:
    """`data` without its managedFields, opened and closed again; nothing else of it changes."""
    top = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    metadata = msgspec.json.decode(top["metadata"], type=dict[str, msgspec.Raw])
    metadata.pop("managedFields", None)
    top["metadata"] = msgspec.Raw(_encode(metadata))
    return _encode(top)


def _odd_entry(raw: msgspec.Raw | bytes, *, keep_managed_fields: bool) -> Entry:
    """Read an object whose metadata is not as its type says, such as labels that are no strings."""
    try:
        document = _decode_any(raw)
    except UNREADABLE as error:
        raise BrokenObject(f"JSON that cannot be decoded: {error}") from error
    metadata = cast("dict[str, Any]", document).get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        raise BrokenObject("an object without metadata")
    fields = cast("dict[str, Any]", metadata)
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        raise BrokenObject("an object without metadata.name")
    namespace = str(fields.get("namespace") or "")
    data = bytes(raw)
    if "managedFields" in fields and not keep_managed_fields:
        data = _cut(data)
    return Entry(
        entry_key(name, namespace), namespace, str(fields.get("uid") or ""),
        version_number(str(fields.get("resourceVersion") or "")), _as_texts(fields.get("labels")), data,
    )  # fmt: skip


#: Turns a stored entry into what reads and handlers give: a fresh private object, or a transform's own value.
Reading = Callable[[Entry], Any]
