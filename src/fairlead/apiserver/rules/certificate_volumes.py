"""What is wrong with certificates of pods in projected volumes.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#pod-certificate-requests
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import invalid, not_supported, required, reserved_path, too_long
from fairlead.apiserver.rules.signers import SHORTEST_LIFE, annotation_keys, longest_life, signer_name
from fairlead.machinery.causes import Cause

__all__ = ["pod_certificate"]

#: In the order in which the server looks at them.
_PATHS = ("credentialBundlePath", "keyPath", "certificateChainPath")
_KEYS = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_MOST_BYTES = 256 << 10


def pod_certificate(source: Document, path: str, volume: str, taken: set[str]) -> Iterator[Cause]:
    """A `podCertificate`, at this path; `taken` are the paths of its `volume`'s other files, to which its own are added."""
    signer = source.get("signerName") or ""
    yield from signer_name(signer, f"{path}.signerName")
    annotations = part(source, "userAnnotations")
    yield from annotation_keys(annotations, f"{path}.userAnnotations")
    if sum(len(key.encode()) + len(str(value).encode()) for key, value in annotations.items()) > _MOST_BYTES:
        yield too_long(f"{path}.userAnnotations", _MOST_BYTES)
    if source.get("keyType") not in _KEYS:
        yield not_supported(f"{path}.keyType", source.get("keyType") or "", _KEYS)
    yield from _lifetime(source.get("maxExpirationSeconds"), signer, f"{path}.maxExpirationSeconds")
    places = [name for name in _PATHS if source.get(name)]
    for name in places:
        yield from reserved_path(source[name], f"{path}.{name}")
        if source[name] in taken:
            yield invalid(volume, source[name], "conflicting duplicate paths")
        taken.add(source[name])
    if not places:
        names = "credentialBundlePath, keyPath, and certificateChainPath"
        yield required(path, f"specify at least one of {names}")


def _lifetime(seconds: int | None, signer: str, path: str) -> Iterator[Cause]:
    if seconds is None:
        return
    longest = longest_life(signer)
    if seconds < SHORTEST_LIFE:
        yield invalid(path, seconds, f"if provided, maxExpirationSeconds must be >= {SHORTEST_LIFE}")
    if seconds > longest:
        yield invalid(path, seconds, f"if provided, maxExpirationSeconds must be <= {longest}")
