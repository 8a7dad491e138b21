"""Where a reflector gets its objects from: the list and watch of one type, or functions of the user's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

import msgspec

from fairlead.api.discovery import Guess
from fairlead.api.listing import ListPage, decode_list, decode_list_meta
from fairlead.api.watchstream import BrokenLine, Lines, WatchLine, reads
from fairlead.errors import TransportError, from_reply, page_said
from fairlead.informer.salvage import salvage
from fairlead.machinery.names import GroupVersionKind, ResourceType
from fairlead.machinery.rbac import PermissionRecorder
from fairlead.machinery.wire import INITIAL_EVENTS_END, UNREADABLE, ByteStream, PiecewiseStream, Request, StreamResponse
from fairlead.transport.protocol import Transport

__all__ = [
    "PARTIAL_LIST", "ApiSource", "Page", "Selection", "Source", "WatchBatch", "bookmark_of", "read_bookmark", "read_status",
]  # fmt: skip

WatchBatch = Sequence[WatchLine | BrokenLine]

_JSON = "application/json"
_PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
#: Asks for a list of metadata alone.
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
# How a kube-apiserver begins a bookmark's line; another server's is read as all lines are.
_BOOKMARK = b'{"type":"BOOKMARK",'
#: From how many objects on a list that comes as a stream is read by larger pieces: a real server sends each object by itself.
LARGE_LIST = 500


class Page(msgspec.Struct, frozen=True):
    """One page of a list; `next` is the continue token, empty on the last page."""

    items: Sequence[msgspec.Raw]
    version: str
    next: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a type is wanted: a namespace or all, canonical selectors, whole objects or metadata only."""

    # Two ways to name one type (a class, or apiVersion and kind) are one selection: the kind decides.
    resource_type: ResourceType = field(compare=False)
    gvk: GroupVersionKind
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    metadata_only: bool = False

    def __str__(self) -> str:
        parts = [str(self.resource_type)]
        if self.namespace:
            parts.append(f"in {self.namespace}")
        parts.extend(f"[{selector}]" for selector in (self.labels, self.fields) if selector)
        if self.metadata_only:
            parts.append("(metadata)")
        return " ".join(parts)


class Source(Protocol):
    """Lists and watches one selection. Raises ApiError and TransportError."""

    async def list_page(self, token: str, limit: int) -> Page:
        """One page of a consistent list; without a limit, all that there still is."""
        ...

    def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        """Changes since `version`; with `initial`, the list first, as a stream (KEP-3157). Ends at the server's wish.

        The first batch is empty, and says that the server has taken the request: an idle type may have no other for long.
        """
        ...


