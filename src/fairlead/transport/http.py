"""The way to an API server over HTTP: credentials, TLS, and the one retry with fresh credentials."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from fairlead.errors import ClosedError, ConfigError, TransportError
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.transport.config import KubeConfig
from fairlead.transport.connections import Call, Connections
from fairlead.transport.credentials import Credentials, Grant
from fairlead.transport.proxies import is_loopback, proxy_for
from fairlead.transport.tls import ClientIdentity, ProxyTrust, authority_stamp, client_context, explain
from fairlead.transport.user_agent import user_agent as full_user_agent

__all__ = ["HttpTransport"]

_SHOWN_TARGET = 300
_OWN_HEADERS = frozenset({"accept-encoding", "user-agent", "authorization"})


class HttpTransport:
    """Carries requests to the API server of a KubeConfig. Belongs to the event loop it is first used in.

    Requests and streams have connections of their own, so that any number of watches leaves requests alone. Redirects
    are answers and never followed: credentials go to the configured server alone. The config's proxy is used, else the
    environment's (`proxy_for`). `user_agent` goes before fairlead's own;
    `connect_timeout` is for each connection, TLS included; `request_timeout` is for each try of a request that names
    no timeout (None: no limit); all in seconds.

    Raises:
        ConfigError: the configuration asks for what is not supported, or for credentials to be sent in clear to another machine.
    """

    def __init__(
        self,
        config: KubeConfig,
        *,
        user_agent: str = "",
        connect_timeout: float = 10.0,
        request_timeout: float | None = 30.0,
        credentials: Credentials | None = None,
    ) -> None:
        _check_secrecy(config)
        self._proxy = proxy_for(config)
        self.cluster: str = config.server
        self._config = config
        self._base = config.server.rstrip("/")
        self._secure = urlsplit(config.server).scheme == "https"  # in lower case, whatever was written
        self._path = urlsplit(self._base).path
        self._host = urlsplit(config.server).hostname or ""
        self._user_agent = full_user_agent(user_agent)
        self._connect_timeout = connect_timeout
        self._request_timeout = request_timeout
        self._credentials = credentials or Credentials(config)
        self._connections: Connections | None = None
        # The context of the identity and the CA file in use. Connections are kept per context: a new one means new ones.
        self._tls: tuple[ClientIdentity | None, object, ssl.SSLContext] | None = None
        self._closed = False

    async def request(self, request: Request) -> Response:
        """Send a request and read the whole answer. See `Transport.request`."""
        grant = await self._grant(request)
        answer = await self._whole(request, grant)
        if answer.status != 401:
            return answer
        fresh = await self._credentials.renew(grant)
        return answer if fresh is None else await self._whole(request, fresh)

    async def stream(self, request: Request) -> StreamResponse:
        """Send a request and return its answer's head and coming body. See `Transport.stream`."""
        grant = await self._grant(request)
        answer = await self._head(request, grant)
        if answer.status != 401:
            return answer
        try:
            fresh = await self._credentials.renew(grant)
        except BaseException:
            await answer.body.aclose()
            raise
        if fresh is None:
            return answer
        await answer.body.aclose()
        return await self._head(request, fresh)

    async def close(self) -> None:
        """Close every connection; what is under way ends with TransportError. Idempotent."""
        self._closed = True
        await self._credentials.close()
        if self._connections is not None:
            await self._connections.close()

    async def _grant(self, request: Request) -> Grant:
        if self._closed:
            raise ClosedError(f"{request}: the client, or its transport to {self.cluster}, is closed")
        return await self._credentials.grant()

    async def _whole(self, request: Request, grant: Grant) -> Response:
        try:
            return await self._connected().whole(self._call(request, grant))
        except TransportError as error:
            raise self._explained(request, error) from error

    async def _head(self, request: Request, grant: Grant) -> StreamResponse:
        try:
            return await self._connected().head(self._call(request, grant), partial(self._explained, request))
        except TransportError as error:
            raise self._explained(request, error) from error

    def _connected(self) -> Connections:
        if self._closed:
            raise TransportError("the transport was closed before this was sent")
        if self._connections is None:
            self._connections = Connections(
                self._base, self._connect_timeout, self._explain_tls, self._proxy, ProxyTrust(self._config)
            )
        return self._connections

    def _call(self, request: Request, grant: Grant) -> Call:
        return Call(
            method=request.method,
            target=self._path + request.target,
            headers=[*self._own_headers(request.headers), *grant.headers, *_others(request.headers)],
            body=request.body,
            timeout=self._request_timeout if request.timeout is None else request.timeout,
            tls=self._context(grant.identity) if self._secure else None,
            server_name=self._config.tls_server_name,
        )

    def _own_headers(self, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return (("Accept-Encoding", "identity"), ("User-Agent", given.get("user-agent", self._user_agent)))

    def _context(self, identity: ClientIdentity | None) -> ssl.SSLContext:
        authority = authority_stamp(self._config)
        if self._tls is not None and self._tls[0] is identity and self._tls[1] == authority:
            return self._tls[2]
        try:
            context = client_context(self._config, identity)
        except ConfigError:
            if self._tls is None:
                raise
            # Certificate, key and CA are not replaced at one instant: go on with the last that fitted.
            return self._tls[2]
        self._tls = (identity, authority, context)
        return context

    def _explain_tls(self, error: ssl.SSLError) -> str:
        return explain(error, self._config, self._host)

    def _explained(self, request: Request, error: TransportError) -> TransportError:
        """Say in an error what was tried, and on what."""
        target = request.target
        shown = target if len(target) <= _SHOWN_TARGET else f"{target[:_SHOWN_TARGET]}…"
        return TransportError(f"{request.method} {self._base}{shown}: {error} ({self._config.origin})")


def _check_secrecy(config: KubeConfig) -> None:
    """As kubectl, which leaves credentials out where there is no TLS; here that is said, for what comes then is a bare 401."""
    url = urlsplit(config.server)
    given = config.token or config.token_file or config.username or config.exec or config.oidc
    if url.scheme == "http" and given and not is_loopback(url.hostname or ""):
        raise ConfigError(
            f"{config.origin}: server: {config.server} is not https, and credentials are not sent in clear to another machine; "
            "use https, or leave them out"
        )


def _others(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name not in _OWN_HEADERS]
