"""The options of requests: what stands in the query, and the rules that it must keep.

https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.documents import listed, part
from fairlead.apiserver.shards import ShardSelector
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.wire.json_errors import json_error, kind_of
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.selector_syntax import SelectorError
from fairlead.machinery.selectors import FieldSelector, LabelSelector
from fairlead.machinery.validation import quote
from fairlead.machinery.wire import Request

__all__ = [
    "DeleteOptions",
    "ListOptions",
    "WriteOptions",
    "continue_token",
    "delete_options",
    "parse_continue",
    "parse_version",
]

META = "meta.k8s.io"
_NOT_OLDER = "NotOlderThan"
_EXACT = "Exact"
_LONGEST_MANAGER = 128
_POLICIES = ("Orphan", "Background", "Foreground")


class ListOptions(msgspec.Struct, frozen=True):
    """What a list or watch asks for. `resource_version` and `match` are as in the query."""

    resource_version: str = ""
    match: str = ""
    labels: LabelSelector | None = None
    fields: FieldSelector | None = None
    limit: int = 0
    token: str = ""
    bookmarks: bool = False
    #: Seconds; 0: the server decides.
    timeout: int = 0
    send_initial: bool | None = None
    shard: ShardSelector | None = None

    @classmethod
    def parse(cls, request: Request, *, watch: bool, sharded: bool) -> ListOptions:
        """Read and check the query; the shard selector only where lists are `sharded`. Raises Refusal (400, 422, 500)."""
        query = dict(reversed(request.query))
        version, match = query.get("resourceVersion", ""), query.get("resourceVersionMatch", "")
        send_initial = boolean(query, "sendInitialEvents")
        if watch and send_initial is None and not match and version in {"", "0"}:
            # The older way to ask for what is there means the same today.
            send_initial, match = True, _NOT_OLDER
        options = cls(
            resource_version=version,
            match=match,
            labels=_labels(query.get("labelSelector", "")),
            fields=_fields(query.get("fieldSelector", "")),
            limit=_integer(query, "limit"),
            token=query.get("continue", ""),
            bookmarks=boolean(query, "allowWatchBookmarks") or False,
            timeout=_integer(query, "timeoutSeconds"),
            send_initial=send_initial,
        )
        found = _watch_rules(options) if watch else _list_rules(options)
        if found:
            raise statuses.invalid(META, "ListOptions", "", found)
        shard = query.get("shardSelector", "") if sharded else ""
        return msgspec.structs.replace(options, shard=ShardSelector.parse(shard)) if shard else options

    def matches(self, entry: Entry) -> bool:
        """Whether an object is asked for."""
        if self.labels is not None and not self.labels.matches(entry.labels):
            return False
        if self.fields is not None and not self.fields.matches(entry.selectable):
            return False
        return self.shard is None or self.shard.matches(entry.uid, entry.namespace)

    @property
    def is_watch_list(self) -> bool:
        """Whether a watch begins with all that is there, and says when that ends."""
        return bool(self.send_initial) and self.bookmarks

    @property
    def selective(self) -> bool:
        """Whether a selector narrows the result."""
        return self.labels is not None or self.fields is not None or self.shard is not None


def _list_rules(options: ListOptions) -> list[Cause]:
    found: list[Cause] = []
    field = "resourceVersionMatch"
    if options.match:
        if not options.resource_version:
            found.append(_forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
        if options.token:
            found.append(_forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
        if options.match not in {_EXACT, _NOT_OLDER}:
            found.append(_unsupported(field, options.match, (_EXACT, _NOT_OLDER, "")))
        if options.match == _EXACT and options.resource_version == "0":
            text = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            found.append(_forbidden(field, text))
    if options.send_initial is not None:
        found.append(_forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return found


def _watch_rules(options: ListOptions) -> list[Cause]:
    found: list[Cause] = []
    field = "resourceVersionMatch"
    if options.send_initial is not None and options.match != _NOT_OLDER:
        found.append(_forbidden(field, f"sendInitialEvents requires setting resourceVersionMatch to {_NOT_OLDER}"))
    if options.match:
        if options.send_initial is None:
            text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            found.append(_forbidden(field, text))
        if options.match != _NOT_OLDER:
            found.append(_unsupported(field, options.match, (_NOT_OLDER,)))
        if options.token:
            found.append(_forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    return found


def _forbidden(field: str, text: str) -> Cause:
    return Cause(causes.FORBIDDEN, f"Forbidden: {text}", field)


def _unsupported(field: str, value: str, supported: tuple[str, ...]) -> Cause:
    listed = ", ".join(statuses.quoted(text) for text in supported)
    text = f"Unsupported value: {statuses.quoted(value)}: supported values: {listed}"
    return Cause(causes.NOT_SUPPORTED, text, field)


def _labels(text: str) -> LabelSelector | None:
    if not text.strip():
        return None
    try:
        return LabelSelector.parse(text)
    except SelectorError as error:
        raise statuses.bad_request(error.detail) from error


def _fields(text: str) -> FieldSelector | None:
    if not text:
        return None
    try:
        return FieldSelector.parse(text)
    except SelectorError as error:
        raise statuses.bad_request(error.detail) from error


def refuse_export(request: Request) -> None:
    """Refuse to read an object as it would be exported. Raises Refusal (400)."""
    if boolean(dict(reversed(request.query)), "export"):
        raise statuses.bad_request("the export parameter, deprecated since v1.14, is no longer supported")


def boolean(query: Mapping[str, str], name: str) -> bool | None:
    """A query parameter as the API server reads booleans: anything but false and 0 is true; None: not there."""
    value = query.get(name)
    return None if value is None else value.lower() not in {"false", "0"}


_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")


def _integer(query: Mapping[str, str], name: str) -> int:
    value = query.get(name)
    if value is None:
        return 0
    fault = "invalid syntax"
    if _WHOLE.fullmatch(value):
        if -(2**63) <= int(value) < 2**63:
            return int(value)
        fault = "value out of range"
    raise statuses.bad_request(f"strconv.ParseInt: parsing {statuses.quoted(value)}: {fault}")


class WriteOptions(msgspec.Struct, frozen=True):
    """What a create, update or patch asks for beside its body."""

    dry_run: bool = False
    manager: str = ""
    validation: str = "Warn"
    force: bool | None = None

    @classmethod
    def parse(cls, request: Request, kind: str, *, applies: bool = False) -> WriteOptions:
        """Read and check the query; `kind` names the options in errors (`CreateOptions`). Raises Refusal (422).

        `applies`: the request is a server-side apply, which must name its manager and may be forced.
        """
        if not request.query and not applies:
            return cls(manager=_agent(request.headers.get("user-agent", "")))
        query = dict(reversed(request.query))
        manager, validation = query.get("fieldManager", ""), query.get("fieldValidation", "")
        force = boolean(query, "force")
        dry_run = [value for key, value in request.query if key == "dryRun"]
        found: list[Cause] = []
        if kind == "PatchOptions" and applies and not manager:
            found.append(Cause(causes.REQUIRED, "Required value: is required for apply patch", "fieldManager"))
        elif kind == "PatchOptions" and not applies and force is not None:
            found.append(_forbidden("force", "may not be specified for non-apply patch"))
        found += [*_manager_rules(manager), *_dry_run_rules(dry_run)]
        if validation not in {"", "Ignore", "Warn", "Strict"}:
            found.append(_unsupported("fieldValidation", validation, ("", "Ignore", "Strict", "Warn")))
        if found:
            raise statuses.invalid(META, kind, "", found)
        return cls(
            "All" in dry_run, manager or _agent(request.headers.get("user-agent", "")), validation or "Warn", force
        )


def _manager_rules(manager: str) -> list[Cause]:
    found: list[Cause] = []
    if len(manager.encode()) > _LONGEST_MANAGER:
        text = f"Too long: may not be more than {_LONGEST_MANAGER} bytes"
        found.append(Cause(causes.TOO_LONG, text, "fieldManager"))
    at = 0
    for letter in manager:
        if not letter.isprintable():
            text = f"Invalid value: {quote(manager)}: invalid character U+{ord(letter):04X} (at position {at})"
            found.append(Cause(causes.INVALID, text, "fieldManager"))
        at += len(letter.encode())
    return found


def _dry_run_rules(values: list[str]) -> list[Cause]:
    if all(value == "All" for value in values):
        return []
    text = f'Unsupported value: {json.dumps(values, separators=(",", ":"))}: supported values: "All"'
    return [Cause(causes.NOT_SUPPORTED, text, "dryRun")]


@lru_cache(maxsize=256)
def _agent(user_agent: str) -> str:
    name = user_agent.partition("/")[0]
    return "".join(letter for letter in name if letter.isprintable())[:128] or "unknown"


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How an object is to be deleted."""

    #: Seconds; None: as the type has it.
    grace: int | None = None
    #: Orphan, Background or Foreground; empty: as the type has it.
    policy: str = ""
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


