"""The operations on a resource, made from its verbs and subresources: what each takes, carries and answers.

https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.apiserver.described.openapi_dialects import Body, Operation, Parameter
from fairlead.apiserver.described.openapi_names import connect_name, operation_name, tag
from fairlead.apiserver.described.openapi_schemas import Definitions
from fairlead.apiserver.registry import ResourceInfo, Subresource

__all__ = ["LISTED", "MEDIA_TYPES", "METHODS", "Place", "connection", "operation", "path_parameters"]

_JSON, _YAML, _PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
#: What built-in types are answered in, and custom ones.
MEDIA_TYPES = (_JSON, _YAML, _PROTOBUF)
_CUSTOM_TYPES = (_JSON, _YAML)
_STREAMS = (f"{_JSON};stream=watch", f"{_PROTOBUF};stream=watch")
_PATCHES = ("application/json-patch+json", "application/merge-patch+json")
_STRATEGIC, _APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"

#: verb → HTTP method
METHODS = {
    "list": "get",
    "create": "post",
    "deletecollection": "delete",
    "get": "get",
    "update": "put",
    "patch": "patch",
    "delete": "delete",
    "watch": "get",
    "watchlist": "get",
}
_ACTIONS = {"create": "post", "update": "put"}
_CODES = {
    "create": ("200", "201", "202"),
    "update": ("200", "201"),
    "patch": ("200", "201"),
    "delete": ("200", "202"),
}


def _query(**kinds: str) -> frozenset[Parameter]:
    return frozenset(Parameter(name, "query", kind) for name, kind in kinds.items())


_WRITE = _query(dryRun="string", fieldManager="string", fieldValidation="string")
_DELETE = _query(
    dryRun="string",
    gracePeriodSeconds="integer",
    ignoreStoreReadErrorWithClusterBreakingPotential="boolean",
    orphanDependents="boolean",
    propagationPolicy="string",
)
_SELECT = _query(
    fieldSelector="string",
    labelSelector="string",
    limit="integer",
    resourceVersion="string",
    resourceVersionMatch="string",
    sendInitialEvents="boolean",
    shardSelector="string",
    timeoutSeconds="integer",
) | {Parameter("continue", "query", "string")}
LISTED = _SELECT | _query(allowWatchBookmarks="boolean", watch="boolean")
_QUERIES: dict[str, frozenset[Parameter]] = {
    "list": LISTED,
    "create": _WRITE,
    "deletecollection": _SELECT | _DELETE,
    "update": _WRITE,
    "patch": _WRITE | _query(force="boolean"),
    "delete": _DELETE,
    "watch": LISTED,
    "watchlist": LISTED,
}
_PRETTY = Parameter("pretty", "query", "string")
_LOG = _query(
    container="string",
    follow="boolean",
    insecureSkipTLSVerifyBackend="boolean",
    limitBytes="integer",
    previous="boolean",
    sinceSeconds="integer",
    stream="string",
    tailLines="integer",
    timestamps="boolean",
)
_STREAMED = _query(container="string", stderr="boolean", stdin="boolean", stdout="boolean", tty="boolean")
#: Subresources that are connected to rather than read or written, with what they take.
_CONNECTIONS = {
    "attach": _STREAMED,
    "exec": _STREAMED | _query(command="string"),
    "portforward": _query(ports="integer"),
    "proxy": _query(path="string"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operation is: on a collection or (`named`) an object; `everywhere`: over all namespaces."""

    info: ResourceInfo
    named: bool = False
    everywhere: bool = False
    sub: Subresource | None = None

    @property
    def is_connection(self) -> bool:
        """Whether it is a subresource that is connected to."""
        return self.sub is not None and self.sub.name in _CONNECTIONS and not self.info.is_custom

    @property
    def is_log(self) -> bool:
        """Whether it is what a container writes."""
        return self.sub is not None and self.sub.name == "log" and not self.info.is_custom

    @property
    def takes(self) -> frozenset[Parameter]:
        """What every operation here takes, whatever its verb."""
        if self.sub is not None and self.is_connection:
            return path_parameters(self) | _CONNECTIONS[self.sub.name]
        return path_parameters(self) | {_PRETTY} | (_LOG if self.is_log else frozenset[Parameter]())

    def kind(self) -> Mapping[str, str]:
        """Group, version and kind of what operations here read and write."""
        own, sub = self.info.type, self.sub
        if sub is None or self.info.is_custom or not sub.version:
            kind = own.kind if sub is None or self.info.is_custom else sub.kind
            return {"group": own.group, "version": own.version, "kind": kind}
        return {"group": sub.group, "version": sub.version, "kind": sub.kind}


