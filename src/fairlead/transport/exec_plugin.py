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
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from fairlead.errors import ConfigError
from fairlead.transport.config import ExecConfig, KubeConfig
from fairlead.transport.obtained import Credential
from fairlead.transport.tls import ClientIdentity
from fairlead.transport.unattended import begin_thread

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
    program = _found(config, plugin)
    environment = dict(os.environ) | dict(plugin.env)
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(_info(config, plugin, interactive))
    with contextlib.ExitStack() as pipes:
        try:
            running = _Running([program, *plugin.args], environment, pipes, interactive=interactive)
        except OSError as error:
            raise _failed(config, plugin, f"cannot be started: {error.strerror or error}") from error
        try:
            async with asyncio.timeout(plugin.timeout):
                await running.finished()
        except TimeoutError:
            raise _failed(config, plugin, f"gave no answer within {plugin.timeout:g} s and was killed") from None
        finally:
            await running.end()
    if running.code:
        raise _failed(config, plugin, f"failed with exit code {running.code}{_last_lines(bytes(running.errors.data))}")
    return _read(config, plugin, bytes(running.output.data))


class _Output:
    """What a program writes to one of its outputs."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = asyncio.Event()

    def pipe(self, closing: contextlib.ExitStack) -> BinaryIO:
        """The end that the program is to have; both ends are closed by `closing`."""
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        closing.callback(os.close, reading)
        os.set_blocking(reading, False)
        loop.add_reader(reading, self._take, reading)
        closing.callback(loop.remove_reader, reading)
        return closing.enter_context(os.fdopen(writing, "wb", buffering=0))

    def _take(self, reading: int) -> None:
        try:
            data = os.read(reading, 2**16)
        except BlockingIOError:
            return
        self.data += data
        if not data:
            asyncio.get_running_loop().remove_reader(reading)
            self.closed.set()


class _Running:
    """A program that runs.

    It is started without asyncio, which does that in turns of the loop, and waits for ever where it is cancelled between them;
    and which waits for the end of all that the program leaves running. Raises OSError.
    """

    def __init__(
        self, command: list[str], environment: Mapping[str, str], pipes: contextlib.ExitStack, *, interactive: bool
    ) -> None:
        self.output, self.errors = _Output(), _Output()
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._group = not interactive and hasattr(os, "killpg")
        # On Windows nothing but a thread reads a pipe.
        self._own_pipes = os.name == "posix"
        ends = [each.pipe(pipes) if self._own_pipes else subprocess.PIPE for each in (self.output, self.errors)]
        self._process = subprocess.Popen(  # noqa: S603 - what the kubeconfig names; see allow_exec
            command,
            env=environment,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=ends[0],
            stderr=None if interactive else ends[1],
            # A group of its own can be killed whole; but a program that talks with the terminal must stay in ours.
            start_new_session=not interactive,
        )
        for end in ends:
            if not isinstance(end, int):
                end.close()  # the program has its own
        try:
            begin_thread("exec plugin", self._wait)
        except OSError:
            self._kill()
            self._process.wait()
            raise

    @property
    def code(self) -> int | None:
        """With what it has ended."""
        return self._process.returncode

    async def finished(self) -> None:
        """Wait until it has ended, and all that it wrote has been read."""
        await self._ended.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEFT_OVER):
                await self.output.closed.wait()
                await self.errors.closed.wait()

    async def end(self) -> None:
        """Kill it, if it has not ended yet, with all that it started."""
        if not self._ended.is_set():
            self._kill()
            await self._ended.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._group:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _wait(self) -> None:
        said = self._process.communicate()
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(self._end, said)

    def _end(self, said: tuple[bytes | None, bytes | None]) -> None:
        for each, data in zip((self.output, self.errors), said, strict=True):
            each.data += data or b""
            if not self._own_pipes:
                each.closed.set()
        self._ended.set()


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


def _found(config: KubeConfig, plugin: ExecConfig) -> str:
    program = shutil.which(plugin.command, path=dict(plugin.env).get("PATH", os.environ.get("PATH")))
    if program is None:
        hint = f"\n{plugin.install_hint}" if plugin.install_hint else ""
        raise ConfigError(
            f"{config.origin}: exec plugin {plugin.command!r} is not there, or is not executable; install it, "
            f"or correct the user's exec.command{hint}"
        )
    return program


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
