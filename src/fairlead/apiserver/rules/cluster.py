"""What is wrong with configuration and with what a cluster is made of: ConfigMaps, Secrets, Nodes, Namespaces, Leases, Events."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any, cast

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    IMMUTABLE,
    children,
    config_key,
    duplicate,
    fixed,
    forbidden,
    invalid,
    items_of,
    labels,
    named,
    not_supported,
    required,
    too_long,
)
from fairlead.apiserver.rules.ip_texts import cidr_text, range_of
from fairlead.apiserver.rules.printed import internal
from fairlead.apiserver.rules.resources import amounts, container_resource
from fairlead.apiserver.rules.scheduling import EFFECTS, tolerations
from fairlead.apiserver.wire.json_errors import json_error
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, label_key, label_value, qualified_name, quote

__all__ = [
    "config_map",
    "declared_features",
    "event",
    "finalized_namespace",
    "lease",
    "namespace",
    "node",
    "runtime_class",
    "secret",
]

_LARGEST = 1024 * 1024
_FIXED_WHEN = "field is immutable when `immutable` is set"
_ACCOUNT = "kubernetes.io/service-account.name"
_DOCKER = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}


def _kept(new: Document, old: Document, names: tuple[str, ...]) -> Iterator[Cause]:
    """https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", _FIXED_WHEN)
    for name in names:
        if (new.get(name) or {}) != (old.get(name) or {}):
            yield forbidden(name, _FIXED_WHEN)


