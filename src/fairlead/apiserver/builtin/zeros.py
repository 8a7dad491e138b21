"""Empty objects of built-in types as Go writes them: a bookmark is one, with nothing but its metadata filled in."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from fairlead.apiserver.builtin.canonical import as_written
from fairlead.apiserver.registry import ResourceInfo

__all__ = ["zero_annotations", "zero_fields"]

#: Types whose replicas are a pointer in the API but a number in the server's own form, from which a bookmark is made.
_COUNTED = frozenset({("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet")})
#: A field of the server's own form that has become an annotation.
_ANNOTATIONS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("apps", "DaemonSet"): {"deprecated.daemonset.template.generation": "0"}
}


@functools.cache
def zero_fields(info: ResourceInfo) -> Mapping[str, Any]:
    """The fields of a built-in type, beside its type and metadata, that are written when empty; not to be changed."""
    document: dict[str, Any] = {"metadata": {}}
    as_written(info.schema, document)
    if (info.type.group, info.type.kind) in _COUNTED:
        document["spec"]["replicas"] = 0
    del document["metadata"]
    return document


def zero_annotations(info: ResourceInfo) -> Mapping[str, str]:
    """The annotations that an empty object is written with."""
    return _ANNOTATIONS.get((info.type.group, info.type.kind), {})
