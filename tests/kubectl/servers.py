"""Our server over HTTP as kubectl meets it, and where kubectl is."""

from __future__ import annotations

import contextlib
import json
import secrets
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.apiserver.server import ApiServer
from hack.realserver import cache_folder
from tests.kubectl.play import Place

__all__ = ["kubectl", "ours"]


def kubectl() -> Path:
    """The kubectl of the release, whether it is there or not."""
    return cache_folder() / "kubectl"


@contextlib.asynccontextmanager
async def ours() -> AsyncGenerator[Place]:
    """A fresh server without controllers, as the real one has none."""
    token = secrets.token_hex(16)
    server = ApiServer(
        tokens={token: "admin"},
        garbage_collection=False,
        namespace_controller=False,
        quota_controller=False,
        protection_controller=False,
    )
    with tempfile.TemporaryDirectory(prefix="fairlead-kubectl-") as folder:
        async with HttpFront(server, token=token) as front:
            path = Path(folder) / "kubeconfig"
            path.write_text(json.dumps(kubeconfig(front.url, token)))
            yield Place(kubectl(), path, Path(folder) / "cache")
