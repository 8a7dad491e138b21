"""Labels of nodes that have newer names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children, items_of
from fairlead.machinery.validation import label_value

__all__ = ["old_label", "old_labels_in_selector", "old_labels_in_terms"]

_LABELS: Mapping[str, str] = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}


def old_label(name: str) -> str:
    """What is said of the label; empty where it is not old."""
    return _LABELS.get(name, "")


def old_labels_in_terms(term: Document, path: str, *, values: bool = False) -> Iterator[str]:
    """Old labels in one term of a node selector; with `values` also values that no label can have."""
    for place, expression in children(term, path, "matchExpressions"):
        key = expression.get("key") or ""
        if old_label(key):
            yield f"{place}.key: {key} is {old_label(key)}"
        for index, value in enumerate(items_of(expression, "values") if values else ()):
            for text in label_value(str(value)):
                yield f"{place}.values[{index}]: {value} is invalid, {text}"


def old_labels_in_selector(selector: Document, path: str) -> Iterator[str]:
    """Old labels in a label selector for nodes."""
    yield from old_labels_in_terms(selector, path)
    for label in part(selector, "matchLabels"):
        if old_label(label):
            yield f"{path}.matchLabels.{label}: {old_label(label)}"
