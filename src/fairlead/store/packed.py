"""Compact storage: objects compressed by lz4 against a dictionary of their own kind.

Objects of a type repeat each other's field names and most of their values, so that a dictionary of a few of them leaves
a fifth of a pod. Packing costs about 10 µs an object of 4 KB, unpacking 4.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, cast

import msgspec

from fairlead.errors import ConfigError
from fairlead.store.entry import Entry

__all__ = ["OwnBytes", "Packed", "Packer", "held", "lz4_block", "own", "unpacked"]

#: A dictionary grows up to this many bytes. lz4 reads it anew for each object: what is longer costs more than it saves.
DICTIONARY_BYTES = 16_384
#: No object fills more of a dictionary than this.
SAMPLE_BYTES = 8_192


class _Block(Protocol):
    """What is used of `lz4.block`, whose package has no types."""

    def compress(self, source: bytes, *, store_size: bool, dict: bytes) -> bytes: ...

    def decompress(self, source: bytes, *, uncompressed_size: int, dict: bytes) -> bytes: ...


def lz4_block() -> _Block:
    """The part of lz4 that packs. Raises ConfigError where it is not installed."""
    try:
        return cast("_Block", import_module("lz4.block"))  # loaded by those who ask for it
    except ImportError as error:
        raise ConfigError(
            "CacheOptions(compact=True) compresses by lz4, which is not installed: pip install 'fairlead[compact]'"
        ) from error


class Packed(msgspec.Struct, gc=False, eq=False):
    """An object's JSON, compressed. Equal to whatever unpacks to the same bytes."""

    data: bytes
    #: How many bytes it unpacks to.
    size: int
    #: What it was packed with; kept for as long as any object needs it.
    dictionary: bytes
    decompress: Callable[..., bytes]

    def unpack(self) -> bytes:
        """The JSON, byte for byte as it was packed."""
        return self.decompress(self.data, uncompressed_size=self.size, dict=self.dictionary)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Packed):
            if other.dictionary is self.dictionary:
                return other.data == self.data
            return other.size == self.size and other.unpack() == self.unpack()
        return isinstance(other, bytes) and len(other) == self.size and other == self.unpack()

    __hash__ = None  # type: ignore[assignment]


class OwnBytes(msgspec.Struct, frozen=True, gc=False):
    """Bytes that a transform returned: bare ones in an entry are an object's JSON."""

    value: bytes


def own(value: Any) -> Any:
    """What a transform returned instead of a resource, as an entry holds it."""
    return OwnBytes(value) if type(value) is bytes else value


class Packer:
    """Packs the objects of one store. Raises ConfigError where lz4 is not installed.

    The dictionary begins with the first object that comes, and takes in each further one that it does not halve, until it
    is full: so it follows what is in the cluster, not what a list happens to begin with. Objects stay bound to the
    dictionary that they were packed with, and there are no more of those than it took steps to fill.
    """

    def __init__(self) -> None:
        self._lz4 = lz4_block()
        self.dictionary: bytes = b""

    def pack(self, data: bytes) -> Packed | bytes:
        """The object packed; as it is where that would not save a quarter."""
        dictionary = self.dictionary  # what is learnt below is for the next
        packed = self._lz4.compress(data, store_size=False, dict=dictionary)
        if len(packed) * 2 > len(data) and len(dictionary) < DICTIONARY_BYTES:
            self._learn(data)
        if len(packed) * 4 > len(data) * 3:
            return data
        return Packed(packed, len(data), dictionary, self._lz4.decompress)

    def _learn(self, data: bytes) -> None:
        self.dictionary += data[: min(SAMPLE_BYTES, DICTIONARY_BYTES - len(self.dictionary))]

    def packed(self, entry: Entry) -> Entry:
        """The entry, its JSON packed. What a transform returned instead of a resource stays as it is."""
        return entry.with_data(self.pack(entry.data)) if type(entry.data) is bytes else entry


def unpacked(data: Any) -> Any:
    """An entry's data as it was before it was packed, if it was."""
    return data.unpack() if type(data) is Packed else data


def held(data: Any) -> int:
    """How many bytes of JSON, packed or not, an entry holds; none for what a transform returned instead of a resource."""
    if type(data) is Packed:
        return len(data.data)
    return len(data) if type(data) is bytes else 0
