"""The CustomResourceDefinition of a user's class, as a manifest to load or to create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.machinery.crd import custom_resource_definition
from fairlead.machinery.objects import Resource

__all__ = ["make_crd"]


def make_crd(cls: type[Resource], *, annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The manifest of the CustomResourceDefinition of `cls`, with a structural schema made from its annotations.

    A part named `status` makes a status subresource. Raises InvalidObject, naming class and field, for a type that has no
    schema.
    """
    document = custom_resource_definition(cls).to_dict()
    if annotations:
        document["metadata"]["annotations"] = dict(annotations)
    return document
