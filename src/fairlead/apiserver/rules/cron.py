"""What is wrong with a cron schedule, in the words of the parser that kube-apiserver uses.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["schedule_fault"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = "@every "
_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*|[-+]?0")


@dataclass(frozen=True)
class _Field:
    """One of the five: its least and greatest value, and the names of some."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    first: int = 0


_FIELDS = (_Field(0, 59), _Field(0, 23), _Field(1, 31), _Field(1, 12, _MONTHS, 1), _Field(0, 6, _DAYS))


class _Fault(Exception):
    """The message is the parser's."""


def schedule_fault(schedule: str) -> str:
    """What is wrong with a schedule; empty when nothing is."""
    text = schedule
    if text.startswith(("TZ=", "CRON_TZ=")):
        _, _, text = text.partition(" ")
        text = text.strip()
    if text.startswith("@"):
        return _descriptor_fault(text)
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"expected exactly {len(_FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]"
    try:
        for written, field in zip(fields, _FIELDS, strict=True):
            for part in filter(None, written.split(",")):
                _check_range(part, field)
    except _Fault as fault:
        return str(fault)
    return ""


def _descriptor_fault(text: str) -> str:
    if text in _DESCRIPTORS:
        return ""
    if not text.startswith(_EVERY):
        return f"unrecognized descriptor: {text}"
    written = text.removeprefix(_EVERY)
    if _DURATION.fullmatch(written):
        return ""
    return f'failed to parse duration {text}: time: invalid duration "{written}"'


def _check_range(text: str, field: _Field) -> None:
    span, *steps = text.split("/")
    low, *high = span.split("-")
    if low in {"*", "?"}:
        start, end = field.low, field.high
    else:
        start = _number(low, field)
        if len(high) > 1:
            raise _Fault(f"too many hyphens: {text}")
        end = _number(high[0], field) if high else start
    step = 1
    if len(steps) > 1:
        raise _Fault(f"too many slashes: {text}")
    if steps:
        step = _integer(steps[0])
        end = end if high else field.high
    _check_bounds(text, field, start, end, step)


def _check_bounds(text: str, field: _Field, start: int, end: int, step: int) -> None:
    if start < field.low:
        raise _Fault(f"beginning of range ({start}) below minimum ({field.low}): {text}")
    if end > field.high:
        raise _Fault(f"end of range ({end}) above maximum ({field.high}): {text}")
    if start > end:
        raise _Fault(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise _Fault(f"step of range should be a positive number: {text}")


def _number(text: str, field: _Field) -> int:
    name = text.lower()
    return field.names.index(name) + field.first if name in field.names else _integer(text)


def _integer(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise _Fault(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    number = int(text)
    if number < 0:
        raise _Fault(f"negative number ({number}) not allowed: {text}")
    return number
