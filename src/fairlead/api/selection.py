"""Label and field selectors as callers give them, and as they stand in a request."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.machinery.selectors import FieldSelector, LabelSelector, to_field_selector, to_label_selector

__all__ = ["Fields", "Labels", "selector_query"]

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
