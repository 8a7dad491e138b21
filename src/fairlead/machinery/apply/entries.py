"""The entries of `metadata.managedFields`: who owns which fields, under which identity, since when.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (`managedFields`)
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from fairlead.machinery.apply.fieldsets import FieldSet
from fairlead.machinery.schema.nodes import is_list, is_map

__all__ = ["APPLY", "UPDATE", "Entries", "Entry", "Owner", "entry_json", "manager_name"]

APPLY = "Apply"
UPDATE = "Update"
_MOST_UPDATERS = 10
_MERGED_NAME = "ancient-changes"
_LONGEST_NAME = 128


def manager_name(field_manager: str, user_agent: str) -> str:
    """Who a write counts for: the `fieldManager` parameter, else what stands before the first `/` of the User-Agent, at most 128 bytes."""
    if field_manager:
        return field_manager
    name = ""
    for character in user_agent.partition("/")[0]:
        if not character.isprintable():
            continue
        if len((name + character).encode()) > _LONGEST_NAME:
            break
        name += character
    return name


class Owner(NamedTuple):
    """Whose entry it is. The version belongs to the identity of an Update, not to that of an Apply (where it is "")."""

    manager: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    @classmethod
    def of(cls, manager: str, operation: str, api_version: str, subresource: str) -> Owner:
        """The identity; a writer without a name is `unknown`."""
        return cls(manager or "unknown", operation, "" if operation == APPLY else api_version, subresource)

    def __str__(self) -> str:
        """As conflicts name the owner: `"kubectl" with subresource "status" using apps/v1`."""
        text = json.dumps(self.manager, ensure_ascii=False)
        if self.subresource:
            text += f" with subresource {json.dumps(self.subresource)}"
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text

    @property
    def identifier(self) -> str:
        """Sorts owners as the API server does."""
        said = {"manager": self.manager, "operation": self.operation}
        if self.api_version:
            said["apiVersion"] = self.api_version
        if self.subresource:
            said["subresource"] = self.subresource
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An owner's fields, the version they are written in, and when the owner last changed something (RFC 3339, or None)."""

    fields: FieldSet
    api_version: str
    time: str | None = None
    #: The fields as fieldsV1, where they were read from that very text.
    written: Mapping[str, Any] | None = None

    def with_fields(self, fields: FieldSet) -> Entry:
        """The same entry with other fields."""
        return self if fields is self.fields else Entry(fields, self.api_version, self.time)

    def fields_v1(self) -> Mapping[str, Any]:
        """The fields as managedFields has them."""
        return self.fields.to_fields_v1() if self.written is None else self.written


@dataclass
class Entries:
    """All entries of one object. A copy is made before anything changes."""

    owners: dict[Owner, Entry] = field(default_factory=dict[Owner, Entry])

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Entries:
        """From an object's metadata. ValueError when the API server could not read them."""
        entries = cls()
        for raw in cast("list[dict[str, Any]]", metadata.get("managedFields") or []):
            operation, api_version = raw.get("operation", ""), raw.get("apiVersion", "")
            if operation not in {APPLY, UPDATE}:
                raise ValueError("operation must be `Apply` or `Update`")
            if not api_version:
                raise ValueError("apiVersion must not be empty")
            if raw.get("fieldsType") != "FieldsV1":
                raise ValueError(f"invalid fieldsType {json.dumps(raw.get('fieldsType', ''))} in managed fields")
            owner = Owner.of(raw.get("manager", ""), operation, api_version, raw.get("subresource", ""))
            owner = owner._replace(manager=raw.get("manager", ""))
            written: Mapping[str, Any] = raw.get("fieldsV1") or {}
            fields, as_written = FieldSet.as_written(written)
            entries.owners[owner] = Entry(fields, api_version, raw.get("time"), written if as_written else None)
        return entries

    @classmethod
    def of_write(cls, old: Mapping[str, Any], new: Mapping[str, Any], *, custom: bool = False) -> Entries:
        """What counts before an update: the entries it sends, else the old ones; none when it resets them with `[{}]`.

        An empty list resets those of a built-in type too; in a `custom` object it is no list at all to the server.
        """
        sent = new.get("managedFields")
        if is_list(sent) and (
            (not sent and not custom) or (len(sent) == 1 and is_map(sent[0]) and not any(sent[0].values()))
        ):
            return cls()
        try:
            entries = cls.of(new)
        except ValueError:
            entries = cls()
        return entries if entries.owners else cls.of_old(old)

    @classmethod
    def of_old(cls, old: Mapping[str, Any]) -> Entries:
        """The stored entries; none if they cannot be read."""
        try:
            return cls.of(old)
        except ValueError:
            return cls()

    def drop_empty(self) -> None:
        """Forget owners that own nothing."""
        self.owners = {owner: entry for owner, entry in self.owners.items() if not entry.fields.empty}

    def cap_updaters(self) -> None:
        """Put the oldest updaters of each version together once there are more than ten, as `ancient-changes`."""
        updaters = [owner for owner in self.owners if owner.operation == UPDATE]
        left = len(updaters)
        if left <= _MOST_UPDATERS:
            return
        first: dict[str, Owner] = {}
        for owner in sorted(updaters, key=lambda owner: (_seconds(self.owners[owner].time), owner.identifier)):
            if left <= _MOST_UPDATERS:
                return
            entry = self.owners[owner]
            if entry.api_version not in first:
                first[entry.api_version] = owner
                continue
            bucket = Owner(_MERGED_NAME, UPDATE, entry.api_version)
            if bucket not in self.owners:
                self.owners[bucket] = self.owners.pop(first[entry.api_version])
            merged = entry.fields.union(self.owners[bucket].fields)
            self.owners.pop(owner)
            self.owners[bucket] = Entry(merged, entry.api_version, entry.time)
            left -= 1

    def encode(self) -> list[dict[str, Any]]:
        """The JSON of managedFields, in the API server's order: Apply before Update, older before newer."""
        ordered = sorted(self.owners.items(), key=_order)
        return [entry_json(owner, entry.api_version, entry.time, entry.fields_v1()) for owner, entry in ordered]


def _order(item: tuple[Owner, Entry]) -> tuple[str, int, str, str, str]:
    owner, entry = item
    return owner.operation, _seconds(entry.time), owner.manager, entry.api_version, owner.subresource


def _seconds(time: str | None) -> int:
    return 0 if time is None else int(dt.datetime.fromisoformat(time).timestamp())


def entry_json(owner: Owner, api_version: str, time: str | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as managedFields has it; `fields` is its fieldsV1."""
    out: dict[str, Any] = {"manager": owner.manager} if owner.manager else {}
    out |= {"operation": owner.operation, "apiVersion": api_version}
    if time is not None:
        out["time"] = time
    out |= {"fieldsType": "FieldsV1", "fieldsV1": fields}
    if owner.subresource:
        out["subresource"] = owner.subresource
    return out
