"""Kinds that every group version has (DeleteOptions, WatchEvent): for which group versions documents list them.

They are listed for each that the server's scheme knows, those that it no longer serves included.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["shared_kinds"]

Kind = dict[str, str]

#: Group versions that are known, and have no resources that are served.
_UNSERVED = {
    "admission.k8s.io": ("v1", "v1beta1"),
    "apiextensions.k8s.io": ("v1beta1",),
    "apiregistration.k8s.io": ("v1beta1",),
    "apps": ("v1beta1", "v1beta2"),
    "authentication.k8s.io": ("v1", "v1alpha1", "v1beta1"),
    "authorization.k8s.io": ("v1", "v1beta1"),
    "batch": ("v1beta1",),
    "certificates.k8s.io": ("v1alpha1",),
    "discovery.k8s.io": ("v1beta1",),
    "events.k8s.io": ("v1beta1",),
    "extensions": ("v1beta1",),
    "flowcontrol.apiserver.k8s.io": ("v1beta1", "v1beta2", "v1beta3"),
    "imagepolicy.k8s.io": ("v1alpha1",),
    "networking.k8s.io": ("v1beta1",),
    "node.k8s.io": ("v1alpha1", "v1beta1"),
    "policy": ("v1beta1",),
    "rbac.authorization.k8s.io": ("v1alpha1", "v1beta1"),
    "storage.k8s.io": ("v1alpha1", "v1beta1"),
}
#: Groups that are not in the scheme from which custom types are described.
_SERVER_ONLY = frozenset({"admission.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "imagepolicy.k8s.io"})


def shared_kinds(kinds: Iterable[Kind], *, for_custom: bool) -> list[Kind]:
    """A shared kind in all its group versions, or in those that documents of custom types list."""
    known = {(kind["group"], kind["version"]): kind["kind"] for kind in kinds}
    name = next(iter(known.values()))
    known |= {(group, version): name for group, versions in _UNSERVED.items() for version in versions}
    return [
        {"group": group, "kind": known[group, version], "version": version}
        for group, version in sorted(known)
        if not (for_custom and group in _SERVER_ONLY)
    ]
