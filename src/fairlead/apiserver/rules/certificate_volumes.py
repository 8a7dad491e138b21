"""What is wrong with certificates of pods in projected volumes.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#pod-certificate-requests
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import invalid, named, not_supported, required, reserved_path, too_long
from fairlead.apiserver.rules.signers import signer_name
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import label_key

__all__ = ["pod_certificate"]

#: In the order in which the server looks at them.
_PATHS = ("credentialBundlePath", "keyPath", "certificateChainPath")
_KEYS = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_SHORTEST, _LONGEST, _LONGEST_OWN = 3600, 91 * 24 * 3600, 24 * 3600
_MOST_BYTES = 256 << 10


def pod_certificate(source: Document, path: str, volume: str, taken: set[str]) -> Iterator[Cause]:
    """A `podCertificate`, at this path; `taken` are the paths of its `volume`'s other files, to which its own are added."""
    signer = source.get("signerName") or ""
    yield from signer_name(signer, f"{path}.signerName")
    annotations = part(source, "userAnnotations")
    for key in annotations:
        yield from _domain_key(key.lower(), f"{path}.userAnnotations")
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


def _domain_key(key: str, path: str) -> Iterator[Cause]:
    faults = list(named(label_key, key, path))
    if not key:
        yield required(path)
    elif faults:
        yield from faults
    elif "/" not in key:
        yield invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')


def _lifetime(seconds: int | None, signer: str, path: str) -> Iterator[Cause]:
    if seconds is None:
        return
    own = f".{signer.partition('/')[0]}".endswith(".kubernetes.io")
    most = _LONGEST_OWN if own else _LONGEST
    if seconds < _SHORTEST:
        yield invalid(path, seconds, f"if provided, maxExpirationSeconds must be >= {_SHORTEST}")
    if seconds > most:
        yield invalid(path, seconds, f"if provided, maxExpirationSeconds must be <= {most}")
