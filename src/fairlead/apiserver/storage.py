"""Objects as immutable JSON bytes under one rising resourceVersion, with a window of history per resource.

The rules are those of etcd as kube-apiserver uses it:
https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

import msgspec

__all__ = ["NOTHING", "Collection", "Entry", "Event", "Follower", "Storage", "key_of"]

_encode_into = msgspec.json.Encoder().encode_into
_decode = msgspec.json.Decoder(dict[str, Any]).decode

#: What field selectors may ask of an object beside its name and namespace, by the path in the selector.
FieldReader = Callable[[dict[str, Any]], Mapping[str, str]]

#: What most objects have of labels, and of such fields: all of them the same.
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def key_of(namespace: str, name: str) -> str:
    """The key of an object in its collection; keys sort as they do in etcd (`a-b/x` before `a/x`)."""
    return f"{namespace}/{name}" if namespace else name


class Owner(NamedTuple):
    """One owner reference, as the garbage collector needs it."""

    uid: str
    api_version: str
    kind: str
    name: str
    blocks: bool


class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One version of one object. `data` is what goes over the wire; the rest was decoded when it was written.

    There are many, and in none of them is a reference that leads back: the cyclic collector need not look at them.
    """

    key: str
    namespace: str
    name: str
    uid: str
    version: int
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    owners: tuple[Owner, ...]
    deleting: bool
    data: bytes

    def decode(self) -> dict[str, Any]:
        """A private, mutable copy of the object."""
        return _decode(self.data)

    def selectable(self, path: str) -> str:
        """What a field selector sees at this path; empty where it sees nothing."""
        if path == "metadata.name":
            return self.name
        return self.namespace if path == "metadata.namespace" else self.fields.get(path, "")


class Event(msgspec.Struct, eq=False, gc=False):
    """One change. For a deletion `entry` is the previous content under the deletion's resourceVersion."""

    type: str
    entry: Entry
    previous: Entry | None
    _line: bytes | None = None

    @property
    def version(self) -> int:
        """The resourceVersion of the change."""
        return self.entry.version

    @property
    def line(self) -> bytes:
        """The event as a line of a watch; made once for all watchers."""
        if self._line is None:
            self._line = watch_line(self.type, self.entry.data)
        return self._line


def watch_line(type_: str, data: bytes) -> bytes:
    """One line of a watch around an object's bytes."""
    return b'{"type":"%b","object":%b}\n' % (type_.encode(), data)


#: Is told of a change of a collection, once its watches have been.
Listener = Callable[["Collection", Event], None]


class Follower(Protocol):
    """Something that is told of every change of a collection, at once."""

    def follow(self, event: Event) -> None:
        """Take one change; must not write."""
        ...

    def caught_up(self) -> None:
        """The collection no longer lags; the changes it lacked have been given."""
        ...

    def end(self) -> None:
        """Changes it lacked are forgotten; it cannot go on."""
        ...


