"""Who owns the number of replicas, seen from the object and from its scale.

https://kubernetes.io/docs/reference/using-api/server-side-apply/. A write through the scale takes the number from whoever
wrote it through the object in another version than the scale's, and is recorded without a time: so does kube-apiserver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.machinery.apply_entries import Entries, Entry
from fairlead.machinery.fieldsets import FieldSet, field_element

__all__ = ["scale_entries", "with_scale_entries"]

_SCALE = "autoscaling/v1"
_REPLICAS = FieldSet.of([(field_element("spec"), field_element("replicas"))])


def _entries(raw: Sequence[dict[str, Any]]) -> Entries:
    return Entries.of_old({"managedFields": list(raw)})


def _number(path: Sequence[str]) -> FieldSet:
    return FieldSet.of([tuple(field_element(name) for name in path)])


def _owns(entry: Entry, number: FieldSet) -> bool:
    return not entry.fields.intersection(number).empty


def scale_entries(entries: Sequence[dict[str, Any]], api_version: str, path: Sequence[str]) -> list[dict[str, Any]]:
    """The managedFields of a scale: the object's owners of the field at `path`, as owners of spec.replicas."""
    number = _number(path)
    found = Entries()
    for owner, entry in _entries(entries).owners.items():
        if entry.api_version == api_version and _owns(entry, number):
            found.owners[owner] = Entry(_REPLICAS, _SCALE, entry.time)
    return found.encode()


def with_scale_entries(
    entries: Sequence[dict[str, Any]], scaled: Sequence[dict[str, Any]], api_version: str, path: Sequence[str]
) -> list[dict[str, Any]]:
    """The managedFields of the object once its scale has those in `scaled`."""
    number = _number(path)
    before, after = _entries(entries).owners, dict(_entries(scaled).owners)
    found = Entries()
    for owner, entry in before.items():
        if not _owns(entry, number):
            found.owners[owner] = entry
        elif owner in after:
            found.owners[owner] = entry
            del after[owner]
        elif not (left := entry.fields.difference(number)).empty:
            found.owners[owner] = entry.with_fields(left)
    for owner, entry in after.items():
        if _owns(entry, _REPLICAS):
            # The owner keeps the scale's version in its identity: it is another than the object's own writers.
            found.owners[owner] = Entry(number, api_version, before[owner].time if owner in before else None)
    return found.encode()
