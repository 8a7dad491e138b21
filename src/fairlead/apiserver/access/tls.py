"""A certificate authority of the server's own, for HTTPS on loopback and for client certificates. Needs `fairlead[server]`.

What a client certificate says of its holder: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairlead.apiserver.access.who import User
from fairlead.errors import ConfigError

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as _missing:
    raise ConfigError("HTTPS needs the package cryptography: pip install 'fairlead[server]'") from _missing

__all__ = ["Authority"]

#: How long certificates are valid; the authority itself lives as long as its server.
VALID = timedelta(days=365)
#: Clocks of other machines may be behind.
_BEFORE = timedelta(hours=1)
_PEM, _PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


class Authority:
    """Signs the server's certificate, and those of users. Its key is in memory only."""

    def __init__(self, name: str = "fairlead") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        signs = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(constraints, critical=True).add_extension(signs, critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, PEM: what clients trust."""
        return self._certificate.public_bytes(_PEM)

    def issue_client(self, user: User) -> tuple[bytes, bytes]:
        """A client certificate (common name: the user, organizations: the groups) and its key, both PEM."""
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in user.groups]
        subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, user.name)])
        return self._issue(subject, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """For a server of these names and addresses; client certificates of this authority are read, not required."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([_general(host) for host in hosts])
        certificate, key = self._issue(subject, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), names)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=self.certificate.decode())
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_OPTIONAL
        # Python reads a key from a file only; the folder is its owner's alone, and gone again at once.
        with tempfile.TemporaryDirectory(prefix="fairlead-") as folder:
            file = Path(folder) / "server.pem"
            file.touch(0o600)
            file.write_bytes(certificate + key)
            context.load_cert_chain(file)
        return context

    def _issue(
        self, subject: x509.Name, usage: x509.ExtendedKeyUsage, names: x509.SubjectAlternativeName | None = None
    ) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(subject, key.public_key()).add_extension(usage, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(_PEM), key.private_bytes(_PEM, _PKCS8, serialization.NoEncryption())

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - _BEFORE).not_valid_after(now + VALID)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(identifier, critical=False).add_extension(authority, critical=False)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
