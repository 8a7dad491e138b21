"""The server on a loopback port, for kubectl and every other client.

It gives each request to `ApiServer.handle` as it is, and writes a watch out as it comes. kubectl and client-go never send
a token over plain HTTP, so a token is also taken as the first segment of the path: `http://127.0.0.1:8080/TOKEN/api/v1`.
With an authority it speaks HTTPS, and takes the client certificates which that has issued.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import hmac
from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from fairlead.apiserver.access.who import User, user_of_certificate
from fairlead.apiserver.outlets import Outlet, Outlets
from fairlead.apiserver.server import ApiServer
from fairlead.apiserver.watchcache import Watch
from fairlead.errors import ConfigError
from fairlead.machinery.wire import ConnectionLost, Request, Response, StreamResponse, Upgrade

if TYPE_CHECKING:
    from fairlead.apiserver.access.tls import Authority

try:
    from aiohttp import web
except ImportError as _missing:
    raise ConfigError("serving over HTTP needs the package aiohttp: pip install 'fairlead[server]'") from _missing

from fairlead.apiserver.upgrades import upgraded  # needs aiohttp too

__all__ = ["HttpFront", "kubeconfig"]

HOST = "127.0.0.1"
_LOOPBACK = frozenset({HOST, "localhost", "::1"})
#: Bytes of a body that are read: one more than the server takes, so that it can refuse the body itself.
_BODY_LIMIT = 3 * 1024 * 1024 + 1
#: Seconds that open requests get when the front stops.
_STOP_TIMEOUT = 2.0
_NO_BODY = frozenset({"content-length", "transfer-encoding"})


class HttpFront:
    """An ApiServer on a port of this machine's loopback interface. Stopping it also closes the server."""

    def __init__(
        self, server: ApiServer, *, port: int = 0, token: str = "", authority: Authority | None = None
    ) -> None:
        self._server = server
        self._authority = authority
        self._prefix = f"/{token}/" if token else ""
        self._port = port
        self._runner: web.ServerRunner | None = None
        self._outlets = Outlets()

    @property
    def url(self) -> str:
        """Where the server is, once it has been started."""
        if self._authority is not None:
            return f"https://{HOST}:{self._port}"
        return f"http://{HOST}:{self._port}{self._prefix}".rstrip("/")

    async def start(self) -> None:
        """Begin to listen. Raises ConfigError when the port cannot be had."""
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_STOP_TIMEOUT)
        await runner.setup()
        context = self._authority.server_context(HOST, "localhost") if self._authority is not None else None
        try:
            await web.TCPSite(runner, HOST, self._port, ssl_context=context).start()
        except (OSError, OverflowError) as error:
            await runner.cleanup()
            raise ConfigError(_why(self._port, error)) from error
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """End every watch, let other requests finish, and stop listening. Idempotent."""
        await self._server.close()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        said = incoming.headers
        refused = _from_elsewhere(said.get("Host", ""), said.get("Origin", ""), said.get("Sec-Fetch-Site", "none"))
        if refused:
            return web.Response(status=403, text=f"{refused}: this server is for programs on this machine alone\n")
        try:
            answer = await self._server.handle(self._unlocked(await _read(incoming)), peer=self._peer(incoming))
            if isinstance(answer, Upgrade):
                return await upgraded(incoming, answer)
            if isinstance(answer, Response):
                return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body)
            return await _stream(self._outlets, incoming, answer)
        except ConnectionLost:
            if incoming.transport is not None:
                incoming.transport.abort()
            return web.Response()  # goes nowhere

    def _peer(self, incoming: web.BaseRequest) -> User | None:
        if self._authority is None or incoming.transport is None:
            return None
        return user_of_certificate(incoming.transport.get_extra_info("peercert"))

    def _unlocked(self, request: Request) -> Request:
        """A request whose path begins with the token, as one that carries it in its header."""
        prefix = self._prefix
        if not prefix or not hmac.compare_digest(f"{request.path}/"[: len(prefix)].encode(), prefix.encode()):
            return request
        headers = {**request.headers, "authorization": f"Bearer {prefix.strip('/')}"}
        return msgspec.structs.replace(request, path=f"/{request.path[len(prefix) :]}", headers=headers)


@lru_cache(maxsize=256)
def _from_elsewhere(host: str, origin: str, fetch_site: str) -> str:
    """Why a request is a browser's on behalf of some web page; empty if it is none.

    A page of another site says so in Origin; a page whose own name was made to lead here (DNS rebinding) shows in Host.
    """
    try:
        name, site = urlsplit(f"//{host}").hostname or "", urlsplit(origin).netloc
    except ValueError:
        return "the host or origin is no address"
    # A name without a dot is no name of the world's: nobody can make it lead here from outside.
    if name not in _LOOPBACK and ("." in name or ":" in name):
        return f"the host {host!r} is not this one"
    if origin and site != host:
        return f"the origin {origin!r} is another one"
    if fetch_site not in {"none", "same-origin"}:
        return "a page of another site asked"
    return ""


async def _read(incoming: web.BaseRequest) -> Request:
    chunks: list[bytes] = []
    size = 0
    if incoming.body_exists:
        async for chunk in incoming.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size >= _BODY_LIMIT:
                break
    url = incoming.rel_url
    text = url.raw_query_string
    query = tuple(parse_qsl(text, keep_blank_values=True)) if text else ()
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    return Request(incoming.method, url.raw_path, query, _joined(incoming.headers.items()), body)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each header once: values of one that was sent several times as a list, or on lines of their own where a comma may be in a value."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        mark = "\n" if key.startswith("impersonate-") else ", "
        found[key] = f"{found[key]}{mark}{value}" if key in found else value
    return found


async def _stream(outlets: Outlets, incoming: web.BaseRequest, answer: StreamResponse) -> web.StreamResponse:
    headers = {name: value for name, value in answer.headers.items() if name not in _NO_BODY}
    response = web.StreamResponse(status=answer.status, headers=headers)
    outlet = None
    try:
        response.enable_chunked_encoding()
        await response.prepare(incoming)
        if isinstance(answer.body, Watch) and incoming.transport is not None:
            outlet = Outlet(outlets, incoming.transport)
            answer.body.push_to(outlet.push)
        async for chunk in answer.body:
            await response.write(chunk)
        if outlet is not None:
            outlet.flush()
        await response.write_eof()
    except (ConnectionResetError, asyncio.CancelledError):
        # The client has gone; there is nobody left to answer.
        if incoming.transport is not None and not incoming.transport.is_closing():
            raise
    finally:
        await answer.body.aclose()
        if outlet is not None:
            outlet.drop()
    return response


def _why(port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} on {HOST} is in use by another program; choose another, or 0 for any that is free"
    return f"port {port} on {HOST} cannot be listened on: {error}"


def kubeconfig(url: str, token: str, authority: bytes = b"") -> dict[str, object]:
    """A kubeconfig for this server, as a document; `authority` is the certificate to trust, PEM."""
    name = "fairlead"
    cluster = {"server": url}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "default"}}],
        "current-context": name,
    }
