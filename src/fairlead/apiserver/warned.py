"""What the server warns of when it takes an object all the same.

https://kubernetes.io/blog/2020/09/03/warnings/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.apiserver.definitions import definition_warnings
from fairlead.apiserver.documents import listed
from fairlead.apiserver.registry import ResourceInfo
from fairlead.machinery.validation import qualified_name, quote

__all__ = ["Warner", "warner"]

#: The warnings for a new object in place of an old one (None: it is created).
Warner = Callable[[dict[str, Any], dict[str, Any] | None], list[str]]

_STANDARD_FINALIZERS = frozenset({"orphan", "foregroundDeletion", "kubernetes"})


def warner(info: ResourceInfo) -> Warner:
    """The warnings of a type."""
    if info.is_custom:
        return _finalizers
    if (info.type.group, info.type.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition"):
        return definition_warnings
    return _nothing


def _nothing(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    del new, old
    return []


def _finalizers(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    """Finalizers that others might come to write, too."""
    before = listed(old, "metadata", "finalizers")
    found: list[str] = []
    for name in sorted(set(listed(new, "metadata", "finalizers")) - set(before)):
        found += [f"metadata.finalizers: {quote(name)}: {text}" for text in qualified_name(name)]
        if "/" in name or name in _STANDARD_FINALIZERS:
            continue
        path = " including a path (/)" if "." in name else ""
        why = (
            f"prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers"
        )
        found.append(f"metadata.finalizers: {quote(name)}: {why}")
    return found
