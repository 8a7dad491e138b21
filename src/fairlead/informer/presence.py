"""Whether types are served: told by the CustomResourceDefinitions, or by discovery where those may not be read.

Served means Established and the version served; a CRD with a deletionTimestamp is being deleted.
https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec

from fairlead.errors import FairleadError
from fairlead.informer.informer import Informer
from fairlead.machinery.names import ResourceType
from fairlead.machines.backoff import Backoff
from fairlead.machines.delayed import Presence
from fairlead.store.deltas import Deltas
from fairlead.store.entry import Entry
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


class _Spec(msgspec.Struct):
    versions: list[_Version] = msgspec.field(default_factory=list[_Version])


class _Status(msgspec.Struct):
    conditions: list[_Condition] | None = None


class _Metadata(msgspec.Struct):
    deletionTimestamp: str | None = None  # noqa: N815 - wire name


class _Definition(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec
    status: _Status = msgspec.field(default_factory=_Status)


_decode = msgspec.json.Decoder(_Definition).decode


def presence_in(crd: Entry | None, version: str, allowed: Callable[[bytes], bool] | None = None) -> Presence:
    """What a CRD (None: there is none) says of one version of its type; `allowed` is the user's predicate on it."""
    if crd is None:
        return Presence.MISSING
    document = _decode(cast("bytes", crd.data))
    established = any(c.type == "Established" and c.status == "True" for c in document.status.conditions or ())
    served = any(v.name == version and v.served for v in document.spec.versions)
    if not established or not served or (allowed is not None and not allowed(cast("bytes", crd.data))):
        return Presence.MISSING
    return Presence.DELETING if document.metadata.deletionTimestamp else Presence.SERVED


class PresenceWatcher:
    """Tells delayed informers what becomes of their types. Runs on the CRD informer; owned by the client."""

    def __init__(self, crds: Informer, discover: Callable[[ResourceType], Awaitable[bool]]) -> None:
        self._crds = crds
        self._discover = discover
        self._view: View = crds.store.add_view(None)
        self._view.sinks[self] = None
        self._followers: dict[str, list[Informer]] = {}
        self._polling: dict[Informer, asyncio.Task[None]] = {}
        crds.when_synced(self._synced)

    def follow(self, informer: Informer, read_crd: Callable[[bytes], Any]) -> None:
        """Tell this informer, now and from now on."""
        self._read_crd = read_crd
        name = informer.identity.selection.resource_type.crd_name
        self._followers.setdefault(name, []).append(informer)
        if self._crds.synced.is_set():
            self._tell(name)

    def unfollow(self, informer: Informer) -> None:
        """Forget an informer; idempotent."""
        name = informer.identity.selection.resource_type.crd_name
        followers = self._followers.get(name, [])
        if informer in followers:
            followers.remove(informer)
        task = self._polling.pop(informer, None)
        if task is not None:
            task.cancel()

    def tell(self, deltas: Deltas) -> None:
        """CRDs changed."""
        for name in {(delta.new or cast("Entry", delta.old)).name for delta in deltas}:
            if self._crds.synced.is_set():
                self._tell(name)

    def _synced(self) -> None:
        for name in tuple(self._followers):
            self._tell(name)

    def _tell(self, name: str) -> None:
        crd = self._view.visible(name)
        for informer in tuple(self._followers.get(name, ())):
            when = informer.identity.when
            presence = presence_in(crd, informer.identity.selection.resource_type.version, self._predicate(when))
            if crd is None and when is None:
                # No CRD of that name: built in, aggregated, or absent. Discovery knows.
                self._ask(informer)
            else:
                informer.learn(presence)

    def _predicate(self, when: Callable[[Any], bool] | None) -> Callable[[bytes], bool] | None:
        if when is None:
            return None

        def allowed(data: bytes) -> bool:
            try:
                return bool(when(self._read_crd(data)))
            except Exception:
                log.exception("a predicate on a CRD failed; its type counts as absent")
                return False

        return allowed

    def refused(self) -> None:
        """CRDs may not be read: ask discovery from time to time instead."""
        for followers in tuple(self._followers.values()):
            for informer in tuple(followers):
                self._ask(informer, poll=True)

    def _ask(self, informer: Informer, *, poll: bool = False) -> None:
        if informer not in self._polling:
            task = asyncio.get_running_loop().create_task(
                self._discovered(informer, poll=poll), name=f"discovery of {informer.identity}"
            )
            self._polling[informer] = task
            task.add_done_callback(lambda _: self._polling.pop(informer, None))

    async def _discovered(self, informer: Informer, *, poll: bool) -> None:
        backoff = Backoff(1.0, 60.0)
        resource_type = informer.identity.selection.resource_type
        while True:
            try:
                served = await self._discover(resource_type)
            except FairleadError as error:
                if backoff.failures == 0:
                    log.warning("discovery failed", extra={"type": str(resource_type), "error": str(error)})
                await asyncio.sleep(backoff.delay())
                continue
            # A CRD that has come meanwhile knows better.
            if self._view.visible(resource_type.crd_name) is None or poll:
                informer.learn(Presence.SERVED if served else Presence.MISSING)
            if not poll:
                return
            await asyncio.sleep(backoff.delay())

    async def close(self) -> None:
        """Stop asking and telling; idempotent."""
        self._followers.clear()
        self._crds.store.remove_view(self._view)
        tasks = tuple(self._polling.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
