"""The state of one server: objects, what is served, open watches, and the work that goes on behind requests."""

from __future__ import annotations

import asyncio
import functools
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin import conversions, initial
from fairlead.apiserver.builtin.canonical import ordered
from fairlead.apiserver.builtin.selectable import field_reader
from fairlead.apiserver.registry import Registry, ResourceInfo
from fairlead.apiserver.storage import Collection, Entry, Event, Storage
from fairlead.apiserver.watchcache import Watches
from fairlead.machinery.apply.versions import Convert, NotConverted, VersionGone
from fairlead.machinery.schema.fields import apply_defaults, prune
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.times import format_time

__all__ = ["Cluster", "Converter"]

#: Gives an object in another version of its type: what a conversion webhook does. It may change the object given.
Converter: TypeAlias = "Callable[[dict[str, Any], str], dict[str, Any]]"

#: The first resourceVersion; about where a new kube-apiserver is once it has made its own objects.
START = 200


class Cluster:
    """All of it, without requests. Single-threaded: every method runs to its end before anything else happens."""

    def __init__(
        self,
        *,
        history: int,
        clock: Callable[[], datetime] | None = None,
        sharded: bool = False,
        runtime_config: Iterable[str] = (),
    ) -> None:
        #: Whether lists and watches read their shard selector.
        self.sharded: bool = sharded
        self.storage: Storage = Storage(start=START, history=history)
        self.registry: Registry = Registry(runtime_config)
        self.watches: Watches = Watches(self.storage)
        #: By the names of CRDs.
        self.converters: dict[str, Converter] = {}
        self._clock = clock
        #: The last second, since 1970, that was asked for by the system's clock, and its text.
        self._second: tuple[int, str] = (0, "")
        self._pending: deque[Callable[[], None]] = deque()
        self._scheduled = False
        self._reached: list[tuple[int, asyncio.Future[None]]] = []
        self.storage.listen(self._wake_readers)

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC) if self._clock is None else self._clock()

    def timestamp(self) -> str:
        """The time as it stands in metadata."""
        if self._clock is not None:
            return format_time(self._clock())
        second = int(time.time())
        if second != self._second[0]:
            self._second = second, format_time(datetime.fromtimestamp(second, UTC))
        return self._second[1]

    @staticmethod
    def uid() -> str:
        """A new uid."""
        digits = os.urandom(16).hex()
        # Version 4 and its variant, as RFC 9562 has them; uuid4() takes twice as long, for each object that is made.
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    # -- objects

    def collection(self, info: ResourceInfo) -> Collection:
        """The objects of a resource, whatever version they are asked for in."""
        found = self.storage.find(info.type.group, info.type.plural)
        if found is not None:
            return found
        group, plural = conversions.home(info.type.group, info.type.plural)
        found = self.storage.find(group, plural)
        if found is None:
            found = self.storage.add(group, plural, field_reader(self.stored_info(info)))
            initial.seed(found, self.uid, self.timestamp)
        return found

    def stored_info(self, info: ResourceInfo) -> ResourceInfo:
        """The resource in the version in which its objects are stored."""
        if info.is_custom:
            return self.registry.stored(f"{info.type.plural}.{info.type.group}") or info
        group, plural = conversions.home(info.type.group, info.type.plural)
        return self.registry.preferred(group, plural) or info

    def objects(self, group: str, version: str, plural: str) -> Collection:
        """The objects of a built-in resource."""
        found = self.storage.find(group, plural)
        if found is not None:
            return found
        info = self.registry.find(group, version, plural)
        if info is None:
            raise LookupError(f"no built-in resource {plural} in {group or 'core'}/{version}")
        return self.collection(info)

    def info_of(self, collection: Collection) -> ResourceInfo | None:
        """The resource of a collection in the version that is stored; None once its CRD has gone."""
        stored = self.registry.stored(f"{collection.plural}.{collection.group}")
        if stored is not None:
            return stored
        return self.registry.preferred(collection.group, collection.plural)

    def read(self, info: ResourceInfo, entry: Entry) -> dict[str, Any]:
        """An object in the version of `info`, private to the caller."""
        document = entry.decode()
        if document["apiVersion"] == info.type.api_version:
            return document
        return self._converted(document, info)

    def data(self, info: ResourceInfo, entry: Entry) -> bytes:
        """An object's bytes in the version of `info`."""
        stored = self.stored_info(info)
        if stored is info or stored.type.api_version == info.type.api_version:
            return entry.data
        return self.collection(info).entry(self.read(info, entry), entry.version).data

    def store(self, info: ResourceInfo, document: dict[str, Any]) -> Entry:
        """Commit an object that is in the version of `info`; it gets the next resourceVersion."""
        return self.collection(info).put(self.stored_form(info, document))

    def stored_form(self, info: ResourceInfo, document: dict[str, Any]) -> dict[str, Any]:
        """The document as it is stored: in the storage version, its type first."""
        info = self.stored_info(info)
        stored = info.type
        if document.get("apiVersion") != stored.api_version:
            document = self._converted(msgspec.json.decode(msgspec.json.encode(document)), info)
            if info.is_custom:
                apply_defaults(info.schema, document)
        return ordered(document, stored.kind, stored.api_version)

    def convert(self, info: ResourceInfo) -> Convert:
        """Gives objects of a resource in the other versions in which somebody may own fields of them."""
        return functools.partial(self._as_owned, info)

    def _as_owned(
        self, info: ResourceInfo, document: Mapping[str, Any], api_version: str
    ) -> tuple[Schema, Mapping[str, Any]]:
        other = self.registry.described(info, api_version)
        if other is None:
            if info.is_custom:
                raise NotConverted(f"request to convert CR to an invalid group/version: {api_version}")
            raise VersionGone(api_version)
        if document.get("apiVersion") == api_version:
            return other.schema, document
        if info.is_custom:
            return other.schema, self._asked(_copy(document), other)
        return other.schema, conversions.convert(_copy(document), api_version)

    def refit(self, info: ResourceInfo, document: dict[str, Any]) -> dict[str, Any]:
        """A stored custom object as it is read once its definition has changed; `info` is the new storage version."""
        if document.get("apiVersion") != info.type.api_version:
            document = self._converted(document, info)
        prune(info.schema, document)
        apply_defaults(info.schema, document)
        return document

    def _converted(self, document: dict[str, Any], info: ResourceInfo) -> dict[str, Any]:
        if not info.is_custom:
            return conversions.convert(document, info.type.api_version)
        converted = self._asked(document, info)
        prune(info.schema, converted)
        return converted

    def _asked(self, document: dict[str, Any], info: ResourceInfo) -> dict[str, Any]:
        """A custom object in another version: by the converter of its definition, otherwise as it is."""
        converter = self.converters.get(info.type.crd_name)
        if converter is None:
            return {**document, "apiVersion": info.type.api_version}
        group_version = document.get("apiVersion")
        try:
            converted = converter(document, info.type.api_version)
        except Exception as error:
            why = f"conversion webhook for {group_version}, Kind={info.type.kind} failed: {error}"
            raise statuses.failure(500, "", why) from error
        # A converter changes no metadata but labels and annotations.
        return {**converted, "apiVersion": info.type.api_version, "kind": info.type.kind}

    # -- work behind requests

    def later(self, work: Callable[[], None]) -> None:
        """Do `work` after the present request, in order; at the next chance when no loop runs yet."""
        self._pending.append(work)
        self.schedule()

    def schedule(self) -> None:
        """Have the waiting work done in the next turn of the running loop, if there is one."""
        if self._scheduled or not self._pending:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._scheduled = True
        loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        self.work()

    def work(self) -> None:
        """Do all waiting work, and the work that comes of it."""
        while self._pending:
            self._pending.popleft()()

    @property
    def idle(self) -> bool:
        """Whether no work is waiting."""
        return not self._pending

    async def reach(self, version: int, seconds: float) -> bool:
        """Wait until the resourceVersion `version` has been given out; False when it is not in time."""
        if self.storage.version >= version:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reached.append((version, future))
        done, _ = await asyncio.wait([future], timeout=seconds)
        self._reached = [(at, waiter) for at, waiter in self._reached if waiter is not future]
        return bool(done)

    def _wake_readers(self, _collection: Collection, _event: Event) -> None:
        for version, future in self._reached:
            if version <= self.storage.version and not future.done():
                future.set_result(None)


def _copy(document: Mapping[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(document)))
