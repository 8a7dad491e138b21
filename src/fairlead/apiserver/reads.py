"""Lists and watches: which version they show, page by page, and in which form.

https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin.selectable import check_fields
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import ListOptions, continue_token, parse_continue, parse_version
from fairlead.apiserver.storage import Entry
from fairlead.machinery.names import ObjectKey

__all__ = ["Page", "list_body", "list_page", "one"]

_encode = msgspec.json.Encoder().encode
#: Seconds that a read waits for a version that is not there yet.
_WAIT_SECONDS = 3.0
_EXPIRED_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
_EXPIRED_VERSION = "The resourceVersion for the provided list is too old."


@dataclass(frozen=True, slots=True)
class Page:
    """A list, or a page of it, with the metadata of the list."""

    entries: list[Entry]
    metadata: dict[str, Any]


async def list_page(cluster: Cluster, info: ResourceInfo, namespace: str, name: str, options: ListOptions) -> Page:
    """What a list asks for. Raises Refusal (400, 410, 504)."""
    if options.fields is not None:
        check_fields(info, options.fields)
    collection = cluster.collection(info)
    version, after, exact = cluster.storage.version, "", False
    if options.token:
        version, after, exact = _from_token(options, version)
    elif options.resource_version:
        asked = parse_version(options.resource_version, listing=True)
        await reach(cluster, asked)
        version, exact = _cached(cluster, info, asked)
        if options.match == "Exact" or (options.limit > 0 and asked and options.match != "NotOlderThan"):
            version, exact = asked, True
    if options.resource_version == "0":
        options = msgspec.structs.replace(options, limit=0)  # the watch cache gives all that it has
    if exact and version < collection.floor:
        raise _expired(options, after)
    # A token's key is that within what is listed: without the namespace, where there is one.
    prefix = f"{namespace}/" if namespace else ""
    start = prefix + after if after else ""
    present = collection.select_at(version, namespace, start) if exact else collection.select(namespace, start)
    return _page(info, present, name, options, version, prefix)


def one(cluster: Cluster, info: ResourceInfo, key: ObjectKey, *, old: bool) -> Entry | None:
    """An object; `old`: it may be as old as the watch cache is."""
    collection = cluster.collection(info)
    if collection.horizon is None or not old:
        return collection.get(key.namespace, key.name)
    past = collection.select_at(collection.horizon, key.namespace)
    return next((entry for entry in past if entry.name == key.name), None)


def _cached(cluster: Cluster, info: ResourceInfo, asked: int) -> tuple[int, bool]:
    """The version that a read gets which may be old, and whether that is the past. Raises Refusal (504)."""
    horizon = cluster.collection(info).horizon
    if horizon is None:
        return cluster.storage.version, False
    if asked > horizon:
        raise _ahead(asked, horizon)
    return horizon, True


def _from_token(options: ListOptions, present: int) -> tuple[int, str, bool]:
    if options.resource_version not in {"", "0"}:
        raise statuses.bad_request("specifying resource version is not allowed when using continue")
    version, after = parse_continue(options.token)
    return (present, after, False) if version < 0 else (version, after, True)


def _expired(options: ListOptions, after: str) -> statuses.Refusal:
    if not options.token:
        return statuses.expired(_EXPIRED_VERSION)
    refusal = statuses.expired(_EXPIRED_PAGE)
    refusal.status["metadata"] = {"continue": continue_token(-1, after)}
    return refusal


def _page(
    info: ResourceInfo,
    present: Iterable[Entry],
    name: str,
    options: ListOptions,
    version: int,
    prefix: str,
) -> Page:
    left = iter(present)
    found = left
    if options.selective or name:
        found = (e for e in left if (not name or e.name == name) and options.matches(e))
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if info.is_custom:
        metadata = {"continue": "", **metadata}
    elif options.shard is not None:
        metadata["shardInfo"] = {"selector": options.shard.text}
    if options.limit <= 0:
        return Page(list(found), metadata)
    entries = list(islice(found, options.limit))
    # A page goes on where anything is left, be it selected or not; what is asked for by its name is looked up.
    sole = name or _is_lookup(info, prefix, options)
    if entries and next(found if sole else left, None) is not None:
        start = entries[-1].key.removeprefix(prefix) + "\x00"
        metadata["continue"] = continue_token(version, start)
        if not options.selective:
            metadata["remainingItemCount"] = 1 + sum(1 for _ in left)
    return Page(entries, metadata)


def _is_lookup(info: ResourceInfo, prefix: str, options: ListOptions) -> bool:
    """Whether the fields asked for say which one object is meant."""
    fields = options.fields
    if fields is None or not fields.exact("metadata.name"):
        return False
    return bool(prefix or not info.type.namespaced or fields.exact("metadata.namespace"))


def list_body(cluster: Cluster, info: ResourceInfo, page: Page) -> bytes:
    """The list as JSON around the objects' own bytes; built-in types leave the type out of each item."""
    head = {"kind": info.list_kind or f"{info.type.kind}List", "apiVersion": info.type.api_version}
    opening = _encode({**head, "metadata": page.metadata})[:-1]
    if cluster.stored_info(info).type.api_version == info.type.api_version:
        items = [entry.data for entry in page.entries]
    else:
        items = [cluster.data(info, entry) for entry in page.entries]
    if not info.is_custom:
        prefix = len(_encode({"kind": info.type.kind, "apiVersion": info.type.api_version}))
        items = [b"{" + item[prefix:] for item in items]
    return b'%b,"items":[%b]}\n' % (opening, b",".join(items))


async def reach(cluster: Cluster, version: int) -> None:
    """Wait for a version that has not been given out yet. Raises Refusal (504) when it does not come soon."""
    if not await cluster.reach(version, _WAIT_SECONDS):
        raise _ahead(version, cluster.storage.version)


async def ahead(cluster: Cluster, options: ListOptions) -> statuses.Refusal | None:
    """Why a watch cannot begin with the objects as they are: not even in a while are they as new as it asks. Raises Refusal (500)."""
    if not options.send_initial or options.resource_version in {"", "-1"}:
        return None
    try:
        await reach(cluster, parse_version(options.resource_version))
    except statuses.Refusal as refusal:
        if refusal.reason != "Timeout":
            raise
        return refusal
    return None


def _ahead(version: int, present: int) -> statuses.Refusal:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return statuses.timeout(f"Too large resource version: {version}, current: {present}", 1, [cause])
