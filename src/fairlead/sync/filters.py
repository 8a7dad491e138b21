"""Filters that change, for synchronous clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fairlead.client.filters import DynamicFilter as AsyncDynamicFilter
from fairlead.client.filters import FilterChange, feeding_views
from fairlead.client.filters import NamespaceFilter as AsyncNamespaceFilter
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.selectors import LabelSelector
from fairlead.sync._generated import Cached, Client
from fairlead.sync.handlers import FromAnyThread
from fairlead.sync.life import engine_of, portal_of, view_ways
from fairlead.sync.portal import Portal, PortalLoop

__all__ = ["DynamicFilter", "NamespaceFilter"]

Hear = Callable[[FilterChange], None]


class DynamicFilter(FromAnyThread, AsyncDynamicFilter):
    """Any predicate whose surroundings may change; call `changed` when they have, from any thread.

    The predicate runs on the loops of the clients that use it, and must not block. For `fed_by`, `keys` and `namespaces`,
    and for `&`, `|` and `~`, see `fairlead.DynamicFilter`.
    """

    def __init__(
        self,
        predicate: Callable[[Any], bool],
        *,
        ready: bool = True,
        fed_by: Cached[Any, Any] | Iterable[Cached[Any, Any]] = (),
        keys: Callable[[Any], Iterable[str | ObjectKey]] | None = None,
        namespaces: Callable[[Any], Iterable[str]] | None = None,
    ) -> None:
        super().__init__(predicate, ready=ready, keys=keys, namespaces=namespaces)
        for view in feeding_views(fed_by):
            self.follow(view)

    def follow(self, view: Cached[Any, Any]) -> None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - the synchronous view
        """Change with a view from now on. Raises ValueError if the view is filtered by this filter, directly or not."""
        portal, engine = view_ways(view)
        portal.call(super().follow, engine)

    def subscribe(self, changed: Hear, /) -> Callable[[], None]:
        """Hear of changes, each on the loop that this was called on; what is returned ends that."""
        return super().subscribe(_on_its_loop(changed))


class NamespaceFilter(FromAnyThread, AsyncNamespaceFilter):
    """Shows objects of the namespaces that any of some label selectors choose; follows labels as they change.

    Works for Namespace itself, and never hides other cluster-scoped types. Without selectors every namespace is chosen.
    Combines with `&`, `|` and `~`, also with bare predicates.
    """

    def __init__(self, client: Client, *selectors: str | Mapping[str, str] | LabelSelector) -> None:
        self._portal: Portal = portal_of(client)
        self._portal.call(super().__init__, engine_of(client), *selectors)

    def subscribe(self, changed: Hear, /) -> Callable[[], None]:
        """Hear of changes, each on the loop that this was called on; what is returned ends that."""
        return super().subscribe(_on_its_loop(changed))

    def select(self, *selectors: str | Mapping[str, str] | LabelSelector) -> None:
        """Choose by other selectors from now on. Raises InvalidSelector and changes nothing if one does not parse."""
        self._portal.call(super().select, *selectors)

    def changed(
        self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str | ObjectKey] | None = None
    ) -> None:
        """Have views ask again: for everything, or only for these namespaces or keys."""
        self._portal.call(super().changed, namespaces=namespaces, keys=keys)

    def close(self) -> None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] - without await
        """Stop following namespaces; the last choice stays. Idempotent."""
        self._portal.end(super().close)


def _on_its_loop(changed: Hear) -> Hear:
    """Have a subscriber told on the loop that runs now, wherever the change comes from."""
    loop = asyncio.get_running_loop()

    async def tell(change: FilterChange) -> None:
        changed(change)

    def hop(change: FilterChange) -> None:
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is loop:
            changed(change)
        elif not loop.is_closed():
            told = asyncio.run_coroutine_threadsafe(tell(change), loop)
            # One portal's loop never waits for another: two that do so for each other would stand still.
            if not isinstance(here, PortalLoop):
                told.result()

    return hop
