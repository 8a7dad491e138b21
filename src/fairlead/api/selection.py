"""Label and field selectors as callers give them, and as they stand in a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from fairlead.machinery.selectors import FieldSelector, LabelSelector, to_field_selector, to_label_selector

__all__ = ["POLL_SECONDS", "Fields", "Labels", "Selected", "selector_query"]

#: kubectl's syntax, equalities, a selector, or None for no condition.
Labels = str | Mapping[str, str] | LabelSelector | None
Fields = str | Mapping[str, str] | FieldSelector | None


def selector_query(labels: Labels, fields: Fields) -> list[tuple[str, str]]:
    """The query parameters of selectors. Raises InvalidSelector."""
    query: list[tuple[str, str]] = []
    if labels is not None and (text := str(to_label_selector(labels))):
        query.append(("labelSelector", text))
    if fields is not None and (text := str(to_field_selector(fields))):
        query.append(("fieldSelector", text))
    return query


#: How often a type is listed again that functions of the user's own serve and that cannot be watched, in seconds.
POLL_SECONDS = 30.0
_LOCAL_FIELDS = ("metadata.name", "metadata.namespace")


class Selected(msgspec.Struct, frozen=True):
    """What a function that lists or watches a type is to give.

    More may be given: what labels, namespace and name rule out is dropped.
    """

    #: Empty for all namespaces.
    namespace: str
    labels: LabelSelector
    #: Other fields than name and namespace are for the function to heed.
    fields: FieldSelector

    def chooses(self, document: Mapping[str, Any]) -> bool:
        """Whether an object is wanted, as far as can be said without the function."""
        metadata: Mapping[str, Any] = document["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        known = {field: str(metadata.get(field.rpartition(".")[2]) or "") for field in _LOCAL_FIELDS}
        fields = (each for each in self.fields.requirements if each.field in known)
        if not all((known[each.field] == each.value) == (each.op == "=") for each in fields):
            return False
        return self.labels.matches(cast("Mapping[str, str]", metadata.get("labels") or {}))
