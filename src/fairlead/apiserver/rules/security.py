"""What is wrong with the security contexts of pods and containers.

https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    MAX_INT32,
    children,
    chosen,
    descending_path,
    duplicate,
    in_range,
    invalid,
    items_of,
    named,
    not_supported,
    one_of,
    required,
    too_long,
)
from fairlead.apiserver.rules.printed import internal
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_subdomain

__all__ = ["app_armor", "container_security", "pod_security"]

_KINDS = ("Localhost", "RuntimeDefault", "Unconfined")
_LONGEST_PROFILE = 4095
_SYSCTL = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
#: Where sysctls belong that pods do not share with the node.
_IPC, _NET = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."), "net."
_CREDENTIALS = 64
_PRIVILEGES = "cannot set `allowPrivilegeEscalation` to false and "


def pod_security(spec: Document, path: str) -> Iterator[Cause]:
    """The securityContext of a pod's spec, at this path."""
    context = part(spec, "securityContext")
    for name in ("fsGroup", "runAsUser", "runAsGroup"):
        yield from in_range(context.get(name), 0, MAX_INT32, f"{path}.{name}")
    for index, group in enumerate(items_of(context, "supplementalGroups")):
        yield from in_range(group, 0, MAX_INT32, f"{path}.supplementalGroups[{index}]")
    seen: set[str] = set()
    for at, sysctl in children(context, path, "sysctls"):
        yield from _sysctl(sysctl.get("name") or "", seen, spec, f"{at}.name")
    yield from one_of(context.get("fsGroupChangePolicy"), ("Always", "OnRootMismatch"), f"{path}.fsGroupChangePolicy")
    yield from _seccomp(context, path)
    yield from _windows(context, f"{path}.windowsOptions")
    yield from app_armor(context, f"{path}.appArmorProfile")
    yield from one_of(context.get("supplementalGroupsPolicy"), ("Merge", "Strict"), f"{path}.supplementalGroupsPolicy")
    yield from one_of(context.get("seLinuxChangePolicy"), ("MountOption", "Recursive"), f"{path}.seLinuxChangePolicy")


def _sysctl(name: str, seen: set[str], spec: Document, path: str) -> Iterator[Cause]:
    plain = name.replace("/", ".") if "/" in name and "." not in name.split("/", maxsplit=1)[0] else name
    if not name:
        yield required(path)
    elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
        yield invalid(path, name, f"must have at most 253 characters and match regex {_SYSCTL}")
    elif name in seen:
        yield duplicate(path, name)
    if spec.get("hostNetwork") and plain.startswith(_NET):
        yield invalid(path, name, "may not be specified when 'hostNetwork' is true")
    elif spec.get("hostIPC") and plain.startswith(_IPC):
        yield invalid(path, name, "may not be specified when 'hostIPC' is true")
    seen.add(name)


