"""Where credentials come from, and when they are read again.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from fairlead.errors import ConfigError
from fairlead.transport import exec_plugin
from fairlead.transport.config import Impersonation, KubeConfig
from fairlead.transport.obtained import Grant, Obtained
from fairlead.transport.tls import ClientIdentity, file_stamp

__all__ = ["Credentials", "Grant", "impersonation_headers"]

#: Seconds after which a token file is read again; a pod's token is rotated long before it expires.
TOKEN_FILE_AGE = 60.0
_HEADER_SAFE = "!#$&'*+.^`|"


class _Source(Protocol):
    async def grant(self) -> Grant: ...

    async def renew(self, used: Grant) -> Grant | None: ...


class Credentials:
    """The credentials of one KubeConfig, kept fresh. Belongs to one event loop.

    `clock` counts seconds from anywhere and never goes back; `now` is seconds since the epoch.
    """

    def __init__(
        self,
        config: KubeConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        extra = impersonation_headers(config.impersonate)
        certificate = _Certificate(config) if config.has_client_certificate else None
        self._obtained: Obtained | None = None
        own = certificate.identity if certificate else None
        self._source: _Source
        # A kubeconfig's own token or password goes before what is obtained, as with kubectl.
        if config.token_file is not None:
            self._source = _TokenFile(config, config.token_file, extra, certificate, clock)
        elif config.exec is not None and not config.token and not config.username:
            plugin = config.exec
            self._source = self._obtained = Obtained(
                config.origin, lambda: exec_plugin.run(config, plugin), extra, own, now
            )
        elif config.oidc is not None and not config.token and not config.username:
            from fairlead.transport.oidc import Oidc  # noqa: PLC0415  # few configurations need it

            provider = Oidc(config, config.oidc)
            self._source = self._obtained = Obtained(
                config.origin, provider.refreshed, extra, own, now, known=provider.known()
            )
        else:
            self._source = _Static(_static_headers(config) + extra, certificate)

    async def grant(self) -> Grant:
        """What to send now.

        Raises:
            ConfigError: a file cannot be read, or the exec plugin or the identity provider failed.
        """
        return await self._source.grant()

    async def renew(self, used: Grant) -> Grant | None:
        """What to send after a 401 for `used`: freshly obtained, or None if there is nothing to obtain anew.

        Raises:
            ConfigError: the exec plugin or the identity provider failed.
        """
        return await self._source.renew(used)

    async def close(self) -> None:
        """End what is being obtained. Idempotent."""
        if self._obtained is not None:
            await self._obtained.close()


def impersonation_headers(impersonation: Impersonation | None) -> tuple[tuple[str, str], ...]:
    """The headers that ask to act as somebody else; extra keys are escaped as the API server unescapes them."""
    if impersonation is None:
        return ()
    pairs = [("Impersonate-User", impersonation.user)]
    if impersonation.uid:
        pairs.append(("Impersonate-Uid", impersonation.uid))
    pairs += [("Impersonate-Group", group) for group in impersonation.groups]
    for key, values in impersonation.extra.items():
        pairs += [(f"Impersonate-Extra-{quote(key, safe=_HEADER_SAFE)}", value) for value in values]
    return tuple(pairs)


def _static_headers(config: KubeConfig) -> tuple[tuple[str, str], ...]:
    if config.token:
        return (("Authorization", f"Bearer {config.token}"),)
    if config.username:
        pair = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
        return (("Authorization", f"Basic {pair}"),)
    return ()


class _Certificate:
    """The kubeconfig's client certificate; files are read again when either has changed."""

    def __init__(self, config: KubeConfig) -> None:
        self._config = config
        self._files = [file for file in (config.client_certificate_file, config.client_key_file) if file]
        self._stamp: tuple[tuple[int, int, int], ...] | None = None
        self._identity: ClientIdentity | None = None

    def identity(self) -> ClientIdentity:
        known = self._identity
        try:
            stamp = tuple(file_stamp(file) for file in self._files)
            if known is None or stamp != self._stamp:
                known = self._identity = self._read()
                self._stamp = stamp
        except OSError as error:
            if known is None:  # else: files that are being replaced may be gone for a moment
                raise ConfigError(
                    f"{self._config.origin}: client certificate: cannot read {error.filename}: {error.strerror}"
                ) from error
        return known

    def _read(self) -> ClientIdentity:
        config = self._config
        certificate, key = config.client_certificate_file, config.client_key_file
        origin = ", ".join(map(str, self._files)) or "client-certificate-data"
        identity = ClientIdentity(
            certificate.read_bytes() if certificate else config.client_certificate_data or b"",
            key.read_bytes() if key else config.client_key_data or b"",
            f"{config.origin}: {origin}",
        )
        # The same bytes must stay the same object: connections are kept per identity.
        return self._identity if self._identity is not None and self._identity == identity else identity


class _Static:
    """Headers that never change, with a certificate that may."""

    def __init__(self, headers: tuple[tuple[str, str], ...], certificate: _Certificate | None) -> None:
        self._headers = headers
        self._certificate = certificate
        self._grant: Grant | None = None

    async def grant(self) -> Grant:
        return self.current()

    async def renew(self, used: Grant) -> Grant | None:
        grant = self.current()
        return grant if grant.identity is not used.identity else None

    def current(self, headers: tuple[tuple[str, str], ...] | None = None) -> Grant:
        if headers is not None and headers != self._headers:
            self._headers, self._grant = headers, None
        identity = self._certificate.identity() if self._certificate else None
        if self._grant is None or self._grant.identity is not identity:
            self._grant = Grant(self._headers, identity)
        return self._grant


class _TokenFile:
    """A token in a file that somebody rotates, such as the kubelet."""

    def __init__(
        self,
        config: KubeConfig,
        file: Path,
        extra: tuple[tuple[str, str], ...],
        certificate: _Certificate | None,
        clock: Callable[[], float],
    ) -> None:
        self._origin = config.origin
        self._file = file
        self._extra = extra
        self._current = _Static((), certificate)
        self._clock = clock
        self._token = config.token
        self._read_at: float | None = None

    async def grant(self) -> Grant:
        if self._read_at is None or self._clock() - self._read_at >= TOKEN_FILE_AGE:
            self._read()
        return self._current.current((("Authorization", f"Bearer {self._token}"), *self._extra))

    async def renew(self, used: Grant) -> Grant | None:  # noqa: ARG002  # the file is cheaper to read than to compare
        self._read_at = None
        return await self.grant()

    def _read(self) -> None:
        try:
            token = self._file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            token, reason = "", getattr(error, "strerror", None) or "it is not UTF-8 text"
        else:
            reason = "it is empty"
        if not token and not self._token:
            raise ConfigError(f"{self._origin}: tokenFile: cannot use {self._file}: {reason}")
        # A file that is being replaced may be gone or empty for a moment: the last token may still be good.
        self._token = token or self._token
        self._read_at = self._clock()
