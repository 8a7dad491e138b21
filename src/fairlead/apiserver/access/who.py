"""Who asks: bearer tokens, client certificates, and impersonation.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/. Whoever is known may do everything; who that is
shows in reviews, and to admission.
"""

from __future__ import annotations

import contextvars
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from fairlead.apiserver import statuses
from fairlead.machinery.wire import Request

__all__ = ["ADMIN", "Access", "User", "acting", "present_user", "user_of_certificate"]

AUTHENTICATED = "system:authenticated"
ANONYMOUS, UNAUTHENTICATED = "system:anonymous", "system:unauthenticated"
_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """Who sends a request."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def info(self) -> dict[str, Any]:
        """As the UserInfo that reviews and webhooks show."""
        shown: dict[str, Any] = {"username": self.name}
        if self.uid:
            shown["uid"] = self.uid
        if self.groups:
            shown["groups"] = list(self.groups)
        if self.extra:
            shown["extra"] = {key: list(values) for key, values in self.extra.items()}
        return shown

    def known(self) -> User:
        """The same user as a member of those who are authenticated, or are not."""
        everybody = UNAUTHENTICATED if self.name == ANONYMOUS else AUTHENTICATED
        if everybody in self.groups:
            return self
        return User(self.name, (*self.groups, everybody), self.uid, self.extra)


#: Who a request comes from that needs no credentials.
ADMIN = User("system:admin", ("system:masters", AUTHENTICATED))

#: The user of the request that is being answered in this context.
_present: contextvars.ContextVar[User] = contextvars.ContextVar("fairlead_apiserver_user", default=ADMIN)


def present_user() -> User:
    """Who sent the request that is being answered; the server's own work is done as ADMIN."""
    return _present.get()


class acting:  # noqa: N801 - used as `with acting(user):`
    """Answer a request of this user."""

    __slots__ = ("_token", "_user")

    def __init__(self, user: User) -> None:
        self._user = user
        self._token: contextvars.Token[User] | None = None

    def __enter__(self) -> None:
        self._token = _present.set(self._user)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _present.reset(self._token)


class Access:
    """Knows tokens. Without any, every request is trusted; with some, a request needs one, or a client certificate."""

    def __init__(self, tokens: Mapping[str, str | User]) -> None:
        self._required = bool(tokens)
        self._users: dict[bytes, User] = {}
        for token, user in tokens.items():
            self.admit(token, User(user, ("system:masters",)) if isinstance(user, str) else user)

    def admit(self, token: str, user: User) -> None:
        """Take a token as this user's from now on."""
        self._users[token.encode()] = user.known()

    def known(self, token: str) -> User | None:
        """Whose token this is; None for nobody's. Takes as long for any token of one length."""
        found = None
        for each, user in self._users.items():
            if hmac.compare_digest(token.encode(), each):
                found = user
        return found

    def user(self, request: Request, peer: User | None = None) -> User:
        """Who sends a request; `peer` is whom its connection's client certificate names. Raises Refusal (400, 401)."""
        user = self._authenticated(request, peer)
        return _impersonated(request, user)

    def _authenticated(self, request: Request, peer: User | None) -> User:
        if peer is not None:
            return peer.known()
        said = request.headers.get("authorization")
        if said:
            scheme, _, token = said.partition(" ")
            user = self.known(token.strip()) if scheme.lower() == "bearer" else None
            if user is not None:
                return user
        if self._required:
            raise statuses.unauthorized()
        return ADMIN


def _impersonated(request: Request, user: User) -> User:
    """Whom a request wants to act as. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation."""
    names = [name for name in request.headers if name.startswith("impersonate-")]
    if not names:
        return user
    headers = {name: request.headers[name].splitlines() for name in names}
    name = "".join(headers.pop("impersonate-user", ()))
    groups = headers.pop("impersonate-group", [])
    uid = "".join(headers.pop("impersonate-uid", ()))
    extra = {
        unquote(key.removeprefix("impersonate-extra-")).lower(): tuple(values)
        for key, values in headers.items()
        if key.startswith("impersonate-extra-")
    }
    if not name:
        if not (groups or uid or extra):
            return user
        raise _without_user(groups, uid, extra)
    if not groups and name.startswith(_ACCOUNT) and name.count(":") == 3:
        namespace = name.split(":")[2]
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    return User(name, tuple(groups), uid, extra).known()


def _without_user(groups: list[str], uid: str, extra: Mapping[str, tuple[str, ...]]) -> statuses.Refusal:
    """The refusal of a request that says how to act, but not as whom; its text shows a Go value."""
    fields = ", ".join(f"{statuses.quoted(key)}:{_go_list(values)}" for key, values in sorted(extra.items()))
    shown = f"map[string][]string{{{fields}}}" if extra else "map[string][]string(nil)"
    asked = f'&user.DefaultInfo{{Name:"", UID:{statuses.quoted(uid)}, Groups:{_go_list(groups)}, Extra:{shown}}}'
    return statuses.bad_request(f"requested {asked} without impersonating a user name")


def _go_list(texts: Sequence[str]) -> str:
    return f"[]string{{{', '.join(map(statuses.quoted, texts))}}}" if texts else "[]string(nil)"


def user_of_certificate(certificate: Mapping[str, Any] | None) -> User | None:
    """Whom a verified client certificate names, as `ssl` gives it; None without one.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
    """
    if not certificate:
        return None
    pairs = [pair for name in certificate.get("subject", ()) for pair in name]
    names = [value for key, value in pairs if key == "commonName"]
    groups = tuple(value for key, value in pairs if key == "organizationName")
    return User(names[-1], groups) if names else None
