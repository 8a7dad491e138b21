"""What the server warns of when it takes an object all the same.

https://kubernetes.io/blog/2020/09/03/warnings/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.apiserver.documents import listed, part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.rules import warned_pods
from fairlead.apiserver.rules.definitions import definition_warnings
from fairlead.machinery.validation import STANDARD_FINALIZERS, dns1123_label, qualified_name, quote

__all__ = ["Warner", "warner"]

#: The warnings for a new object in place of an old one (None: it is created).
Warner = Callable[[dict[str, Any], dict[str, Any] | None], list[str]]

_SURPRISE = "which can result in surprising behavior; a DNS label is recommended"
_INGRESS_CLASS = "kubernetes.io/ingress.class"


def warner(info: ResourceInfo) -> Warner:
    """The warnings of a type."""
    if info.is_custom:
        return _finalizers
    return _BUILTIN.get((info.type.group, info.type.kind), _nothing)


def _nothing(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    del new, old
    return []


def _finalizers(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    """Finalizers that others might come to write, too."""
    before = listed(old, "metadata", "finalizers")
    found: list[str] = []
    for name in sorted(set(listed(new, "metadata", "finalizers")) - set(before)):
        found += [f"metadata.finalizers: {quote(name)}: {text}" for text in qualified_name(name)]
        if "/" in name or name in STANDARD_FINALIZERS:
            continue
        path = " including a path (/)" if "." in name else ""
        why = (
            f"prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers"
        )
        found.append(f"metadata.finalizers: {quote(name)}: {why}")
    return found


def _named(use: str) -> Warner:
    """Names of new objects that are used where only a DNS label works well."""

    def warn(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
        faults = dns1123_label(part(new, "metadata").get("name", "")) if old is None else []
        return [f"metadata.name: this is used in {use}, {_SURPRISE}: [{' '.join(faults)}]"] if faults else []

    return warn


def _tls(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    """Pairs of which a half is missing; whether certificate and key fit is not looked at."""
    del old
    if new.get("type") != "kubernetes.io/tls":
        return []
    data = part(new, "data")
    missing = [what for key, what in (("tls.crt", "certificate"), ("tls.key", "key")) if not data.get(key)]
    return [f"tls: failed to find any PEM data in {what} input" for what in missing[:1]]


def _ingress(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    if old is not None or _INGRESS_CLASS not in part(new, "metadata", "annotations"):
        return []
    return [f"annotation {quote(_INGRESS_CLASS)} is deprecated, please use 'spec.ingressClassName' instead"]


def _service(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    del old
    spec = part(new, "spec")
    found: list[str] = []
    if spec.get("externalName") and spec.get("type") != "ExternalName":
        found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("clusterIP") == "None":
        if spec.get("externalIPs"):
            found.append("spec.externalIPs is ignored for headless services")
        if spec.get("sessionAffinity") not in {None, "", "None"}:
            found.append("spec.SessionAffinity is ignored for headless services")
    elif spec.get("externalIPs"):
        found.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    return found


def _csi_driver(new: dict[str, Any], old: dict[str, Any] | None) -> list[str]:
    del old
    spec = part(new, "spec")
    if not spec.get("tokenRequests") or spec.get("serviceAccountTokenInSecrets") is not None:
        return []
    advice = "if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes"
    return [f"spec.serviceAccountTokenInSecrets is unset; {advice}"]


def _both(*warners: Warner) -> Warner:
    return lambda new, old: [text for each in warners for text in each(new, old)]


_PODS = _named("Pod names and hostnames")
_MAKERS = _both(_PODS, warned_pods.template("spec", "template"))
_BUILTIN: Mapping[tuple[str, str], Warner] = {
    ("", "Pod"): _both(_named("the Pod's hostname"), warned_pods.pod),
    ("", "Service"): _service,
    ("apps", "StatefulSet"): warned_pods.template("spec", "template"),
    ("apps", "DaemonSet"): warned_pods.template("spec", "template"),
    ("", "ReplicationController"): _MAKERS,
    ("", "Secret"): _tls,
    ("apps", "Deployment"): _MAKERS,
    ("apps", "ReplicaSet"): _MAKERS,
    ("batch", "Job"): _MAKERS,
    ("batch", "CronJob"): _both(_PODS, warned_pods.template("spec", "jobTemplate", "spec", "template")),
    ("networking.k8s.io", "Ingress"): _ingress,
    ("storage.k8s.io", "CSIDriver"): _csi_driver,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition_warnings,
}
