"""HorizontalPodAutoscalers in autoscaling/v1, which keeps what it has no fields for in annotations."""

from __future__ import annotations

import json
from typing import Any

from fairlead.apiserver.documents import Document, part, parts

__all__ = ["to_v1", "to_v2", "usual_metrics"]

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS, _BEHAVIOR, _CONDITIONS = f"{_PREFIX}metrics", f"{_PREFIX}behavior", f"{_PREFIX}conditions"
_CURRENT = f"{_PREFIX}current-metrics"
_V1_STATUS = frozenset({"observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"})
#: Kind of metric → field of v2, and that of its metric's name and selector in v1.
_NAMED = {"Pods": ("pods", "selector"), "External": ("external", "metricSelector"), "Object": ("object", "selector")}

_SOURCES = ("object", "pods", "resource", "containerResource", "external")


def to_v1(document: Document) -> Document:
    """A v2 object's form in v1."""
    spec = dict(part(document, "spec"))
    others: list[Document] = []
    for metric in spec.pop("metrics", None) or ():
        target = part(metric, "resource", "target")
        if part(metric, "resource").get("name") == "cpu" and "averageUtilization" in target:
            spec["targetCPUUtilizationPercentage"] = target["averageUtilization"]
        else:
            others.append(metric)
    notes: dict[str, str] = {}
    if others:
        notes[_METRICS] = _json([_old_metric(metric) for metric in others])
    behavior = spec.pop("behavior", None)
    if behavior is not None:
        notes[_BEHAVIOR] = _json({name: _old_rules(behavior.get(field)) for name, field in _DIRECTIONS})
    status = {name: item for name, item in part(document, "status").items() if name in _V1_STATUS}
    conditions = parts(document, "status", "conditions")
    if conditions:
        notes[_CONDITIONS] = _json([_in_order(each) for each in conditions])
    present = parts(document, "status", "currentMetrics")
    if present:
        notes[_CURRENT] = _json([_old_current(metric) for metric in present])
    for metric in present:
        current = part(metric, "resource", "current")
        if part(metric, "resource").get("name") == "cpu" and "averageUtilization" in current:
            status["currentCPUUtilizationPercentage"] = current["averageUtilization"]
    metadata = dict(part(document, "metadata"))
    if notes:
        metadata["annotations"] = {**part(metadata, "annotations"), **notes}
    return {
        **document,
        "metadata": metadata,
        "spec": spec,
        "status": {"currentReplicas": 0, "desiredReplicas": 0, **status},
    }


def to_v2(document: Document) -> Document:
    """A v1 object's form in v2."""
    spec, metadata = dict(part(document, "spec")), dict(part(document, "metadata"))
    annotations = dict(part(metadata, "annotations"))
    metrics = [_new_metric(metric) for metric in _read(annotations, _METRICS, list)]
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        metrics.append(_utilization(target))
    spec["metrics"] = metrics or usual_metrics()
    behavior = _read(annotations, _BEHAVIOR, dict)
    if any(behavior.get(name) for name, _ in _DIRECTIONS):
        spec["behavior"] = {field: _new_rules(behavior.get(name)) for name, field in _DIRECTIONS if behavior.get(name)}
    status = {name: item for name, item in part(document, "status").items() if (name, item) != ("currentReplicas", 0)}
    used = status.pop("currentCPUUtilizationPercentage", None)
    present = [_new_current(metric) for metric in _read(annotations, _CURRENT, list)]
    if not present and used is not None:
        present = [_cpu("current", {"averageUtilization": used})]
    if present:
        status["currentMetrics"] = present
    conditions = _read(annotations, _CONDITIONS, list)
    if conditions:
        status["conditions"] = conditions
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    return {**document, "metadata": metadata, "spec": spec, "status": {"currentMetrics": None, **status}}


#: Percentage of the requested CPU that is aimed at where no metric is stated.
_USUAL = 80


def usual_metrics() -> list[Document]:
    """What an autoscaler aims at that states no metric."""
    return [_utilization(_USUAL)]


def _utilization(percentage: object) -> Document:
    return _cpu("target", {"type": "Utilization", "averageUtilization": percentage})


def _cpu(role: str, values: Document) -> Document:
    return {"type": "Resource", "resource": {"name": "cpu", role: values}}


def _field_of(kind: str) -> str:
    """The field that holds a metric of this kind."""
    return _NAMED[kind][0] if kind in _NAMED else kind[:1].lower() + kind[1:]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _read(annotations: dict[str, Any], name: str, kind: type[Any]) -> Any:
    """What an annotation says, which is taken out; empty where it says nothing that can be read."""
    text = annotations.pop(name, None)
    try:
        found = json.loads(text) if text else None
    except (ValueError, TypeError):
        found = None
    return found if isinstance(found, kind) else kind()


