"""Client-side filters: which objects a view shows; and filters that change.

A bare predicate must depend on the object alone. A filter that may change its mind says when, and for which objects, and
the views on it are told of the adds and deletes that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from fairlead.errors import ClosedError
from fairlead.machinery.selectors import LabelSelector, to_label_selector
from fairlead.store.deltas import Delta

if TYPE_CHECKING:
    from fairlead.client.cached import Cached
    from fairlead.client.client import Client

__all__ = ["ChangingFilter", "DynamicFilter", "FilterChange", "NamespaceFilter"]


class FilterChange:
    """For which objects a filter may answer differently from now on: all, some namespaces, or some keys."""

    __slots__ = ("keys", "namespaces")

    def __init__(self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str] | None = None) -> None:
        self.namespaces: frozenset[str] | None = None if namespaces is None else frozenset(namespaces)
        #: `namespace/name`, or the name of a cluster-scoped object.
        self.keys: frozenset[str] | None = None if keys is None else frozenset(keys)

    @property
    def everything(self) -> bool:
        """Whether any object may be affected."""
        return self.namespaces is None and self.keys is None


@runtime_checkable
class ChangingFilter(Protocol):
    """A predicate with a change signal."""

    @property
    def ready(self) -> bool:
        """Whether the filter knows its answers; until then its views are not synced and show nothing."""
        ...

    def __call__(self, obj: Any, /) -> bool:
        """Whether an object is to be shown."""
        ...

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Call `changed` after every change of mind, on the loop; what is returned ends that."""
        ...


class DynamicFilter:
    """Any predicate whose surroundings may change; call `changed` when they have."""

    def __init__(self, predicate: Callable[[Any], bool], *, ready: bool = True) -> None:
        self._predicate = predicate
        self._ready = ready
        self._subscribers: list[Callable[[FilterChange], None]] = []

    @property
    def ready(self) -> bool:
        """Whether views on this filter may show anything."""
        return self._ready

    def __call__(self, obj: Any, /) -> bool:
        """Ask the predicate."""
        return self._predicate(obj)

    def subscribe(self, changed: Callable[[FilterChange], None], /) -> Callable[[], None]:
        """Hear of changes; what is returned ends that, and may be called twice."""
        self._subscribers.append(changed)

        def unsubscribe() -> None:
            if changed in self._subscribers:
                self._subscribers.remove(changed)

        return unsubscribe

    def changed(self, *, namespaces: Iterable[str] | None = None, keys: Iterable[str] | None = None) -> None:
        """The predicate may answer differently: for everything, or only for these namespaces or keys."""
        self._ready = True
        change = FilterChange(namespaces=namespaces, keys=keys)
        for subscriber in tuple(self._subscribers):
            subscriber(change)


class NamespaceFilter(DynamicFilter):
    """Shows objects of the namespaces that any of some label selectors choose; follows labels as they change.

    Works for Namespace itself, and never hides other cluster-scoped types. Without selectors every namespace is chosen.
    """

    def __init__(self, client: Client, *selectors: str | dict[str, str] | LabelSelector) -> None:
        super().__init__(self._shows, ready=False)
        self._selectors = [to_label_selector(selector) for selector in selectors]
        self._selected: frozenset[str] = frozenset()
        self._namespaces: Cached[Any, Any] = client.cached("v1", "Namespace")
        self._closed = False
        self._namespaces._feed(self)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the feeder's own step calls us

    @property
    def selected(self) -> frozenset[str]:
        """The names of the namespaces chosen now."""
        return self._selected

    def _shows(self, obj: Any) -> bool:
        namespace: str = obj.namespace
        if namespace:
            return namespace in self._selected
        return obj.resource_type.gvk != ("", "v1", "Namespace") or obj.name in self._selected

    def select(self, *selectors: str | dict[str, str] | LabelSelector) -> None:
        """Choose by other selectors from now on. Raises InvalidSelector and changes nothing if one does not parse."""
        if self._closed:
            raise ClosedError("this namespace filter is closed")
        self._selectors = [to_label_selector(selector) for selector in selectors]
        self._choose()

    def tell(self, deltas: Sequence[Delta]) -> None:
        """Namespaces changed; called inside the step of their cache, so that views follow in the same step."""
        del deltas
        if self.ready:
            self._choose()

    def feeder_synced(self) -> None:
        """Every namespace is known."""
        self._selected = self._chosen()
        self.changed()

    def _chosen(self) -> frozenset[str]:
        entries = self._namespaces._entries()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        selectors = self._selectors
        return frozenset(e.name for e in entries if not selectors or any(s.matches(e.labels) for s in selectors))

    def _choose(self) -> None:
        before, self._selected = self._selected, self._chosen()
        turned = before ^ self._selected
        if turned:
            self.changed(namespaces=turned, keys=turned)

    async def close(self) -> None:
        """Stop following namespaces; the last choice stays. Idempotent."""
        if not self._closed:
            self._closed = True
            await self._namespaces.close()
