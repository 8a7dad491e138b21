"""Keeps a store equal to what the server has: the driver of the reflector machine.

It has no rule of its own: what follows what stands in `machines.reflector`. Each phase ends with a signal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterator
from time import monotonic

import msgspec

from fairlead.api.watchstream import BrokenLine, WatchLine
from fairlead.errors import ApiError, FairleadError, Gone, Status, TransportError, from_status
from fairlead.informer.gate import ListGate, Place
from fairlead.informer.slices import Slicer
from fairlead.informer.source import Page, Source, bookmark_of, read_bookmark, read_status
from fairlead.informer.stalls import Patience, Stalls
from fairlead.informer.suspects import Suspects, framed
from fairlead.machinery.wire import Json
from fairlead.machines.reflector import Phase, ReflectorMachine, Signal, signal_of
from fairlead.store.entry import BrokenObject, Entry, version_number
from fairlead.store.store import Rebuild, Store

__all__ = ["Reflector", "ReflectorStatistics"]

log: logging.Logger = logging.getLogger("fairlead.informer")

#: Objects per page of a list, as client-go asks for.
PAGE_SIZE = 500
#: A server sends a bookmark a minute; when nothing comes for this long, the connection is dead. In seconds.
STALL_SECONDS = 70.0
#: What is asked of the server as the length of a watch, in seconds: at random between the two.
WATCH_SECONDS = (300, 600)
#: The place of what is in a list, among the places of changes, which are versions.
LISTED = -1
_CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED"})
# What stands for a line where a slice is over.
_SLICE_OVER = BrokenLine(b"")
#: The longest Retry-After that is honoured, in seconds: a day of it would be a mistake.
RETRY_AFTER_LIMIT = 120.0


class ReflectorStatistics(msgspec.Struct, frozen=True):
    """Counters of one reflector."""

    phase: str
    lists: int
    watches: int
    events: int
    broken: int
    #: Failures since the last success.
    failures: int
    last_error: str
    #: Failures ever.
    errors: int
    #: Whether an answer of the server is open: the reflector neither waits for another try nor for its place to list.
    connected: bool
    #: Seconds since the server was last heard of: an event, a bookmark, a list. None before that.
    silent: float | None


class Reflector:
    """Lists and watches one source into one store until it is cancelled."""

    def __init__(
        self,
        what: str,
        source: Source,
        store: Store,
        read_entry: Callable[[Json], Entry],
        *,
        on_synced: Callable[[], None],
        on_progress: Callable[[], None],
        streaming: bool = True,
        stalls: Stalls | None = None,
        gate: ListGate | None = None,
    ) -> None:
        self.what = what
        self._source = source
        self._store = store
        self._read_entry = read_entry
        self._on_synced = on_synced
        self._on_progress = on_progress
        self._stalls = stalls or Stalls(STALL_SECONDS)
        self._gate = gate or ListGate()
        self._machine = ReflectorMachine(streaming=streaming)
        self._suspects = Suspects()
        # Whether this server has ever sent a bookmark: its silence means something.
        self._bookmarks = False
        self._connected = False
        self._heard: float | None = None
        # When the watch was asked for, or the list that it began with was complete; by the loop's clock.
        self._opened = 0.0
        self._slicer = Slicer()
        # The stream's, while no list is being received: what comes then is a bookmark, most of the time.
        self._resting: Patience | None = None
        # The loop's, from the first stream on.
        self._clock: Callable[[], float] = monotonic
        # Set to cut the present wait short, while there is one.
        self._awake: asyncio.Event | None = None
        self._reset_history = False
        # Whether the next list is to come as one page: pages led nowhere.
        self._whole = False
        # Whether objects have to be compared with a list though their versions are known.
        self._stale = False
        self._behind = 0
        self.last_error: FairleadError | None = None
        #: Why the server does not let this be read, or has no such type; None from when it takes a request again.
        self.refusal: FairleadError | None = None
        #: Called with each failure. Where CRDs may not be read, or are not served, types have to be looked for in another way.
        self.on_failure: Callable[[Signal], None] | None = None
        #: Objects received of a list that is not complete yet.
        self.receiving: int = 0
        #: Objects that could not be read, by the reason.
        self.broken: dict[str, int] = {}
        #: Lists and watches that failed, ever; a gap that a new list closes (410) is none.
        self.errors: int = 0
        self._lists = self._watches = self._events = 0

    async def run(self) -> None:
        """Follow the machine for ever, beginning with a list: the store may be another one's than when it last ran."""
        self._machine.restart()
        self._behind, self._reset_history = 0, False
        try:
            await self._follow_machine()
        finally:
            self._connected = False

    async def _follow_machine(self) -> None:
        while True:
            productive, refused, retry_after = True, False, None
            seen = self._events
            try:
                signal = await (self._list() if self._machine.phase is Phase.LIST else self._stream())
                productive = self._events > seen or signal is Signal.SYNCED
            except FairleadError as error:
                signal, refused = self._signal(error), isinstance(error, ApiError)
                retry_after = getattr(error, "retry_after", None)
                if signal is not Signal.POLLED:
                    self._failed(error, signal)
                productive = self._events > seen
            self._connected = False
            watched = self._machine.phase is Phase.WATCH
            plan = self._machine.after(
                signal,
                retry_after=min(retry_after or 0.0, RETRY_AFTER_LIMIT),
                productive=productive,
                refused=refused,
                lasted=asyncio.get_running_loop().time() - self._opened,
            )
            if self._machine.brief > 1:
                self._say_brief(signal)
            if plan.delay:
                await self._wait(plan.delay)
            if self._stale and self._machine.phase is Phase.WATCH:
                self._machine.restart()
            elif watched and not self._store.progress:
                # Without a version nothing says where to go on from: what has been deleted meanwhile, no watch would tell.
                self._machine.relist()

    def _signal(self, error: FairleadError) -> Signal:
        signal = signal_of(error, self._machine.phase)
        begun = self._machine.phase is Phase.STREAM and self._connected
        return Signal.UNFINISHED if begun and signal is Signal.BROKEN else signal

    def renew(self) -> None:
        """What a version holds may read otherwise from now on: list again, and compare, when the present stream has ended.

        A server whose schema of a custom type changes ends the type's watches, but what they told in their last second
        may still have been cut to the old schema.
        """
        self._stale = True

    def wake(self) -> None:
        """Cut the present wait short: something has changed that makes another try worth while."""
        if self._awake is not None:
            self._awake.set()

    async def _wait(self, delay: float) -> None:
        self._awake = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._awake.wait()
        self._awake = None

    def _failed(self, error: FairleadError, signal: Signal) -> None:
        self.last_error = error
        if signal in (Signal.REFUSED, Signal.ABSENT):
            self.refusal = error
            self._on_progress()  # who waits for it may not have to any more
        if signal not in (Signal.EXPIRED, Signal.UNSUPPORTED):
            self.errors += 1
            self._say(error, max(self._machine.failures, self._machine.brief) + 1)
        if self.on_failure is not None:
            self.on_failure(signal)

    def _say(self, error: FairleadError, count: int) -> None:
        # One cut that the next try mends is everyday life, also after a watch that was brief, as the last one of a type
        # that goes may be. Then ever fewer lines: an outage is no storm in the log.
        if count & (count - 1) == 0:
            log.log(
                logging.WARNING if self._machine.failures else logging.INFO,
                "watching %s failed and is tried again: %s",
                self.what,
                error,
                extra={"type": self.what, "error": str(error), "failures": count},
            )

    def _say_brief(self, signal: Signal) -> None:
        count = self._machine.brief
        if signal in (Signal.ENDED, Signal.EXPIRED) and count & (count - 1) == 0:
            log.warning(
                "watching %s ended as soon as it began (%s; %d in a row); it is asked for more slowly",
                self.what,
                signal.value,
                count,
                extra={"type": self.what, "end": signal.value, "watches": count},
            )

    def _hear(self) -> None:
        """The server has sent something, if only that it has taken the request."""
        self._heard = monotonic()
        self._connected, self.refusal = True, None

    # Lists -----------------------------------------------------------------------------------------------------

    async def _list(self) -> Signal:
        async with self._gate.place():
            self._lists += 1
            rebuild = self._store.rebuild(epoch_reset=self._reset_history, recheck=self._stale)
            # Pages that are not of one moment would leave out what changed between them, but for a watch from the first of it.
            token, version, self.receiving = "", 0, 0
            limit, self._whole = 0 if self._whole else PAGE_SIZE, False
            tokens = {token}
            while True:
                page = await self._page(token, limit)
                self._hear()
                self._slicer.begin()
                for item in page.items:
                    self._take(rebuild.add, item, listing=True)
                    await self._slicer.pause()
                number, token = version_number(page.version), page.next
                version = min(version or number, number or version)
                if not token:
                    return await self._commit(rebuild, version)
                if token in tokens:
                    self._whole = True
                    raise TransportError(
                        f"list {self.what}: a page leads back to one before it; listing again, as one page"
                    )
                tokens.add(token)

    async def _page(self, token: str, limit: int) -> Page:
        try:
            return await self._source.list_page(token, limit)
        except Gone:
            # The server forgets faster than it is read.
            self._whole = bool(token)
            raise

    async def _commit(self, rebuild: Rebuild, number: int) -> Signal:
        """Put a complete list in place, unless it is older than what is here: then a second look decides."""
        if self._suspects.to_confirm():
            raise TransportError(f"list {self.what}: an object cannot be read; listing again, as it may come whole")
        if number < self._store.progress and not self._reset_history:
            self._behind += 1
            # Behind a load balancer one server may lag. A consistent list that is still older is another history.
            self._reset_history = self._behind > 1
            return Signal.EXPIRED
        if self._reset_history:
            log.warning(
                "the server's history was reset; taking its state of %s as it is",
                self.what,
                extra={"type": self.what, "version": str(number)},
            )
        self._behind, self._reset_history = 0, False
        self._stale = self._stale and not rebuild.recheck
        await self._slicer.drive(rebuild.finish(number))
        self.receiving = 0
        if not self._machine.refused or self._machine.phase is Phase.STREAM:
            self._succeeded()
        self._on_synced()
        return Signal.SYNCED

    @property
    def _troubled(self) -> bool:
        """Whether something has failed since the last success."""
        return self.last_error is not None or self._machine.failures > 0

    def _succeeded(self) -> None:
        if self.last_error is not None:
            if self._machine.failures > 1:
                log.info(
                    "watching %s works again, after %d failures", self.what, self._machine.failures,
                    extra={"type": self.what, "failures": self._machine.failures},
                )  # fmt: skip
            self.last_error = None
        self._machine.progressed()

    def _take(self, use: Callable[[Entry], object], raw: Json, *, listing: bool) -> None:
        try:
            entry = self._read_entry(raw)
        except BrokenObject as error:
            self._unreadable(str(error), raw, listing=listing)
            return
        self.receiving += 1
        use(entry)

    def _unreadable(self, reason: str, raw: Json, *, listing: bool) -> None:
        """What cannot be read may have been damaged on the way: it is asked for again.

        What comes the same again is broken where it is stored. In a list it is left out and reported. A change is not
        passed over: a new list takes its place, with whatever became of the object.
        """
        known = self._suspects.seen(raw, LISTED if listing else self._store.progress)
        if listing:
            if known:
                self._broken(reason, raw)
        elif known:
            raise Gone(Status(code=410, reason="Expired", message=f"watch {self.what}: {reason}; listing again"))
        else:
            raise TransportError(f"watch {self.what}: {reason}; resuming")

    def _broken(self, reason: str, raw: Json) -> None:
        first = reason not in self.broken
        self.broken[reason] = self.broken.get(reason, 0) + 1
        if first:
            log.error(
                "an object of %s cannot be read and is left out: %s",
                self.what,
                reason,
                extra={"type": self.what, "reason": reason, "bytes": len(bytes(raw))},
            )

    # Streams ---------------------------------------------------------------------------------------------------

    async def _stream(self) -> Signal:
        place = await self._gate.enter() if self._machine.phase is Phase.STREAM else None
        try:
            return await self._follow(place)
        finally:
            if place is not None:
                place.leave()

    async def _follow(self, place: Place | None) -> Signal:
        """Take in a stream until it ends; with a place it begins with a list, and the place is given back after that."""
        seconds = random.uniform(*WATCH_SECONDS)  # noqa: S311 - spreads load, keeps no secret
        rebuild = (
            self._store.rebuild(epoch_reset=self._reset_history, recheck=self._stale) if place is not None else None
        )
        version = "" if place is not None else str(self._store.progress)
        self._lists, self._watches, self.receiving = self._lists + (place is not None), self._watches + 1, 0
        clock = self._clock = asyncio.get_running_loop().time
        self._opened = clock()
        stream = self._source.watch(version, initial=place is not None, timeout=seconds)
        scope = asyncio.timeout(None)
        try:
            async with scope:
                with self._stalls.watch(scope) as patience:
                    async for batch in stream:
                        self._slicer.begin()
                        steps = iter(batch)
                        while (step := self._changes(rebuild, steps)) is not None:
                            if step is not _SLICE_OVER:
                                # Putting a large list in place takes as long as it takes; nothing is waited for meanwhile.
                                patience.heard = None
                                rebuild = await self._other(rebuild, step, place)
                            await self._slicer.pause()
                        self._resting = patience if rebuild is None else None
                        self._hear()
                        patience.heard = clock()
                        self._on_progress()
        except TimeoutError as error:
            if not scope.expired():
                raise  # somebody else's
            return self._silence(error, listing=rebuild is not None)
        finally:
            self._resting = None
            await stream.aclose()  # type: ignore[attr-defined] # an async generator
        return Signal.ENDED

    def _silence(self, error: TimeoutError, *, listing: bool) -> Signal:
        """Nothing came for too long. From a server that sends no bookmarks that is no trouble: ask it again."""
        if self._bookmarks or listing:
            raise TransportError(f"watch {self.what}: nothing came for {self._stalls.seconds:.0f} s") from error
        self._heard = monotonic()  # as far as can be known
        if self._troubled:
            self._succeeded()
        return Signal.SYNCED

    async def _other(
        self, rebuild: Rebuild | None, step: WatchLine | BrokenLine, place: Place | None
    ) -> Rebuild | None:
        """Take in what is no change of an object; gives the list that is still being received, if any."""
        if isinstance(step, BrokenLine):
            if rebuild is not None and not framed(step.data):
                # It may stand for any number of objects, and none of them may be left out.
                raise TransportError(f"list {self.what}: a line does not decode; listing again")
            self._unreadable("a line of the watch does not decode", step.data, listing=rebuild is not None)
        elif step.type == "BOOKMARK" and rebuild is not None:
            return await self._completed(rebuild, bytes(step.object), place)
        elif step.type == "ERROR":
            raise from_status(Status.from_dict(read_status(bytes(step.object))), f"watch {self.what}")
        else:
            raise TransportError(f"watch {self.what}: an event of the type {step.type!r:.40} is none; resuming")
        return rebuild

    def _bookmark(self, raw: bytes) -> tuple[str, bool]:
        """A bookmark's version, and whether it ends a list."""
        self._events += 1
        self._bookmarks = True
        return read_bookmark(raw)

    def _progressed(self, raw: bytes) -> None:
        """Take in a bookmark of a watch."""
        version, _ = self._bookmark(raw)
        number = version_number(version)
        if 0 < number < self._store.progress:
            # Another history: a list says what is in it.
            said = f"the server is at {version}, and was at {self._store.progress} before"
            raise from_status(Status(code=410, reason="Expired", message=said), f"watch {self.what}")
        self._store.advance(number)
        if self._troubled:
            self._succeeded()

    def at_rest(self, piece: bytes) -> bool:
        """Take in a bookmark that has come alone, while the stream's task waits for more.

        False for anything else, and in any doubt: then the task takes it.
        """
        patience = self._resting
        number = 0 if patience is None or self._troubled else version_number(bookmark_of(piece))
        if patience is None or not number or number < self._store.progress:
            return False
        self._events += 1
        self._bookmarks = True
        self._store.advance(number)
        self._hear()
        patience.heard = self._clock()
        self._on_progress()
        return True

    async def _completed(self, rebuild: Rebuild, raw: bytes, place: Place | None) -> Rebuild | None:
        """Take in a bookmark of a list that is being received; the one that ends it puts the list in place."""
        version, complete = self._bookmark(raw)
        if not complete:
            # A server that knows what it was asked for sends none before that.
            said = "the server sends bookmarks, and none that ends the list: sendInitialEvents is not known to it"
            raise from_status(Status(code=400, reason="BadRequest", message=said), f"list {self.what}")
        if await self._commit(rebuild, version_number(version)) is not Signal.SYNCED:
            raise Gone(
                Status(code=410, reason="Expired", message=f"the list of {self.what} is older than what is here")
            )
        self._machine.after(Signal.SYNCED)
        self._opened = asyncio.get_running_loop().time()
        if place is not None:
            place.leave()
        return None

    def _changes(  # noqa: C901 - one tight loop
        self, rebuild: Rebuild | None, steps: Iterator[WatchLine | BrokenLine]
    ) -> WatchLine | BrokenLine | None:
        """Take in changes, each in a step of its own, up to a line that is none, which is given back; None after the last.

        Bookmarks of a watch are taken in too, for at rest nothing else comes. `_SLICE_OVER` is given back when the slice is over.
        """
        target = self._store if rebuild is None else rebuild
        add, listing = (self._store.apply, False) if rebuild is None else (rebuild.add, True)
        read, until, clock = self._read_entry, self._slicer.until, self._slicer.clock()
        troubled = rebuild is None and self._troubled
        for step in steps:
            if type(step) is not WatchLine:
                return step
            if (kind := step.type) not in _CHANGES:
                if kind != "BOOKMARK" or rebuild is not None:
                    return step
                self._progressed(bytes(step.object))
                continue
            self._events += 1
            if kind == "DELETED":
                # Also while listing: to pass over a deletion would keep what is not there any more.
                self._take(target.remove, step.object, listing=False)
            else:
                try:
                    entry = read(step.object)
                except BrokenObject as error:
                    self._unreadable(str(error), step.object, listing=listing)
                else:
                    if listing:
                        self.receiving += 1
                    add(entry)
                if troubled:
                    self._succeeded()
                    troubled = False
            if clock() >= until:
                return _SLICE_OVER
        return None

    def statistics(self) -> ReflectorStatistics:
        """Counters as they are now."""
        silent = None if self._heard is None else max(0.0, monotonic() - self._heard)
        return ReflectorStatistics(
            self._machine.phase.value, self._lists, self._watches, self._events, sum(self.broken.values()),
            self._machine.failures, str(self.last_error or ""), self.errors, self._connected, silent,
        )  # fmt: skip
