"""What is wrong with the status of a Job: how it ends is held together by its conditions, times and counts.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import duplicate, invalid, items_of, required, unsigned
from fairlead.machinery.causes import INVALID, Cause
from fairlead.machinery.validation import quote

__all__ = ["job"]

_COUNTS = ("active", "succeeded", "failed", "ready", "terminating")
_TERMINAL = ("Failed", "Complete", "FailureTarget")


def job(new: Document, old: Document | None) -> Iterator[Cause]:
    """The status of a Job."""
    status = part(new, "status")
    true = _true(status)
    for name in _COUNTS:
        yield from unsigned(status.get(name), f"status.{name}")
    yield from _uncounted(status)
    yield from _end(status, true)
    if true & {"Failed", "Complete"}:
        yield from _finished(status)
    yield from _indexes(status, part(new, "spec"))
    for other in ("Failed", "FailureTarget"):
        if {"SuccessCriteriaMet", other} <= true:
            yield _conditions(f"cannot set SuccessCriteriaMet=True and {other}=true conditions")
    ready = status.get("ready")
    if ready is not None and ready > (status.get("active") or 0):
        yield invalid("status.ready", ready, "cannot set more ready pods than active")
    if old is not None:
        yield from _changed(status, part(old, "status"), part(old, "spec"), part(new, "spec"))


def _true(status: Document) -> set[str]:
    return {each.get("type") for each in items_of(status, "conditions") if each.get("status") == "True"}


def _conditions(text: str) -> Cause:
    """The server shows no conditions when it complains of them."""
    return Cause(INVALID, f"Invalid value: {text}", "status.conditions")


def _uncounted(status: Document) -> Iterator[Cause]:
    seen: set[str] = set()
    for name in ("succeeded", "failed"):
        for index, uid in enumerate(items_of(part(status, "uncountedTerminatedPods"), name)):
            path = f"status.uncountedTerminatedPods.{name}[{index}]"
            if not uid:
                yield invalid(path, uid, "must not be empty")
            elif uid in seen:
                yield duplicate(path, uid)
            else:
                seen.add(uid)


def _end(status: Document, true: set[str]) -> Iterator[Cause]:
    for other in ("Failed", "FailureTarget"):
        if {"Complete", other} <= true:
            yield _conditions(f"cannot set Complete=True and {other}=true conditions")
    begun, ended = status.get("startTime"), status.get("completionTime")
    if ended and "Complete" not in true:
        text = "cannot set completionTime when there is no Complete=True condition"
        yield invalid("status.completionTime", ended, text)
    if not ended and "Complete" in true:
        yield required("status.completionTime", "completionTime is required for Complete jobs")
    if begun and ended and ended < begun:
        yield invalid("status.completionTime", ended, "must be equal to or after `startTime`")
    for kind, before in (("Failed", "FailureTarget"), ("Complete", "SuccessCriteriaMet")):
        if kind in true and before not in true:
            yield _conditions(f"cannot set {kind}=True condition without the {before}=true condition")


def _finished(status: Document) -> Iterator[Cause]:
    for name in ("active", "terminating"):
        count = status.get(name) or 0
        if count > 0:
            yield invalid(f"status.{name}", count, f"{name}>0 is invalid for finished job")
    if not status.get("startTime"):
        yield required("status.startTime", "startTime is required for finished job")
    uncounted = part(status, "uncountedTerminatedPods")
    if uncounted.get("succeeded") or uncounted.get("failed"):
        shown = {"Succeeded": uncounted.get("succeeded"), "Failed": uncounted.get("failed")}
        yield invalid("status.uncountedTerminatedPods", shown, "must be empty for finished job")


def _indexes(status: Document, spec: Document) -> Iterator[Cause]:
    done, failed = status.get("completedIndexes") or "", status.get("failedIndexes")
    if done:
        if spec.get("completions") is not None and (fault := _index_fault(done, spec["completions"])):
            yield invalid("status.completedIndexes", done, f"error parsing completedIndexes: {fault}")
        if spec.get("completionMode") != "Indexed":
            text = "cannot set non-empty completedIndexes when non-indexed completion mode"
            yield invalid("status.completedIndexes", done, text)
    if failed is not None and spec.get("backoffLimitPerIndex") is None:
        text = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield invalid("status.failedIndexes", failed, text)


def _index_fault(text: str, completions: int) -> str:
    """What is wrong with a text like `0,2-4`; empty when nothing is."""
    last = -1
    for interval in text.split(","):
        limits = interval.split("-")
        if len(limits) > 2:
            shown = quote(interval)
            return f"the fragment {shown} violates the pattern, expected an index or two indexes separated by '-'"
        for limit in limits:
            if not limit.isdecimal():
                return f"cannot convert string to integer for index: {quote(limit)}"
            if int(limit) >= completions:
                return f"too large index: {quote(limit)}"
            if int(limit) <= last:
                return f"non-increasing order, previous: {last}, current: {limit}"
            last = int(limit)
    return ""


def _changed(status: Document, before: Document, old_spec: Document, spec: Document) -> Iterator[Cause]:
    gone = _true(before) - _true(status)
    for kind in _TERMINAL:
        if kind in gone:
            yield _conditions(f"cannot disable the terminal {kind}=True condition")
    elastic = spec.get("completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")
    for name in ("failed", "succeeded"):
        count = status.get(name) or 0
        if count < (before.get(name) or 0) and not (name == "succeeded" and elastic):
            yield invalid(f"status.{name}", count, f"cannot decrease the {name} counter")
    ended, had_ended = status.get("completionTime"), before.get("completionTime")
    if ended and had_ended and ended != had_ended:
        yield invalid("status.completionTime", ended, "field is immutable")
    begun, had_begun = status.get("startTime"), before.get("startTime")
    if had_begun and begun != had_begun and not old_spec.get("suspend"):
        yield invalid("status.startTime", begun, "field is immutable for unsuspended job once set")
    if "SuccessCriteriaMet" in gone:
        yield _conditions("cannot disable the SuccessCriteriaMet=True condition")
