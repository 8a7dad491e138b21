"""From objects to the bytes of an answer, in the form that the client accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import part
from fairlead.apiserver.reads import Page, list_body
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.tables.table import partial, partial_list, table
from fairlead.apiserver.wire.negotiation import YAML, View, check_shape
from fairlead.machinery.wire import Request, Response

__all__ = ["Answers", "as_yaml", "document_response", "refusal_response", "text_response", "warned", "yaml_of"]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_HEADERS = {"content-type": "application/json", "cache-control": "no-cache, private"}


def _response(code: int, body: bytes, view: View | None = None, warnings: Iterable[str] = ()) -> Response:
    headers = dict(_HEADERS)
    if view is not None and view.kind == "yaml":
        headers["content-type"] = "application/yaml"
        body = yaml_of(_decode(body))
    for text in warnings:
        headers = warned(headers, text)
    return Response(code, headers, body if body.endswith(b"\n") else body + b"\n")


def warned(headers: Mapping[str, str], text: str, *, first: bool = False) -> dict[str, str]:
    """The headers with one more warning for the client (RFC 7234, 5.5), after the others or before them."""
    warning, others = f"299 - {statuses.quoted(text)}", headers.get("warning")
    both = (warning, others) if first else (others, warning)
    return {**headers, "warning": ", ".join(filter(None, both))}


def yaml_of(document: object) -> bytes:
    """A document as YAML, as API servers write it."""
    from fairlead.machinery.yaml import writing  # noqa: PLC0415 - PyYAML is loaded by those who use it

    return writing.dump_as_server(document).encode()


def as_yaml(response: Response) -> Response:
    """A JSON answer as YAML; any other as it is."""
    if response.headers.get("content-type") != _HEADERS["content-type"] or "content-encoding" in response.headers:
        return response
    headers = {**response.headers, "content-type": YAML}
    return Response(response.status, headers, yaml_of(_decode(response.body)))


def document_response(document: Mapping[str, Any], code: int = 200, warnings: Iterable[str] = ()) -> Response:
    """A document that is no stored object, as JSON."""
    return _response(code, _encode(document), None, warnings)


def refusal_response(refusal: statuses.Refusal) -> Response:
    """The answer to a refused request."""
    response = document_response(refusal.status, refusal.code, refusal.warnings)
    seconds = part(refusal.status, "details").get("retryAfterSeconds")
    if seconds:
        return Response(response.status, {**response.headers, "retry-after": str(seconds)}, response.body)
    return response


def text_response(code: int, text: str) -> Response:
    """A plain-text answer, as for paths that are not served."""
    headers = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
    return Response(code, {**headers, "cache-control": "no-cache, private"}, text.encode())


class Answers:
    """Writes objects and lists in one form, for one request."""

    def __init__(self, cluster: Cluster, info: ResourceInfo, view: View, request: Request) -> None:
        self._cluster = cluster
        self._info = info
        self._view = view
        self._query = request.query
        self._headers = True

    def one(self, data: bytes, code: int = 200, warnings: Iterable[str] = ()) -> Response:
        """One object."""
        check_shape(self._view, self._info, is_list=False)
        if self._view.kind in {"table", "partial"}:
            data = _encode(self._dressed(_decode(data)))
        return _response(code, data, self._view, warnings)

    def page(self, page: Page, warnings: Iterable[str] = ()) -> Response:
        """A list or a page of one."""
        check_shape(self._view, self._info, is_list=True)
        match self._view.kind:
            case "table":
                return _response(200, _encode(self._table(self._documents(page), page.metadata)), None, warnings)
            case "partial-list" | "partial":
                found = partial_list(self._documents(page), page.metadata, version=self._view.version)
                return _response(200, _encode(found), None, warnings)
            case _:
                return _response(200, list_body(self._cluster, self._info, page), self._view, warnings)

    def _documents(self, page: Page) -> list[dict[str, Any]]:
        return [self._cluster.read(self._info, entry) for entry in page.entries]

    def renderer(self) -> Callable[[Entry], bytes] | None:
        """How a watch writes an object; None: its stored bytes are what is wanted."""
        if self._view.kind in {"table", "partial", "partial-list"}:
            return lambda entry: _encode(self._dressed(self._cluster.read(self._info, entry)))
        stored = self._cluster.stored_info(self._info).type
        if stored.api_version == self._info.type.api_version:
            return None
        return lambda entry: self._cluster.data(self._info, entry)

    def dresser(self) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
        """How a watch writes a bookmark; None: plainly."""
        match self._view.kind:
            case "partial" | "partial-list":
                return lambda document: partial(document, version=self._view.version)
            case "table":
                return self._dressed
            case _:
                return None

    def _dressed(self, document: dict[str, Any]) -> dict[str, Any]:
        if self._view.kind == "table":
            return self._table([document], document.get("metadata") or {})
        return partial(document, version=self._view.version)

    def _table(self, documents: list[dict[str, Any]], metadata: Mapping[str, Any]) -> dict[str, Any]:
        headers, self._headers = self._headers, False
        return table(
            self._info,
            documents,
            now=self._cluster.now(),
            metadata=metadata,
            include_object=dict(reversed(self._query)).get("includeObject", ""),
            headers=headers,
            version=self._view.version,
        )
