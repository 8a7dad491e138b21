"""What is wrong with Jobs and CronJobs, and what may not change in them.

https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.cron import schedule_fault
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    chosen,
    immutable,
    invalid,
    not_supported,
    not_supported_as,
    one_of,
    required,
    selector,
    sorted_map,
    sorted_selector,
    unsigned,
)
from fairlead.apiserver.rules.job_policies import failure_policy, managed_by, success_policy
from fairlead.apiserver.rules.pods import pod_template
from fairlead.apiserver.rules.printed import internal
from fairlead.apiserver.rules.workloads import selects
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label

__all__ = ["cron_job", "job", "job_labels"]

_COUNTS = (
    "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
    "backoffLimitPerIndex", "maxFailedIndexes",
)  # fmt: skip
_MOST_PARALLEL = 100_000
_MANY, _MOST_AT_ONCE = 100_000, 10_000
_FROZEN = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
#: What of a suspended job's template may change before it has run.
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def job(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Job."""
    spec = part(new, "spec")
    if old is None and not spec.get("manualSelector"):
        yield from _generated(new)
    yield from _job_spec(spec, "spec")
    found = spec.get("selector")
    if found is None:
        yield required("spec.selector")
    wrong = list(selector(found, "spec.selector"))
    yield from wrong
    labels = part(spec, "template", "metadata", "labels")
    if not wrong and (found is None or not selects(found, labels)):
        text = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", sorted_map(labels), text)
    if old is not None:
        yield from _job_kept(new, old)
    yield from _indexed_name(new)


def job_labels(uid: str, name: str) -> dict[str, str]:
    """The labels that the pods of a job get beside their own."""
    prefixes = ("", "batch.kubernetes.io/")
    return {
        f"{prefix}{key}": value for prefix in prefixes for key, value in (("controller-uid", uid), ("job-name", name))
    }


def _generated(new: Document) -> Iterator[Cause]:
    spec, meta = part(new, "spec"), part(new, "metadata")
    labels = part(spec, "template", "metadata", "labels")
    expected = job_labels(meta.get("uid") or "", meta.get("name") or "")
    for key, value in expected.items():
        text, where = f"must be '{value}'", f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            yield required(where, text)
        elif labels[key] != value:
            yield invalid(where, sorted_map(labels), text)
    found = spec.get("selector")
    if found is not None and not selects(found, expected):
        yield invalid("spec.selector", sorted_selector(found), "`selector` not auto-generated")


def _job_spec(spec: Document, path: str) -> Iterator[Cause]:
    for name in _COUNTS:
        yield from unsigned(spec.get(name), f"{path}.{name}")
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if spec.get("managedBy") is not None:
        yield from managed_by(spec["managedBy"], f"{path}.managedBy")
    mode = spec.get("completionMode")
    yield from one_of(mode, ("NonIndexed", "Indexed"), f"{path}.completionMode")
    yield from _indexes(spec, mode, path)
    yield from failure_policy(spec, f"{path}.podFailurePolicy")
    if "successPolicy" in spec:
        yield from success_policy(spec, f"{path}.successPolicy")
    replaced = ("Failed",) if "podFailurePolicy" in spec else ("Failed", "TerminatingOrFailed")
    yield from one_of(spec.get("podReplacementPolicy"), replaced, f"{path}.podReplacementPolicy")
    yield from pod_template(part(spec, "template"), f"{path}.template")
    yield from _restart(spec, f"{path}.template.spec.restartPolicy")