def _in_order(condition: Document) -> Document:
    names = ("type", "status", "lastTransitionTime", "reason", "message")
    shown: Document = {"lastTransitionTime": None, **condition}
    return {name: shown[name] for name in names if name in shown}


def _filled(**fields: Any) -> Document:
    return {name: item for name, item in fields.items() if item is not None}


def _old_metric(metric: Document) -> Document:
    kind = str(metric.get("type"))
    if kind in _NAMED:
        field, selector = _NAMED[kind]
        found = part(metric, field)
        target, name = part(found, "target"), part(found, "metric")
        shown = _filled(
            target=found.get("describedObject"),
            metricName=name.get("name"),
            **{selector: name.get("selector")},
            targetValue=target.get("value"),
            **{"averageValue" if kind == "Object" else "targetAverageValue": target.get("averageValue")},
        )
        return {"type": kind, field: shown}
    field = kind[:1].lower() + kind[1:]
    found = part(metric, field)
    target = part(found, "target")
    shown = _filled(
        name=found.get("name"),
        targetAverageUtilization=target.get("averageUtilization"),
        targetAverageValue=target.get("averageValue"),
        container=found.get("container"),
    )
    return {"type": kind, field: shown}


def _new_metric(metric: Document) -> Document:
    kind = str(metric.get("type"))
    fields = [field for field in _SOURCES if isinstance(metric.get(field), dict)]
    return {"type": kind, **{field: _new_source(field, part(metric, field)) for field in fields}}


def _new_source(field: str, found: Document) -> Document:
    average = found.get("averageValue") or found.get("targetAverageValue")
    utilization, value = found.get("targetAverageUtilization"), found.get("targetValue")
    target = "Utilization" if utilization is not None else "AverageValue" if average is not None else "Value"
    selector = found.get("selector") or found.get("metricSelector")
    is_named = any(field == each for each, _ in _NAMED.values())
    return _filled(
        describedObject=found.get("target"),
        metric=_filled(name=found.get("metricName"), selector=selector) if is_named else None,
        name=found.get("name"),
        container=found.get("container"),
        target=_filled(type=target, averageUtilization=utilization, averageValue=average, value=value),
    )


def _old_current(metric: Document) -> Document:
    kind = str(metric.get("type"))
    field = _field_of(kind)
    found = part(metric, field)
    current, name = part(found, "current"), part(found, "metric")
    if kind not in _NAMED:
        shown = _filled(
            name=found.get("name"),
            currentAverageUtilization=current.get("averageUtilization"),
            currentAverageValue=current.get("averageValue", "0"),
            container=found.get("container"),
        )
        return {"type": kind, field: shown}
    average = "averageValue" if kind == "Object" else "currentAverageValue"
    shown = _filled(
        target=found.get("describedObject"),
        metricName=name.get("name"),
        **{_NAMED[kind][1]: name.get("selector")},
        currentValue=None if kind == "Pods" else current.get("value", "0"),
        **{average: current.get("averageValue", "0" if kind == "Pods" else None)},
    )
    return {"type": kind, field: shown}


def _new_current(metric: Document) -> Document:
    kind = str(metric.get("type"))
    field = _field_of(kind)
    found = part(metric, field)
    selector = found.get("selector") or found.get("metricSelector")
    shown = _filled(
        describedObject=found.get("target"),
        metric=_filled(name=found.get("metricName"), selector=selector) if kind in _NAMED else None,
        name=found.get("name"),
        container=found.get("container"),
        current=_filled(
            value=found.get("currentValue"),
            averageValue=found.get("averageValue") or found.get("currentAverageValue"),
            averageUtilization=found.get("currentAverageUtilization"),
        ),
    )
    return {"type": kind, field: shown}


#: Behaviour is written down as the server's own structs print it.
_DIRECTIONS = (("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown"))
_RULES = (
    ("StabilizationWindowSeconds", "stabilizationWindowSeconds"),
    ("SelectPolicy", "selectPolicy"),
    ("Policies", "policies"),
    ("Tolerance", "tolerance"),
)
_POLICY = (("Type", "type"), ("Value", "value"), ("PeriodSeconds", "periodSeconds"))


def _old_rules(rules: Document | None) -> Document | None:
    if rules is None:
        return None
    shown: Document = {name: rules.get(field) for name, field in _RULES}
    policies = [{name: policy.get(field) for name, field in _POLICY} for policy in parts(rules, "policies")]
    return {**shown, "Policies": policies or None}


def _new_rules(rules: Any) -> Document:
    found: Document = {field: rules.get(name) for name, field in _RULES if rules.get(name) is not None}
    policies = [{field: policy.get(name) for name, field in _POLICY} for policy in parts(rules, "Policies")]
    return {**found, "policies": policies} if policies else found
