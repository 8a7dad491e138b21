"""One shared informer: a store, the reflector that fills it, and the views and registrations on it.

It belongs to the client, not to whoever asked first; it is counted, and stops when unused for a grace time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import msgspec

from fairlead.informer.gate import ListGate
from fairlead.informer.identity import Identity
from fairlead.informer.reflector import Reflector, ReflectorStatistics
from fairlead.informer.slices import Turn
from fairlead.informer.source import ApiSource, Source
from fairlead.informer.stalls import Stalls
from fairlead.machinery.callables import RAISED
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import FieldSelector, LabelSelector
from fairlead.machinery.wire import Json
from fairlead.machines.backoff import Backoff
from fairlead.machines.delayed import DelayedMachine, Effect, Presence, TypeState
from fairlead.store.entry import LEFT_OUT, Entry, entry_from_json
from fairlead.store.packed import Packer, held, own
from fairlead.store.store import FEW, Store

__all__ = ["Informer", "InformerStatistics", "Latest"]

log: logging.Logger = logging.getLogger("fairlead.informer")

#: After a run of this many seconds, a fault counts as the first one.
CALM_SECONDS = 300.0


class InformerStatistics(msgspec.Struct, frozen=True):
    """Counters of one informer."""

    what: str
    #: `live` for a type that is expected to be served; else where the delayed type stands.
    state: str
    synced: bool
    objects: int
    #: Bytes of JSON held; packed, where the cache is compact.
    size: int
    resource_version: int
    views: int
    overlaid: int
    #: Whether it lists and watches: it has been started, and its type is served.
    running: bool
    #: Faults of this library that ended the reflector; it was begun anew each time.
    crashes: int
    reflector: ReflectorStatistics


class Latest(msgspec.Struct, frozen=True):
    """What a consistent list said: its own resourceVersion, and each object's, by key."""

    version: int
    versions: dict[str, int]


class _Whole(msgspec.Struct):
    metadata: msgspec.Raw


def metadata_of(data: bytes) -> bytes:
    """What a metadata-only list or watch has of an object."""
    whole = msgspec.json.decode(data, type=_Whole)
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": whole.metadata}
    return msgspec.json.encode(partial)


