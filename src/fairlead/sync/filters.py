"""Filters that change, for synchronous clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from fairlead.client.filters import DynamicFilter as AsyncDynamicFilter
from fairlead.client.filters import FilterChange
from fairlead.client.filters import NamespaceFilter as AsyncNamespaceFilter
from fairlead.machinery.selectors import LabelSelector
from fairlead.sync._generated import Client
from fairlead.sync.portal import Portal, PortalLoop

__all__ = ["DynamicFilter", "NamespaceFilter"]


class DynamicFilter(AsyncDynamicFilter):
    """Any predicate whose surroundings may change; call `changed` when they have, from any thread.

    The predicate runs on the loops of the clients that use it, and must not block.
    """

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Hear of changes, each on the loop that this was called on; what is returned ends that."""
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

        return super().subscribe(hop)


class NamespaceFilter:
    """Shows objects of the namespaces that any of some label selectors choose; follows labels as they change.

    Works for Namespace itself, and never hides other cluster-scoped types. Without selectors every namespace is chosen.
    """

    def __init__(self, client: Client, *selectors: str | dict[str, str] | LabelSelector) -> None:
        self._portal: Portal = client._portal  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the same room's
        engine = client._client  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        self._filter = self._portal.call(AsyncNamespaceFilter, engine, *selectors)

    @property
    def ready(self) -> bool:
        """Whether every namespace is known; until then views on this filter are not synced and show nothing."""
        return self._filter.ready

    def __call__(self, obj: Any, /) -> bool:
        """Whether an object is to be shown."""
        return self._filter(obj)

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Hear of changes, on the loop; what is returned ends that."""
        return self._filter.subscribe(changed)

    @property
    def selected(self) -> frozenset[str]:
        """The names of the namespaces chosen now."""
        return self._filter.selected

    def select(self, *selectors: str | dict[str, str] | LabelSelector) -> None:
        """Choose by other selectors from now on. Raises InvalidSelector and changes nothing if one does not parse."""
        self._portal.call(self._filter.select, *selectors)

    def changed(self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str] | None = None) -> None:
        """Have views ask again: for everything, or only for these namespaces or keys."""
        self._portal.call(self._filter.changed, namespaces=namespaces, keys=keys)

    def close(self) -> None:
        """Stop following namespaces; the last choice stays. Idempotent."""
        self._portal.end(self._filter.close)
