"""What of an answer two servers have in common: everything but uids, times, versions and other names that are made up.

- uids become `uid1`, `uid2`, … in the order in which they are first seen; generated names `prefix<generated1>`.
- A resourceVersion of an object becomes `rv1`, `rv2`, … by its place among all of the case's: equalities and order stay.
- That of a list, or of a bookmark, depends on what else the server does. It becomes `now` when it is not below any seen before;
  where it is the version that the list was asked for, it ranks as an object's; where it is that of a page asked for with a
  token, all pages' becomes `list1`, …
- Times of the day of the play become `<now>`, or `<now+30s>`. Times that a case gives itself stay.
- A letter repeated a hundred times or more is counted, to keep recordings short.
- Of OpenAPI documents, see `described`; where a server says that it is reached becomes `<server>`.
- Tokens of service accounts become `<token>`, and the keys that sign them `<key>`.
- Allocated addresses and node ports become `ip1`, `port1`, … unless the case gave them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.conformance.described import comparable, is_openapi
from tests.conformance.play import Played, Taken

__all__ = ["normalise"]

_WARNING = re.compile(r'299 - "(?:[^"\\]|\\.)*"')
_HEADERS = (
    "content-type",
    "warning",
    "retry-after",
    "content-encoding",
    "location",
    "allow",
    "www-authenticate",
    "cache-control",
)
_UID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_VERSION_LINE = re.compile(r'(resourceVersion: )"(\d+)"')
_TOO_OLD = re.compile(r"(too old resource version: \d+) \(\d+\)")
_TOO_LARGE = re.compile(r"(Too large resource version: \d+, current: )\d+")
_SAID_VERSION = re.compile(r"(?i)(resource ?version[^\d]{1,30})(\d+)")
_RUN = re.compile(r"(.)\1{99,}")
_AGE = re.compile(r"\d+(ms|s)|\d+y\d*d?|<invalid>")
_TOKEN = re.compile(r"\bey[\w-]+\.[\w-]+\.[\w-]+")
_ADDRESS = re.compile(r"https://[\d.]+:\d+(?=/openid/)")
_IP = re.compile(r"\b10\.(?:0\.0|96\.\d{1,3})\.\d{1,3}\b")


def normalise(played: Played) -> list[dict[str, Any]]:
    """The answers of a play in the form in which two servers' can be compared and recorded."""
    reader = _Reader(played)
    return [reader.step(taken) for taken in played.taken]


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        yield mapping
        for each in mapping.values():
            yield from _walk(each)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _walk(each)


def _is_list(document: dict[str, Any]) -> bool:
    return "items" in document or document.get("kind") == "Table" or str(document.get("kind", "")).endswith("List")


