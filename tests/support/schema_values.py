"""Values for tests by their schemas: mostly what a schema allows, with nulls, empty values and wrong ones among it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import builtin

__all__ = ["FREE", "KINDS", "builtin_schema", "objects", "values"]

#: Built-in kinds that together have most of what schemas can say.
KINDS = [
    ("", "v1", "Pod"),
    ("", "v1", "ConfigMap"),
    ("", "v1", "Service"),
    ("", "v1", "Node"),
    ("", "v1", "PersistentVolumeClaim"),
    ("apps", "v1", "Deployment"),
    ("batch", "v1", "CronJob"),
    ("coordination.k8s.io", "v1", "Lease"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
]
_TEXTS = {
    "date-time": ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000001Z", "2026-01-02T05:04:05+02:00", "", "soon"],
    "quantity": ["1", "0.5", "1000m", "1Gi", "", "much"],
}


def builtin_schema(kind: tuple[str, str, str]) -> Schema:
    """The schema of a built-in kind."""
    found = builtin(*kind[:2])
    assert found is not None
    return found.schema(kind[2])


FREE = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def values(draw: st.DrawFn, schema: Schema, depth: int = 0) -> Any:
    """Mostly what the schema allows, with nulls and empty values among it; now and then something else."""
    odd = draw(st.integers(0, 40))
    if odd == 0:
        return draw(FREE)
    if odd == 1:
        return None
    if schema.has_default and draw(st.booleans()):
        return schema.default
    match schema.type:
        case "object":
            return draw(objects(schema, depth))
        case "array" if schema.items is not None:
            return draw(st.lists(values(schema.items, depth + 1), max_size=0 if depth > 6 else 2))
        case "integer" | "number":
            return draw(st.sampled_from([0, 1, 2, 2**31, 2**63, 1.0, 1.5]) if odd == 2 else st.integers(0, 2))
        case "boolean":
            return draw(st.booleans())
        case "string":
            return draw(st.sampled_from(_TEXTS.get(schema.format or "", ["", "a", "b", "TCP"])))
        case _:
            return draw(FREE)


@st.composite
def objects(draw: st.DrawFn, schema: Schema, depth: int) -> dict[str, Any]:
    names = sorted(schema.properties)
    # Keys of lists are mostly there.
    chosen = draw(st.lists(st.sampled_from(names), max_size=4 if depth < 6 else 0, unique=True)) if names else []
    for name in ("name", "spec", "template", "containers", "ports", "containerPort", "protocol", "metadata"):
        if name in names and draw(st.booleans()):
            chosen.append(name)
    found = {name: draw(values(schema.properties[name], depth + 1)) for name in dict.fromkeys(chosen)}
    entries = schema.additional_properties
    if isinstance(entries, Schema):
        found |= draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), values(entries, depth + 1), max_size=2))
    elif schema.keeps_unknown:
        found |= draw(st.dictionaries(st.sampled_from("xy"), FREE, max_size=2))
    return found
