"""Keeps a store equal to what the server has: the driver of the reflector machine.

It has no rule of its own: what follows what stands in `machines.reflector`. Each phase ends with a signal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from fairlead.api.watchstream import BrokenLine
from fairlead.errors import FairleadError, Status, TransportError, from_status
from fairlead.informer.slices import Slicer
from fairlead.informer.source import Source, read_bookmark, read_status
from fairlead.machines.reflector import Phase, ReflectorMachine, Signal, signal_of
from fairlead.store.entry import BrokenObject, Entry, version_number
from fairlead.store.store import Rebuild, Store

__all__ = ["Reflector", "ReflectorStatistics"]

log: logging.Logger = logging.getLogger("fairlead.informer")

#: Objects per page of a list, as client-go asks for.
PAGE_SIZE = 500
#: A stream that has sent a bookmark sends one a minute; when nothing comes for this long it is dead. In seconds.
STALL_SECONDS = 70.0
#: What is asked of the server as the length of a watch, in seconds: at random between the two.
WATCH_SECONDS = (300, 600)


@dataclass(frozen=True, slots=True)
class ReflectorStatistics:
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


class Reflector:
    """Lists and watches one source into one store until it is cancelled."""

    def __init__(
        self,
        what: str,
        source: Source,
        store: Store,
        read_entry: Callable[[msgspec.Raw], Entry],
        *,
        on_synced: Callable[[], None],
        on_progress: Callable[[], None],
        streaming: bool = True,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.what = what
        self._source = source
        self._store = store
        self._read_entry = read_entry
        self._on_synced = on_synced
        self._on_progress = on_progress
        self._stall = stall_seconds
        self._machine = ReflectorMachine(streaming=streaming)
        self._slicer = Slicer()
        self._awake = asyncio.Event()
        self._reset_history = False
        self._behind = 0
        self.last_error: FairleadError | None = None
        #: Called with each failure; what a CRD informer may not read, or is not served, is learnt in another way.
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
        while True:
            productive, retry_after = True, None
            seen = self._events
            try:
                signal = await (self._list() if self._machine.phase is Phase.LIST else self._stream())
                productive = self._events > seen or signal is Signal.SYNCED
            except FairleadError as error:
                signal = signal_of(error, self._machine.phase)
                retry_after = getattr(error, "retry_after", None)
                self._failed(error, signal)
                productive = self._events > seen
            plan = self._machine.after(signal, retry_after=retry_after, productive=productive)
            if plan.delay:
                await self._wait(plan.delay)

    def wake(self) -> None:
        """Cut the present wait short: something has changed that makes another try worth while."""
        self._awake.set()

    async def _wait(self, delay: float) -> None:
        self._awake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._awake.wait()

    def _failed(self, error: FairleadError, signal: Signal) -> None:
        self.last_error = error
        self.errors += signal not in (Signal.EXPIRED, Signal.UNSUPPORTED)
        count = self._machine.failures + 1
        # The first failure and then ever fewer: an outage is a line or two a minute, not a storm.
        if signal not in (Signal.EXPIRED, Signal.UNSUPPORTED) and count & (count - 1) == 0:
            log.warning(
                "a watch failed and is tried again", extra={"type": self.what, "error": str(error), "failures": count}
            )
        if self.on_failure is not None:
            self.on_failure(signal)

    # Lists -----------------------------------------------------------------------------------------------------

    async def _list(self) -> Signal:
        self._lists += 1
        rebuild = self._store.rebuild(epoch_reset=self._reset_history)
        token, version, self.receiving = "", "", 0
        while True:
            page = await self._source.list_page(token, PAGE_SIZE)
            self._slicer.begin()
            for item in page.items:
                self._take(rebuild.add, item)
                await self._slicer.pause()
            version, token = page.version or version, page.next
            if not token:
                break
        return await self._commit(rebuild, version)

    async def _commit(self, rebuild: Rebuild, version: str) -> Signal:
        """Put a complete list in place, unless it is older than what is here: then a second look decides."""
        number = version_number(version)
        if number < self._store.progress and not self._reset_history:
            self._behind += 1
            # Behind a load balancer one server may lag. A consistent list that is still older is another history.
            self._reset_history = self._behind > 1
            return Signal.EXPIRED
        if self._reset_history:
            log.warning(
                "the server's history was reset; taking its state as it is",
                extra={"type": self.what, "version": version},
            )
        self._behind, self._reset_history = 0, False
        await self._slicer.drive(rebuild.finish(number))
        self.receiving = 0
        self._succeeded()
        self._on_synced()
        return Signal.SYNCED

    def _succeeded(self) -> None:
        if self.last_error is not None:
            log.info("a watch works again", extra={"type": self.what, "failures": self._machine.failures})
            self.last_error = None
        self._machine.progressed()

    def _take(self, use: Callable[[Entry], object], raw: msgspec.Raw) -> None:
        try:
            entry = self._read_entry(raw)
        except BrokenObject as error:
            self._broken(str(error), raw)
            return
        self.receiving += 1
        use(entry)

    def _broken(self, reason: str, raw: bytes | msgspec.Raw) -> None:
        first = reason not in self.broken
        self.broken[reason] = self.broken.get(reason, 0) + 1
        if first:
            log.error(
                "an object cannot be read and is left out",
                extra={"type": self.what, "reason": reason, "bytes": len(bytes(raw))},
            )

    # Streams ---------------------------------------------------------------------------------------------------

    async def _stream(self) -> Signal:
        listing = self._machine.phase is Phase.STREAM
        seconds = random.uniform(*WATCH_SECONDS)  # noqa: S311 - spreads load, keeps no secret
        version = "" if listing else str(self._store.progress)
        rebuild = self._store.rebuild(epoch_reset=self._reset_history) if listing else None
        self._lists, self._watches, self.receiving = self._lists + listing, self._watches + 1, 0
        clock = asyncio.get_running_loop().time
        allowed = seconds + 5.0
        stream = self._source.watch(version, initial=listing, timeout=seconds)
        try:
            async with asyncio.timeout(allowed) as patience:
                async for batch in stream:
                    self._slicer.begin()
                    for step in batch:
                        if isinstance(step, BrokenLine):
                            self._broken("a line of the watch does not decode", step.data)
                            raise TransportError(f"watch {self.what}: a line does not decode; resuming")
                        if step.type == "BOOKMARK":
                            allowed = self._stall
                            # Putting a large list in place takes as long as it takes; nothing is waited for meanwhile.
                            patience.reschedule(None)
                            rebuild = await self._bookmark(rebuild, step.object)
                            if rebuild is None and self._machine.phase is not Phase.WATCH:
                                return Signal.EXPIRED
                        else:
                            self._event(rebuild, step.type, step.object)
                        await self._slicer.pause()
                    patience.reschedule(clock() + allowed)
                    self._on_progress()
        except TimeoutError as error:
            raise TransportError(f"watch {self.what}: nothing came for {allowed:.0f} s") from error
        finally:
            await stream.aclose()  # type: ignore[attr-defined] # an async generator
        return Signal.ENDED

    async def _bookmark(self, rebuild: Rebuild | None, raw: msgspec.Raw) -> Rebuild | None:
        version, complete = read_bookmark(raw)
        self._events += 1
        if rebuild is None:
            self._store.advance(version_number(version))
            self._machine.progressed()
            return None
        if not complete:
            return rebuild
        if await self._commit(rebuild, version) is Signal.SYNCED:
            self._machine.after(Signal.SYNCED)
        return None

    def _event(self, rebuild: Rebuild | None, kind: str, raw: msgspec.Raw) -> None:
        if kind == "ERROR":
            raise from_status(Status.from_dict(read_status(raw)), f"watch {self.what}")
        self._events += 1
        target = self._store if rebuild is None else rebuild
        if kind == "DELETED":
            self._take(target.remove, raw)
        elif isinstance(target, Rebuild):
            self._take(target.add, raw)
        else:
            self._take(target.apply, raw)
            self._machine.progressed()

    def statistics(self) -> ReflectorStatistics:
        """Counters as they are now."""
        return ReflectorStatistics(
            self._machine.phase.value, self._lists, self._watches, self._events, sum(self.broken.values()),
            self._machine.failures, str(self.last_error or ""), self.errors,
        )  # fmt: skip
