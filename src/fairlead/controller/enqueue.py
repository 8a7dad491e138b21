"""Handlers that queue keys: an object's own, its owners', or any that a function names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from fairlead.informer.events import Event
from fairlead.machinery.callables import name_of
from fairlead.machinery.meta import OwnerReference
from fairlead.machinery.names import ObjectKey, split_api_version
from fairlead.machinery.objects import Resource

__all__ = ["Subject", "keys_of", "latest", "mapped_keys", "objects_of", "oldest_object", "owner_keys"]

V = TypeVar("V")
R = TypeVar("R", bound=Resource)
T = TypeVar("T")

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
    owner: type[Resource] | str, *, group: str | None = None, namespaced: bool = True, controller_only: bool = False
) -> Callable[[Any], list[ObjectKey]]:
    """A function that gives the keys of an object's owners of one kind, whatever version their references name.

    `owner` is a class, or a kind; then `group` narrows it (empty for core, None for any), and `namespaced=False` says that
    it is cluster-scoped. With `controller_only` it gives only the one owner that is the controller.
    https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
    """
    if isinstance(owner, str):
        kind, wanted, scoped = owner, group, namespaced
    else:
        kind, wanted, scoped = owner.kind, owner.resource_type.group, owner.resource_type.namespaced

    def matches(reference: OwnerReference) -> bool:
        if reference.kind != kind or (controller_only and not reference.controller):
            return False
        return wanted is None or split_api_version(reference.api_version)[0] == wanted

    def keys(obj: Any) -> list[ObjectKey]:
        references: list[OwnerReference] = obj.metadata.owner_references
        # An owner in a namespace owns only within it.
        namespace = obj.metadata.namespace or "" if scoped else ""
        return [ObjectKey(reference.name, namespace) for reference in references if matches(reference)]

    return keys


def mapped_keys(function: Callable[[Any], Iterable[ObjectKey]], *subjects: Event[Any] | Resource) -> list[ObjectKey]:
    """The keys that a function gives for both sides of a change, each once."""
    return list(dict.fromkeys(key for obj in objects_of(*subjects) for key in function(obj)))


def latest(function: Callable[[V], T]) -> Callable[[Event[V]], T]:
    """One function for all events, plain or async: `on_event=latest(f)` calls f with the newest state known.

    That is the new object of an add or update, and the last one known of what was deleted.
    """

    def handler(event: Event[V]) -> T:
        return function(event.object)

    handler.__module__ = getattr(function, "__module__", None) or ""
    handler.__qualname__ = name_of(function)
    return handler


_UNBORN = datetime.max.replace(tzinfo=UTC)


def oldest_object(objects: Iterable[R]) -> R | None:
    """The object created first; of several from one second the first by name, then by namespace. None of none."""

    def age(obj: R) -> tuple[datetime, str, str]:
        return obj.metadata.creation_timestamp or _UNBORN, obj.name, obj.namespace

    return min(objects, key=age, default=None)
