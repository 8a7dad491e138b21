"""`fairlead serve`: the in-memory API server over HTTP, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.apiserver.server import ApiServer
from fairlead.errors import ConfigError, InvalidObject
from fairlead.machinery import yaml

__all__ = ["run"]


def run(
    *,
    port: int,
    token: str | None,
    kubeconfig: str | None,
    manifests: Sequence[str] = (),
    garbage_collection: bool = True,
) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code.

    Raises ConfigError for a port, file or path that cannot be used, and InvalidObject for a wrong manifest.
    """
    documents = [(path, read_manifests(Path(path))) for path in manifests]
    return asyncio.run(_serve(port, token or secrets.token_hex(16), kubeconfig, documents, garbage_collection))


async def _serve(
    port: int,
    token: str,
    kubeconfig_path: str | None,
    documents: Sequence[tuple[str, list[dict[str, Any]]]],
    garbage_collection: bool,
) -> int:
    server = ApiServer(tokens={token: "admin"}, garbage_collection=garbage_collection)
    _load(server, documents)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with HttpFront(server, port=port, token=token) as front:
        if kubeconfig_path is not None:
            write_kubeconfig(Path(kubeconfig_path), front.url, token)
        sys.stdout.write(_greeting(front.url, kubeconfig_path))
        sys.stdout.flush()
        await stop.wait()
    return 0


def _greeting(url: str, kubeconfig_path: str | None) -> str:
    if kubeconfig_path is not None:
        use = f"kubectl --kubeconfig {kubeconfig_path} get namespaces"
    else:
        use = f"kubectl --server {url} get namespaces"
    return f"Serving the Kubernetes API at {url}\nTry it:  {use}\nCtrl-C stops it; everything in it is gone then.\n"


def _load(server: ApiServer, documents: Sequence[tuple[str, list[dict[str, Any]]]]) -> None:
    """Load all files together, CRDs first; a fault is told with its file."""
    numbered = [(path, number, document) for path, found in documents for number, document in enumerate(found, 1)]
    for rank in (True, False):
        for path, number, document in numbered:
            if (document.get("kind") == "CustomResourceDefinition") is not rank:
                continue
            try:
                server.load([document])
            except InvalidObject as error:
                raise InvalidObject(f"{path}: document {number}: {error}") from error


def read_manifests(path: Path) -> list[dict[str, Any]]:
    """The documents of a file. Raises ConfigError when it cannot be read, InvalidObject for what is no object."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    found: list[dict[str, Any]] = []
    for number, document in enumerate(yaml.load_all(text, source=str(path)), 1):
        if document is None:
            continue
        if not isinstance(document, dict):
            raise InvalidObject(
                f"{path}: document {number}: an object was expected, with apiVersion, kind and metadata"
            )
        found.append(cast("dict[str, Any]", document))
    return found


def write_kubeconfig(path: Path, url: str, token: str) -> None:
    """Write a kubeconfig that only its owner can read. Raises ConfigError when the path cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(yaml.dump(kubeconfig(url, token)))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ConfigError(f"the kubeconfig cannot be written to {path}: {error}") from error
