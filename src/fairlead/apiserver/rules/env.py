"""What is wrong with a container's environment, and with references to fields and resources of its pod.

https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    config_key,
    invalid,
    named,
    no_backsteps,
    not_found,
    not_supported,
    required,
)
from fairlead.machinery import quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, qualified_name

__all__ = ["environment", "field_reference", "file_variables", "resource_reference"]

_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
_VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
#: Fields that can be asked for at all; where is another question.
_CONVERTED = frozenset({*_FIELDS, *_VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"})
_RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory",
)  # fmt: skip
_UNITS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_HUGE = ("limits.hugepages-", "requests.hugepages-")
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)
_ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"


def environment(container: Document, path: str) -> Iterator[Cause]:
    """`env` and `envFrom` of a container."""
    for at, variable in children(container, path, "env"):
        name = variable.get("name") or ""
        if not name:
            yield required(f"{at}.name")
        else:
            yield from named(_variable, name, f"{at}.name")
        if isinstance(variable.get("valueFrom"), dict):
            yield from _value_from(variable, f"{at}.valueFrom")
    for at, source in children(container, path, "envFrom"):
        yield from _env_from(source, at, f"{path}.envFrom")


def _variable(name: str) -> list[str]:
    if all(" " <= letter <= "~" and letter != "=" for letter in name):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def _value_from(variable: Document, path: str) -> Iterator[Cause]:
    value = part(variable, "valueFrom")
    kinds = [kind for kind in _SOURCES if isinstance(value.get(kind), dict)]
    for kind in kinds:
        yield from _reference(kind, part(value, kind), f"{path}.{kind}")
    if not kinds:
        yield invalid(path, "", _ONE_OF)
    elif variable.get("value"):
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif len(kinds) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")


def _reference(kind: str, reference: Document, path: str) -> Iterator[Cause]:
    if kind == "fieldRef":
        yield from field_reference(reference, path)
    elif kind == "resourceFieldRef":
        yield from resource_reference(reference, path)
    elif kind == "fileKeyRef":
        yield from _file_key(reference, path)
    else:
        yield from named(dns1123_subdomain, reference.get("name") or "", f"{path}.name")
        if not reference.get("key"):
            yield required(f"{path}.key")
        else:
            yield from named(config_key, reference["key"], f"{path}.key")


def _file_key(reference: Document, path: str) -> Iterator[Cause]:
    if not reference.get("key"):
        yield required(f"{path}.key")
    else:
        yield from named(_variable, reference["key"], f"{path}.key")
    if not reference.get("volumeName"):
        yield required(f"{path}.volumeName")
    else:
        yield from named(dns1123_label, reference["volumeName"], f"{path}.volumeName")
    if not reference.get("path"):
        yield required(f"{path}.path")
    else:
        yield from no_backsteps(reference["path"], f"{path}.path")


def file_variables(spec: Document, path: str) -> Iterator[Cause]:
    """Variables of a pod's containers that come from files: those have to be in one of its empty directories."""
    volumes = {volume.get("name"): volume for volume in parts(spec, "volumes")}
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for at, container in children(spec, path, kind):
            for place, variable in children(container, at, "env"):
                reference = part(variable, "valueFrom", "fileKeyRef")
                name = reference.get("volumeName") or ""
                if reference and name not in volumes:
                    yield not_found(f"{place}.valueFrom.fileKeyRef.volumeName", name)
                elif reference and not isinstance(volumes[name].get("emptyDir"), dict):
                    text = "referenced volume must be of type emptyDir"
                    yield invalid(f"{place}.valueFrom.fileKeyRef.volumeName", name, text)


def field_reference(reference: Document, path: str, *, volume: bool = False) -> Iterator[Cause]:
    """A `fieldRef`, of a variable or of a file in a volume."""
    field, known = reference.get("fieldPath") or "", _VOLUME_FIELDS if volume else _FIELDS
    if not field:
        yield required(f"{path}.fieldPath")
        return
    version = reference.get("apiVersion") or "v1"
    if version != "v1":
        text = f"error converting fieldPath: unsupported pod version: {version}"
        yield invalid(f"{path}.fieldPath", field, text)
        return
    match = _SUBSCRIPT.fullmatch(field)
    holder, key = match.groups() if match else (field, "")
    if match and holder in _CONVERTED and holder not in _VOLUME_FIELDS[:2]:
        text = f"error converting fieldPath: field label does not support subscript: {field}"
        yield invalid(f"{path}.fieldPath", field, text)
    elif holder not in _CONVERTED:
        text = f"error converting fieldPath: field label not supported: {field}"
        yield invalid(f"{path}.fieldPath", field, text)
    elif match:
        yield from named(qualified_name, key.lower() if holder == "metadata.annotations" else key, path)
    elif field not in known:
        yield not_supported(f"{path}.fieldPath", field, known)


def resource_reference(reference: Document, path: str, *, volume: bool = False) -> Iterator[Cause]:
    """A `resourceFieldRef`, of a variable or of a file in a volume."""
    resource = reference.get("resource") or ""
    if volume and not reference.get("containerName"):
        yield required(f"{path}.containerName")
    elif not resource:
        yield required(f"{path}.resource")
    elif resource not in _RESOURCES and not resource.startswith(_HUGE):
        yield not_supported(f"{path}.resource", resource, _RESOURCES)
    else:
        yield from _divisor(resource, reference.get("divisor"), f"{path}.divisor")


def _divisor(resource: str, divisor: object, path: str) -> Iterator[Cause]:
    shown = quantity.canonical(divisor) if isinstance(divisor, str | int | float) else "0"
    kind = "hugepages" if resource.startswith(_HUGE) else resource.partition(".")[2]
    if shown == "0":
        return
    if kind == "cpu" and shown not in {"1", "1m"}:
        yield invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource")
    elif kind != "cpu" and shown not in _UNITS:
        said = "local ephemeral storage" if kind == "ephemeral-storage" else kind
        yield invalid(
            path, resource, f"only divisor's values {', '.join(_UNITS)} are supported with the {said} resource"
        )


def _env_from(source: Document, path: str, outer: str) -> Iterator[Cause]:
    if source.get("prefix"):
        yield from named(_variable, source["prefix"], f"{path}.prefix")
    kinds = [kind for kind in ("configMapRef", "secretRef") if isinstance(source.get(kind), dict)]
    for kind in kinds:
        name = part(source, kind).get("name") or ""
        if not name:
            yield required(f"{path}.{kind}.name")
        else:
            yield from named(dns1123_subdomain, name, f"{path}.{kind}.name")
    if not kinds:
        # The server leaves the index out here.
        yield invalid(outer, "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(kinds) > 1:
        yield invalid(outer, "", "may not have more than one field specified at a time")
