"""Waiting until caches have what the server has: one consistent list of metadata says what that is."""

from __future__ import annotations

from functools import partial

import msgspec

from fairlead.api.caller import Caller
from fairlead.api.listing import ListPage
from fairlead.client.catalog import Catalog
from fairlead.client.changes import Changes
from fairlead.errors import ApiError
from fairlead.informer.informer import Informer, Latest
from fairlead.informer.source import PARTIAL_LIST, Selection
from fairlead.machinery.names import ResourceType
from fairlead.machinery.wire import Request
from fairlead.store.entry import entry_key, version_number

__all__ = ["Barrier"]


class Barrier:
    """Asks one client's server what its informers should have."""

    def __init__(self, catalog: Catalog, changes: Changes) -> None:
        self._catalog = catalog
        self._changes = changes

    async def latest(self, informer: Informer) -> Latest:
        """What an informer's selection has now; nothing where it may not be read, or is not served."""
        selection = informer.identity.selection
        query = [(k, v) for k, v in (("labelSelector", selection.labels), ("fieldSelector", selection.fields)) if v]
        versions: dict[str, int] = {}
        token, version = "", 0
        try:
            resource_type = await self._resolved(selection.resource_type)
            path = resource_type.path(selection.namespace if resource_type.namespaced else "")
            caller = self._catalog.caller(resource_type)
            while True:
                more = [("limit", "500"), *([("continue", token)] if token else [])]
                page = await _page(caller, path, selection, [*query, *more])
                for item in page.items or ():
                    meta = item.metadata
                    versions[entry_key(meta.name, meta.namespace)] = version_number(meta.resourceVersion)
                version, token = version_number(page.metadata.resourceVersion), page.metadata.next
                if not token:
                    return Latest(version, versions)
        except ApiError as error:
            if error.code in (403, 404):
                return Latest(0, {})
            raise

    async def _resolved(self, resource_type: ResourceType) -> ResourceType:
        resolve = self._catalog.resolver(resource_type)
        return resource_type if resolve is None else await resolve()

    async def caught_up(self, informer: Informer, version: int, key: str | None) -> None:
        """Wait until an informer has seen a version, of an object if there is a `key`.

        An idle watch hears only once a minute how far the server is, so one list says what there is to see.
        """
        reached = partial(_reached, informer, version, key)
        if not reached():
            await self._changes.until(informer.synced.is_set)
            latest = await self.latest(informer)
            await self._changes.until(lambda: reached() or _has(informer, latest))


def _has(informer: Informer, latest: Latest) -> bool:
    return not informer.running or (informer.synced.is_set() and informer.caught_up(latest))


def _reached(informer: Informer, version: int, key: str | None) -> bool:
    if informer.store.progress >= version:
        return True
    entry = informer.store.content.entries.get(key) if key is not None else None
    return entry is not None and entry.version >= version


async def _page(caller: Caller, path: str, selection: Selection, query: list[tuple[str, str]]) -> ListPage[_Item]:
    request = Request("GET", path, tuple(query), {"accept": PARTIAL_LIST}, timeout=30.0)
    response = await caller.call(request, f"settle {selection}", safe=True)
    return _decode(response.body)


class _Meta(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    resourceVersion: str = ""  # noqa: N815 - wire names


class _Item(msgspec.Struct):
    metadata: _Meta


_decode = msgspec.json.Decoder(ListPage[_Item]).decode
