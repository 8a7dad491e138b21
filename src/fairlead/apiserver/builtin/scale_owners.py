"""Who owns the number of replicas, seen from the object and from its scale.

https://kubernetes.io/docs/reference/using-api/server-side-apply/. A write through the scale takes the number from whoever
wrote it through the object, and is recorded without a time: so does kube-apiserver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from fairlead.machinery.apply.entries import Entries, Entry
from fairlead.machinery.apply.fieldsets import FieldSet, field_element

__all__ = ["scale_entries", "with_scale_entries"]

#: By version of the object: the path of the number of replicas.
Paths: TypeAlias = Mapping[str, Sequence[str] | None]

_SCALE = "autoscaling/v1"
_REPLICAS = FieldSet.of([(field_element("spec"), field_element("replicas"))])


def _entries(raw: Sequence[dict[str, Any]]) -> Entries:
    return Entries.of_old({"managedFields": list(raw)})


def _number(path: Sequence[str]) -> FieldSet:
    return FieldSet.of([tuple(field_element(name) for name in path)])


def _owns(entry: Entry, number: FieldSet) -> bool:
    return not entry.fields.intersection(number).empty


def scale_entries(entries: Sequence[dict[str, Any]], paths: Paths) -> list[dict[str, Any]]:
    """The managedFields of a scale: the object's owners of the number of replicas, as owners of spec.replicas.

    `paths` says where the number is in each version of the object; None in one without a scale.
    """
    found = Entries()
    for owner, entry in _entries(entries).owners.items():
        path = paths.get(entry.api_version)
        if path is not None and _owns(entry, _number(path)):
            found.owners[owner] = Entry(_REPLICAS, _SCALE, entry.time)
    return found.encode()


def with_scale_entries(
    entries: Sequence[dict[str, Any]], scaled: Sequence[dict[str, Any]], api_version: str, paths: Paths
) -> list[dict[str, Any]]:
    """The managedFields of the object once its scale has those in `scaled`; owners in other versions than it has are forgotten."""
    before, after = _entries(entries).owners, dict(_entries(scaled).owners)
    found = Entries()
    for owner, entry in before.items():
        if entry.api_version not in paths:
            continue
        path = paths[entry.api_version]
        if path is None or not _owns(entry, _number(path)):
            found.owners[owner] = entry
        elif owner in after:
            found.owners[owner] = entry
            del after[owner]
        elif not (left := entry.fields.difference(_number(path))).empty:
            found.owners[owner] = entry.with_fields(left)
    number = _number(paths[api_version] or ())
    for owner, entry in after.items():
        if _owns(entry, _REPLICAS):
            # The owner keeps the scale's version in its identity: it is another than the object's own writers.
            found.owners[owner] = Entry(number, api_version, before[owner].time if owner in before else None)
    return found.encode()
