"""What is wrong with bundles of trust anchors, and with requests for the certificates of pods.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import IMMUTABLE, fixed, immutable, invalid, named, required, too_long
from fairlead.apiserver.rules.signers import SHORTEST_LIFE, annotation_keys, longest_life, signer_name
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import NameRule, dns1123_subdomain

__all__ = ["certificate_request", "trust_bundle"]

_LARGEST_BUNDLE, _LONGEST_UID = 1024 * 1024, 128
_BLOCK = re.compile(r"-----BEGIN ([^\n]*?)-----\s*?\n(.*?)-----END \1-----", re.DOTALL)
_OMITTED = "<value omitted>"
_SEQUENCE = 0x30
_ONE_KIND = "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set"


def trust_bundle(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ClusterTrustBundle."""
    meta, spec, before = part(new, "metadata"), part(new, "spec"), part(old, "spec")
    signer, anchors = spec.get("signerName") or "", spec.get("trustBundle") or ""
    for field in ("generateName", "name"):
        if meta.get(field):
            yield from named(_name_rule(signer), meta[field], f"metadata.{field}")
    if signer:
        yield from signer_name(signer, "spec.signerName")
    if old is None or anchors != before.get("trustBundle"):
        yield from _anchors(anchors, "spec.trustBundle")
    if old is not None:
        yield from immutable(signer, before.get("signerName"), "spec.signerName")


def _name_rule(signer: str) -> NameRule:
    prefix = signer.replace("/", ":") + ":"

    def check(name: str) -> list[str]:
        if not signer and ":" in name:
            return ['ClusterTrustBundle without signer name must not have ":" in its name']
        if signer and not name.startswith(prefix):
            return [f"ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}"]
        return dns1123_subdomain(name.removeprefix(prefix) if signer else name)

    return check


def _anchors(text: str, path: str) -> Iterator[Cause]:
    if len(text) > _LARGEST_BUNDLE:
        yield too_long(path, _LARGEST_BUNDLE)
        return
    seen: dict[bytes, list[int]] = {}
    faults: list[str] = []
    for index, (kind, content) in enumerate(_BLOCK.findall(text)):
        data, fault = _certificate(kind, content)
        if fault:
            faults.append(f"entry {index} {fault}")
        else:
            seen.setdefault(data, []).append(index)
    if not faults and not seen:
        faults = ["at least one trust anchor must be provided"]
    elif not faults:
        shown = (" ".join(map(str, places)) for places in seen.values() if len(places) > 1)
        faults = [f"duplicate trust anchor (indices [{places}])" for places in shown]
    for fault in faults:
        yield invalid(path, _OMITTED, fault)


def _certificate(kind: str, content: str) -> tuple[bytes, str]:
    """A certificate's bytes, and what is wrong with it."""
    if kind != "CERTIFICATE":
        return b"", f"has bad block type: {kind}"
    if ":" in content:
        return b"", "has PEM block headers"
    store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        data = base64.b64decode("".join(content.split()))
        store.load_verify_locations(cadata=data)
    except (binascii.Error, ssl.SSLError, ValueError):
        return b"", "does not parse as X.509"
    return data, "" if store.get_ca_certs(binary_form=True) else "does not have the CA bit set"


def certificate_request(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PodCertificateRequest."""
    spec = part(new, "spec")
    if old is not None:
        yield from fixed(spec, part(old, "spec"), "spec", IMMUTABLE)
        return
    signer = spec.get("signerName") or ""
    yield from signer_name(signer, "spec.signerName")
    yield from annotation_keys(part(spec, "unverifiedUserAnnotations"), "spec.unverifiedUserAnnotations")
    for kind in ("pod", "serviceAccount", "node"):
        yield from named(dns1123_subdomain, spec.get(f"{kind}Name") or "", f"spec.{kind}Name")
        uid = spec.get(f"{kind}UID") or ""
        if not uid:
            yield invalid(f"spec.{kind}UID", "", "must not be empty")
        elif len(uid) > _LONGEST_UID:
            yield too_long(f"spec.{kind}UID", _LONGEST_UID)
    yield from _life(signer, spec.get("maxExpirationSeconds"))
    if spec.get("maxExpirationSeconds") is not None:
        yield from _keys(spec)


def _life(signer: str, seconds: object) -> Iterator[Cause]:
    path, longest = "spec.maxExpirationSeconds", longest_life(signer)
    if not isinstance(seconds, int):
        yield required(path, "must be set")
    elif not SHORTEST_LIFE <= seconds <= longest:
        yield invalid(path, seconds, f"must be in the range [{SHORTEST_LIFE}, {longest}]")


def _keys(spec: Document) -> Iterator[Cause]:
    stub, key, proof = (bool(spec.get(name)) for name in ("stubPKCS10Request", "pkixPublicKey", "proofOfPossession"))
    if (stub, key, proof) not in {(True, False, False), (False, True, True)}:
        yield _without_value("spec", _ONE_KIND)
    elif stub and not _is_sequence(spec["stubPKCS10Request"]):
        yield _without_value("spec.stubPKCS10Request", "must be a valid PKCS#10 CSR")


def _without_value(path: str, text: str) -> Cause:
    return Cause(causes.INVALID, f"Invalid value: {text}", path)


def _is_sequence(text: str) -> bool:
    """Whether base64 holds one ASN.1 sequence and nothing behind it, which is as far as requests are read here."""
    try:
        data = base64.b64decode(text)
    except binascii.Error:
        return False
    if len(data) < 2 or data[0] != _SEQUENCE:
        return False
    size = data[1] & 0x7F if data[1] & 0x80 else 0
    length = int.from_bytes(data[2 : 2 + size], "big") if size else data[1]
    return len(data) == 2 + size + length
