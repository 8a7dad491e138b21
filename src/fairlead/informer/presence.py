"""Whether types are served: told by the CustomResourceDefinitions, or by discovery where those may not be read.

Served means Established and the version served; a CRD with a deletionTimestamp is being deleted.
https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

import msgspec

from fairlead.errors import FairleadError
from fairlead.informer.informer import Informer
from fairlead.machinery.callables import RAISED
from fairlead.machinery.names import ResourceType
from fairlead.machinery.wire import UNREADABLE
from fairlead.machines.backoff import Backoff
from fairlead.machines.delayed import Presence
from fairlead.machines.reflector import Signal
from fairlead.store.deltas import Change, Deltas
from fairlead.store.entry import Entry
from fairlead.store.packed import unpacked
from fairlead.store.view import View

__all__ = ["CRD_TYPE", "PresenceWatcher", "presence_in"]

log: logging.Logger = logging.getLogger("fairlead.informer")

CRD_TYPE = ResourceType("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)


class _Condition(msgspec.Struct):
    type: str = ""
    status: str = ""


class _Version(msgspec.Struct):
    name: str = ""
    served: bool = False


class _Names(msgspec.Struct):
    kind: str = ""


class _Spec(msgspec.Struct):
    group: str = ""
    names: _Names = msgspec.field(default_factory=_Names)
    versions: list[_Version] = msgspec.field(default_factory=list[_Version])


class _Status(msgspec.Struct):
    conditions: list[_Condition] | None = None


class _Metadata(msgspec.Struct):
    deletionTimestamp: str | None = None  # noqa: N815 - wire name
    generation: int = 0


class _Definition(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def defines(self) -> tuple[str, str] | None:
        """The group and kind."""
        return (self.spec.group, self.spec.names.kind) if self.spec.names.kind else None

    @property
    def established(self) -> bool:
        """Whether the server says that it serves it."""
        return any(c.type == "Established" and c.status == "True" for c in self.status.conditions or ())


#: What a CRD says that is not there, or that cannot be read.
_NOTHING = _Definition(_Metadata(), _Spec())
_decode = msgspec.json.Decoder(_Definition).decode

#: What followers of a type are filed under: its CRD's name, or its group and kind.
_Key = str | tuple[str, str]


def presence_in(crd: Entry | None, version: str, allowed: Callable[[bytes], bool] | None = None) -> Presence:
    """What a CRD (None: there is none) says of one version of its type; `allowed` is the user's predicate on it."""
    if crd is None:
        return Presence.MISSING
    data = cast("bytes", unpacked(crd.data))
    try:
        document = _decode(data)
    except UNREADABLE:
        log.exception("CRD %s cannot be read; its type counts as absent", crd.name, extra={"crd": crd.name})
        return Presence.MISSING
    served = any(v.name == version and v.served for v in document.spec.versions)
    if not document.established or not served or (allowed is not None and not allowed(data)):
        return Presence.MISSING
    return Presence.DELETING if document.metadata.deletionTimestamp else Presence.SERVED


#: How long between two questions to discovery about an absent type, in seconds: at first, and at most. Without CRDs to
#: be told by, discovery is all there is; with them, it only knows of types that come from another API server.
UNTOLD = (1.0, 60.0)
TOLD = (30.0, 600.0)


class Types(Protocol):
    """What is known of types."""

    def guessed(self, resource_type: ResourceType) -> bool:
        """Whether only discovery knows the type's plural and scope."""
        ...

    async def serves(self, resource_type: ResourceType) -> bool:
        """Whether discovery says that the type is served now. Raises ApiError, TransportError."""
        ...

    def forget(self, group: str) -> None:
        """What discovery said of a group is to be asked again."""
        ...


