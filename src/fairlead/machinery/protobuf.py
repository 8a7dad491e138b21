"""Kubernetes' protobuf bodies, read into the plain JSON values that the same objects have as JSON.

https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding. Messages are read generically by the
field numbers in `fairlead.schemas`. Go writes every field that is no pointer, empty or not, and the wire does not say
which ones are; so an empty string, a zero and a false are taken for absent, except in required fields and where they mean something.
"""

from __future__ import annotations

import base64
import functools
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, TypeAlias, cast

import msgspec

from fairlead.machinery.names import split_api_version
from fairlead.machinery.schema.registry import builtin_registry
from fairlead.machinery.times import format_micro_time, format_time

__all__ = ["MAGIC", "ProtobufError", "decode_message", "decode_object", "written_names"]

#: What every body starts with; after it stands a runtime.Unknown, which names the type and holds the object.
MAGIC = b"k8s\x00"

_META = "k8s.io.apimachinery.pkg.apis.meta.v1"
_EXTENSIONS = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1"
_INLINE = ""

#: Fields in which an empty string, 0 or false differs from absent: pointers to scalars in Kubernetes' Go types.
_ZERO_MATTERS = frozenset(
    """
    activeDeadlineSeconds allocateLoadBalancerNodePorts allowPrivilegeEscalation allowVolumeExpansion
    attachRequired automountServiceAccountToken averageUtilization backoffLimit backoffLimitPerIndex
    blockOwnerDeletion collisionCount completions controller currentCPUUtilizationPercentage defaultMode
    deletionGracePeriodSeconds enableServiceLinks expirationSeconds failedJobsHistoryLimit fsGroup gracePeriodSeconds
    holderIdentity hostProcess hostUsers immutable ingressClassName leaseDurationSeconds leaseTransitions lendablePercent
    manualSelector maxFailedIndexes maxItems maxLength maxProperties maximum minDomains minItems minLength
    minProperties minReplicas minimum mode nominalConcurrencyShares optional orphanDependents parallelism partition podInfoOnMount
    preventPodSchedulingIfMissing privileged progressDeadlineSeconds readOnlyRootFilesystem replicas requiresRepublish revisionHistoryLimit
    runAsGroup runAsNonRoot runAsUser runtimeClassName seLinuxMount setHostnameAsFQDN shareProcessNamespace
    stabilizationWindowSeconds started startingDeadlineSeconds storageCapacity storageClassName
    successfulJobsHistoryLimit suspend targetCPUUtilizationPercentage terminating terminationGracePeriodSeconds
    tolerationSeconds ttlSecondsAfterFinished volumeAttributesClassName x-kubernetes-preserve-unknown-fields
    EndpointPort.name HostPathVolumeSource.type PodSpec.priority
    """.split()  # noqa: SIM905 - a column of words reads better
)


class ProtobufError(ValueError):
    """A body is no protobuf of a known type; the message is the API server's where it has one."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    repeated: bool
    #: Whether an empty scalar stands in the JSON.
    keeps_zero: bool = True


_Fields: TypeAlias = dict[int, _Field]
_Records: TypeAlias = Iterator[tuple[int, int, "int | bytes"]]


@functools.cache
def _messages() -> dict[str, _Fields]:
    data = files("fairlead.schemas").joinpath("protobuf.json").read_bytes()
    read: dict[str, list[tuple[int, str, str, bool]]] = msgspec.json.decode(
        data, type=dict[str, list[tuple[int, str, str, bool]]]
    )
    return {
        message: {number: _Field(name, kind, repeated) for number, name, kind, repeated in fields}
        for message, fields in read.items()
    }


@functools.cache
def _fields(message: str) -> _Fields:
    required = _required(message)
    short = message.rpartition(".")[2]
    return {
        number: replace(field, keeps_zero=field.name in required or not _ZERO_MATTERS.isdisjoint(names))
        for number, field in _messages()[message].items()
        for names in [(field.name, f"{short}.{field.name}")]
    }


@functools.cache
def written_names(definition: str) -> tuple[str, ...]:
    """The JSON names of a definition's fields in the order in which Go writes them; empty for what is no message."""
    return tuple(_written(_messages_by_definition().get(definition, "")))


def _written(message: str) -> Iterator[str]:
    for field in _messages().get(message, {}).values():
        if field.name != _INLINE:
            yield field.name
        else:
            yield from _written(field.type)


