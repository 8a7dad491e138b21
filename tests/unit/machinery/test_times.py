from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.machinery.times import format_micro_time, format_time, parse_time

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31t12:00:00z", NOON),
        ("2026-01-31T12:00:00.000000Z", NOON),
        ("2026-01-31T12:00:00.25Z", NOON + timedelta(microseconds=250_000)),
        ("2026-01-31T12:00:00.1234567899Z", NOON + timedelta(microseconds=123_456)),
        ("2026-01-31T13:30:00+01:30", NOON),
        ("2026-01-31T12:00:00-00:00", NOON),
        ("2026-01-31T11:59:60Z", NOON),
    ],
)
def test_times_of_rfc_3339_are_read(text: str, expected: datetime) -> None:
    moment = parse_time(text)
    assert moment == expected
    assert moment.utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:61Z",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+25:00",
        "2026-01-31T12:00:00+01:60",
        "2026-01-31T12:00:00+0100",
        "9999-12-31T23:59:60Z",
        "٢026-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z\n",
    ],
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time") as caught:
        parse_time(text)
    assert repr(text) in str(caught.value)


def test_times_are_written_in_utc_with_seconds_or_six_digits() -> None:
    moment = datetime(2026, 1, 31, 14, 0, 0, 120, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(moment) == "2026-01-31T12:00:00Z"
    assert format_micro_time(moment) == "2026-01-31T12:00:00.000120Z"
    assert format_micro_time(NOON) == "2026-01-31T12:00:00.000000Z"
    assert format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


def test_a_datetime_without_a_zone_is_not_written() -> None:
    for write in (format_time, format_micro_time):
        with pytest.raises(ValueError, match="no time zone"):
            write(datetime(2026, 1, 31))  # noqa: DTZ001


@settings(max_examples=100, deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_micro_time_reads_back(moment: datetime) -> None:
    assert parse_time(format_micro_time(moment)) == moment
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)