class ApiSource:
    """The list and watch of an API server."""

    def __init__(
        self,
        transport: Transport,
        selection: Selection,
        resolve: Guess | None = None,
        *,
        permissions: PermissionRecorder | None = None,
    ) -> None:
        self._transport = transport
        # Notes what is asked for; the client's own.
        self._permissions = permissions or PermissionRecorder()
        self._selection = selection
        self._path = selection.resource_type.path(selection.namespace)
        # Finds the resource of a type of which only the kind is known; it may be another when a CRD has come again.
        self._resolve = resolve
        query: list[tuple[str, str]] = []
        if selection.labels:
            query.append(("labelSelector", selection.labels))
        if selection.fields:
            query.append(("fieldSelector", selection.fields))
        self._query = tuple(query)
        #: Asked of what comes of a watch by itself while nothing else is to be done, which mostly is a bookmark; says whether
        #: that has been taken in.
        self.at_rest: Callable[[bytes], bool] | None = None

    async def _located(self) -> None:
        if self._resolve is not None:
            found = await self._resolve()
            # A kind of which only discovery knows that it is cluster-scoped: a namespace does not concern it.
            self._path = found.path(self._selection.namespace if found.namespaced else "")

    def _missed(self, status: int) -> None:
        """A type that is not there may have come again under another name."""
        if status == 404 and self._resolve is not None:
            self._resolve.forget()

    async def list_page(self, token: str, limit: int) -> Page:
        """One page; without a token the list is consistent: no older than any write that was answered before."""
        await self._located()
        query = (*self._query, ("limit", str(limit))) if limit else self._query
        if token:
            query = (*query, ("continue", token))
        accept = PARTIAL_LIST if self._selection.metadata_only else _JSON
        request = Request("GET", self._path, query, {"accept": accept}, timeout=60.0)
        response = await self._transport.request(request)
        self._permissions.note(request, response.status)
        said = f"list {self._selection}"
        if response.status != 200:
            self._missed(response.status)
            raise from_reply(response.status, response.body, said, response.headers.get("retry-after"))
        try:
            document = decode_list(response.body)
        except UNREADABLE as error:
            try:  # one object that cannot be decoded must not keep the others away
                metadata, items = salvage(response.body)
                document = ListPage(decode_list_meta(metadata), items)
            except (ValueError, *UNREADABLE):
                why = page_said(response.body) or f"the server's answer is not a list: {error}"
                raise TransportError(f"{said}: {why}") from error
        meta = document.metadata
        return Page(document.items or (), meta.resourceVersion, meta.next)

    async def watch(self, version: str, *, initial: bool, timeout: float) -> AsyncIterator[WatchBatch]:
        """Open a watch and give its lines as they arrive."""
        await self._located()
        query = [
            *self._query,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", str(int(timeout))),
        ]
        if initial:
            query += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
        if version:
            query.append(("resourceVersion", version))
        accept = _PARTIAL if self._selection.metadata_only else _JSON
        request = Request("GET", self._path, tuple(query), {"accept": accept})
        response = await self._transport.stream(request)
        self._permissions.note(request, response.status)
        try:
            await self._check_watch(response)
            yield ()
            # As `watchstream.lines`, without an iterator around it: at rest these are what a stream costs.
            lines, read = Lines(decoded=True), reads(response.body)  # the store's entries are made by decoding
            # Until the list is complete; from then on each change is wanted as soon as it comes.
            gather = getattr(response.body, "gather", None) if initial else None
            received = 0
            self._rest(response.body, lines)
            while pieces := await read():
                if batch := lines.take(pieces):
                    yield batch
                if gather is not None:
                    received += len(batch)
                    if _completed(batch):
                        gather = None
                    elif received >= LARGE_LIST:
                        await gather()
            if rest := lines.end():
                yield rest
        finally:
            await response.body.aclose()

    async def _check_watch(self, response: StreamResponse) -> None:
        """Raises ApiError, TransportError for what is no watch."""
        page = response.headers.get("content-type", "").startswith("text/html")
        if response.status == 200 and not page:
            return
        said, body = f"watch {self._selection}", b"".join([chunk async for chunk in response.body])
        if response.status == 200:
            raise TransportError(f"{said}: {page_said(body) or 'the answer is a page, no watch'}")
        self._missed(response.status)
        raise from_reply(response.status, body, said, response.headers.get("retry-after"))

    def _rest(self, body: ByteStream, lines: Lines) -> None:
        """Have a stream that can ask about what comes alone do so."""
        take = self.at_rest
        if take is not None and hasattr(body, "at_rest"):
            cast("PiecewiseStream", body).at_rest(lambda piece: lines.between and take(piece))


def _completed(batch: WatchBatch) -> bool:
    """Whether a bookmark is among the lines: of a stream that begins with a list, the first one ends that."""
    return any(type(line) is WatchLine and line.type == "BOOKMARK" for line in batch)


class _BookmarkMeta(msgspec.Struct):
    resourceVersion: str = ""  # noqa: N815 - wire names
    annotations: dict[str, str] | None = None


class _Bookmark(msgspec.Struct):
    metadata: _BookmarkMeta = msgspec.field(default_factory=_BookmarkMeta)


class _BookmarkLine(msgspec.Struct):
    type: Literal["BOOKMARK"]
    object: _Bookmark


_decode_bookmark = msgspec.json.Decoder(_Bookmark).decode
_decode_bookmark_line = msgspec.json.Decoder(_BookmarkLine).decode


def read_bookmark(raw: bytes | msgspec.Raw) -> tuple[str, bool]:
    """A bookmark's resourceVersion, and whether it ends the initial events. Raises TransportError if it is none."""
    try:
        metadata = _decode_bookmark(raw).metadata
    except UNREADABLE as error:
        raise TransportError(f"a bookmark cannot be read: {error}") from error
    return metadata.resourceVersion, (metadata.annotations or {}).get(INITIAL_EVENTS_END) == "true"


def bookmark_of(piece: bytes) -> str:
    """The resourceVersion of the bookmark that is all of what has come; empty if anything else has come, or more."""
    if not piece.startswith(_BOOKMARK) or piece.find(b"\n") != len(piece) - 1:
        return ""
    try:
        return _decode_bookmark_line(piece).object.metadata.resourceVersion
    except UNREADABLE:
        return ""


def read_status(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    """The Status of an ERROR event; empty if it is something else."""
    try:
        document = msgspec.json.decode(raw)
    except UNREADABLE:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}