class _Reader:
    def __init__(self, played: Played) -> None:
        self._scope = played.scope
        #: What the case says itself, its references not filled in.
        self._given = "\n".join(repr(step) for step in played.case.steps)
        self._names: dict[str, str] = {}
        self._seen: dict[str, dict[str, str]] = {}
        self._highest = 0
        self._began = played.began
        self._pages: dict[str, str] = {}
        versions: set[int] = set()
        for taken in played.taken:
            for document in _documents(taken):
                self._note(taken, document, versions)
        self._ranks = {str(version): f"rv{rank}" for rank, version in enumerate(sorted(versions), 1)}

    # -- before: which names and versions there are

    def _note(self, taken: Taken, whole: Any, versions: set[int]) -> None:
        self._note_refused_name(taken, whole)
        if isinstance(whole, str):
            versions.update(int(found[2]) for found in _VERSION_LINE.finditer(whole))
        for document in _walk(whole):
            meta = document.get("metadata")
            if not isinstance(meta, dict):
                continue
            self._note_name(cast("dict[str, Any]", meta))
            version = str(cast("dict[str, Any]", meta).get("resourceVersion", ""))
            if not version.isdecimal():
                continue
            query = parse_qs(urlsplit(taken.sent[1]).query)
            if not (_is_list(document) or _is_bookmark(taken, document)) or version in query.get("resourceVersion", ()):
                versions.add(int(version))
            elif "continue" in query and _is_list(document):
                self._pages.setdefault(version, f"list{len(self._pages) + 1}")

    def _note_name(self, meta: dict[str, Any]) -> None:
        prefix, name = str(meta.get("generateName") or ""), str(meta.get("name") or "")
        if (
            prefix
            and re.fullmatch(r"[a-z0-9]{5}", name[-5:])
            and name[:-5] == prefix[: len(name) - 5]
            and name not in self._names
        ):
            self._names[name] = f"{name[:-5]}<generated{len(self._names) + 1}>"

    def _note_refused_name(self, taken: Taken, status: Any) -> None:
        match taken.sent[2], status:
            case {"metadata": {"generateName": str(prefix)}}, {"kind": "Status", "details": {"name": str(name)}}:
                self._note_name({"generateName": prefix, "name": name})
            case _:
                pass

    # -- after: each answer

    def step(self, taken: Taken) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if taken.events is not None:
            found["events"] = [self._document(taken, event) for event in taken.events]
            found["end"] = taken.end
            return found
        found["status"] = taken.status
        for name in _HEADERS:
            values = [self._text(value) for key, value in taken.headers if key == name]
            if values:
                # Several warnings may stand in one header or in one each: that is the same to a client.
                found[name] = _WARNING.findall(", ".join(values)) if name == "warning" else values[0]
        if is_openapi(taken.body):
            found["body"] = self._document(taken, comparable(taken.body, self._scope.group))
        elif "proto-openapi" in str(found.get("content-type")):
            found["body"] = "<protobuf>"
        elif taken.body != "":
            found["body"] = _with_conflicts_sorted(self._document(taken, taken.body))
        return found

    def _document(self, taken: Taken, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            document = cast("dict[str, Any]", value)
            return {self._text(name): self._field(taken, document, name) for name in document}
        if isinstance(value, list):
            return [self._document(taken, each, key) for each in cast("list[Any]", value)]
        if isinstance(value, str):
            return self._text(value)
        if (
            key in {"nodePort", "healthCheckNodePort"}
            and isinstance(value, int)
            and value
            and str(value) not in self._given
        ):
            return self._ordinal("port", str(value))
        return value

    def _field(self, taken: Taken, document: dict[str, Any], name: str) -> Any:
        value = document[name]
        if name in {"kid", "n"} and "kty" in document:
            return "<key>"
        if name == "metadata" and isinstance(value, dict):
            meta = cast("dict[str, Any]", value)
            return {self._text(key): self._meta_field(taken, document, key, meta[key]) for key in meta}
        if name == "storageVersionHash" and self._scope.group in taken.sent[1]:
            # It is made of the group's name too.
            return self._ordinal("storage", str(value))
        if name == "columnDefinitions" and value:
            return [{key: each[key] for key in each if key != "description"} for each in value]
        if name == "cells" and value:
            return [
                "<age>" if isinstance(each, str) and _AGE.fullmatch(each) else self._document(taken, each)
                for each in value
            ]
        return self._document(taken, value, name)

    def _meta_field(self, taken: Taken, document: dict[str, Any], key: str, value: Any) -> Any:
        if key == "resourceVersion" and str(value).isdecimal():
            return self._version(taken, document, value)
        if key == "continue" and value:
            return "<continue>"
        if key == "managedFields" and _is_entries(value):
            # They stand in the order of their seconds, which is that of the requests or not, as it happens.
            return sorted(self._document(taken, value, key), key=_entry_order)
        return self._document(taken, value, key)

    def _version(self, taken: Taken, document: dict[str, Any], value: str) -> str:
        floating = _is_list(document) or _is_bookmark(taken, document)
        asked = parse_qs(urlsplit(taken.sent[1]).query).get("resourceVersion", ())
        if not floating or value in asked:
            self._highest = max(self._highest, int(value))
            return self._ranks.get(value, value)
        query = parse_qs(urlsplit(taken.sent[1]).query)
        if value in self._pages and ("continue" in query or document["metadata"].get("continue")):
            return self._pages[value]
        return "now" if int(value) >= self._highest else "before"

    def _text(self, text: str) -> str:
        for name, shown in self._names.items():
            text = text.replace(name, shown)
        text = (
            text.replace(self._scope.group, "{group}")
            .replace(self._scope.namespace, "{ns}")
            .replace(self._scope.id, "{id}")
        )
        text = _TOO_LARGE.sub(r"\1<version>", _TOO_OLD.sub(r"\1 (<version>)", text))
        text = _ADDRESS.sub("https://<server>", text)
        text = _TOKEN.sub("<token>", text)
        text = _UID.sub(lambda found: self._made_up("uid", found[0]), text)
        text = _TIME.sub(self._time, text)
        text = _RUN.sub(lambda found: f"<{len(found[0])} times {found[1]}>", text)
        text = _IP.sub(lambda found: self._made_up("ip", found[0]), text)
        text = _VERSION_LINE.sub(lambda found: f'{found[1]}"{self._ranks.get(found[2], found[2])}"', text)
        return _SAID_VERSION.sub(lambda found: found[1] + self._ranks.get(found[2], found[2]), text)

    def _made_up(self, kind: str, value: str) -> str:
        return value if value in self._given else self._ordinal(kind, value)

    def _ordinal(self, kind: str, value: str) -> str:
        seen = self._seen.setdefault(kind, {})
        return seen.setdefault(value, f"{kind}{len(seen) + 1}")

    def _time(self, found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[0])
        distance = moment - self._began
        if abs(distance) > timedelta(days=1):
            return found[0]
        seconds = round(distance.total_seconds() / 10) * 10
        return f"<{'micro ' if found[1] else ''}now{f'{seconds:+d}s' if abs(seconds) > 10 else ''}>"


def _is_entries(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in cast("list[Any]", value))


def _entry_order(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(entry.get("operation")),
        "time" if "time" in entry else "",
        *(str(entry.get(name)) for name in ("manager", "apiVersion", "subresource")),
    )


def _with_conflicts_sorted(body: Any) -> Any:
    """The server tells the managers in conflict in any order."""
    status = cast("dict[str, Any]", body if isinstance(body, dict) else {})
    if not str(status.get("message", "")).startswith("Apply failed with"):
        return cast(Any, body)
    first, *others = re.split("(?=conflicts with )", status["message"])
    parts = sorted(f"{part.rstrip()}\n" for part in others)
    causes = sorted(status.get("details", {}).get("causes", ()), key=lambda cause: (cause["message"], cause["field"]))
    return {**status, "message": first + "".join(parts), "details": {**status.get("details", {}), "causes": causes}}


def _documents(taken: Taken) -> list[Any]:
    return taken.events if taken.events is not None else [taken.body]


def _is_bookmark(taken: Taken, document: dict[str, Any]) -> bool:
    """Whether a document is that of a bookmark, or in it (a table's row has the version too)."""
    events = cast("list[dict[str, Any]]", [event for event in taken.events or () if isinstance(event, dict)])
    return any(event.get("type") == "BOOKMARK" and any(each is document for each in _walk(event)) for event in events)
