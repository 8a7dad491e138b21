"""Credentials from a program, `client.authentication.k8s.io` v1 and v1beta1.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from fairlead.errors import ConfigError
from fairlead.transport.config import ExecConfig, KubeConfig
from fairlead.transport.obtained import Credential
from fairlead.transport.tls import ClientIdentity

__all__ = ["PluginFailed", "run"]

#: Seconds to wait for the end of a plugin's output once it has ended itself.
LEFT_OVER = 1.0
_SHOWN_LINES = 8


class PluginFailed(ConfigError):
    """An exec plugin gave no credentials: it failed, took too long, or wrote something else. It may work later."""

    retryable = True


async def run(config: KubeConfig, plugin: ExecConfig) -> Credential:
    """Run the plugin once.

    Raises:
        ConfigError: there is no such program, or it wants a terminal where there is none.
        PluginFailed: it failed, took longer than its timeout, or its output is no ExecCredential.
    """
    interactive = _interactive(config, plugin)
    process, said = await _start(config, plugin, interactive)
    try:
        async with asyncio.timeout(plugin.timeout):
            await said.all_of_it()
    except TimeoutError:
        raise _failed(config, plugin, f"gave no answer within {plugin.timeout:g} s and was killed") from None
    finally:
        await _end(process, said, interactive)
    if code := process.get_returncode():
        raise _failed(config, plugin, f"failed with exit code {code}{_last_lines(bytes(said.errors))}")
    return _read(config, plugin, bytes(said.output))


class _Said(asyncio.SubprocessProtocol):
    """What a program writes, until it ends."""

    def __init__(self) -> None:
        self.output, self.errors = bytearray(), bytearray()
        self.ended = asyncio.Event()
        self._closed = asyncio.Event()

    async def all_of_it(self) -> None:
        """Wait until it has ended. What it leaves running may go on for as long as it likes, with the same output."""
        await self.ended.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEFT_OVER):
                await self._closed.wait()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what it writes (asyncio's)."""
        (self.output if fd == 1 else self.errors).extend(data)

    def process_exited(self) -> None:
        """Take that it has ended (asyncio's)."""
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take that it has ended and nobody has its output any more (asyncio's)."""
        del exc
        self._closed.set()


def _interactive(config: KubeConfig, plugin: ExecConfig) -> bool:
    if plugin.interactive_mode == "Never":
        return False
    terminal = sys.stdin is not None and not sys.stdin.closed and os.isatty(0)
    if plugin.interactive_mode == "Always" and not terminal:
        raise ConfigError(
            f"{config.origin}: exec plugin {plugin.command!r} needs a terminal (interactiveMode: Always), "
            "but standard input is none"
        )
    return terminal


async def _start(
    config: KubeConfig, plugin: ExecConfig, interactive: bool
) -> tuple[asyncio.SubprocessTransport, _Said]:
    environment = dict(os.environ) | dict(plugin.env)
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(_info(config, plugin, interactive))
    program = shutil.which(plugin.command, path=environment.get("PATH"))
    if program is None:
        hint = f"\n{plugin.install_hint}" if plugin.install_hint else ""
        raise ConfigError(
            f"{config.origin}: exec plugin {plugin.command!r} is not there, or is not executable; install it, "
            f"or correct the user's exec.command{hint}"
        )
    try:
        return await asyncio.get_running_loop().subprocess_exec(
            _Said,
            program,
            *plugin.args,
            env=environment,
            stdin=None if interactive else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if interactive else asyncio.subprocess.PIPE,
            # A group of its own can be killed whole; but a program that talks with the terminal must stay in ours.
            start_new_session=not interactive,
        )
    except OSError as error:
        raise _failed(config, plugin, f"cannot be started: {error.strerror or error}") from error


def _info(config: KubeConfig, plugin: ExecConfig, interactive: bool) -> Mapping[str, Any]:
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.provide_cluster_info:
        spec["cluster"] = _cluster(config, plugin)
    return {"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": spec}


def _cluster(config: KubeConfig, plugin: ExecConfig) -> Mapping[str, Any]:
    authority = config.ca_file.read_bytes() if config.ca_file else config.ca_data
    known = {
        "server": config.server,
        "tls-server-name": config.tls_server_name,
        "insecure-skip-tls-verify": config.insecure_skip_tls_verify,
        "certificate-authority-data": base64.b64encode(authority).decode() if authority else "",
        "proxy-url": config.proxy_url,
        "config": plugin.cluster_config,
    }
    return {name: value for name, value in known.items() if value}


async def _end(process: asyncio.SubprocessTransport, said: _Said, interactive: bool) -> None:
    try:
        if process.get_returncode() is None:
            with contextlib.suppress(ProcessLookupError):
                if interactive or not hasattr(os, "killpg"):
                    process.kill()
                else:
                    os.killpg(process.get_pid(), signal.SIGKILL)
            await said.ended.wait()
    finally:
        process.close()  # its pipes, where what it has left running keeps them open


def _read(config: KubeConfig, plugin: ExecConfig, output: bytes) -> Credential:
    try:
        document = json.loads(output)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _failed(config, plugin, f"wrote no ExecCredential to its standard output, but {len(output)} other bytes")
    credential = cast("dict[str, Any]", document)
    kind, version = credential.get("kind"), credential.get("apiVersion")
    if (kind, version) != ("ExecCredential", plugin.api_version):
        said = f"gave {kind} {version}, where the kubeconfig asks for ExecCredential {plugin.api_version}"
        raise _failed(config, plugin, said)
    status = credential.get("status")
    if not isinstance(status, dict):
        raise _failed(config, plugin, "gave an ExecCredential without a status")
    return _status(config, plugin, cast("dict[str, Any]", status))


def _status(config: KubeConfig, plugin: ExecConfig, status: Mapping[str, Any]) -> Credential:
    texts: dict[str, str] = {}
    for name in ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp"):
        value = status.get(name) or ""
        if not isinstance(value, str):
            raise _failed(config, plugin, f"gave a status.{name} that is no text, but {type(value).__name__}")
        texts[name] = value
    token, certificate, key, until = texts.values()
    if bool(certificate) != bool(key):
        raise _failed(config, plugin, "gave only one of clientCertificateData and clientKeyData")
    if not token and not certificate:
        raise _failed(config, plugin, "gave neither a token nor a client certificate")
    origin = f"{config.origin}: exec plugin {plugin.command!r}"
    identity = ClientIdentity(certificate.encode(), key.encode(), origin) if certificate else None
    return Credential(token, identity, _expiry(config, plugin, until) if until else None)


def _expiry(config: KubeConfig, plugin: ExecConfig, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        said = f"gave status.expirationTimestamp {text!r}, which is no time such as 2026-01-31T12:00:00Z"
        raise _failed(config, plugin, said) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _failed(config: KubeConfig, plugin: ExecConfig, said: str) -> PluginFailed:
    return PluginFailed(f"{config.origin}: exec plugin {Path(plugin.command).name!r} ({plugin.command}) {said}")


def _last_lines(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()[-_SHOWN_LINES:]
    return "".join([":", *(f"\n  {line}" for line in lines)]) if lines else "; it wrote nothing to standard error"
