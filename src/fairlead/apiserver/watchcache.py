"""Open watches: what each is sent, in order, as lines of bytes.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes and KEP-3157 (WatchList)
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin.zeros import zero_annotations, zero_fields
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import ListOptions, parse_version
from fairlead.apiserver.storage import Collection, Entry, Event, Storage, watch_line
from fairlead.machinery.wire import INITIAL_EVENTS_END, ConnectionLost

__all__ = ["Rendering", "Watch", "Watches"]

_encode = msgspec.json.Encoder().encode

#: Seconds between two bookmarks of an open watch.
BOOKMARK_INTERVAL = 60.0
#: Seconds before its end at which a watch gets a last one.
_LAST_BOOKMARK = 2.0
#: Seconds that a watch stays open at least when the client names no time; at most twice that.
_TIMEOUT = 1800.0
#: Lines that may wait for a client before it is cut off.
_BUFFER = 100_000

#: How an object's bytes look in the watch (another version, a table); None: as stored.
Rendering = Callable[[Entry], bytes]


class Watch:
    """One open watch; the body of its answer. Ends cleanly after its timeout, when cut, and when closed."""

    def __init__(
        self,
        collection: Collection,
        scope: tuple[str, str],
        options: ListOptions,
        render: Rendering | None,
        bookmark: _Bookmark,
    ) -> None:
        self.collection = collection
        #: Only this namespace and this name, where they are not empty.
        self.namespace: str = scope[0]
        self.name: str = scope[1]
        self.options = options
        #: Changes up to this version are not sent: the client starts in the future.
        self.after: int = 0
        #: The last version that the client knows of.
        self.version: int = 0
        self._render = render
        self._bookmark = bookmark
        self._scoped = scope != ("", "")
        self._selective = options.selective
        self._lines: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        # Takes a line at once where it can; then no reader has to be woken for it.
        self._push: Callable[[bytes], bool] | None = None
        self._ended = False
        self._paused = False
        # Set when the connection is to break: nothing more is read, not even what waits.
        self._lost = False
        # The bookmark that ends the initial events is owed until the collection has caught up.
        self._owes_end = False
        self._timer: asyncio.TimerHandle | None = None
        # The version that the client knew of when the watch began.
        self._began_at = 0
        self._on_end: list[Callable[[Watch], None]] = []

    # -- what is sent

    def follow(self, event: Event) -> None:
        """Send a change, as the selectors see it."""
        if event.version <= self.after or (self._scoped and not self._in_scope(event.entry)):
            return
        if not self._selective:
            self._send_event(event)
            return
        entry, previous = event.entry, event.previous
        now = event.type != "DELETED" and self._matches(entry)
        before = previous is not None and self._matches(previous)
        if now:
            self._send_as("MODIFIED" if before else "ADDED", event)
        elif before:
            self._send_gone(event)

    def send_initial(self, entry: Entry) -> None:
        """Send an object that exists already."""
        if (not self._scoped or self._in_scope(entry)) and (not self._selective or self._matches(entry)):
            self._put(watch_line("ADDED", self._bytes(entry)))

    def send_bookmark(self, version: int, *, initial_events_end: bool = False) -> None:
        """Tell the client that it has seen everything up to `version`; nothing if it asked for no bookmarks."""
        if not self.options.bookmarks or self._ended:
            return
        self.version = version
        self._put(self._bookmark.line(version, initial_events_end=initial_events_end))

    def end_initial(self, version: int) -> None:
        """Say that the initial events are complete, once that is so also for a client that asked for the newest state."""
        self._owes_end = self.collection.horizon is not None and self.options.resource_version in {"", "-1"}
        if not self._owes_end:
            self.send_bookmark(version, initial_events_end=True)

    def caught_up(self) -> None:
        """The collection no longer lags."""
        if self._owes_end:
            self._owes_end = False
            self.send_bookmark(self._bookmark.version(), initial_events_end=True)

    def send_raw(self, line: bytes) -> None:
        """Send bytes as they are, whatever they mean."""
        self._put(line)

    def send_error(self, status: dict[str, Any]) -> None:
        """Send an ERROR event, after which nothing more comes."""
        self._put(watch_line("ERROR", _encode(status)))
        self.end()

    def _matches(self, entry: Entry) -> bool:
        return self.options.matches(entry)

    def _in_scope(self, entry: Entry) -> bool:
        return (not self.namespace or self.namespace == entry.namespace) and (not self.name or self.name == entry.name)

    def _send_event(self, event: Event) -> None:
        self.version = event.version
        if self._render is not None:
            self._put(watch_line(event.type, self._render(event.entry)))
        elif self._waiter is None and self._push is None and not self._ended and len(self._lines) < _BUFFER:
            self._lines.append(event.line)  # nobody waits for it: its reader has not come back yet
        else:
            self._put(event.line)

    def _send_as(self, type_: str, event: Event) -> None:
        if type_ == event.type:
            self._send_event(event)
            return
        self.version = event.version
        self._put(watch_line(type_, self._bytes(event.entry)))

    def _send_gone(self, event: Event) -> None:
        """An object that no longer matches goes with its previous content, under the version of the change."""
        if event.type == "DELETED" or event.previous is None:
            self._send_event(event)
            return
        self.version = event.version
        last = self.collection.entry(event.previous.decode(), event.version)
        self._put(watch_line("DELETED", self._bytes(last)))

    def _bytes(self, entry: Entry) -> bytes:
        return entry.data if self._render is None else self._render(entry)

    def _put(self, line: bytes) -> None:
        if self._ended:
            return
        # What waits goes first.
        if self._push is not None and not self._lines and not self._paused and self._push(line):
            return
        self._lines.append(line)
        if len(self._lines) > _BUFFER:
            self._lines.clear()
            self.end()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- the body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while self._paused or not self._lines:
            if self._lost:
                raise ConnectionLost
            if self._ended and not self._lines:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._lost:
            raise ConnectionLost
        lines = self._lines
        chunk = lines.popleft() if len(lines) == 1 else b"".join(lines)
        lines.clear()
        return chunk

    def push_to(self, push: Callable[[bytes], bool]) -> None:
        """Offer each line to `push` first, as it comes; one for which that returns False waits for the reader."""
        self._push = push

    async def aclose(self) -> None:
        """Give the watch up; idempotent."""
        self._push = None
        self._lines.clear()
        self._paused = False
        self.end()

    def pause(self) -> None:
        """Keep what is sent until `resume`."""
        self._paused = True

    def resume(self) -> None:
        """Give the client what was kept. Idempotent."""
        self._paused = False
        self._wake()

    def lose(self) -> None:
        """Break the connection: the client gets nothing more, not even an end."""
        self._lost = True
        self._lines.clear()
        self.end()

    def start_timer(self, ended: Callable[[Watch], None]) -> None:
        """Begin the time that the watch may stay open."""
        self._on_end.append(ended)
        self._began_at = self.version
        seconds = float(self.options.timeout) or _TIMEOUT * (1 + random.random())  # noqa: S311 - only spreads reconnects
        if seconds > _LAST_BOOKMARK and self.options.bookmarks:
            self._timer = asyncio.get_running_loop().call_later(seconds - _LAST_BOOKMARK, self._time_is_nearly_up)
        else:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def _time_is_nearly_up(self) -> None:
        horizon = self.collection.horizon
        version = self._bookmark.version() if horizon is None else horizon
        if version > self._began_at:
            self.send_bookmark(version)
        self._timer = asyncio.get_running_loop().call_later(_LAST_BOOKMARK, self.end)

    @property
    def ended(self) -> bool:
        """Whether nothing more will be sent."""
        return self._ended

    @property
    def idle(self) -> bool:
        """Whether its reader has taken everything that was sent and is not kept back."""
        return self._paused or not self._lines

    def end(self) -> None:
        """Nothing more is sent; the client gets what is waiting, and then the end of the stream."""
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        for ended in self._on_end:
            ended(self)
        self._wake()


class _Bookmark(msgspec.Struct, frozen=True):
    """Makes the bookmarks of one type, each as its view wants them."""

    info: ResourceInfo
    storage: Storage
    dress: Callable[[dict[str, Any]], dict[str, Any]] | None

    def version(self) -> int:
        return self.storage.version

    def line(self, version: int, *, initial_events_end: bool) -> bytes:
        meta: dict[str, Any] = {"resourceVersion": str(version)}
        annotations = dict(zero_annotations(self.info))
        if initial_events_end:
            annotations[INITIAL_EVENTS_END] = "true"
        if annotations:
            meta["annotations"] = annotations
        document = {"kind": self.info.type.kind, "apiVersion": self.info.type.api_version, "metadata": meta}
        if not self.info.is_custom:
            document |= zero_fields(self.info)
        return watch_line("BOOKMARK", _encode(document if self.dress is None else self.dress(document)))


class Watches:
    """Opens watches and keeps the list of those that are open."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._open: dict[Watch, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def open(
        self,
        collection: Collection,
        info: ResourceInfo,
        namespace: str,
        options: ListOptions,
        *,
        name: str = "",
        render: Rendering | None = None,
        dress: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        fault: statuses.Refusal | None = None,
    ) -> Watch:
        """A watch that has its initial events waiting. A `fault`, or a version older than the history, gives one ERROR event.

        Raises Refusal (500, as kube-apiserver does) when the resourceVersion is not a number.
        """
        start = _start(options)
        known = self._storage.version if collection.horizon is None else collection.horizon
        watch = Watch(collection, (namespace, name), options, render, _Bookmark(info, self._storage, dress))
        watch.after = start
        wants_all = options.send_initial is True or (options.send_initial is None and start == 0)
        if fault is not None:
            watch.send_error(fault.status)
        elif wants_all:
            self._send_state(watch, known)
        elif start and start < collection.floor:
            refusal = statuses.expired(f"too old resource version: {start} ({collection.floor})")
            watch.send_error(refusal.status)
        else:
            changes = collection.since(start) if start else list[Event]()
            for event in changes:
                if event.version <= known:
                    watch.follow(event)
        if fault is None and wants_all and options.send_initial:
            watch.end_initial(known)
        self._register(watch)
        return watch

    @staticmethod
    def _send_state(watch: Watch, version: int) -> None:
        collection, namespace = watch.collection, watch.namespace
        lags = collection.horizon is not None
        for entry in collection.select_at(version, namespace) if lags else collection.select(namespace):
            watch.send_initial(entry)
        watch.version = version

    def _register(self, watch: Watch) -> None:
        if watch.ended:
            return
        watch.collection.followers.append(watch)
        self._open[watch] = None
        watch.start_timer(self._forget)
        if watch.options.bookmarks and self._timer is None:
            self._arm()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(BOOKMARK_INTERVAL, self._tick)

    def _tick(self) -> None:
        self._timer = None
        # Versions of a real server never stand still, as it renews a lease of its own every ten seconds: its watches get a
        # bookmark each minute, and a client takes a longer silence for the end of its connection.
        self.bookmark(again=True)
        if any(watch.options.bookmarks for watch in self._open):
            self._arm()

    def bookmark(self, *, again: bool = False) -> None:
        """Send every watch that takes bookmarks the present version; one that has it only `again`."""
        for watch in tuple(self._open):
            horizon = watch.collection.horizon
            version = self._storage.version if horizon is None else horizon
            if watch.options.bookmarks and (again or watch.version < version):
                watch.send_bookmark(version)

    def end(self, collection: Collection | None = None) -> None:
        """End the watches of a collection, or all."""
        for watch in tuple(self._open):
            if collection is None or watch.collection is collection:
                watch.end()

    def close(self) -> None:
        """End every watch and the timer."""
        self.end()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def idle(self) -> bool:
        """Whether every open watch's reader has taken all that was sent."""
        return all(watch.idle for watch in self._open)

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Watch]:
        return iter(tuple(self._open))

    def _forget(self, watch: Watch) -> None:
        self._open.pop(watch, None)
        if watch in watch.collection.followers:
            watch.collection.followers.remove(watch)


def _start(options: ListOptions) -> int:
    return parse_version(options.resource_version) if options.resource_version else 0
