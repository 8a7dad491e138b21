"""Media types: what a request's body says, and in which form its answer is wanted.

https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NoReturn, cast

import msgspec

from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.statuses import Refusal, bad_request, failure, not_acceptable, unsupported_media_type
from fairlead.apiserver.tables.table import partial, partial_list
from fairlead.apiserver.wire.json_errors import duplicate_fields, json_error, kind_of
from fairlead.apiserver.wire.json_values import ODD, NumberTooGreat, read_json, read_plain
from fairlead.machinery import protobuf
from fairlead.machinery.names import split_api_version
from fairlead.machinery.schema.registry import builtin
from fairlead.machinery.validation import quote

__all__ = [
    "ACCEPTED",
    "JSON",
    "PROTOBUF",
    "YAML",
    "View",
    "check_shape",
    "clauses",
    "decode_body",
    "is_builtin",
    "negotiate",
    "partial",
    "partial_list",
    "require_plain",
    "require_producible",
    "require_readable",
    "untyped",
    "wants_yaml",
]

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
#: What a body may be in, as the server says it when refusing another.
ACCEPTED = (JSON, YAML, PROTOBUF)
#: How much of a body that cannot be read is shown in the refusal.
_EXCERPT = 30
_PARSE_ERROR = "couldn't get version/kind; json parse error: "
_GO_TYPE = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
_KINDS: Mapping[str, Literal["table", "partial", "partial-list"]] = {
    "Table": "table",
    "PartialObjectMetadata": "partial",
    "PartialObjectMetadataList": "partial-list",
}


class View(msgspec.Struct, frozen=True):
    """The form of an answer: `kind` is what the objects are shown as, `media_type` how that is written."""

    kind: Literal["json", "yaml", "table", "partial", "partial-list"] = "json"
    media_type: str = JSON
    #: The version of meta.k8s.io that tables and partial objects are given in: v1 or v1beta1.
    version: str = "v1"


@dataclass(frozen=True, slots=True)
class Clause:
    type: str
    parameters: Mapping[str, str]
    quality: float


@lru_cache(maxsize=256)  # clients say the same with each request
def clauses(accept: str) -> tuple[Clause, ...]:
    """The clauses of an Accept header in the server's order: an insertion sort by `_precedes`, which orders not all pairs."""
    found: list[Clause] = []
    for part in accept.split(","):
        clause = _clause(part)
        if clause is None:
            continue
        at = len(found)
        while at and _precedes(clause, found[at - 1]):
            at -= 1
        found.insert(at, clause)
    return tuple(found)


def _precedes(clause: Clause, other: Clause) -> bool:
    """Whether a clause weighs more, or says more than a wildcard."""
    kinds = zip(clause.type.split("/"), other.type.split("/"), strict=False)
    return clause.quality > other.quality or any(kind != "*" and theirs == "*" for kind, theirs in kinds)