def config_map(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ConfigMap."""
    if old is not None:
        yield from _kept(new, old, ("data", "binaryData"))
    texts, binaries = part(new, "data"), part(new, "binaryData")
    for key in texts:
        if config_key(key):
            yield from named(config_key, key, f"data[{key}]")
        if key in binaries:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binaries:
        yield from named(config_key, key, f"binaryData[{key}]")
    rest = sum(map(_decoded, binaries.values())) if binaries else 0
    letters = sum([len(str(text)) for text in texts.values()])
    # A letter is four bytes at most: few have to be counted.
    if letters * 4 + rest > _LARGEST and rest + sum([len(str(text).encode()) for text in texts.values()]) > _LARGEST:
        yield too_long("[]", _LARGEST)


def _decoded(text: str) -> int:
    """Bytes that a base64 text stands for."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def secret(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Secret."""
    if old is not None:
        yield from _kept(new, old, ("data",))
    data = part(new, "data")
    for key in data:
        yield from named(config_key, key, f"data[{key}]")
    if sum(map(_decoded, data.values())) > _LARGEST:
        yield too_long("data", _LARGEST)
    yield from _secret_data(new, new.get("type") or "", data)
    if old is not None and new.get("type") != old.get("type"):
        yield invalid("type", new.get("type", ""), IMMUTABLE)


def _secret_data(new: Document, kind: str, data: Document) -> Iterator[Cause]:
    needed: tuple[str, ...] = ()
    if kind == "kubernetes.io/service-account-token":
        if not part(new, "metadata", "annotations").get(_ACCOUNT):
            yield required(f"metadata.annotations[{_ACCOUNT}]")
    elif kind in _DOCKER:
        yield from _docker(_DOCKER[kind], data)
    elif kind == "kubernetes.io/basic-auth":
        needed = () if {"username", "password"} & set(data) else ("username", "password")
    elif kind == "kubernetes.io/ssh-auth":
        needed = () if data.get("ssh-privatekey") else ("ssh-privatekey",)
    elif kind == "kubernetes.io/tls":
        needed = tuple(name for name in ("tls.crt", "tls.key") if name not in data)
    for name in needed:
        yield required(f"data[{name}]")


def _docker(key: str, data: Document) -> Iterator[Cause]:
    if key not in data:
        yield required(f"data[{key}]")
        return
    raw = base64.b64decode(data[key] or "")
    try:
        json.loads(raw)
        fault = ""
    except ValueError:
        fault = json_error(raw)
    if fault:
        yield invalid(f"data[{key}]", "<secret contents redacted>", fault)


def namespace(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Namespace."""
    if old is not None:
        return
    for name in items_of(part(new, "spec"), "finalizers"):
        yield from _finalizer(name, "spec.finalizers")


def finalized_namespace(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Namespace of which the finalizers are written."""
    del old
    for index, name in enumerate(items_of(part(new, "spec"), "finalizers")):
        yield from _finalizer(name, f"spec.finalizers[{index}]")


def _finalizer(name: str, path: str) -> Iterator[Cause]:
    yield from named(qualified_name, name, path)
    if "/" not in name and name not in {"kubernetes", "orphan", "foregroundDeletion"}:
        yield invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")


def node(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Node."""
    spec = part(new, "spec")
    yield from _taints(spec)
    for holder in ("capacity", "allocatable") if old is None else ():
        for name, value in part(new, "status", holder).items():
            yield from amounts(name, value, f"status.{holder}.{name}")
    yield from _ranges(items_of(spec, "podCIDRs"), "spec.podCIDRs")
    yield from declared_features(items_of(part(new, "status"), "declaredFeatures"), "status.declaredFeatures")
    if old is None:
        return
    before = part(old, "spec")
    if before.get("podCIDRs") and spec.get("podCIDRs") != before.get("podCIDRs"):
        yield forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')
    if spec.get("externalID") != before.get("externalID"):
        yield forbidden("spec.externalID", "may not be updated")
    if before.get("providerID"):
        done = "modified" if spec.get("providerID") else "cleared"
        yield from fixed(
            spec.get("providerID"), before["providerID"], "spec.providerID", f"field cannot be {done} once set"
        )


def declared_features(found: list[str], path: str) -> Iterator[Cause]:
    """What a node's kubelet says that it can do."""
    for index, name in enumerate(found):
        at = f"{path}[{index}]"
        if index and name == found[index - 1]:
            yield duplicate(at, name)
        elif index and name < found[index - 1]:
            yield invalid(at, name, "list must be sorted alphabetically")
        text = f"must be no more than {_LONGEST_FEATURE} characters" if len(name) > _LONGEST_FEATURE else ""
        if not text and not _FEATURE.fullmatch(name):
            text = _FEATURE_TEXT
        if text:
            yield invalid(at, name, f"invalid feature name {quote(name)}: {text}")


_LONGEST_FEATURE = 253
_FEATURE = re.compile(r"[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*")
_FEATURE_TEXT = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
    "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
)


def _ranges(found: list[str], path: str) -> Iterator[Cause]:
    faults = [fault for index, each in enumerate(found) for fault in cidr_text(each, f"{path}[{index}]")]
    yield from faults
    if (
        len(found) > 1
        and not faults
        and sorted(family.version for each in found if (family := range_of(each)) is not None) != [4, 6]
    ):
        yield invalid(path, found, "may specify no more than one CIDR for each IP family")


def _taints(spec: Document) -> Iterator[Cause]:
    # The server takes taints for metadata here.
    seen: set[tuple[str, str]] = set()
    for at, taint in children(spec, "metadata", "taints"):
        key, effect = taint.get("key") or "", taint.get("effect") or ""
        yield from named(label_key, key, f"{at}.key")
        texts = label_value(taint.get("value") or "")
        if texts:
            yield invalid(f"{at}.value", taint["value"], ";".join(texts))
        if not effect:
            yield required(f"{at}.effect")
        elif effect not in EFFECTS:
            yield not_supported(f"{at}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value") or "", "Effect": effect, "TimeAdded": None}
            cause = duplicate(at, shown)
            yield cause._replace(message=f"{cause.message}: taints must be unique by key and effect pair")
        seen.add((key, effect))


def lease(new: Document, old: Document | None) -> Iterator[Cause]:
    """A Lease."""
    del old
    spec = part(new, "spec")
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        yield invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    if transitions is not None and transitions < 0:
        yield invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0")


def event(new: Document, old: Document | None) -> Iterator[Cause]:
    """An Event of either group; those of the new one say more."""
    modern = new.get("apiVersion") == "events.k8s.io/v1"
    about = part(new, "regarding" if modern else "involvedObject")
    namespace, own = about.get("namespace") or "", part(new, "metadata").get("namespace") or ""
    timed = bool(new.get("eventTime"))
    if not namespace:
        if own not in ({"", "default", "kube-system"} if timed else {"", "default"}):
            yield invalid("involvedObject.namespace", "", "does not match event.namespace")
    elif namespace != own and not timed:
        yield invalid("involvedObject.namespace", namespace, "does not match event.namespace")
    if timed:
        yield from _timed_event(new, "reportingController" if modern else "reportingComponent")
    if modern:
        yield from _modern_event(new) if old is None else _changed_event(new, old)


def _modern_event(new: Document) -> Iterator[Cause]:
    yield from _series(new.get("series"))
    if not new.get("eventTime"):
        yield required("eventTime")
    if new.get("type") not in {"Normal", "Warning"}:
        yield invalid("type", "", f"has invalid value: {new.get('type') or ''}")
    for name, shown in _OLD_EVENT.items():
        if new.get(name):
            yield invalid(shown, "", "needs to be unset")


def _timed_event(new: Document, field: str) -> Iterator[Cause]:
    if not new.get(field):
        yield required(field)
    yield from named(qualified_name, new.get(field) or "", field)
    for name in ("reportingInstance", "action", "reason"):
        value = new.get(name) or ""
        if not value:
            yield required(name)
        elif len(value.encode()) > _LONGEST_WORD:
            yield invalid(name, "", f"can have at most {_LONGEST_WORD} characters")
    note = new.get("note") or new.get("message") or ""
    if len(note.encode()) > _LONGEST_NOTE:
        yield invalid("message", "", f"can have at most {_LONGEST_NOTE} characters")


def _series(series: Any) -> Iterator[Cause]:
    if series is not None:
        if (series.get("count") or 0) < _FEWEST:
            yield invalid("series.count", "", f"should be at least {_FEWEST}")
        if not series.get("lastObservedTime"):
            yield required("series.lastObservedTime")


_LONGEST_WORD, _LONGEST_NOTE = 128, 1024
#: Fields that only events of the older group fill in, by what the server calls them.
_OLD_EVENT = {
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "deprecatedSource": "source",
}
#: Fields of an Event of events.k8s.io that never change, by what the server calls them in its refusals.
_FIXED_EVENT = {
    "involvedObject": "regarding",
    "reason": "reason",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "type": "type",
    "eventTime": "eventTime",
    "action": "action",
    "related": "related",
    "reportingController": "reportingController",
    "reportingInstance": "reportingInstance",
}
_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FEWEST = 2


def _changed_event(new: Document, old: Document) -> Iterator[Cause]:
    for shown, name in _FIXED_EVENT.items():
        value, before = new.get(name), old.get(name)
        if (value or None) != (before or None):
            yield invalid(shown, _printed_event_field(shown, value), IMMUTABLE)
    series = new.get("series")
    if series != old.get("series"):
        yield from _series(series)


def _printed_event_field(name: str, value: Any) -> Any:
    if name in {"involvedObject", "related"} and isinstance(value, dict):
        found = cast("Document", value)
        return {_go_name(each): found.get(each) or "" for each in _REFERENCE}
    if name == "source" and isinstance(value, dict):
        found = cast("Document", value)
        return {"Component": found.get("component") or "", "Host": found.get("host") or ""}
    times = {"firstTimestamp", "lastTimestamp", "eventTime", "related", "involvedObject", "source"}
    return value if value is not None or name in times else 0 if name == "count" else ""


def _go_name(name: str) -> str:
    return {"uid": "UID", "apiVersion": "APIVersion"}.get(name, name[0].upper() + name[1:])


def runtime_class(new: Document, old: Document | None) -> Iterator[Cause]:
    """A RuntimeClass."""
    handler = new.get("handler") or ""
    if old is not None:
        yield from fixed(handler, old.get("handler"), "handler")
    if not handler:
        yield required("handler")
    else:
        yield from named(dns1123_label, handler, "handler")
    for name, value in part(new, "overhead", "podFixed").items():
        yield from container_resource(name, f"overhead.limits[{name}]")
        yield from amounts(name, value, f"overhead.limits[{name}]")
    scheduling = part(new, "scheduling")
    yield from labels(scheduling.get("nodeSelector"), "scheduling.nodeSelector")
    seen: list[Document] = []
    for at, toleration in children(scheduling, "scheduling", "tolerations"):
        if toleration in seen:
            yield duplicate(at, internal("core.Toleration", toleration))
        seen.append(toleration)
    yield from tolerations(scheduling, "scheduling")
