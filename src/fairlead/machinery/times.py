"""Points in time as the API writes them: RFC 3339 text and aware datetimes.

`Time` (creationTimestamp and most others) has whole seconds; `MicroTime` (of Leases and Events) has six digits after
the point, no fewer. https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#units
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

__all__ = ["format_micro_time", "format_time", "parse_time"]

_SHAPE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def parse_time(text: str) -> datetime:
    """The aware datetime that an RFC 3339 text means, in the text's own offset; digits beyond microseconds are cut.

    Raises ValueError, which names the text, for anything else, times without an offset included.
    """
    match = _SHAPE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a time in RFC 3339, such as 2026-01-31T12:00:00Z")
    *parts, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, parts)
    microsecond = int((fraction or "").ljust(6, "0")[:6])
    try:
        zone = _zone(sign, hours, minutes)
        # A leap second exists in the text only: the next second begins.
        leap = timedelta(seconds=1) if second == 60 else timedelta()
        return datetime(year, month, day, hour, minute, 59 if leap else second, microsecond, zone) + leap
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time: {error}") from None


def _zone(sign: str | None, hours: str, minutes: str) -> timezone:
    if sign is None:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if int(minutes) > 59 or not offset < timedelta(days=1):
        raise ValueError(f"the offset {sign}{hours}:{minutes} is more than a day")
    return timezone(-offset if sign == "-" else offset) if offset else UTC


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone: use an aware datetime, such as datetime.now(UTC)")
    return moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """A `Time`: whole seconds, in UTC (`2026-01-31T12:00:00Z`). Raises ValueError for a datetime without a zone."""
    if moment.tzinfo is UTC:
        return moment.isoformat("T", "seconds")[: -len("+00:00")] + "Z"
    return _utc(moment).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def format_micro_time(moment: datetime) -> str:
    """A `MicroTime`: six digits, in UTC (`…:00.000000Z`). Raises ValueError for a datetime without a zone."""
    return _utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