def delete_options(request: Request, body: Mapping[str, Any] | None) -> DeleteOptions:
    """Options from the body, or else from the query. Raises Refusal (400, 422)."""
    query = dict(reversed(request.query))
    given = _queried_options(request, query) if body is None else body
    fault = _wrong_option(given)
    if fault:
        raise statuses.bad_request(fault)
    policy, orphan = given.get("propagationPolicy"), given.get("orphanDependents")
    found = _policy_rules(policy, orphan)
    found += _dry_run_rules(listed(given, "dryRun"))
    if found:
        raise statuses.invalid(META, "DeleteOptions", "", found)
    if policy is None and orphan is not None:
        policy = "Orphan" if orphan else "Background"
    demands: Mapping[str, Any] = given.get("preconditions") or {}
    grace = given.get("gracePeriodSeconds")
    if isinstance(grace, int) and grace < 0:
        grace = 1
    return DeleteOptions(
        grace, policy or "", demands.get("uid"), demands.get("resourceVersion"), bool(given.get("dryRun"))
    )


def _policy_rules(policy: str | None, orphan: bool | None) -> list[Cause]:
    found: list[Cause] = []
    if policy is not None and orphan is not None:
        text = f"{statuses.quoted(policy)}: orphanDependents and deletionPropagation cannot be both set"
        found.append(Cause(causes.INVALID, f"Invalid value: {text}", "propagationPolicy"))
    if policy is not None and policy not in _POLICIES:
        supported = ("Foreground", "Background", "Orphan", "nil")
        named = ", ".join(statuses.quoted(text) for text in supported)
        text = f"Unsupported value: {statuses.quoted(policy)}: supported values: {named}"
        found.append(Cause(causes.NOT_SUPPORTED, text, "propagationPolicy"))
    return found