class Informer:
    """Drives one reflector into one store. All methods run on the client's loop."""

    def __init__(
        self,
        identity: Identity,
        source: Source,
        factory: Callable[[bytes], Resource],
        *,
        on_change: Callable[[], None],
        stalls: Stalls | None = None,
        turn: Turn | None = None,
        gate: ListGate | None = None,
        compact: bool = False,
    ) -> None:
        self.identity = identity
        self.store: Store = Store()
        self.users = 0
        self._factory = factory
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._slices: set[asyncio.Task[None]] = set()
        #: Reflectors that have been cancelled and may still be closing their streams.
        self._ended: set[asyncio.Task[None]] = set()
        self._started = self._closed = self._leaving = False
        #: Whether a list of the type is in the store; not any more once the type has gone.
        self.listed: bool = False
        #: Set while it is listed, or known to be absent.
        self.synced: asyncio.Event = asyncio.Event()
        self._turn = turn or Turn()
        self._read_entry = self._entry_reader()
        self._on_sync: dict[Callable[[], None], None] = {}
        #: Where the type stands, if any of the views that there have been allows it to be absent.
        self.delayed: DelayedMachine | None = None
        #: Transforms that failed, by the type of what was raised.
        self.refused: dict[str, int] = {}
        #: Faults of this library that ended the reflector; it was begun anew each time.
        self.crashes: int = 0
        #: Whether it waits for that now.
        self.faulty: bool = False
        # How the store keeps objects: as they came, or packed.
        self._packer: Packer | None = Packer() if compact else None
        self.reflector: Reflector = Reflector(
            str(identity),
            source,
            self.store,
            self._read_entry if self._packer is None else self._read_packed,
            on_synced=self._listed,
            on_progress=on_change,
            stalls=stalls,
            gate=gate,
        )
        if isinstance(source, ApiSource):
            source.at_rest = self.reflector.at_rest

    # Life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to list and watch, unless the type is delayed and not served; idempotent. Begins anew what was stopped."""
        self._started = True
        if self._closed or self._leaving or self.running or not self._served:
            return
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"reflector {self.reflector.what}")
        self._task.add_done_callback(self._point_out_stop)

    def _point_out_stop(self, task: asyncio.Task[None]) -> None:
        if task is not self._task or self._closed:
            return
        log.warning(
            "the reflector of %s was stopped from outside; its cache is not kept up to date",
            self.identity,
            extra={"type": str(self.identity)},
        )
        # Nobody need wait for it any more.
        self._on_change()

    @property
    def stopped(self) -> bool:
        """Whether something else than this library has ended the reflector: whoever cancels every task of the loop, say."""
        return self._task is not None and self._task.done() and not self._closed

    @property
    def _served(self) -> bool:
        waiting = (TypeState.UNKNOWN, TypeState.ABSENT)
        return self.delayed is None or self.delayed.state not in waiting

    @property
    def _absent(self) -> bool:
        return self.delayed is not None and self.delayed.state is TypeState.ABSENT

    async def _run(self) -> None:
        backoff = Backoff(1.0, 60.0)
        clock = asyncio.get_running_loop().time
        self.faulty = False
        while True:
            began = clock()
            try:
                await self.reflector.run()
            except asyncio.CancelledError:
                raise
            except Exception:
                # The reflector handles all that a server can do; what comes here is a fault of this library. It is shown,
                # and does not leave a cache that is never filled again.
                self.crashes += 1
                self.faulty = True
                log.exception(
                    "the reflector of %s failed and begins anew", self.identity, extra={"type": str(self.identity)}
                )
                if clock() - began > CALM_SECONDS:
                    backoff.reset()
                await asyncio.sleep(backoff.delay())
                self.faulty = False

    @property
    def running(self) -> bool:
        """Whether the reflector is alive."""
        return self._task is not None and not self._task.done()

    async def stop(self) -> None:
        """End the reflector and everything it runs; the store keeps what it has."""
        tasks = [*self._slices, *self._ended, *([self._task] if self._task is not None else [])]
        self._task = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        # Nobody need wait for it any more.
        self._on_change()

    async def close(self) -> None:
        """Stop for good; idempotent."""
        self._closed = True
        await self.stop()

    # Sync ------------------------------------------------------------------------------------------------------

    def when_synced(self, then: Callable[[], None]) -> Callable[[], None]:
        """Call `then` whenever the store has come to hold a list, or the type is known to be absent; now, if that is so.

        What is returned ends that.
        """
        self._on_sync[then] = None
        if self.synced.is_set():
            then()

        def forget() -> None:
            self._on_sync.pop(then, None)

        return forget

    def _listed(self) -> None:
        if self.delayed is not None:
            self.delayed.learn(Presence.SYNCED)
        news, self.listed = not self.listed, True
        self._synced(news=news)

    def _synced(self, *, news: bool) -> None:
        if news or not self.synced.is_set():
            self.synced.set()
            for then in tuple(self._on_sync):
                then()
        self._on_change()

    def allow_absence(self, *, wait: bool) -> None:
        """From now on the type may be absent, and `learn` says whether it is.

        With `wait` nothing is asked for before that is known, unless it has been already.
        """
        if self.delayed is None:
            begun = self.running or not wait
            self.delayed = DelayedMachine(
                TypeState.LIVE if self.listed else TypeState.STARTING if begun else TypeState.UNKNOWN
            )

    def learn(self, presence: Presence) -> None:
        """Take in whether a type that may be absent is served."""
        if self.delayed is None:
            return
        before = self.delayed.state
        effect = self.delayed.learn(presence)
        if effect is Effect.START:
            self.synced.clear()
            if self._started:
                self.start()
        elif effect is Effect.STOP:
            self.listed = False
            self.drive(self._leave())
        elif presence is Presence.SERVED and self.running:
            self.reflector.wake()
        if self.delayed.state is TypeState.ABSENT and before is TypeState.UNKNOWN:
            # What was written meanwhile has gone with the type: no watch will tell of it.
            self.store.overlay.clear()
            self._synced(news=False)
        if before is not self.delayed.state:
            state = self.delayed.state.value
            log.info("%s: %s", self.identity, state, extra={"type": str(self.identity), "state": state})
            self._on_change()

    def _leave(self) -> Iterator[None]:
        """Leave live: the reflector ends, and every object is deleted from the cache."""
        if self._leaving:
            return
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._ended.add(task)
            task.add_done_callback(self._ended.discard)
        # Until the old objects are taken out no reflector may fill the store, or its objects would go with them.
        self._leaving = True
        try:
            yield from self.store.clear()
        finally:
            self._leaving = False
        # A type that went before its first list was complete is as empty, and as synced, as one that never came.
        if self._absent:
            self._synced(news=False)
        # The type may have come back meanwhile.
        if self._started:
            self.start()

    @property
    def quiet(self) -> bool:
        """Whether no bulk change is being prepared."""
        return not self._slices and not self.store.preparing

    def drive(self, steps: Iterator[None], *, at_once: bool = True) -> None:
        """Run a bulk change in slices.

        What fits into the loop's present turn, and what is small, is done at once, unless `at_once` is False. Raises
        RuntimeError, before anything is changed, outside an event loop.
        """
        loop = asyncio.get_running_loop()
        if self._closed:
            return
        if at_once:
            for count, _ in enumerate(steps, start=1):
                # However busy the loop is, a small change is complete on return.
                if count >= FEW and self._turn.used_up:
                    break
            else:
                return
        task = loop.create_task(self._turn.drive(steps), name=f"bulk change {self.identity}")
        self._slices.add(task)
        task.add_done_callback(self._sliced)

    def _sliced(self, task: asyncio.Task[None]) -> None:
        self._slices.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a bulk change of %s failed", self.identity, exc_info=error, extra={"type": str(self.identity)})
        self._on_change()

    # Objects ---------------------------------------------------------------------------------------------------

    def _entry_reader(self) -> Callable[[Json], Entry]:
        """What makes an entry of an object's JSON. The plain way has no call around it: it is taken for each event."""
        keep, transform = self.identity.keep_managed_fields, self.identity.transform
        if transform is None:
            return partial(entry_from_json, keep_managed_fields=True) if keep else entry_from_json
        return lambda raw: self._transformed(entry_from_json(raw, keep_managed_fields=keep), transform)

    def _read_packed(self, raw: Json) -> Entry:
        return cast("Packer", self._packer).packed(self._read_entry(raw))

    def _transformed(self, entry: Entry, transform: Callable[[Any], Any]) -> Entry:
        try:
            value = transform(self._factory(entry.data))
            whole = isinstance(value, Resource) and value.resource_type == self.identity.selection.resource_type
            return entry.with_data(value.to_bytes() if whole else own(value))
        except RAISED as error:  # its object is left out and reported
            reason = type(error).__name__
            first = reason not in self.refused
            self.refused[reason] = self.refused.get(reason, 0) + 1
            if first:
                log.exception(
                    "the transform of %s failed on %s, which is left out", self.identity, entry.key,
                    extra={"type": str(self.identity), "key": entry.key},
                )  # fmt: skip
            return entry.with_data(LEFT_OUT)

    def wrote(self, data: bytes) -> None:
        """An own write was answered with this object: lay it over the store until the watch brings it home."""
        if self._absent:
            # No watch would bring it home: the answer comes late, or the type has come, and its list will have the object.
            return
        selection = self.identity.selection
        entry = self._read_entry(msgspec.Raw(metadata_of(data) if selection.metadata_only else data))
        if selection.namespace and entry.namespace and entry.namespace != selection.namespace:
            return
        stored = self.store.content.entries.get(entry.key)
        selected = entry.data is not LEFT_OUT and self._selects(entry, stored)
        self.store.overlay.write(entry, stored, self.store.progress, selected=selected)

    def _selects(self, entry: Entry, stored: Entry | None) -> bool:
        selection = self.identity.selection
        if selection.labels and not LabelSelector.parse(selection.labels).matches(entry.labels):
            return False
        if not selection.fields:
            return True
        for field, operator, value in FieldSelector.parse(selection.fields).requirements:
            known = {"metadata.name": entry.name, "metadata.namespace": entry.namespace}.get(field)
            if known is None:
                return stored is not None
            if (known == value) != (operator == "="):
                return False
        return True

    def deleted(self, key: str, uid: str) -> None:
        """An own delete took effect at once: reads do not see the object any more."""
        namespace = self.identity.selection.namespace
        if namespace and "/" in key and not key.startswith(f"{namespace}/"):
            return
        self.store.overlay.delete(key, uid, self.store.content.entries.get(key))

    def caught_up(self, latest: Latest) -> bool:
        """Whether the store has everything that the list had, or something newer."""
        if self.store.progress >= latest.version:
            return True
        if self.store.overlay.awaits(latest.version):
            return False
        entries = self.store.content.entries
        for key, version in latest.versions.items():
            entry = entries.get(key)
            if self._to_come(key, version) if entry is None else entry.version < version:
                return False
        return all(key in latest.versions or entry.version > latest.version for key, entry in entries.items())

    def _to_come(self, key: str, version: int) -> bool:
        """Whether an object that the store does not have is still on its way, at this version.

        What has passed without it was refused by a transform, cannot be read, or has gone since.
        """
        return version > self.store.progress if version else key not in self.store.left_out

    def why_unsynced(self) -> str:
        """One line for people: what is missing, and the last error."""
        parts = [str(self.identity)]
        if not self._started:
            parts.append("not started: call run_and_wait()")
        elif self.delayed is not None and self.delayed.state is TypeState.UNKNOWN:
            parts.append("whether its CRD is served is not known yet")
        elif not self._absent:
            parts.append(f"{self.reflector.receiving} objects so far")
        error = self.reflector.last_error
        if error is not None:
            parts.append(f"last error: {type(error).__name__}: {error}")
        # A page for people says nothing of types.
        missing = getattr(error, "code", 0) == 404 and not getattr(error, "foreign", False)
        if self._absent or (self.delayed is None and missing):
            parts.append("not served; use delayed() for a type that may come later")
        return "; ".join(parts)

    def statistics(self) -> InformerStatistics:
        """Counters as they are now; walks the objects once to add up their sizes."""
        entries = self.store.content.snapshot(None)
        return InformerStatistics(
            what=str(self.identity),
            state=self.delayed.state.value if self.delayed is not None else TypeState.LIVE.value,
            synced=self.synced.is_set(),
            objects=len(entries),
            size=sum(held(entry.data) for entry in entries),
            resource_version=self.store.progress,
            views=len(self.store.views),
            overlaid=len(self.store.overlay),
            running=self.running,
            crashes=self.crashes,
            reflector=self.reflector.statistics(),
        )
