"""The garbage collector: objects go when all their owners have gone.

https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

from __future__ import annotations

import functools
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.deletes import FOREGROUND, ORPHAN
from fairlead.apiserver.requests import DeleteOptions
from fairlead.apiserver.storage import Collection, Entry, Event, Owner
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.names import ObjectKey, split_api_version

__all__ = ["Collector", "release"]


class Collector:
    """Follows owner references through all collections."""

    def __init__(self, cluster: Cluster, verbs: Verbs) -> None:
        self._cluster = cluster
        self._verbs = verbs
        #: The key of each object by uid, in its collection.
        self._keys: dict[Collection, dict[str, str]] = {}
        #: The places of the objects that name an owner, by the owner's uid.
        self._dependents: dict[str, dict[tuple[Collection, str], None]] = {}
        cluster.storage.listen(self._follow)

    def _follow(self, collection: Collection, event: Event) -> None:
        entry = event.entry
        for owner in event.previous.owners if event.previous is not None else ():
            self._dependents.get(owner.uid, {}).pop((collection, entry.key), None)
        if event.type == "DELETED":
            self._forget(collection, entry)
            self._owner_gone(entry)
            return
        keys = self._keys.get(collection)
        if keys is None:
            keys = self._keys[collection] = {}
        keys[entry.uid] = entry.key
        for owner in entry.owners:
            self._dependents.setdefault(owner.uid, {})[collection, entry.key] = None
        if entry.owners and not entry.deleting:
            self._cluster.later(functools.partial(self._check, collection, entry.key))
        if entry.deleting:
            self._cluster.later(functools.partial(self._finalize, collection, entry.key))

    def _forget(self, collection: Collection, entry: Entry) -> None:
        keys = self._keys.get(collection, {})
        keys.pop(entry.uid, None)
        if not keys:
            self._keys.pop(collection, None)

    def _place(self, uid: str) -> tuple[Collection, str] | None:
        """Where an object is."""
        return next(((collection, keys[uid]) for collection, keys in self._keys.items() if uid in keys), None)

    def _owner_gone(self, entry: Entry) -> None:
        for collection, key in tuple(self._dependents.pop(entry.uid, ())):
            self._cluster.later(functools.partial(self._check, collection, key))
        for owner in entry.owners:
            place = self._place(owner.uid)
            if place is not None:
                self._cluster.later(functools.partial(self._finalize, *place))

    # -- dependents

    def _check(self, collection: Collection, key: str) -> None:
        """Delete an object none of whose owners is left; drop its references to those that went."""
        entry = collection.entries.get(key)
        if entry is None or not entry.owners or entry.deleting:
            return
        gone = [owner for owner in entry.owners if self._gone(owner, entry)]
        if not gone:
            return
        if len(gone) == len(entry.owners):
            self._delete(collection, entry, "")
            return
        missing = {owner.uid for owner in gone}
        self._drop_references(collection, entry, missing)

    def _gone(self, owner: Owner, dependent: Entry) -> bool:
        place = self._place(owner.uid)
        if place is not None:
            found = place[0].entries.get(place[1])
            # An owner in another namespace does not count as one.
            return found is None or found.namespace not in {"", dependent.namespace}
        group, version = split_api_version(owner.api_version)
        # Of an owner whose type is not served nobody knows whether it exists.
        return self._cluster.registry.by_kind(group, version, owner.kind) is not None

    def _drop_references(self, collection: Collection, entry: Entry, uids: set[str]) -> None:
        document = entry.decode()
        kept = [ref for ref in document["metadata"].get("ownerReferences") or () if ref.get("uid") not in uids]
        document["metadata"]["ownerReferences"] = kept
        if not kept:
            del document["metadata"]["ownerReferences"]
        collection.put(document)

    def _delete(self, collection: Collection, entry: Entry, policy: str) -> None:
        info = self._cluster.info_of(collection)
        if info is None:
            return
        options = DeleteOptions(policy=policy, uid=entry.uid)
        try:
            self._verbs.deleter.delete(
                self._verbs.writer.strategy(info), ObjectKey(entry.name, entry.namespace), options
            )
        except statuses.Refusal as refusal:
            if refusal.reason != "NotFound":
                raise

    # -- owners that wait for their dependents

    def _finalize(self, collection: Collection, key: str) -> None:
        entry = collection.entries.get(key)
        if entry is None or not entry.deleting:
            return
        finalizers = entry.decode()["metadata"].get("finalizers") or ()
        if ORPHAN in finalizers:
            for place in tuple(self._dependents.get(entry.uid, ())):
                dependent = place[0].entries.get(place[1])
                if dependent is not None:
                    self._drop_references(place[0], dependent, {entry.uid})
            release(collection, key, ORPHAN)
        elif FOREGROUND in finalizers and not self._delete_dependents(entry):
            release(collection, key, FOREGROUND)

    def _delete_dependents(self, owner: Entry) -> bool:
        """Delete what the owner owns; whether anything of it still holds the owner back."""
        blocked = False
        for collection, key in tuple(self._dependents.get(owner.uid, ())):
            dependent = collection.entries.get(key)
            if dependent is None:
                continue
            others = [ref for ref in dependent.owners if ref.uid != owner.uid and not self._gone(ref, dependent)]
            if others:
                self._drop_references(collection, dependent, {owner.uid})
                continue
            if not dependent.deleting:
                self._delete(collection, dependent, "Foreground" if self._dependents.get(dependent.uid) else "")
            left = collection.entries.get(key)
            if left is not None and any(ref.uid == owner.uid and ref.blocks for ref in left.owners):
                blocked = True
        return blocked


def release(collection: Collection, key: str, finalizer: str) -> None:
    """Take a finalizer from an object that is to go, and let it go if it was the last."""
    entry = collection.entries.get(key)
    if entry is None:
        return
    document: dict[str, Any] = entry.decode()
    left = [name for name in document["metadata"].get("finalizers") or () if name != finalizer]
    document["metadata"]["finalizers"] = left
    if left:
        collection.put(document)
        return
    del document["metadata"]["finalizers"]
    if document["metadata"].get("deletionGracePeriodSeconds"):
        collection.put(document)
    else:
        collection.remove(entry)
