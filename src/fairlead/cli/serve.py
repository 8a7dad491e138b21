"""`fairlead serve`: the in-memory API server over HTTP, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import runpy
import secrets
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.apiserver.server import ApiServer
from fairlead.errors import ConfigError, InvalidObject
from fairlead.machinery.rbac import PermissionRecorder
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.machinery.yaml import loading, writing

if TYPE_CHECKING:
    from fairlead.apiserver.access.tls import Authority

__all__ = ["Options", "run"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    port: int = 0
    token: str | None = None
    kubeconfig: str | None = None
    manifests: Sequence[str] = ()
    garbage_collection: bool = True
    #: Whether namespaces end, quotas are counted, and unused volumes go; and garbage is collected.
    controllers: bool = True
    #: As kube-apiserver takes them: `Name=true`.
    feature_gates: Sequence[str] = ()
    tls: bool = False
    log_requests: bool = False
    record_rbac: str | None = None
    #: A Python file with `configure(server)`.
    script: str | None = None


def run(options: Options) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code.

    Raises ConfigError for a port, file or path that cannot be used, and InvalidObject for a wrong manifest.
    """
    documents = [(path, read_manifests(Path(path))) for path in options.manifests]
    return asyncio.run(_serve(options, documents))


def _switched_on(gates: Sequence[str]) -> list[str]:
    """The names of `Name=true`; those that are `false` are off anyway. Raises ConfigError."""
    found: list[str] = []
    for gate in gates:
        name, _, value = gate.partition("=")
        if value.lower() not in {"true", "false"}:
            raise ConfigError(f"--feature-gates {gate}: write {name or 'Name'}=true")
        if value.lower() == "true":
            found.append(name)
    return found


async def _serve(options: Options, documents: Sequence[tuple[str, list[dict[str, Any]]]]) -> int:
    token = options.token or secrets.token_hex(16)
    server = ApiServer(
        tokens={token: "admin"},
        garbage_collection=options.garbage_collection and options.controllers,
        namespace_controller=options.controllers,
        quota_controller=options.controllers,
        protection_controller=options.controllers,
        feature_gates=_switched_on(options.feature_gates),
    )
    _load(server, documents)
    if options.script is not None:
        _configure(server, Path(options.script))
    if options.log_requests:
        server.observers.append(_log_request)
    recorder = _Recorder(options.record_rbac, server) if options.record_rbac is not None else None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    authority = _authority() if options.tls else None
    async with HttpFront(server, port=options.port, token=token, authority=authority) as front:
        if options.kubeconfig is not None:
            trusted = authority.certificate if authority is not None else b""
            write_kubeconfig(Path(options.kubeconfig), kubeconfig(front.url, token, trusted))
        sys.stdout.write(_greeting(front.url, options))
        sys.stdout.flush()
        await stop.wait()
    if recorder is not None:
        recorder.write()
    return 0


def _configure(server: ApiServer, script: Path) -> None:
    """Have a user's file configure the server. Raises ConfigError for a file that cannot, and where it raises itself."""
    if script.is_dir():
        raise ConfigError(f"{script} cannot be run: it is a directory")
    try:
        configure = runpy.run_path(str(script)).get("configure")
        if callable(configure):
            configure(server)
            return
    except OSError as error:
        if error.filename == str(script) and not _own_frames(error, script):
            raise ConfigError(f"{script} cannot be run: {error.strerror}") from error
        raise ConfigError(_said(error, script)) from error
    except Exception as error:
        raise ConfigError(_said(error, script)) from error
    raise ConfigError(f"{script}: a function configure(server) is expected; it gets the ApiServer before it serves")


def _said(error: Exception, script: Path) -> str:
    """The error of a script as Python tells it, from the script's own first line on."""
    told = traceback.TracebackException.from_exception(error)
    while told.stack and told.stack[0].filename != str(script):
        told.stack.pop(0)
    return f"{script} failed:\n{''.join(told.format()).rstrip()}"


def _own_frames(error: Exception, script: Path) -> bool:
    return any(frame.filename == str(script) for frame in traceback.extract_tb(error.__traceback__))


def _authority() -> Authority:
    from fairlead.apiserver.access.tls import Authority  # noqa: PLC0415 - needs cryptography, which is an extra

    return Authority()


def _log_request(request: Request, answer: Response | StreamResponse) -> None:
    sys.stderr.write(f"{_program(request)} {request} {answer.status}\n")


def _program(request: Request) -> str:
    """The name of the program that asks, as its User-Agent gives it."""
    return request.headers.get("user-agent", "").partition("/")[0].partition(" ")[0] or "unknown"


class _Recorder:
    """Notes what each client program needed, and writes its roles at the end."""

    def __init__(self, path: str, server: ApiServer) -> None:
        self._path = path
        self._programs: dict[str, PermissionRecorder] = {}
        if path != "-":
            self._put("")  # a path that cannot be written is said before anything is served
        server.observers.append(self._note)

    def _note(self, request: Request, answer: Response | StreamResponse) -> None:
        self._programs.setdefault(_program(request), PermissionRecorder()).note(request, answer.status)

    def write(self) -> None:
        """Write all of it. Raises ConfigError."""
        made = [role for name, recorder in sorted(self._programs.items()) for role in recorder.roles(_role_name(name))]
        self._put("---\n".join(writing.dump(role) for role in made))

    def _put(self, text: str) -> None:
        if self._path == "-":
            sys.stdout.write(text)
            return
        try:
            Path(self._path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"the roles cannot be written to {self._path}: {error}") from error


def _role_name(program: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in program.lower()).strip("-") or "unknown"


def _greeting(url: str, options: Options) -> str:
    if options.kubeconfig is not None:
        use = f"kubectl --kubeconfig {options.kubeconfig} get namespaces"
    elif options.tls:
        use = "fairlead serve --tls --kubeconfig PATH writes a file that kubectl can use"
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
    for number, document in enumerate(loading.load_all(text, source=str(path)), 1):
        if document is None:
            continue
        if not isinstance(document, dict):
            raise InvalidObject(
                f"{path}: document {number}: an object was expected, with apiVersion, kind and metadata"
            )
        found.append(cast("dict[str, Any]", document))
    return found


def write_kubeconfig(path: Path, document: Mapping[str, object]) -> None:
    """Write a kubeconfig that only its owner can read. Raises ConfigError when the path cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(writing.dump(document))
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        why = error.strerror or error  # its own text names the temporary file
        raise ConfigError(f"the kubeconfig cannot be written to {path}: {why}") from error