def _queried_options(request: Request, query: dict[str, str]) -> Mapping[str, Any]:
    return {
        "gracePeriodSeconds": _integer(query, "gracePeriodSeconds") if "gracePeriodSeconds" in query else None,
        "propagationPolicy": query.get("propagationPolicy"),
        "orphanDependents": boolean(query, "orphanDependents"),
        "dryRun": [value for key, value in request.query if key == "dryRun"],
        "preconditions": {name: query[name] for name in ("uid", "resourceVersion") if query.get(name)},
    }


def _wrong_option(given: Mapping[str, Any]) -> str:
    """What is wrong with the types of delete options; empty when nothing is."""
    kind = given.get("kind")
    if kind and kind != "DeleteOptions":
        version = given.get("apiVersion", "")
        if version == "v1" and kind in _MACHINERY:
            return f"converting (v1.{kind}) to (v1.DeleteOptions): unknown conversion"
        return f'no kind "{kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
    for name, (python, go) in _OPTION_TYPES.items():
        if not isinstance(given.get(name), python | None):
            return _not_go(given[name], f"DeleteOptions.{name}", go)
    for item in listed(given, "dryRun"):
        if not isinstance(item, str):
            return _not_go(item, "DeleteOptions.dryRun", "string")
    demands = part(given, "preconditions")
    for name, go in (("uid", "types.UID"), ("resourceVersion", "string")):
        if not isinstance(demands.get(name), str | None):
            return _not_go(demands[name], f"Preconditions.preconditions.{name}", go)
    return ""


def _not_go(value: Any, field: str, go: str) -> str:
    return f"json: cannot unmarshal {kind_of(value)} into Go struct field {field} of type {go}"


#: Kinds that the reader of options knows beside them.
_MACHINERY = frozenset({"APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status"})
_OPTION_TYPES: Mapping[str, tuple[type, str]] = {
    "gracePeriodSeconds": (int, "int64"),
    "propagationPolicy": (str, "v1.DeletionPropagation"),
    "orphanDependents": (bool, "bool"),
    "dryRun": (list, "[]string"),
    "preconditions": (dict, "v1.Preconditions"),
}


def parse_version(text: str, *, listing: bool = False) -> int:
    """A resourceVersion in a query. Raises Refusal (500, as kube-apiserver does; 400 for lists)."""
    fault = "invalid syntax"
    if text.isascii() and text.isdecimal():
        if len(text) < 21 and int(text) < 2**64:
            return int(text)
        fault = "value out of range"
    quoted = statuses.quoted(text)
    why = f"resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: {fault}"
    raise statuses.bad_request(f"invalid resource version: {why}") if listing else statuses.failure(500, "", why)


def continue_token(version: int, start: str) -> str:
    """A token with which a list goes on at the key `start`, as it was at `version` (-1: as it is by then)."""
    text = json.dumps({"v": f"{META}/v1", "rv": version, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def parse_continue(token: str) -> tuple[int, str]:
    """The version and start key in a token. Raises Refusal (400)."""
    document = _read_token(token)
    version, start = document.get("rv", 0), document.get("start", "")
    if document.get("v", "") != f"{META}/v1":
        raise _wrong_token(f"server does not recognize this encoded version {document.get('v', '')}")
    if version == 0:
        raise _wrong_token(f"incorrect encoded start resourceVersion (version {META}/v1)")
    if not start:
        raise _wrong_token(f"encoded start key empty (version {META}/v1)")
    if posixpath.normpath(f"/{start}") != f"/{start}".rstrip("/"):
        raise _wrong_token(start)
    return version, start


def _read_token(token: str) -> dict[str, Any]:
    wrong = re.search(r"[^A-Za-z0-9_-]", token)
    if wrong is not None or len(token) % 4 == 1:
        place = wrong.start() if wrong is not None else len(token) - 1
        raise _wrong_token(f"illegal base64 data at input byte {place}")
    text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    fault = json_error(text)
    if fault:
        raise _wrong_token(fault)
    document = json.loads(text)
    if not isinstance(document, dict):
        raise _wrong_token(f"json: cannot unmarshal {kind_of(document)} into Go value of type storage.continueToken")
    fields = cast("dict[str, Any]", document)
    for name, kind, go in (("v", str, "string"), ("rv", int, "int64"), ("start", str, "string")):
        value = fields.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise _wrong_token(_not_go(value, f"continueToken.{name}", go))
    return {name: value for name, value in fields.items() if value is not None}


def _wrong_token(why: str) -> statuses.Refusal:
    return statuses.bad_request(f"invalid continue token: continue key is not valid: {why}")
