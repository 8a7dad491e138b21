"""The paths of a group version, with the operations on each; and the schemas that they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.apiserver.described.openapi_dialects import Dialect, Operation, Parameter
from fairlead.apiserver.described.openapi_names import group_version_word, tag
from fairlead.apiserver.described.openapi_operations import MEDIA_TYPES, METHODS, Place, connection, operation
from fairlead.apiserver.described.openapi_schemas import Definitions
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.strategies import strategy_for

__all__ = ["group_version_parts", "path_item"]

_COLLECTION = ("list", "create", "deletecollection")
_OBJECT = ("get", "update", "delete", "patch")
_ALL_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")

Paths = dict[str, dict[str, Any]]


def group_version_parts(
    infos: Iterable[ResourceInfo], dialect: Dialect, own: tuple[str, str] | None = None
) -> tuple[Paths, dict[str, Any]]:
    """Paths, and the schemas that they need, of the resources of one group version (`own`: see Definitions)."""
    definitions = Definitions(dialect, own)
    paths: Paths = {}
    infos = tuple(infos)
    builtin = next((info for info in infos if not info.is_custom), None)
    if builtin is not None:
        paths[f"{_root(builtin)}/"] = path_item({"get": _resources(builtin, definitions)}, dialect)
    for info in infos:
        for path, operations in _resource(info, definitions):
            if operations:
                paths[path] = path_item(operations, dialect)
    return dict(sorted(paths.items())), dict(sorted(definitions.schemas.items()))


def path_item(operations: Mapping[str, Operation], dialect: Dialect) -> dict[str, Any]:
    """A path's operations; parameters that all of them take are the path's."""
    shared = frozenset[Parameter].intersection(*(each.parameters for each in operations.values()))
    item = {method: dialect.operation(each, shared) for method, each in operations.items()}
    return {**item, "parameters": [dialect.parameter(each) for each in sorted(shared)]} if shared else item


def _root(info: ResourceInfo) -> str:
    kind = info.type
    return f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"


def _resources(info: ResourceInfo, definitions: Definitions) -> Operation:
    kind = info.type
    name = f"get{group_version_word(kind.group, kind.version)}APIResources"
    answers = {"200": definitions.meta("APIResourceList")}
    media_types = MEDIA_TYPES
    return Operation(name, tag(kind.group, kind.version), consumes=media_types, produces=media_types, answers=answers)


def _resource(info: ResourceInfo, definitions: Definitions) -> Iterable[tuple[str, dict[str, Operation]]]:
    root, plural = _root(info), info.type.plural
    one, many = definitions.of(info)
    schemas = {"list": many}
    gives_back = not info.is_custom and strategy_for(info).returns_deleted and plural != "namespaces"

    def operations(place: Place, verbs: Iterable[str]) -> dict[str, Operation]:
        served = [verb for verb in verbs if verb in info.verbs or verb == "watchlist"]
        return {
            METHODS[verb]: operation(place, verb, schemas.get(verb, one) or {}, definitions, gives_back=gives_back)
            for verb in served
        }

    scope = "/namespaces/{namespace}" if info.type.namespaced else ""
    collection, single = Place(info), Place(info, named=True)
    yield f"{root}{scope}/{plural}", operations(collection, _COLLECTION)
    yield f"{root}{scope}/{plural}/{{name}}", operations(single, _OBJECT)
    watched = "watch" in info.verbs and not info.is_custom
    if watched:
        yield f"{root}/watch{scope}/{plural}", operations(collection, ["watchlist"])
        yield f"{root}/watch{scope}/{plural}/{{name}}", operations(single, ["watch"])
    if info.type.namespaced:
        everywhere = Place(info, everywhere=True)
        yield f"{root}/{plural}", operations(everywhere, ["list"])
        if watched:
            yield f"{root}/watch/{plural}", operations(everywhere, ["watchlist"])
    yield from _subresources(info, f"{root}{scope}/{plural}/{{name}}", one, definitions)


def _subresources(
    info: ResourceInfo, path: str, one: dict[str, Any] | None, definitions: Definitions
) -> Iterable[tuple[str, dict[str, Operation]]]:
    kind = info.type
    for sub in info.subresources:
        place = Place(info, named=True, sub=sub)
        if place.is_connection:
            # A connection is opened by GET or POST; a proxy passes on whatever there is.
            methods = _ALL_METHODS if sub.name == "proxy" else ("get", "post")
            for ending in ("", "/{path}") if sub.name == "proxy" else ("",):
                found = {method: connection(place, method, with_path=bool(ending)) for method in methods}
                yield f"{path}/{sub.name}{ending}", found
            continue
        body = definitions.kind(sub.group or kind.group, sub.version or kind.version, sub.kind) or one or {}
        if place.is_log:
            body = {"type": "string"}
        yield (
            f"{path}/{sub.name}",
            {
                METHODS[verb]: operation(place, verb, body, definitions, gives_back=True)
                for verb in ("create", *_OBJECT)
                if verb in sub.verbs
            },
        )
