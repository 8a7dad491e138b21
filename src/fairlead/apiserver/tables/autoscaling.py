"""The Targets cell of a HorizontalPodAutoscaler: for each metric its present value and the wanted one."""

from __future__ import annotations

from typing import Any

from fairlead.apiserver.tables.cells import items, mapping, shortened, text

__all__ = ["metrics"]


def metrics(obj: dict[str, Any]) -> str:
    """Up to two metrics as `cpu: 10%/80%`; `<none>` when the autoscaler has none."""
    wanted, present = items(obj, "spec.metrics"), items(obj, "status.currentMetrics")
    shown = (_metric(entry, present[index] if index < len(present) else {}) for index, entry in enumerate(wanted))
    return shortened(shown, 2, separator=", ", empty="<none>")


def _metric(wanted: dict[str, Any], present: dict[str, Any]) -> str:
    kind = text(wanted, "type")
    source = kind[:1].lower() + kind[1:]
    if source not in {"external", "pods", "object", "resource", "containerResource"}:
        return "<unknown type>"
    target, current = mapping(wanted, f"{source}.target"), mapping(present, f"{source}.current")
    average = target.get("averageValue")
    if source in {"resource", "containerResource"}:
        name = text(wanted, f"{source}.name")
        if average is not None:
            return f"{name}: {current.get('averageValue', '<unknown>')}/{average}"
        return f"{name}: {_percent(current, '<unknown>')}/{_percent(target, '<auto>')}"
    if average is not None:
        suffix = "" if source == "pods" else " (avg)"
        return f"{current.get('averageValue', '<unknown>')}/{average}{suffix}"
    return f"{current.get('value', '<unknown>')}/{target.get('value', '0')}"


def _percent(value: dict[str, Any], absent: str) -> str:
    percentage = value.get("averageUtilization")
    return absent if percentage is None else f"{percentage}%"