def _clause(part: str) -> Clause | None:
    kind, *parameters = (piece.strip() for piece in part.split(";"))
    pairs = dict(_pair(parameter) for parameter in parameters if "=" in parameter)
    try:
        quality = float(pairs.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return Clause("*/*" if kind == "*" else kind, pairs, quality) if kind else None


def _pair(parameter: str) -> tuple[str, str]:
    key, _, value = parameter.partition("=")
    return key.strip(), value.strip().strip('"')


def is_producible(accept: str, producible: Sequence[str]) -> bool:
    """Whether an Accept header names one of these types, whatever parameters it adds, or the widest wildcard, or nothing."""
    named = {clause.partition(";")[0].strip() for clause in accept.split(",")}
    return not accept or "*/*" in named or not named.isdisjoint(producible)


def require_producible(accept: str, producible: Sequence[str]) -> None:
    """Refuse a request whose Accept header names none of these types, whatever parameters it adds. Raises Refusal (406).

    The server looks at this before anything else, and knows of wildcards only the widest.
    """
    if not is_producible(accept, producible):
        text = f"406: Not Acceptable\n\nAvailable representations: {', '.join(producible)}"
        raise failure(406, "NotAcceptable", text, {})


@lru_cache(maxsize=256)
def wants_yaml(accept: str, *, plain: bool = False) -> bool:
    """Whether an answer that can be given as JSON and as YAML is wanted as YAML; `plain`: one that is never a table."""
    for clause in clauses(accept):
        if plain and (_has_target(clause) or not {"as", "stream"}.isdisjoint(clause.parameters)):
            continue
        if clause.type in {JSON, "*/*"}:
            return False
        if clause.type == YAML:
            return True
    return False


def require_plain(accept: str) -> None:
    """Refuse a request that wants something that is never a table as one, or as partial metadata. Raises Refusal (406)."""
    if accept and all("as" in clause.parameters for clause in clauses(accept)):
        raise not_acceptable(ACCEPTED)


def negotiate(
    accept: str, resource: ResourceInfo, *, stream: bool = False, collection: bool = False, tabular: bool = True
) -> View:
    """The form for this Accept header; `stream` for a watch, whose events are never YAML; `tabular`: it may be a table.

    Built-in resources are behind a router that looks at the header first, and knows no wildcards of a part of a type;
    it says what a `collection` can be given as in more words. Protobuf is read but not written here, so a client that takes nothing else is refused, as kube-apiserver refuses
    it for custom resources. Raises Refusal (406).
    """
    return _negotiated(accept, resource.is_custom, stream=stream, collection=collection, tabular=tabular)


@lru_cache(maxsize=256)
def _negotiated(accept: str, is_custom: bool, *, stream: bool, collection: bool, tabular: bool) -> View:
    if not accept.strip():
        return View()
    if not is_custom and not _ROUTED.intersection(_types(accept)):
        raise _not_routed(collection=collection)
    for clause in clauses(accept):
        view = next((view for media in (JSON, YAML) if (view := _view(clause, media)) is not None), None)
        if view is not None and (tabular or view.kind != "table"):
            return view if not stream or view.media_type == JSON else _not_streamed()
    known: tuple[str, ...] = ACCEPTED
    if not is_custom and PROTOBUF in _types(accept):
        known = tuple(media for media in known if media != PROTOBUF)
    raise not_acceptable(known)


def _not_streamed() -> NoReturn:
    raise not_acceptable([f"{media};stream=watch" for media in (JSON, PROTOBUF)])


#: What the router of built-in resources finds in an Accept header.
_ROUTED = frozenset({*ACCEPTED, "*/*"})


def _types(accept: str) -> list[str]:
    return [part.partition(";")[0].strip() for part in accept.split(",")]


def _not_routed(*, collection: bool) -> Refusal:
    streams = [f"{media};stream=watch" for media in (JSON, PROTOBUF)] if collection else []
    listed = ", ".join([*ACCEPTED, *streams])
    return failure(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {listed}", {})


def _view(clause: Clause, media: str) -> View | None:
    group = media.partition("/")[0]
    if clause.type not in {media, f"{group}/*", "*/*"}:
        return None
    if clause.parameters.get("stream", "watch") != "watch" or (media == YAML and "stream" in clause.parameters):
        return None
    asked = clause.parameters.get("as")
    if asked is None:
        return None if _has_target(clause) else View("yaml" if media == YAML else "json", media)
    version = clause.parameters.get("v", "")
    known = asked in _KINDS and clause.parameters.get("g") == "meta.k8s.io" and version in {"v1", "v1beta1"}
    return View(_KINDS[asked], media, version) if known else None


def check_shape(view: View, resource: ResourceInfo, *, is_list: bool) -> None:
    """Refuse partial metadata of one object for a list, and of a list for one object. Raises Refusal (406)."""
    if view.kind != ("partial" if is_list else "partial-list"):
        return
    kind = resource.type.kind
    if resource.is_custom and not is_list:
        raise failure(500, "", "content is not a list")
    if resource.is_custom:
        what = "*unstructured.UnstructuredList"
    else:
        # Events of both groups are one type to the server.
        group = "core" if kind == "Event" else resource.type.group.partition(".")[0] or "core"
        what = f"*{group}.{kind}{'List' if is_list else ''}"
    if is_list:
        message = f"you requested PartialObjectMetadata, but the requested object is a list ({what})"
    else:
        message = f"you requested PartialObjectMetadataList, but the requested object is not a list ({what})"
    raise failure(406, "NotAcceptable", message)


def _has_target(clause: Clause) -> bool:
    return "g" in clause.parameters or "v" in clause.parameters


@lru_cache(maxsize=256)
def require_readable(content_type: str) -> str:
    """The media type of a body that can be read. Raises Refusal (415)."""
    media = content_type.partition(";")[0].strip().lower() or JSON
    if media not in ACCEPTED:
        raise unsupported_media_type(ACCEPTED)
    return media


def decode_body(
    content_type: str, body: bytes, resource: ResourceInfo | None, duplicates: list[str] | None = None
) -> dict[str, Any]:
    """The object in a request's body: JSON, YAML or protobuf.

    For a built-in `resource` a missing apiVersion or kind is filled in; a custom one must say them. Of duplicate keys
    the last one counts; what the server says of them is added to `duplicates` where that is given. Raises Refusal: 415 for
    another media type, 400 for a body that does not parse or whose type is not that of the resource.
    """
    media = require_readable(content_type)
    try:
        if media == JSON:
            return _typed(_read_json(body, duplicates), body, resource)
        if media == YAML:
            return _typed(_read_yaml(body, duplicates), body, resource)
        return _typed(_read_protobuf(body, resource), body, resource)
    except NumberTooGreat as error:
        kind = resource.type.kind if resource is not None else "DeleteOptions"
        version = resource.type.version if resource is not None else "v1"
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from None
    except _Unrecognized as error:
        if resource is None:
            raise bad_request(str(error)) from None
        expected = f" (must be of type {resource.type.kind})"
        raise bad_request(f"the object provided is unrecognized{expected}: {error} ({_excerpt(body)})") from None


class _Unrecognized(Exception):
    """A body in which no object can be made out; the message is the server's."""


def _excerpt(body: bytes) -> str:
    if not body:
        return "<empty>"
    shown = body[:_EXCERPT].decode("utf-8", "replace") if body[:1] == b"{" else body[:_EXCERPT].hex()
    return shown + (" ..." if len(body) > _EXCERPT else "")


def _read_json(body: bytes, duplicates: list[str] | None) -> Any:
    plain = read_plain(body)
    if plain is not ODD:
        return plain
    repeated = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) < len(pairs)
        return found

    hook = unique if duplicates is not None else None
    try:
        document = read_json(body.decode("utf-8", "replace"), hook)
    except (ValueError, RecursionError):
        raise _Unrecognized(_PARSE_ERROR + json_error(body)) from None
    if duplicates is not None and repeated:
        duplicates.extend(f'duplicate field "{path}"' for path in duplicate_fields(body))
    return document


def _read_protobuf(body: bytes, resource: ResourceInfo | None) -> Any:
    kind = resource.type if resource is not None else None
    try:
        return protobuf.decode_object(
            body, api_version=kind.api_version if kind else "v1", kind=kind.kind if kind else "DeleteOptions"
        )
    except protobuf.ProtobufError as error:
        raise _Unrecognized(str(error)) from None


def _read_yaml(body: bytes, duplicates: list[str] | None) -> Any:
    from fairlead.machinery.yaml import loading  # noqa: PLC0415 - PyYAML is loaded by those who use it

    repeated: list[tuple[int, str]] = []
    try:
        document = loading.read_first(body.decode("utf-8", "replace"), repeated)
    except loading.GoYamlError as error:
        raise _Unrecognized(str(error)) from None
    if duplicates is not None:
        duplicates.extend(f"line {line}: key {quote(key)} already set in map" for line, key in repeated)
    return document


def untyped(document: object) -> str:
    """What the server says of a JSON value that is no object."""
    return _PARSE_ERROR + f"json: cannot unmarshal {kind_of(document)} into Go value of type {_GO_TYPE}"


def _typed(document: Any, body: bytes, resource: ResourceInfo | None) -> dict[str, Any]:
    """The document as an object that says its type; refuses one of another type."""
    if document is not None and not isinstance(document, dict):
        raise _Unrecognized(untyped(document))
    obj = cast("dict[str, Any]", document or {})
    if (
        resource is not None
        and obj.get("apiVersion") == resource.type.api_version
        and obj.get("kind") == resource.type.kind
    ):
        return obj  # nearly always
    for key in ("apiVersion", "kind"):
        value = obj.get(key)
        if value is not None and not isinstance(value, str):
            what = f"json: cannot unmarshal {kind_of(value)} into Go struct field .{key} of type string"
            raise _Unrecognized(_PARSE_ERROR + what)
    if resource is None:
        return obj
    version = str(obj.get("apiVersion") or "")
    if version.count("/") > 1:
        raise _Unrecognized(f"unexpected GroupVersion string: {version}")
    if not resource.is_custom:
        obj["apiVersion"] = version or resource.type.api_version
        obj["kind"] = obj.get("kind") or resource.type.kind
        version = obj["apiVersion"] = _READ_AS.get((obj["kind"], obj["apiVersion"]), obj["apiVersion"])
        _check_builtin(obj, resource)
    elif not obj.get("kind"):
        raise _Unrecognized(f"Object 'Kind' is missing in '{body.decode('utf-8', 'replace')}'")
    if obj.get("apiVersion", "") != resource.type.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version ({resource.type.api_version})"
        )
    return obj