def _indexes(spec: Document, mode: str | None, path: str) -> Iterator[Cause]:
    if mode == "Indexed":
        if spec.get("completions") is None:
            yield required(f"{path}.completions", "when completion mode is Indexed")
        if (spec.get("parallelism") or 0) > _MOST_PARALLEL:
            text = f"must be less than or equal to {_MOST_PARALLEL} when completion mode is Indexed"
            yield invalid(f"{path}.parallelism", spec["parallelism"], text)
        most, all_ = spec.get("maxFailedIndexes"), spec.get("completions")
        if most is not None and all_ is not None and most > all_:
            yield invalid(f"{path}.maxFailedIndexes", most, "must be less than or equal to completions")
        if most is not None and most > _MANY:
            yield invalid(f"{path}.maxFailedIndexes", most, f"must be less than or equal to {_MANY}")
        if all_ is not None and all_ > _MANY and spec.get("backoffLimitPerIndex") is not None:
            yield from _many_indexes(spec, path)
        return
    if mode in (None, "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                yield invalid(f"{path}.{name}", spec[name], "requires indexed completion mode")


def _many_indexes(spec: Document, path: str) -> Iterator[Cause]:
    """What a job of very many indexes, each of which may fail, has to keep to."""
    if spec.get("maxFailedIndexes") is None:
        yield required(f"{path}.maxFailedIndexes", f"must be specified when completions is above {_MANY}")
    for name in ("parallelism", "maxFailedIndexes"):
        if (spec.get(name) or 0) > _MOST_AT_ONCE:
            text = f"must be less than or equal to {_MOST_AT_ONCE} when completions are above {_MANY}"
            yield invalid(f"{path}.{name}", spec[name], f"{text} and used with backoff limit per index")


def _restart(spec: Document, path: str) -> Iterator[Cause]:
    policy = part(spec, "template", "spec").get("restartPolicy") or ""
    if policy in {"", "Always"}:
        yield required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in {"OnFailure", "Never"}:
        yield not_supported(path, policy, ("OnFailure", "Never"))
    elif "podFailurePolicy" in spec and policy != "Never":
        yield invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _indexed_name(new: Document) -> Iterator[Cause]:
    spec, name = part(new, "spec"), part(new, "metadata").get("name") or ""
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0:
        longest = f"{name}-{completions - 1}"
        if dns1123_label(longest):
            text = f"will not able to create pod with invalid DNS label: {longest}"
            yield invalid("metadata.name", name, text)


def _other_completions(spec: Document) -> Iterator[Cause]:
    """Of indexes there may be more or fewer, as long as all run at once."""
    completions = spec.get("completions")
    if spec.get("completionMode") != "Indexed":
        yield invalid("spec.completions", completions, IMMUTABLE)
    elif completions not in {None, spec.get("parallelism")}:
        yield invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism")


def _job_kept(new: Document, old: Document) -> Iterator[Cause]:
    spec, before = part(new, "spec"), part(old, "spec")
    if spec.get("completions") != before.get("completions"):
        yield from _other_completions(spec)
    yield from immutable(sorted_selector(part(spec, "selector")), before.get("selector"), "spec.selector")
    template, present = part(spec, "template"), copy.deepcopy(part(before, "template"))
    if _may_be_rescheduled(old):
        _open_for_scheduling(template, present)
    if part(old, "spec").get("suspend") and _may_be_rescheduled(old):
        # Nobody looks at the template's metadata then.
        _open_resources(part(template, "spec"), part(present, "spec"))
        if part(template, "spec") != part(present, "spec"):
            yield invalid("spec.template.spec", internal("core.PodSpec", part(template, "spec")), IMMUTABLE)
    elif template != present:
        yield invalid("spec.template", internal("core.PodTemplateSpec", template), IMMUTABLE)
    for name in _FROZEN:
        if spec.get(name) != before.get(name):
            shown = spec.get(name)
            if name == "podFailurePolicy" and isinstance(shown, dict):
                shown = internal("batch.PodFailurePolicy", part(spec, name))
            yield invalid(f"spec.{name}", shown, IMMUTABLE)


def _may_be_rescheduled(old: Document) -> bool:
    """Whether a job is suspended, and has not started or has said that it stopped; and none of its pods is left."""
    status = part(old, "status")
    stopped = any(c.get("type") == "Suspended" and c.get("status") == "True" for c in parts(status, "conditions"))
    idle = not status.get("active") and (status.get("startTime") is None or stopped)
    return bool(part(old, "spec").get("suspend")) and idle


def _open_resources(spec: Document, present: Document) -> None:
    """Take over the resources of containers that are still there."""
    for kind in ("containers", "initContainers"):
        new, old = parts(spec, kind), parts(present, kind)
        for one, other in zip(new, old, strict=False) if len(new) == len(old) else ():
            if one.get("name") == other.get("name"):
                _take(other, one, "resources")


def _open_for_scheduling(template: Document, present: Document) -> None:
    """Take over what may change: where pods are put, and their labels and annotations."""
    for name in ("labels", "annotations"):
        _take(part(present, "metadata"), part(template, "metadata"), name)
    for name in _SCHEDULING:
        _take(part(present, "spec"), part(template, "spec"), name)
    _take(part(present, "spec", "affinity"), part(template, "spec", "affinity"), "nodeAffinity")


def _take(into: Document, source: Document, name: str) -> None:
    into.pop(name, None)
    if name in source:
        into[name] = source[name]


def cron_job(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CronJob."""
    spec, name = part(new, "spec"), part(new, "metadata").get("name") or ""
    yield from _schedule(spec, part(old, "spec"))
    yield from unsigned(spec.get("startingDeadlineSeconds"), "spec.startingDeadlineSeconds")
    yield from chosen(spec.get("concurrencyPolicy"), ("Allow", "Forbid", "Replace"), "spec.concurrencyPolicy")
    for count in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from unsigned(spec.get(count), f"spec.{count}")
    yield from _job_template(part(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec")
    if old is None and len(name) > 52:
        yield invalid("metadata.name", name, "must be no more than 52 characters")


def _job_template(spec: Document, path: str) -> Iterator[Cause]:
    yield from _job_spec(spec, path)
    if spec.get("selector") is not None:
        yield invalid(f"{path}.selector", spec["selector"], "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield not_supported_as(f"{path}.manualSelector", "true", ("nil", "false"))


def _schedule(spec: Document, before: Document) -> Iterator[Cause]:
    schedule, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not schedule:
        yield required("spec.schedule")
    else:
        fault = schedule_fault(schedule)
        if fault:
            yield invalid("spec.schedule", schedule, fault)
        if "TZ" in schedule and schedule != before.get("schedule"):
            text = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            yield invalid("spec.schedule", schedule, text)
    if zone is not None:
        yield from _time_zone(zone, before.get("timeZone"))


def _time_zone(zone: str, before: str | None) -> Iterator[Cause]:
    if not zone:
        yield invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")
    elif zone.lower() == "local":
        text = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield invalid("spec.timeZone", zone, text)
    if zone and zone != before and not _is_zone(zone):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")


def _is_zone(name: str) -> bool:
    if name == "Local":
        return True
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True
