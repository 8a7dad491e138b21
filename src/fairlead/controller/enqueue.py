"""Handlers that queue keys: an object's own, its owners', or any that a function names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fairlead.informer.events import Event
from fairlead.machinery.meta import OwnerReference
from fairlead.machinery.names import ObjectKey, split_api_version
from fairlead.machinery.objects import Resource

__all__ = ["Subject", "keys_of", "mapped_keys", "objects_of", "owner_keys"]

#: What a handler is called with: an event, an object, or a key.
Subject = Event[Any] | Resource | ObjectKey


def keys_of(*subjects: Subject) -> Iterator[ObjectKey]:
    """The keys of what a handler was called with."""
    for subject in subjects:
        yield subject if isinstance(subject, ObjectKey) else subject.key


def objects_of(*subjects: Event[Any] | Resource) -> Iterator[Any]:
    """Both sides of an event, or the objects themselves: what was, and what is."""
    for subject in subjects:
        if isinstance(subject, Event):
            yield from (side for side in (subject.old, subject.new) if side is not None)
        else:
            yield subject


def owner_keys(
    owner: type[Resource] | str, *, group: str | None = None, namespaced: bool = True
) -> Callable[[Any], list[ObjectKey]]:
    """A function that gives the keys of an object's owners of one kind, whatever version their references name.

    `owner` is a class, or a kind; then `group` narrows it (empty for core, None for any), and `namespaced=False` says that
    it is cluster-scoped. https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
    """
    if isinstance(owner, str):
        kind, wanted, scoped = owner, group, namespaced
    else:
        kind, wanted, scoped = owner.kind, owner.resource_type.group, owner.resource_type.namespaced

    def matches(reference: OwnerReference) -> bool:
        return reference.kind == kind and (wanted is None or split_api_version(reference.api_version)[0] == wanted)

    def keys(obj: Any) -> list[ObjectKey]:
        references: list[OwnerReference] = obj.metadata.owner_references
        # An owner in a namespace owns only within it.
        namespace = obj.metadata.namespace or "" if scoped else ""
        return [ObjectKey(reference.name, namespace) for reference in references if matches(reference)]

    return keys


def mapped_keys(function: Callable[[Any], Iterable[ObjectKey]], *subjects: Event[Any] | Resource) -> list[ObjectKey]:
    """The keys that a function gives for both sides of a change, each once."""
    return list(dict.fromkeys(key for obj in objects_of(*subjects) for key in function(obj)))
