"""Schemas of built-in types and CRDs, and what they do to values: prune, default, validate. What most of the rest asks of the `schema_*` modules."""

from __future__ import annotations

from fairlead.machinery.causes import Cause
from fairlead.machinery.schema_checks import check_structural
from fairlead.machinery.schema_fields import TypeMismatch, apply_defaults, prune, type_errors, unknown_fields
from fairlead.machinery.schema_nodes import Schema
from fairlead.machinery.schema_registry import (
    GroupVersionSchemas,
    Registry,
    ResourceRecord,
    SubresourceRecord,
    builtin,
    from_crd,
    group_versions,
)
from fairlead.machinery.schema_rules import validate

__all__ = [
    "Cause",
    "GroupVersionSchemas",
    "Registry",
    "ResourceRecord",
    "Schema",
    "SubresourceRecord",
    "TypeMismatch",
    "apply_defaults",
    "builtin",
    "check_structural",
    "from_crd",
    "group_versions",
    "prune",
    "type_errors",
    "unknown_fields",
    "validate",
]
