"""The small OpenAPI documents: of paths that stand for no resource, such as /version and the lists of groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.apiserver.described.openapi_dialects import Dialect, Operation
from fairlead.apiserver.described.openapi_names import group_tag, title
from fairlead.apiserver.described.openapi_operations import MEDIA_TYPES
from fairlead.apiserver.described.openapi_paths import path_item
from fairlead.apiserver.described.openapi_schemas import Definitions

__all__ = ["root_keys", "root_parts"]

_JSON = ("application/json",)
_STRING = {"type": "string"}
_FIXED = (".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version")


def root_keys(groups: Iterable[str]) -> list[str]:
    """The documents that there are beside those of group versions, for these built-in groups."""
    return [*_FIXED, *(f"apis/{group}" for group in groups if group)]


def root_parts(key: str, dialect: Dialect) -> tuple[dict[str, Any], dict[str, Any]]:
    """Paths and schemas of the document with this key."""
    definitions = Definitions(dialect, ("", "v1"))
    operation = _operation(key, definitions)
    return {f"/{key}/": path_item({"get": operation}, dialect)}, dict(sorted(definitions.schemas.items()))


def _operation(key: str, definitions: Definitions) -> Operation:
    match key:
        case ".well-known/openid-configuration":
            name = "getServiceAccountIssuerOpenIDConfiguration"
            return Operation(name, "WellKnown", consumes=(), produces=_JSON, answers={"200": _STRING})
        case "openid/v1/jwks":
            name, media = "getServiceAccountIssuerOpenIDKeyset", ("application/jwk-set+json",)
            return Operation(name, "openid", consumes=(), produces=media, answers={"200": _STRING})
        case "version":
            answers = {"200": definitions.known("io.k8s.apimachinery.pkg.version.Info")}
            return Operation("getCodeVersion", "version", consumes=_JSON, produces=_JSON, answers=answers)
        case "api":
            return _listed("getCoreAPIVersions", "core", definitions.meta("APIVersions"))
        case "apis":
            return _listed("getAPIVersions", "apis", definitions.meta("APIGroupList"))
        case _:
            word = group_tag(key.removeprefix("apis/"))
            return _listed(f"get{title(word)}APIGroup", word, definitions.meta("APIGroup"))


def _listed(name: str, tag: str, answer: dict[str, Any]) -> Operation:
    return Operation(name, tag, consumes=MEDIA_TYPES, produces=MEDIA_TYPES, answers={"200": answer})
