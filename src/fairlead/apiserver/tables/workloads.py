"""The cells of what makes pods: deployments and their kin, jobs and cron jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fairlead.apiserver.tables.cells import (
    age,
    containers,
    dig,
    human_duration,
    items,
    label_selector,
    labels,
    mapping,
    number,
    since,
    text,
    timestamp,
)

__all__ = [
    "controller_revision",
    "cron_job",
    "daemon_set",
    "deployment",
    "job",
    "replica_set",
    "replication_controller",
    "stateful_set",
]


def _template(obj: dict[str, Any], *, any_selector: str = "<none>") -> list[str]:
    return [
        *containers(dig(obj, "spec.template.spec")),
        label_selector(mapping(obj, "spec.selector"), empty=any_selector),
    ]


def deployment(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Ready to Age, and the wide columns."""
    status = mapping(obj, "status")
    ready = f"{number(status, 'readyReplicas')}/{number(obj, 'spec.replicas')}"
    counts = [number(status, "updatedReplicas"), number(status, "availableReplicas")]
    return [ready, *counts, age(obj, now), *_template(obj, any_selector="")]


def _replicas(obj: dict[str, Any]) -> list[Any]:
    return [number(obj, "spec.replicas"), number(obj, "status.replicas"), number(obj, "status.readyReplicas")]


def replica_set(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Desired to Age, and the wide columns."""
    return [*_replicas(obj), age(obj, now), *_template(obj)]


def replication_controller(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Desired to Age, and the wide columns."""
    shown = containers(dig(obj, "spec.template.spec"))
    return [*_replicas(obj), age(obj, now), *shown, labels(mapping(obj, "spec.selector"))]


def stateful_set(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Ready, Age, and the wide columns."""
    ready = f"{number(obj, 'status.readyReplicas')}/{number(obj, 'spec.replicas')}"
    return [ready, age(obj, now), *containers(dig(obj, "spec.template.spec"))]


def daemon_set(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Desired to Age, and the wide columns."""
    names = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    node_selector = labels(mapping(obj, "spec.template.spec.nodeSelector"))
    return [*(number(obj, f"status.{name}") for name in names), node_selector, age(obj, now), *_template(obj)]


def controller_revision(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Controller to Age."""
    owner = next((o for o in items(obj, "metadata.ownerReferences") if o.get("controller") is True), None)
    group = text(owner, "apiVersion").rpartition("/")[0]
    kind = text(owner, "kind").lower() + (f".{group}" if group else "")
    return [f"{kind}/{text(owner, 'name')}" if owner else "<none>", number(obj, "revision"), age(obj, now)]


_JOB_STATES = (
    ("Suspended", "Suspended"),
    ("FailureTarget", "FailureTarget"),
    ("SuccessCriteriaMet", "SuccessCriteriaMet"),
)


def job(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Status to Age, and the wide columns."""
    true = {entry.get("type") for entry in items(obj, "status.conditions") if entry.get("status") == "True"}
    return [_job_state(obj, true), _completions(obj), _run_time(obj, now), age(obj, now), *_template(obj)]


def _job_state(obj: dict[str, Any], true: set[Any]) -> str:
    for state in ("Complete", "Failed"):
        if state in true:
            return state
    if dig(obj, "metadata.deletionTimestamp") is not None:
        return "Terminating"
    return next((state for condition, state in _JOB_STATES if condition in true), "Running")


def _completions(obj: dict[str, Any]) -> str:
    succeeded, parallelism = number(obj, "status.succeeded"), number(obj, "spec.parallelism")
    wanted = dig(obj, "spec.completions")
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _run_time(obj: dict[str, Any], now: datetime) -> str:
    started = timestamp(dig(obj, "status.startTime"))
    ended = timestamp(dig(obj, "status.completionTime"))
    return human_duration((ended or now) - started) if started else ""


def cron_job(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Schedule to Age, and the wide columns."""
    suspend = dig(obj, "spec.suspend")
    return [
        text(obj, "spec.schedule"),
        text(obj, "spec.timeZone", "<none>"),
        "<unset>" if suspend is None else "True" if suspend else "False",
        len(items(obj, "status.active")),
        since(dig(obj, "status.lastScheduleTime"), now, "<none>"),
        age(obj, now),
        *containers(dig(obj, "spec.jobTemplate.spec.template.spec")),
        label_selector(mapping(obj, "spec.jobTemplate.spec.selector")),
    ]
