"""Finalizers: an object goes only when what belongs to it outside of its reach has been cleaned up.

https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from fairlead.api.verbs import retry_on_conflict
from fairlead.client.cached import Cached
from fairlead.client.kinship import check_kin
from fairlead.errors import NotFound
from fairlead.machinery.objects import Resource
from fairlead.machinery.validation import qualified_name

__all__ = ["Finalizer"]

R = TypeVar("R", bound=Resource)


class Finalizer(Generic[R]):
    """Keeps one finalizer on the objects of a view, and runs `clean_up` when one of them is being deleted.

    ```python
    async def reconcile(self, key: ObjectKey) -> None:
        site = self.websites.get(*key)
        if site is not None and (site := await self.finalizer.hold(site)) is not None:
            ...  # the finalizer is on it: whatever is made from here on will be cleaned up
    ```
    `name` is a qualified name, such as `example.com/cleanup`. `clean_up` may be called more than once for an object, and with
    nothing left to do. While it raises, the object stays: the reconcile fails with it, and is tried again. Raises ValueError
    for a name that servers refuse, and InvalidObject for a view of `fairlead.sync`.
    """

    def __init__(self, view: Cached[R, Any], name: str, clean_up: Callable[[R], Awaitable[object]]) -> None:
        check_kin(view, Cached, "fairlead.controller.Finalizer")
        wrong = qualified_name(name) or ([] if "/" in name else ["it needs a prefix, such as example.com/"])
        if wrong:
            raise ValueError(f"finalizer {name!r}: {'; '.join(wrong)}")
        self.name = name
        self._view = view
        self._clean_up = clean_up

    async def hold(self, obj: R) -> R | None:
        """The object with the finalizer on it; None if it is going or gone, after cleaning up where that is due.

        Writes only what is missing, and only onto this life of the object. Raises what the server refuses, or `clean_up`
        raises.
        """
        if obj.metadata.deletion_timestamp is None:
            return obj if self.name in obj.metadata.finalizers else await self._with(obj)
        if self.name in obj.metadata.finalizers:
            await self._clean_up(obj)
            await self._without(obj)
        return None

    async def _with(self, obj: R) -> R | None:
        def added(live: R) -> list[str] | None:
            going = live.metadata.deletion_timestamp is not None
            return None if going or self.name in live.metadata.finalizers else [*live.metadata.finalizers, self.name]

        live = await self._change(obj, added)
        return live if live is not None and live.metadata.deletion_timestamp is None else None

    async def _without(self, obj: R) -> None:
        def removed(live: R) -> list[str] | None:
            names = live.metadata.finalizers
            return [name for name in names if name != self.name] if self.name in names else None

        await self._change(obj, removed)

    async def _change(self, obj: R, change: Callable[[R], list[str] | None]) -> R | None:
        """Have the finalizers be what `change` says, which is None for as they are; None if this life of it is over."""
        current: R | None = obj

        async def attempt() -> R | None:
            nonlocal current
            # What a cache had may be old; after a conflict, or a start from there, only the server's word counts.
            live = current if current is not None else await self._view.live(obj.name, obj.namespace or None)
            current = None
            if live.uid != obj.uid:
                return None
            names = change(live)
            if names is None:
                return live
            merge = {"metadata": {"resourceVersion": live.resource_version, "finalizers": names}}
            return await self._view.patch(live.name, live.namespace or None, merge=merge)

        try:
            return await retry_on_conflict(attempt)
        except NotFound:
            return None
