"""What the server warns of in secrets for TLS. Whether certificate and key fit each other is not looked at."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part

__all__ = ["secret"]

_BLOCK = re.compile(rb"-----BEGIN ([^\n-]+)-----\r?\n[A-Za-z0-9+/=\s]*-----END \1-----")


def secret(new: Document) -> Iterator[str]:
    """A Secret."""
    if new.get("type") != "kubernetes.io/tls":
        return
    data = part(new, "data")
    certificate, key = (_blocks(data.get(name)) for name in ("tls.crt", "tls.key"))
    if "CERTIFICATE" not in certificate:
        yield f"tls: failed to find {_missing_certificate(certificate)}"
    elif not any(_is_key(block) for block in key):
        yield f"tls: {_missing_key(key)}"


def _blocks(encoded: object) -> list[str]:
    """The types of the PEM blocks in a value."""
    try:
        text = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except binascii.Error:
        text = b""
    return [found.decode(errors="replace") for found in _BLOCK.findall(text)]


def _is_key(block: str) -> bool:
    return block == "PRIVATE KEY" or block.endswith(" PRIVATE KEY")


def _missing_certificate(blocks: list[str]) -> str:
    if not blocks:
        return "any PEM data in certificate input"
    if len(blocks) == 1 and blocks[0].endswith("PRIVATE KEY"):
        return (
            "certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
        )
    return (
        '"CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: '
        f"[{' '.join(blocks)}]"
    )


def _missing_key(blocks: list[str]) -> str:
    if not blocks:
        return "failed to find any PEM data in key input"
    if blocks == ["CERTIFICATE"]:
        return "found a certificate rather than a key in the PEM for the private key"
    return (
        'failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: '
        f"[{' '.join(blocks)}]"
    )
