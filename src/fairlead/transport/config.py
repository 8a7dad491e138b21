"""Which API server to talk to, and as whom.

The fields are those of a kubeconfig's chosen context:
https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fairlead.errors import ConfigError

__all__ = ["ExecConfig", "Impersonation", "KubeConfig", "OidcConfig"]

_SECRET = frozenset({"token", "password", "client_key_data", "proxy_url"})
_LONG = frozenset({"ca_data", "client_certificate_data"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecConfig:
    """A program that gives credentials: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/."""

    #: A name to look for in PATH, or an absolute path; a kubeconfig's relative path is relative to its file.
    command: str
    api_version: str = "client.authentication.k8s.io/v1"
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    install_hint: str = ""
    provide_cluster_info: bool = False
    #: Never, IfAvailable or Always: whether the program may talk with the person at the terminal.
    interactive_mode: str = "IfAvailable"
    #: What the cluster's extension `client.authentication.k8s.io/exec` holds: passed on to the program.
    cluster_config: Any = field(default=None, repr=False)
    #: Seconds the program may take before it is killed.
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcConfig:
    """An identity provider that gives id tokens for a refresh token, `auth-provider: {name: oidc}` in a kubeconfig.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    ca_file: Path | None = None
    ca_data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impersonation:
    """Whom to act as: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/."""

    user: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KubeConfig:
    """One API server and one identity. Certificates and keys given as data are PEM bytes.

    Raises:
        ConfigError: the fields contradict each other, or the server is no http(s) URL.
    """

    server: str
    ca_file: Path | None = None
    ca_data: bytes | None = None
    insecure_skip_tls_verify: bool = False
    #: The name to ask for and to verify in the server's certificate, where it is not the URL's host.
    tls_server_name: str = ""
    client_certificate_file: Path | None = None
    client_certificate_data: bytes | None = None
    client_key_file: Path | None = None
    client_key_data: bytes | None = None
    token: str = ""
    #: Read again from time to time; goes before `token`.
    token_file: Path | None = None
    username: str = ""
    password: str = ""
    exec: ExecConfig | None = None
    oidc: OidcConfig | None = None
    impersonate: Impersonation | None = None
    #: The context's namespace. Never used silently; see `Client(namespace=)`.
    namespace: str = ""
    #: The context's name; empty in a cluster.
    context: str = ""
    #: Where this comes from, for messages.
    source: str = "KubeConfig(...)"
    #: The proxy to connect through, with its user and password if it wants them: http://, https:// (TLS with the proxy itself),
    #: socks5:// or socks5h:// (both have the proxy resolve names). Without one, HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked at.
    proxy_url: str = ""

    def __post_init__(self) -> None:
        if "@" in self.server:
            # Every message has this URL in it, so that it may have no password.
            raise ConfigError(f"{self.source}: server: its URL names a user; set username and password instead")
        url = _split(self.server)
        if url is None or url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
            raise ConfigError(
                f"{self.source}: server: {self.server!r} is not the URL of an API server, such as https://10.0.0.1:6443"
            )
        self._one_of("certificate-authority", self.ca_file, self.ca_data)
        self._one_of("client-certificate", self.client_certificate_file, self.client_certificate_data)
        self._one_of("client-key", self.client_key_file, self.client_key_data)
        if self.insecure_skip_tls_verify and (self.ca_file or self.ca_data):
            raise ConfigError(f"{self.source}: insecure-skip-tls-verify is set, and so is a certificate-authority")
        if self.has_client_certificate != bool(self.client_key_file or self.client_key_data):
            given, missing = (
                ("client-certificate", "client-key")
                if self.has_client_certificate
                else ("client-key", "client-certificate")
            )
            raise ConfigError(f"{self.source}: {given} is given, but no {missing} (nor {missing}-data)")
        if (self.token or self.token_file) and self.username:
            raise ConfigError(f"{self.source}: both a token and a username are given; the server takes one")

    @property
    def has_client_certificate(self) -> bool:
        """Whether a client certificate is given here, as a file or as data."""
        return bool(self.client_certificate_file or self.client_certificate_data)

    @property
    def origin(self) -> str:
        """`source`, with the context where there is one: for messages."""
        return f"{self.source}, context {self.context}" if self.context else self.source

    @classmethod
    def load(cls, path: str | Path | None = None, *, context: str | None = None, allow_exec: bool = True) -> KubeConfig:
        """Read `path`; else the files of $KUBECONFIG, merged; else ~/.kube/config; else be in a cluster.

        Of entries with the same name the first wins whole, as with kubectl. Files of $KUBECONFIG that are missing are
        skipped. `context` replaces the files' current-context.

        Raises:
            ConfigError: a file, a field or a value is wrong, or there is no configuration at all.
        """
        from fairlead.transport.kubeconfig import load  # noqa: PLC0415  # it builds on this module

        return load(path, context=context, allow_exec=allow_exec)

    @classmethod
    def in_cluster(cls) -> KubeConfig:
        """The API server and the service account of the pod this runs in.

        Raises:
            ConfigError: this does not run in a pod, or the pod has no service account's token.
        """
        from fairlead.transport.kubeconfig import in_cluster  # noqa: PLC0415  # it builds on this module

        return in_cluster()

    @classmethod
    def from_dict(
        cls,
        document: Mapping[str, Any],
        *,
        context: str | None = None,
        allow_exec: bool = True,
        source: str = "kubeconfig",
        directory: str | Path | None = None,
    ) -> KubeConfig:
        """Take a kubeconfig that has been decoded already; relative paths in it are relative to `directory`.

        Raises:
            ConfigError: a field or a value is wrong; the message starts with `source`.
        """
        from fairlead.transport.kubeconfig import from_documents  # noqa: PLC0415  # it builds on this module

        return from_documents([(source, Path(directory or "."), document)], context=context, allow_exec=allow_exec)

    @classmethod
    def from_yaml(
        cls,
        text: str,
        *,
        context: str | None = None,
        allow_exec: bool = True,
        source: str = "kubeconfig",
        directory: str | Path | None = None,
    ) -> KubeConfig:
        """Take a kubeconfig's text, YAML or JSON. See `from_dict`.

        Raises:
            ConfigError: the text is no YAML, or a field or a value is wrong; the message starts with `source`.
        """
        from fairlead.transport.kubeconfig import parse  # noqa: PLC0415  # it builds on this module

        document = parse(text, source)
        return cls.from_dict(document, context=context, allow_exec=allow_exec, source=source, directory=directory)

    def __repr__(self) -> str:
        return f"KubeConfig({', '.join(_shown(f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name))})"

    def _one_of(self, name: str, file: Path | None, data: bytes | None) -> None:
        if file is not None and data is not None:
            raise ConfigError(f"{self.source}: both {name} ({file}) and {name}-data are given; leave one out")


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read, because a port that is no number shows itself only here
    except ValueError:
        return None
    return parts


def _shown(name: str, value: object) -> str:
    if name in _SECRET:
        return f"{name}='<redacted>'"
    if name in _LONG and isinstance(value, bytes):
        return f"{name}=<{len(value)} bytes>"
    return f"{name}={value!r}"
