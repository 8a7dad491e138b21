"""What is wrong with requests for certificates, with their approval, and with what their signers say.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    duplicate,
    forbidden,
    invalid,
    items_of,
    not_supported,
    one_of,
    required,
)
from fairlead.apiserver.rules.signers import signer_name
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import quote

__all__ = ["signing_approval", "signing_request", "signing_status"]

_PEM = b"-----BEGIN CERTIFICATE REQUEST-----"
_BLOCK = re.compile(rb"-----BEGIN ([^-]+)-----\n.*?\n-----END \1-----", re.DOTALL)
_LEGACY = "kubernetes.io/legacy-unknown"
_DECISIONS, _FINAL = ("Approved", "Denied"), ("Approved", "Denied", "Failed")
_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip
_SHORTEST_LIFE = 600


def signing_request(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CertificateSigningRequest."""
    if old is not None:
        return
    spec = part(new, "spec")
    text, usages, seconds = spec.get("request") or "", items_of(spec, "usages"), spec.get("expirationSeconds")
    if _PEM not in _decoded(text):
        yield invalid("spec.request", text or None, "PEM block type must be CERTIFICATE REQUEST")
    if not usages:
        yield required("spec.usages")
    for index, usage in enumerate(usages):
        yield from one_of(usage, _USAGES, f"spec.usages[{index}]")
    for index, usage in enumerate(usages):
        if usage in usages[:index]:
            yield duplicate(f"spec.usages[{index}]", usage)
    if spec.get("signerName") == _LEGACY:
        text = "the legacy signerName is not allowed via this API version"
        yield invalid("spec.signerName", _LEGACY, text)
    else:
        yield from signer_name(spec.get("signerName") or "", "spec.signerName")
    if seconds is not None and seconds < _SHORTEST_LIFE:
        text = "may not specify a duration less than 600 seconds (10 minutes)"
        yield invalid("spec.expirationSeconds", seconds, text)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""


def signing_approval(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CertificateSigningRequest that is approved or denied."""
    yield from _conditions(new)
    yield from _removed(new, old)
    yield from _both(new)


def signing_status(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CertificateSigningRequest whose signer writes the status."""
    yield from _conditions(new)
    wanted, present = (part(each, "status").get("certificate") for each in (new, old))
    if wanted and wanted != present:
        yield from _certificate(_decoded(wanted))
    yield from _removed(new, old)
    for kind in _DECISIONS:
        if len(_of_type(new, kind)) > len(_of_type(old, kind)):
            yield forbidden("status.conditions", f"updates may not add a condition of type {quote(kind)}")
    if present and wanted != present:
        yield forbidden("status.certificate", "updates may not modify existing certificate content")
    yield from _both(new)


def _conditions(new: Document) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, condition in children(part(new, "status"), "status", "conditions"):
        kind, status = str(condition.get("type") or ""), condition.get("status") or ""
        known = ("True",) if kind in _FINAL else ("False", "True", "Unknown")
        if not kind:
            yield required(f"{at}.type")
        if not status:
            yield required(f"{at}.status")
        elif status not in known:
            yield not_supported(f"{at}.status", status, known)
        if kind in seen:
            yield duplicate(f"{at}.type", kind)
        seen.add(kind)


def _of_type(document: Document | None, kind: str) -> list[Document]:
    return [each for each in parts(document, "status", "conditions") if each.get("type") == kind]


def _removed(new: Document, old: Document | None) -> Iterator[Cause]:
    for kind in _FINAL:
        if len(_of_type(new, kind)) < len(_of_type(old, kind)):
            yield forbidden("status.conditions", f"updates may not remove a condition of type {quote(kind)}")


def _both(new: Document) -> Iterator[Cause]:
    """A request cannot be approved and denied; the server looks at this last."""
    if all(_of_type(new, kind) for kind in _DECISIONS):
        names = [f'conditions[{{"type": "{kind}"}}]' for kind in _DECISIONS]
        listed = ", ".join(f"`{name}`" for name in names)
        yield invalid("status.conditions", f"{{{', '.join(names)}}}", f"must specify at most one of: {listed}")


def _certificate(data: bytes) -> Iterator[Cause]:
    found = [match[1].decode(errors="replace") for match in _BLOCK.finditer(data)]
    wrong = next((kind for kind in found if kind != "CERTIFICATE"), None)
    if wrong is not None:
        text = f"only CERTIFICATE PEM blocks are allowed, found {quote(wrong)}"
        yield invalid("status.certificate", "<certificate data>", text)
    elif not found:
        text = "must contain at least one CERTIFICATE PEM block"
        yield invalid("status.certificate", "<certificate data>", text)
