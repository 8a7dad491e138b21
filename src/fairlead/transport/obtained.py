"""Credentials that have to be obtained, by a program or over the network: kept until they expire or are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fairlead.errors import FairleadError, TransportError
from fairlead.machinery.callables import being_cancelled
from fairlead.transport.tls import ClientIdentity
from fairlead.transport.unattended import seen

__all__ = ["Credential", "Grant", "Obtained"]

#: Seconds before its expiry at which a credential is no longer used, if it lives ten times as long.
EXPIRY_SKEW = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """What a request is sent with. A new one is made only when something in it may have changed."""

    #: Pairs, because Impersonate-Group may be there several times.
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    identity: ClientIdentity | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """What was obtained: a token, a client certificate, or both."""

    token: str = field(default="", repr=False)
    identity: ClientIdentity | None = None
    #: Seconds since the epoch; None when it names no end.
    expires: float | None = None


class Obtained:
    """Obtains a credential once, however many wait for it, and again when it has expired or was refused.

    `certificate` gives the kubeconfig's own client certificate; `now` is seconds since the epoch; `known` is a credential
    from before.
    """

    def __init__(
        self,
        origin: str,
        obtain: Callable[[], Awaitable[Credential]],
        extra: tuple[tuple[str, str], ...],
        certificate: Callable[[], ClientIdentity] | None,
        now: Callable[[], float],
        *,
        known: Credential | None = None,
    ) -> None:
        self._origin = origin
        self._obtain = obtain
        self._extra = extra
        self._certificate = certificate
        self._now = now
        self._grant: Grant | None = None
        self._use_until: float | None = None
        self._expires: float | None = None
        # Owns what is under way: done or None when nothing is.
        self._running: asyncio.Task[Grant] | None = None
        self._closed = False
        if known is not None:
            self._take(known)

    async def grant(self) -> Grant:
        """What to send now."""
        known = self._grant
        if known is not None and (self._use_until is None or self._now() < self._use_until):
            return known
        try:
            return await self._shared()
        except FairleadError:
            if known is None or known is not self._grant or self._now() >= (self._expires or 0.0):
                raise
            return known  # it was to be replaced early, and is good for a little longer

    async def renew(self, used: Grant) -> Grant | None:
        """What to send after `used` was refused."""
        return await self._shared() if used is self._grant else await self.grant()

    async def close(self) -> None:
        """End what is under way, and begin nothing any more; idempotent."""
        self._closed = True
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _shared(self) -> Grant:
        if self._closed:  # a 401 had come before
            raise self._ended()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._anew(), name="fairlead credentials")
            self._running.add_done_callback(seen)
        running = self._running
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if not running.cancelled() or being_cancelled():
                raise  # the caller was cancelled, alone or with all that the loop runs
            raise self._ended() from None

    def _ended(self) -> TransportError:
        return TransportError(f"{self._origin}: the transport was closed while credentials were obtained")

    async def _anew(self) -> Grant:
        return self._take(await self._obtain())

    def _take(self, credential: Credential) -> Grant:
        self._expires, self._use_until = credential.expires, _use_until(credential, self._now())
        headers = (("Authorization", f"Bearer {credential.token}"),) if credential.token else ()
        identity = credential.identity or (self._certificate() if self._certificate else None)
        if self._grant is not None and self._grant.identity == identity:
            identity = self._grant.identity
        self._grant = Grant(headers + self._extra, identity)
        return self._grant


def _use_until(credential: Credential, now: float) -> float | None:
    if credential.expires is None:
        return None
    return credential.expires - min(EXPIRY_SKEW, max(credential.expires - now, 0.0) / 10)
