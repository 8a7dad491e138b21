"""What of an OpenAPI document two servers have in common: everything but descriptions, and the types of other cases.

Descriptions are the API's sentences, which the in-memory server does not have. A large document is compared by the digests of
its paths and of its schemas, to keep recordings short.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, cast

from fairlead.machinery.schema.registry import group_versions

__all__ = ["comparable", "is_openapi"]

Document = dict[str, Any]
#: What a response's description says of its status: no sentence of the API.
_SAID = frozenset({"OK", "Created", "Accepted", "Unauthorized"})
_SHARED = "#/parameters/"
_LARGE = 8_000
_HASH = re.compile(r"\?hash=[0-9A-F]{128}")
#: Of the definitions of built-in types; those of a custom type begin with its group.
_PACKAGES = tuple(f"io.k8s.{name}." for name in ("api", "apiextensions-apiserver", "apimachinery", "kube-aggregator"))
_BUILTIN = frozenset(group for group, _ in group_versions())


def is_openapi(body: Any) -> bool:
    """Whether an answer is an OpenAPI document, or the index of them."""
    document = cast("Document", body if isinstance(body, dict) else {})
    if not isinstance(document.get("paths"), dict):
        return False
    items = cast("Document", document["paths"]).values()
    return "openapi" in document or "swagger" in document or any("serverRelativeURL" in each for each in items)


def comparable(document: Document, group: str) -> Document:
    """The document without descriptions and without custom types but those of `group`, which is called `{group}`."""
    paths = {path: item for path, item in document["paths"].items() if _is_wanted(path, group)}
    if "openapi" not in document and "swagger" not in document:
        return {"paths": {key: _HASH.sub("?hash=<hash>", item["serverRelativeURL"]) for key, item in paths.items()}}
    whole = _plain({**document, "paths": paths}, document.get("parameters", {}))
    whole.pop("parameters", None)
    if "definitions" in whole:
        whole["definitions"] = {name: each for name, each in whole["definitions"].items() if _is_known(name, group)}
    word = group.partition(".")[0]
    named: Document = json.loads(_text(whole).replace(word, "{id}").replace(word.capitalize(), "{Id}"))
    return named if len(_text(named)) < _LARGE else _counted(named)


def _counted(node: Document) -> Document:
    """The document with a digest for all that is large in it, but for the schemas of custom types."""
    found: Document = {}
    for key, value in node.items():
        if key in {"paths", "schemas", "definitions"}:
            own = {name: each for name, each in value.items() if name.startswith("com.example.")}
            others = _text({name: each for name, each in value.items() if name not in own})
            found[key] = {
                **own,
                "others": f"{len(value) - len(own)}, sha256 {hashlib.sha256(others.encode()).hexdigest()}",
            }
        else:
            found[key] = _counted(cast("Document", value)) if key == "components" else value
    return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _is_wanted(path: str, group: str) -> bool:
    parts = path.strip("/").split("/")
    return parts[0] != "apis" or len(parts) == 1 or parts[1] in {group, *_BUILTIN}


def _is_known(name: str, group: str) -> bool:
    return name.startswith((*_PACKAGES, ".".join([*reversed(group.split(".")), ""])))


def _plain(node: Any, shared: Document, *, names: bool = False) -> Any:
    """A node without descriptions, its references to shared parameters filled in; `names`: its keys are names of fields."""
    if isinstance(node, list):
        return [_plain(each, shared) for each in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    found = cast("Document", node)
    if str(found.get("$ref", "")).startswith(_SHARED):
        return _plain(shared[found["$ref"].removeprefix(_SHARED)], {})
    return {
        key: _plain(value, shared, names=key == "properties" and not names)
        for key, value in found.items()
        if names or key != "description" or not isinstance(value, str) or value in _SAID
    }