@functools.cache
def _messages_by_definition() -> dict[str, str]:
    return {_definition(message): message for message in _messages()}


def _definition(message: str) -> str:
    first, dash, rest = message.partition(".pkg.")
    return first.replace("k8s.io.", "io.k8s.", 1).replace("_", "-") + dash + rest


def _required(message: str) -> tuple[str, ...]:
    try:
        return builtin_registry().definition(_definition(message)).required
    except KeyError:
        return ()


@functools.cache
def _by_suffix() -> dict[str, str]:
    """Messages by the last three parts of their names: `apps.v1.Deployment`."""
    return {".".join(name.rsplit(".", 3)[1:]): name for name in _messages() if not name.startswith(_META)}


def _message_of(api_version: str, kind: str) -> str:
    group, version = split_api_version(api_version)
    package = group.partition(".")[0] or "core"
    if group == "internal.apiserver.k8s.io":
        package = "apiserverinternal"
    name = _by_suffix().get(f"{package}.{version}.{kind}", f"{_META}.{kind}")
    if name not in _messages():
        raise ProtobufError(f'no kind "{kind}" is registered for version "{api_version}"')
    return name


def decode_object(data: bytes, *, api_version: str = "", kind: str = "") -> dict[str, Any]:
    """The object in a body; `api_version` and `kind` count where the body does not say them.

    Raises ProtobufError when the body is none, is cut off, or is of a type that is not built in.
    """
    if not data:
        raise ProtobufError("empty data")
    if not data.startswith(MAGIC):
        listed = " ".join(str(byte) for byte in MAGIC)
        raise ProtobufError(f"provided data does not appear to be a protobuf message, expected prefix [{listed}]")
    if len(data) == len(MAGIC):
        raise ProtobufError("empty body")
    said, raw = _unknown(data[len(MAGIC) :])
    api_version, kind = said.get("apiVersion") or api_version, said.get("kind") or kind
    if not kind or not api_version:
        missing = "Kind" if not kind else "apiVersion"
        raise ProtobufError(f"Object '{missing}' is missing in the protobuf body")
    return {"apiVersion": api_version, "kind": kind, **decode_message(_message_of(api_version, kind), raw)}


def _unknown(data: bytes) -> tuple[dict[str, Any], bytes]:
    said: dict[str, Any] = {}
    raw = b""
    for number, _, value in _records(data):
        if number == 1 and isinstance(value, bytes):
            said = decode_message("k8s.io.apimachinery.pkg.runtime.TypeMeta", value)
        elif number == 2 and isinstance(value, bytes):
            raw = value
    return said, raw


def decode_message(name: str, data: bytes) -> Any:
    """The JSON value of a message by its full name, such as `k8s.io.api.core.v1.PodSpec`.

    Fields that are not known are left out. Raises ProtobufError, and KeyError for an unknown message.
    """
    special = _SPECIAL.get(name)
    return special(name, data) if special else _decode_fields(_fields(name), data)


