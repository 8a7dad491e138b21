"""How requests reach an API server: kubeconfig, credentials, TLS, HTTP, and the way inside one process."""

from __future__ import annotations

from fairlead.transport.config import ExecConfig, Impersonation, KubeConfig, OidcConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.in_process import Handler, InProcessTransport
from fairlead.transport.protocol import Transport

__all__ = [
    "ExecConfig",
    "Handler",
    "HttpTransport",
    "Impersonation",
    "InProcessTransport",
    "KubeConfig",
    "OidcConfig",
    "Transport",
]
