"""What caches hand out: a private object for each entry, or what a transform made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from fairlead.client.catalog import TypeName, factory
from fairlead.machinery.names import ResourceType
from fairlead.store.entry import Entry, Reading
from fairlead.store.packed import OwnBytes, unpacked

__all__ = ["Readers", "readers"]


class Readers(NamedTuple):
    """One way to read entries, for one and for many."""

    one: Reading
    many: Callable[[Iterable[Entry]], list[Any]]


def readers(type_: TypeName, resource_type: ResourceType, origin: str) -> Readers:
    """Hand out private objects; what a transform returned is handed out as it is, and shared."""
    if origin == "read" and not isinstance(type_, str):
        return Readers(*type_.readers())
    read = factory(type_, resource_type, origin)
    return _each(_transformed(read) if origin == "transformed" else _whole(read))


def _each(read: Reading) -> Readers:
    def read_all(entries: Iterable[Entry]) -> list[Any]:
        return [read(entry) for entry in entries]

    return Readers(read, read_all)


def _whole(make: Callable[[bytes], Any]) -> Reading:
    def read(entry: Entry) -> Any:
        data = entry.data
        made = make(data if type(data) is bytes else data.unpack())
        made._head = entry  # noqa: SLF001 - its names are those of the entry: whoever asks for them need not decode it
        return made

    return read


def _transformed(make: Callable[[bytes], Any]) -> Reading:
    def read(entry: Entry) -> Any:
        data = unpacked(entry.data)
        if type(data) is bytes:
            return make(data)
        return data.value if type(data) is OwnBytes else data

    return read
