"""What a pod may not have by its operating system, or because it shares namespaces with its node or does not.

https://kubernetes.io/docs/concepts/workloads/pods/#pod-os, https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children, forbidden, invalid, named, not_supported, required, too_long
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain

__all__ = ["host_name", "host_namespaces", "host_processes", "system"]

_SYSTEMS = ("linux", "windows")
_NOT_WINDOWS, _NOT_LINUX = "cannot be set for a windows pod", "windows options cannot be set for a linux pod"
#: What only Linux has, in the order in which the server looks at it.
_POD_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
    "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
)  # fmt: skip
_CONTEXT = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
_KINDS = ("initContainers", "containers", "ephemeralContainers")
_LONGEST_NAME = 64


def _containers(spec: Document, path: str) -> Iterator[tuple[str, Document]]:
    for kind in _KINDS:
        yield from children(spec, path, kind)


def system(spec: Document, path: str) -> Iterator[Cause]:
    """What the pod's `os` allows."""
    if not isinstance(spec.get("os"), dict):
        return
    name = part(spec, "os").get("name")
    if not name:
        yield required(f"{path}.os.name")
    elif name not in _SYSTEMS:
        yield not_supported(f"{path}.os", name, _SYSTEMS)
    elif name == "linux":
        yield from _linux(spec, path)
    else:
        yield from _windows(spec, path)


def _linux(spec: Document, path: str) -> Iterator[Cause]:
    for at, holder in ((path, spec), *_containers(spec, path)):
        if part(holder, "securityContext").get("windowsOptions") is not None:
            yield forbidden(f"{at}.securityContext.windowsOptions", _NOT_LINUX)


def _windows(spec: Document, path: str) -> Iterator[Cause]:
    context = part(spec, "securityContext")
    for name in (each for each in _POD_CONTEXT if context.get(each) is not None):
        yield forbidden(f"{path}.securityContext.{name}", _NOT_WINDOWS)
    if spec.get("hostUsers") is not None:
        yield forbidden(f"{path}.hostUsers", _NOT_WINDOWS)
    for name in (each for each in ("hostPID", "hostIPC") if spec.get(each)):
        yield forbidden(f"{path}.{name}", _NOT_WINDOWS)
    if spec.get("shareProcessNamespace") is not None:
        yield forbidden(f"{path}.shareProcessNamespace", _NOT_WINDOWS)
    for at, container in _containers(spec, path):
        context = part(container, "securityContext")
        for name in (each for each in _CONTEXT if context.get(each) is not None):
            yield forbidden(f"{at}.securityContext.{name}", _NOT_WINDOWS)


def host_processes(spec: Document, path: str) -> Iterator[Cause]:
    """Containers that are processes of a Windows node: all are, or none."""
    whole = part(spec, "securityContext", "windowsOptions").get("hostProcess")
    found: list[bool] = []
    for at, container in _containers(spec, path):
        own = part(container, "securityContext", "windowsOptions").get("hostProcess")
        if whole is not None and own is not None and own != whole:
            shown = "true" if whole else "false"
            text = f"pod hostProcess value must be identical if both are specified, was {shown}"
            yield invalid(f"{at}.securityContext.windowsOptions.hostProcess", own, text)
        found.append(bool(whole if own is None else own))
    if not any(found):
        return
    if not all(found):
        text = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        yield invalid(path, "", text)
    if not spec.get("hostNetwork"):
        text = "hostNetwork must be true if pod contains any hostProcess containers"
        yield invalid(f"{path}.hostNetwork", False, text)


def host_namespaces(spec: Document, path: str) -> Iterator[Cause]:
    """A pod with users of its own has the node's namespaces neither."""
    if spec.get("hostUsers") is not False:
        return
    for name, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(name):
            yield forbidden(f"{path}.{shown}", "when `hostUsers` is false")
    for at, container in _containers(spec, path):
        if container.get("volumeDevices"):
            yield forbidden(f"{at}.volumeDevices", "when `hostUsers` is false")


def host_name(spec: Document, path: str) -> Iterator[Cause]:
    """The `hostnameOverride` of a pod."""
    name, at = spec.get("hostnameOverride"), f"{path}.hostnameOverride"
    if name is None:
        return
    if spec.get("setHostnameAsFQDN"):
        yield forbidden(at, "may not be specified when setHostnameAsFQDN is true")
    if spec.get("hostNetwork"):
        yield forbidden(at, "may not be specified when hostNetwork is true")
    if len(name) > _LONGEST_NAME:
        yield too_long(at, _LONGEST_NAME)
    yield from named(dns1123_subdomain, name, at)
