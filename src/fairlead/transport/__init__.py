"""How requests reach an API server: kubeconfig, credentials, TLS, HTTP, and the way inside one process."""

from __future__ import annotations

from fairlead.transport.in_process import Handler, InProcessTransport
from fairlead.transport.protocol import Transport

__all__ = ["Handler", "InProcessTransport", "Transport"]
