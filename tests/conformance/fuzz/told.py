"""The gist of what differs between two answers: which values, or which causes, only one has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fairlead.machinery.schema.nodes import is_list, is_map

__all__ = ["same", "told"]

_MOST = 8
_LONGEST = 330
_LISTED = re.compile(r'(kind: \w*List\nmetadata:\n  resourceVersion: )"\w+"')
_UNTYPED = "failed to create typed patch object"
_UNKNOWN = "field not declared in schema"
_UID = re.compile(r"\b(uid|ip|port)\d+\b")


def _anonymous(value: Any) -> Any:
    """The value without what depends on answers that only one server gave, or on what else a server does.

    The numbers of made-up names, and the versions of lists; causes stand in the order of Go's maps at times.
    """
    return _unordered(json.loads(_UID.sub(r"\1", json.dumps(value, sort_keys=True))))


def _unordered(value: Any) -> Any:
    if is_list(value):
        return [_unordered(each) for each in value]
    if isinstance(value, str):
        return _LISTED.sub(r"\1", value)
    if not is_map(value):
        return value
    found = {key: _unordered(each) for key, each in value.items()}
    if "events" in found:
        # Others than the one that ends the initial events come when the server has time.
        found["events"] = [each for each in found["events"] if not _is_late_bookmark(each)]
    causes = found.get("details", {}).get("causes") if is_map(found.get("details")) else None
    if causes:
        found["details"]["causes"] = sorted(causes, key=lambda cause: json.dumps(cause, sort_keys=True))
        found["message"] = "".join(sorted(str(found.get("message"))))
    if str(found.get("message")).startswith(_UNTYPED):
        found["message"] = _typed_faults(found["message"])
    if str(found.get("kind")).endswith("List") or "columnDefinitions" in found:
        found["metadata"] = {**found.get("metadata", {}), "resourceVersion": ""}
    return found


def _typed_faults(message: str) -> str:
    """What is wrong with an applied configuration, sorted: the server walks Go's maps, and leaves one at a field it does not know."""
    head, *lines = message.split("\n  ")
    unknown = [line for line in lines if line.endswith(_UNKNOWN)]
    if unknown or head.endswith(_UNKNOWN):
        return f"{head.partition('): ')[0]}: {_UNKNOWN}"
    return "\n".join([head, *sorted(lines)])


def _is_late_bookmark(event: Any) -> bool:
    return is_map(event) and event.get("type") == "BOOKMARK" and "initial-events-end" not in json.dumps(event)


def same(real: Any, ours: Any) -> bool:
    """Whether two answers differ in no more than the numbers of made-up names."""
    return bool(_anonymous(real) == _anonymous(ours))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if is_map(value) and value:
        if set(value) == {"reason", "message", "field"}:
            yield f"{path} {value['field']}", f"{value['reason']} {value['message']}"
            return
        for key, each in value.items():
            yield from _flat(each, f"{path}.{key}")
    elif is_list(value) and value:
        causes = path.endswith(".causes")
        for index, each in enumerate(value):
            yield from _flat(each, path if causes else f"{path}[{index}]")
    else:
        yield path, repr(value)


def _refused(answer: Any) -> bool:
    body = answer.get("body")
    return is_map(body) and body.get("kind") == "Status" and answer.get("status", 0) >= 400


def _causes(status: dict[str, Any]) -> list[Any]:
    details: dict[str, Any] = status.get("details") or {}
    return details.get("causes") or []


def _shown(answer: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """An answer without what is clear from its status."""
    if not _refused(answer):
        return {"status": answer.get("status")} if _refused(other) else answer
    body = answer["body"]
    found: dict[str, Any] = {"status": answer["status"]}
    causes = _causes(body)
    if causes:
        found["causes"] = causes
        if _refused(other) and _causes(other["body"]) == causes:
            found = answer
    elif _refused(other) and other["body"].get("message") == body.get("message"):
        found = answer
    else:
        found["message"] = body.get("message")
    return found


def told(real: Any, ours: Any) -> str:
    """A line for each thing that only one of the answers has: `-` the real one, `+` ours."""
    real, ours = _anonymous(real), _anonymous(ours)
    left, right = list(_flat(_shown(real, ours))), list(_flat(_shown(ours, real)))
    lines = [f"  - {path}: {text}" for path, text in left if (path, text) not in right]
    lines += [f"  + {path}: {text}" for path, text in right if (path, text) not in left]
    if not lines:
        lines = ["  the same in another order"]
    cut = [f"  … {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n".join([*(line[:_LONGEST] for line in lines[:_MOST]), *cut])
