"""Id tokens from an OpenID Connect provider, refreshed as kubectl's `auth-provider: oidc` does.

https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokens and
https://openid.net/specs/openid-connect-discovery-1_0.html. A refresh token that the provider replaces is kept in memory:
the user's kubeconfig is never written.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from fairlead.errors import ConfigError, TransportError
from fairlead.machinery.wire import Response
from fairlead.transport.config import KubeConfig, OidcConfig
from fairlead.transport.connections import Call, Connections
from fairlead.transport.obtained import Credential
from fairlead.transport.proxies import is_loopback, proxy_for
from fairlead.transport.tls import ProxyTrust, client_context, explain
from fairlead.transport.user_agent import user_agent

__all__ = ["Oidc", "OidcFailed"]

#: Seconds that the provider may take for one answer.
TIMEOUT = 30.0
_CONNECT_SECONDS = 10.0
_DISCOVERY = "/.well-known/openid-configuration"


class OidcFailed(ConfigError):
    """The identity provider gave no id token. It may later, unless the refresh token has been revoked."""

    retryable = True


class Oidc:
    """One user's tokens at one provider."""

    def __init__(self, config: KubeConfig, oidc: OidcConfig) -> None:
        self._oidc = oidc
        shown = oidc.issuer.rpartition("@")[2]  # an URL with a password in it is refused below
        self._origin = f"{config.origin}: auth-provider oidc ({shown})"
        self._refresh_token = oidc.refresh_token
        # The provider is verified with its own authority, and reached through the environment's proxy: not the cluster's.
        self._server = KubeConfig(
            server=oidc.issuer, ca_file=oidc.ca_file, ca_data=oidc.ca_data, source=self._origin
        )  # fmt: skip

    def known(self) -> Credential | None:
        """The kubeconfig's own id token, if it says until when it may be used."""
        expires = _expiry(self._oidc.id_token)
        return None if expires is None else Credential(self._oidc.id_token, None, expires)

    async def refreshed(self) -> Credential:
        """Exchange the refresh token for an id token.

        Raises:
            OidcFailed: there is no refresh token, or the provider refused it or answered with something else.
            TransportError: the provider gave no answer.
        """
        if not self._refresh_token:
            raise OidcFailed(f"{self._origin}: the id-token has expired, and there is no refresh-token; log in again")
        provider = await self._get(self._oidc.issuer.rstrip("/") + _DISCOVERY)
        endpoint = provider.get("token_endpoint")
        if not isinstance(endpoint, str):
            raise OidcFailed(f"{self._origin}: the provider's {_DISCOVERY} names no token_endpoint")
        methods = provider.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return self._credential(
            await self._exchange(endpoint, basic="client_secret_basic" in cast("list[Any]", methods))
        )

    def _credential(self, given: Mapping[str, Any]) -> Credential:
        token, refresh = given.get("id_token"), given.get("refresh_token")
        if not isinstance(token, str) or not token:
            raise OidcFailed(f"{self._origin}: the provider's answer has no id_token; is the scope openid granted?")
        if isinstance(refresh, str) and refresh:
            self._refresh_token = refresh
        return Credential(token, None, _expiry(token))

    async def _get(self, url: str) -> Mapping[str, Any]:
        return self._document(await self._send("GET", url, [("Accept", "application/json")], b""), url)

    async def _exchange(self, endpoint: str, *, basic: bool) -> Mapping[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        headers = [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")]
        client, secret = self._oidc.client_id, self._oidc.client_secret
        if secret and basic:  # RFC 6749, 2.3.1: both are form-encoded first
            pair = base64.b64encode(f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()).decode()
            headers.append(("Authorization", f"Basic {pair}"))
        else:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        return self._document(await self._send("POST", endpoint, headers, urlencode(form).encode()), endpoint)

    async def _send(self, method: str, url: str, headers: list[tuple[str, str]], body: bytes) -> Response:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise OidcFailed(f"{self._origin}: {url} is not https, and tokens are not sent in clear")
        connections = Connections(
            url,
            _CONNECT_SECONDS,
            lambda error: explain(error, self._server, host),
            proxy_for(self._server, url),
            ProxyTrust(self._server),
        )
        call = Call(
            method, urlunsplit(("", "", parts.path or "/", parts.query, "")),
            [*headers, ("User-Agent", user_agent()), ("Accept-Encoding", "identity")], body, TIMEOUT,
            client_context(self._server) if parts.scheme == "https" else None, "",
        )  # fmt: skip
        try:
            return await connections.whole(call)
        except TransportError as error:
            raise TransportError(f"{self._origin}: {method} {url}: {error}") from error
        finally:
            await connections.close()

    def _document(self, answer: Response, url: str) -> Mapping[str, Any]:
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        fields = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
        if answer.status != 200:
            # RFC 6749, 5.2. The body as a whole is not shown: it may repeat what was sent.
            said = " ".join(str(fields[name]) for name in ("error", "error_description") if name in fields)
            hint = "; log in again" if fields.get("error") == "invalid_grant" else ""
            raise OidcFailed(f"{self._origin}: {url} answered {answer.status} {said}".rstrip() + hint)
        if not isinstance(document, dict):
            raise OidcFailed(f"{self._origin}: {url} answered with something that is no JSON object")
        return fields


def _expiry(token: str) -> float | None:
    """When a JWT ends, in seconds since the epoch (RFC 7519, 4.1.4); the API server is the one to verify it."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
