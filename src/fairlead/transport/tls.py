"""TLS towards API servers: version 1.2 or newer, the certificate and the name in it verified."""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.errors import ConfigError
from fairlead.transport.config import KubeConfig

__all__ = ["ClientIdentity", "ProxyTrust", "authority_stamp", "client_context", "explain", "file_stamp"]

#: OpenSSL's X509_V_ERR_… codes, which `ssl` gives as numbers only.
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21, 27})
_OTHER_NAME = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """A client certificate (with its chain) and its private key, both PEM; `origin` says where they come from."""

    certificate: bytes
    key: bytes = field(repr=False)
    origin: str = ""


def file_stamp(file: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced. Raises OSError."""
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def authority_stamp(config: KubeConfig) -> tuple[int, int, int] | None:
    """Changes when the CA file does; None where there is none, or where it is gone for a moment."""
    if config.ca_file is None:
        return None
    try:
        return file_stamp(config.ca_file)
    except OSError:
        return None


def client_context(config: KubeConfig, identity: ClientIdentity | None = None) -> ssl.SSLContext:
    """What to verify a server with, and the client certificate to show it.

    Raises:
        ConfigError: a certificate or key cannot be read, is no PEM, or the two do not belong together.
    """
    context = _strict(_verifying(config), config)
    if identity is not None:
        _show(context, identity)
    return context


class ProxyTrust:
    """What a proxy is verified with that is spoken to over TLS: the system's authorities, and the cluster's.

    kubectl takes the cluster's alone, as it knows one set for both, and shows the proxy the client certificate too; here the
    proxy gets none. `insecure_skip_tls_verify` holds for the proxy as well, as it does there.
    """

    def __init__(self, config: KubeConfig) -> None:
        self._config = config
        self._made: tuple[object, ssl.SSLContext] | None = None

    def __call__(self) -> ssl.SSLContext:
        """The context; made anew when the CA file is replaced. Raises ConfigError."""
        stamp = authority_stamp(self._config)
        if self._made is None or self._made[0] != stamp:
            context = _strict(_verifying(self._config), self._config)
            context.load_default_certs()
            self._made = stamp, context
        return self._made[1]


def _strict(context: ssl.SSLContext, config: KubeConfig) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # As Go does, and so kubectl: any certificate in the CA file is trusted by itself, and CAs made before RFC 5280's
    # rules on extensions were enforced (Python 3.13 began to) are taken.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if config.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(config: KubeConfig) -> ssl.SSLContext:
    where = config.ca_file or "certificate-authority-data"
    try:
        data = config.ca_file.read_bytes() if config.ca_file else config.ca_data
        if data is None:
            return ssl.create_default_context()
        return ssl.create_default_context(cadata=data.decode("utf-8"))
    except OSError as error:  # ssl.SSLError is one too
        reason = "holds no PEM certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"{config.origin}: certificate-authority: {where}: {reason}") from error
    except ValueError as error:
        raise ConfigError(f"{config.origin}: certificate-authority: {where}: holds no PEM certificate") from error


def _show(context: ssl.SSLContext, identity: ClientIdentity) -> None:
    # `ssl` loads certificates from files only. The file is the owner's alone (mkstemp) and gone before anything else runs.
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix="fairlead-", suffix=".pem")
        with os.fdopen(handle, "wb") as file:
            file.write(identity.certificate.rstrip() + b"\n" + identity.key.rstrip() + b"\n")
        context.load_cert_chain(name, password=_no_passphrase)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError too
        raise ConfigError(f"{identity.origin}: the client certificate cannot be used: {_reason(error)}") from error
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _no_passphrase() -> str:
    raise ValueError("its key is encrypted; give it without a passphrase")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key does not belong to the certificate"
        return f"it is not a PEM certificate with a PEM key ({error.reason or error})"
    if isinstance(error, OSError):
        return f"it has to be written to a file for a moment ({error.strerror or error}); is there room in $TMPDIR, or /tmp?"
    return str(error)


def explain(error: ssl.SSLError, config: KubeConfig, host: str) -> str:
    """Say in one sentence what is wrong with a TLS connection, and what to do."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
            return "the server does not speak TLS on this port; is the URL's scheme or port wrong?"
        return (
            f"TLS failed: {error.reason or error}; does the server take TLS 1.2 or newer, and this client certificate?"
        )
    code = error.verify_code
    if code == _EXPIRED:
        return "the server's certificate has expired; renew it on the server, or check this machine's clock"
    if code == _NOT_YET_VALID:
        return "the server's certificate is not valid yet; check the clocks of this machine and of the server"
    if code in _OTHER_NAME:
        asked = config.tls_server_name or host
        return (
            f"the server's certificate is not for {asked!r} ({error.verify_message}); use a name that is in it as the "
            "server's URL, or set tls-server-name"
        )
    if code in _UNKNOWN_ISSUER:
        return (
            f"the server's certificate is signed by an authority that is not trusted here ({error.verify_message}); set "
            f"certificate-authority to the cluster's CA ({_trusted(config)} now), and check that this is the right server"
        )
    return f"the server's certificate cannot be verified: {error.verify_message}"


def _trusted(config: KubeConfig) -> str:
    if config.ca_file:
        return str(config.ca_file)
    return "certificate-authority-data" if config.ca_data else "the system's CAs"