def path_parameters(place: Place) -> frozenset[Parameter]:
    """What stands in braces in the path."""
    names = [*(["name"] if place.named else [])]
    if place.info.type.namespaced and not place.everywhere:
        names.append("namespace")
    return frozenset(Parameter(name, "path", "string") for name in names)


def operation(
    place: Place, verb: str, schema: dict[str, Any], definitions: Definitions, *, gives_back: bool
) -> Operation:
    """An operation whose body or answer has this schema; `gives_back`: a deletion answers with the object."""
    kind = place.info.type
    produces = _CUSTOM_TYPES if place.info.is_custom else MEDIA_TYPES
    return Operation(
        operation_name(
            verb, kind.group, kind.version, kind.kind,
            namespaced=kind.namespaced, everywhere=place.everywhere, subresource=place.sub.name if place.sub else "",
        ),
        tag(kind.group, kind.version),
        _ACTIONS.get(verb, verb),
        place.kind(),
        place.takes | _taken(place, verb),
        _body(place, verb, schema, definitions),
        _consumed(place),
        _produced(place, verb, produces),
        _answers(place, verb, schema, definitions, gives_back=gives_back),
    )  # fmt: skip


def _taken(place: Place, verb: str) -> frozenset[Parameter]:
    if place.info.is_custom and verb == "deletecollection":
        return LISTED
    if place.info.is_custom and verb == "get":
        return _query(resourceVersion="string")
    return _QUERIES.get(verb, frozenset())


def _consumed(place: Place) -> tuple[str, ...]:
    return _CUSTOM_TYPES if place.info.is_custom else ("*/*",)


def _body(place: Place, verb: str, schema: dict[str, Any], definitions: Definitions) -> Body | None:
    custom, media_types = place.info.is_custom, _consumed(place)
    if verb == "patch":
        strategic = () if custom else (_STRATEGIC,)
        return Body(definitions.meta("Patch"), (*_PATCHES, *strategic, _APPLY))
    if verb in {"create", "update"}:
        return Body(schema, media_types)
    if verb == "delete" or (verb == "deletecollection" and not custom):
        return Body(definitions.meta("DeleteOptions"), media_types, required=False)
    return None


def _produced(place: Place, verb: str, media_types: tuple[str, ...]) -> tuple[str, ...]:
    if place.is_log:
        return ("text/plain", *media_types)
    streamed = verb in {"list", "watch", "watchlist"} and not place.info.is_custom
    return (*media_types, *_STREAMS) if streamed else media_types


def _answers(
    place: Place, verb: str, schema: dict[str, Any], definitions: Definitions, *, gives_back: bool
) -> dict[str, dict[str, Any]]:
    if verb == "deletecollection" or (verb == "delete" and not gives_back):
        schema = definitions.meta("Status")
    elif verb in {"watch", "watchlist"}:
        schema = definitions.meta("WatchEvent")
    codes = ("200",) if place.info.is_custom and verb == "patch" else _CODES.get(verb, ("200",))
    return dict.fromkeys(codes, schema)


def connection(place: Place, method: str, *, with_path: bool) -> Operation:
    """An operation that hands the connection to something else, whose answers are its own."""
    kind, name = place.info.type, place.sub.name if place.sub else ""
    path = {Parameter("path", "path", "string")} if with_path else set[Parameter]()
    called = connect_name(
        method, kind.group, kind.version, kind.kind, name, namespaced=kind.namespaced, with_path=with_path
    )
    return Operation(
        called,
        tag(kind.group, kind.version),
        "connect",
        place.kind(),
        place.takes | path,
        produces=("*/*",),
        answers={"200": {"type": "string"}},
    )
