"""One function per verb: from a request whose target is known to its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fairlead.apiserver import reads, statuses
from fairlead.apiserver.builtin.selectable import check_fields
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.deletes import Deleted, Deleter
from fairlead.apiserver.documents import part
from fairlead.apiserver.patches import Patcher, media_type
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import (
    DeleteOptions,
    ListOptions,
    WriteOptions,
    delete_options,
    parse_version,
    refuse_export,
)
from fairlead.apiserver.router import Target
from fairlead.apiserver.strategies import Strategy
from fairlead.apiserver.wire.answers import Answers, document_response
from fairlead.apiserver.wire.compression import compressed, compressed_stream, wants_gzip
from fairlead.apiserver.wire.negotiation import decode_body, negotiate, require_readable
from fairlead.apiserver.writes import Writer
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Verbs", "read_body"]

#: Bytes that a request's body may have.
LIMIT = 3 * 1024 * 1024
_ORPHANED = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)
_WATCH_HEADERS = {"content-type": "application/json", "cache-control": "no-cache, private"}


class Verbs:
    """Answers the verbs of resources, and those subresources that are whole objects (status, finalize, …)."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.writer: Writer = Writer(cluster)
        self.patcher: Patcher = Patcher(cluster, self.writer)
        self.deleter: Deleter = Deleter(cluster, self.writer.webhooks)
        #: Called before a creation with the resource and the object's name; may raise Refusal.
        self.creation_checks: list[Callable[[ResourceInfo, str], None]] = []
        self._table: dict[str, Callable[[Target, Request], Awaitable[Response | StreamResponse]]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    async def answer(self, target: Target, request: Request) -> Response | StreamResponse:
        """Answer a request. Raises Refusal."""
        answer = await self._table[target.verb](target, request)
        return compressed(request, answer) if isinstance(answer, Response) else answer

    def _answers(self, target: Target, request: Request, *, stream: bool = False) -> Answers:
        accept = request.headers.get("accept", "")
        view = negotiate(accept, target.info, stream=stream, collection=target.verb in {"list", "watch"})
        return Answers(self.cluster, target.info, view, request)

    async def _get(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        refuse_export(request)
        version = dict(reversed(request.query)).get("resourceVersion", "")
        if version not in {"", "0"}:
            await reads.reach(self.cluster, parse_version(version))
        entry = reads.one(self.cluster, target.info, ObjectKey(target.name, target.namespace), old=bool(version))
        if entry is None:
            raise statuses.not_found(target.info.type, target.name)
        return answers.one(self.cluster.data(target.info, entry))

    async def _list(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        options = ListOptions.parse(request, watch=False, sharded=self.cluster.sharded)
        page = await reads.list_page(self.cluster, target.info, target.namespace, target.name, options)
        return answers.page(page)

    async def _watch(self, target: Target, request: Request) -> StreamResponse:
        answers = self._answers(target, request, stream=True)
        options = ListOptions.parse(request, watch=True, sharded=self.cluster.sharded)
        if options.fields is not None:
            check_fields(target.info, options.fields)
            if target.name and options.fields.exact("metadata.name") != target.name:
                raise statuses.bad_request("fieldSelector metadata.name doesn't match requested name")
        watch = self.cluster.watches.open(
            self.cluster.collection(target.info),
            target.info,
            target.namespace,
            options,
            name=target.name,
            render=answers.renderer(),
            dress=answers.dresser(),
            fault=await reads.ahead(self.cluster, options),
        )
        answer = StreamResponse(200, _WATCH_HEADERS, watch)
        return compressed_stream(answer) if options.is_watch_list and wants_gzip(request) else answer

    async def _create(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        require_readable(request.headers.get("content-type", ""))
        options = WriteOptions.parse(request, "CreateOptions")
        duplicates: list[str] | None = [] if options.validation != "Ignore" else None
        document = read_body(request, target.info, duplicates)
        for check in self.creation_checks:
            check(target.info, str(part(document, "metadata").get("name") or ""))
        written = self.writer.create(target.info, target.namespace, document, options, duplicates=duplicates or ())
        return answers.one(written.data, written.code, written.warnings)

    async def _update(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        options = WriteOptions.parse(request, "UpdateOptions")
        duplicates: list[str] | None = [] if options.validation != "Ignore" else None
        document = read_body(request, target.info, duplicates)
        written = self.writer.update(
            target.info,
            ObjectKey(target.name, target.namespace),
            lambda _old: document,
            options,
            subresource=target.subresource,
            duplicates=duplicates or (),
        )
        return answers.one(written.data, written.code, written.warnings)

    async def _patch(self, target: Target, request: Request) -> Response:
        media_type(target.info, request)
        answers = self._answers(target, request)
        _check_size(request)
        key = ObjectKey(target.name, target.namespace)
        written = self.patcher.patch(target.info, key, target.subresource, request)
        return answers.one(written.data, written.code, written.warnings)

    async def _delete(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        options = delete_options(request, _options_body(request))
        strategy = self.writer.strategy(target.info)
        warnings = _orphan_warnings(strategy, options)
        try:
            deleted = self.deleter.delete(strategy, ObjectKey(target.name, target.namespace), options)
        except statuses.Refusal as refusal:
            refusal.warnings.extend(warnings)
            raise
        if deleted.gone and not strategy.returns_deleted:
            return document_response(_success(target.info, deleted), 200, warnings)
        return answers.one(self.cluster.data(target.info, deleted.entry), 200, warnings)

    async def _delete_collection(self, target: Target, request: Request) -> Response:
        answers = self._answers(target, request)
        choice = ListOptions.parse(request, watch=False, sharded=self.cluster.sharded)
        options = delete_options(request, _options_body(request))
        if choice.resource_version not in {"", "0"} and not choice.match:
            choice = msgspec.structs.replace(choice, match="Exact")  # what is to be deleted is read in pages
        page = await reads.list_page(self.cluster, target.info, target.namespace, "", choice)
        for entry in page.entries:
            self._delete_one(target.info, ObjectKey(entry.name, entry.namespace), options)
        return answers.page(page, _orphan_warnings(self.writer.strategy(target.info), options))  # as they were found

    def _delete_one(self, info: ResourceInfo, key: ObjectKey, options: DeleteOptions) -> None:
        try:
            self.deleter.delete(self.writer.strategy(info), key, options)
        except statuses.Refusal as refusal:
            if refusal.reason != "NotFound":
                raise


def _orphan_warnings(strategy: Strategy, options: DeleteOptions) -> list[str]:
    is_job = strategy.orphans and strategy.info.type.group == "batch"
    return [_ORPHANED] if is_job and not options.policy else []


def _check_size(request: Request) -> None:
    if len(request.body) > LIMIT:
        raise statuses.too_large(f"limit is {LIMIT}")


def read_body(request: Request, info: ResourceInfo | None, duplicates: list[str] | None = None) -> dict[str, Any]:
    """The object in a request's body; fields said twice go to `duplicates`. Raises Refusal (400, 413, 415)."""
    _check_size(request)
    return decode_body(request.headers.get("content-type", ""), request.body, info, duplicates)


def _options_body(request: Request) -> dict[str, Any] | None:
    return read_body(request, None) if request.body else None


def _success(info: ResourceInfo, deleted: Deleted) -> dict[str, Any]:
    details = {"name": deleted.entry.name, "group": info.type.group, "kind": info.type.plural, "uid": deleted.entry.uid}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }
