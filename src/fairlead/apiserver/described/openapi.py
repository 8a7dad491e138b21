"""The OpenAPI endpoints: `/openapi/v3` (index and a document for each group version) and `/openapi/v2`.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from fairlead.apiserver.described import gnostic
from fairlead.apiserver.described.discovery import VERSION
from fairlead.apiserver.described.openapi_dialects import OPENAPI_V2, OPENAPI_V3
from fairlead.apiserver.described.openapi_paths import group_version_parts
from fairlead.apiserver.described.openapi_roots import root_keys, root_parts
from fairlead.apiserver.registry import Registry, ResourceInfo
from fairlead.apiserver.wire.negotiation import JSON, clauses
from fairlead.machinery.names import split_api_version
from fairlead.machinery.wire import Request, Response

__all__ = ["respond"]

_V2, _V3 = "/openapi/v2", "/openapi/v3"
_TITLE = {"title": "Kubernetes", "version": f"{VERSION['major']}.{VERSION['minor']}"}
#: Custom types are described by a server of their own within the server.
_CUSTOM_TITLE = {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}
_BEARER = {"BearerToken": {"type": "apiKey", "name": "authorization", "in": "header"}}
_UNKEPT = {"cache-control": "no-cache, private"}
_V2_FORMS = {
    **dict.fromkeys((JSON, "application/*", "*/*"), JSON),
    **dict.fromkeys((gnostic.MEDIA_TYPE, gnostic.OLD_MEDIA_TYPE), gnostic.MEDIA_TYPE),
}
_JSON_TYPES = frozenset({JSON, "application/*", "*/*"})


def respond(request: Request, registry: Registry) -> Response | None:
    """The answer, if the request is for an OpenAPI document; else None.

    Those of the third version are given as JSON only: a client that takes none is refused (406).
    """
    path = request.path
    if path == _V3:
        return _index(registry)
    if path == _V2:
        return _v2(request, registry)
    if not path.startswith(f"{_V3}/"):
        return None
    return _document(request, registry, path.removeprefix(f"{_V3}/")) or Response(404, _UNKEPT, b"")


def _key(group: str, version: str) -> str:
    """A group version as it stands in the index: `api/v1`, `apis/apps/v1`."""
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _index(registry: Registry) -> Response:
    hashes = {_key(*pair): _hash(registry, *pair) for pair in registry.group_versions()}
    hashes |= {key: _root_hash(key) for key in _roots(registry)}
    paths = {key: {"serverRelativeURL": f"{_V3}/{key}?hash={hashes[key]}"} for key in sorted(hashes)}
    headers = {"content-type": "text/plain; charset=utf-8", **_UNKEPT}
    return Response(200, headers, _dump({"paths": paths}))


def _roots(registry: Registry) -> list[str]:
    return root_keys(dict.fromkeys(group for group, _ in registry.builtin_group_versions))


def _document(request: Request, registry: Registry, key: str) -> Response | None:
    if key in _roots(registry):
        return _given(request, key, _root_hash(key), lambda: _root_v3(key))
    prefix, _, api_version = key.partition("/")
    group, version = split_api_version(api_version)
    infos = registry.resources(group, version)
    if prefix != ("apis" if group else "api") or not infos:
        return None
    return _given(request, key, _hash(registry, group, version), lambda: _v3_document(infos))


def _given(request: Request, key: str, present: str, content: Callable[[], bytes]) -> Response:
    """A document in answer to a request: as it is, moved to where its present content is, or unchanged."""
    if not _takes_json(request):
        return Response(406, {**_UNKEPT, "vary": "Accept"}, b"")
    wanted = next((value for name, value in request.query if name == "hash"), None)
    headers = {"content-type": JSON, "vary": "Accept", "etag": f'"{present}"', **_UNKEPT}
    if wanted is not None and wanted != present:
        return Response(301, {**headers, "location": f"{_V3}/{key}?hash={present}"}, b"")
    if wanted is not None:
        # The URL names the content, so it may be kept for good.
        headers["cache-control"] = "public, immutable"
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(304, headers, b"")
    return Response(200, headers, content())


def _v3_document(infos: Iterable[ResourceInfo]) -> bytes:
    infos = tuple(infos)
    return _v3_bytes(infos) if any(info.is_custom for info in infos) else _builtin_v3(infos)


@lru_cache(maxsize=64)
def _builtin_v3(infos: tuple[ResourceInfo, ...]) -> bytes:
    return _v3_bytes(infos)


def _v3_bytes(infos: tuple[ResourceInfo, ...]) -> bytes:
    own = next(((info.type.group, info.type.version) for info in infos if not info.is_custom), None)
    paths, schemas = group_version_parts(infos, OPENAPI_V3, own)
    if own is None:
        return _dump({"openapi": "3.0.0", "info": _CUSTOM_TITLE, "paths": paths, "components": {"schemas": schemas}})
    return _v3_text(paths, schemas)


@lru_cache(maxsize=64)
def _root_v3(key: str) -> bytes:
    return _v3_text(*root_parts(key, OPENAPI_V3))


def _v3_text(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> bytes:
    components = {**({"schemas": schemas} if schemas else {}), "securitySchemes": _BEARER}
    return _dump({"openapi": "3.0.0", "info": _TITLE, "paths": paths, "components": components})


def _v2(request: Request, registry: Registry) -> Response:
    accept = request.headers.get("accept", "")
    form = next((form for clause in clauses(accept) if (form := _V2_FORMS.get(clause.type))), None) if accept else JSON
    if form is None:
        return Response(406, {**_UNKEPT, "vary": "Accept"}, b"")
    text, digest = _v2_text(registry, registry.revision)
    headers = {"content-type": form, "vary": "Accept", "etag": f'"{digest}"', **_UNKEPT}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(304, headers, b"")
    return Response(200, headers, _v2_gnostic(registry, registry.revision) if form == gnostic.MEDIA_TYPE else text)


# Kept until the types change: clients ask often, and it takes long to make. Few servers in a process are asked for it.
@lru_cache(maxsize=4)
def _v2_text(registry: Registry, revision: int) -> tuple[bytes, str]:
    """The document and its digest; `revision` is that of the types."""
    del revision
    text = _dump(_v2_document(registry))
    return text, _digest(text)


@lru_cache(maxsize=4)
def _v2_gnostic(registry: Registry, revision: int) -> bytes:
    del revision
    return gnostic.encode(_v2_document(registry))


def _v2_document(registry: Registry) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    parts = [root_parts(key, OPENAPI_V2) for key in _roots(registry)]
    parts += [group_version_parts(registry.resources(*pair), OPENAPI_V2) for pair in registry.group_versions()]
    for found in parts:
        paths.update(found[0])
        definitions.update(found[1])
    return {
        "swagger": "2.0",
        "info": _TITLE,
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
        "securityDefinitions": _BEARER,
        "security": [{"BearerToken": []}],
    }


def _takes_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return not accept or any(clause.type in _JSON_TYPES for clause in clauses(accept))


def _root_hash(key: str) -> str:
    return _digest(_dump([VERSION["gitVersion"], key]))


def _hash(registry: Registry, group: str, version: str) -> str:
    """Names a document's content without making it: the release for built-in types, the schemas for custom ones."""
    custom = [info for info in registry.resources(group, version) if info.is_custom]
    parts = [
        [
            info.type.plural,
            info.list_kind,
            info.verbs,
            [s.name for s in info.subresources],
            info.selectable_fields,
            info.schema.node,
        ]
        for info in custom
    ]
    return _digest(_dump([VERSION["gitVersion"], group, version, parts], sort_keys=True))


def _dump(document: object, *, sort_keys: bool = False) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=sort_keys).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest().upper()
