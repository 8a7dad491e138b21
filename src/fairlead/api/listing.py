"""A list as a server answers it, a page at a time, with its items in the form that a reader wants.

https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

__all__ = ["ListMeta", "ListPage", "decode_list", "decode_list_meta"]

T = TypeVar("T")


class ListMeta(msgspec.Struct):
    """What a page says of its list; `next` is the continue token, empty on the last page."""

    resourceVersion: str = ""  # noqa: N815 - wire names
    next: str = msgspec.field(name="continue", default="")


class ListPage(msgspec.Struct, Generic[T]):
    """One page. A server may write null for no items."""

    metadata: ListMeta = msgspec.field(default_factory=ListMeta)
    items: list[T] | None = None


#: A page whose items stay as they came.
decode_list = msgspec.json.Decoder(ListPage[msgspec.Raw]).decode
decode_list_meta = msgspec.json.Decoder(ListMeta).decode
