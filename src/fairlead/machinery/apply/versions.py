"""One object's type in all the versions that its owners wrote in: server-side apply asks each owner in its own.

Behaviour of structured-merge-diff v6 (`merge.Updater`) and of the API server's version converter. https://kep.k8s.io/555
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from fairlead.machinery.apply.fieldsets import Element, FieldSet
from fairlead.machinery.apply.types import Form, MergeType
from fairlead.machinery.apply.walks import config_faults
from fairlead.machinery.schema.nodes import Schema

__all__ = ["Convert", "NotConverted", "VersionGone", "Versions", "faults_text", "reconciled"]

#: Gives an object in another version of its type, with that version's schema. Raises VersionGone, NotConverted.
Convert: TypeAlias = "Callable[[Mapping[str, Any], str], tuple[Schema, Mapping[str, Any]]]"


class VersionGone(Exception):
    """Nobody knows this version any more: what is owned in it is forgotten."""


class NotConverted(ValueError):
    """An object has no form in a version that somebody owns fields in; the text is the API server's."""

    def during(self, step: str) -> NotConverted:
        """The same, told with the step that it happened in."""
        return NotConverted(f"{step}: {self}")


@dataclass(frozen=True, slots=True)
class Versions:
    """The type in the version of a request, and what knows the others; without `convert` all versions are the same."""

    type: MergeType
    api_version: str
    convert: Convert | None = None

    def at(self, value: Mapping[str, Any], api_version: str) -> tuple[MergeType, Mapping[str, Any]]:
        """The object in a version, and its type there. Raises VersionGone, NotConverted."""
        present = value.get("apiVersion") or self.api_version
        if self.convert is None or present == api_version == self.api_version:
            return self.type, value
        schema, converted = self.convert(value, api_version)
        merge_type = MergeType.of(schema)
        if present != api_version and schema.structural and (text := faults_text(merge_type, converted)):
            raise NotConverted(text)
        return merge_type, converted

    def reconciled(self, live: Mapping[str, Any], fields: FieldSet, api_version: str) -> FieldSet:
        """What is owned, in the terms of the present schema. Raises VersionGone, NotConverted."""
        if self.convert is None or (api_version == self.api_version and not _may_change(self.type)):
            return fields
        merge_type, _ = self.at(live, api_version)
        return reconciled(merge_type, fields) if _may_change(merge_type) else fields


def _may_change(merge_type: MergeType) -> bool:
    """Schemas of built-in types stay what they are."""
    return merge_type.schema is not None and merge_type.schema.structural


def faults_text(merge_type: MergeType, value: object) -> str:
    """What there is to say against a value of this type; empty: nothing."""
    faults = sorted(map(str, config_faults(merge_type, value)))
    return "".join(faults) if len(faults) < 2 else "\n  ".join(["errors:", *faults])


def reconciled(merge_type: MergeType, fields: FieldSet) -> FieldSet:
    """Where something became atomic since, its owner owns it as a whole and nothing below it; the same set where nothing did."""
    members, children = set(fields.members), dict(fields.children)
    for element, child in fields.children.items():
        below = _type_at(merge_type, element)
        if below is None or below.forms[0] is Form.SCALAR:
            continue
        if below.atomic(below.forms[0]):
            members.add(element)
            del children[element]
        else:
            children[element] = reconciled(below, child)
    same = len(children) == len(fields.children) and all(children[e] is child for e, child in fields.children.items())
    return fields if same else FieldSet(frozenset(members), children)


def _type_at(merge_type: MergeType, element: Element) -> MergeType | None:
    """The type of what an element of a path leads to; None where the schema knows no such place."""
    rank, name = element
    if rank == 0:
        return merge_type.field(name) if merge_type.knows(name) else None
    return merge_type.item()