class PresenceWatcher:
    """Tells delayed informers what becomes of their types. Runs on the CRD informer; owned by the client."""

    def __init__(
        self,
        crds: Informer,
        types: Types,
        read_crd: Callable[[bytes], Any],
    ) -> None:
        self._crds = crds
        self._types = types
        self._read_crd = read_crd
        self._view: View = crds.store.add_view(None)
        self._view.attach(self)
        # By the name of the type's CRD; by group and kind, where only discovery knows the plural that it begins with.
        self._followers: dict[_Key, dict[Informer, None]] = {}
        self._keys: dict[Informer, _Key] = {}
        # What each CRD defines, and which CRDs define a kind: more than one, where all but one were refused.
        self._defines: dict[str, tuple[str, str]] = {}
        self._defined: dict[tuple[str, str], dict[str, None]] = {}
        for crd in crds.store.content.snapshot(None):
            self._file(crd.name, _read(crd))
        # What asks discovery, at most one for each informer.
        self._asking: dict[Informer, asyncio.Task[None]] = {}
        # Whether it has been said that CRDs may not be read.
        self._said = False
        crds.when_synced(self._synced)
        crds.reflector.on_failure = self._crds_failed

    def follow(self, informer: Informer) -> None:
        """Tell this informer, now and from now on."""
        key = self._keys[informer] = self._key(informer)
        self._followers.setdefault(key, {})[informer] = None
        # That of CRDs itself waits for nobody: it is what tells of the others.
        informer.allow_absence(wait=informer is not self._crds)
        if informer is not self._crds:
            informer.reflector.on_failure = partial(self._type_failed, informer)
        if self.untold:
            self._ask(informer)
        elif self._crds.synced.is_set():
            self._tell(key)

    def unfollow(self, informer: Informer) -> None:
        """Forget an informer; idempotent."""
        if informer is not self._crds:
            informer.reflector.on_failure = None
        if (key := self._keys.pop(informer, None)) is not None:
            del self._followers[key][informer]
            if not self._followers[key]:
                del self._followers[key]
        self._ask_no_more(informer)

    def _key(self, informer: Informer) -> _Key:
        resource_type = informer.identity.selection.resource_type
        if self._types.guessed(resource_type):
            return resource_type.group, resource_type.kind
        return resource_type.crd_name

    def _crd(self, key: _Key) -> Entry | None:
        """The CRD of a type. Of several that define a kind, the one that is established."""
        if isinstance(key, str):
            return self._view.visible(key)
        found = [crd for name in self._defined.get(key, ()) if (crd := self._view.visible(name)) is not None]
        return next((crd for crd in found if _read(crd).established), found[0] if found else None)

    # CRDs ------------------------------------------------------------------------------------------------------

    def tell(self, deltas: Deltas) -> None:
        """CRDs changed."""
        changed: dict[_Key, bool] = {}
        for delta in deltas:
            name, old, new = (delta.new or cast("Entry", delta.old)).name, _read(delta.old), _read(delta.new)
            self._types.forget(name.partition(".")[2])
            keys: tuple[_Key, ...] = (name, *self._file(name, new))
            for key in keys:
                # One that was refused, as its kind is another's, takes nothing with it.
                ended = delta.change is Change.DELETE and (key == name or old.established)
                changed[key] = changed.get(key, False) or ended
            if old.metadata.generation != new.metadata.generation:
                for informer in [each for key in keys for each in self._followers.get(key, ())]:
                    informer.reflector.renew()
        if self._crds.synced.is_set():
            for key, ended in changed.items():
                self._tell(key, ended=ended)

    def _file(self, name: str, crd: _Definition) -> tuple[_Key, ...]:
        """Note what a CRD defines; gives what it defined before, and defines now."""
        before = self._defines.pop(name, None)
        if before is not None:
            self._defined[before].pop(name, None)
            if not self._defined[before]:
                del self._defined[before]
        now = crd.defines
        if now is not None:
            self._defines[name] = now
            self._defined.setdefault(now, {})[name] = None
        return tuple({each: None for each in (before, now) if each is not None})

    def _synced(self) -> None:
        for key in tuple(self._followers):
            self._tell(key)

    def _tell(self, key: _Key, *, ended: bool = False) -> None:
        """Tell the followers of a type what its CRD says; `ended`: there was one, and it has gone or is another one now."""
        if not (followers := tuple(self._followers.get(key, ()))):
            return
        crd = self._crd(key)
        for informer in followers:
            if ended:
                # At once: discovery may be behind, and every object of it has gone.
                informer.learn(Presence.MISSING)
            when = informer.identity.when
            if crd is not None or when is not None:
                self._ask_no_more(informer)
                version = informer.identity.selection.resource_type.version
                informer.learn(presence_in(crd, version, self._predicate(str(key), when)))
            elif not ended:
                # No CRD of that name: built in, aggregated, or absent. Discovery knows.
                self._ask(informer)

    def _predicate(self, name: str, when: Callable[[Any], bool] | None) -> Callable[[bytes], bool] | None:
        if when is None:
            return None

        def allowed(data: bytes) -> bool:
            try:
                return bool(when(self._read_crd(data)))
            except RAISED:
                log.exception("when= failed on CRD %s; its type counts as absent", name, extra={"crd": name})
                return False

        return allowed

    # Discovery -------------------------------------------------------------------------------------------------

    @property
    def untold(self) -> bool:
        """Whether CRDs may not be read, so that nothing is told."""
        return self._crds.reflector.refusal is not None

    def _crds_failed(self, signal: Signal) -> None:
        """CRDs may not be read, or this server has none: discovery is asked from time to time instead."""
        if signal not in (Signal.REFUSED, Signal.ABSENT):
            return
        if not self._said:
            self._said = True
            log.warning(
                "CustomResourceDefinitions cannot be read, so discovery is asked what is served; allow list and watch of "
                "them to be told at once: %s", self._crds.reflector.refusal, extra={"error": str(self._crds.reflector.refusal)},
            )  # fmt: skip
        for followers in tuple(self._followers.values()):
            for informer in tuple(followers):
                self._ask(informer)

    def _type_failed(self, informer: Informer, signal: Signal) -> None:
        """A type without a CRD is not served any more: its API server may have gone."""
        if signal is Signal.ABSENT and self._crd(self._keys[informer]) is None:
            self._ask(informer)

    def _ask(self, informer: Informer) -> None:
        if informer not in self._asking:
            task = asyncio.get_running_loop().create_task(
                self._discovered(informer), name=f"discovery of {informer.identity}"
            )
            self._asking[informer] = task
            task.add_done_callback(partial(self._asked, informer))

    def _asked(self, informer: Informer, task: asyncio.Task[None]) -> None:
        if self._asking.get(informer) is task:
            del self._asking[informer]

    def _ask_no_more(self, informer: Informer) -> None:
        task = self._asking.pop(informer, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _discovered(self, informer: Informer) -> None:
        """Ask discovery until it need not be asked any more."""
        backoffs = {True: Backoff(*UNTOLD), False: Backoff(*TOLD)}
        resource_type = informer.identity.selection.resource_type
        failed = False
        while True:
            untold = self.untold
            try:
                served = await self._types.serves(resource_type)
            except FairleadError as error:
                if not failed:
                    log.warning(
                        "whether %s is served could not be discovered: %s", resource_type, error,
                        extra={"type": str(resource_type), "error": str(error)},
                    )  # fmt: skip
                failed = True
                await asyncio.sleep(backoffs[True].delay())
                continue
            failed = False
            if informer.identity.when is not None:
                # Only its CRD could say whether the condition holds.
                served = False
            informer.learn(Presence.SERVED if served else Presence.MISSING)
            if served and not untold:
                return
            await asyncio.sleep(backoffs[untold].delay())
            if untold and not self.untold and self._crds.synced.is_set():
                # CRDs can be read again, and know better.
                self._asking.pop(informer, None)
                self._tell(self._keys[informer])
                return

    async def close(self) -> None:
        """Stop asking and telling; idempotent."""
        for followers in self._followers.values():
            for informer in followers:
                informer.reflector.on_failure = None
        self._followers.clear()
        self._keys.clear()
        self._crds.reflector.on_failure = None
        self._crds.store.remove_view(self._view)
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _read(crd: Entry | None) -> _Definition:
    """What a CRD says."""
    try:
        return _NOTHING if crd is None else _decode(cast("bytes", unpacked(crd.data)))
    except UNREADABLE:
        return _NOTHING
