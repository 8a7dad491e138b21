"""The cells of a Pod's row: readiness, the one word that sums its status up, restarts.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ says what the words mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fairlead.apiserver.tables.cells import age, dig, human_duration, items, number, text, timestamp

__all__ = ["pod", "pod_conditions"]

_FINISHED = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}


@dataclass(slots=True)
class _Restarts:
    """Restarts counted so far and when the last one was."""

    count: int = 0
    last: datetime | None = None

    def add(self, status: dict[str, Any]) -> None:
        self.count += number(status, "restartCount")
        finished = timestamp(dig(status, "lastState.terminated.finishedAt"))
        if finished and (self.last is None or self.last < finished):
            self.last = finished

    def written(self, now: datetime) -> str:
        if not self.count or self.last is None:
            return str(self.count)
        return f"{self.count} ({human_duration(now - self.last)} ago)"


@dataclass(slots=True)
class _Summary:
    reason: str
    ready: int = 0
    restarts: _Restarts = field(default_factory=_Restarts)


def pod_conditions(obj: dict[str, Any]) -> list[dict[str, Any]]:
    """The row conditions of a finished pod, by which clients grey rows out; empty while it runs."""
    phase = text(obj, "status.phase")
    if phase not in _FINISHED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _FINISHED[phase]}]


def pod(obj: dict[str, Any], now: datetime) -> list[Any]:
    """Ready, Status, Restarts, Age, and the wide columns."""
    sidecars = {text(entry, "name") for entry in items(obj, "spec.initContainers") if _restartable(entry)}
    total = len(items(obj, "spec.containers")) + len(sidecars)
    summary = _summary(obj, sidecars)
    return [
        f"{summary.ready}/{total}",
        _ending(obj) or summary.reason,
        summary.restarts.written(now),
        age(obj, now),
        next((text(ip, "ip") for ip in items(obj, "status.podIPs")), "") or "<none>",
        text(obj, "spec.nodeName", "<none>"),
        text(obj, "status.nominatedNodeName", "<none>"),
        _gates(obj),
    ]


def _restartable(container: dict[str, Any]) -> bool:
    return container.get("restartPolicy") == "Always"


def _true(obj: dict[str, Any], condition: str) -> bool:
    found = (entry for entry in items(obj, "status.conditions") if entry.get("type") == condition)
    return next((entry.get("status") == "True" for entry in found), False)


def _gates(obj: dict[str, Any]) -> str:
    gates = items(obj, "spec.readinessGates")
    return f"{sum(_true(obj, text(gate, 'conditionType')) for gate in gates)}/{len(gates)}" if gates else "<none>"


def _ending(obj: dict[str, Any]) -> str:
    if dig(obj, "metadata.deletionTimestamp") is None:
        return ""
    if text(obj, "status.reason") == "NodeLost":
        return "Unknown"
    return "" if text(obj, "status.phase") in _FINISHED else "Terminating"


def _summary(obj: dict[str, Any], sidecars: set[str]) -> _Summary:
    reason = text(obj, "status.reason") or text(obj, "status.phase")
    if any(
        entry.get("type") == "PodScheduled" and entry.get("reason") == "SchedulingGated"
        for entry in items(obj, "status.conditions")
    ):
        reason = "SchedulingGated"
    summary = _Summary(reason)
    of_sidecars = _Restarts()
    waiting = _initialise(obj, sidecars, summary, of_sidecars)
    if not waiting or _true(obj, "Initialized"):
        # Once it runs, restarts of finished init containers no longer count.
        summary.restarts = of_sidecars
        _run(obj, summary)
    return summary


def _initialise(obj: dict[str, Any], sidecars: set[str], summary: _Summary, of_sidecars: _Restarts) -> bool:
    """Go through the init containers up to the first that holds the pod up; whether there is one."""
    planned = len(items(obj, "spec.initContainers"))
    for index, status in enumerate(items(obj, "status.initContainerStatuses")):
        sidecar = text(status, "name") in sidecars
        summary.restarts.add(status)
        if sidecar:
            of_sidecars.add(status)
        terminated = dig(status, "state.terminated")
        if terminated is not None and not number(terminated, "exitCode"):
            continue
        if sidecar and status.get("started") is True:
            summary.ready += status.get("ready") is True
            continue
        summary.reason = "Init:" + _hold_up(status, f"{index}/{planned}")
        return True
    return False


def _hold_up(status: dict[str, Any], progress: str) -> str:
    terminated = dig(status, "state.terminated")
    if terminated is not None:
        return _end_of(terminated)
    waiting = text(status, "state.waiting.reason")
    return waiting if waiting not in {"", "PodInitializing"} else progress


def _end_of(terminated: object) -> str:
    signal = number(terminated, "signal")
    by_number = f"Signal:{signal}" if signal else f"ExitCode:{number(terminated, 'exitCode')}"
    return text(terminated, "reason", by_number)


def _run(obj: dict[str, Any], summary: _Summary) -> None:
    running, failure = False, ""
    for status in reversed(items(obj, "status.containerStatuses")):
        summary.restarts.add(status)
        terminated = dig(status, "state.terminated")
        if text(status, "state.waiting.reason"):
            summary.reason = text(status, "state.waiting.reason")
        elif terminated is not None:
            summary.reason = _end_of(terminated)
            failure = summary.reason if number(terminated, "exitCode") else failure
        elif status.get("ready") is True and dig(status, "state.running") is not None:
            running = True
            summary.ready += 1
    if summary.reason == "Completed":
        summary.reason = _not_quite_completed(running, _true(obj, "Ready"), failure)


def _not_quite_completed(running: bool, ready: bool, failure: str) -> str:
    if running and ready:
        return "Running"
    return failure or ("NotReady" if running else "Completed")
