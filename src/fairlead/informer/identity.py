"""What makes two requests for a cache the same: they then share one watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.informer.source import Selection
from fairlead.machinery.objects import Resource

__all__ = ["Identity"]


class Identity(msgspec.Struct, frozen=True):
    """Type, projection, namespace, canonical selectors and transform. Transforms are compared with `==`."""

    selection: Selection
    transform: Callable[[Any], Any] | None = None
    #: What a transform is given: the class that was asked for; None for dynamic objects, and without a transform.
    transforms: type[Resource] | None = None
    keep_managed_fields: bool = False
    #: A predicate on the CRD, for `delayed(T, when=...)`. That a type may be absent is no matter of identity.
    when: Callable[[Any], bool] | None = None

    def __str__(self) -> str:
        return str(self.selection)