def _decode_fields(fields: _Fields, data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for number, wire, value in _records(data):
        field = fields.get(number)
        if field is not None:
            _add(document, field, wire, value)
    return document


def _add(document: dict[str, Any], field: _Field, wire: int, value: int | bytes) -> None:
    if field.type.startswith("map<"):
        _add_entry(document, field, value)
    elif field.repeated:
        document.setdefault(field.name, []).extend(_repeated(field, wire, value))
    elif field.name == _INLINE:
        document.update(_scalar_or_message(field.type, value))
    else:
        read = _scalar_or_message(field.type, value)
        # An empty message is there, such as `emptyDir: {}`; an empty Time is not.
        if read is not None and (read or field.keeps_zero or "." in field.type):
            document[field.name] = read


def _add_entry(document: dict[str, Any], field: _Field, value: int | bytes) -> None:
    _, _, kind = field.type[4:-1].partition(",")
    key, entry = "", _EMPTY.get(kind)
    for number, _, part in _records(_as_bytes(value)):
        if number == 1:
            key = _as_bytes(part).decode("utf-8", "replace")
        elif number == 2:
            entry = _scalar_or_message(kind, part)
    document.setdefault(field.name, {})[key] = {} if entry is None and kind not in _SPECIAL else entry


def _repeated(field: _Field, wire: int, value: int | bytes) -> Iterator[Any]:
    if wire == 2 and isinstance(value, bytes) and field.type in _VARINTS:
        # Packed: all the numbers in one record.
        position = 0
        while position < len(value):
            number, position = _varint(value, position)
            yield _VARINTS[field.type](number)
    else:
        yield _scalar_or_message(field.type, value)


def _scalar_or_message(kind: str, value: int | bytes) -> Any:
    if kind in _VARINTS:
        if not isinstance(value, int):
            raise ProtobufError(f"proto: wrong wireType for a field of type {kind}")
        return _VARINTS[kind](value)
    data = _as_bytes(value)
    if kind == "string":
        return data.decode("utf-8", "replace")
    if kind == "bytes":
        return base64.b64encode(data).decode("ascii")
    if kind in _FLOATS:
        number = struct.unpack(_FLOATS[kind], data)[0]
        return int(number) if number.is_integer() else number
    return decode_message(kind, data)


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ProtobufError("proto: wrong wireType, expected bytes")
    return value


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


_VARINTS: dict[str, Callable[[int], int | bool]] = {
    "int32": _signed,
    "int64": _signed,
    "uint32": int,
    "uint64": int,
    "bool": bool,
}
_FLOATS = {"double": "<d", "float": "<f"}
_EMPTY: dict[str, Any] = {"string": "", "bytes": "", "int32": 0, "int64": 0, "bool": False}


def _records(data: bytes) -> _Records:
    """Each record's field number, wire type, and value: an int for varints, else bytes."""
    position, end = 0, len(data)
    while position < end:
        key, position = _varint(data, position)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield number, wire, value
            continue
        if wire == 2:
            size, position = _varint(data, position)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
        else:
            raise ProtobufError(f"proto: illegal wireType {wire}")
        if position + size > end:
            raise ProtobufError("unexpected EOF")
        yield number, wire, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ProtobufError("unexpected EOF")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ProtobufError("proto: integer overflow")


def _time(name: str, data: bytes) -> str | None:
    found = _decode_fields(_fields(name), data)
    if not found:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=found.get("seconds", 0), microseconds=found.get("nanos", 0) // 1000
    )
    return format_micro_time(moment) if name.endswith("MicroTime") else format_time(moment)


def _quantity(name: str, data: bytes) -> str:
    return str(_decode_fields(_fields(name), data).get("string", "0"))


def _int_or_string(name: str, data: bytes) -> int | str:
    found = _decode_fields(_fields(name), data)
    return str(found.get("strVal", "")) if found.get("type") else int(found.get("intVal", 0))


def _raw(_: str, data: bytes) -> Any:
    raw = next((_as_bytes(value) for number, _, value in _records(data) if number == 1), b"")
    if raw.startswith(MAGIC):
        return decode_object(raw)
    try:
        return json.loads(raw) if raw else None
    except ValueError as error:
        raise ProtobufError(f"json parse error: {error}") from None


def _items(name: str, data: bytes) -> list[Any]:
    found = _decode_fields(_fields(name), data)
    lists = [cast("list[Any]", value) for value in found.values() if isinstance(value, list)]
    return lists[0] if lists else []


def _schema_or_more(name: str, data: bytes) -> Any:
    """JSONSchemaPropsOrArray, OrBool, OrStringArray: the one that is set."""
    found = _decode_fields(_fields(name), data)
    if "schema" in found:
        return found["schema"]
    return bool(found.get("allows")) if name.endswith("OrBool") else _items(name, data)


_SPECIAL: dict[str, Callable[[str, bytes], Any]] = {
    f"{_META}.Time": _time,
    f"{_META}.MicroTime": _time,
    f"{_META}.FieldsV1": _raw,
    "k8s.io.apimachinery.pkg.api.resource.Quantity": _quantity,
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "k8s.io.apimachinery.pkg.runtime.RawExtension": _raw,
    f"{_EXTENSIONS}.JSON": _raw,
    f"{_EXTENSIONS}.JSONSchemaPropsOrArray": _schema_or_more,
    f"{_EXTENSIONS}.JSONSchemaPropsOrBool": _schema_or_more,
    f"{_EXTENSIONS}.JSONSchemaPropsOrStringArray": _schema_or_more,
    "k8s.io.api.authentication.v1.ExtraValue": _items,
    "k8s.io.api.authorization.v1.ExtraValue": _items,
    "k8s.io.api.certificates.v1.ExtraValue": _items,
    "k8s.io.api.certificates.v1beta1.ExtraValue": _items,
}