#: Bodies of a version that is served no more, and is read as this one for the sake of old clients.
_READ_AS = {("Eviction", "policy/v1beta1"): "policy/v1"}


def _check_builtin(obj: Mapping[str, Any], resource: ResourceInfo) -> None:
    """Refuse an object that could not be converted to the type of the resource."""
    kind, expected = str(obj["kind"]), resource.type
    group, version = split_api_version(str(obj["apiVersion"]))
    if (group, kind) == (expected.group, expected.kind) and builtin(group, version) is not None:
        return
    why = f'no kind "{kind}" is registered for version "{obj["apiVersion"]}" in scheme "pkg/runtime/scheme.go:111"'
    if is_builtin(group, version, kind):
        internal = expected.group.partition(".")[0] or "core"
        why = f"converting ({version}.{kind}) to ({internal}.{expected.kind}): unknown conversion"
    raise bad_request(f'{kind} in version "{version}" cannot be handled as a {expected.kind}: {why}')


def is_builtin(group: str, version: str, kind: str) -> bool:
    """Whether the server has a Go type of this kind."""
    schemas = builtin(group, version)
    if schemas is None:
        return False
    known = kind in _OF_EVERY_VERSION or (not group and kind in _OF_CORE)
    return known or any(kind in {record.kind, f"{record.kind}List"} for record in schemas.resources)


#: Kinds of the API machinery that every version has, and those of core/v1 alone.
_OF_EVERY_VERSION = frozenset(
    {"CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent"}
)
_OF_CORE = frozenset({"APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "List", "Status"})
