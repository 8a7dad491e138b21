"""Which proxy leads to a server: the kubeconfig's, or the environment's, by the rules that kubectl has from Go.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#proxy
"""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from fairlead.errors import ConfigError
from fairlead.transport.config import KubeConfig

__all__ = ["Proxy", "is_loopback", "proxy_for"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy of one of four schemes: http, https (TLS with the proxy itself), socks5 and socks5h (which are the same).

    `url` names its port, and has no user and password, so that it may be shown.
    """

    url: str
    #: User and password.
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]

    @property
    def socks(self) -> bool:
        """Whether it speaks SOCKS 5, and so carries any connection; else it speaks HTTP."""
        return self.url.startswith("socks5")

    @property
    def secure(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.url.startswith("https:")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What an HTTP proxy, and nobody behind it, is to be sent."""
        if self.credentials is None:
            return []
        pair = base64.b64encode(":".join(self.credentials).encode()).decode()
        return [("Proxy-Authorization", f"Basic {pair}")]


def proxy_for(config: KubeConfig, url: str = "", environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy to reach `url` (the config's server) through, or None for the direct way.

    The kubeconfig's `proxy-url` goes before the environment and knows no exceptions. NO_PROXY lists names (their
    subdomains too), `.names` (subdomains only), addresses, networks as CIDR, each with or without a port, or `*`; loopback
    addresses never go through the environment's proxy.

    Raises:
        ConfigError: the proxy's URL is none, or of a scheme that is not supported.
    """
    if config.proxy_url:
        return _proxy(config.proxy_url, f"{config.origin}: proxy-url")
    parts = urlsplit(url or config.server)
    name = f"{parts.scheme.upper()}_PROXY"
    if name == "HTTP_PROXY" and "REQUEST_METHOD" in environment:
        return None  # in a CGI program a client's header `Proxy:` would stand there
    found = environment.get(name) or environment.get(name.lower()) or ""
    excepted = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    host = (parts.hostname or "").rstrip(".").lower()
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    if not found or _direct(host, port, excepted):
        return None
    return _proxy(found, f"the environment's {name}")


def _proxy(text: str, origin: str) -> Proxy:
    parts = urlsplit(text if "://" in text else f"http://{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if not parts.hostname or port == -1:
        raise ConfigError(f"{origin}: is not the URL of a proxy, such as http://proxy.example.com:3128")
    if parts.scheme not in _DEFAULT_PORTS:
        raise ConfigError(
            f"{origin}: {parts.scheme}:// proxies are not supported; http://, https://, socks5:// and socks5h:// ones are"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    given = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
    return Proxy(f"{parts.scheme}://{host}:{_DEFAULT_PORTS[parts.scheme] if port is None else port}", given)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that what is sent to it crosses no network."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _direct(host: str, port: int, excepted: str) -> bool:
    if is_loopback(host):
        return True
    address = _address(host)
    rules = [rule.strip().lower() for rule in excepted.split(",")]
    return any(rule and _matches(rule, host, port, address) for rule in rules)


def _matches(rule: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if rule == "*":
        return True
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    name, _, digits = rule.rpartition(":") if _address(rule) is None and ":" in rule else (rule, "", "")
    if digits and digits != str(port):
        return False
    named = _address(name.strip("[]"))
    if named is not None:
        return named == address
    name = name.removeprefix("*")
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
