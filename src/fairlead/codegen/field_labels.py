"""The field labels a field selector may name, per type.

https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/#list-of-supported-fields
The server states them in the field label conversions of each group and version; a type without one has just the first two.
"""

from __future__ import annotations

__all__ = ["field_labels"]

_DEFAULT = ("metadata.name", "metadata.namespace")
_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

_SLICE = ("metadata.name", "spec.driver", "spec.nodeName", "spec.pool.name")
_SIGNER = ("metadata.name", "spec.signerName")
_POD_CERTIFICATE = ("metadata.name", "spec.nodeName", "spec.podName", "spec.signerName")

_LABELS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (
        *_DEFAULT,
        "spec.hostNetwork",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.nominatedNodeName",
        "status.phase",
        "status.podIP",
        "status.podIPs",
    ),
    ("", "Node"): ("metadata.name", "spec.unschedulable"),
    ("", "Namespace"): ("metadata.name", "status.phase"),
    ("", "ReplicationController"): (*_DEFAULT, "status.replicas"),
    ("", "Secret"): (*_DEFAULT, "type"),
    ("", "Service"): (*_DEFAULT, "spec.clusterIP", "spec.type"),
    ("", "Event"): (
        *_DEFAULT,
        *(f"involvedObject.{name}" for name in _REFERENCE),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    ("events.k8s.io", "Event"): (
        *_DEFAULT,
        "reason",
        *(f"regarding.{name}" for name in _REFERENCE),
        "reportingController",
        "type",
    ),
    ("batch", "Job"): (*_DEFAULT, "status.successful"),
    ("certificates.k8s.io", "CertificateSigningRequest"): _SIGNER,
    ("certificates.k8s.io", "ClusterTrustBundle"): _SIGNER,
    ("certificates.k8s.io", "PodCertificateRequest"): _POD_CERTIFICATE,
    ("resource.k8s.io", "ResourceSlice"): _SLICE,
}

# Versions of a type that have no conversion of their own, though others of the type have.
_WITHOUT: frozenset[tuple[str, str, str]] = frozenset({("resource.k8s.io", "v1alpha3", "ResourceSlice")})


def field_labels(group: str, version: str, kind: str) -> list[str]:
    """The selectable field labels of a type, sorted."""
    if (group, version, kind) in _WITHOUT:
        return list(_DEFAULT)
    return sorted(_LABELS.get((group, kind), _DEFAULT))