class Collection:
    """All objects of one resource in its storage version, and the last changes of them."""

    def __init__(self, storage: Storage, group: str, plural: str, fields: FieldReader, floor: int) -> None:
        self.group = group
        self.plural = plural
        self.entries: dict[str, Entry] = {}
        #: Keys of objects of which a write that changes nothing stores something else: they were stored in another form.
        self.outdated: set[str] = set()
        self.followers: list[Follower] = []
        #: A watch or an exact list can be served from this resourceVersion on.
        self.floor: int = floor
        self.fields: FieldReader = fields
        #: While it lags: watches, and reads that may be old, have nothing later than this version. None: they have all.
        self.horizon: int | None = None
        self._storage = storage
        self._history: deque[Event] = deque()
        self._limit = storage.history
        self._order: list[str] | None = []

    def get(self, namespace: str, name: str) -> Entry | None:
        """The present version of an object."""
        return self.entries.get(key_of(namespace, name))

    def select(self, namespace: str = "", after: str = "") -> Iterator[Entry]:
        """Present objects in the order of their keys, of one namespace or all; only keys from `after` on."""
        entries = self.entries
        return (entries[key] for key in _slice(self._ordered(), namespace, after))

    def select_at(self, version: int, namespace: str = "", after: str = "") -> Iterator[Entry]:
        """As `select`, but as it was at `version`, which must not be below `floor`."""
        if not self._history or self._history[-1].version <= version:
            return self.select(namespace, after)
        past = dict(self.entries)
        for event in reversed(self._history):
            if event.version <= version:
                break
            if event.previous is None:
                past.pop(event.entry.key, None)
            else:
                past[event.entry.key] = event.previous
        return (past[key] for key in _slice(sorted(past), namespace, after))

    def since(self, version: int) -> list[Event]:
        """The changes after `version`, oldest first; `version` must not be below `floor`."""
        found: list[Event] = []
        for event in reversed(self._history):
            if event.version <= version:
                break
            found.append(event)
        found.reverse()
        return found

    def seed(self, document: dict[str, Any], version: int) -> None:
        """Put in an object that has been there from the beginning: nobody is told, and no version is given out."""
        entry = self.entry(document, version)
        self.entries[entry.key] = entry
        self._order = None

    def put(self, document: dict[str, Any]) -> Entry:
        """Store an object, new or changed, under the next resourceVersion, and tell the followers."""
        version = self._storage.advance()
        entry = self.entry(document, version)
        previous = self.entries.get(entry.key)
        self.entries[entry.key] = entry
        self.outdated.discard(entry.key)
        if previous is None:
            self._order = None
        self._record(Event("ADDED" if previous is None else "MODIFIED", entry, previous))
        return entry

    def remove(self, entry: Entry) -> Entry:
        """Delete an object; returns its last content under the deletion's resourceVersion."""
        version = self._storage.advance()
        document = entry.decode()
        gone = self.entry(document, version)
        del self.entries[entry.key]
        self.outdated.discard(entry.key)
        self._order = None
        self._record(Event("DELETED", gone, entry))
        return gone

    def entry(self, document: dict[str, Any], version: int) -> Entry:
        """An object as it would be stored at `version`; the document gets that resourceVersion."""
        meta = document["metadata"]
        meta["resourceVersion"] = str(version)
        namespace, name = sys.intern(meta.get("namespace", "")), meta["name"]
        owners = meta.get("ownerReferences")
        return Entry(
            key=key_of(namespace, name),
            namespace=namespace,
            name=name,
            uid=meta.get("uid", ""),
            version=version,
            labels=meta.get("labels") or NOTHING,
            fields=self.fields(document),
            owners=_owners(owners) if owners else (),
            deleting="deletionTimestamp" in meta,
            data=self._storage.encoded(document),
        )

    def lag(self) -> None:
        """From now on show watches, and reads that may be old, nothing new, as a watch cache behind etcd does."""
        if self.horizon is None:
            self.horizon = self._storage.version

    def catch_up(self) -> None:
        """End a lag: watches get what they lacked. Idempotent."""
        if self.horizon is None:
            return
        horizon, self.horizon = self.horizon, None
        # What lagged and was compacted meanwhile cannot be shown any more: who follows has to begin anew.
        forgotten = self.floor > horizon
        lacked = self.since(max(horizon, self.floor))
        for follower in tuple(self.followers):
            if forgotten:
                follower.end()
                continue
            for event in lacked:
                follower.follow(event)
            follower.caught_up()

    def forget_history(self) -> None:
        """As after a compaction: watches can only start from now on."""
        self._history.clear()
        self.floor = self._storage.version

    def reindex(self, fields: FieldReader, refit: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Read objects, and their selectable fields, differently from now on; `refit` makes the present ones fit."""
        self.fields = fields
        for key, entry in self.entries.items():
            document = refit(entry.decode())
            if document != entry.decode():
                self.outdated.add(key)
            self.entries[key] = self.entry(document, entry.version)

    def _record(self, event: Event) -> None:
        self._history.append(event)
        if len(self._history) > self._limit:
            self._history.popleft()
            self.floor = self._history[0].version - 1 if self._history else event.version
        if self.horizon is None and self.followers:
            for follower in tuple(self.followers):
                follower.follow(event)
        for listener in self._storage.listeners(self, event.type):
            listener(self, event)

    def _ordered(self) -> list[str]:
        if self._order is None:
            self._order = sorted(self.entries)
        return self._order


def _slice(keys: list[str], namespace: str, after: str) -> Iterator[str]:
    prefix = f"{namespace}/" if namespace else ""
    start = bisect_left(keys, max(prefix, after))
    # "0" is the character after "/": the first key that no longer has the prefix.
    end = bisect_left(keys, f"{namespace}0", start) if namespace else len(keys)
    return islice(keys, start, end)


def _owners(references: list[Mapping[str, Any]]) -> tuple[Owner, ...]:
    return tuple(
        Owner(
            ref.get("uid", ""),
            ref.get("apiVersion", ""),
            ref.get("kind", ""),
            ref.get("name", ""),
            bool(ref.get("blockOwnerDeletion")),
        )
        for ref in references
    )


class Storage:
    """Every collection, and the one counter. Single-threaded: a call runs to its end before the next one."""

    def __init__(self, *, start: int, history: int) -> None:
        self.start = start
        self.version: int = start
        self.history = history
        self._listeners: list[tuple[Listener, frozenset[str], frozenset[str]]] = []
        #: Those that are told of a type of event in a resource; looked up once.
        self._told: dict[tuple[str, str, str], tuple[Listener, ...]] = {}
        self._collections: dict[tuple[str, str], Collection] = {}
        #: Where objects are written before they are copied out: what an encoder returns has been cut from a larger block, and
        #: the rest of that, between objects that stay, is of no use to anybody.
        self._buffer = bytearray()

    def encoded(self, document: dict[str, Any]) -> bytes:
        """The bytes of a document, in no more memory than they need."""
        _encode_into(document, self._buffer)
        return bytes(self._buffer)

    def advance(self) -> int:
        """The next resourceVersion."""
        self.version += 1
        return self.version

    def add(self, group: str, plural: str, fields: FieldReader, *, floor: int | None = None) -> Collection:
        """A new, empty collection; its history reaches back to `floor`, by default to the server's start."""
        collection = Collection(self, group, plural, fields, self.start if floor is None else floor)
        self._collections[group, plural] = collection
        return collection

    def collections(self) -> list[Collection]:
        """Every collection that was ever asked for."""
        return list(self._collections.values())

    def find(self, group: str, plural: str) -> Collection | None:
        """The collection of a resource if anything has asked for it yet."""
        return self._collections.get((group, plural))

    def drop(self, group: str, plural: str) -> None:
        """Forget a collection, which must be empty; a new one of that name starts without history."""
        self._collections.pop((group, plural), None)

    def listen(self, listener: Listener, *, of: Iterable[str] = (), also: Iterable[str] = ()) -> None:
        """Have a listener told of every change, after the watches.

        Or only of those of the resources whose plurals are `of`, and of changes of the types `also`.
        """
        self._listeners.append((listener, frozenset(of), frozenset(also)))
        self._told.clear()

    def listeners(self, collection: Collection, type_: str) -> tuple[Listener, ...]:
        """Who is told of an event of this type, in the order in which they came."""
        place = (collection.group, collection.plural, type_)
        found = self._told.get(place)
        if found is None:
            found = self._told[place] = tuple(
                listener
                for listener, of, also in self._listeners
                if collection.plural in of or type_ in also or not (of or also)
            )
        return found
