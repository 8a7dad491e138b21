"""What cells of tables are made of: reading an object however incomplete, and the short texts that kubectl shows.

The texts (`<none>`, `3d4h`, `a=b,c in (d,e)`) are the interface between the API server and kubectl.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

__all__ = [
    "age",
    "containers",
    "dig",
    "human_duration",
    "items",
    "label_selector",
    "labels",
    "mapping",
    "number",
    "shortened",
    "since",
    "text",
    "timestamp",
]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY
#: (below this many seconds, unit, its letter, smaller unit or None, its letter): the first row that fits is used.
_DURATIONS = (
    (2 * _MINUTE, 1, "s", None, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", None, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (48 * _HOUR, _HOUR, "h", None, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", None, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


def dig(value: object, path: str) -> Any:
    """What stands at a dotted path of JSON objects, or None."""
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(key)
    return value


def text(value: object, path: str, default: str = "") -> str:
    """The string at the path; `default` when it is absent, empty or no string."""
    found = dig(value, path)
    return found if isinstance(found, str) and found else default


def number(value: object, path: str) -> int:
    """The integer at the path, else 0."""
    found = dig(value, path)
    return found if isinstance(found, int) else 0


def items(value: object, path: str) -> list[dict[str, Any]]:
    """The objects in the list at the path; what is no object is left out."""
    found = dig(value, path)
    return [entry for entry in cast("list[Any]", found) if isinstance(entry, dict)] if isinstance(found, list) else []


def mapping(value: object, path: str) -> dict[str, Any]:
    """The JSON object at the path, else an empty one."""
    found = dig(value, path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def timestamp(value: object) -> datetime | None:
    """An RFC 3339 time as an aware datetime; None when it is absent or not a time."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def human_duration(duration: timedelta) -> str:
    """A duration as kubectl shows ages: `0s`, `90s`, `5m3s`, `3h20m`, `2d5h`, `100d`, `3y12d`."""
    seconds = int(duration.total_seconds())
    if seconds < 0:
        # Clocks of two machines may differ by a second; more than that is shown as a fault.
        return "0s" if seconds == -1 else "<invalid>"
    for limit, unit, letter, part, part_letter in _DURATIONS:
        if seconds < limit:
            rest = seconds % unit // part if part else 0
            return f"{seconds // unit}{letter}" + (f"{rest}{part_letter}" if rest else "")
    return f"{seconds // _YEAR}y"


def since(value: object, now: datetime, default: str = "<unknown>") -> str:
    """How long ago the time in `value` was; `default` when there is none."""
    moment = timestamp(value)
    return human_duration(now - moment) if moment else default


def age(value: object, now: datetime) -> str:
    """The time since an object was created."""
    return since(dig(value, "metadata.creationTimestamp"), now)


def containers(specification: object) -> list[str]:
    """Two cells: the names and the images of a pod specification's containers."""
    found = items(specification, "containers")
    return [",".join(text(entry, key) for entry in found) for key in ("name", "image")]


def labels(value: Mapping[str, Any]) -> str:
    """Labels as `a=b,c=d`, sorted; `<none>` when there are none."""
    return ",".join(sorted(f"{key}={item}" for key, item in value.items())) or "<none>"


def label_selector(value: Mapping[str, Any], *, empty: str = "<none>") -> str:
    """A meta/v1 LabelSelector in the syntax of kubectl's `-l`, sorted by key; `empty` when it selects everything."""
    # Of one key, the labels stand before the expressions.
    requirements = [(key, f"{key}={wanted}") for key, wanted in mapping(value, "matchLabels").items()]
    requirements += [(text(entry, "key"), _requirement(entry)) for entry in items(value, "matchExpressions")]
    return ",".join(written for _, written in sorted(requirements, key=lambda each: each[0])) or empty


def _requirement(expression: Mapping[str, Any]) -> str:
    key, operator = text(expression, "key"), text(expression, "operator")
    if operator == "Exists":
        return key
    if operator == "DoesNotExist":
        return f"!{key}"
    values = ",".join(sorted(str(value) for value in cast("list[Any]", expression.get("values") or [])))
    return f"{key} {'in' if operator == 'In' else 'notin'} ({values})"


def shortened(parts: Iterable[str], limit: int, *, separator: str = ",", empty: str = "<unset>") -> str:
    """The first `limit` parts and how many more there are; `empty` for none."""
    known = list(parts)
    shown = separator.join(known[:limit])
    return f"{shown} + {len(known) - limit} more..." if len(known) > limit else shown or empty
