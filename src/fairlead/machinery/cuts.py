"""An object's JSON cut at its top level, and one of its parts decoded in the same pass.

To find where each part ends, all of an object's JSON has to be gone through. The part that is wanted is decoded meanwhile,
so that it is not gone through twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

__all__ = ["cutter"]


def cutter(parts: Mapping[str, tuple[str, Any]]) -> Callable[[bytes], Any]:
    """What cuts an object: `parts` has each part's wire name and type by its attribute; what is to stay JSON is of type Raw.

    The cut has the same attributes; those of absent parts are UNSET. Raises TypeError for a type that cannot be decoded.
    Calling it raises ValidationError where JSON is not of the type.
    """
    fields = [(name, kind, msgspec.field(name=wire, default=msgspec.UNSET)) for name, (wire, kind) in parts.items()]
    return msgspec.json.Decoder(msgspec.defstruct("Cut", fields)).decode