def container_security(container: Document, path: str, *, host_users: bool) -> Iterator[Cause]:
    """The securityContext of a container, at this path; `host_users`: its pod has the node's users."""
    context = part(container, "securityContext")
    for name in ("runAsUser", "runAsGroup"):
        yield from in_range(context.get(name), 0, MAX_INT32, f"{path}.{name}")
    mount = context.get("procMount")
    yield from one_of(mount, ("Default", "Unmasked"), f"{path}.procMount")
    if mount == "Unmasked" and host_users:
        yield invalid(f"{path}.procMount", mount, "`hostUsers` must be false to use `Unmasked`")
    yield from _seccomp(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        yield from _contradiction(context, path)
    yield from _windows(context, f"{path}.windowsOptions")
    yield from app_armor(context, f"{path}.appArmorProfile")


def _contradiction(context: Document, path: str) -> Iterator[Cause]:
    shown = internal("core.SecurityContext", context)
    if context.get("privileged"):
        yield invalid(path, shown, f"{_PRIVILEGES}`privileged` to true")
    if "CAP_SYS_ADMIN" in items_of(part(context, "capabilities"), "add"):
        yield invalid(path, shown, f"{_PRIVILEGES}`capabilities.Add` CAP_SYS_ADMIN")


def _seccomp(context: Document, path: str) -> Iterator[Cause]:
    profile, at = part(context, "seccompProfile"), f"{path}.seccompProfile"
    if not isinstance(context.get("seccompProfile"), dict):
        return
    kind, local = profile.get("type"), profile.get("localhostProfile")
    if not kind:
        yield required(f"{at}.type", "type is required when seccompProfile is set")
    else:
        yield from chosen(kind, _KINDS, f"{at}.type")
    if kind == "Localhost":
        if local is None:
            yield required(f"{at}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            yield from descending_path(local, f"{at}.localhostProfile")
    elif local is not None:
        shown = {"Type": kind or "", "LocalhostProfile": local}
        yield invalid(f"{at}.localhostProfile", shown, "can only be set when seccomp type is Localhost")


def app_armor(context: Document, path: str) -> Iterator[Cause]:
    """The AppArmor profile of a security context, at this path."""
    profile, at = part(context, "appArmorProfile"), f"{path}.localhostProfile"
    if not isinstance(context.get("appArmorProfile"), dict):
        return
    kind, local = profile.get("type"), profile.get("localhostProfile")
    if not kind:
        yield required(f"{path}.type", "type is required when appArmorProfile is set")
    elif kind not in _KINDS:
        yield not_supported(f"{path}.type", kind, _KINDS)
    elif kind != "Localhost":
        if local is not None:
            yield invalid(at, local, "can only be set when AppArmor type is Localhost")
    elif local is None or not local:
        yield required(at, "must be set when AppArmor type is Localhost")
    elif local != local.strip():
        yield invalid(at, local, "must not be padded with whitespace")
    elif len(local.encode()) > _LONGEST_PROFILE:
        yield too_long(at, _LONGEST_PROFILE)


# -- Windows


def _windows(context: Document, path: str) -> Iterator[Cause]:
    options = part(context, "windowsOptions")
    name, credentials = options.get("gmsaCredentialSpecName"), options.get("gmsaCredentialSpec")
    if name is not None:
        yield from named(dns1123_subdomain, name, f"{path}.gmsaCredentialSpecName")
    at = f"{path}.gmsaCredentialSpec"
    if credentials == "":
        yield invalid(at, credentials, "gmsaCredentialSpec cannot be an empty string")
    elif credentials is not None and len(credentials.encode()) > _CREDENTIALS * 1024:
        yield invalid(at, credentials, f"gmsaCredentialSpec size must be under {_CREDENTIALS} KiB")
    user = options.get("runAsUserName")
    if user is not None:
        for text in _user_faults(user):
            yield invalid(f"{path}.runAsUserName", user, f"runAsUserName{text}")


def _user_faults(name: str) -> Iterator[str]:
    if not name:
        yield " cannot be an empty string"
    elif re.search(r"[\x00-\x1f\x7f]", name):
        yield " cannot contain control characters"
    elif name.count("\\") > 1:
        yield " cannot contain more than one backslash"
    else:
        domain, backslash, user = name.rpartition("\\")
        yield from _domain_faults(domain) if backslash else ()
        yield from _name_faults(user)


def _domain_faults(domain: str) -> Iterator[str]:
    if len(domain) >= 256:
        yield "'s Domain length must be under 256 characters"
    label = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
    if not re.fullmatch(r'[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}', domain) and not re.fullmatch(
        rf"{label}(\.{label})*", domain
    ):
        yield "'s Domain doesn't match the NetBios nor the DNS format"


def _name_faults(user: str) -> Iterator[str]:
    if not user:
        yield "'s User cannot be empty"
    elif len(user) > 104:
        yield "'s User length must not be longer than 104 characters"
    if re.fullmatch(r"[\. ]+", user):
        yield "'s User cannot contain only periods or spaces"
    if re.search(r'["/\\:;|=,\+\*\?<>@\[\]]', user):
        yield "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
