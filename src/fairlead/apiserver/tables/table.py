"""Tables: the form in which kubectl asks for what it prints.

https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.apiserver.builtin.conversions import internal
from fairlead.apiserver.registry import PrinterColumn, ResourceInfo
from fairlead.apiserver.statuses import bad_request, quoted
from fairlead.apiserver.tables.cells import human_duration, mapping, text, timestamp
from fairlead.apiserver.tables.columns import Printer, printer
from fairlead.apiserver.tables.paths import find
from fairlead.apiserver.tables.storage import mark_default
from fairlead.machinery.wire import INITIAL_EVENTS_END

__all__ = ["partial", "partial_list", "table"]

_LIST_METADATA = ("resourceVersion", "continue", "remainingItemCount")


def table(
    resource: ResourceInfo,
    objects: Iterable[dict[str, Any]],
    *,
    now: datetime,
    metadata: Mapping[str, Any] | None = None,
    include_object: str = "Metadata",
    headers: bool = True,
    version: str = "v1",
) -> dict[str, Any]:
    """A meta.k8s.io Table with a row for each object.

    `metadata` is that of the list, or of the one object; only what a list's metadata may have is taken over.
    `headers` False leaves the columns out, as in a watch after its first event. `include_object` is the request's
    `includeObject` (None, Metadata or Object). Ages are those at `now`. Raises Refusal (400) for another
    `include_object`.
    """
    found = metadata or {}
    shown = _printer(resource)
    listed = list(objects)
    rows = [_row(shown, obj, now, include_object or "Metadata", version) for obj in listed]
    if resource.type.plural == "storageclasses" and "name" not in found:
        mark_default(listed, rows)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": {key: found[key] for key in _LIST_METADATA if found.get(key)},
        "columnDefinitions": shown.definitions() if headers else None,
        "rows": None if shown.null_rows and not rows else rows,
    }


def _printer(resource: ResourceInfo) -> Printer | _CustomPrinter:
    if resource.is_custom:
        return _CustomPrinter(resource.printer_columns or _AGE)
    return printer(resource.type.group, resource.type.plural)


def _row(
    shown: Printer | _CustomPrinter, obj: dict[str, Any], now: datetime, include_object: str, version: str
) -> dict[str, Any]:
    kept = internal(obj)
    row: dict[str, Any] = {"cells": shown.row(kept, now)}
    conditions = shown.conditions(kept)
    if conditions:
        row["conditions"] = conditions
    row["object"] = _included(obj, include_object, version)
    return row


def _included(obj: dict[str, Any], include_object: str, version: str) -> dict[str, Any] | None:
    if include_object == "Object":
        return obj
    if include_object == "Metadata":
        return partial(obj, version=version)
    if include_object == "None":
        # The bookmark that ends the initial events is told by an annotation.
        return partial(obj, version=version) if INITIAL_EVENTS_END in mapping(obj, "metadata.annotations") else None
    raise bad_request(
        "Unable to convert to Table as requested: includeObject: Invalid value: "
        f"{quoted(include_object)}: must be 'Metadata', 'Object', 'None', or empty"
    )


@dataclass(frozen=True, slots=True)
class _CustomPrinter:
    """Name, and the columns that the CRD adds."""

    columns: tuple[PrinterColumn, ...]
    null_rows: bool = False

    def definitions(self) -> list[dict[str, Any]]:
        """The table's `columnDefinitions`."""
        name: dict[str, Any] = {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}
        return [name, *(_definition(column) for column in self.columns)]

    def row(self, obj: dict[str, Any], now: datetime) -> list[Any]:
        """The cells of one object, one for each column."""
        return [text(obj, "metadata.name"), *(_cell(column, obj, now) for column in self.columns)]

    def conditions(self, obj: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: ARG002 - as Printer.conditions
        """Rows of custom resources have none."""
        return []


def _definition(column: PrinterColumn) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description
        or f"Custom resource definition column (in JSONPath format): {column.json_path}",
        "priority": column.priority,
    }


def _cell(column: PrinterColumn, obj: dict[str, Any], now: datetime) -> Any:
    found = find(obj, column.json_path)
    value = found[0] if found else None
    if value is None:
        return None
    if column.type == "string":
        return _printed(value)
    if column.type == "date":
        return _date(value, now)
    if column.type == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if column.type == "integer" else value


def _printed(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _date(value: Any, now: datetime) -> str | None:
    if not isinstance(value, str):
        return None
    moment = timestamp(value)
    if moment is None:
        return "<invalid>" if value else "<unknown>"
    return human_duration(now - moment)


#: What a CRD without columns of its own shows.
_AGE = (PrinterColumn("Age", "date", ".metadata.creationTimestamp"),)


def partial(obj: dict[str, Any], *, version: str = "v1") -> dict[str, Any]:
    """The object's metadata alone, as a PartialObjectMetadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": internal(obj).get("metadata") or {},
    }


def partial_list(
    objects: Iterable[dict[str, Any]], metadata: Mapping[str, Any], *, version: str = "v1"
) -> dict[str, Any]:
    """A PartialObjectMetadataList with the list's metadata."""
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": {name: metadata[name] for name in _LIST_METADATA if metadata.get(name)},
        # A slice that nothing was added to, which Go writes as null.
        "items": [partial(obj, version=version) for obj in objects] or None,
    }
